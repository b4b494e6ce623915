package slack

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/require"
)

func TestFaultsStrikeTheNextCalls(t *testing.T) {
	p := start(t)
	text := slack.MsgOptionText("hello", false)
	p.control("fault", reply{"method": "chat.postMessage", "times": 2, "status": 429, "retry_after": 7})
	for range 2 {
		_, _, err := p.bot.PostMessage("C02PAYMENTS", text)
		var limited *slack.RateLimitedError
		require.ErrorAs(t, err, &limited)
		require.Equal(t, 7*time.Second, limited.RetryAfter)
	}
	require.Empty(t, p.messages("payments"), "the call was not acted on")
	_, _, err := p.bot.PostMessage("C02PAYMENTS", text)
	require.NoError(t, err)

	p.control("fault", reply{"method": "chat.postMessage", "drop_answer": true})
	_, _, err = p.bot.PostMessage("C02PAYMENTS", text)
	require.Error(t, err)
	require.Len(t, p.messages("payments"), 2, "the call was acted on")

	p.control("fault", reply{"method": "users.info", "status": 200, "body": reply{"ok": false, "error": "account_inactive"}})
	_, err = p.bot.GetUserInfo("U01ALICE")
	require.EqualError(t, err, "account_inactive")
	p.control("fault", reply{"method": "*", "status": 503, "body": "<html>busy</html>"})
	_, err = p.bot.AuthTest()
	var status slack.StatusCodeError
	require.ErrorAs(t, err, &status)
	require.Equal(t, 503, status.Code)
	p.control("fault", reply{"method": "auth.test", "delay_ms": 1})
	_, err = p.bot.AuthTest()
	require.NoError(t, err)
	p.control("fault", reply{"method": "auth.test", "status": 500, "skip": 1})
	_, err = p.bot.AuthTest()
	require.NoError(t, err)
	_, err = p.bot.AuthTest()
	require.ErrorAs(t, err, &status)
	p.control("fault", reply{"method": "auth.test", "status": 500, "times": 9})
	p.control("fault", reply{"clear": true})
	_, err = p.bot.AuthTest()
	require.NoError(t, err)
	for _, bad := range []reply{{"method": "no.such", "status": 500}, {"method": "auth.test"}} {
		refused := p.do(http.MethodPost, "/_control/fault", bad)
		require.Equal(t, false, refused["ok"], bad)
	}
}

func TestWaitingForAMessage(t *testing.T) {
	p := start(t)
	got := p.meanwhile(func() reply { return p.get("/_control/messages/C03LEDGER?wait=30&contains=is+%3Cup%3E") })
	_, ts, err := p.bot.PostMessage("C03LEDGER", slack.MsgOptionText("starting", false))
	require.NoError(t, err)
	_, _, _, err = p.bot.UpdateMessage("C03LEDGER", ts, slack.MsgOptionText("it is <up>", false))
	require.NoError(t, err)
	require.Equal(t, true, got()["found"])
	got = p.meanwhile(func() reply { return p.get("/_control/ephemerals/C03LEDGER/alice?wait=30&after=" + ts) })
	_, err = p.bot.PostEphemeral("C03LEDGER", "U01ALICE", slack.MsgOptionText("x", false))
	require.NoError(t, err)
	require.Len(t, got()["messages"], 1)
	require.Equal(t, false, p.get("/_control/messages/C03LEDGER?wait=0&contains=nothing")["found"])
	require.Equal(t, false, p.do(http.MethodGet, "/_control/messages/C99?wait=1", nil)["ok"])
}

func TestClock(t *testing.T) {
	p := start(t)
	before := p.get("/_control/clock")
	require.EqualValues(t, 0, before["offset_ms"])
	moved := p.meanwhile(func() reply { return p.get("/_control/clock?offset_ms=0") })
	p.control("clock", reply{"advance": "8h"})
	require.EqualValues(t, 8*3600*1000, moved()["offset_ms"])
	to := p.clock.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	p.control("clock", reply{"to": to})
	require.Equal(t, to, p.get("/_control/clock?offset_ms=1").str("now"))
	for _, bad := range []reply{{}, {"advance": "-1h"}, {"advance": "soon"}, {"to": "2020-01-01T00:00:00Z"}, {"to": to, "advance": "1h"}} {
		refused := p.do(http.MethodPost, "/_control/clock", bad)
		require.Equal(t, "invalid_arguments", refused["error"], bad)
	}
}

