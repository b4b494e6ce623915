package database_test

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"bellhop/integrations/database"
	"bellhop/integrations/database/databasetest"
)

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	for name, test := range map[string]struct{ url, wrong string }{
		"no scheme":    {"bellhop.db", `must begin with "sqlite:" or "postgres://"`},
		"other scheme": {"mysql://u:hunter2@h/db", `must begin with "sqlite:" or "postgres://"`},
		"no file":      {"sqlite:", "must be followed by a file"},
		"memory":       {"sqlite::memory:", "a database in memory is lost"},
		"a folder":     {"sqlite:" + dir, "is a folder"},
		"no folder":    {"sqlite:" + filepath.Join(dir, "no", "such.db"), "open database: there is no folder " + filepath.Join(dir, "no")},
		"no database":  {"sqlite:" + write(t, dir, "text.db", "hello, this is no database at all, only text"), "file is not a database"},
		"no URL":       {"postgres://u:hunter2@h:port/db", "the PostgreSQL URL cannot be read"},
		"nobody there": {"postgres://u:hunter2@127.0.0.1:1/db", "open database: nothing listens at 127.0.0.1:1: start PostgreSQL there, or correct DATABASE_URL"},
		"no host":      {"postgres://u:hunter2@nowhere.invalid/db", `open database: there is no host "nowhere.invalid": correct DATABASE_URL`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := database.Open(t.Context(), test.url, zerolog.Nop())
			require.ErrorContains(t, err, test.wrong)
			assert.NotContains(t, err.Error(), "hunter2")
		})
	}
}

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// A path may hold what means something in a URL.
// What a PostgreSQL that is there refuses is told in one line without the password.
func TestOpenRefusedByPostgres(t *testing.T) {
	at, err := url.Parse(databasetest.PostgresURL(t))
	require.NoError(t, err)
	refused := func(change func(u *url.URL)) string {
		u := *at
		change(&u)
		_, err := database.Open(t.Context(), u.String(), zerolog.Nop())
		require.Error(t, err)
		assert.NotContains(t, err.Error(), "hunter2")
		assert.NotContains(t, err.Error(), "\n")
		return err.Error()
	}
	assert.Contains(t, refused(func(u *url.URL) { u.Path = "/none" }), `has no database "none": create it, or name another in DATABASE_URL`)
	assert.Contains(t, refused(func(u *url.URL) { u.User = url.UserPassword("nobody", "hunter2") }), `does not let in the user "nobody"`)
}

func TestOpenOddPaths(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "50% of it? #1 über")
	require.NoError(t, os.Mkdir(dir, 0o700))
	file := filepath.Join(dir, "a'b.db")
	db, err := database.Open(t.Context(), "sqlite:"+file, zerolog.Nop())
	require.NoError(t, err)
	assert.Equal(t, file, db.Path())
	require.NoError(t, db.Close())
	require.FileExists(t, file)
	require.NoError(t, database.Backup(t.Context(), "sqlite:"+file, filepath.Join(dir, "copy'.db")))
}

func TestFilesArePrivate(t *testing.T) {
	db := databasetest.SQLite(t)
	schedule(t, db, "thing", "a", noon) // makes the -wal
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(db.Path() + suffix)
		require.NoError(t, err)
		assert.Equal(t, fs.FileMode(0o600), info.Mode().Perm(), suffix)
	}
	copied := filepath.Join(t.TempDir(), "copy.db")
	require.NoError(t, database.Backup(t.Context(), "sqlite:"+db.Path(), copied))
	info, err := os.Stat(copied)
	require.NoError(t, err)
	assert.Equal(t, fs.FileMode(0o600), info.Mode().Perm())
}

func TestReadersOnlyRead(t *testing.T) {
	db := databasetest.SQLite(t)
	_, err := db.Read().ExecContext(t.Context(), "DELETE FROM work")
	require.ErrorContains(t, err, "readonly")
	assert.Equal(t, database.SQLite, db.Dialect())
	require.NoError(t, db.Ping(t.Context()))
}

// Sixty writers and as many readers at once neither fail nor see half of a transaction.
func TestWriteMany(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		var all sync.WaitGroup
		for i := range 60 {
			all.Go(func() {
				id := string(rune('A' + i))
				assert.NoError(t, db.Write(t.Context(), func(tx *sql.Tx) error {
					return errors.Join(
						database.Schedule(t.Context(), tx, "left", id, noon),
						database.Schedule(t.Context(), tx, "right", id, noon))
				}))
				var odd int
				assert.NoError(t, db.Read().QueryRowContext(t.Context(),
					"SELECT COUNT(*) FROM (SELECT id FROM work GROUP BY id HAVING COUNT(*) <> 2) AS odd").Scan(&odd))
				assert.Zero(t, odd)
			})
		}
		all.Wait()
		counts, err := db.Work().Waiting(t.Context(), noon)
		require.NoError(t, err)
		assert.Equal(t, 60, counts["left"])
		assert.Equal(t, 60, counts["right"])
	})
}

