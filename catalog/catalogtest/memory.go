// Package catalogtest helps to test what rests on the catalog: a store in memory that behaves as the databases do, the
// suite that holds all stores to it, and catalogs made of a few lines of YAML.
package catalogtest

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"bellhop/catalog"
)

// Memory is a catalog.Store that forgets everything with the process.
type Memory struct {
	mu       sync.Mutex
	records  map[string]catalog.Record
	files    map[string]string
	problems []catalog.Problem
	together int
	status   catalog.Status
	holder   *memoryRefresh
	until    time.Time
}

var _ catalog.Store = (*Memory)(nil)

// NewMemory is an empty store.
func NewMemory() *Memory {
	return &Memory{records: map[string]catalog.Record{}, files: map[string]string{}}
}

func decode(r catalog.Record) (catalog.Entity, error) {
	return catalog.DecodeEntity(r.Document, r.Source)
}

// Entity implements catalog.Store.
func (m *Memory) Entity(_ context.Context, ref catalog.Ref) (catalog.Entity, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.records[ref.String()]
	if !ok {
		return catalog.Entity{}, catalog.ErrNotFound
	}
	return decode(r)
}

// sorted are the records in the order of their references.
func (m *Memory) sorted() []catalog.Record {
	return slices.SortedFunc(maps.Values(m.records), func(a, b catalog.Record) int {
		return cmp.Compare(a.Ref.String(), b.Ref.String())
	})
}

// ByKey implements catalog.Store.
func (m *Memory) ByKey(_ context.Context, key catalog.Key, limit int) ([]catalog.Entity, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var found []catalog.Entity
	for _, r := range m.sorted() {
		if slices.Contains(r.Keys, key) && len(found) < limit {
			e, err := decode(r)
			if err != nil {
				return nil, err
			}
			found = append(found, e)
		}
	}
	return found, nil
}

// ByPrefix implements catalog.Store.
func (m *Memory) ByPrefix(_ context.Context, prefix string, kinds []string, limit int) ([]catalog.Entity, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	type hit struct {
		key string
		r   catalog.Record
	}
	var hits []hit
	for _, r := range m.sorted() {
		if len(kinds) > 0 && !slices.ContainsFunc(kinds, r.Ref.Is) {
			continue
		}
		first := ""
		for _, k := range r.Keys {
			if (k.Type == catalog.KeyName || k.Type == catalog.KeyAlias || k.Type == catalog.KeyTitle) && strings.HasPrefix(k.Key, prefix) && (first == "" || k.Key < first) {
				first = k.Key
			}
		}
		if first != "" {
			hits = append(hits, hit{first, r})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(a.key, b.key) })
	var found []catalog.Entity
	for _, h := range hits[:min(limit, len(hits))] {
		e, err := decode(h.r)
		if err != nil {
			return nil, err
		}
		found = append(found, e)
	}
	return found, nil
}

// ByWords implements catalog.Store.
func (m *Memory) ByWords(_ context.Context, words, beginnings []string, limit int) ([]catalog.Entity, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var found []catalog.Entity
	for _, r := range m.sorted() {
		lacks := len(words)+len(beginnings) == 0 || slices.ContainsFunc(words, func(word string) bool { return !slices.Contains(r.Words, word) }) ||
			slices.ContainsFunc(beginnings, func(beginning string) bool {
				return !slices.ContainsFunc(r.Words, func(word string) bool { return strings.HasPrefix(word, beginning) })
			})
		if !lacks && len(found) < limit {
			e, err := decode(r)
			if err != nil {
				return nil, err
			}
			found = append(found, e)
		}
	}
	return found, nil
}

// Related implements catalog.Store.
func (m *Memory) Related(_ context.Context, ref catalog.Ref, relation catalog.RelationType) ([]catalog.Related, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	targets := map[string]catalog.Ref{}
	for _, r := range m.records {
		for _, rel := range r.Relations {
			for _, seen := range []catalog.Relation{rel, rel.Inverse()} {
				if seen.Type == relation && seen.Source.String() == ref.String() {
					targets[seen.Target.String()] = seen.Target
				}
			}
		}
	}
	var related []catalog.Related
	for _, key := range slices.Sorted(maps.Keys(targets)) {
		r, ok := m.records[key]
		if !ok {
			target, err := catalog.ParseRef(key, "", "")
			if err != nil {
				return nil, err
			}
			related = append(related, catalog.Related{Entity: catalog.Entity{Ref: target}})
			continue
		}
		e, err := decode(r)
		if err != nil {
			return nil, err
		}
		related = append(related, catalog.Related{Entity: e, Found: true})
	}
	return related, nil
}

