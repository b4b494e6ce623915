package nearest

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestNamesAreMeasuredAsOneByOne holds the walk over all names to what comparing each of them alone gives.
func TestNamesAreMeasuredAsOneByOne(t *testing.T) {
	name := rapid.StringMatching(`[abcö]{1,4}([-. _][abcö]{1,3}){0,2}`)
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(name, 1, 60).Draw(t, "names")
		asked := name.Draw(t, "asked")
		plain := withoutSeparators(asked)
		measured := NewIndex(slices.Clone(all)).Near(asked, len(all))
		slices.Sort(all)
		require.Len(t, measured, len(slices.Compact(all)), "each once")
		limit := max(Allowed(asked), len([]rune(plain))/3)
		for _, near := range measured {
			edits := Distance(plain, withoutSeparators(near.Name), limit)
			switch near.tier {
			case Mistyped, Resembles:
				require.Equal(t, edits, near.edits, "%s for %s", near.Name, asked)
			case NothingLike:
				require.Greater(t, edits, limit, "%s for %s", near.Name, asked)
			case BeginsMistyped:
				beginning := string([]rune(withoutSeparators(near.Name))[:len([]rune(plain))])
				require.Equal(t, Distance(plain, beginning, limit), near.edits, "%s for %s", near.Name, asked)
			}
		}
		require.True(t, slices.IsSortedFunc(measured, func(a, b Neighbour) int { return a.compare(b.closeness) }))
	})
}

func TestNamesAtTheirLimits(t *testing.T) {
	long := strings.Repeat("x", 400)
	n := NewIndex([]string{long, long + "a", long + "b", "", "-", "payments"})
	for _, asked := range []string{"", long, "payments", "----", strings.Repeat("payments ", 50)} {
		require.Len(t, n.Near(asked, 3), 3)
	}
	require.Equal(t, "payments", n.Near("paymnets", 1)[0].Name)
	require.Empty(t, NewIndex(nil).Near("x", 3))
}
