package database_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellhop/integrations/database"
	"bellhop/integrations/database/databasetest"
)

func TestInbox(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx, inbox, at := t.Context(), database.NewInbox(db), time.UnixMilli(1_795_000_000_000)

		body, done, err := inbox.Load(ctx, "1.2.3")
		require.NoError(t, err)
		require.Nil(t, body)
		require.False(t, done)

		fresh, err := inbox.Record(ctx, "1.2.3", []byte(`{"text":"it's 🔵"}`), at)
		require.NoError(t, err)
		require.True(t, fresh)
		fresh, err = inbox.Record(ctx, "1.2.3", []byte(`{"text":"again"}`), at.Add(time.Hour))
		require.NoError(t, err)
		require.False(t, fresh, "a redelivery is no news")

		body, done, err = inbox.Load(ctx, "1.2.3")
		require.NoError(t, err)
		require.JSONEq(t, `{"text":"it's 🔵"}`, string(body), "the first one stands")
		require.False(t, done)
		items, err := db.Work().Claim(ctx, "inbox", at, time.Minute, 10)
		require.NoError(t, err)
		require.Len(t, items, 1, "one item, due when it came")
		require.Equal(t, "1.2.3", items[0].ID)

		require.NoError(t, inbox.Finish(ctx, "1.2.3", at))
		_, done, err = inbox.Load(ctx, "1.2.3")
		require.NoError(t, err)
		require.True(t, done)
		fresh, err = inbox.Record(ctx, "1.2.3", []byte(`{}`), at)
		require.NoError(t, err)
		require.False(t, fresh, "what was done is remembered")

		require.NoError(t, inbox.Remove(ctx, "1.2.3"))
		body, _, err = inbox.Load(ctx, "1.2.3")
		require.NoError(t, err)
		require.Nil(t, body)
	})
}

func TestInboxTakesOneOfManyDeliveries(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		inbox := database.NewInbox(db)
		var fresh atomic.Int32
		var all sync.WaitGroup
		errs := make(chan error, 40)
		for n := range 40 {
			all.Go(func() {
				isFresh, err := inbox.Record(t.Context(), fmt.Sprint(n%4), []byte("{}"), time.UnixMilli(1))
				if isFresh {
					fresh.Add(1)
				}
				errs <- err
			})
		}
		all.Wait()
		close(errs)
		for err := range errs {
			require.NoError(t, err)
		}
		require.EqualValues(t, 4, fresh.Load())
	})
}
