package handlers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"bellhop/catalog"
	"bellhop/chat"
	"bellhop/environments"
	"bellhop/nearest"
)

// knownNames tells the grammar which words are components and kinds. An error of the catalog is kept, for the grammar
// has no way to hand it on.
type knownNames struct {
	ctx     context.Context
	named   func(ctx context.Context, text string) ([]catalog.Entity, error)
	options environments.Options
	err     error
}

// IsComponent implements chat.Names.
func (n *knownNames) IsComponent(word string) bool {
	found, err := n.named(n.ctx, word)
	if err != nil {
		n.err = err
	}
	return len(components(found)) > 0
}

// IsKind implements chat.Names.
func (n *knownNames) IsKind(word string) bool {
	_, ok := n.options.Kind(word)
	return ok
}

// components are the components among entities.
func components(entities []catalog.Entity) []catalog.Entity {
	return slices.DeleteFunc(slices.Clone(entities), func(e catalog.Entity) bool { return !e.Is(catalog.KindComponent) })
}

// component is the one that is meant. Where that is not clear, the error asks.
func (h deployEnv) component(ctx context.Context, r chat.Request, t chat.Target) (catalog.Entity, error) {
	switch {
	case t.Component != "":
		return h.namedComponent(ctx, r, t)
	case t.Repository != "":
		return h.componentOfRepository(ctx, r, t)
	}
	return h.usualComponent(ctx, r, t)
}

// namedComponent is the component of a typed name.
func (h deployEnv) namedComponent(ctx context.Context, r chat.Request, t chat.Target) (catalog.Entity, error) {
	typed := t.Component
	found, err := h.Deployables.Find(ctx, typed)
	if err != nil {
		return catalog.Entity{}, err
	}
	switch exact := components(found.Exact); {
	case len(exact) == 1:
		return exact[0], nil
	case len(exact) > 1:
		return catalog.Entity{}, h.which(fmt.Sprintf("Several components are called %q. Which one is it?", shorten(t.Component, 60)), exact, t, r.Person.Zone)
	case len(found.Exact) > 0:
		return catalog.Entity{}, chat.Errorf("%s is a %s. Only components can be deployed.", found.Exact[0].Name, strings.ToLower(found.Exact[0].Kind))
	}
	near := slices.DeleteFunc(components(found.Near), func(e catalog.Entity) bool {
		return len(nearest.Near(t.Component, []string{e.Name, e.Display()}, 1)) == 0
	})
	if len(near) == 0 {
		t.Component = ""
		return catalog.Entity{}, h.chooseAny(ctx, fmt.Sprintf("No component is called %q, or anything like it. Which one is it?", shorten(typed, 60)), t, r.Person.Zone)
	}
	var buttons chat.Buttons
	for _, e := range near {
		choice := t
		choice.Component = e.Ref.Short()
		buttons = append(buttons, tryDeploy(e.Name, choice, r.Person.Zone))
	}
	return catalog.Entity{}, chat.ErrorWith(fmt.Sprintf("No component is called %q. Did you mean one of these?", shorten(t.Component, 60)), buttons)
}

// componentOfRepository is the component of the repository in a pull request's address.
func (h deployEnv) componentOfRepository(ctx context.Context, r chat.Request, t chat.Target) (catalog.Entity, error) {
	found, err := h.Deployables.ByRepository(ctx, t.Repository)
	if err != nil {
		return catalog.Entity{}, err
	}
	deployable := slices.DeleteFunc(components(found), func(e catalog.Entity) bool { return !e.Deployable() })
	switch len(deployable) {
	case 0:
		return catalog.Entity{}, chat.Errorf("No component in the catalog that can be deployed has the repository %s.", t.Repository)
	case 1:
		return deployable[0], nil
	}
	return catalog.Entity{}, h.which(fmt.Sprintf("%s is the repository of several components. Which one is it?", t.Repository), deployable, t, r.Person.Zone)
}

