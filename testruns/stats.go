package testruns

import "math"

// Rate is how often something was so: Hits of N.
type Rate struct{ Hits, N int }

// Share is the rate between 0 and 1; 0 of none.
func (r Rate) Share() float64 {
	if r.N == 0 {
		return 0
	}
	return float64(r.Hits) / float64(r.N)
}

// z95 is the quantile of the normal distribution that leaves out 2.5 % on each side.
const z95 = 1.959963984540054

// Interval is Wilson's 95 % score interval (Wilson 1927; method 3 in Newcombe, Statistics in Medicine 17, 1998, 857–872):
// where the true share lies, given what was seen. Of nothing seen it is 0 to 1.
func (r Rate) Interval() (low, high float64) {
	if r.N == 0 {
		return 0, 1
	}
	hits, n := float64(r.Hits), float64(r.N)
	middle := (hits + z95*z95/2) / (n + z95*z95)
	half := z95 / (n + z95*z95) * math.Sqrt(hits*(n-hits)/n+z95*z95/4)
	low, high = math.Max(0, middle-half), math.Min(1, middle+half)
	if r.Hits == 0 {
		low = 0 // not the 1e-17 that the sums leave
	}
	if r.Hits == r.N {
		high = 1
	}
	return low, high
}

// Difference is Newcombe's 95 % interval of how much the share of a is above that of b (method 10 in Newcombe, Statistics
// in Medicine 17, 1998, 873–890): what is left of both Wilson's intervals.
func Difference(a, b Rate) (low, high float64) {
	lowA, highA := a.Interval()
	lowB, highB := b.Interval()
	d := a.Share() - b.Share()
	return d - math.Hypot(a.Share()-lowA, highB-b.Share()), d + math.Hypot(highA-a.Share(), b.Share()-lowB)
}

// Change is what may be said of two rates.
type Change string

// The changes. Unclear is none that may be told from chance.
const (
	Up      Change = "up"
	Down    Change = "down"
	Unclear Change = "unclear"
)

// Trend is the rate of green runs in two periods of one length.
type Trend struct{ Before, Now Rate }

const (
	// enoughRuns is the number of runs that each of two periods needs for a difference to be told.
	enoughRuns = 20
	// pointsTold is the least difference that is told, in points of a hundred.
	pointsTold = 3
)

// Change says up or down only where both periods have 20 runs, the shares are 3 points apart or more, and Newcombe's interval
// leaves out zero.
func (t Trend) Change() Change {
	apart := t.Now.Hits*t.Before.N - t.Before.Hits*t.Now.N // over the product of both N, so that 3 points are exactly 3
	if t.Before.N < enoughRuns || t.Now.N < enoughRuns || max(apart, -apart)*100 < pointsTold*t.Before.N*t.Now.N {
		return Unclear
	}
	switch low, high := Difference(t.Now, t.Before); {
	case low > 0:
		return Up
	case high < 0:
		return Down
	}
	return Unclear
}
