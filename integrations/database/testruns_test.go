package database_test

import (
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellhop/integrations/database"
	"bellhop/integrations/database/databasetest"
	"bellhop/testruns"
	"bellhop/testruns/testrunstest"
	"bellhop/work"
)

func TestTestRuns(t *testing.T) {
	for name, open := range map[string]func(testing.TB) *database.DB{"sqlite": databasetest.SQLite, "postgres": databasetest.Postgres} {
		t.Run(name, func(t *testing.T) {
			testrunstest.Suite(t, func(t *testing.T) (testruns.Store, testrunstest.Scheduled) {
				db := open(t)
				return database.NewTestRuns(db), func(kind work.Kind, id string) (time.Time, bool) {
					var ms int64
					err := db.Read().QueryRowContext(t.Context(), "SELECT due_at FROM work WHERE kind = $1 AND id = $2", string(kind), id).Scan(&ms)
					if errors.Is(err, sql.ErrNoRows) {
						return time.Time{}, false
					}
					require.NoError(t, err)
					return time.UnixMilli(ms), true
				}
			})
		})
	}
}

// PostgreSQL takes neither zero bytes nor invalid UTF-8.
func TestTestRunsKeepAnyText(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := database.NewTestRuns(db)
		in := testrunstest.Attempt(1, 1, noon)
		in.Run.Title, in.Run.Problems = "a\x00\xff", []string{"b\x00\xff"}
		in.Tests[0].Name, in.Results[0].Message = "c\x00\xff", "d\x00\xff"
		require.NoError(t, s.Record(t.Context(), in))
		h, err := s.RunHistory(t.Context(), in.Run.Repo, 1)
		require.NoError(t, err)
		require.Equal(t, "a\ufffd\ufffd", h.Runs[0].Title)
		require.Equal(t, "c\ufffd\ufffd", h.Tests[1].Name)
		require.Len(t, h.Runs[0].Problems, 1)
	})
}

// Sets that nothing names any more would add up, and those that others are a change from must outlive these.
func TestSetsAreForgottenWithWhatNamesThem(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := database.NewTestRuns(db)
		life := testrunstest.NewLife(1, 400)
		at := noon
		require.NoError(t, s.Follow(t.Context(), []string{life.Repo()}, noon, time.Second))
		for range 80 {
			at = at.Add(2 * time.Hour)
			require.NoError(t, s.Record(t.Context(), life.Attempt(at)))
		}
		count := func(query string) (n int) {
			require.NoError(t, db.Read().QueryRowContext(t.Context(), query).Scan(&n))
			return n
		}
		require.Less(t, count("SELECT count(*) FROM test_sets WHERE base = ''"), count("SELECT count(*) FROM test_sets WHERE base <> ''"))
		for forgotten := 1; forgotten > 0; {
			var err error
			forgotten, err = s.Forget(t.Context(), at.Add(-36*time.Hour), 7)
			require.NoError(t, err)
		}
		require.NotZero(t, count("SELECT count(*) FROM test_cases"))
		require.Zero(t, count("SELECT count(*) FROM test_sets c WHERE base <> '' AND NOT EXISTS (SELECT 1 FROM test_sets b WHERE b.set_id = c.base)"))
		for forgotten := 1; forgotten > 0; {
			var err error
			forgotten, err = s.Forget(t.Context(), at.Add(48*time.Hour), 7)
			require.NoError(t, err)
		}
		_, err := s.Forget(t.Context(), at.Add(72*time.Hour), 7) // names are swept once a day
		require.NoError(t, err)
		for _, table := range []string{"test_runs", "test_results", "test_messages", "test_signatures", "test_days", "test_sets", "test_cases"} {
			require.Zero(t, count("SELECT count(*) FROM "+table), table)
		}
	})
}

