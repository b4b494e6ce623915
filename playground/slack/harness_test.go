package slack

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
	"github.com/stretchr/testify/require"

	"bellhop/clock"
	"bellhop/playground/demo"
)

const testManifest = `
display_information: {name: Bellhop, description: Ask and deploy}
features:
  app_home: {home_tab_enabled: true, messages_tab_enabled: true, messages_tab_read_only_enabled: false}
  bot_user: {display_name: bellhop, always_online: true}
  slash_commands:
    - {command: /who-owns, description: Who owns it, usage_hint: NAME, should_escape: true}
    - {command: /plain, description: Without escaping}
  shortcuts:
    - {name: Deploy, callback_id: deploy, description: Deploy something, type: global}
    - {name: Who wrote it, callback_id: who, description: Ask about it, type: message}
oauth_config:
  scopes:
    bot: [app_mentions:read, "channels:history", "channels:join", "channels:read", "chat:write", commands, "files:read",
      "files:write", "groups:history", "groups:read", "im:history", "im:read", "im:write", "reactions:read",
      "reactions:write", "team:read", "usergroups:read", "users:read", "users:read.email"]
settings:
  event_subscriptions: {bot_events: [app_mention, message.im, message.channels, app_home_opened, reaction_added, member_joined_channel]}
  interactivity: {is_enabled: true}
  socket_mode_enabled: true
`

// wait bounds everything that a test waits for.
const wait = 10 * time.Second

// play is a playground with what a test needs to use it: the bot's client and a person's hands.
type play struct {
	t      testing.TB
	server *Server
	http   *httptest.Server
	clock  *clock.Adjustable
	bot    *slack.Client
	app    *slack.Client
	stop   func()
}

type option func(*Config)

func withManifest(text string) option { return func(c *Config) { c.Manifest = []byte(text) } }
func withDir(dir string) option       { return func(c *Config) { c.Dir = dir } }

func start(t testing.TB, options ...option) *play {
	t.Helper()
	world, err := ParseWorld(demo.Slack())
	require.NoError(t, err)
	mux := http.NewServeMux()
	p := &play{t: t, http: httptest.NewServer(mux), clock: &clock.Adjustable{}}
	cfg := Config{
		Clock: p.clock, World: world, Manifest: []byte(testManifest), BaseURL: p.http.URL, Log: zerolog.Nop(),
	}
	for _, o := range options {
		o(&cfg)
	}
	p.server, err = New(cfg)
	require.NoError(t, err)
	p.server.Register(mux)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.server.Run(ctx) }()
	stopped := false
	p.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		require.NoError(t, <-done)
		p.http.Close()
	}
	t.Cleanup(p.stop)
	p.bot = slack.New("xoxb-demo", slack.OptionAPIURL(p.http.URL+"/api/"))
	p.app = slack.New("xoxb-demo", slack.OptionAppLevelToken("xapp-demo"), slack.OptionAPIURL(p.http.URL+"/api/"))
	return p
}

// reply is a JSON answer.
type reply map[string]any

func (r reply) str(name string) string {
	text, _ := r[name].(string)
	return text
}

func (p *play) do(method, path string, body any) reply {
	p.t.Helper()
	var sent bytes.Buffer
	if body != nil {
		require.NoError(p.t, json.NewEncoder(&sent).Encode(body))
	}
	r, err := http.NewRequest(method, p.http.URL+path, &sent)
	require.NoError(p.t, err)
	answer, err := p.http.Client().Do(r)
	require.NoError(p.t, err)
	defer answer.Body.Close()
	out := reply{}
	require.NoError(p.t, json.NewDecoder(answer.Body).Decode(&out), path)
	return out
}

// control sends one scripting call that must succeed.
func (p *play) control(path string, body any) reply {
	p.t.Helper()
	out := p.do(http.MethodPost, "/_control/"+path, body)
	require.Equal(p.t, true, out["ok"], "%s: %v", path, out)
	return out
}

func (p *play) get(path string) reply {
	p.t.Helper()
	out := p.do(http.MethodGet, path, nil)
	require.Equal(p.t, true, out["ok"], "%s: %v", path, out)
	return out
}

