package catalog

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"bellhop/catalog/codeowners"
)

// Codeowners reads the CODEOWNERS file of a repository at its default branch. Where there is none, path is empty.
type Codeowners interface {
	Codeowners(ctx context.Context, slug string) (file codeowners.File, path string, err error)
}

// Asker tells what a text is about, whatever it is: a name, an address, a path, a pasted stack trace.
type Asker struct {
	Catalog *Catalog
	// Codeowners is nil where GitHub is not configured: files are then owned as their components are.
	Codeowners Codeowners
	// Patience is how long GitHub may take; 0 is 4 s.
	Patience time.Duration
}

// Question is a text whose owner somebody wants to know.
type Question struct {
	Text string // as it was typed, with its lines
	// Message: it was not written as a question. Names are looked for in it, and the nearest are not offered.
	Message bool
	// Mine are the asker's teams; what is theirs comes first among equals.
	Mine []Ref
}

// Answer is what a text is about. Where nothing is found, Found and Repository are empty.
type Answer struct {
	// Found is what is meant. More than one is a choice.
	Found []Entity
	// Said is the piece of the text that led there, as people say it; empty where it is the entity's own name. By is how it did:
	// `CODEOWNERS line 14`, `package com.acme.payments`.
	Said, By string
	// ByPage is the page of what By names, from the root of GitHub's website: acme/payments/blob/HEAD/CODEOWNERS#L14; empty where there
	// is none.
	ByPage string
	// Repository is what is meant where no single component of it is, and Within are its components.
	Repository string
	Within     []Entity
	// Owner is who owns a part for which CODEOWNERS names somebody, in the place of the entity's own owner. Unknown are the owners
	// that stand there where none of them is in the catalog, Others those besides Owner.
	Owner           *Ownership
	Unknown, Others []string
	// Note is what else there is to know about By.
	Note string
	// Also is what else the text leads to, each with one entity.
	Also []Answer
	// Near are the nearest names, where nothing is found.
	Near []Entity
	// File is a path that was asked for without a repository that is known.
	File string
}

// Is tells whether the answer says anything.
func (a Answer) Is() bool { return len(a.Found) > 0 || a.Repository != "" }

// maxAlso is how much else an answer tells.
const maxAlso = 4

// Ask tells what a text is about: what it names as a whole, else the most telling clue in it that leads anywhere.
func (a Asker) Ask(ctx context.Context, q Question) (Answer, error) {
	text := strings.TrimSpace(storable(q.Text))
	mine := newOwnTeams(q.Mine)
	l := &lookup{Asker: a, had: map[Key][]Entity{}}
	isName := !q.Message && !strings.ContainsAny(text, "\n\r") && len(text) <= maxName*4 && !addressPattern.MatchString(text)
	if isName {
		found, err := a.Catalog.meant(ctx, text)
		mine.first(found)
		if slug := repositoryNamed(text, found); err == nil && len(found) > 1 && slug != "" {
			return l.repository(ctx, slug, "")
		}
		if err != nil || len(found) > 0 {
			return Answer{Found: found}, err
		}
	}
	var answer Answer
	if !isName || !isReference(text) {
		var err error
		answer, err = l.clues(ctx, Clues(text), q.Message || len(strings.Fields(text)) > 2)
		if err != nil || answer.Is() || !isName {
			mine.first(answer.Found)
			return answer, err
		}
	}
	found, err := a.Catalog.Find(ctx, text, q.Mine...)
	answer.Near = found.Near
	return answer, err
}

// repositoryNamed is the repository that a text names by its slug, or by its name alone where that names all that was found.
func repositoryNamed(text string, found []Entity) string {
	if slug := SlugOf(text); slug != "" || len(found) == 0 {
		return slug
	}
	slug, _ := found[0].Repository()
	for _, e := range found[1:] {
		if other, _ := e.Repository(); !strings.EqualFold(other, slug) {
			return ""
		}
	}
	if _, name, _ := strings.Cut(slug, "/"); strings.EqualFold(name, strings.ReplaceAll(fold(text), " ", "-")) {
		return slug
	}
	return ""
}

// isReference tells a reference with its kind: it means that entity, or none.
func isReference(text string) bool {
	ref, err := ParseRef(text, "", "")
	return err == nil && !strings.ContainsAny(ref.Name, " :/") && slices.ContainsFunc(allKinds(), func(kind string) bool { return ref.Is(kind) })
}

// clues answers by the first clue that leads anywhere, and tells where the others lead. Words alone count only if asked for, and where
// there is nothing better.
func (l *lookup) clues(ctx context.Context, clues []Clue, words bool) (answer Answer, err error) {
	seen, said, first := map[string]bool{}, map[string]bool{}, ClueWord
	for _, c := range clues {
		if said[c.Text] { // the more telling clue in it did
			continue
		}
		if c.Kind == ClueWord && (answer.Is() && first != ClueWord || !words) {
			break
		}
		if l.spent() || len(answer.Also) == maxAlso {
			break
		}
		next, err := l.resolve(ctx, c)
		if err != nil {
			return Answer{}, fmt.Errorf("look up %q: %w", clip(c.Text), err)
		}
		switch {
		case !next.Is():
			answer.File = cmp.Or(answer.File, next.File)
		case !answer.Is():
			answer, first, l.answered = next, c.Kind, true
			seen[next.identity()], said[c.Text] = true, c.Text != ""
		case len(next.Found) == 1 && !seen[next.identity()]:
			seen[next.identity()], said[c.Text] = true, c.Text != ""
			answer.Also = append(answer.Also, next)
		}
	}
	return answer, nil
}

// identity tells answers about one thing.
func (a Answer) identity() string {
	if len(a.Found) == 1 {
		return a.Found[0].Ref.String()
	}
	return a.Repository
}
