package database

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// ErrUsePgDump is returned by Backup for PostgreSQL, which has tools of its own.
var ErrUsePgDump = errors.New("this database is PostgreSQL: back it up with pg_dump")

// Backup writes a consistent copy of a SQLite database to file while others use it. An existing file is never written
// over.
func (db *DB) Backup(ctx context.Context, file string) error {
	if db.dialect != SQLite {
		return ErrUsePgDump
	}
	err := db.copyTo(ctx, file)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s exists already: name a file that does not", file)
	}
	if err != nil {
		return fmt.Errorf("back up to %s: %w", file, err)
	}
	return nil
}
