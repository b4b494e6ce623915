package slack

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	goslack "github.com/slack-go/slack"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellhop/chat"
)

var update = flag.Bool("update", false, "write the golden files anew")

// anyText draws texts of everything there is, nasty strings preferred.
func anyText(t *rapid.T, label string) chat.Text {
	word := rapid.OneOf(
		rapid.SampledFrom([]string{"", "<!channel>", "<@U123>", "a & b", "*bold*", "_x_ ~y~ `z`", "]]>", "fix/`$(curl)`", "&lt;!here&gt;", "\x1b[2J", "\u202eabc", "日本語", "line\nline", "> quote", "|"}),
		rapid.StringN(0, 40, 200),
		rapid.Map(rapid.IntRange(0, 7000), func(n int) string { return strings.Repeat("lorem & ", n/8) }),
	)
	id := rapid.SampledFrom([]string{"U01ALICE", "", "C1|x>", "S0", "U1><!channel>"})
	span := rapid.Custom(func(t *rapid.T) chat.Span {
		w := word.Draw(t, "word")
		switch rapid.IntRange(0, 9).Draw(t, "kind") {
		case 0:
			return chat.Bold(w)
		case 1:
			return chat.Italic(w)
		case 2:
			return chat.Code(w)
		case 3:
			return chat.Link{Label: w, URL: rapid.SampledFrom([]string{"https://acme.example/a?b=1&c=<d>|e", "javascript:alert(1)", "", "https://x/" + strings.Repeat("y", 4000), "http://h/ \n>"}).Draw(t, "url")}
		case 4:
			return chat.Named{ID: id.Draw(t, "id"), Name: w}
		case 5:
			return chat.Notified{ID: id.Draw(t, "id"), Name: w}
		case 6:
			return chat.NotifiedGroup{ID: id.Draw(t, "id"), Name: w}
		case 7:
			return chat.Channel{ID: id.Draw(t, "id"), Name: w}
		case 8:
			return chat.Moment{At: time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "at"), 0), Style: chat.MomentStyle(rapid.IntRange(0, 2).Draw(t, "style"))}
		}
		return chat.Plain(w)
	})
	return rapid.SliceOfN(span, 0, 6).Draw(t, label)
}

