package slack

import (
	"fmt"
	"net"
	"net/http"
	"path"
	"strings"
	"time"

	"golang.org/x/time/rate"
)

// newHTTPClient is the client under slack-go, whose own has no timeout. The usual proxy and CA variables work.
func newHTTPClient(apiURL string) *http.Client {
	return &http.Client{
		Timeout: 30 * time.Second,
		Transport: &gate{
			prefix: apiURL,
			opens:  rate.NewLimiter(rate.Every(opensEvery), opensBurst),
			under: &http.Transport{
				Proxy:                 http.ProxyFromEnvironment,
				DialContext:           (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
				ForceAttemptHTTP2:     true,
				MaxIdleConns:          100,
				MaxIdleConnsPerHost:   16,
				IdleConnTimeout:       90 * time.Second,
				TLSHandshakeTimeout:   10 * time.Second,
				ResponseHeaderTimeout: 20 * time.Second,
			},
		},
	}
}

// slack-go has no backoff after a connection that was accepted and then closed at once, as Slack does with
// too_many_websockets: it was seen to open 6,804 connections in two seconds. So opening goes through a bucket.
const (
	opensEvery = 5 * time.Second
	opensBurst = 10
)

// gate is the RoundTripper that all calls pass: it holds back apps.connections.open and lets only methods of the table
// through, so that the scopes shown to the people who approve the app are all there are.
type gate struct {
	prefix string // the API's base URL with its slash
	opens  *rate.Limiter
	under  http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (g *gate) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasPrefix(r.URL.String(), g.prefix) {
		method := path.Base(r.URL.Path)
		if !known(method) {
			return nil, fmt.Errorf("the method %s stands in no table of scopes", method)
		}
		if method == connectionsOpen {
			if err := g.opens.Wait(r.Context()); err != nil {
				return nil, fmt.Errorf("wait to open a connection: %w", err)
			}
		}
	}
	return g.under.RoundTrip(r)
}
