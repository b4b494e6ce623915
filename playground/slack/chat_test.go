package slack

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"
	"github.com/stretchr/testify/require"
)

func TestPostEditAndDelete(t *testing.T) {
	p := start(t)
	channel, ts, err := p.bot.PostMessage("payments",
		slack.MsgOptionText("v1", false),
		slack.MsgOptionBlocks(slack.NewSectionBlock(slack.NewTextBlockObject("mrkdwn", "*v1*", false, false), nil, nil)),
		slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "bellhop_card", EventPayload: map[string]any{"id": "42"}}))
	require.NoError(t, err)
	require.Equal(t, "C02PAYMENTS", channel)
	m := p.messages("payments")[0]
	require.Equal(t, "bellhop_card", m.Metadata.EventType)
	require.NotEmpty(t, m.Blocks.BlockSet[0].(*slack.SectionBlock).BlockID, "Slack names blocks that have no id")
	_, _, text, err := p.bot.UpdateMessage("C02PAYMENTS", ts, slack.MsgOptionText("v2", false))
	require.NoError(t, err)
	require.Equal(t, "v2", text)
	m = p.messages("payments")[0]
	require.NotNil(t, m.Edited)
	require.Len(t, m.Blocks.BlockSet, 1, "an edit without blocks leaves them")
	require.Equal(t, "bellhop_card", m.Metadata.EventType, "and without metadata, too")
	answer, _ := p.call("chat.update", jsons, "xoxb-demo", `{"channel":"C02PAYMENTS","ts":"`+ts+`","text":"v2","blocks":[],"metadata":{}}`)
	require.Equal(t, true, answer["ok"], answer)
	m = p.messages("payments")[0]
	require.Empty(t, m.Blocks.BlockSet)
	require.Empty(t, m.Metadata.EventType)
	_, _, _, err = p.bot.UpdateMessage("C02PAYMENTS", ts, slack.MsgOptionText(strings.Repeat("x", 4001), false))
	require.EqualError(t, err, "msg_too_long")
	_, _, _, err = p.bot.UpdateMessage("payments", ts, slack.MsgOptionText("v3", false))
	require.EqualError(t, err, "channel_not_found", "an edit takes the channel's id, not its name")
	_, _, _, err = p.bot.UpdateMessage("C02PAYMENTS", "1700000000.000001", slack.MsgOptionText("v3", false))
	require.EqualError(t, err, "message_not_found")
	theirs := p.control("message", reply{"channel": "payments", "user": "bob", "text": "mine"}).str("ts")
	_, _, _, err = p.bot.UpdateMessage("C02PAYMENTS", theirs, slack.MsgOptionText("v3", false))
	require.EqualError(t, err, "cant_update_message")
	_, _, err = p.bot.DeleteMessage("C02PAYMENTS", theirs)
	require.EqualError(t, err, "cant_delete_message")
	_, _, err = p.bot.DeleteMessage("C02PAYMENTS", ts)
	require.NoError(t, err)
	require.Len(t, p.messages("payments"), 1)
}

func TestPostingRefusesWhatSlackRefuses(t *testing.T) {
	p := start(t)
	text := slack.MsgOptionText("hello", false)
	for channel, want := range map[string]string{
		"C99": "channel_not_found", "C09LAUNCH": "channel_not_found", "": "channel_not_found", "nochannel": "channel_not_found",
		"U13OSKAR": "user_disabled",
	} {
		_, _, err := p.bot.PostMessage(channel, text)
		require.EqualError(t, err, want, channel)
	}
	_, _, err := p.bot.PostMessage("C02PAYMENTS", slack.MsgOptionText("", false))
	require.EqualError(t, err, "no_text")
	_, _, err = p.bot.PostMessage("C02PAYMENTS", text, slack.MsgOptionTS("1700000000.000001"))
	require.EqualError(t, err, "thread_not_found")
	_, err = p.bot.PostEphemeral("C07FULFIL", "U01ALICE", text)
	require.EqualError(t, err, "user_not_in_channel")
	_, err = p.bot.PostEphemeral("C09LAUNCH", "U01ALICE", text)
	require.EqualError(t, err, "channel_not_found")
	_, err = p.bot.PostEphemeral("C02PAYMENTS", "U99", text)
	require.EqualError(t, err, "user_not_found")
	_, _, err = p.bot.PostMessage("C02PAYMENTS", slack.MsgOptionText(strings.Repeat("x", 50000), false))
	require.NoError(t, err)
	require.Len(t, p.messages("payments")[0].Text, 40000, "longer texts are cut")
}

