package handlers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"bellhop/chat"
)

// said is the answer of test commands: their name and what they were given.
func said(name string) chat.Handler {
	return func(_ context.Context, r chat.Request) (chat.Reply, error) {
		return chat.Reply{Headline: chat.Textf("%s(%s%s)", name, r.Text, r.Action.Value)}, nil
	}
}

type admin string

func (a admin) IsAdmin(_ context.Context, p chat.Person) (bool, error) { return p.ID == string(a), nil }
func (admin) WhyNot(context.Context, chat.Person) (string, error)      { return "", nil }

// record keeps refusals.
type record []string

func (r *record) RecordRefusal(_ context.Context, _ chat.Request, operation, _ string) error {
	*r = append(*r, operation)
	return nil
}

func testRouter(log *bytes.Buffer) (*Router, *record) {
	refusals := &record{}
	broken := func(context.Context, chat.Request) (chat.Reply, error) {
		return chat.Reply{}, errors.New("disk on fire")
	}
	rows := []chat.Command{
		{Name: "who-owns", Slash: true, Words: []string{"owner of"}, Run: said("who"), Actions: []chat.CommandAction{{Name: "message", Shortcut: "Who owns this?", Run: said("message")}}},
		{Name: "deploy-env", Slash: true, Words: []string{"deploy"}, Role: chat.Members, Changes: true, Run: said("deploy"), Actions: []chat.CommandAction{
			{Name: "cancel", Role: chat.Members, Changes: true, Run: said("cancel")},
			{Name: "form", OpensForm: true, Run: said("form"), Check: func(f map[string]string) map[string]string {
				if f["ref"] == "" {
					return map[string]string{"ref": "Which branch?"}
				}
				return nil
			}},
		}},
		{Name: "tests", Slash: true, Run: said("tests"), Sub: []chat.Command{{Name: "run", Run: said("tests run")}}},
		{Name: "bellhop", Slash: true, Run: said("help"), Sub: []chat.Command{
			{Name: "open", Words: []string{"see"}, Run: said("open")},
			{Name: "gather", Words: []string{"see all of"}, Run: said("gather")},
			{Name: "help", Words: []string{"what can you do"}, Run: said("help")},
			{Name: "refresh", Role: chat.Admins, Changes: true, Run: said("refresh")},
			{Name: "forget", Changes: true, Run: said("forget"), Actions: []chat.CommandAction{{Name: "ask", Run: said("forget.ask")}}},
			{Name: "break", Run: broken},
			{Name: "panic", Run: func(context.Context, chat.Request) (chat.Reply, error) { panic("no wheels") }},
		}},
	}
	return NewRouter(rows, said("home"), admin("U0ADMIN"), refusals, "#platform", zerolog.New(log)), refusals
}

var inChannel = chat.Place{Channel: "C1", Kind: chat.PublicChannel}

func TestWordsReachTheirRow(t *testing.T) {
	rt, _ := testRouter(new(bytes.Buffer))
	for _, c := range []struct {
		name    string
		request chat.Request
		want    string
	}{
		{"slash", chat.Request{Command: "who-owns", Text: " payments "}, "who(payments)"},
		{"under bellhop", chat.Request{Command: "bellhop", Text: "who-owns payments"}, "who(payments)"},
		{"mention", chat.Request{Via: chat.Mention, Text: "who owns payments?"}, "who(payments?)"},
		{"polite", chat.Request{Via: chat.Mention, Text: "Hey, please Deploy #482 to staging"}, "deploy(#482 to staging)"},
		{"typed slash", chat.Request{Via: chat.Message, Text: "/deploy-env feature-x"}, "deploy(feature-x)"},
		{"subcommand", chat.Request{Command: "tests", Text: "run 17"}, "tests run(17)"},
		{"no subcommand", chat.Request{Command: "tests", Text: "runner"}, "tests(runner)"},
		{"the longer of two beginnings", chat.Request{Via: chat.Mention, Text: "see all of it"}, "gather(it)"},
		{"the shorter of them", chat.Request{Via: chat.Mention, Text: "see all"}, "open(all)"},
		{"a subcommand's button", chat.Request{Via: chat.Click, Action: chat.Action{Name: "forget.ask", Value: "me"}}, "forget.ask(me)"},
		{"a component called as a subcommand", chat.Request{Command: "tests", Text: "component:run"}, "tests(component:run)"},
		{"bare umbrella", chat.Request{Command: "bellhop"}, "help()"},
		{"a greeting", chat.Request{Via: chat.Message, Text: "Hi!"}, "help()"},
		{"bare mention", chat.Request{Via: chat.Mention}, "help()"},
		{"question", chat.Request{Via: chat.Message, Text: "what can you do?"}, "help()"},
		{"button", chat.Request{Via: chat.Click, Action: chat.Action{Name: "deploy-env.cancel", Value: "e1"}}, "cancel(e1)"},
		{"suggestion", chat.Request{Via: chat.Click, Action: chat.Action{Name: ActionTry, Value: "who-owns ledger"}}, "who(ledgerwho-owns ledger)"},
		{"home", chat.Request{Via: chat.Opened}, "home()"},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, rt.Handle(t.Context(), c.request).Headline.String())
		})
	}
}

