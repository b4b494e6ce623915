package slack

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
	"github.com/stretchr/testify/require"
)

func TestEverythingOutlivesAKill(t *testing.T) {
	dir := t.TempDir()
	p := start(t, withDir(dir))
	bot := p.connect()
	_, ts, err := p.bot.PostMessage("C09LAUNCH", slack.MsgOptionText("no", false))
	require.Error(t, err)
	require.Empty(t, ts)
	p.control("command", reply{"channel": "C09LAUNCH", "user": "alice", "command": "/invite", "text": "bellhop"})
	bot.ack(bot.next(socketmode.EventTypeEventsAPI))
	_, ts, err = p.bot.PostMessage("U01ALICE", slack.MsgOptionText("card", false), slack.MsgOptionBlocks(cardBlocks()...),
		slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "card", EventPayload: map[string]any{"n": 9007199254740993}}))
	require.NoError(t, err)
	bot.ack(bot.next(socketmode.EventTypeEventsAPI))
	_, err = p.bot.PostEphemeral("C03LEDGER", "U01ALICE", slack.MsgOptionText("whisper", false))
	require.NoError(t, err)
	file, err := p.bot.UploadFile(slack.UploadFileParameters{Filename: "a.txt", Content: "text", FileSize: 4})
	require.NoError(t, err)
	home := slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewDividerBlock()}}}
	_, err = p.bot.PublishView("U02BOB", home, "")
	require.NoError(t, err)
	view, err := p.bot.OpenView(p.trigger(bot, "U02BOB"), deployForm())
	require.NoError(t, err)
	p.control("clock", reply{"advance": "8h"})
	_, _, err = p.bot.ScheduleMessage("C03LEDGER", "9000000000", slack.MsgOptionText("x", false))
	require.EqualError(t, err, "time_too_far")
	pressed, _ := p.press(bot, reply{"channel": "U01ALICE", "messageTs": ts, "user": "U01ALICE", "action": reply{"action_id": "logs"}})

	// The process is gone without a word, in the middle of a line.
	journal, err := os.OpenFile(filepath.Join(dir, journalName), os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = journal.WriteString(`{"message":{"channel":"C03LED`)
	require.NoError(t, err)
	require.NoError(t, journal.Close())

	again := start(t, withDir(dir))
	require.True(t, again.server.state.channels["C09LAUNCH"].has("U0BOT"))
	messages := again.messages("U01ALICE")
	require.Len(t, messages, 1)
	require.Equal(t, p.messages("U01ALICE"), messages)
	require.Equal(t, "whisper", again.ephemerals("C03LEDGER", "U01ALICE")[0].Text)
	require.NotNil(t, again.get("/_control/home/U02BOB")["view"])
	views := again.get("/_control/views/U02BOB")["views"].([]any)
	require.Equal(t, view.ID, views[0].(map[string]any)["id"])
	info, _, _, err := again.bot.GetFileInfo(file.ID, 0, 0)
	require.NoError(t, err)
	require.Equal(t, "text/plain", info.Mimetype)
	data, err := again.server.fileBytes(file.ID)
	require.NoError(t, err)
	require.Equal(t, "text", string(data))
	offset, _ := again.clock.Offset()
	require.Equal(t, 8*time.Hour, offset.Round(time.Second), "time goes on from where it was")
	_, _, _, err = again.bot.UpdateMessage(messages[0].Channel, ts, slack.MsgOptionText("x", false))
	require.EqualError(t, err, "channel_not_found")
	_, later, err := again.bot.PostMessage("U01ALICE", slack.MsgOptionText("next", false))
	require.NoError(t, err)
	require.Greater(t, later, ts)
	token := filepath.Base(pressed.ResponseURL)
	require.NoError(t, slack.PostWebhook(again.http.URL+"/response/"+token, &slack.WebhookMessage{Text: "late", ReplaceOriginal: true}))
	require.Equal(t, "late", again.messages("U01ALICE")[0].Text)
}

func TestScheduledMessagesOutliveARestart(t *testing.T) {
	dir := t.TempDir()
	p := start(t, withDir(dir))
	at := p.clock.Now().Add(time.Hour).Unix()
	_, _, err := p.bot.ScheduleMessage("C03LEDGER", strconv.FormatInt(at, 10), slack.MsgOptionText("later", false))
	require.NoError(t, err)
	p.stop()
	p = start(t, withDir(dir))
	watch := p.watch()
	p.control("clock", reply{"advance": "2h"})
	watch.untilType("message")
	require.Equal(t, "later", p.messages("ledger")[0].Text)
}

func TestADamagedJournalIsNotOverwritten(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, journalName)
	require.NoError(t, os.WriteFile(path, []byte("{}\nnonsense\n{}\n"), 0o600))
	_, err := openJournal(dir, newState(World{}))
	require.ErrorContains(t, err, "slack.jsonl:2")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "{}\nnonsense\n{}\n", string(text))
}