func TestAPersonsIDOpensTheirDirectMessages(t *testing.T) {
	p := start(t)
	channel, _, err := p.bot.PostMessage("U01ALICE", slack.MsgOptionText("for you", false))
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(channel, "D"))
	require.Equal(t, "for you", p.messages("U01ALICE")[0].Text)
	require.Equal(t, "for you", p.messages(channel)[0].Text)
}

func TestThreads(t *testing.T) {
	p := start(t)
	_, root, err := p.bot.PostMessage("C03LEDGER", slack.MsgOptionText("root", false))
	require.NoError(t, err)
	reply1 := p.control("message", reply{"channel": "ledger", "user": "alice", "text": "one", "thread_ts": root}).str("ts")
	_, _, err = p.bot.PostMessage("C03LEDGER", slack.MsgOptionText("no", false), slack.MsgOptionTS(reply1))
	require.EqualError(t, err, "cannot_reply_to_message")
	_, second, err := p.bot.PostMessage("C03LEDGER", slack.MsgOptionText("two", false), slack.MsgOptionTS(root), slack.MsgOptionBroadcast())
	require.NoError(t, err)
	thread, more, _, err := p.bot.GetConversationReplies(&slack.GetConversationRepliesParameters{ChannelID: "C03LEDGER", Timestamp: root})
	require.NoError(t, err)
	require.False(t, more)
	require.Len(t, thread, 3)
	require.Equal(t, 2, thread[0].ReplyCount)
	require.Equal(t, []string{"U01ALICE", "U0BOT"}, thread[0].ReplyUsers)
	require.Equal(t, root, thread[2].ThreadTimestamp)
	history, err := p.bot.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: "C03LEDGER"})
	require.NoError(t, err)
	require.Len(t, history.Messages, 2, "the root and the broadcast reply")
	link, err := p.bot.GetPermalink(&slack.PermalinkParameters{Channel: "C03LEDGER", Ts: second})
	require.NoError(t, err)
	require.Contains(t, link, "/archives/C03LEDGER/p"+strings.ReplaceAll(second, ".", "")+"?thread_ts="+root)
	_, _, err = p.bot.DeleteMessage("C03LEDGER", root)
	require.NoError(t, err)
	require.Equal(t, "tombstone", p.messages("ledger")[0].SubType)
	_, _, err = p.bot.DeleteMessage("C03LEDGER", second)
	require.NoError(t, err)
	require.Equal(t, 1, p.messages("ledger")[0].ReplyCount)
}

func TestHistory(t *testing.T) {
	p := start(t)
	p.control("fault", reply{"no_rate_limits": true})
	var stamps []string
	for i := range 7 {
		_, ts, err := p.bot.PostMessage("C03LEDGER", slack.MsgOptionText("m"+strconv.Itoa(i), false),
			slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "card", EventPayload: map[string]any{"n": i}}))
		require.NoError(t, err)
		stamps = append(stamps, ts)
	}
	params := slack.GetConversationHistoryParameters{ChannelID: "C03LEDGER", Limit: 3, IncludeAllMetadata: true}
	var seen []string
	for {
		page, err := p.bot.GetConversationHistory(&params)
		require.NoError(t, err)
		for _, m := range page.Messages {
			seen = append(seen, m.Text)
			require.Equal(t, "card", m.Metadata.EventType)
		}
		if params.Cursor = page.ResponseMetaData.NextCursor; params.Cursor == "" {
			break
		}
		require.True(t, page.HasMore)
	}
	require.Equal(t, []string{"m6", "m5", "m4", "m3", "m2", "m1", "m0"}, seen)
	page, err := p.bot.GetConversationHistory(&slack.GetConversationHistoryParameters{
		ChannelID: "C03LEDGER", Oldest: stamps[2], Latest: stamps[4], Inclusive: true,
	})
	require.NoError(t, err)
	require.Len(t, page.Messages, 3)
	require.Empty(t, page.Messages[0].Metadata.EventType, "metadata are shown when asked for")
	page, err = p.bot.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: "C03LEDGER", Oldest: stamps[5]})
	require.NoError(t, err)
	require.Len(t, page.Messages, 1)
	_, err = p.bot.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: "C09LAUNCH"})
	require.EqualError(t, err, "channel_not_found")
}

