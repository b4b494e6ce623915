package slack

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/require"
)

// call sends one Web API call by hand.
func (p *play) call(method, contentType, token, body string) (reply, *http.Response) {
	p.t.Helper()
	r, err := http.NewRequest(http.MethodPost, p.http.URL+"/api/"+method, strings.NewReader(body))
	require.NoError(p.t, err)
	r.Header.Set("Content-Type", contentType)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := p.http.Client().Do(r)
	require.NoError(p.t, err)
	defer answer.Body.Close()
	out := reply{}
	require.NoError(p.t, decodeJSON(answer.Body, &out))
	return out, answer
}

const (
	form  = "application/x-www-form-urlencoded"
	jsons = "application/json; charset=utf-8"
)

func TestTokensAreChecked(t *testing.T) {
	p := start(t)
	for _, c := range []struct{ method, token, want string }{
		{"auth.test", "", "not_authed"},
		{"auth.test", "xoxb-wrong", "invalid_auth"},
		{"chat.postMessage", "xapp-demo", "not_allowed_token_type"},
		{"apps.connections.open", "xoxb-demo", "not_allowed_token_type"},
		{"apps.connections.open", "xapp-wrong", "invalid_auth"},
		{"no.such", "xoxb-demo", "unknown_method"},
	} {
		answer, _ := p.call(c.method, form, c.token, "")
		require.Equal(t, false, answer["ok"], c)
		require.Equal(t, c.want, answer["error"], c)
	}
	who, err := p.bot.AuthTest()
	require.NoError(t, err)
	require.Equal(t, "U0BOT", who.UserID)
	require.Equal(t, "T0ACME", who.TeamID)
	require.Equal(t, "B0BOT", who.BotID)
	answer, _ := p.call("auth.test", form, "xapp-demo", "")
	require.Equal(t, "A0BELLHOP", answer["app_id"])
}

func TestArgumentsComeAsFormJSONOrQuery(t *testing.T) {
	p := start(t)
	answer, head := p.call("users.info", form, "", url.Values{"token": {"xoxb-demo"}, "user": {"U01ALICE"}}.Encode())
	require.Equal(t, true, answer["ok"], answer)
	require.Contains(t, head.Header.Get("X-OAuth-Scopes"), "chat:write")
	answer, _ = p.call("users.info", jsons, "xoxb-demo", `{"user":"U01ALICE"}`)
	require.Equal(t, "alice", answer["user"].(map[string]any)["name"])
	answer, _ = p.call("users.info", "application/json", "xoxb-demo", `{"user":"U01ALICE"}`)
	require.Equal(t, "missing_charset", answer["warning"])
	got, err := http.Get(p.http.URL + "/api/users.info?user=U01ALICE&token=xoxb-demo")
	require.NoError(t, err)
	defer got.Body.Close()
	require.NoError(t, decodeJSON(got.Body, &answer))
	require.Equal(t, true, answer["ok"])
	for body, want := range map[string]string{`{`: "invalid_json", `[1]`: "invalid_json"} {
		answer, _ = p.call("users.info", jsons, "xoxb-demo", body)
		require.Equal(t, want, answer["error"])
	}
	answer, _ = p.call("chat.postMessage", form, "xoxb-demo",
		url.Values{"channel": {"C02PAYMENTS"}, "blocks": {`[{"type":`}}.Encode())
	require.Equal(t, "invalid_blocks_format", answer["error"])
}

func TestScopesAreChecked(t *testing.T) {
	p := start(t, withManifest(strings.Replace(strings.Replace(testManifest, `"users:read.email"`, `"team:read"`, 1), `"im:write",`, "", 1)))
	answer, _ := p.call("users.lookupByEmail", form, "xoxb-demo", "email=alice@acme.example")
	require.Equal(t, "missing_scope", answer["error"])
	require.Equal(t, "users:read.email", answer["needed"])
	require.Contains(t, answer["provided"], "chat:write")
	u, err := p.bot.GetUserInfo("U01ALICE")
	require.NoError(t, err)
	require.Empty(t, u.Profile.Email)
	_, _, _, err = p.bot.OpenConversation(&slack.OpenConversationParameters{Users: []string{"U01ALICE"}})
	require.EqualError(t, err, "missing_scope")
	answer, _ = p.call("chat.postMessage", form, "xoxb-demo", "channel=C02PAYMENTS&text=x&username=Somebody")
	require.Equal(t, "chat:write.customize", answer["needed"])
}

