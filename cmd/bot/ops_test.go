package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOps(t *testing.T) {
	ready := &readiness{}
	var slackErr error
	ready.add("database", func(context.Context) error { return nil })
	ready.add("slack", func(context.Context) error { return slackErr })
	server := httptest.NewServer((&opsServer{ready: ready, metrics: newMetrics(), log: zerolog.Nop()}).handler())
	defer server.Close()
	address := strings.TrimPrefix(server.URL, "http://")

	get := func(path string) (int, string) {
		response, err := http.Get(server.URL + path)
		require.NoError(t, err)
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		return response.StatusCode, string(body)
	}
	health := func(args ...string) (int, string) {
		var out strings.Builder
		code := run(t.Context(), append([]string{"health", "--listen", address}, args...), terminal{out: &out, err: &out, env: func(string) string { return "" }})
		return code, out.String()
	}

	status, body := get("/readyz")
	assert.Equal(t, 200, status)
	assert.Equal(t, "ready\n", body)
	code, said := health()
	assert.Zero(t, code, said)

	slackErr = errors.New("connection 2 is not up")
	status, body = get("/readyz")
	assert.Equal(t, 503, status)
	assert.Equal(t, "not ready\nslack: connection 2 is not up\n", body)
	code, said = health()
	assert.Equal(t, 1, code)
	assert.Contains(t, said, "slack: connection 2 is not up")
	code, _ = health("--live")
	assert.Zero(t, code, "it lives all the same")

	status, body = get("/metrics")
	assert.Equal(t, 200, status)
	assert.Contains(t, body, "bellhop_build_info{version=")
	status, _ = get("/else")
	assert.Equal(t, 404, status)
}

func TestHealthOfNobody(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	var out strings.Builder
	code := run(t.Context(), []string{"health", "--listen", l.Addr().String()}, terminal{out: &out, err: &out, env: func(string) string { return "" }})
	assert.Equal(t, 1, code)
	assert.Contains(t, out.String(), "nobody serves there")
}

func TestReachable(t *testing.T) {
	for listen, want := range map[string]string{":8480": "127.0.0.1:8480", "0.0.0.0:1": "127.0.0.1:1", "[::]:1": "127.0.0.1:1", "10.0.0.7:1": "10.0.0.7:1", "localhost:1": "localhost:1"} {
		got, err := reachable(listen)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	_, err := reachable("8480")
	assert.ErrorContains(t, err, "is not HOST:PORT")
}

// What cannot be listened on is told in words that name both ways of setting it.
func TestListenRefuses(t *testing.T) {
	for address, want := range map[string]string{
		"foo":               `"foo" is not HOST:PORT like 127.0.0.1:8480`,
		"127.0.0.1:http:80": `"127.0.0.1:http:80" is not HOST:PORT like 127.0.0.1:8480`,
		"127.0.0.1:99999":   `"127.0.0.1:99999" has the port 99999; ports are numbers from 0 to 65535`,
		"127.0.0.1:none":    `"127.0.0.1:none" has the port none; ports are numbers from 0 to 65535`,
		"192.0.2.7:8480":    "192.0.2.7:8480: this machine has no such address",
		"nowhere.invalid:1": "nowhere.invalid:1: there is no host of that name",
	} {
		_, err := listen(t.Context(), address, listenSetting)
		require.EqualError(t, err, "--listen (BELLHOP_LISTEN) "+want, address)
	}
}

func TestServeHTTPEndsWithItsContext(t *testing.T) {
	l, err := listen(t.Context(), "127.0.0.1:0", listenSetting)
	require.NoError(t, err)
	_, err = listen(t.Context(), l.Addr().String(), listenSetting)
	require.EqualError(t, err, "--listen (BELLHOP_LISTEN) "+l.Addr().String()+" is taken by another process: end that one, or name another address")

	ctx, cancel := context.WithCancel(t.Context())
	under := make(chan struct{})
	ended := make(chan error, 1)
	go func() {
		ended <- serveHTTP(ctx, l, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			close(under)
			<-r.Context().Done() // a long-poll ends with the server
		}))
	}()
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		if response, err := http.Get("http://" + l.Addr().String()); err == nil {
			response.Body.Close()
		}
	}()
	<-under
	cancel()
	require.NoError(t, <-ended)
	<-asked
}
