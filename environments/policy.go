package environments

import (
	"fmt"
	"strings"
	"time"

	"bellhop/chat"
)

// Request is what somebody asks, for the policy. It holds nobody's name or id: it goes into the audit.
type Request struct {
	Event       Event         `json:"event"`
	Standing    Standing      `json:"standing"`
	Component   string        `json:"component"`
	Kind        string        `json:"kind"`
	Ref         string        `json:"ref,omitempty"`
	PullRequest int           `json:"pull_request,omitempty"`
	SHA         string        `json:"sha,omitempty"`
	For         time.Duration `json:"for,omitempty"`
	Until       time.Time     `json:"until,omitzero"`
	Because     string        `json:"because,omitempty"`
	Deployment  string        `json:"deployment,omitempty"` // the one whose button was pressed
	Confirmed   bool          `json:"confirmed,omitempty"`  // asked again, and meant
}

// Standing is chat.Standing in words.
type Standing string

// standingOf names a standing for the audit.
func standingOf(s chat.Standing) Standing {
	switch s {
	case chat.Member:
		return "member"
	case chat.Guest:
		return "guest"
	case chat.Foreign:
		return "foreign"
	case chat.Bot:
		return "bot"
	}
	return "deactivated"
}

// World is what was so when a request was decided.
type World struct {
	ReadOnly bool `json:"read_only,omitempty"`
	// Repository and Workflow are the component's; Workflow is empty when none may be used.
	Repository      string `json:"repository,omitempty"`
	Library         bool   `json:"library,omitempty"`
	Workflow        string `json:"workflow,omitempty"`
	WorkflowRefused string `json:"workflow_refused,omitempty"` // the annotation's, when it is not allowed
	Kind            *Kind  `json:"kind,omitempty"`             // nil when there is none of that name
	RefFound        bool   `json:"ref_found,omitempty"`
	RefPending      bool   `json:"ref_pending,omitempty"` // GitHub did not answer; the reconciler will ask again
	Fork            string `json:"fork,omitempty"`        // the other repository that a pull request comes from
	PullClosed      bool   `json:"pull_closed,omitempty"`
	Environment     string `json:"environment,omitempty"` // the name
	State           State  `json:"state,omitempty"`
	Exists          bool   `json:"exists,omitempty"`
	Mine            bool   `json:"mine,omitempty"`       // the asker asked for its latest deployment
	Deployment      string `json:"deployment,omitempty"` // the latest one
	Cancelling      bool   `json:"cancelling,omitempty"`
	NameTaken       bool   `json:"name_taken,omitempty"` // by another key
}

// Outcome is what a decision comes to.
type Outcome string

// The outcomes.
const (
	Allowed Outcome = "allowed"
	// Confirm asks the person once whether it is meant.
	Confirm Outcome = "confirm"
	No      Outcome = "refused"
)

// Code is a reason for machines.
type Code string

// The codes.
const (
	CodeOK                 Code = "ok"
	CodeReadOnly           Code = "read_only"
	CodeNotPermitted       Code = "not_permitted"
	CodeNotDeployable      Code = "not_deployable"
	CodeKindUnknown        Code = "kind_unknown"
	CodeWorkflowMissing    Code = "workflow_missing"
	CodeWorkflowNotAllowed Code = "workflow_not_allowed"
	CodeRefUnknown         Code = "ref_unknown"
	CodeRefPending         Code = "ref_pending"
	CodeFork               Code = "fork"
	CodeLifetime           Code = "lifetime"
	CodeNameTaken          Code = "name_taken"
	CodeInProgress         Code = "in_progress"
	CodeStale              Code = "stale"
	CodeNothingThere       Code = "nothing_there"
	CodeNothingRuns        Code = "nothing_runs"
	CodeCancelling         Code = "cancelling"
	CodeNotMine            Code = "not_mine"
)

// Result is what a gate says.
type Result string

// The results.
const (
	Pass Result = "pass"
	Warn Result = "warn" // passes, with a word
	Ask  Result = "ask"  // passes once the person says it is meant
	Fail Result = "fail"
)

// Gate is one condition of a decision.
type Gate struct {
	Name   string `json:"name"`
	Result Result `json:"result"`
	Code   Code   `json:"code"`
	Reason string `json:"reason,omitempty"` // in words, where it does not pass
}

