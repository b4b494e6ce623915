package slack_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bellhop/chat"
)

// An answer that its asker alone sees can hold no file: what it gives stands in their direct messages.
func TestFilesOfAPrivateAnswerAreHandedOver(t *testing.T) {
	s := raise(t).start()
	s.router.answers(func(chat.Request) chat.Reply { return everything() })
	s.command("U01ALICE", "C02PAYMENTS", "/who-owns payments-api")
	s.await("the answer is there", func() bool { return len(s.ephemerals("C02PAYMENTS", "U01ALICE")) == 1 })
	answer := s.ephemerals("C02PAYMENTS", "U01ALICE")[0]
	require.Contains(t, answer, "`failures.txt` is in your direct messages with me.")
	require.Contains(t, answer, `"type":"image"`)
	require.Empty(t, s.messages("C02PAYMENTS"), "nobody else sees anything")
	given := s.messages("U01ALICE")
	require.Len(t, given, 2)
	require.Contains(t, given[0], `"name":"days.png"`)
	require.Contains(t, given[1], `"name":"failures.txt"`)
	require.Contains(t, given[1], "payments →", "the file says what it belongs to")
}

// In direct messages a file follows its answer; nobody looks for it in a thread.
func TestAFileFollowsItsAnswerInDirectMessages(t *testing.T) {
	s := raise(t).start()
	s.router.answers(func(chat.Request) chat.Reply {
		return chat.Reply{To: chat.Here, Headline: chat.Textf("here"), Parts: []chat.Part{chat.File{Name: "api.yaml", Data: []byte("openapi: 3.1.0\n")}}}
	})
	s.control("message", reply{"channel": "U01ALICE", "user": "U01ALICE", "text": "show payments-api"})
	s.await("answer and file are there", func() bool { return len(s.messages("U01ALICE")) == 3 })
	require.NotContains(t, s.messages("U01ALICE")[2], "thread_ts")
}

// Whoever does not get a file is told so, and why.
func TestAFileThatCannotBeGiven(t *testing.T) {
	s := raiseWith(t, manifest(false)).start()
	s.router.answers(func(r chat.Request) chat.Reply {
		to := chat.OnlyYou
		if r.Via == chat.Message {
			to = chat.Here
		}
		return chat.Reply{To: to, Headline: chat.Textf("here"), Parts: []chat.Part{chat.File{Name: "api.yaml", Data: []byte("openapi: 3.1.0\n")}}}
	})
	const sorry = "`api.yaml` could not be given to you: the app has not been granted the scope `files:write`."
	s.command("U01ALICE", "C02PAYMENTS", "/who-owns payments-api")
	s.await("the answer is there", func() bool { return len(s.ephemerals("C02PAYMENTS", "U01ALICE")) == 1 })
	require.Contains(t, s.ephemerals("C02PAYMENTS", "U01ALICE")[0], sorry)

	s.control("message", reply{"channel": "U01ALICE", "user": "U01ALICE", "text": "show payments-api"})
	s.await("the answer is there", func() bool { return len(s.messages("U01ALICE")) == 3 })
	require.Contains(t, s.messages("U01ALICE")[2], sorry)
}