// Keys implements catalog.Store.
func (m *Memory) Keys(_ context.Context, keyType catalog.KeyType, yield func(string) bool) error {
	m.mu.Lock()
	keys := map[string]bool{}
	for _, r := range m.records {
		for _, k := range r.Keys {
			if k.Type == keyType {
				keys[k.Key] = true
			}
		}
	}
	m.mu.Unlock()
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if !yield(key) {
			return nil
		}
	}
	return nil
}

// Generation implements catalog.Store.
func (m *Memory) Generation(context.Context) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.status.Generation, nil
}

// CountByLocation implements catalog.Store.
func (m *Memory) CountByLocation(context.Context) (map[string]int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	counts := map[string]int{}
	for _, r := range m.records {
		counts[r.Source.Location]++
	}
	return counts, nil
}

// Status implements catalog.Store.
func (m *Memory) Status(context.Context) (catalog.Status, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	status := m.status
	status.Entities, status.Problems = len(m.records), len(m.problems)+m.together
	return status, nil
}

// Problems implements catalog.Store.
func (m *Memory) Problems(context.Context) ([]catalog.Problem, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.problems), nil
}

// Dangling implements catalog.Store.
func (m *Memory) Dangling(_ context.Context, limit int) ([]catalog.Declared, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []catalog.Declared
	for _, r := range m.sorted() {
		for _, rel := range r.Relations {
			_, source := m.records[rel.Source.String()]
			_, target := m.records[rel.Target.String()]
			if (!source || !target) && len(all) < limit {
				all = append(all, catalog.Declared{Relation: lowered(rel), DeclaredBy: lower(r.Ref), Source: r.Source})
			}
		}
	}
	return all, nil
}

// CountTargets implements catalog.Store.
func (m *Memory) CountTargets(_ context.Context, relation catalog.RelationType, yield func(string, int)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	counts := map[string]int{}
	for _, r := range m.records {
		for _, rel := range r.Relations {
			if rel.Type == relation {
				counts[rel.Target.String()]++
			}
		}
	}
	for target, n := range counts {
		yield(target, n)
	}
	return nil
}

// Upward implements catalog.Store.
func (m *Memory) Upward(_ context.Context, yield func(catalog.Declared)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.records {
		for _, rel := range r.Relations {
			if (rel.Type == catalog.ChildOf || rel.Type == catalog.PartOf) && rel.Source.Is(rel.Target.Kind) {
				yield(catalog.Declared{Relation: lowered(rel), DeclaredBy: lower(r.Ref), Source: r.Source})
			}
		}
	}
	return nil
}

// Miswritten implements catalog.Store.
func (m *Memory) Miswritten(_ context.Context, limit int) ([]catalog.Miswritten, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []catalog.Miswritten
	for _, r := range m.sorted() {
		for _, rel := range r.Relations {
			written := r.Other(rel)
			named, there := m.records[written.String()]
			if there && (named.Ref.Name != written.Name || named.Ref.Namespace != written.Namespace) && len(all) < limit {
				all = append(all, catalog.Miswritten{
					Declared: catalog.Declared{Relation: lowered(rel), DeclaredBy: lower(r.Ref), Source: r.Source}, Written: written, Named: named.Ref,
				})
			}
		}
	}
	return all, nil
}

// lower is a reference as a store gives it back.
func lower(r catalog.Ref) catalog.Ref {
	l, err := catalog.ParseRef(r.String(), "", "")
	if err != nil {
		return r
	}
	return l
}

func lowered(r catalog.Relation) catalog.Relation {
	r.Source, r.Target = lower(r.Source), lower(r.Target)
	return r
}
