package handlers

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"bellhop/catalog"
	"bellhop/chat"
	"bellhop/environments"
	"bellhop/testruns"
)

// Teams tells which teams a person is in and what these own.
type Teams interface {
	UserFor(ctx context.Context, slackID, email string) (catalog.Entity, bool, error)
	Teams(ctx context.Context, user catalog.Ref) ([]catalog.Entity, error)
	Owned(ctx context.Context, owner catalog.Ref) ([]catalog.Entity, error)
}

// RunningEnvironments lists environments.
type RunningEnvironments interface {
	List(ctx context.Context, f environments.Filter) ([]environments.Environment, error)
}

// Judge tells how ready a component is for production; ReadinessDeps does.
type Judge interface {
	Judge(ctx context.Context, e catalog.Entity) (catalog.Readiness, error)
}

// HomeDeps is what the home tab needs.
type HomeDeps struct {
	Teams        Teams
	Environments RunningEnvironments
	Tests        ComponentTests
	Readiness    Judge
	Problems     CatalogProblems
}

const (
	// homeComponents bounds the components on the home tab: with a line and a row of buttons each they fill a screen.
	homeComponents = 12
	// homeJudged bounds how many components are looked at for those that are in the worst state: each takes about twenty
	// look-ups.
	homeJudged = 40
	// homeEnvironments bounds the environments on it, so that the components are still seen.
	homeEnvironments = 5
	// homeWaiting bounds what is said to be waiting: a longer list is no longer read.
	homeWaiting = 8
	// homeSoon is how long before its end an environment is said to be about to go.
	homeSoon = 24 * time.Hour
	// homePatience is how long counting the catalog's problems may hold the tab up.
	homePatience = time.Second
)

// home answers the opened home tab: what waits for me, what is mine, and what I can do with it.
type home struct {
	HomeDeps
	offers func(chat.Feature) bool
}

// homeComponent is one of my teams' components, and how it is.
type homeComponent struct {
	entity      catalog.Entity
	tests       testruns.ComponentDigest
	met, checks int // of its readiness; no checks where it was not judged
	lacks       string
	running     []environments.Environment
}

func (h home) answer(ctx context.Context, r chat.Request) (chat.Reply, error) {
	reply, err := h.page(ctx, r)
	if err != nil {
		return chat.Reply{}, fmt.Errorf("home: %w", err)
	}
	return reply, nil
}

func (h home) page(ctx context.Context, r chat.Request) (chat.Reply, error) {
	mine, err := h.Environments.List(ctx, environments.Filter{Person: r.Person.ID})
	if err != nil {
		return chat.Reply{}, err
	}
	user, known, err := h.Teams.UserFor(ctx, r.Person.ID, r.Person.Email)
	if err != nil {
		return chat.Reply{}, err
	}
	reply := chat.Reply{Headline: chat.Line(chat.Bold(r.Person.Name))}
	var teams []catalog.Entity
	var owned []homeComponent
	more := 0
	if known {
		if teams, err = h.Teams.Teams(ctx, user.Ref); err != nil {
			return chat.Reply{}, err
		}
		if owned, more, err = h.components(ctx, teams, r); err != nil {
			return chat.Reply{}, err
		}
	}
	for _, team := range teams {
		reply.Headline = append(reply.Headline, chat.Plain(" · "+team.Display()))
	}
	reply.Parts = append(reply.Parts, chat.Menu{Label: "Find anything in the catalog", Action: "show.chosen", Searched: true})
	wrong, err := h.wrong(ctx, append(slices.Clone(teams), user))
	if err != nil {
		return chat.Reply{}, err
	}
	reply.Parts = append(reply.Parts, waiting(mine, owned, wrong, r.At)...)
	if len(mine) > 0 {
		reply.Parts = append(reply.Parts, chat.Heading("Your environments"), yourEnvironments(mine), chat.Buttons{{Label: "Manage them", Action: ActionTry, Value: "envs mine"}})
	}
	if known {
		reply.Parts = append(reply.Parts, h.yourComponents(teams, owned, more, r.Person)...)
	} else {
		reply.Parts = append(reply.Parts, chat.Paragraph{Text: chat.Textf(
			"I do not know which team you are in: no user of the catalog has your Slack id (%s) or your e-mail address. Tell me who you are on GitHub, or ask whoever keeps the catalog to add it as slack.com/user-id.", r.Person.ID)},
			chat.Buttons{{Label: "Link my GitHub account", Action: ActionTry, Value: "me"}})
	}
	reply.Parts = append(reply.Parts, h.footer(r.Person)...)
	return reply, nil
}

