package environments

import (
	"context"
	"errors"
	"fmt"
	"time"

	"bellhop/chat"
	"bellhop/clock"
	"bellhop/work"
)

// WorkKind is the kind of work item that stands for an environment; its id is the environment's name.
const WorkKind work.Kind = "environment"

// Reconciler looks at one environment at a time, at what is true outside, and takes one step. It is level-triggered:
// whatever happened while nobody looked, the next step finds out. It never dispatches an operation twice.
type Reconciler struct {
	Store        Store
	Runs         Runs
	Repositories Repositories
	Cards        Cards
	Clock        clock.Clock
	Alarms       Alarms // nil tells nobody
}

const (
	// seekFor is how long a run is sought after a dispatch whose answer nobody got.
	seekFor = 3 * time.Minute
	// seekSlack is how far GitHub's clock may be behind ours when runs are sought by their age.
	seekSlack = 5 * time.Minute
	// appearsWithin is how long GitHub may take to show a run that it has just named.
	appearsWithin = 30 * time.Second
	// urlWithin is how long the environment's address may take to appear after the run's end.
	urlWithin = 10 * time.Second
	// cancelAgain is after how long a run that goes on is asked again to end.
	cancelAgain = 30 * time.Second
	// tellTroubleAfter is how long GitHub may fail to answer before the card says so.
	tellTroubleAfter = 15 * time.Second
)

// Step implements work.Step.
func (r *Reconciler) Step(ctx context.Context, item work.Item) (time.Time, error) {
	e, err := r.Store.Environment(ctx, item.ID)
	if errors.Is(err, ErrNotFound) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("read environment %s: %w", item.ID, err)
	}
	if e.Operation.Phase == PhaseRequested && e.Deployment.Card.Ref.TS == "" {
		// People see that they were heard before GitHub is asked, which may take a while.
		e = r.announce(ctx, e)
	}
	e, next, runErr := r.advance(ctx, e)
	if runErr == nil && r.Alarms != nil && e.State == DestroyFailed && !e.Operation.Told {
		e, runErr = r.alarm(ctx, e)
	}
	if errors.Is(runErr, ErrMoved) {
		return r.Clock.Now(), nil
	}
	cardNext, cardErr := r.showAll(ctx, e)
	if errors.Is(cardErr, ErrMoved) {
		return r.Clock.Now(), nil
	}
	if runErr != nil && next.IsZero() { // soon, whatever the card waits for
		return time.Time{}, errors.Join(runErr, cardErr)
	}
	return earlier(next, cardNext), errors.Join(runErr, cardErr)
}

// alarm tells operations of an environment that could not be destroyed: once at most, so that is written down first.
func (r *Reconciler) alarm(ctx context.Context, e Environment) (Environment, error) {
	e, err := r.change(ctx, e, func(e *Environment, _ time.Time) []Entry {
		e.Operation.Told = true
		return nil
	})
	if err != nil {
		return e, err
	}
	if err := r.Alarms.NotDestroyed(ctx, e); err != nil {
		return e, fmt.Errorf("tell operations of %s: %w", e.Name(), err)
	}
	return e, nil
}

// announce posts the first card, without letting a slow Slack hold up the deployment for long.
func (r *Reconciler) announce(ctx context.Context, e Environment) Environment {
	ctx, cancel := context.WithTimeout(ctx, 4*time.Second)
	defer cancel()
	if shown, _, err := r.show(ctx, e); err == nil {
		return shown
	}
	return e // tried again after the step, whose error counts
}

// advance takes the operation one step further and tells when the next one is due; zero is never.
func (r *Reconciler) advance(ctx context.Context, e Environment) (Environment, time.Time, error) {
	switch e.Operation.Phase {
	case PhaseRequested:
		return r.dispatch(ctx, e)
	case PhaseDispatching:
		return r.seek(ctx, e)
	case PhaseRunning:
		return r.follow(ctx, e)
	}
	if e.ExpiresAt.IsZero() || e.State == DestroyFailed || !e.Exists() {
		return e, time.Time{}, nil
	}
	if r.Clock.Now().Before(e.ExpiresAt) {
		return e, e.ExpiresAt, nil
	}
	return r.expire(ctx, e)
}

// overdue tells whether the environment's time was up before its deployment had ended.
func (e Environment) overdue(now time.Time) bool {
	deadline := e.deadline()
	return !deadline.IsZero() && !now.Before(deadline)
}

// deadline is when a deployment that is under way is given up; zero is never.
func (e Environment) deadline() time.Time {
	if e.State.Deploying() {
		return e.ExpiresAt
	}
	return time.Time{}
}

