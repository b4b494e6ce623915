package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// demoRun is a demo in this process.
type demoRun struct {
	base string
	stop func() (code int, log string)
}

// runDemo starts the demo and waits until its page is named.
func runDemo(t *testing.T, args ...string) demoRun {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	var log bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		args := append([]string{"demo", "--listen", "127.0.0.1:0"}, args...)
		ended <- run(ctx, args, terminal{out: in, err: &log, env: func(string) string { return "" }})
		in.Close()
	}()
	d := demoRun{base: pageOf(t, out), stop: func() (int, string) { cancel(); return <-ended, log.String() }}
	t.Cleanup(cancel)
	return d
}

// pageOf reads a demo's words until they name the page, and goes on reading.
func pageOf(t *testing.T, out io.Reader) string {
	t.Helper()
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if base := regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(lines.Text()); base != "" {
			go func() { _, _ = io.Copy(io.Discard, out) }() // until the demo ends
			return base
		}
	}
	t.Fatalf("the demo named no page: %v", lines.Err())
	return ""
}

// post asks the playground's control and gives its answer.
func post(t *testing.T, url string, body any) map[string]any {
	t.Helper()
	data, err := json.Marshal(body)
	require.NoError(t, err)
	response, err := http.Post(url, "application/json", bytes.NewReader(data))
	require.NoError(t, err)
	defer response.Body.Close()
	answer := map[string]any{}
	require.NoError(t, json.NewDecoder(response.Body).Decode(&answer))
	return answer
}

// asked types a command as Alice in #payments, as soon as the bot has a socket.
func asked(t *testing.T, base, command, text string) {
	t.Helper()
	until(t, "the bot to take "+command, func() bool {
		return post(t, base+"/_control/command", map[string]string{"user": "U01ALICE", "channel": "C02PAYMENTS", "command": command, "text": text})["ok"] == true
	})
}

// sees waits until what is at url holds words.
func sees(t *testing.T, url, words string) {
	t.Helper()
	said := ""
	defer func() {
		if t.Failed() {
			t.Logf("%s says:\n%s", url, said)
		}
	}()
	until(t, words, func() bool {
		said = get(t, url)
		return strings.Contains(said, words)
	})
}

func get(t *testing.T, url string) string {
	t.Helper()
	response, err := http.Get(url)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return string(body)
}

// until asks again and again, for as long as a story waits, until check is true.
func until(t *testing.T, what string, check func() bool) {
	t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for deadline := time.Now().Add(patience); !check(); <-again.C {
		require.False(t, time.Now().After(deadline), "waiting for %s", what)
	}
}

// The demo needs nothing, answers, moves to the next summary at a press, ends well and leaves nothing behind.
func TestDemo(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	d := runDemo(t)
	asked(t, d.base, "/who-owns", "payments")
	sees(t, d.base+"/_control/ephemerals/C02PAYMENTS/U01ALICE", "payments → Team Ledger")
	sees(t, d.base+"/_page/state?user=U01ALICE", "Next summary")
	sees(t, d.base+"/_page/state?user=U01ALICE", `"landing":"C02PAYMENTS"`)
	before := post(t, d.base+nextSummaryPath, nil)
	assert.Equal(t, true, before["ok"])
	assert.Greater(t, before["offset_ms"], 0.0)

	code, log := d.stop()
	assert.Zero(t, code, log)
	left, err := os.ReadDir(temporary)
	require.NoError(t, err)
	assert.Empty(t, left, "the temporary folder is gone")
}

// With --data the demo goes on where it was, even after kill -9, and its folder belongs to one demo at a time.
func TestDemoKeepsItsData(t *testing.T) {
	dir := t.TempDir()
	killed := exec.Command(os.Args[0])
	killed.Args = []string{"bot", "demo", "--listen", "127.0.0.1:0", "--data", dir}
	killed.Stderr = os.Stderr
	out, err := killed.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, killed.Start())
	defer func() { _ = killed.Process.Kill() }() // when something below failed
	base := pageOf(t, out)
	asked(t, base, "/deploy-env", "feature-x")
	sees(t, base+"/_control/messages/C02PAYMENTS", "feature-x → preview")
	sees(t, base+"/_control/github/log", "/dispatches") // killed before, it would rightly be lost

	var said strings.Builder
	code := run(t.Context(), []string{"demo", "--listen", "127.0.0.1:0", "--data", dir}, terminal{out: &said, err: &said, env: func(string) string { return "" }})
	assert.Equal(t, 1, code)
	assert.Contains(t, said.String(), "is in use by another playground")

	require.NoError(t, killed.Process.Kill())
	_, err = killed.Process.Wait()
	require.NoError(t, err)
	d := runDemo(t, "--data", dir)
	sees(t, d.base+"/_control/messages/C02PAYMENTS", "feature-x → preview")
	post(t, d.base+"/_control/clock", map[string]string{"advance": "2m"})
	sees(t, d.base+"/_control/messages/C02PAYMENTS", "feature-x → preview is up")
	code, log := d.stop()
	assert.Zero(t, code, log)
	assert.FileExists(t, filepath.Join(dir, "bellhop.db"))
	assert.FileExists(t, filepath.Join(dir, "catalog", "team-ledger.yaml"))
}
