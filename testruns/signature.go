package testruns

import (
	"regexp"
	"strings"
)

// maxSignature bounds a signature, in bytes.
const maxSignature = 400

// varying is what differs from one failure to the next of the same cause. The alternatives are tried in this order; the
// groups' names are what stands in their place.
var varying = regexp.MustCompile(strings.Join([]string{
	`(?P<url>\b[a-z][a-z0-9+.-]*://[^\s"'<>()]+)`,
	`(?P<id>\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b)`,
	`(?P<time>\b\d{4}-\d{2}-\d{2}(?:[T ]\d{1,2}:\d{2}(?::\d{2})?)?(?:[.,]\d+)?(?:Z|[+-]\d{2}:?\d{2})?\b|\b\d{1,2}:\d{2}:\d{2}(?:[.,]\d+)?\b)`,
	`(?P<path>(?:\b[A-Za-z]:|~|\.{1,2})?(?:[/\\][\w.@+~-]+){2,}|\b[\w.@+~-]+(?:[/\\][\w.@+~-]+){2,})`,
	`(?P<hex>\b0[xX][0-9a-fA-F]+\b|\b[0-9a-fA-F]{7,}\b|@[0-9a-f]{5,}\b)`,
	`(?P<word>\b[0-9A-Za-z]{16,}\b)`,
	`(?P<n>(?:\b|_)\d+(?:[.,_]\d+)*(?:[eE][+-]?\d+)?|\d{4,})`,
}, "|"))

// number is what varies within an address or a file's name.
var number = regexp.MustCompile(`\d+|\b[0-9a-f]{7,}\b`)

// Signature is what a failure's message has in common with others of the same cause: on one line, with numbers, hexadecimal
// values, folders, times and ids replaced ("expected <n> but was <n> (foo_test.go:<n>)"). It is empty for an empty message.
func Signature(message string) string {
	message = strings.Join(strings.Fields(message), " ")
	var s strings.Builder
	names := varying.SubexpNames()
	end := 0
	for _, at := range varying.FindAllStringSubmatchIndex(message, -1) {
		s.WriteString(message[end:at[0]])
		end = at[1]
		for group := 1; group < len(names); group++ {
			if at[2*group] >= 0 {
				s.WriteString(placeholder(names[group], message[at[0]:at[1]]))
			}
		}
	}
	s.WriteString(message[end:])
	return cut(s.String(), maxSignature)
}

// placeholder stands for a text of a kind.
func placeholder(kind, text string) string {
	digits := strings.ContainsAny(text, "0123456789")
	switch kind {
	case "url":
		return number.ReplaceAllString(text, "<n>")
	case "path":
		return "<path>" + fileName(text)
	case "hex":
		if strings.HasPrefix(text, "@") {
			return "@<hex>"
		}
		if strings.Trim(text, "0123456789") == "" {
			return "<n>"
		}
	case "word":
		kind = "id"
		digits = digits && strings.IndexAny(text, "0123456789") < len(text)-3 // no name with a number at its end
	case "n":
		if strings.HasPrefix(text, "_") {
			return "_<n>"
		}
	}
	if !digits {
		return text // a word that happens to be spelt with a to f, or a long one
	}
	return "<" + kind + ">"
}

// fileName is the last part of a path with its slash, where it looks like a file's: what went wrong with it is seldom
// wrong with others.
func fileName(path string) string {
	i := strings.LastIndexAny(path, `/\`)
	if !strings.Contains(strings.Trim(path[i+1:], "."), ".") {
		return ""
	}
	return "/" + number.ReplaceAllString(path[i+1:], "<n>")
}

// cut is text of at most n bytes.
func cut(text string, n int) string {
	if len(text) <= n {
		return text
	}
	return strings.ToValidUTF8(text[:n], "")
}
