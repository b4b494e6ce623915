package github

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// failing lists, for the runs on main of a repository, oldest first, whether that test failed in the last attempt.
func failing(st *state, slug, test string) (when []time.Time, failed []bool) {
	for _, r := range st.repo(slug).runs {
		a := r.latest(st.now)
		if r.branch != "main" || a.conclusion() == "" {
			continue
		}
		red := false
		for _, x := range a.results {
			red = red || x.test == test && x.outcome == "failed"
		}
		when, failed = append(when, r.created), append(failed, red)
	}
	return when, failed
}

func TestBrokenTests(t *testing.T) {
	w := demoWorld(t)
	epoch := time.Date(2026, 11, 20, 15, 4, 5, 0, time.UTC)
	st, err := newState(&w, "http://x", epoch)
	require.NoError(t, err)
	st.advance(epoch.Add(30 * time.Hour))
	when, failed := failing(st, "acme/payments", "splits a voucher over two orders")
	for i, red := range failed {
		assert.Equal(t, !when[i].Before(epoch.Add(-48*time.Hour)), red, "payments: broken two days ago, and still: %s", when[i])
	}
	when, failed = failing(st, "acme/checkout", "rounds once")
	for i, red := range failed {
		broken := !when[i].Before(epoch.Add(-124*time.Hour)) && when[i].Before(epoch.Add(-25*time.Hour))
		assert.Equal(t, broken, red, "checkout: mended yesterday: %s", when[i])
	}
	assert.Contains(t, failed, true)
}

func TestFlakyTestsAndTheirReruns(t *testing.T) {
	w := demoWorld(t)
	st, err := newState(&w, "http://x", time.Date(2026, 11, 20, 15, 4, 5, 0, time.UTC))
	require.NoError(t, err)
	st.advance(st.epoch.Add(40 * 24 * time.Hour))
	runs, flakes, reruns, retried := 0, 0, 0, 0
	for _, r := range st.repo("acme/payments").runs {
		runs++
		first := r.attempts[0]
		for _, x := range first.results {
			if x.test == "webhook arrives late" && x.outcome == "failed" {
				flakes++
			}
			if x.outcome == "flaky" {
				retried++
			}
		}
		if len(r.attempts) > 1 {
			reruns++
			assert.Equal(t, "failure", first.conclusion())
			assert.Equal(t, "success", r.attempts[1].conclusion())
		}
	}
	rate := float64(flakes) / float64(runs)
	assert.InDelta(t, 0.12, rate, 0.06)
	assert.NotZero(t, reruns, "before the test broke, somebody ran red runs again")
	assert.NotZero(t, retried)
}
