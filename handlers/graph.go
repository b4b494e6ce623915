package handlers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bellhop/catalog"
	"bellhop/chat"
	"bellhop/diagram"
)

// Graphs tells what needs what; catalog.Catalog does.
type Graphs interface {
	Graph(ctx context.Context, of catalog.Entity, reach catalog.Reach) (catalog.Graph, error)
	Impact(ctx context.Context, of catalog.Entity, most int) (catalog.Graph, error)
}

// Drawer draws diagrams as PNG; diagram.Painter does.
type Drawer interface {
	Draw(ctx context.Context, d diagram.Diagram) ([]byte, error)
}

// GraphDeps is what /bellhop graph and /bellhop impact need.
type GraphDeps struct {
	Entities Entities
	Graphs   Graphs
	Owners   EntityOwner
	// Belonging tells what is the asker's own, for menus.
	Belonging Belonging
	// Drawer draws the picture; nil where there can be none.
	Drawer Drawer
}

// EntityOwner tells who owns an entity; catalog.Catalog does.
type EntityOwner interface {
	Owner(ctx context.Context, e catalog.Entity) (catalog.Ownership, error)
}

const (
	// drawnMost is how many boxes a picture has: more cannot be read.
	drawnMost = 60
	// usualSteps is how far a graph goes where nobody says how far; mostSteps the farthest.
	usualSteps, mostSteps = 2, 5
	// altMost is how long a picture's words may be. Slack: 2000 characters.
	altMost = 900
)

// graphHandler answers `/bellhop graph`.
type graphHandler struct{ GraphDeps }

// graphCommand is the row of /bellhop graph.
func graphCommand(d GraphDeps) chat.Command {
	h := graphHandler{d}
	return chat.Command{
		Name: "graph", Words: []string{"draw", "dependencies of"}, Usage: "NAME [STEPS] [as text]",
		Summary:  "draws what something needs and what needs it",
		Examples: []string{"payments", "checkout 1", "team-ledger as text"},
		Feature:  chat.Ask, Run: h.run,
		Actions: []chat.CommandAction{{Name: "chosen", Run: h.chosen, Options: entityOptions(d.Entities, d.Belonging, "")}},
	}
}

// chosen answers what was chosen in a menu.
func (h graphHandler) chosen(ctx context.Context, r chat.Request) (chat.Reply, error) {
	r.Text = r.Action.Value
	return h.run(ctx, r)
}

func (h graphHandler) run(ctx context.Context, r chat.Request) (chat.Reply, error) {
	asked, steps, asText, err := graphWords(r.Text)
	if err != nil {
		return chat.Reply{}, err
	}
	if asked == "" {
		return chat.Reply{}, chat.ErrorWith("The graph of what? Type a name behind the command, for example: /bellhop graph payments",
			chat.Menu{Label: "Or look for it here", Action: "graph.chosen", Searched: true})
	}
	rest := []string{strconv.Itoa(steps)}
	if asText {
		rest = append(rest, "as text")
	}
	e, err := oneEntity(ctx, h.Entities, asked, "graph", rest...)
	if err != nil {
		return chat.Reply{}, fmt.Errorf("graph: %w", err)
	}
	g, err := h.Graphs.Graph(ctx, e, catalog.Reach{Needs: steps, NeededBy: steps, Most: drawnMost})
	if err != nil {
		return chat.Reply{}, fmt.Errorf("graph: %w", err)
	}
	reply := chat.Reply{Headline: graphLine(e, g)}
	if len(g.Edges) == 0 && g.More == 0 && len(g.Nodes) == 1 {
		return reply, nil
	}
	asText = asText || r.Place.Kind == chat.Terminal // which shows no pictures
	var notDrawn error
	if !asText {
		var picture chat.Image
		if picture, notDrawn = h.picture(ctx, e, g); notDrawn == nil {
			reply.Parts = append(reply.Parts, picture)
		}
	}
	if asText || notDrawn != nil {
		reply.Parts = append(reply.Parts, graphLists(g)...)
	}
	if notDrawn != nil {
		reply.Parts = append(reply.Parts, chat.Context{Text: chat.Textf("I could not draw the picture, so here it is in words.")})
	}
	buttons := graphButtons(e, steps, g)
	if r.Place.Kind != chat.Terminal {
		buttons = append(buttons, otherForm(e, steps, asText))
	}
	reply.Parts = append(reply.Parts, buttons)
	return reply, nil
}

