package slack

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"bellhop/chat"
	"bellhop/clock"
)

// Slack takes about one message a second in a channel, with short bursts, and 50 chat.update a minute of an app (tier 3).
// https://docs.slack.dev/apis/web-api/rate-limits/ Some of the latter is left for presses that replace their message.
const (
	postsEvery   = time.Second
	postsBurst   = 3
	updatesEvery = time.Minute / 40
	updatesBurst = 6
)

// pace keeps posts to one channel apart, so that a summary and a card do not run into Slack's limit together.
type pace struct {
	clock    clock.Clock
	mu       sync.Mutex
	channels map[string]*rate.Limiter
}

func newPace(c clock.Clock) *pace { return &pace{clock: c, channels: map[string]*rate.Limiter{}} }

// wait returns when a post to the channel is due, or with ctx's error.
func (p *pace) wait(ctx context.Context, channel string) error {
	now := p.clock.Now()
	p.mu.Lock()
	limiter := p.channels[channel]
	if limiter == nil {
		if len(p.channels) > 1000 {
			p.sweep(now)
		}
		limiter = rate.NewLimiter(rate.Every(postsEvery), postsBurst)
		p.channels[channel] = limiter
	}
	turn := limiter.ReserveN(now, 1)
	p.mu.Unlock()
	err := p.clock.Wait(ctx, now.Add(turn.DelayFrom(now)))
	if err != nil {
		turn.CancelAt(p.clock.Now())
	}
	return err
}

// sweep forgets the channels that have their whole burst again.
func (p *pace) sweep(now time.Time) {
	for id, limiter := range p.channels {
		if limiter.TokensAt(now) >= postsBurst {
			delete(p.channels, id)
		}
	}
}

// updates shares the budget of edits among all messages: ends go before news of progress, then the longest waiting goes
// first, and of several edits of one message only the latest is made.
type updates struct {
	clock clock.Clock

	mu       sync.Mutex
	limiter  *rate.Limiter
	waiting  map[chat.MessageRef]*edit
	underway map[chat.MessageRef]bool
	changed  chan struct{} // closed when the above change
	last     uint64        // the newest edit's number
}

// edit is one that waits for its turn.
type edit struct {
	ref      chat.MessageRef
	ends     bool
	number   uint64 // in the order of coming
	replaced bool   // a later edit of the same message took its place
}

func newUpdates(c clock.Clock) *updates {
	return &updates{
		clock: c, limiter: rate.NewLimiter(rate.Every(updatesEvery), updatesBurst),
		waiting: map[chat.MessageRef]*edit{}, underway: map[chat.MessageRef]bool{}, changed: make(chan struct{}),
	}
}

// turn waits for the right to edit a message. The returned function gives it back; it is nil when a later edit of the
// same message made this one needless.
func (u *updates) turn(ctx context.Context, ref chat.MessageRef, ends bool) (done func(), err error) {
	mine := u.enter(ref, ends)
	for {
		u.mu.Lock()
		now := u.clock.Now()
		next := u.first() == mine
		switch {
		case mine.replaced:
			u.mu.Unlock()
			return nil, nil
		case next && u.limiter.AllowN(now, 1):
			delete(u.waiting, ref)
			u.underway[ref] = true
			u.announce()
			u.mu.Unlock()
			return func() { u.leave(ref) }, nil
		}
		until, changed := time.Time{}, u.changed
		if next {
			until = now.Add(max(time.Millisecond, time.Duration((1-u.limiter.TokensAt(now))*float64(updatesEvery))))
		}
		u.mu.Unlock()
		if err := u.wait(ctx, until, changed); err != nil {
			u.mu.Lock()
			if u.waiting[ref] == mine {
				delete(u.waiting, ref)
				u.announce()
			}
			u.mu.Unlock()
			return nil, err
		}
	}
}

func (u *updates) enter(ref chat.MessageRef, ends bool) *edit {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.last++
	mine := &edit{ref: ref, ends: ends, number: u.last}
	if before := u.waiting[ref]; before != nil {
		before.replaced = true
		mine.number = before.number
	}
	u.waiting[ref] = mine
	u.announce()
	return mine
}

func (u *updates) leave(ref chat.MessageRef) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.underway, ref)
	u.announce()
}

// announce tells those who wait to look again. The lock is held.
func (u *updates) announce() {
	close(u.changed)
	u.changed = make(chan struct{})
}

// first is the edit whose turn is next, of those whose message has none under way. The lock is held.
func (u *updates) first() *edit {
	var first *edit
	for ref, e := range u.waiting {
		if u.underway[ref] {
			continue
		}
		if first == nil || e.ends && !first.ends || e.ends == first.ends && e.number < first.number {
			first = e
		}
	}
	return first
}

// wait returns at until (never by itself when zero), when changed closes, or with ctx's error.
func (u *updates) wait(ctx context.Context, until time.Time, changed <-chan struct{}) error {
	if until.IsZero() {
		select {
		case <-changed:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	waiting, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-changed:
			cancel()
		case <-waiting.Done():
		}
	}()
	_ = u.clock.Wait(waiting, until) // cut short by a change or by ctx, which is looked at next
	return ctx.Err()
}
