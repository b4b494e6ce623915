package handlers

import (
	"context"
	"fmt"
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
		{1, 5000, 1, problemsShown, 0},
		{2, 100, 2, problemsShown, 2},
		{40, 3, problemsShown, problemsShown, 5},
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
