package database

import (
	"context"
	"database/sql"
)

// cleanEntities is how many entities one transaction takes away, each with some ten rows.
const cleanEntities = 20

// clean takes away what nobody sees: rows that a refresh which never came to its end wrote, and versions that have been
// superseded; and it takes back what such a refresh meant to supersede.
func (r *catalogRefresh) clean(ctx context.Context) error {
	for _, query := range []string{"unfinished", "outdated"} {
		if err := r.deleteEntities(ctx, query); err != nil {
			return err
		}
	}
	for {
		var n int64
		err := r.write(ctx, func(tx *sql.Tx) (err error) {
			n, err = affected(tx.ExecContext(ctx, r.q("reopen"), r.seen, sliceRows, int64(forever)))
			return err
		})
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
	}
	return r.deleteProblems(ctx)
}

// deleteEntities deletes the versions that a query tells, slice by slice.
func (r *catalogRefresh) deleteEntities(ctx context.Context, query string) error {
	for {
		type version struct {
			id  int64
			ref string
		}
		var versions []version
		err := r.c.each(ctx, r.q(query), []any{r.seen, cleanEntities}, func(rows *sql.Rows) error {
			var v version
			err := rows.Scan(&v.id, &v.ref)
			versions = append(versions, v)
			return err
		})
		if err != nil || len(versions) == 0 {
			return err
		}
		err = r.write(ctx, func(tx *sql.Tx) error {
			statements := []string{r.q("delete_relations_of"), r.q("delete_relations_to"), r.q("delete_keys"), r.c.words.remove, r.q("delete_entity")}
			for i, statement := range statements {
				prepared, err := tx.PrepareContext(ctx, statement) //nolint:sqlclosecheck // the transaction's end closes it
				if err != nil {
					return err
				}
				for _, v := range versions {
					args := []any{v.id, v.ref}
					if i >= 2 { // by its id alone
						args = args[:1]
					}
					if _, err := prepared.ExecContext(ctx, args...); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
}

// deleteProblems deletes those of other generations than the one shown.
func (r *catalogRefresh) deleteProblems(ctx context.Context) error {
	var last int
	if err := r.c.db.Read().QueryRowContext(ctx, r.q("last_old_problem")).Scan(&last); err != nil {
		return err
	}
	for from := 0; from <= last; from += sliceRows {
		err := r.write(ctx, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, r.q("delete_problems"), from, from+sliceRows)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
