package slack

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellhop/playground/demo"
)

func textServer(t testing.TB) *Server {
	world, err := ParseWorld(demo.Slack())
	require.NoError(t, err)
	return &Server{cfg: Config{World: world}, state: newState(world)}
}

// FuzzTyped: whatever a person types, what is stored has markup in marks alone, and a special mention only where the
// person wrote one with @.
func FuzzTyped(f *testing.F) {
	for _, text := range []string{
		"@alice <!channel> & <@U0BOT|x>", "https://x.example/<b>", "<https://x|<!here>>", "#payments@bob", "<!subteam^S01LEDGER|<x>>",
	} {
		f.Add(text)
	}
	s := textServer(f)
	special := regexp.MustCompile(`<!(channel|here|everyone)`)
	f.Fuzz(func(t *testing.T, text string) {
		for _, stored := range []string{s.typed(text), s.commandText(text, true), s.commandText(text, false)} {
			bare := marks.ReplaceAllString(stored, "")
			if strings.ContainsAny(bare, "<>") {
				t.Fatalf("%q is stored as %q: a sign outside of a mark", text, stored)
			}
		}
		if special.MatchString(s.typed(text)) && !regexp.MustCompile(`(?i)@(channel|here|everyone)`).MatchString(text) {
			t.Fatalf("%q wakes everybody", text)
		}
		if special.MatchString(s.commandText(text, true)) {
			t.Fatalf("%q in a command holds a special mention", text)
		}
	})
}
