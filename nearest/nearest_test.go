package nearest_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellhop/nearest"
)

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"payments", "payments", 0}, {"paymnets", "payments", 1}, {"payment", "payments", 1},
		{"paxmexts", "payments", 2}, {"größe", "grosse", 3}, {"abc", "xyz", 3},
	} {
		require.Equal(t, c.want, nearest.Distance(c.a, c.b, 5), "%s %s", c.a, c.b)
	}
	require.Equal(t, 3, nearest.Distance("abcdef", "uvwxyz", 2), "more than the limit is the limit and one")
}

func TestDistanceProperties(t *testing.T) {
	word := rapid.StringMatching(`[a-e]{0,8}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b, limit := word.Draw(t, "a"), word.Draw(t, "b"), rapid.IntRange(0, 9).Draw(t, "limit")
		d := nearest.Distance(a, b, limit)
		require.Equal(t, d, nearest.Distance(b, a, limit), "symmetric")
		require.Equal(t, a == b, d == 0, "zero for the same word alone")
		require.LessOrEqual(t, d, limit+1)
		require.LessOrEqual(t, min(d, limit), max(len(a), len(b)))
	})
}

func TestNear(t *testing.T) {
	names := []string{"main", "feature-x", "feature-y", "a", "release/2"}
	for word, want := range map[string][]string{
		"feature-z": {"feature-x", "feature-y"}, "origin/main": {"main"}, "Featur": {"feature-x", "feature-y"}, "mian": {"main"},
		"🚀": nil, "zzz": nil, "": nil, "something-else": nil,
	} {
		require.Equal(t, want, nearest.Near(word, names, 3), word)
	}
}

func TestWords(t *testing.T) {
	names := []string{"who-owns", "deploy-env", "envs", "tests", "bellhop", "help"}
	require.Equal(t, []string{"deploy-env"}, nearest.Words("deplyo-env", names, 1))
	require.Equal(t, []string{"deploy-env"}, nearest.Words("deploy", names, 1))
	require.Equal(t, []string{"who-owns"}, nearest.Words("whoowns", names, 1))
	require.Equal(t, []string{"tests"}, nearest.Words("Test", names, 1))
	require.Equal(t, "envs", nearest.Words("env", names, 2)[0])
	require.Empty(t, nearest.Words("x", nil, 3))
}
