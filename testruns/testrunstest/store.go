// Package testrunstest has testruns' ports in memory, for tests, and the conformance suite that every store passes.
package testrunstest

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"bellhop/testruns"
	"bellhop/work"
)

// Store is testruns.Store in memory. Its schedule is looked at by Scheduled.
type Store struct {
	mu        sync.Mutex
	followed  map[string]testruns.Followed
	inactive  map[string]testruns.Followed
	due       map[string]time.Time // by kind and id
	recorded  map[string]map[testruns.RunKey]testruns.Ingested
	days      map[dayKey][]testruns.Day
	named     map[string]map[testruns.TestID]testruns.Test // by repository
	summaries map[string]testruns.SummaryState
	schedules map[string]string
}

var _ testruns.Store = (*Store)(nil)

// dayKey names a day of a repository, on the default branch or on all others.
type dayKey struct {
	repo      string
	date      time.Time
	onDefault bool
}

// NewStore makes an empty Store.
func NewStore() *Store {
	return &Store{followed: map[string]testruns.Followed{}, inactive: map[string]testruns.Followed{}, due: map[string]time.Time{},
		recorded: map[string]map[testruns.RunKey]testruns.Ingested{}, days: map[dayKey][]testruns.Day{}, named: map[string]map[testruns.TestID]testruns.Test{},
		summaries: map[string]testruns.SummaryState{}, schedules: map[string]string{}}
}

func item(kind work.Kind, id string) string { return string(kind) + " " + id }

// Scheduled is when an item is due; ok is false when it is not scheduled.
func (s *Store) Scheduled(kind work.Kind, id string) (due time.Time, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	due, ok = s.due[item(kind, id)]
	return due, ok
}

// Settle writes back when an item is due again, as a work.Loop would; zero removes it.
func (s *Store) Settle(kind work.Kind, id string, next time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if next.IsZero() {
		delete(s.due, item(kind, id))
		return
	}
	s.due[item(kind, id)] = next
}

// Follow implements testruns.Store.
func (s *Store) Follow(_ context.Context, repos []string, now time.Time, spread time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var fresh []string
	for _, repo := range repos {
		if _, ok := s.followed[repo]; !ok {
			fresh = append(fresh, repo)
		}
	}
	for i, repo := range fresh {
		f, ok := s.inactive[repo]
		if f.Repo = repo; !ok {
			f.Begun = now
		}
		s.followed[repo] = f
		s.due[item(testruns.RepositoryKind, repo)] = now.Add(spread * time.Duration(i) / time.Duration(len(fresh)))
	}
	for repo, f := range s.followed {
		if !slices.Contains(repos, repo) {
			s.inactive[repo] = f
			delete(s.followed, repo)
			delete(s.due, item(testruns.RepositoryKind, repo))
		}
	}
	return nil
}

// Followed implements testruns.Store.
func (s *Store) Followed(_ context.Context, repo string) (testruns.Followed, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, ok := s.followed[repo]
	return f, ok, nil
}

// SetFollowed implements testruns.Store.
func (s *Store) SetFollowed(_ context.Context, f testruns.Followed) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if had, ok := s.followed[f.Repo]; ok {
		f.Begun = had.Begun
		s.followed[f.Repo] = f
	}
	return nil
}

// Known implements testruns.Store.
func (s *Store) Known(_ context.Context, repo string, runs []int64) (map[testruns.RunKey]bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := map[testruns.RunKey]bool{}
	for key := range s.recorded[repo] {
		if slices.Contains(runs, key.ID) {
			known[key] = true
		}
	}
	return known, nil
}

// Record implements testruns.Store.
func (s *Store) Record(_ context.Context, in testruns.Ingested) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	of := s.recorded[in.Run.Repo]
	if of == nil {
		of = map[testruns.RunKey]testruns.Ingested{}
		s.recorded[in.Run.Repo] = of
	}
	if _, ok := of[in.Run.RunKey]; ok {
		return nil
	}
	of[in.Run.RunKey] = in
	if s.named[in.Run.Repo] == nil {
		s.named[in.Run.Repo] = map[testruns.TestID]testruns.Test{}
	}
	for _, t := range in.Tests {
		s.named[in.Run.Repo][t.ID] = t
	}
	branch := cmp.Or(s.followed[in.Run.Repo].Branch, s.inactive[in.Run.Repo].Branch)
	key := dayKey{in.Run.Repo, testruns.DateOf(in.Run.Completed), branch != "" && branch == in.Run.Branch}
	s.days[key] = testruns.AddDays(s.days[key], in.Days(key.onDefault))
	return nil
}

