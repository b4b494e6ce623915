package database_test

import (
	"database/sql"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"bellhop/integrations/database"
	"bellhop/integrations/database/databasetest"
	"bellhop/work"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func schedule(t *testing.T, db *database.DB, kind work.Kind, id string, due time.Time) {
	t.Helper()
	require.NoError(t, db.Write(t.Context(), func(tx *sql.Tx) error {
		return database.Schedule(t.Context(), tx, kind, id, due)
	}))
}

func unschedule(t *testing.T, db *database.DB, kind work.Kind, id string) {
	t.Helper()
	require.NoError(t, db.Write(t.Context(), func(tx *sql.Tx) error {
		return database.Unschedule(t.Context(), tx, kind, id)
	}))
}

func claim(t *testing.T, db *database.DB, now time.Time, limit int) []work.Item {
	t.Helper()
	items, err := db.Work().Claim(t.Context(), "thing", now, 20*time.Second, limit)
	require.NoError(t, err)
	return items
}

func nextDue(t *testing.T, db *database.DB) time.Time {
	t.Helper()
	due, err := db.Work().NextDue(t.Context(), "thing")
	require.NoError(t, err)
	return due.UTC()
}

func TestWorkClaim(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		assert.Zero(t, nextDue(t, db), "an empty queue")
		schedule(t, db, "thing", "late", noon.Add(2*time.Second))
		schedule(t, db, "thing", "early", noon)
		schedule(t, db, "thing", "tomorrow", noon.Add(24*time.Hour))
		schedule(t, db, "other", "early", noon)
		assert.Equal(t, noon, nextDue(t, db).UTC())

		assert.Empty(t, claim(t, db, noon.Add(-time.Millisecond), 10), "nothing is due yet")
		got := claim(t, db, noon.Add(5*time.Second), 10)
		require.Len(t, got, 2)
		assert.Equal(t, []string{"early", "late"}, []string{got[0].ID, got[1].ID}, "oldest due first")
		assert.Equal(t, 1, got[0].Attempts)
		assert.Equal(t, noon, got[0].DueAt.UTC())

		assert.Empty(t, claim(t, db, noon.Add(6*time.Second), 10), "leased")
		assert.Equal(t, noon.Add(25*time.Second), nextDue(t, db), "the lease's end")
		again := claim(t, db, noon.Add(25*time.Second), 1)
		require.Len(t, again, 1, "the lease has run out, and the limit is 1")
		assert.Equal(t, 2, again[0].Attempts)
		require.ErrorIs(t, db.Work().Settle(t.Context(), got[0], noon, false), work.ErrLeaseLost)
		require.ErrorIs(t, db.Work().Extend(t.Context(), got[0], noon.Add(time.Hour)), work.ErrLeaseLost)
	})
}

func TestWorkSettle(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		q := db.Work()
		schedule(t, db, "thing", "a", noon)
		a := claim(t, db, noon, 1)[0]
		require.NoError(t, q.Settle(t.Context(), a, noon.Add(time.Minute), true))
		a = claim(t, db, noon.Add(time.Minute), 1)[0]
		assert.Equal(t, 2, a.Attempts, "a failure keeps the count")
		require.NoError(t, q.Extend(t.Context(), a, noon.Add(time.Hour)))
		assert.Empty(t, claim(t, db, noon.Add(59*time.Minute), 1))
		require.NoError(t, q.Settle(t.Context(), a, noon.Add(2*time.Minute), false))
		a = claim(t, db, noon.Add(2*time.Minute), 1)[0]
		assert.Equal(t, 1, a.Attempts, "a success forgets it")
		require.NoError(t, q.Settle(t.Context(), a, time.Time{}, false))
		assert.Zero(t, nextDue(t, db), "done with for good")
		require.NoError(t, q.Settle(t.Context(), a, noon, false), "settling what is gone does not bring it back")
		assert.Zero(t, nextDue(t, db))
	})
}