// Decision is what the policy says, with every gate in order.
type Decision struct {
	Outcome Outcome `json:"outcome"`
	Gates   []Gate  `json:"gates"`
}

// Code is that of the first gate that does not pass.
func (d Decision) Code() Code { return d.deciding().Code }

// Reason is that of the first gate that does not pass, in words.
func (d Decision) Reason() string { return d.deciding().Reason }

// deciding is the first failed gate, else the first that asks.
func (d Decision) deciding() Gate {
	for _, result := range []Result{Fail, Ask} {
		for _, g := range d.Gates {
			if g.Result == result {
				return g
			}
		}
	}
	return Gate{Code: CodeOK}
}

// Decide says whether a request may be done, in a world, at a moment. It is pure: the same three give the same decision.
func Decide(r Request, w World, now time.Time) Decision {
	d := Decision{Outcome: Allowed}
	for _, gate := range gatesOf(r.Event) {
		g := gate.check(r, w, now)
		g.Name = gate.name
		if g.Result == "" {
			g.Result, g.Code = Pass, CodeOK
		}
		d.Gates = append(d.Gates, g)
		switch {
		case g.Result == Fail:
			d.Outcome = No
		case g.Result == Ask && d.Outcome == Allowed:
			d.Outcome = Confirm
		}
	}
	return d
}

// gate is a condition with its name; a zero Gate passes.
type gate struct {
	name  string
	check func(r Request, w World, now time.Time) Gate
}

// gatesOf are the gates of a request, in the order in which they are told.
func gatesOf(e Event) []gate {
	person := []gate{{"read only", readOnlyGate}, {"person", personGate}}
	switch e {
	case EventDeploy:
		return append(person, gate{"component", componentGate}, gate{"kind", kindGate}, gate{"workflow", workflowGate}, gate{"ref", refGate},
			gate{"lifetime", lifetimeGate}, gate{"name", nameGate}, gate{"free", freeGate})
	case EventRedeploy:
		return append(person, gate{"current", currentGate}, gate{"component", componentGate}, gate{"kind", kindGate}, gate{"workflow", workflowGate},
			gate{"ref", refGate}, gate{"name", nameGate}, gate{"free", freeGate}, gate{"own", ownGate})
	case EventCancel:
		return append(person, gate{"current", currentGate}, gate{"runs", runsGate}, gate{"own", ownGate})
	case EventDestroy:
		return append(person, gate{"current", currentGate}, gate{"there", thereGate}, gate{"free", freeGate}, gate{"own", ownGate})
	}
	return append(person, gate{"known", func(r Request, _ World, _ time.Time) Gate {
		return fail(CodeNotPermitted, "Nobody may do %q.", string(r.Event))
	}})
}

func fail(c Code, format string, args ...any) Gate {
	return Gate{Result: Fail, Code: c, Reason: fmt.Sprintf(format, args...)}
}

func readOnlyGate(_ Request, w World, _ time.Time) Gate {
	if w.ReadOnly {
		return fail(CodeReadOnly, "Bellhop is set to read only at the moment: it answers, but changes nothing.")
	}
	return Gate{}
}

func personGate(r Request, _ World, _ time.Time) Gate {
	switch r.Standing {
	case "member":
		return Gate{}
	case "guest":
		return fail(CodeNotPermitted, "Guests of this workspace can look things up but change nothing. Ask a full member of the team to do it for you.")
	case "foreign":
		return fail(CodeNotPermitted, "Only members of this workspace can change things here, and you are with another one. Ask somebody of the team to do it for you.")
	case "bot":
		return fail(CodeNotPermitted, "Apps and bots cannot use Bellhop to change things. A person has to ask.")
	}
	return fail(CodeNotPermitted, "This account is deactivated, so nothing was changed.")
}

func componentGate(r Request, w World, _ time.Time) Gate {
	switch {
	case w.Library:
		return fail(CodeNotDeployable, "%s cannot be deployed: it is a library (spec.type in the catalog).", r.Component)
	case w.Repository == "":
		return fail(CodeNotDeployable, "%s cannot be deployed: the catalog names no repository for it (annotation github.com/project-slug).", r.Component)
	}
	return Gate{}
}

func kindGate(r Request, w World, _ time.Time) Gate {
	if w.Kind == nil {
		return fail(CodeKindUnknown, "There is no kind of environment called %q.", chat.Shorten(r.Kind, 60))
	}
	return Gate{}
}

