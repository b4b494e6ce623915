package slack_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellhop/chat"
	"bellhop/integrations/database"
	"bellhop/integrations/slack"
)

func TestWhatChangesSomethingIsDoneOnceAndRemembered(t *testing.T) {
	s := raise(t).start()
	s.fault(reply{"duplicate_envelopes": 1})
	s.command("U01ALICE", "C02PAYMENTS", "/deploy-env feature-x")
	s.await("it is answered", func() bool { return len(s.ephemerals("C02PAYMENTS", "U01ALICE")) == 1 })
	s.await("both deliveries are acked", func() bool {
		acked := 0
		for _, e := range s.list("log", "envelopes") {
			if strings.Contains(e, `"acked":true`) {
				acked++
			}
		}
		return acked == len(s.list("log", "envelopes")) && acked >= 1
	})
	asked := s.router.requests()
	require.Len(t, asked, 1)
	require.Equal(t, 1, s.rows("SELECT count(*) FROM inbox WHERE done_at IS NOT NULL"))

	require.NoError(t, s.clock.Advance(25*time.Hour))
	s.await("it is forgotten a day later", func() bool { return s.rows("SELECT count(*) FROM inbox") == 0 })
	require.Equal(t, 0, s.rows("SELECT count(*) FROM work"))
}

func (s *stage) rows(query string) (n int) {
	s.t.Helper()
	require.NoError(s.t, s.db.Read().QueryRow(query).Scan(&n))
	return n
}

func TestAnEventThatIsDeliveredAgainAfterARestartIsNoNews(t *testing.T) {
	s := raise(t).start()
	s.router.answers(func(chat.Request) chat.Reply { return chat.Reply{To: chat.InThread, Headline: chat.Textf("done")} })
	s.fault(reply{"duplicate_envelopes": 1})
	s.control("message", reply{"channel": "C02PAYMENTS", "user": "U01ALICE", "text": "<@U0BOT> deploy feature-x"})
	s.await("it is done", func() bool { return len(s.messages("C02PAYMENTS")) == 2 })
	require.NoError(t, s.end())

	body, done, err := s.inbox().Load(t.Context(), s.router.requests()[0].ID)
	require.NoError(t, err)
	require.True(t, done)
	require.Contains(t, string(body), "deploy feature-x")
	s.start()
	require.Len(t, s.router.requests(), 1)
}

func TestWhatWasCutShortIsHandledByTheNextProcess(t *testing.T) {
	s := raise(t)
	inbox := s.inbox()
	// A process recorded this and died before it was handled.
	fresh, err := inbox.Record(t.Context(), "1.2.abc", recordedCommand(s.clock.Now(), "/deploy-env", "feature-x"), s.clock.Now())
	require.NoError(t, err)
	require.True(t, fresh)
	s.start()
	s.await("it is handled", func() bool { return len(s.router.requests()) == 1 })
	require.Equal(t, "feature-x", s.router.requests()[0].Text)
	s.await("it is answered, though its response_url is none", func() bool { return len(s.ephemerals("C02PAYMENTS", "U01ALICE")) == 1 })
}

func TestWhatSlackFailedAtIsTriedAgainSoon(t *testing.T) {
	s := raise(t)
	s.fault(reply{"method": "users.info", "times": 1, "status": 500})
	s.start()
	s.command("U01ALICE", "C02PAYMENTS", "/deploy-env feature-x")
	s.await("the first try is given up", func() bool { return s.rows("SELECT count(*) FROM work WHERE attempts = 1 AND lease = ''") == 1 })
	require.NoError(t, s.clock.Advance(time.Minute))
	s.await("it is handled", func() bool { return len(s.router.requests()) == 1 })
}

func TestWhatCameLongAgoIsAskedAgain(t *testing.T) {
	s := raise(t)
	_, err := s.inbox().Record(t.Context(), "1.2.abc", recordedCommand(s.clock.Now().Add(-12*time.Minute), "/deploy-env", "feature-x"), s.clock.Now())
	require.NoError(t, err)
	s.start()
	s.await("it is asked again", func() bool { return len(s.ephemerals("C02PAYMENTS", "U01ALICE")) == 1 })
	question := s.ephemerals("C02PAYMENTS", "U01ALICE")[0]
	require.Contains(t, question, "This came 12 minutes ago")
	require.Contains(t, question, "`deploy-env feature-x`")
	require.Empty(t, s.router.requests(), "nothing was done")
	s.press("U01ALICE", "C02PAYMENTS", question, "bellhop.again")
	s.await("the press reaches the router", func() bool { return len(s.router.requests()) == 1 })
	require.Equal(t, "deploy-env feature-x", s.router.requests()[0].Action.Value)
}

