package environments_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"bellhop/chat"
	"bellhop/environments"
	"bellhop/environments/environmentstest"
	"bellhop/work"
)

// handClock is moved by hand and never waits.
type handClock struct{ now time.Time }

func (c *handClock) Now() time.Time                              { return c.now }
func (c *handClock) Wait(ctx context.Context, _ time.Time) error { return ctx.Err() }
func (c *handClock) advance(d time.Duration)                     { c.now = c.now.Add(d) }

// errCrash is what everything returns once the process is dead.
var errCrash = errors.New("the process was killed")

// killer ends the process at a chosen call, before or after the call took effect.
type killer struct {
	in    int  // calls until the end; negative is never
	after bool // the last call still takes effect
	dead  bool
}

// call runs a call of the process to the outside, unless the process is dead or dies of it.
func (k *killer) call(act func()) error {
	if k.dead {
		return errCrash
	}
	if k.in == 0 {
		if k.dead = true; k.after {
			act()
		}
		return errCrash
	}
	k.in--
	act()
	return nil
}

// mortalStore, mortalRuns and slack are the process's doors to the outside.
type mortalStore struct {
	*environmentstest.Store
	k *killer
}

func (s mortalStore) Environment(ctx context.Context, name string) (e environments.Environment, err error) {
	if dead := s.k.call(func() { e, err = s.Store.Environment(ctx, name) }); dead != nil {
		return e, dead
	}
	return e, err
}

func (s mortalStore) Change(ctx context.Context, name string, decide func(*environments.Environment) (environments.Effects, error)) (e environments.Environment, err error) {
	if dead := s.k.call(func() { e, err = s.Store.Change(ctx, name, decide) }); dead != nil {
		return e, dead
	}
	return e, err
}

type mortalRuns struct {
	*environmentstest.Runner
	k *killer
}

func (r mortalRuns) Dispatch(ctx context.Context, w environments.Workflow, in environments.Inputs) (run environments.Run, err error) {
	if dead := r.k.call(func() { run, err = r.Runner.Dispatch(ctx, w, in) }); dead != nil {
		return environments.Run{}, dead
	}
	return run, err
}

func (r mortalRuns) Cancel(ctx context.Context, repository string, id int64) (err error) {
	if dead := r.k.call(func() { err = r.Runner.Cancel(ctx, repository, id) }); dead != nil {
		return dead
	}
	return err
}

// message is a card that people see.
type message struct {
	ref     chat.MessageRef
	id      string
	to      chat.Address
	shown   string
	edits   []time.Time
	retired bool
	again   bool
}

// slack keeps cards as Slack does.
type slack struct {
	clock    *handClock
	k        *killer
	messages []*message
	private  map[string]bool // channels that the bot may not post in
	fault    func(call string) error
}

func (s *slack) Fingerprint(e environments.Environment) string {
	r, op := e.Operation.Run, e.Operation
	return fmt.Sprintf("%s %d/%d %s cancel=%t trouble=%t url=%s failure=%s", e.State, r.Step, r.Steps, r.StepName, op.CancelBy.ID != "", op.Trouble.Tell, e.URL, op.Failure)
}

func (s *slack) fail(call string) error {
	if s.fault == nil {
		return nil
	}
	return s.fault(call)
}

func (s *slack) Post(_ context.Context, e environments.Environment) (ref chat.MessageRef, err error) {
	if err := s.fail("post"); err != nil {
		return ref, err
	}
	dead := s.k.call(func() {
		to := e.Deployment.Card.To
		if s.private[to.Channel] {
			err = chat.ErrCannotPost
			return
		}
		channel := to.Channel
		if to.User != "" {
			channel = "D" + to.User
		}
		ref = chat.MessageRef{Channel: channel, TS: fmt.Sprint(len(s.messages) + 1)}
		s.messages = append(s.messages, &message{ref: ref, id: e.Deployment.ID, to: to, shown: s.Fingerprint(e), again: e.Deployment.Card.Again, edits: []time.Time{s.clock.now}})
	})
	if dead != nil {
		return chat.MessageRef{}, dead
	}
	return ref, err
}

func (s *slack) find(ref chat.MessageRef) *message {
	for _, m := range s.messages {
		if m.ref == ref {
			return m
		}
	}
	return nil
}

func (s *slack) Update(_ context.Context, e environments.Environment) (err error) {
	if err := s.fail("update"); err != nil {
		return err
	}
	dead := s.k.call(func() {
		m := s.find(e.Deployment.Card.Ref)
		if m != nil && s.private[m.ref.Channel] {
			err = chat.ErrCannotPost
			return
		}
		if m == nil {
			err = chat.ErrMessageGone
			return
		}
		m.shown, m.edits = s.Fingerprint(e), append(m.edits, s.clock.now)
	})
	if dead != nil {
		return dead
	}
	return err
}

func (s *slack) Retire(_ context.Context, _ environments.Environment, d environments.Deployment) (err error) {
	dead := s.k.call(func() {
		if m := s.find(d.Card.Ref); m != nil {
			m.retired = true
			return
		}
		err = chat.ErrMessageGone
	})
	if dead != nil {
		return dead
	}
	return err
}

