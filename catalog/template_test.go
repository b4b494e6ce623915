package catalog

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const templateHead = "apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\nmetadata: {name: new-service}\n"

func TestATemplateIsKeptWithItsOwner(t *testing.T) {
	text := templateHead + `spec:
  type: service
  owner: team-a
  lifecycle: production
  parameters: [{title: Name, required: [name]}, {"backstage:permissions": {tags: [a]}}]
  steps:
    - {id: fetch, name: Fetch, action: "fetch:template", input: {url: ./skeleton}, if: true, "backstage:permissions": {tags: []}}
    - {action: "", each: anything}
  secrets: {schema: {}}
  presentation: {buttonLabels: {backButtonText: Back}}
  output: {links: [{title: Repository, url: "${{ steps.a }}", if: "x"}], text: [{content: ""}], more: text}
`
	r := readDocument(chunk{text: []byte(text), document: 1, line: 1}, Source{}, rights{}, nil)
	require.True(t, r.ok, r.problems)
	require.Empty(t, r.problems)
	require.Equal(t, "template:default/new-service", r.record.Ref.String())
	require.Equal(t, []Relation{{r.record.Ref, OwnedBy, Ref{"Group", "default", "team-a"}, "spec.owner", 6}}, r.record.Relations)
}

func TestWhatATemplateMustBe(t *testing.T) {
	for spec, want := range map[string]string{
		"{steps: []}":                                        "spec.type: is missing",
		"{type: a}":                                          "spec.steps: is missing; write steps: [] for none",
		"{type: a, steps: {}}":                               "spec.steps: must be a list, not a mapping",
		"{type: a, steps: [x]}":                              `spec.steps[0]: must be a mapping, not the text "x"`,
		"{type: a, steps: [{}]}":                             "spec.steps[0].action: is missing; name an action, such as fetch:template",
		"{type: a, steps: [{action: 7}]}":                    `spec.steps[0].action: must be a text, not the number 7; put quotes around it: "7"`,
		"{type: a, steps: [{action: a, if: 7}]}":             "spec.steps[0].if: must be a text or a truth value, not the number 7",
		"{type: a, steps: [{action: a, if: ~}]}":             "spec.steps[0].if: must be a text or a truth value, not empty",
		"{type: a, steps: [{action: a, input: []}]}":         "spec.steps[0].input: must be a mapping, not a list",
		"{type: a, steps: [], owner: ''}":                    "spec.owner: must not be empty",
		"{type: a, steps: [], lifecycle: 7}":                 `spec.lifecycle: must be a text, not the number 7; put quotes around it: "7"`,
		"{type: a, steps: [], parameters: x}":                `spec.parameters: must be a mapping or a list of mappings, not the text "x"`,
		"{type: a, steps: [], parameters: ~}":                "spec.parameters: must be a mapping or a list of mappings, not empty",
		"{type: a, steps: [], parameters: [x]}":              `spec.parameters[0]: must be a mapping, not the text "x"`,
		"{type: a, steps: [], output: {x: [a]}}":             "spec.output.x: must be a text, not a list",
		"{type: a, steps: [], output: {links: [{url: ''}]}}": "spec.output.links[0].url: must not be empty",
	} {
		t.Run(spec, func(t *testing.T) {
			good, problems := readAll(templateHead + "spec: " + spec + "\n")
			require.Empty(t, good)
			require.Equal(t, []string{"f.yaml:4: " + want}, problems)
		})
	}
}

func TestEachKindHasItsVersions(t *testing.T) {
	_, problems := readAll("apiVersion: backstage.io/v1beta2\nkind: Template\nmetadata: {name: a}\nspec: {type: a, steps: []}\n---\n" +
		"apiVersion: scaffolder.backstage.io/v1beta3\nkind: Component\nmetadata: {name: a}\nspec: {type: service, lifecycle: production, owner: me}\n")
	require.Equal(t, []string{
		`f.yaml:1: apiVersion: a Template cannot be written in "backstage.io/v1beta2"; write scaffolder.backstage.io/v1beta3`,
		`f.yaml:6: apiVersion: a Component cannot be written in "scaffolder.backstage.io/v1beta3"; write backstage.io/v1alpha1`,
	}, problems)
}
