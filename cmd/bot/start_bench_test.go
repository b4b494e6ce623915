package main

import (
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkStart starts the bot on a database that holds the company, again and again, and reports the median and the
// largest of the time from the process's start to /readyz and of its resident memory after the refresh that follows.
func BenchmarkStart(b *testing.B) {
	r := newRig(b)
	r.serve()
	r.refreshed()
	r.bot.kill()
	var ready, resident []float64
	for b.Loop() {
		took := r.serve()
		ready = append(ready, float64(took.Microseconds())/1000)
		r.refreshed()
		resident = append(resident, r.metric("process_resident_memory_bytes")/1e6)
		r.bot.kill()
	}
	for name, values := range map[string][]float64{"ready%s-ms": ready, "resident%s-MB": resident} {
		slices.Sort(values)
		b.ReportMetric(values[len(values)/2], fmt.Sprintf(name, ""))
		b.ReportMetric(values[len(values)-1], fmt.Sprintf(name, "-max"))
	}
}

// BenchmarkMemory answers 10,000 commands and reports what the process holds after the first thousand and after all.
func BenchmarkMemory(b *testing.B) {
	r := newRig(b)
	r.serve()
	r.settled()
	ask := func(from, to int) {
		var askers sync.WaitGroup
		for worker := range 8 {
			askers.Go(func() {
				for n := from + worker; n < to; n += 8 {
					r.types(fmt.Sprintf("/who-owns service-%d", n*37%manyComponents))
				}
			})
		}
		askers.Wait()
	}
	for b.Loop() {
		ask(0, 1_000)
		b.ReportMetric(r.metric("process_resident_memory_bytes")/1e6, "resident-1000-MB")
		b.ReportMetric(r.metric("go_goroutines"), "goroutines-1000")
		ask(1_000, 10_000)
		b.ReportMetric(r.metric("process_resident_memory_bytes")/1e6, "resident-10000-MB")
		b.ReportMetric(r.metric("go_goroutines"), "goroutines-10000")
	}
}

// BenchmarkBinary reports the size of the stripped static binary.
func BenchmarkBinary(b *testing.B) {
	for b.Loop() {
		info, err := os.Stat(build(b))
		require.NoError(b, err)
		b.ReportMetric(float64(info.Size())/1e6, "MB")
	}
}
