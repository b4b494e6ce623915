package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rs/zerolog"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

// pragma is a setting of a connection and how SQLite reads it back.
type pragma struct{ name, value, reads string }

// A misspelt pragma in a DSN is ignored without a word, so each is read back at the start.
func writerPragmas() []pragma {
	return []pragma{
		{"busy_timeout", "5000", "5000"},
		{"journal_mode", "WAL", "wal"},
		{"synchronous", "NORMAL", "1"}, // outlives kill -9; a power cut may take the last transactions
		{"foreign_keys", "1", "1"},
		{"wal_autocheckpoint", "0", "0"}, // see checkpoints
		{"journal_size_limit", strconv.Itoa(walReset), strconv.Itoa(walReset)},
	}
}

func checkpointPragmas() []pragma {
	return []pragma{{"busy_timeout", "5000", "5000"}, {"synchronous", "NORMAL", "1"}}
}

func readerPragmas() []pragma {
	return []pragma{
		{"busy_timeout", "5000", "5000"},
		{"query_only", "1", "1"},
		{"foreign_keys", "1", "1"},
	}
}

// sqlitePath is the file in what follows "sqlite:"; sqlite:///abs and sqlite://rel are understood as well.
func sqlitePath(rest string) string { return strings.TrimPrefix(rest, "//") }

// sqliteDSN begins every transaction of the writer as BEGIN IMMEDIATE: a read that turns into a write in the middle of a
// transaction would fail without waiting. Readers cannot: IMMEDIATE fails where nothing may be written.
func sqliteDSN(path string, pragmas []pragma, immediate bool) string {
	query := url.Values{}
	for _, p := range pragmas {
		query.Add("_pragma", p.name+"("+p.value+")")
	}
	if immediate {
		query.Set("_txlock", "immediate")
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + query.Encode()
}

func openSQLite(ctx context.Context, path string, log zerolog.Logger) (*DB, error) {
	if path == "" || strings.Contains(path, ":memory:") {
		return nil, errors.New(`"sqlite:" must be followed by a file: a database in memory is lost between connections`)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("find %s: %w", path, err)
	}
	if err := private(path, log); err != nil {
		return nil, err
	}
	writer, err := openPool(ctx, path, writerPragmas(), true, 1)
	if err != nil {
		return nil, err
	}
	reader, err := openPool(ctx, path, readerPragmas(), false, 4)
	if err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	copier, err := openPool(ctx, path, checkpointPragmas(), false, 1)
	if err != nil {
		return nil, errors.Join(err, writer.Close(), reader.Close())
	}
	db := &DB{dialect: SQLite, path: path, writer: writer, turns: &turns{}, reader: reader, log: log, work: parseQueries(SQLite, workSQL)}
	db.checkpoints = startCheckpoints(copier, db.turns, path, log)
	return db, nil
}

func openPool(ctx context.Context, path string, pragmas []pragma, immediate bool, connections int) (*sql.DB, error) {
	pool, err := sql.Open("sqlite", sqliteDSN(path, pragmas, immediate))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	if err := checkPragmas(ctx, pool, pragmas); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), pool.Close())
	}
	return pool, nil
}

// checkPragmas refuses a connection whose settings are not those that were asked for.
func checkPragmas(ctx context.Context, pool *sql.DB, pragmas []pragma) error {
	for _, p := range pragmas {
		var got string
		if err := pool.QueryRowContext(ctx, "PRAGMA "+p.name).Scan(&got); err != nil {
			return fmt.Errorf("read pragma %s: %w", p.name, err)
		}
		if got != p.reads {
			return fmt.Errorf("pragma %s is %q where %q was asked for; is the file on a network file system?", p.name, got, p.reads)
		}
	}
	return nil
}

// private makes the file for its owner alone, before SQLite would make it readable for everybody; the -wal and -shm files
// take its mode. An existing file's mode is its owner's business, so it is only remarked on.
func private(path string, log zerolog.Logger) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err == nil {
		return f.Close()
	}
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("there is no folder %s for the database file", filepath.Dir(path))
	}
	if !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("make the database file: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("look at the database file: %w", err)
	}
	if info.IsDir() {
		return fmt.Errorf("%s is a folder, not a database file", path)
	}
	if info.Mode().Perm()&0o077 != 0 {
		log.Warn().Str("file", path).Str("mode", info.Mode().Perm().String()).Msg("others on this machine can read the database: chmod 600 it")
	}
	return nil
}
