// Package work is Bellhop's one mechanism for whatever is due: environments to look after, summaries to post,
// repositories to follow, messages to handle. An item is a row with a due time; any replica claims it by lease, takes
// one idempotent step and settles it with its next due time. There is no leader and no queue server: after a crash the
// lease runs out and the next one goes on.
package work

import (
	"context"
	"errors"
	"time"
)

// Kind names what sort of thing is due: "environment", "summary", "repository", "inbox", …
type Kind string

// Item is a claimed row. Only who holds its lease may settle it.
type Item struct {
	Kind     Kind
	ID       string
	DueAt    time.Time
	Attempts int    // claims since it was last settled without an error, this one included
	Lease    string // the claim's token
}

// ErrLeaseLost is returned by Settle when the lease ran out and somebody else took the item.
var ErrLeaseLost = errors.New("the lease was lost")

// Queue is where due items stand. Schedule belongs into the transaction that writes the thing itself, so stores offer
// it there; here is what a Loop needs.
type Queue interface {
	// Claim takes at most limit items of kind that are due at now and not leased, oldest due first, until lease has
	// passed.
	Claim(ctx context.Context, kind Kind, now time.Time, lease time.Duration, limit int) ([]Item, error)
	// Extend keeps a claimed item until the given moment, or returns ErrLeaseLost.
	Extend(ctx context.Context, item Item, until time.Time) error
	// Settle gives the item back, due again at next, or removes it when next is zero. failed keeps the count of
	// attempts. A Schedule for an earlier moment that came in the meantime wins over next.
	Settle(ctx context.Context, item Item, next time.Time, failed bool) error
	// NextDue is when the earliest item of kind is due or its lease runs out; zero when there is none.
	NextDue(ctx context.Context, kind Kind) (time.Time, error)
}
