package environments

import (
	"context"
	"errors"
	"fmt"
	"time"

	"bellhop/chat"
	"bellhop/clock"
)

// Service is what people's requests reach. It decides, writes down, and leaves the doing to the Reconciler.
type Service struct {
	store   Store
	repos   Repositories
	options Options
	clock   clock.Clock
	wake    func()
}

// NewService makes a Service. wake, if not nil, is called after something has become due; it must not block.
func NewService(store Store, repos Repositories, options Options, c clock.Clock, wake func()) *Service {
	if wake == nil {
		wake = func() {}
	}
	return &Service{store: store, repos: repos, options: options, clock: c, wake: wake}
}

// Options is what the config says about environments.
func (s *Service) Options() Options { return s.options }

// DeployAsk is a request for a deployment.
type DeployAsk struct {
	RequestID   string // the same on a redelivery, which then changes nothing
	Person      chat.Person
	Component   Component // Repository is empty where it cannot be deployed
	Kind        string    // empty for the default one
	Ref         string
	PullRequest int // in place of Ref
	For         time.Duration
	Until       time.Time
	Because     string
	// Card is where the deployment's card goes; Moved tells that this is not where it was asked for, which was From.
	Card  chat.Address
	Moved bool
	From  string
	// Channel is where it was asked, for the audit; empty for direct messages.
	Channel string
}

// Press is a button on the card of a deployment.
type Press struct {
	RequestID   string
	Person      chat.Person
	Environment string // its name
	Deployment  string // the one that the card is about
	Confirmed   bool   // asked again, and meant
	Channel     string
}

// Answer is what became of a request.
type Answer struct {
	Decision    Decision
	Environment Environment // as it is now; with Version 0 where there is none
}

// Deploy asks for a deployment.
func (s *Service) Deploy(ctx context.Context, ask DeployAsk) (Answer, error) {
	if ask.Kind == "" {
		ask.Kind = s.options.Default
	}
	r := Request{
		Event: EventDeploy, Standing: standingOf(ask.Person.Standing), Component: ask.Component.Name, Kind: ask.Kind,
		Ref: ask.Ref, PullRequest: ask.PullRequest, For: ask.For, Until: ask.Until, Because: ask.Because,
	}
	want := wish{
		deployment: Deployment{RequestID: ask.RequestID, PullRequest: ask.PullRequest, By: personOf(ask.Person), Because: ask.Because, Card: Card{To: ask.Card, Moved: ask.Moved, From: ask.From}},
		component:  ask.Component, channel: ask.Channel, person: ask.Person,
	}
	return s.deploy(ctx, r, want)
}

// Redeploy deploys what its ref names now to where a card's deployment went, with a card of its own in the same place.
func (s *Service) Redeploy(ctx context.Context, p Press) (Answer, error) {
	e, err := s.store.Environment(ctx, p.Environment)
	if errors.Is(err, ErrNotFound) {
		return s.press(ctx, EventRedeploy, p, nil) // refused, and written down
	}
	if err != nil {
		return Answer{}, fmt.Errorf("redeploy %s: %w", p.Environment, err)
	}
	old := e.Deployment
	r := Request{
		Event: EventRedeploy, Standing: standingOf(p.Person.Standing), Component: e.Component.Name, Kind: e.Key.Kind,
		Ref: old.Ref, PullRequest: old.PullRequest, Deployment: p.Deployment, Confirmed: p.Confirmed,
	}
	want := wish{
		deployment: Deployment{RequestID: p.RequestID, PullRequest: old.PullRequest, By: personOf(p.Person), Because: old.Because, Card: old.Card.again(p.Person.ID)},
		component:  e.Component, channel: p.Channel, person: p.Person,
	}
	return s.deploy(ctx, r, want)
}

// again is where the card of the next deployment goes: to the same place, unless that is another person's own.
func (c Card) again(person string) Card {
	if c.To.User != "" && c.To.User != person {
		return Card{To: chat.Address{User: person}}
	}
	return Card{To: c.To, Moved: c.Moved, From: c.From}
}

// wish is a deployment that may come about.
type wish struct {
	deployment Deployment
	component  Component
	channel    string
	person     chat.Person
}

// deploy resolves the ref, decides and writes down.
func (s *Service) deploy(ctx context.Context, r Request, want wish) (Answer, error) {
	w := World{ReadOnly: s.options.ReadOnly, Repository: want.component.Repository, Library: want.component.Library}
	kind, ok := s.options.Kind(r.Kind)
	if ok {
		w.Kind = &kind
	}
	workflow := s.workflow(want.component, &w)
	// Nobody who may not deploy makes Bellhop ask GitHub.
	if personGate(r, w, s.clock.Now()).Result != Fail && w.Repository != "" {
		if err := s.resolve(ctx, &r, &w, &want.deployment); err != nil {
			return Answer{}, fmt.Errorf("deploy %s: %w", want.component.Name, err)
		}
	}
	key := kind.key(want.component.Name, r.Ref)
	w.Environment = key.String()
	if key.Kind == "" || key.Component == "" {
		return s.refuse(ctx, r, w, want)
	}
	var answer Answer
	e, err := s.store.Change(ctx, key.String(), func(e *Environment) (Effects, error) {
		now := s.clock.Now()
		if e.Version > 0 && want.deployment.RequestID != "" && e.Deployment.RequestID == want.deployment.RequestID {
			answer.Decision = Decision{Outcome: Allowed} // a redelivery of what was done already
			return Effects{}, nil
		}
		world := w
		world.sees(*e, want.person.ID)
		world.NameTaken = e.Exists() && (e.Key != key || e.Component.Ref != want.component.Ref)
		answer.Decision = Decide(r, world, now)
		entry := s.entry(r, world, answer.Decision, now, want)
		if answer.Decision.Outcome != Allowed {
			return Effects{Entries: []Entry{entry}}, nil
		}
		begin(e, key, kind, r, want, workflow, now)
		entry.Deployment = e.Deployment.ID
		return Effects{Save: true, Due: now, Entries: []Entry{entry}}, nil
	})
	if err != nil {
		return Answer{}, fmt.Errorf("deploy to %s: %w", key, err)
	}
	s.wake()
	answer.Environment = e
	return answer, nil
}

