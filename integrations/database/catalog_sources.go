package database

import (
	"context"
	"database/sql"
	"fmt"
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
