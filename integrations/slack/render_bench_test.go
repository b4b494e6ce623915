package slack

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"bellhop/chat"
)

// BenchmarkRender renders an answer with fields, buttons and a table of forty rows to the JSON that Slack gets.
func BenchmarkRender(b *testing.B) {
	table := chat.Table{Title: "Failures", Columns: []string{"Test", "Since", "Owner"}}
	for n := range 40 {
		table.Rows = append(table.Rows, []chat.Text{
			chat.Line(chat.Link{Label: fmt.Sprintf("rounds EUR & USD %d", n), URL: fmt.Sprintf("https://acme.example/runs/%d", n)}),
			chat.Textf("Fri 09:00"), chat.Line(chat.Named{ID: "U01ALICE", Name: "Alice"}),
		})
	}
	reply := chat.Reply{Headline: chat.Textf("payments · 40 new failures since %s", "Fri 09:00"), Parts: []chat.Part{
		chat.Fields{{Label: "People", Value: chat.Line(chat.Named{ID: "U01ALICE", Name: "Alice"}, chat.Plain(", Bob"))}, {Label: "Lifecycle", Value: chat.Textf("production")}},
		table,
		chat.Buttons{{Label: "Show the run", URL: "https://acme.example/runs/1"}, {Label: "Share", Action: "bellhop.share", Value: "tests payments"}},
	}}
	rr := renderer{teamURL: "https://acme.slack.example/"}
	b.ReportAllocs()
	for b.Loop() {
		_, err := json.Marshal(rr.sheet(reply, messageSurface, nil).blocks)
		require.NoError(b, err)
	}
}