func TestASlipIsOfferedTheNearest(t *testing.T) {
	rt, _ := testRouter(new(bytes.Buffer))
	help := chat.Button{Label: "Help", Action: ActionTry, Value: "help"}
	for typed, meant := range map[string]string{
		"deplyo feature-x":      "deploy-env feature-x",
		"whoowns payments":      "who-owns payments",
		"who onws payments":     "who-owns payments",
		"Ownr of payments":      "who-owns payments",
		"test":                  "tests",
		"refre":                 "refresh",
		"what can yuo do?":      "help",
		"deplyo-env #482 to me": "deploy-env #482 to me",
	} {
		reply := rt.Handle(t.Context(), chat.Request{Via: chat.Mention, Text: typed})
		require.Equal(t, fmt.Sprintf("I do not understand %q. Did you mean %q?", typed, meant), reply.Headline.String())
		want := []chat.Part{chat.Buttons{{Label: meant, Action: ActionTry, Value: meant, Style: chat.Primary}, help}}
		require.Empty(t, cmp.Diff(want, reply.Parts))
	}
	for _, typed := range []string{"🚀", "thanks!", "so", strings.Repeat("x", 4000)} {
		reply := rt.Handle(t.Context(), chat.Request{Via: chat.Mention, Text: typed})
		require.Equal(t, fmt.Sprintf("I do not understand %q.", shorten(typed, 60)), reply.Headline.String(), "nothing is near")
		require.Empty(t, cmp.Diff([]chat.Part{chat.Buttons{help}}, reply.Parts))
	}
}

func TestWhoMay(t *testing.T) {
	rt, refusals := testRouter(new(bytes.Buffer))
	ask := func(standing chat.Standing, id, command, text string) string {
		return rt.Handle(t.Context(), chat.Request{Command: command, Text: text, Person: chat.Person{ID: id, Standing: standing}}).Headline.String()
	}
	require.Equal(t, "deploy(x)", ask(chat.Member, "U1", "deploy-env", "x"))
	require.Equal(t, "who(x)", ask(chat.Guest, "U1", "who-owns", "x"), "guests may ask")
	for standing, word := range map[chat.Standing]string{chat.Guest: "Guests", chat.Foreign: "another", chat.Bot: "bots", chat.Deactivated: "deactivated"} {
		require.Contains(t, ask(standing, "U1", "deploy-env", "x"), word)
	}
	require.Contains(t, ask(chat.Member, "U1", "bellhop", "refresh"), "slack.admins")
	require.Equal(t, "refresh()", ask(chat.Member, "U0ADMIN", "bellhop", "refresh"))
	require.Contains(t, ask(chat.Guest, "U0ADMIN", "bellhop", "refresh"), "Guests", "a guest is no administrator, whatever the config says")
	require.Contains(t, ask(chat.Guest, "U1", "bellhop", "forget"), "Guests", "whatever the table says")
	require.Len(t, *refusals, 7, "each refusal to change something is on record")

	terminal := rt.Handle(t.Context(), chat.Request{Via: chat.Typed, Text: "deploy x", Place: chat.Place{Kind: chat.Terminal}})
	require.Contains(t, terminal.Headline.String(), "a terminal only asks")
}

