package slack_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellhop/chat"
	"bellhop/integrations/slack"
)

func TestASlashCommandIsAnsweredToItsAskerAlone(t *testing.T) {
	s := raise(t).start()
	answer := s.command("U01ALICE", "C02PAYMENTS", "/who-owns payments & <@U02BOB|bob>")
	require.Nil(t, answer["response"], "the ack is empty")
	s.await("the answer is there", func() bool { return len(s.ephemerals("C02PAYMENTS", "U01ALICE")) == 1 })
	require.Contains(t, s.ephemerals("C02PAYMENTS", "U01ALICE")[0], `"text":"you said payments &amp; &lt;@U02BOB|bob&gt;"`)
	require.Empty(t, s.messages("C02PAYMENTS"))

	asked := s.router.requests()[0]
	require.Equal(t, chat.Slash, asked.Via)
	require.Equal(t, "who-owns", asked.Command)
	require.Equal(t, "payments & <@U02BOB|bob>", asked.Text)
	require.Equal(t, "U01ALICE", asked.Person.ID)
	require.Equal(t, chat.Member, asked.Person.Standing)
	require.Equal(t, "Europe/Berlin", asked.Person.Zone.String())
	require.Equal(t, chat.Place{Channel: "C02PAYMENTS", Name: "payments", Kind: chat.PublicChannel}, asked.Place)
	require.NotEmpty(t, asked.ID)
}

func TestCommandsMayHaveOtherNames(t *testing.T) {
	names := slack.Names{Prefix: "acme-", Words: map[string]string{"who-owns": "owner"}}
	require.Equal(t, "/owner", names.Slash("who-owns"))
	require.Equal(t, "/acme-envs", names.Slash("envs"))
	s := raise(t).start(func(o *slack.ReceiverOptions) {
		o.Names = slack.Names{Prefix: "deploy-", Words: map[string]string{"show": "who-owns"}}
	})
	s.command("U01ALICE", "C02PAYMENTS", "/who-owns payments")
	s.command("U01ALICE", "C02PAYMENTS", "/deploy-env x")
	s.await("both are asked", func() bool { return len(s.router.requests()) == 2 })
	commands := map[string]bool{}
	for _, asked := range s.router.requests() {
		commands[asked.Command] = true
	}
	require.Equal(t, map[string]bool{"show": true, "env": true}, commands)
}

func TestAMentionIsAnsweredInItsThread(t *testing.T) {
	s := raise(t).start()
	s.router.answers(func(r chat.Request) chat.Reply {
		return chat.Reply{To: chat.InThread, Headline: chat.Textf("re %s", r.Text)}
	})
	asked := s.control("message", reply{"channel": "C02PAYMENTS", "user": "U02BOB", "text": "<@U0BOT> who owns payments?"})
	s.await("the answer is there", func() bool { return len(s.messages("C02PAYMENTS")) == 2 })
	require.Contains(t, s.messages("C02PAYMENTS")[1], `"thread_ts":"`+asked["ts"].(string)+`"`)
	require.Contains(t, s.messages("C02PAYMENTS")[1], `"text":"re who owns payments?"`)
	got := s.router.requests()[0]
	require.Equal(t, chat.Mention, got.Via)
	require.Equal(t, chat.Place{Channel: "C02PAYMENTS", Name: "payments", Thread: asked["ts"].(string)}, got.Place)

	s.control("message", reply{"channel": "C02PAYMENTS", "user": "U01ALICE", "thread_ts": asked["ts"], "text": "and <@U0BOT|bellhop> who owns <#C03LEDGER|ledger>"})
	s.await("the second answer is there", func() bool { return len(s.messages("C02PAYMENTS")) == 4 })
	require.Contains(t, s.messages("C02PAYMENTS")[3], `"thread_ts":"`+asked["ts"].(string)+`"`)
	require.Equal(t, "and  who owns <#C03LEDGER|ledger>", s.router.requests()[1].Text)
}

