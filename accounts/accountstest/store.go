// Package accountstest holds every store of accounts to the same promises, and has one in memory.
package accountstest

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"bellhop/accounts"
)

// Store keeps accounts in memory.
type Store struct {
	mu    sync.Mutex
	links map[string]accounts.Link
	flows map[string]accounts.Flow
	due   map[string]time.Time
}

// NewStore makes an empty one.
func NewStore() *Store {
	return &Store{links: map[string]accounts.Link{}, flows: map[string]accounts.Flow{}, due: map[string]time.Time{}}
}

// Due is when a person's flow is due; zero when never.
func (s *Store) Due(person string) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.due[person]
}

// Links implements accounts.Store.
func (s *Store) Links(context.Context) ([]accounts.Link, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.SortedFunc(maps.Values(s.links), func(a, b accounts.Link) int { return cmp.Compare(a.Person, b.Person) }), nil
}

// Link implements accounts.Store.
func (s *Store) Link(_ context.Context, l accounts.Link) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, other := range s.links {
		if other.Person != l.Person && strings.EqualFold(other.Login, l.Login) {
			return accounts.ErrTaken
		}
	}
	s.links[l.Person] = l
	return nil
}

// Unlink implements accounts.Store.
func (s *Store) Unlink(_ context.Context, person string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.links, person)
	return nil
}

// Begin implements accounts.Store.
func (s *Store) Begin(_ context.Context, f accounts.Flow, due time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flows[f.Person], s.due[f.Person] = f, due
	return nil
}

// Flow implements accounts.Store.
func (s *Store) Flow(_ context.Context, person string) (accounts.Flow, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, ok := s.flows[person]
	if !ok {
		return accounts.Flow{}, accounts.ErrNotFound
	}
	return f, nil
}

// End implements accounts.Store.
func (s *Store) End(_ context.Context, f accounts.Flow) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.flows[f.Person].Code.Secret == f.Code.Secret {
		delete(s.flows, f.Person)
	}
	return nil
}
