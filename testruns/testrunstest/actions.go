package testrunstest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"bellhop/testruns"
)

// Actions is testruns.Actions in memory: runs that were added, with artifacts by attempt, listed as GitHub lists them.
type Actions struct {
	// Fault, if set, is asked at the beginning of each call ("branch", "runs", "attempt", "artifacts", "download").
	Fault func(call string) error

	mu        sync.Mutex
	runs      map[string]map[testruns.RunKey]testruns.Run
	artifacts map[int64][]testruns.Artifact // by run
	content   map[int64][]byte              // by artifact
	nextID    int64
	calls     map[string]int
	version   int
}

var _ testruns.Actions = (*Actions)(nil)

// NewActions makes an Actions without any run.
func NewActions() *Actions {
	return &Actions{runs: map[string]map[testruns.RunKey]testruns.Run{}, artifacts: map[int64][]testruns.Artifact{},
		content: map[int64][]byte{}, calls: map[string]int{}}
}

// Add adds an attempt of a run with its artifacts, name and content in turn.
func (a *Actions) Add(r testruns.Run, artifacts ...string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.runs[r.Repo] == nil {
		a.runs[r.Repo] = map[testruns.RunKey]testruns.Run{}
	}
	a.version++
	a.runs[r.Repo][r.RunKey] = r
	for i := 0; i < len(artifacts); i += 2 {
		a.nextID++
		a.artifacts[r.ID] = append(a.artifacts[r.ID], testruns.Artifact{ID: a.nextID, Name: artifacts[i],
			Size: int64(len(artifacts[i+1])), Created: r.Completed.Add(-time.Second)})
		a.content[a.nextID] = []byte(artifacts[i+1])
	}
}

// Change lets change the artifacts of a run.
func (a *Actions) Change(run int64, change func([]testruns.Artifact) []testruns.Artifact) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.artifacts[run] = change(a.artifacts[run])
}

// Lose makes an artifact's content unavailable.
func (a *Actions) Lose(run int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, artifact := range a.artifacts[run] {
		delete(a.content, artifact.ID)
	}
}

// Calls is how often each call was made; an unchanged listing counts as "unchanged".
func (a *Actions) Calls(call string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.calls[call]
}

// begin counts a call and lets it fail. It returns locked unless it fails.
func (a *Actions) begin(call string) error {
	if a.Fault != nil {
		if err := a.Fault(call); err != nil {
			return err
		}
	}
	a.mu.Lock()
	a.calls[call]++
	return nil
}

// DefaultBranch implements testruns.Actions.
func (a *Actions) DefaultBranch(_ context.Context, repo string) (string, error) {
	if err := a.begin("branch"); err != nil {
		return "", err
	}
	defer a.mu.Unlock()
	if a.runs[repo] == nil {
		return "", fmt.Errorf("get %s: %w", repo, testruns.ErrNotFound)
	}
	return "main", nil
}

// pageSize is how many runs a page lists.
const pageSize = 10

// CompletedRuns implements testruns.Actions.
func (a *Actions) CompletedRuns(_ context.Context, repo, branch string, page int, tag string) (testruns.RunPage, error) {
	if err := a.begin("runs"); err != nil {
		return testruns.RunPage{}, err
	}
	defer a.mu.Unlock()
	now := fmt.Sprintf("%d-%d", a.version, page)
	if tag == now {
		a.calls["runs"]--
		a.calls["unchanged"]++
		return testruns.RunPage{Unchanged: true, Tag: tag}, nil
	}
	last := map[int64]testruns.Run{}
	for key, r := range a.runs[repo] {
		if had, ok := last[key.ID]; r.Branch == branch && (!ok || had.Attempt < key.Attempt) {
			last[key.ID] = r
		}
	}
	var all []testruns.Run
	for _, r := range last {
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b testruns.Run) int { return int(b.ID - a.ID) })
	from, to := min(len(all), (page-1)*pageSize), min(len(all), page*pageSize)
	return testruns.RunPage{Runs: all[from:to], More: to < len(all), Tag: now}, nil
}

// Run implements testruns.Actions.
func (a *Actions) Run(_ context.Context, repo string, id int64) (last testruns.Run, completed bool, err error) {
	if err := a.begin("run"); err != nil {
		return testruns.Run{}, false, err
	}
	defer a.mu.Unlock()
	for key, r := range a.runs[repo] {
		if key.ID == id && key.Attempt > last.Attempt {
			last = r
		}
	}
	if last.ID == 0 {
		return last, false, testruns.ErrNotFound
	}
	return last, last.Conclusion != "", nil
}

// RunAttempt implements testruns.Actions.
func (a *Actions) RunAttempt(_ context.Context, repo string, key testruns.RunKey) (testruns.Run, error) {
	if err := a.begin("attempt"); err != nil {
		return testruns.Run{}, err
	}
	defer a.mu.Unlock()
	r, ok := a.runs[repo][key]
	if !ok {
		return testruns.Run{}, testruns.ErrNotFound
	}
	return r, nil
}

// Artifacts implements testruns.Actions.
func (a *Actions) Artifacts(_ context.Context, _ string, run int64) ([]testruns.Artifact, error) {
	if err := a.begin("artifacts"); err != nil {
		return nil, err
	}
	defer a.mu.Unlock()
	return slices.Clone(a.artifacts[run]), nil
}

// Download implements testruns.Actions.
func (a *Actions) Download(_ context.Context, _ string, artifact int64, read func(io.Reader) error) error {
	if err := a.begin("download"); err != nil {
		return err
	}
	content, ok := a.content[artifact]
	a.mu.Unlock()
	if !ok {
		return testruns.ErrGone
	}
	return read(bytes.NewReader(content))
}
