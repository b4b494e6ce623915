package handlers

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"bellhop/catalog"
	"bellhop/chat"
)

// unopened is a GitHub of which nobody asks anything.
type unopened struct{}

func (unopened) Propose(context.Context, catalog.Proposal) (catalog.Proposed, error) {
	panic("no pull request was asked for")
}

func TestOnlyWhoMayMendIsOfferedTo(t *testing.T) {
	e := catalog.Entity{Ref: catalog.Ref{Kind: "Component", Namespace: "default", Name: "mailer"}, Spec: catalog.Spec{"type": "service"},
		Source: catalog.Source{File: "github:acme/mailer/catalog-info.yaml", Line: 1}}
	d := ReadinessDeps{Propose: ProposeDeps{Proposals: unopened{}}}
	lacking := catalog.JudgeReadiness([]catalog.ReadinessCheck{{Name: "owner"}, {Name: "runbook"}, {Name: "ci"}, {Name: "tier", Tag: "tier-1"}}, catalog.ReadinessFacts{Entity: e})
	require.Equal(t, chat.Buttons{
		{Label: "Name an owner", Action: "readiness.mend", Value: "owner component:default/mailer"},
		{Label: "Add runbook", Action: "readiness.mend", Value: "runbook component:default/mailer"},
		{Label: "Add CI", Action: "readiness.mend", Value: "ci component:default/mailer"},
	}, d.mendButtons(e, lacking, chat.Request{}))
	require.Empty(t, d.mendButtons(e, lacking, chat.Request{Person: chat.Person{Standing: chat.Guest}}))
	require.Empty(t, d.mendButtons(e, lacking, chat.Request{Place: chat.Place{Kind: chat.Terminal}}))
	require.Empty(t, ReadinessDeps{}.mendButtons(e, lacking, chat.Request{}), "nothing can be proposed without GitHub")
	orphan := e
	orphan.Source.OrphanedAt = monday
	require.Empty(t, d.mendButtons(orphan, lacking, chat.Request{}), "its descriptor is gone")
	e.Source.File = "catalog.yaml"
	require.Empty(t, d.mendButtons(e, lacking, chat.Request{}), "and nothing about a file of Bellhop's own")
}

func TestFormsTellWhatCannotBeMeant(t *testing.T) {
	for field, values := range map[string]map[string]bool{
		"address": {"https://a.example/x": true, " http://a ": true, "the wiki": false, "javascript:alert(1)": false, "https://": false, "": false},
		"channel": {"#payments": true, " payments ": true, "C0123ABCD": true, "": false, "#": false, "two words": false, "a,b": false},
		"value":   {"P1ABC": true, "": false, " ": false, "a\nb": false},
		"owner":   {"group:default/a": true},
	} {
		for value, fine := range values {
			require.Equal(t, fine, len(checkMend(map[string]string{field: value})) == 0, "%s %q", field, value)
		}
	}
}

func TestWhatIsMissingIsMendedInTheDescriptor(t *testing.T) {
	const file = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: mailer # ours\nspec: {type: service, lifecycle: production, owner: mail}\n"
	e := catalog.Entity{Ref: catalog.Ref{Kind: "Component", Namespace: "default", Name: "mailer"}}
	for name, c := range map[string]struct {
		missing      catalog.CheckResult
		fields       map[string]string
		what, byHand string
	}{
		"a link": {catalog.CheckResult{Check: "docs", Mend: catalog.Mend{Link: "docs"}}, map[string]string{"address": " https://docs.example/m "},
			"Link the docs of mailer", `links: [{url: "https://docs.example/m", title: Docs, type: docs}]`},
		"a channel": {catalog.CheckResult{Check: "channel", Mend: catalog.Mend{Annotation: catalog.AnnotationChannel}}, map[string]string{"channel": "#mail"},
			"Annotate mailer with its channel", `slack.com/channel: "mail"`},
		"an owner": {catalog.CheckResult{Check: "owner", Mend: catalog.Mend{Owner: true}}, map[string]string{"owner": "group:default/platform"},
			"Name platform as the owner of mailer", "owner: group:platform"},
		"an annotation": {catalog.CheckResult{Check: "on-call", Mend: catalog.Mend{Annotation: "pagerduty.com/service-id"}}, map[string]string{"value": "P1"},
			"Annotate mailer with its on-call", `pagerduty.com/service-id: "P1"`},
	} {
		m, err := mendingOf(e, c.missing, c.fields)
		require.NoError(t, err, name)
		require.Equal(t, []string{c.what, c.byHand}, []string{m.what, m.byHand}, name)
		edited, err := m.edit([]byte(file))
		require.NoError(t, err, name)
		require.Contains(t, string(edited), "mailer # ours", name)
		require.NotEqual(t, file, string(edited), name)
	}
	_, err := mendingOf(e, catalog.CheckResult{Check: "deploy", Mend: catalog.Mend{Annotation: catalog.AnnotationDeployWorkflow}}, map[string]string{"value": "nothing"})
	require.ErrorContains(t, err, `"nothing" is no workflow`)
}
