package database

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"bellhop/testruns"
)

// oldRun is an attempt that is to be forgotten.
type oldRun struct {
	repo     string
	key      testruns.RunKey
	executed string
}

// Forget implements testruns.Store, in transactions of a few rows each. What a failure said goes with the last result that
// says it, and a test's name some time after the last that speaks of it.
func (s *TestRuns) Forget(ctx context.Context, before time.Time, limit int) (forgotten int, err error) {
	runs, err := readAll(ctx, s.db.Read(), s.q.get("old_runs"), []any{toMillis(before), limit}, func(rows *sql.Rows) (o oldRun, err error) {
		return o, rows.Scan(&o.repo, &o.key.ID, &o.key.Attempt, &o.executed)
	})
	if err != nil {
		return 0, fmt.Errorf("find old test runs: %w", err)
	}
	for i, o := range runs {
		if err := s.forgetRun(ctx, o); err != nil {
			return i, fmt.Errorf("forget run %d of %s: %w", o.key.ID, o.repo, err)
		}
	}
	days, err := s.forgetDays(ctx, testruns.DateOf(before), limit)
	if err != nil {
		return len(runs), fmt.Errorf("forget days: %w", err)
	}
	if err := s.sweepNames(ctx, testruns.DateOf(before)); err != nil {
		return max(len(runs), days), fmt.Errorf("forget names of tests: %w", err)
	}
	return max(len(runs), days), nil
}

// forgetRun removes an attempt: its results a slice at a time, and itself with the last of them, so that what a crash leaves
// is found again.
func (s *TestRuns) forgetRun(ctx context.Context, o oldRun) error {
	for left := perWrite; left == perWrite; {
		err := s.db.Write(ctx, func(tx *sql.Tx) (err error) {
			if left, err = s.forgetResults(ctx, tx, o); err != nil || left == perWrite {
				return err
			}
			if _, err := tx.ExecContext(ctx, s.q.get("forget_run"), o.repo, o.key.ID, o.key.Attempt); err != nil {
				return err
			}
			return s.forgetSet(ctx, tx, o.executed)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// forgetResults removes at most perWrite results of an attempt, and what nothing else says; it tells how many.
func (s *TestRuns) forgetResults(ctx context.Context, tx *sql.Tx, o oldRun) (int, error) {
	type result struct {
		test               int64
		message, signature string
	}
	results, err := readAll(ctx, tx, s.q.get("old_results"), []any{o.repo, o.key.ID, o.key.Attempt, perWrite}, func(rows *sql.Rows) (r result, err error) {
		return r, rows.Scan(&r.test, &r.message, &r.signature)
	})
	if err != nil {
		return 0, err
	}
	for _, r := range results {
		if _, err := tx.ExecContext(ctx, s.q.get("forget_result"), o.repo, o.key.ID, o.key.Attempt, r.test); err != nil {
			return 0, err
		}
		if _, err := tx.ExecContext(ctx, s.q.get("forget_message"), r.message); err != nil {
			return 0, err
		}
		if _, err := tx.ExecContext(ctx, s.q.get("forget_signature"), r.signature); err != nil {
			return 0, err
		}
	}
	return len(results), nil
}

// forgetDays removes at most limit days before a date; it tells how many.
func (s *TestRuns) forgetDays(ctx context.Context, before time.Time, limit int) (int, error) {
	type old struct {
		repo      string
		date      int64
		onDefault bool
		set       string
	}
	days, err := readAll(ctx, s.db.Read(), s.q.get("old_days"), []any{toMillis(before), limit}, func(rows *sql.Rows) (o old, err error) {
		return o, rows.Scan(&o.repo, &o.date, &o.onDefault, &o.set)
	})
	if err != nil {
		return 0, err
	}
	for i, d := range days {
		err := s.db.Write(ctx, func(tx *sql.Tx) error {
			if _, err := tx.ExecContext(ctx, s.q.get("forget_day"), d.repo, d.date, bit(d.onDefault)); err != nil {
				return err
			}
			return s.forgetSet(ctx, tx, d.set)
		})
		if err != nil {
			return i, err
		}
	}
	return len(days), nil
}
