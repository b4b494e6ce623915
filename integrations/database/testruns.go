package database

import (
	"context"
	"database/sql"
	_ "embed" // the .sql file
	"errors"
	"fmt"
	"slices"
	"time"

	"bellhop/testruns"
)

//go:embed testruns.sql
var testrunsSQL string

// TestRuns keeps what the tests said; it satisfies testruns.Store.
type TestRuns struct {
	db    *DB
	q     queries
	named namedTests
	whole wholeSets
}

var _ testruns.Store = (*TestRuns)(nil)

// NewTestRuns makes the store.
func NewTestRuns(db *DB) *TestRuns {
	return &TestRuns{db: db, q: parseQueries(db.Dialect(), testrunsSQL)}
}

// Follow implements testruns.Store.
func (s *TestRuns) Follow(ctx context.Context, repos []string, now time.Time, spread time.Duration) error {
	had, err := s.names(ctx, "repositories")
	if err != nil {
		return fmt.Errorf("list followed repositories: %w", err)
	}
	var fresh, gone []string
	for _, repo := range repos {
		if !slices.Contains(had, repo) {
			fresh = append(fresh, repo)
		}
	}
	for _, repo := range had {
		if !slices.Contains(repos, repo) {
			gone = append(gone, repo)
		}
	}
	n := 0
	for slice := range slices.Chunk(fresh, 100) {
		err := s.db.Write(ctx, func(tx *sql.Tx) error {
			for i, repo := range slice {
				if _, err := tx.ExecContext(ctx, s.q.get("follow"), repo, toMillis(now)); err != nil {
					return err
				}
				due := now.Add(spread * time.Duration(n+i) / time.Duration(len(fresh)))
				if err := Schedule(ctx, tx, testruns.RepositoryKind, repo, due); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("follow repositories: %w", err)
		}
		n += len(slice)
	}
	for slice := range slices.Chunk(gone, 100) {
		err := s.db.Write(ctx, func(tx *sql.Tx) error {
			for _, repo := range slice {
				if _, err := tx.ExecContext(ctx, s.q.get("unfollow"), repo); err != nil {
					return err
				}
				if err := Unschedule(ctx, tx, testruns.RepositoryKind, repo); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("stop following repositories: %w", err)
		}
	}
	return nil
}

// names reads a column of texts.
func (s *TestRuns) names(ctx context.Context, query string, args ...any) ([]string, error) {
	return readAll(ctx, s.db.Read(), s.q.get(query), args, func(rows *sql.Rows) (name string, err error) {
		return name, rows.Scan(&name)
	})
}

// queryer is a database or a transaction.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// readAll reads every row of a query.
func readAll[T any](ctx context.Context, db queryer, query string, args []any, scan func(*sql.Rows) (T, error)) ([]T, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err below tells what matters
	var all []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// Followed implements testruns.Store.
func (s *TestRuns) Followed(ctx context.Context, repo string) (testruns.Followed, bool, error) {
	f := testruns.Followed{Repo: repo}
	var begun, branchAt, complete, polled int64
	err := s.db.Read().QueryRowContext(ctx, s.q.get("followed"), repo).
		Scan(&begun, &f.Branch, &branchAt, &f.Tag, &complete, &polled, &f.Waiting, &f.Problem)
	if errors.Is(err, sql.ErrNoRows) {
		return testruns.Followed{}, false, nil
	}
	if err != nil {
		return testruns.Followed{}, false, fmt.Errorf("read followed repository %s: %w", repo, err)
	}
	f.Begun, f.BranchAt, f.Complete, f.Polled = fromMillis(begun), fromMillis(branchAt), fromMillis(complete), fromMillis(polled)
	return f, true, nil
}

// SetFollowed implements testruns.Store.
func (s *TestRuns) SetFollowed(ctx context.Context, f testruns.Followed) error {
	err := s.db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, s.q.get("set_followed"), f.Repo, f.Branch, toMillis(f.BranchAt), f.Tag, toMillis(f.Complete),
			toMillis(f.Polled), f.Waiting, f.Problem)
		return err
	})
	if err != nil {
		return fmt.Errorf("write followed repository %s: %w", f.Repo, err)
	}
	return nil
}

// toMillis is a moment as it is kept; the zero moment is 0.
func toMillis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// ConfigureSummaries implements testruns.Store.
func (s *TestRuns) ConfigureSummaries(ctx context.Context, summaries []testruns.ScheduledSummary) error {
	err := s.db.Write(ctx, func(tx *sql.Tx) error {
		had, err := s.configured(ctx, tx)
		if err != nil {
			return err
		}
		for _, one := range summaries {
			before := had[one.ID]
			delete(had, one.ID)
			if err := s.configure(ctx, tx, one, before); err != nil {
				return err
			}
		}
		for id := range had {
			if _, err := tx.ExecContext(ctx, s.q.get("drop_summary"), id); err != nil {
				return err
			}
			if err := Unschedule(ctx, tx, testruns.SummaryKind, id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("configure summaries: %w", err)
	}
	return nil
}

// configured are the schedules of all summaries by id, empty for those that were dropped.
func (s *TestRuns) configured(ctx context.Context, tx *sql.Tx) (map[string]string, error) {
	rows, err := tx.QueryContext(ctx, s.q.get("summaries"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err below tells what matters
	had := map[string]string{}
	for rows.Next() {
		var id, schedule string
		var active bool
		if err := rows.Scan(&id, &schedule, &active); err != nil {
			return nil, err
		}
		if !active {
			schedule = ""
		}
		had[id] = schedule
	}
	return had, rows.Err()
}

// configure writes one summary and makes it due, unless it is due already by the same schedule.
func (s *TestRuns) configure(ctx context.Context, tx *sql.Tx, one testruns.ScheduledSummary, before string) error {
	if _, err := tx.ExecContext(ctx, s.q.get("configure_summary"), one.ID, one.Schedule); err != nil {
		return err
	}
	var scheduled int
	if err := tx.QueryRowContext(ctx, s.q.get("is_scheduled"), string(testruns.SummaryKind), one.ID).Scan(&scheduled); err != nil {
		return err
	}
	if scheduled > 0 && before == one.Schedule {
		return nil
	}
	return Schedule(ctx, tx, testruns.SummaryKind, one.ID, one.Due)
}

// Summary implements testruns.Store.
func (s *TestRuns) Summary(ctx context.Context, id string) (testruns.SummaryState, bool, error) {
	state := testruns.SummaryState{ID: id}
	var until, noticed, pending int64
	err := s.db.Read().QueryRowContext(ctx, s.q.get("summary"), id).
		Scan(&until, &noticed, &pending, &state.Posted, &state.Outcome, &state.ToldFail)
	if errors.Is(err, sql.ErrNoRows) {
		return testruns.SummaryState{}, false, nil
	}
	if err != nil {
		return testruns.SummaryState{}, false, fmt.Errorf("read summary %s: %w", id, err)
	}
	state.Until, state.Noticed, state.Pending = fromMillis(until), fromMillis(noticed), fromMillis(pending)
	return state, true, nil
}

// SetSummary implements testruns.Store.
func (s *TestRuns) SetSummary(ctx context.Context, state testruns.SummaryState) error {
	err := s.db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, s.q.get("set_summary"), state.ID, toMillis(state.Until), toMillis(state.Noticed),
			toMillis(state.Pending), state.Posted, state.Outcome, bit(state.ToldFail))
		return err
	})
	if err != nil {
		return fmt.Errorf("write summary %s: %w", state.ID, err)
	}
	return nil
}
