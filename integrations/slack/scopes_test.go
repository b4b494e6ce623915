package slack_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellhop/chat"
	"bellhop/integrations/slack"
)

// slackGo is a call of slack-go's client in the source, and methodName how Slack names a method.
var (
	slackGo    = regexp.MustCompile(`c\.api\.(\w+)\(`)
	methodName = regexp.MustCompile(`"((?:auth|apps|chat|views|users|usergroups|conversations|files|reactions|pins|bookmarks|team|bots|search|dnd|reminders|canvases|stars)\.[a-zA-Z.]+)"`)
)

func TestNoMethodIsCalledThatIsNotInTheTable(t *testing.T) {
	table := slack.Methods()
	sources, err := filepath.Glob("*.go")
	require.NoError(t, err)
	calls := 0
	for _, name := range sources {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, found := range methodName.FindAllStringSubmatch(string(text), -1) {
			require.Truef(t, slices.ContainsFunc(table, func(m slack.Method) bool { return m.Name == found[1] }), "%s names %s", name, found[1])
		}
		calls += len(slackGo.FindAllString(string(text), -1))
	}
	require.GreaterOrEqual(t, calls, len(table)-2, "every method but two of the socket is called through slack-go's client")
	for _, m := range table {
		require.NotEmpty(t, m.Reason, m.Name)
	}
}

func TestScopesByFeature(t *testing.T) {
	ask := slack.Scopes([]chat.Feature{chat.Ask}, false)
	require.Equal(t, []string{"app_mentions:read", "channels:read", "chat:write", "commands", "im:history", "im:write", "users:read", "users:read.email"}, ask)
	require.Contains(t, slack.Scopes([]chat.Feature{chat.Deploy}, false), "usergroups:read")
	require.NotContains(t, slack.Scopes([]chat.Feature{chat.Deploy}, false), "channels:history")
	require.Contains(t, slack.Scopes([]chat.Feature{chat.Deploy}, true), "channels:history")
}
