package environments_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellhop/environments"
)

// What has gone on for long is looked at less often, but once somebody wants it cancelled, they are not kept waiting.
func TestACancelledRunIsLookedAtSoon(t *testing.T) {
	c := deployed(t)
	c.runner.Ends[featureX] = "waiting"
	for began := c.clock.now; c.clock.now.Before(began.Add(time.Hour)); {
		next, err := c.step(featureX)
		require.NoError(t, err)
		c.clock.now = next
	}
	next, err := c.step(featureX)
	require.NoError(t, err)
	require.Equal(t, 15*time.Second, next.Sub(c.clock.now))

	_, err = c.service.Cancel(context.Background(), c.press(t))
	require.NoError(t, err)
	next, err = c.step(featureX)
	require.NoError(t, err)
	require.Equal(t, 2*time.Second, next.Sub(c.clock.now))
	require.Equal(t, environments.Cancelled, c.settle(t, featureX).State)
}
