package database_test

import (
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellhop/integrations/database"
	"bellhop/integrations/database/databasetest"
)

// BenchmarkWork claims one due item of a thousand that wait and makes it due again: what every step of every loop costs.
func BenchmarkWork(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *database.DB{"sqlite": databasetest.SQLite, "postgres": databasetest.Postgres} {
		b.Run(name, func(b *testing.B) {
			db := open(b)
			require.NoError(b, db.Write(b.Context(), func(tx *sql.Tx) error {
				for n := range 1000 {
					if err := database.Schedule(b.Context(), tx, "thing", fmt.Sprintf("thing-%d", n), noon.Add(time.Duration(n))); err != nil {
						return err
					}
				}
				return nil
			}))
			now := noon.Add(time.Minute)
			for b.Loop() {
				items, err := db.Work().Claim(b.Context(), "thing", now, 20*time.Second, 1)
				require.NoError(b, err)
				require.Len(b, items, 1)
				now = now.Add(time.Millisecond)
				require.NoError(b, db.Work().Settle(b.Context(), items[0], now, false))
			}
		})
	}
}
