package slack

import (
	"testing"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"
	"github.com/stretchr/testify/require"
)

func TestCommandIsAckedAndAnsweredByResponseURL(t *testing.T) {
	p := start(t)
	bot := p.connect()
	done := p.meanwhile(func() reply {
		return p.control("command", reply{"channel": "payments", "user": "U01ALICE", "command": "/who-owns", "text": "payments & @bob #ledger"})
	})
	e := bot.next(socketmode.EventTypeSlashCommand)
	bot.ack(e)
	answer := done()
	require.Nil(t, answer["response"])
	command := e.Data.(slack.SlashCommand)
	require.Equal(t, "/who-owns", command.Command)
	require.Equal(t, "payments &amp; <@U02BOB|bob> <#C03LEDGER|ledger>", command.Text)
	require.Equal(t, "C02PAYMENTS", command.ChannelID)
	require.Equal(t, "payments", command.ChannelName)
	require.Equal(t, "alice", command.UserName)
	require.Equal(t, answer.str("trigger_id"), command.TriggerID)
	require.NoError(t, slack.PostWebhook(command.ResponseURL, &slack.WebhookMessage{Text: "Team Ledger"}))
	seen := p.ephemerals("C02PAYMENTS", "U01ALICE")
	require.Len(t, seen, 1)
	require.Equal(t, "Team Ledger", seen[0].Text)
	require.Empty(t, p.messages("C02PAYMENTS"))
}

func TestMentionReachesTheBotAndIsAnsweredInItsThread(t *testing.T) {
	p := start(t)
	bot := p.connect()
	sent := p.control("message", reply{"channel": "C02PAYMENTS", "user": "alice", "text": "@bellhop who owns payments?"})
	var mention *slackevents.AppMentionEvent
	for range 2 {
		e := bot.next(socketmode.EventTypeEventsAPI)
		bot.ack(e)
		if m, ok := e.Data.(slackevents.EventsAPIEvent).InnerEvent.Data.(*slackevents.AppMentionEvent); ok {
			mention = m
		}
	}
	require.NotNil(t, mention)
	require.Equal(t, "<@U0BOT> who owns payments?", mention.Text)
	require.Equal(t, sent.str("ts"), mention.TimeStamp)
	_, ts, err := p.bot.PostMessage("C02PAYMENTS", slack.MsgOptionText("Team Ledger, <@U01ALICE>", false), slack.MsgOptionTS(mention.TimeStamp))
	require.NoError(t, err)
	messages := p.messages("payments")
	require.Len(t, messages, 2)
	require.Equal(t, 1, messages[0].ReplyCount)
	require.Equal(t, ts, messages[1].Timestamp)
	require.Equal(t, "B0BOT", messages[1].BotID)
	calls := p.records("calls")
	last := calls[len(calls)-1]
	require.Equal(t, "chat.postMessage", last["method"])
	require.Equal(t, []any{"U01ALICE"}, last["notifies"])
}
