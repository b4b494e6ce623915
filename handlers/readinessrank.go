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
)

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

// judgeAll judges the components among entities, each once and none that is archived; more is how many there was no time for.
func (h readinessHandler) judgeAll(ctx context.Context, entities []catalog.Entity) (all []judged, more int, err error) {
	seen := map[string]bool{}
	for _, e := range entities {
		if !e.Is(catalog.KindComponent) || isArchived(e) || seen[e.Ref.String()] {
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
