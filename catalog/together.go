package catalog

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Declared is a relation with the entity that declares it.
type Declared struct {
	Relation   Relation
	DeclaredBy Ref
	Source     Source // of that entity
}

// warn tells what is wrong with the relation, at its place.
func (d Declared) warn(hint, format string, args ...any) Problem {
	p := Problem{
		Location: d.Source.Location, File: d.Source.File, Document: d.Source.Document, Line: d.Source.Line, Field: d.Relation.Field,
		Severity: SeverityWarning, Entity: d.DeclaredBy.String(), Message: fmt.Sprintf(format, args...), Hint: hint,
	}
	if d.Relation.Line > 0 {
		p.Line = d.Relation.Line
	}
	return p
}

// other is the end of the relation that does not declare it.
func (d Declared) other() Ref { return d.Relation.other(d.DeclaredBy) }

// other is the end of the relation that is not self.
func (r Relation) other(self Ref) Ref {
	if r.Target.String() == self.String() {
		return r.Source
	}
	return r.Target
}

// Other is the end of one of the record's relations that is not its own, as its descriptor writes it.
func (r Record) Other(relation Relation) Ref { return relation.other(r.Ref) }

// Miswritten is a relation whose other end is Written in its descriptor, and Named in its own: they differ in capital letters.
type Miswritten struct {
	Declared
	Written, Named Ref
}

func (m Miswritten) problem() Problem {
	return m.warn(fmt.Sprintf("write %q", m.Named.Short()), "%s differs from the name of %s in capital letters only", m.Written.Short(), m.Named.Short())
}

// together is what only shows when entities are seen together: owners without people, and circles. Relations are added one by
// one.
type together struct {
	owns    map[string]int  // by owner
	peopled map[string]bool // groups with somebody in them
	above   map[string][]Declared
	order   []Ref // those that have something above them
}

func newTogether() *together {
	return &together{owns: map[string]int{}, peopled: map[string]bool{}, above: map[string][]Declared{}}
}

func (t *together) add(d Declared) {
	r := d.Relation
	switch {
	case r.Type == OwnedBy:
		t.owns[r.Target.String()]++
	case r.Type == MemberOf:
		t.peopled[r.Target.String()] = true
	case r.leadsUp():
		from := r.Source.String()
		if len(t.above[from]) == 0 {
			t.order = append(t.order, r.Source)
		}
		if !slices.ContainsFunc(t.above[from], func(s Declared) bool { return s.Relation.Target.String() == r.Target.String() }) {
			t.above[from] = append(t.above[from], d)
		}
	}
}

// leadsUp tells whether the relation can be part of a circle: a system's component is no part of itself by that.
func (r Relation) leadsUp() bool {
	return r.Type == ChildOf || r.Type == PartOf && strings.EqualFold(r.Source.Kind, r.Target.Kind)
}

// deserted are the groups that own something while nobody is in them or in the groups under them, by reference.
func (t *together) deserted() []string {
	var up func(group string)
	seen := map[string]bool{}
	up = func(group string) {
		if seen[group] {
			return
		}
		seen[group], t.peopled[group] = true, true
		for _, parent := range t.above[group] {
			up(parent.Relation.Target.String())
		}
	}
	for group := range t.peopled {
		up(group)
	}
	var deserted []string
	for owner := range t.owns {
		if strings.HasPrefix(owner, strings.ToLower(KindGroup)+":") && !t.peopled[owner] {
			deserted = append(deserted, owner)
		}
	}
	slices.Sort(deserted)
	return deserted
}

