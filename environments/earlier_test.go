package environments_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellhop/environments"
)

// Whatever became of its posting or its last edit, no card of an earlier deployment goes on saying that something is
// under way once there is a later deployment.
func TestEarlierCardsSaySo(t *testing.T) {
	again := func(t *testing.T, c *company) {
		c.slack.fault = nil
		c.clock.now = c.clock.now.Add(time.Minute)
		answer, err := c.service.Deploy(context.Background(), c.ask())
		require.NoError(t, err)
		require.Equal(t, environments.Allowed, answer.Decision.Outcome, answer.Decision)
		require.Equal(t, environments.Ready, c.settle(t, featureX).State)
		require.Len(t, c.slack.messages, 2)
		require.True(t, c.slack.messages[0].retired)
		require.False(t, c.slack.messages[1].retired)
		require.Empty(t, c.environment(t, featureX).Retired)
	}
	silent := errors.New("no answer")
	t.Run("a post whose answer was lost", func(t *testing.T) {
		c := deployed(t)
		c.slack.fault = func(call string) error {
			if call == "post" && len(c.slack.messages) == 0 {
				e := c.environment(t, featureX)
				c.slack.messages = append(c.slack.messages, &message{id: e.Deployment.ID, to: e.Deployment.Card.To, shown: "started"})
			}
			return silent
		}
		for c.environment(t, featureX).State != environments.Ready {
			next, _ := c.step(featureX) // Slack's silence is logged
			c.clock.now = next
		}
		c.slack.messages[0].ref.Channel, c.slack.messages[0].ref.TS = "C02PAYMENTS", "1"
		again(t, c)
	})
	t.Run("a last edit that did not come through", func(t *testing.T) {
		c := deployed(t)
		require.Equal(t, environments.Ready, c.settle(t, featureX).State)
		_, err := c.service.Destroy(context.Background(), c.press(t))
		require.NoError(t, err)
		c.slack.fault = func(string) error { return silent }
		for c.environment(t, featureX).State != environments.Destroyed {
			next, _ := c.step(featureX) // as above
			c.clock.now = next
		}
		again(t, c)
	})
}
