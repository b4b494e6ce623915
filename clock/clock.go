// Package clock is the time that Bellhop's long-running parts live in. Pure code takes a moment as an argument
// instead; only services that wait hold a Clock.
package clock

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Clock tells the time and waits for it.
type Clock interface {
	// Now is the present moment.
	Now() time.Time
	// Wait returns nil when Now has reached t, or ctx's error when ctx ends first.
	Wait(ctx context.Context, t time.Time) error
}

// Real is the machine's own clock.
type Real struct{}

// Now implements Clock.
func (Real) Now() time.Time { return time.Now() }

// Wait implements Clock.
func (Real) Wait(ctx context.Context, t time.Time) error {
	return waitOrChange(ctx, time.Until(t), nil)
}

// ErrBackwards is returned by Adjustable.To for a moment that has passed: due times and leases rest on a time that
// never runs backwards.
var ErrBackwards = errors.New("the clock cannot be set back")

// Adjustable runs at the machine's speed, ahead of it by an offset that can grow. The zero value is ready and shows
// the real time.
type Adjustable struct {
	mu      sync.Mutex
	offset  time.Duration
	changed chan struct{}
}

// Now implements Clock.
func (a *Adjustable) Now() time.Time {
	offset, _ := a.Offset()
	return time.Now().Add(offset)
}

// Offset is how far ahead of the machine's clock this one is, and a channel that closes when that changes.
func (a *Adjustable) Offset() (time.Duration, <-chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.changed == nil {
		a.changed = make(chan struct{})
	}
	return a.offset, a.changed
}

// SetOffset puts the clock offset ahead of the machine's. A smaller offset than before is ErrBackwards.
func (a *Adjustable) SetOffset(offset time.Duration) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.set(offset)
}

// set changes the offset. The lock is held.
func (a *Adjustable) set(offset time.Duration) error {
	if offset < a.offset {
		return ErrBackwards
	}
	a.offset = offset
	if a.changed != nil {
		close(a.changed)
		a.changed = nil
	}
	return nil
}

// Advance moves the clock forward by d.
func (a *Adjustable) Advance(d time.Duration) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.set(a.offset + d)
}

// To moves the clock forward to t.
func (a *Adjustable) To(t time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.set(time.Until(t))
}

// Wait implements Clock; a jump of the clock past t ends it at once.
func (a *Adjustable) Wait(ctx context.Context, t time.Time) error {
	for {
		offset, changed := a.Offset()
		left := t.Sub(time.Now().Add(offset))
		if err := waitOrChange(ctx, left, changed); err != nil || left <= 0 {
			return err
		}
	}
}

// waitOrChange returns after d, when changed closes, or with ctx's error.
func waitOrChange(ctx context.Context, d time.Duration, changed <-chan struct{}) error {
	if err := ctx.Err(); err != nil || d <= 0 {
		return err
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-changed:
	case <-timer.C:
	}
	return nil
}
