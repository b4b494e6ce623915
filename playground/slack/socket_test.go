package slack

import (
	"net/http"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack/socketmode"
	"github.com/stretchr/testify/require"
)

// wire is a bare WebSocket, for what slack-go hides.
type wire struct {
	t    testing.TB
	conn *websocket.Conn
}

func (p *play) address() string {
	p.t.Helper()
	answer, _ := p.call("apps.connections.open", form, "xapp-demo", "")
	require.Equal(p.t, true, answer["ok"], answer)
	return answer.str("url")
}

func (p *play) dial() *wire {
	p.t.Helper()
	conn, answer, err := websocket.DefaultDialer.Dial(p.address(), nil)
	require.NoError(p.t, err)
	require.NoError(p.t, answer.Body.Close())
	p.t.Cleanup(func() { _ = conn.Close() }) // often closed before
	return &wire{p.t, conn}
}

func (w *wire) read() reply {
	w.t.Helper()
	require.NoError(w.t, w.conn.SetReadDeadline(time.Now().Add(wait)))
	out := reply{}
	require.NoError(w.t, w.conn.ReadJSON(&out))
	return out
}

func (w *wire) ack(frame reply, payload any) {
	w.t.Helper()
	answer := reply{"envelope_id": frame["envelope_id"]}
	if payload != nil {
		answer["payload"] = payload
	}
	require.NoError(w.t, w.conn.WriteJSON(answer))
}

func TestHelloAndPing(t *testing.T) {
	p := start(t)
	w := p.dial()
	pinged := make(chan string, 1)
	w.conn.SetPingHandler(func(data string) error {
		select {
		case pinged <- data:
		default:
		}
		return w.conn.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(wait))
	})
	hello := w.read()
	require.Equal(t, "hello", hello["type"])
	require.EqualValues(t, 1, hello["num_connections"])
	require.Equal(t, "A0BELLHOP", hello["connection_info"].(map[string]any)["app_id"])
	require.Contains(t, hello["debug_info"], "approximate_connection_time")
	p.control("fault", reply{"unknown_envelopes": 1})
	unknown := w.read() // the ping came before it
	require.Equal(t, "workflow_steps_v9", unknown["type"])
	select {
	case <-pinged:
	case <-time.After(wait):
		require.FailNow(t, "no ping")
	}
	w.ack(unknown, nil)
	second := p.dial()
	require.EqualValues(t, 2, second.read()["num_connections"])
}

func TestATicketIsGoodOnceAndNotForLong(t *testing.T) {
	p := start(t)
	address := p.address()
	conn, answer, err := websocket.DefaultDialer.Dial(address, nil)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	defer conn.Close()
	_, answer, err = websocket.DefaultDialer.Dial(address, nil)
	require.ErrorIs(t, err, websocket.ErrBadHandshake)
	require.Equal(t, http.StatusNotFound, answer.StatusCode)
	require.NoError(t, answer.Body.Close())
	address = p.address()
	require.NoError(t, p.clock.Advance(time.Minute))
	_, answer, err = websocket.DefaultDialer.Dial(address, nil)
	require.ErrorIs(t, err, websocket.ErrBadHandshake)
	require.NoError(t, answer.Body.Close())
}

func TestTheEleventhConnectionIsTurnedAway(t *testing.T) {
	p := start(t)
	for range 10 {
		require.Equal(t, "hello", p.dial().read()["type"])
	}
	w := p.dial()
	frame := w.read()
	require.Equal(t, "disconnect", frame["type"])
	require.Equal(t, "too_many_websockets", frame["reason"])
	_, _, err := w.conn.ReadMessage()
	require.Error(t, err)
	require.EqualValues(t, 10, p.get("/_control/log")["connections"])
}

