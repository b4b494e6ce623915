// Package nearest finds what somebody probably meant to type.
package nearest

import (
	"cmp"
	"slices"
	"strings"
)

// Distance is how many letters must be inserted, deleted, replaced or swapped with their neighbour to make a of b
// (optimal string alignment), or limit+1 as soon as it is known to be more than limit.
func Distance(a, b string, limit int) int {
	x, y := []rune(a), []rune(b)
	if len(x)-len(y) > limit || len(y)-len(x) > limit {
		return limit + 1
	}
	before, above, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range above {
		above[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		least := i
		for j := 1; j <= len(y); j++ {
			replaced := above[j-1]
			if x[i-1] != y[j-1] {
				replaced++
			}
			row[j] = min(above[j]+1, row[j-1]+1, replaced)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
			least = min(least, row[j])
		}
		if least > limit {
			return limit + 1
		}
		before, above, row = above, row, before
	}
	return min(above[len(y)], limit+1)
}

// Allowed is how many typing errors a word of that many letters may have and still be recognised: one in a short word,
// two in a longer one.
func Allowed(word string) int {
	if len([]rune(word)) < 6 {
		return 1
	}
	return 2
}

// Near gives at most n of names that word stands for in all likelihood, the likeliest first: those that Words would give
// without the ones that are only least far away, and those that the word holds.
func Near(word string, names []string, n int) []string {
	var near []string
	for _, name := range Words(word, names, len(names)) {
		a, b := strings.ToLower(word), strings.ToLower(name)
		held := a != "" && strings.Contains(b, a) || len(b) > 2 && strings.Contains(a, b)
		wrong := Distance(a, b, Allowed(a))
		mistyped := wrong <= Allowed(a) && wrong < len([]rune(b))
		if (held || mistyped) && len(near) < n {
			near = append(near, name)
		}
	}
	return near
}

// Words gives at most n of names that word may stand for, the likeliest first: those that begin with it, those within
// reach of a typing error, those that hold it, and then whatever is least far away. Case does not count.
func Words(word string, names []string, n int) []string {
	type candidate struct {
		name string
		rank int
	}
	word = strings.ToLower(word)
	const far = 1 << 10
	var candidates []candidate
	for _, name := range names {
		lower := strings.ToLower(name)
		distance := Distance(word, lower, max(len(word), len(lower)))
		switch {
		case strings.HasPrefix(lower, word):
			candidates = append(candidates, candidate{name, 0})
		case distance <= Allowed(word):
			candidates = append(candidates, candidate{name, distance})
		case word != "" && strings.Contains(lower, word):
			candidates = append(candidates, candidate{name, 10})
		default:
			candidates = append(candidates, candidate{name, far + distance})
		}
	}
	slices.SortStableFunc(candidates, func(a, b candidate) int { return cmp.Compare(a.rank, b.rank) })
	var words []string
	for _, c := range candidates[:min(n, len(candidates))] {
		words = append(words, c.name)
	}
	return words
}