// graphWords reads `NAME [STEPS] [as text]`.
func graphWords(text string) (asked string, steps int, asText bool, err error) {
	words := chat.Words(text)
	if n := len(words); n > 1 && words[n-1].Is("text", "words") {
		words, asText = words[:n-1], true
		if n := len(words); n > 1 && words[n-1].Is("as", "in") {
			words = words[:n-1]
		}
	}
	if n := len(words); n > 2 && words[n-1].Is("steps", "step") {
		words = words[:n-1]
	}
	steps = usualSteps
	if n := len(words); n > 1 {
		if number, notOne := strconv.Atoi(words[n-1].Text); notOne == nil {
			if steps = number; steps < 1 || steps > mostSteps {
				return "", 0, false, chat.Errorf("A graph goes 1 to %d steps, and %d was asked for.", mostSteps, steps)
			}
			words = words[:n-1]
		}
	}
	return chat.JoinWords(words), steps, asText, nil
}

// graphLine is the answer in a line: `payments needs books and payments-db; checkout and 2 more need it`.
func graphLine(e catalog.Entity, g catalog.Graph) chat.Text {
	var inside, needed, needing []string
	for _, n := range g.Nodes {
		switch {
		case n.Steps == 0:
			inside = append(inside, n.Entity.Name)
		case n.Entity.Is(catalog.KindAPI): // a way, not an end
		case n.Steps == 1:
			needed = append(needed, n.Entity.Name)
		case n.Steps == -1:
			needing = append(needing, n.Entity.Name)
		}
	}
	subject, verb, object := called(e), "needs", "it"
	if len(inside) > 1 {
		subject, verb, object = fmt.Sprintf("%s: its %d parts", called(e), len(inside)), "need", "them"
		if e.Is(catalog.KindGroup) || e.Is(catalog.KindUser) {
			subject = fmt.Sprintf("%s: the %d it owns", called(e), len(inside))
		}
	}
	whole := g.More == 0
	var said []string
	switch {
	case len(needed) > 0:
		said = append(said, fmt.Sprintf("%s %s %s", subject, verb, someOf(needed, whole)))
	case whole:
		said = append(said, fmt.Sprintf("%s %s nothing that the catalog knows of", subject, verb))
	default: // what was left out may be just that
		said = append(said, fmt.Sprintf("%s, as far as %d can be drawn", called(e), len(g.Nodes)))
	}
	switch {
	case len(needing) > 1 || len(needing) == 1 && !whole:
		said = append(said, fmt.Sprintf("%s need %s", someOf(needing, whole), object))
	case len(needing) == 1:
		said = append(said, fmt.Sprintf("%s needs %s", needing[0], object))
	case whole:
		said = append(said, "nothing needs "+object)
	}
	return chat.Textf("%s", strings.Join(said, "; "))
}

// someOf names a few and counts the rest: `a, b and 3 more`; what is not the whole has more than can be counted.
func someOf(names []string, whole bool) string {
	const most = 3
	n := len(names)
	switch {
	case !whole:
		return strings.Join(names[:min(n, most)], ", ") + " and more"
	case n == 1:
		return names[0]
	case n <= most:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), n-most)
}

// graphButtons lead on from a graph.
func graphButtons(e catalog.Entity, steps int, g catalog.Graph) chat.Buttons {
	var buttons chat.Buttons
	if steps < mostSteps && g.More == 0 && reaches(g, steps) {
		buttons = append(buttons, chat.Button{Label: "One step further", Action: ActionTry, Value: fmt.Sprintf("graph %s %d", e.Ref, steps+1)})
	}
	if steps > 1 {
		buttons = append(buttons, chat.Button{Label: "One step closer", Action: ActionTry, Value: fmt.Sprintf("graph %s %d", e.Ref, steps-1)})
	}
	return append(buttons, chat.Button{Label: "Who would feel it", Action: ActionTry, Value: "impact " + e.Ref.String()})
}

// otherForm shows the same as text, or as a picture.
func otherForm(e catalog.Entity, steps int, asText bool) chat.Button {
	words := fmt.Sprintf("graph %s %d", e.Ref, steps)
	if asText {
		return chat.Button{Label: "As a picture", Action: ActionTry, Value: words}
	}
	return chat.Button{Label: "As text", Action: ActionTry, Value: words + " as text"}
}

