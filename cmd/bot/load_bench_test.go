package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkLoad starts the bot on an empty database beside a company of 112,000 entities, and reports how long it takes until
// all of them answer and what the process holds meanwhile, at most, and ten seconds after.
func BenchmarkLoad(b *testing.B) {
	r := newRigOf(b, 100_000)
	for b.Loop() {
		began := time.Now()
		r.serve()
		most := 0.0
		again := time.NewTicker(5 * time.Millisecond)
		defer again.Stop()
		for !strings.Contains(r.bot.output(), `"message":"catalog refreshed"`) {
			<-again.C
			most = max(most, r.resident())
			require.Less(b, time.Since(began), 10*patience, r.bot.output())
		}
		b.ReportMetric(time.Since(began).Seconds(), "load-s")
		b.ReportMetric(most, "resident-most-MB")
		for after := time.Now(); time.Since(after) < 10*time.Second; <-again.C {
			b.ReportMetric(r.resident(), "resident-after-MB")
		}
		b.StopTimer()
		r.bot.kill()
		stores, err := filepath.Glob(filepath.Join(r.dir, "*.db*"))
		require.NoError(b, err)
		for _, store := range stores {
			require.NoError(b, os.Remove(store))
		}
		b.StartTimer()
	}
}

var residentSize = regexp.MustCompile(`(?m)^VmRSS:\s+(\d+) kB$`)

// resident is the bot's resident memory in megabytes, as the system counts it.
func (r *rig) resident() float64 {
	r.b.Helper()
	status, err := os.ReadFile("/proc/" + strconv.Itoa(r.bot.cmd.Process.Pid) + "/status")
	require.NoError(r.b, err)
	match := residentSize.FindSubmatch(status)
	require.NotNil(r.b, match)
	kB, err := strconv.Atoi(string(match[1]))
	require.NoError(r.b, err)
	return float64(kB) / 1000
}