func TestWhereAnswersGo(t *testing.T) {
	rt, _ := testRouter(new(bytes.Buffer))
	slash := rt.Handle(t.Context(), chat.Request{Command: "who-owns", Text: "x", Place: inChannel})
	require.Equal(t, chat.OnlyYou, slash.To)
	require.Equal(t, []chat.Part{chat.Buttons{{Label: "Share", Action: ActionShare, Value: "who-owns x"}}}, slash.Parts)

	suggested := chat.Request{Via: chat.Click, Place: inChannel, Action: chat.Action{Name: ActionTry, Value: "who-owns x"}}
	require.Equal(t, slash.Parts, rt.Handle(t.Context(), suggested).Parts, "a pressed suggestion can be shared as if it had been typed")
	require.Equal(t, chat.InThread, rt.Handle(t.Context(), chat.Request{Via: chat.Mention, Text: "who owns x", Place: inChannel}).To)
	require.Equal(t, chat.Here, rt.Handle(t.Context(), chat.Request{Via: chat.Message, Text: "who owns x"}).To)
	require.Empty(t, rt.Handle(t.Context(), chat.Request{Command: "deploy-env", Text: "x", Place: inChannel}).Parts, "what changes something is not shared anew")

	shared := rt.Handle(t.Context(), chat.Request{Via: chat.Click, Place: inChannel, Action: chat.Action{Name: ActionShare, Value: "who-owns x"}, Person: chat.Person{Name: "Alice"}})
	require.Equal(t, chat.Here, shared.To)
	require.Contains(t, shared.Headline.String(), "who(x")
	require.Equal(t, "Shared by Alice · /who-owns x", shared.Parts[0].(chat.Context).Text.String())

	forged := chat.Request{Via: chat.Click, Place: inChannel, Action: chat.Action{Name: ActionShare, Value: "deploy-env x"}}
	refused := rt.Handle(t.Context(), forged)
	require.Equal(t, "Only answers can be shared, and deploy-env changes something.", refused.Headline.String())
	require.Equal(t, chat.OnlyYou, refused.To)
}

func TestWhatBreaksIsToldWithAReference(t *testing.T) {
	for _, word := range []string{"break", "panic"} {
		var log bytes.Buffer
		rt, _ := testRouter(&log)
		reply := rt.Handle(t.Context(), chat.Request{Command: "bellhop", Text: word}).Headline.String()
		require.Regexp(t, `^Something broke on our side \(ref [0-9a-f]{4}\)\. Try again; if it stays, tell #platform the reference\.$`, reply)
		require.Equal(t, 1, bytes.Count(log.Bytes(), []byte("\n")), "logged once: %s", log.String())
		require.Contains(t, log.String(), `"ref":"`)
	}
}

func TestWhatTheSlackSideAsks(t *testing.T) {
	rt, _ := testRouter(new(bytes.Buffer))
	press := func(name, value string) chat.Request {
		return chat.Request{Via: chat.Click, Action: chat.Action{Name: name, Value: value}}
	}
	require.True(t, rt.Changes(chat.Request{Via: chat.Mention, Text: "deploy x"}))
	require.True(t, rt.Changes(press("deploy-env.cancel", "")))
	require.True(t, rt.Changes(press(ActionTry, "deploy-env x")), "a suggestion changes what its words change")
	require.False(t, rt.Changes(press(ActionTry, "who-owns x")))
	require.False(t, rt.Changes(press("gone.button", "")))
	require.True(t, rt.OpensForm(press("deploy-env.form", "")))
	submit := chat.Request{Via: chat.Submit, Action: chat.Action{Name: "deploy-env.form", Fields: map[string]string{}}}
	require.Equal(t, map[string]string{"ref": "Which branch?"}, rt.Check(submit))
	require.Contains(t, rt.Handle(t.Context(), press("gone.button", "")).Headline.String(), "older version")
}

// A shortcut's answer is its user's alone, and can be shared as if its words had been typed.
func TestAShortcutReachesItsAction(t *testing.T) {
	rt, _ := testRouter(new(bytes.Buffer))
	used := chat.Request{Via: chat.Shortcut, Text: "panic: x\n\tmain.go:7", Place: inChannel, Person: chat.Person{ID: "U1", Name: "Alice"}}
	used.Action.Name = "who-owns.message"
	answer := rt.Handle(t.Context(), used)
	require.Equal(t, "message(panic: x\n\tmain.go:7)", answer.Headline.String())
	require.Equal(t, chat.OnlyYou, answer.To)
	share := answer.Parts[0].(chat.Buttons)[0]
	require.Equal(t, "Share", share.Label)

	used.Via, used.Action, used.Text = chat.Click, chat.Action{Name: share.Action, Value: share.Value}, ""
	shared := rt.Handle(t.Context(), used)
	require.True(t, strings.HasPrefix(shared.Headline.String(), "who(panic: x\n\tmain.go:7"), shared.Headline.String())
	require.Equal(t, chat.Here, shared.To)
	require.Equal(t, "Shared by Alice · /who-owns panic: x main.go:7", shared.Parts[0].(chat.Context).Text.String())

	used.Via, used.Text, used.Action = chat.Shortcut, strings.Repeat("x", 3000), chat.Action{Name: "who-owns.message"}
	require.Empty(t, rt.Handle(t.Context(), used).Parts, "what does not fit a button is not cut")
	used.Action.Name = "weather.message"
	require.Contains(t, rt.Handle(t.Context(), used).Headline.String(), "another version of Bellhop")
}
