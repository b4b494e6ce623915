package database_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellhop/environments"
	"bellhop/environments/environmentstest"
	"bellhop/integrations/database"
	"bellhop/integrations/database/databasetest"
)

func TestEnvironmentStore(t *testing.T) {
	for dialect, open := range map[string]func(testing.TB) *database.DB{"sqlite": databasetest.SQLite, "postgres": databasetest.Postgres} {
		t.Run(dialect, func(t *testing.T) {
			environmentstest.StoreSuite(t, func(t *testing.T) (environments.Store, func(string) time.Time) {
				db := open(t)
				return database.NewEnvironmentStore(db), func(name string) time.Time {
					items, err := db.Work().Claim(context.Background(), environments.WorkKind, time.Now().AddDate(100, 0, 0), time.Minute, 10)
					require.NoError(t, err)
					for _, item := range items {
						if item.ID == name {
							return item.DueAt
						}
					}
					return time.Time{}
				}
			})
		})
	}
}

func TestAuditIsOnlyAddedTo(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		s := database.NewEnvironmentStore(db)
		entry := environments.Entry{ID: "1", At: time.UnixMilli(1), Event: environments.EventDeploy, Person: environments.Person{ID: "U01ALICE", Name: "Alice"}}
		require.NoError(t, s.Record(ctx, entry))
		for _, statement := range []string{"UPDATE audit SET outcome = 'allowed'", "DELETE FROM audit"} {
			err := db.Write(ctx, func(tx *sql.Tx) error {
				_, err := tx.ExecContext(ctx, statement)
				return err
			})
			require.ErrorContains(t, err, "the audit is only added to", statement)
		}
		require.Error(t, s.Record(ctx, entry), "an id is used once")

		// A person can be forgotten while the record stays.
		require.NoError(t, db.Write(ctx, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, "DELETE FROM audit_people WHERE person = $1", "U01ALICE")
			return err
		}))
		history, err := s.History(ctx, environments.HistoryFilter{})
		require.NoError(t, err)
		require.Len(t, history, 1)
		require.Equal(t, environments.Person{}, history[0].Person)
	})
}

func TestEnvironmentStatesAreHeld(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		_, err := database.NewEnvironmentStore(db).Change(context.Background(), "payments-staging", func(e *environments.Environment) (environments.Effects, error) {
			*e = environmentstest.Sample("x")
			return environments.Effects{Save: true}, nil
		})
		require.ErrorContains(t, err, `must not go from "" to "ready"`)
	})
}
