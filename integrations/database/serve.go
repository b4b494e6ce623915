package database

import (
	"context"
	"errors"
	"fmt"

	"bellhop/internal/filelock"
)

// ErrServed is returned by Serve when another process serves the same SQLite file.
var ErrServed = errors.New("another process serves this database already; SQLite allows one, PostgreSQL as many as you like")

// Serve makes this process the one that works on the database until Close. A SQLite file has one such process, so the
// leases of one that was killed are released at once and its work goes on without waiting for them to run out. On
// PostgreSQL any number may serve and nothing is done here.
func (db *DB) Serve(ctx context.Context) error {
	if db.dialect != SQLite || db.serving != nil {
		return nil
	}
	// A file of its own: closing any descriptor of the database file would drop SQLite's locks on it.
	f, err := filelock.Take(db.path + ".lock")
	if errors.Is(err, filelock.ErrHeld) {
		return fmt.Errorf("%s: %w", db.path, ErrServed)
	}
	if err != nil {
		return fmt.Errorf("lock the database: %w", err)
	}
	db.serving = f
	return db.ReleaseLeases(ctx)
}