func TestPeopleAndGroups(t *testing.T) {
	p := start(t)
	u, err := p.bot.GetUserByEmail("Bob@acme.example")
	require.NoError(t, err)
	require.Equal(t, "U02BOB", u.ID)
	require.Equal(t, "Europe/Berlin", u.TZ)
	for _, email := range []string{"nobody@acme.example", "oskar@acme.example", "fay@other.example", ""} {
		_, err = p.bot.GetUserByEmail(email)
		require.EqualError(t, err, "users_not_found", email)
	}
	guest, err := p.bot.GetUserInfo("U12GITA")
	require.NoError(t, err)
	require.True(t, guest.IsRestricted)
	stranger, err := p.bot.GetUserInfo("UFOREIGN")
	require.NoError(t, err)
	require.True(t, stranger.IsStranger)
	require.Equal(t, "T0OTHER", stranger.TeamID)
	_, err = p.bot.GetUserInfo("U99NOBODY")
	require.EqualError(t, err, "user_not_found")
	all, err := p.bot.GetUsers(slack.GetUsersOptionLimit(5))
	require.NoError(t, err)
	require.Len(t, all, 15) // 13 people, the deactivated one and the bot; not the stranger
	groups, err := p.bot.GetUserGroups(slack.GetUserGroupsOptionIncludeUsers(true))
	require.NoError(t, err)
	require.Len(t, groups, 5)
	require.Equal(t, "team-ledger", groups[0].Handle)
	members, err := p.bot.GetUserGroupMembers("S01LEDGER")
	require.NoError(t, err)
	require.Equal(t, []string{"U01ALICE", "U02BOB", "U03CAROL"}, members)
	require.Equal(t, members, groups[0].Users)
	_, err = p.bot.GetUserGroupMembers("S99")
	require.EqualError(t, err, "no_such_subteam")
	team, err := p.bot.GetTeamInfo()
	require.NoError(t, err)
	require.Equal(t, "acme", team.Domain)
}

func TestChannels(t *testing.T) {
	p := start(t)
	var all []slack.Channel
	cursor := ""
	for {
		page, next, err := p.bot.GetConversations(&slack.GetConversationsParameters{
			Limit: 3, Cursor: cursor, Types: []string{"public_channel", "private_channel"},
		})
		require.NoError(t, err)
		all = append(all, page...)
		if cursor = next; cursor == "" {
			break
		}
	}
	require.Len(t, all, 8, "the private channel without the bot is not seen")
	info, err := p.bot.GetConversationInfo(&slack.GetConversationInfoInput{ChannelID: "C02PAYMENTS", IncludeNumMembers: true})
	require.NoError(t, err)
	require.True(t, info.IsMember)
	require.Equal(t, "The payments service", info.Topic.Value)
	_, err = p.bot.GetConversationInfo(&slack.GetConversationInfoInput{ChannelID: "C09LAUNCH"})
	require.EqualError(t, err, "channel_not_found")
	members, _, err := p.bot.GetUsersInConversation(&slack.GetUsersInConversationParameters{ChannelID: "C07FULFIL"})
	require.NoError(t, err)
	require.Equal(t, []string{"U10JONAS", "U11KEMI", "U0BOT"}, members)
	im, _, open, err := p.bot.OpenConversation(&slack.OpenConversationParameters{Users: []string{"U01ALICE"}})
	require.NoError(t, err)
	require.False(t, open)
	again, _, open, err := p.bot.OpenConversation(&slack.OpenConversationParameters{Users: []string{"U01ALICE"}})
	require.NoError(t, err)
	require.True(t, open)
	require.Equal(t, im.ID, again.ID)
	_, _, _, err = p.bot.OpenConversation(&slack.OpenConversationParameters{Users: []string{"U13OSKAR"}})
	require.EqualError(t, err, "user_disabled")
	answer, _ := p.call("conversations.list", form, "xoxb-demo", "cursor=nonsense")
	require.Equal(t, "invalid_cursor", answer["error"])
	answer, _ = p.call("conversations.list", form, "xoxb-demo", "types=secret")
	require.Equal(t, "invalid_types", answer["error"])
}

