package catalog

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"bellhop/catalog/codeowners"
)

// Committers are the people who changed what lies at a path of a repository since then, who did it most often first.
type Committers interface {
	Committers(ctx context.Context, slug, path string, since time.Time) ([]Committer, error)
}

// Drifts compares who owns a component by its descriptor with what else is known of it.
type Drifts struct {
	Catalog    *Catalog
	Codeowners Codeowners
	Committers Committers
}

// Drift is how far the owner in a component's descriptor is from what happens.
type Drift struct {
	Entity Entity
	Owner  Ownership
	// Rule is what CODEOWNERS says of all that the component is, in the file CodeFile; CodeOwner is the first Group, else User,
	// that it means. CodeOwner is nil where the file, a rule for it or somebody known in it is not there.
	Rule      codeowners.Rule
	CodeFile  string
	CodeOwner *Entity
	// Work is who committed in the last 90 days, by team, the most first, of Commits in all. Work counts by team those whom
	// the catalog knows.
	Work    []Share
	Commits int
	// Better is who should be the owner by what else is known; nil where nothing speaks against the owner that is, or nobody can
	// be told.
	Better *Entity
	// WrongCode tells that it is CODEOWNERS that stands alone: descriptor and commits agree.
	WrongCode bool
}

// Share is how many commits are a team's.
type Share struct {
	Group   Entity
	Commits int
}

const (
	// driftPeriod is how far back commits count.
	driftPeriod = 90 * 24 * time.Hour
	// fewCommits are too few to tell anything by.
	fewCommits = 5
)

// Drifted tells whether anything speaks against the owner that is.
func (d Drift) Drifted() bool {
	return !d.Owner.Found || d.left() || d.codeDiffers() || d.workDiffers()
}

// left tells whether the owner has nobody any more.
func (d Drift) left() bool { return d.Owner.Found && len(d.Owner.People) == 0 && d.Owner.Next != nil }

func (d Drift) codeDiffers() bool {
	return d.CodeOwner != nil && d.Owner.Found && !d.isOwner(*d.CodeOwner)
}

// workDiffers tells whether most of the work is one other team's, and next to none the owner's.
func (d Drift) workDiffers() bool {
	worker := d.worker()
	return worker != nil && d.Owner.Found && !d.isOwner(*worker) && 5*d.commitsOf(d.Owner.Group) < d.Commits
}

// worker is the team that most of the commits are of; nil where there is none, or too few commits.
func (d Drift) worker() *Entity {
	if d.Commits < fewCommits || len(d.Work) == 0 || 2*d.Work[0].Commits <= d.Commits {
		return nil
	}
	return &d.Work[0].Group
}

// WorkerCommits is how many commits the team made that most are of; 0 where there is none.
func (d Drift) WorkerCommits() (team Entity, commits int) {
	if worker := d.worker(); worker != nil {
		return *worker, d.commitsOf(*worker)
	}
	return Entity{}, 0
}

func (d Drift) commitsOf(group Entity) int {
	for _, share := range d.Work {
		if share.Group.Ref.String() == group.Ref.String() {
			return share.Commits
		}
	}
	return 0
}

// isOwner tells whether somebody is the owner, or a person in the owning team.
func (d Drift) isOwner(e Entity) bool {
	same := func(other Entity) bool { return other.Ref.String() == e.Ref.String() }
	return same(d.Owner.Group) || e.Is(KindUser) && (slices.ContainsFunc(d.Owner.People, same) || slices.ContainsFunc(d.Owner.Gone, same))
}

// Of looks at one component. What it cannot ask GitHub about is an error.
func (s Drifts) Of(ctx context.Context, e Entity, now time.Time) (Drift, error) {
	owner, err := s.Catalog.Owner(ctx, e)
	if err != nil {
		return Drift{}, err
	}
	d := Drift{Entity: e, Owner: owner}
	slug, ok := e.Repository()
	if !ok {
		return d.judged(), nil
	}
	if err := s.code(ctx, &d, slug); err != nil {
		return Drift{}, fmt.Errorf("drift of %s: %w", e.Ref, err)
	}
	if err := s.work(ctx, &d, slug, now); err != nil {
		return Drift{}, fmt.Errorf("drift of %s: %w", e.Ref, err)
	}
	return d.judged(), nil
}