func TestDisconnectAndKillMakeClientsComeAgain(t *testing.T) {
	p := start(t)
	bot := p.connect()
	for _, fault := range []reply{{"disconnect": "refresh_requested"}, {"kill_sockets": true}} {
		p.control("fault", fault)
		bot.next(socketmode.EventTypeHello)
	}
	done := p.meanwhile(func() reply {
		return p.control("command", reply{"channel": "C01GENERAL", "user": "bob", "command": "who-owns"})
	})
	bot.ack(bot.next(socketmode.EventTypeSlashCommand))
	done()
	w := p.dial()
	w.read()
	p.control("fault", reply{"disconnect": "warning"})
	require.Equal(t, "warning", w.read()["reason"])
	p.control("fault", reply{"unknown_envelopes": 2}) // a warned connection lives on
	require.Equal(t, "workflow_steps_v9", w.read()["type"])
	refused := p.do(http.MethodPost, "/_control/fault", reply{"disconnect": "boredom"})
	require.Equal(t, "invalid_arguments", refused["error"])
}

func TestEachEnvelopeGoesToOneConnection(t *testing.T) {
	p := start(t)
	a, b := p.dial(), p.dial()
	a.read()
	b.read()
	p.control("fault", reply{"unknown_envelopes": 4})
	seen := map[any]bool{}
	for _, w := range []*wire{a, b, a, b} {
		seen[w.read()["envelope_id"]] = true
	}
	require.Len(t, seen, 4)
}

func TestAnEventIsSentAgainUntilItIsAcked(t *testing.T) {
	p := start(t)
	w := p.dial()
	w.read()
	p.control("message", reply{"channel": "U01ALICE", "user": "U01ALICE", "text": "hello"})
	first := w.read()
	require.Equal(t, "events_api", first["type"])
	require.EqualValues(t, 0, first["retry_attempt"])
	seen := map[any]bool{first["envelope_id"]: true}
	event := first["payload"].(map[string]any)
	require.Equal(t, "event_callback", event["type"])
	require.Equal(t, "im", event["event"].(map[string]any)["channel_type"])
	require.Equal(t, "U0BOT", event["authorizations"].([]any)[0].(map[string]any)["user_id"])
	for attempt, after := range []time.Duration{0, time.Minute, 5 * time.Minute} {
		require.NoError(t, p.clock.Advance(ackTime+after))
		again := w.read()
		require.EqualValues(t, attempt+1, again["retry_attempt"])
		require.Equal(t, "timeout", again["retry_reason"])
		require.Equal(t, event["event_id"], again["payload"].(map[string]any)["event_id"])
		require.False(t, seen[again["envelope_id"]], "every attempt has its own envelope")
		seen[again["envelope_id"]] = true
		if attempt == 2 {
			watch := p.watch()
			w.ack(again, nil)
			watch.untilType("ack")
		}
	}
	require.NoError(t, p.clock.Advance(time.Hour))
	envelopes := p.records("envelopes")
	require.Len(t, envelopes, 4)
	require.Equal(t, true, envelopes[3]["acked"])
	require.Less(t, envelopes[3]["ack_ms"], 3000.0)
	require.Equal(t, false, envelopes[0]["acked"])
}

func TestAnEventLostWithItsConnectionComesAtOnceOnAnother(t *testing.T) {
	p := start(t)
	a := p.dial()
	a.read()
	watch := p.watch()
	p.control("message", reply{"channel": "U01ALICE", "user": "U01ALICE", "text": "hello"})
	first := a.read()
	b := p.dial()
	b.read()
	require.NoError(t, a.conn.Close())
	again := b.read()
	require.EqualValues(t, 1, again["retry_attempt"])
	require.Equal(t, first["payload"].(map[string]any)["event_id"], again["payload"].(map[string]any)["event_id"])
	b.ack(again, nil)
	watch.untilType("ack")
}

func TestAnEventWithoutAnyConnectionWaitsForItsRetry(t *testing.T) {
	p := start(t)
	p.control("message", reply{"channel": "U01ALICE", "user": "U01ALICE", "text": "hello"})
	w := p.dial()
	w.read()
	require.NoError(t, p.clock.Advance(time.Minute+ackTime))
	late := w.read()
	require.Greater(t, late["retry_attempt"], 0.0)
	w.ack(late, nil)
}

