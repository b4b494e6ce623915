package database

import (
	"cmp"
	"context"
	"database/sql"
	_ "embed" // the .sql files
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"bellhop/catalog"
)

var (
	//go:embed catalog.sql
	catalogSQL string
	//go:embed catalog_refresh.sql
	catalogRefreshSQL string
)

// CatalogStore keeps the catalog; it satisfies catalog.Store. An entity's versions carry the generations in which they
// are seen, so that a refresh of any size becomes visible by one update.
type CatalogStore struct {
	db          *DB
	q           catalogQueries
	refreshText queries
	whole       describedQueries
	words       wordQueries
}

// catalogQueries are the statements that answer people, by what they give.
type catalogQueries struct {
	entity, byKey, byPrefix, related, relatedInverse, keys, generation, status, problems, dangling, countTargets, upward, miswritten string
}

var _ catalog.Store = (*CatalogStore)(nil)

// NewCatalogStore is the catalog's store in db.
func NewCatalogStore(db *DB) *CatalogStore {
	q := parseQueries(db.Dialect(), catalogSQL)
	return &CatalogStore{db: db, refreshText: parseQueries(db.Dialect(), catalogRefreshSQL), whole: newDescribedQueries(db.Dialect()), words: newWordQueries(db.Dialect()), q: catalogQueries{
		entity: q.get("entity"), byKey: q.get("by_key"), byPrefix: q.get("by_prefix"), related: q.get("related"),
		relatedInverse: q.get("related_inverse"), keys: q.get("keys"), generation: q.get("generation"),
		status: q.get("status"), problems: q.get("problems"), dangling: q.get("dangling"), countTargets: q.get("count_targets"), upward: q.get("upward"), miswritten: q.get("miswritten"),
	}}
}

// storedEntity is how an entity stands in a row; all of it is null where a left join found none.
type storedEntity struct {
	document, location, file sql.NullString
	number, line, orphanedAt sql.NullInt64
}

func (s *storedEntity) into() []any {
	return []any{&s.document, &s.location, &s.file, &s.number, &s.line, &s.orphanedAt}
}

func (s *storedEntity) entity() (catalog.Entity, error) {
	return catalog.DecodeEntity([]byte(s.document.String), catalog.Source{
		Location: s.location.String, File: s.file.String, Document: int(s.number.Int64), Line: int(s.line.Int64),
		OrphanedAt: fromMillis(s.orphanedAt.Int64),
	})
}

// Entity implements catalog.Store.
func (c *CatalogStore) Entity(ctx context.Context, ref catalog.Ref) (catalog.Entity, error) {
	var s storedEntity
	err := c.db.Read().QueryRowContext(ctx, c.q.entity, ref.String()).Scan(s.into()...)
	if errors.Is(err, sql.ErrNoRows) {
		return catalog.Entity{}, catalog.ErrNotFound
	}
	if err != nil {
		return catalog.Entity{}, fmt.Errorf("read entity: %w", err)
	}
	return s.entity()
}

// ByKey implements catalog.Store.
func (c *CatalogStore) ByKey(ctx context.Context, key catalog.Key, limit int) ([]catalog.Entity, error) {
	found, err := c.entities(ctx, c.q.byKey, string(key.Type), key.Key, limit)
	if err != nil {
		return nil, fmt.Errorf("read entities by %s: %w", key.Type, err)
	}
	return found, nil
}

