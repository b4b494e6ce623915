package chat_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bellhop/chat"
)

func TestBackticksInAFormatAreCodeAndInItsArgumentsAreNot(t *testing.T) {
	require.Equal(t, chat.Line(chat.Plain("no \"`x`\" here, 100% sure: say "), chat.Code("for 48h"), chat.Plain(".")),
		chat.Textf("no %q here, 100%% sure: say `for %dh`.", "`x`", 48))
	require.Equal(t, chat.Line(chat.Plain("plain")), chat.Textf("%s", "plain"))
	require.Equal(t, chat.Line(chat.Plain("")), chat.Textf(""))
}
