package backstage

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"bellhop/catalog"
)

// pageSize is how many entities are in memory at once.
const pageSize = 200

// selection says which entities are wanted, and in which order.
type selection struct {
	filter filter
	order  []ordering
	term   string   // in lower case; a part of a value under one of fields
	fields []string // in lower case
	words  *catalog.Term
}

// ordering is by the values under a field; what has none comes last, whatever the direction.
type ordering struct {
	Field string `json:"field"`
	Order string `json:"order"` // asc or desc
}

// position is where an entity stands in an order. Entities that are equal by it are in the order of their references.
type position struct {
	Values []*string `json:"values,omitempty"` // by orderings, in lower case
	Ref    string    `json:"ref"`
}

func (s selection) compare(a, b position) int {
	for i, o := range s.order {
		x, y := a.Values[i], b.Values[i]
		switch {
		case x == nil && y == nil:
			continue
		case x == nil:
			return 1
		case y == nil:
			return -1
		}
		if c := cmp.Compare(*x, *y); c != 0 && o.Order == "desc" {
			return -c
		} else if c != 0 {
			return c
		}
	}
	return cmp.Compare(a.Ref, b.Ref)
}

func (s selection) position(e entity, v values) position {
	p := position{Ref: e.ref}
	for _, o := range s.order {
		var first *string
		for _, value := range v[strings.ToLower(o.Field)] {
			if value.told && (first == nil || value.folded < *first) {
				first = &value.folded
			}
		}
		p.Values = append(p.Values, first)
	}
	return p
}

func (s selection) allows(e catalog.Entity, v values) bool {
	if !s.filter.allows(v) || s.words != nil && !s.words.In(e) {
		return false
	}
	return s.term == "" || slices.ContainsFunc(s.fields, func(field string) bool {
		return slices.ContainsFunc(v[field], func(one value) bool { return one.told && strings.Contains(one.folded, s.term) })
	})
}

// scan calls yield with all that s selects and whose reference comes after one, in the order of their references, until it
// returns false.
func (a *api) scan(ctx context.Context, s selection, after string, yield func(entity, values) bool) error {
	few, err := a.few(ctx, s)
	if err != nil {
		return err
	}
	if few != nil {
		for _, d := range few {
			e := entityOf(d)
			if v := valuesOf(e); e.ref > after && s.allows(d.Entity, v) && !yield(e, v) {
				return nil
			}
		}
		return nil
	}
	for _, r := range s.ranges() {
		for from := max(r[0], after); ; {
			page, err := a.entities.Range(ctx, from, r[1], pageSize)
			if err != nil {
				return fmt.Errorf("scan the catalog: %w", err)
			}
			for _, d := range page {
				e := entityOf(d)
				from = e.ref
				if v := valuesOf(e); s.allows(d.Entity, v) && !yield(e, v) {
					return nil
				}
			}
			if len(page) < pageSize {
				break
			}
		}
	}
	return nil
}

// few are all entities that have the selection's words, in the order of their references; nil where there are many, or none
// are sought.
func (a *api) few(ctx context.Context, s selection) ([]catalog.Described, error) {
	if s.words == nil {
		return nil, nil
	}
	found, err := a.entities.ByWords(ctx, nil, s.words.Beginnings(), pageSize+1)
	if err != nil || len(found) > pageSize {
		return nil, err
	}
	refs := make([]catalog.Ref, len(found))
	for i, e := range found {
		refs[i] = e.Ref
	}
	described, err := a.entities.Describe(ctx, refs)
	return append([]catalog.Described{}, described...), err
}

// ranges are between which references all stands that s can select, in order: a reference begins with its kind.
func (s selection) ranges() [][2]string {
	kinds, ok := s.filter.kinds()
	if !ok {
		return [][2]string{{"", "\U0010FFFF"}}
	}
	var ranges [][2]string
	for _, kind := range kinds {
		if !strings.ContainsFunc(kind, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }) {
			ranges = append(ranges, [2]string{kind + ":", kind + ";"}) // the character after a colon
		}
	}
	slices.SortFunc(ranges, func(a, b [2]string) int { return cmp.Compare(a[0], b[0]) })
	return slices.Compact(ranges)
}

