package handlers

import (
	"context"
	"fmt"
	"strings"
	"time"

	"bellhop/catalog"
	"bellhop/chat"
	"bellhop/environments"
	"bellhop/testruns"
)

// Relations gives entities with all that they stand in relation to; catalog.Catalog does.
type Relations interface {
	Describe(ctx context.Context, entities []catalog.Entity) ([]catalog.Described, error)
}

// ComponentTests says what the tests of a component say; testruns.Reporter does.
type ComponentTests interface {
	Component(ctx context.Context, e catalog.Entity, p testruns.Period) (testruns.ComponentDigest, error)
}

// CardDeps is what /bellhop show, find, team and readiness need.
type CardDeps struct {
	Entities     Entities
	Listed       Listed
	Relations    Relations
	Belonging    Belonging
	Outdated     Outdated
	SlackIDs     SlackIDs
	Readiness    ReadinessDeps
	Tests        ComponentTests
	Environments RunningEnvironments
	// WebURL is where repositories are seen, with a slash at its end; empty is https://github.com/.
	WebURL string
}

// Outdated tells why an entity is still as it was read before, where its descriptor cannot be taken now.
type Outdated interface {
	Refused(ctx context.Context, e catalog.Entity) (why catalog.Problem, ok bool, err error)
}

// showHandler answers `/bellhop show`.
type showHandler struct{ CardDeps }

// showCommand is the row of /bellhop show.
func showCommand(d CardDeps) chat.Command {
	h := showHandler{d}
	return chat.Command{
		Name: "show", Words: []string{"tell me about", "what is"}, Usage: "NAME",
		Summary:  "shows the card of an entity: all facts, how it stands to others, how ready it is",
		Examples: []string{"payments", "payments-api", "acme/checkout"},
		Feature:  chat.Ask, Run: h.run,
		Actions: []chat.CommandAction{
			{Name: "chosen", Run: h.chosen, Options: entityOptions(d.Entities, d.Belonging, "")},
			{Name: "definition", Run: h.definition},
		},
	}
}

// run answers what was typed.
func (h showHandler) run(ctx context.Context, r chat.Request) (chat.Reply, error) {
	if len(chat.Words(r.Text)) == 0 {
		return chat.Reply{}, chat.ErrorWith("The card of what? Type a name behind the command, for example: /bellhop show payments",
			chat.Menu{Label: "Or look for it here", Action: "show.chosen", Searched: true})
	}
	e, err := oneEntity(ctx, h.Entities, r.Text, "show")
	if err != nil {
		return chat.Reply{}, fmt.Errorf("show: %w", err)
	}
	reply, err := h.card(ctx, r, e)
	if err != nil {
		return chat.Reply{}, fmt.Errorf("show %s: %w", e.Ref, err)
	}
	return reply, nil
}

// chosen answers what was chosen in a menu.
func (h showHandler) chosen(ctx context.Context, r chat.Request) (chat.Reply, error) {
	r.Text = r.Action.Value
	return h.run(ctx, r)
}

// card is all that is known of an entity. Teams have one of their own.
func (h showHandler) card(ctx context.Context, r chat.Request, e catalog.Entity) (chat.Reply, error) {
	if e.Is(catalog.KindGroup) {
		return teamHandler(h).card(ctx, r, e)
	}
	owner, err := h.Readiness.Owners.Owner(ctx, e)
	if err != nil {
		return chat.Reply{}, err
	}
	reply := chat.Reply{Headline: cardLine(e, owner)}
	if e.Description != "" {
		reply.Parts = append(reply.Parts, chat.Paragraph{Text: chat.Textf("%s", shorten(e.Description, 500))})
	}
	reply.Parts = append(reply.Parts, h.facts(e, owner))
	now, err := h.now(ctx, r, e)
	if err != nil {
		return chat.Reply{}, err
	}
	if len(now.Items) > 0 {
		reply.Parts = append(reply.Parts, now)
	}
	around, err := h.around(ctx, e)
	if err != nil {
		return chat.Reply{}, err
	}
	if len(around.Items) > 0 {
		reply.Parts = append(reply.Parts, around)
	}
	if e.Is(catalog.KindComponent) {
		readiness, err := h.Readiness.judge(ctx, e, owner)
		if err != nil {
			return chat.Reply{}, err
		}
		reply.Parts = append(reply.Parts, chat.List{Title: readinessTitle(readiness), Items: checkLines(readiness)})
		if buttons := h.Readiness.mendButtons(e, readiness, r); len(buttons) > 0 {
			reply.Parts = append(reply.Parts, buttons)
		}
	}
	reply.Parts = append(reply.Parts, standingNotes(e, h.WebURL)...)
	why, refused, err := h.Outdated.Refused(ctx, e)
	if err != nil {
		return chat.Reply{}, err
	}
	if refused {
		reply.Parts = append(reply.Parts, refusedNote(why))
	}
	if buttons := h.buttons(e, r.Person); len(buttons) > 0 {
		reply.Parts = append(reply.Parts, buttons)
	}
	return reply, nil
}

