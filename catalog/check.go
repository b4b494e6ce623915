package catalog

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v4"
	"golang.org/x/text/unicode/norm"
)

// checker collects what is wrong with one document.
type checker struct {
	root      *yaml.Node
	about     Problem // where the document is and what it describes
	problems  []Problem
	refused   bool // there is an error among them
	unsettled bool // the same text may be read otherwise the next time
	takenIn   int  // bytes of other files
}

// fieldPath leads to a value: keys and places in lists.
type fieldPath []any

func (p fieldPath) with(step any) fieldPath { return append(slices.Clone(p), step) }

// String is the path as people write it: `metadata.tags[1]`.
func (p fieldPath) String() string {
	var b strings.Builder
	for i, step := range p {
		switch step := step.(type) {
		case int:
			fmt.Fprintf(&b, "[%d]", step)
		default:
			if i > 0 {
				b.WriteByte('.')
			}
			fmt.Fprint(&b, step)
		}
	}
	return b.String()
}

// maxDocumentProblems bounds what is told about one document.
const maxDocumentProblems = 50

func (c *checker) add(severity Severity, at fieldPath, hint, message string) {
	c.refused = c.refused || severity == SeverityError
	if len(c.problems) > maxDocumentProblems {
		return
	}
	if len(c.problems) == maxDocumentProblems {
		at, hint, message = nil, "", "there is more wrong with this document; the rest is not listed"
	}
	p := c.about
	p.Severity, p.Message, p.Hint, p.Field = severity, message, hint, at.String()
	if line := lineOf(c.root, at); line > 0 {
		p.Line = line
	}
	c.problems = append(c.problems, p)
}

func (c *checker) fail(at fieldPath, hint, format string, args ...any) {
	c.add(SeverityError, at, hint, fmt.Sprintf(format, args...))
}

func (c *checker) warn(at fieldPath, hint, format string, args ...any) {
	c.add(SeverityWarning, at, hint, fmt.Sprintf(format, args...))
}

// text takes the text under key of m, which stands at parent. Without the key it fails if required.
func (c *checker) text(m map[string]any, parent fieldPath, key string, required bool) (string, bool) {
	at := parent.with(key)
	v, there := m[key]
	if !there {
		if required {
			c.fail(at, "", "is missing")
		}
		return "", false
	}
	text, ok := v.(string)
	if !ok {
		c.fail(at, quoteHint(v), "must be a text, not %s", nounOf(v))
		return "", false
	}
	if text == "" {
		c.fail(at, "", "must not be empty")
		return "", false
	}
	return text, true
}

// formatted is text that must have a format.
func (c *checker) formatted(m map[string]any, parent fieldPath, key string, required bool, f format) {
	if text, ok := c.text(m, parent, key, required); ok {
		c.format(parent.with(key), text, f)
	}
}

func (c *checker) format(at fieldPath, text string, f format) {
	if !f.valid(text) {
		c.fail(at, f.hint(text), "%q %s", clip(text), f.wrong(text))
	}
}

// format is what a text must look like, in words, with a way to mend what does not.
type format struct {
	name  string
	valid func(string) bool
	mend  func(string) string
	signs string // allowed between letters of a-z and digits; A-Z among them allows capital letters
}

// wrong says what of a text that is not valid is not.
func (f format) wrong(text string) string {
	if f.signs != "" {
		for _, r := range text {
			if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || strings.ContainsRune(f.signs, r) {
				continue
			}
			return "may not contain " + signName(r)
		}
		if len(text) > maxName {
			return fmt.Sprintf("has %d characters; there may be %d", len(text), maxName)
		}
	}
	return "is not " + f.name
}

// capitals are the capital letters, for format.signs.
const capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

func signName(r rune) string {
	switch {
	case r == '.':
		return "a dot"
	case r == '_':
		return "an underscore"
	case r == '/':
		return "a slash"
	case r == ' ':
		return "a space"
	case r == ':':
		return "a colon"
	case r >= 'A' && r <= 'Z':
		return "capital letters"
	}
	return strconv.Quote(string(r))
}

func (f format) hint(text string) string {
	if f.mend == nil {
		return ""
	}
	if mended := f.mend(text); mended != text && mended != "" && f.valid(mended) {
		return fmt.Sprintf("try %q", mended)
	}
	return ""
}

func nameFormat() format {
	return format{"a name: 1 to 63 of a-z, A-Z, 0-9, and - _ . between them", validName, func(s string) string {
		return mend(s, "-_.", false)
	}, capitals + "-_."}
}

func namespaceFormat() format {
	return format{"a namespace: 1 to 63 of a-z and 0-9, and - between them", validNamespace, func(s string) string { return mend(s, "", true) }, "-"}
}

func tagFormat() format {
	return format{"a tag: 1 to 63 of a-z, 0-9, + # :, and - between them", validTag, func(s string) string {
		return mend(strings.ReplaceAll(s, ".", ""), "+#:", true)
	}, "+#:-"}
}

// mend makes hyphens of whatever is not a letter, a digit or in kept; letters lose their accents.
func mend(s, kept string, lower bool) string {
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(s))
	if lower {
		s = strings.ToLower(s)
	}
	return strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(kept, r) {
			return r
		}
		return '-'
	}, s), "-_.")
}

// mapping takes the mapping under key, if it is there.
func (c *checker) mapping(m map[string]any, parent fieldPath, key string, required bool) (map[string]any, bool) {
	v, there := m[key]
	if !there {
		if required {
			c.fail(parent.with(key), "", "is missing")
		}
		return nil, false
	}
	inner, ok := v.(map[string]any)
	if !ok {
		c.fail(parent.with(key), "", "must be a mapping, not %s", nounOf(v))
	}
	return inner, ok
}

// list takes the list under key, if it is there.
func (c *checker) list(m map[string]any, parent fieldPath, key string, required bool) ([]any, bool) {
	v, there := m[key]
	if !there {
		if required {
			c.fail(parent.with(key), "write "+key+": [] for none", "is missing")
		}
		return nil, false
	}
	list, ok := v.([]any)
	if !ok {
		hint := ""
		if text, isText := v.(string); isText && text != "" {
			hint = fmt.Sprintf("write %s: [%s]", key, clip(text))
		}
		c.fail(parent.with(key), hint, "must be a list, not %s", nounOf(v))
	}
	return list, ok
}

// texts checks that every item of a list is a text with something in it, and calls each with those that are.
func (c *checker) texts(list []any, at fieldPath, each func(at fieldPath, text string)) {
	for i, item := range list {
		text, ok := item.(string)
		switch {
		case !ok:
			c.fail(at.with(i), quoteHint(item), "must be a text, not %s", nounOf(item))
		case text == "":
			c.fail(at.with(i), "", "must not be empty")
		case each != nil:
			each(at.with(i), text)
		}
	}
}

// inOrder goes through a mapping by its keys in order, so that problems come in the same order each time.
func inOrder(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }

func nounOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "empty"
	case string:
		return fmt.Sprintf("the text %q", clip(v))
	case bool:
		return fmt.Sprintf("the truth value %t", v)
	case float64:
		return fmt.Sprintf("the number %v", v)
	case []any:
		return "a list"
	case map[string]any:
		return "a mapping"
	}
	return fmt.Sprintf("%T", v)
}

// quoteHint tells how a number or truth value becomes a text.
func quoteHint(v any) string {
	switch v.(type) {
	case bool, float64:
		return fmt.Sprintf(`put quotes around it: "%v"`, v)
	}
	return ""
}

// clip keeps messages short.
func clip(s string) string {
	const most = 80
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
