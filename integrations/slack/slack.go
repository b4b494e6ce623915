// Package slack is Bellhop's side of Slack: it receives by Socket Mode, answers by the Web API, and is the only place
// that knows Block Kit. A Client posts, updates and looks people up; a Receiver turns what comes in into chat.Request,
// has a Router answer it, and renders the chat.Reply.
//
// What changes something is recorded before it is acked and survives a crash; a request may then be handled twice, under
// the same Request.ID. What only reads is answered from memory.
package slack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	goslack "github.com/slack-go/slack"

	"bellhop/clock"
)

// DefaultAPIURL is Slack's own Web API.
const DefaultAPIURL = goslack.APIURL

// Options are what a Client needs.
type Options struct {
	APIURL   string // DefaultAPIURL when empty; a missing slash at its end is added
	BotToken string // xoxb-…
	AppToken string // xapp-…; needed by a Receiver and CheckSocket alone
	Clock    clock.Clock
	Log      zerolog.Logger
	Metrics  prometheus.Registerer // nil: counted, but shown nowhere
}

// Client speaks to one workspace. It is safe for concurrent use.
type Client struct {
	api      *goslack.Client
	http     *http.Client
	clock    clock.Clock
	log      zerolog.Logger
	metrics  *metrics
	appToken string

	mu   sync.Mutex
	self *identity

	people   *cache[goslack.User]
	channels *cache[channel]
	dms      *cache[string]
	groups   *cache[map[string]string]
	members  *cache[map[string]bool]
	names    *cache[map[string]string]
	leavers  leavers

	pace    *pace
	updates *updates
	refused chan *AuthError // a token was refused during a call
}

// New makes a Client; it calls nothing yet.
func New(o Options) (*Client, error) {
	if o.BotToken == "" {
		return nil, errors.New(botTokenVariable + " is not set: it is the bot token (xoxb-…) of the app")
	}
	if o.APIURL == "" {
		o.APIURL = DefaultAPIURL
	}
	if !strings.HasSuffix(o.APIURL, "/") {
		o.APIURL += "/"
	}
	if o.Clock == nil {
		o.Clock = clock.Real{}
	}
	client := newHTTPClient(o.APIURL)
	c := &Client{
		api: goslack.New(o.BotToken, goslack.OptionAPIURL(o.APIURL), goslack.OptionHTTPClient(client),
			goslack.OptionAppLevelToken(o.AppToken)),
		http: client, clock: o.Clock, log: o.Log, metrics: newMetrics(o.Metrics), appToken: o.AppToken,
		pace: newPace(o.Clock), updates: newUpdates(o.Clock),
		refused: make(chan *AuthError, 1),
	}
	c.openDirectory()
	return c, nil
}

// identity is who the bot is.
type identity struct {
	team, url, user, name string // T…, https://acme.slack.com/, U…, bellhop
}

// identity asks Slack once who the bot is, and remembers.
func (c *Client) identity(ctx context.Context) (identity, error) {
	c.mu.Lock()
	known := c.self
	c.mu.Unlock()
	if known != nil {
		return *known, nil
	}
	var answer *goslack.AuthTestResponse
	err := c.call(ctx, authTest, func(ctx context.Context) (err error) {
		answer, err = c.api.AuthTestContext(ctx)
		return err
	})
	if err != nil {
		return identity{}, err
	}
	self := identity{team: answer.TeamID, url: answer.URL, user: answer.UserID, name: answer.User}
	c.mu.Lock()
	c.self = &self
	c.mu.Unlock()
	return self, nil
}

// renderer renders for this workspace; links to people are left out while it is not known yet.
func (c *Client) renderer() renderer {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.self == nil {
		return renderer{}
	}
	return renderer{teamURL: c.self.url, name: c.self.name}
}

// call makes one call of the Web API. It waits out rate limits as long as ctx allows, counts the call, and gives errors
// their meaning. Calls are never repeated otherwise: a post whose answer was lost may have been made.
func (c *Client) call(ctx context.Context, method string, do func(ctx context.Context) error) error {
	for {
		err := do(ctx)
		if limited, ok := errors.AsType[*goslack.RateLimitedError](err); ok {
			c.metrics.calls.WithLabelValues(method, "rate_limited").Inc()
			pause := max(limited.RetryAfter, time.Second)
			c.log.Debug().Str("method", method).Dur("retry_after", pause).Msg("slack asks to wait")
			if waited := c.clock.Wait(ctx, c.clock.Now().Add(pause)); waited != nil {
				return fmt.Errorf("slack %s: rate limited for %s: %w", method, pause, waited)
			}
			continue
		}
		c.count(method, err)
		err = translated(method, botTokenVariable, err)
		if refused, ok := errors.AsType[*AuthError](err); ok {
			select {
			case c.refused <- refused:
			default: // one is enough
			}
		}
		return err
	}
}

// errorWord is how Slack's errors look: anything else is no label.
var errorWord = regexp.MustCompile(`^[a-z_]{2,60}$`)

func (c *Client) count(method string, err error) {
	result := "ok"
	switch {
	case err != nil && errorWord.MatchString(code(err)):
		result = code(err)
	case err != nil:
		result = "failed"
	}
	c.metrics.calls.WithLabelValues(method, result).Inc()
}
