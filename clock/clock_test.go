package clock_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"bellhop/clock"
)

func TestAJumpEndsAWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c clock.Adjustable
		started, due := time.Now(), c.Now().Add(8*time.Hour)
		done := make(chan error, 1)
		go func() { done <- c.Wait(t.Context(), due) }()
		synctest.Wait()
		require.NoError(t, c.Advance(time.Hour))
		synctest.Wait()
		require.Empty(t, done, "an hour is not enough")
		require.NoError(t, c.To(due))
		require.NoError(t, <-done)
		require.Equal(t, started, time.Now(), "no real time passed")
		require.ErrorIs(t, c.Advance(-time.Second), clock.ErrBackwards)
	})
}

func TestNoAdvanceIsLost(t *testing.T) {
	var c clock.Adjustable
	var hands sync.WaitGroup
	const turns = 500
	for range 4 {
		hands.Go(func() {
			for range turns {
				assert.NoError(t, c.Advance(time.Second))
			}
		})
	}
	hands.Wait()
	offset, _ := c.Offset()
	require.Equal(t, 4*turns*time.Second, offset)
}

func TestWaitTakesItsTime(t *testing.T) {
	for name, c := range map[string]clock.Clock{"real": clock.Real{}, "adjustable": new(clock.Adjustable)} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				require.NoError(t, c.Wait(t.Context(), c.Now().Add(time.Minute)))
				require.Equal(t, time.Minute, time.Since(start))
				require.NoError(t, c.Wait(t.Context(), c.Now().Add(-time.Minute)), "the past is already here")

				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				require.ErrorIs(t, c.Wait(ctx, c.Now().Add(time.Hour)), context.DeadlineExceeded)
			})
		})
	}
}
