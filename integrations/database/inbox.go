package database

import (
	"context"
	"database/sql"
	_ "embed" // inbox.sql
	"errors"
	"fmt"
	"time"

	"bellhop/work"
)

//go:embed inbox.sql
var inboxSQL string

// inboxKind is the kind of the work items that Record makes.
const inboxKind work.Kind = "inbox"

// Inbox keeps requests that change something from before they are acked until they were done, and for a while after, so
// that one that is delivered again is known.
type Inbox struct {
	db                           *DB
	record, load, finish, remove string
}

// NewInbox is the inbox of a database.
func NewInbox(db *DB) *Inbox {
	q := parseQueries(db.Dialect(), inboxSQL)
	return &Inbox{db: db, record: q.get("record"), load: q.get("load"), finish: q.get("finish"), remove: q.get("remove")}
}

// Record keeps body under id and makes the work item of kind "inbox" and that id due at once, in one transaction. fresh
// is false, and nothing is changed, when id is there already.
func (i *Inbox) Record(ctx context.Context, id string, body []byte, at time.Time) (fresh bool, err error) {
	err = i.db.write(ctx, true, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, i.record, id, string(body), at.UnixMilli())
		if err != nil {
			return err
		}
		rows, err := result.RowsAffected()
		if err != nil {
			return err
		}
		if fresh = rows == 1; !fresh {
			return nil
		}
		return Schedule(ctx, tx, inboxKind, id, at)
	})
	if err != nil {
		return false, fmt.Errorf("record request %s: %w", id, err)
	}
	return fresh, nil
}

// Load gives what was recorded under id and whether it was done; body is nil when there is nothing.
func (i *Inbox) Load(ctx context.Context, id string) (body []byte, done bool, err error) {
	var text string
	err = i.db.Read().QueryRowContext(ctx, i.load, id).Scan(&text, &done)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("load request %s: %w", id, err)
	}
	return []byte(text), done, nil
}

// Finish marks a request as done; done once, it stays so.
func (i *Inbox) Finish(ctx context.Context, id string, at time.Time) error {
	return i.change(ctx, "finish", i.finish, id, at.UnixMilli())
}

// Remove forgets a request.
func (i *Inbox) Remove(ctx context.Context, id string) error {
	return i.change(ctx, "remove", i.remove, id)
}

func (i *Inbox) change(ctx context.Context, what, statement string, args ...any) error {
	err := i.db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, statement, args...)
		return err
	})
	if err != nil {
		return fmt.Errorf("%s request %v: %w", what, args[0], err)
	}
	return nil
}
