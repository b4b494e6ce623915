package database_test

import (
	"database/sql"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/pressly/goose/v3"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"bellhop/integrations/database"
	"bellhop/integrations/database/databasetest"
)

// TestMigrationsLeadBack: every migration takes away what it made, so that an older version can be gone back to.
func TestMigrationsLeadBack(t *testing.T) {
	for dialect, open := range map[goose.Dialect]func(t *testing.T) (url, driver, source, others string){
		goose.DialectSQLite3: func(t *testing.T) (string, string, string, string) {
			file := filepath.Join(t.TempDir(), "bellhop.db")
			return "sqlite:" + file, "sqlite", file, "*.postgres.sql"
		},
		goose.DialectPostgres: func(t *testing.T) (string, string, string, string) {
			url := databasetest.PostgresURL(t)
			return url, "pgx", url, "*.sqlite.sql"
		},
	} {
		t.Run(string(dialect), func(t *testing.T) {
			url, driver, source, others := open(t)
			for range 2 {
				db, err := database.Open(t.Context(), url, zerolog.Nop())
				require.NoError(t, err)
				require.NoError(t, db.Close())
				raw, err := sql.Open(driver, source)
				require.NoError(t, err)
				files := os.DirFS("migrations")
				excluded, err := fs.Glob(files, others)
				require.NoError(t, err)
				provider, err := goose.NewProvider(dialect, raw, files, goose.WithExcludeNames(excluded), goose.WithDisableGlobalRegistry(true))
				require.NoError(t, err)
				_, err = provider.DownTo(t.Context(), 0)
				require.NoError(t, err)
				require.NoError(t, raw.Close())
			}
		})
	}
}
