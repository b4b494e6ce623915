package github

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"bellhop/docs"
)

func TestParseWorkflowFile(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want WorkflowFile
	}{
		"a word":   {"on: workflow_dispatch\n", WorkflowFile{Dispatchable: true, Inputs: map[string]bool{}}},
		"a list":   {"on: [push, workflow_dispatch]\n", WorkflowFile{Dispatchable: true, Inputs: map[string]bool{}}},
		"others":   {"on: {push: {branches: [main]}, schedule: [{cron: '0 9 * * *'}]}\n", WorkflowFile{Inputs: map[string]bool{}}},
		"no value": {"run-name: x\non:\n  push:\n  workflow_dispatch:\n", WorkflowFile{Dispatchable: true, RunName: "x", Inputs: map[string]bool{}}},
		"inputs": {"on:\n  workflow_dispatch:\n    inputs:\n      a: {required: true}\n      b: {required: true, default: x}\n      c:\n",
			WorkflowFile{Dispatchable: true, Inputs: map[string]bool{"a": true, "b": false, "c": false}}},
		"nothing": {"", WorkflowFile{Inputs: map[string]bool{}}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parseWorkflowFile([]byte(test.text))
			require.NoError(t, err)
			assert.Equal(t, test.want, got)
		})
	}
	for _, text := range []string{"on: [", "on: {workflow_dispatch: {inputs: [a, b]}}", "- a\n- b\n"} {
		_, err := parseWorkflowFile([]byte(text))
		assert.Error(t, err, text)
	}
	own, err := parseWorkflowFile(docs.DeployWorkflow())
	require.NoError(t, err)
	assert.True(t, own.Dispatchable)
	assert.Contains(t, own.RunName, "inputs.bellhop_id")
	assert.Contains(t, own.Inputs, "sha")
}
