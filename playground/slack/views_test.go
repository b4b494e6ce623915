package slack

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"
	"github.com/stretchr/testify/require"
)

func plain(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject("plain_text", text, false, false)
}

// deployForm is a modal with a required text and a searched menu.
func deployForm() slack.ModalViewRequest {
	ref := slack.NewPlainTextInputBlockElement(nil, "ref")
	component := slack.NewOptionsSelectBlockElement(slack.OptTypeExternal, plain("Component"), "component")
	least := 1
	component.MinQueryLength = &least
	return slack.ModalViewRequest{
		Type: slack.VTModal, Title: plain("Deploy"), Submit: plain("Deploy"), Close: plain("Cancel"), CallbackID: "deploy",
		PrivateMetadata: "meta", NotifyOnClose: true,
		Blocks: slack.Blocks{BlockSet: []slack.Block{
			slack.NewInputBlock("ref", plain("Branch"), nil, ref),
			slack.NewInputBlock("component", plain("Component"), nil, component).WithOptional(true),
		}},
	}
}

// trigger presses a global shortcut and hands out its trigger_id.
func (p *play) trigger(bot *listener, user string) string {
	p.t.Helper()
	done := p.meanwhile(func() reply { return p.control("shortcut", reply{"user": user, "callback_id": "deploy"}) })
	e := bot.next(socketmode.EventTypeInteractive)
	bot.ack(e)
	done()
	callback := e.Data.(slack.InteractionCallback)
	require.Equal(p.t, slack.InteractionTypeShortcut, callback.Type)
	return callback.TriggerID
}

func TestAModalIsOpenedSearchedFilledInAndSubmitted(t *testing.T) {
	p := start(t)
	bot := p.connect()
	view, err := p.bot.OpenView(p.trigger(bot, "U01ALICE"), deployForm())
	require.NoError(t, err)
	require.Len(t, p.get("/_control/views/U01ALICE")["views"], 1)

	search := reply{"view_id": view.ID, "user": "U01ALICE", "action_id": "component", "block_id": "component", "value": "pay"}
	done := p.meanwhile(func() reply { return p.control("suggest", search) })
	e := bot.next(socketmode.EventTypeInteractive)
	asked := e.Data.(slack.InteractionCallback)
	require.Equal(t, slack.InteractionTypeBlockSuggestion, asked.Type)
	require.Equal(t, "pay", asked.Value)
	require.Equal(t, view.ID, asked.Container.ViewID)
	bot.ack(e, slack.OptionsResponse{Options: []*slack.OptionBlockObject{slack.NewOptionBlockObject("payments", plain("payments"), nil)}})
	require.Len(t, done()["options"], 1)

	incomplete := p.do(http.MethodPost, "/_control/submit", reply{"view_id": view.ID, "user": "U01ALICE", "values": reply{}})
	require.Equal(t, "invalid_values", incomplete["error"])
	require.Contains(t, incomplete["errors"], "ref")
	wrong := p.do(http.MethodPost, "/_control/submit", reply{"view_id": view.ID, "user": "U01ALICE", "values": reply{"component": "nonsense"}})
	require.Equal(t, "invalid_option", wrong["error"])

	values := reply{"ref": "feature-x", "component": reply{"component": reply{"selected_option": reply{"value": "payments"}}}}
	submit := reply{"view_id": view.ID, "user": "U01ALICE", "values": values}
	done = p.meanwhile(func() reply { return p.control("submit", submit) })
	e = bot.next(socketmode.EventTypeInteractive)
	sent := e.Data.(slack.InteractionCallback)
	require.Equal(t, slack.InteractionTypeViewSubmission, sent.Type)
	require.Equal(t, "meta", sent.View.PrivateMetadata)
	require.Equal(t, "feature-x", sent.View.State.Values["ref"]["ref"].Value)
	require.Equal(t, "payments", sent.View.State.Values["component"]["component"].SelectedOption.Value)
	bot.ack(e, slack.NewErrorsViewSubmissionResponse(map[string]string{"ref": "No such branch."}))
	require.Equal(t, map[string]any{"ref": "No such branch."}, done()["errors"])
	require.Len(t, p.get("/_control/views/U01ALICE")["views"], 1, "errors leave the form open")

	done = p.meanwhile(func() reply { return p.control("submit", submit) })
	bot.ack(bot.next(socketmode.EventTypeInteractive))
	done()
	require.Empty(t, p.get("/_control/views/U01ALICE")["views"])
}

func TestATriggerOpensOneViewWithinThreeSeconds(t *testing.T) {
	p := start(t)
	bot := p.connect()
	trigger := p.trigger(bot, "U01ALICE")
	_, err := p.bot.OpenView(trigger, deployForm())
	require.NoError(t, err)
	_, err = p.bot.OpenView(trigger, deployForm())
	require.EqualError(t, err, "exchanged_trigger_id")
	trigger = p.trigger(bot, "U01ALICE")
	require.NoError(t, p.clock.Advance(triggerLife+time.Millisecond))
	_, err = p.bot.OpenView(trigger, deployForm())
	require.EqualError(t, err, "expired_trigger_id")
	_, err = p.bot.OpenView("1.2.abc", deployForm())
	require.EqualError(t, err, "invalid_arguments")
}

