package slack_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bellhop/chat"
	"bellhop/integrations/slack"
)

func TestChecks(t *testing.T) {
	s := raise(t)
	workspace, err := s.client.CheckToken(t.Context())
	require.NoError(t, err)
	require.Equal(t, "T0ACME", workspace.TeamID)
	require.Equal(t, "U0BOT", workspace.BotID)
	needed, optional := workspace.Missing([]chat.Feature{chat.Ask, chat.Deploy, chat.Tests})
	require.Empty(t, needed)
	require.Empty(t, optional)
	workspace.Scopes = []string{"chat:write", "commands"}
	needed, optional = workspace.Missing([]chat.Feature{chat.Deploy})
	require.Contains(t, needed, "users:read")
	require.NotContains(t, needed, "chat:write")
	require.Equal(t, []string{"channels:history", "groups:history"}, optional)
	require.NoError(t, s.client.CheckSocket(t.Context()))

	found, err := s.client.CheckChannel(t.Context(), "#payments")
	require.NoError(t, err)
	require.Equal(t, slack.ChannelCheck{ID: "C02PAYMENTS", Name: "payments", Member: true}, found)
	var told *chat.UserError
	for _, name := range []string{"#nowhere", "C09LAUNCH", "#launch"} {
		_, err = s.client.CheckChannel(t.Context(), name)
		require.ErrorAs(t, err, &told, name)
	}

	var refused *slack.AuthError
	_, err = s.newClient(slack.Options{BotToken: "xoxb-wrong"}).CheckToken(t.Context())
	require.ErrorAs(t, err, &refused)
	require.Equal(t, "SLACK_BOT_TOKEN", refused.Variable)
	err = s.newClient(slack.Options{AppToken: "xapp-wrong"}).CheckSocket(t.Context())
	require.ErrorAs(t, err, &refused)
	require.Equal(t, "SLACK_APP_TOKEN", refused.Variable)
}