// ByPrefix implements catalog.Store. Names, aliases and titles are three walks along the index, which end early.
func (c *CatalogStore) ByPrefix(ctx context.Context, prefix string, kinds []string, limit int) ([]catalog.Entity, error) {
	type hit struct {
		key, ref string
		storedEntity
	}
	var hits []hit
	wanted := ""
	if len(kinds) > 0 {
		wanted = "," + strings.ToLower(strings.Join(kinds, ",")) + ","
	}
	for _, keyType := range []catalog.KeyType{catalog.KeyName, catalog.KeyAlias, catalog.KeyTitle} {
		args := []any{string(keyType), prefix, prefix + string(rune(0x10FFFF)), wanted, limit}
		err := c.each(ctx, c.q.byPrefix, args, func(rows *sql.Rows) error {
			var h hit
			err := rows.Scan(append([]any{&h.key, &h.ref}, h.into()...)...)
			hits = append(hits, h)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("read entities by prefix: %w", err)
		}
	}
	slices.SortFunc(hits, func(a, b hit) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.ref, b.ref)) })
	var found []catalog.Entity
	seen := map[string]bool{}
	for _, h := range hits {
		if seen[h.ref] || len(found) == limit {
			continue
		}
		seen[h.ref] = true
		e, err := h.entity()
		if err != nil {
			return nil, err
		}
		found = append(found, e)
	}
	return found, nil
}

