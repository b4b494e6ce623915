package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bellhop/catalog"
)

func TestReadinessIsReadFromTheConfig(t *testing.T) {
	c, err := parseConfig("bellhop.yaml", []byte(`
readiness:
  checks:
    - owner
    - {check: runbook, types: [service, website], hint: ask the SREs for one}
    - {check: on-call, annotation: "pagerduty.com/*"}
    - {check: dashboard, link: dashboard, types: service}
`))
	require.NoError(t, err)
	require.Equal(t, []catalog.ReadinessCheck{
		{Name: "owner"},
		{Name: "runbook", Types: []string{"service", "website"}, Hint: "ask the SREs for one"},
		{Name: "on-call", Annotation: "pagerduty.com/*"},
		{Name: "dashboard", Link: "dashboard", Types: []string{"service"}},
	}, c.readiness)
}

func TestReadinessProblems(t *testing.T) {
	for text, want := range map[string]string{
		"{}":                                           "readiness.checks is missing: the list of checks; without readiness there are owner, channel, ci, tests, runbook, docs, deploy or dependencies",
		"{checks: []}":                                 "readiness.checks is empty: name at least one check",
		"{checks: [runbok]}":                           "readiness.checks[0]: runbok is no check; did you mean runbook?; or say what it looks for: annotation, label, tag or link",
		"{checks: [docs, docs]}":                       "readiness.checks[1]: two checks are named docs",
		"{checks: [{types: [service]}]}":               "readiness.checks[0] has no check: its name",
		"{checks: [{check: a, tagg: b}]}":              "readiness.checks[0].tagg is no setting; did you mean tag?\nbellhop.yaml:1: readiness.checks[0]: a is no check; there are owner, channel, ci, tests, runbook, docs, deploy, dependencies; or say what it looks for: annotation, label, tag or link",
		"{checks: [{check: docs, tag: b}]}":            "readiness.checks[0]: Bellhop knows by itself what docs is; give a check of your own another name",
		"{checks: [{check: a, tag: b, label: c}]}":     "readiness.checks[0]: a check looks for one thing: annotation, label, tag or link",
		`{checks: [{check: a, annotation: "[a"}]}`:     `readiness.checks[0].annotation is "[a", which is no pattern`,
		"{checks: [[a]]}":                              "readiness.checks[0] must be a text, but is a list",
		"{checks: [{check: a, tag: b, types: [[x]]}]}": "readiness.checks[0].types[0] must be a text, but is a list",
	} {
		_, err := parseConfig("bellhop.yaml", []byte("readiness: "+text+"\n"))
		require.EqualError(t, err, "bellhop.yaml:1: "+want, text)
	}
}
