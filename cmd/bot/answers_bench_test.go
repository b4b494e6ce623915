package main

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// envelopesASecond is how fast commands come in BenchmarkEnvelopeToAck.
const envelopesASecond = 200

// BenchmarkEnvelopeToAck sends 200 commands a second, every fourth of which changes something and so is on disk before
// its ack, and reports what the playground measured from writing each envelope to reading its ack. While "refreshing",
// the catalog's components all change and are read anew, again and again.
func BenchmarkEnvelopeToAck(b *testing.B) {
	b.Run("quiet", func(b *testing.B) {
		r := newRig(b)
		r.serve()
		r.settled()
		r.measureAcks(b)
	})
	b.Run("refreshing", func(b *testing.B) {
		r := newRig(b)
		r.serve()
		r.settled()
		enough, ended := make(chan struct{}), make(chan struct{})
		refreshes := 0
		go func() {
			defer close(ended) // however it ends
			for going := true; going; {
				refreshes++
				r.describe(fmt.Sprintf("Remark %d.", refreshes))
				r.types("/bellhop refresh")
				r.told(`"op":"refresh"`, refreshes)
				select {
				case <-enough:
					going = false
				default:
				}
			}
		}()
		r.measureAcks(b)
		close(enough)
		<-ended
		b.ReportMetric(float64(refreshes), "refreshes")
	})
}

// measureAcks sends commands at their pace for as long as the benchmark goes on.
func (r *rig) measureAcks(b *testing.B) {
	r.types("/deploy-env feature-x") // those that follow find it there
	before := r.last()
	tick := time.NewTicker(time.Second / envelopesASecond)
	defer tick.Stop()
	var sent sync.WaitGroup
	n := 0
	for b.Loop() {
		<-tick.C
		line := fmt.Sprintf("/who-owns service-%d", n*37%manyComponents)
		if n++; n%4 == 0 {
			line = "/deploy-env feature-x"
		}
		sent.Go(func() { r.types(line) })
	}
	sent.Wait()
	envelopes, _ := r.log(before)
	var acks, recorded []float64
	for _, e := range envelopes {
		require.True(b, e.Acked)
		acks = append(acks, e.AckMS)
		if e.Kind == "/deploy-env" {
			recorded = append(recorded, e.AckMS)
		}
	}
	require.GreaterOrEqual(b, len(acks), n)
	spread(b, "ack", acks)
	spread(b, "recorded", recorded)
}

// BenchmarkWhoOwns asks one question at a time and reports the time from writing the envelope to having the answer posted,
// as the playground saw both.
func BenchmarkWhoOwns(b *testing.B) {
	r := newRig(b)
	r.serve()
	r.settled()
	r.types("/who-owns payments") // people's profiles are asked for once in a while
	seq, n := r.answered(0).Seq, 0
	var took []float64
	for b.Loop() {
		n++
		r.types(fmt.Sprintf("/who-owns service-%d", n*37%manyComponents))
		answer := r.answered(seq)
		envelopes, _ := r.log(seq)
		require.Len(b, envelopes, 1)
		took = append(took, float64(answer.At.Sub(envelopes[0].At).Microseconds())/1000)
		seq = answer.Seq
	}
	spread(b, "answer", took)
}

// answered waits for the answer to a command after number seq.
func (r *rig) answered(seq int) record {
	r.b.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		_, calls := r.log(seq)
		for _, call := range calls {
			if call.Method == "response_url" {
				require.True(r.b, call.OK)
				return call
			}
		}
	}
	r.b.Fatalf("no answer came:\n%s", r.bot.output())
	return record{}
}
