package slack

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellhop/playground/demo"
)

func TestManifests(t *testing.T) {
	m, err := parseManifest([]byte(testManifest))
	require.NoError(t, err)
	require.True(t, m.writable())
	require.True(t, m.command("/who-owns").ShouldEscape)
	_, err = parseManifest([]byte(`{"display_information":{"name":"x"},"settings":{"socket_mode_enabled":true}}`))
	require.NoError(t, err, "JSON does as well")
	for change, want := range map[[2]string]string{
		{"name: Bellhop", "name: Bellhop, colour: red"}:                             "colour",
		{"name: Bellhop", "name: " + long(36)}:                                      "1 to 35 characters",
		{"socket_mode_enabled: true", "socket_mode_enabled: false"}:                 "socket_mode_enabled must be true",
		{"command: /plain", "command: plain"}:                                       `"plain" is no command`,
		{"command: /plain", "command: /who-owns"}:                                   "/who-owns is there twice",
		{"description: Who owns it, ", ""}:                                          "/who-owns needs a description",
		{"commands, ", ""}:                                                          "needs the scope commands",
		{"app_mentions:read, ", ""}:                                                 "app_mention needs the scope app_mentions:read",
		{"type: global", "type: everywhere"}:                                        "type (global or message)",
		{"name: Bellhop", "name: Bellhop, long_description: short"}:                 "175 to 4000",
		{"description: Ask and deploy", "description: " + strings.Repeat("x", 141)}: "at most 140",
	} {
		require.Contains(t, testManifest, change[0])
		_, err := parseManifest([]byte(strings.Replace(testManifest, change[0], change[1], 1)))
		require.ErrorContains(t, err, want)
	}
}

func TestWorlds(t *testing.T) {
	w, err := ParseWorld(demo.Slack())
	require.NoError(t, err)
	require.Len(t, w.Users, 16)
	require.Len(t, w.Channels, 9)
	require.Equal(t, "Alice Moreau", w.Users[0].Profile.RealName)
	require.Equal(t, "T0OTHER", w.Users[14].Profile.Team)
	full := string(demo.Slack())
	for change, want := range map[[2]string]string{
		{`"members": [`, `"members": ["U99",`}:          "no user U99",
		{`"id": "U02BOB"`, `"id": "U01ALICE"`}:          "user U01ALICE is there twice",
		{`"bot_token": "xoxb-demo"`, `"bot_token": ""`}: "app.bot_token",
		{`"team": {`, `"team": {"colour": 1,`}:          "colour",
	} {
		require.Contains(t, full, change[0])
		_, err := ParseWorld([]byte(strings.Replace(full, change[0], change[1], 1)))
		require.ErrorContains(t, err, want)
	}
}

func FuzzManifest(f *testing.F) {
	f.Add([]byte(testManifest))
	f.Add([]byte(`{"display_information":{"name":"x"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := parseManifest(data)
		if err == nil && m == nil {
			t.Fatal("no manifest and no error")
		}
	})
}
