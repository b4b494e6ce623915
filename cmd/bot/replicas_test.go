package main

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"bellhop/integrations/database/databasetest"
)

// child is a process of this binary.
type child struct {
	*exec.Cmd
	ops string // where a serving one is probed
}

// spawn starts bot with args in dir; out receives what it prints for people. It is killed when the test ends.
func spawn(t *testing.T, dir string, env []string, args ...string) (c child, out io.Reader) {
	t.Helper()
	c.Cmd = exec.Command(os.Args[0])
	c.Args = append([]string{"bot"}, args...)
	c.Dir, c.Env = dir, append(os.Environ(), env...)
	out, err := c.StdoutPipe()
	require.NoError(t, err)
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	require.NoError(t, err)
	c.Stderr = log
	require.NoError(t, c.Start())
	t.Cleanup(func() {
		_ = c.Process.Kill() // it may have ended already
		_ = c.Wait()         // killed on purpose
		text, err := os.ReadFile(log.Name())
		if t.Failed() && err == nil {
			t.Logf("%s:\n%s", strings.Join(args, " "), text)
		}
		assert.NoError(t, log.Close())
	})
	return c, out
}

// replica starts a serving process and waits until it is ready.
func replica(t *testing.T, dir string, env []string, base string) child {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	c, _ := spawn(t, dir, append(env, "BELLHOP_LISTEN="+l.Addr().String()), "serve", "--clock", base)
	c.ops = "http://" + l.Addr().String()
	until(t, "a replica to be ready", func() bool {
		response, err := http.Get(c.ops + "/readyz")
		if err != nil {
			return false
		}
		response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
	return c
}

// Two replicas share one PostgreSQL. One dies in the middle of a deployment, right after it was asked for: the other one
// brings it to its end, dispatched once, on one card.
func TestReplicas(t *testing.T) {
	database := databasetest.PostgresURL(t)
	dir := t.TempDir()
	require.NoError(t, demoFiles(dir))
	_, out := spawn(t, dir, nil, "playground", "--listen", "127.0.0.1:0")
	base := pageOf(t, out)
	env := []string{"DATABASE_URL=" + database, "SLACK_API_URL=" + base + "/api/", "GITHUB_API_URL=" + base + "/api/v3/",
		"SLACK_BOT_TOKEN=" + demoBotToken, "SLACK_APP_TOKEN=" + demoAppToken, "GITHUB_TOKEN=" + demoGitHubToken}
	first, second := replica(t, dir, env, base), replica(t, dir, env, base)

	asked(t, base, "/deploy-env", "feature-x")
	sees(t, base+"/_control/messages/C02PAYMENTS", "feature-x → preview")
	sees(t, base+"/_control/github/log", "/dispatches")
	require.NoError(t, first.Process.Kill())
	post(t, base+"/_control/clock", map[string]string{"advance": "30s"}) // the dead one's claim runs out, and the run ends
	sees(t, base+"/_control/messages/C02PAYMENTS", "feature-x → preview is up")
	assert.Equal(t, 1, strings.Count(get(t, base+"/_control/github/log"), "/dispatches"), "dispatches")
	var messages struct{ Messages []json.RawMessage }
	require.NoError(t, json.Unmarshal([]byte(get(t, base+"/_control/messages/C02PAYMENTS")), &messages))
	assert.Len(t, messages.Messages, 1, "cards")

	require.NoError(t, second.Process.Signal(syscall.SIGTERM))
	state, err := second.Process.Wait()
	require.NoError(t, err)
	assert.True(t, state.Success(), state.String())
}