// expire begins to destroy an environment whose time is up.
func (r *Reconciler) expire(ctx context.Context, e Environment) (Environment, time.Time, error) {
	e, err := r.change(ctx, e, func(e *Environment, now time.Time) []Entry {
		entry := Entry{
			ID: newID(), At: now, Event: EventExpire, Environment: e.Name(), Deployment: e.Deployment.ID, Component: e.Component.Ref, Kind: e.Key.Kind,
			Outcome: string(Allowed), Code: CodeOK, SHA: e.Live.SHA,
		}
		e.destroy(Person{}, e.Operation.Workflow)
		return []Entry{entry}
	})
	return e, r.Clock.Now(), err
}

// dispatch asks for the run, having written down that it does.
func (r *Reconciler) dispatch(ctx context.Context, e Environment) (Environment, time.Time, error) {
	if e.overdue(r.Clock.Now()) {
		return r.ended(ctx, e, Cancelled, func(e *Environment) { e.Operation.Overdue = true })
	}
	if until := e.Operation.Trouble.Until; r.Clock.Now().Before(until) {
		return e, earlier(until, e.deadline()), nil
	}
	if e.Operation.Action == Deploy && e.Deployment.Commit.SHA == "" {
		return r.resolve(ctx, e)
	}
	e, err := r.change(ctx, e, func(e *Environment, now time.Time) []Entry {
		e.Operation.Phase, e.Operation.DispatchedAt = PhaseDispatching, now
		if e.Operation.Action == Deploy {
			e.State = Dispatching
		}
		return nil
	})
	if err != nil {
		return e, time.Time{}, err
	}
	run, err := r.Runs.Dispatch(ctx, e.Operation.Workflow, e.inputs())
	var refused *Refused
	later, limited := RetryAt(err)
	switch {
	case err == nil && run.ID != 0:
		return r.found(ctx, e, run)
	case err == nil:
		return e, r.Clock.Now().Add(time.Second), nil // it runs; which run it is has to be sought
	case errors.As(err, &refused), errors.Is(err, ErrNotFound):
		return r.refused(ctx, e, err)
	case limited:
		return r.undispatched(ctx, e, later)
	}
	// Nobody knows whether GitHub heard it. It is sought, and never sent again.
	e, saveErr := r.change(ctx, e, func(e *Environment, now time.Time) []Entry {
		e.Operation.Trouble = Trouble{Since: now, Why: "GitHub's answer was lost, so its run is being looked for", Tell: true}
		return nil
	})
	return e, r.Clock.Now().Add(2 * time.Second), errors.Join(fmt.Errorf("dispatch for %s: %w", e.Name(), err), saveErr)
}

// resolve finds the commit of a request during which GitHub did not answer.
func (r *Reconciler) resolve(ctx context.Context, e Environment) (Environment, time.Time, error) {
	commit, err := r.Repositories.Resolve(ctx, e.Component.Repository, e.Deployment.Ref)
	if errors.Is(err, ErrNotFound) {
		return r.ended(ctx, e, Failed, func(e *Environment) {
			e.Operation.Failure = fmt.Sprintf("there is no %q in %s", chat.Shorten(e.Deployment.Ref, 60), e.Component.Repository)
		})
	}
	if err != nil {
		return r.trouble(ctx, e, err)
	}
	e, err = r.change(ctx, e, func(e *Environment, _ time.Time) []Entry {
		e.Deployment.Commit, e.Operation.Trouble = commit, Trouble{}
		return nil
	})
	return e, r.Clock.Now(), err
}

// inputs are what the workflow is told. Destroying needs neither ref nor commit: both may be gone.
func (e Environment) inputs() Inputs {
	in := Inputs{Component: e.Component.Name, Environment: e.Name(), Action: e.Operation.Action, ID: e.Operation.ID}
	if in.Action == Deploy {
		in.Ref, in.SHA = e.Deployment.Ref, e.Deployment.Commit.SHA
	}
	return in
}

// refused ends an operation that GitHub surely did not begin.
func (r *Reconciler) refused(ctx context.Context, e Environment, why error) (Environment, time.Time, error) {
	words := why.Error()
	if errors.Is(why, ErrNotFound) {
		words = fmt.Sprintf("GitHub knows no workflow %s, or Bellhop may not see it", e.Operation.Workflow)
	}
	state := Failed
	if e.Operation.Action == Destroy {
		state = DestroyFailed
	}
	return r.ended(ctx, e, state, func(e *Environment) { e.Operation.Failure = words })
}

// undispatched goes back to before a dispatch that GitHub surely refused for its limits.
func (r *Reconciler) undispatched(ctx context.Context, e Environment, until time.Time) (Environment, time.Time, error) {
	e, err := r.change(ctx, e, func(e *Environment, now time.Time) []Entry {
		e.Operation.Phase, e.Operation.DispatchedAt = PhaseRequested, time.Time{}
		e.Operation.troubled(now, "GitHub asks Bellhop for a pause", until)
		if e.Operation.Action == Deploy {
			e.State = Requested
		}
		return nil
	})
	return e, until, err
}

