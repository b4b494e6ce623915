package slack

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"bellhop/chat"
	"bellhop/work"
)

// Router answers requests; handlers.Router does. Its methods may be called at the same time.
type Router interface {
	// Handle answers a request. It never fails: what goes wrong becomes an answer.
	Handle(ctx context.Context, r chat.Request) chat.Reply
	// Options are a searched menu's choices for what was typed so far (Action.Value).
	Options(ctx context.Context, r chat.Request) []chat.Option
	// Check gives a submitted form's errors by field.
	Check(r chat.Request) map[string]string
	// Changes tells whether handling r changes something. The person of r has no standing yet.
	Changes(r chat.Request) bool
	// OpensForm tells whether handling r ends in a form.
	OpensForm(r chat.Request) bool
	// Words is what r asks, as it would be typed; empty where it cannot be typed.
	Words(r chat.Request) string
}

// Inbox keeps what changes something from before its ack until it was done. database.Inbox does.
type Inbox interface {
	// Record keeps body under id and makes a work item of kind InboxKind and that id due, in one transaction. fresh is
	// false, and nothing is done, when id is there already.
	Record(ctx context.Context, id string, body []byte, at time.Time) (fresh bool, err error)
	// Load gives what was recorded; a nil body when there is none.
	Load(ctx context.Context, id string) (body []byte, done bool, err error)
	// Finish marks what was recorded as done.
	Finish(ctx context.Context, id string, at time.Time) error
	// Remove takes it away.
	Remove(ctx context.Context, id string) error
}

// InboxKind is the kind of the inbox's work items.
const InboxKind work.Kind = "inbox"

// ReceiverOptions are what a Receiver needs.
type ReceiverOptions struct {
	Router Router
	Inbox  Inbox
	Queue  work.Queue
	Names  Names
	// Readers is how many requests are answered at a time; 0 is 16.
	Readers int
	// Limit is how many acked requests may wait or be under way; more are told that Bellhop is busy. 0 is 256.
	Limit int
}

// connections is how many Socket Mode connections a process holds. slack-go closes one before it opens the next, and
// what Slack sends in between is lost; with two, the other one is there.
const connections = 2

// intakeWorkers take envelopes to their ack; each is done in milliseconds, most of it the inbox's insert.
const intakeWorkers = 8

// drainFor is how long requests that were acked may take to end once Run is told to stop: the process is to end within
// 10 s, and closes its database after that.
const drainFor = 7 * time.Second

// Receiver receives from Slack and answers. Make one a process.
type Receiver struct {
	client  *Client
	router  Router
	inbox   Inbox
	queue   work.Queue
	names   Names
	readers int
	log     zerolog.Logger

	links  []*connection
	seen   *seen
	intake chan arrival
	slots  chan struct{} // one for each request that is acked and not answered yet
	asks   chan ask
	notes  chan note
	full   chan arrival // what the intake had no room for
	wake   chan struct{}

	self     identity
	stopping atomic.Bool
	stop     context.Context // ends when Run is told to
	handling context.Context // outlives stop by drainFor
}

// arrival is an envelope with the connection over which it is acked.
type arrival struct {
	link     *connection
	envelope envelope
}

// NewReceiver makes a Receiver; Run does the work.
func NewReceiver(c *Client, o ReceiverOptions) (*Receiver, error) {
	if c.appToken == "" {
		return nil, errors.New(appTokenVariable + " is not set: it is the app-level token (xapp-…) with the scope " + AppTokenScope)
	}
	if o.Readers == 0 {
		o.Readers = 16
	}
	if o.Limit == 0 {
		o.Limit = 256
	}
	r := &Receiver{
		client: c, router: o.Router, inbox: o.Inbox, queue: o.Queue, names: o.Names, readers: o.Readers, log: c.log,
		seen: newSeen(c.clock), intake: make(chan arrival, o.Limit), slots: make(chan struct{}, o.Limit),
		asks: make(chan ask, o.Limit), notes: make(chan note, 32), full: make(chan arrival, o.Limit), wake: make(chan struct{}, 1),
	}
	for n := range connections {
		r.links = append(r.links, newConnection(n+1, c.api, c.log, c.metrics))
	}
	return r, nil
}

// Ready tells which connection is not up, or over which no ping came for 30 s; nil when all is well.
func (r *Receiver) Ready() error {
	var faults []error
	for _, link := range r.links {
		faults = append(faults, link.ready(time.Now()))
	}
	return errors.Join(faults...)
}

// Run receives and answers until ctx ends, and returns after what was acked is answered or handed back, in 8 s at most.
// A token that Slack refuses ends it with an AuthError.
func (r *Receiver) Run(ctx context.Context) error {
	stop, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	handling, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	sockets, closeSockets := context.WithCancel(context.WithoutCancel(ctx))
	defer closeSockets()
	r.stop, r.handling = stop, handling

	if err := r.introduce(stop); err != nil {
		return err
	}
	if stop.Err() != nil {
		return nil
	}
	var takers, answerers sync.WaitGroup
	for range intakeWorkers {
		takers.Go(r.takeAll)
	}
	for range r.readers {
		answerers.Go(r.answerAll)
	}
	answerers.Go(r.noteAll)
	takers.Go(r.refuseAll)
	var links errgroup.Group
	for _, link := range r.links {
		links.Go(func() error {
			err := link.run(sockets, r.take)
			if err != nil {
				cancel(err)
			}
			return err
		})
	}
	inbox := make(chan error, 1)
	go func() { inbox <- r.inboxLoop().Run(stop) }()

	select {
	case <-stop.Done():
	case refused := <-r.client.refused:
		cancel(refused)
	}
	r.stopping.Store(true)
	takers.Wait()
	r.flush()
	closeSockets()
	_ = links.Wait() // its error is stop's cause
	close(r.asks)
	r.drain(&answerers, giveUp)
	if err := <-inbox; err != nil {
		return fmt.Errorf("inbox: %w", err)
	}
	if cause := context.Cause(stop); ctx.Err() == nil && cause != nil {
		return cause
	}
	return nil
}

// drain waits for the answers under way: for drainFor, and a moment longer for those that are cut short then.
func (r *Receiver) drain(answerers *sync.WaitGroup, giveUp func()) {
	done := make(chan struct{})
	go func() { answerers.Wait(); close(done) }()
	for _, patience := range []time.Duration{drainFor, time.Second} {
		timer := time.NewTimer(patience)
		select {
		case <-done:
			timer.Stop()
			return
		case <-timer.C:
			giveUp()
		}
	}
	r.log.Error().Msg("answers under way did not end")
}

// flush lets acks that were handed to the library go out.
func (r *Receiver) flush() {
	patience, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	for _, link := range r.links {
		link.flush(patience)
	}
}

// introduce asks Slack who the bot is, for as long as it takes; without that, its own name cannot be told from others'.
func (r *Receiver) introduce(ctx context.Context) error {
	for pause := time.Second; ; pause = min(2*pause, 30*time.Second) {
		patience, cancel := context.WithTimeout(ctx, 10*time.Second)
		self, err := r.client.identity(patience)
		cancel()
		if err == nil {
			r.self = self
			return nil
		}
		if refused, ok := errors.AsType[*AuthError](err); ok {
			return refused
		}
		r.log.Warn().Err(err).Dur("pause", pause).Msg("slack cannot be reached yet")
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil
		}
	}
}
