package chat

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Target is what a command is about, as it was typed. Nothing in it is guessed: Component and Kind may be names that
// do not exist.
type Target struct {
	Component string
	Kind      string
	Ref       string // branch, tag or commit
	// PullRequest is the number of #482 or of a pull request's address; Repository is then "owner/repo", where the
	// address said so.
	PullRequest int
	Repository  string
	For         time.Duration // how long; zero where nothing was said
	Until       time.Time     // until when; zero where nothing was said
	Because     string
}

// Names tells which words are known; ParseTarget asks it about words that no keyword introduces.
type Names interface {
	// IsComponent tells whether word is just the name of a component.
	IsComponent(word string) bool
	// IsKind tells whether word is just the name of a kind of environment.
	IsKind(word string) bool
}

// ParseTarget reads `REF [of COMPONENT] [to KIND] [for 48h] [until 18:00] [because …]`. The order of ref, component and
// kind is free; COMPONENT@REF, #482 and a pull request's address say two at once; `component:NAME` names a component
// that is called like a keyword. Times are read in zone (UTC when nil), as seen from now. What cannot be understood is
// a UserError.
func ParseTarget(text string, names Names, now time.Time, zone *time.Location) (Target, error) {
	if zone == nil {
		zone = time.UTC
	}
	var (
		t     Target
		loose []Word
		words = Words(text)
	)
	for len(words) > 0 {
		w := words[0]
		words = words[1:]
		switch {
		case w.Is("because"):
			t.Because = JoinWords(words)
			words = nil
			if t.Because == "" {
				return t, Errorf("Because of what? Say the reason after `because`.")
			}
		case w.Is("for"):
			d, n := duration(words)
			if n == 0 {
				return t, Errorf("I do not know how long %q is. Say it like `for 48h`, `for 2d` or `for 90m`.", phrase("for", words))
			}
			t.For, t.Until, words = d, time.Time{}, words[n:]
		case w.Is("until", "till"):
			until, n := moment(words, now.In(zone))
			if n == 0 {
				return t, Errorf("I do not know when %q is. Say it like `until 18:00`, `until tomorrow 9:00` or `until 2026-11-30 12:00`.", phrase("until", words))
			}
			if !until.After(now) {
				return t, Errorf("%s has passed.", until.In(zone).Format("Mon 2 Jan 15:04"))
			}
			t.Until, t.For, words = until, 0, words[n:]
		case w.Is("of") && len(words) == 0:
			return t, Errorf("Of which component? Say its name after `of`, as in `feature-x of payments`.")
		case w.Is("to") && len(words) == 0:
			return t, Errorf("To which kind of environment? Say it after `to`, as in `feature-x to staging`.")
		case w.Is("of"):
			if err := set(&t.Component, "component", withoutPrefix(words[0])); err != nil {
				return t, err
			}
			words = words[1:]
		case w.Is("to", "in", "on", "into", "onto") && len(words) > 0:
			if err := set(&t.Kind, "kind of environment", strings.ToLower(words[0].Text)); err != nil {
				return t, err
			}
			words = words[1:]
		default:
			loose = append(loose, w)
		}
	}
	return t, t.place(loose, names)
}

// place finds out what the words without a keyword are.
func (t *Target) place(loose []Word, names Names) error {
	var unknown []Word
	for _, w := range loose {
		if done, err := t.compound(w, names); err != nil {
			return err
		} else if !done {
			unknown = append(unknown, w)
		}
	}
	// A branch may be called like a component or a kind. With one word for each the names win; a single word that
	// could be either is the name, and the branch is asked for: nothing is deployed on a guess.
	var left []Word
	for _, w := range unknown {
		switch {
		case t.Component == "" && !w.Quoted && names.IsComponent(w.Text):
			t.Component = w.Text
		case t.Kind == "" && !w.Quoted && names.IsKind(w.Text):
			t.Kind = strings.ToLower(w.Text)
		default:
			left = append(left, w)
		}
	}
	for _, w := range left {
		switch {
		case t.Ref == "" && t.PullRequest == 0:
			t.Ref = w.Text
		case t.Component == "":
			t.Component = w.Text
		default:
			return Errorf("I do not understand %q here. The words are REF of COMPONENT to KIND, as in `feature-x of payments to preview`.", echo(w.Text))
		}
	}
	return nil
}

var (
	pullURL    = regexp.MustCompile(`^https?://[^/\s]+/([\w.-]+/[\w.-]+)/pull/(\d{1,9})(?:[/?#].*)?$`)
	pullNumber = regexp.MustCompile(`^#(\d{1,9})$`)
)

// compound reads a word that says by its form what it is.
func (t *Target) compound(w Word, names Names) (done bool, err error) {
	if w.Quoted {
		return false, nil
	}
	if m := pullURL.FindStringSubmatch(w.Text); m != nil {
		t.Repository = m[1]
		return true, t.setPull(m[2])
	}
	if m := pullNumber.FindStringSubmatch(w.Text); m != nil {
		return true, t.setPull(m[1])
	}
	if name, ok := strings.CutPrefix(strings.ToLower(w.Text), "component:"); ok && name != "" {
		return true, set(&t.Component, "component", withoutPrefix(w))
	}
	component, ref, ok := strings.Cut(w.Text, "@")
	if !ok || component == "" || ref == "" || !names.IsComponent(component) {
		return false, nil
	}
	if err := set(&t.Component, "component", component); err != nil {
		return true, err
	}
	if m := pullNumber.FindStringSubmatch(ref); m != nil {
		return true, t.setPull(m[1])
	}
	return true, t.setRef(ref)
}

func (t *Target) setPull(digits string) error {
	n, err := strconv.Atoi(digits)
	if err != nil || n == 0 {
		return Errorf("There is no pull request #%s.", digits)
	}
	if t.Ref != "" || t.PullRequest != 0 && t.PullRequest != n {
		return Errorf("Which one is it: %s or #%d?", t.what(), n)
	}
	t.PullRequest = n
	return nil
}

func (t *Target) setRef(ref string) error {
	if t.PullRequest != 0 {
		return Errorf("Which one is it: %s or %q?", t.what(), echo(ref))
	}
	return set(&t.Ref, "branch", ref)
}

func (t *Target) what() string {
	if t.PullRequest != 0 {
		return "#" + strconv.Itoa(t.PullRequest)
	}
	return strconv.Quote(echo(t.Ref))
}

// echo is a typed word as it is said back: nobody needs to read thousands of letters again.
func echo(word string) string { return Shorten(word, 60) }

// set refuses a second, different answer to the same question.
func set(to *string, what, value string) error {
	if *to != "" && !strings.EqualFold(*to, value) {
		return Errorf("Which %s is it: %q or %q?", what, echo(*to), echo(value))
	}
	*to = value
	return nil
}

// withoutPrefix is the component's name in component:NAME.
func withoutPrefix(w Word) string {
	const prefix = "component:"
	if !w.Quoted && len(w.Text) > len(prefix) && strings.EqualFold(w.Text[:len(prefix)], prefix) {
		return w.Text[len(prefix):]
	}
	return w.Text
}

// phrase is a keyword with what follows it, for an error.
func phrase(keyword string, words []Word) string {
	return echo(strings.TrimSpace(keyword + " " + JoinWords(words[:min(len(words), 2)])))
}
