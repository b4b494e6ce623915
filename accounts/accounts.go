// Package accounts knows which Slack account is which GitHub login, by the word of who has both: a person types a code at
// GitHub that only their Slack account was shown (GitHub's device flow, which needs no way into this machine).
package accounts

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"bellhop/catalog"
	"bellhop/clock"
)

// Link says that a Slack account and a GitHub login are one person.
type Link struct {
	Person string // Slack id
	Login  string // as GitHub writes it
	At     time.Time
}

// Flow is a device flow that waits for its person.
type Flow struct {
	Person    string // Slack id
	Email     string // the confirmed one of the account; empty when unknown
	Code      catalog.DeviceCode
	StartedAt time.Time
}

// ErrNotFound tells that there is no such flow.
var ErrNotFound = errors.New("no such device flow")

// ErrTaken tells that a login is somebody else's already.
var ErrTaken = errors.New("the login is linked to another Slack account")

// Store keeps links, and flows with their work items.
type Store interface {
	// Links are all of them.
	Links(ctx context.Context) ([]Link, error)
	// Link keeps a link in place of the person's earlier one; ErrTaken where the login is another's.
	Link(ctx context.Context, l Link) error
	// Unlink forgets a person's link; one that is not there is fine.
	Unlink(ctx context.Context, person string) error
	// Begin keeps a flow in place of the person's earlier one, and makes it due.
	Begin(ctx context.Context, f Flow, due time.Time) error
	// Flow is a person's, or ErrNotFound.
	Flow(ctx context.Context, person string) (Flow, error)
	// End forgets a flow, unless its person has begun another.
	End(ctx context.Context, f Flow) error
}

// Directory answers from memory which account is whose. It satisfies catalog.Accounts.
type Directory struct {
	store Store
	clock clock.Clock

	mu      sync.RWMutex
	byLogin map[string]Link // in lower case
	bySlack map[string]Link
}

// NewDirectory makes a Directory, which knows nobody before Reload.
func NewDirectory(store Store, clk clock.Clock) *Directory {
	return &Directory{store: store, clock: clk}
}

// reloadEvery is how long a link that another replica made stays unknown here.
const reloadEvery = 15 * time.Second

// Run keeps the directory up to date until ctx ends. failed is told what goes wrong.
func (d *Directory) Run(ctx context.Context, failed func(error)) error {
	for d.clock.Wait(ctx, d.clock.Now().Add(reloadEvery)) == nil {
		if err := d.Reload(ctx); err != nil && ctx.Err() == nil {
			failed(err)
		}
	}
	return nil
}

// Reload reads all links.
func (d *Directory) Reload(ctx context.Context) error {
	links, err := d.store.Links(ctx)
	if err != nil {
		return fmt.Errorf("read linked accounts: %w", err)
	}
	byLogin, bySlack := make(map[string]Link, len(links)), make(map[string]Link, len(links))
	for _, l := range links {
		byLogin[strings.ToLower(l.Login)], bySlack[l.Person] = l, l
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.byLogin, d.bySlack = byLogin, bySlack
	return nil
}

// Linked is the link of a Slack account.
func (d *Directory) Linked(person string) (Link, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	l, ok := d.bySlack[person]
	return l, ok
}

// LoginOf implements catalog.Accounts.
func (d *Directory) LoginOf(slackID string) string {
	l, _ := d.Linked(slackID)
	return l.Login
}

// SlackIDOf implements catalog.Accounts.
func (d *Directory) SlackIDOf(login string) string {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.byLogin[strings.ToLower(login)].Person
}

// Unlink forgets a person's link.
func (d *Directory) Unlink(ctx context.Context, person string) error {
	if err := d.store.Unlink(ctx, person); err != nil {
		return fmt.Errorf("unlink an account: %w", err)
	}
	return d.Reload(ctx)
}