// refuse writes down a request that names no environment.
func (s *Service) refuse(ctx context.Context, r Request, w World, want wish) (Answer, error) {
	now := s.clock.Now()
	d := Decide(r, w, now)
	if d.Outcome != No {
		return Answer{}, fmt.Errorf("deploy %s: no environment is named", want.component.Name)
	}
	if err := s.store.Record(ctx, s.entry(r, w, d, now, want)); err != nil {
		return Answer{}, fmt.Errorf("record a refusal: %w", err)
	}
	return Answer{Decision: d}, nil
}

// workflow is the one that deploys a component, as far as it is allowed.
func (s *Service) workflow(c Component, w *World) Workflow {
	chosen := s.options.Workflow
	if !c.Workflow.IsZero() {
		if !c.Workflow.AllowedBy(s.options.AllowedWorkflows) {
			w.WorkflowRefused = c.Workflow.String()
			return Workflow{}
		}
		chosen = c.Workflow
	}
	if !chosen.IsZero() {
		w.Workflow = chosen.String()
	}
	return chosen
}

// resolve finds the commit that is asked for.
func (s *Service) resolve(ctx context.Context, r *Request, w *World, d *Deployment) error {
	if r.PullRequest != 0 {
		pull, err := s.repos.PullRequest(ctx, w.Repository, r.PullRequest)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read pull request %d of %s: %w", r.PullRequest, w.Repository, err)
		}
		if w.Fork = pull.Fork; w.Fork != "" {
			return nil
		}
		w.RefFound, w.PullClosed = true, !pull.Open
		r.Ref, r.SHA = pull.Branch, pull.Head.SHA
		d.Ref, d.Commit = pull.Branch, pull.Head
		return nil
	}
	if r.Ref == "" {
		return nil
	}
	asking, cancel := context.WithTimeout(ctx, resolveWithin)
	defer cancel()
	commit, err := s.repos.Resolve(asking, w.Repository, r.Ref)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if later(err) { // what was asked is not lost for that: the reconciler asks again
		w.RefPending, d.Ref = true, r.Ref
		return nil
	}
	if err != nil {
		return fmt.Errorf("resolve %q in %s: %w", r.Ref, w.Repository, err)
	}
	w.RefFound, r.SHA = true, commit.SHA
	d.Ref, d.Commit = r.Ref, commit
	return nil
}

// resolveWithin is how long GitHub may take to say which commit a ref is, before that is left to the reconciler.
const resolveWithin = 6 * time.Second

// later tells an error that passes by itself.
func later(err error) bool {
	_, limited := RetryAt(err)
	return limited || errors.Is(err, ErrUnavailable)
}

// begin makes e the environment of a new deployment.
func begin(e *Environment, key Key, kind Kind, r Request, want wish, workflow Workflow, now time.Time) {
	if e.Version == 0 || !e.Exists() {
		e.CreatedAt, e.Live, e.LiveUntil, e.URL = now, Commit{}, time.Time{}, ""
	}
	if e.leavesCard() {
		e.Retired = append(e.Retired, e.Deployment)
	}
	d := want.deployment
	d.ID, d.AskedAt = newID(), now
	d.TTL, d.Until = kind.Lifetime(), time.Time{}
	if r.For > 0 {
		d.TTL = r.For
	}
	if !r.Until.IsZero() {
		d.TTL, d.Until = 0, r.Until
	}
	e.Key, e.Component, e.State, e.Deployment, e.UpdatedAt = key, want.component, Requested, d, now
	e.Operation = Operation{ID: d.ID, Action: Deploy, Workflow: workflow, By: d.By, Phase: PhaseRequested}
	e.ExpiresAt = d.deadline()
}

// leastPatience is how long a deployment may wait and run at least, however short the time is that was asked for.
const leastPatience = 24 * time.Hour

// deadline is when a deployment that has not ended is given up; zero is never.
func (d Deployment) deadline() time.Time {
	switch {
	case !d.Until.IsZero():
		return d.Until
	case d.TTL > 0:
		return d.AskedAt.Add(max(d.TTL, leastPatience))
	}
	return time.Time{}
}

// expiry is when the environment of a deployment that ended at end is due to go; zero is never.
func (d Deployment) expiry(end time.Time) time.Time {
	switch {
	case !d.Until.IsZero():
		return d.Until
	case d.TTL > 0:
		return end.Add(d.TTL)
	}
	return time.Time{}
}

// entry is a request's row in the audit.
func (s *Service) entry(r Request, w World, d Decision, now time.Time, want wish) Entry {
	return Entry{
		ID: newID(), At: now, Event: r.Event, Environment: w.Environment, Deployment: r.Deployment, Component: want.component.Ref, Kind: r.Kind,
		Person: personOf(want.person), Channel: want.channel, Outcome: string(d.Outcome), Code: d.Code(), SHA: r.SHA,
		Request: &r, World: &w, Decision: &d,
	}
}

func personOf(p chat.Person) Person { return Person{ID: p.ID, Name: p.Name} }

// sees puts into the world what is so about an environment.
func (w *World) sees(e Environment, person string) {
	w.State, w.Exists, w.Deployment = e.State, e.Exists(), e.Deployment.ID
	w.Mine = e.Deployment.By.ID == person
	w.Cancelling = e.Operation.Cancelling()
}