func TestInvitingTheBot(t *testing.T) {
	p := start(t)
	_, _, err := p.bot.PostMessage("C09LAUNCH", slack.MsgOptionText("hello", false))
	require.EqualError(t, err, "channel_not_found")
	p.control("command", reply{"channel": "C09LAUNCH", "user": "alice", "command": "/invite", "text": "@bellhop"})
	_, _, err = p.bot.PostMessage("C09LAUNCH", slack.MsgOptionText("hello", false))
	require.NoError(t, err)
	p.control("command", reply{"channel": "C02PAYMENTS", "user": "alice", "command": "/remove", "text": "<@U0BOT>"})
	_, _, err = p.bot.PostMessage("C02PAYMENTS", slack.MsgOptionText("hello", false))
	require.EqualError(t, err, "not_in_channel")
	joined, _, _, err := p.bot.JoinConversation("C02PAYMENTS")
	require.NoError(t, err)
	require.Equal(t, "C02PAYMENTS", joined.ID)
	_, _, err = p.bot.PostMessage("#payments", slack.MsgOptionText("hello", false))
	require.NoError(t, err)
	_, _, _, err = p.bot.JoinConversation("C09LAUNCH")
	require.EqualError(t, err, "method_not_supported_for_channel_type")
	p.control("command", reply{"channel": "C09LAUNCH", "user": "alice", "command": "/remove", "text": "bellhop"})
	_, _, err = p.bot.PostMessage("C09LAUNCH", slack.MsgOptionText("hello", false))
	require.EqualError(t, err, "channel_not_found")
	refused := p.do(http.MethodPost, "/_control/command", reply{"channel": "C04STORE", "user": "gita", "command": "/invite", "text": "bob"})
	require.Equal(t, "restricted_action", refused["error"])
}

func TestPeopleJoin(t *testing.T) {
	p := start(t)
	as := func(user, command, text string) any {
		body := reply{"channel": "C04STORE", "user": user, "command": command, "text": text}
		return p.do(http.MethodPost, "/_control/command", body)["error"]
	}
	require.Equal(t, "not_in_channel", as("farid", "/who-owns", "cart"))
	require.Nil(t, as("farid", "/join", ""))
	require.Equal(t, "dispatch_failed", as("farid", "/who-owns", "cart"))
	require.Equal(t, "already_in_channel", as("farid", "/join", "#storefront"))
	require.Equal(t, "channel_not_found", as("farid", "/join", "#launch"))
	require.Equal(t, "restricted_action", as("gita", "/join", "#payments"))
	require.Equal(t, "channel_join", p.messages("storefront")[0].SubType)
}

func TestRateLimits(t *testing.T) {
	p := start(t)
	post := func() error {
		_, _, err := p.bot.PostMessage("C02PAYMENTS", slack.MsgOptionText("hello", false))
		return err
	}
	var limited *slack.RateLimitedError
	for sent := 0; ; sent++ {
		require.Less(t, sent, 10, "a burst in one channel has to end")
		if err := post(); err != nil {
			require.ErrorAs(t, err, &limited)
			require.Equal(t, time.Second, limited.RetryAfter)
			require.GreaterOrEqual(t, sent, 5, "a burst is allowed")
			break
		}
	}
	_, _, err := p.bot.PostMessage("C03LEDGER", slack.MsgOptionText("hello", false))
	require.NoError(t, err, "another channel has its own pace")
	require.NoError(t, p.clock.Advance(limited.RetryAfter))
	require.NoError(t, post())
	for range 20 {
		_, err = p.bot.GetUserGroups()
		require.NoError(t, err)
	}
	_, err = p.bot.GetUserGroups()
	require.ErrorAs(t, err, &limited)
	require.LessOrEqual(t, limited.RetryAfter, 3*time.Second, "20 calls a minute")
	p.control("fault", reply{"no_rate_limits": true})
	for range 10 {
		require.NoError(t, post())
	}
}