// Names go with the last that speaks of them, and come again with it: also in the process that knew them.
func TestNamesThatWereForgottenComeAgain(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := database.NewTestRuns(db)
		require.NoError(t, s.Follow(t.Context(), []string{"acme/payments"}, noon, time.Second))
		old, fresh := testrunstest.Attempt(1, 1, noon), testrunstest.Attempt(2, 1, noon.AddDate(0, 0, 3))
		fresh.Set, fresh.Results, fresh.Tests = []testruns.TestID{1}, nil, nil // only its day speaks of test 1
		fresh.Run.Executed = "another"
		for _, in := range []testruns.Ingested{old, fresh} {
			require.NoError(t, s.Record(t.Context(), in))
		}
		_, err := s.Forget(t.Context(), noon.AddDate(0, 0, 2), 10)
		require.NoError(t, err)
		h, err := s.History(t.Context(), "acme/payments", "main", noon)
		require.NoError(t, err)
		require.Equal(t, map[testruns.TestID]testruns.Test{1: old.Tests[0]}, h.Tests)
		var names int
		require.NoError(t, db.Read().QueryRowContext(t.Context(), "SELECT count(*) FROM test_cases").Scan(&names))
		require.Equal(t, 1, names)

		again := testrunstest.Attempt(3, 1, noon.AddDate(0, 0, 3))
		again.Run.Recorded = old.Run.Recorded // within the day for which names are remembered
		require.NoError(t, s.Record(t.Context(), again))
		h, err = s.RunHistory(t.Context(), "acme/payments", 3)
		require.NoError(t, err)
		require.Len(t, h.Tests, 2)
	})
}

// The row of an attempt comes last: without it, what was written of the attempt does not count.
func TestResultsThatACrashLeftBehindAreNotRead(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := database.NewTestRuns(db)
		in := testrunstest.Attempt(1, 1, noon)
		require.NoError(t, s.Record(t.Context(), in))
		require.NoError(t, db.Write(t.Context(), func(tx *sql.Tx) error {
			_, err := tx.ExecContext(t.Context(), "INSERT INTO test_results SELECT repo, run_id, 2, test_id, verdict, duration_ms, message_id FROM test_results")
			return err
		}))
		h, err := s.RunHistory(t.Context(), in.Run.Repo, 1)
		require.NoError(t, err)
		require.Len(t, h.Results, 2)
		again := testrunstest.Attempt(1, 2, noon)
		require.NoError(t, s.Record(t.Context(), again))
		h, err = s.History(t.Context(), in.Run.Repo, "main", noon)
		require.NoError(t, err)
		require.Len(t, h.Results, 4)
	})
}

// What was kept by an earlier version has no signature; the next failure of its kind has the same.
func TestEarlierMessagesHaveSignatures(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := database.NewTestRuns(db)
		in := testrunstest.Attempt(1, 1, noon)
		in.Results[0].Signature = ""
		require.NoError(t, s.Record(t.Context(), in))
		h, err := s.RunHistory(t.Context(), in.Run.Repo, 1)
		require.NoError(t, err)
		signatures := []string{h.Results[0].Signature, h.Results[1].Signature}
		require.ElementsMatch(t, []string{"no <n>", ""}, signatures)
	})
}

// What failures say often holds a time or an address: kept for ever, it would be most of the database.
func TestWhatFailuresSaidIsForgottenWithThem(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := database.NewTestRuns(db)
		for run, message := range map[int64]string{1: "only once", 2: "again and again", 3: "again and again"} {
			in := testrunstest.Attempt(run, 1, noon.Add(time.Duration(run)*time.Hour))
			in.Results[0].Message, in.Results[0].Signature = message, testruns.Signature(message)
			require.NoError(t, s.Record(t.Context(), in))
		}
		n, err := s.Forget(t.Context(), noon.Add(150*time.Minute), 10)
		require.NoError(t, err)
		require.Equal(t, 2, n)
		for _, table := range []string{"test_messages", "test_signatures"} {
			var kept int
			require.NoError(t, db.Read().QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&kept))
			require.Equal(t, 1, kept, table)
		}
		h, err := s.RunHistory(t.Context(), "acme/payments", 3)
		require.NoError(t, err)
		require.Contains(t, []string{h.Results[0].Message, h.Results[1].Message}, "again and again")
	})
}
