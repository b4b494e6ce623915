package slack_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"bellhop/chat"
	"bellhop/clock"
	"bellhop/integrations/database"
	"bellhop/integrations/database/databasetest"
	"bellhop/integrations/slack"
	"bellhop/playground/demo"
	playground "bellhop/playground/slack"
)

// patience bounds everything that a test waits for.
const patience = 30 * time.Second

// stage is a strict Slack on loopback with Bellhop's side connected to it, and a router that tests speak for.
type stage struct {
	t      testing.TB
	url    string
	clock  *clock.Adjustable
	db     *database.DB
	client *slack.Client
	router *router

	receiver *slack.Receiver
	ended    chan error
	stop     context.CancelFunc

	events chan struct{} // something changed in the playground
}

// manifest is the app's: what Methods and Events say, so that a call without its scope fails the tests.
func manifest(optional bool) []byte {
	var events []string
	for _, e := range slack.Events() {
		events = append(events, e.Name)
	}
	text, err := json.Marshal(map[string]any{
		"display_information": map[string]any{"name": "Bellhop"},
		"features": map[string]any{
			"app_home": map[string]any{"home_tab_enabled": true, "messages_tab_enabled": true, "messages_tab_read_only_enabled": false},
			"bot_user": map[string]any{"display_name": "bellhop"},
			"shortcuts": []any{
				map[string]any{"name": "Who owns this?", "type": "message", "callback_id": "who-owns.message", "description": "asks"},
			},
			"slash_commands": []any{
				map[string]any{"command": "/who-owns", "description": "asks", "should_escape": true},
				map[string]any{"command": "/deploy-env", "description": "does", "should_escape": true},
			},
		},
		"oauth_config": map[string]any{"scopes": map[string]any{"bot": slack.Scopes([]chat.Feature{chat.Ask, chat.Deploy, chat.Tests}, optional)}},
		"settings": map[string]any{
			"event_subscriptions": map[string]any{"bot_events": events},
			"interactivity":       map[string]any{"is_enabled": true}, "socket_mode_enabled": true,
		},
	})
	if err != nil {
		panic(err)
	}
	return text
}

// raise starts the playground, and Bellhop's side without its receiver.
func raise(t testing.TB) *stage { t.Helper(); return raiseWith(t, manifest(true)) }

func raiseWith(t testing.TB, manifest []byte) *stage {
	t.Helper()
	world, err := playground.ParseWorld(demo.Slack())
	require.NoError(t, err)
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	s := &stage{t: t, url: server.URL, clock: &clock.Adjustable{}, router: newRouter(), events: make(chan struct{}, 1)}
	play, err := playground.New(playground.Config{Clock: s.clock, World: world, Manifest: manifest, BaseURL: server.URL, Log: zerolog.Nop()})
	require.NoError(t, err)
	play.Register(mux)
	ctx, cancel := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- play.Run(ctx) }()
	t.Cleanup(func() { cancel(); require.NoError(t, <-ran) })
	s.follow(ctx)
	s.db = databasetest.SQLite(t)
	s.client = s.newClient(slack.Options{})
	return s
}

func (s *stage) newClient(o slack.Options) *slack.Client {
	s.t.Helper()
	o.APIURL, o.Clock, o.Log = s.url+"/api", s.clock, zerolog.New(zerolog.NewTestWriter(s.t)).Level(zerolog.WarnLevel)
	if o.BotToken == "" {
		o.BotToken = "xoxb-demo"
	}
	if o.AppToken == "" {
		o.AppToken = "xapp-demo"
	}
	client, err := slack.New(o)
	require.NoError(s.t, err)
	return client
}

// start runs a receiver until both its connections are up.
func (s *stage) start(options ...func(*slack.ReceiverOptions)) *stage {
	s.t.Helper()
	s.run(options...)
	s.await("both connections are up", func() bool { return s.receiver.Ready() == nil })
	return s
}

func (s *stage) run(options ...func(*slack.ReceiverOptions)) {
	s.t.Helper()
	o := slack.ReceiverOptions{Router: s.router, Inbox: database.NewInbox(s.db), Queue: s.db.Work()}
	for _, option := range options {
		option(&o)
	}
	receiver, err := slack.NewReceiver(s.client, o)
	require.NoError(s.t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- receiver.Run(ctx) }()
	s.receiver, s.ended, s.stop = receiver, ended, cancel
	s.t.Cleanup(func() {
		cancel()
		select {
		case <-ended:
		case <-time.After(patience):
			s.t.Error("the receiver did not end")
		}
	})
}

// end stops the receiver and gives Run's error.
func (s *stage) end() error {
	s.t.Helper()
	s.stop()
	return s.result()
}

func (s *stage) result() error {
	s.t.Helper()
	select {
	case err := <-s.ended:
		s.ended <- err // for the cleanup
		return err
	case <-time.After(patience):
		s.t.Fatal("the receiver did not end")
		return nil
	}
}

