package slack_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bellhop/chat"
)

// used uses the shortcut of the test's manifest on a message.
func (s *stage) used(user, channel string, ts any) reply {
	s.t.Helper()
	return s.control("shortcut", reply{"user": user, "channel": channel, "messageTs": ts, "callback_id": "who-owns.message"})
}

func TestAShortcutAsksAboutAnybodysMessage(t *testing.T) {
	s := raise(t).start()
	trace := "panic: nil map\ngoroutine 7 [running]:\nmain.refund(…)\n\t/src/refund.go:14 +0x1d"
	said := s.control("message", reply{"channel": "C02PAYMENTS", "user": "U02BOB", "text": "```" + trace + "```"})
	require.Nil(t, s.used("U01ALICE", "C02PAYMENTS", said["ts"])["response"], "the ack is empty")
	s.await("the answer is there", func() bool { return len(s.ephemerals("C02PAYMENTS", "U01ALICE")) == 1 })
	require.Empty(t, s.calls("chat.postMessage"))
	require.Empty(t, s.calls("conversations.history"))

	asked := s.router.requests()[0]
	require.Equal(t, chat.Shortcut, asked.Via)
	require.Equal(t, "```"+trace+"```", asked.Text)
	require.Equal(t, "U01ALICE", asked.Person.ID, "who used it, not who wrote the message")
	require.Equal(t, chat.Action{Name: "who-owns.message", Message: chat.MessageRef{Channel: "C02PAYMENTS", TS: said["ts"].(string)}}, asked.Action)
	require.Equal(t, chat.Place{Channel: "C02PAYMENTS", Name: "payments"}, asked.Place)
}

// Where the bot is no member, its answer reaches the asker all the same.
func TestAShortcutWorksWhereTheBotIsNoMember(t *testing.T) {
	s := raise(t).start()
	said := s.control("message", reply{"channel": "C09LAUNCH", "user": "U02BOB", "text": "who has payments?"})
	s.used("U01ALICE", "C09LAUNCH", said["ts"])
	s.await("the answer is there", func() bool { return len(s.ephemerals("C09LAUNCH", "U01ALICE")) == 1 })
	require.Equal(t, chat.PrivateChannel, s.router.requests()[0].Place.Kind)
}

func TestAShortcutInAThreadIsAnsweredThere(t *testing.T) {
	s := raise(t).start()
	root := s.control("message", reply{"channel": "C02PAYMENTS", "user": "U02BOB", "text": "it burns"})
	answer := s.control("message", reply{"channel": "C02PAYMENTS", "user": "U02BOB", "text": "ledger-db", "thread_ts": root["ts"]})
	s.used("U01ALICE", "C02PAYMENTS", answer["ts"])
	s.await("the answer is there", func() bool { return len(s.ephemerals("C02PAYMENTS", "U01ALICE")) == 1 })
	require.Contains(t, s.ephemerals("C02PAYMENTS", "U01ALICE")[0], `"thread_ts":"`+root["ts"].(string)+`"`)

	s.used("U01ALICE", "C02PAYMENTS", root["ts"])
	s.await("the answer is there", func() bool { return len(s.ephemerals("C02PAYMENTS", "U01ALICE")) == 2 })
	require.NotContains(t, s.ephemerals("C02PAYMENTS", "U01ALICE")[1], "thread_ts", "a thread's first message is seen in the channel")
}

// An answer that takes the place of the pressed message has none here: the message is somebody else's.
func TestAShortcutNeverTouchesItsMessage(t *testing.T) {
	s := raise(t).start()
	s.router.answers(func(chat.Request) chat.Reply { return chat.Reply{To: chat.InPlace, Headline: chat.Textf("mine")} })
	said := s.control("message", reply{"channel": "C02PAYMENTS", "user": "U02BOB", "text": "payments"})
	s.used("U01ALICE", "C02PAYMENTS", said["ts"])
	s.await("the answer is there", func() bool { return len(s.ephemerals("C02PAYMENTS", "U01ALICE")) == 1 })
	require.Contains(t, s.messages("C02PAYMENTS")[0], `"text":"payments"`)
}
