package database

import (
	"context"
	"slices"
	"sync"
)

// turns hand out SQLite's one writer: first to those for whom a person's ack waits, then to the others, each in the order
// of asking. The pool of connections would choose at random, so that some wait for very long while many write.
type turns struct {
	mu           sync.Mutex
	taken        bool
	acks, others []chan struct{} // closed when it is that one's turn
}

// take waits for a turn. Who has one gives it back.
func (t *turns) take(ctx context.Context, ack bool) error {
	t.mu.Lock()
	if !t.taken {
		t.taken = true
		t.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	waiting := &t.others
	if ack {
		waiting = &t.acks
	}
	*waiting = append(*waiting, turn)
	t.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
	}
	t.mu.Lock()
	before := len(*waiting)
	*waiting = slices.DeleteFunc(*waiting, func(one chan struct{}) bool { return one == turn })
	came := len(*waiting) == before
	t.mu.Unlock()
	if came { // just now
		t.give()
	}
	return ctx.Err()
}

// give gives a turn back, for the next one.
func (t *turns) give() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, waiting := range []*[]chan struct{}{&t.acks, &t.others} {
		if len(*waiting) > 0 {
			close((*waiting)[0])
			*waiting = slices.Delete(*waiting, 0, 1)
			return
		}
	}
	t.taken = false
}
