package handlers

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"bellhop/chat"
	"bellhop/nearest"
)

// umbrella is the slash command under which every other command is a word.
const umbrella = "bellhop"

// table is the rows with what the router adds to them.
type table struct {
	rows []chat.Command
	home chat.Command
}

func newTable(rows []chat.Command, home chat.Handler) table {
	return table{rows: rows, home: chat.Command{Name: "home", Role: chat.Anyone, Run: home}}
}

// byName finds a row by its word.
func (t table) byName(name string) *chat.Command {
	for i := range t.rows {
		if strings.EqualFold(t.rows[i].Name, name) {
			return &t.rows[i]
		}
	}
	return nil
}

// umbrellaRow is the row of /bellhop itself.
func (t table) umbrellaRow() *chat.Command {
	if row := t.byName(umbrella); row != nil {
		return row
	}
	return &chat.Command{Name: umbrella}
}

// unknown answers words that name no row: with help if there are none, else with the nearest command.
func (t table) unknown(ctx context.Context, r chat.Request) (chat.Reply, error) {
	if r.Via == chat.Shortcut {
		return chat.Reply{}, chat.Errorf("This shortcut belongs to another version of Bellhop. Ask with /who-owns, or have the app's manifest brought up to date.")
	}
	if r.Via == chat.Click || r.Via == chat.Submit {
		return chat.Reply{}, chat.Errorf("This button belongs to an older version of Bellhop and does nothing any more. Ask anew, for example with /bellhop help.")
	}
	if strings.TrimSpace(r.Text) == "" {
		return t.umbrellaRow().Run(ctx, r)
	}
	help := chat.Button{Label: "Help", Action: ActionTry, Value: "help"}
	said := shorten(r.Text, 60)
	guess, ok := t.guess(r.Text)
	if !ok || len(guess) > maxValue { // cut, it would mean something else
		return chat.Reply{}, chat.ErrorWith(fmt.Sprintf("I do not understand %q.", said), chat.Buttons{help})
	}
	try := chat.Button{Label: shorten(guess, 60), Action: ActionTry, Value: guess, Style: chat.Primary}
	return chat.Reply{}, chat.ErrorWith(fmt.Sprintf("I do not understand %q. Did you mean %q?", said, shorten(guess, 120)), chat.Buttons{try, help})
}

// guess is what was probably meant, if the first words are a command's but for typing errors or a missing end.
func (t table) guess(text string) (words string, ok bool) {
	typed := strings.Fields(text)
	const unfinished = 1 << 5 // a beginning is a weaker sign than a word with typing errors
	least := unfinished + 1
	for _, row := range append(slices.Clone(t.rows), t.umbrellaRow().Sub...) {
		for _, beginning := range beginnings(&row) {
			n := len(strings.Fields(beginning))
			if row.Name == umbrella || n > len(typed) {
				continue
			}
			first := strings.ToLower(strings.Join(typed[:n], " "))
			far := nearest.Distance(first, beginning, nearest.Allowed(first))
			if far > nearest.Allowed(first) {
				if len(first) < 3 || !strings.HasPrefix(beginning, first) {
					continue
				}
				far = unfinished
			}
			if far < least {
				least, ok = far, true
				words = strings.TrimSpace(row.Name + " " + strings.Join(typed[n:], " "))
			}
		}
	}
	return words, ok
}

// typedAs is how words are typed in Slack.
func (t table) typedAs(words string) string {
	name, rest, _ := strings.Cut(words, " ")
	if row := t.byName(name); row != nil {
		return strings.TrimSpace(typed(*row) + " " + rest)
	}
	return "/" + umbrella + " " + words
}

// shorten cuts text to at most n characters, with an ellipsis.
func shorten(text string, n int) string {
	return chat.Shorten(text, n)
}
