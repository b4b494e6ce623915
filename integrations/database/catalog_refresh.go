package database

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"bellhop/catalog"
)

// catalogRefresh is a refresh under way. It writes rows of the next generation, which nobody sees yet.
type catalogRefresh struct {
	c       *CatalogStore
	token   string
	now     time.Time // by the caller's clock, when it began
	began   time.Time // by this machine's
	lease   time.Duration
	seen    int64 // the generation that people see
	next    int64
	id      int64 // of the entity written last
	changed bool
	put     int  // entities
	empty   bool // nothing was stored before
	inserts *putInserts
	words   [][]any // not yet written
}

// Begin implements catalog.Store.
func (c *CatalogStore) Begin(ctx context.Context, now time.Time, lease time.Duration) (catalog.Refresh, error) {
	r := &catalogRefresh{c: c, token: rand.Text(), now: now, began: time.Now(), lease: lease}
	heldBefore := now.UnixMilli()
	if c.db.serving != nil {
		heldBefore = forever // whoever holds it was killed: this process alone works on the file
	}
	err := c.db.Write(ctx, func(tx *sql.Tx) error {
		n, err := affected(tx.ExecContext(ctx, r.q("begin"), r.token, heldBefore, now.Add(lease).UnixMilli()))
		if err != nil {
			return err
		}
		if n == 0 {
			return catalog.ErrRefreshing
		}
		return tx.QueryRowContext(ctx, r.q("generation")).Scan(&r.seen)
	})
	if err != nil {
		return nil, fmt.Errorf("begin a refresh: %w", err)
	}
	r.next = r.seen + 1
	r.id = r.next << 24 // 16 million entities a generation
	if err := r.clean(ctx); err != nil {
		return nil, fmt.Errorf("clean up after the last refresh: %w", err)
	}
	return r, nil
}

func (r *catalogRefresh) q(name string) string { return r.c.refreshText.get(name) }

// write runs one slice while this refresh still holds the catalog, and shows that it is alive.
func (r *catalogRefresh) write(ctx context.Context, change func(tx *sql.Tx) error) error {
	return r.c.db.Write(ctx, func(tx *sql.Tx) error {
		until := r.now.Add(time.Since(r.began)).Add(r.lease)
		n, err := affected(tx.ExecContext(ctx, r.q("hold"), r.token, until.UnixMilli()))
		if err != nil {
			return err
		}
		if n == 0 {
			return catalog.ErrRefreshing
		}
		return change(tx)
	})
}

// Alive implements catalog.Refresh.
func (r *catalogRefresh) Alive(ctx context.Context) error {
	if err := r.write(ctx, func(*sql.Tx) error { return nil }); err != nil {
		return fmt.Errorf("hold the refresh: %w", err)
	}
	return nil
}

// Stored implements catalog.Refresh.
func (r *catalogRefresh) Stored(ctx context.Context) (catalog.Stored, error) {
	var (
		stored catalog.Stored
		texts  = interner{}
	)
	err := r.c.each(ctx, r.q("places"), []any{r.seen}, func(rows *sql.Rows) error {
		var (
			p          catalog.Place
			orphanedAt int64
		)
		err := rows.Scan(&p.Ref, &p.Hash, &p.Source.Location, &p.Source.File, &p.Source.Document, &p.Source.Line, &orphanedAt)
		p.Source.OrphanedAt = fromMillis(orphanedAt)
		p.Source.Location, p.Source.File = texts.one(p.Source.Location), texts.one(p.Source.File)
		stored.Places = append(stored.Places, p)
		return err
	})
	if err != nil {
		return catalog.Stored{}, fmt.Errorf("read stored entities: %w", err)
	}
	err = r.c.each(ctx, r.q("files"), nil, func(rows *sql.Rows) error {
		var f catalog.FileState
		err := rows.Scan(&f.File, &f.Hash)
		stored.Files = append(stored.Files, f)
		return err
	})
	if err != nil {
		return catalog.Stored{}, fmt.Errorf("read stored files: %w", err)
	}
	r.empty = len(stored.Places) == 0
	stored.Problems, err = r.c.Problems(ctx)
	return stored, err
}

// interner keeps one copy of texts that come again and again.
type interner map[string]string

func (i interner) one(s string) string {
	if kept, ok := i[s]; ok {
		return kept
	}
	i[s] = s
	return s
}

// Move implements catalog.Refresh.
func (r *catalogRefresh) Move(ctx context.Context, places []catalog.Place) error {
	return inSlices(places, func(slice []catalog.Place) error {
		return r.write(ctx, func(tx *sql.Tx) error {
			for _, p := range slice {
				s, orphanedAt := p.Source, int64(0)
				if !s.OrphanedAt.IsZero() {
					orphanedAt = s.OrphanedAt.UnixMilli()
				}
				if _, err := tx.ExecContext(ctx, r.q("move"), s.Location, s.File, s.Document, s.Line, p.Ref, int64(forever), orphanedAt); err != nil {
					return fmt.Errorf("store where %s stands: %w", p.Ref, err)
				}
			}
			return nil
		})
	})
}

