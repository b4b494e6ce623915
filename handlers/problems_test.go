package handlers

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellhop/catalog"
	"bellhop/chat"
)

// problemList is what is wrong with a catalog, by owner.
type problemList []catalog.OwnedProblems

func (l problemList) ProblemsByOwner(context.Context) ([]catalog.OwnedProblems, error) { return l, nil }

func TestManyProblemsFitOneMessage(t *testing.T) {
	for _, c := range []struct{ owners, each, lists, items, buttons int }{
		{1, 1, 1, 1, 0},
		{1, 5000, 1, problemsShown, 1},
		{2, 100, 2, problemsShown, 3},
		{40, 3, problemsShown, problemsShown, 6},
	} {
		t.Run(fmt.Sprint(c.owners, "x", c.each), func(t *testing.T) {
			var all problemList
			for i := range c.owners {
				o := catalog.OwnedProblems{Owner: catalog.Entity{Ref: catalog.Ref{Kind: catalog.KindGroup, Name: fmt.Sprint("team-", i)}}}
				for range c.each {
					o.Problems = append(o.Problems, catalog.Problem{File: "a.yaml", Line: 1, Message: "is missing", Severity: catalog.SeverityError})
				}
				all = append(all, o)
			}
			reply, err := problems{ProblemsDeps{Problems: all}}.run(t.Context(), chat.Request{})
			require.NoError(t, err)
			require.Equal(t, fmt.Sprintf("🟡 %s in the catalog's files; everything else in them is answered as usual.",
				counted(c.owners*c.each, "problem", "problems")), reply.Headline.String())
			lists, items, buttons, left := 0, 0, 0, 0
			for _, part := range reply.Parts {
				switch part := part.(type) {
				case chat.List:
					lists, items, left = lists+1, items+len(part.Items), left+part.More
				case chat.Buttons:
					buttons += len(part)
				}
			}
			require.Equal(t, []int{c.lists, c.items, c.buttons}, []int{lists, items, buttons})
			require.Equal(t, (c.owners-c.lists)*c.each, c.owners*c.each-items-left, "what is not listed is counted")
		})
	}
}

// What nobody can be told of is for administrators: they read it by file, to the last.
func TestEveryProblemCanBeRead(t *testing.T) {
	at := func(file string, n int) (all []catalog.Problem) {
		for i := range n {
			all = append(all, catalog.Problem{File: file, Line: i + 1, Field: "spec.owner", Message: "there is no group:team", Severity: catalog.SeverityWarning})
		}
		return all
	}
	evil, other := "github:globex/evil/catalog-info.yaml", "github:globex/other/catalog-info.yaml"
	ledger := catalog.Entity{Ref: catalog.Ref{Kind: catalog.KindGroup, Namespace: "default", Name: "ledger"}}
	h := problems{ProblemsDeps{Problems: problemList{
		{Owner: ledger, Problems: at("catalog/all.yaml", 2)},
		{Problems: append(at(evil, 5000), at(other, 2)...)},
	}}}
	ask := func(words string) chat.Reply {
		reply, err := h.run(t.Context(), chat.Request{Text: words})
		require.NoError(t, err, words)
		return reply
	}

	whole := ask("")
	require.Contains(t, whole.Parts, chat.Part(chat.Buttons{
		{Label: "Nobody's", Action: ActionTry, Value: "problems nobody"}, {Label: "All as a file", Action: ActionTry, Value: "problems all"}}))

	reply := ask("nobody")
	require.Equal(t, "🟡 5002 problems in the catalog's files that no team can be told of.", reply.Headline.String())
	require.Len(t, reply.Parts, 3)
	require.Equal(t, other+" · 2", reply.Parts[1].(chat.List).Title, "one file does not crowd out the others")
	require.Equal(t, "problems "+evil, reply.Parts[2].(chat.Buttons)[0].Value)

	for words, n := range map[string]int{evil: 5000, other: 2, "globex/other": 2, "GLOBEX": 0, "other/catalog-info.yaml": 2, "`catalog/all.yaml:2`": 2, "github:globex/evil/": 5000} {
		if n > 0 {
			require.Contains(t, ask(words).Headline.String(), fmt.Sprintf("🟡 %d problems in ", n), words)
			continue
		}
		require.Empty(t, inPlace(h.Problems.(problemList), words), "a name is not a place")
	}

	file := ask("all").Parts[0].(chat.File)
	require.Equal(t, 5002+2, strings.Count(string(file.Data), "warning: "))
	require.Contains(t, string(file.Data), "# Nobody's · 5002\nwarning: "+evil+":1: spec.owner: there is no group:team\n")
}