func anyReply(t *rapid.T) chat.Reply {
	short := rapid.SampledFrom([]string{"", "Deploy", "a & <b>", strings.Repeat("w", 300)})
	text := rapid.Custom(func(t *rapid.T) chat.Text { return anyText(t, "text") })
	texts := rapid.SliceOfN(text, 0, 30)
	button := rapid.Custom(func(t *rapid.T) chat.Button {
		return chat.Button{Label: short.Draw(t, "label"), Action: rapid.SampledFrom([]string{"", "deploy-env.cancel", "x." + strings.Repeat("y", 400)}).Draw(t, "action"),
			Value: strings.Repeat("v", rapid.IntRange(0, 2100).Draw(t, "value")), URL: rapid.SampledFrom([]string{"https://acme.example", "nonsense"}).Draw(t, "url"),
			Style: chat.ButtonStyle(rapid.IntRange(0, 2).Draw(t, "style")), Confirm: &chat.Confirm{Title: short.Draw(t, "title"), Question: strings.Repeat("q", rapid.IntRange(0, 400).Draw(t, "question"))}}
	})
	option := rapid.Custom(func(t *rapid.T) chat.Option {
		return chat.Option{Label: short.Draw(t, "label"), Value: strings.Repeat("v", rapid.IntRange(0, 170).Draw(t, "value")), Hint: short.Draw(t, "hint")}
	})
	part := rapid.Custom(func(t *rapid.T) chat.Part {
		switch rapid.IntRange(0, 10).Draw(t, "part") {
		case 10:
			return chat.Heading(short.Draw(t, "heading"))
		case 0:
			return chat.Paragraph{Text: text.Draw(t, "paragraph")}
		case 1:
			return chat.Fields(rapid.SliceOfN(rapid.Custom(func(t *rapid.T) chat.Field {
				return chat.Field{Label: short.Draw(t, "label"), Value: text.Draw(t, "value")}
			}), 0, 25).Draw(t, "fields"))
		case 2:
			return chat.List{Title: short.Draw(t, "title"), Items: texts.Draw(t, "items"), More: rapid.IntRange(0, 3).Draw(t, "more")}
		case 3:
			return chat.Table{Title: short.Draw(t, "title"), Columns: rapid.SliceOfN(short, 0, 22).Draw(t, "columns"),
				Rows: rapid.SliceOfN(rapid.SliceOfN(text, 0, 4), 0, 120).Draw(t, "rows")}
		case 4:
			labels := rapid.SliceOfN(short, 0, 30).Draw(t, "labels")
			return chat.Chart{Title: short.Draw(t, "title"), Labels: labels, Series: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) chat.Series {
				return chat.Series{Name: short.Draw(t, "name"), Values: rapid.SliceOfN(rapid.Float64(), len(labels), len(labels)).Draw(t, "values")}
			}), 0, 8).Draw(t, "series")}
		case 5:
			return chat.Progress{Done: rapid.Int().Draw(t, "done"), Total: rapid.IntRange(-1, 9).Draw(t, "total"), Label: text.Draw(t, "label")}
		case 6:
			return chat.Context{Text: text.Draw(t, "context")}
		case 7:
			return chat.Buttons(rapid.SliceOfN(button, 0, 60).Draw(t, "buttons"))
		case 8:
			return chat.Menu{Label: short.Draw(t, "label"), Action: "x.y", Options: rapid.SliceOfN(option, 0, 130).Draw(t, "options"), Searched: rapid.Bool().Draw(t, "searched")}
		}
		return chat.Image{Name: "x.png", Alt: strings.Repeat("alt ", rapid.IntRange(0, 900).Draw(t, "alt")), Data: []byte{1}}
	})
	return chat.Reply{Headline: text.Draw(t, "headline"), Parts: rapid.SliceOfN(part, 0, 20).Draw(t, "parts")}
}

func TestAnyReplyFits(t *testing.T) {
	rr := renderer{teamURL: "https://acme.slack.com/"}
	rapid.Check(t, func(t *rapid.T) {
		r := anyReply(t)
		for _, on := range []surface{messageSurface, plainSurface, homeSurface} {
			s := rr.sheet(r, on, map[int]string{0: "F1"})
			requireFits(t, s, on)
		}
	})
}

// requireFits checks what Slack would check.
func requireFits(t require.TestingT, s sheet, on surface) {
	require.LessOrEqual(t, len(s.blocks), on.blocks)
	require.NotEmpty(t, s.text+strings.Repeat("x", 1-min(1, len(s.blocks))), "there is something to be seen")
	requireSafe(t, s.text)
	require.LessOrEqual(t, size(s.text), 4000)
	body, err := json.Marshal(s.blocks)
	require.NoError(t, err)
	require.True(t, utf8.Valid(body))
	total := 0
	for _, block := range s.blocks {
		total += checkBlock(t, block)
	}
	require.LessOrEqual(t, total, on.chars)
}

