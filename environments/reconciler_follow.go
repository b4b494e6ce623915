package environments

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// follow looks at the run, asks for its end where that is wanted, and brings the operation to its end with it.
func (r *Reconciler) follow(ctx context.Context, e Environment) (Environment, time.Time, error) {
	op := e.Operation
	run, err := r.Runs.Run(ctx, op.Workflow.Repository, op.Run.ID)
	switch {
	case errors.Is(err, ErrNotFound):
		return r.vanished(ctx, e)
	case err != nil:
		return r.trouble(ctx, e, err)
	}
	reading := Read(run.Status, run.Conclusion)
	if reading.State != Running {
		return r.completed(ctx, e, run, reading)
	}
	op.Overdue = op.Overdue || e.overdue(r.Clock.Now())
	cancelled, err := r.cancel(ctx, op)
	if err != nil {
		return r.trouble(ctx, e, err)
	}
	if run != op.Run || op.Overdue != e.Operation.Overdue || op.Trouble != (Trouble{}) || !cancelled.Equal(op.CancelledAt) {
		e, err = r.change(ctx, e, func(e *Environment, _ time.Time) []Entry {
			e.Operation.Run, e.Operation.Trouble, e.Operation.CancelledAt, e.Operation.Overdue = run, Trouble{}, cancelled, op.Overdue
			return nil
		})
		if err != nil {
			return e, time.Time{}, err
		}
	}
	now, since := r.Clock.Now(), op.DispatchedAt
	if cancelled.After(since) { // somebody waits for its end
		since = cancelled
	}
	return e, now.Add(pollAfter(now.Sub(since))), nil
}

// vanished ends an operation whose run was deleted; one that was named just now may still have to appear.
func (r *Reconciler) vanished(ctx context.Context, e Environment) (Environment, time.Time, error) {
	if now := r.Clock.Now(); now.Before(e.Operation.DispatchedAt.Add(appearsWithin)) {
		return e, now.Add(2 * time.Second), nil
	}
	state := Lost
	if e.Operation.Action == Destroy {
		state = DestroyFailed
	}
	return r.ended(ctx, e, state, func(e *Environment) { e.Operation.Failure = "the run was deleted on GitHub" })
}

// cancel asks GitHub for the run's end where that is wanted and tells when it was last asked.
func (r *Reconciler) cancel(ctx context.Context, op Operation) (time.Time, error) {
	now := r.Clock.Now()
	if !op.Cancelling() || now.Before(op.CancelledAt.Add(cancelAgain)) && !op.CancelledAt.IsZero() {
		return op.CancelledAt, nil
	}
	if err := r.Runs.Cancel(ctx, op.Workflow.Repository, op.Run.ID); err != nil {
		return op.CancelledAt, fmt.Errorf("cancel run %d: %w", op.Run.ID, err)
	}
	return now, nil
}

// completed ends the operation as its run did. A successful deployment's address is waited for a little.
func (r *Reconciler) completed(ctx context.Context, e Environment, run Run, reading Reading) (Environment, time.Time, error) {
	op := e.Operation
	if op.Action == Destroy {
		return r.ended(ctx, e, reading.destroyed(), func(e *Environment) { e.Operation.ran(run, reading) })
	}
	if reading.State != Ready {
		return r.ended(ctx, e, reading.State, func(e *Environment) { e.Operation.ran(run, reading) })
	}
	url, err := r.Runs.DeploymentURL(ctx, op.Workflow.Repository, e.Name(), run.ID)
	now := r.Clock.Now()
	switch {
	case err == nil && url != "":
	case op.CompletedAt.IsZero():
		e, saveErr := r.change(ctx, e, func(e *Environment, now time.Time) []Entry {
			e.Operation.Run, e.Operation.CompletedAt = run, now
			return nil
		})
		return e, now.Add(time.Second), saveErr
	case err != nil && !errors.Is(err, ErrNotFound):
		if _, limited := RetryAt(err); limited || now.Before(op.CompletedAt.Add(tellTroubleAfter)) {
			return r.trouble(ctx, e, err)
		}
	case now.Before(op.CompletedAt.Add(urlWithin)):
		return e, now.Add(time.Second), nil
	}
	return r.ended(ctx, e, Ready, func(e *Environment) {
		e.Operation.ran(run, reading)
		e.URL = url
	})
}

// ran notes how the run ended.
func (o *Operation) ran(run Run, reading Reading) {
	o.Run, o.Failure = run, reading.Words
}