// reaches tells whether a graph comes to its last step at all, beyond which there may be more.
func reaches(g catalog.Graph, steps int) bool {
	last := g.Nodes[len(g.Nodes)-1].Steps
	return max(last, -last) >= steps
}

// picture draws a graph.
func (h graphHandler) picture(ctx context.Context, e catalog.Entity, g catalog.Graph) (chat.Image, error) {
	if h.Drawer == nil {
		return chat.Image{}, errNoDrawer
	}
	data, err := h.Drawer.Draw(ctx, GraphDiagram(e, g))
	if err != nil {
		return chat.Image{}, fmt.Errorf("graph of %s: %w", e.Ref, err)
	}
	words := chat.Reply{Headline: chat.Textf("%s", called(e)), Parts: graphLists(g)}.Text(nil)
	return chat.Image{Name: e.Name + "-graph.png", Alt: shorten(strings.ReplaceAll(words, "\n", " "), altMost), Data: data}, nil
}

var errNoDrawer = errors.New("nobody draws here")

// GraphDiagram is a graph as it is drawn.
func GraphDiagram(e catalog.Entity, g catalog.Graph) diagram.Diagram {
	d := diagram.Diagram{Title: called(e) + ": arrows lead to what is needed"}
	if g.More > 0 {
		d.Note = fmt.Sprintf("%d more within reach are left out.", g.More)
	}
	around := slices.ContainsFunc(g.Nodes, func(n catalog.GraphNode) bool { return n.Steps != 0 })
	places := map[string]int{}
	for i, n := range g.Nodes {
		places[n.Entity.Ref.String()] = i
		d.Boxes = append(d.Boxes, diagram.Box{Name: n.Entity.Name, Note: nodeNote(n), Look: nodeLook(n), Focus: around && n.Steps == 0})
	}
	for _, edge := range g.Edges {
		d.Arrows = append(d.Arrows, diagram.Arrow{From: places[edge.From.String()], To: places[edge.To.String()]})
	}
	return d
}

func nodeLook(n catalog.GraphNode) diagram.Look {
	switch {
	case n.Missing:
		return diagram.Missing
	case n.Entity.Is(catalog.KindComponent):
		return diagram.Component
	case n.Entity.Is(catalog.KindAPI):
		return diagram.API
	case n.Entity.Is(catalog.KindResource):
		return diagram.Resource
	}
	return diagram.Other
}

// nodeNote is what something is and whose: `service · team-ledger`.
func nodeNote(n catalog.GraphNode) string {
	switch {
	case n.Missing:
		return "not in the catalog"
	case n.Owner.IsZero():
		return kindWord(n.Entity)
	}
	return kindWord(n.Entity) + " · " + n.Owner.Name
}

// GraphInWords is a graph without a picture.
func GraphInWords(e catalog.Entity, g catalog.Graph) chat.Reply {
	return chat.Reply{Headline: graphLine(e, g), Parts: graphLists(g)}
}

// graphLists are a graph in words: what needs it and what it needs, nearest first, each with what it is reached by.
func graphLists(g catalog.Graph) []chat.Part {
	const most = 30
	inside, needing, needed := chat.List{Title: "It consists of"}, chat.List{Title: "What needs it"}, chat.List{Title: "What it needs"}
	for _, n := range g.Nodes {
		list := &needed
		switch {
		case n.Steps == 0:
			list = &inside
		case n.Steps < 0:
			list = &needing
		}
		if len(list.Items) == most {
			list.More++
			continue
		}
		item := chat.Textf("%s (%s)", n.Entity.Name, nodeNote(n))
		if !n.Via.IsZero() {
			item = append(item, chat.Plain(" through "+n.Via.Name))
		}
		list.Items = append(list.Items, item)
	}
	if len(inside.Items) == 1 {
		inside.Items = nil
	}
	var parts []chat.Part
	for _, list := range []chat.List{inside, needing, needed} {
		if len(list.Items) > 0 {
			parts = append(parts, list)
		}
	}
	if g.More > 0 {
		parts = append(parts, chat.Context{Text: chat.Textf("%d more within reach are left out.", g.More)})
	}
	return parts
}