func TestWhomAMessageWakes(t *testing.T) {
	p := start(t)
	section := func(text string) slack.MsgOption {
		return slack.MsgOptionBlocks(slack.NewSectionBlock(slack.NewTextBlockObject("mrkdwn", text, false, false), nil, nil))
	}
	for _, c := range []struct {
		name   string
		option slack.MsgOption
		want   any
	}{
		{"nobody", slack.MsgOptionText("@alice &lt;!channel&gt; <https://x.example|@here>", false), nil},
		{"a person and a group", slack.MsgOptionText("<@U01ALICE> and <!subteam^S01LEDGER> and <@U01ALICE>", false), []any{"U01ALICE", "S01LEDGER"}},
		{"everybody", slack.MsgOptionText("<!channel> <!here>", false), []any{"channel", "here"}},
		{"in a block", section("done <@U02BOB>"), []any{"U02BOB"}},
		{"in a header, which is plain", slack.MsgOptionBlocks(slack.NewHeaderBlock(slack.NewTextBlockObject("plain_text", "<!channel>", false, false))), nil},
		{"in rich text", slack.MsgOptionBlocks(slack.NewRichTextBlock("", slack.NewRichTextSection(slack.NewRichTextSectionUserElement("U03CAROL", nil)))), []any{"U03CAROL"}},
		{"by name, linked", slack.MsgOptionCompose(slack.MsgOptionText("@dave @channel", false), slack.MsgOptionLinkNames(true)), []any{"U04DAVE", "channel"}},
	} {
		require.NoError(t, p.clock.Advance(10*time.Second))
		_, ts, err := p.bot.PostMessage("C02PAYMENTS", c.option)
		require.NoError(t, err, c.name)
		calls := p.records("calls")
		last := calls[len(calls)-1]
		require.Equal(t, ts, last["ts"])
		require.Equal(t, c.want, last["notifies"], c.name)
	}
	_, err := p.bot.PostEphemeral("C02PAYMENTS", "U01ALICE", slack.MsgOptionText("<@U01ALICE>", false))
	require.NoError(t, err)
	calls := p.records("calls")
	require.Nil(t, calls[len(calls)-1]["notifies"], "an ephemeral message wakes nobody")
}

func TestScheduledMessages(t *testing.T) {
	p := start(t)
	watch := p.watch()
	at := func(d time.Duration) string { return strconv.FormatInt(p.clock.Now().Add(d).Unix(), 10) }
	_, id, err := p.bot.ScheduleMessage("C02PAYMENTS", at(time.Hour), slack.MsgOptionText("later", false))
	require.NoError(t, err)
	_, gone, err := p.bot.ScheduleMessage("C02PAYMENTS", at(time.Hour), slack.MsgOptionText("never", false))
	require.NoError(t, err)
	list, _, err := p.bot.GetScheduledMessages(&slack.GetScheduledMessagesParameters{Channel: "C02PAYMENTS"})
	require.NoError(t, err)
	require.Len(t, list, 2)
	ok, err := p.bot.DeleteScheduledMessage(&slack.DeleteScheduledMessageParameters{Channel: "C02PAYMENTS", ScheduledMessageID: gone})
	require.NoError(t, err)
	require.True(t, ok)
	for d, want := range map[time.Duration]string{-time.Minute: "time_in_past", 121 * 24 * time.Hour: "time_too_far"} {
		_, _, err = p.bot.ScheduleMessage("C02PAYMENTS", at(d), slack.MsgOptionText("x", false))
		require.EqualError(t, err, want)
	}
	require.Empty(t, p.messages("payments"))
	p.control("clock", reply{"advance": "1h1s"})
	watch.untilType("message")
	require.Equal(t, "later", p.messages("payments")[0].Text)
	require.NotEmpty(t, id)
	answer, _ := p.call("chat.deleteScheduledMessage", form, "xoxb-demo", "channel=C02PAYMENTS&scheduled_message_id="+id)
	require.Equal(t, "invalid_scheduled_message_id", answer["error"])
}

