package database

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"
)

// maxParameters is below what both dialects take in a statement: 32,766 on SQLite, 65,535 on PostgreSQL.
const maxParameters = 20_000

// insertRows adds rows to a statement that ends in VALUES, in as many statements as their parameters need.
func insertRows(ctx context.Context, tx *sql.Tx, statement, after string, rows [][]any) error {
	for len(rows) > 0 {
		n := min(len(rows), maxParameters/len(rows[0]))
		if _, err := tx.ExecContext(ctx, withValues(statement, n, len(rows[0]))+after, flat(rows[:n])...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// withValues adds the parameters of rows to a statement.
func withValues(statement string, rows, columns int) string {
	var text strings.Builder
	text.WriteString(statement)
	for n := range rows * columns {
		switch {
		case n == 0:
			text.WriteString(" (")
		case n%columns == 0:
			text.WriteString("), (")
		default:
			text.WriteByte(',')
		}
		text.WriteByte('$')
		text.WriteString(strconv.Itoa(n + 1))
	}
	text.WriteByte(')')
	return text.String()
}

func flat(rows [][]any) []any {
	args := make([]any, 0, len(rows)*len(rows[0]))
	for _, row := range rows {
		args = append(args, row...)
	}
	return args
}

// insert adds rows again and again. Its statements are read once: reading one of many rows takes as long as running it.
type insert struct{ statements []*sql.Stmt }

// insertSizes are for how many rows there are statements, the largest first.
var insertSizes = [...]int{32, 8, 1}

// prepare must be called outside of a transaction, and close at the end.
func (i *insert) prepare(ctx context.Context, db *sql.DB, statement string, columns int) error {
	for _, size := range insertSizes {
		prepared, err := db.PrepareContext(ctx, withValues(statement, size, columns)) //nolint:sqlclosecheck // close does
		if err != nil {
			return err
		}
		i.statements = append(i.statements, prepared)
	}
	return nil
}

func (i *insert) rows(ctx context.Context, tx *sql.Tx, rows [][]any) error {
	for n, size := range insertSizes {
		if len(rows) < size {
			continue
		}
		statement := tx.StmtContext(ctx, i.statements[n]) //nolint:sqlclosecheck // the transaction's end does
		for ; len(rows) >= size; rows = rows[size:] {
			if _, err := statement.ExecContext(ctx, flat(rows[:size])...); err != nil {
				return err
			}
		}
	}
	return nil
}

func (i *insert) close() error {
	var errs []error
	for _, statement := range i.statements {
		errs = append(errs, statement.Close())
	}
	return errors.Join(errs...)
}