// code asks what CODEOWNERS says.
func (s Drifts) code(ctx context.Context, d *Drift, slug string) error {
	file, path, err := s.Codeowners.Codeowners(ctx, slug)
	if err != nil || path == "" {
		return err
	}
	rule, ok := file.Default()
	if folder := d.Entity.Path(); folder != "" {
		rule, ok = file.Match(folder + "/")
	}
	if !ok {
		return nil
	}
	d.Rule, d.CodeFile = rule, path
	l := &lookup{Asker: Asker{Catalog: s.Catalog}, had: map[Key][]Entity{}}
	for _, name := range rule.Owners {
		owner, ok, err := l.ownerCalled(ctx, name)
		if err != nil {
			return err
		}
		if ok && (d.CodeOwner == nil || d.CodeOwner.Is(KindUser) && owner.Is(KindGroup)) {
			d.CodeOwner = &owner
		}
	}
	return nil
}

// work asks who committed, and counts by team. Who is in the owning team counts for it, whatever other teams they are in.
func (s Drifts) work(ctx context.Context, d *Drift, slug string, now time.Time) error {
	committers, err := s.Committers.Committers(ctx, slug, d.Entity.Path(), now.Add(-driftPeriod))
	if err != nil {
		return err
	}
	for _, c := range committers {
		d.Commits += c.Commits
		team, ok, err := s.teamOf(ctx, d.Owner, c)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		i := slices.IndexFunc(d.Work, func(share Share) bool { return share.Group.Ref.String() == team.Ref.String() })
		if i < 0 {
			i, d.Work = len(d.Work), append(d.Work, Share{Group: team})
		}
		d.Work[i].Commits += c.Commits
	}
	slices.SortStableFunc(d.Work, func(a, b Share) int { return cmp.Compare(b.Commits, a.Commits) })
	return nil
}

// teamOf is the team that somebody committed for.
func (s Drifts) teamOf(ctx context.Context, owner Ownership, c Committer) (Entity, bool, error) {
	var found []Entity
	for _, key := range []Key{{KeyLogin, c.Login}, {KeyEmail, c.Email}} {
		if len(found) > 0 || key.Key == "" {
			continue
		}
		var err error
		if found, err = s.Catalog.byKey(ctx, key.Type, key.Key); err != nil {
			return Entity{}, false, err
		}
	}
	if len(found) != 1 { // of two nobody knows which
		return Entity{}, false, nil
	}
	user := found[0]
	if owner.Group.Ref.String() == user.Ref.String() {
		return user, true, nil
	}
	teams, err := s.Catalog.Teams(ctx, user.Ref)
	if err != nil || len(teams) == 0 {
		return Entity{}, false, err
	}
	for _, team := range teams {
		if team.Ref.String() == owner.Group.Ref.String() {
			return team, true, nil
		}
	}
	return teams[0], true, nil
}

// judged adds what would be right.
func (d Drift) judged() Drift {
	worker, gone := d.worker(), !d.Owner.Found || d.left()
	codeIs := d.CodeOwner != nil && !(d.Owner.Found && d.isOwner(*d.CodeOwner))
	workIs := worker != nil && !(d.Owner.Found && d.isOwner(*worker))
	switch {
	case d.codeDiffers() && !gone && worker != nil && d.isOwner(*worker):
		d.WrongCode = true
	case codeIs:
		d.Better = d.CodeOwner
	case workIs && (gone || d.workDiffers()):
		d.Better = worker
	case gone && d.Owner.Next != nil:
		d.Better = &d.Owner.Next.Group
	}
	return d
}
