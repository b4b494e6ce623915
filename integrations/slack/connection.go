package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"
	goslack "github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

// quietFor is how long a connection may be without a ping before it is told: Slack pings every few seconds, and the
// library gives a connection up after 30 s without.
const quietFor = 30 * time.Second

// connection is one of a process's Socket Mode connections. Times are the machine's own: sockets know no other.
type connection struct {
	number  int
	client  *socketmode.Client
	log     zerolog.Logger
	metrics *metrics

	mu      sync.Mutex
	up      bool
	pinged  time.Time // the last ping, or the first hello while none came
	failure string    // why it is not up
	unsent  int       // acks handed over and not written yet
	flushed chan struct{}
}

// ackPatience is how long an ack waits for a connection to go out on; Slack gives up after three seconds.
const ackPatience = 2 * time.Second

func newConnection(number int, api *goslack.Client, log zerolog.Logger, m *metrics) *connection {
	c := &connection{number: number, log: log.With().Int("connection", number).Logger(), metrics: m, failure: "connecting", flushed: make(chan struct{})}
	// slack-go tells of pings and of disconnects' reasons in its debug log alone. Debugging the socket, unlike debugging
	// the API client, changes nothing about the connections themselves.
	c.client = socketmode.New(api, socketmode.OptionDebug(true), socketmode.OptionLog(overheard{c}),
		socketmode.OptionReadLimit(4<<20)) // Slack's envelopes are far smaller
	return c
}

// overheard listens to slack-go's debug log for what it tells in no other way.
type overheard struct{ connection *connection }

// Output implements slack-go's logger. A line is a text that begins with what happened.
func (o overheard) Output(_ int, line string) error {
	c := o.connection
	switch {
	case strings.HasPrefix(line, "WebSocket ping message received"):
		c.ping()
	case strings.HasPrefix(line, "Finished sending Socket Mode response"):
		c.sent()
	case strings.HasPrefix(line, "Reconnecting due to"):
		c.down(strings.TrimSpace(strings.TrimPrefix(line, "Reconnecting due to")))
	case strings.HasPrefix(line, "Received WebSocket message:") && strings.Contains(line, `"type":"disconnect"`):
		c.disconnected(strings.TrimPrefix(line, "Received WebSocket message:"))
	}
	return nil
}

func (c *connection) hello() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pinged.IsZero() || c.failure == linkDisabled {
		c.pinged = time.Now()
	}
	c.up, c.failure = true, ""
	c.log.Info().Msg("slack connection is up")
}

func (c *connection) ping() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pinged = time.Now()
}

// linkDisabled is what is wrong after Socket Mode was switched off.
const linkDisabled = "Socket Mode was switched off for this app (link_disabled): switch it on under Socket Mode at https://api.slack.com/apps"

// disconnected notes that Slack asked to disconnect, if the frame says so. The library connects anew by itself.
func (c *connection) disconnected(frame string) {
	var said struct {
		Type   string `json:"type"`
		Reason string `json:"reason"`
	}
	if json.Unmarshal([]byte(frame), &said) != nil || said.Type != "disconnect" {
		return
	}
	if !errorWord.MatchString(said.Reason) {
		said.Reason = "unknown"
	}
	c.metrics.disconnects.WithLabelValues(said.Reason).Inc()
	switch said.Reason {
	case "link_disabled":
		c.log.Error().Msg(linkDisabled)
		c.down(linkDisabled)
	case "too_many_websockets":
		const why = "Slack allows ten connections an app and has them all (too_many_websockets): stop other replicas"
		c.log.Warn().Msg(why)
		c.down(why)
	default: // warning, refresh_requested: Slack's own housekeeping
		c.log.Info().Str("reason", said.Reason).Msg("slack asks for a new connection")
		c.down("reconnecting: " + said.Reason)
	}
}

// down notes why there is no connection; what Slack said is kept over what the socket says next.
func (c *connection) down(why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.up || c.failure == "connecting" {
		c.failure = why
	}
	c.up = false
}

// ready tells what is wrong with the connection, or nil.
func (c *connection) ready(now time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	quiet := now.Sub(c.pinged)
	switch {
	case !c.up:
		return fmt.Errorf("slack connection %d is not up: %s", c.number, c.failure)
	case quiet > quietFor:
		return fmt.Errorf("slack connection %d is up, but no ping came for %s", c.number, quiet.Round(time.Second))
	}
	return nil
}

// ack acks an envelope. The library queues it; that it could not be written is told later, as an event.
func (c *connection) ack(e envelope, payload any) {
	c.mu.Lock()
	c.unsent++
	c.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), ackPatience)
	defer cancel()
	if err := c.client.AckCtx(ctx, e.id, payload); err != nil {
		c.sent()
		c.metrics.ackFailures.Inc()
		c.log.Warn().Err(err).Str("type", e.kind).Msg("ack")
		return
	}
	c.metrics.ack.WithLabelValues(e.kind).Observe(time.Since(e.came).Seconds())
}

