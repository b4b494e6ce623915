//go:build bolt

package slack

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestBolt runs a bot in Bolt for JavaScript against the playground: go test -tags bolt, with NODE_PATH naming a folder
// node_modules where npm has installed @slack/bolt.
func TestBolt(t *testing.T) {
	p := start(t)
	watch := p.watch()
	ctx, cancel := context.WithTimeout(context.Background(), 3*wait)
	defer cancel()
	script, err := filepath.Abs("testdata/bolt.js")
	require.NoError(t, err)
	bot := exec.CommandContext(ctx, "node", script)
	bot.Env = append(os.Environ(), "SLACK_API_URL="+p.http.URL+"/api/")
	bot.Stderr = os.Stderr
	out, err := bot.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, bot.Start())
	defer func() {
		cancel()
		_ = bot.Wait() // it was killed
	}()
	require.True(t, bufio.NewScanner(out).Scan(), "the bot did not start")
	watch.until(func(n reply) bool { return n["type"] == "socket" })

	p.control("command", reply{"channel": "C02PAYMENTS", "user": "alice", "command": "/who-owns", "text": "payments"})
	watch.untilType("ephemeral")
	require.Equal(t, "payments belongs to Team Ledger", p.ephemerals("C02PAYMENTS", "alice")[0].Text)
	p.control("command", reply{"channel": "C02PAYMENTS", "user": "bob", "command": "/plain"})
	require.Equal(t, "from the ack", p.ephemerals("C02PAYMENTS", "bob")[0].Text)

	p.control("message", reply{"channel": "C03LEDGER", "user": "bob", "text": "@bellhop hi"})
	posted := watch.until(func(n reply) bool { return n["type"] == "call" && n["name"] == "chat.postMessage" })
	press := reply{"channel": "C03LEDGER", "messageTs": posted["ts"], "user": "bob", "action": reply{"action_id": "press"}}
	p.control("interact", press)
	watch.until(func(n reply) bool { return n["type"] == "call" && n["name"] == "response_url" })
	thread := p.messages("C03LEDGER")
	require.Equal(t, "pressed by bob", thread[len(thread)-1].Text)

	p.control("message", reply{"channel": "U02BOB", "user": "U02BOB", "text": "hello"})
	watch.until(func(n reply) bool { return n["type"] == "call" && n["name"] == "reactions.add" })
	require.Equal(t, "wave", p.messages("U02BOB")[0].Reactions[0].Name)

	p.control("open-home", reply{"user": "bob"})
	watch.untilType("home")
	require.NotNil(t, p.get("/_control/home/bob")["view"])

	p.control("shortcut", reply{"user": "bob", "callback_id": "deploy"})
	watch.untilType("view")
	view := p.get("/_control/views/bob")["views"].([]any)[0].(map[string]any)["id"]
	search := p.control("suggest", reply{"view_id": view, "user": "bob", "action_id": "one", "value": "x"})
	require.Len(t, search["options"], 1)
	bad := p.control("submit", reply{"view_id": view, "user": "bob", "values": reply{"name": "bad", "one": "found"}})
	require.Equal(t, map[string]any{"name": "Not that one."}, bad["errors"])
	p.control("submit", reply{"view_id": view, "user": "bob", "values": reply{"name": "good", "one": "found"}})
	watch.until(func(n reply) bool { return n["type"] == "call" && n["name"] == "chat.postMessage" })
	direct := p.messages("U02BOB")
	require.Equal(t, "got good and found", direct[len(direct)-1].Text)

	for slices.ContainsFunc(p.records("envelopes"), unacked) { // what is on its way when a connection closes is lost
		watch.untilType("ack")
	}
	p.control("fault", reply{"disconnect": "refresh_requested"})
	watch.until(func(n reply) bool { return n["type"] == "socket" && n["name"] == "open" })
	p.control("command", reply{"channel": "C02PAYMENTS", "user": "bob", "command": "/plain"})
	require.False(t, slices.ContainsFunc(p.records("envelopes"), unacked))
}

func unacked(envelope reply) bool { return envelope["acked"] != true }
