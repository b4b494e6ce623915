package catalog

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellhop/nearest"
)

// TestNamesAreMeasuredAsOneByOne holds the walk over all names to what comparing each of them alone gives.
func TestNamesAreMeasuredAsOneByOne(t *testing.T) {
	name := rapid.StringMatching(`[abcö]{1,4}([-. _][abcö]{1,3}){0,2}`)
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(name, 1, 60).Draw(t, "names")
		asked := name.Draw(t, "asked")
		plain := withoutSeparators(asked)
		measured := newNames(slices.Clone(all)).near(asked, len(all))
		slices.Sort(all)
		require.Len(t, measured, len(slices.Compact(all)), "each once")
		limit := max(nearest.Allowed(asked), len([]rune(plain))/3)
		for _, near := range measured {
			edits := nearest.Distance(plain, withoutSeparators(near.name), limit)
			switch near.tier {
			case mistyped, resembles:
				require.Equal(t, edits, near.edits, "%s for %s", near.name, asked)
			case nothingLike:
				require.Greater(t, edits, limit, "%s for %s", near.name, asked)
			case beginsMistyped:
				beginning := string([]rune(withoutSeparators(near.name))[:len([]rune(plain))])
				require.Equal(t, nearest.Distance(plain, beginning, limit), near.edits, "%s for %s", near.name, asked)
			}
		}
		require.True(t, slices.IsSortedFunc(measured, func(a, b nearName) int { return a.compare(b.closeness) }))
	})
}

func TestNamesAtTheirLimits(t *testing.T) {
	long := strings.Repeat("x", 400)
	n := newNames([]string{long, long + "a", long + "b", "", "-", "payments"})
	for _, asked := range []string{"", long, "payments", "----", strings.Repeat("payments ", 50)} {
		require.Len(t, n.near(asked, 3), 3)
	}
	require.Equal(t, "payments", n.near("paymnets", 1)[0].name)
	require.Empty(t, newNames(nil).near("x", 3))
}
