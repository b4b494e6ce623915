package chat_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellhop/chat"
)

func TestAReplyInWords(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	at := time.Date(2026, 11, 24, 13, 2, 0, 0, time.UTC)
	reply := chat.Reply{
		Headline: chat.Line(chat.Bold("payments"), chat.Plain(" → Team Ledger · ask in "), chat.Channel{ID: "C03", Name: "ledger"}),
		Parts: []chat.Part{
			chat.Paragraph{Text: chat.Line(chat.Plain("evil \x1b[2J branch since "), chat.Moment{At: at})},
			chat.Fields{{Label: "Lifecycle", Value: chat.Textf("production")}, {Label: "Docs", Value: chat.Line(chat.Link{Label: "runbook", URL: "https://acme.example/r"})}},
			chat.List{Title: "Needed by", Items: []chat.Text{chat.Textf("checkout")}, More: 2},
			chat.Table{Columns: []string{"Test", "Runs"}, Rows: [][]chat.Text{{chat.Textf("rounds EUR"), chat.Textf("4")}, {chat.Textf("short")}}},
			chat.Chart{Title: "Green", Labels: []string{"Mon", "Tue", "Wed"}, Series: []chat.Series{{Name: "first try", Values: []float64{1, 4, 2}}}},
			chat.Progress{Done: 3, Total: 7, Label: chat.Textf("build image")},
			chat.Context{Text: chat.Line(chat.Plain("asked by "), chat.Named{ID: "U01", Name: "Alice"})},
			chat.Buttons{{Label: "Open", URL: "https://acme.example"}, {Label: "Cancel", Action: "deploy-env.cancel"}},
			chat.Menu{Label: "Component", Options: []chat.Option{{Label: "payments"}, {Label: "checkout"}}},
		},
	}
	require.Equal(t, `payments → Team Ledger · ask in #ledger
evil [2J branch since Tue 24 Nov 14:02
Lifecycle  production
Docs       runbook (https://acme.example/r)
Needed by
• checkout
… and 2 more
Test        Runs
rounds EUR  4
short
Green
first try ▁█▃ 1 → 2, between 1 and 4 (Mon to Wed)
▓▓▓▓░░░░░░ 3 of 7 · build image
asked by Alice
[Open] https://acme.example  [Cancel]
Component: payments | checkout`, reply.Text(berlin))
}

func TestProgressNeverLeavesItsBar(t *testing.T) {
	for _, p := range []chat.Progress{{Done: -1, Total: 3}, {Done: 9, Total: 3}, {Done: 1}} {
		require.Equal(t, 10, len([]rune(p.Bar()))-len(suffix(p)), "%+v", p)
	}
}

func suffix(p chat.Progress) string {
	if p.Total == 0 {
		return ""
	}
	return " 0 of 3" // the numbers have one digit each
}
