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
	relations := m.relationsBySource()
	for _, r := range m.sorted() {
		ref := r.Ref.String()
		if len(all) == limit || !wanted(ref) {
			continue
		}
		e, err := decode(r)
		if err != nil {
			return nil, err
		}
		slices.SortFunc(relations[ref], func(a, b catalog.Relation) int {
			return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Target.String(), b.Target.String()))
		})
		all = append(all, catalog.Described{Entity: e, Relations: slices.Compact(relations[ref])})
	}
	return all, nil
}

// relationsBySource are all relations, each from both of its ends.
func (m *Memory) relationsBySource() map[string][]catalog.Relation {
	relations := map[string][]catalog.Relation{}
	for _, r := range m.records {
		for _, rel := range r.Relations {
			for _, seen := range []catalog.Relation{rel, rel.Inverse()} {
				source := seen.Source.String()
				relations[source] = append(relations[source], catalog.Relation{Source: lower(seen.Source), Type: seen.Type, Target: lower(seen.Target)})
			}
		}
	}
	return relations
}