func TestWriteRollsBackPanics(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		assert.PanicsWithValue(t, "oh", func() {
			_ = db.Write(t.Context(), func(tx *sql.Tx) error {
				require.NoError(t, database.Schedule(t.Context(), tx, "thing", "a", noon))
				panic("oh")
			})
		})
		assert.Zero(t, nextDue(t, db))
		schedule(t, db, "thing", "b", noon) // the writer is free again
	})
}

// What two transactions would deadlock on is done by both, one after the other.
func TestWriteAgainAfterDeadlock(t *testing.T) {
	db := databasetest.Postgres(t)
	schedule(t, db, "thing", "a", noon)
	schedule(t, db, "thing", "b", noon)
	var (
		all  sync.WaitGroup
		both sync.WaitGroup
	)
	both.Add(2)
	for _, order := range [][2]string{{"a", "b"}, {"b", "a"}} {
		all.Go(func() {
			first := true
			assert.NoError(t, db.Write(t.Context(), func(tx *sql.Tx) error {
				if err := database.Schedule(t.Context(), tx, "thing", order[0], noon); err != nil {
					return err
				}
				if first {
					first = false
					both.Done()
					both.Wait()
				}
				return database.Schedule(t.Context(), tx, "thing", order[1], noon)
			}))
		})
	}
	all.Wait()
}

func TestBackup(t *testing.T) {
	db := databasetest.SQLite(t)
	schedule(t, db, "thing", "a", noon)
	dir := t.TempDir()
	copied := filepath.Join(dir, "copy.db")
	require.NoError(t, database.Backup(t.Context(), "sqlite:"+db.Path(), copied))
	schedule(t, db, "thing", "b", noon)

	restored, err := database.Open(t.Context(), "sqlite:"+copied, zerolog.Nop())
	require.NoError(t, err)
	items := claim(t, restored, noon, 10)
	require.NoError(t, restored.Close())
	require.Len(t, items, 1)
	assert.Equal(t, "a", items[0].ID)

	require.ErrorContains(t, database.Backup(t.Context(), "sqlite:"+db.Path(), copied), "exists already")
	require.ErrorContains(t, database.Backup(t.Context(), "sqlite:"+filepath.Join(dir, "none.db"), filepath.Join(dir, "x.db")), "no database to back up")
	assert.NoFileExists(t, filepath.Join(dir, "none.db"))
	require.ErrorContains(t, database.Backup(t.Context(), "sqlite:"+db.Path(), filepath.Join(dir, "no", "x.db")), "back up to")
	require.ErrorIs(t, database.Backup(t.Context(), "postgres://h/db", filepath.Join(dir, "x.db")), database.ErrUsePgDump)
}

// One process serves a SQLite file; what a killed one held is free at once for the next.
func TestServe(t *testing.T) {
	first := databasetest.SQLite(t)
	require.NoError(t, first.Serve(t.Context()))
	require.NoError(t, first.Serve(t.Context()), "asking twice is fine")
	schedule(t, first, "thing", "a", noon)
	require.Len(t, claim(t, first, noon, 1), 1)

	second, err := database.Open(t.Context(), "sqlite:"+first.Path(), zerolog.Nop())
	require.NoError(t, err)
	defer func() { require.NoError(t, second.Close()) }()
	require.ErrorIs(t, second.Serve(t.Context()), database.ErrServed)
	assert.Empty(t, claim(t, second, noon, 1), "the first one's lease stands")

	require.NoError(t, first.Close())
	require.NoError(t, second.Serve(t.Context()))
	assert.Len(t, claim(t, second, noon, 1), 1, "free before its lease ran out")
}

func TestServePostgres(t *testing.T) {
	url := databasetest.PostgresURL(t)
	var dbs []*database.DB
	for range 2 {
		db, err := database.Open(t.Context(), url, zerolog.Nop())
		require.NoError(t, err)
		defer func() { require.NoError(t, db.Close()) }()
		dbs = append(dbs, db)
	}
	schedule(t, dbs[0], "thing", "a", noon)
	require.Len(t, claim(t, dbs[0], noon, 1), 1)
	require.NoError(t, dbs[0].Serve(t.Context()))
	require.NoError(t, dbs[1].Serve(t.Context()), "any number may serve")
	assert.Empty(t, claim(t, dbs[1], noon, 1), "and nobody takes another's lease")
}

// Several replicas that start at once on an empty database migrate it once.
func TestOpenTogether(t *testing.T) {
	url := databasetest.PostgresURL(t)
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			db, err := database.Open(ctx, url, zerolog.Nop())
			if assert.NoError(t, err) {
				assert.NoError(t, db.Close())
			}
		})
	}
	all.Wait()
}
