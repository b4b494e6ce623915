// Package databasetest opens databases for tests: each store's conformance suite runs over a temporary SQLite file and
// over a PostgreSQL schema of its own.
package databasetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	"github.com/rs/zerolog"

	"bellhop/integrations/database"
)

// Each runs test over an empty, migrated database of each dialect. PostgreSQL is the server that BELLHOP_TEST_POSTGRES
// names (a URL whose role may make schemas), else one started from the server binaries found on the machine; without
// either its half is skipped with a word, unless BELLHOP_TEST_NO_SKIP is set.
func Each(t *testing.T, test func(t *testing.T, db *database.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, Postgres(t)) })
}

// SQLite is a temporary SQLite database.
func SQLite(t testing.TB) *database.DB {
	t.Helper()
	return open(t, "sqlite:"+filepath.Join(t.TempDir(), "bellhop.db"))
}

// Postgres is a fresh schema on a PostgreSQL server, or skips.
func Postgres(t testing.TB) *database.DB {
	t.Helper()
	return open(t, PostgresURL(t))
}

// PostgresURL is the URL of an empty schema that is dropped when the test ends, or skips.
func PostgresURL(t testing.TB) string {
	t.Helper()
	server := serverURL(t)
	schema := "test_" + strings.ToLower(rand.Text()[:12])
	admin(t, server, "CREATE SCHEMA "+schema)
	t.Cleanup(func() { admin(t, server, "DROP SCHEMA "+schema+" CASCADE") })
	u, err := url.Parse(server)
	if err != nil {
		t.Fatalf("BELLHOP_TEST_POSTGRES is no URL: %v", err)
	}
	query := u.Query()
	query.Set("search_path", schema)
	u.RawQuery = query.Encode()
	return u.String()
}

func open(t testing.TB, url string) *database.DB {
	t.Helper()
	db, err := database.Open(t.Context(), url, zerolog.New(zerolog.NewTestWriter(t)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func admin(t testing.TB, server, statement string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	pool, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = pool.Close() }() // the server outlives the test
	if _, err := pool.ExecContext(ctx, statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}
