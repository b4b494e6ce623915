package database

import (
	"context"
	"errors"
	"fmt"
	"os"
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
