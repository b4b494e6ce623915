package slack_test

import (
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"bellhop/integrations/slack"
)

// total is a counter's value over the labels that contain all of the given words.
func total(t *testing.T, from *prometheus.Registry, name string, words ...string) (sum float64) {
	t.Helper()
	families, err := from.Gather()
	require.NoError(t, err)
	for _, family := range families {
		if family.GetName() != name {
			continue
		}
		for _, m := range family.GetMetric() {
			matches := true
			for _, word := range words {
				matches = matches && strings.Contains(m.String(), `"`+word+`"`)
			}
			if matches {
				sum += m.GetCounter().GetValue()
			}
		}
	}
	return sum
}

// measured gives the stage a client whose metrics can be read.
func (s *stage) measured() *prometheus.Registry {
	registry := prometheus.NewRegistry()
	s.client = s.newClient(slack.Options{Metrics: registry})
	return registry
}

func TestDisconnectsAndKilledSocketsLoseNothing(t *testing.T) {
	s := raise(t)
	registry := s.measured()
	s.start()
	said, opened := 0, 2.0
	for _, reason := range []string{"warning", "refresh_requested", "link_disabled"} {
		s.fault(reply{"disconnect": reason})
		opened += 2
		s.await("both connections are up again", func() bool {
			return total(t, registry, "bellhop_slack_api_calls_total", "apps.connections.open", "ok") >= opened && s.receiver.Ready() == nil
		})
		// The library may see the socket close before it looks at the frame that says why, on one of them.
		require.NotZero(t, total(t, registry, "bellhop_slack_disconnects_total", reason), reason)
		s.command("U01ALICE", "C02PAYMENTS", "/who-owns "+reason)
		said++
		s.await("it is answered", func() bool { return len(s.router.requests()) == said })
	}
	s.fault(reply{"kill_sockets": true})
	s.await("both connections are up again", func() bool {
		return total(t, registry, "bellhop_slack_api_calls_total", "apps.connections.open", "ok") >= opened+2 && s.receiver.Ready() == nil
	})
	s.command("U01ALICE", "C02PAYMENTS", "/who-owns x")
	s.await("it is answered", func() bool { return len(s.router.requests()) == said+1 })
}

func TestUnknownEnvelopesAreAckedAndCounted(t *testing.T) {
	s := raise(t)
	registry := s.measured()
	s.start()
	s.fault(reply{"unknown_envelopes": 3})
	s.await("they are counted", func() bool {
		return total(t, registry, "bellhop_slack_envelopes_total", "unknown") >= 3
	})
	s.await("they are acked", func() bool {
		for _, e := range s.list("log", "envelopes") {
			if !strings.Contains(e, `"acked":true`) {
				return false
			}
		}
		return len(s.list("log", "envelopes")) >= 3
	})
}

func TestDuplicatesAreDroppedOverBothConnections(t *testing.T) {
	s := raise(t)
	registry := s.measured()
	s.start()
	s.fault(reply{"duplicate_envelopes": 3})
	for _, text := range []string{"1", "2", "3"} {
		s.control("message", reply{"channel": "C02PAYMENTS", "user": "U01ALICE", "text": "<@U0BOT> who owns " + text})
	}
	s.await("the duplicates are counted", func() bool {
		return total(t, registry, "bellhop_slack_envelopes_total", "duplicate") == 3
	})
	s.await("each is asked once", func() bool { return len(s.router.requests()) >= 3 })
	require.Len(t, s.router.requests(), 3)
}

func TestRefusedTokensEndTheRunWithAClearWord(t *testing.T) {
	for name, c := range map[string]struct {
		options slack.Options
		want    []string
	}{
		"app token":              {slack.Options{AppToken: "xapp-wrong"}, []string{"SLACK_APP_TOKEN", "invalid_auth", "connections:write"}},
		"bot token in its place": {slack.Options{AppToken: "xoxb-demo"}, []string{"SLACK_APP_TOKEN", "not_allowed_token_type"}},
		"bot token":              {slack.Options{BotToken: "xoxb-wrong"}, []string{"SLACK_BOT_TOKEN", "invalid_auth"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := raise(t)
			s.client = s.newClient(c.options)
			s.run()
			err := s.result()
			for _, word := range c.want {
				require.ErrorContains(t, err, word)
			}
			require.NotContains(t, err.Error(), "wrong", "no token stands in an error")
		})
	}
}

func TestATokenRevokedLaterEndsTheRunToo(t *testing.T) {
	s := raise(t).start()
	s.fault(reply{"method": "users.info", "times": 1, "status": 200, "body": reply{"ok": false, "error": "token_revoked"}})
	s.command("U01ALICE", "C02PAYMENTS", "/who-owns x")
	err := s.result()
	require.ErrorContains(t, err, "SLACK_BOT_TOKEN")
	require.ErrorContains(t, err, "token_revoked")
}

func TestRateLimitsAreWaitedOut(t *testing.T) {
	s := raise(t).start()
	s.fault(reply{"method": "response_url", "times": 1, "status": 429, "retry_after": 3600})
	s.command("U01ALICE", "C02PAYMENTS", "/who-owns x")
	s.await("the refusal is there", func() bool { return len(s.calls("response_url")) == 1 })
	require.Empty(t, s.ephemerals("C02PAYMENTS", "U01ALICE"))
	s.await("an hour later the answer is there", func() bool {
		s.control("clock", reply{"advance": "1h1m"}) // again when the refusal was not read yet
		return len(s.ephemerals("C02PAYMENTS", "U01ALICE")) == 1
	})
}

func TestAClientNeedsItsTokens(t *testing.T) {
	_, err := slack.New(slack.Options{})
	require.ErrorContains(t, err, "SLACK_BOT_TOKEN")
	client, err := slack.New(slack.Options{BotToken: "xoxb-x"})
	require.NoError(t, err)
	_, err = slack.NewReceiver(client, slack.ReceiverOptions{})
	require.ErrorContains(t, err, "SLACK_APP_TOKEN")
}
