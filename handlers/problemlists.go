package handlers

import (
	"fmt"
	"strings"

	"bellhop/catalog"
	"bellhop/chat"
)

// problemSection are problems that stand together in an answer.
type problemSection struct {
	title    string
	ask      string // what /bellhop problems lists these alone by
	problems []catalog.Problem
}

// byOwner has a section for each who can mend some.
func byOwner(all []catalog.OwnedProblems) []problemSection {
	sections := make([]problemSection, len(all))
	for i, o := range all {
		sections[i] = problemSection{title: "Nobody's", ask: "nobody", problems: o.Problems}
		if !o.Owner.IsZero() {
			sections[i].title, sections[i].ask = o.Owner.Display(), o.Owner.Ref.String()
		}
	}
	return sections
}

// byFile has a section for each file, in the order of their first problems.
func byFile(all []catalog.OwnedProblems) (sections []problemSection) {
	at := map[string]int{}
	for _, o := range all {
		for _, p := range o.Problems {
			place := p.File
			if place == "" {
				place = p.Location
			}
			i, there := at[place]
			if !there {
				i, at[place] = len(sections), len(sections)
				sections = append(sections, problemSection{title: place, ask: place})
			}
			sections[i].problems = append(sections[i].problems, p)
		}
	}
	return sections
}

func problemsIn(sections []problemSection) (n int) {
	for _, s := range sections {
		n += len(s.problems)
	}
	return n
}

// problemsTold are the sections in one answer: where says in what the problems are, and well what nothing is wrong with.
func problemsTold(sections []problemSection, where, well string) chat.Reply {
	if len(sections) == 0 {
		return chat.Reply{Headline: chat.Textf("🟢 Nothing is wrong with %s.", well)}
	}
	return chat.Reply{
		Headline: chat.Textf("🟡 %s %s.", counted(problemsIn(sections), "problem", "problems"), where),
		Parts:    problemLists(sections),
	}
}

// problemLists are a list for each section, each with a fair part of the room, and buttons to those that did not fit.
func problemLists(sections []problemSection) []chat.Part {
	var parts []chat.Part
	var whole chat.Buttons
	left := problemsIn(sections)
	for i, room := 0, problemsShown; i < len(sections) && room > 0; i++ {
		s := sections[i]
		shown := min(len(s.problems), max(1, room/(len(sections)-i)))
		room, left = room-shown, left-shown
		list := chat.List{Title: fmt.Sprintf("%s · %d", s.title, len(s.problems)), More: len(s.problems) - shown}
		for _, p := range s.problems[:shown] {
			list.Items = append(list.Items, problemLine(p))
		}
		parts = append(parts, list)
		if list.More > 0 && len(sections) > 1 && len(whole) < 5 {
			whole = append(whole, chat.Button{Label: shorten(s.title, 60), Action: ActionTry, Value: "problems " + s.ask})
		}
	}
	if rest := sections[len(parts):]; len(rest) > 0 {
		parts = append(parts, chat.Context{Text: chat.Textf("And %s under %s.", counted(problemsIn(rest), "problem", "problems"), counted(len(rest), "more heading", "more headings"))})
	}
	if left > 0 {
		whole = append(whole, chat.Button{Label: "All as a file", Action: ActionTry, Value: "problems all"})
	}
	if len(whole) > 0 {
		parts = append(parts, whole)
	}
	return parts
}

// everyProblem is all of them as a file, as `bot catalog lint` prints problems, under who can mend them.
func everyProblem(all []catalog.OwnedProblems) chat.Reply {
	if len(all) == 0 {
		return problemsTold(nil, "", "the catalog's files")
	}
	var text strings.Builder
	sections := byOwner(all)
	for _, s := range sections {
		fmt.Fprintf(&text, "# %s · %d\n", s.title, len(s.problems))
		for _, p := range s.problems {
			fmt.Fprintf(&text, "%s: %s\n", p.Severity, p)
		}
		text.WriteByte('\n')
	}
	return chat.Reply{
		Headline: chat.Textf("🟡 All %s in the catalog's files, by who can mend them.", counted(problemsIn(sections), "problem", "problems")),
		Parts:    []chat.Part{chat.File{Name: "catalog-problems.txt", Data: []byte(text.String())}},
	}
}

// problemLine is a problem with its place first, as compilers write it.
func problemLine(p catalog.Problem) chat.Text {
	where, what, ok := strings.Cut(p.String(), ": ")
	mark := "🔴 "
	if p.Severity == catalog.SeverityWarning {
		mark = "🟡 "
	}
	if !ok {
		return chat.Line(chat.Plain(mark + where))
	}
	return chat.Line(chat.Plain(mark), chat.Code(where), chat.Plain(" "+what))
}
