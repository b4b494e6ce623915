package database_test

import (
	"testing"

	"bellhop/catalog"
	"bellhop/catalog/catalogtest"
	"bellhop/integrations/database"
	"bellhop/integrations/database/databasetest"
)

func TestCatalogStore(t *testing.T) {
	for name, open := range map[string]func(testing.TB) *database.DB{"sqlite": databasetest.SQLite, "postgres": databasetest.Postgres} {
		t.Run(name, func(t *testing.T) {
			catalogtest.Suite(t, func(t *testing.T) catalog.Store { return database.NewCatalogStore(open(t)) })
		})
	}
}