func TestViewsArePushedUpdatedAndClosed(t *testing.T) {
	p := start(t)
	bot := p.connect()
	first, err := p.bot.OpenView(p.trigger(bot, "U01ALICE"), deployForm())
	require.NoError(t, err)
	_, err = p.bot.PushView(p.trigger(bot, "U01ALICE"), deployForm())
	require.EqualError(t, err, "not_found", "a push needs a trigger from a modal")

	push := func() (slack.InteractionCallback, func() reply, socketmode.Event) {
		views := p.get("/_control/views/U01ALICE")["views"].([]any)
		top := views[len(views)-1].(map[string]any)
		done := p.meanwhile(func() reply {
			return p.do(http.MethodPost, "/_control/submit", reply{"view_id": top["id"], "user": "U01ALICE", "values": reply{"ref": "x"}})
		})
		e := bot.next(socketmode.EventTypeInteractive)
		return e.Data.(slack.InteractionCallback), done, e
	}
	form := deployForm()
	_, done, e := push()
	bot.ack(e, slack.NewPushViewSubmissionResponse(&form))
	require.Equal(t, true, done()["ok"])
	sent, done, e := push()
	_, err = p.bot.PushView(sent.TriggerID, deployForm())
	require.NoError(t, err)
	bot.ack(e, slack.NewErrorsViewSubmissionResponse(map[string]string{"ref": "wait"}))
	done()
	sent, done, e = push()
	_, err = p.bot.PushView(sent.TriggerID, deployForm())
	require.EqualError(t, err, "push_limit_reached")
	bot.ack(e, slack.NewErrorsViewSubmissionResponse(map[string]string{"ref": "wait"}))
	done()

	form.CallbackID = "second"
	_, err = p.bot.UpdateView(form, "", "wrong hash", first.ID)
	require.EqualError(t, err, "hash_conflict")
	updated, err := p.bot.UpdateView(form, "", first.Hash, first.ID)
	require.NoError(t, err)
	require.Equal(t, first.ID, updated.ID)
	require.NotEqual(t, first.Hash, updated.Hash)
	_, err = p.bot.UpdateView(form, "", "", "V99")
	require.EqualError(t, err, "not_found")

	views := p.get("/_control/views/U01ALICE")["views"].([]any)
	require.Len(t, views, 3)
	top := views[2].(map[string]any)
	below := p.do(http.MethodPost, "/_control/close", reply{"view_id": first.ID, "user": "U01ALICE"})
	require.Equal(t, "view_not_on_top", below["error"])
	p.control("close", reply{"view_id": top["id"], "user": "U01ALICE"})
	e = bot.next(socketmode.EventTypeInteractive)
	bot.ack(e)
	closed := e.Data.(slack.InteractionCallback)
	require.Equal(t, slack.InteractionTypeViewClosed, closed.Type)
	require.False(t, closed.IsCleared)
	_, done, e = push()
	bot.ack(e, slack.NewClearViewSubmissionResponse())
	done()
	require.Empty(t, p.get("/_control/views/U01ALICE")["views"])
}

func TestTheXClosesAllViews(t *testing.T) {
	p := start(t)
	bot := p.connect()
	root, err := p.bot.OpenView(p.trigger(bot, "U01ALICE"), deployForm())
	require.NoError(t, err)
	done := p.meanwhile(func() reply {
		return p.control("submit", reply{"view_id": root.ID, "user": "U01ALICE", "values": reply{"ref": "x"}})
	})
	form := deployForm()
	bot.ack(bot.next(socketmode.EventTypeInteractive), slack.NewPushViewSubmissionResponse(&form))
	done()
	p.control("close", reply{"view_id": root.ID, "user": "U01ALICE", "clear": true})
	for range 2 {
		e := bot.next(socketmode.EventTypeInteractive)
		bot.ack(e)
		require.True(t, e.Data.(slack.InteractionCallback).IsCleared)
	}
	require.Empty(t, p.get("/_control/views/alice")["views"])
}

