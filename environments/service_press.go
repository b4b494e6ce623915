package environments

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Cancel asks for the end of the deployment that runs.
func (s *Service) Cancel(ctx context.Context, p Press) (Answer, error) {
	return s.press(ctx, EventCancel, p, func(e *Environment, now time.Time) {
		e.Operation.CancelBy = personOf(p.Person)
		if e.Operation.Phase == PhaseRequested { // GitHub has not heard of it
			e.end(Cancelled, now)
		}
	})
}

// Destroy asks for the environment's end.
func (s *Service) Destroy(ctx context.Context, p Press) (Answer, error) {
	return s.press(ctx, EventDestroy, p, func(e *Environment, _ time.Time) {
		e.destroy(personOf(p.Person), s.destroyWorkflow(*e))
	})
}

// destroyWorkflow is the workflow that made the environment.
func (s *Service) destroyWorkflow(e Environment) Workflow {
	if e.Operation.Workflow.IsZero() {
		return s.options.Workflow
	}
	return e.Operation.Workflow
}

// press decides about a button and, if it is allowed, does what it does. Without do it is only refused.
func (s *Service) press(ctx context.Context, event Event, p Press, do func(e *Environment, now time.Time)) (Answer, error) {
	var answer Answer
	e, err := s.store.Change(ctx, p.Environment, func(e *Environment) (Effects, error) {
		now := s.clock.Now()
		if p.RequestID != "" && e.Operation.RequestID == p.RequestID {
			answer.Decision = Decision{Outcome: Allowed} // a redelivery of what was done already
			return Effects{}, nil
		}
		r := Request{
			Event: event, Standing: standingOf(p.Person.Standing), Component: e.Component.Name, Kind: e.Key.Kind, Ref: e.Deployment.Ref,
			Deployment: p.Deployment, Confirmed: p.Confirmed, SHA: e.Deployment.Commit.SHA,
		}
		w := World{ReadOnly: s.options.ReadOnly, Repository: e.Component.Repository, Environment: p.Environment}
		w.sees(*e, p.Person.ID)
		answer.Decision = Decide(r, w, now)
		if do == nil && answer.Decision.Outcome != No {
			return Effects{}, fmt.Errorf("%s: nothing to do", event)
		}
		entry := s.entry(r, w, answer.Decision, now, wish{component: e.Component, channel: p.Channel, person: p.Person})
		effects := Effects{Entries: []Entry{entry}}
		if answer.Decision.Outcome != Allowed {
			return effects, nil
		}
		do(e, now)
		e.Operation.RequestID, e.UpdatedAt = p.RequestID, now
		effects.Save, effects.Due = true, now
		if e.Operation.Phase == PhaseEnded {
			effects.Entries = append(effects.Entries, e.ended(now))
		}
		return effects, nil
	})
	if err != nil {
		return Answer{}, fmt.Errorf("%s %s: %w", event, p.Environment, err)
	}
	s.wake()
	answer.Environment = e
	return answer, nil
}

// destroy begins the environment's end; by nobody when its time is up.
func (e *Environment) destroy(by Person, w Workflow) {
	e.State = Destroying
	e.Operation = Operation{ID: newID(), Action: Destroy, Workflow: w, By: by, Phase: PhaseRequested}
}

// destroyPauses are the pauses before destroying is tried again.
var destroyPauses = [...]time.Duration{time.Minute, 10 * time.Minute}

// destroyAgain begins another try after destroying has failed, unless there were enough or somebody stopped the run.
func (e *Environment) destroyAgain(now time.Time) bool {
	op := e.Operation
	if e.State != DestroyFailed || op.Tries >= len(destroyPauses) || op.Run.Conclusion == ConclusionCancelled {
		return false
	}
	pause := destroyPauses[op.Tries]
	e.destroy(op.By, op.Workflow)
	e.Operation.Tries, e.Operation.RequestID = op.Tries+1, op.RequestID
	e.Operation.Run = op.Run // people can look at its log while they wait
	e.Operation.Trouble = Trouble{Since: now, Why: fmt.Sprintf("Destroying it failed %s. The next try waits", [...]string{"once", "twice"}[op.Tries]), Until: now.Add(pause), Tell: true}
	return true
}

// end brings the operation to its end in a state.
func (e *Environment) end(state State, now time.Time) {
	e.State = state
	e.Operation.Phase, e.Operation.EndedAt, e.Operation.Trouble = PhaseEnded, now, Trouble{}
	e.UpdatedAt = now
	switch state {
	case Ready:
		e.Live = e.Deployment.Commit
	case Destroyed:
		e.Live, e.URL, e.LiveUntil, e.ExpiresAt = Commit{}, "", time.Time{}, time.Time{}
	}
	if e.Operation.Action == Deploy {
		e.Deployment.RunURL = e.Operation.Run.URL
		e.ExpiresAt = e.goes(now)
	}
	if !e.Exists() {
		e.ExpiresAt = time.Time{}
	}
}

// goes is when an environment whose deployment ended at end is due to go; zero is never.
func (e *Environment) goes(end time.Time) time.Time {
	switch {
	case e.State == Ready && e.Operation.Overdue:
		e.LiveUntil = e.ExpiresAt // it came about all the same, too late
	case e.State == Ready:
		e.LiveUntil = e.Deployment.expiry(end)
	case e.Live.SHA != "":
		// What runs keeps its own time.
	case e.Operation.Overdue:
		return e.ExpiresAt
	default:
		return e.Deployment.expiry(end)
	}
	return e.LiveUntil
}

// ended is the audit's row for an operation's end.
func (e *Environment) ended(now time.Time) Entry {
	return Entry{
		ID: newID(), At: now, Event: EventEnded, Environment: e.Name(), Deployment: e.Deployment.ID, Component: e.Component.Ref, Kind: e.Key.Kind,
		Outcome: string(e.State), Code: CodeOK, SHA: e.Deployment.Commit.SHA, RunURL: e.Operation.Run.URL,
	}
}

// Environment is the one of that name, or ErrNotFound.
func (s *Service) Environment(ctx context.Context, name string) (Environment, error) {
	e, err := s.store.Environment(ctx, name)
	if err != nil {
		return Environment{}, fmt.Errorf("read environment %s: %w", name, err)
	}
	return e, nil
}

// List gives the environments that exist and fit the filter.
func (s *Service) List(ctx context.Context, f Filter) ([]Environment, error) {
	list, err := s.store.List(ctx, f)
	if err != nil {
		return nil, fmt.Errorf("list environments: %w", err)
	}
	return list, nil
}

// ErrMoved is returned where an operation was written about that is no longer the environment's.
var ErrMoved = errors.New("the environment has moved on")
