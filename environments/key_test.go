package environments

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestKeyNames(t *testing.T) {
	for key, want := range map[Key]string{
		{"payments", "staging", ""}:          "payments-staging",
		{"payments", "preview", "feature-x"}: "payments-preview-feature-x",
	} {
		require.Equal(t, want, key.String())
	}
	for key, pattern := range map[Key]string{
		{"payments", "preview", "fix/Rounding-EUR"}:       `^payments-preview-fix-rounding-eur-[a-z]{6}$`,
		{"payments", "preview", "feature-x-"}:             `^payments-preview-feature-x-[a-z]{6}$`,
		{"payments", "preview", "$(curl x|sh)"}:           `^payments-preview---curl-x-sh-[a-z]{6}$`,
		{"payments", "preview", "ветка"}:                  `^payments-preview-[a-z]{6}$`,
		{"payments", "preview", strings.Repeat("a", 200)}: `^payments-preview-a{39}-[a-z]{6}$`,
	} {
		require.Regexp(t, pattern, key.String())
	}
	require.NotEqual(t, Key{"p", "preview", "fix/a"}.String(), Key{"p", "preview", "fix-a"}.String())
	require.NotEqual(t, Key{"p", "preview", "Fix"}.String(), Key{"p", "preview", "fix"}.String())
}

func TestKeyNamesAreValidAndDistinct(t *testing.T) {
	valid := regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
	key := rapid.Custom(func(t *rapid.T) Key {
		return Key{
			Component: rapid.StringMatching(`[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}`).Draw(t, "component"),
			Kind:      rapid.StringMatching(`[a-z][a-z0-9-]{0,20}`).Draw(t, "kind"),
			Ref:       rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-zA-Z0-9/_-]{0,200}`)).Draw(t, "ref"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		a := key.Draw(t, "a")
		name := a.String()
		if !valid.MatchString(name) {
			t.Fatalf("%+v: %q", a, name)
		}
		b := a
		b.Ref = rapid.OneOf(rapid.String(), rapid.Just(strings.ToUpper(a.Ref)), rapid.Just(strings.ReplaceAll(a.Ref, "/", "-"))).Draw(t, "other ref")
		if b.Ref != a.Ref && b.String() == name {
			t.Fatalf("%+v and %+v are both %q", a, b, name)
		}
	})
}