// seek looks for the run of a dispatch whose answer did not name it.
func (r *Reconciler) seek(ctx context.Context, e Environment) (Environment, time.Time, error) {
	op := e.Operation
	asked := r.Clock.Now()
	run, ok, err := r.Runs.FindRun(ctx, op.Workflow, op.ID, op.DispatchedAt.Add(-seekSlack))
	if err != nil {
		return r.trouble(ctx, e, err)
	}
	if ok {
		return r.found(ctx, e, run)
	}
	if asked.Before(op.DispatchedAt.Add(seekFor)) {
		return e, r.Clock.Now().Add(pollAfter(asked.Sub(op.DispatchedAt))), nil
	}
	if op.Action == Destroy {
		return r.ended(ctx, e, DestroyFailed, func(e *Environment) { e.Operation.Failure = "GitHub shows no run of the workflow" })
	}
	return r.ended(ctx, e, Lost, func(e *Environment) { e.Operation.Failure = "GitHub shows no run of the workflow" })
}

// found writes down which run it is.
func (r *Reconciler) found(ctx context.Context, e Environment, run Run) (Environment, time.Time, error) {
	e, err := r.change(ctx, e, func(e *Environment, _ time.Time) []Entry {
		e.Operation.Phase, e.Operation.Run, e.Operation.Trouble = PhaseRunning, run, Trouble{}
		if e.Operation.Action == Deploy {
			e.State = Running
		}
		return nil
	})
	return e, r.Clock.Now().Add(time.Second), err
}

// ended ends the operation in a state.
func (r *Reconciler) ended(ctx context.Context, e Environment, state State, also func(e *Environment)) (Environment, time.Time, error) {
	e, err := r.change(ctx, e, func(e *Environment, now time.Time) []Entry {
		also(e)
		e.end(state, now)
		entries := []Entry{e.ended(now)}
		e.destroyAgain(now)
		return entries
	})
	switch {
	case err != nil:
		return e, time.Time{}, err
	case e.State == Destroying:
		return e, e.Operation.Trouble.Until, nil
	}
	return e, e.ExpiresAt, nil
}

// change writes an environment whose operation is still the one that was looked at, else it is ErrMoved. With an error the
// environment is as it was seen: people are told only of what is written down.
func (r *Reconciler) change(ctx context.Context, seen Environment, alter func(e *Environment, now time.Time) []Entry) (Environment, error) {
	e, err := r.Store.Change(ctx, seen.Name(), func(e *Environment) (Effects, error) {
		if e.Operation.ID != seen.Operation.ID || e.Operation.Phase != seen.Operation.Phase {
			return Effects{}, ErrMoved
		}
		entries := alter(e, r.Clock.Now())
		e.UpdatedAt = r.Clock.Now()
		return Effects{Save: true, Entries: entries}, nil
	})
	if err != nil {
		return seen, err
	}
	return e, nil
}

// trouble notes that GitHub does not answer, and when it is asked again.
func (r *Reconciler) trouble(ctx context.Context, e Environment, err error) (Environment, time.Time, error) {
	now := r.Clock.Now()
	why := "GitHub asks Bellhop for a pause"
	until, limited := RetryAt(err)
	if limited {
		err = nil // nothing is wrong, it only takes longer
	} else {
		why = "GitHub does not answer as it should"
		var refused *Refused
		if errors.As(err, &refused) {
			why = refused.Message
		}
		until = now.Add(troublePause(e.Operation.Trouble, now))
		err = fmt.Errorf("look at %s: %w", e.Name(), err)
	}
	e, saveErr := r.change(ctx, e, func(e *Environment, now time.Time) []Entry {
		e.Operation.troubled(now, why, until)
		return nil
	})
	return e, until, errors.Join(err, saveErr)
}

// troublePause grows from 5 s to a minute with the time for which the trouble has lasted.
func troublePause(t Trouble, now time.Time) time.Duration {
	if t.Since.IsZero() {
		return 5 * time.Second
	}
	return min(max(now.Sub(t.Since)/4, 5*time.Second), time.Minute)
}

// troubled notes why nothing goes on; the moment of the first trouble stays.
func (o *Operation) troubled(now time.Time, why string, until time.Time) {
	since := o.Trouble.Since
	if since.IsZero() {
		since = now
	}
	tell := now.Sub(since) >= tellTroubleAfter || until.Sub(now) >= tellTroubleAfter
	o.Trouble = Trouble{Since: since, Why: why, Until: until, Tell: tell}
}

// pollAfter is the pause before the next look at something that has lasted so long.
func pollAfter(lasted time.Duration) time.Duration {
	switch {
	case lasted < 2*time.Minute:
		return 2 * time.Second
	case lasted < 10*time.Minute:
		return 5 * time.Second
	}
	return 15 * time.Second
}

// earlier is the earlier of two moments, where zero is never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
