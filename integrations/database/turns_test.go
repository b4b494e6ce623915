package database

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

func TestAcksComeFirstAndTheRestInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var (
			turn turns
			came []string
		)
		require.NoError(t, turn.take(t.Context(), false))
		for _, who := range []struct {
			name string
			ack  bool
		}{{"first slice", false}, {"second slice", false}, {"first ack", true}, {"third slice", false}, {"second ack", true}} {
			go func() {
				if turn.take(t.Context(), who.ack) == nil {
					came = append(came, who.name)
					turn.give()
				}
			}()
			synctest.Wait()
		}
		turn.give()
		synctest.Wait()
		require.Equal(t, []string{"first ack", "second ack", "first slice", "second slice", "third slice"}, came)
		require.False(t, turn.taken)
	})
}

func TestWhoGivesUpWaitingHoldsNobodyBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var turn turns
		require.NoError(t, turn.take(t.Context(), false))
		ctx, cancel := context.WithCancel(t.Context())
		gaveUp, came := make(chan error, 1), make(chan error, 1)
		go func() { gaveUp <- turn.take(ctx, true) }()
		go func() { came <- turn.take(t.Context(), false) }()
		synctest.Wait()
		cancel()
		require.ErrorIs(t, <-gaveUp, context.Canceled)
		turn.give()
		require.NoError(t, <-came)

		// A turn that comes while giving up goes on to the next.
		ctx, cancel = context.WithCancel(t.Context())
		go func() { gaveUp <- turn.take(ctx, true) }()
		synctest.Wait()
		cancel()
		turn.give()
		if <-gaveUp == nil {
			turn.give()
		}
		require.NoError(t, turn.take(t.Context(), false))
	})
}
