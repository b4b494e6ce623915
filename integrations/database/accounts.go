package database

import (
	"context"
	"database/sql"
	_ "embed" // the .sql file
	"errors"
	"fmt"
	"strings"
	"time"

	"bellhop/accounts"
)

//go:embed accounts.sql
var accountsSQL string

// Accounts keeps which Slack account is which GitHub login; it satisfies accounts.Store.
type Accounts struct {
	db *DB
	q  queries
}

var _ accounts.Store = (*Accounts)(nil)

// NewAccounts makes the store.
func NewAccounts(db *DB) *Accounts {
	return &Accounts{db: db, q: parseQueries(db.Dialect(), accountsSQL)}
}

// Links implements accounts.Store.
func (s *Accounts) Links(ctx context.Context) ([]accounts.Link, error) {
	links, err := readAll(ctx, s.db.Read(), s.q.get("links"), nil, func(rows *sql.Rows) (l accounts.Link, err error) {
		var at int64
		err = rows.Scan(&l.Person, &l.Login, &at)
		l.At = fromMillis(at)
		return l, err
	})
	if err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	return links, nil
}

// Link implements accounts.Store.
func (s *Accounts) Link(ctx context.Context, l accounts.Link) error {
	login := strings.ToLower(l.Login)
	err := s.db.Write(ctx, func(tx *sql.Tx) error {
		var has string
		err := tx.QueryRowContext(ctx, s.q.get("owner"), login).Scan(&has)
		switch {
		case err == nil && has != l.Person:
			return accounts.ErrTaken
		case err != nil && !errors.Is(err, sql.ErrNoRows):
			return err
		}
		_, err = tx.ExecContext(ctx, s.q.get("link"), l.Person, login, l.Login, toMillis(l.At))
		return err
	})
	if err != nil {
		return fmt.Errorf("link an account: %w", err)
	}
	return nil
}

// Unlink implements accounts.Store.
func (s *Accounts) Unlink(ctx context.Context, person string) error {
	return s.forget(ctx, "unlink", person)
}

// End implements accounts.Store.
func (s *Accounts) End(ctx context.Context, f accounts.Flow) error {
	return s.forget(ctx, "end", f.Person, f.Code.Secret)
}

func (s *Accounts) forget(ctx context.Context, query string, args ...any) error {
	err := s.db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, s.q.get(query), args...)
		return err
	})
	if err != nil {
		return fmt.Errorf("%s an account: %w", query, err)
	}
	return nil
}

// Begin implements accounts.Store.
func (s *Accounts) Begin(ctx context.Context, f accounts.Flow, due time.Time) error {
	err := s.db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, s.q.get("begin"), f.Person, f.Email, f.Code.UserCode, f.Code.URL, f.Code.Secret,
			f.Code.Interval.Milliseconds(), toMillis(f.Code.Expires), toMillis(f.StartedAt))
		if err != nil {
			return err
		}
		return Schedule(ctx, tx, accounts.WorkKind, f.Person, due)
	})
	if err != nil {
		return fmt.Errorf("begin a device flow: %w", err)
	}
	return nil
}

// Flow implements accounts.Store.
func (s *Accounts) Flow(ctx context.Context, person string) (accounts.Flow, error) {
	f := accounts.Flow{Person: person}
	var pause, expires, started int64
	err := s.db.Read().QueryRowContext(ctx, s.q.get("flow"), person).
		Scan(&f.Email, &f.Code.UserCode, &f.Code.URL, &f.Code.Secret, &pause, &expires, &started)
	if errors.Is(err, sql.ErrNoRows) {
		return accounts.Flow{}, accounts.ErrNotFound
	}
	if err != nil {
		return accounts.Flow{}, fmt.Errorf("read a device flow: %w", err)
	}
	f.Code.Interval, f.Code.Expires, f.StartedAt = time.Duration(pause)*time.Millisecond, fromMillis(expires), fromMillis(started)
	return f, nil
}