func TestADirectMessageIsAnsweredThere(t *testing.T) {
	s := raise(t).start()
	s.router.answers(func(r chat.Request) chat.Reply {
		return chat.Reply{To: chat.Here, Headline: chat.Textf("re %s", r.Text)}
	})
	s.control("message", reply{"channel": "U01ALICE", "user": "U01ALICE", "text": "help"})
	s.await("the answer is there", func() bool { return len(s.messages("U01ALICE")) == 2 })
	require.Len(t, s.router.requests(), 1, "its own message is none of its business")
	got := s.router.requests()[0]
	require.Equal(t, chat.Message, got.Via)
	require.Equal(t, chat.Direct, got.Place.Kind)

	s.router.answers(func(chat.Request) chat.Reply { return chat.Reply{Headline: chat.Textf("only you, which here is all")} })
	s.control("message", reply{"channel": "U01ALICE", "user": "U01ALICE", "text": "help"})
	s.await("the answer is there", func() bool { return len(s.messages("U01ALICE")) == 4 })
}

// press clicks the first element whose action begins with an action's name in a message.
func (s *stage) press(user, channel, message, action string) reply {
	s.t.Helper()
	var m struct {
		TS     string `json:"ts"`
		Blocks []struct {
			BlockID  string `json:"block_id"`
			Elements []struct {
				Type     string `json:"type"`
				ActionID string `json:"action_id"`
				Options  []any  `json:"options"`
			} `json:"elements"`
		} `json:"blocks"`
	}
	require.NoError(s.t, json.Unmarshal([]byte(message), &m))
	for _, block := range m.Blocks {
		for _, e := range block.Elements {
			if e.ActionID == action {
				pressed := reply{"type": e.Type, "action_id": e.ActionID, "block_id": block.BlockID}
				if len(e.Options) > 0 {
					pressed["selected_option"] = e.Options[0]
				}
				return s.control("interact", reply{"channel": channel, "user": user, "messageTs": m.TS, "action": pressed})
			}
		}
	}
	s.t.Fatalf("no %s in %s", action, message)
	return nil
}

func TestButtonsAndMenusReachTheRouter(t *testing.T) {
	s := raise(t).start()
	s.router.answers(func(r chat.Request) chat.Reply {
		if r.Via == chat.Slash {
			return chat.Reply{To: chat.Here, Headline: chat.Textf("choose"), Parts: []chat.Part{
				chat.Buttons{
					{Label: "Yes", Action: "who-owns.pick", Value: "one & two"},
					{Label: "Other", Action: "who-owns.pick", Value: "three"},
					{Label: "Open", URL: "https://acme.example/x?a=1&b=2"},
				},
				chat.Menu{Label: "Component", Action: "who-owns.menu", Options: []chat.Option{{Label: "Payments", Value: "payments"}}},
			}}
		}
		return chat.Reply{To: chat.InPlace, Headline: chat.Textf("picked %s", r.Action.Value)}
	})
	s.command("U01ALICE", "C02PAYMENTS", "/who-owns x")
	s.await("the question is there", func() bool { return len(s.messages("C02PAYMENTS")) == 1 })
	question := s.messages("C02PAYMENTS")[0]
	s.press("U01ALICE", "C02PAYMENTS", question, "link")
	s.press("U01ALICE", "C02PAYMENTS", question, "who-owns.menu")
	s.await("the choice is there", func() bool { return strings.Contains(s.messages("C02PAYMENTS")[0], `picked payments`) })

	s.command("U01ALICE", "C02PAYMENTS", "/who-owns x")
	s.await("another question is there", func() bool { return len(s.messages("C02PAYMENTS")) == 2 })
	s.press("U02BOB", "C02PAYMENTS", s.messages("C02PAYMENTS")[1], "who-owns.pick")
	s.await("the press is there", func() bool { return strings.Contains(s.messages("C02PAYMENTS")[1], `picked one &amp; two`) })
	asked := s.router.requests()
	last := asked[len(asked)-1]
	require.Len(t, asked, 4, "the link's press is no request")
	require.Equal(t, chat.Click, last.Via)
	require.Equal(t, "who-owns.pick", last.Action.Name)
	require.Equal(t, "C02PAYMENTS", last.Action.Message.Channel)
	require.NotEmpty(t, last.Action.Message.TS)
	require.Equal(t, "U02BOB", last.Person.ID)
}