// Recorded is everything kept of a repository.
func (s *Store) Recorded(repo string) map[testruns.RunKey]testruns.Ingested {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.recorded[repo])
}

// History implements testruns.Store.
func (s *Store) History(_ context.Context, repo, branch string, from time.Time) (testruns.History, error) {
	h := s.history(repo, func(r testruns.Run) bool {
		return r.Branch == branch && (!r.Completed.Before(from) || !r.Recorded.Before(from))
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, days := range s.days {
		if key.repo == repo && !key.date.Before(testruns.DateOf(from)) {
			h.Days = append(h.Days, slices.DeleteFunc(slices.Clone(days), func(d testruns.Day) bool { return !s.isNamed(repo, d.Test) })...)
		}
	}
	for _, d := range h.Days {
		h.Tests[d.Test] = s.named[repo][d.Test]
	}
	return h, nil
}

func (s *Store) isNamed(repo string, test testruns.TestID) bool {
	_, ok := s.named[repo][test]
	return ok
}

// LastRuns implements testruns.Store.
func (s *Store) LastRuns(_ context.Context, repo, branch string) (ended, reported time.Time, err error) {
	for _, r := range s.history(repo, func(r testruns.Run) bool { return r.Branch == branch }).Runs {
		if r.Completed.After(ended) {
			ended = r.Completed
		}
		if r.State.HasReport() && r.Completed.After(reported) {
			reported = r.Completed
		}
	}
	return ended, reported, nil
}

// RunHistory implements testruns.Store.
func (s *Store) RunHistory(_ context.Context, repo string, run int64) (testruns.History, error) {
	return s.history(repo, func(r testruns.Run) bool { return r.ID == run }), nil
}

func (s *Store) history(repo string, wanted func(testruns.Run) bool) testruns.History {
	s.mu.Lock()
	defer s.mu.Unlock()
	ids := map[int64]bool{}
	for key, in := range s.recorded[repo] {
		if wanted(in.Run) {
			ids[key.ID] = true
		}
	}
	h := testruns.History{Tests: map[testruns.TestID]testruns.Test{}, Sets: map[testruns.SetID][]testruns.TestID{}}
	for key, in := range s.recorded[repo] {
		if !ids[key.ID] {
			continue
		}
		h.Runs = append(h.Runs, in.Run)
		h.Results = append(h.Results, in.Results...)
		for _, t := range in.Tests {
			h.Tests[t.ID] = t
		}
		if in.Run.Executed != "" {
			h.Sets[in.Run.Executed] = slices.DeleteFunc(slices.Clone(in.Set), func(id testruns.TestID) bool { return !s.isNamed(repo, id) })
		}
	}
	return h
}

// Forget implements testruns.Store.
func (s *Store) Forget(_ context.Context, before time.Time, limit int) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	runs, days := 0, 0
	for _, of := range s.recorded {
		for key, in := range of {
			if in.Run.Completed.Before(before) && runs < limit {
				delete(of, key)
				runs++
			}
		}
	}
	for key := range s.days {
		if key.date.Before(testruns.DateOf(before)) && days < limit {
			delete(s.days, key)
			days++
		}
	}
	return max(runs, days), nil
}

// FindRun implements testruns.Store.
func (s *Store) FindRun(_ context.Context, run int64) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var repos []string
	for repo, of := range s.recorded {
		for key := range of {
			if key.ID == run && !slices.Contains(repos, repo) {
				repos = append(repos, repo)
			}
		}
	}
	slices.Sort(repos)
	return repos, nil
}

// ConfigureSummaries implements testruns.Store.
func (s *Store) ConfigureSummaries(_ context.Context, summaries []testruns.ScheduledSummary) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	had := s.schedules
	s.schedules = map[string]string{}
	for _, one := range summaries {
		s.schedules[one.ID] = one.Schedule
		if _, ok := s.summaries[one.ID]; !ok {
			s.summaries[one.ID] = testruns.SummaryState{ID: one.ID}
		}
		if _, scheduled := s.due[item(testruns.SummaryKind, one.ID)]; !scheduled || had[one.ID] != one.Schedule {
			s.due[item(testruns.SummaryKind, one.ID)] = one.Due
		}
		delete(had, one.ID)
	}
	for id := range had {
		delete(s.due, item(testruns.SummaryKind, id))
	}
	return nil
}

// Summary implements testruns.Store.
func (s *Store) Summary(_ context.Context, id string) (testruns.SummaryState, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	state, ok := s.summaries[id]
	return state, ok, nil
}

// SetSummary implements testruns.Store.
func (s *Store) SetSummary(_ context.Context, state testruns.SummaryState) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.summaries[state.ID] = state
	return nil
}
