package database

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

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

// History implements testruns.Store.
func (s *TestRuns) History(ctx context.Context, repo, branch string, from time.Time) (testruns.History, error) {
	rows, err := readAll(ctx, s.db.Read(), s.q.get("days"), []any{repo, toMillis(testruns.DateOf(from))}, scanDay)
	if err != nil {
		return testruns.History{}, fmt.Errorf("read days of %s: %w", repo, err)
	}
	h, err := s.history(ctx, "history", rows, repo, branch, toMillis(from), toMillis(from.Add(-lateness)))
	if err != nil {
		return testruns.History{}, fmt.Errorf("read history of %s: %w", repo, err)
	}
	return h, nil
}

// RunHistory implements testruns.Store.
func (s *TestRuns) RunHistory(ctx context.Context, repo string, run int64) (testruns.History, error) {
	h, err := s.history(ctx, "run", nil, repo, run)
	if err != nil {
		return testruns.History{}, fmt.Errorf("read run %d of %s: %w", run, repo, err)
	}
	return h, nil
}

// history reads by one of the two groups of queries; the first argument is the repository. A run's row is written after its
// results, so that it is read before them.
func (s *TestRuns) history(ctx context.Context, group string, days []day, args ...any) (h testruns.History, err error) {
	repo := fmt.Sprint(args[0])
	h.Runs, err = readAll(ctx, s.db.Read(), s.q.get(group+"_runs"), args, func(rows *sql.Rows) (testruns.Run, error) {
		return scanRun(rows, repo)
	})
	if err != nil {
		return h, err
	}
	var named map[testruns.TestID]testruns.Test
	reading, both := errgroup.WithContext(ctx)
	reading.Go(func() (err error) {
		h.Results, err = readAll(both, s.db.Read(), s.q.get(group+"_results"), args, scanResult)
		return err
	})
	reading.Go(func() (err error) {
		if named, err = s.testsOf(both, repo); err != nil {
			return err
		}
		reader := s.readSets(s.db.Read())
		if h.Sets, err = reader.executed(both, h.Runs, named); err != nil {
			return err
		}
		h.Days, err = reader.days(both, days, named)
		return err
	})
	if err := reading.Wait(); err != nil {
		return h, err
	}
	recorded := make(map[testruns.RunKey]bool, len(h.Runs))
	for _, r := range h.Runs {
		recorded[r.RunKey] = true
	}
	h.Results = slices.DeleteFunc(h.Results, func(r testruns.Result) bool { return !recorded[r.Run] }) // left behind by a crash
	h.Tests = spoken(h, named)
	return h, nil
}

// testsOf are the tests of a repository that are kept by name.
func (s *TestRuns) testsOf(ctx context.Context, repo string) (map[testruns.TestID]testruns.Test, error) {
	kept, err := readAll(ctx, s.db.Read(), s.q.get("cases"), []any{repo}, scanCase)
	if err != nil {
		return nil, err
	}
	tests := make(map[testruns.TestID]testruns.Test, len(kept))
	for _, t := range kept {
		tests[t.ID] = t
	}
	return tests, nil
}

// days unpacks what the tests that are kept by name did on days.
func (r setReader) days(ctx context.Context, days []day, named map[testruns.TestID]testruns.Test) ([]testruns.Day, error) {
	var all []testruns.Day
	for _, d := range days {
		set, err := r.read(ctx, d.set)
		if err != nil {
			return nil, err
		}
		of, err := testruns.DecodeDays(set, d.counts, d.date, d.onDefault)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d.date.Format(time.DateOnly), err)
		}
		for _, one := range of {
			if _, ok := named[one.Test]; ok {
				all = append(all, one)
			}
		}
	}
	return all, nil
}

// spoken are those of the tests kept by name that a history speaks of.
func spoken(h testruns.History, named map[testruns.TestID]testruns.Test) map[testruns.TestID]testruns.Test {
	tests := map[testruns.TestID]testruns.Test{}
	note := func(id testruns.TestID) {
		if t, ok := named[id]; ok {
			tests[id] = t
		}
	}
	for _, r := range h.Results {
		note(r.Test)
	}
	for _, d := range h.Days {
		note(d.Test)
	}
	return tests
}

// day is a row of test_days.
type day struct {
	date      time.Time
	onDefault bool
	set       testruns.SetID
	counts    []byte
}

func scanDay(rows *sql.Rows) (d day, err error) {
	var date int64
	var set string
	err = rows.Scan(&date, &d.onDefault, &set, &d.counts)
	d.date, d.set = fromMillis(date), testruns.SetID(set)
	return d, err
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
	if err := rows.Scan(&r.Run.ID, &r.Run.Attempt, &id, &verdict, &duration, &r.Message, &r.Signature); err != nil {
		return r, err
	}
	r.Test, r.Verdict, r.Duration = testruns.TestID(id), testruns.Verdict(verdict), time.Duration(duration)*time.Millisecond
	if r.Signature == "" {
		r.Signature = testruns.Signature(r.Message) // kept before there were any
	}
	return r, nil
}

func scanCase(rows *sql.Rows) (t testruns.Test, err error) {
	var id int64
	err = rows.Scan(&id, &t.Workflow, &t.Job, &t.File, &t.Suite, &t.Class, &t.Name, &t.Nth)
	t.ID = testruns.TestID(id)
	return t, err
}
