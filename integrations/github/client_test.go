package github

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gh "github.com/google/go-github/v60/github"
	"github.com/stretchr/testify/require"

	"bellhop/clock"
)

// fastClock shows the real time but never waits, so that retries cost nothing.
type fastClock struct{ clock.Real }

func (fastClock) Wait(ctx context.Context, _ time.Time) error { return ctx.Err() }

// serve starts an API and a token client for it.
func serve(t *testing.T, handler http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	c, err := New(Options{APIURL: server.URL + "/api/v3/", Token: "ghp_secret", Clock: fastClock{}})
	require.NoError(t, err)
	return c
}

// client is the API client for acme.
func (c *Client) acme(t *testing.T) *gh.Client {
	t.Helper()
	client, err := c.For(context.Background(), "acme")
	require.NoError(t, err)
	return client
}

func TestETagAlwaysRevalidates(t *testing.T) {
	var asked, spared atomic.Int32
	state := atomic.Value{}
	state.Store("queued")
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		tag := `"` + state.Load().(string) + `"`
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			spared.Add(1)
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		fmt.Fprintf(w, `{"id":1,"status":%q}`, state.Load())
	})
	for i, want := range []string{"queued", "queued", "in_progress", "in_progress"} {
		state.Store(want)
		run, _, err := c.acme(t).Actions.GetWorkflowRunByID(context.Background(), "acme", "payments", 1)
		require.NoError(t, err)
		require.Equal(t, want, run.GetStatus())
		require.EqualValues(t, i+1, asked.Load(), "every answer has GitHub's word")
	}
	require.EqualValues(t, 2, spared.Load())
}

func TestETagsAreKeptApartByIdentity(t *testing.T) {
	s := newETagStore()
	s.put(&kept{key: "a\n\nu", tag: "1", body: []byte("x")})
	_, ok := s.get("b\n\nu")
	require.False(t, ok)
	for i := range 40 {
		s.put(&kept{key: strconv.Itoa(i), body: make([]byte, etagEntry)})
	}
	require.LessOrEqual(t, s.size, etagBytes)
	require.Len(t, s.byKey, s.order.Len())
	_, ok = s.get("39")
	require.True(t, ok)
}

func TestLimitsAreClassified(t *testing.T) {
	date := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	cases := map[string]struct {
		status int
		header map[string]string
		body   string
		want   time.Duration // from now; 0: no limit
		second bool
	}{
		"primary": {403, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": strconv.FormatInt(date.Add(7*time.Minute).Unix(), 10),
			"Date": date.Format(http.TimeFormat)}, `{"message":"API rate limit exceeded for user ID 1."}`, 7 * time.Minute, false},
		"secondary with time":    {403, map[string]string{"Retry-After": "30"}, `{}`, 30 * time.Second, true},
		"secondary without time": {403, nil, `{"message":"You have exceeded a secondary rate limit. Please wait"}`, time.Minute, true},
		"secondary by address":   {403, nil, `{"message":"x","documentation_url":"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"}`, time.Minute, true},
		"429":                    {429, map[string]string{"Retry-After": "5"}, ``, 5 * time.Second, true},
		"429 bare":               {429, nil, ``, time.Minute, true},
		"forbidden":              {403, nil, `{"message":"Resource not accessible by integration"}`, 0, false},
		"forbidden, not JSON":    {403, nil, `<html>`, 0, false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var calls atomic.Int32
			c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				calls.Add(1)
				for k, v := range tc.header {
					w.Header().Set(k, v)
				}
				w.WriteHeader(tc.status)
				fmt.Fprint(w, tc.body)
			})
			before := time.Now()
			_, _, err := c.acme(t).Repositories.Get(context.Background(), "acme", "payments")
			require.Error(t, err)
			var limit *RateLimited
			if tc.want == 0 {
				require.False(t, errors.As(err, &limit))
				require.Equal(t, tc.status, statusOf(err))
				return
			}
			require.ErrorAs(t, err, &limit)
			require.Equal(t, tc.second, limit.Secondary)
			require.WithinRange(t, limit.RetryAt(), before.Add(tc.want), time.Now().Add(tc.want))
			_, _, err = c.acme(t).Repositories.Get(context.Background(), "acme", "other")
			require.ErrorAs(t, err, &limit)
			require.EqualValues(t, 1, calls.Load(), "nothing is asked before the pause is over")
		})
	}
}