// desertion tells of a deserted group.
func (t *together) desertion(group Ref, source Source) Problem {
	d := Declared{Relation: Relation{Field: "spec.members"}, DeclaredBy: group, Source: source}
	return d.warn("list them under spec.members, or name the group in memberOf of its Users",
		"%s owns %s and has no members", group.Short(), counted(t.owns[group.String()], "entity", "entities"))
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// circles tells of groups that are their own parents, and of components and domains that are their own parts.
func (t *together) circles() []Problem {
	var problems []Problem
	done, path, onPath := map[string]bool{}, []Ref{}, map[string]int{} // the last counts from 1
	var climb func(at Ref)
	climb = func(at Ref) {
		if done[at.String()] {
			return
		}
		path = append(path, at)
		onPath[at.String()] = len(path)
		for _, d := range t.above[at.String()] {
			to := d.Relation.Target
			if i := onPath[to.String()] - 1; i >= 0 {
				problems = append(problems, d.warn("take one of these out", "goes round in a circle: %s", circle(path[i:])))
				continue
			}
			climb(to)
		}
		path = path[:len(path)-1]
		delete(onPath, at.String())
		done[at.String()] = true
	}
	for _, ref := range t.order {
		climb(ref)
	}
	return problems
}

// circle writes a circle out, back to where it began.
func circle(path []Ref) string {
	const most = 10
	var names []string
	for i, ref := range path {
		if i == most {
			names = append(names, "…")
			break
		}
		names = append(names, ref.Short())
	}
	return strings.Join(append(names, path[0].Short()), " → ")
}

// togetherProblems are what only shows when all stored entities are seen together: relations that lead nowhere or are written
// in another case, owners without people, and circles.
func (c *Catalog) togetherProblems(ctx context.Context) ([]Problem, error) {
	dangling, err := c.store.Dangling(ctx, maxProblems)
	if err != nil {
		return nil, fmt.Errorf("list dangling relations: %w", err)
	}
	var problems []Problem
	for _, d := range dangling {
		problems = append(problems, d.warn("add it, or correct the name", "there is no %s in the catalog", d.other().Short()))
	}
	miswritten, err := c.store.Miswritten(ctx, maxProblems)
	if err != nil {
		return nil, fmt.Errorf("list relations in another case: %w", err)
	}
	for _, m := range miswritten {
		problems = append(problems, m.problem())
	}
	all, err := c.seenTogether(ctx)
	if err != nil {
		return nil, err
	}
	for _, group := range all.deserted() {
		ref, err := ParseRef(group, "", "")
		if err != nil {
			return nil, fmt.Errorf("stored reference: %w", err)
		}
		e, err := c.store.Entity(ctx, ref)
		if errors.Is(err, ErrNotFound) {
			continue // that is told of the relation
		}
		if err != nil {
			return nil, err
		}
		problems = append(problems, all.desertion(e.Ref, e.Source))
	}
	problems = append(problems, all.circles()...)
	problems = slices.DeleteFunc(problems, func(p Problem) bool {
		return slices.Contains(c.options.Discover, p.Location) // what GitHub tells is nobody's to mend
	})
	return problems[:min(len(problems), maxProblems)], nil
}

// seenTogether reads all relations that matter, in the order of who declares them, so that the same circle is told the same way.
func (c *Catalog) seenTogether(ctx context.Context) (*together, error) {
	t := newTogether()
	err := c.store.CountTargets(ctx, OwnedBy, func(owner string, n int) { t.owns[owner] = n })
	if err != nil {
		return nil, fmt.Errorf("count what owners own: %w", err)
	}
	if err = c.store.CountTargets(ctx, MemberOf, func(group string, _ int) { t.peopled[group] = true }); err != nil {
		return nil, fmt.Errorf("list groups with members: %w", err)
	}
	var upward []Declared
	if err = c.store.Upward(ctx, func(d Declared) { upward = append(upward, d) }); err != nil {
		return nil, fmt.Errorf("list what is above what: %w", err)
	}
	slices.SortFunc(upward, func(a, b Declared) int {
		return cmp.Or(cmp.Compare(a.DeclaredBy.String(), b.DeclaredBy.String()), cmp.Compare(a.Relation.Field, b.Relation.Field))
	})
	for _, d := range upward {
		t.add(d)
	}
	return t, nil
}