// Remove implements catalog.Refresh.
func (r *catalogRefresh) Remove(ctx context.Context, refs []catalog.Ref) error {
	return inSlices(refs, func(slice []catalog.Ref) error {
		r.changed = true
		return r.write(ctx, func(tx *sql.Tx) error {
			for _, ref := range slice {
				if _, err := tx.ExecContext(ctx, r.q("remove"), r.next, ref.String(), int64(forever)); err != nil {
					return fmt.Errorf("remove %s: %w", ref, err)
				}
			}
			return nil
		})
	})
}

// Forget implements catalog.Refresh.
func (r *catalogRefresh) Forget(ctx context.Context, files []string) error {
	return inSlices(files, func(slice []string) error {
		return r.write(ctx, func(tx *sql.Tx) error {
			for _, file := range slice {
				if _, err := tx.ExecContext(ctx, r.q("forget"), file); err != nil {
					return fmt.Errorf("forget %s: %w", file, err)
				}
			}
			return nil
		})
	})
}

// Remember implements catalog.Refresh.
func (r *catalogRefresh) Remember(ctx context.Context, files []catalog.FileState) error {
	return inSlices(files, func(slice []catalog.FileState) error {
		rows := make([][]any, 0, len(slice))
		for _, f := range slice {
			rows = append(rows, []any{f.File, f.Hash})
		}
		err := r.write(ctx, func(tx *sql.Tx) error {
			return insertRows(ctx, tx, r.q("put_files"), " "+r.q("replace_file"), rows)
		})
		if err != nil {
			return fmt.Errorf("remember files: %w", err)
		}
		return nil
	})
}

// Commit implements catalog.Refresh.
func (r *catalogRefresh) Commit(ctx context.Context, at time.Time, problems []catalog.Problem, keepProblems bool) error {
	if err := r.putWords(ctx); err != nil {
		return err
	}
	if !keepProblems {
		if err := r.putProblems(ctx, problems); err != nil {
			return fmt.Errorf("store problems: %w", err)
		}
	}
	err := r.write(ctx, func(tx *sql.Tx) error {
		shown, generation := r.next, r.seen
		if keepProblems {
			if err := tx.QueryRowContext(ctx, r.q("problems_generation")).Scan(&shown); err != nil {
				return err
			}
		}
		if r.changed || !keepProblems {
			generation = r.next
		}
		_, err := tx.ExecContext(ctx, r.q("commit"), r.token, generation, shown, at.UnixMilli())
		return err
	})
	if err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	if r.changed || !keepProblems {
		r.seen = r.next
	}
	return nil
}

// CountTogether implements catalog.Refresh.
func (r *catalogRefresh) CountTogether(ctx context.Context, n int) error {
	err := r.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, r.q("count_together"), r.token, n)
		return err
	})
	if err != nil {
		return fmt.Errorf("count problems of the whole: %w", err)
	}
	return nil
}

func (r *catalogRefresh) putProblems(ctx context.Context, problems []catalog.Problem) error {
	number := 0
	return inSlices(problems, func(slice []catalog.Problem) error {
		rows := make([][]any, 0, len(slice))
		for _, p := range slice {
			text, err := json.Marshal(p)
			if err != nil {
				return err
			}
			rows = append(rows, []any{r.next, number, string(text)})
			number++
		}
		return r.write(ctx, func(tx *sql.Tx) error { return insertRows(ctx, tx, r.q("put_problems"), "", rows) })
	})
}

// Tidy implements catalog.Refresh.
func (r *catalogRefresh) Tidy(ctx context.Context) error {
	if err := r.clean(ctx); err != nil {
		return fmt.Errorf("tidy up: %w", err)
	}
	r.analyze(ctx)
	return nil
}

// Close implements catalog.Refresh.
func (r *catalogRefresh) Close(ctx context.Context) error {
	err := r.c.db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, r.q("end"), r.token)
		return err
	})
	if err = errors.Join(err, r.inserts.close()); err != nil {
		return fmt.Errorf("end the refresh: %w", err)
	}
	return nil
}

// analyze lets PostgreSQL look at what a large refresh has written, which it would else do only a minute later; until then
// its plans would rest on empty tables.
func (r *catalogRefresh) analyze(ctx context.Context) {
	const many = 500
	if r.put >= many && r.c.db.dialect == Postgres {
		_, _ = r.c.db.writer.ExecContext(ctx, r.q("analyze")) // without it answers are slower for a minute, and no worse
	}
}

// inSlices hands out at most sliceRows at a time.
func inSlices[T any](all []T, do func([]T) error) error {
	for len(all) > 0 {
		n := min(len(all), sliceRows)
		if err := do(all[:n]); err != nil {
			return err
		}
		all = all[n:]
	}
	return nil
}
