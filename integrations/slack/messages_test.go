package slack_test

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellhop/chat"
)

func TestACardIsPostedFoundEditedAndLinked(t *testing.T) {
	s := raise(t)
	ctx, since := t.Context(), s.clock.Now().Add(-time.Minute)
	_, ok, err := s.client.Find(ctx, "C02PAYMENTS", "env-1", since)
	require.NoError(t, err)
	require.False(t, ok)

	card := chat.Reply{Headline: chat.Textf("🔵 payments · <!channel>"), Parts: []chat.Part{chat.Progress{Done: 1, Total: 7}}}
	ref, err := s.client.Post(ctx, chat.Address{Channel: "C02PAYMENTS"}, card, "env-1")
	require.NoError(t, err)
	require.Equal(t, "C02PAYMENTS", ref.Channel)
	require.Contains(t, s.messages("C02PAYMENTS")[0], `"event_type":"bellhop_card"`)
	require.Contains(t, s.messages("C02PAYMENTS")[0], `&lt;!channel&gt;`)
	require.NotContains(t, s.messages("C02PAYMENTS")[0], `<!`)

	found, ok, err := s.client.Find(ctx, "C02PAYMENTS", "env-1", since)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, ref, found)
	_, ok, err = s.client.Find(ctx, "C02PAYMENTS", "env-2", since)
	require.NoError(t, err)
	require.False(t, ok)

	require.NoError(t, s.client.Update(ctx, ref, chat.Reply{Headline: chat.Textf("✅ payments is up")}))
	require.Contains(t, s.messages("C02PAYMENTS")[0], "✅ payments is up")
	_, ok, err = s.client.Find(ctx, "C02PAYMENTS", "env-1", since)
	require.NoError(t, err)
	require.True(t, ok, "an edit keeps the mark")

	link, err := s.client.Permalink(ctx, ref)
	require.NoError(t, err)
	require.Contains(t, link, strings.ReplaceAll(ref.TS, ".", ""))

	thread, err := s.client.Post(ctx, chat.Address{Channel: "C02PAYMENTS", Thread: ref.TS}, card, "env-3")
	require.NoError(t, err)
	found, ok, err = s.client.FindInThread(ctx, "C02PAYMENTS", ref.TS, "env-3", since)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, thread, found)
}

func TestWhereItCannotPost(t *testing.T) {
	s := raise(t)
	for _, to := range []chat.Address{{Channel: "C09LAUNCH"}, {Channel: "C99NOWHERE"}} {
		_, err := s.client.Post(t.Context(), to, chat.Reply{Headline: chat.Textf("x")}, "")
		require.ErrorIs(t, err, chat.ErrCannotPost, to)
	}
	ref, err := s.client.Post(t.Context(), chat.Address{User: "U01ALICE"}, chat.Reply{Headline: chat.Textf("here instead")}, "")
	require.NoError(t, err)
	require.Len(t, s.messages("U01ALICE"), 1)
	require.True(t, strings.HasPrefix(ref.Channel, "D"))
	err = s.client.Update(t.Context(), chat.MessageRef{Channel: ref.Channel, TS: "1.000001"}, chat.Reply{Headline: chat.Textf("x")})
	require.ErrorIs(t, err, chat.ErrMessageGone)
}

func TestAPostWaitsOutRateLimitsWithinItsContext(t *testing.T) {
	s := raise(t)
	s.fault(reply{"method": "chat.postMessage", "times": 1, "status": 429, "retry_after": 1})
	_, err := s.client.Post(t.Context(), chat.Address{Channel: "C02PAYMENTS"}, chat.Reply{Headline: chat.Textf("x")}, "")
	require.NoError(t, err)
	require.Len(t, s.calls("chat.postMessage"), 2)

	s.fault(reply{"method": "chat.postMessage", "times": 1, "status": 429, "retry_after": 3600})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err = s.client.Post(ctx, chat.Address{Channel: "C02PAYMENTS"}, chat.Reply{Headline: chat.Textf("y")}, "")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Len(t, s.messages("C02PAYMENTS"), 1)
}

func TestALostAnswerIsFoundAgain(t *testing.T) {
	s := raise(t)
	since := s.clock.Now().Add(-time.Second)
	s.fault(reply{"method": "chat.postMessage", "times": 1, "drop_answer": true})
	_, err := s.client.Post(t.Context(), chat.Address{Channel: "C02PAYMENTS"}, chat.Reply{Headline: chat.Textf("x")}, "env-9")
	require.Error(t, err)
	require.Len(t, s.calls("chat.postMessage"), 1, "never posted again of its own accord")
	_, ok, err := s.client.Find(t.Context(), "C02PAYMENTS", "env-9", since)
	require.NoError(t, err)
	require.True(t, ok)
}