func TestOnlyReadsAreRetried(t *testing.T) {
	var calls atomic.Int32
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if calls.Add(1) < 3 {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		fmt.Fprint(w, `{"full_name":"acme/payments"}`)
	})
	r, _, err := c.acme(t).Repositories.Get(context.Background(), "acme", "payments")
	require.NoError(t, err)
	require.Equal(t, "acme/payments", r.GetFullName())

	calls.Store(0)
	_, err = c.acme(t).Actions.RerunWorkflowByID(context.Background(), "acme", "payments", 1)
	require.Equal(t, http.StatusInternalServerError, statusOf(err))
	require.EqualValues(t, 1, calls.Load())
}

func TestTokenStaysWithTheAPI(t *testing.T) {
	var leaked atomic.Value
	leaked.Store("")
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		leaked.Store(r.Header.Get("Authorization"))
		fmt.Fprint(w, `{}`)
	}))
	defer elsewhere.Close()
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer ghp_secret" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		http.Redirect(w, r, elsewhere.URL, http.StatusFound)
	})
	_, _, err := c.acme(t).Repositories.Get(context.Background(), "acme", "payments")
	require.NoError(t, err)
	require.Empty(t, leaked.Load())
}

func TestAppFindsItsInstallationByOwner(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	text := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch p := strings.TrimPrefix(r.URL.Path, "/api/v3"); p {
		case "/orgs/acme/installation":
			fmt.Fprint(w, `{"id":7}`)
		case "/users/alice/installation":
			fmt.Fprint(w, `{"id":8,"suspended_at":"2026-01-01T00:00:00Z"}`)
		case "/app":
			fmt.Fprint(w, `{"slug":"bellhop-acme"}`)
		case "/app/installations/7/access_tokens":
			w.WriteHeader(http.StatusCreated)
			fmt.Fprintf(w, `{"token":"ghs_7","expires_at":%q}`, time.Now().Add(time.Hour).Format(time.RFC3339))
		case "/repos/acme/payments":
			fmt.Fprintf(w, `{"full_name":%q}`, r.Header.Get("Authorization"))
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer server.Close()
	c, err := New(Options{APIURL: server.URL + "/api/v3", AppID: 3, PrivateKey: text})
	require.NoError(t, err)
	ctx := context.Background()
	r, _, err := c.acme(t).Repositories.Get(ctx, "acme", "payments")
	require.NoError(t, err)
	require.Equal(t, "token ghs_7", r.GetFullName())
	_, err = c.For(ctx, "alice")
	require.EqualError(t, err, "Bellhop's GitHub App is suspended at alice. An owner of it can unsuspend it in GitHub's settings.")
	_, err = c.For(ctx, "nobody")
	require.EqualError(t, err, "Bellhop's GitHub App is not installed at nobody. An owner of it can install the App in GitHub's settings.")
	me, err := c.Self(ctx)
	require.NoError(t, err)
	require.Equal(t, Identity{Login: "bellhop-acme[bot]", App: true}, me)
}

func TestOptionsAreChecked(t *testing.T) {
	for _, o := range []Options{{}, {Token: "a", AppID: 1}, {APIURL: "api.github.com", Token: "a"}, {AppID: 1, PrivateKey: []byte("SECRET")}} {
		_, err := New(o)
		require.Error(t, err)
		require.NotContains(t, err.Error(), "SECRET")
	}
	for api, web := range map[string]string{"": "https://github.com", "https://ghe.acme.example/api/v3/": "https://ghe.acme.example",
		"https://api.acme.ghe.com/":    "https://acme.ghe.com",
		"http://127.0.0.1:8484/api/v3": "http://127.0.0.1:8484"} {
		c, err := New(Options{APIURL: api, Token: "a"})
		require.NoError(t, err)
		require.Equal(t, web, c.WebURL())
	}
}
