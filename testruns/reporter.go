package testruns

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"bellhop/catalog"
)

// Catalog is what is needed of the catalog.
type Catalog interface {
	Get(ctx context.Context, ref catalog.Ref) (catalog.Entity, error)
	Owner(ctx context.Context, e catalog.Entity) (catalog.Ownership, error)
}

// Reporter says what the tests of a component say.
type Reporter struct {
	store   Store
	catalog Catalog
}

// NewReporter makes a Reporter.
func NewReporter(store Store, c Catalog) *Reporter { return &Reporter{store, c} }

// lookBack is how much history before a period is needed to judge it: flakiness rests on 14 days, and is left behind after 7.
const lookBack = flakyWithin + cleanDays + 24*time.Hour

// Named is the digest of the component of that name, which may be a reference. One that the catalog does not have is
// told as not Known.
func (r *Reporter) Named(ctx context.Context, name string, p Period) (ComponentDigest, error) {
	e, ok, err := r.entity(ctx, name)
	if err != nil || !ok {
		return ComponentDigest{Name: name}, err
	}
	return r.Component(ctx, e, p)
}

func (r *Reporter) entity(ctx context.Context, name string) (e catalog.Entity, ok bool, err error) {
	ref, err := catalog.ParseRef(name, "component", "default")
	if err != nil {
		return e, false, nil // no such name can be in the catalog
	}
	e, err = r.catalog.Get(ctx, ref)
	if errors.Is(err, catalog.ErrNotFound) {
		return e, false, nil
	}
	return e, err == nil, err
}

// Component is the digest of a component.
func (r *Reporter) Component(ctx context.Context, e catalog.Entity, p Period) (ComponentDigest, error) {
	d := ComponentDigest{Name: e.Name, Component: e, Known: true}
	var err error
	if d.Owner, err = r.catalog.Owner(ctx, e); err != nil {
		return d, err
	}
	repo, ok := e.Repository()
	if !ok {
		return d, nil
	}
	d.Repo = strings.ToLower(repo)
	if d.Followed, d.Follows, err = r.store.Followed(ctx, d.Repo); err != nil || !d.Follows || d.Followed.Branch == "" {
		return d, err
	}
	p.Begun = d.Followed.Begun
	before := max(lookBack, p.Until.Sub(p.Since)) // as long a time is compared with
	h, err := r.store.History(ctx, d.Repo, d.Followed.Branch, p.Since.Add(-before))
	if err != nil {
		return d, fmt.Errorf("history of %s: %w", repo, err)
	}
	d.Judgement = Judge(h.part(e.Artifacts()), p)
	return d, nil
}

// Signs is what is seen of a component's CI, in short.
type Signs struct {
	Follows bool   // whether its repository is followed
	Branch  string // empty until the repository was first looked at
	Problem string // why it cannot be followed
	// Ran is when a run of the branch last ended, and Reported when one did that tests were read from; zero is never, as far as
	// runs are kept.
	Ran, Reported time.Time
}

// Signs costs two look-ups, and a history for a component that names artifacts of its own; it judges nothing.
func (r *Reporter) Signs(ctx context.Context, e catalog.Entity) (Signs, error) {
	slug, ok := e.Repository()
	if !ok {
		return Signs{}, nil
	}
	slug = strings.ToLower(slug)
	f, follows, err := r.store.Followed(ctx, slug)
	signs := Signs{Follows: follows, Branch: f.Branch, Problem: f.Problem}
	if err != nil || !follows || f.Branch == "" {
		return signs, err
	}
	if signs.Ran, signs.Reported, err = r.store.LastRuns(ctx, slug, f.Branch); err != nil || len(e.Artifacts()) == 0 || signs.Reported.IsZero() {
		return signs, err
	}
	// Of what several components report together only its own artifacts count.
	h, err := r.store.History(ctx, slug, f.Branch, signs.Reported.Add(-lookBack))
	signs.Reported = time.Time{}
	for _, run := range h.part(e.Artifacts()).Runs {
		if run.State.HasReport() && run.Completed.After(signs.Reported) {
			signs.Reported = run.Completed
		}
	}
	return signs, err
}

// AwaitLook waits until the repositories of components were looked at lately, that is known to be impossible, or patience
// has passed: a question asked just after the start, or after a downtime, deserves an answer that knows of it.
func (r *Reporter) AwaitLook(ctx context.Context, components []catalog.Entity, now time.Time, patience time.Duration) error {
	until := time.NewTimer(patience)
	defer until.Stop()
	again := time.NewTicker(patience/40 + 1)
	defer again.Stop()
	for _, e := range components {
		for {
			fresh, err := r.fresh(ctx, e, now)
			if err != nil {
				return err
			}
			if fresh {
				break
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-until.C:
				return nil
			case <-again.C:
			}
		}
	}
	return nil
}

// fresh tells that nothing is gained by waiting for a component's repository.
func (r *Reporter) fresh(ctx context.Context, e catalog.Entity, now time.Time) (bool, error) {
	const lately = 2 * time.Minute // twice as long as between two looks
	repo, ok := e.Repository()
	if !ok {
		return true, nil
	}
	f, ok, err := r.store.Followed(ctx, strings.ToLower(repo))
	looked := !f.Complete.IsZero() && f.Waiting == 0 && now.Sub(f.Polled) < lately
	return ok && (looked || f.Problem != ""), err
}

// following is how far the repository of a component of that name has been followed.
func (r *Reporter) following(ctx context.Context, name string) (f Followed, ok bool, err error) {
	e, ok, err := r.entity(ctx, name)
	if err != nil || !ok {
		return f, false, err
	}
	repo, ok := e.Repository()
	if !ok {
		return f, false, nil
	}
	return r.store.Followed(ctx, strings.ToLower(repo))
}

// Run is what is kept of a run; it has no attempts where nothing is.
func (r *Reporter) Run(ctx context.Context, repo string, run int64) (RunDigest, error) {
	h, err := r.store.RunHistory(ctx, strings.ToLower(repo), run)
	if err != nil {
		return RunDigest{}, err
	}
	return digestRun(h), nil
}

// RepositoriesOfRun tells in which repositories a run of that number is kept.
func (r *Reporter) RepositoriesOfRun(ctx context.Context, run int64) ([]string, error) {
	return r.store.FindRun(ctx, run)
}