// components are those of some teams, each once and the ones in the worst state first; more is how many are not among them.
func (h home) components(ctx context.Context, teams []catalog.Entity, r chat.Request) (all []homeComponent, more int, err error) {
	seen := map[string]bool{}
	running, err := h.running(ctx)
	if err != nil {
		return nil, 0, err
	}
	for _, team := range teams {
		owned, err := h.Teams.Owned(ctx, team.Ref)
		if err != nil {
			return nil, 0, err
		}
		for _, e := range owned {
			ref := e.Ref.String()
			if !e.Is(catalog.KindComponent) || seen[ref] {
				continue
			}
			seen[ref] = true
			if len(all) == homeJudged {
				more++
				continue
			}
			c := homeComponent{entity: e, running: running[ref]}
			if err := h.look(ctx, &c, r.At); err != nil {
				return nil, 0, err
			}
			all = append(all, c)
		}
	}
	slices.SortStableFunc(all, func(a, b homeComponent) int {
		return cmp.Or(cmp.Compare(severityOf(b.tests), severityOf(a.tests)), cmp.Compare(b.checks-b.met, a.checks-a.met))
	})
	if len(all) > homeComponents {
		more, all = more+len(all)-homeComponents, all[:homeComponents]
	}
	return all, more, nil
}

// running is all environments by the reference of their component.
func (h home) running(ctx context.Context) (map[string][]environments.Environment, error) {
	if !h.offers(chat.Deploy) {
		return nil, nil
	}
	all, err := h.Environments.List(ctx, environments.Filter{})
	if err != nil {
		return nil, err
	}
	by := map[string][]environments.Environment{}
	for _, e := range all {
		by[e.Component.Ref] = append(by[e.Component.Ref], e)
	}
	return by, nil
}

// look finds out how a component is.
func (h home) look(ctx context.Context, c *homeComponent, now time.Time) (err error) {
	if _, ok := c.entity.Repository(); ok && h.offers(chat.Tests) {
		if c.tests, err = h.Tests.Component(ctx, c.entity, testruns.Period{Since: now.Add(-periodDefault), Until: now, Asked: periodDefault}); err != nil {
			return err
		}
	}
	readiness, err := h.Readiness.Judge(ctx, c.entity)
	if err != nil {
		return err
	}
	c.met, c.checks = readiness.Met()
	c.lacks = missingNames(readiness)
	return nil
}

// wrong counts the problems of the catalog that some owners can mend. Of a catalog with so many of them that counting takes
// its time nothing is said: the tab is opened often.
func (h home) wrong(ctx context.Context, owners []catalog.Entity) (n int, err error) {
	patience, cancel := context.WithTimeout(ctx, homePatience)
	defer cancel()
	all, err := h.Problems.ProblemsByOwner(patience)
	if patience.Err() != nil && ctx.Err() == nil {
		return 0, nil
	}
	for _, of := range all {
		if !of.Owner.IsZero() && holdsRef(owners, of.Owner.Ref) {
			n += len(of.Problems)
		}
	}
	return n, err
}

// waiting is what somebody has to do something about, if there is anything.
func waiting(mine []environments.Environment, owned []homeComponent, wrong int, now time.Time) []chat.Part {
	var items []chat.Text
	for _, e := range mine {
		switch until := e.Until(); {
		case e.State == environments.Failed, e.State == environments.Lost, e.State == environments.DestroyFailed,
			e.Operation.Run.Status == environments.StatusWaiting && e.State.Busy(),
			e.State == environments.Ready && !until.IsZero() && until.Sub(now) < homeSoon:
			items = append(items, envLine(e, false))
		}
	}
	for _, c := range owned {
		if severityOf(c.tests) == failing {
			items = append(items, digestLine(c.tests))
		}
	}
	more := max(0, len(items)-homeWaiting)
	items = items[:len(items)-more]
	if wrong > 0 {
		items = append(items, chat.Textf("🟡 %s in what you and your teams describe in the catalog", counted(wrong, "problem", "problems")))
	}
	if len(items) == 0 {
		return nil
	}
	parts := []chat.Part{chat.Heading("Waits for you"), chat.List{Items: items, More: more}}
	if wrong > 0 {
		parts = append(parts, chat.Buttons{{Label: "Show problems", Action: ActionTry, Value: "problems mine"}})
	}
	return parts
}

// yourEnvironments is a line for each environment.
func yourEnvironments(mine []environments.Environment) chat.List {
	list := chat.List{More: max(0, len(mine)-homeEnvironments)}
	for _, e := range mine[:min(homeEnvironments, len(mine))] {
		list.Items = append(list.Items, envLine(e, false))
	}
	return list
}