func (c *connection) sent() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.unsent = max(c.unsent-1, 0); c.unsent == 0 {
		close(c.flushed)
		c.flushed = make(chan struct{})
	}
}

// flush waits until all acks were written, or ctx ends.
func (c *connection) flush(ctx context.Context) {
	for {
		c.mu.Lock()
		left, flushed := c.unsent, c.flushed
		c.mu.Unlock()
		if left == 0 {
			return
		}
		select {
		case <-flushed:
		case <-ctx.Done():
			return
		}
	}
}

// run keeps the connection up until ctx ends. An error is an AuthError, after which nothing helps.
func (c *connection) run(ctx context.Context, take func(*connection, envelope)) error {
	pause := time.Second
	for ctx.Err() == nil {
		started := time.Now()
		err := c.runOnce(ctx, take)
		if time.Since(started) > time.Minute {
			pause = time.Second
		}
		if refused, ok := errors.AsType[*AuthError](err); ok {
			return refused
		}
		if ctx.Err() != nil {
			return nil
		}
		c.log.Warn().Err(err).Dur("pause", pause).Msg("slack connection ended")
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
		pause = min(2*pause, 30*time.Second)
	}
	return nil
}

// errSlowDown ends a run of the library whose own pauses have grown to minutes.
var errSlowDown = errors.New("slack could not be reached for a while")

// runOnce is one run of the library, whose events it reads without ever waiting for anything else: when they are not
// read, reconnecting stops for good.
func (c *connection) runOnce(ctx context.Context, take func(*connection, envelope)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	ended := make(chan error, 1)
	go func() { ended <- c.client.RunContext(ctx) }()
	for {
		select {
		case event := <-c.client.Events:
			if err := c.event(event, take); err != nil {
				cancel(err)
			}
		case err := <-ended:
			if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
				err = cause
			}
			if refusal := c.refusal(err); refusal != nil {
				return refusal
			}
			c.down("connection ended")
			return err
		}
	}
}

// refusal is the AuthError that an error of connecting means, or nil.
func (c *connection) refusal(err error) error {
	if refused, ok := errors.AsType[*AuthError](err); ok {
		return refused
	}
	if err != nil && wrongToken(connectionsOpen, err.Error()) {
		return &AuthError{Variable: appTokenVariable, Code: err.Error()}
	}
	return nil
}

// event deals with one event of the library; an error ends the run.
func (c *connection) event(event socketmode.Event, take func(*connection, envelope)) error {
	switch data := event.Data.(type) {
	case *socketmode.ErrorBadMessage: // a type that the library does not know, or a payload that it could not read
		var raw socketmode.Request
		if json.Unmarshal(data.Message, &raw) == nil && raw.EnvelopeID != "" {
			take(c, received(raw))
		}
	case *socketmode.ErrorWriteFailed:
		c.metrics.ackFailures.Inc()
		c.log.Warn().Err(data.Cause).Str("envelope", data.Response.EnvelopeID).Msg("ack was not written")
	case *goslack.ConnectionErrorEvent:
		return c.notConnected(data)
	default:
		switch event.Type {
		case socketmode.EventTypeHello:
			c.hello()
		case socketmode.EventTypeConnected:
			c.metrics.calls.WithLabelValues(connectionsOpen, "ok").Inc()
		case socketmode.EventTypeEventsAPI, socketmode.EventTypeSlashCommand, socketmode.EventTypeInteractive:
			take(c, received(*event.Request))
		}
	}
	return nil
}

// notConnected deals with a failed attempt to connect; the library tries again by itself unless an error is returned.
func (c *connection) notConnected(e *goslack.ConnectionErrorEvent) error {
	if refusal := c.refusal(e.ErrorObj); refusal != nil {
		return refusal
	}
	_, limited := errors.AsType[*goslack.RateLimitedError](e.ErrorObj)
	switch {
	case errors.Is(e.ErrorObj, context.Canceled): // Run is to end
	case e.Backoff > 30*time.Second && !limited:
		return errSlowDown
	default:
		c.metrics.calls.WithLabelValues(connectionsOpen, "failed").Inc()
		c.log.Warn().Err(e.ErrorObj).Dur("pause", e.Backoff).Msg("connect to slack")
		c.mu.Lock()
		c.up, c.failure = false, "cannot connect: "+e.ErrorObj.Error()
		c.mu.Unlock()
	}
	return nil
}

func received(r socketmode.Request) envelope {
	return envelope{id: r.EnvelopeID, kind: r.Type, payload: r.Payload, came: time.Now()}
}
