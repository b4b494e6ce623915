package codeowners

import (
	"bytes"
	"errors"
	"slices"
	"strings"
)

// ErrRuleMoved tells that a file has not that rule any more.
var ErrRuleMoved = errors.New("the rule is not in the file any more")

// SetOwners gives a file with other owners in one rule, wherever it stands by now, and all else as it is: comments, columns.
func SetOwners(file []byte, of Rule, owners []string) ([]byte, error) {
	line, ok := lineOf(file, of)
	if !ok {
		return nil, ErrRuleMoved
	}
	lines := bytes.SplitAfter(file, []byte("\n"))
	text := string(lines[line-1])
	rest, comment := text, ""
	if i := strings.Index(text, " #"); i >= 0 {
		rest, comment = text[:i], text[i:]
	} else if body := strings.TrimRight(text, "\r\n"); body != text {
		rest, comment = body, text[len(body):]
	}
	before, behind, ok := strings.Cut(rest, of.Pattern)
	first := strings.Index(behind, of.Owners[0])
	if !ok || first < 0 {
		return nil, ErrRuleMoved
	}
	blank := behind[len(strings.TrimRight(behind, " \t")):]
	lines[line-1] = []byte(before + of.Pattern + behind[:first] + strings.Join(owners, " ") + blank + comment)
	return bytes.Join(lines, nil), nil
}

// lineOf is where the rule stands: the last that is the same, since the last one that matches counts.
func lineOf(file []byte, of Rule) (line int, ok bool) {
	for _, rule := range slices.Backward(Parse(bytes.NewReader(file)).Rules) {
		if rule.Pattern == of.Pattern && slices.Equal(rule.Owners, of.Owners) && len(rule.Owners) > 0 {
			return rule.Line, true
		}
	}
	return 0, false
}