// window is which part of a selection is wanted.
type window struct {
	from      *position // what comes after it alone, or before it; nil for all
	backwards bool
	skip      int
	limit     int
	count     bool // all of the selection
}

// picked is a part of a selection, in its order.
type picked struct {
	positions []position
	more      bool // there is more in the direction of the window
	total     int  // of the selection, where it was to be counted
}

// pick finds a part of a selection. It remembers no more than the positions that may be in it.
func (a *api) pick(ctx context.Context, s selection, w window) (picked, error) {
	var out picked
	compare := s.compare
	if w.backwards {
		compare = func(x, y position) int { return s.compare(y, x) }
	}
	wanted := w.skip + w.limit + 1
	byRef, after := len(s.order) == 0 && !w.backwards, ""
	if byRef && !w.count && w.from != nil {
		after = w.from.Ref
	}
	counted := w.count && byRef && s.byKindAlone()
	if counted {
		if err := a.count(ctx, s, &out.total); err != nil {
			return picked{}, err
		}
		w.count = false
	}
	err := a.scan(ctx, s, after, func(e entity, v values) bool {
		if !counted {
			out.total++
		}
		p := s.position(e, v)
		if w.from != nil && compare(p, *w.from) <= 0 {
			return true
		}
		if byRef && len(out.positions) == wanted {
			return w.count
		}
		out.positions = append(out.positions, p)
		if !byRef && len(out.positions) >= 2*wanted+pageSize {
			slices.SortFunc(out.positions, compare)
			out.positions = out.positions[:wanted]
		}
		return true
	})
	if err != nil {
		return picked{}, err
	}
	slices.SortFunc(out.positions, compare)
	out.positions = out.positions[min(w.skip, len(out.positions)):]
	if out.more = len(out.positions) > w.limit; out.more {
		out.positions = out.positions[:w.limit]
	}
	if w.backwards {
		slices.Reverse(out.positions)
	}
	return out, nil
}

// byKindAlone tells whether references tell what is selected.
func (s selection) byKindAlone() bool {
	return s.term == "" && s.words == nil && !slices.ContainsFunc(s.filter, func(set conditions) bool { return len(set) > 1 || len(set["kind"]) == 0 })
}

// count counts what is selected by kind alone.
func (a *api) count(ctx context.Context, s selection, total *int) error {
	err := a.entities.Refs(ctx, func(ref string) bool {
		kind, _, _ := strings.Cut(ref, ":")
		if s.filter.allows(values{"kind": {{kind, kind, true}}}) {
			*total++
		}
		return true
	})
	if err != nil {
		return fmt.Errorf("count entities: %w", err)
	}
	return nil
}

// describe calls yield with the entity of each reference, in their order; nil where there is none.
func (a *api) describe(ctx context.Context, refs []string, yield func(*entity) error) error {
	for chunk := range slices.Chunk(refs, pageSize) {
		wanted := make([]catalog.Ref, 0, len(chunk))
		for _, text := range chunk {
			// No database takes a NUL.
			if ref, err := catalog.ParseRef(text, "", ""); err == nil && !strings.Contains(text, "\x00") {
				wanted = append(wanted, ref)
			}
		}
		described, err := a.entities.Describe(ctx, wanted)
		if err != nil {
			return fmt.Errorf("describe entities: %w", err)
		}
		found := make(map[string]*entity, len(described))
		for _, d := range described {
			e := entityOf(d)
			found[e.ref] = &e
		}
		for _, text := range chunk {
			var e *entity
			if ref, err := catalog.ParseRef(text, "", ""); err == nil {
				e = found[ref.String()]
			}
			if err := yield(e); err != nil {
				return err
			}
		}
	}
	return nil
}
