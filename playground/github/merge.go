package github

import (
	"bytes"
	"slices"
	"strings"
)

// mergeLines puts two edits of one file together, as `git merge` does: what only one side changed is taken, and ok is false where
// both changed the same or neighbouring lines differently.
func mergeLines(was, ours, theirs []byte) (merged []byte, ok bool) {
	if bytes.ContainsRune(was, 0) || bytes.ContainsRune(ours, 0) || bytes.ContainsRune(theirs, 0) {
		return nil, false // git merges no binary files
	}
	old, a, b := linesOf(was), linesOf(ours), linesOf(theirs)
	inA, inB := matched(old, a), matched(old, b)
	var out []string
	o, i, j := 0, 0, 0 // what is dealt with of each
	for {
		// The next line of old that stands in both begins what is the same again.
		next := o
		for next < len(old) && (inA[next] < 0 || inB[next] < 0) {
			next++
		}
		toA, toB := len(a), len(b)
		if next < len(old) {
			toA, toB = inA[next], inB[next]
		}
		switch before, one, other := old[o:next], a[i:toA], b[j:toB]; {
		case slices.Equal(one, before):
			out = append(out, other...)
		case slices.Equal(other, before), slices.Equal(one, other):
			out = append(out, one...)
		default:
			return nil, false
		}
		if next == len(old) {
			return []byte(strings.Join(out, "")), true
		}
		out = append(out, old[next])
		o, i, j = next+1, toA+1, toB+1
	}
}

// linesOf are the lines of a file with their ends.
func linesOf(file []byte) []string {
	lines := strings.SplitAfter(string(file), "\n")
	if last := len(lines) - 1; lines[last] == "" {
		lines = lines[:last]
	}
	return lines
}

// mostCompared bounds the pairs of lines that are looked at for what two files have in common: 32 MB of counts.
const mostCompared = 4 << 20

// matched tells for each line of old at which line of edited it stands, -1 where it does not: a longest common subsequence
// between what is the same at both ends.
func matched(old, edited []string) []int {
	at := make([]int, len(old))
	for i := range at {
		at[i] = -1
	}
	head := 0
	for head < min(len(old), len(edited)) && old[head] == edited[head] {
		at[head] = head
		head++
	}
	tail := 0
	for tail < min(len(old), len(edited))-head && old[len(old)-1-tail] == edited[len(edited)-1-tail] {
		at[len(old)-1-tail] = len(edited) - 1 - tail
		tail++
	}
	x, y := old[head:len(old)-tail], edited[head:len(edited)-tail]
	if len(x)*len(y) > mostCompared {
		return at // as good as another file
	}
	// longest[i][j] is how many lines x[i:] and y[j:] have in common, in order.
	longest := make([][]int, len(x)+1)
	for i := range longest {
		longest[i] = make([]int, len(y)+1)
	}
	for i := len(x) - 1; i >= 0; i-- {
		for j := len(y) - 1; j >= 0; j-- {
			longest[i][j] = max(longest[i+1][j], longest[i][j+1])
			if x[i] == y[j] {
				longest[i][j] = longest[i+1][j+1] + 1
			}
		}
	}
	for i, j := 0, 0; i < len(x) && j < len(y); {
		switch {
		case x[i] == y[j]:
			at[head+i] = head + j
			i, j = i+1, j+1
		case longest[i+1][j] >= longest[i][j+1]:
			i++
		default:
			j++
		}
	}
	return at
}
