package slack

import (
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"bellhop/chat"
)

// renderer turns values into Slack's markup.
type renderer struct {
	teamURL string // the workspace's address with its slash, or empty
	name    string // the bot's, as people address it, or empty
	words   bool   // without formatting and links, for notifications and screen readers
}

// escaper is all the escaping there is in mrkdwn: these three, and no other, become entities.
// https://docs.slack.dev/messaging/formatting-message-text/#escaping
var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// mrkdwn is a text as Slack's markup. Nothing in a span can become markup, a link or a notification.
func (rr renderer) mrkdwn(t chat.Text) string {
	var b strings.Builder
	for _, span := range t {
		b.WriteString(rr.span(span))
	}
	return b.String()
}

// span renders one span. A new kind of span reads as its plain form.
func (rr renderer) span(s chat.Span) string {
	if a, ok := s.(chat.AtBot); ok && rr.name != "" {
		s = chat.Code(a.As(rr.name))
	}
	if rr.words {
		switch s := s.(type) {
		case chat.Notified, chat.NotifiedGroup, chat.Moment: // these must reach people, and read in their own time
		default:
			return plain(chat.Text{s}.String())
		}
	}
	switch s := s.(type) {
	case chat.Plain:
		return plain(string(s))
	case chat.Bold:
		return marked("*", string(s))
	case chat.Italic:
		return marked("_", string(s))
	case chat.Code:
		return coded(string(s))
	case chat.AtBot:
		return coded(chat.Text{s}.String())
	case chat.Link:
		return link(s.URL, s.Label)
	case chat.Named:
		if rr.teamURL == "" || !slackID.MatchString(s.ID) {
			return plain(s.Name)
		}
		return link(rr.teamURL+"team/"+s.ID, s.Name)
	case chat.Notified:
		if !slackID.MatchString(s.ID) {
			return plain(s.Name)
		}
		return "<@" + s.ID + ">"
	case chat.NotifiedGroup:
		if !slackID.MatchString(s.ID) {
			return plain(s.Name)
		}
		return "<!subteam^" + s.ID + ">"
	case chat.Channel:
		if !slackID.MatchString(s.ID) {
			return plain("#" + strings.TrimPrefix(s.Name, "#"))
		}
		return "<#" + s.ID + ">"
	case chat.Moment:
		return moment(s)
	default:
		return plain(chat.Text{s}.String())
	}
}

// moment is a point in time that Slack shows in the reader's own zone; the fallback, for clients that cannot, says UTC.
func moment(m chat.Moment) string {
	form := "{date_short_pretty} {time}"
	switch m.Style {
	case chat.TimeOnly:
		form = "{time}"
	case chat.DateOnly:
		form = "{date_short_pretty}"
	}
	return fmt.Sprintf("<!date^%d^%s|%s UTC>", m.At.Unix(), form, m.Format(time.UTC))
}

// link is a link, or its label alone where the address is none that a person should be led to.
func link(address, label string) string {
	label = strings.Join(strings.Fields(clean(label)), " ")
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || (u.Scheme != "https" && u.Scheme != "http" && u.Scheme != "mailto") || (u.Host == "" && u.Scheme != "mailto") {
		return plain(firstOf(label, address))
	}
	safe := linkEscaper.Replace(strings.TrimSpace(address))
	if label == "" || label == address {
		return "<" + escaper.Replace(safe) + ">"
	}
	return "<" + escaper.Replace(safe) + "|" + escaper.Replace(label) + ">"
}

// linkEscaper takes out of an address what would end the link or its address part.
var linkEscaper = strings.NewReplacer("<", "%3C", ">", "%3E", "|", "%7C", " ", "%20", "\n", "", "\r", "", "\t", "", `"`, "%22", "`", "%60")

// Slack's markup has no way to write its own marks as text, so a mark that would format something gives way to a sign
// that looks like it.
var lookalike = map[rune]rune{'*': '∗', '_': 'ˍ', '~': '∼', '`': 'ˋ'}

// plain is text that stands as it is.
func plain(text string) string {
	text = clean(text)
	if !strings.ContainsAny(text, "*_~`") {
		return escaper.Replace(text)
	}
	var b strings.Builder
	before := rune(' ')
	for i, r := range text {
		rest := text[i+utf8.RuneLen(r):]
		if other, mark := lookalike[r]; mark && opens(before, rest) && (r != '_' || closes(rest)) {
			b.WriteRune(other)
		} else {
			b.WriteRune(r)
		}
		before = r
	}
	return escaper.Replace(b.String())
}

// opens tells whether a mark between a sign and the rest could begin formatting: it stands at a word's beginning.
func opens(before rune, rest string) bool {
	after, _ := utf8.DecodeRuneInString(rest)
	return !wordly(before) && !unicode.IsSpace(after) && after != utf8.RuneError
}

// closes tells whether an underscore that ends a word follows on the same line. Names in code often begin with one, and
// without a second nothing happens to them.
func closes(rest string) bool {
	line, _, _ := strings.Cut(rest, "\n")
	before := '_'
	for i, r := range line {
		after, _ := utf8.DecodeRuneInString(line[i+utf8.RuneLen(r):])
		if r == '_' && i > 0 && !unicode.IsSpace(before) && !wordly(after) {
			return true
		}
		before = r
	}
	return false
}

