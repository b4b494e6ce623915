package slack

import (
	"sync"
	"time"

	"bellhop/clock"
)

// seenFor is how long the identity of what came is remembered at least. Slack delivers again at once, after one and
// after five minutes; twice that is kept.
const seenFor = 12 * time.Minute

// seen remembers what came over either connection, in two generations, so that forgetting takes no time.
type seen struct {
	clock    clock.Clock
	mu       sync.Mutex
	now, old map[string]struct{}
	turned   time.Time
}

func newSeen(c clock.Clock) *seen {
	return &seen{clock: c, now: map[string]struct{}{}, turned: c.Now()}
}

// first tells whether key comes for the first time, and remembers it.
func (s *seen) first(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at := s.clock.Now(); at.Sub(s.turned) > seenFor {
		if at.Sub(s.turned) > 2*seenFor {
			s.now = map[string]struct{}{}
		}
		s.old, s.now, s.turned = s.now, map[string]struct{}{}, at
	}
	_, recent := s.now[key]
	_, older := s.old[key]
	if recent || older {
		return false
	}
	s.now[key] = struct{}{}
	return true
}

// forget makes key new again: it was not taken after all, and Slack is to bring it once more.
func (s *seen) forget(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.now, key)
	delete(s.old, key)
}
