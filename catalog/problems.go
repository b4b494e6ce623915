package catalog

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
)

// OwnedProblems are the problems that one owner can mend.
type OwnedProblems struct {
	// Owner is a Group or a User; it is zero where nobody can be told.
	Owner    Entity
	Problems []Problem
}

// ProblemsByOwner are all Problems by the owner of what they are about: who has most first, nobody's last. A Group and a User
// own what is said about themselves.
func (c *Catalog) ProblemsByOwner(ctx context.Context) ([]OwnedProblems, error) {
	problems, err := c.Problems(ctx)
	if err != nil {
		return nil, err
	}
	owners, at, all := map[string]Entity{}, map[string]int{}, []OwnedProblems(nil)
	for _, p := range problems {
		about := fmt.Sprint(p.Owner, "\n", p.Entity, "\n", p.Duplicate, "\n", p.File)
		owner, known := owners[about]
		if !known {
			if owner, err = c.mends(ctx, p); err != nil {
				return nil, fmt.Errorf("owner of a problem of %s: %w", p.File, err)
			}
			owners[about] = owner
		}
		ref := owner.Ref.String()
		i, there := at[ref]
		if !there {
			i, at[ref] = len(all), len(all)
			all = append(all, OwnedProblems{Owner: owner})
		}
		all[i].Problems = append(all[i].Problems, p)
	}
	slices.SortStableFunc(all, func(a, b OwnedProblems) int {
		if a.Owner.IsZero() != b.Owner.IsZero() {
			return cmp.Compare(a.Owner.Name, b.Owner.Name) * -1 // the one without a name comes last
		}
		return cmp.Or(cmp.Compare(len(b.Problems), len(a.Problems)), cmp.Compare(a.Owner.Name, b.Owner.Name))
	})
	return all, nil
}

// Refused is why an entity is still as it was read before: its file cannot be read now, or its document cannot be taken as it is
// written now. ok is false for what stands in the catalog as it is written.
func (c *Catalog) Refused(ctx context.Context, e Entity) (why Problem, ok bool, err error) {
	problems, err := c.store.Problems(ctx)
	if err != nil {
		return Problem{}, false, fmt.Errorf("problems of %s: %w", e.Ref, err)
	}
	for _, p := range problems {
		unread := p.Entity == "" && (p.Document == 0 || p.Document == e.Source.Document)
		if p.File == e.Source.File && p.Severity == SeverityError && !p.Duplicate && (unread || p.Entity == e.Ref.String()) {
			return p, true, nil
		}
	}
	return Problem{}, false, nil
}

// mends is who owns what a problem is about: the owner that its document names, though the document be refused, else whose the
// repository is in which it stands, else the owner of the entity as it stands in the catalog, unless that is described elsewhere. It
// is zero where there is no such owner.
func (c *Catalog) mends(ctx context.Context, p Problem) (Entity, error) {
	if ref, err := ParseRef(p.Owner, "", ""); err == nil {
		owner, err := c.store.Entity(ctx, ref)
		if !errors.Is(err, ErrNotFound) {
			return owner, err
		}
	}
	var about []Entity
	if slug, _, _, ok := (Source{File: p.File}).InRepository(); ok {
		var err error
		if about, err = c.ByRepository(ctx, slug); err != nil {
			return Entity{}, err
		}
	}
	if ref, err := ParseRef(p.Entity, "", ""); err == nil {
		e, err := c.store.Entity(ctx, ref)
		switch {
		case err == nil && e.Source.File != p.File: // somebody else speaks of it
		case err == nil && !p.Duplicate:
			about = append(about, e)
		case !errors.Is(err, ErrNotFound):
			return Entity{}, err
		}
	}
	for _, e := range about {
		if owner, err := c.Owner(ctx, e); err != nil || owner.Found {
			return owner.Group, err
		}
	}
	return Entity{}, nil
}
