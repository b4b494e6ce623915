package handlers

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
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
			e, err = oneEntity(ctx, h.entities, asked, "readiness")
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

const (
	// rankedMost bounds how many components one answer judges: each takes about ten look-ups.
	rankedMost = 300
	// rankedShown is how many lines a ranking has.
	rankedShown = 20
)

// judged is a component with how ready it is.
type judged struct {
	entity    catalog.Entity
	owner     catalog.Ownership
	readiness catalog.Readiness
}

// rank answers for the components among some entities, those that lack most first.
func (h readinessHandler) rank(ctx context.Context, whose string, entities []catalog.Entity) (chat.Reply, error) {
	all, more, err := h.judgeAll(ctx, entities)
	if err != nil {
		return chat.Reply{}, err
	}
	if len(all) == 0 {
		return chat.Reply{Headline: chat.Textf("%s owns no components, so there is nothing to judge", whose)}, nil
	}
	slices.SortStableFunc(all, func(a, b judged) int { return compareShares(tally(a), tally(b)) })
	ready := 0
	table := chat.Table{Title: "Those that lack most first", Columns: []string{"Component", "Ready", "Missing"}, More: max(0, len(all)-rankedShown) + more}
	for i, j := range all {
		met, of := j.readiness.Met()
		if met == of {
			ready++
		}
		if i < rankedShown {
			table.Rows = append(table.Rows, []chat.Text{chat.Textf("%s", j.entity.Name), chat.Textf("%d of %d", met, of), chat.Textf("%s", orElse(missingNames(j.readiness), "nothing"))})
		}
	}
	headline := fmt.Sprintf("🟡 %s: %d of %s ready for production", whose, ready, counted(len(all), "component is", "components are"))
	if ready == len(all) {
		headline = fmt.Sprintf("🟢 %s: %s ready for production", whose, allOf(len(all)))
	}
	reply := chat.Reply{Headline: chat.Textf("%s", headline), Parts: []chat.Part{table}}
	if often := missedOften(all); often != "" {
		reply.Parts = append(reply.Parts, chat.Context{Text: chat.Textf("Missing most often: %s", often)})
	}
	menu := chat.Menu{Label: "What does one lack?", Action: "readiness.one"}
	for _, j := range all[:min(len(all), 100)] { // Slack: 100 options
		menu.Options = append(menu.Options, chat.Option{Label: shorten(j.entity.Name, 70), Value: j.entity.Ref.String()})
	}
	reply.Parts = append(reply.Parts, menu)
	return reply, nil
}

func allOf(n int) string {
	if n == 1 {
		return "its one component is"
	}
	return fmt.Sprintf("all %d components are", n)
}

// judgeAll judges the components among entities, each once; more is how many there was no time for.
func (h readinessHandler) judgeAll(ctx context.Context, entities []catalog.Entity) (all []judged, more int, err error) {
	seen := map[string]bool{}
	for _, e := range entities {
		if !e.Is(catalog.KindComponent) || seen[e.Ref.String()] {
			continue
		}
		seen[e.Ref.String()] = true
		if len(all) == rankedMost {
			more++
			continue
		}
		j := judged{entity: e}
		if j.owner, err = h.Owners.Owner(ctx, e); err != nil {
			return nil, 0, err
		}
		if j.readiness, err = h.judge(ctx, e, j.owner); err != nil {
			return nil, 0, err
		}
		all = append(all, j)
	}
	return all, more, nil
}

// share is how much is met of how much.
type share struct{ met, of int }

func tally(all ...judged) (s share) {
	for _, j := range all {
		met, of := j.readiness.Met()
		s.met, s.of = s.met+met, s.of+of
	}
	return s
}

// compareShares puts the smaller share first.
func compareShares(a, b share) int {
	return cmp.Or(cmp.Compare(a.met*max(b.of, 1), b.met*max(a.of, 1)), cmp.Compare(b.of-b.met, a.of-a.met))
}

func (s share) percent() string { return fmt.Sprintf("%d %%", 100*s.met/max(s.of, 1)) }

// all ranks the owners of all components.
func (h readinessHandler) all(ctx context.Context) (chat.Reply, error) {
	components, err := h.listed.Search(ctx, "", []string{catalog.KindComponent}, rankedMost+1)
	if err != nil {
		return chat.Reply{}, err
	}
	if len(components) > rankedMost {
		return chat.Reply{}, chat.ErrorWith(fmt.Sprintf("There are more than %d components, too many for one answer. Name a team, for example: /bellhop readiness platform", rankedMost),
			chat.Menu{Label: "Or look for it here", Action: "readiness.one", Searched: true})
	}
	all, _, err := h.judgeAll(ctx, components)
	if err != nil {
		return chat.Reply{}, err
	}
	if len(all) == 0 {
		return chat.Reply{Headline: chat.Textf("There are no components in the catalog, so there is nothing to judge")}, nil
	}
	byOwner := map[string][]judged{}
	for _, j := range all {
		owner := "nobody"
		if j.owner.Found {
			owner = j.owner.Group.Display()
		}
		byOwner[owner] = append(byOwner[owner], j)
	}
	owners := slices.SortedFunc(maps.Keys(byOwner), func(a, b string) int {
		return cmp.Or(compareShares(tally(byOwner[a]...), tally(byOwner[b]...)), cmp.Compare(a, b))
	})
	table := chat.Table{Title: "Those that lack most first", Columns: []string{"Owner", "Components ready", "Checks met", "Missing most often"}, More: max(0, len(owners)-rankedShown)}
	for _, owner := range owners[:min(len(owners), rankedShown)] {
		theirs := byOwner[owner]
		table.Rows = append(table.Rows, []chat.Text{chat.Textf("%s", owner), chat.Textf("%d of %d", readyOf(theirs), len(theirs)),
			chat.Textf("%s", tally(theirs...).percent()), chat.Textf("%s", orElse(missedOften(theirs), "nothing"))})
	}
	sign := "🟡"
	if readyOf(all) == len(all) {
		sign = "🟢"
	}
	headline := fmt.Sprintf("%s %d of %s ready for production · %s of all checks are met", sign, readyOf(all), counted(len(all), "component is", "components are"), tally(all...).percent())
	return chat.Reply{Headline: chat.Textf("%s", headline), Parts: []chat.Part{table}}, nil
}

func readyOf(all []judged) (n int) {
	for _, j := range all {
		if len(j.readiness.Missing()) == 0 {
			n++
		}
	}
	return n
}

// missedOften names the three checks that are missing most often, with how often.
func missedOften(all []judged) string {
	times := map[string]int{}
	for _, j := range all {
		for _, result := range j.readiness.Missing() {
			times[result.Check]++
		}
	}
	checks := slices.SortedFunc(maps.Keys(times), func(a, b string) int {
		return cmp.Or(cmp.Compare(times[b], times[a]), cmp.Compare(a, b))
	})
	var words []string
	for _, check := range checks[:min(len(checks), 3)] {
		words = append(words, fmt.Sprintf("%s (%d)", checkLabel(check), times[check]))
	}
	return strings.Join(words, ", ")
}

func missingNames(r catalog.Readiness) string {
	var names []string
	for _, result := range r.Missing() {
		names = append(names, checkLabel(result.Check))
	}
	return strings.Join(names, ", ")
}