func TestAnEphemeralAnswerIsReplacedWhereItStands(t *testing.T) {
	s := raise(t).start()
	s.router.answers(func(r chat.Request) chat.Reply {
		if r.Via == chat.Slash {
			return chat.Reply{Headline: chat.Textf("choose"), Parts: []chat.Part{chat.Buttons{{Label: "Go", Action: "who-owns.go", Value: "1"}}}}
		}
		return chat.Reply{To: chat.InPlace, Headline: chat.Textf("done")}
	})
	s.command("U01ALICE", "C02PAYMENTS", "/who-owns x")
	s.await("the question is there", func() bool { return len(s.ephemerals("C02PAYMENTS", "U01ALICE")) == 1 })
	s.press("U01ALICE", "C02PAYMENTS", s.ephemerals("C02PAYMENTS", "U01ALICE")[0], "who-owns.go")
	s.await("the answer is in its place", func() bool {
		now := s.ephemerals("C02PAYMENTS", "U01ALICE")
		return len(now) == 1 && strings.Contains(now[0], `"text":"done"`)
	})
}

func TestFormsAreOpenedCheckedAndAnsweredWhereTheyCameFrom(t *testing.T) {
	s := raise(t)
	s.router.form = true
	s.router.options = []chat.Option{{Label: "Payments", Value: "payments", Hint: "Team Ledger"}}
	s.start()
	s.router.answers(func(r chat.Request) chat.Reply {
		if r.Via == chat.Submit {
			return chat.Reply{Headline: chat.Textf("form: %s %s %s", r.Action.Fields["name"], r.Action.Fields["kind"], r.Action.Value)}
		}
		return chat.Reply{Form: &chat.Form{Title: "A form with a title that is far too long", Submit: "Do it", Action: "who-owns.form", State: "st&te",
			Intro: chat.Textf("Say <!channel> what"), Fields: []chat.FormField{
				{Name: "name", Label: "Name", Kind: chat.LineField, Value: "x"},
				{Name: "kind", Label: "Kind", Kind: chat.ChoiceField, Value: "b", Options: []chat.Option{{Label: "A", Value: "a"}, {Label: "B", Value: "b"}}},
				{Name: "component", Label: "Component", Kind: chat.SearchField, Action: "who-owns.search", Optional: true},
				{Name: "why", Label: "Why", Kind: chat.TextField, Optional: true, Hint: "a line"},
			}}}
	})
	s.command("U01ALICE", "C09LAUNCH", "/who-owns x")
	views := s.list("views/U01ALICE", "views")
	require.Len(t, views, 1, "the form is open before the command is acked")
	require.Contains(t, views[0], "Say &lt;!channel&gt; what")
	var view struct {
		ID string `json:"id"`
	}
	require.NoError(t, json.Unmarshal([]byte(views[0]), &view))

	suggested := s.control("suggest", reply{"view_id": view.ID, "user": "U01ALICE", "action_id": "who-owns.search", "block_id": "component", "value": "pay"})
	require.Contains(t, suggested, "options")

	s.router.mu.Lock()
	s.router.form, s.router.check = false, map[string]string{"name": "too short"}
	s.router.mu.Unlock()
	refused := s.do("POST", "submit", reply{"view_id": view.ID, "user": "U01ALICE", "values": reply{"name": "y", "kind": "a"}})
	text, err := json.Marshal(refused)
	require.NoError(t, err)
	require.Contains(t, string(text), "too short")
	require.Len(t, s.list("views/U01ALICE", "views"), 1)

	s.router.mu.Lock()
	s.router.check = nil
	s.router.mu.Unlock()
	s.control("submit", reply{"view_id": view.ID, "user": "U01ALICE", "values": reply{"name": "payments", "kind": "a"}})
	s.await("the answer is in the private channel", func() bool { return len(s.ephemerals("C09LAUNCH", "U01ALICE")) == 1 })
	require.Contains(t, s.ephemerals("C09LAUNCH", "U01ALICE")[0], "form: payments a st&amp;te")
	require.Equal(t, chat.PrivateChannel, s.router.requests()[1].Place.Kind)
	require.Empty(t, s.list("views/U01ALICE", "views"))
}

