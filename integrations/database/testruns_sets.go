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
	if id == "" {
		return nil, nil
	}
	sets := map[testruns.SetID][]testruns.TestID{}
	err := s.readSet(ctx, db, id, sets)
	return sets[id], err
}

// readSet reads a set into sets, with the one that it is a change from.
func (s *TestRuns) readSet(ctx context.Context, db queryer, id testruns.SetID, sets map[testruns.SetID][]testruns.TestID) error {
	if _, ok := sets[id]; ok {
		return nil
	}
	var packed []byte
	var base string
	err := db.QueryRowContext(ctx, s.q.get("set"), string(id)).Scan(&packed, &base)
	if errors.Is(err, sql.ErrNoRows) {
		sets[id] = nil
		return nil
	}
	if err != nil {
		return err
	}
	if base == "" {
		sets[id], err = testruns.DecodeSet(packed)
	} else if err = s.readSet(ctx, db, testruns.SetID(base), sets); err == nil {
		sets[id], err = testruns.DecodeChange(sets[testruns.SetID(base)], packed)
	}
	if err != nil {
		return fmt.Errorf("set %s: %w", id, err)
	}
	return nil
}

// sets reads each set of tests that the runs and days name.
func (s *TestRuns) sets(ctx context.Context, runs []testruns.Run, days []day) (map[testruns.SetID][]testruns.TestID, error) {
	sets := map[testruns.SetID][]testruns.TestID{}
	named := make([]testruns.SetID, 0, len(runs)+len(days))
	for _, r := range runs {
		named = append(named, r.Executed)
	}
	for _, d := range days {
		named = append(named, d.set)
	}
	for _, id := range named {
		if id == "" {
			continue
		}
		if err := s.readSet(ctx, s.db.Read(), id, sets); err != nil {
			return nil, err
		}
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
