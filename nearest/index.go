package nearest

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"
)

// Index is many names, to be compared with one text after the other. They stand in the order of their plain forms, those without
// separators, so that what begins alike stands together: its beginning is kept once, and measured once. 225,000 of them take
// 3 MB. It is safe for concurrent use.
type Index struct {
	endings []byte // one behind the other
	each    []nameEnd
}

// nameEnd is how a name follows from the one before.
type nameEnd struct {
	letters uint32 // of the plain form
	added   uint16 // how many bytes of endings come
	kept    uint8  // behind how many bytes of the name before
	shared  uint8  // how many letters of its plain form stand in that of the one before as well, at its beginning
}

// NewIndex makes an Index of names, each once, and puts them in order for that.
func NewIndex(all []string) *Index {
	slices.SortFunc(all, func(a, b string) int { return cmp.Or(comparePlain(a, b), cmp.Compare(a, b)) })
	all = slices.Compact(all)
	n := &Index{each: make([]nameEnd, 0, len(all))}
	before, plainBefore := "", []rune(nil)
	for _, name := range all {
		name = name[:min(len(name), math.MaxUint16)] // it is some 80 letters long
		plain := []rune(withoutSeparators(name))
		kept := sharedBeginning([]byte(before), []byte(name))
		n.endings = append(n.endings, name[kept:]...)
		n.each = append(n.each, nameEnd{
			letters: letters(plain), added: uint16(len(name) - kept), //nolint:gosec // bounded above
			kept: uint8(kept), shared: uint8(sharedBeginning(plainBefore, plain)), //nolint:gosec // bounded there
		})
		before, plainBefore = name, plain
	}
	n.endings = slices.Clip(n.endings)
	return n
}

// sharedBeginning is how many of the first 255 are the same in both.
func sharedBeginning[T comparable](a, b []T) int {
	n := 0
	for n < min(len(a), len(b), math.MaxUint8) && a[n] == b[n] {
		n++
	}
	return n
}

// comparePlain compares the plain forms without making them.
func comparePlain(a, b string) int {
	for i, j := 0, 0; ; i, j = i+1, j+1 {
		for i < len(a) && IsSeparator(rune(a[i])) {
			i++
		}
		for j < len(b) && IsSeparator(rune(b[j])) {
			j++
		}
		if i == len(a) || j == len(b) {
			return cmp.Compare(len(a)-i, len(b)-j)
		}
		if a[i] != b[j] {
			return cmp.Compare(a[i], b[j])
		}
	}
}

// IsSeparator tells what may stand between a name's words: `feature flags`, `feature-flags` and `feature_flags` are alike.
func IsSeparator(r rune) bool { return r == '-' || r == '_' || r == '.' || r == ' ' }

// withoutSeparators makes `feature flags`, `feature-flags` and `featureflags` one.
func withoutSeparators(text string) string {
	return strings.Map(func(r rune) rune {
		if IsSeparator(r) {
			return -1
		}
		return r
	}, text)
}

// letters is which of 32 classes of letters occur.
func letters(text []rune) uint32 {
	var set uint32
	for _, r := range text {
		set |= 1 << (uint32(r) % 32)
	}
	return set
}

// closeness is how near a name is: first by tier, then by edits, then by the difference in length.
type closeness struct {
	tier          Tier
	edits, length int
}

// Tier is how near a name is to a text.
type Tier int

// The tiers, the nearest first.
const (
	Mistyped       Tier = iota // the name is within the allowed typing errors
	BeginsMistyped             // its beginning is
	Resembles                  // at least two thirds of it are the same
	NothingLike                // it has some letters in common, at best
)

func (a closeness) compare(b closeness) int {
	return cmp.Or(cmp.Compare(a.tier, b.tier), cmp.Compare(a.edits, b.edits), cmp.Compare(a.length, b.length))
}

// Neighbour is a name and how near it is.
type Neighbour struct {
	Name string
	closeness
}

// Tier is how near it is, roughly.
func (n Neighbour) Tier() Tier { return n.tier }

// Rank is how near it is by tier and edits; less is nearer.
func (n Neighbour) Rank() int { return int(n.tier)*maxMeasured + n.edits }

