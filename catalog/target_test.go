package catalog

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTargets(t *testing.T) {
	for text, want := range map[string]Target{
		"github:acme/payments":                      {Owner: "acme", Repo: "payments", Path: "catalog-info.yaml"},
		"github:acme/payments@v2":                   {Owner: "acme", Repo: "payments", Path: "catalog-info.yaml", Ref: "v2"},
		"github:acme/payments/a/**/b.yaml@fix/x":    {Owner: "acme", Repo: "payments", Path: "a/**/b.yaml", Ref: "fix/x"},
		"github:acme/ui/packages/@acme/x.yaml@v1@2": {Owner: "acme", Repo: "ui", Path: "packages/@acme/x.yaml", Ref: "v1@2"},
		"github:acme/.github":                       {Owner: "acme", Repo: ".github", Path: "catalog-info.yaml"},
		"github:acme/*":                             {Owner: "acme", Repo: "*", Path: "catalog-info.yaml"},
		"https://files.example/a.yaml?x=1#y":        {URL: "https://files.example/a.yaml?x=1"},
	} {
		got, err := ParseTarget(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
		again, err := ParseTarget(got.String())
		require.NoError(t, err)
		require.Equal(t, want, again, text)
	}
	for _, text := range []string{
		"", "a.yaml", "github:", "github:acme", "github:acme/", "github:acme/..", "github:ac me/x", "github:acme/x/../y", "github:acme/x//y", "github:acme/x/", "github:acme/x@",
		"github:acme/x@a b", "github:acme/x@v^1", "github:acme/x/[.yaml", "github:acme/*@v2", "github:acme/*/x.yaml", "github:*/x", "github:acme/x*",
		"https://", "https:///a.yaml", "https://files.example", "https://files.example/", "https://me:secret@files.example/a.yaml", "ftp://a/b", "file:///etc/passwd", "javascript:x", "https:a/b",
	} {
		_, err := ParseTarget(text)
		require.Error(t, err, text)
	}
}

func TestPagesOfRepositories(t *testing.T) {
	for address, want := range map[string]string{
		"https://github.com/acme/web/blob/main/catalog-info.yaml":           "github:acme/web@main",
		"https://github.com/acme/web/tree/main/a/b%20c.yaml?plain=1#L10":    "github:acme/web/a/b c.yaml@main",
		"https://github.com/acme/*/blob/-/catalog-info.yaml":                "github:acme/*",
		"https://github.com/acme/web.git/raw/HEAD/services/*/x.yaml":        "github:acme/web/services/*/x.yaml",
		"https://github.com/acme/web":                                       "",
		"https://github.com/acme/web/pulls/1":                               "",
		"https://github.com.evil.example/acme/web/blob/main/x.yaml":         "",
		"https://github.com/acme/web/blob/main/../../../x.yaml":             "",
		"https://raw.githubusercontent.com/acme/web/main/a/b.yaml":          "github:acme/web/a/b.yaml@main",
		"https://raw.githubusercontent.com/acme/web/refs/heads/main/b.yaml": "github:acme/web/b.yaml@main",
		"https://raw.githubusercontent.com/acme/web/main":                   "",
		"https://github.com/acme/web/blob/main/%2e%2e/%2e%2e/other/x.yaml":  "",
	} {
		got, ok := onGitHub("https://github.com/", address)
		require.Equal(t, want != "", ok, address)
		if ok {
			require.Equal(t, want, got.String(), address)
		}
	}
}

func TestWhatATargetNamesItself(t *testing.T) {
	for _, c := range []struct {
		target, tree, file string
		names, owns        bool
	}{
		{"github:acme/*", "github:acme/web", "catalog-info.yaml", true, true},
		{"github:acme/*", "github:acme/web", "x.yaml", false, true},
		{"github:acme/*", "github:acme/web@main", "catalog-info.yaml", false, false},
		{"github:acme/*", "github:acme-evil/web", "catalog-info.yaml", false, false},
		{"github:acme/*", "https://acme/web", "catalog-info.yaml", false, false},
		{"github:acme/web", "github:ACME/web", "catalog-info.yaml", true, true},
		{"github:acme/web", "github:acme/web2", "catalog-info.yaml", false, false},
		{"github:acme/web/a/**/*.yaml@v/2", "github:acme/web@v%2F2", "a/b/c.yaml", true, true},
		{"github:acme/web/a/**/*.yaml", "github:acme/web", "a/.b/c.yaml", false, true},
		{"github:acme/web/{a,b}/x.yaml", "github:acme/web", "b/x.yaml", true, true},
		{"https://files.example/a/b.yaml", "https://files.example", "a/b.yaml", true, true},
		{"https://files.example/a/b.yaml", "https://files.example", "b.yaml", false, true},
		{"https://files.example/a/b.yaml", "", "a/b.yaml", false, false},
	} {
		target, err := ParseTarget(c.target)
		require.NoError(t, err)
		require.Equal(t, [2]bool{c.names, c.owns}, [2]bool{target.names(c.tree, c.file), target.owns(c.tree)}, c)
	}
}
