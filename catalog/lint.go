package catalog

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"bellhop/nearest"
)

// Lint reads descriptors and tells all that is wrong with them, each by itself and all together: names claimed twice,
// references to nothing or in another case, owners without people, and circles. Location entities are followed. Its errors are what Backstage would
// refuse; all else is a warning.
func Lint(ctx context.Context, files []Descriptor) (Gathered, error) {
	g, err := gatherFollowing(ctx, files)
	if err != nil {
		return Gathered{}, err
	}
	l := newLinter(g)
	l.references(slices.Concat(g.Records, g.Duplicates))
	l.ownersWithoutMembers()
	l.circles()
	g.Problems = append(g.Problems, l.problems...)
	sortProblems(g.Problems)
	return g, nil
}

// linter looks at entities together.
type linter struct {
	records  []Record
	known    map[string]Record   // by reference
	refused  map[string]bool     // references of what is told to be wrong already
	names    map[string][]string // by kind, in lower case
	problems []Problem
	guesses  int // references to nothing for which a near name was looked for
}

func newLinter(g Gathered) *linter {
	l := &linter{records: g.Records, known: make(map[string]Record, len(g.Records)), refused: map[string]bool{}, names: map[string][]string{}}
	for _, ref := range g.Refused {
		l.refused[ref] = true
	}
	for _, r := range g.Records {
		l.known[r.Ref.String()] = r
		kind := strings.ToLower(r.Ref.Kind)
		l.names[kind] = append(l.names[kind], r.Ref.Name)
	}
	return l
}

// warn tells of a relation that record declares.
func (l *linter) warn(record Record, r Relation, hint, format string, args ...any) {
	s := record.Source
	p := Problem{
		File: s.File, Document: s.Document, Line: s.Line, Field: r.Field, Severity: SeverityWarning, Entity: record.Ref.String(),
		Message: fmt.Sprintf(format, args...), Hint: hint,
	}
	if r.Line > 0 {
		p.Line = r.Line
	}
	l.problems = append(l.problems, p)
}

// references looks at the other end of each relation: is there such an entity, and is it written so?
func (l *linter) references(records []Record) {
	for _, record := range records {
		for _, r := range record.Relations {
			other := r.Target
			if other.String() == record.Ref.String() {
				other = r.Source
			}
			named, there := l.known[other.String()]
			switch {
			case !there && l.refused[other.String()]:
			case !there:
				l.warn(record, r, l.guess(other), "there is no %s among these files", other.Short())
			case named.Ref.Name != other.Name || named.Ref.Namespace != other.Namespace:
				l.warn(record, r, fmt.Sprintf("write %q", named.Ref.Short()), "%s differs from the name of %s in capital letters only",
					other.Short(), named.Ref.Short())
			}
		}
	}
}

// maxGuesses bounds how often all names are gone through.
const maxGuesses = 500

// guess says what a reference to nothing was probably meant to be.
func (l *linter) guess(missing Ref) string {
	const add = "add it, or correct the name"
	if l.guesses++; l.guesses > maxGuesses {
		return add
	}
	for _, kind := range allKinds() {
		if named, there := l.known[Ref{kind, missing.Namespace, missing.Name}.String()]; there {
			return fmt.Sprintf("did you mean %q?", named.Ref.Short())
		}
	}
	best, name, limit := 0, "", nearest.Allowed(missing.Name)
	for _, candidate := range l.names[strings.ToLower(missing.Kind)] {
		edits := nearest.Distance(strings.ToLower(missing.Name), strings.ToLower(candidate), limit)
		if edits <= limit && (name == "" || cmp.Or(cmp.Compare(edits, best), cmp.Compare(candidate, name)) < 0) {
			best, name = edits, candidate
		}
	}
	if name != "" {
		return fmt.Sprintf("did you mean %q?", name)
	}
	return add
}

// ownersWithoutMembers tells of groups that own something, while nobody is in them or in the groups under them.
func (l *linter) ownersWithoutMembers() {
	owns, peopled := map[string]int{}, map[string]bool{}
	parents := map[string][]string{}
	for _, record := range l.records {
		for _, r := range record.Relations {
			switch r.Type {
			case OwnedBy:
				owns[r.Target.String()]++
			case MemberOf:
				peopled[r.Target.String()] = true
			case ChildOf:
				parents[r.Source.String()] = append(parents[r.Source.String()], r.Target.String())
			}
		}
	}
	var up func(group string)
	seen := map[string]bool{}
	up = func(group string) {
		if seen[group] {
			return
		}
		seen[group], peopled[group] = true, true
		for _, parent := range parents[group] {
			up(parent)
		}
	}
	for group := range peopled {
		up(group)
	}
	for _, record := range l.records {
		if ref := record.Ref.String(); record.Ref.Is(KindGroup) && owns[ref] > 0 && !peopled[ref] {
			l.warn(record, Relation{Field: "spec.members"}, "list them under spec.members, or name the group in memberOf of its Users",
				"%s owns %s and has no members", record.Ref.Short(), counted(owns[ref], "entity", "entities"))
		}
	}
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// step leads from an entity to one above it; by declares it.
type step struct {
	relation Relation
	by       Record
}

// circles tells of groups that are their own parents, and components and domains that are their own parts.
func (l *linter) circles() {
	above := map[string][]step{}
	for _, record := range l.records {
		for _, r := range record.Relations {
			upward := r.Type == ChildOf || r.Type == PartOf && strings.EqualFold(r.Source.Kind, r.Target.Kind)
			from := r.Source.String()
			again := slices.ContainsFunc(above[from], func(s step) bool { return s.relation.Target.String() == r.Target.String() })
			if upward && !again {
				above[from] = append(above[from], step{r, record})
			}
		}
	}
	done, path, onPath := map[string]bool{}, []Ref{}, map[string]int{} // the last counts from 1
	var climb func(at Ref)
	climb = func(at Ref) {
		if done[at.String()] {
			return
		}
		path = append(path, at)
		onPath[at.String()] = len(path)
		for _, s := range above[at.String()] {
			to := s.relation.Target
			if i := onPath[to.String()] - 1; i >= 0 {
				l.warn(s.by, s.relation, "take one of these out", "goes round in a circle: %s", circle(path[i:]))
				continue
			}
			climb(to)
		}
		path = path[:len(path)-1]
		delete(onPath, at.String())
		done[at.String()] = true
	}
	for _, record := range l.records {
		climb(record.Ref)
	}
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
