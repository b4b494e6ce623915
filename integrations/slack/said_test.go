package slack

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhatAMessageSays(t *testing.T) {
	for name, c := range map[string]struct{ message, want string }{
		"text":       {`{"text":"a &lt;b&gt; <@U02BOB> <#C02|payments>"}`, "a <b> <@U02BOB> <#C02|payments>"},
		"links":      {`{"text":"at <http://github.com/acme/x|github.com/acme/x> <https://a.example/1|the graph> <https://b.example> <mailto:a@b.c|a@b.c>"}`, "at github.com/acme/x the graph https://a.example/1 https://b.example a@b.c"},
		"attachment": {`{"text":"","bot_id":"B1","attachments":[{"fallback":"short","title":"p99 of payments","title_link":"https://g.example/d/1","text":"too slow","fields":[{"title":"host","value":"pay-1.acme.dev"}]}]}`, "p99 of payments\nhttps://g.example/d/1\ntoo slow\nhost\npay-1.acme.dev"},
		"blocks":     {`{"text":"Alert","bot_id":"B1","blocks":[{"type":"section","text":{"type":"mrkdwn","text":"*payments* is down"},"fields":[{"type":"mrkdwn","text":"at refund.go:14"}]},{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"link","url":"https://x.example","text":"x"}]}]}]}`, "Alert\n*payments* is down\nat refund.go:14\nx\nhttps://x.example"},
		"typed":      {`{"text":"once","blocks":[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"once"}]}]}]}`, "once"},
		"snippet":    {`{"text":"look","files":[{"title":"crash.log","preview":"at com.acme.Refund.run(Refund.java:9)"}]}`, "look\ncrash.log\nat com.acme.Refund.run(Refund.java:9)"},
		"nothing":    {`{"text":""}`, ""},
	} {
		var m saidMessage
		require.NoError(t, json.Unmarshal([]byte(c.message), &m), name)
		require.Equal(t, c.want, m.said(), name)
	}
	require.Len(t, []rune(saidMessage{Text: strings.Repeat("ä", 50_000)}.said()), maxSaid)
}

func FuzzSaid(f *testing.F) {
	f.Add(`{"text":"<https://a.example|a> <mailto:a@b.c|a@b.c> &lt;"}`)
	f.Add(`{"text":"","bot_id":"B","blocks":[{"text":{"text":"x"},"fields":[{"text":"y"}]}],"attachments":[{"title":"t","fields":[{"value":"v"}]}],"files":[{"preview":"p"}]}`)
	f.Fuzz(func(t *testing.T, message string) {
		var m saidMessage
		if json.Unmarshal([]byte(message), &m) != nil {
			return
		}
		said := m.said()
		if size(said) > maxSaid || strings.TrimSpace(said) != said {
			t.Fatalf("%d characters: %q", size(said), said)
		}
	})
}
