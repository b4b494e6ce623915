package accountstest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellhop/accounts"
	"bellhop/catalog"
)

// now is the suite's present, in whole milliseconds as databases keep it.
var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// StoreSuite holds a store to accounts.Store's promises; due tells when a person's work item is due.
func StoreSuite(t *testing.T, open func(t *testing.T) (store accounts.Store, due func(person string) time.Time)) {
	t.Run("links", func(t *testing.T) {
		s, _ := open(t)
		alice := accounts.Link{Person: "U01ALICE", Login: "Alice-M", At: now}
		require.NoError(t, s.Link(t.Context(), alice))
		require.ErrorIs(t, s.Link(t.Context(), accounts.Link{Person: "U02BOB", Login: "alice-m", At: now}), accounts.ErrTaken)
		require.NoError(t, s.Link(t.Context(), accounts.Link{Person: "U02BOB", Login: "bob", At: now}))
		alice.Login = "alice" // she was renamed, and links again
		require.NoError(t, s.Link(t.Context(), alice))
		links, err := s.Links(t.Context())
		require.NoError(t, err)
		require.Equal(t, []accounts.Link{alice, {Person: "U02BOB", Login: "bob", At: now}}, links)
		require.NoError(t, s.Unlink(t.Context(), "U01ALICE"))
		require.NoError(t, s.Unlink(t.Context(), "U01ALICE"), "what is not there is fine")
		require.NoError(t, s.Link(t.Context(), accounts.Link{Person: "U02BOB", Login: "alice", At: now}), "it is free again")
	})
	t.Run("flows", func(t *testing.T) {
		s, due := open(t)
		_, err := s.Flow(t.Context(), "U01ALICE")
		require.ErrorIs(t, err, accounts.ErrNotFound)
		first := accounts.Flow{Person: "U01ALICE", Email: "alice@acme.example", StartedAt: now,
			Code: catalog.DeviceCode{UserCode: "WDJB-MJHT", URL: "https://github.com/login/device", Secret: "s1", Interval: 5 * time.Second, Expires: now.Add(15 * time.Minute)}}
		require.NoError(t, s.Begin(t.Context(), first, now.Add(5*time.Second)))
		found, err := s.Flow(t.Context(), "U01ALICE")
		require.NoError(t, err)
		require.Equal(t, first, found)
		second := first
		second.Code.Secret = "s2"
		require.NoError(t, s.Begin(t.Context(), second, now.Add(7*time.Second)))
		require.NoError(t, s.End(t.Context(), first), "who begins anew keeps what is new")
		found, err = s.Flow(t.Context(), "U01ALICE")
		require.NoError(t, err)
		require.Equal(t, second, found)
		require.WithinDuration(t, now.Add(7*time.Second), due("U01ALICE"), 0)
		require.NoError(t, s.End(t.Context(), second))
		_, err = s.Flow(t.Context(), "U01ALICE")
		require.ErrorIs(t, err, accounts.ErrNotFound)
	})
}
