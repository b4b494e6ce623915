package main

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkMenuCompletes types into a searched menu, one letter more or another word at a time, and reports the time from
// writing each envelope to reading the ack that brings the options, as the playground saw both.
func BenchmarkMenuCompletes(b *testing.B) {
	r := newRig(b)
	r.serve()
	r.refreshed()
	r.types("/who-owns")
	r.answered(0)
	ask := r.searchedMenu()
	typed := []string{"", "s", "se", "serv", "service-9", "service-99", "team", "payments", "servcie-17", "takes money", "zzzz", "platform"}
	r.ask("/_control/suggest", ask("warm")) // who types is asked for once in a while
	seq, n := r.last(), 0
	for b.Loop() {
		r.control("/_control/suggest", ask(typed[n%len(typed)]))
		n++
	}
	envelopes, _ := r.log(seq)
	var took []float64
	for _, e := range envelopes {
		require.True(b, e.Acked)
		took = append(took, e.AckMS)
	}
	spread(b, "options", took)
}

// searchedMenu finds the newest searched menu that Alice sees in #payments, and gives what typing into it posts.
func (r *rig) searchedMenu() func(typed string) map[string]string {
	r.b.Helper()
	answer, err := r.http.Get(r.base + "/_control/ephemerals/C02PAYMENTS/U01ALICE")
	require.NoError(r.b, err)
	defer answer.Body.Close()
	require.Equal(r.b, http.StatusOK, answer.StatusCode)
	var seen struct{ Messages []message }
	require.NoError(r.b, json.NewDecoder(answer.Body).Decode(&seen))
	require.NotEmpty(r.b, seen.Messages)
	last := seen.Messages[len(seen.Messages)-1]
	for _, block := range last.Blocks {
		for _, e := range elementsOf(block) {
			if e.Type == "external_select" {
				return func(typed string) map[string]string {
					return map[string]string{"user": "U01ALICE", "channel": "C02PAYMENTS", "messageTs": last.TS, "action_id": e.ActionID, "block_id": e.block, "value": typed}
				}
			}
		}
	}
	require.FailNow(r.b, "no searched menu")
	return nil
}