// usualComponent is the one that the channel's or the person's team can deploy, where that is just one.
func (h deployEnv) usualComponent(ctx context.Context, r chat.Request, t chat.Target) (catalog.Entity, error) {
	var usual []catalog.Entity
	for _, teamsOf := range []func(context.Context, chat.Request) ([]catalog.Entity, error){h.channelTeams, h.personTeams} {
		teams, err := teamsOf(ctx, r)
		if err != nil {
			return catalog.Entity{}, err
		}
		theirs, err := h.deployables(ctx, teams)
		if err != nil {
			return catalog.Entity{}, err
		}
		if len(theirs) == 1 {
			return theirs[0], nil
		}
		usual = append(usual, theirs...)
	}
	question := "Which component do you want to deploy?"
	if t.Ref != "" {
		question = fmt.Sprintf("Of which component do you want to deploy %q?", shorten(t.Ref, 60))
	} else if t.PullRequest != 0 {
		question = fmt.Sprintf("Of which component is #%d?", t.PullRequest)
	}
	if len(usual) == 0 {
		return catalog.Entity{}, h.chooseAny(ctx, question, t, r.Person.Zone)
	}
	return catalog.Entity{}, h.which(question, usual, t, r.Person.Zone)
}

// chooseAny asks for one of all components that can be deployed.
func (h deployEnv) chooseAny(ctx context.Context, question string, t chat.Target, zone *time.Location) error {
	all, err := h.Deployables.Search(ctx, "", []string{catalog.KindComponent}, maxChoices)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(e catalog.Entity) bool { return !e.Deployable() })
	if len(all) == 0 {
		return chat.Errorf("There is no component in the catalog that can be deployed: none names its repository (annotation github.com/project-slug).")
	}
	return h.which(question, all, t, zone)
}

func (h deployEnv) channelTeams(ctx context.Context, r chat.Request) ([]catalog.Entity, error) {
	if r.Place.Channel == "" {
		return nil, nil
	}
	return h.Deployables.TeamsOfChannel(ctx, r.Place.Channel, r.Place.Name)
}

func (h deployEnv) personTeams(ctx context.Context, r chat.Request) ([]catalog.Entity, error) {
	user, ok, err := h.Deployables.UserFor(ctx, r.Person.ID, r.Person.Email)
	if err != nil || !ok {
		return nil, err
	}
	return h.Deployables.Teams(ctx, user.Ref)
}

// deployables are what teams can deploy, each component once.
func (h deployEnv) deployables(ctx context.Context, teams []catalog.Entity) ([]catalog.Entity, error) {
	var all []catalog.Entity
	for _, team := range teams {
		theirs, err := h.Deployables.Deployable(ctx, team.Ref)
		if err != nil {
			return nil, err
		}
		all = append(all, theirs...)
	}
	slices.SortFunc(all, func(a, b catalog.Entity) int { return cmp.Compare(a.Ref.String(), b.Ref.String()) })
	return slices.CompactFunc(all, func(a, b catalog.Entity) bool { return a.Ref.String() == b.Ref.String() }), nil
}

// maxChoices is how many choices a menu offers. Slack: 100.
const maxChoices = 100

// which asks for a component by a menu; up to five are buttons.
func (h deployEnv) which(question string, among []catalog.Entity, t chat.Target, zone *time.Location) error {
	t.Repository = "" // the component says it, and a number goes with it
	var (
		menu    = chat.Menu{Label: "Choose a component", Action: ActionTry}
		buttons chat.Buttons
		seen    = map[string]bool{}
	)
	for _, e := range among {
		if seen[e.Ref.String()] || len(menu.Options) == maxChoices {
			continue
		}
		seen[e.Ref.String()] = true
		t.Component = e.Ref.Short()
		button := tryDeploy(e.Name, t, zone)
		buttons = append(buttons, button)
		menu.Options = append(menu.Options, chat.Option{Label: e.Name, Value: button.Value, Hint: shorten(e.Title, 70)})
	}
	if len(buttons) <= 5 {
		return chat.ErrorWith(question, buttons)
	}
	return chat.ErrorWith(question, menu)
}

