package handlers

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"bellhop/catalog"
	"bellhop/chat"
	"bellhop/testruns"
)

// TestReports says what tests say; testruns.Reporter does.
type TestReports interface {
	AwaitLook(ctx context.Context, components []catalog.Entity, now time.Time, patience time.Duration) error
	Component(ctx context.Context, e catalog.Entity, p testruns.Period) (testruns.ComponentDigest, error)
	Run(ctx context.Context, repo string, run int64) (testruns.RunDigest, error)
	RepositoriesOfRun(ctx context.Context, run int64) ([]string, error)
}

// RunReader reads a run from GitHub at once; testruns.Collector does.
type RunReader interface {
	ReadRun(ctx context.Context, repo string, run int64) (testruns.RunDigest, error)
}

// TestsDeps is what /tests needs.
type TestsDeps struct {
	Entities  Entities
	Belonging Belonging
	Owners    Owners
	Reports   TestReports
	Runs      RunReader // nil where there is no GitHub: only what was kept is shown
	// Patience is how long an answer waits for a look at the repositories that is due; 0 is 5 s.
	Patience time.Duration
	// WebURL is where repositories are seen, with a slash at its end; empty is https://github.com/.
	WebURL string
}

// testsHandler answers `/tests`.
type testsHandler struct{ TestsDeps }

const (
	// periodDefault is how far /tests looks back when nothing else is asked, periodMost how far at most.
	periodDefault = 7 * 24 * time.Hour
	periodMost    = 90 * 24 * time.Hour
	// componentsMost is how many components one answer judges: each costs a few queries.
	componentsMost = 20
)

// testsCommand is the row of /tests.
func testsCommand(deps TestsDeps) chat.Command {
	deps.WebURL = cmp.Or(deps.WebURL, "https://github.com/")
	deps.Patience = cmp.Or(deps.Patience, 5*time.Second)
	h := testsHandler{deps}
	return chat.Command{
		Name: "tests", Slash: true,
		Words:    []string{"how are the tests of", "what fails in", "test results of", "tests of"},
		Usage:    "[COMPONENT] [7d] | run URL",
		Summary:  "says what the tests of a component say: new failures, whose they are, what is flaky",
		Examples: []string{"payments", "payments 14d", "run https://github.com/acme/payments/actions/runs/123"},
		Feature:  chat.Tests, Role: chat.Anyone, Run: h.run,
		Actions: []chat.CommandAction{{Name: "show", Run: h.show, Options: h.options}},
		Sub: []chat.Command{{
			Name: "run", Usage: "URL", Summary: "shows what failed in one run", Feature: chat.Tests, Role: chat.Anyone, Run: h.oneRun,
			Examples: []string{"https://github.com/acme/payments/actions/runs/123"},
		}},
	}
}

// show answers what was chosen in a menu.
func (h testsHandler) show(ctx context.Context, r chat.Request) (chat.Reply, error) {
	r.Text = r.Action.Value
	return h.run(ctx, r)
}

// options completes the name of a component while somebody types it.
func (h testsHandler) options(ctx context.Context, r chat.Request) ([]chat.Option, error) {
	found, err := typedSoFar(ctx, h.Entities, h.Belonging, catalog.KindComponent, r)
	if err != nil {
		return nil, err
	}
	return optionsOf(slices.DeleteFunc(found, func(e catalog.Entity) bool {
		_, ok := e.Repository()
		return !ok
	})), nil
}

// run answers for the component that is named, else for those of the channel's or the asker's teams.
func (h testsHandler) run(ctx context.Context, r chat.Request) (chat.Reply, error) {
	reply, err := h.answer(ctx, r)
	if err != nil {
		return chat.Reply{}, fmt.Errorf("tests: %w", err)
	}
	return reply, nil
}

func (h testsHandler) answer(ctx context.Context, r chat.Request) (chat.Reply, error) {
	asked, length, err := testsArguments(r.Text)
	if err != nil {
		return chat.Reply{}, err
	}
	zone := r.Person.Zone
	if zone == nil {
		zone = time.UTC
	}
	// What is taken in while the answer waits belongs to it.
	p := testruns.Period{Since: periodBegin(r.At.In(zone), length), Until: r.At.Add(2 * h.Patience), Asked: length}
	var components []catalog.Entity
	if asked == "" {
		if components, err = h.ours(ctx, r); err != nil {
			return chat.Reply{}, err
		}
	} else {
		if components, err = h.named(ctx, asked, length); err != nil {
			return chat.Reply{}, err
		}
	}
	return h.report(ctx, components, p, zone)
}