// follow listens to the playground's stream of changes, so that tests need not sleep.
func (s *stage) follow(ctx context.Context) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/_control/events", nil)
	require.NoError(s.t, err)
	answer, err := http.DefaultClient.Do(r)
	require.NoError(s.t, err)
	go func() {
		defer answer.Body.Close()
		lines := bufio.NewScanner(answer.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			s.changed()
		}
	}()
}

func (s *stage) changed() {
	select {
	case s.events <- struct{}{}:
	default:
	}
}

// await waits until a condition holds; it looks whenever something changed in the playground or the router, and now and
// then besides for what neither tells of.
func (s *stage) await(what string, holds func() bool) {
	s.t.Helper()
	deadline := time.After(patience)
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for !holds() {
		select {
		case <-s.events:
		case <-s.router.changed:
		case <-look.C:
		case <-deadline:
			s.t.Fatalf("waited in vain until %s", what)
		}
	}
}

// reply is a JSON answer of the playground's.
type reply map[string]any

func (s *stage) do(method, path string, body any) reply {
	s.t.Helper()
	var sent bytes.Buffer
	if body != nil {
		require.NoError(s.t, json.NewEncoder(&sent).Encode(body))
	}
	r, err := http.NewRequest(method, s.url+"/_control/"+path, &sent)
	require.NoError(s.t, err)
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	require.NoError(s.t, err)
	defer answer.Body.Close()
	out := reply{}
	require.NoError(s.t, json.NewDecoder(answer.Body).Decode(&out), path)
	return out
}

// control is one scripting call that must succeed.
func (s *stage) control(path string, body any) reply {
	s.t.Helper()
	out := s.do(http.MethodPost, path, body)
	require.Equal(s.t, true, out["ok"], "%s %v: %v", path, body, out)
	return out
}

func (s *stage) command(user, channel, typed string) reply {
	s.t.Helper()
	command, text, _ := strings.Cut(typed, " ")
	return s.control("command", reply{"user": user, "channel": channel, "command": command, "text": text})
}

func (s *stage) fault(body reply) { s.t.Helper(); s.control("fault", body) }

// list is what a GET gives under a name, as text, one element an entry.
func (s *stage) list(path, name string) []string {
	s.t.Helper()
	out := s.do(http.MethodGet, path, nil)
	require.Equal(s.t, true, out["ok"], "%s: %v", path, out)
	var texts []string
	all, _ := out[name].([]any)
	for _, one := range all {
		var text strings.Builder
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(false)
		require.NoError(s.t, encoder.Encode(one))
		texts = append(texts, text.String())
	}
	return texts
}

func (s *stage) messages(channel string) []string { return s.list("messages/"+channel, "messages") }

func (s *stage) ephemerals(channel, user string) []string {
	return s.list("ephemerals/"+channel+"/"+user, "messages")
}

// calls are the Web API calls of one method so far.
func (s *stage) calls(method string) []string {
	var of []string
	for _, call := range s.list("log", "calls") {
		if strings.Contains(call, fmt.Sprintf(`"method":%q`, method)) {
			of = append(of, call)
		}
	}
	return of
}

// router answers as tests say, and remembers what it was asked.
type router struct {
	mu      sync.Mutex
	asked   []chat.Request
	answer  func(chat.Request) chat.Reply
	check   map[string]string
	options []chat.Option
	form    bool
	changed chan struct{}
}

func newRouter() *router {
	return &router{changed: make(chan struct{}, 1), answer: func(r chat.Request) chat.Reply {
		return chat.Reply{Headline: chat.Textf("you said %s", r.Text)}
	}}
}

func (r *router) Handle(_ context.Context, asked chat.Request) chat.Reply {
	r.mu.Lock()
	r.asked = append(r.asked, asked)
	answer := r.answer
	r.mu.Unlock()
	select {
	case r.changed <- struct{}{}:
	default:
	}
	return answer(asked)
}

func (r *router) Options(context.Context, chat.Request) []chat.Option { return r.options }
func (r *router) Check(chat.Request) map[string]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.check
}
func (r *router) OpensForm(chat.Request) bool { return r.form }
func (r *router) Changes(asked chat.Request) bool {
	return asked.Command == "deploy-env" || strings.HasPrefix(asked.Action.Name, "deploy-env.") ||
		asked.Command == "" && strings.HasPrefix(asked.Text, "deploy")
}
func (r *router) Words(asked chat.Request) string {
	return strings.TrimSpace(asked.Command + " " + asked.Text)
}

// answers makes the router answer with a reply.
func (r *router) answers(with func(chat.Request) chat.Reply) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = with
}

func (r *router) requests() []chat.Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]chat.Request{}, r.asked...)
}