func TestWhatWasTakenUpLongAgoIsNotCalledUndone(t *testing.T) {
	s := raise(t)
	came := s.clock.Now().Add(-12 * time.Minute)
	_, err := s.inbox().Record(t.Context(), "1.2.abc", recordedCommand(came, "/deploy-env", "feature-x"), came)
	require.NoError(t, err)
	items, err := s.db.Work().Claim(t.Context(), slack.InboxKind, came, time.Minute, 1) // by a process that died
	require.NoError(t, err)
	require.Len(t, items, 1)
	s.start()
	s.await("it is asked again", func() bool { return len(s.ephemerals("C02PAYMENTS", "U01ALICE")) == 1 })
	require.Contains(t, s.ephemerals("C02PAYMENTS", "U01ALICE")[0], "I cannot tell whether it was done")
}

// brokenInbox cannot write.
type brokenInbox struct{ slack.Inbox }

func (brokenInbox) Record(context.Context, string, []byte, time.Time) (bool, error) {
	return false, errors.New("disk full")
}

// slowInbox records what it is given once it is let.
type slowInbox struct {
	slack.Inbox
	waiting *atomic.Int32
	let     chan struct{}
}

func (i slowInbox) Record(ctx context.Context, id string, body []byte, at time.Time) (bool, error) {
	i.waiting.Add(1)
	<-i.let
	return i.Inbox.Record(ctx, id, body, at)
}

// The ack of a repeat says that the request is safe, too: a crash between the repeat's ack and the record would lose it.
func TestARepeatIsNotAckedBeforeTheRequestIsRecorded(t *testing.T) {
	var waiting atomic.Int32
	let := make(chan struct{})
	s := raise(t).start(func(o *slack.ReceiverOptions) { o.Inbox = slowInbox{o.Inbox, &waiting, let} })
	s.fault(reply{"duplicate_envelopes": 1})
	answered := make(chan reply, 1)
	go func() { answered <- s.command("U01ALICE", "C02PAYMENTS", "/deploy-env feature-x") }()
	s.await("both deliveries wait for the record", func() bool { return waiting.Load() == 2 })
	for _, e := range s.list("log", "envelopes") {
		require.NotContains(t, e, `"acked":true`)
	}
	close(let)
	<-answered
	s.await("it is answered", func() bool { return len(s.ephemerals("C02PAYMENTS", "U01ALICE")) == 1 })
	require.Len(t, s.router.requests(), 1)
}

func TestWhatCannotBeRecordedIsNotDone(t *testing.T) {
	s := raise(t).start(func(o *slack.ReceiverOptions) { o.Inbox = brokenInbox{o.Inbox} })
	answer := s.command("U01ALICE", "C02PAYMENTS", "/deploy-env feature-x")
	require.Contains(t, answer["response"].(map[string]any)["text"], "nothing was done")
	require.Empty(t, s.router.requests())
	s.command("U01ALICE", "C02PAYMENTS", "/who-owns x")
	s.await("reading goes on", func() bool { return len(s.router.requests()) == 1 })
}

func TestAPanicIsContained(t *testing.T) {
	s := raise(t)
	s.router.answers(func(r chat.Request) chat.Reply {
		if r.Text == "boom" {
			panic("boom")
		}
		return chat.Reply{Headline: chat.Textf("fine")}
	})
	s.start()
	s.command("U01ALICE", "C02PAYMENTS", "/deploy-env boom")
	s.command("U02BOB", "C02PAYMENTS", "/who-owns boom")
	s.await("both are told", func() bool {
		return len(s.ephemerals("C02PAYMENTS", "U01ALICE")) == 1 && len(s.ephemerals("C02PAYMENTS", "U02BOB")) == 1
	})
	require.Contains(t, s.ephemerals("C02PAYMENTS", "U01ALICE")[0], "Something broke on our side (ref ")
	s.command("U01ALICE", "C02PAYMENTS", "/who-owns x")
	s.await("the rest goes on", func() bool { return len(s.ephemerals("C02PAYMENTS", "U01ALICE")) == 2 })
}

