package codeowners_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"bellhop/catalog/codeowners"
)

const company = "\ufeff# Who reviews what\r\n" + `
*            @acme/platform
*.js         @js-owner # inline
/docs/       docs@acme.engineering @alice
!generated/  @acme/nobody
src/[ab].go  @acme/ledger
apps/        @acme/apps
/apps/github
/scripts/**/run.sh @bob acme/ledger
with\ space.md @carol
/internal/refund.go @acme/ledger @bob
`

func TestTheLastRuleThatMatchesCounts(t *testing.T) {
	file := codeowners.Parse(strings.NewReader(company))
	for path, want := range map[string]string{
		"README.md": "line 3: @acme/platform", "/README.md": "line 3: @acme/platform", "a/b/c.js": "line 4: @js-owner",
		"docs/x/y.md": "line 5: docs@acme.engineering @alice", "docs/": "line 5: docs@acme.engineering @alice", "x/docs/y": "line 3: @acme/platform",
		"x/apps/y": "line 8: @acme/apps", "apps/github/y": "line 9: ", "with space.md": "line 11: @carol",
		"./internal/refund.go": "line 12: @acme/ledger @bob", "internal/": "line 3: @acme/platform", "": "line 3: @acme/platform",
	} {
		rule, ok := file.Match(path)
		require.True(t, ok, path)
		require.Equal(t, want, codeowners.Problem{Line: rule.Line, Message: strings.Join(rule.Owners, " ")}.String(), path)
	}
	require.Equal(t, []codeowners.Problem{
		{6, "CODEOWNERS knows no `!`: write a later rule for the exception"},
		{7, "CODEOWNERS knows no `[…]`: write a rule for each character, or use `?`"},
		{10, `"acme/ledger" is no owner: write @login, @organisation/team or an e-mail address`},
	}, file.Problems)
}

func TestDefault(t *testing.T) {
	for text, want := range map[string]int{
		"* @a\n/x @b\n": 1, "* @a\n** @b": 2, "/** @a\n* @b": 2, "*.go @a": 0, "/* @a\n*.md @b": 1, "* @a\n/* @b": 1, "*": 1, "": 0,
	} {
		rule, ok := codeowners.Parse(strings.NewReader(text)).Default()
		require.Equal(t, want > 0, ok, text)
		require.Equal(t, want, rule.Line, text)
	}
}

func TestHostileFilesAreBounded(t *testing.T) {
	whole := codeowners.Parse(strings.NewReader("* @a\n" + strings.Repeat("#\n", codeowners.MaxBytes/2)))
	require.Empty(t, whole.Rules)
	require.Equal(t, []codeowners.Problem{{1, "the file is larger than 3 MB, so GitHub does not load it"}}, whole.Problems)

	long := codeowners.Parse(strings.NewReader("* @a\n" + strings.Repeat("x", 5000) + " @b\n/y @c"))
	require.Len(t, long.Rules, 1)
	require.Equal(t, []codeowners.Problem{{2, "the line is longer than 4096 characters; nothing from here on is read"}}, long.Problems)

	many := codeowners.Parse(strings.NewReader(strings.Repeat("/a @b\n", 20_001)))
	require.Len(t, many.Rules, 20_000)
	require.Equal(t, []codeowners.Problem{{20_001, "the file has more than 20000 rules; the rest is not read"}}, many.Problems)

	cut := codeowners.Parse(io.MultiReader(strings.NewReader("* @a\n"), iotest.ErrReader(errors.New("cut"))))
	require.Len(t, cut.Rules, 1)
	require.Equal(t, []codeowners.Problem{{2, "the file cannot be read further: cut"}}, cut.Problems)
}

// FuzzParse holds reading to never panic, and to take every line or say why not.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{company, "", "\\", "/", "**/**/* @a", "a\\ b @c", "***", "@", "*\t@a/b", "\x00 @a", "//\n/ @a", "* @a@b.c @"} {
		f.Add(seed, "a/b.go")
		f.Add(seed, "")
	}
	f.Fuzz(func(t *testing.T, text, path string) {
		file := codeowners.Parse(strings.NewReader(text))
		last := 0
		for _, r := range file.Rules {
			if r.Line <= last || r.Pattern == "" {
				t.Fatalf("rule %+v after line %d", r, last)
			}
			last = r.Line
			for _, owner := range r.Owners {
				if !strings.Contains(owner, "@") {
					t.Fatalf("owner %q", owner)
				}
			}
		}
		for _, p := range file.Problems {
			if p.Line < 1 || p.Message == "" {
				t.Fatalf("problem %+v", p)
			}
		}
		rule, matched := file.Match(path)
		if all, ok := file.Default(); ok && all.Pattern == "*" && len(path) > 0 && !strings.ContainsAny(path, "/\n") && path != "." {
			if !matched || rule.Line < all.Line {
				t.Fatalf("%q is matched by line %d, but line %d is for all", path, rule.Line, all.Line)
			}
		}
	})
}
