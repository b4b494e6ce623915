package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// failing is what bot says when it is run in a folder of its own with a config and an environment, and must fail.
func failing(t *testing.T, config string, env map[string]string, args ...string) string {
	t.Helper()
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("bellhop.yaml", []byte(config), 0o600))
	var out strings.Builder
	code := run(t.Context(), args, terminal{out: &out, err: &out, env: func(name string) string { return env[name] }})
	assert.Equal(t, 1, code, out.String())
	return out.String()
}

// What is missing or wrong at start is told in words, by each command that starts something.
func TestStartFailures(t *testing.T) {
	const asking, deploying = "catalog: {locations: [catalog/*.yaml]}\n", "environments: {workflow: acme/platform/deploy.yml@main}\n"
	serving := []string{"serve", "--listen", "127.0.0.1:0"}
	tokens := map[string]string{"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}
	with := func(name, value string) map[string]string {
		return map[string]string{"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", name: value}
	}
	for name, test := range map[string]struct {
		config string
		env    map[string]string
		args   []string
		want   string
	}{
		"no bot token":          {asking, nil, serving, "bot: SLACK_BOT_TOKEN is not set: it is the bot token (xoxb-…) of the app\n"},
		"an empty bot token":    {asking, map[string]string{"SLACK_BOT_TOKEN": " "}, serving, "bot: SLACK_BOT_TOKEN is not set: it is the bot token (xoxb-…) of the app\n"},
		"no app token":          {asking, map[string]string{"SLACK_BOT_TOKEN": "xoxb-1"}, serving, "bot: SLACK_APP_TOKEN is not set"},
		"no GitHub":             {deploying, tokens, serving, "neither GITHUB_TOKEN nor GITHUB_APP_ID"},
		"a key without its app": {asking, with("GITHUB_APP_PRIVATE_KEY", "none"), serving, "GITHUB_APP_ID"},
		"a key without, asking": {asking, with("GITHUB_APP_PRIVATE_KEY", "none"), []string{"ask", "help"}, "GITHUB_APP_ID"},
	} {
		t.Run(name, func(t *testing.T) { assert.Contains(t, failing(t, test.config, test.env, test.args...), test.want) })
	}
}
