package catalogtest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellhop/catalog"
)

// testPlaces: where entities stand, since when their source is gone, and how many each location gives.
func testPlaces(t *testing.T, w *world) {
	w.write("a.yaml", component("a", "t")+component("b", "t"))
	w.refresh(t)
	counts, err := w.store.CountByLocation(t.Context())
	require.NoError(t, err)
	require.Equal(t, map[string]int{"**/*.yaml": 2}, counts)

	now := time.UnixMilli(1_790_000_000_123).UTC()
	refresh, err := w.store.Begin(t.Context(), now, time.Minute)
	require.NoError(t, err)
	keys := map[string]string{}
	require.NoError(t, refresh.KeysOf(t.Context(), catalog.KeyRepository, func(key, ref string) { keys[key] = ref }))
	require.Equal(t, map[string]string{"acme/a": "component:default/a", "acme/b": "component:default/b"}, keys)
	require.NoError(t, refresh.Alive(t.Context()))
	stored, err := refresh.Stored(t.Context())
	require.NoError(t, err)
	require.Zero(t, stored.Places[0].Source.OrphanedAt)
	orphan := stored.Places[0]
	orphan.Source.OrphanedAt, orphan.Source.File = now, "b.yaml"
	require.NoError(t, refresh.Move(t.Context(), []catalog.Place{orphan}))
	require.NoError(t, refresh.Commit(t.Context(), now, nil, true))
	stored, err = refresh.Stored(t.Context())
	require.NoError(t, err)
	require.Equal(t, orphan, stored.Places[0])
	require.NoError(t, refresh.Close(t.Context()))
	require.ErrorIs(t, refresh.Alive(t.Context()), catalog.ErrRefreshing, "it holds nothing any more")
	e, err := w.catalog.Get(t.Context(), ref(t, "component:a"))
	require.NoError(t, err)
	require.True(t, e.Orphaned())
	require.Equal(t, orphan.Source, e.Source)

	w.write("a.yaml", component("a", "t")+component("b", "new"))
	w.refresh(t)
	e, err = w.catalog.Get(t.Context(), ref(t, "component:a"))
	require.NoError(t, err)
	require.False(t, e.Orphaned(), "it is there again")
}
