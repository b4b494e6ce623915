package catalog

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// RefreshResult is what a refresh did.
type RefreshResult struct {
	Files    int // matched by the locations
	Entities int // in the catalog now
	Added    int
	Changed  int
	Removed  int
	Kept     int // entities whose source could not be read now: they stay as they were last read
	Refused  int // entities whose descriptor is wrong now: so do they
	Orphaned int // entities whose source was first missed now: they stay for a while
	Problems int // relations that lead nowhere included
	Took     time.Duration
}

// refreshLease is how long a refresh is taken to be alive after its last write.
const refreshLease = 30 * time.Second

// Refresh reads all locations, compares what they give with what is stored, and writes what changed; people see all of
// it at once, or, when it fails, none of it. A file or location that cannot be read keeps what it gave last. A refresh under
// way in this process is waited for; while another process refreshes the same store it is ErrRefreshing.
func (c *Catalog) Refresh(ctx context.Context) (RefreshResult, error) {
	select {
	case c.refresh <- struct{}{}:
		defer func() { <-c.refresh }()
	case <-ctx.Done():
		return RefreshResult{}, fmt.Errorf("wait for the refresh under way: %w", ctx.Err())
	}
	result, err := c.refreshOnce(ctx)
	if err != nil {
		return RefreshResult{}, fmt.Errorf("refresh the catalog: %w", err)
	}
	return result, nil
}

// Run refreshes at once and then every Options.Refresh, and whenever RefreshSoon asks for it, until ctx ends. Meanwhile the
// catalog answers with what it has.
func (c *Catalog) Run(ctx context.Context) error {
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		c.runAsked(ctx)
	}()
	defer func() { <-answered }()
	for {
		_, err := c.refreshAndTell(ctx)
		if ctx.Err() != nil {
			return nil
		}
		pause := c.options.Refresh
		if err != nil {
			pause = min(pause, time.Minute)
		}
		if c.options.Clock.Wait(ctx, c.options.Clock.Now().Add(pause)) != nil {
			return nil
		}
	}
}

// refreshAndTell refreshes, and tells Options.Refreshed of it.
func (c *Catalog) refreshAndTell(ctx context.Context) (RefreshResult, error) {
	result, err := c.Refresh(ctx)
	if err == nil {
		_, err = c.names.get(ctx, c.store) // so that who mistypes a name need not wait for it
	}
	if c.options.Refreshed != nil && ctx.Err() == nil && !errors.Is(err, ErrRefreshing) { // the other one tells
		c.options.Refreshed(result, err)
	}
	return result, err
}

// wish is that of somebody who wants the catalog to be read now.
type wish struct {
	ctx     context.Context //nolint:containedctx // how long they wait
	outcome chan outcome    // while they wait
	late    func(ctx context.Context, result RefreshResult, err error)
}

type outcome struct {
	result RefreshResult
	err    error
}

// ErrLater tells that a refresh goes on, and that its outcome will be told.
var ErrLater = errors.New("the catalog is being read")

// RefreshSoon has Run refresh and waits for the outcome until ctx ends; then it gives ErrLater, and late is called with the
// outcome once it is known. Without Run, as in a terminal, it refreshes itself.
func (c *Catalog) RefreshSoon(ctx context.Context, late func(ctx context.Context, result RefreshResult, err error)) (RefreshResult, error) {
	if !c.running.Load() {
		return c.Refresh(ctx)
	}
	a := wish{ctx, make(chan outcome), late}
	select {
	case c.asked <- a:
	default:
		return RefreshResult{}, ErrRefreshing // many have asked already
	}
	select {
	case o := <-a.outcome:
		return o.result, o.err
	case <-ctx.Done():
		return RefreshResult{}, ErrLater
	}
}

// runAsked refreshes for all who have asked until then, again and again.
func (c *Catalog) runAsked(ctx context.Context) {
	c.running.Store(true)
	defer c.running.Store(false)
	for {
		var waiting []wish
		select {
		case <-ctx.Done():
			return
		case a := <-c.asked:
			waiting = append(waiting, a)
		}
		for range len(c.asked) {
			waiting = append(waiting, <-c.asked)
		}
		result, err := c.refreshAndTell(ctx)
		for _, a := range waiting {
			select {
			case a.outcome <- outcome{result, err}:
			case <-a.ctx.Done():
				a.late(ctx, result, err)
			}
		}
	}
}

func (c *Catalog) refreshOnce(ctx context.Context) (result RefreshResult, err error) {
	start := c.options.Clock.Now()
	refresh, err := c.store.Begin(ctx, start, refreshLease)
	if err != nil {
		return result, err
	}
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		err = errors.Join(err, refresh.Close(closing))
	}()
	defer alive(ctx, refresh)()
	stored, err := refresh.Stored(ctx)
	if err != nil {
		return result, err
	}
	r := newReader(c.options, refresh, stored, start)
	if err := r.read(ctx); err != nil {
		return result, err
	}
	if err := r.finish(ctx); err != nil {
		return result, err
	}
	if err := c.countTogether(ctx, refresh, &r.result); err != nil {
		return result, err
	}
	if err := refresh.Tidy(ctx); err != nil {
		return result, err
	}
	r.result.Took = c.options.Clock.Now().Sub(start)
	return r.result, nil
}

// countTogether counts what is wrong with all of the catalog together; that can only have changed where entities did.
func (c *Catalog) countTogether(ctx context.Context, refresh Refresh, result *RefreshResult) error {
	if result.Added+result.Changed+result.Removed == 0 {
		status, err := c.store.Status(ctx)
		result.Problems = status.Problems
		return err
	}
	together, err := c.togetherProblems(ctx)
	if err != nil {
		return err
	}
	result.Problems += len(together)
	return refresh.CountTogether(ctx, len(together))
}
