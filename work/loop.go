package work

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"bellhop/clock"
)

// Step looks at what is so for one item and takes one idempotent step. It returns when to look again (zero: never). An
// error is logged and the item comes back after a growing pause.
type Step func(ctx context.Context, item Item) (next time.Time, err error)

// Loop claims the due items of one kind and runs Step on each, at most Width at a time.
type Loop struct {
	Queue Queue
	Clock clock.Clock
	Log   zerolog.Logger
	Kind  Kind
	Step  Step
	// Width is how many steps run at a time; 0 is 4.
	Width int
	// Lease is how long an item is claimed; a step that takes longer is kept claimed. 0 is 20 s.
	Lease time.Duration
	// Poll is how long at most a due item of another replica's making waits to be seen; 0 is 2 s.
	Poll time.Duration
	// Wake, when it receives, makes the loop look at once: this process has just made something due.
	Wake <-chan struct{}
}

// Run works until ctx ends, and returns after the steps under way have ended and their items are settled.
func (l *Loop) Run(ctx context.Context) error {
	width, poll := l.Width, l.Poll
	if width == 0 {
		width = 4
	}
	if poll == 0 {
		poll = 2 * time.Second
	}
	var (
		steps   sync.WaitGroup
		free    = make(chan struct{}, width)
		holding held
	)
	defer steps.Wait()
	for {
		items, err := l.Queue.Claim(ctx, l.Kind, l.Clock.Now(), l.lease(), width-len(free))
		if err != nil && ctx.Err() == nil {
			l.Log.Error().Err(err).Str("kind", string(l.Kind)).Msg("claim work")
		}
		for _, item := range items {
			if !holding.take(item.ID) {
				continue // a jump of the clock ended our own lease; the step under way goes on
			}
			free <- struct{}{}
			steps.Go(func() {
				defer func() { holding.drop(item.ID); <-free }()
				l.one(ctx, item)
			})
		}
		if ctx.Err() != nil {
			return nil
		}
		if len(items) > 0 && len(free) < width {
			continue // there may be more
		}
		l.pause(ctx, poll, free, width)
	}
}

// pause waits until something may be due, a step has ended while all were taken, or ctx ends.
func (l *Loop) pause(ctx context.Context, poll time.Duration, free chan struct{}, width int) {
	if len(free) == width {
		select { // a place must come free before anything else can be done
		case free <- struct{}{}:
			<-free
		case <-ctx.Done():
		}
		return
	}
	until := l.Clock.Now().Add(poll)
	if due, err := l.Queue.NextDue(ctx, l.Kind); err == nil && !due.IsZero() && due.Before(until) && due.After(l.Clock.Now()) {
		until = due
	}
	waiting, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-l.Wake:
			cancel()
		case <-waiting.Done():
		}
	}()
	_ = l.Clock.Wait(waiting, until) // its only error is that the wait was cut short
}

// one runs a step while keeping its lease, and settles the item.
func (l *Loop) one(ctx context.Context, item Item) {
	log := l.Log.With().Str("kind", string(item.Kind)).Str("id", item.ID).Logger()
	kept, lost := l.keep(ctx, item)
	next, err := l.contained(kept, item)
	stillOurs := lost()
	if err != nil && ctx.Err() == nil {
		log.Error().Err(err).Int("attempts", item.Attempts).Msg("work step")
	}
	if err != nil && next.IsZero() {
		next = l.Clock.Now().Add(backoff(item.Attempts))
	}
	if !stillOurs {
		log.Warn().Msg("lease lost during a step")
		return
	}
	settle, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := l.Queue.Settle(settle, item, next, err != nil); err != nil {
		log.Warn().Err(err).Msg("settle work")
	}
}

// contained runs the step and turns a panic into an error, so that one bad item never stops the rest.
func (l *Loop) contained(ctx context.Context, item Item) (next time.Time, err error) {
	defer func() {
		if p := recover(); p != nil {
			next, err = time.Time{}, fmt.Errorf("panic: %v", p)
		}
	}()
	return l.Step(ctx, item)
}

// keep extends the item's lease at half-time until the returned function is called, which tells whether it is still
// ours. The step's context ends when the lease is lost.
func (l *Loop) keep(ctx context.Context, item Item) (context.Context, func() bool) {
	step, cancel := context.WithCancel(ctx)
	ended := make(chan bool, 1)
	go func() {
		for {
			if l.Clock.Wait(step, l.Clock.Now().Add(l.lease()/2)) != nil {
				ended <- true
				return
			}
			if err := l.Queue.Extend(step, item, l.Clock.Now().Add(l.lease())); errors.Is(err, ErrLeaseLost) {
				cancel()
				ended <- false
				return
			}
		}
	}()
	return step, func() bool { cancel(); return <-ended }
}

func (l *Loop) lease() time.Duration {
	if l.Lease == 0 {
		return 20 * time.Second
	}
	return l.Lease
}

// backoff is 1 s, 2 s, 4 s … up to a minute.
func backoff(attempts int) time.Duration {
	return min(time.Minute, time.Second<<min(max(attempts-1, 0), 6))
}

// held is what this process has under way.
type held struct {
	mu  sync.Mutex
	ids map[string]bool
}

func (h *held) take(id string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ids[id] {
		return false
	}
	if h.ids == nil {
		h.ids = map[string]bool{}
	}
	h.ids[id] = true
	return true
}

func (h *held) drop(id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.ids, id)
}