// everything is a reply with all there is.
func everything() chat.Reply {
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		panic(err)
	}
	return chat.Reply{
		Headline: chat.Line(chat.Bold("payments"), chat.Plain(" → "), chat.Named{ID: "U01ALICE", Name: "Alice"}, chat.Plain(" since "), chat.Moment{At: time.Unix(1_795_000_000, 0)}),
		Parts: []chat.Part{
			chat.Paragraph{Text: chat.Line(chat.Link{Label: "docs", URL: "https://acme.example/d?a=1&b=<2>"}, chat.Plain(" & "), chat.Code("a`b"))},
			chat.Heading("About it"),
			chat.Fields{{Label: "Lifecycle", Value: chat.Textf("production")}, {Label: "Empty"}},
			chat.List{Title: "Needed by", Items: []chat.Text{chat.Textf("checkout"), chat.Line(chat.Channel{ID: "C03LEDGER", Name: "ledger"})}, More: 3},
			chat.Table{Title: "Failures", Columns: []string{"Test", "Since"}, Rows: [][]chat.Text{
				{chat.Line(chat.Link{Label: "rounds", URL: "https://acme.example"}), chat.Textf("Fri")}, {chat.Textf("short")}}, More: 4},
			chat.Chart{Title: "Green", Kind: chat.BarChart, Labels: []string{"Mon", "Mon"}, Series: []chat.Series{{Name: "a", Values: []float64{1, 2}}, {Name: "a", Values: []float64{2, 1}}}},
			chat.Progress{Done: 3, Total: 7, Label: chat.Textf("build image")},
			chat.Image{Name: "days.png", Alt: "runs by day", Data: picture.Bytes()},
			chat.File{Name: "failures.txt", Data: []byte("all of them\n")},
			chat.Context{Text: chat.Textf("asked in #payments")},
			chat.Buttons{{Label: "Cancel", Action: "deploy-env.cancel", Value: "1", Style: chat.Danger, Confirm: &chat.Confirm{Question: "Sure?"}}, {Label: "Open", URL: "https://acme.example"}},
			chat.Menu{Label: "Component", Action: "deploy-env.choose", Options: []chat.Option{{Label: "payments", Value: "payments", Hint: "Ledger"}, {Label: "long", Value: strings.Repeat("x", 200)}}},
			chat.Menu{Label: "Search", Action: "deploy-env.search", Searched: true},
		},
	}
}

func TestEverythingThereIsCanBePosted(t *testing.T) {
	s := raise(t)
	ref, err := s.client.Post(t.Context(), chat.Address{Channel: "C02PAYMENTS"}, everything(), "")
	require.NoError(t, err)
	message := s.messages("C02PAYMENTS")[0]
	for _, kind := range []string{"data_table", "data_visualization", "image", "context", "actions", "static_select", "external_select"} {
		require.Contains(t, message, `"type":"`+kind+`"`)
	}
	require.Len(t, s.calls("chat.postMessage"), 1, "taken at the first try")
	require.Len(t, s.messages("C02PAYMENTS"), 2, "the file stands in the thread")
	require.Contains(t, s.messages("C02PAYMENTS")[1], `"thread_ts":"`+ref.TS+`"`)
}

func TestARefusedFormGivesWayToAPlainerOne(t *testing.T) {
	s := raise(t)
	refusal := reply{"ok": false, "error": "invalid_blocks", "response_metadata": reply{"messages": []string{"[ERROR] unsupported type: data_table"}}}
	s.fault(reply{"method": "chat.postMessage", "times": 1, "status": 200, "body": refusal})
	_, err := s.client.Post(t.Context(), chat.Address{Channel: "C02PAYMENTS"}, everything(), "")
	require.NoError(t, err)
	require.NotContains(t, s.messages("C02PAYMENTS")[0], "data_table")
	require.Contains(t, s.messages("C02PAYMENTS")[0], "rounds")

	s.fault(reply{"method": "chat.postMessage", "times": 2, "status": 200, "body": refusal})
	_, err = s.client.Post(t.Context(), chat.Address{Channel: "C02PAYMENTS"}, everything(), "")
	require.NoError(t, err)
	last := s.messages("C02PAYMENTS")[2]
	require.NotContains(t, last, `"blocks"`)
	require.Contains(t, last, "rounds", "the words are never lost")
}

func TestWithoutOptionalScopesThereIsLess(t *testing.T) {
	s := raiseWith(t, manifest(false))
	ref, err := s.client.Post(t.Context(), chat.Address{Channel: "C02PAYMENTS"}, everything(), "env-1")
	require.NoError(t, err)
	require.Contains(t, s.messages("C02PAYMENTS")[0], "runs by day", "a picture is shown by its words")
	_, ok, err := s.client.Find(t.Context(), "C02PAYMENTS", "env-1", s.clock.Now().Add(-time.Minute))
	require.NoError(t, err)
	require.False(t, ok, "nobody can know")
	_, ok, err = s.client.FindInThread(t.Context(), "C02PAYMENTS", ref.TS, "env-1", s.clock.Now().Add(-time.Minute))
	require.NoError(t, err)
	require.False(t, ok)
}

func TestCanPost(t *testing.T) {
	s := raise(t)
	dm, err := s.client.Post(t.Context(), chat.Address{User: "U01ALICE"}, chat.Reply{Headline: chat.Textf("hello")}, "dm-1")
	require.NoError(t, err)
	for channel, want := range map[string]bool{"C02PAYMENTS": true, "C09LAUNCH": false, "C99NOWHERE": false, dm.Channel: true} {
		can, err := s.client.CanPost(t.Context(), channel)
		require.NoError(t, err, channel)
		require.Equal(t, want, can, channel)
	}
	found, ok, err := s.client.Find(t.Context(), "U01ALICE", "dm-1", s.clock.Now().Add(-time.Minute))
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, dm, found)
}
