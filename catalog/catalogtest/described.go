package catalogtest

import (
	"cmp"
	"context"
	"slices"

	"bellhop/catalog"
)

// Range implements catalog.Store.
func (m *Memory) Range(_ context.Context, after, before string, limit int) ([]catalog.Described, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.described(limit, func(ref string) bool { return ref > after && ref < before })
}

// Describe implements catalog.Store.
func (m *Memory) Describe(_ context.Context, refs []catalog.Ref) ([]catalog.Described, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.described(len(m.records), func(ref string) bool {
		return slices.ContainsFunc(refs, func(r catalog.Ref) bool { return r.String() == ref })
	})
}

// Refs implements catalog.Store.
func (m *Memory) Refs(_ context.Context, yield func(ref string) bool) error {
	m.mu.Lock()
	records := m.sorted()
	m.mu.Unlock()
	for _, r := range records {
		if !yield(r.Ref.String()) {
			return nil
		}
	}
	return nil
}

func (m *Memory) described(limit int, wanted func(ref string) bool) ([]catalog.Described, error) {
	var all []catalog.Described
	for _, r := range m.sorted() {
		if len(all) == limit || !wanted(r.Ref.String()) {
			continue
		}
		e, err := decode(r)
		if err != nil {
			return nil, err
		}
		all = append(all, catalog.Described{Entity: e, Relations: m.relationsOf(e.Ref)})
	}
	return all, nil
}

func (m *Memory) relationsOf(ref catalog.Ref) []catalog.Relation {
	var all []catalog.Relation
	for _, r := range m.records {
		for _, rel := range r.Relations {
			for _, seen := range []catalog.Relation{rel, rel.Inverse()} {
				if seen.Source.String() == ref.String() {
					all = append(all, catalog.Relation{Source: lower(seen.Source), Type: seen.Type, Target: lower(seen.Target)})
				}
			}
		}
	}
	slices.SortFunc(all, func(a, b catalog.Relation) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Target.String(), b.Target.String()))
	})
	return slices.Compact(all)
}