func TestReactions(t *testing.T) {
	p := start(t)
	bot := p.connect()
	ts := p.control("message", reply{"channel": "identity", "user": "farid", "text": "look"}).str("ts")
	bot.ack(bot.next(socketmode.EventTypeEventsAPI))
	item := slack.NewRefToMessage("C05IDENT", ts)
	require.NoError(t, p.bot.AddReaction("eyes", item))
	event := bot.next(socketmode.EventTypeEventsAPI)
	bot.ack(event)
	require.Equal(t, "eyes", event.Data.(slackevents.EventsAPIEvent).InnerEvent.Data.(*slackevents.ReactionAddedEvent).Reaction)
	require.EqualError(t, p.bot.AddReaction("eyes", item), "already_reacted")
	require.EqualError(t, p.bot.AddReaction(":eyes:", item), "invalid_name")
	require.EqualError(t, p.bot.AddReaction("eyes", slack.NewRefToMessage("C05IDENT", "1700000000.000001")), "message_not_found")
	p.control("react", reply{"channel": "identity", "user": "grace", "messageTs": ts, "name": "eyes"})
	bot.ack(bot.next(socketmode.EventTypeEventsAPI))
	require.Equal(t, 2, p.messages("identity")[0].Reactions[0].Count)
	require.NoError(t, p.bot.RemoveReaction("eyes", item))
	require.EqualError(t, p.bot.RemoveReaction("eyes", item), "no_reaction")
	require.Equal(t, []string{"U07GRACE"}, p.messages("identity")[0].Reactions[0].Users)
}

func TestWhatAPersonTypesIsStoredAsSlackStoresIt(t *testing.T) {
	p := start(t)
	for typed, want := range map[string]string{
		"a < b & c > d":                  "a &lt; b &amp; c &gt; d",
		"@alice see #payments, @nobody":  "<@U01ALICE> see <#C02PAYMENTS|payments>, @nobody",
		"@channel":                       "<!channel>",
		"<!channel> typed":               "&lt;!channel&gt; typed",
		"<@U0BOT> kept":                  "<@U0BOT> kept",
		"see https://x.example/a?b=1&c.": "see <https://x.example/a?b=1&amp;c>.",
		"mail me@alice.example":          "mail me@alice.example",
		"@team-ledger (@bob)":            "<!subteam^S01LEDGER> (<@U02BOB>)",
	} {
		sent := p.control("message", reply{"channel": "C01GENERAL", "user": "alice", "text": typed})
		require.Equal(t, want, sent["message"].(map[string]any)["text"], typed)
	}
}

func TestCommandTextWithAndWithoutEscaping(t *testing.T) {
	p := start(t)
	for typed, want := range map[string][2]string{
		"@bob in #payments":      {"<@U02BOB|bob> in <#C02PAYMENTS|payments>", "@bob in #payments"},
		"<@U02BOB>":              {"<@U02BOB|bob>", "@bob"},
		"<!channel> x":           {"&lt;!channel&gt; x", "&lt;!channel&gt; x"},
		"a & b":                  {"a &amp; b", "a &amp; b"},
		"https://x.example/pr/1": {"<https://x.example/pr/1>", "https://x.example/pr/1"},
		"#482":                   {"#482", "#482"},
		"$(curl x) `y`":          {"$(curl x) `y`", "$(curl x) `y`"},
		"@channel":               {"@channel", "@channel"},
	} {
		require.Equal(t, want[0], p.server.commandText(typed, true), typed)
		require.Equal(t, want[1], p.server.commandText(typed, false), typed)
	}
}

func TestPeopleSeeWhatTheyMaySee(t *testing.T) {
	p := start(t)
	for _, c := range []struct{ user, channel, want string }{
		{"U06FARID", "C09LAUNCH", "channel_not_found"}, // private, not a member
		{"U12GITA", "C02PAYMENTS", "channel_not_found"},
		{"U13OSKAR", "C01GENERAL", "account_inactive"},
		{"U99", "C01GENERAL", "user_not_found"},
		{"U06FARID", "C04STORE", "not_in_channel"}, // sees it, and would have to join
	} {
		refused := p.do(http.MethodPost, "/_control/message", reply{"channel": c.channel, "user": c.user, "text": "hello"})
		require.Equal(t, c.want, refused["error"], c)
	}
	p.control("message", reply{"channel": "C04STORE", "user": "U12GITA", "text": "hello"})
}

func TestAReadOnlyMessagesTabTakesNoMessages(t *testing.T) {
	p := start(t, withManifest(strings.Replace(testManifest, ", messages_tab_read_only_enabled: false", "", 1)))
	refused := p.do(http.MethodPost, "/_control/message", reply{"channel": "U01ALICE", "user": "U01ALICE", "text": "hello"})
	require.Equal(t, "messages_tab_disabled", refused["error"])
}
