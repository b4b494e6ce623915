package handlers

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"bellhop/catalog/catalogtest"
	"bellhop/chat"
	"bellhop/diagram"
)

// sketcher draws nothing, and remembers what it was asked to draw.
type sketcher struct {
	drawn diagram.Diagram
	err   error
}

func (s *sketcher) Draw(_ context.Context, d diagram.Diagram) ([]byte, error) {
	s.drawn = d
	return []byte("PNG"), s.err
}

func graphDeps(t *testing.T) (GraphDeps, *sketcher) {
	c, s := catalogtest.New(t, acme), &sketcher{}
	return GraphDeps{Entities: c, Graphs: c, Owners: c, Drawer: s}, s
}

func TestGraph(t *testing.T) {
	deps, sketch := graphDeps(t)
	run := graphCommand(deps).Run
	reply, err := run(t.Context(), chat.Request{Text: "payments 1"})
	require.NoError(t, err)
	assert.Equal(t, "payments needs nothing that the catalog knows of; checkout and invoices need it", reply.Headline.String())
	assert.Equal(t, chat.Image{Name: "payments-graph.png", Data: []byte("PNG"),
		Alt: "payments What needs it • payments-api (API · team-ledger) • checkout (service · storefront) through payments-api • invoices (service · mail)"}, reply.Parts[0])
	assert.Equal(t, "payments: arrows lead to what is needed", sketch.drawn.Title)
	assert.Equal(t, []diagram.Box{
		{Name: "payments", Note: "service · team-ledger", Focus: true},
		{Name: "payments-api", Note: "API · team-ledger", Look: diagram.API},
		{Name: "checkout", Note: "service · storefront"},
		{Name: "invoices", Note: "service · mail"},
	}, sketch.drawn.Boxes)
	assert.Equal(t, []diagram.Arrow{{From: 1, To: 0}, {From: 2, To: 1}, {From: 3, To: 0}}, sketch.drawn.Arrows)

	sketch.err = errors.New("killed")
	reply, err = run(t.Context(), chat.Request{Text: "payments"})
	require.NoError(t, err)
	assert.Contains(t, reply.Text(nil), "• checkout (service · storefront)")
	assert.Contains(t, reply.Text(nil), "I could not draw the picture")
}

func TestGraphWords(t *testing.T) {
	for _, test := range []struct {
		text, asked string
		steps       int
		asText      bool
	}{
		{"payments", "payments", usualSteps, false},
		{"payments 1", "payments", 1, false},
		{"payments 3 steps as text", "payments", 3, true},
		{"web shop in words", "web shop", usualSteps, true},
		{"2", "2", usualSteps, false},
		{"text", "text", usualSteps, false},
		{"", "", usualSteps, false},
	} {
		asked, steps, asText, err := graphWords(test.text)
		require.NoError(t, err)
		assert.Equal(t, []any{test.asked, test.steps, test.asText}, []any{asked, steps, asText}, test.text)
	}
	_, _, _, err := graphWords("payments 0")
	require.ErrorContains(t, err, "1 to 5 steps")
}

func TestImpact(t *testing.T) {
	deps, _ := graphDeps(t)
	reply, err := impactCommand(deps).Run(t.Context(), chat.Request{Text: "payments"})
	require.NoError(t, err)
	assert.Equal(t, `If payments stood still, 3 others would feel it · 3 teams to tell
Whom to tell
• Storefront: checkout (through payments-api)
• group:mail, which is not in the catalog: invoices
• Team Ledger · #ledger: payments-api
[Graph]`, reply.Text(nil))

	reply, err = impactCommand(deps).Run(t.Context(), chat.Request{Text: "checkout"})
	require.NoError(t, err)
	assert.Equal(t, "Nothing in the catalog needs checkout", reply.Headline.String())
}

func TestImpactWithoutEnd(t *testing.T) {
	var hub strings.Builder
	component := "---\n{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: service-%d}, spec: {type: service, lifecycle: production, owner: team, dependsOn: [%s]}}\n"
	fmt.Fprintf(&hub, component, 0, "")
	for i := range feltMost + 100 {
		fmt.Fprintf(&hub, component, i+1, "component:service-0")
	}
	c := catalogtest.New(t, hub.String())
	reply, err := impactCommand(GraphDeps{Entities: c, Graphs: c, Owners: c}).Run(t.Context(), chat.Request{Text: "service-0"})
	require.NoError(t, err)
	assert.Contains(t, reply.Headline.String(), "If service-0 stood still, more than 999 others would feel it")
}