func TestACommandIsNeverSentAgain(t *testing.T) {
	p := start(t)
	refused := p.do(http.MethodPost, "/_control/command", reply{"channel": "C01GENERAL", "user": "bob", "command": "who-owns"})
	require.Equal(t, "dispatch_failed", refused["error"])
	w := p.dial()
	w.read()
	done := p.meanwhile(func() reply {
		return p.do(http.MethodPost, "/_control/command", reply{"channel": "C01GENERAL", "user": "bob", "command": "who-owns"})
	})
	command := w.read()
	require.Equal(t, "slash_commands", command["type"])
	require.Equal(t, true, command["accepts_response_payload"])
	require.NoError(t, p.clock.Advance(ackTime))
	require.Equal(t, "operation_timeout", done().str("error"))
	watch := p.watch()
	w.ack(command, reply{"text": "too late"})
	watch.untilType("ack")
	require.Empty(t, p.ephemerals("C01GENERAL", "U02BOB"))
	require.NoError(t, p.clock.Advance(time.Hour))
	require.Len(t, p.records("envelopes"), 1)
}

func TestAnAckCanCarryTheAnswer(t *testing.T) {
	p := start(t)
	w := p.dial()
	w.read()
	for _, c := range []struct {
		payload any
		public  bool
	}{
		{reply{"text": "only you"}, false},
		{reply{"text": "all", "response_type": "in_channel"}, true},
	} {
		done := p.meanwhile(func() reply {
			return p.control("command", reply{"channel": "C09LAUNCH", "user": "bob", "command": "who-owns"})
		})
		w.ack(w.read(), c.payload)
		require.NotNil(t, done()["response"])
	}
	require.Equal(t, "only you", p.ephemerals("C09LAUNCH", "bob")[0].Text)
	require.Equal(t, "all", p.messages("C09LAUNCH")[0].Text, "an answer goes where the bot is no member, too")
	done := p.meanwhile(func() reply {
		return p.control("command", reply{"channel": "C09LAUNCH", "user": "bob", "command": "who-owns"})
	})
	w.ack(w.read(), reply{"blocks": []reply{{"type": "nonsense"}}})
	require.Equal(t, "invalid_blocks", done()["ack_error"])
}

func TestDuplicatesHaveTheSameTriggerAndAnotherEnvelope(t *testing.T) {
	p := start(t)
	w := p.dial()
	w.read()
	p.control("fault", reply{"duplicate_envelopes": 1})
	done := p.meanwhile(func() reply {
		return p.control("command", reply{"channel": "C01GENERAL", "user": "bob", "command": "who-owns"})
	})
	first, second := w.read(), w.read()
	w.ack(first, nil)
	w.ack(second, nil)
	done()
	require.NotEqual(t, first["envelope_id"], second["envelope_id"])
	require.Equal(t, first["payload"], second["payload"])
	envelopes := p.records("envelopes")
	require.Equal(t, true, envelopes[1]["duplicate"])
}

func TestMessagesThatTheManifestDoesNotNameAreNotDelivered(t *testing.T) {
	p := start(t)
	w := p.dial()
	w.read()
	refused := p.do(http.MethodPost, "/_control/command", reply{"channel": "C01GENERAL", "user": "bob", "command": "/unknown"})
	require.Equal(t, "unknown_command", refused["error"])
	p.control("command", reply{"channel": "C09LAUNCH", "user": "alice", "command": "/invite", "text": "bellhop"})
	require.Equal(t, "member_joined_channel", w.read()["payload"].(map[string]any)["event"].(map[string]any)["type"])
	p.control("message", reply{"channel": "C09LAUNCH", "user": "alice", "text": "hello"}) // message.groups is not subscribed to
	p.control("fault", reply{"unknown_envelopes": 1})
	require.Equal(t, "workflow_steps_v9", w.read()["type"])
}
