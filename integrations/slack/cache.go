package slack

import (
	"context"
	"sync"
	"time"

	"bellhop/clock"
)

// cache remembers what Slack said for a while. One key is asked for once at a time; others wait for that answer.
type cache[V any] struct {
	clock clock.Clock
	life  time.Duration
	load  func(ctx context.Context, key string) (V, error)

	mu   sync.Mutex
	kept map[string]*cached[V]
}

type cached[V any] struct {
	turn  chan struct{} // held by who asks Slack
	value V
	at    time.Time // when Slack said so
}

// cacheLimit is how many keys a cache keeps at most; past it everything is asked for anew.
const cacheLimit = 20_000

func newCache[V any](c clock.Clock, life time.Duration, load func(context.Context, string) (V, error)) *cache[V] {
	return &cache[V]{clock: c, life: life, load: load, kept: map[string]*cached[V]{}}
}

// get is the value for key, at most life old. An error is not remembered.
func (c *cache[V]) get(ctx context.Context, key string) (V, error) { return c.within(ctx, key, c.life) }

// within is the value for key, at most age old.
func (c *cache[V]) within(ctx context.Context, key string, age time.Duration) (V, error) {
	entry := c.entry(key)
	select {
	case entry.turn <- struct{}{}:
		defer func() { <-entry.turn }()
	case <-ctx.Done():
		var none V
		return none, ctx.Err()
	}
	if !entry.at.IsZero() && c.clock.Now().Before(entry.at.Add(age)) {
		return entry.value, nil
	}
	value, err := c.load(ctx, key)
	if err != nil {
		return value, err
	}
	entry.value, entry.at = value, c.clock.Now()
	return value, nil
}

// forget lets the value for key be asked for anew.
func (c *cache[V]) forget(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.kept, key)
}

func (c *cache[V]) entry(key string) *cached[V] {
	c.mu.Lock()
	defer c.mu.Unlock()
	if entry := c.kept[key]; entry != nil {
		return entry
	}
	if len(c.kept) >= cacheLimit {
		c.kept = map[string]*cached[V]{}
	}
	entry := &cached[V]{turn: make(chan struct{}, 1)}
	c.kept[key] = entry
	return entry
}
