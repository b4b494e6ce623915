package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"bellhop/clock"
)

// theirs is a playground's clock as the playground serves it.
func theirs(t *testing.T) (*clock.Adjustable, string) {
	t.Helper()
	c := &clock.Adjustable{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/_control/clock" {
			http.NotFound(w, r)
			return
		}
		offset, changed := c.Offset()
		if r.URL.Query().Get("offset_ms") == strconv.FormatInt(offset.Milliseconds(), 10) {
			select {
			case <-changed:
			case <-r.Context().Done():
			}
			offset, _ = c.Offset()
		}
		fmt.Fprintf(w, `{"ok":true,"now":"…","offset_ms":%d}`, offset.Milliseconds())
	}))
	t.Cleanup(server.Close)
	return c, server.URL
}

func TestFollowPlaygroundClock(t *testing.T) {
	c, address := theirs(t)
	require.NoError(t, c.Advance(time.Hour))
	f, err := newFollower(address, zerolog.Nop())
	require.NoError(t, err)
	require.NoError(t, f.start(t.Context()))
	offset, _ := f.clock.Offset()
	assert.Equal(t, time.Hour, offset, "from the start")

	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- f.Run(ctx) }()
	for _, jump := range []time.Duration{8 * time.Hour, time.Minute} {
		until := f.clock.Now().Add(jump)
		require.NoError(t, c.Advance(jump))
		require.NoError(t, f.clock.Wait(ctx, until)) // ends as soon as the jump is here
	}
	cancel()
	require.NoError(t, <-ended)
}

func TestFollowRefuses(t *testing.T) {
	for address, wrong := range map[string]string{
		"playground":               "is not an address",
		"http://10.0.0.7:8484":     "is not on this machine",
		"http://example.com":       "is not on this machine",
		"https://127.0.0.1:8484":   "is not an address",
		"http://127.0.0.1.example": "is not on this machine",
	} {
		_, err := newFollower(address, zerolog.Nop())
		assert.ErrorContains(t, err, wrong, address)
	}
	for _, address := range []string{"http://127.0.0.1:8484", "http://[::1]:8484/", "http://localhost:8484/_control/clock"} {
		f, err := newFollower(address, zerolog.Nop())
		require.NoError(t, err)
		assert.Equal(t, "/_control/clock", f.at.Path)
	}
}
