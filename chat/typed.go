package chat

import (
	"regexp"
	"strings"
)

// slackMark is what Slack writes between < and >.
var slackMark = regexp.MustCompile(`<[^<>\n]*>`)

// AsTyped is a text as it was typed or pasted, its lines kept: Slack makes links of addresses and of what looks like a host, in the
// midst of a stack trace too, and escapes &, < and >. People and groups stay as Slack has them.
func AsTyped(text string) string {
	text = slackMark.ReplaceAllStringFunc(text, func(mark string) string {
		target, label, _ := strings.Cut(mark[1:len(mark)-1], "|")
		word, ok := slackWord(mark[1 : len(mark)-1])
		switch {
		case !ok, strings.HasPrefix(target, "@"), strings.HasPrefix(target, "!"):
			return mark
		case strings.HasPrefix(target, "#") && label != "":
			return "#" + label
		case label != "" && strings.HasSuffix(target, label):
			return label // github.com/acme/payments, for http://github.com/acme/payments
		}
		return word
	})
	return unescape(text)
}
