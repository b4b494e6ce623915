package slack

import "time"

// tier is how often a method may be called, for an app in a workspace.
type tier struct {
	perMinute float64 // how fast the allowance grows back
	burst     float64 // how much of it can be used at once
}

// Slack promises 1+, 20+, 50+ and 100+ calls a minute and tolerates bursts without saying how large; here a burst is
// one minute's worth. apps.connections.open, in tier 1, tolerates more, since an app opens up to 10 sockets at once.
// Special methods have a limit of "several hundred a minute".
var (
	tier1   = tier{perMinute: 10, burst: 20}
	tier2   = tier{perMinute: 20, burst: 20}
	tier3   = tier{perMinute: 50, burst: 50}
	tier4   = tier{perMinute: 100, burst: 100}
	special = tier{perMinute: 600, burst: 600}
	// channelPace is Slack's one message a second in a channel, of which short bursts are tolerated.
	channelPace = tier{perMinute: 60, burst: 5}
)

// limits holds one allowance a method and one a channel.
type limits struct {
	off     bool
	buckets map[string]*bucket
}

type bucket struct {
	left float64
	at   time.Time
}

func newLimits() *limits { return &limits{buckets: map[string]*bucket{}} }

// take uses one call of key's allowance, or says how long to wait for the next.
func (l *limits) take(now time.Time, key string, t tier) time.Duration {
	if l.off || t.perMinute == 0 {
		return 0
	}
	b := l.buckets[key]
	if b == nil {
		b = &bucket{left: t.burst, at: now}
		l.buckets[key] = b
	}
	b.left = min(t.burst, b.left+now.Sub(b.at).Minutes()*t.perMinute)
	b.at = now
	if b.left < 1 {
		return time.Duration((1 - b.left) / t.perMinute * float64(time.Minute))
	}
	b.left--
	return 0
}