// now is how an entity stands at the moment: its tests, and what runs of it.
func (h showHandler) now(ctx context.Context, r chat.Request, e catalog.Entity) (chat.List, error) {
	const lookBack, environmentsShown = 7 * 24 * time.Hour, 3
	list := chat.List{Title: "Now"}
	if _, ok := e.Repository(); !ok || !e.Is(catalog.KindComponent) {
		return list, nil
	}
	if h.Readiness.Follows {
		digest, err := h.Tests.Component(ctx, e, testruns.Period{Since: r.At.Add(-lookBack), Until: r.At, Asked: lookBack})
		if err != nil {
			return list, err
		}
		list.Items = append(list.Items, append(chat.Textf("%s tests · ", severityOf(digest).sign()), digestWords(digest)...))
	}
	running, err := h.Environments.List(ctx, environments.Filter{Component: e.Ref.String()})
	if err != nil {
		return list, err
	}
	latestFirst(running)
	for _, env := range running[:min(len(running), environmentsShown)] {
		list.Items = append(list.Items, append(envLine(env, true), chat.Plain(", asked for "), chat.Moment{At: env.Deployment.AskedAt}))
	}
	list.More = len(running) - min(len(running), environmentsShown)
	return list, nil
}

// around is how an entity stands to others, a line for each way.
func (h showHandler) around(ctx context.Context, e catalog.Entity) (chat.List, error) {
	list := chat.List{Title: "Around it"}
	described, err := h.Relations.Describe(ctx, []catalog.Entity{e})
	if err != nil || len(described) == 0 {
		return list, err
	}
	near, err := h.Readiness.Needs.Graph(ctx, e, catalog.Reach{Needs: 1, NeededBy: 1, Most: needsMost})
	if err != nil {
		return list, err
	}
	lines := relationLines{missing: map[string]bool{}}
	for _, node := range near.Nodes {
		lines.missing[node.Entity.Ref.String()] = node.Missing
	}
	for _, r := range described[0].Relations {
		if title := relationTitle(r.Type); title != "" {
			lines.add(title, r.Target)
		}
	}
	// What consumes an API of it needs it, though no relation says so directly.
	for _, node := range near.Nodes {
		if node.Steps < 0 && !node.Entity.Is(catalog.KindAPI) {
			lines.add(relationTitle(catalog.DependencyOf), node.Entity.Ref)
		}
	}
	list.Items = lines.texts()
	return list, nil
}

// definition gives an API's definition as a file.
func (h showHandler) definition(ctx context.Context, r chat.Request) (chat.Reply, error) {
	e, err := oneEntity(ctx, h.Entities, r.Action.Value, "show")
	if err != nil {
		return chat.Reply{}, fmt.Errorf("definition: %w", err)
	}
	text := e.Spec.String("definition")
	if text == "" {
		return chat.Reply{}, chat.Errorf("%s has no definition in the catalog any more.", e.Name)
	}
	name := definitionName(e, text)
	return chat.Reply{Headline: chat.Textf("The definition of %s", e.Name), Parts: []chat.Part{chat.File{Name: name, Data: []byte(text)}}}, nil
}

// definitionName is a file name by which editors know what is in it.
func definitionName(e catalog.Entity, text string) string {
	begins := strings.TrimSpace(text)
	switch {
	case strings.EqualFold(e.Type(), "grpc"):
		return e.Name + ".proto"
	case strings.EqualFold(e.Type(), "graphql"):
		return e.Name + ".graphql"
	case strings.HasPrefix(begins, "{"), strings.HasPrefix(begins, "["):
		return e.Name + ".json"
	case strings.HasPrefix(begins, "<"):
		return e.Name + ".xml"
	}
	return e.Name + ".yaml"
}

// buttons lead on from a card.
func (h showHandler) buttons(e catalog.Entity, p chat.Person) chat.Buttons {
	ref := e.Ref.String()
	var buttons chat.Buttons
	if adoptable(e) && p.Standing == chat.Member {
		adopt := adoptButton(e)
		adopt.Style = chat.Primary
		buttons = append(buttons, adopt)
	}
	try := func(label, words string) {
		buttons = append(buttons, chat.Button{Label: label, Action: ActionTry, Value: words + " " + ref})
	}
	if e.Is(catalog.KindAPI) && e.Spec.String("definition") != "" {
		buttons = append(buttons, chat.Button{Label: "Definition", Action: "show.definition", Value: ref})
	}
	if _, ok := e.Repository(); ok && e.Is(catalog.KindComponent) && h.Readiness.Follows {
		try("Tests", "tests")
	}
	if e.Deployable() && !h.Readiness.Environments.Workflow.IsZero() && p.Standing == chat.Member {
		try("Deploy a branch", "deploy-env of")
	}
	switch {
	case e.Is(catalog.KindUser):
		try("What they own", "who-owns")
		return buttons
	case e.Is(catalog.KindLocation), e.Is(catalog.KindTemplate): // nothing needs them
		return buttons
	}
	try("Graph", "graph")
	try("Impact", "impact")
	return buttons
}