func wordly(r rune) bool { return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r)) }

// marked puts one kind of formatting around text, on each of its lines, without the marks in it ending it early.
func marked(mark, text string) string {
	lines := strings.Split(clean(text), "\n")
	for i, line := range lines {
		inner := strings.TrimSpace(line)
		if inner == "" {
			continue
		}
		head := line[:strings.Index(line, inner)]
		tail := line[len(head)+len(inner):]
		inner = strings.Map(func(r rune) rune {
			if other, ok := lookalike[r]; ok && (string(r) == mark || r == '`') {
				return other
			}
			return r
		}, inner)
		lines[i] = head + mark + escaper.Replace(inner) + mark + tail
	}
	return strings.Join(lines, "\n")
}

// coded is text in a fixed-width font, on one line.
func coded(text string) string {
	text = strings.Join(strings.Fields(clean(text)), " ")
	if text == "" {
		return ""
	}
	return "`" + escaper.Replace(strings.ReplaceAll(text, "`", "ˋ")) + "`"
}

// clean takes out what no message should hold: control characters, and those that turn the direction of writing and
// so can make a name read as another.
func clean(text string) string {
	bad := func(r rune) bool {
		return r != '\n' && r != '\t' && (unicode.IsControl(r) || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 || r == utf8.RuneError)
	}
	if strings.IndexFunc(text, bad) < 0 {
		return text
	}
	return strings.Map(func(r rune) rune {
		if bad(r) {
			return -1
		}
		return r
	}, text)
}

// size is a string's length in characters. Slack does not say what it takes for one; UTF-16 units are the most that it
// can mean.
func size(s string) int {
	n := 0
	for _, r := range s {
		n += width(r)
	}
	return n
}

func width(r rune) int {
	if r > 0xFFFF {
		return 2
	}
	return 1
}

// cutString cuts plain text to at most n characters, with an ellipsis in place of what is missing.
func cutString(text string, n int) string {
	if len(text) <= n || size(text) <= n {
		return text
	}
	left := n - 1
	for i, r := range text {
		if left -= width(r); left < 0 {
			return text[:i] + "…"
		}
	}
	return text
}

// split gives as much of a text as fits into limit characters of markup, and the rest. It cuts at a line's end if one is
// near, else between words, else anywhere but inside a link, an entity or a moment.
func (rr renderer) split(t chat.Text, limit int) (head, rest chat.Text) {
	left := limit
	for i, span := range t {
		n := size(rr.span(span))
		if n <= left {
			left -= n
			continue
		}
		first, second := rr.splitSpan(span, left)
		if i == 0 && first == nil && second != nil && second == span {
			// Not even a part fits an empty line: a link with an endless address. Its label has to do.
			first, second = rr.splitSpan(chat.Plain(chat.Text{span}.String()), left)
			if first == nil {
				return nil, t[1:]
			}
		}
		head = append(append(chat.Text{}, t[:i]...), spansOf(first)...)
		rest = append(spansOf(second), t[i+1:]...)
		return head, rest
	}
	return t, nil
}

func spansOf(s chat.Span) chat.Text {
	if s == nil {
		return nil
	}
	return chat.Text{s}
}

// splitSpan cuts one span; one that cannot be cut is all rest.
func (rr renderer) splitSpan(s chat.Span, limit int) (first, rest chat.Span) {
	var text string
	var again func(string) chat.Span
	switch s := s.(type) {
	case chat.Plain:
		text, again = string(s), func(t string) chat.Span { return chat.Plain(t) }
	case chat.Bold:
		text, again = string(s), func(t string) chat.Span { return chat.Bold(t) }
	case chat.Italic:
		text, again = string(s), func(t string) chat.Span { return chat.Italic(t) }
	case chat.Code:
		text, again = string(s), func(t string) chat.Span { return chat.Code(t) }
	default:
		return nil, s
	}
	runes := []rune(text)
	low, high := 0, min(len(runes), limit) // the most runes whose markup fits
	for low < high {
		middle := (low + high + 1) / 2
		if size(rr.span(again(string(runes[:middle])))) <= limit {
			low = middle
		} else {
			high = middle - 1
		}
	}
	if low == 0 {
		return nil, s
	}
	at := boundary(runes, low)
	if at == len(runes) {
		return s, nil
	}
	return again(string(runes[:at])), again(string(runes[at:]))
}

// boundary is a good place to cut at or before n: after a line's end, else after a space, in the last half.
func boundary(runes []rune, n int) int {
	if n == len(runes) {
		return n
	}
	for _, sign := range []rune{'\n', ' '} {
		for at := n; at > n/2; at-- {
			if runes[at-1] == sign {
				return at
			}
		}
	}
	return n
}

// cut gives a text's markup in at most limit characters, with an ellipsis in place of what is missing.
func (rr renderer) cut(t chat.Text, limit int) string {
	whole := rr.mrkdwn(t)
	if size(whole) <= limit {
		return whole
	}
	head, _ := rr.split(t, limit-1)
	return strings.TrimRight(rr.mrkdwn(head), " \n") + "…"
}