func TestBadViewsAreRefused(t *testing.T) {
	p := start(t)
	bot := p.connect()
	for want, change := range map[string]func(*slack.ModalViewRequest){
		"must be less than 25 characters [json-pointer:/view/title/text]":         func(v *slack.ModalViewRequest) { v.Title = plain(long(25)) },
		"missing required field: title [json-pointer:/view]":                      func(v *slack.ModalViewRequest) { v.Title = nil },
		"missing required field: submit [json-pointer:/view]":                     func(v *slack.ModalViewRequest) { v.Submit = nil },
		"must be less than 3001 characters [json-pointer:/view/private_metadata]": func(v *slack.ModalViewRequest) { v.PrivateMetadata = long(3001) },
		"must be less than 256 characters [json-pointer:/view/callback_id]":       func(v *slack.ModalViewRequest) { v.CallbackID = long(256) },
		"no more than 100 items allowed [json-pointer:/view/blocks]": func(v *slack.ModalViewRequest) {
			v.Blocks.BlockSet = nil
			for range 101 {
				v.Blocks.BlockSet = append(v.Blocks.BlockSet, slack.NewDividerBlock())
			}
		},
		"unsupported type: table in a modal [json-pointer:/view/blocks/0]": func(v *slack.ModalViewRequest) {
			table := slack.NewTableBlock("").AddRow(slack.NewTableRawTextCell("x"))
			v.Blocks.BlockSet = []slack.Block{table}
		},
	} {
		form := deployForm()
		change(&form)
		_, err := p.bot.OpenView("any", form)
		var e slack.SlackErrorResponse
		require.ErrorAs(t, err, &e, want)
		require.Equal(t, "invalid_arguments", e.Err)
		require.Contains(t, e.ResponseMetadata.Messages, "[ERROR] "+want)
	}
	trigger := p.trigger(bot, "U01ALICE")
	bad := deployForm()
	bad.Title = plain("")
	_, err := p.bot.OpenView(trigger, bad)
	require.Error(t, err)
	_, err = p.bot.OpenView(trigger, deployForm())
	require.NoError(t, err, "a refused view leaves its trigger unused")
}

func TestAppHome(t *testing.T) {
	p := start(t)
	bot := p.connect()
	p.control("open-home", reply{"user": "U02BOB"})
	e := bot.next(socketmode.EventTypeEventsAPI)
	bot.ack(e)
	opened := e.Data.(slackevents.EventsAPIEvent).InnerEvent.Data.(*slackevents.AppHomeOpenedEvent)
	require.Equal(t, "U02BOB", opened.User)
	require.Equal(t, "home", opened.Tab)
	require.Nil(t, p.get("/_control/home/U02BOB")["view"])
	home := slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: []slack.Block{
		slack.NewActionBlock("acts", slack.NewButtonBlockElement("go", "v1", plain("Go"))),
	}}}
	published, err := p.bot.PublishView("U02BOB", home, "")
	require.NoError(t, err)
	_, err = p.bot.PublishView("U02BOB", home, "wrong")
	require.EqualError(t, err, "hash_conflict")
	_, err = p.bot.PublishView("U99", home, "")
	require.EqualError(t, err, "invalid_arguments")
	shown := p.get("/_control/home/bob")["view"].(map[string]any)
	require.Equal(t, published.ID, shown["id"])
	done := p.meanwhile(func() reply {
		return p.control("interact", reply{"view_id": published.ID, "user": "bob", "action": reply{"action_id": "go"}})
	})
	e = bot.next(socketmode.EventTypeInteractive)
	pressed := e.Data.(slack.InteractionCallback)
	require.Equal(t, "view", pressed.Container.Type)
	require.Equal(t, published.ID, pressed.View.ID)
	require.Equal(t, "v1", pressed.ActionCallback.BlockActions[0].Value)
	_, err = p.bot.OpenView(pressed.TriggerID, deployForm())
	require.NoError(t, err)
	bot.ack(e)
	done()
}

func TestWhatIsFilledInSoFarComesWithAnAction(t *testing.T) {
	p := start(t)
	bot := p.connect()
	form := deployForm()
	form.Blocks.BlockSet = append(form.Blocks.BlockSet, slack.NewActionBlock("acts", slack.NewButtonBlockElement("more", "", plain("More"))))
	view, err := p.bot.OpenView(p.trigger(bot, "U01ALICE"), form)
	require.NoError(t, err)
	state := reply{"values": reply{"ref": reply{"ref": reply{"type": "plain_text_input", "value": "half"}},
		"component": reply{"component": reply{"type": "external_select", "selected_option": nil}}}}
	pressed, _ := p.press(bot, reply{"view_id": view.ID, "user": "alice", "action": reply{"action_id": "more"}, "state": state})
	require.Equal(t, "half", pressed.View.State.Values["ref"]["ref"].Value)

	ts := p.card("C03LEDGER")
	bot.ack(bot.next(socketmode.EventTypeEventsAPI))
	state = reply{"values": reply{"acts": reply{"which": reply{"type": "static_select", "selected_option": reply{"value": "a"}}}}}
	pressed, _ = p.press(bot, reply{"channel": "ledger", "messageTs": ts, "user": "alice", "action": reply{"action_id": "logs"}, "state": state})
	require.Equal(t, "a", pressed.BlockActionState.Values["acts"]["which"].SelectedOption.Value)
}

func TestInteractivityHasToBeOn(t *testing.T) {
	p := start(t, withManifest(strings.Replace(testManifest, "is_enabled: true", "is_enabled: false", 1)))
	refused := p.do(http.MethodPost, "/_control/interact", reply{"channel": "C01GENERAL", "messageTs": "1", "user": "bob"})
	require.Equal(t, "interactivity_not_enabled", refused["error"])
}