func checkBlock(t require.TestingT, block goslack.Block) (chars int) {
	text := func(o *goslack.TextBlockObject, limit int) {
		require.NotNil(t, o)
		require.NotEmpty(t, o.Text)
		require.LessOrEqual(t, size(o.Text), limit, o.Text)
		if o.Type == goslack.MarkdownType {
			requireSafe(t, o.Text)
		}
		chars += size(o.Text)
	}
	switch b := block.(type) {
	case *goslack.SectionBlock:
		require.True(t, b.Text != nil || len(b.Fields) > 0)
		if b.Text != nil {
			text(b.Text, maxText)
		}
		require.LessOrEqual(t, len(b.Fields), maxFields)
		for _, f := range b.Fields {
			text(f, maxField)
		}
	case *goslack.HeaderBlock:
		text(b.Text, maxHeader)
	case *goslack.ContextBlock:
		require.LessOrEqual(t, len(b.ContextElements.Elements), 10)
		for _, e := range b.ContextElements.Elements {
			text(e.(*goslack.TextBlockObject), maxText)
		}
	case *goslack.ActionBlock:
		require.NotEmpty(t, b.Elements.ElementSet)
		require.LessOrEqual(t, len(b.Elements.ElementSet), maxElements)
		ids := map[string]bool{}
		for _, e := range b.Elements.ElementSet {
			id := checkElement(t, e, text)
			require.False(t, ids[id], "action ids differ")
			require.LessOrEqual(t, len(id), maxActionID)
			ids[id] = true
		}
	case *goslack.ImageBlock:
		require.LessOrEqual(t, size(b.AltText), maxAlt)
		require.NotEmpty(t, b.AltText)
	case *goslack.DataTableBlock:
		require.LessOrEqual(t, len(b.Rows), maxRows)
		require.NotEmpty(t, b.Caption)
		for _, row := range b.Rows {
			require.Len(t, row, len(b.Rows[0]))
			require.LessOrEqual(t, len(row), maxColumns)
		}
	case *goslack.DataVisualizationBlock:
		require.NoError(t, b.Validate())
	default:
		require.Failf(t, "unknown block", "%T", block)
	}
	return chars
}

func checkElement(t require.TestingT, element goslack.BlockElement, text func(*goslack.TextBlockObject, int)) string {
	switch e := element.(type) {
	case *goslack.ButtonBlockElement:
		text(e.Text, maxButton)
		require.LessOrEqual(t, size(e.Value), maxValue)
		if e.Confirm != nil {
			require.LessOrEqual(t, size(e.Confirm.Text.Text), 300)
			require.NotEmpty(t, e.Confirm.Title.Text)
		}
		return e.ActionID
	case *goslack.SelectBlockElement:
		text(e.Placeholder, 150)
		require.LessOrEqual(t, len(e.Options), maxOptions)
		require.True(t, e.Type == goslack.OptTypeExternal || len(e.Options) > 0)
		for _, o := range e.Options {
			text(o.Text, maxOption)
			require.LessOrEqual(t, size(o.Value), maxOptionValue)
			require.NotEmpty(t, o.Value)
		}
		return e.ActionID
	}
	require.Failf(t, "unknown element", "%T", element)
	return ""
}

// ours is all the markup that a rendering may hold: dates, groups, people, channels and links.
var ours = regexp.MustCompile(`<(!date\^\d+\^[^<>|]+\|[^<>]+|!subteam\^[A-Z0-9]+|@[A-Z0-9]+|#[A-Z0-9]+|(https?://|mailto:)[^<>|\s]+(\|[^<>]+)?)>`)

// entity is what & may begin.
var entity = regexp.MustCompile(`&(amp|lt|gt);`)

// requireSafe checks that a text holds no markup but ours, whole, and no entity cut in two.
func requireSafe(t require.TestingT, text string) {
	rest := ours.ReplaceAllString(text, "")
	require.NotContains(t, rest, "<", text)
	require.NotContains(t, rest, ">", text)
	require.NotContains(t, entity.ReplaceAllString(text, ""), "&", text)
	require.NotContains(t, text, "<!channel")
	require.NotContains(t, text, "<!here")
	require.NotContains(t, text, "\x1b")
}

// The bot is addressed by the name that it has in the workspace.
func TestAtBot(t *testing.T) {
	text := chat.Text{chat.AtBot{Before: "/invite "}}
	require.Equal(t, "`/invite @acme-helper`", renderer{name: "acme-helper"}.mrkdwn(text))
	require.Equal(t, "/invite @acme-helper", renderer{name: "acme-helper", words: true}.mrkdwn(text))
}

