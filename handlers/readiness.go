package handlers

import (
	"context"
	"fmt"
	"strings"

	"bellhop/catalog"
	"bellhop/chat"
	"bellhop/environments"
	"bellhop/testruns"
)

// Needs tells what an entity needs and what needs it; catalog.Catalog does.
type Needs interface {
	Graph(ctx context.Context, of catalog.Entity, reach catalog.Reach) (catalog.Graph, error)
}

// Signs tells what is seen of a component's CI; testruns.Reporter does.
type Signs interface {
	Signs(ctx context.Context, e catalog.Entity) (testruns.Signs, error)
}

// Listed lists entities by the beginning of their names, however many there are; catalog.Catalog does.
type Listed interface {
	Search(ctx context.Context, prefix string, kinds []string, limit int) ([]catalog.Entity, error)
}

// ReadinessDeps is what judging readiness needs.
type ReadinessDeps struct {
	Owners Owners
	Needs  Needs
	Signs  Signs
	// Follows tells whether test runs are followed at all.
	Follows bool
	// Environments is what the config says about them.
	Environments environments.Options
	// Checks are the config's; without any, all that Bellhop knows.
	Checks []catalog.ReadinessCheck
	// Propose opens the pull requests that would meet what is missing.
	Propose ProposeDeps
}

// needsMost and needsSteps bound how much is looked at under one component for what is deprecated, and how deep.
const needsMost, needsSteps = 200, 30

// Judge gathers what is known of a component and says how ready it is for production.
func (d ReadinessDeps) Judge(ctx context.Context, e catalog.Entity) (catalog.Readiness, error) {
	owner, err := d.Owners.Owner(ctx, e)
	if err != nil {
		return catalog.Readiness{}, err
	}
	return d.judge(ctx, e, owner)
}

func (d ReadinessDeps) judge(ctx context.Context, e catalog.Entity, owner catalog.Ownership) (catalog.Readiness, error) {
	facts := catalog.ReadinessFacts{Entity: e, Owner: owner, Deploys: !d.Environments.Workflow.IsZero(), Undeployable: d.undeployable(e)}
	below, err := d.Needs.Graph(ctx, e, catalog.Reach{Needs: needsSteps, Most: needsMost})
	if err != nil {
		return catalog.Readiness{}, err
	}
	for _, node := range below.Nodes {
		if node.Steps > 0 && strings.EqualFold(node.Entity.Lifecycle(), "deprecated") {
			facts.Deprecated = append(facts.Deprecated, node.Entity)
		}
	}
	signs, err := d.Signs.Signs(ctx, e)
	if err != nil {
		return catalog.Readiness{}, fmt.Errorf("signs of %s: %w", e.Ref, err)
	}
	facts.Ran, facts.Reported = signs.Ran, signs.Reported
	switch {
	case !d.Follows:
		facts.Unseen = "test runs are not followed here"
	case signs.Problem != "" && signs.Ran.IsZero():
		facts.Unseen = signs.Problem
	case !signs.Follows || signs.Branch == "":
		facts.Unseen = "its runs are about to be read for the first time"
	}
	return catalog.JudgeReadiness(d.Checks, facts), nil
}

// undeployable is what is in the way of deploying a component by a workflow of its own.
func (d ReadinessDeps) undeployable(e catalog.Entity) string {
	c, err := componentOf(e)
	switch {
	case err != nil:
		return strings.TrimSuffix(err.Error(), ".")
	case !c.Workflow.IsZero() && !c.Workflow.AllowedBy(d.Environments.AllowedWorkflows):
		return "its workflow " + c.Workflow.String() + " is not allowed"
	}
	return ""
}

// readinessHandler answers `/bellhop readiness`.
type readinessHandler struct {
	ReadinessDeps
	entities  Entities
	listed    Listed
	relations Relations
	belonging Belonging
}

// readinessCommand is the row of /bellhop readiness.
func readinessCommand(d CardDeps) chat.Command {
	h := readinessHandler{d.Readiness, d.Entities, d.Listed, d.Relations, d.Belonging}
	return chat.Command{
		Name: "readiness", Words: []string{"how ready is", "how ready are"}, Usage: "[TEAM|COMPONENT|all]",
		Summary: "says what a component lacks for production, and ranks those of a team, or all teams", Examples: []string{"team-ledger", "payments", "all"},
		Feature: chat.Ask, Run: h.run,
		Actions: []chat.CommandAction{
			{Name: "one", Run: h.one, Options: entityOptions(d.Entities, d.Belonging, catalog.KindGroup)},
			{Name: "mend", Role: chat.Members, OpensForm: true, Run: h.mend},
			{Name: "propose", Role: chat.Members, Changes: true, Run: h.propose, Check: checkMend},
		},
	}
}

