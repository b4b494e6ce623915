package catalog

import (
	"slices"
	"strings"
	"unicode"
)

// An entity is found by the words that are written in it, and by facts about it. In a store both are plain texts without
// spaces: a word is letters and digits alone, and a fact has a sign in it, `tag=go`. A word of what the entity is called stands
// there twice, as itself and as the fact `=WORD`, so that what is called so is found before what speaks of it.

const (
	maxWords      = 150 // of one entity; a description of any length is found by its beginning
	maxWordRunes  = 60
	maxAskedWords = 10
)

// The facts that a Query asks for, and the words of what an entity is called.
const (
	factName      = "=" // short, since a store's index is by the first letters
	factKind      = "kind="
	factOwner     = "owner=" // by name and by reference
	factTag       = "tag="
	factLifecycle = "lifecycle="
)

// splitWords gives the words of a text, in lower case, each once.
func splitWords(text string) []string {
	var words []string
	fields := strings.FieldsFunc(strings.ToLower(storable(text)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
	for _, word := range fields {
		if runes := []rune(word); len(runes) > maxWordRunes {
			word = string(runes[:maxWordRunes])
		}
		if !slices.Contains(words, word) {
			words = append(words, word)
		}
		if len(words) == maxWords {
			break
		}
	}
	return words
}

// calledBy are the words of what an entity is called: its name, title and aliases.
func calledBy(e Entity) []string {
	return splitWords(e.Name + " " + e.Display() + " " + strings.Join(e.Aliases(), " "))
}

// saidOf are the words of what else is written about an entity.
func saidOf(e Entity) []string {
	slug, _ := e.Repository()
	return splitWords(strings.Join([]string{
		e.Kind, e.Type(), e.Spec.String("owner"), e.Spec.String("system"), slug, e.Login(), strings.Join(e.Tags, " "), e.Description,
	}, " "))
}

// wordsOf are the words and facts under which an entity is stored, each once.
func wordsOf(e Entity) []string {
	called := calledBy(e)
	words := append(slices.Clone(called), marked(called)...)
	for _, word := range saidOf(e) {
		if !slices.Contains(called, word) {
			words = append(words, word)
		}
	}
	words = append(words, fact(factKind, e.Kind))
	if lifecycle := e.Lifecycle(); lifecycle != "" {
		words = append(words, fact(factLifecycle, lifecycle))
	}
	if owner, ok := ownerOf(e); ok {
		words = append(words, fact(factOwner, owner.Name), fact(factOwner, owner.String()))
	}
	for _, tag := range e.Tags[:min(len(e.Tags), maxWords)] {
		if tag := fact(factTag, tag); !slices.Contains(words, tag) {
			words = append(words, tag)
		}
	}
	return words
}

// marked are words of what something is called, as facts.
func marked(words []string) []string {
	facts := make([]string, len(words))
	for i, word := range words {
		facts[i] = factName + word
	}
	return facts
}

// fact is a fact as it is stored; what a store could take for the end of a word is replaced, here as in questions.
func fact(about, text string) string {
	return clip(about + strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) || strings.ContainsRune("-_.:/+#", r) {
			return r
		}
		return '_'
	}, strings.ToLower(storable(text))))
}

// Term is a text that is looked for among words.
type Term struct{ words []string }

// NewTerm makes one of a text; only its first words count.
func NewTerm(text string) Term {
	words := splitWords(text)
	return Term{words[:min(len(words), maxAskedWords)]}
}

// Beginnings are those by which Store.ByWords gives all that has the term's words.
func (t Term) Beginnings() []string { return t.words }

// In tells whether each of the term's words, of which there must be some, begins a word of what is written about the entity.
func (t Term) In(e Entity) bool {
	return len(t.words) > 0 && beginAll(t.words, append(calledBy(e), saidOf(e)...))
}

// beginAll tells whether every one of some words begins another.
func beginAll(beginnings, words []string) bool {
	return !slices.ContainsFunc(beginnings, func(beginning string) bool {
		return !slices.ContainsFunc(words, func(word string) bool { return strings.HasPrefix(word, beginning) })
	})
}

// ownerOf is the owner that an entity's descriptor names; ok is false where it names none.
func ownerOf(e Entity) (owner Ref, ok bool) {
	owner, err := ParseRef(e.Spec.String("owner"), KindGroup, e.Namespace)
	return owner, err == nil
}
