package slack

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// formatted are texts and the HTML that the page makes of them. A reference to an element is written without its
// attributes, so that the table says what is read and not how it looks.
var formatted = map[string][]struct{ name, text, html string }{
	"mrkdwn": {
		{"plain", "a &amp; b &lt;c&gt;", "a &amp; b &lt;c&gt;"},
		{"escaped once only", "&amp;lt;", "&amp;lt;"},
		{"styles", "*b* _i_ ~s~ `c`", "<strong>b</strong> <em>i</em> <s>s</s> <code>c</code>"},
		{"nested styles", "*a _b ~c~_*", "<strong>a <em>b <s>c</s></em></strong>"},
		{"styles need word boundaries", "snake_case_name 2*3*4 a~b~c", "snake_case_name 2*3*4 a~b~c"},
		{"styles beside punctuation", "(*b*), _i_.", "(<strong>b</strong>), <em>i</em>."},
		{"styles do not begin or end with a blank", "* a* _b _", "* a* _b _"},
		{"styles end with their line", "*a\nb*", "*a<br>b*"},
		{"doubled signs are no styles", "**a** __b__", "**a** __b__"},
		{"a sign in code does not close", "*a `*` b*", "<strong>a <code>*</code> b</strong>"},
		{"code shows what it holds", "`*a* &lt;b&gt; :tada:`", "<code>*a* &lt;b&gt; :tada:</code>"},
		{"a block of code", "see\n```\na *b*\n  c\n```\nend", "see<pre><code>a *b*\n  c</code></pre>end"},
		{"code shows a link's label", "```<https://a.example|a>```", "<pre><code>a</code></pre>"},
		{"a fence that stays open", "a ```b", "a ```b"},
		{"three fences", "```a``` b ```c", "<pre><code>a</code></pre> b ```c"},
		{"quotes", "&gt; a\n&gt; *b*\nc", "<blockquote>a<br><strong>b</strong></blockquote>c"},
		{"all that follows is quoted", "a\n&gt;&gt;&gt; b\nc", "a<blockquote>b<br>c</blockquote>"},
		{"lists hang", "• a\n• b\nend", "<ul><li><span>•</span><span>a</span></li><li><span>•</span><span>b</span></li></ul>end"},
		{"a person", "<@U02BOB>, <@U02BOB|robert>", "<span>@Bob</span>, <span>@Bob</span>"},
		{"nobody known", "<@U99NOBODY|ann> <@U99NOBODY>", "<span>@ann</span> <span>@U99NOBODY</span>"},
		{"channels", "<#C03LEDGER|ledger> <#C99HIDDEN>", "<a>#ledger</a> <span>🔒 private channel</span>"},
		{"a group", "<!subteam^S01LEDGER>", "<span>@team-ledger</span>"},
		{"broadcasts", "<!here> <!channel>", "<span>@here</span> <span>@channel</span>"},
		{"links", "<https://a.example/?x=1&amp;y=2|A &amp; B> <https://a.example>", "<a>A &amp; B</a> <a>https://a.example</a>"},
		{"mail", "<mailto:a@b.example|a@b.example>", "<a>a@b.example</a>"},
		{"a bare address ends before punctuation", "(https://a.example/x).", "(<a>https://a.example/x</a>)."},
		{"scripts are no links", "<javascript:alert(1)|x>", "<span>x</span>"},
		{"what is no reference stays", "a < b > c <>", "a &lt; b &gt; c &lt;&gt;"},
		{"emoji", ":tada::no-such: 10:30:00 :+1::skin-tone-3:", "<span>🎉</span>:no-such: 10:30:00 <span>👍🏼</span>"},
		{"a date in the person's zone", "<!date^1764000000^{date_num} {time}|later>", "<time>2025-11-24 17:00</time>"},
		{"a date that leads somewhere", "<!date^1764000000^{date_short}^https://a.example|later>", "<a>Nov 24, 2025</a>"},
		{"a date that is none", "<!date^soon^{date}|later>", "later"},
	},
	"markdown": {
		{"headings and paragraphs", "# A\nb\nc\n\nd", "<h3>A</h3><p>b<br>c</p><p>d</p>"},
		{"styles", "**b** *i* ~~s~~ `c` __b__ _i_ snake_case", "<p><strong>b</strong> <em>i</em> <s>s</s> <code>c</code> <strong>b</strong> <em>i</em> snake_case</p>"},
		{"lists", "- a\n  - b\n- [x] c\n1. d", "<ul><li>a<ul><li>b</li></ul></li><li><span>☑</span> c</li></ul><ol><li>d</li></ol>"},
		{"code", "```go\n<b> *x*\n```", "<pre><code>&lt;b&gt; *x*</code></pre>"},
		{"quotes", "> a\n> b", "<blockquote><p>a<br>b</p></blockquote>"},
		{"tables", "|a|b|\n|--|-:|\n|1|2|", "<div><table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table></div>"},
		{"links", "[a](https://a.example) https://b.example. [x](javascript:alert(1))", "<p><a>a</a> <a>https://b.example</a>. <span>x</span></p>"},
		{"HTML is text", "<img src=x onerror=alert(1)>", "<p>&lt;img src=x onerror=alert(1)&gt;</p>"},
	},
}

// textStory reads texts with the page's own modules.
func textStory(t *testing.T, b *browser) {
	for module, cases := range formatted {
		for _, c := range cases {
			text, err := json.Marshal(c.text)
			require.NoError(t, err)
			got := b.text(fmt.Sprintf(`import("/assets/%s.js").then((m) => {
				const at = document.createElement("div");
				at.append(...m.%s(%s));
				for (const n of at.querySelectorAll("*")) for (const a of [...n.attributes]) n.removeAttribute(a.name);
				return at.innerHTML;
			})`, module, module, text))
			require.Equal(t, c.html, got, "%s: %s", module, c.name)
		}
	}
}

// dateStory turns what a picker holds into Unix time and back, over the nights when the clocks change.
func dateStory(t *testing.T, b *browser) {
	for local, unix := range map[string]string{
		"2026-03-29T01:59": "1774745940", // an hour before it becomes 03:00
		"2026-03-29T03:00": "1774746000",
		"2026-10-25T03:00": "1792893600",
		"2026-07-01T12:00": "1782900000",
	} {
		require.Equal(t, unix+" "+local, b.text(fmt.Sprintf(`import("/assets/dates.js").then((m) => {
			const unix = m.localToUnix(%q, "Europe/Berlin");
			return unix + " " + m.unixToLocal(unix, "Europe/Berlin");
		})`, local)))
	}
	require.Equal(t, "Yesterday at 09:00|today|in 2 hours|{unknown}", b.text(`import("/assets/dates.js").then((m) => {
		const now = new Date("2026-11-25T08:00:00Z");
		const at = (moment, form) => m.slackDate(Date.parse(moment) / 1000, form, "Europe/Berlin", now);
		return [at("2026-11-24T08:00:00Z", "{date_short_pretty} at {time}"), at("2026-11-24T23:30:00Z", "{date_pretty}").toLowerCase(),
			at("2026-11-25T10:00:00Z", "{ago}"), at("2026-11-25T10:00:00Z", "{unknown}")].join("|");
	})`))
}
