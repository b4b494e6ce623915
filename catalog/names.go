package catalog

import (
	"context"
	"strings"
	"sync"

	"bellhop/nearest"
)

// nameList is all names, aliases and titles, for typing errors. It is loaded when first needed and again when the catalog has
// changed.
type nameList struct {
	mu         sync.Mutex
	generation int64
	names      *nearest.Index
}

// get is the list of the present generation.
func (l *nameList) get(ctx context.Context, store Store) (*nearest.Index, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	generation, err := store.Generation(ctx)
	if err != nil {
		return nil, err
	}
	if l.names != nil && l.generation == generation {
		return l.names, nil
	}
	var all []string
	for _, keyType := range []KeyType{KeyName, KeyAlias, KeyTitle} {
		err := store.Keys(ctx, keyType, func(key string) bool {
			all = append(all, strings.Clone(key))
			return true
		})
		if err != nil {
			return nil, err
		}
	}
	l.names, l.generation = nearest.NewIndex(all), generation
	return l.names, nil
}