// periodBegin is when a period of that length begins: at midnight where it is one of whole days, today being the last.
func periodBegin(now time.Time, length time.Duration) time.Time {
	const day = 24 * time.Hour
	if length < 2*day || length%day != 0 {
		return now.Add(-length)
	}
	y, m, d := now.Date()
	return time.Date(y, m, d-int(length/day)+1, 0, 0, 0, 0, now.Location())
}

// testsArguments reads "payments 7d", "of payments for the last 2 weeks", "7d".
func testsArguments(text string) (component string, length time.Duration, err error) {
	words := chat.Words(text)
	for len(words) > 0 && words[0].Is("of", "in", "for") {
		words = words[1:]
	}
	length = periodDefault
	for from := range words { // the longest end that reads as a length of time
		if d, ok := chat.ParseDuration(chat.JoinWords(words[from:])); ok {
			length, words = d, words[:from]
			break
		}
	}
	if lengthless := withoutLength(words); len(lengthless) < len(words) { // none that can be meant, but one all the same
		words, length = lengthless, 0
	}
	for len(words) > 0 && words[len(words)-1].Is("last", "past", "the", "for", "since", "in") {
		words = words[:len(words)-1]
	}
	if length < time.Hour || length > periodMost {
		return "", 0, chat.Errorf("Bellhop looks back an hour at least and 90 days at most. Type for example: %s",
			strings.Join(strings.Fields("/tests "+shorten(chat.JoinWords(words), 60)+" 7d"), " "))
	}
	return chat.JoinWords(words), length, nil
}

// lengthLike is a length of time by its form, however long.
var lengthLike = regexp.MustCompile(`^(?i)-?\d[\d.,]*\s?(m|min|mins|minutes?|h|hrs?|hours?|d|days?|w|weeks?|mo|months?|y|years?)$`)

// withoutLength takes what looks like a length of time from the end of words.
func withoutLength(words []chat.Word) []chat.Word {
	for n := 1; n <= min(2, len(words)); n++ {
		rest, end := words[:len(words)-n], words[len(words)-n:]
		text := end[0].Text
		if n == 2 {
			text += " " + end[1].Text
		}
		if !end[0].Quoted && lengthLike.MatchString(text) {
			return rest
		}
	}
	return words
}

// named finds what was asked for: a component, or a team for all of its components.
func (h testsHandler) named(ctx context.Context, asked string, length time.Duration) ([]catalog.Entity, error) {
	found, err := h.Entities.Find(ctx, asked)
	if err != nil {
		return nil, err
	}
	tested := slices.DeleteFunc(slices.Clone(found.Exact), func(e catalog.Entity) bool { _, ok := e.Repository(); return !ok })
	again := func(e catalog.Entity) chat.Button {
		return chat.Button{Label: label(e), Action: ActionTry, Value: fmt.Sprintf("tests %s %s", e.Ref, inHours(length))}
	}
	switch {
	case len(tested) == 1:
		return tested, nil
	case len(tested) > 1:
		return nil, chat.ErrorWith(fmt.Sprintf("%q may be any of %d. Which one?", shorten(asked, 60), len(tested)), buttonsOf(tested, again))
	case len(found.Exact) > 0 && (found.Exact[0].Is(catalog.KindGroup) || found.Exact[0].Is(catalog.KindUser)):
		owned, err := h.tested(ctx, found.Exact[0])
		if err == nil && len(owned) == 0 {
			err = chat.Errorf("%s owns no component with a repository, so there are no tests to follow.", found.Exact[0].Display())
		}
		return owned, err
	case len(found.Exact) > 0:
		return nil, chat.Errorf("%s (%s) has no repository in the catalog, so its tests are not followed. Its descriptor needs the annotation github.com/project-slug.",
			found.Exact[0].Display(), kindWord(found.Exact[0]))
	}
	near := slices.DeleteFunc(slices.Clone(found.Near), func(e catalog.Entity) bool { // what has no tests is no answer
		_, ok := e.Repository()
		return !e.Is(catalog.KindGroup) && (!ok || !e.Is(catalog.KindComponent))
	})
	if len(near) > 0 {
		return nil, chat.ErrorWith(fmt.Sprintf("Nothing in the catalog is called %q. The nearest names with tests are these:", shorten(asked, 60)), buttonsOf(near, again))
	}
	return nil, chat.ErrorWith(fmt.Sprintf("Nothing in the catalog is called %q, or anything like it.", shorten(asked, 60)),
		chat.Menu{Label: "Look for it here", Action: "tests.show", Searched: true})
}

