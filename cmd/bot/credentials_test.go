package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"bellhop/clock"
	"bellhop/integrations/github"
)

// lines is a log that can be read while it is written.
type lines struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}

// A token that GitHub refuses is told at the start, by log, note and metric, and believed as soon as GitHub takes it.
func TestGitHubIsAskedAtTheStart(t *testing.T) {
	var asked atomic.Int32
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) < 3 {
			http.Error(w, `{"message":"Bad credentials"}`, http.StatusUnauthorized)
			return
		}
		_, _ = w.Write([]byte(`{"login":"bellhop-bot"}`))
	}))
	defer api.Close()
	log, time0 := &lines{}, &clock.Adjustable{}
	client, err := github.New(github.Options{APIURL: api.URL, Token: "ghp_wrong"})
	require.NoError(t, err)
	b := &bot{metrics: newMetrics(), github: client}
	b.watchGitHub(parts{clock: time0, log: zerolog.New(log)})
	ended := make(chan error, 1)
	go func() { ended <- b.runs[0](t.Context()) }()

	const refusal = "GitHub refuses GITHUB_TOKEN"
	until(t, "the first refusal", func() bool { return len(b.ready.told()) == 1 })
	assert.Contains(t, b.ready.told()[0], "github: "+refusal)
	assert.Empty(t, b.ready.missing(t.Context()), "it is ready all the same")
	until(t, "the log", func() bool { return log.String() != "" })
	assert.Contains(t, log.String(), `"level":"error"`)
	assert.Contains(t, log.String(), refusal)
	assert.Equal(t, 1, testutil.CollectAndCount(b.metrics, "bellhop_github_credentials_ok"))
	for offset := 2 * time.Hour; len(ended) == 0; offset += 2 * time.Hour {
		require.NoError(t, time0.SetOffset(offset))
		before := asked.Load()
		until(t, "GitHub to be asked again", func() bool { return asked.Load() > before || len(ended) > 0 })
	}
	require.NoError(t, <-ended)
	assert.Empty(t, b.ready.told())
	assert.Equal(t, 1, bytes.Count([]byte(log.String()), []byte(refusal)), "said once")
	assert.Contains(t, log.String(), `"as":"bellhop-bot"`)
}

// A note stands below "ready", where a probe does not mind it.
func TestReadyWithANote(t *testing.T) {
	ready := &readiness{}
	ready.add("database", func(context.Context) error { return nil })
	ready.note("github", "GitHub refuses GITHUB_TOKEN")
	answer := httptest.NewRecorder()
	(&opsServer{ready: ready, metrics: newMetrics(), log: zerolog.Nop()}).handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/readyz", nil))
	assert.Equal(t, http.StatusOK, answer.Code)
	assert.Equal(t, "ready\ngithub: GitHub refuses GITHUB_TOKEN\n", answer.Body.String())
}
