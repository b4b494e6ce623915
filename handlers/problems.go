package handlers

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"bellhop/catalog"
	"bellhop/chat"
)

// CatalogProblems tells what is wrong with the catalog; catalog.Catalog does.
type CatalogProblems interface {
	ProblemsByOwner(ctx context.Context) ([]catalog.OwnedProblems, error)
}

// ProblemsDeps is what /bellhop problems needs.
type ProblemsDeps struct {
	Problems  CatalogProblems
	Entities  Entities
	Belonging Belonging
}

// problems answers `/bellhop problems`.
type problems struct{ ProblemsDeps }

func problemsCommand(deps ProblemsDeps) chat.Command {
	h := problems{deps}
	return chat.Command{
		Name: "problems", Words: []string{"what is wrong with the catalog"}, Usage: "[mine | TEAM]",
		Summary: "lists what is wrong in the catalog's files, by who can mend it", Examples: []string{"", "mine"}, Feature: chat.Ask, Run: h.run,
	}
}

// problemsShown is how many problems one message lists: more are work for an editor, not for a chat.
const problemsShown = 15

func (h problems) run(ctx context.Context, r chat.Request) (chat.Reply, error) {
	whose, err := h.whose(ctx, r)
	if err != nil {
		return chat.Reply{}, fmt.Errorf("problems: %w", err)
	}
	all, err := h.Problems.ProblemsByOwner(ctx)
	if err != nil {
		return chat.Reply{}, fmt.Errorf("problems: %w", err)
	}
	if len(whose) == 0 {
		return h.everybodys(all), nil
	}
	all = slices.DeleteFunc(all, func(o catalog.OwnedProblems) bool { return !holdsRef(whose, o.Owner.Ref) })
	names := displays(whose)
	if len(all) == 0 {
		return chat.Reply{Headline: chat.Textf("🟢 Nothing is wrong with what %s describes.", names)}, nil
	}
	return chat.Reply{
		Headline: chat.Textf("🟡 %s for %s to mend in the catalog's files.", counted(problemsIn(all), "problem", "problems"), names),
		Parts:    problemLists(all),
	}, nil
}

// whose are the owners that are asked about; none stands for all.
func (h problems) whose(ctx context.Context, r chat.Request) ([]catalog.Entity, error) {
	asked := strings.TrimSpace(r.Text)
	if asked == "" {
		return nil, nil
	}
	if !strings.EqualFold(asked, "mine") {
		e, err := oneEntity(ctx, h.Entities, asked, "problems")
		return []catalog.Entity{e}, err
	}
	teams, err := teamsOf(ctx, h.Belonging, r.Person)
	if err == nil && len(teams) == 0 {
		err = chat.Errorf("I do not know which team you are in, so I cannot tell what is yours. Name the team: /bellhop problems team-ledger")
	}
	return teams, err
}

func (h problems) everybodys(all []catalog.OwnedProblems) chat.Reply {
	if len(all) == 0 {
		return chat.Reply{Headline: chat.Textf("🟢 Nothing is wrong with the catalog's files.")}
	}
	return chat.Reply{
		Headline: chat.Textf("🟡 %s in the catalog's files; everything else in them is answered as usual.", counted(problemsIn(all), "problem", "problems")),
		Parts:    problemLists(all),
	}
}

func holdsRef(entities []catalog.Entity, ref catalog.Ref) bool {
	return slices.ContainsFunc(entities, func(e catalog.Entity) bool { return e.Ref.String() == ref.String() })
}

func problemsIn(all []catalog.OwnedProblems) (n int) {
	for _, o := range all {
		n += len(o.Problems)
	}
	return n
}

// problemLists are a list for each owner, each with a fair part of the room, and buttons to those that did not fit.
func problemLists(all []catalog.OwnedProblems) []chat.Part {
	var parts []chat.Part
	var whole chat.Buttons
	for i, room := 0, problemsShown; i < len(all) && room > 0; i++ {
		o := all[i]
		shown := min(len(o.Problems), max(1, room/(len(all)-i)))
		room -= shown
		list := chat.List{Title: fmt.Sprintf("%s · %d", mender(o), len(o.Problems)), More: len(o.Problems) - shown}
		for _, p := range o.Problems[:shown] {
			list.Items = append(list.Items, problemLine(p))
		}
		parts = append(parts, list)
		if list.More > 0 && !o.Owner.IsZero() && len(all) > 1 && len(whole) < 5 {
			whole = append(whole, chat.Button{Label: shorten(mender(o), 60), Action: ActionTry, Value: "problems " + o.Owner.Ref.String()})
		}
	}
	if rest := all[len(parts):]; len(rest) > 0 {
		parts = append(parts, chat.Context{Text: chat.Textf("And %s of %s.", counted(problemsIn(rest), "problem", "problems"), counted(len(rest), "other owner", "other owners"))})
	}
	if len(whole) > 0 {
		parts = append(parts, whole)
	}
	return parts
}

// mender is who can mend some problems.
func mender(o catalog.OwnedProblems) string {
	if o.Owner.IsZero() {
		return "Nobody's"
	}
	return o.Owner.Display()
}

// problemLine is a problem with its place first, as compilers write it.
func problemLine(p catalog.Problem) chat.Text {
	where, what, ok := strings.Cut(p.String(), ": ")
	mark := "🔴 "
	if p.Severity == catalog.SeverityWarning {
		mark = "🟡 "
	}
	if !ok {
		return chat.Line(chat.Plain(mark + where))
	}
	return chat.Line(chat.Plain(mark), chat.Code(where), chat.Plain(" "+what))
}
