// Package environments is what runs where: the states of an environment, the policy that decides who may change it
// (pure), the service that people's requests reach, and the reconciler that dispatches the workflow, follows its run and
// keeps the card. It declares the ports that it needs and knows neither GitHub nor Slack nor SQL.
package environments

import (
	"crypto/rand"
	"strings"
	"time"

	"bellhop/chat"
)

// Environment is one environment of a component, with its latest deployment.
type Environment struct {
	Key       Key       `json:"key"`
	Version   int64     `json:"-"` // grows with every change; 0 is not stored yet
	Component Component `json:"component"`
	State     State     `json:"state"`
	// Deployment is the latest one that was asked for.
	Deployment Deployment `json:"deployment"`
	// Operation is what is being done, or was done last.
	Operation Operation `json:"operation"`
	// Live is the commit that is known to run there; its SHA is empty when nothing does, or nobody knows.
	Live Commit `json:"live,omitzero"`
	URL  string `json:"url,omitempty"`
	// ExpiresAt is when it is destroyed; zero is never. While a deployment is under way it is when that is given up.
	ExpiresAt time.Time `json:"expires_at,omitzero"`
	// LiveUntil is when what is live goes, whatever becomes of later deployments; zero is never.
	LiveUntil time.Time `json:"live_until,omitzero"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	// Retired are cards of earlier deployments that still have to be told so.
	Retired []Deployment `json:"retired,omitempty"`
}

// Name is the environment's name, also GitHub's.
func (e Environment) Name() string { return e.Key.String() }

// Exists tells whether there may be something that runs, or is about to.
func (e Environment) Exists() bool {
	switch e.State {
	case "", Destroyed:
		return false
	case Failed, Cancelled:
		return e.Operation.Run.ID != 0 || e.Live.SHA != ""
	}
	return true
}

// Until is when the environment goes, as far as that is settled: zero while nobody knows, and where nothing will go.
func (e Environment) Until() time.Time {
	switch {
	case e.State.Deploying():
		return e.Deployment.Until
	case e.State == Destroying, e.State == DestroyFailed, !e.Exists():
		return time.Time{}
	}
	return e.ExpiresAt
}

// Component is what is deployed, as the catalog said when it was asked for.
type Component struct {
	Ref        string   `json:"ref"` // component:default/payments
	Name       string   `json:"name"`
	Title      string   `json:"title,omitempty"`
	Repository string   `json:"repository"` // owner/repo; empty where it cannot be deployed
	Library    bool     `json:"library,omitempty"`
	Workflow   Workflow `json:"workflow"` // by annotation; zero for the configured one
}

// Commit is one commit of a component's repository.
type Commit struct {
	SHA     string `json:"sha"`
	Subject string `json:"subject,omitempty"` // the message's first line
	Author  string `json:"author,omitempty"`  // a name, else a login
	Login   string `json:"login,omitempty"`   // the author's GitHub login, where GitHub knows it
	URL     string `json:"url,omitempty"`
}

// Short is the commit as people write it.
func (c Commit) Short() string { return c.SHA[:min(7, len(c.SHA))] }

// Deployment is one request to deploy, and its card.
type Deployment struct {
	ID          string        `json:"id"`
	RequestID   string        `json:"request_id"` // chat.Request.ID: the same on a redelivery
	Ref         string        `json:"ref"`
	PullRequest int           `json:"pull_request,omitempty"`
	Commit      Commit        `json:"commit"`
	By          Person        `json:"by"`
	Because     string        `json:"because,omitempty"`
	TTL         time.Duration `json:"ttl,omitempty"` // from the end of the deployment on
	Until       time.Time     `json:"until,omitzero"`
	AskedAt     time.Time     `json:"asked_at"`
	RunURL      string        `json:"run_url,omitempty"` // of its run, once that has ended
	Card        Card          `json:"card"`
}

// Person is somebody who asked: ID is who they are, Name is for showing.
type Person struct {
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
}

// Action is what a workflow is asked to do; also its input.
type Action string

// The actions.
const (
	Deploy  Action = "deploy"
	Destroy Action = "destroy"
)

// Operation is one run of the workflow, from before it is dispatched to its end.
type Operation struct {
	ID       string   `json:"id"` // the workflow's bellhop_id
	Action   Action   `json:"action"`
	Workflow Workflow `json:"workflow"`
	By       Person   `json:"by,omitzero"` // nobody when time was up
	Phase    Phase    `json:"phase"`
	// RequestID is the press of a button that was done last: a redelivery of it changes nothing.
	RequestID string `json:"request_id,omitempty"`
	// DispatchedAt is when GitHub was asked, written before it was.
	DispatchedAt time.Time `json:"dispatched_at,omitzero"`
	Run          Run       `json:"run"`
	CancelBy     Person    `json:"cancel_by,omitzero"`
	// Overdue is set when the environment's time was up before its deployment had ended, which is then cancelled.
	Overdue     bool      `json:"overdue,omitempty"`
	CancelledAt time.Time `json:"cancelled_at,omitzero"` // when GitHub was last asked to cancel
	CompletedAt time.Time `json:"completed_at,omitzero"` // when the run was first seen to have ended
	EndedAt     time.Time `json:"ended_at,omitzero"`
	Trouble     Trouble   `json:"trouble,omitzero"`
	// Tries counts the failed ones before this, where destroying is tried again; Told is set when all were in vain and
	// operations have heard of it.
	Tries int  `json:"tries,omitempty"`
	Told  bool `json:"told,omitempty"`
	// Failure says in words why there is no run to look at.
	Failure string `json:"failure,omitempty"`
}

// Cancelling tells whether its end was asked for.
func (o Operation) Cancelling() bool { return o.CancelBy.ID != "" || o.Overdue }

// Phase is how far an operation is.
type Phase string

// The phases.
const (
	PhaseRequested   Phase = "requested"
	PhaseDispatching Phase = "dispatching" // GitHub may or may not have heard of it
	PhaseRunning     Phase = "running"
	PhaseEnded       Phase = "ended"
)

// Trouble is why an operation does not go on at the moment.
type Trouble struct {
	Since time.Time `json:"since,omitzero"`
	Why   string    `json:"why,omitempty"`
	Until time.Time `json:"until,omitzero"` // when it will be tried again, where that is known
	// Tell is set when it lasts so long that people are told.
	Tell bool `json:"tell,omitempty"`
}

// Run is the workflow's run as it was last seen.
type Run struct {
	ID         int64      `json:"id,omitempty"`
	URL        string     `json:"url,omitempty"`
	Status     Status     `json:"status,omitempty"`
	Conclusion Conclusion `json:"conclusion,omitempty"`
	Step       int        `json:"step,omitempty"` // the step it is at, from 1
	Steps      int        `json:"steps,omitempty"`
	StepName   string     `json:"step_name,omitempty"`
	FailedStep string     `json:"failed_step,omitempty"`
	FailedURL  string     `json:"failed_url,omitempty"`
}

// Card is the message that shows a deployment.
type Card struct {
	To  chat.Address    `json:"to"`
	Ref chat.MessageRef `json:"ref,omitzero"`
	// PostingSince is set before the message is posted: if its answer is lost, the message is sought from there on.
	PostingSince time.Time `json:"posting_since,omitzero"`
	// Again is set when it had to be posted without knowing whether an earlier try had come through.
	Again bool `json:"again,omitempty"`
	// Moved is set when it could not be posted where it was asked for and went to the asker's direct messages; From is
	// then the channel where it was asked, unless that is a conversation of others.
	Moved    bool      `json:"moved,omitempty"`
	From     string    `json:"from,omitempty"`
	Shown    string    `json:"shown,omitempty"` // fingerprint of what it shows
	EditedAt time.Time `json:"edited_at,omitzero"`
	RetryAt  time.Time `json:"retry_at,omitzero"`
	Failures int       `json:"failures,omitempty"` // in a row
	Gone     bool      `json:"gone,omitempty"`     // somebody deleted it, or there is nowhere to post
}

// newID names a deployment or operation: 16 letters and digits, 80 random bits.
func newID() string { return strings.ToLower(rand.Text()[:16]) }
