package database

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/rs/zerolog"
)

// ErrUsePgDump is returned by Backup for PostgreSQL, which has tools of its own.
var ErrUsePgDump = errors.New("this database is PostgreSQL: back it up with pg_dump")

// Backup writes a consistent copy of the SQLite database at url to file, while others use it and without migrating it. An
// existing file is never written over.
func Backup(ctx context.Context, url, file string) error {
	rest, ok := strings.CutPrefix(url, "sqlite:")
	if !ok {
		return ErrUsePgDump
	}
	if _, err := os.Stat(sqlitePath(rest)); err != nil {
		return fmt.Errorf("there is no database to back up: %w", err)
	}
	db, err := connect(ctx, url, zerolog.Nop())
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	err = db.copyTo(ctx, file)
	switch {
	case errors.Is(err, os.ErrExist):
		err = fmt.Errorf("%s exists already: name a file that does not", file)
	case err != nil:
		err = fmt.Errorf("back up to %s: %w", file, err)
	}
	return errors.Join(err, db.Close())
}

// Check tells in words how the database at url stands, without making, migrating or changing it. Its error says why it
// cannot be used.
func Check(ctx context.Context, url string) (string, error) {
	if rest, ok := strings.CutPrefix(url, "sqlite:"); ok {
		path := sqlitePath(rest)
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
			if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
				return "", fmt.Errorf("there is no folder %s for the database file", filepath.Dir(path))
			}
			return path + " will be made", nil
		}
	}
	db, err := connect(ctx, url, zerolog.Nop())
	if err != nil {
		return "", err
	}
	state, err := db.state(ctx)
	return state, errors.Join(err, db.Close())
}

func (db *DB) state(ctx context.Context) (string, error) {
	files, err := ownMigrations()
	if err != nil {
		return "", err
	}
	provider, err := db.provider(files)
	if err != nil {
		return "", err
	}
	current, target, err := provider.GetVersions(ctx)
	switch {
	case err != nil:
		return "", fmt.Errorf("read version: %w", err)
	case current > target:
		return "", newerError(current, target)
	case current < target:
		return fmt.Sprintf("%s can be reached; at the next start it is brought from version %d to %d", db.dialect, current, target), nil
	}
	return fmt.Sprintf("%s can be reached and is up to date", db.dialect), nil
}

// newerError tells that a newer Bellhop has migrated the database.
func newerError(current, target int64) error {
	return fmt.Errorf("the database is at version %d and this Bellhop knows %d: run the newer Bellhop that wrote it, or restore the copy kept before", current, target)
}
