package database

import (
	"bytes"
	"database/sql"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// twoVersions are the real first migration and one that comes after every real one.
func twoVersions(t *testing.T) (first, both fs.FS) {
	t.Helper()
	work, err := migrations.ReadFile("migrations/00001_work.sql")
	require.NoError(t, err)
	one := fstest.MapFS{"00001_work.sql": {Data: work}}
	two := fstest.MapFS{"00001_work.sql": {Data: work}, "90000_more.sqlite.sql": {Data: []byte("-- +goose Up\nCREATE TABLE more (id TEXT);\n")},
		"90000_more.postgres.sql": {Data: []byte("-- +goose Up\nno SQL at all;\n")}}
	return one, two
}

func TestMigrateKeepsACopy(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "bellhop.db")
	first, both := twoVersions(t)
	var log bytes.Buffer

	db, err := connect(t.Context(), "sqlite:"+file, zerolog.New(&log))
	require.NoError(t, err)
	require.NoError(t, db.migrate(t.Context(), first))
	assert.Empty(t, copies(t, dir), "a new database has nothing to keep")
	require.NoError(t, db.migrate(t.Context(), first))
	assert.Empty(t, copies(t, dir), "nor has one that is up to date")
	require.NoError(t, db.Write(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(t.Context(), "INSERT INTO work (kind, id, due_at) VALUES ('thing', 'kept', 0)")
		return err
	}))

	require.NoError(t, db.migrate(t.Context(), both))
	assert.Equal(t, []string{"bellhop.db.v1.copy"}, copies(t, dir))
	assert.Contains(t, log.String(), "a copy of the database was kept")
	info, err := os.Stat(filepath.Join(dir, "bellhop.db.v1.copy"))
	require.NoError(t, err)
	assert.Equal(t, fs.FileMode(0o600), info.Mode().Perm())
	require.NoError(t, db.Close())

	// The older program meets the newer database, and then its copy.
	db, err = connect(t.Context(), "sqlite:"+file, zerolog.Nop())
	require.NoError(t, err)
	err = db.migrate(t.Context(), first)
	require.ErrorContains(t, err, "the database is at version 90000 and this Bellhop knows 1")
	require.NoError(t, db.Close())
	require.NoError(t, os.Rename(filepath.Join(dir, "bellhop.db.v1.copy"), file))
	db, err = connect(t.Context(), "sqlite:"+file, zerolog.Nop())
	require.NoError(t, err)
	require.NoError(t, db.migrate(t.Context(), first))
	var id string
	require.NoError(t, db.Read().QueryRowContext(t.Context(), "SELECT id FROM work").Scan(&id))
	assert.Equal(t, "kept", id)
	require.NoError(t, db.Close())
}

// An earlier copy is never written over.
func TestKeepCopyTwice(t *testing.T) {
	dir := t.TempDir()
	db, err := connect(t.Context(), "sqlite:"+filepath.Join(dir, "bellhop.db"), zerolog.Nop())
	require.NoError(t, err)
	for range 2 {
		_, err := db.keepCopy(t.Context(), 1)
		require.NoError(t, err)
	}
	assert.Equal(t, []string{"bellhop.db.v1-2.copy", "bellhop.db.v1.copy"}, copies(t, dir))
	require.NoError(t, db.Close())
}

func copies(t *testing.T, dir string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.copy"))
	require.NoError(t, err)
	for i, path := range paths {
		paths[i] = filepath.Base(path)
	}
	return paths
}

// A misspelt pragma is ignored by SQLite, and a value can be refused; reading back tells.
func TestPragmasAreReadBack(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bellhop.db")
	_, err := openPool(t.Context(), file, []pragma{{"synchronous", "FULL", "1"}}, true, 1)
	require.ErrorContains(t, err, "pragma synchronous is")
	_, err = openPool(t.Context(), file, []pragma{{"synchronos", "NORMAL", "1"}}, true, 1)
	require.ErrorContains(t, err, "pragma synchronos")
}

func TestQueries(t *testing.T) {
	text := "-- what this file is\n-- name: one\nSELECT 1;\n\n-- name: two @sqlite\nSELECT 2\n  FROM t;\n-- name: two @postgres\nSELECT 22;\n"
	assert.Equal(t, queries{"one": "SELECT 1", "two": "SELECT 2\n  FROM t"}, parseQueries(SQLite, text))
	assert.Equal(t, "SELECT 22", parseQueries(Postgres, text).get("two"))
	assert.Panics(t, func() { parseQueries(SQLite, text).get("three") })
	assert.Panics(t, func() { parseQueries(SQLite, "-- name: a\nx\n-- name: a\ny\n") })
}

// Every migration has both dialects, and says how it is undone or that it is not.
func TestMigrationFiles(t *testing.T) {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	require.NoError(t, err)
	for _, file := range files {
		for _, pair := range [][2]string{{".sqlite.sql", ".postgres.sql"}, {".postgres.sql", ".sqlite.sql"}} {
			if name, ok := strings.CutSuffix(file, pair[0]); ok {
				assert.Contains(t, files, name+pair[1])
			}
		}
	}
}
