package catalog

import (
	"context"
	"slices"
	"strings"

	"bellhop/nearest"
)

// search asks a store question after question, the surest first, until enough fits.
type search struct {
	c     *Catalog
	asked asked
	hits  []hit
	seen  map[string]bool
	// more tells that a question by the first letters of words has more answers than it was given.
	more bool
}

func (s *search) enough() bool { return len(s.hits) >= maxCandidates }

// add takes what fits of a store's answer.
func (s *search) add(some []Entity, err error) error {
	for _, e := range some {
		ref := e.Ref.String()
		if s.seen[ref] {
			continue
		}
		s.seen[ref] = true
		if fit := s.asked.fit(e); fit >= 0 && s.asked.allows(e) {
			s.hits = append(s.hits, hit{e, fit})
		}
	}
	return err
}

func (s *search) run(ctx context.Context) error {
	q, store := s.asked, s.c.store
	var kinds []string
	if q.Kind != "" {
		kinds = []string{q.Kind}
	}
	if q.whole != "" {
		exact, err := s.c.exactly(ctx, q.whole)
		if err := s.add(exact, err); err != nil {
			return err
		}
		if len(exact) > 0 && strings.Contains(q.whole, ":") {
			return nil // a reference or an address means nothing else
		}
	}
	for _, team := range q.Mine {
		if err := s.byWords(ctx, append(slices.Clone(q.facts), fact(factOwner, team.String()))); err != nil {
			return err
		}
	}
	if q.whole != "" || len(q.facts) == len(kinds) {
		if err := s.add(store.ByPrefix(ctx, q.whole, kinds, maxCandidates)); err != nil || s.enough() {
			return err
		}
	}
	return s.byWords(ctx, q.facts)
}

// byWords looks for what has the words: first in names, and in each first whole, then as beginnings.
func (s *search) byWords(ctx context.Context, facts []string) error {
	called := marked(s.asked.words)
	for _, words := range [][]string{called, s.asked.words} {
		if err := s.add(s.c.store.ByWords(ctx, slices.Concat(facts, words), nil, maxCandidates)); err != nil || s.enough() {
			return err
		}
		if len(words) == 0 {
			return nil
		}
		if err := s.byBeginnings(ctx, facts, words, shortBeginning); err != nil || s.enough() {
			return err
		}
	}
	if s.more && len(s.hits) == 0 {
		return s.byBeginnings(ctx, facts, s.asked.words, maxWordRunes)
	}
	return nil
}

// shortBeginning is up to which length, in letters, stores have the beginnings of words in an index of their own. Longer ones
// take long where many words begin so, and are mostly not needed: what begins otherwise does not fit, and is left out here.
const shortBeginning = 4

// byBeginnings looks for words by at most their first letters. A single letter stands for itself.
func (s *search) byBeginnings(ctx context.Context, facts, words []string, letters int) error {
	whole, begun := slices.Clone(facts), []string(nil)
	for _, word := range words {
		runes := []rune(word)
		if len(runes) == 1 || len(runes) == 2 && word[:1] == factName {
			whole = append(whole, word)
			continue
		}
		begun = append(begun, string(runes[:min(letters, len(runes))]))
	}
	if len(begun) == 0 {
		return nil
	}
	found, err := s.c.store.ByWords(ctx, whole, begun, maxCandidates)
	s.more = s.more || len(found) == maxCandidates
	return s.add(found, err)
}

// asked is a Query made ready for comparing.
type asked struct {
	Query
	whole  string   // as it was written, folded
	spaced string   // the words with spaces between
	words  []string // of letters and digits alone
	facts  []string
}

func newAsked(q Query) asked {
	a := asked{Query: q, whole: fold(strings.Join(q.Words, " ")), facts: q.facts()}
	a.words = splitWords(a.whole)
	a.words = a.words[:min(len(a.words), maxAskedWords)]
	a.spaced = spaced(a.whole)
	return a
}

// spaced makes `feature-flags` and `feature_flags` the same as `feature flags`.
func spaced(folded string) string {
	return strings.Map(func(r rune) rune {
		if nearest.IsSeparator(r) {
			return ' '
		}
		return r
	}, folded)
}

// How an entity can fit.
const (
	fitsName = iota
	fitsOtherName
	fitsBeginning
	fitsNameWords
	fitsNamePartly
	fitsWords
	fitsNot = -1
)

// fit is how well the words fit.
func (q asked) fit(e Entity) int {
	if q.whole == "" {
		return fitsName
	}
	slug, _ := e.Repository()
	name, others := fold(e.Name), []string{fold(e.Display()), fold(slug), e.Email()}
	for _, alias := range e.Aliases() {
		others = append(others, fold(alias))
	}
	called := calledBy(e)
	switch {
	case spaced(name) == q.spaced || e.Ref.String() == q.whole || strings.ToLower(e.Ref.Short()) == q.whole:
		return fitsName
	case slices.Contains(others, q.whole) || SlugOf(q.whole) != "" && SlugOf(q.whole) == fold(slug):
		return fitsOtherName
	case slices.ContainsFunc(append(others, spaced(name)), func(other string) bool { return strings.HasPrefix(other, q.spaced) }) && q.spaced != "":
		return fitsBeginning
	case len(q.words) == 0:
		return fitsNot
	case beginAll(q.words, called):
		return fitsNameWords
	case !beginAll(q.words, append(called, saidOf(e)...)):
		return fitsNot
	case slices.ContainsFunc(q.words, func(word string) bool { return beginAll([]string{word}, called) }):
		return fitsNamePartly
	}
	return fitsWords
}
