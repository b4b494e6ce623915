package environmentstest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"bellhop/environments"
)

// Runner is environments.Runs in memory: runs go from queued to done in its own time, step by step. It is told by Fault
// how to misbehave.
type Runner struct {
	Now func() time.Time
	// Fault, if set, is asked at the beginning of each call ("dispatch", "find", "run", "cancel", "url"); an error is
	// returned to the caller, after the call was carried out where done is true.
	Fault func(call string) (done bool, err error)
	// NoDetails leaves the run's id out of the answer to a dispatch.
	NoDetails bool
	// Ends is how the runs for an environment end; success by default. "waiting" never starts.
	Ends map[string]environments.Conclusion

	mu   sync.Mutex
	runs []*run
}

type run struct {
	id        int64
	inputs    environments.Inputs
	began     time.Time
	cancelled time.Time
	deleted   bool
}

// Steps of every run, one second each.
var steps = []string{"Set up job", "check out", "build image", "push image", "migrate database", "roll out", "smoke test"}

func (r *Runner) fault(call string) (bool, error) {
	if r.Fault == nil {
		return true, nil
	}
	done, err := r.Fault(call)
	return done || err == nil, err
}

// Dispatch implements environments.Runs.
func (r *Runner) Dispatch(_ context.Context, _ environments.Workflow, in environments.Inputs) (environments.Run, error) {
	done, fault := r.fault("dispatch")
	r.mu.Lock()
	defer r.mu.Unlock()
	var made environments.Run
	if done {
		r.runs = append(r.runs, &run{id: int64(1000 + len(r.runs)), inputs: in, began: r.Now()})
		if !r.NoDetails {
			made = environments.Run{ID: r.runs[len(r.runs)-1].id, Status: environments.StatusQueued}
		}
	}
	return made, fault
}

// FindRun implements environments.Runs.
func (r *Runner) FindRun(_ context.Context, _ environments.Workflow, id string, since time.Time) (environments.Run, bool, error) {
	if _, fault := r.fault("find"); fault != nil {
		return environments.Run{}, false, fault
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, run := range r.runs {
		if run.inputs.ID == id && !run.deleted && !run.began.Before(since) {
			return r.look(run), true, nil
		}
	}
	return environments.Run{}, false, nil
}

// Run implements environments.Runs.
func (r *Runner) Run(_ context.Context, _ string, id int64) (environments.Run, error) {
	if _, fault := r.fault("run"); fault != nil {
		return environments.Run{}, fault
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if run := r.find(id); run != nil {
		return r.look(run), nil
	}
	return environments.Run{}, environments.ErrNotFound
}

// Cancel implements environments.Runs.
func (r *Runner) Cancel(_ context.Context, _ string, id int64) error {
	done, fault := r.fault("cancel")
	r.mu.Lock()
	defer r.mu.Unlock()
	if run := r.find(id); done && run != nil && run.cancelled.IsZero() && r.look(run).Status != environments.StatusCompleted {
		run.cancelled = r.Now()
	}
	return fault
}

// DeploymentURL implements environments.Runs.
func (r *Runner) DeploymentURL(_ context.Context, _, environment string, id int64) (string, error) {
	if _, fault := r.fault("url"); fault != nil {
		return "", fault
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if run := r.find(id); run == nil || r.look(run).Conclusion != environments.ConclusionSuccess {
		return "", nil
	}
	return "https://" + environment + ".example", nil
}

// Delete removes a run, as people can on GitHub's pages.
func (r *Runner) Delete(id int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if run := r.find(id); run != nil {
		run.deleted = true
	}
}

// Dispatched are the inputs of all runs, in order.
func (r *Runner) Dispatched() []environments.Inputs {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []environments.Inputs
	for _, run := range r.runs {
		all = append(all, run.inputs)
	}
	return all
}

func (r *Runner) find(id int64) *run {
	for _, run := range r.runs {
		if run.id == id && !run.deleted {
			return run
		}
	}
	return nil
}

// look is how a run stands now: a second in the queue, then a second a step.
func (r *Runner) look(run *run) environments.Run {
	seen := environments.Run{ID: run.id, URL: fmt.Sprintf("https://github.example/runs/%d", run.id), Status: environments.StatusQueued}
	end := r.Ends[run.inputs.Environment]
	if end == "" {
		end = environments.ConclusionSuccess
	}
	if !run.cancelled.IsZero() {
		seen.Status, seen.Conclusion = environments.StatusCompleted, environments.ConclusionCancelled
		return seen
	}
	if end == "waiting" {
		seen.Status = environments.StatusWaiting
		return seen
	}
	done := int(r.Now().Sub(run.began)/time.Second) - 1
	if done < 0 {
		return seen
	}
	seen.Steps = len(steps)
	if end == environments.ConclusionFailure && done > 4 {
		seen.Status, seen.Conclusion, seen.Step, seen.FailedStep = environments.StatusCompleted, end, 5, steps[4]
		return seen
	}
	if done >= len(steps) {
		seen.Status, seen.Conclusion, seen.Step = environments.StatusCompleted, end, len(steps)
		return seen
	}
	seen.Status, seen.Step, seen.StepName = environments.StatusInProgress, done+1, steps[done]
	return seen
}
