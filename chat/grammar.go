package chat

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Word is one word of what somebody typed.
type Word struct {
	Text string
	// Quoted words stand for themselves: they are never a keyword, a polite word, a number or a known name.
	Quoted bool
}

// Is tells whether the word is one of those given, whatever its case. A quoted word is none.
func (w Word) Is(words ...string) bool {
	for _, want := range words {
		if !w.Quoted && strings.EqualFold(w.Text, want) {
			return true
		}
	}
	return false
}

// Shorten is text of n letters at most, with "…" where something was left out.
func Shorten(text string, n int) string {
	runes := []rune(text)
	if len(runes) <= n {
		return text
	}
	return string(runes[:n-1]) + "…"
}

// Words splits what somebody typed, forgiving what people and Slack do to text: quotes of every kind hold words
// together where they begin a word, <#C…|name> reads as name, <https://…|label> as its address, <mailto:…|label> as
// its label, <@U…|name> as @name or <@U…>, and &amp; &lt; &gt; as their signs. A question mark or comma at a word's end
// is dropped, and so is "please". An apostrophe inside a word is part of it.
func Words(text string) []Word {
	var words []Word
	for rest := strings.TrimLeftFunc(text, isSpace); rest != ""; rest = strings.TrimLeftFunc(rest, isSpace) {
		var w Word
		w, rest = nextWord(rest)
		if w.Text == "" || w.Is("please", "pls", "plz") {
			continue
		}
		words = append(words, w)
	}
	return words
}

// JoinWords is the words with single spaces between them.
func JoinWords(words []Word) string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = w.Text
	}
	return strings.Join(texts, " ")
}

// Quote writes text so that Words reads it as one quoted word. What holds quotes of all three kinds stands as it is: no name
// does.
func Quote(text string) string {
	text = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
	switch {
	case !strings.ContainsAny(text, doubleClose):
		return `"` + text + `"`
	case !strings.ContainsAny(text, singleClose):
		return "'" + text + "'"
	case !strings.Contains(text, "`"):
		return "`" + text + "`"
	}
	return text
}

// Opening quotes, and what may close them: people's keyboards mix them.
const (
	openQuotes  = "\"'`“”„‟«‘’‚"
	doubleClose = "\"“”„‟»"
	singleClose = "'‘’‚"
)

// nextWord takes the first word off a text that does not begin with space.
func nextWord(text string) (Word, string) {
	if text[0] == '<' {
		if end := strings.IndexByte(text, '>'); end > 0 {
			if inner, ok := slackWord(text[1:end]); ok {
				tail, rest := bareWord(text[end+1:])
				return Word{Text: trimEnd(inner + tail)}, rest
			}
		}
	}
	if first, size := utf8.DecodeRuneInString(text); strings.ContainsRune(openQuotes, first) {
		if end := closing(text[size:], first); end > 0 {
			inner := text[size : size+end]
			_, width := utf8.DecodeRuneInString(text[size+end:])
			after := text[size+end+width:]
			tail, rest := bareWord(after)
			if strings.Trim(tail, "?,.!") == "" {
				return Word{Text: unescape(inner), Quoted: true}, rest
			}
		}
	}
	word, rest := bareWord(text)
	return Word{Text: trimEnd(unescape(word))}, rest
}

// closing is where in text the quote that open began ends, or -1.
func closing(text string, open rune) int {
	set := doubleClose
	switch {
	case open == '`':
		set = "`"
	case strings.ContainsRune("'‘’‚", open):
		set = singleClose
	}
	return strings.IndexAny(text, set)
}

// bareWord is what stands before the next space.
func bareWord(text string) (word, rest string) {
	if i := strings.IndexFunc(text, isSpace); i >= 0 {
		return text[:i], text[i:]
	}
	return text, ""
}

// trimEnd drops a question mark or comma that belongs to the sentence.
func trimEnd(word string) string { return strings.TrimRight(word, "?,") }

// slackWord reads what stands between < and > in Slack's text; ok is false where Slack did not make it.
func slackWord(inner string) (string, bool) {
	target, label, labelled := strings.Cut(inner, "|")
	switch {
	case strings.HasPrefix(target, "#C") && labelled && label != "":
		return label, true
	case strings.HasPrefix(target, "#C"), strings.HasPrefix(target, "@U"), strings.HasPrefix(target, "@W"), strings.HasPrefix(target, "!subteam^"):
		return "<" + target + ">", true
	case strings.HasPrefix(target, "https://"), strings.HasPrefix(target, "http://"):
		return unescape(target), true
	case strings.HasPrefix(target, "mailto:"):
		if labelled {
			return unescape(label), true
		}
		return unescape(strings.TrimPrefix(target, "mailto:")), true
	}
	return "", false
}

// unescape undoes Slack's escaping of the three signs.
func unescape(s string) string {
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
}

func isSpace(r rune) bool { return unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff' }
