package database

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"bellhop/testruns"
)

// lateness is how long after its end a run may be recorded and still be sought by that moment.
const lateness = 8 * 24 * time.Hour

// Known implements testruns.Store.
func (s *TestRuns) Known(ctx context.Context, repo string, runs []int64) (map[testruns.RunKey]bool, error) {
	known := map[testruns.RunKey]bool{}
	for _, id := range runs {
		attempts, err := readAll(ctx, s.db.Read(), s.q.get("attempts"), []any{repo, id}, func(rows *sql.Rows) (n int, err error) {
			return n, rows.Scan(&n)
		})
		if err != nil {
			return nil, fmt.Errorf("look up runs of %s: %w", repo, err)
		}
		for _, n := range attempts {
			known[testruns.RunKey{ID: id, Attempt: n}] = true
		}
	}
	return known, nil
}

// FindRun implements testruns.Store.
func (s *TestRuns) FindRun(ctx context.Context, run int64) ([]string, error) {
	repos, err := s.names(ctx, "repositories_of_run", run)
	if err != nil {
		return nil, fmt.Errorf("find run %d: %w", run, err)
	}
	return repos, nil
}

// LastRuns implements testruns.Store.
func (s *TestRuns) LastRuns(ctx context.Context, repo, branch string) (ended, reported time.Time, err error) {
	var endedAt, reportedAt int64
	if err := s.db.Read().QueryRowContext(ctx, s.q.get("last_runs"), repo, branch).Scan(&endedAt, &reportedAt); err != nil {
		return time.Time{}, time.Time{}, fmt.Errorf("last runs of %s: %w", repo, err)
	}
	return fromMillis(endedAt), fromMillis(reportedAt), nil
}

// perWrite keeps a transaction within its rows: a result takes up to three.
const perWrite = 150

// Record implements testruns.Store. The attempt's own row comes last and makes the rest visible: what a crash left
// behind before it is written again the same way.
func (s *TestRuns) Record(ctx context.Context, in testruns.Ingested) error {
	tests := map[testruns.TestID]testruns.Test{}
	for _, t := range in.Tests {
		tests[t.ID] = t
	}
	for slice := range slices.Chunk(in.Results, perWrite) {
		err := s.db.Write(ctx, func(tx *sql.Tx) error {
			for _, r := range slice {
				if err := s.putResult(ctx, tx, in.Run.Repo, r, tests[r.Test]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("record results of run %d: %w", in.Run.ID, err)
		}
	}
	err := s.db.Write(ctx, func(tx *sql.Tx) error { return s.putRun(ctx, tx, in) })
	if err != nil {
		return fmt.Errorf("record run %d: %w", in.Run.ID, err)
	}
	return nil
}

// putResult writes one result with its test and message. Rows of one transaction are written in the order of the
// tests, so that two writers on PostgreSQL never wait for each other in a circle.
func (s *TestRuns) putResult(ctx context.Context, tx *sql.Tx, repo string, r testruns.Result, t testruns.Test) error {
	message := ""
	if r.Message != "" {
		text := storableText(r.Message)
		sum := sha256.Sum256([]byte(text))
		message = hex.EncodeToString(sum[:10])
		if _, err := tx.ExecContext(ctx, s.q.get("put_message"), message, text); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, s.q.get("put_case"), repo, int64(t.ID), t.Workflow, storableText(t.Job), storableText(t.File),
		storableText(t.Suite), storableText(t.Class), storableText(t.Name), t.Nth); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, s.q.get("put_result"), repo, r.Run.ID, r.Run.Attempt, int64(r.Test), string(r.Verdict),
		r.Duration.Milliseconds(), message)
	return err
}

func (s *TestRuns) putRun(ctx context.Context, tx *sql.Tx, in testruns.Ingested) error {
	r := in.Run
	if r.Executed != "" {
		if _, err := tx.ExecContext(ctx, s.q.get("put_set"), string(r.Executed), testruns.EncodeSet(in.Set)); err != nil {
			return err
		}
	}
	problems, err := listText(r.Problems)
	if err != nil {
		return err
	}
	jobs, err := listText(r.Jobs)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, s.q.get("put_run"), r.Repo, r.ID, r.Attempt, r.Workflow, storableText(r.Name), r.Branch, r.Commit,
		storableText(r.Title), storableText(r.Author), r.Login, r.Event, r.Conclusion, r.URL, toMillis(r.Started),
		toMillis(r.Completed), toMillis(r.Recorded), string(r.State), r.Tests, r.Passed, r.Failed, r.Errors, r.Skipped, r.Flaky,
		r.Duration.Milliseconds(), string(r.Executed), problems, jobs)
	return err
}

// listText is a list as it is kept: JSON, or nothing.
func listText[T any](list []T) (string, error) {
	if len(list) == 0 {
		return "", nil
	}
	text, err := json.Marshal(list)
	return storableText(string(text)), err
}

// Forget implements testruns.Store. What a failure said goes with the last result that says it; names of tests stay: they
// are few, and may come again.
func (s *TestRuns) Forget(ctx context.Context, before time.Time, limit int) (forgotten int, err error) {
	type old struct {
		repo     string
		key      testruns.RunKey
		executed string
	}
	runs, err := readAll(ctx, s.db.Read(), s.q.get("old_runs"), []any{toMillis(before), limit}, func(rows *sql.Rows) (o old, err error) {
		return o, rows.Scan(&o.repo, &o.key.ID, &o.key.Attempt, &o.executed)
	})
	if err != nil {
		return 0, fmt.Errorf("find old test runs: %w", err)
	}
	for _, o := range runs {
		err := s.db.Write(ctx, func(tx *sql.Tx) error {
			for _, name := range []string{"forget_messages", "forget_results", "forget_run"} {
				if _, err := tx.ExecContext(ctx, s.q.get(name), o.repo, o.key.ID, o.key.Attempt); err != nil {
					return err
				}
			}
			_, err := tx.ExecContext(ctx, s.q.get("forget_set"), o.executed)
			return err
		})
		if err != nil {
			return forgotten, fmt.Errorf("forget run %d of %s: %w", o.key.ID, o.repo, err)
		}
		forgotten++
	}
	return forgotten, nil
}

// storableText is text as PostgreSQL takes it: valid UTF-8 without zero bytes.
func storableText(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "\ufffd")
}

