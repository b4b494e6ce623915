package catalog

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// SourceStatus is how one location stands.
type SourceStatus struct {
	Target   string // as the config has it
	Discover bool   // it stands under discover: GitHub tells of what no descriptor describes
	Entities int    // that it gives
	// Error is why something of it could not be read by the last refresh, and Since when that was first so; they are empty where
	// all could be. What it gave before is kept. More counts the other failures.
	Error string
	Since time.Time
	More  int
}

// Sources are the locations and what is discovered, in the order of the config.
func (c *Catalog) Sources(ctx context.Context) ([]SourceStatus, error) {
	entities, err := c.store.CountByLocation(ctx)
	if err != nil {
		return nil, fmt.Errorf("count what the locations give: %w", err)
	}
	problems, err := c.store.Problems(ctx)
	if err != nil {
		return nil, fmt.Errorf("list catalog problems: %w", err)
	}
	var sources []SourceStatus
	at := map[string]int{}
	for _, target := range c.options.sources() {
		if _, twice := at[target]; !twice {
			at[target] = len(sources)
			sources = append(sources, SourceStatus{Target: target, Discover: slices.Contains(c.options.Discover, target), Entities: entities[target]})
		}
	}
	for _, p := range problems {
		i, there := at[p.Location]
		if !there || p.Since.IsZero() {
			continue
		}
		s := &sources[i]
		if s.Error != "" {
			s.More++
			continue
		}
		s.Error, s.Since = p.Message, p.Since
		if p.File != "" && p.File != s.Target {
			s.Error = p.File + ": " + p.Message
		}
	}
	return sources, nil
}

// sources are what entities have as their Source.Location.
func (o Options) sources() []string {
	var targets []string
	for _, l := range o.Locations {
		targets = append(targets, l.Target)
	}
	return append(targets, o.Discover...)
}
