package database

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	_ "embed" // the .sql files
	"fmt"
	"slices"
	"time"

	"bellhop/work"
)

var (
	//go:embed work.sql
	workSQL string
	// The two that stores run within their own transactions; both dialects speak them alike.
	//go:embed work_schedule.sql
	scheduleSQL string
	//go:embed work_unschedule.sql
	unscheduleSQL string
)

// Work is the queue of everything that is due; it satisfies work.Queue.
type Work struct {
	db *DB
	q  queries
}

var _ work.Queue = (*Work)(nil)

// Work is the database's queue.
func (db *DB) Work() *Work { return &Work{db: db, q: db.work} }

// Schedule makes the item due at the given moment, within the store's own transaction. On an item that somebody holds, the
// earliest moment scheduled in the meantime wins over the one with which it is settled; otherwise the newest stands.
func Schedule(ctx context.Context, tx *sql.Tx, kind work.Kind, id string, due time.Time) error {
	if _, err := tx.ExecContext(ctx, scheduleSQL, string(kind), id, due.UnixMilli()); err != nil {
		return fmt.Errorf("schedule %s %s: %w", kind, id, err)
	}
	return nil
}

// Unschedule takes the item out of the queue, within the store's own transaction; what is not there is fine.
func Unschedule(ctx context.Context, tx *sql.Tx, kind work.Kind, id string) error {
	if _, err := tx.ExecContext(ctx, unscheduleSQL, string(kind), id); err != nil {
		return fmt.Errorf("unschedule %s %s: %w", kind, id, err)
	}
	return nil
}

// Claim implements work.Queue.
func (w *Work) Claim(ctx context.Context, kind work.Kind, now time.Time, lease time.Duration, limit int) ([]work.Item, error) {
	if limit <= 0 {
		return nil, nil
	}
	var items []work.Item
	err := w.db.Write(ctx, func(tx *sql.Tx) error {
		items = nil
		token := rand.Text()
		rows, err := tx.QueryContext(ctx, w.q.get("claim"), string(kind), now.UnixMilli(), now.Add(lease).UnixMilli(), token, limit)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }() // rows.Err below tells what matters
		for rows.Next() {
			item := work.Item{Kind: kind, Lease: token}
			var due int64
			if err := rows.Scan(&item.ID, &due, &item.Attempts); err != nil {
				return err
			}
			item.DueAt = time.UnixMilli(due)
			items = append(items, item)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("claim %s: %w", kind, err)
	}
	// Neither dialect promises an order of what RETURNING gives.
	slices.SortFunc(items, func(a, b work.Item) int {
		return cmp.Or(a.DueAt.Compare(b.DueAt), cmp.Compare(a.ID, b.ID))
	})
	return items, nil
}

// Extend implements work.Queue. An item that was unscheduled has no lease to lose.
func (w *Work) Extend(ctx context.Context, item work.Item, until time.Time) error {
	err := w.db.Write(ctx, func(tx *sql.Tx) error {
		return w.held(ctx, tx, item, "extend", until.UnixMilli())
	})
	if err != nil {
		return fmt.Errorf("extend %s %s: %w", item.Kind, item.ID, err)
	}
	return nil
}

// Settle implements work.Queue. An item that was unscheduled stays so.
func (w *Work) Settle(ctx context.Context, item work.Item, next time.Time, failed bool) error {
	err := w.db.Write(ctx, func(tx *sql.Tx) error {
		if !next.IsZero() {
			return w.held(ctx, tx, item, "settle_again", next.UnixMilli(), bit(failed))
		}
		n, err := affected(tx.ExecContext(ctx, w.q.get("settle_scheduled"), string(item.Kind), item.ID, item.Lease))
		if err != nil || n > 0 {
			return err
		}
		return w.held(ctx, tx, item, "settle_done")
	})
	if err != nil {
		return fmt.Errorf("settle %s %s: %w", item.Kind, item.ID, err)
	}
	return nil
}

// held runs a statement on an item that must still be held, or be gone altogether.
func (w *Work) held(ctx context.Context, tx *sql.Tx, item work.Item, query string, more ...any) error {
	args := append([]any{string(item.Kind), item.ID, item.Lease}, more...)
	n, err := affected(tx.ExecContext(ctx, w.q.get(query), args...))
	if err != nil || n > 0 {
		return err
	}
	var exists int
	if err := tx.QueryRowContext(ctx, w.q.get("exists"), string(item.Kind), item.ID).Scan(&exists); err != nil {
		return err
	}
	if exists > 0 {
		return work.ErrLeaseLost
	}
	return nil
}

// NextDue implements work.Queue.
func (w *Work) NextDue(ctx context.Context, kind work.Kind) (time.Time, error) {
	var at sql.NullInt64
	if err := w.db.Read().QueryRowContext(ctx, w.q.get("next_due"), string(kind)).Scan(&at); err != nil {
		return time.Time{}, fmt.Errorf("next due %s: %w", kind, err)
	}
	if !at.Valid {
		return time.Time{}, nil
	}
	return time.UnixMilli(at.Int64), nil
}

// Waiting is how many items of each kind are due at now and held by nobody.
func (w *Work) Waiting(ctx context.Context, now time.Time) (map[work.Kind]int, error) {
	rows, err := w.db.Read().QueryContext(ctx, w.q.get("waiting"), now.UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("count waiting work: %w", err)
	}
	defer func() { _ = rows.Close() }() // rows.Err below tells what matters
	counts := map[work.Kind]int{}
	for rows.Next() {
		var kind string
		var n int
		if err := rows.Scan(&kind, &n); err != nil {
			return nil, fmt.Errorf("count waiting work: %w", err)
		}
		counts[work.Kind(kind)] = n
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("count waiting work: %w", err)
	}
	return counts, nil
}

// ReleaseLeases takes every lease from whoever held it. Only who knows that no other process works on this database may
// call it: Serve does.
func (db *DB) ReleaseLeases(ctx context.Context) error {
	err := db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, db.work.get("release"))
		return err
	})
	if err != nil {
		return fmt.Errorf("release leases: %w", err)
	}
	return nil
}

func affected(result sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}