func TestSpans(t *testing.T) {
	rr := renderer{teamURL: "https://acme.slack.com/"}
	for _, c := range []struct {
		span chat.Span
		want string
	}{
		{chat.AtBot{Before: "/invite "}, "`/invite @bellhop`"},
		{chat.Plain("<!channel> & *all* of _them_"), "&lt;!channel&gt; &amp; ∗all* of ˍthem_"},
		{chat.Plain("snake_case a*b 3 * 4"), "snake_case a*b 3 * 4"},
		{chat.Plain("_private and test_x_y 🔵"), "_private and test_x_y 🔵"},
		{chat.Plain("__init__.py"), "ˍˍinit__.py"},
		{chat.Bold("a*b <x>"), "*a∗b &lt;x&gt;*"},
		{chat.Bold(" two\nlines "), " *two*\n*lines* "},
		{chat.Code("fix/`x`\n&"), "`fix/ˋxˋ &amp;`"},
		{chat.Code(""), ""},
		{chat.Link{Label: "docs|<b>", URL: "https://acme.example/?a=1&b=<c>|d"}, "<https://acme.example/?a=1&amp;b=%3Cc%3E%7Cd|docs|&lt;b&gt;>"},
		{chat.Link{URL: "https://acme.example"}, "<https://acme.example>"},
		{chat.Link{Label: "click", URL: "javascript:alert(1)"}, "click"},
		{chat.Named{ID: "U01ALICE", Name: "Alice"}, "<https://acme.slack.com/team/U01ALICE|Alice>"},
		{chat.Named{Name: "Alice"}, "Alice"},
		{chat.Notified{ID: "U01ALICE", Name: "Alice"}, "<@U01ALICE>"},
		{chat.Notified{ID: "x><!channel>", Name: "Alice"}, "Alice"},
		{chat.NotifiedGroup{ID: "S01", Name: "@ledger"}, "<!subteam^S01>"},
		{chat.Channel{ID: "C01", Name: "ledger"}, "<#C01>"},
		{chat.Channel{Name: "#ledger"}, "#ledger"},
		{chat.Moment{At: time.Unix(1_795_000_000, 0)}, "<!date^1795000000^{date_short_pretty} {time}|Wed 18 Nov 11:06 UTC>"},
		{chat.Plain("evil\u202etxt\x1b"), "eviltxt"},
	} {
		require.Equal(t, c.want, rr.span(c.span))
	}
}

func FuzzCut(f *testing.F) {
	f.Add("a & b <c> `d` *e*", "https://acme.example/?a&b", 12)
	f.Add("日本語 & more", "nothing", 3)
	rr := renderer{teamURL: "https://acme.slack.com/"}
	f.Fuzz(func(t *testing.T, text, address string, limit int) {
		limit = 10 + min(max(limit, 0), 5000)
		for _, whole := range []chat.Text{
			{chat.Plain(text)}, {chat.Bold(text), chat.Plain(text)}, {chat.Code(text), chat.Link{Label: text, URL: address}, chat.Moment{At: time.Unix(1, 0)}},
		} {
			got := rr.cut(whole, limit)
			require.LessOrEqual(t, size(got), limit)
			requireSafe(t, got)
			rest := whole
			for turn := 0; len(rest) > 0; turn++ {
				require.Less(t, turn, 20+len(text)+len(address), "cutting goes on")
				var head chat.Text
				head, rest = rr.split(rest, max(limit, 100))
				requireSafe(t, rr.mrkdwn(head))
				require.LessOrEqual(t, size(rr.mrkdwn(head)), max(limit, 100))
			}
		}
	})
}