// one answers for what was chosen in a menu.
func (h readinessHandler) one(ctx context.Context, r chat.Request) (chat.Reply, error) {
	r.Text = r.Action.Value
	return h.run(ctx, r)
}

// run answers for what is named, else for the components of the channel's or the asker's teams.
func (h readinessHandler) run(ctx context.Context, r chat.Request) (chat.Reply, error) {
	reply, err := h.answer(ctx, r)
	if err != nil {
		return chat.Reply{}, fmt.Errorf("readiness: %w", err)
	}
	return reply, nil
}

func (h readinessHandler) answer(ctx context.Context, r chat.Request) (chat.Reply, error) {
	words := chat.Words(r.Text)
	for len(words) > 0 && words[0].Is("of", "for") {
		words = words[1:]
	}
	switch asked := chat.JoinWords(words); {
	case len(words) == 1 && words[0].Is("all", "everything", "everybody", "teams"):
		return h.all(ctx)
	case asked == "", len(words) == 1 && words[0].Is("mine", "ours", "us", "we"):
		return h.ours(ctx, r)
	default:
		e, ok, err := onlyTeam(ctx, h.entities, asked)
		if !ok && err == nil {
			e, err = oneOf(ctx, h.entities, asked, "readiness", sort{"component or team", isJudged})
		}
		if err != nil {
			return chat.Reply{}, err
		}
		return h.of(ctx, r, e)
	}
}

// of answers for a component, or for those of a team or person.
func (h readinessHandler) of(ctx context.Context, r chat.Request, e catalog.Entity) (chat.Reply, error) {
	switch {
	case isArchived(e):
		return chat.Reply{Headline: chat.Textf("%s is archived on GitHub, so there is nothing to make ready", e.Name)}, nil
	case e.Is(catalog.KindComponent):
		readiness, err := h.Judge(ctx, e)
		if err != nil {
			return chat.Reply{}, err
		}
		reply := readinessReply(e, readiness, h.Propose.WebURL)
		if buttons := h.mendButtons(e, readiness, r); len(buttons) > 0 {
			reply.Parts = append(reply.Parts, buttons)
		}
		return reply, nil
	case e.Is(catalog.KindGroup), e.Is(catalog.KindUser):
		owned, err := h.owned(ctx, e)
		if err != nil {
			return chat.Reply{}, err
		}
		return h.rank(ctx, e.Display(), owned)
	}
	return chat.Reply{}, chat.Errorf("%s is no component (%s), and only components are judged. Name one, or a team.", e.Name, kindWord(e))
}

// isJudged tells what readiness is told of.
func isJudged(e catalog.Entity) bool { return e.Is(catalog.KindComponent) || e.Is(catalog.KindGroup) }

// ours ranks the components of the channel's teams, else of the asker's; where there are none, all teams.
func (h readinessHandler) ours(ctx context.Context, r chat.Request) (chat.Reply, error) {
	teams, err := ourTeams(ctx, h.belonging, r)
	if err != nil {
		return chat.Reply{}, err
	}
	owned, err := h.owned(ctx, teams...)
	if err != nil {
		return chat.Reply{}, err
	}
	if len(teams) == 0 {
		return h.all(ctx)
	}
	return h.rank(ctx, displays(teams), owned)
}

// owned is what some teams own, and the teams in them.
func (h readinessHandler) owned(ctx context.Context, teams ...catalog.Entity) ([]catalog.Entity, error) {
	const teamsMost = 100
	var owned []catalog.Entity
	seen := map[string]bool{}
	for ; len(teams) > 0 && len(seen) < teamsMost; teams = teams[1:] {
		if seen[teams[0].Ref.String()] {
			continue
		}
		seen[teams[0].Ref.String()] = true
		some, err := h.Owners.Owned(ctx, teams[0].Ref)
		if err != nil {
			return nil, err
		}
		owned = append(owned, some...)
		described, err := h.relations.Describe(ctx, teams[:1])
		if err != nil {
			return nil, err
		}
		for _, ref := range related(described, catalog.ParentOf) {
			teams = append(teams, catalog.Entity{Ref: ref})
		}
	}
	return owned, nil
}
