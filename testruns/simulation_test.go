package testruns_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellhop/testruns"
)

// Ten runs a day for 14 days, an hour apart as drawn; half of the red runs are started again.
const simulatedRuns = 140

// simulate draws a test that fails at random with a rate, and for good from a run on (-1: never).
func simulate(rnd *rand.Rand, rate float64, breaks int) string {
	var b strings.Builder
	b.WriteString("a:")
	for n := range simulatedRuns {
		fails := func() bool { return breaks >= 0 && n >= breaks || rnd.Float64() < rate }
		cell := "."
		if fails() {
			cell = "F"
			if rnd.IntN(2) == 0 {
				cell = "F."
				if fails() {
					cell = "FF"
				}
			}
		}
		b.WriteString(" " + cell)
	}
	return b.String()
}

func judged(t *testing.T, line string) testruns.Judgement {
	return testruns.Judge(draw(t, line, "b:"+strings.Repeat(" .", simulatedRuns)), testruns.Period{Since: hour(-1), Until: hour(simulatedRuns)})
}

// A test that fails in one run of twenty is found to be flaky within 14 days in more than nine cases of ten; a real
// regression is called flaky in less than one of a hundred, and is told as a failure.
func TestFlakinessIsToldFromBreakage(t *testing.T) {
	const histories = 300
	rnd := rand.New(rand.NewPCG(1, 1))
	found, wrong, told := 0, 0, 0
	for range histories {
		if j := judged(t, simulate(rnd, 0.05, -1)); len(j.Flaky) == 1 {
			found++
		}
		j := judged(t, simulate(rnd, 0, rnd.IntN(simulatedRuns-1)))
		wrong += len(j.Flaky)
		told += len(j.New)
	}
	require.Greater(t, found, histories*9/10)
	require.Zero(t, wrong)
	require.Equal(t, histories, told)
}
