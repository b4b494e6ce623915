package slack

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
	"github.com/stretchr/testify/require"
)

// card posts a message with two buttons and a menu.
func (p *play) card(channel string) string {
	p.t.Helper()
	_, ts, err := p.bot.PostMessage(channel, slack.MsgOptionText("card", false), slack.MsgOptionBlocks(cardBlocks()...))
	require.NoError(p.t, err)
	return ts
}

func cardBlocks() []slack.Block {
	cancel := slack.NewButtonBlockElement("cancel", "run-1", plain("Cancel"))
	cancel.Confirm = slack.NewConfirmationBlockObject(plain("Sure?"), plain("It stops."), plain("Yes"), plain("No"))
	return []slack.Block{
		slack.NewActionBlock("acts", cancel, slack.NewButtonBlockElement("logs", "", plain("Logs")),
			slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain("Which"), "which",
				slack.NewOptionBlockObject("a", plain("A"), nil), slack.NewOptionBlockObject("b", plain("B"), nil))),
	}
}

// press interacts as somebody and hands back what the bot got, acked.
func (p *play) press(bot *listener, body reply) (slack.InteractionCallback, json.RawMessage) {
	p.t.Helper()
	done := p.meanwhile(func() reply { return p.control("interact", body) })
	e := bot.next(socketmode.EventTypeInteractive)
	bot.ack(e)
	done()
	return e.Data.(slack.InteractionCallback), e.Request.Payload
}

func TestAPressedButton(t *testing.T) {
	p := start(t)
	bot := p.connect()
	ts := p.card("C03LEDGER")
	bot.ack(bot.next(socketmode.EventTypeEventsAPI)) // the bot's own message
	pressed, _ := p.press(bot, reply{"channel": "ledger", "messageTs": ts, "user": "U01ALICE", "action": reply{"action_id": "cancel"}})
	require.Equal(t, slack.InteractionTypeBlockActions, pressed.Type)
	require.Equal(t, "C03LEDGER", pressed.Channel.ID)
	require.Equal(t, "message", pressed.Container.Type)
	require.Equal(t, ts, pressed.Message.Timestamp)
	require.Equal(t, "alice", pressed.User.Name)
	action := pressed.ActionCallback.BlockActions[0]
	require.Equal(t, "acts", action.BlockID)
	require.Equal(t, "run-1", action.Value)
	require.EqualValues(t, "button", action.Type)
	require.NotEmpty(t, pressed.ResponseURL)

	require.NoError(t, slack.PostWebhook(pressed.ResponseURL, &slack.WebhookMessage{Text: "cancelled", ReplaceOriginal: true}))
	require.Equal(t, "cancelled", p.messages("ledger")[0].Text)
	bot.ack(bot.next(socketmode.EventTypeEventsAPI)) // message_changed
	require.NoError(t, slack.PostWebhook(pressed.ResponseURL, &slack.WebhookMessage{Text: "all", ResponseType: "in_channel"}))
	bot.ack(bot.next(socketmode.EventTypeEventsAPI))
	require.NoError(t, slack.PostWebhook(pressed.ResponseURL, &slack.WebhookMessage{DeleteOriginal: true}))
	bot.ack(bot.next(socketmode.EventTypeEventsAPI))
	require.Len(t, p.messages("ledger"), 1)
}

func TestAPressWhileTheMessageIsEditedCounts(t *testing.T) {
	p := start(t)
	bot := p.connect()
	ts := p.card("C03LEDGER")
	bot.ack(bot.next(socketmode.EventTypeEventsAPI))
	pressed, _ := p.press(bot, reply{"channel": "ledger", "messageTs": ts, "user": "U01ALICE", "action": reply{"action_id": "cancel", "block_id": "as-it-was"}})
	require.Equal(t, "acts", pressed.ActionCallback.BlockActions[0].BlockID)
}

func TestAMenuAndWhatItsMessageRemembers(t *testing.T) {
	p := start(t)
	bot := p.connect()
	ts := p.card("C03LEDGER")
	bot.ack(bot.next(socketmode.EventTypeEventsAPI))
	at := func(action reply) reply {
		return reply{"channel": "C03LEDGER", "messageTs": ts, "user": "bob", "action": action}
	}
	chosen, _ := p.press(bot, at(reply{"action_id": "which", "selected_option": reply{"value": "b"}}))
	require.Equal(t, "B", chosen.ActionCallback.BlockActions[0].SelectedOption.Text.Text)
	require.Equal(t, "b", chosen.BlockActionState.Values["acts"]["which"].SelectedOption.Value)
	again, _ := p.press(bot, at(reply{"action_id": "logs"}))
	require.Equal(t, "b", again.BlockActionState.Values["acts"]["which"].SelectedOption.Value)
	for action, want := range map[string]reply{
		"action_not_found": {"action_id": "nothing"},
		"invalid_option":   {"action_id": "which", "selected_option": "c"},
		"invalid_action":   {"action_id": "cancel", "type": "static_select"},
	} {
		refused := p.do(http.MethodPost, "/_control/interact", at(want))
		require.Equal(t, action, refused["error"])
	}
	refused := p.do(http.MethodPost, "/_control/interact", reply{"channel": "C03LEDGER", "messageTs": "1.2", "user": "bob", "action": reply{"action_id": "which"}})
	require.Equal(t, "message_not_found", refused["error"])
}

