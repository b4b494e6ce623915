package handlers

import (
	"fmt"

	"bellhop/catalog"
	"bellhop/chat"
)

// driftHeadline counts; more tells that not all components were looked at.
func driftHeadline(whose string, drifted, seen int, more bool) chat.Text {
	all, of := "all ", ""
	if more {
		all, of = "", "the first "
	}
	switch {
	case drifted == 0 && seen == 1:
		return chat.Textf("🟢 %s: nothing speaks against its owner", whose)
	case drifted == 0:
		return chat.Textf("🟢 %s: nothing speaks against the owners of %s%s%d components", whose, all, of, seen)
	}
	return chat.Textf("%s: something speaks against the owner of %d of %s%s", whose, drifted, of, counted(seen, "component", "components"))
}

// driftLine is what speaks against an owner, with the buttons that mend it.
type driftLine struct {
	words   chat.Text
	buttons chat.Buttons
}

// driftLines are first those that a button mends, then the others; what is the same of several stands in one line.
func driftLines(drifted []catalog.Drift) []driftLine {
	var lines []driftLine
	var reasons []string
	alike := map[string][]catalog.Drift{}
	for _, d := range drifted {
		if buttons := driftButtons(d); len(buttons) > 0 {
			lines = append(lines, driftLine{driftWords(d), buttons})
			continue
		}
		reason := driftFacts(d).String()
		if alike[reason] == nil {
			reasons = append(reasons, reason)
		}
		alike[reason] = append(alike[reason], d)
	}
	for _, reason := range reasons {
		names := make([]string, len(alike[reason]))
		for i, d := range alike[reason] {
			names[i] = d.Entity.Name
		}
		is := " is "
		if len(names) > 1 {
			is = " are "
		}
		lines = append(lines, driftLine{words: append(chat.Line(chat.Bold(someOf(names, true)), chat.Plain(is)), driftFacts(alike[reason][0])...)})
	}
	return lines
}

// driftWords are a component's owner and what speaks against it: `loyalty is Storefront's by the catalog · Identity's by
// CODEOWNERS line 1 · 12 of 14 commits in 90 days are Identity's`.
func driftWords(d catalog.Drift) chat.Text {
	return append(chat.Line(chat.Bold(d.Entity.Name), chat.Plain(" is ")), driftFacts(d)...)
}

// driftFacts are those words without the name.
func driftFacts(d catalog.Drift) chat.Text {
	var text chat.Text
	owner := d.Owner
	switch {
	case owner.Found && len(owner.People) == 0 && owner.Next != nil:
		text = append(text, chat.Plain(fmt.Sprintf("%s, which has nobody left", possessive(owner.Group))))
		if len(owner.Gone) > 0 {
			text = append(text, chat.Plain(" ("+displays(owner.Gone[:min(len(owner.Gone), 3)])+" left)"))
		}
	case owner.Found:
		text = append(text, chat.Plain(fmt.Sprintf("%s by the catalog", possessive(owner.Group))))
	case owner.Named.IsZero():
		text = append(text, chat.Plain("nobody's by the catalog"))
	default:
		text = append(text, chat.Plain(fmt.Sprintf("owned by %s, which is not in the catalog", owner.Named.Short())))
	}
	if d.CodeOwner != nil {
		text = append(text, chat.Plain(fmt.Sprintf(" · %s by CODEOWNERS line %d", possessive(*d.CodeOwner), d.Rule.Line)))
	}
	if team, n := d.WorkerCommits(); n > 0 {
		text = append(text, chat.Plain(fmt.Sprintf(" · %d of %d commits in 90 days are %s", n, d.Commits, possessive(team))))
	}
	if d.Better != nil && owner.Next != nil && d.Better.Ref == owner.Next.Group.Ref {
		text = append(text, nextUp(owner.Next)...)
	}
	return text
}

func possessive(e catalog.Entity) string { return e.Display() + "'s" }
