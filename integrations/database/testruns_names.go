package database

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"sync"
	"time"

	"bellhop/testruns"
)

// putTests keeps the names of those tests that are not known to be kept. Rows of one transaction are written in the order
// of the tests, so that two writers on PostgreSQL never wait for each other in a circle.
func (s *TestRuns) putTests(ctx context.Context, in testruns.Ingested) error {
	repo := in.Run.Repo
	for slice := range slices.Chunk(s.named.unknown(repo, testruns.DateOf(in.Run.Recorded), in.Tests), 2*perWrite) {
		err := s.db.Write(ctx, func(tx *sql.Tx) error {
			for _, t := range slice {
				if _, err := tx.ExecContext(ctx, s.q.get("put_case"), repo, int64(t.ID), t.Workflow, storableText(t.Job), storableText(t.File),
					storableText(t.Suite), storableText(t.Class), storableText(t.Name), t.Nth); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		s.named.add(repo, slice)
	}
	return nil
}

// namedTests remembers which tests are kept by name, so that they are not written with every run: for a day, since
// another process may forget some. What it forgets is written once more.
type namedTests struct {
	sweeping sync.RWMutex // held for writing while names are forgotten, for reading while they are counted upon

	mu     sync.Mutex
	day    time.Time
	byRepo map[string]map[testruns.TestID]struct{}
	n      int
}

// mostNamed bounds what is remembered: some 3 MB.
const mostNamed = 100_000

func (n *namedTests) unknown(repo string, today time.Time, tests []testruns.Test) []testruns.Test {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.byRepo == nil || n.n > mostNamed || !n.day.Equal(today) {
		n.byRepo, n.n, n.day = map[string]map[testruns.TestID]struct{}{}, 0, today
	}
	var unknown []testruns.Test
	for _, t := range tests {
		if _, ok := n.byRepo[repo][t.ID]; !ok {
			unknown = append(unknown, t)
		}
	}
	return unknown
}

func (n *namedTests) add(repo string, tests []testruns.Test) {
	n.mu.Lock()
	defer n.mu.Unlock()
	of := n.byRepo[repo]
	if of == nil {
		of = map[testruns.TestID]struct{}{}
		n.byRepo[repo] = of
	}
	for _, t := range tests {
		of[t.ID] = struct{}{}
	}
	n.n += len(tests)
}

func (n *namedTests) forget(repo string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.n -= len(n.byRepo[repo])
	delete(n.byRepo, repo)
}

// sweepNames forgets the names of one repository's tests that neither a result nor a day speaks of any more: of each
// repository once a day. What is in the packed sets of days no statement can tell, so that all of them are read.
func (s *TestRuns) sweepNames(ctx context.Context, before time.Time) error {
	var repo string
	err := s.db.Read().QueryRowContext(ctx, s.q.get("unswept"), toMillis(before)).Scan(&repo)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	s.named.sweeping.Lock()
	defer s.named.sweeping.Unlock()
	unspoken, err := s.unspoken(ctx, repo)
	if err != nil {
		return err
	}
	defer s.named.forget(repo)
	for slice := range slices.Chunk(unspoken, 2*perWrite) {
		err := s.db.Write(ctx, func(tx *sql.Tx) error {
			for _, test := range slice {
				if _, err := tx.ExecContext(ctx, s.q.get("forget_case"), repo, int64(test)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return s.db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, s.q.get("swept"), repo, toMillis(before))
		return err
	})
}

// unspoken are the tests whose names are kept for nothing.
func (s *TestRuns) unspoken(ctx context.Context, repo string) ([]testruns.TestID, error) {
	unspoken, err := readAll(ctx, s.db.Read(), s.q.get("cases_without_result"), []any{repo}, func(rows *sql.Rows) (testruns.TestID, error) {
		var id int64
		err := rows.Scan(&id)
		return testruns.TestID(id), err
	})
	if err != nil || len(unspoken) == 0 {
		return nil, err
	}
	named, err := s.names(ctx, "sets_of_days", repo)
	if err != nil {
		return nil, err
	}
	spoken := map[testruns.TestID]bool{}
	reader := s.readSets(s.db.Read())
	for _, id := range named {
		set, err := reader.read(ctx, testruns.SetID(id))
		if err != nil {
			return nil, err
		}
		for _, test := range set {
			spoken[test] = true
		}
	}
	return slices.DeleteFunc(unspoken, func(id testruns.TestID) bool { return spoken[id] }), nil
}
