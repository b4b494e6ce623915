package testruns

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"bellhop/catalog"
	"bellhop/clock"
	"bellhop/testruns/reports"
	"bellhop/testruns/secrets"
	"bellhop/work"
)

// RepositoryKind is the work of following one repository; its items' ids are owner/repo.
const RepositoryKind work.Kind = "repository"

// Repositories names what is to be followed: owner/repo of every component, and whose a repository is.
type Repositories interface {
	Repositories(ctx context.Context) ([]string, error)
	ByRepository(ctx context.Context, slug string) ([]catalog.Entity, error)
}

// CollectorOptions are the settings of a Collector; zero values take the defaults given.
type CollectorOptions struct {
	Artifacts []string       // globs over artifact names; default "*junit*", "*test-results*"
	Limits    reports.Limits // default reports.DefaultLimits
	Every     time.Duration  // how often a repository is looked at; default a minute
	Backlog   time.Duration  // how far the first look goes back; default 14 days
	// OldPerHour bounds the attempts taken in that are older than a day, all repositories together, so that a first
	// look or a long downtime leaves GitHub's hourly limit to deployments; default 500, after a first 800.
	OldPerHour int
	Retention  time.Duration // how long runs are kept; default 90 days
}

// Collector follows the completed runs of repositories.
type Collector struct {
	store   Store
	actions Actions
	repos   Repositories
	clock   clock.Clock
	options CollectorOptions
	old     *rate.Limiter

	mu      sync.Mutex
	failing map[string]time.Time // attempts that cannot be read, since when
}

// NewCollector makes a Collector. Its Run keeps the list of repositories; Step is what a work.Loop of RepositoryKind does.
func NewCollector(store Store, actions Actions, repos Repositories, c clock.Clock, o CollectorOptions) *Collector {
	if len(o.Artifacts) == 0 {
		o.Artifacts = []string{"*junit*", "*test-results*"}
	}
	if o.Limits == (reports.Limits{}) {
		o.Limits = reports.DefaultLimits()
	}
	if o.Every == 0 {
		o.Every = time.Minute
	}
	if o.Backlog == 0 {
		o.Backlog = 14 * 24 * time.Hour
	}
	if o.Retention == 0 {
		o.Retention = 90 * 24 * time.Hour
	}
	if o.OldPerHour == 0 {
		o.OldPerHour = 500
	}
	old := rate.NewLimiter(rate.Limit(float64(o.OldPerHour)/3600), o.OldPerHour+o.OldPerHour*3/5)
	return &Collector{store: store, actions: actions, repos: repos, clock: c, options: o, old: old, failing: map[string]time.Time{}}
}

// Run keeps the followed repositories those of the catalog and forgets what is older than the retention, a little at a
// time, until ctx ends. An error is left to the next time.
func (c *Collector) Run(ctx context.Context, failed func(error)) error {
	var forget time.Time
	for {
		if err := c.Sync(ctx); err != nil && ctx.Err() == nil {
			failed(err)
		}
		if now := c.clock.Now(); !now.Before(forget) {
			n, err := c.store.Forget(ctx, now.Add(-c.options.Retention), forgetAtOnce)
			if err != nil && ctx.Err() == nil {
				failed(err)
			}
			if n < forgetAtOnce {
				forget = now.Add(time.Hour)
			}
		}
		if c.clock.Wait(ctx, c.clock.Now().Add(c.options.Every/2)) != nil {
			return nil
		}
	}
}

// forgetAtOnce bounds the attempts that are forgotten in one go. There are two a minute: 50 repositories with 100 runs a
// day each make 5,000 a day, and this takes 57,600.
const forgetAtOnce = 20

// Sync makes the followed repositories those that the catalog names now. A catalog that cannot be read, or is empty as
// before its first refresh, changes nothing.
func (c *Collector) Sync(ctx context.Context) error {
	repos, err := c.repos.Repositories(ctx)
	if err != nil {
		return fmt.Errorf("list repositories to follow: %w", err)
	}
	if len(repos) == 0 {
		return nil
	}
	return c.store.Follow(ctx, repos, c.clock.Now(), min(c.options.Every, time.Duration(len(repos))*100*time.Millisecond))
}

const (
	// perStep bounds the attempts taken in before a repository makes room for the others.
	perStep = 15
	// maxPages bounds one look: GitHub lists no more than 1,000 runs.
	maxPages = 20
	// branchAge is how long a default branch is believed.
	branchAge = time.Hour
	// unreachable is the pause after GitHub said that a repository is not there.
	unreachable = 10 * time.Minute
)

