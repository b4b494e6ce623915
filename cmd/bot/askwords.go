package main

import (
	"regexp"
	"slices"
	"strings"

	"bellhop/chat"
	"bellhop/handlers"
)

// inTerminal is a reply as a terminal can use it: what would be pressed or chosen is what to type instead, links show
// their addresses, and what only Slack can do is left out.
func inTerminal(reply chat.Reply, rows []chat.Command) chat.Reply {
	t := terminalWords{rows: rows}
	reply.Headline = t.text(reply.Headline)
	var parts []chat.Part
	for _, part := range reply.Parts {
		switch p := part.(type) {
		case chat.Paragraph:
			part = chat.Paragraph{Text: t.text(p.Text)}
		case chat.Context:
			part = chat.Context{Text: t.text(p.Text)}
		case chat.List:
			p.Items = t.texts(p.Items)
			part = p
		case chat.Buttons:
			part = t.buttons(p)
		case chat.Menu:
			part = t.menu(p)
		}
		parts = append(parts, part)
	}
	reply.Parts = parts
	return reply
}

// terminalWords turns what is done in Slack into what is typed in a terminal.
type terminalWords struct{ rows []chat.Command }

// text shows commands that only ask as they are asked here: `/tests payments` as `bot ask tests payments`.
func (t terminalWords) text(text chat.Text) chat.Text {
	out := slices.Clone(text)
	for i, span := range out {
		code, ok := span.(chat.Code)
		if !ok {
			continue
		}
		words, slash := strings.CutPrefix(string(code), "/")
		name, _, _ := strings.Cut(words, " ")
		if slash && slices.ContainsFunc(t.rows, func(row chat.Command) bool { return row.Name == name && !row.Changes }) {
			out[i] = chat.Code("bot ask " + strings.TrimPrefix(words, "bellhop "))
		}
	}
	return out
}

func (t terminalWords) texts(all []chat.Text) []chat.Text {
	out := make([]chat.Text, len(all))
	for i, text := range all {
		out[i] = t.text(text)
	}
	return out
}

// buttons are a line each: a link with its address, or the words that the button stands for. Others have no meaning here.
func (t terminalWords) buttons(buttons chat.Buttons) chat.Part {
	var list chat.List
	for _, b := range buttons {
		switch {
		case b.URL != "":
			list.Items = append(list.Items, chat.Line(chat.Plain(b.Label+": "+b.URL)))
		case b.Action == handlers.ActionTry:
			list.Items = append(list.Items, t.asking(b.Label, b.Value)...)
		}
	}
	return list
}

// menu is a line for each choice; one that is searched while typing has none.
func (t terminalWords) menu(menu chat.Menu) chat.Part {
	list := chat.List{Title: menu.Label}
	if command, show := strings.CutSuffix(menu.Action, ".show"); !menu.Searched && (show || menu.Action == handlers.ActionTry) {
		for _, option := range menu.Options {
			words := option.Value
			if show {
				words = command + " " + words
			}
			list.Items = append(list.Items, t.asking(option.Label, words)...)
		}
	}
	if len(list.Items) == 0 {
		return chat.List{}
	}
	return list
}

// asking is a line with what to type for words, or none where they change something.
func (t terminalWords) asking(label, words string) []chat.Text {
	name, _, _ := strings.Cut(words, " ")
	if slices.ContainsFunc(t.rows, func(row chat.Command) bool { return row.Name == name && row.Changes }) {
		return nil
	}
	return []chat.Text{chat.Line(chat.Plain(label+": "), chat.Code("bot ask "+shellQuoted(words)))}
}

// plainWords are words that every shell passes on as they stand.
var plainWords = regexp.MustCompile(`^[A-Za-z0-9_./:@%+=,-]+( [A-Za-z0-9_./:@%+=,-]+)*$`)

// shellQuoted is words as they can be typed behind a command.
func shellQuoted(words string) string {
	if plainWords.MatchString(words) {
		return words
	}
	return "'" + strings.ReplaceAll(words, "'", `'\''`) + "'"
}