// Near are at most limit names, the nearest first.
func (n *Index) Near(asked string, limit int) []Neighbour {
	var best []Neighbour
	m := newMeasure(asked)
	endings, name := n.endings, []byte(nil)
	for _, next := range n.each {
		name = append(name[:next.kept], endings[:next.added]...)
		endings = endings[next.added:]
		near := m.next(name, int(next.shared), next.letters)
		if len(best) == limit && near.compare(best[limit-1].closeness) > 0 {
			continue
		}
		one := Neighbour{string(name), near}
		at, _ := slices.BinarySearchFunc(best, one, func(a, b Neighbour) int {
			return cmp.Or(a.compare(b.closeness), cmp.Compare(a.Name, b.Name))
		})
		if at < limit {
			best = slices.Insert(best, at, one)
			best = best[:min(len(best), limit)]
		}
	}
	return best
}

// measure compares names, in the order of their plain forms, with one text. It fills the table of optimal string alignment row
// by row, a row for each letter of a name, and begins each name behind the letters that it shares with the one before.
type measure struct {
	asked   []rune // without separators
	letters uint32
	allowed int // typing errors
	limit   int // more edits than these are not counted
	name    []rune
	rows    [][]uint8
	dead    int // how many letters of the last name told that it is further away than limit
}

// maxMeasured bounds the letters that are compared.
const maxMeasured = 100

func newMeasure(asked string) *measure {
	plain := []rune(withoutSeparators(asked))
	plain = plain[:min(len(plain), maxMeasured)]
	m := &measure{asked: plain, letters: letters(plain), allowed: Allowed(asked), dead: math.MaxInt}
	m.limit = max(m.allowed, len(plain)/3)
	m.rows = [][]uint8{make([]uint8, len(plain)+1)}
	for j := range m.rows[0] {
		m.rows[0][j] = uint8(j)
	}
	return m
}

// next measures a name; shared is how many letters of its plain form stood in the name before as well.
func (m *measure) next(name []byte, shared int, set uint32) closeness {
	if shared < m.dead {
		m.dead = math.MaxInt
		m.name = m.name[:min(shared, len(m.name))]
		m.extend(name, shared)
	}
	length := utf8.RuneCount(name) - len(m.asked) // separators included: it only parts equals
	if length < 0 {
		length = -length
	}
	missing, foreign := bits.OnesCount32(m.letters&^set), bits.OnesCount32(set&^m.letters)
	near := closeness{NothingLike, missing + foreign, length}
	if edits := m.edits(len(m.name)); m.dead == math.MaxInt && edits <= m.limit {
		near = closeness{Resembles, edits, length}
		if edits <= m.allowed {
			return closeness{Mistyped, edits, length}
		}
	}
	if n := len(m.asked); n >= 4 && len(m.name) > n {
		if edits := m.edits(n); edits <= m.allowed {
			return closeness{BeginsMistyped, edits, length}
		}
	}
	return near
}

// extend adds the rows of a name's letters behind the first shared ones, until it is known to be too far away.
func (m *measure) extend(name []byte, shared int) {
	at := 0
	for len(name) > 0 {
		r, size := utf8.DecodeRune(name)
		name = name[size:]
		if IsSeparator(r) {
			continue
		}
		if at++; at <= shared {
			continue
		}
		m.name = append(m.name, r)
		if least := m.row(len(m.name)); least > m.limit {
			m.dead = len(m.name)
			return
		}
	}
}

// row fills the row of the name's letter i, counted from 1, and gives the least in it.
func (m *measure) row(i int) (least int) {
	if i == len(m.rows) {
		m.rows = append(m.rows, make([]uint8, len(m.asked)+1))
	}
	row, above, r := m.rows[i], m.rows[i-1], m.name[i-1]
	row[0] = uint8(min(i, math.MaxUint8)) //nolint:gosec // bounded
	best := row[0]
	for j := 1; j < len(row); j++ {
		replaced := above[j-1]
		if r != m.asked[j-1] {
			replaced++
		}
		edits := min(above[j]+1, row[j-1]+1, replaced)
		if i > 1 && j > 1 && r == m.asked[j-2] && m.name[i-2] == m.asked[j-1] {
			edits = min(edits, m.rows[i-2][j-2]+1)
		}
		row[j] = edits
		best = min(best, edits)
	}
	return int(best)
}

// edits are how many lead from what was asked to the first letters of the name.
func (m *measure) edits(letters int) int { return int(m.rows[letters][len(m.asked)]) }