// Step looks at one repository once. It is idempotent: killed anywhere, the next one goes on.
func (c *Collector) Step(ctx context.Context, item work.Item) (time.Time, error) {
	f, ok, err := c.store.Followed(ctx, item.ID)
	if err != nil || !ok {
		return time.Time{}, err
	}
	more, err := c.look(ctx, &f)
	now := c.clock.Now()
	var pause interface{ RetryAt() time.Time }
	switch {
	case errors.As(err, &pause):
		return later(pause.RetryAt(), now.Add(time.Second)), nil
	case errors.Is(err, ErrNotFound):
		f.Problem, f.Polled = "GitHub shows no such repository to Bellhop, or not its Actions", now
		return now.Add(unreachable), c.store.SetFollowed(ctx, f)
	case err != nil:
		return time.Time{}, fmt.Errorf("follow %s: %w", f.Repo, err)
	}
	f.Problem, f.Polled = "", now
	if err := c.store.SetFollowed(ctx, f); err != nil {
		return time.Time{}, err
	}
	if more && c.old.TokensAt(now) >= 1 {
		return now, nil
	}
	return now.Add(c.options.Every), nil
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// look lists what is new and takes it in, newest first; more tells that some is left for the next look.
func (c *Collector) look(ctx context.Context, f *Followed) (more bool, err error) {
	now := c.clock.Now()
	if f.Branch == "" || now.Sub(f.BranchAt) > branchAge {
		branch, err := c.actions.DefaultBranch(ctx, f.Repo)
		if err != nil {
			return false, err
		}
		if branch != f.Branch {
			f.Tag, f.Complete = "", time.Time{}
		}
		f.Branch, f.BranchAt = branch, now
		if err := c.store.SetFollowed(ctx, *f); err != nil {
			return false, err // by it the store knows which runs are the default branch's
		}
	}
	found, tag, err := c.unknown(ctx, f, now)
	if err != nil || found == nil {
		return false, err
	}
	taken, failures := 0, []error(nil)
	for _, run := range found {
		if taken == perStep || now.Sub(run.Completed) > old && !c.old.AllowN(now, 1) {
			break
		}
		if err := c.takeIn(ctx, run); err != nil {
			if ctx.Err() != nil || asksForPause(err) {
				return false, err
			}
			failures = append(failures, err) // one bad run holds none of the others back
		}
		taken++
	}
	f.Waiting = len(found) - taken + len(failures)
	if f.Waiting > 0 {
		return true, errors.Join(failures...)
	}
	f.Tag, f.Complete = tag, now.Add(-overlap)
	return false, nil
}

// old is the age from which an attempt is backlog.
const old = 24 * time.Hour

func asksForPause(err error) bool {
	var pause interface{ RetryAt() time.Time }
	return errors.As(err, &pause)
}

// pending is an attempt that is not yet taken in.
type pending struct {
	Run
	earlier bool // listed by a later attempt: of this one only the number is known
}

// overlap is how much longer than since the last complete look runs are looked for: one that was started before and
// took long stands further down in the list.
const overlap = 6 * time.Hour

// unknown lists the attempts that are not yet taken in, newest first; nil when nothing has changed.
func (c *Collector) unknown(ctx context.Context, f *Followed, now time.Time) (found []pending, tag string, err error) {
	found = []pending{}
	oldest := later(now.Add(-c.options.Backlog), f.Complete)
	for page := 1; page <= maxPages; page++ {
		listTag := ""
		if page == 1 {
			listTag = f.Tag
		}
		list, err := c.actions.CompletedRuns(ctx, f.Repo, f.Branch, page, listTag)
		if err != nil {
			return nil, "", fmt.Errorf("list runs: %w", err)
		}
		if list.Unchanged {
			return nil, "", nil
		}
		if page == 1 {
			tag = list.Tag
		}
		fresh, err := c.fresh(ctx, f.Repo, list.Runs)
		if err != nil {
			return nil, "", err
		}
		found = append(found, fresh...)
		if !list.More || len(list.Runs) == 0 || list.Runs[len(list.Runs)-1].Started.Before(oldest) {
			break
		}
	}
	found = slices.DeleteFunc(found, func(r pending) bool { return r.Completed.Before(now.Add(-c.options.Backlog)) })
	slices.SortStableFunc(found, func(a, b pending) int { return b.Completed.Compare(a.Completed) })
	return found, tag, nil
}

// fresh are the attempts of runs that are not kept yet, earlier attempts included.
func (c *Collector) fresh(ctx context.Context, repo string, runs []Run) ([]pending, error) {
	ids := make([]int64, len(runs))
	for i, r := range runs {
		ids[i] = r.ID
	}
	known, err := c.store.Known(ctx, repo, ids)
	if err != nil {
		return nil, err
	}
	var fresh []pending
	for _, r := range runs {
		for attempt := r.Attempt; attempt >= 1; attempt-- {
			if known[RunKey{r.ID, attempt}] {
				continue
			}
			one := pending{Run: r, earlier: attempt < r.Attempt}
			one.Attempt = attempt
			fresh = append(fresh, one)
		}
	}
	return fresh, nil
}

// takeIn reads and keeps one attempt. Of one that could not be read for a day, that is what is kept.
func (c *Collector) takeIn(ctx context.Context, p pending) error {
	in, err := c.readAttempt(ctx, p)
	if err != nil {
		if ctx.Err() != nil || asksForPause(err) || c.failedFor(p) < old {
			return err
		}
		in = Ingested{Run: p.Run}
		in.Run.State = Unreadable
		in.Run.Problems = []string{"could not be read from GitHub: " + secrets.Mask(err.Error())}
	}
	in.Run.Recorded = c.clock.Now()
	if err := c.store.Record(ctx, in); err != nil {
		return err
	}
	c.mu.Lock()
	delete(c.failing, p.name())
	c.mu.Unlock()
	return nil
}

func (p pending) name() string { return fmt.Sprintf("%s %d %d", p.Repo, p.ID, p.Attempt) }

// failedFor notes that an attempt cannot be read, and tells for how long that has been so in this process.
func (c *Collector) failedFor(p pending) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.clock.Now()
	since, ok := c.failing[p.name()]
	if !ok {
		c.failing[p.name()] = now
		return 0
	}
	return now.Sub(since)
}

