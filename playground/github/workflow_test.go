package github

import (
	"testing"

	"bellhop/docs"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWorkflows(t *testing.T) {
	w, err := parseWorkflow("x.yml", []byte(`
on: [push, workflow_dispatch]
jobs:
  last: {needs: [first, middle], steps: []}
  middle: {needs: first, environment: production, steps: [{run: "echo one\necho two"}, {uses: actions/checkout@v5}]}
  first: {steps: []}
`))
	require.NoError(t, err)
	assert.Equal(t, "x.yml", w.Name)
	assert.True(t, w.On.Push.matches("any"))
	require.Len(t, w.Jobs, 3)
	assert.Equal(t, []string{"first", "middle", "last"}, []string{w.Jobs[0].Key, w.Jobs[1].Key, w.Jobs[2].Key})
	assert.Equal(t, "production", w.Jobs[1].Environment.Name)
	assert.Equal(t, "Run echo one", w.Jobs[1].Steps[0].title())
	assert.Equal(t, "Run actions/checkout@v5", w.Jobs[1].Steps[1].title())
	for name, bad := range map[string]string{
		"no YAML":      "a: [",
		"no trigger":   "jobs: {a: {steps: []}}",
		"no jobs":      "on: push",
		"a circle":     "on: push\njobs: {a: {needs: b}, b: {needs: a}}",
		"unknown need": "on: push\njobs: {a: {needs: c}}",
		"bad steps":    "on: push\njobs: {a: {steps: 5}}",
		"bad input":    "on: {workflow_dispatch: {inputs: {a: [1]}}}\njobs: {a: {}}",
	} {
		_, err := parseWorkflow("x.yml", []byte(bad))
		assert.Error(t, err, name)
	}
}

func TestBranchPatterns(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{{"**", "a/b", true}, {"*", "a/b", false}, {"*", "main", true}, {"release/**", "release/1/2", true}, {"release/*", "release/1/2", false},
		{"main", "main", true}, {"main", "mains", false}, {"*-production", "pay-production", true}, {"", "", true}} {
		assert.Equal(t, c.want, glob(c.pattern, c.name), "%s %s", c.pattern, c.name)
	}
	f := &branchFilter{Branches: []string{"**", "!wip/**"}}
	assert.True(t, f.matches("main"))
	assert.False(t, f.matches("wip/x"))
	assert.False(t, (&branchFilter{Tags: []string{"v*"}}).matches("main"))
	assert.False(t, (&branchFilter{Ignore: []string{"docs"}}).matches("docs"))
}

// The sample must be what users can copy: inputs reach commands by the environment only, and nothing is cut off midway.
func TestSampleWorkflow(t *testing.T) {
	w, err := parseWorkflow("deploy-env.yml", docs.DeployWorkflow())
	require.NoError(t, err)
	assert.Equal(t, []string{"component", "ref", "sha", "environment", "action", "bellhop_id"}, w.On.Dispatch.names)
	assert.Equal(t, []string{"deploy", "destroy"}, w.On.Dispatch.inputs["action"].Options)
	assert.False(t, w.On.Dispatch.inputs["ref"].Required)
	assert.Equal(t, "false", w.Concurrency.Cancel)
	assert.Contains(t, w.Concurrency.Group, "inputs.environment")
	assert.Contains(t, w.RunName, "inputs.bellhop_id")
	for _, j := range w.Jobs {
		for _, s := range j.Steps {
			assert.NotContains(t, s.Run, "${{", "%s: %s", j.Key, s.Name)
		}
	}
	names := []string{}
	for _, s := range w.Jobs[1].Steps {
		names = append(names, s.Name)
	}
	assert.Equal(t, []string{"check out", "build image", "push image", "migrate database", "roll out", "smoke test"}, names)
}

func FuzzWorkflow(f *testing.F) {
	f.Add(docs.DeployWorkflow())
	f.Add([]byte("on: [push]\njobs: {a: {needs: [b], steps: [{run: x}]}, b: {}}"))
	f.Add([]byte("on: {push: {branches: ['**', '!x']}}\nconcurrency: {group: g, cancel-in-progress: true}\njobs: {a: {environment: {name: e, url: u}}}"))
	f.Fuzz(func(t *testing.T, content []byte) {
		w, err := parseWorkflow("x.yml", content)
		if err == nil && len(w.Jobs) == 0 {
			t.Fatal("a valid workflow has jobs")
		}
	})
}