// messages are a channel's messages, decoded as slack-go does it.
func (p *play) messages(channel string) []slack.Message {
	p.t.Helper()
	text, err := json.Marshal(p.get("/_control/messages/" + channel)["messages"])
	require.NoError(p.t, err)
	var out []slack.Message
	require.NoError(p.t, json.Unmarshal(text, &out))
	return out
}

func (p *play) ephemerals(channel, user string) []slack.Message {
	p.t.Helper()
	text, err := json.Marshal(p.get("/_control/ephemerals/" + channel + "/" + user)["messages"])
	require.NoError(p.t, err)
	var out []slack.Message
	require.NoError(p.t, json.Unmarshal(text, &out))
	return out
}

// records are the log's calls or envelopes.
func (p *play) records(kind string) []reply {
	p.t.Helper()
	var out []reply
	for _, r := range p.get("/_control/log")[kind].([]any) {
		out = append(out, reply(r.(map[string]any)))
	}
	return out
}

// watch reads /_control/events; until waits for a note that fits.
type watch struct {
	t     testing.TB
	notes chan reply
}

func (p *play) watch() *watch {
	p.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	p.t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.http.URL+"/_control/events", nil)
	require.NoError(p.t, err)
	answer, err := p.http.Client().Do(r)
	require.NoError(p.t, err)
	w := &watch{t: p.t, notes: make(chan reply, 1000)}
	lines := bufio.NewScanner(answer.Body)
	require.True(p.t, lines.Scan())
	go func() {
		defer answer.Body.Close()
		for lines.Scan() {
			n := reply{}
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok && json.Unmarshal([]byte(data), &n) == nil {
				w.notes <- n
			}
		}
	}()
	return w
}

func (w *watch) until(fits func(reply) bool) reply {
	w.t.Helper()
	limit := time.After(wait)
	for {
		select {
		case n := <-w.notes:
			if fits(n) {
				return n
			}
		case <-limit:
			require.FailNow(w.t, "the awaited change did not come")
		}
	}
}

func (w *watch) untilType(kind string) reply {
	w.t.Helper()
	return w.until(func(n reply) bool { return n["type"] == kind })
}

// listener is a Socket Mode client whose events a test takes one by one.
type listener struct {
	t      testing.TB
	client *socketmode.Client
}

// connect opens a Socket Mode connection and waits for its hello.
func (p *play) connect() *listener {
	p.t.Helper()
	l := &listener{t: p.t, client: socketmode.New(p.app)}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := l.client.RunContext(ctx); err != nil && !errors.Is(err, context.Canceled) {
			p.t.Errorf("socket mode client: %v", err)
		}
	}()
	p.t.Cleanup(func() {
		cancel()
		for {
			select {
			case <-l.client.Events:
			case <-done:
				return
			}
		}
	})
	l.next(socketmode.EventTypeHello)
	return l
}

// next is the next event of the given type; connecting and the like are passed over.
func (l *listener) next(kind socketmode.EventType) socketmode.Event {
	l.t.Helper()
	limit := time.After(wait)
	for {
		select {
		case e := <-l.client.Events:
			if e.Type == kind {
				return e
			}
			switch e.Type {
			case socketmode.EventTypeConnecting, socketmode.EventTypeConnected, socketmode.EventTypeHello,
				socketmode.EventTypeDisconnect, socketmode.EventTypeConnectionError, socketmode.EventTypeIncomingError:
			default:
				require.FailNow(l.t, fmt.Sprintf("got %s, wanted %s: %+v", e.Type, kind, e))
			}
		case <-limit:
			require.FailNow(l.t, "no event "+string(kind))
		}
	}
}

func (l *listener) ack(e socketmode.Event, payload ...any) {
	l.t.Helper()
	require.NoError(l.t, l.client.Ack(*e.Request, payload...))
}

// meanwhile runs f, a call that waits for the bot, beside the test's own acting as the bot.
func (p *play) meanwhile(f func() reply) func() reply {
	out := make(chan reply, 1)
	go func() { out <- f() }()
	return func() reply {
		p.t.Helper()
		select {
		case r := <-out:
			return r
		case <-time.After(wait):
			require.FailNow(p.t, "the call did not come back")
			return nil
		}
	}
}