func TestTheHomeTabIsFilledWhenItIsOpened(t *testing.T) {
	s := raise(t).start()
	s.router.answers(func(r chat.Request) chat.Reply {
		if r.Via == chat.Opened {
			return chat.Reply{Headline: chat.Textf("yours"), Parts: []chat.Part{chat.Buttons{{Label: "Go", Action: "who-owns.go", Value: "v"}}}}
		}
		return chat.Reply{Headline: chat.Textf("pressed %s", r.Action.Value), Parts: []chat.Part{chat.Buttons{{Label: "On", Action: "who-owns.on"}}}}
	})
	s.control("open-home", reply{"user": "U01ALICE"})
	s.await("the view is there", func() bool { return s.do("GET", "home/U01ALICE", nil)["view"] != nil })
	home := s.do("GET", "home/U01ALICE", nil)["view"].(map[string]any)
	s.pressIn(home, "U01ALICE")
	open := func() []string { return s.list("views/U01ALICE", "views") }
	s.await("the answer is over the tab", func() bool { return len(open()) == 1 })
	require.Contains(t, open()[0], "pressed v")
	require.Equal(t, chat.Home, s.router.requests()[1].Place.Kind)
	require.Empty(t, s.messages("U01ALICE"))

	// What is pressed in the answer is answered in its place, and so is what an edit of a pressed message would be elsewhere.
	s.router.answers(func(r chat.Request) chat.Reply {
		return chat.Reply{To: chat.InPlace, Headline: chat.Textf("in place")}
	})
	s.pressIn(s.topView("U01ALICE"), "U01ALICE")
	s.await("the view is another", func() bool { return strings.Contains(open()[0], "in place") })
	require.Len(t, open(), 1)
	require.Equal(t, chat.Home, s.router.requests()[2].Place.Kind)
	require.Contains(t, s.do("GET", "home/U01ALICE", nil)["view"].(map[string]any)["blocks"].([]any)[0].(map[string]any)["text"].(map[string]any)["text"], "yours")

	// Slack's three seconds may be over.
	s.control("close", reply{"user": "U01ALICE", "view_id": s.topView("U01ALICE")["id"]})
	s.router.answers(func(chat.Request) chat.Reply { return chat.Reply{Headline: chat.Textf("late")} })
	s.fault(reply{"method": "views.open", "times": 1, "status": 200, "body": reply{"ok": false, "error": "expired_trigger_id"}})
	s.pressIn(home, "U01ALICE")
	s.await("the answer is in the direct messages", func() bool { return len(s.messages("U01ALICE")) == 1 })
	require.Contains(t, s.messages("U01ALICE")[0], "late")
}

// topView is the view that is open over everything else.
func (s *stage) topView(user string) map[string]any {
	s.t.Helper()
	views := s.do("GET", "views/"+user, nil)["views"].([]any)
	require.NotEmpty(s.t, views)
	return views[len(views)-1].(map[string]any)
}

// pressIn presses the first button of a view.
func (s *stage) pressIn(view map[string]any, user string) {
	s.t.Helper()
	for _, block := range view["blocks"].([]any) {
		actions := block.(map[string]any)
		if actions["type"] != "actions" {
			continue
		}
		button := actions["elements"].([]any)[0].(map[string]any)
		s.control("interact", reply{"view_id": view["id"], "user": user, "action": reply{
			"type": "button", "action_id": button["action_id"], "block_id": actions["block_id"]}})
		return
	}
	s.t.Fatal("the view has no button")
}

