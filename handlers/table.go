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
	if r.Via == chat.Click || r.Via == chat.Submit {
		return chat.Reply{}, chat.Errorf("This button belongs to an older version of Bellhop and does nothing any more. Ask anew, for example with /bellhop help.")
	}
	if strings.TrimSpace(r.Text) == "" {
		return t.umbrellaRow().Run(ctx, r)
	}
	word, rest, _ := strings.Cut(r.Text, " ")
	suggestion := strings.TrimSpace(nearest.Words(word, t.words(), 1)[0] + " " + rest)
	buttons := chat.Buttons{{Label: "Help", Action: ActionTry, Value: "help"}}
	if len(suggestion) <= maxValue { // cut, it would mean something else
		try := chat.Button{Label: shorten(suggestion, 60), Action: ActionTry, Value: suggestion, Style: chat.Primary}
		buttons = append(chat.Buttons{try}, buttons...)
	}
	return chat.Reply{}, chat.ErrorWith(
		fmt.Sprintf("%q is no command of mine. Did you mean %q?", shorten(word, 60), shorten(suggestion, 120)), buttons)
}

// words are all single words by which a command can be called.
func (t table) words() []string {
	var words []string
	for _, row := range append(slices.Clone(t.rows), t.umbrellaRow().Sub...) {
		for _, beginning := range append([]string{row.Name}, row.Words...) {
			if row.Name != umbrella && !strings.Contains(beginning, " ") {
				words = append(words, beginning)
			}
		}
	}
	return words
}

// shorten cuts text to at most n characters, with an ellipsis.
func shorten(text string, n int) string {
	runes := []rune(text)
	if len(runes) <= n {
		return text
	}
	return string(runes[:n-1]) + "…"
}