func (s *slack) Find(_ context.Context, d environments.Deployment, _ time.Time) (chat.MessageRef, bool, error) {
	if err := s.fail("find"); err != nil {
		return chat.MessageRef{}, false, err
	}
	for _, m := range s.messages {
		if m.id == d.ID {
			return m.ref, true, nil
		}
	}
	return chat.MessageRef{}, false, nil
}

// repos knows three branches of acme/payments, one pull request, and one from a fork.
type repos struct{ fault error }

func (r *repos) Resolve(_ context.Context, repository, ref string) (environments.Commit, error) {
	if r.fault != nil {
		return environments.Commit{}, r.fault
	}
	if repository == "acme/payments" && (ref == "feature-x" || ref == "feature-y" || ref == "main") {
		return environments.Commit{SHA: "sha-of-" + ref, Subject: "Retry vouchers", Author: "Alice"}, nil
	}
	return environments.Commit{}, environments.ErrNotFound
}

func (r *repos) PullRequest(_ context.Context, _ string, number int) (environments.PullRequest, error) {
	if r.fault != nil {
		return environments.PullRequest{}, r.fault
	}
	switch number {
	case 482:
		return environments.PullRequest{Number: 482, Branch: "feature-x", Head: environments.Commit{SHA: "sha-of-feature-x"}, Open: true}, nil
	case 666:
		return environments.PullRequest{Number: 666, Branch: "main", Fork: "evil/payments"}, nil
	}
	return environments.PullRequest{}, environments.ErrNotFound
}

// company is everything together.
type company struct {
	clock      *handClock
	killer     *killer
	store      *environmentstest.Store
	runner     *environmentstest.Runner
	slack      *slack
	repos      repos
	alarms     alarms
	service    *environments.Service
	reconciler *environments.Reconciler
	due        map[string]time.Time // as a queue would know it
}

var options = environments.Options{
	Workflow:         environments.Workflow{Repository: "acme/platform", File: "deploy-env.yml", Ref: "main"},
	AllowedWorkflows: []string{"acme/platform/*.yml@main"},
	Default:          "preview",
	Kinds:            []environments.Kind{{Name: "preview", Preset: environments.Preview, TTL: 72 * time.Hour}, {Name: "staging", Preset: environments.Shared}},
}

var (
	alice    = chat.Person{ID: "U01ALICE", Name: "Alice"}
	bob      = chat.Person{ID: "U02BOB", Name: "Bob"}
	gita     = chat.Person{ID: "U12GITA", Name: "Gita", Standing: chat.Guest}
	payments = environments.Component{Ref: "component:default/payments", Name: "payments", Title: "Payments", Repository: "acme/payments"}
)

const featureX = "payments-preview-feature-x"

func newCompany() *company {
	c := &company{clock: &handClock{time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)}, killer: &killer{in: -1}, store: environmentstest.NewStore(), due: map[string]time.Time{}}
	c.runner = &environmentstest.Runner{Now: c.clock.Now, Ends: map[string]environments.Conclusion{}}
	c.slack = &slack{clock: c.clock, k: c.killer, private: map[string]bool{}}
	c.service = environments.NewService(c.store, &c.repos, options, c.clock, nil)
	c.reconciler = &environments.Reconciler{Store: mortalStore{c.store, c.killer}, Runs: mortalRuns{c.runner, c.killer}, Repositories: &c.repos, Cards: c.slack, Clock: c.clock, Alarms: &c.alarms}
	return c
}

// alarms remembers what operations were told.
type alarms struct{ told []string }

func (a *alarms) NotDestroyed(_ context.Context, e environments.Environment) error {
	a.told = append(a.told, e.Name())
	return nil
}

// ask is Alice's request to deploy feature-x from #payments.
func (c *company) ask() environments.DeployAsk {
	return environments.DeployAsk{Person: alice, Component: payments, Ref: "feature-x", Card: chat.Address{Channel: "C02PAYMENTS"}, Channel: "C02PAYMENTS",
		RequestID: "r" + c.clock.now.String()}
}

// step takes one step of an environment, as the work loop does, and tells when the next one is due.
func (c *company) step(name string) (time.Time, error) {
	next, err := c.reconciler.Step(context.Background(), work.Item{Kind: environments.WorkKind, ID: name})
	if err != nil && next.IsZero() {
		next = c.clock.now.Add(time.Second)
	}
	return next, err
}

// settle steps an environment, moving the clock to whatever is due next, until nothing is due within the hour.
func (c *company) settle(t testing.TB, name string) environments.Environment {
	t.Helper()
	for range 2000 {
		next, _ := c.step(name) // what went wrong is tried again
		if next.IsZero() || next.Sub(c.clock.now) > time.Hour {
			return c.environment(t, name)
		}
		if next.After(c.clock.now) {
			c.clock.now = next
		}
	}
	t.Fatalf("%s never comes to rest: %+v", name, c.environment(t, name))
	return environments.Environment{}
}

func (c *company) environment(t testing.TB, name string) environments.Environment {
	t.Helper()
	e, err := c.store.Environment(context.Background(), name)
	if err != nil {
		t.Fatal(err)
	}
	return e
}
