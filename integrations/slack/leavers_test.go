package slack_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"bellhop/chat"
)

// watch keeps who has left known until the test ends.
func (s *stage) watch() {
	s.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.client.WatchLeavers(ctx) }()
	s.t.Cleanup(func() { cancel(); require.NoError(s.t, <-ended) })
}

// pass lets time pass, so much at a time, until a condition holds.
func (s *stage) pass(step, what string, holds func() bool) {
	s.t.Helper()
	s.await(what, func() bool {
		if holds() {
			return true
		}
		s.control("clock", reply{"advance": step})
		return holds()
	})
}

func TestWhoIsDeactivatedHasLeft(t *testing.T) {
	s := raise(t)
	require.False(t, s.client.Left("U13OSKAR", ""), "nobody has left before Slack was asked")
	s.fault(reply{"method": "users.list", "status": 429, "retry_after": 1})
	s.watch()
	s.pass("2s", "oskar is known to have left", func() bool { return s.client.Left("U13OSKAR", "") })
	require.True(t, s.client.Left("", "Oskar@acme.example"))
	require.False(t, s.client.Left("U02BOB", ""))
	require.False(t, s.client.Left("U02BOB", "oskar@acme.example"), "an id says more than an address")
	require.False(t, s.client.Left("", ""))
	require.False(t, s.client.Left("U99NOBODY", ""))
}

// Slack tells of a change, and the person's rights go with it, whatever was remembered of them.
func TestADeactivationIsHeardAtOnce(t *testing.T) {
	s := raise(t).start()
	s.watch()
	s.await("oskar is known to have left", func() bool { return s.client.Left("U13OSKAR", "") })
	bob, err := s.client.Person(t.Context(), "U02BOB")
	require.NoError(t, err)
	require.Equal(t, chat.Member, bob.Standing)

	s.control("person", reply{"user": "bob", "deactivated": true})
	s.await("bob has left", func() bool { return s.client.Left("U02BOB", "") })
	require.True(t, s.client.Left("", "bob@acme.example"))
	bob, err = s.client.Person(t.Context(), "U02BOB")
	require.NoError(t, err)
	require.Equal(t, chat.Deactivated, bob.Standing)
	require.Empty(t, s.router.requests(), "nothing was asked")

	s.control("person", reply{"user": "bob", "deactivated": false})
	s.await("bob is back", func() bool { return !s.client.Left("U02BOB", "") && !s.client.Left("", "bob@acme.example") })
}

// An event that never came is made up for within the hour.
func TestEverybodyIsLookedAtEveryHour(t *testing.T) {
	s := raise(t) // nothing hears events
	s.watch()
	s.await("slack was asked", func() bool { return s.client.Left("U13OSKAR", "") })
	s.control("person", reply{"user": "carol", "deactivated": true})
	require.False(t, s.client.Left("U03CAROL", ""))
	s.fault(reply{"method": "users.list", "status": 500})
	s.pass("10m", "that failed", func() bool { return len(s.calls("users.list")) == 2 })
	require.True(t, s.client.Left("U13OSKAR", ""), "what was known stays")
	s.pass("1m", "carol has left", func() bool { return s.client.Left("U03CAROL", "") })
}
