package database_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellhop/accounts"
	"bellhop/accounts/accountstest"
	"bellhop/integrations/database"
	"bellhop/integrations/database/databasetest"
)

func TestAccounts(t *testing.T) {
	for dialect, open := range map[string]func(testing.TB) *database.DB{"sqlite": databasetest.SQLite, "postgres": databasetest.Postgres} {
		t.Run(dialect, func(t *testing.T) {
			accountstest.StoreSuite(t, func(t *testing.T) (accounts.Store, func(string) time.Time) {
				db := open(t)
				return database.NewAccounts(db), func(person string) time.Time {
					items, err := db.Work().Claim(context.Background(), accounts.WorkKind, time.Now().AddDate(100, 0, 0), time.Minute, 10)
					require.NoError(t, err)
					require.Len(t, items, 1)
					require.Equal(t, person, items[0].ID)
					return items[0].DueAt
				}
			})
		})
	}
}