func TestWhereTheBotIsNoMember(t *testing.T) {
	s := raise(t).start()
	s.router.answers(func(chat.Request) chat.Reply { return chat.Reply{To: chat.Here, Headline: chat.Textf("for all")} })
	s.command("U01ALICE", "C09LAUNCH", "/who-owns x")
	s.await("the command's own way leads there", func() bool { return len(s.messages("C09LAUNCH")) == 1 })
	require.Equal(t, chat.PrivateChannel, s.router.requests()[0].Place.Kind)

	// Without such a way, the asker is told how to invite the bot.
	s.fault(reply{"method": "response_url", "times": 1, "status": 404, "body": "expired_url"})
	s.command("U01ALICE", "C09LAUNCH", "/who-owns x")
	s.await("the asker is told", func() bool { return len(s.ephemerals("C09LAUNCH", "U01ALICE")) == 1 })
	require.Contains(t, s.ephemerals("C09LAUNCH", "U01ALICE")[0], "/invite @bellhop")
}

func TestAnswersFindAnotherWayWhenTheirOwnHasEnded(t *testing.T) {
	s := raise(t).start()
	s.fault(reply{"method": "response_url", "times": 1, "status": 404, "body": "used_url"})
	s.command("U01ALICE", "C02PAYMENTS", "/who-owns x")
	s.await("the answer is there", func() bool { return len(s.ephemerals("C02PAYMENTS", "U01ALICE")) == 1 })
	require.Len(t, s.calls("chat.postEphemeral"), 1)

	s.fault(reply{"method": "response_url", "times": 1, "status": 404, "body": "used_url"})
	s.command("U01ALICE", "C09LAUNCH", "/who-owns x")
	s.await("the answer is in the direct messages", func() bool { return len(s.messages("U01ALICE")) == 1 })
}

func TestStandings(t *testing.T) {
	s := raise(t)
	for id, want := range map[string]chat.Standing{
		"U01ALICE": chat.Member, "U12GITA": chat.Guest, "U13OSKAR": chat.Deactivated, "UFOREIGN": chat.Foreign, "U0BOT": chat.Bot,
	} {
		p, err := s.client.Person(t.Context(), id)
		require.NoError(t, err, id)
		require.Equal(t, want, p.Standing, id)
	}
	_, err := s.client.Person(t.Context(), "U99NOBODY")
	var told *chat.UserError
	require.ErrorAs(t, err, &told)
	for range 3 {
		_, err := s.client.Person(t.Context(), "U01ALICE")
		require.NoError(t, err)
	}
	before := len(s.calls("users.info"))
	require.NoError(t, s.clock.Advance(11*time.Minute))
	_, err = s.client.Person(t.Context(), "U01ALICE")
	require.NoError(t, err)
	require.Len(t, s.calls("users.info"), before+1, "asked again after ten minutes, and not before")
}

func TestTheDirectory(t *testing.T) {
	s := raise(t)
	id, ok, err := s.client.ChannelByName(t.Context(), "#payments")
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, "C02PAYMENTS", id)
	_, ok, err = s.client.ChannelByName(t.Context(), "nowhere")
	require.NoError(t, err)
	require.False(t, ok)
	require.Len(t, s.calls("conversations.list"), 1)

	in, err := s.client.InGroup(t.Context(), "@platform-team", "U08HUGO")
	require.NoError(t, err)
	require.True(t, in)
	in, err = s.client.InGroup(t.Context(), "platform-team", "U01ALICE")
	require.NoError(t, err)
	require.False(t, in)
	_, err = s.client.InGroup(t.Context(), "no-such-group", "U01ALICE")
	var told *chat.UserError
	require.ErrorAs(t, err, &told)
}