func buttonsOf(entities []catalog.Entity, button func(catalog.Entity) chat.Button) chat.Buttons {
	const most = 5
	var b chat.Buttons
	for _, e := range entities[:min(len(entities), most)] {
		b = append(b, button(e))
	}
	return b
}

// inHours writes a length of time as the grammar reads it.
func inHours(d time.Duration) string {
	if d%(24*time.Hour) == 0 {
		return fmt.Sprintf("%dd", d/(24*time.Hour))
	}
	return fmt.Sprintf("%dh", max(1, d/time.Hour))
}

// ours are the components of the channel's teams, else of the asker's.
func (h testsHandler) ours(ctx context.Context, r chat.Request) ([]catalog.Entity, error) {
	teams, err := ourTeams(ctx, h.Belonging, r)
	if err != nil {
		return nil, err
	}
	var all []catalog.Entity
	for _, team := range teams {
		owned, err := h.tested(ctx, team)
		if err != nil {
			return nil, err
		}
		for _, e := range owned {
			if !slices.ContainsFunc(all, func(had catalog.Entity) bool { return had.Ref == e.Ref }) {
				all = append(all, e)
			}
		}
	}
	if len(all) == 0 {
		return nil, chat.ErrorWith("The tests of what? I know of no components of this channel's team or of yours. Type a name behind the command, for example: /tests payments",
			chat.Menu{Label: "Or look for it here", Action: "tests.show", Searched: true})
	}
	return all, nil
}

// tested are what an owner owns that has a repository.
func (h testsHandler) tested(ctx context.Context, owner catalog.Entity) ([]catalog.Entity, error) {
	owned, err := h.Owners.Owned(ctx, owner.Ref)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(owned), func(e catalog.Entity) bool {
		_, ok := e.Repository()
		return !ok || !e.Is(catalog.KindComponent)
	}), nil
}

// report judges the components and puts the answer into words.
func (h testsHandler) report(ctx context.Context, components []catalog.Entity, p testruns.Period, zone *time.Location) (chat.Reply, error) {
	var digests []testruns.ComponentDigest
	left := len(components) - min(len(components), componentsMost)
	components = components[:len(components)-left]
	if err := h.Reports.AwaitLook(ctx, components, p.Until, h.Patience); err != nil {
		return chat.Reply{}, err
	}
	for _, e := range components {
		d, err := h.Reports.Component(ctx, e, p)
		if err != nil {
			return chat.Reply{}, err
		}
		digests = append(digests, d)
	}
	if len(digests) == 1 {
		return h.reportOne(digests[0], zone), nil
	}
	reply := DigestReply(testruns.Digest{Period: p, Components: digests}, h.WebURL)
	reply.To = chat.OnlyYou
	if left > 0 {
		reply.Parts = append(reply.Parts, chat.Context{Text: chat.Textf("%d more components are left out; ask for them by name.", left)})
	}
	return reply, nil
}

func (h testsHandler) reportOne(d testruns.ComponentDigest, zone *time.Location) chat.Reply {
	const shown = 10
	reply := chat.Reply{Headline: digestLine(d), Parts: digestParts(d, h.WebURL, shown)}
	if chart, ok := runsChart(d, zone); ok {
		reply.Parts = append(reply.Parts, chart)
	}
	if d.Judgement.Latest.URL != "" {
		reply.Parts = append(reply.Parts, chat.Buttons{
			{Label: "Latest run", URL: d.Judgement.Latest.URL},
			{Label: "What it said", Action: ActionTry, Value: "tests run " + strings.TrimSpace(d.Judgement.Latest.URL)},
		})
	}
	return reply
}