// brokenSpan cannot be rendered.
type brokenSpan struct{ chat.Span }

func TestAPanicWhileRenderingIsContained(t *testing.T) {
	s := raise(t)
	s.router.answers(func(r chat.Request) chat.Reply {
		if r.Text == "boom" {
			return chat.Reply{Headline: chat.Text{brokenSpan{}}}
		}
		return chat.Reply{Headline: chat.Textf("fine")}
	})
	s.start()
	s.command("U01ALICE", "C02PAYMENTS", "/who-owns boom")
	s.command("U02BOB", "C02PAYMENTS", "/deploy-env boom")
	for _, user := range []string{"U01ALICE", "U02BOB"} {
		s.await("the asker is told", func() bool { return len(s.ephemerals("C02PAYMENTS", user)) == 1 })
		require.Contains(t, s.ephemerals("C02PAYMENTS", user)[0], "Something broke on our side (ref ")
	}
	s.command("U01ALICE", "C02PAYMENTS", "/who-owns x")
	s.await("the rest goes on", func() bool { return len(s.ephemerals("C02PAYMENTS", "U01ALICE")) == 2 })
}

func TestAFullQueueSaysSo(t *testing.T) {
	s := raise(t)
	hold, under := make(chan struct{}), atomic.Int32{}
	s.router.answers(func(chat.Request) chat.Reply {
		under.Add(1)
		<-hold
		return chat.Reply{Headline: chat.Textf("done")}
	})
	s.start(func(o *slack.ReceiverOptions) { o.Readers, o.Limit = 1, 2 })
	s.command("U01ALICE", "C02PAYMENTS", "/who-owns 1")
	s.command("U01ALICE", "C02PAYMENTS", "/who-owns 2")
	answer := s.command("U01ALICE", "C02PAYMENTS", "/who-owns 3")
	require.Contains(t, answer["response"].(map[string]any)["text"], "try again in a minute")
	close(hold)
	s.await("the two taken are answered", func() bool { return len(s.ephemerals("C02PAYMENTS", "U01ALICE")) >= 2 })
	s.await("there is room again", func() bool { return s.command("U01ALICE", "C02PAYMENTS", "/who-owns 4")["response"] == nil })
	s.await("it is answered", func() bool { return under.Load() == 3 })
}

func TestAStopFinishesWhatIsHeld(t *testing.T) {
	s := raise(t)
	hold := make(chan struct{})
	s.router.answers(func(chat.Request) chat.Reply {
		<-hold
		return chat.Reply{Headline: chat.Textf("done")}
	})
	s.start()
	s.command("U01ALICE", "C02PAYMENTS", "/who-owns 1")
	s.command("U02BOB", "C02PAYMENTS", "/deploy-env 2")
	s.await("both are under way", func() bool { return len(s.router.requests()) == 2 })
	s.stop()
	close(hold)
	require.NoError(t, s.result())
	require.Len(t, s.ephemerals("C02PAYMENTS", "U01ALICE"), 1)
	require.Len(t, s.ephemerals("C02PAYMENTS", "U02BOB"), 1)
	require.Equal(t, 1, s.rows("SELECT count(*) FROM inbox WHERE done_at IS NOT NULL"))
	s.await("both connections are closed", func() bool {
		answer := s.do("POST", "command", reply{"user": "U01ALICE", "channel": "C02PAYMENTS", "command": "/who-owns", "text": "x"})
		return answer["error"] == "dispatch_failed"
	})
	require.Len(t, s.router.requests(), 2)
}

// recordedCommand is a slash command as the inbox keeps it.
func recordedCommand(at time.Time, command, text string) []byte {
	payload := map[string]string{"channel_id": "C02PAYMENTS", "channel_name": "payments", "user_id": "U01ALICE",
		"user_name": "alice", "command": command, "text": text, "trigger_id": "1.2.abc"}
	body, err := json.Marshal(map[string]any{"kind": "slash_commands", "payload": payload, "at": at.UnixMilli()})
	if err != nil {
		panic(err)
	}
	return body
}

func (s *stage) inbox() *database.Inbox { return database.NewInbox(s.db) }
