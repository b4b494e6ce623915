package database

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	_ "embed" // the .sql file
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"bellhop/environments"
)

//go:embed environments.sql
var environmentsSQL string

// EnvironmentStore keeps environments and their audit; it satisfies environments.Store.
type EnvironmentStore struct {
	db *DB
	q  environmentQueries
}

type environmentQueries struct {
	get, getToChange, insert, update, list, personKey, addPerson, renamePerson, record, history string
}

var _ environments.Store = (*EnvironmentStore)(nil)

// NewEnvironmentStore is the environments' store in db.
func NewEnvironmentStore(db *DB) *EnvironmentStore {
	q := parseQueries(db.Dialect(), environmentsSQL)
	return &EnvironmentStore{db: db, q: environmentQueries{
		get: q.get("get"), getToChange: q.get("get_to_change"), insert: q.get("insert"), update: q.get("update"), list: q.get("list"),
		personKey: q.get("person_key"), addPerson: q.get("add_person"), renamePerson: q.get("rename_person"),
		record: q.get("record"), history: q.get("history"),
	}}
}

// Environment implements environments.Store.
func (s *EnvironmentStore) Environment(ctx context.Context, name string) (environments.Environment, error) {
	return readEnvironment(s.db.Read().QueryRowContext(ctx, s.q.get, name))
}

// readEnvironment reads a row's version and document.
func readEnvironment(row interface{ Scan(...any) error }) (environments.Environment, error) {
	var (
		version  int64
		document string
		e        environments.Environment
	)
	err := row.Scan(&version, &document)
	if errors.Is(err, sql.ErrNoRows) {
		return e, environments.ErrNotFound
	}
	if err != nil {
		return e, fmt.Errorf("read environment: %w", err)
	}
	if err := json.Unmarshal([]byte(document), &e); err != nil {
		return e, fmt.Errorf("decode environment: %w", err)
	}
	e.Version = version
	return e, nil
}

// errConflict is met when two replicas make the same environment at once: the later one looks again.
var errConflict = errors.New("another process changed the environment at the same moment")

// Change implements environments.Store.
func (s *EnvironmentStore) Change(ctx context.Context, name string, decide func(*environments.Environment) (environments.Effects, error)) (environments.Environment, error) {
	const tries = 5
	for try := 1; ; try++ {
		var e environments.Environment
		err := s.db.Write(ctx, func(tx *sql.Tx) error {
			var err error
			e, err = s.change(ctx, tx, name, decide)
			return err
		})
		if !errors.Is(err, errConflict) || try == tries {
			return e, err
		}
	}
}

func (s *EnvironmentStore) change(ctx context.Context, tx *sql.Tx, name string, decide func(*environments.Environment) (environments.Effects, error)) (environments.Environment, error) {
	e, err := readEnvironment(tx.QueryRowContext(ctx, s.q.getToChange, name))
	if err != nil && !errors.Is(err, environments.ErrNotFound) {
		return e, err
	}
	before := e.State
	effects, err := decide(&e)
	if err != nil {
		return e, err
	}
	if effects.Save {
		if !before.MayBecome(e.State) {
			return e, fmt.Errorf("environment %s must not go from %q to %q", name, before, e.State)
		}
		if err := s.save(ctx, tx, name, &e); err != nil {
			return e, fmt.Errorf("save environment %s: %w", name, err)
		}
	}
	for _, entry := range effects.Entries {
		if err := s.add(ctx, tx, entry); err != nil {
			return e, err
		}
	}
	if !effects.Due.IsZero() {
		return e, Schedule(ctx, tx, environments.WorkKind, name, effects.Due)
	}
	return e, nil
}

// save writes an environment whose version is still the one that was read.
func (s *EnvironmentStore) save(ctx context.Context, tx *sql.Tx, name string, e *environments.Environment) error {
	document, err := json.Marshal(e)
	if err != nil {
		return err
	}
	args := []any{name, e.Component.Ref, e.Key.Kind, e.Deployment.By.ID, string(e.State), bit(e.Exists()), e.UpdatedAt.UnixMilli(), string(document)}
	statement := s.q.insert
	if e.Version > 0 {
		statement = s.q.update
		args = append(args, e.Version)
	}
	n, err := affected(tx.ExecContext(ctx, statement, args...))
	if err == nil && n == 0 {
		err = errConflict
	}
	e.Version++
	return err
}

