// Package codeowners reads CODEOWNERS files as GitHub does: the last rule that matches a path tells its owners, and a line
// that GitHub would skip is skipped and told. The patterns are github.com/hmarr/codeowners's, fed line by line, for one bad
// line would fail its whole file.
package codeowners

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hmarr/codeowners"
)

// Paths are where a repository's file may lie, the first that is there counts: GitHub looks in this order.
func Paths() []string { return []string{".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"} }

const (
	// MaxBytes is how long a file may be; GitHub loads none that is longer ("must be under 3 MB in size").
	MaxBytes = 3 << 20
	// maxRules bounds what one file costs; the longest seen in the open has some 4,000.
	maxRules = 20_000
	// maxLine bounds one line, and so one pattern.
	maxLine = 4 << 10
)

// File is a CODEOWNERS file.
type File struct {
	Rules    []Rule // in the file's order
	Problems []Problem
}

// Rule gives the files that match a pattern their owners.
type Rule struct {
	Line    int // in its file, from 1
	Pattern string
	// Owners are `@login`, `@organisation/team` or an e-mail address, as they stand there. Without any the files are nobody's,
	// whatever rules before say.
	Owners []string
}

// Problem is a line that is not taken.
type Problem struct {
	Line    int // from 1
	Message string
}

// String is the problem on one line.
func (p Problem) String() string { return fmt.Sprintf("line %d: %s", p.Line, p.Message) }

// Parse reads a file. What is wrong with it is in Problems; a file that cannot be read to its end gives what was read.
func Parse(r io.Reader) File {
	var file File
	bad := func(line int, format string, args ...any) {
		file.Problems = append(file.Problems, Problem{line, fmt.Sprintf(format, args...)})
	}
	bounded := &io.LimitedReader{R: r, N: MaxBytes + 1}
	lines := bufio.NewScanner(bounded)
	lines.Buffer(nil, maxLine)
	n := 0
	for lines.Scan() {
		n++
		text := lines.Text()
		if n == 1 {
			text = strings.TrimPrefix(text, "\ufeff")
		}
		rules, err := codeowners.ParseFile(strings.NewReader(text), codeowners.WithOwnerMatchers(owners()))
		switch {
		case err != nil:
			bad(n, "%s", inWords(err, text))
		case len(rules) == 0: // blank, or a comment
		case rules[0].RawPattern() == "/": // the library panics when it matches one
			bad(n, "`/` alone means no file: write `*` for all, or `/*` for those in the root")
		case len(file.Rules) == maxRules:
			bad(n, "the file has more than %d rules; the rest is not read", maxRules)
			return file
		default:
			file.Rules = append(file.Rules, rule(n, rules[0]))
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		bad(n+1, "the line is longer than %d characters; nothing from here on is read", maxLine)
	case err != nil:
		bad(n+1, "the file cannot be read further: %v", err)
	case bounded.N == 0:
		// GitHub takes no rule of such a file.
		return File{Problems: []Problem{{1, fmt.Sprintf("the file is larger than %d MB, so GitHub does not load it", MaxBytes>>20)}}}
	}
	return file
}

func rule(line int, parsed codeowners.Rule) Rule {
	r := Rule{Line: line, Pattern: parsed.RawPattern()}
	for _, o := range parsed.Owners {
		r.Owners = append(r.Owners, o.String())
	}
	return r
}

// owners are the forms of an owner that GitHub takes. The library's own know no e-mail address under a long top-level domain.
func owners() []codeowners.OwnerMatcher {
	address := codeowners.OwnerMatchFunc(func(s string) (codeowners.Owner, error) {
		if name, host, ok := strings.Cut(s, "@"); ok && name != "" && strings.Contains(strings.Trim(host, "."), ".") && !strings.Contains(host, "@") {
			return codeowners.Owner{Value: s, Type: codeowners.EmailOwner}, nil
		}
		return codeowners.Owner{}, codeowners.ErrNoMatch
	})
	return append(slices.Clone(codeowners.DefaultOwnerMatchers), address)
}

// inWords says what is wrong with a line, and what GitHub would take.
func inWords(err error, line string) string {
	pattern, _, _ := strings.Cut(strings.TrimSpace(line), " ")
	text := strings.TrimPrefix(err.Error(), "line 1: ")
	_, owner, noOwner := strings.Cut(text, "invalid owner format '") // the error's type is lost for the last one
	switch {
	case strings.HasPrefix(pattern, "!"):
		return "CODEOWNERS knows no `!`: write a later rule for the exception"
	case strings.ContainsAny(pattern, "[]"):
		return "CODEOWNERS knows no `[…]`: write a rule for each character, or use `?`"
	case noOwner:
		owner, _, _ = strings.Cut(owner, "'")
		return fmt.Sprintf("%q is no owner: write @login, @organisation/team or an e-mail address", owner)
	}
	return text
}

// Match is the last rule that matches a path, which is relative to the repository's root; one that ends in a slash means
// any file of that folder. It may be a rule without owners.
func (f File) Match(path string) (Rule, bool) {
	path = strings.TrimPrefix(strings.TrimPrefix(path, "./"), "/")
	if path == "" || strings.HasSuffix(path, "/") {
		path += "\x00" // a file whose name no pattern can mean
	}
	for _, r := range slices.Backward(f.Rules) {
		if r.matches(path) {
			return r, true
		}
	}
	return Rule{}, false
}

// Default is the rule for what no other rule means: the last one for all files, or else for those in the root.
func (f File) Default() (Rule, bool) {
	for _, all := range [][]string{{"*", "**", "/**", "**/*", "/**/*", "**/**"}, {"/*"}} {
		for _, r := range slices.Backward(f.Rules) {
			if slices.Contains(all, r.Pattern) {
				return r, true
			}
		}
	}
	return Rule{}, false
}

// matches reads the pattern anew: kept, a hostile file's 20,000 would take 60 MB, and one takes microseconds.
func (r Rule) matches(path string) bool {
	rules, err := codeowners.ParseFile(strings.NewReader(r.Pattern))
	if err != nil || len(rules) != 1 {
		return false
	}
	ok, err := rules[0].Match(path)
	return ok && err == nil
}
