package slack_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkEnvelopeToAck sends 200 commands a second, every fourth of which changes something and is recorded on disk
// before its ack, and reports what the playground measured: the time from sending an envelope to its ack, and to the
// answer's post.
func BenchmarkEnvelopeToAck(b *testing.B) {
	s := raise(b)
	s.start()
	s.fault(reply{"no_rate_limits": true})
	tick := time.NewTicker(time.Second / 200)
	defer tick.Stop()
	var sent sync.WaitGroup
	n := 0
	for b.Loop() {
		<-tick.C
		command := "/who-owns"
		if n++; n%4 == 0 {
			command = "/deploy-env"
		}
		body := reply{"user": "U01ALICE", "channel": "C02PAYMENTS", "command": command, "text": fmt.Sprint(n)}
		sent.Go(func() { s.do("POST", "command", body) })
	}
	sent.Wait()
	s.await("all are answered", func() bool { return len(s.router.requests()) == n })
	var acks []float64
	for _, line := range s.list("log", "envelopes") {
		var e struct {
			Acked bool    `json:"acked"`
			MS    float64 `json:"ack_ms"`
		}
		require.NoError(b, json.Unmarshal([]byte(line), &e))
		require.True(b, e.Acked)
		acks = append(acks, e.MS)
	}
	slices.Sort(acks)
	b.ReportMetric(acks[len(acks)/2], "p50-ms")
	b.ReportMetric(acks[len(acks)*99/100], "p99-ms")
	b.ReportMetric(acks[len(acks)-1], "max-ms")
}
