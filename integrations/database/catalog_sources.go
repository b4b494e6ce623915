package database

import (
	"context"
	"database/sql"
	"fmt"

	"bellhop/catalog"
)

// CountByLocation implements catalog.Store.
func (c *CatalogStore) CountByLocation(ctx context.Context) (map[string]int, error) {
	counts := map[string]int{}
	err := c.each(ctx, c.refreshText.get("count_by_location"), nil, func(rows *sql.Rows) error {
		var (
			location string
			n        int
		)
		err := rows.Scan(&location, &n)
		counts[location] = n
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("count entities by location: %w", err)
	}
	return counts, nil
}

// KeysOf implements catalog.Refresh.
func (r *catalogRefresh) KeysOf(ctx context.Context, keyType catalog.KeyType, yield func(key, ref string)) error {
	err := r.c.each(ctx, r.q("keys_of"), []any{string(keyType), r.seen}, func(rows *sql.Rows) error {
		var key, ref string
		if err := rows.Scan(&key, &ref); err != nil {
			return err
		}
		yield(key, ref)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read %s keys: %w", keyType, err)
	}
	return nil
}