// yourComponents is what a person's teams own, with a way to the teams themselves.
func (h home) yourComponents(teams []catalog.Entity, owned []homeComponent, more int, p chat.Person) []chat.Part {
	if len(teams) == 0 {
		return []chat.Part{chat.Paragraph{Text: chat.Textf("You are in no team of the catalog, so nothing here is yours. Ask whoever keeps the catalog to add you to one.")}}
	}
	parts := []chat.Part{chat.Heading("Your components")}
	for _, c := range owned {
		parts = append(parts, h.component(c, p)...)
	}
	if len(owned) == 0 {
		parts[0] = chat.Paragraph{Text: chat.Textf("Your teams own no components.")}
	}
	if more > 0 {
		parts = append(parts, chat.Context{Text: chat.Textf("… and %d more that need less of you.", more)})
	}
	buttons := chat.Buttons{}
	for _, team := range teams {
		buttons = append(buttons, chat.Button{Label: "All of " + team.Display(), Action: ActionTry, Value: "team " + team.Ref.String()})
	}
	return append(parts, append(buttons, chat.Button{Label: "How ready are they?", Action: ActionTry, Value: "readiness mine"}))
}

// component is a line about a component, one on how it is, and the buttons that the person may press.
func (h home) component(c homeComponent, p chat.Person) []chat.Part {
	e := c.entity
	line := chat.Line(chat.Bold(e.Name))
	if _, ok := e.Repository(); ok && h.offers(chat.Tests) {
		line = append(chat.Textf("%s ", severityOf(c.tests).sign()), line...)
	}
	for _, fact := range []string{e.Type(), e.Lifecycle()} {
		if fact != "" {
			line = append(line, chat.Plain(" · "+fact))
		}
	}
	switch {
	case e.Provisional():
		line = append(line, chat.Plain(" · nobody has described it yet"))
	case e.Orphaned():
		line = append(line, chat.Plain(" · its descriptor is gone"))
	}
	if facts := h.facts(c); len(facts) > 0 {
		line = append(append(line, chat.Plain("\n")), facts...)
	}
	buttons := chat.Buttons{{Label: "Card", Action: ActionTry, Value: "show " + e.Ref.String()}}
	if adoptable(e) && p.Standing == chat.Member {
		buttons = append(buttons, adoptButton(e))
	}
	if _, ok := e.Repository(); ok && h.offers(chat.Tests) {
		buttons = append(buttons, chat.Button{Label: "Tests", Action: ActionTry, Value: "tests " + e.Name})
	}
	if e.Deployable() && h.offers(chat.Deploy) && p.Standing == chat.Member {
		buttons = append(buttons, chat.Button{Label: "Deploy a branch", Action: ActionTry, Value: "deploy-env of " + e.Name})
	}
	return []chat.Part{chat.Paragraph{Text: line}, buttons}
}

// facts are how a component is: its tests, what runs of it, and how ready it is.
func (h home) facts(c homeComponent) chat.Text {
	var facts []chat.Text
	switch s := severityOf(c.tests); {
	case s >= failing: // what fails is said above
		facts = append(facts, chat.Textf("its tests fail"))
	case s > silent:
		facts = append(facts, digestWords(c.tests))
	}
	if n := len(c.running); n > 0 {
		kinds := map[string]bool{}
		var names []string
		for _, e := range c.running {
			if !kinds[e.Key.Kind] {
				kinds[e.Key.Kind] = true
				names = append(names, e.Key.Kind)
			}
		}
		facts = append(facts, chat.Textf("%s (%s)", counted(n, "environment", "environments"), strings.Join(names, ", ")))
	}
	switch {
	case c.checks > 0 && c.met == c.checks:
		facts = append(facts, chat.Textf("%d of %d for production", c.met, c.checks))
	case c.checks > 0:
		facts = append(facts, chat.Textf("%d of %d for production, missing %s", c.met, c.checks, shorten(c.lacks, 80)))
	}
	return chat.Join(" · ", facts...)
}

// footer is what can be done from anywhere.
func (h home) footer(p chat.Person) []chat.Part {
	buttons := chat.Buttons{{Label: "Help", Action: ActionTry, Value: "help"}}
	commands := []string{"/who-owns"}
	if h.offers(chat.Deploy) {
		buttons = append(buttons, chat.Button{Label: "All environments", Action: ActionTry, Value: "envs"})
		if p.Standing == chat.Member {
			commands = append(commands, "/deploy-env")
		}
		commands = append(commands, "/envs")
	}
	if h.offers(chat.Tests) {
		commands = append(commands, "/tests")
	}
	typed := chat.Line(chat.Plain("Type "))
	for i, command := range commands {
		switch {
		case i == 0:
		case i == len(commands)-1:
			typed = append(typed, chat.Plain(" or "))
		default:
			typed = append(typed, chat.Plain(", "))
		}
		typed = append(typed, chat.Code(command))
	}
	return []chat.Part{buttons, chat.Context{Text: append(typed, chat.Plain(" anywhere. What is deployed from here is told in direct messages."))}}
}
