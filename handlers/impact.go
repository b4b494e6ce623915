package handlers

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"bellhop/catalog"
	"bellhop/chat"
)

const (
	// feltMost is how many things an impact counts.
	feltMost = 1000
	// teamsShown is how many teams a message names; a list is one text of 3000 characters in Slack.
	teamsShown = 25
	// feltShown is how many things of one team a message names.
	feltShown = 6
)

// impactHandler answers `/bellhop impact`.
type impactHandler struct{ GraphDeps }

// impactCommand is the row of /bellhop impact.
func impactCommand(d GraphDeps) chat.Command {
	h := impactHandler{d}
	return chat.Command{
		Name: "impact", Words: []string{"what depends on", "what breaks without", "what needs", "who would feel"}, Usage: "NAME",
		Summary:  "lists everything that would feel it if something stood still, by the teams to tell",
		Examples: []string{"payments", "payments-db"},
		Feature:  chat.Ask, Run: h.run,
		Actions: []chat.CommandAction{{Name: "chosen", Run: h.chosen, Options: entityOptions(d.Entities, d.Belonging, "")}},
	}
}

// chosen answers what was chosen in a menu.
func (h impactHandler) chosen(ctx context.Context, r chat.Request) (chat.Reply, error) {
	r.Text = r.Action.Value
	return h.run(ctx, r)
}

func (h impactHandler) run(ctx context.Context, r chat.Request) (chat.Reply, error) {
	if len(chat.Words(r.Text)) == 0 {
		return chat.Reply{}, chat.ErrorWith("The impact of what? Type a name behind the command, for example: /bellhop impact payments",
			chat.Menu{Label: "Or look for it here", Action: "impact.chosen", Searched: true})
	}
	e, err := oneEntity(ctx, h.Entities, r.Text, "impact")
	if err != nil {
		return chat.Reply{}, fmt.Errorf("impact: %w", err)
	}
	g, err := h.Graphs.Impact(ctx, e, feltMost)
	if err != nil {
		return chat.Reply{}, fmt.Errorf("impact: %w", err)
	}
	own := map[string]bool{}
	var felt []catalog.GraphNode
	for _, n := range g.Nodes {
		if n.Steps == 0 {
			own[n.Owner.String()] = true
			continue
		}
		felt = append(felt, n)
	}
	if len(felt) == 0 {
		return chat.Reply{Headline: chat.Textf("Nothing in the catalog needs %s", called(e))}, nil
	}
	teams, err := h.byTeam(ctx, felt, own)
	if err != nil {
		return chat.Reply{}, fmt.Errorf("impact: %w", err)
	}
	others := counted(len(felt), "other", "others")
	if g.More > 0 { // beyond which nobody has looked
		others = "more than " + others
	}
	return impactReply(e, others, teams), nil
}

// told is a team to tell, and what of theirs would feel it.
type told struct {
	owner catalog.Ownership
	felt  []catalog.GraphNode
}

// byTeam sorts what would feel it by whom to tell: first those whose things are nearest, then those with the most; whose it is
// itself come last, who know.
func (h impactHandler) byTeam(ctx context.Context, felt []catalog.GraphNode, own map[string]bool) ([]told, error) {
	var teams []told
	places := map[string]int{}
	for _, n := range felt {
		key := n.Owner.String()
		place, ok := places[key]
		if !ok {
			owner, err := h.Owners.Owner(ctx, n.Entity)
			if err != nil {
				return nil, err
			}
			place = len(teams)
			places[key], teams = place, append(teams, told{owner: owner})
		}
		teams[place].felt = append(teams[place].felt, n)
	}
	last := func(t told) int {
		if own[t.felt[0].Owner.String()] {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(teams, func(a, b told) int {
		return cmp.Or(cmp.Compare(last(a), last(b)), cmp.Compare(-a.felt[0].Steps, -b.felt[0].Steps), cmp.Compare(len(b.felt), len(a.felt)))
	})
	return teams, nil
}

// impactReply can be sent on as it stands: a line a team, with where to tell them.
func impactReply(e catalog.Entity, others string, teams []told) chat.Reply {
	reply := chat.Reply{Headline: chat.Textf("If %s stood still, %s would feel it · %s to tell", called(e), others, counted(len(teams), "team", "teams"))}
	list := chat.List{Title: "Whom to tell", More: max(0, len(teams)-teamsShown)}
	for _, team := range teams[:min(len(teams), teamsShown)] {
		list.Items = append(list.Items, team.line())
	}
	reply.Parts = append(reply.Parts, list, chat.Buttons{{Label: "Graph", Action: ActionTry, Value: "graph " + e.Ref.String()}})
	return reply
}

// line is a team in a line: `Storefront · #storefront: checkout, cart (through checkout) and 2 more`.
func (t told) line() chat.Text {
	var line chat.Text
	switch {
	case t.owner.Found:
		line = chat.Line(chat.Bold(t.owner.Group.Display()))
		if t.owner.Channel != "" {
			line = append(line, chat.Plain(" · "), channelSpan(t.owner.Channel))
		}
		if t.owner.Next != nil {
			line = append(append(line, chat.Plain(" (nobody left")), append(nextUp(t.owner.Next), chat.Plain(")"))...)
		}
	case t.owner.Named.IsZero():
		line = append(chat.Textf("Nobody is named as owner"), nextUp(t.owner.Next)...)
	default:
		line = append(chat.Textf("%s, which is not in the catalog", t.owner.Named.Short()), nextUp(t.owner.Next)...)
	}
	line = append(line, chat.Plain(": "))
	for i, n := range t.felt[:min(len(t.felt), feltShown)] {
		if i > 0 {
			line = append(line, chat.Plain(", "))
		}
		line = append(line, chat.Plain(n.Entity.Name))
		if !n.Via.IsZero() {
			line = append(line, chat.Plain(" (through "+n.Via.Name+")"))
		}
	}
	if more := len(t.felt) - feltShown; more > 0 {
		line = append(line, chat.Plain(fmt.Sprintf(" and %d more", more)))
	}
	return line
}