// List implements environments.Store.
func (s *EnvironmentStore) List(ctx context.Context, f environments.Filter) ([]environments.Environment, error) {
	rows, err := s.db.Read().QueryContext(ctx, s.q.list, f.Component, f.Kind, f.Person)
	if err != nil {
		return nil, fmt.Errorf("list environments: %w", err)
	}
	defer func() { _ = rows.Close() }() // rows.Err below tells what matters
	var list []environments.Environment
	for rows.Next() {
		e, err := readEnvironment(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list environments: %w", err)
	}
	slices.SortFunc(list, func(a, b environments.Environment) int { // in Go: PostgreSQL sorts by its locale
		return cmp.Or(cmp.Compare(a.Key.Component, b.Key.Component), cmp.Compare(a.Key.Kind, b.Key.Kind), cmp.Compare(a.Name(), b.Name()))
	})
	return list, nil
}

// Record implements environments.Store.
func (s *EnvironmentStore) Record(ctx context.Context, entry environments.Entry) error {
	return s.db.Write(ctx, func(tx *sql.Tx) error { return s.add(ctx, tx, entry) })
}

// add writes an audit entry, with a key in place of the person.
func (s *EnvironmentStore) add(ctx context.Context, tx *sql.Tx, entry environments.Entry) error {
	person, err := s.key(ctx, tx, entry.Person)
	if err != nil {
		return fmt.Errorf("record %s: %w", entry.Event, err)
	}
	var parts [3]string
	for i, part := range []any{entry.Request, entry.World, entry.Decision} {
		text, err := json.Marshal(part)
		if err != nil {
			return fmt.Errorf("record %s: %w", entry.Event, err)
		}
		parts[i] = string(text)
	}
	_, err = tx.ExecContext(ctx, s.q.record, entry.ID, entry.At.UnixMilli(), string(entry.Event), entry.Environment, entry.Deployment, entry.Component,
		entry.Kind, person, entry.Channel, entry.Outcome, string(entry.Code), entry.SHA, entry.RunURL, parts[0], parts[1], parts[2])
	if err != nil {
		return fmt.Errorf("record %s: %w", entry.Event, err)
	}
	return nil
}

// key is what stands for a person in the audit; empty for nobody.
func (s *EnvironmentStore) key(ctx context.Context, tx *sql.Tx, p environments.Person) (string, error) {
	if p.ID == "" {
		return "", nil
	}
	n, err := affected(tx.ExecContext(ctx, s.q.addPerson, rand.Text(), p.ID, p.Name))
	if err == nil && n == 0 && p.Name != "" {
		_, err = tx.ExecContext(ctx, s.q.renamePerson, p.ID, p.Name)
	}
	if err != nil {
		return "", err
	}
	var key string
	err = tx.QueryRowContext(ctx, s.q.personKey, p.ID).Scan(&key)
	return key, err
}

// History implements environments.Store.
func (s *EnvironmentStore) History(ctx context.Context, f environments.HistoryFilter) ([]environments.Entry, error) {
	if f.Limit == 0 {
		f.Limit = 100
	}
	var events strings.Builder
	for _, e := range f.Events {
		events.WriteString("," + string(e))
	}
	if events.Len() > 0 {
		events.WriteString(",")
	}
	since, before := int64(0), int64(math.MaxInt64)
	if !f.Since.IsZero() {
		since = f.Since.UnixMilli()
	}
	if !f.Before.IsZero() {
		before = f.Before.UnixMilli()
	}
	rows, err := s.db.Read().QueryContext(ctx, s.q.history, f.Environment, f.Component, f.Kind, events.String(), since, before, f.Limit)
	if err != nil {
		return nil, fmt.Errorf("read the audit: %w", err)
	}
	defer func() { _ = rows.Close() }() // rows.Err below tells what matters
	var entries []environments.Entry
	for rows.Next() {
		entry, err := readEntry(rows)
		if err != nil {
			return nil, fmt.Errorf("read the audit: %w", err)
		}
		entries = append(entries, entry)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the audit: %w", err)
	}
	return entries, nil
}

func readEntry(rows *sql.Rows) (environments.Entry, error) {
	var (
		e     environments.Entry
		at    int64
		parts [3]string
	)
	err := rows.Scan(&e.ID, &at, &e.Event, &e.Environment, &e.Deployment, &e.Component, &e.Kind, &e.Person.ID, &e.Person.Name,
		&e.Channel, &e.Outcome, &e.Code, &e.SHA, &e.RunURL, &parts[0], &parts[1], &parts[2])
	if err != nil {
		return e, err
	}
	e.At = time.UnixMilli(at).UTC()
	for i, into := range []any{&e.Request, &e.World, &e.Decision} {
		if err := json.Unmarshal([]byte(parts[i]), into); err != nil {
			return e, fmt.Errorf("entry %s: %w", e.ID, err)
		}
	}
	return e, nil
}
