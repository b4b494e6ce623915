package environments

// State is what an environment is in.
type State string

// The states.
const (
	Requested     State = "requested"   // written down, GitHub has not been asked
	Dispatching   State = "dispatching" // GitHub is being asked, or its answer was lost
	Running       State = "running"     // the workflow's run is known and has not ended
	Ready         State = "ready"
	Failed        State = "failed"
	Cancelled     State = "cancelled"
	Lost          State = "lost"       // nobody knows what became of the run
	Destroying    State = "destroying" // the operation's phase says how far
	Destroyed     State = "destroyed"
	DestroyFailed State = "destroy_failed"
)

// Busy tells whether something is being done that excludes doing anything else.
func (s State) Busy() bool {
	switch s {
	case Requested, Dispatching, Running, Destroying:
		return true
	}
	return false
}

// Deploying tells whether a deployment is under way, which can be cancelled.
func (s State) Deploying() bool { return s.Busy() && s != Destroying }

// next are the states that may follow each other; "" is an environment that does not exist yet.
var next = map[State][]State{
	"":            {Requested},
	Requested:     {Dispatching, Failed, Cancelled},
	Dispatching:   {Requested, Running, Failed, Cancelled, Lost}, // Requested again only when GitHub surely did not hear it
	Running:       {Ready, Failed, Cancelled, Lost},
	Ready:         {Requested, Destroying},
	Failed:        {Requested, Destroying},
	Cancelled:     {Requested, Destroying},
	Lost:          {Requested, Destroying},
	Destroying:    {Destroyed, DestroyFailed},
	DestroyFailed: {Requested, Destroying},
	Destroyed:     {Requested},
}

// MayBecome tells whether an environment may go from s to to in one change. Staying is always possible.
func (s State) MayBecome(to State) bool {
	if s == to {
		return true
	}
	for _, n := range next[s] {
		if n == to {
			return true
		}
	}
	return false
}

// Status is a workflow run's status, in GitHub's words.
type Status string

// The statuses that GitHub knows.
const (
	StatusRequested  Status = "requested"
	StatusQueued     Status = "queued"
	StatusPending    Status = "pending" // held by a concurrency group
	StatusWaiting    Status = "waiting" // for GitHub's own reviewers or timers
	StatusInProgress Status = "in_progress"
	StatusCompleted  Status = "completed"
)

// Conclusion is how a completed run ended, in GitHub's words.
type Conclusion string

// The conclusions that GitHub knows.
const (
	ConclusionSuccess        Conclusion = "success"
	ConclusionFailure        Conclusion = "failure"
	ConclusionCancelled      Conclusion = "cancelled"
	ConclusionSkipped        Conclusion = "skipped"
	ConclusionTimedOut       Conclusion = "timed_out"
	ConclusionActionRequired Conclusion = "action_required"
	ConclusionNeutral        Conclusion = "neutral"
	ConclusionStale          Conclusion = "stale"
	ConclusionStartupFailure Conclusion = "startup_failure"
)

// Reading is what a run's status and conclusion mean for a deployment.
type Reading struct {
	State State
	// Words say more where the state alone would not: "waits for GitHub's reviewers", "ran out of time".
	Words string
}

var statusReadings = map[Status]Reading{
	StatusRequested:  {Running, "is about to start"},
	StatusQueued:     {Running, "waits for a runner"},
	StatusPending:    {Running, "waits for another run to end"},
	StatusWaiting:    {Running, "waits for GitHub's reviewers"},
	StatusInProgress: {Running, ""},
}

var conclusionReadings = map[Conclusion]Reading{
	ConclusionSuccess:        {Ready, ""},
	ConclusionFailure:        {Failed, ""},
	ConclusionCancelled:      {Cancelled, ""},
	ConclusionSkipped:        {Failed, "was skipped by the workflow"},
	ConclusionTimedOut:       {Failed, "ran out of time"},
	ConclusionActionRequired: {Failed, "needs somebody's approval on GitHub"},
	ConclusionNeutral:        {Failed, "ended without a result"},
	ConclusionStale:          {Lost, "was given up by GitHub as stale"},
	ConclusionStartupFailure: {Failed, "could not start: GitHub found the workflow invalid"},
}

// Read tells what a run's status and conclusion mean. Words that GitHub invents later mean that it still runs, or that
// it failed, and are shown.
func Read(status Status, conclusion Conclusion) Reading {
	if status == StatusCompleted {
		if r, ok := conclusionReadings[conclusion]; ok {
			return r
		}
		return Reading{Failed, "ended as " + string(conclusion)}
	}
	if r, ok := statusReadings[status]; ok {
		return r
	}
	return Reading{Running, "is " + string(status)}
}

// destroyed is the state that a reading of a run which destroys leads to.
func (r Reading) destroyed() State {
	switch r.State {
	case Running:
		return Destroying
	case Ready:
		return Destroyed
	}
	return DestroyFailed
}