// offerBranches asks for the branch: the asker's latest as buttons, all others in a menu.
func (h deployEnv) offerBranches(ctx context.Context, r chat.Request, t chat.Target, c environments.Component) (chat.Reply, error) {
	names, err := h.Branches.Branches(ctx, c.Repository)
	if errors.Is(err, environments.ErrNotFound) {
		return chat.Reply{}, chat.Errorf("There is no repository %s on GitHub, or Bellhop may not see it.", c.Repository)
	}
	if err != nil {
		return chat.Reply{}, err
	}
	var mine []environments.Branch
	user, known, err := h.Deployables.UserFor(ctx, r.Person.ID, r.Person.Email)
	if err != nil {
		return chat.Reply{}, err
	}
	if known && user.Login() != "" {
		if mine, err = h.Branches.BranchesOf(ctx, c.Repository, user.Login(), 5); err != nil {
			return chat.Reply{}, err
		}
	}
	reply := chat.Reply{Headline: chat.Textf("Which branch of %s do you want to deploy?", c.Name)}
	var buttons chat.Buttons
	for _, b := range mine {
		t.Ref = b.Name
		buttons = append(buttons, tryDeploy(shorten(b.Name, 70), t, r.Person.Zone))
	}
	if len(buttons) > 0 {
		reply.Parts = append(reply.Parts, chat.Context{Text: chat.Textf("Your latest:")}, buttons)
	}
	menu := chat.Menu{Label: "Choose a branch", Action: ActionTry}
	if len(buttons) > 0 {
		menu.Label = "Choose another branch"
	}
	names = slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		return slices.ContainsFunc(mine, func(b environments.Branch) bool { return b.Name == name })
	})
	for _, name := range names[:min(len(names), maxChoices)] {
		t.Ref = name
		menu.Options = append(menu.Options, chat.Option{Label: shorten(name, 75), Value: deployWords(t, r.Person.Zone)})
	}
	if len(menu.Options) > 0 {
		reply.Parts = append(reply.Parts, menu)
	}
	reply.Parts = append(reply.Parts, chat.Context{Text: chat.Line(chat.Plain("Or type it: "), chat.Code("/deploy-env BRANCH of "+c.Name))})
	return reply, nil
}

// unknownRef says that a ref does not exist, with branches that it may stand for as buttons. Since a press deploys, none is
// offered that only happens to be the least far away.
func (h deployEnv) unknownRef(ctx context.Context, r chat.Request, t chat.Target, c environments.Component, reason string) error {
	wanted := t.Ref
	t.Ref, t.PullRequest = "", 0
	list := tryDeploy("Show its branches", t, r.Person.Zone)
	names, err := h.Branches.Branches(ctx, c.Repository)
	var near []string
	if err == nil && wanted != "" { // the reason is true without suggestions, too
		near = nearest.Near(wanted, names, 3)
	}
	if len(near) == 0 {
		return chat.ErrorWith(reason+" Choose one of its branches, or type another name or number.", chat.Buttons{list})
	}
	var buttons chat.Buttons
	for _, name := range near {
		t.Ref = name
		buttons = append(buttons, tryDeploy(shorten(name, 70), t, r.Person.Zone))
	}
	return chat.ErrorWith(reason+" Did you mean one of these?", append(buttons, list))
}

// tryDeploy is a button that asks again for the same, with what was missing filled in.
func tryDeploy(label string, t chat.Target, zone *time.Location) chat.Button {
	return chat.Button{Label: label, Action: ActionTry, Value: deployWords(t, zone)}
}

// deployWords is a target as it would be typed. Names are quoted, so that whatever they hold is read back as it is.
func deployWords(t chat.Target, zone *time.Location) string {
	words := []string{"deploy-env"}
	switch {
	case t.PullRequest != 0 && t.Ref == "":
		words = append(words, fmt.Sprintf("#%d", t.PullRequest))
	case t.Ref != "":
		words = append(words, chat.Quote(t.Ref))
	}
	if t.Component != "" {
		words = append(words, "of", chat.Quote(t.Component))
	}
	if t.Kind != "" {
		words = append(words, "to", chat.Quote(t.Kind))
	}
	if t.For > 0 {
		words = append(words, fmt.Sprintf("for %dm", int(t.For/time.Minute)))
	}
	if !t.Until.IsZero() {
		if zone == nil {
			zone = time.UTC
		}
		words = append(words, "until", t.Until.In(zone).Format("2006-01-02T15:04"))
	}
	if t.Because != "" {
		words = append(words, "because", chat.Quote(shorten(t.Because, 300)))
	}
	return strings.Join(words, " ")
}
