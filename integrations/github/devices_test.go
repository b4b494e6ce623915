package github_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellhop/catalog"
	"bellhop/chat"
	"bellhop/integrations/github"
)

func TestDeviceFlow(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	devices := github.NewDevices(w.as("ghp_demo"))
	start := func() catalog.DeviceCode {
		code, err := devices.Start(ctx)
		require.NoError(t, err)
		require.Regexp(t, `^[A-Z]{4}-[A-Z]{4}$`, code.UserCode)
		require.Equal(t, w.url+"/login/device", code.URL)
		require.Equal(t, 6*time.Second, code.Interval)
		require.WithinDuration(t, w.clock.Now().Add(15*time.Minute), code.Expires, time.Minute)
		return code
	}
	wait := func(code catalog.DeviceCode) { require.NoError(t, w.clock.Advance(code.Interval)) }

	code := start()
	_, err := devices.Login(ctx, code)
	require.ErrorIs(t, err, catalog.ErrDevicePending)
	_, err = devices.Login(ctx, code)
	require.ErrorIs(t, err, catalog.ErrDeviceSlower)
	w.control("device", map[string]any{"user_code": code.UserCode, "login": "alice"})
	require.NoError(t, w.clock.Advance(time.Minute))
	login, err := devices.Login(ctx, code)
	require.NoError(t, err)
	require.Equal(t, "alice", login)
	wait(code)
	_, err = devices.Login(ctx, code)
	require.ErrorIs(t, err, catalog.ErrDeviceExpired, "a code is good once")

	code = start()
	w.control("device", map[string]any{"user_code": code.UserCode, "login": "bob", "deny": true})
	_, err = devices.Login(ctx, code)
	require.ErrorIs(t, err, catalog.ErrDeviceDenied)

	code = start()
	require.NoError(t, w.clock.Advance(16*time.Minute))
	_, err = devices.Login(ctx, code)
	require.ErrorIs(t, err, catalog.ErrDeviceExpired)

	w.control("options", map[string]any{"device_flow": false})
	_, err = devices.Start(ctx)
	var told *chat.UserError
	require.ErrorAs(t, err, &told)
	require.ErrorContains(t, err, "The device flow is switched off in Bellhop's GitHub App.")
	_, err = github.NewDevices(w.client).Start(ctx) // without a client id
	require.ErrorContains(t, err, "GitHub knows no App with Bellhop's client id.")
}

// TestATokenOfADeviceIsKeptNowhere holds errors to not tell what GitHub said.
func TestATokenOfADeviceIsKeptNowhere(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		if r.URL.Path == "/login/oauth/access_token" {
			fmt.Fprint(w, `{"access_token":"ghu_secret"}`)
			return
		}
		w.WriteHeader(http.StatusBadGateway)
		fmt.Fprint(w, `{"message":"ghu_secret"}`)
	}))
	defer server.Close()
	client, err := github.New(github.Options{APIURL: server.URL + "/api/v3", Token: "t", ClientID: "x"})
	require.NoError(t, err)
	_, err = github.NewDevices(client).Login(context.Background(), catalog.DeviceCode{Secret: "device-secret"})
	require.EqualError(t, err, "ask GitHub who that is: GitHub answered 502")
	server.Close()
	_, err = github.NewDevices(client).Login(context.Background(), catalog.DeviceCode{Secret: "device-secret"})
	require.Error(t, err)
	require.NotContains(t, err.Error(), "secret")
}
