package environments

import (
	"context"
	"errors"
	"time"

	"bellhop/chat"
)

// ErrNotFound is returned by ports for what does not exist.
var ErrNotFound = errors.New("not found")

// ErrUnavailable is returned by ports when the other side does not answer, or stumbles over itself.
var ErrUnavailable = errors.New("GitHub does not answer as it should")

// Store keeps environments and their audit.
type Store interface {
	// Environment is the one of that name, or ErrNotFound.
	Environment(ctx context.Context, name string) (Environment, error)
	// Change lets decide alter the environment of that name, or make it where e.Version is 0, and writes it, the audit
	// entries and the work item in one transaction. decide may be called again after a conflict and must have no
	// effects elsewhere; its error is returned as it is and nothing is written.
	Change(ctx context.Context, name string, decide func(e *Environment) (Effects, error)) (Environment, error)
	// List gives the environments that exist (Environment.Exists) and fit the filter, by component, kind and name.
	List(ctx context.Context, f Filter) ([]Environment, error)
	// Record adds an audit entry that changes no environment.
	Record(ctx context.Context, entry Entry) error
	// History gives audit entries, newest first.
	History(ctx context.Context, f HistoryFilter) ([]Entry, error)
}

// Effects is what is written besides a changed environment.
type Effects struct {
	Save    bool      // whether the environment is written at all
	Due     time.Time // when the reconciler looks at it; zero leaves that as it is
	Entries []Entry
}

// Filter chooses environments; empty fields choose all.
type Filter struct {
	Component string // its reference
	Kind      string
	Person    string // who asked for the latest deployment
}

// Runs is what a runner of workflows can do. Errors are ErrNotFound, *Refused (it was surely not done), one with a
// method RetryAt (surely not done; try again then), or any other: nobody knows whether it was done.
type Runs interface {
	// Dispatch asks for a run. The run's ID is 0 where the runner does not say it.
	Dispatch(ctx context.Context, w Workflow, in Inputs) (Run, error)
	// FindRun looks for the run that carries id, among those made since.
	FindRun(ctx context.Context, w Workflow, id string, since time.Time) (run Run, ok bool, err error)
	// Run reads a run.
	Run(ctx context.Context, repository string, id int64) (Run, error)
	// Cancel asks for a run's end, which may take a while. A run that has ended is no error.
	Cancel(ctx context.Context, repository string, id int64) error
	// DeploymentURL is the address that the run gave to the environment; empty where there is none (yet).
	DeploymentURL(ctx context.Context, repository, environment string, id int64) (string, error)
}

// Inputs is what the workflow is told.
type Inputs struct {
	Component, Ref, SHA, Environment string
	Action                           Action
	ID                               string // bellhop_id
}

// Refused is a definite no of the runner, in words for people.
type Refused struct{ Message string }

// Error implements error.
func (r *Refused) Error() string { return r.Message }

// RetryAt is when an error says that it makes sense to try again.
func RetryAt(err error) (time.Time, bool) {
	var later interface {
		error
		RetryAt() time.Time
	}
	if errors.As(err, &later) {
		return later.RetryAt(), true
	}
	return time.Time{}, false
}

// Repositories is what can be asked about a component's repository ("owner/repo").
type Repositories interface {
	// Resolve finds the commit that a branch, tag or commit id names (in that order), or ErrNotFound.
	Resolve(ctx context.Context, repository, ref string) (Commit, error)
	// PullRequest reads a pull request, or ErrNotFound.
	PullRequest(ctx context.Context, repository string, number int) (PullRequest, error)
}

// PullRequest is a pull request of a component's repository.
type PullRequest struct {
	Number int
	Title  string
	Branch string
	Head   Commit
	Open   bool
	Fork   string // owner/repo it comes from, when that is another one
}

// Branch is a branch with its newest commit.
type Branch struct {
	Name   string
	Commit Commit
}

// Alarms tells those who keep Bellhop of what nobody else may notice.
type Alarms interface {
	// NotDestroyed tells of an environment that could not be destroyed, and may go on running.
	NotDestroyed(ctx context.Context, e Environment) error
}

// Cards shows deployments to people.
type Cards interface {
	// Fingerprint is the same as long as the card would look the same.
	Fingerprint(e Environment) string
	// Post posts the card of e's deployment to its card's address; chat.ErrCannotPost where it may not.
	Post(ctx context.Context, e Environment) (chat.MessageRef, error)
	// Update edits it; chat.ErrMessageGone when it is no longer there.
	Update(ctx context.Context, e Environment) error
	// Retire edits the card of an earlier deployment so that it says so.
	Retire(ctx context.Context, e Environment, earlier Deployment) error
	// Find looks for a card whose posting nobody knows the end of.
	Find(ctx context.Context, d Deployment, since time.Time) (chat.MessageRef, bool, error)
}
