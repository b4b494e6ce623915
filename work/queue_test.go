package work_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"bellhop/work"
)

// queue is a work.Queue in memory that keeps the promises of the interface.
type queue struct {
	mu    sync.Mutex
	rows  map[string]*row
	takes int
}

type row struct {
	work.Item
	until time.Time
	again time.Time
}

func newQueue() *queue { return &queue{rows: map[string]*row{}} }

func (q *queue) schedule(id string, due time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	r, ok := q.rows[id]
	switch {
	case !ok:
		q.rows[id] = &row{Item: work.Item{Kind: "thing", ID: id, DueAt: due}}
	case r.Lease == "":
		r.DueAt = due
	case r.again.IsZero() || due.Before(r.again):
		r.again = due
	}
}

func (q *queue) Claim(_ context.Context, kind work.Kind, now time.Time, lease time.Duration, limit int) ([]work.Item, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.takes++
	var due []*row
	for _, r := range q.rows {
		if r.Kind == kind && !r.DueAt.After(now) && !r.until.After(now) {
			due = append(due, r)
		}
	}
	slices.SortFunc(due, func(a, b *row) int { return cmp.Or(a.DueAt.Compare(b.DueAt), cmp.Compare(a.ID, b.ID)) })
	var items []work.Item
	for _, r := range due[:min(limit, len(due))] {
		r.Lease, r.until = fmt.Sprint(q.takes), now.Add(lease)
		r.Attempts++
		items = append(items, r.Item)
	}
	return items, nil
}

func (q *queue) Extend(_ context.Context, item work.Item, until time.Time) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	r, ok := q.rows[item.ID]
	if !ok {
		return nil
	}
	if r.Lease != item.Lease {
		return work.ErrLeaseLost
	}
	r.until = until
	return nil
}

func (q *queue) Settle(_ context.Context, item work.Item, next time.Time, failed bool) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	r, ok := q.rows[item.ID]
	if !ok {
		return nil
	}
	if r.Lease != item.Lease {
		return work.ErrLeaseLost
	}
	if !r.again.IsZero() && (next.IsZero() || r.again.Before(next)) {
		next = r.again
	}
	if next.IsZero() {
		delete(q.rows, item.ID)
		return nil
	}
	r.DueAt, r.until, r.again, r.Lease = next, time.Time{}, time.Time{}, ""
	if !failed {
		r.Attempts = 0
	}
	return nil
}

func (q *queue) NextDue(context.Context, work.Kind) (time.Time, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	var soonest time.Time
	for _, r := range q.rows {
		at := r.DueAt
		if r.Lease != "" {
			at = r.until
		}
		if soonest.IsZero() || at.Before(soonest) {
			soonest = at
		}
	}
	return soonest, nil
}

// row is how the item stands now.
func (q *queue) row(id string) (row, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	r, ok := q.rows[id]
	if !ok {
		return row{}, false
	}
	return *r, true
}