// Related implements catalog.Store.
func (c *CatalogStore) Related(ctx context.Context, ref catalog.Ref, relation catalog.RelationType) ([]catalog.Related, error) {
	query, canonical := c.q.related, catalog.Relation{Type: relation}.Canonical().Type
	if canonical != relation {
		query = c.q.relatedInverse
	}
	var related []catalog.Related
	err := c.each(ctx, query, []any{ref.String(), string(canonical)}, func(rows *sql.Rows) error {
		var (
			to string
			s  storedEntity
			r  catalog.Related
		)
		err := rows.Scan(append([]any{&to}, s.into()...)...)
		if err != nil {
			return err
		}
		if r.Found = s.document.Valid; r.Found {
			r.Entity, err = s.entity()
		} else {
			r.Entity.Ref, err = catalog.ParseRef(to, "", "")
		}
		related = append(related, r)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read relations: %w", err)
	}
	return related, nil
}

// entities reads whole entities.
func (c *CatalogStore) entities(ctx context.Context, query string, args ...any) (found []catalog.Entity, err error) {
	err = c.each(ctx, query, args, func(rows *sql.Rows) error {
		var s storedEntity
		if err := rows.Scan(s.into()...); err != nil {
			return err
		}
		e, err := s.entity()
		found = append(found, e)
		return err
	})
	return found, err
}

// errEnough ends a walk over rows early.
var errEnough = errors.New("enough")

// Keys implements catalog.Store.
func (c *CatalogStore) Keys(ctx context.Context, keyType catalog.KeyType, yield func(key string) bool) error {
	err := c.each(ctx, c.q.keys, []any{string(keyType)}, func(rows *sql.Rows) error {
		var key string
		if err := rows.Scan(&key); err != nil {
			return err
		}
		if !yield(key) {
			return errEnough
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return fmt.Errorf("read %s keys: %w", keyType, err)
	}
	return nil
}

// Generation implements catalog.Store.
func (c *CatalogStore) Generation(ctx context.Context) (int64, error) {
	var generation int64
	if err := c.db.Read().QueryRowContext(ctx, c.q.generation).Scan(&generation); err != nil {
		return 0, fmt.Errorf("read the catalog's generation: %w", err)
	}
	return generation, nil
}

// Status implements catalog.Store.
func (c *CatalogStore) Status(ctx context.Context) (catalog.Status, error) {
	var (
		s  catalog.Status
		at int64
	)
	if err := c.db.Read().QueryRowContext(ctx, c.q.status).Scan(&s.Generation, &at, &s.Entities, &s.Problems); err != nil {
		return catalog.Status{}, fmt.Errorf("read the catalog's status: %w", err)
	}
	if at > 0 {
		s.RefreshedAt = time.UnixMilli(at)
	}
	return s, nil
}

// Problems implements catalog.Store.
func (c *CatalogStore) Problems(ctx context.Context) ([]catalog.Problem, error) {
	var problems []catalog.Problem
	err := c.each(ctx, c.q.problems, nil, func(rows *sql.Rows) error {
		var text []byte
		if err := rows.Scan(&text); err != nil {
			return err
		}
		var p catalog.Problem
		err := json.Unmarshal(text, &p)
		problems = append(problems, p)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the catalog's problems: %w", err)
	}
	return problems, nil
}

// Dangling implements catalog.Store.
func (c *CatalogStore) Dangling(ctx context.Context, limit int) ([]catalog.Declared, error) {
	var all []catalog.Declared
	err := c.declared(ctx, c.q.dangling, []any{limit}, func(d catalog.Declared) { all = append(all, d) })
	if err != nil {
		return nil, fmt.Errorf("read dangling relations: %w", err)
	}
	return all, nil
}

// CountTargets implements catalog.Store.
func (c *CatalogStore) CountTargets(ctx context.Context, relation catalog.RelationType, yield func(target string, relations int)) error {
	err := c.each(ctx, c.q.countTargets, []any{string(relation)}, func(rows *sql.Rows) error {
		var (
			target string
			n      int
		)
		err := rows.Scan(&target, &n)
		yield(target, n)
		return err
	})
	if err != nil {
		return fmt.Errorf("count %s relations: %w", relation, err)
	}
	return nil
}

// Upward implements catalog.Store.
func (c *CatalogStore) Upward(ctx context.Context, yield func(catalog.Declared)) error {
	if err := c.declared(ctx, c.q.upward, nil, yield); err != nil {
		return fmt.Errorf("read upward relations: %w", err)
	}
	return nil
}

// Miswritten implements catalog.Store.
func (c *CatalogStore) Miswritten(ctx context.Context, limit int) ([]catalog.Miswritten, error) {
	var (
		all                     []catalog.Miswritten
		other, writtenAs, named string
		errs                    [2]error
		m                       catalog.Miswritten
	)
	err := c.declared(ctx, c.q.miswritten, []any{limit}, func(d catalog.Declared) {
		m.Declared = d
		m.Written, errs[0] = rewritten(other, writtenAs)
		m.Named, errs[1] = rewritten(other, named)
		all = append(all, m)
	}, &other, &writtenAs, &named)
	if err := errors.Join(err, errs[0], errs[1]); err != nil {
		return nil, fmt.Errorf("read relations in another case: %w", err)
	}
	return all, nil
}

// rewritten is a stored reference as a descriptor writes it, by the column written.
func rewritten(ref, as string) (catalog.Ref, error) {
	parsed, err := catalog.ParseRef(ref, "", "")
	if err == nil && as != "" {
		parsed.Namespace, parsed.Name, _ = strings.Cut(as, "/")
	}
	return parsed, err
}

// declared reads relations with who declares them; more takes the columns that follow.
func (c *CatalogStore) declared(ctx context.Context, query string, args []any, yield func(catalog.Declared), more ...any) error {
	return c.each(ctx, query, args, func(rows *sql.Rows) error {
		var (
			d                          catalog.Declared
			source, target, declaredBy string
		)
		into := []any{&source, &d.Relation.Type, &target, &d.Relation.Field, &d.Relation.Line, &declaredBy,
			&d.Source.Location, &d.Source.File, &d.Source.Document, &d.Source.Line}
		if err := rows.Scan(append(into, more...)...); err != nil {
			return err
		}
		var errs [3]error
		d.Relation.Source, errs[0] = catalog.ParseRef(source, "", "")
		d.Relation.Target, errs[1] = catalog.ParseRef(target, "", "")
		d.DeclaredBy, errs[2] = catalog.ParseRef(declaredBy, "", "")
		yield(d)
		return errors.Join(errs[:]...)
	})
}

// each calls row for every row of a query that only reads.
func (c *CatalogStore) each(ctx context.Context, query string, args []any, row func(*sql.Rows) error) error {
	return eachRow(ctx, c.db.Read(), query, args, row)
}

// querier is a pool or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func eachRow(ctx context.Context, q querier, query string, args []any, row func(*sql.Rows) error) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // rows.Err below tells what matters
	for rows.Next() {
		if err := row(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// forever is the until_generation of what nothing has superseded.
const forever = math.MaxInt64