func workflowGate(r Request, w World, _ time.Time) Gate {
	switch {
	case w.WorkflowRefused != "":
		return fail(CodeWorkflowNotAllowed, "%s names the workflow %s for itself, which environments.allowed_workflows in bellhop.yaml does not allow.", r.Component, w.WorkflowRefused)
	case w.Workflow == "":
		return fail(CodeWorkflowMissing, "No workflow is set up for deployments: bellhop.yaml names none under environments.workflow.")
	}
	return Gate{}
}

func refGate(r Request, w World, _ time.Time) Gate {
	what := fmt.Sprintf("%q", chat.Shorten(r.Ref, 60))
	if r.PullRequest != 0 {
		what = fmt.Sprintf("pull request #%d", r.PullRequest)
	}
	switch {
	case w.Fork != "":
		return fail(CodeFork, "Pull request #%d comes from %s. Bellhop deploys only what lies in %s itself: push the branch there.", r.PullRequest, w.Fork, w.Repository)
	case w.RefPending:
		return Gate{Result: Warn, Code: CodeRefPending, Reason: fmt.Sprintf("GitHub does not say yet whether there is %s in %s.", what, w.Repository)}
	case !w.RefFound && w.Repository != "":
		return fail(CodeRefUnknown, "There is no %s in %s.", what, w.Repository)
	}
	return Gate{}
}

func lifetimeGate(r Request, w World, now time.Time) Gate {
	asked := r.For
	if !r.Until.IsZero() {
		asked = r.Until.Sub(now)
	}
	switch {
	case w.Kind == nil || asked == 0:
	case w.Kind.Preset == Shared:
		return fail(CodeLifetime, "%s is shared and stays; it cannot be asked for a while only.", w.Kind.Name)
	case asked < 0:
		return fail(CodeLifetime, "That time has passed.")
	case asked > w.Kind.Longest():
		return fail(CodeLifetime, "%s environments live %s at most.", w.Kind.Name, Span(w.Kind.Longest()))
	}
	return Gate{}
}

func nameGate(_ Request, w World, _ time.Time) Gate {
	if w.NameTaken {
		return fail(CodeNameTaken, "The name %s belongs to another environment already.", w.Environment)
	}
	return Gate{}
}

func freeGate(_ Request, w World, _ time.Time) Gate {
	switch {
	case w.State == Destroying:
		return fail(CodeInProgress, "%s is being destroyed at the moment.", w.Environment)
	case w.State.Busy():
		return fail(CodeInProgress, "A deployment to %s runs already.", w.Environment)
	}
	return Gate{}
}

func currentGate(r Request, w World, _ time.Time) Gate {
	switch {
	case w.State == "":
		return fail(CodeNothingThere, "There is no environment %s.", w.Environment)
	case r.Deployment != "" && r.Deployment != w.Deployment:
		return fail(CodeStale, "That button belongs to an earlier deployment of %s; there is a newer one.", w.Environment)
	}
	return Gate{}
}

func thereGate(_ Request, w World, _ time.Time) Gate {
	if w.State != "" && !w.Exists {
		return fail(CodeNothingThere, "%s is gone already.", w.Environment)
	}
	return Gate{}
}

func runsGate(_ Request, w World, _ time.Time) Gate {
	switch {
	case w.State != "" && !w.State.Deploying():
		return fail(CodeNothingRuns, "There is nothing to cancel: no deployment to %s runs.", w.Environment)
	case w.Cancelling:
		return fail(CodeCancelling, "It is being cancelled already.")
	}
	return Gate{}
}

func ownGate(r Request, w World, _ time.Time) Gate {
	if !w.Mine && !r.Confirmed && w.State != "" {
		return Gate{Result: Ask, Code: CodeNotMine, Reason: "Somebody else asked for this deployment."}
	}
	return Gate{}
}

// Span is a length of time as people say it: "3 days", "36 hours", "90 minutes".
func Span(d time.Duration) string {
	for _, u := range []struct {
		size time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}} {
		if n := int64(d / u.size); d%u.size == 0 && n > 0 && (n > 1 || u.name != "day") {
			return plural(n, u.name)
		}
	}
	return strings.TrimSuffix(d.Round(time.Minute).String(), "0s")
}

func plural(n int64, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}
