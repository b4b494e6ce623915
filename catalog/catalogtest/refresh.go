package catalogtest

import (
	"context"
	"maps"
	"slices"
	"time"

	"bellhop/catalog"
)

// memoryRefresh gathers what is to be done and does it on Commit.
type memoryRefresh struct {
	m       *Memory
	puts    []catalog.Record
	moves   []catalog.Place
	removes []catalog.Ref
}

// Begin implements catalog.Store.
func (m *Memory) Begin(_ context.Context, now time.Time, lease time.Duration) (catalog.Refresh, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.holder != nil && now.Before(m.until) {
		return nil, catalog.ErrRefreshing
	}
	m.holder = &memoryRefresh{m: m}
	m.until = now.Add(lease)
	return m.holder, nil
}

// held runs do while this refresh still has the store.
func (r *memoryRefresh) held(do func()) error {
	r.m.mu.Lock()
	defer r.m.mu.Unlock()
	if r.m.holder != r {
		return catalog.ErrRefreshing
	}
	do()
	return nil
}

func (r *memoryRefresh) Stored(context.Context) (stored catalog.Stored, err error) {
	err = r.held(func() {
		for _, record := range r.m.sorted() {
			stored.Places = append(stored.Places, catalog.Place{Ref: record.Ref.String(), Hash: record.Hash, Source: record.Source})
		}
		for _, file := range slices.Sorted(maps.Keys(r.m.files)) {
			stored.Files = append(stored.Files, catalog.FileState{File: file, Hash: r.m.files[file]})
		}
		stored.Problems = slices.Clone(r.m.problems)
	})
	return stored, err
}

func (r *memoryRefresh) KeysOf(_ context.Context, keyType catalog.KeyType, yield func(key, ref string)) error {
	return r.held(func() {
		for _, record := range r.m.sorted() {
			for _, key := range record.Keys {
				if key.Type == keyType {
					yield(key.Key, record.Ref.String())
				}
			}
		}
	})
}

func (r *memoryRefresh) Alive(context.Context) error { return r.held(func() {}) }

func (r *memoryRefresh) Put(_ context.Context, records []catalog.Record) error {
	return r.held(func() { r.puts = append(r.puts, records...) })
}

func (r *memoryRefresh) Move(_ context.Context, places []catalog.Place) error {
	return r.held(func() { r.moves = append(r.moves, places...) })
}

func (r *memoryRefresh) Remove(_ context.Context, refs []catalog.Ref) error {
	return r.held(func() { r.removes = append(r.removes, refs...) })
}

func (r *memoryRefresh) Forget(_ context.Context, files []string) error {
	return r.held(func() {
		for _, file := range files {
			delete(r.m.files, file)
		}
	})
}

func (r *memoryRefresh) Commit(_ context.Context, at time.Time, problems []catalog.Problem, keepProblems bool) error {
	return r.held(func() {
		for _, record := range r.puts {
			r.m.records[record.Ref.String()] = record
		}
		for _, ref := range r.removes {
			delete(r.m.records, ref.String())
		}
		for _, place := range r.moves {
			record := r.m.records[place.Ref]
			record.Source = place.Source
			r.m.records[place.Ref] = record
		}
		if !keepProblems {
			r.m.problems = slices.Clone(problems)
		}
		if len(r.puts)+len(r.removes) > 0 || !keepProblems {
			r.m.status.Generation++
		}
		r.m.status.RefreshedAt = at
	})
}

func (r *memoryRefresh) Remember(_ context.Context, files []catalog.FileState) error {
	return r.held(func() {
		for _, f := range files {
			r.m.files[f.File] = f.Hash
		}
	})
}

func (r *memoryRefresh) CountTogether(_ context.Context, n int) error {
	return r.held(func() { r.m.together = n })
}

func (r *memoryRefresh) Tidy(context.Context) error { return nil }

func (r *memoryRefresh) Close(context.Context) error {
	r.m.mu.Lock()
	defer r.m.mu.Unlock()
	if r.m.holder == r {
		r.m.holder = nil
	}
	return nil
}
