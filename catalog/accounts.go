package catalog

import (
	"context"
	"errors"
	"time"
)

// DeviceCode is GitHub's device flow under way: a person types UserCode at URL, in a browser where they are signed in.
type DeviceCode struct {
	UserCode string // what the person types, such as WDJB-MJHT
	URL      string // where
	Secret   string // GitHub's device_code: what the flow is asked about by
	Interval time.Duration
	Expires  time.Time
}

// What a device flow that is under way, or over, says.
var (
	// ErrDevicePending tells that nobody has typed the code yet.
	ErrDevicePending = errors.New("nobody has typed the code yet")
	// ErrDeviceSlower is ErrDevicePending, asked too often: GitHub wants 5 s more between two questions.
	ErrDeviceSlower = errors.New("asked too often whether somebody has typed the code")
	// ErrDeviceExpired tells that the code's time is up.
	ErrDeviceExpired = errors.New("the code has expired")
	// ErrDeviceDenied tells that the person said no.
	ErrDeviceDenied = errors.New("the person said no")
)

// Accounts tells which Slack account is which GitHub login, by the word of who has both.
type Accounts interface {
	// LoginOf is the login of a Slack account; empty when unknown.
	LoginOf(slackID string) string
	// SlackIDOf is the Slack account of a login, whatever its case; empty when unknown.
	SlackIDOf(login string) string
}

// UserOfLogin is the User with that GitHub login; two are nobody.
func (c *Catalog) UserOfLogin(ctx context.Context, login string) (Entity, bool, error) {
	user, by, err := c.userBy(ctx, Key{KeyLogin, login})
	return user, by >= 0, err
}
