package accounts

import (
	"context"
	"errors"
	"fmt"
	"time"

	"bellhop/catalog"
	"bellhop/chat"
	"bellhop/clock"
	"bellhop/work"
)

// WorkKind is the kind of work items that wait for people to type their codes; ids are Slack ids.
const WorkKind work.Kind = "account"

// Devices is GitHub's device flow; integrations/github does.
type Devices interface {
	// Start begins a flow.
	Start(ctx context.Context) (catalog.DeviceCode, error)
	// Login asks once whether somebody has typed the code, and who: ErrDevicePending, ErrDeviceSlower, ErrDeviceExpired or
	// ErrDeviceDenied of catalog, or any other error, which says nothing.
	Login(ctx context.Context, code catalog.DeviceCode) (login string, err error)
}

// Users finds the catalog's people; catalog.Catalog does.
type Users interface {
	// UserOfLogin is the User with that GitHub login.
	UserOfLogin(ctx context.Context, login string) (catalog.Entity, bool, error)
	// SomebodyElse tells whether a User is known to be another than that Slack account.
	SomebodyElse(user catalog.Entity, slackID, email string) bool
}

// Outcome is how a flow ended.
type Outcome string

// The outcomes.
const (
	Linked  Outcome = "linked"
	Expired Outcome = "expired"
	Denied  Outcome = "denied"
	Taken   Outcome = "taken"   // another Slack account has the login
	Another Outcome = "another" // the catalog has the login as another person
)

// Teller tells a person, and whoever keeps records, how their flow ended.
type Teller interface {
	Ended(ctx context.Context, f Flow, outcome Outcome, login string) error
}

// Linker links accounts.
type Linker struct {
	Store     Store
	Directory *Directory
	Devices   Devices
	Users     Users
	Teller    Teller
	Clock     clock.Clock
	Wake      func() // the loop over WorkKind
}

// Start begins a flow for a person, in place of one that they began before.
func (l *Linker) Start(ctx context.Context, p chat.Person) (catalog.DeviceCode, error) {
	code, err := l.Devices.Start(ctx)
	if err != nil {
		return catalog.DeviceCode{}, fmt.Errorf("start a device flow: %w", err)
	}
	now := l.Clock.Now()
	if err := l.Store.Begin(ctx, Flow{Person: p.ID, Email: p.Email, Code: code, StartedAt: now}, now.Add(code.Interval)); err != nil {
		return catalog.DeviceCode{}, fmt.Errorf("start a device flow: %w", err)
	}
	l.Wake()
	return code, nil
}

// Step implements work.Step: it asks once about one person's code.
func (l *Linker) Step(ctx context.Context, item work.Item) (next time.Time, err error) {
	flow, err := l.Store.Flow(ctx, item.ID)
	if errors.Is(err, ErrNotFound) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, err
	}
	now := l.Clock.Now()
	if !now.Before(flow.Code.Expires) {
		return time.Time{}, l.end(ctx, flow, Expired, "")
	}
	login, err := l.Devices.Login(ctx, flow.Code)
	switch {
	case errors.Is(err, catalog.ErrDeviceSlower):
		flow.Code.Interval += 5 * time.Second
		return time.Time{}, l.Store.Begin(ctx, flow, now.Add(flow.Code.Interval))
	case errors.Is(err, catalog.ErrDevicePending):
		return now.Add(flow.Code.Interval), nil
	case errors.Is(err, catalog.ErrDeviceExpired):
		return time.Time{}, l.end(ctx, flow, Expired, "")
	case errors.Is(err, catalog.ErrDeviceDenied):
		return time.Time{}, l.end(ctx, flow, Denied, "")
	case err != nil:
		return now.Add(flow.Code.Interval), fmt.Errorf("ask about a device flow: %w", err)
	}
	outcome, err := l.link(ctx, flow, login, now)
	if err != nil {
		return time.Time{}, err
	}
	return time.Time{}, l.end(ctx, flow, outcome, login)
}

// link keeps who it is, unless another is known to be that already: whoever talks somebody into typing a code must not become
// them.
func (l *Linker) link(ctx context.Context, f Flow, login string, now time.Time) (Outcome, error) {
	user, found, err := l.Users.UserOfLogin(ctx, login)
	if err != nil {
		return "", err
	}
	if found && l.Users.SomebodyElse(user, f.Person, f.Email) {
		return Another, nil
	}
	err = l.Store.Link(ctx, Link{Person: f.Person, Login: login, At: now})
	if errors.Is(err, ErrTaken) {
		return Taken, nil
	}
	if err != nil {
		return "", err
	}
	return Linked, l.Directory.Reload(ctx)
}

// end forgets a flow and tells how it ended, in that order: a code answers once, so that who were asked again would be told that
// it has expired.
func (l *Linker) end(ctx context.Context, f Flow, outcome Outcome, login string) error {
	if err := l.Store.End(ctx, f); err != nil {
		return err
	}
	if err := l.Teller.Ended(ctx, f, outcome, login); err != nil {
		return fmt.Errorf("tell how a device flow ended: %w", err)
	}
	return nil
}