func TestForeignPagesAreKeptOut(t *testing.T) {
	p := start(t)
	try := func(path, host, origin string) int {
		r, err := http.NewRequest(http.MethodGet, p.http.URL+path, nil)
		require.NoError(t, err)
		if host != "" {
			r.Host = host
		}
		if origin != "" {
			r.Header.Set("Origin", origin)
		}
		answer, err := p.http.Client().Do(r)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		return answer.StatusCode
	}
	for _, path := range []string{"/_control/log", "/_page/state?user=alice", "/_control/messages/C01GENERAL"} {
		require.Equal(t, 200, try(path, "", ""))
		require.Equal(t, 200, try(path, "", p.http.URL))
		require.Equal(t, 403, try(path, "evil.example", ""))
		require.Equal(t, 403, try(path, "", "https://evil.example"))
		require.Equal(t, 403, try(path, "", "null"))
	}
	require.Equal(t, 403, try("/_control/events", "evil.example", ""))
}

func TestMalformedScriptingIsA400(t *testing.T) {
	p := start(t)
	for _, body := range []string{"{", `{"chanel":"C01GENERAL"}`, `[]`} {
		answer, err := http.Post(p.http.URL+"/_control/message", "application/json", strings.NewReader(body))
		require.NoError(t, err)
		require.Equal(t, http.StatusBadRequest, answer.StatusCode, body)
		require.NoError(t, answer.Body.Close())
	}
}

func TestThePageSeesWhatItsPersonSees(t *testing.T) {
	p := start(t)
	names := func(user string) []string {
		var out []string
		for _, c := range p.get("/_page/state?user=" + user)["channels"].([]any) {
			out = append(out, c.(map[string]any)["name"].(string))
		}
		return out
	}
	require.Contains(t, names("alice"), "launch")
	require.Contains(t, names("alice"), "bellhop")
	require.NotContains(t, names("farid"), "launch")
	require.Equal(t, []string{"general", "storefront", "bellhop"}, names("gita"))
	state := p.get("/_page/state?user=U01ALICE")
	require.Equal(t, "alice", state["me"].(map[string]any)["name"])
	require.Equal(t, "/who-owns", state["commands"].([]any)[0].(map[string]any)["command"])
	require.Equal(t, []any{}, state["extra"])
	dm := p.do(http.MethodPost, "/_page/dm", reply{"user": "alice", "with": "bob"})
	require.Equal(t, true, dm["ok"])
	sent := p.control("message", reply{"channel": dm["channel"], "user": "bob", "text": "between us"})
	_, _, err := p.bot.PostMessage(dm.str("channel"), slack.MsgOptionText("hello", false))
	require.EqualError(t, err, "channel_not_found")
	history := p.get("/_page/history?user=alice&channel=" + dm.str("channel"))
	require.Len(t, history["messages"], 1)
	p.control("message", reply{"channel": dm["channel"], "user": "alice", "text": "yes", "thread_ts": sent["ts"]})
	thread := p.get("/_page/thread?user=alice&channel=" + dm.str("channel") + "&ts=" + sent.str("ts"))
	require.Len(t, thread["messages"], 2)
	require.Nil(t, p.get("/_page/home?user=alice")["view"])
	require.Empty(t, p.get("/_page/views?user=alice")["views"])
	for _, path := range []string{"/_page/history?user=farid&channel=C09LAUNCH", "/_page/state?user=oskar", "/_page/state?user=U99"} {
		require.Equal(t, false, p.do(http.MethodGet, path, nil)["ok"], path)
	}
	for _, path := range []string{"/", "/team/U01ALICE", "/archives/C01GENERAL/p1700000000000001"} {
		answer, err := http.Get(p.http.URL + path)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, answer.StatusCode)
		require.Contains(t, answer.Header.Get("Content-Type"), "text/html")
		require.Contains(t, answer.Header.Get("Content-Security-Policy"), "script-src 'self'")
		require.NoError(t, answer.Body.Close())
	}
}

func TestWatchersHearOfEveryChange(t *testing.T) {
	p := start(t)
	watch := p.watch()
	_, ts, err := p.bot.PostMessage("C03LEDGER", slack.MsgOptionText("x", false))
	require.NoError(t, err)
	n := watch.untilType("message")
	require.Equal(t, "C03LEDGER", n["channel"])
	require.Equal(t, ts, n["ts"])
	require.Equal(t, "chat.postMessage", watch.untilType("call")["name"])
	_, _, _, err = p.bot.UpdateMessage("C03LEDGER", ts, slack.MsgOptionText("y", false))
	require.NoError(t, err)
	watch.untilType("message_changed")
	_, _, err = p.bot.DeleteMessage("C03LEDGER", ts)
	require.NoError(t, err)
	watch.untilType("message_deleted")
	_, err = p.bot.PostEphemeral("C03LEDGER", "U01ALICE", slack.MsgOptionText("x", false))
	require.NoError(t, err)
	require.Equal(t, "U01ALICE", watch.untilType("ephemeral")["user"])
	p.control("clock", reply{"advance": "1s"})
	watch.untilType("clock")
	p.server.Tell("github")
	watch.untilType("github")
}