func TestWorkScheduledWhileHeld(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		q := db.Work()
		schedule(t, db, "thing", "a", noon)
		schedule(t, db, "thing", "a", noon.Add(time.Minute))
		assert.Equal(t, noon.Add(time.Minute), nextDue(t, db), "the newest stands while nobody holds it")

		now := noon.Add(time.Minute)
		a := claim(t, db, now, 1)[0]
		schedule(t, db, "thing", "a", now.Add(time.Second))
		schedule(t, db, "thing", "a", now.Add(time.Minute))
		assert.Empty(t, claim(t, db, now.Add(2*time.Second), 1), "it is still held")
		require.NoError(t, q.Settle(t.Context(), a, now.Add(time.Hour), false))
		assert.Equal(t, now.Add(time.Second), nextDue(t, db), "the earliest wins over the holder's")

		now = now.Add(time.Second)
		a = claim(t, db, now, 1)[0]
		schedule(t, db, "thing", "a", now.Add(time.Hour))
		require.NoError(t, q.Settle(t.Context(), a, now.Add(time.Minute), false))
		assert.Equal(t, now.Add(time.Minute), nextDue(t, db), "unless the holder's is earlier")

		now = now.Add(time.Minute)
		a = claim(t, db, now, 1)[0]
		schedule(t, db, "thing", "a", now.Add(time.Second))
		require.NoError(t, q.Settle(t.Context(), a, time.Time{}, false))
		assert.Equal(t, now.Add(time.Second), nextDue(t, db), "the holder's never is later than anything")

		now = now.Add(time.Second)
		a = claim(t, db, now, 1)[0]
		unschedule(t, db, "thing", "a")
		require.NoError(t, q.Extend(t.Context(), a, now.Add(time.Minute)), "nobody else has it")
		require.NoError(t, q.Settle(t.Context(), a, now.Add(time.Minute), false))
		assert.Zero(t, nextDue(t, db), "what was unscheduled stays so")
		schedule(t, db, "thing", "a", now)
		require.ErrorIs(t, q.Settle(t.Context(), a, now.Add(time.Minute), false), work.ErrLeaseLost)
	})
}

func TestWorkRolledBack(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		failed := assert.AnError
		require.ErrorIs(t, db.Write(t.Context(), func(tx *sql.Tx) error {
			require.NoError(t, database.Schedule(t.Context(), tx, "thing", "a", noon))
			return failed
		}), failed)
		assert.Zero(t, nextDue(t, db), "the item goes with the transaction")
	})
}

// Sixty claimers at once never get one item twice, and leave none.
func TestWorkManyClaimers(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		const items = 300
		require.NoError(t, db.Write(t.Context(), func(tx *sql.Tx) error {
			for i := range items {
				if err := database.Schedule(t.Context(), tx, "thing", fmt.Sprintf("%03d", i), noon); err != nil {
					return err
				}
			}
			return nil
		}))
		var (
			mu    sync.Mutex
			taken = map[string]int{}
			all   sync.WaitGroup
			start = make(chan struct{})
		)
		for range 60 {
			all.Go(func() {
				<-start
				for {
					got, err := db.Work().Claim(t.Context(), "thing", noon, time.Minute, 3)
					if !assert.NoError(t, err) || len(got) == 0 {
						return
					}
					assert.LessOrEqual(t, len(got), 3)
					mu.Lock()
					for _, item := range got {
						taken[item.ID]++
					}
					mu.Unlock()
				}
			})
		}
		close(start)
		all.Wait()
		assert.Len(t, taken, items)
		for id, n := range taken {
			assert.Equal(t, 1, n, id)
		}
	})
}

func TestWorkWaiting(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		schedule(t, db, "thing", "a", noon)
		schedule(t, db, "thing", "b", noon)
		schedule(t, db, "other", "c", noon.Add(time.Hour))
		claim(t, db, noon, 1)
		got, err := db.Work().Waiting(t.Context(), noon)
		require.NoError(t, err)
		assert.Equal(t, map[work.Kind]int{"thing": 1}, got)
	})
}
