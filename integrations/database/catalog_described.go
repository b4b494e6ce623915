package database

import (
	"cmp"
	"context"
	"database/sql"
	_ "embed" // the .sql file
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"bellhop/catalog"
)

//go:embed catalog_described.sql
var catalogDescribedSQL string

// describedQueries are the statements that give entities with their relations.
type describedQueries struct{ inRange, refs, describe, relationsFrom, relationsTo string }

func newDescribedQueries(dialect Dialect) describedQueries {
	q := parseQueries(dialect, catalogDescribedSQL)
	return describedQueries{
		inRange: q.get("range"), refs: q.get("refs"), describe: q.get("describe"),
		relationsFrom: q.get("relations_from"), relationsTo: q.get("relations_to"),
	}
}

// Range implements catalog.Store.
func (c *CatalogStore) Range(ctx context.Context, after, before string, limit int) ([]catalog.Described, error) {
	all, err := c.described(ctx, c.whole.inRange, after, before, limit)
	if err != nil {
		return nil, fmt.Errorf("read entities in order: %w", err)
	}
	return all, nil
}

// Describe implements catalog.Store.
func (c *CatalogStore) Describe(ctx context.Context, refs []catalog.Ref) ([]catalog.Described, error) {
	texts := make([]string, len(refs))
	for i, ref := range refs {
		texts[i] = ref.String()
	}
	list, err := json.Marshal(texts)
	if err != nil {
		return nil, fmt.Errorf("list references: %w", err)
	}
	all, err := c.described(ctx, c.whole.describe, string(list))
	if err != nil {
		return nil, fmt.Errorf("read entities: %w", err)
	}
	return all, nil
}

// Refs implements catalog.Store.
func (c *CatalogStore) Refs(ctx context.Context, yield func(ref string) bool) error {
	err := c.each(ctx, c.whole.refs, nil, func(rows *sql.Rows) error {
		var ref string
		if err := rows.Scan(&ref); err != nil {
			return err
		}
		if !yield(ref) {
			return errEnough
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return fmt.Errorf("read references: %w", err)
	}
	return nil
}

// described runs a query that gives entities, and then reads their relations.
func (c *CatalogStore) described(ctx context.Context, query string, args ...any) ([]catalog.Described, error) {
	var (
		all  []catalog.Described
		refs []string
	)
	err := c.each(ctx, query, args, func(rows *sql.Rows) error {
		var (
			ref string
			s   storedEntity
		)
		if err := rows.Scan(append([]any{&ref}, s.into()...)...); err != nil {
			return err
		}
		e, err := s.entity()
		all, refs = append(all, catalog.Described{Entity: e}), append(refs, ref)
		return err
	})
	if err != nil || len(all) == 0 {
		return nil, err
	}
	relations, err := c.relationsOf(ctx, refs)
	if err != nil {
		return nil, fmt.Errorf("read relations: %w", err)
	}
	for i, ref := range refs {
		all[i].Relations = sortedRelations(relations[ref])
	}
	return all, nil
}

// relationsOf are the relations of entities, seen from each.
func (c *CatalogStore) relationsOf(ctx context.Context, refs []string) (map[string][]catalog.Relation, error) {
	list, err := json.Marshal(refs)
	if err != nil {
		return nil, err
	}
	relations := map[string][]catalog.Relation{}
	for _, query := range []string{c.whole.relationsFrom, c.whole.relationsTo} {
		err := c.each(ctx, query, []any{string(list)}, func(rows *sql.Rows) error {
			var (
				source, target string
				r              catalog.Relation
				errs           [2]error
			)
			if err := rows.Scan(&source, &r.Type, &target); err != nil {
				return err
			}
			r.Source, errs[0] = catalog.ParseRef(source, "", "")
			r.Target, errs[1] = catalog.ParseRef(target, "", "")
			if query == c.whole.relationsTo {
				r, source = r.Inverse(), target
			}
			relations[source] = append(relations[source], r)
			return errors.Join(errs[:]...)
		})
		if err != nil {
			return nil, err
		}
	}
	return relations, nil
}

func sortedRelations(all []catalog.Relation) []catalog.Relation {
	slices.SortFunc(all, func(a, b catalog.Relation) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Target.String(), b.Target.String()))
	})
	return slices.Compact(all)
}