func TestLongRepliesSayHowMuchIsLeftOut(t *testing.T) {
	var rr renderer
	long := chat.Reply{Headline: chat.Textf("first"), Parts: []chat.Part{
		chat.Paragraph{Text: chat.Textf("%s", strings.Repeat("words and more ", 1000))},
		chat.Buttons{{Label: "Still here", Action: "a.b"}},
	}}
	s := rr.sheet(long, messageSurface, nil)
	body, err := json.Marshal(s.blocks)
	require.NoError(t, err)
	require.Contains(t, string(body), "more characters did not fit")
	require.Contains(t, string(body), "Still here")

	var items []chat.Text
	for range 2000 {
		items = append(items, chat.Textf("one of many items"))
	}
	body, err = json.Marshal(rr.sheet(chat.Reply{Headline: chat.Textf("all"), Parts: []chat.Part{chat.List{Items: items, More: 5}}}, messageSurface, nil).blocks)
	require.NoError(t, err)
	require.Regexp(t, `… and 1\d\d\d more`, string(body))
	require.Equal(t, "all", rr.sheet(chat.Reply{Headline: chat.Textf("all")}, messageSurface, nil).text)
	require.NotEmpty(t, rr.sheet(chat.Reply{Parts: []chat.Part{chat.Context{Text: chat.Textf("only this")}}}, messageSurface, nil).text)
}

func TestGoldenReply(t *testing.T) {
	rr := renderer{teamURL: "https://acme.slack.com/"}
	reply := chat.Reply{
		Headline: chat.Line(chat.Bold("payments"), chat.Plain(" → Team Ledger · ask in "), chat.Channel{ID: "C03LEDGER", Name: "ledger"}),
		Parts: []chat.Part{
			chat.Fields{{Label: "People", Value: chat.Line(chat.Named{ID: "U01ALICE", Name: "Alice"}, chat.Plain(", Bob"))}, {Label: "Lifecycle", Value: chat.Textf("production")}},
			chat.List{Title: "Needed by", Items: []chat.Text{chat.Textf("checkout"), chat.Textf("<!channel>")}, More: 1},
			chat.Table{Title: "Failures", Columns: []string{"Test", "Since"}, Rows: [][]chat.Text{{chat.Line(chat.Link{Label: "rounds EUR", URL: "https://acme.example/r"}), chat.Textf("Fri")}}},
			chat.Chart{Title: "Green", Labels: []string{"Mon", "Tue"}, Series: []chat.Series{{Name: "first try", Values: []float64{17, 20}}}},
			chat.Progress{Done: 3, Total: 7, Label: chat.Textf("build image")},
			chat.Context{Text: chat.Line(chat.Plain("since "), chat.Moment{At: time.Unix(1_795_000_000, 0), Style: chat.DateOnly})},
			chat.Buttons{{Label: "Cancel", Action: "deploy-env.cancel", Value: "7", Style: chat.Danger, Confirm: &chat.Confirm{Title: "Cancel it?", Question: "It is Bob's.", Yes: "Cancel it", No: "Keep"}}, {Label: "Open", URL: "https://acme.example/o"}},
			chat.Menu{Label: "Component", Action: "deploy-env.choose", Options: []chat.Option{{Label: "payments", Value: "payments", Hint: "Team Ledger"}}},
		},
	}
	for name, on := range map[string]surface{"rich": messageSurface, "plain": plainSurface} {
		s := rr.sheet(reply, on, nil)
		var got strings.Builder
		encoder := json.NewEncoder(&got)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		require.NoError(t, encoder.Encode(map[string]any{"text": s.text, "blocks": s.blocks}))
		golden(t, name+".json", got.String())
	}
	view, err := rr.view(chat.Form{Title: "Deploy an environment", Action: "deploy-env.form", State: "x", Fields: []chat.FormField{
		{Name: "ref", Label: "Branch", Kind: chat.SearchField, Action: "deploy-env.branches"},
		{Name: "kind", Label: "Kind", Kind: chat.ChoiceField, Value: "preview", Options: []chat.Option{{Label: "preview", Value: "preview"}}},
		{Name: "why", Label: "Why", Kind: chat.TextField, Optional: true},
	}}, ask{request: chat.Request{Place: chat.Place{Channel: "C1"}}, ways: ways{Issued: time.Unix(5, 0)}})
	require.NoError(t, err)
	text, err := json.MarshalIndent(view, "", "  ")
	require.NoError(t, err)
	golden(t, "form.json", string(text)+"\n")
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "run with -update")
	require.Equal(t, string(want), got)
}