// History implements testruns.Store.
func (s *TestRuns) History(ctx context.Context, repo, branch string, from time.Time) (testruns.History, error) {
	h, err := s.history(ctx, "history", repo, branch, toMillis(from), toMillis(from.Add(-lateness)))
	if err != nil {
		return testruns.History{}, fmt.Errorf("read history of %s: %w", repo, err)
	}
	return h, nil
}

// RunHistory implements testruns.Store.
func (s *TestRuns) RunHistory(ctx context.Context, repo string, run int64) (testruns.History, error) {
	h, err := s.history(ctx, "run", repo, run)
	if err != nil {
		return testruns.History{}, fmt.Errorf("read run %d of %s: %w", run, repo, err)
	}
	return h, nil
}

// history reads by one of the two groups of queries; the first argument is the repository.
func (s *TestRuns) history(ctx context.Context, group string, args ...any) (h testruns.History, err error) {
	repo := fmt.Sprint(args[0])
	h.Runs, err = readAll(ctx, s.db.Read(), s.q.get(group+"_runs"), args, func(rows *sql.Rows) (testruns.Run, error) {
		return scanRun(rows, repo)
	})
	if err != nil {
		return h, err
	}
	if h.Results, err = readAll(ctx, s.db.Read(), s.q.get(group+"_results"), args, scanResult); err != nil {
		return h, err
	}
	tests, err := readAll(ctx, s.db.Read(), s.q.get(group+"_cases"), args, scanCase)
	if err != nil {
		return h, err
	}
	h.Tests = make(map[testruns.TestID]testruns.Test, len(tests))
	for _, t := range tests {
		h.Tests[t.ID] = t
	}
	h.Sets, err = s.sets(ctx, h.Runs)
	return h, err
}

func scanRun(rows *sql.Rows, repo string) (testruns.Run, error) {
	r := testruns.Run{Repo: repo}
	var started, completed, recorded, duration int64
	var state, executed, problems, jobs string
	err := rows.Scan(&r.ID, &r.Attempt, &r.Workflow, &r.Name, &r.Branch, &r.Commit, &r.Title, &r.Author, &r.Login, &r.Event,
		&r.Conclusion, &r.URL, &started, &completed, &recorded, &state, &r.Tests, &r.Passed, &r.Failed, &r.Errors, &r.Skipped,
		&r.Flaky, &duration, &executed, &problems, &jobs)
	if err != nil {
		return r, err
	}
	r.Started, r.Completed, r.Recorded = fromMillis(started), fromMillis(completed), fromMillis(recorded)
	r.State, r.Executed = testruns.State(state), testruns.SetID(executed)
	r.Duration = time.Duration(duration) * time.Millisecond
	if problems != "" {
		if err := json.Unmarshal([]byte(problems), &r.Problems); err != nil {
			return r, fmt.Errorf("problems of run %d: %w", r.ID, err)
		}
	}
	if jobs != "" {
		if err := json.Unmarshal([]byte(jobs), &r.Jobs); err != nil {
			return r, fmt.Errorf("jobs of run %d: %w", r.ID, err)
		}
	}
	return r, nil
}

func scanResult(rows *sql.Rows) (r testruns.Result, err error) {
	var id, duration int64
	var verdict string
	if err := rows.Scan(&r.Run.ID, &r.Run.Attempt, &id, &verdict, &duration, &r.Message); err != nil {
		return r, err
	}
	r.Test, r.Verdict, r.Duration = testruns.TestID(id), testruns.Verdict(verdict), time.Duration(duration)*time.Millisecond
	return r, nil
}

func scanCase(rows *sql.Rows) (t testruns.Test, err error) {
	var id int64
	err = rows.Scan(&id, &t.Workflow, &t.Job, &t.File, &t.Suite, &t.Class, &t.Name, &t.Nth)
	t.ID = testruns.TestID(id)
	return t, err
}

// sets reads each set of executed tests that the runs name.
func (s *TestRuns) sets(ctx context.Context, runs []testruns.Run) (map[testruns.SetID][]testruns.TestID, error) {
	sets := map[testruns.SetID][]testruns.TestID{}
	for _, r := range runs {
		if _, ok := sets[r.Executed]; ok || r.Executed == "" {
			continue
		}
		var packed []byte
		err := s.db.Read().QueryRowContext(ctx, s.q.get("set"), string(r.Executed)).Scan(&packed)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return nil, err
		}
		ids, err := testruns.DecodeSet(packed)
		if err != nil {
			return nil, fmt.Errorf("set %s: %w", r.Executed, err)
		}
		sets[r.Executed] = ids
	}
	return sets, nil
}
