package slack

import (
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkCommand is one slash command from the scripting call to its answer, acked by a bare connection: what the
// playground itself costs in a measurement of a bot.
func BenchmarkCommand(b *testing.B) {
	p := start(b)
	w := p.dial()
	w.read()
	go func() {
		for {
			frame := reply{}
			if w.conn.ReadJSON(&frame) != nil || w.conn.WriteJSON(reply{"envelope_id": frame["envelope_id"]}) != nil {
				return
			}
		}
	}()
	command := reply{"channel": "C02PAYMENTS", "user": "U01ALICE", "command": "/who-owns", "text": "payments"}
	for b.Loop() {
		require.Equal(b, true, p.do(http.MethodPost, "/_control/command", command)["ok"])
	}
	var took []float64
	for _, e := range p.records("envelopes") {
		took = append(took, e["ack_ms"].(float64))
	}
	slices.Sort(took)
	b.ReportMetric(took[len(took)*99/100], "ack-p99-ms")
}
