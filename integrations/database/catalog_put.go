package database

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"bellhop/catalog"
)

// sliceRows is how many rows one transaction of a refresh writes at most: it must end within 20 ms, since SQLite has one
// writer and others wait for it.
const sliceRows = 200

// wordsTogether is how many entities' words are written in one transaction. SQLite's full-text index writes a segment for
// each, which it has to merge with others later.
const wordsTogether = 100

// Put implements catalog.Refresh.
func (r *catalogRefresh) Put(ctx context.Context, records []catalog.Record) error {
	if err := r.prepare(ctx); err != nil {
		return fmt.Errorf("store entities: %w", err)
	}
	for len(records) > 0 {
		n, rows := 0, 0
		for n < len(records) && (n == 0 || rows+rowsOf(records[n]) <= sliceRows) {
			rows += rowsOf(records[n])
			n++
		}
		if err := r.putSlice(ctx, records[:n]); err != nil {
			return fmt.Errorf("store entities: %w", err)
		}
		records = records[n:]
	}
	return nil
}

func rowsOf(r catalog.Record) int { return 1 + len(r.Relations) + len(r.Keys) }

func (r *catalogRefresh) putSlice(ctx context.Context, records []catalog.Record) error {
	var entities, relations, keys [][]any
	first := r.id + 1
	for _, record := range records {
		r.id++
		s := record.Source
		entities = append(entities, []any{
			r.id, record.Ref.String(), strings.ToLower(record.Ref.Kind), record.Hash, s.Location, s.File, s.Document, s.Line,
			r.next, int64(forever), string(record.Document), written(record.Ref),
		})
		for _, rel := range record.Relations {
			relations = append(relations, []any{r.id, rel.Source.String(), string(rel.Type), rel.Target.String(), rel.Field, rel.Line, written(record.Other(rel))})
		}
		for _, key := range record.Keys {
			keys = append(keys, []any{string(key.Type), key.Key, r.id})
		}
		r.words = append(r.words, []any{r.id, strings.Join(record.Words, " ")})
	}
	r.changed = true
	r.put += len(records)
	now := relations[:min(len(relations), sliceRows)]
	err := r.write(ctx, func(tx *sql.Tx) error {
		if err := r.inserts.entities.rows(ctx, tx, entities); err != nil {
			return err
		}
		if err := r.inserts.relations.rows(ctx, tx, now); err != nil {
			return err
		}
		if err := r.inserts.keys.rows(ctx, tx, keys); err != nil {
			return err
		}
		if r.empty {
			return nil // there is nothing to supersede
		}
		_, err := tx.ExecContext(ctx, r.q("supersede"), r.next, first, r.id, int64(forever))
		return err
	})
	if err != nil {
		return err
	}
	// One entity may have thousands, a group of everybody its members.
	err = inSlices(relations[len(now):], func(more [][]any) error {
		return r.write(ctx, func(tx *sql.Tx) error { return r.inserts.relations.rows(ctx, tx, more) })
	})
	if err != nil || len(r.words) < wordsTogether {
		return err
	}
	return r.putWords(ctx)
}

// written is how a descriptor writes a reference, where that has capital letters; empty where it is as it is stored.
func written(ref catalog.Ref) string {
	as := cmp.Or(ref.Namespace, catalog.DefaultNamespace) + "/" + ref.Name
	if strings.ToLower(as) == as {
		return ""
	}
	return as
}

// putWords writes the words that wait.
func (r *catalogRefresh) putWords(ctx context.Context) error {
	if len(r.words) == 0 {
		return nil
	}
	err := r.write(ctx, func(tx *sql.Tx) error { return r.inserts.words.rows(ctx, tx, r.words) })
	if err != nil {
		return fmt.Errorf("store words: %w", err)
	}
	r.words = r.words[:0]
	return nil
}

// putInserts are the statements that a refresh runs most.
type putInserts struct{ entities, relations, keys, words insert }

// prepare makes them ready when there is first something to put.
func (r *catalogRefresh) prepare(ctx context.Context) error {
	if r.inserts != nil {
		return nil
	}
	inserts := &putInserts{}
	for _, i := range []struct {
		insert    *insert
		statement string
		columns   int
	}{
		{&inserts.entities, r.q("put_entities"), 12}, {&inserts.relations, r.q("put_relations"), 7},
		{&inserts.keys, r.q("put_keys"), 3}, {&inserts.words, r.c.words.put, 2},
	} {
		if err := i.insert.prepare(ctx, r.c.db.writer, i.statement, i.columns); err != nil {
			return errors.Join(err, inserts.close())
		}
	}
	r.inserts = inserts
	return nil
}

func (p *putInserts) close() error {
	if p == nil {
		return nil
	}
	return errors.Join(p.entities.close(), p.relations.close(), p.keys.close(), p.words.close())
}
