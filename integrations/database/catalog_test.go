package database_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"bellhop/catalog"
	"bellhop/catalog/catalogtest"
	"bellhop/integrations/database"
	"bellhop/integrations/database/databasetest"
)

func TestCatalogStore(t *testing.T) {
	for name, open := range map[string]func(testing.TB) *database.DB{"sqlite": databasetest.SQLite, "postgres": databasetest.Postgres} {
		t.Run(name, func(t *testing.T) {
			catalogtest.Suite(t, func(t *testing.T) catalog.Store { return database.NewCatalogStore(open(t)) })
		})
	}
}

func TestARestartedServerRefreshesAtOnce(t *testing.T) {
	db := databasetest.SQLite(t)
	store := database.NewCatalogStore(db)
	now := time.UnixMilli(1_000_000)
	killed, err := store.Begin(t.Context(), now, time.Minute)
	require.NoError(t, err)
	_, err = store.Begin(t.Context(), now, time.Minute)
	require.ErrorIs(t, err, catalog.ErrRefreshing)
	require.NoError(t, db.Serve(t.Context()))
	again, err := store.Begin(t.Context(), now, time.Minute)
	require.NoError(t, err, "nobody else can be at work on the file")
	require.ErrorIs(t, killed.Forget(t.Context(), []string{"x"}), catalog.ErrRefreshing)
	require.NoError(t, again.Close(t.Context()))
}

// TestPeopleAskDuringARefresh looks at one entity while a refresh changes it again and again: it is always there, with
// all of one version.
func TestPeopleAskDuringARefresh(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		files := catalogtest.Company(120)
		c := catalogOf(db, files)
		_, err := c.Refresh(t.Context())
		require.NoError(t, err)
		stop, done := make(chan struct{}), make(chan error, 1)
		go func() { done <- askUntil(t.Context(), c, stop) }()
		text := string(files["components-00119.yaml"].Data)
		for i := range 3 {
			files["components-00119.yaml"] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(text, "lifecycle: production", fmt.Sprintf("lifecycle: version-%d", i)))}
			result, err := c.Refresh(t.Context())
			require.NoError(t, err)
			require.Equal(t, 120, result.Changed)
		}
		close(stop)
		require.NoError(t, <-done)
	})
}

func askUntil(ctx context.Context, c *catalog.Catalog, stop <-chan struct{}) error {
	for {
		found, err := c.Find(ctx, "service-7")
		if err != nil {
			return err
		}
		if len(found.Exact) != 1 {
			return fmt.Errorf("found %d of it", len(found.Exact))
		}
		owner, err := c.Owner(ctx, found.Exact[0])
		if err != nil {
			return err
		}
		if !owner.Found || len(owner.People) != 5 {
			return fmt.Errorf("owner %v with %d people", owner.Found, len(owner.People))
		}
		select {
		case <-stop:
			return nil
		default:
		}
	}
}
