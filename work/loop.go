package work

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"bellhop/clock"
)

// Step looks at what is so for one item and takes one idempotent step. It returns when to look again (zero: never). An
// error is logged and the item comes back at next, or after a growing pause when next is zero.
//
// Its context ends when the item's lease is lost, and Loop.Grace after the loop was told to stop.
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
	// Grace is how long steps under way may go on after the loop was told to stop, by the machine's clock; 0 is 7 s.
	Grace time.Duration
	// Wake, when it receives, makes the loop look at once: this process has just made something due. Give it a buffer of
	// one and send without waiting.
	Wake <-chan struct{}
	// Observe, if set, is told of every step that ended and how long it took by the machine's clock.
	Observe func(kind Kind, took time.Duration, err error)

	holding holding
}

// Run works until ctx ends, and returns after the steps under way have ended and their items are settled. A step that is
// cut short by the stop is handed back, due at once for whoever comes next.
func (l *Loop) Run(ctx context.Context) error {
	width := l.Width
	if width == 0 {
		width = 4
	}
	steps, end := l.gracefully(ctx)
	defer end()
	var (
		running sync.WaitGroup
		free    = make(chan struct{}, width)
		settled = make(chan struct{}, 1) // this loop has made something due itself
	)
	defer running.Wait()
	for ctx.Err() == nil {
		now := l.Clock.Now()
		claimed, items, err := l.holding.claim(func() ([]Item, error) {
			return l.Queue.Claim(ctx, l.Kind, now, l.lease(), width-len(free))
		})
		if err != nil && ctx.Err() == nil {
			l.Log.Error().Err(err).Str("kind", string(l.Kind)).Msg("claim work")
		}
		for _, h := range items {
			free <- struct{}{}
			running.Go(func() {
				l.one(steps, h)
				<-free
				select {
				case settled <- struct{}{}:
				default:
				}
			})
		}
		switch {
		case len(free) == width:
			untilFree(ctx, free)
		case claimed == 0:
			l.pause(ctx, now, settled)
		}
	}
	return nil
}

// gracefully is a context for steps that outlives ctx by the grace.
func (l *Loop) gracefully(ctx context.Context) (steps context.Context, end func()) {
	grace := l.Grace
	if grace == 0 {
		grace = 7 * time.Second
	}
	steps, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stopped := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel()
		case <-steps.Done():
		}
	})
	return steps, func() { stopped(); cancel() }
}

// untilFree waits until a step has ended while all places were taken, or ctx ends.
func untilFree(ctx context.Context, free chan struct{}) {
	select {
	case free <- struct{}{}:
		<-free
	case <-ctx.Done():
	}
}

// pause waits until something may be due that was not at now, or ctx ends.
func (l *Loop) pause(ctx context.Context, now time.Time, settled <-chan struct{}) {
	poll := l.Poll
	if poll == 0 {
		poll = 2 * time.Second
	}
	until := now.Add(poll)
	// What was due at now and yet not to be had is another's, or the queue is in trouble: no hurry then.
	if due, err := l.Queue.NextDue(ctx, l.Kind); err == nil && due.After(now) && due.Before(until) {
		until = due
	}
	waiting, cancel := context.WithCancel(ctx)
	woken := make(chan struct{})
	go func() {
		defer close(woken)
		select {
		case <-l.Wake:
			cancel()
		case <-settled:
			cancel()
		case <-waiting.Done():
		}
	}()
	_ = l.Clock.Wait(waiting, until) // its only error is that the wait was cut short
	cancel()
	<-woken // else it might swallow the next wake
}

// one runs a step while keeping its lease, and settles the item.
func (l *Loop) one(ctx context.Context, h *held) {
	item := h.now()
	log := l.Log.With().Str("kind", string(item.Kind)).Str("id", item.ID).Logger()
	kept, lost := l.keep(ctx, h)
	began := time.Now()
	next, err := l.contained(kept, item)
	if l.Observe != nil {
		l.Observe(item.Kind, time.Since(began), err)
	}
	if lost() {
		l.holding.drop(h)
		log.Warn().Err(err).Msg("lease lost during a step")
		return
	}
	handedBack := err != nil && ctx.Err() != nil
	switch {
	case handedBack:
		next = l.Clock.Now()
	case err != nil:
		log.Error().Err(err).Int("attempts", item.Attempts).Msg("work step")
		if next.IsZero() {
			next = l.Clock.Now().Add(backoff(item.Attempts))
		}
	}
	settle, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if err := l.holding.finish(h, func(item Item) error { return l.Queue.Settle(settle, item, next, err != nil) }); err != nil {
		log.Warn().Err(err).Msg("settle work")
	}
}

// contained runs the step and turns a panic into an error, so that one bad item never stops the rest.
func (l *Loop) contained(ctx context.Context, item Item) (next time.Time, err error) {
	defer func() {
		if p := recover(); p != nil {
			next, err = time.Time{}, fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return l.Step(ctx, item)
}

// keep extends the item's lease at half-time until the returned function is called, which tells whether it was lost. The
// step's context ends when it is.
func (l *Loop) keep(ctx context.Context, h *held) (context.Context, func() bool) {
	step, cancel := context.WithCancel(ctx)
	ended := make(chan bool, 1)
	go func() {
		for {
			if l.Clock.Wait(step, l.Clock.Now().Add(l.lease()/2)) != nil {
				ended <- false
				return
			}
			err := l.holding.with(h, func(item Item) error { return l.Queue.Extend(step, item, l.Clock.Now().Add(l.lease())) })
			if errors.Is(err, ErrLeaseLost) {
				cancel()
				ended <- true
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