func TestAButtonOnlyOnePersonSees(t *testing.T) {
	p := start(t)
	bot := p.connect()
	ts, err := p.bot.PostEphemeral("C03LEDGER", "U01ALICE", slack.MsgOptionText("for you", false), slack.MsgOptionBlocks(cardBlocks()...))
	require.NoError(t, err)
	body := reply{"channel": "C03LEDGER", "messageTs": ts, "user": "U01ALICE", "action": reply{"action_id": "logs"}}
	pressed, raw := p.press(bot, body)
	require.True(t, pressed.Container.IsEphemeral)
	require.Equal(t, ts, pressed.Container.MessageTs)
	require.NotContains(t, string(raw), `"message":`, "Slack does not send an ephemeral message back")
	require.NoError(t, slack.PostWebhook(pressed.ResponseURL, &slack.WebhookMessage{Text: "new", ReplaceOriginal: true}))
	require.Equal(t, "new", p.ephemerals("C03LEDGER", "U01ALICE")[0].Text)
	require.NoError(t, slack.PostWebhook(pressed.ResponseURL, &slack.WebhookMessage{DeleteOriginal: true}))
	require.Empty(t, p.ephemerals("C03LEDGER", "U01ALICE"))
	body["user"] = "U02BOB"
	require.Equal(t, "message_not_found", p.do(http.MethodPost, "/_control/interact", body)["error"])
}

func TestAShortcutOnAMessage(t *testing.T) {
	p := start(t)
	bot := p.connect()
	ts := p.control("message", reply{"channel": "ledger", "user": "bob", "text": "look"}).str("ts")
	bot.ack(bot.next(socketmode.EventTypeEventsAPI))
	done := p.meanwhile(func() reply {
		return p.control("shortcut", reply{"user": "U01ALICE", "callback_id": "who", "channel": "C03LEDGER", "messageTs": ts})
	})
	e := bot.next(socketmode.EventTypeInteractive)
	bot.ack(e)
	done()
	callback := e.Data.(slack.InteractionCallback)
	require.Equal(t, slack.InteractionTypeMessageAction, callback.Type)
	require.Equal(t, "look", callback.Message.Text)
	refused := p.do(http.MethodPost, "/_control/shortcut", reply{"user": "U01ALICE", "callback_id": "unknown"})
	require.Equal(t, "unknown_shortcut", refused["error"])
}

func TestResponseURLsWearOutAndExpire(t *testing.T) {
	p := start(t)
	bot := p.connect()
	command := func() string {
		done := p.meanwhile(func() reply {
			return p.control("command", reply{"channel": "C09LAUNCH", "user": "bob", "command": "who-owns"})
		})
		e := bot.next(socketmode.EventTypeSlashCommand)
		bot.ack(e)
		done()
		return e.Data.(slack.SlashCommand).ResponseURL
	}
	status := func(err error) string {
		var e slack.StatusCodeError
		require.ErrorAs(t, err, &e)
		return fmt.Sprint(e.Code)
	}
	address := command()
	for range 5 {
		require.NoError(t, slack.PostWebhook(address, &slack.WebhookMessage{Text: "x"}))
	}
	require.Equal(t, "404", status(slack.PostWebhook(address, &slack.WebhookMessage{Text: "x"})))
	require.Len(t, p.ephemerals("C09LAUNCH", "bob"), 5)
	address = command()
	require.Equal(t, "400", status(slack.PostWebhook(address, &slack.WebhookMessage{Blocks: &slack.Blocks{
		BlockSet: []slack.Block{slack.NewHeaderBlock(plain(long(151)))},
	}})))
	require.NoError(t, p.clock.Advance(responseLife+1))
	require.Equal(t, "404", status(slack.PostWebhook(address, &slack.WebhookMessage{Text: "x"})))
	require.Equal(t, "404", status(slack.PostWebhook(p.http.URL+"/response/unknown", &slack.WebhookMessage{Text: "x"})))
	var errs []any
	for _, c := range p.records("calls") {
		if c["ok"] == false {
			errs = append(errs, c["error"])
		}
	}
	require.Equal(t, []any{"used_url", "invalid_blocks", "expired_url", "invalid_url"}, errs)
}
