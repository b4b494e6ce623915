package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"bellhop/testruns"
)

// A set of tests is kept whole, or as the change from one that is: from commit to commit, and from branch to branch, few
// tests come and go. What a change is from is never itself a change.

// wholeSets remembers from which set the next new one will differ little: the last whole one of the same kind. What it
// forgets costs a set kept whole.
type wholeSets struct {
	mu   sync.Mutex
	last map[string]testruns.SetID
}

func (w *wholeSets) of(kind string) testruns.SetID {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.last[kind]
}

// mostKinds bounds what is remembered: a workflow of a repository is a kind.
const mostKinds = 10_000

func (w *wholeSets) put(kind string, id testruns.SetID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.last == nil || len(w.last) >= mostKinds {
		w.last = map[string]testruns.SetID{}
	}
	w.last[kind] = id
}

// putSet keeps a set, unless it is kept already. Sets of one kind resemble each other.
func (s *TestRuns) putSet(ctx context.Context, tx *sql.Tx, kind string, id testruns.SetID, set []testruns.TestID) error {
	var base string
	err := tx.QueryRowContext(ctx, s.q.get("set_base"), string(id)).Scan(&base)
	if err == nil {
		if base == "" {
			s.whole.put(kind, id)
		}
		return nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	packed := testruns.EncodeSet(set)
	whole, err := s.set(ctx, tx, s.whole.of(kind))
	if err != nil {
		return err
	}
	if change := testruns.EncodeChange(whole, set); len(change) < len(packed)/32 {
		packed, base = change, string(s.whole.of(kind))
	} else {
		s.whole.put(kind, id)
	}
	_, err = tx.ExecContext(ctx, s.q.get("put_set"), string(id), packed, base)
	return err
}

// set reads one set of tests; one that is not kept is empty.
func (s *TestRuns) set(ctx context.Context, db queryer, id testruns.SetID) ([]testruns.TestID, error) {
	return s.readSets(db).read(ctx, id)
}

// setReader reads sets, and remembers those that others are a change from.
type setReader struct {
	s     *TestRuns
	db    queryer
	whole map[testruns.SetID][]testruns.TestID
}

func (s *TestRuns) readSets(db queryer) setReader {
	return setReader{s: s, db: db, whole: map[testruns.SetID][]testruns.TestID{}}
}

// read reads one set; one that is not kept is empty. It must not be changed.
func (r setReader) read(ctx context.Context, id testruns.SetID) ([]testruns.TestID, error) {
	if set, ok := r.whole[id]; ok || id == "" {
		return set, nil
	}
	var packed []byte
	var base string
	err := r.db.QueryRowContext(ctx, r.s.q.get("set"), string(id)).Scan(&packed, &base)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var set []testruns.TestID
	if base == "" {
		set, err = testruns.DecodeSet(packed)
		r.whole[id] = set
	} else if set, err = r.read(ctx, testruns.SetID(base)); err == nil {
		set, err = testruns.DecodeChange(set, packed)
	}
	if err != nil {
		return nil, fmt.Errorf("set %s: %w", id, err)
	}
	return set, nil
}

// executed reads the sets that the runs name, of each the tests that are kept by name.
func (r setReader) executed(ctx context.Context, runs []testruns.Run, named map[testruns.TestID]testruns.Test) (map[testruns.SetID][]testruns.TestID, error) {
	sets := map[testruns.SetID][]testruns.TestID{}
	for _, run := range runs {
		if _, ok := sets[run.Executed]; ok || run.Executed == "" {
			continue
		}
		set, err := r.read(ctx, run.Executed)
		if err != nil {
			return nil, err
		}
		ours := make([]testruns.TestID, 0, min(len(set), len(named)))
		for _, id := range set {
			if _, ok := named[id]; ok {
				ours = append(ours, id)
			}
		}
		sets[run.Executed] = ours
	}
	return sets, nil
}

// forgetSet removes a set, and the one that it is a change from, where nothing needs them any more.
func (s *TestRuns) forgetSet(ctx context.Context, tx *sql.Tx, id string) error {
	var base string
	err := tx.QueryRowContext(ctx, s.q.get("set_base"), id).Scan(&base)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, one := range []string{id, base} {
		if _, err := tx.ExecContext(ctx, s.q.get("forget_set"), one); err != nil {
			return err
		}
	}
	return nil
}