func TestAnAnswerCanBeSharedWhereTheBotIsNoMember(t *testing.T) {
	s := raise(t).start()
	s.router.answers(func(r chat.Request) chat.Reply {
		if r.Via == chat.Click {
			return chat.Reply{To: chat.Here, Headline: chat.Textf("shared")}
		}
		return chat.Reply{Headline: chat.Textf("for you"), Parts: []chat.Part{chat.Buttons{{Label: "Share", Action: "bellhop.share", Value: "x"}}}}
	})
	s.command("U01ALICE", "C09LAUNCH", "/who-owns x")
	s.await("the answer is there", func() bool { return len(s.ephemerals("C09LAUNCH", "U01ALICE")) == 1 })
	s.press("U01ALICE", "C09LAUNCH", s.ephemerals("C09LAUNCH", "U01ALICE")[0], "bellhop.share")
	s.await("all see it", func() bool { return len(s.messages("C09LAUNCH")) == 1 })
	require.Contains(t, s.messages("C09LAUNCH")[0], "shared")
}

func TestAnswersOutliveSlacksOwnFailures(t *testing.T) {
	s := raise(t).start()
	s.router.answers(func(chat.Request) chat.Reply { return chat.Reply{To: chat.InThread, Headline: chat.Textf("answer")} })
	s.fault(reply{"method": "chat.postMessage", "times": 2, "status": 503})
	s.control("message", reply{"channel": "C02PAYMENTS", "user": "U02BOB", "text": "<@U0BOT> who owns payments?"})
	s.await("it was tried", func() bool { return len(s.calls("chat.postMessage")) == 1 })
	require.NoError(t, s.clock.Advance(time.Minute))
	s.await("it was tried again", func() bool { return len(s.calls("chat.postMessage")) == 2 })
	require.NoError(t, s.clock.Advance(time.Minute))
	s.await("the answer is there", func() bool { return len(s.messages("C02PAYMENTS")) == 2 })
}

func TestAClickIsToldOfAFullQueueToo(t *testing.T) {
	s := raise(t)
	hold := make(chan struct{})
	s.router.answers(func(r chat.Request) chat.Reply {
		if r.Text == "hold" {
			<-hold
		}
		return chat.Reply{Headline: chat.Textf("choose"), Parts: []chat.Part{chat.Buttons{{Label: "Go", Action: "who-owns.go", Value: "1"}}}}
	})
	s.start(func(o *slack.ReceiverOptions) { o.Readers, o.Limit = 1, 1 })
	s.command("U01ALICE", "C02PAYMENTS", "/who-owns x")
	s.await("the question is there", func() bool { return len(s.ephemerals("C02PAYMENTS", "U01ALICE")) == 1 })
	question := s.ephemerals("C02PAYMENTS", "U01ALICE")[0]
	s.await("there is room", func() bool {
		answer := s.command("U02BOB", "C02PAYMENTS", "/who-owns hold")
		return answer["response"] == nil
	})
	s.press("U01ALICE", "C02PAYMENTS", question, "who-owns.go")
	s.await("the presser is told", func() bool {
		now := s.ephemerals("C02PAYMENTS", "U01ALICE")
		return strings.Contains(now[len(now)-1], "hands full")
	})
	close(hold)
}

func TestAFormMayFollowAForm(t *testing.T) {
	s := raise(t)
	s.router.form = true
	s.start()
	s.router.answers(func(r chat.Request) chat.Reply {
		return chat.Reply{Form: &chat.Form{Title: "Step", Action: "who-owns.step", State: r.Action.Value + "x",
			Fields: []chat.FormField{{Name: "name", Label: "Name " + r.Action.Fields["name"]}}}}
	})
	s.command("U01ALICE", "C02PAYMENTS", "/who-owns x")
	var view struct {
		ID string `json:"id"`
	}
	require.NoError(t, json.Unmarshal([]byte(s.list("views/U01ALICE", "views")[0]), &view))
	s.control("submit", reply{"view_id": view.ID, "user": "U01ALICE", "values": reply{"name": "first"}})
	views := s.list("views/U01ALICE", "views")
	require.Len(t, views, 1)
	require.Contains(t, views[0], "Name first")
	require.Contains(t, views[0], `xx`, "the state goes on")
}
