package github

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var someContext = object{"inputs": object{"action": "deploy", "ref": "a'b", "empty": ""}, "vars": object{}, "github": object{"actor": "Bellhop",
	"run_number": float64(7)}, "steps": object{"roll-out": object{"outputs": object{"url": "http://x"}}}, "needs": object{}}

func TestExpressions(t *testing.T) {
	for text, want := range map[string]value{
		"inputs.action == 'deploy'":                           true,
		"inputs.action == 'DEPLOY'":                           true, // GitHub compares without regard to case
		"inputs['action'] != 'destroy' && 1 < 2":              true,
		"!(inputs.action == 'destroy')":                       true,
		"inputs.nothing.at.all":                               nil,
		"inputs.nothing == ''":                                true, // null is 0, and so is ''
		"inputs.empty || 'else'":                              "else",
		"inputs.action && 'yes' || 'no'":                      "yes",
		"github.run_number >= 7":                              true,
		"'it''s'":                                             "it's",
		"contains(inputs.ref, '''')":                          true,
		"startsWith('feature-x', 'FEATURE')":                  true,
		"endsWith('a.yml', '.yml')":                           true,
		"format('{0}-{1}', inputs.action, github.run_number)": "deploy-7",
		"steps.roll-out.outputs.url":                          "http://x",
		"true == 1":                                           true,
		"-1.5 < 0":                                            true,
		"null == 0":                                           true,
		"vars.BELLHOP_ACTOR == github.actor":                  false,
		"success() && !failure() && always() && !cancelled()": true,
		"github == github":                                    false,
		"inputs.action > 'abc' && 'B' > 'a' && '10' >= 10":    true,
	} {
		got, err := evaluate(text, someContext, status{})
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
	for _, bad := range []string{"", "inputs.", "secrets.X", "hashFiles('x')", "a b", "'open", "(1", "inputs['x'", "1 +1", "contains('x')", "1 == ", "1.2.3",
		"format()", strings.Repeat("(", 10_000)} {
		_, err := evaluate(bad, someContext, status{})
		assert.Error(t, err, bad)
	}
}

func TestConditions(t *testing.T) {
	failed, cancelled, skipped := status{failed: true}, status{cancelled: true}, status{skipped: true}
	for _, c := range []struct {
		text string
		st   status
		want bool
	}{
		{"", status{}, true}, {"", failed, false}, {"", skipped, false},
		{"always()", failed, true}, {"always()", cancelled, true},
		{"failure()", failed, true}, {"failure()", status{}, false}, {"failure()", skipped, false},
		{"cancelled()", cancelled, true},
		{"inputs.action == 'deploy'", failed, false}, // success() is understood
		{"${{ inputs.action == 'deploy' }}", status{}, true},
		{"${{ !cancelled() && inputs.action == 'deploy' }}", failed, true},
		{"success() || failure()", failed, true},
	} {
		got, err := condition(c.text, someContext, c.st)
		require.NoError(t, err, c.text)
		assert.Equal(t, c.want, got, "%s %+v", c.text, c.st)
	}
}

func TestInterpolation(t *testing.T) {
	got, err := interpolate("${{ inputs.action }} ${{inputs.ref}} [${{ inputs.empty }}]", someContext)
	require.NoError(t, err)
	assert.Equal(t, "deploy a'b []", got)
	_, err = interpolate("${{ inputs.action", someContext)
	require.Error(t, err)
}

func FuzzExpression(f *testing.F) {
	for _, s := range []string{"inputs.action == 'deploy'", "!always() && (1 < 2)", "format('{0}', 'x')", "a['b'].c", "'", "((((", "-.5"} {
		f.Add(s)
	}
	f.Fuzz(func(_ *testing.T, s string) {
		// Whatever a workflow says: an answer or an error, and no panic.
		_, _ = evaluate(s, someContext, status{})
		_, _ = condition(s, someContext, status{failed: true})
		_, _ = interpolate(s, someContext)
	})
}
