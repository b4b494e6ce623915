package database

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// Migrations are NNNNN_name.sql for both dialects, or NNNNN_name.sqlite.sql and NNNNN_name.postgres.sql where they differ.
//
//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the database to this binary's version, one process at a time.
func (db *DB) migrate(ctx context.Context, files fs.FS) error {
	provider, err := db.provider(files)
	if err != nil {
		return err
	}
	current, target, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read version: %w", err)
	}
	if current > target {
		return newerError(current, target)
	}
	pending, err := provider.HasPending(ctx)
	if err != nil || !pending {
		return err
	}
	if db.dialect == SQLite && current > 0 {
		kept, err := db.keepCopy(ctx, current)
		if err != nil {
			return fmt.Errorf("keep a copy: %w", err)
		}
		db.log.Info().Str("copy", kept).Int64("from", current).Int64("to", target).Msg("a copy of the database was kept before migrating it")
	}
	if _, err := provider.Up(ctx); err != nil {
		return err
	}
	return nil
}

func (db *DB) provider(files fs.FS) (*goose.Provider, error) {
	other := Postgres
	if db.dialect == Postgres {
		other = SQLite
	}
	others, err := fs.Glob(files, "*."+string(other)+".sql")
	if err != nil {
		return nil, err
	}
	options := []goose.ProviderOption{goose.WithExcludeNames(others), goose.WithDisableGlobalRegistry(true)}
	dialect := goose.DialectSQLite3
	if db.dialect == Postgres {
		dialect = goose.DialectPostgres
		session, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return nil, err
		}
		options = append(options, goose.WithSessionLocker(session))
	}
	return goose.NewProvider(dialect, db.writer, files, options...)
}

// ownMigrations are those of this binary.
func ownMigrations() (fs.FS, error) { return fs.Sub(migrations, "migrations") }

// keepCopy copies the file beside itself and returns the copy's path: "bellhop.db.v30.copy". An earlier copy of the same
// version is never written over.
func (db *DB) keepCopy(ctx context.Context, version int64) (string, error) {
	for n := 1; ; n++ {
		path := fmt.Sprintf("%s.v%d.copy", db.path, version)
		if n > 1 {
			path = fmt.Sprintf("%s.v%d-%d.copy", db.path, version, n)
		}
		err := db.copyTo(ctx, path)
		if !errors.Is(err, os.ErrExist) {
			return path, err
		}
	}
}

// copyTo writes a consistent copy to a file that must not exist yet, readable for its owner alone.
func (db *DB) copyTo(ctx context.Context, path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	// VACUUM INTO takes an existing file if it is empty. It reads in one transaction while others go on writing.
	if _, err := db.writer.ExecContext(ctx, "VACUUM INTO $1", path); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}