func (c *Collector) readAttempt(ctx context.Context, p pending) (Ingested, error) {
	run := p.Run
	if p.earlier {
		attempt, err := c.actions.RunAttempt(ctx, run.Repo, run.RunKey)
		switch {
		case err == nil:
			run = attempt
		case errors.Is(err, ErrNotFound):
			run.Conclusion = "skipped" // nothing is known of it any more
		default:
			return Ingested{}, fmt.Errorf("attempt %d of run %d: %w", run.Attempt, run.ID, err)
		}
	}
	artifacts, err := c.actions.Artifacts(ctx, run.Repo, run.ID)
	if err != nil && !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrGone) {
		return Ingested{}, fmt.Errorf("list artifacts of run %d: %w", run.ID, err)
	}
	in, err := c.ingest(ctx, run, ofAttempt(artifacts, run))
	if err != nil {
		return Ingested{}, fmt.Errorf("run %d: %w", run.ID, err)
	}
	return in, nil
}

// ErrRunning tells that a run has not ended yet.
var ErrRunning = errors.New("the run has not ended")

// ReadRun reads a run from GitHub now, keeping nothing: one that is not on the default branch, or ended just now. It is
// ErrNotFound for repositories that are not followed: who can ask Bellhop may not see whatever Bellhop can.
func (c *Collector) ReadRun(ctx context.Context, repo string, id int64) (RunDigest, error) {
	if _, ok, err := c.store.Followed(ctx, repo); err != nil || !ok {
		return RunDigest{}, errors.Join(err, ErrNotFound)
	}
	run, completed, err := c.actions.Run(ctx, repo, id)
	if err != nil {
		return RunDigest{}, err
	}
	if !completed {
		return RunDigest{}, ErrRunning
	}
	in, err := c.readAttempt(ctx, pending{Run: run})
	if err != nil {
		return RunDigest{}, err
	}
	h := History{Runs: []Run{in.Run}, Results: in.Results, Tests: map[TestID]Test{}}
	for _, t := range in.Tests {
		h.Tests[t.ID] = t
	}
	return digestRun(h), nil
}

// ofAttempt are the artifacts that were made during an attempt, of those of one name the newest: GitHub does not say
// which attempt an artifact is of.
func ofAttempt(artifacts []Artifact, run Run) []Artifact {
	const slack = 2 * time.Second // GitHub's times are whole seconds
	newest := map[string]Artifact{}
	for _, a := range artifacts {
		if !a.Created.IsZero() && (a.Created.Before(run.Started.Add(-slack)) || !run.Completed.IsZero() && a.Created.After(run.Completed.Add(slack))) {
			continue
		}
		if had, ok := newest[a.Name]; !ok || a.Created.After(had.Created) {
			newest[a.Name] = a
		}
	}
	var of []Artifact
	for _, a := range artifacts {
		if newest[a.Name].ID == a.ID {
			of = append(of, a)
		}
	}
	return of
}
