// Package environmentstest has a store in memory, a runner of workflows that behaves, and the suite that every store of
// environments must pass.
package environmentstest

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"bellhop/environments"
)

// Store is environments.Store in memory. What it gives away are copies, as from a database.
type Store struct {
	mu      sync.Mutex
	rows    map[string]stored
	entries []environments.Entry
	due     map[string]time.Time
}

// stored is an environment as a database would hold it.
type stored struct {
	version int64
	text    []byte
}

// NewStore is an empty Store.
func NewStore() *Store {
	return &Store{rows: map[string]stored{}, due: map[string]time.Time{}}
}

func (s *Store) get(name string) (environments.Environment, bool) {
	row, ok := s.rows[name]
	var e environments.Environment
	if ok {
		if err := json.Unmarshal(row.text, &e); err != nil {
			panic(err) // written by put
		}
		e.Version = row.version
	}
	return e, ok
}

// Environment implements environments.Store.
func (s *Store) Environment(ctx context.Context, name string) (environments.Environment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e, ok := s.get(name); ok {
		return e, ctx.Err()
	}
	return environments.Environment{}, environments.ErrNotFound
}

// Change implements environments.Store.
func (s *Store) Change(ctx context.Context, name string, decide func(*environments.Environment) (environments.Effects, error)) (environments.Environment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return environments.Environment{}, err
	}
	e, _ := s.get(name)
	before := e.State
	effects, err := decide(&e)
	if err != nil {
		return e, err
	}
	if effects.Save {
		if !before.MayBecome(e.State) {
			return e, fmt.Errorf("%s must not become %s", before, e.State)
		}
		text, err := json.Marshal(e)
		if err != nil {
			return e, err
		}
		e.Version++
		s.rows[name] = stored{version: e.Version, text: text}
	}
	s.entries = append(s.entries, effects.Entries...)
	if !effects.Due.IsZero() {
		s.due[name] = effects.Due
	}
	return e, nil
}

// List implements environments.Store.
func (s *Store) List(ctx context.Context, f environments.Filter) ([]environments.Environment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []environments.Environment
	for name := range s.rows {
		e, _ := s.get(name)
		if e.Exists() && (f.Component == "" || f.Component == e.Component.Ref) && (f.Kind == "" || f.Kind == e.Key.Kind) &&
			(f.Person == "" || f.Person == e.Deployment.By.ID) {
			list = append(list, e)
		}
	}
	slices.SortFunc(list, func(a, b environments.Environment) int {
		return cmp.Or(cmp.Compare(a.Key.Component, b.Key.Component), cmp.Compare(a.Key.Kind, b.Key.Kind), cmp.Compare(a.Name(), b.Name()))
	})
	return list, ctx.Err()
}

// Record implements environments.Store.
func (s *Store) Record(ctx context.Context, entry environments.Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.entries = append(s.entries, entry)
	return ctx.Err()
}

// History implements environments.Store.
func (s *Store) History(ctx context.Context, f environments.HistoryFilter) ([]environments.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.Limit == 0 {
		f.Limit = 100
	}
	var found []environments.Entry
	for _, e := range slices.Backward(s.entries) {
		if len(found) < f.Limit && (f.Environment == "" || f.Environment == e.Environment) && (f.Component == "" || f.Component == e.Component) &&
			(f.Kind == "" || f.Kind == e.Kind) && (len(f.Events) == 0 || slices.Contains(f.Events, e.Event)) &&
			!e.At.Before(f.Since) && (f.Before.IsZero() || e.At.Before(f.Before)) {
			found = append(found, e)
		}
	}
	slices.SortStableFunc(found, func(a, b environments.Entry) int { return b.At.Compare(a.At) })
	return found, ctx.Err()
}

// Due is when the environment's work item was last scheduled for.
func (s *Store) Due(name string) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.due[name]
}
