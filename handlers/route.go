package handlers

import (
	"strings"

	"bellhop/chat"
)

// route is what a request means by the table: a row, and the row's action when something was pressed.
type route struct {
	row     *chat.Command
	action  *chat.CommandAction
	request chat.Request // with Text holding the arguments alone
	words   string       // the whole ask as it would be typed after /bellhop
}

// The actions that belong to no row: they stand for words, and mean what the words mean.
const (
	// ActionTry does what its value says, as if it had been typed after /bellhop. Suggestions carry it.
	ActionTry = "bellhop.try"
	// ActionShare shows the answer to its value to the whole conversation.
	ActionShare = "bellhop.share"
	// ActionAgain is ActionTry on a command that arrived too late to be done unasked.
	ActionAgain = "bellhop.again"
)

// changes tells whether handling the route changes anything.
func (r route) changes() bool {
	if r.action != nil {
		return r.action.Changes
	}
	return r.row != nil && r.row.Changes
}

// role is who may take the route; to change something takes a member, whatever the table says.
func (r route) role() chat.Role {
	role := r.row.Role
	if r.action != nil {
		role = max(role, r.action.Role)
	}
	if r.changes() {
		role = max(role, chat.Members)
	}
	return role
}

func (r route) run() chat.Handler {
	if r.action != nil {
		return r.action.Run
	}
	return r.row.Run
}

// operation names the route in logs: "deploy-env", "deploy-env.cancel", "tests run".
func (r route) operation() string {
	switch {
	case r.action != nil:
		return r.request.Action.Name
	case r.row != nil:
		return r.row.Name
	}
	return "unknown"
}

// find reads what a request means. A nil row means that no row was named; the request is then a cry for help or a
// slip of the keyboard.
func (t table) find(r chat.Request) route {
	switch r.Via {
	case chat.Click, chat.Submit, chat.Shortcut:
		return t.findAction(r)
	case chat.Opened:
		return route{row: &t.home, request: r}
	}
	if r.Command != "" && r.Command != umbrella {
		if row := t.byName(r.Command); row != nil {
			return t.descend(row, r, r.Text)
		}
	}
	return t.findWords(r, r.Text)
}

// findAction reads a pressed button, a chosen option, a submitted form or a used shortcut.
func (t table) findAction(r chat.Request) route {
	switch r.Action.Name {
	case ActionTry, ActionAgain, ActionShare:
		return t.findWords(r, r.Action.Value)
	}
	command, name, _ := strings.Cut(r.Action.Name, ".")
	for _, rows := range [][]chat.Command{t.rows, t.umbrellaRow().Sub} {
		for i := range rows {
			for j := range rows[i].Actions {
				if strings.EqualFold(rows[i].Name, command) && rows[i].Actions[j].Name == name {
					to := route{row: &rows[i], action: &rows[i].Actions[j], request: r}
					if r.Via == chat.Shortcut {
						to.words = rows[i].Name + " " + r.Text
					}
					return to
				}
			}
		}
	}
	return route{request: r}
}

// findWords reads free words: "who owns payments?", "deploy-env feature-x", "please deploy #482 to staging". Of rows that begin
// alike the longest beginning counts.
func (t table) findWords(r chat.Request, text string) route {
	text = courtesy(text)
	row, rest := longestBeginning(t.rows, text)
	if sub, after := longestBeginning(t.umbrellaRow().Sub, text); sub != nil && (row == nil || len(after) < len(rest)) {
		r.Text = after
		return route{row: sub, request: r, words: strings.TrimSpace(sub.Name + " " + after)}
	}
	if row != nil {
		return t.descend(row, r, rest)
	}
	r.Text = text
	return route{request: r}
}

// longestBeginning is the row that the most of a text's first words name, with what follows them; nil where none is named.
func longestBeginning(rows []chat.Command, text string) (named *chat.Command, rest string) {
	for i := range rows {
		for _, beginning := range beginnings(&rows[i]) {
			if after, ok := afterWords(text, beginning); ok && (named == nil || len(after) < len(rest)) {
				named, rest = &rows[i], after
			}
		}
	}
	return named, rest
}

// descend goes from a row to the subcommand that the first argument names, if there is one.
func (t table) descend(row *chat.Command, r chat.Request, text string) route {
	if row.Name == umbrella {
		return t.findWords(r, text)
	}
	for i := range row.Sub {
		if rest, ok := afterWords(text, row.Sub[i].Name); ok {
			r.Text = rest
			return route{row: &row.Sub[i], request: r, words: strings.TrimSpace(row.Name + " " + row.Sub[i].Name + " " + rest)}
		}
	}
	r.Text = strings.TrimSpace(text)
	return route{row: row, request: r, words: strings.TrimSpace(row.Name + " " + r.Text)}
}

// beginnings are the ways in which words may name a row, in the order in which they are tried.
func beginnings(row *chat.Command) []string {
	return append([]string{row.Name, strings.ReplaceAll(row.Name, "-", " ")}, row.Words...)
}

// afterWords gives what follows words at the start of text, compared without case and on whole words.
func afterWords(text, words string) (string, bool) {
	rest := text
	for word := range strings.FieldsSeq(words) {
		rest = strings.TrimLeft(rest, " \t\n")
		if len(rest) < len(word) || !strings.EqualFold(rest[:len(word)], word) {
			return "", false
		}
		rest = rest[len(word):]
		if rest != "" && !strings.ContainsAny(rest[:1], " \t\n?!.:,") {
			return "", false
		}
	}
	return strings.TrimSpace(strings.TrimLeft(rest, "?!.:,")), true
}

// courtesy takes away what people say before they come to the point, and the slash of a command typed after a mention.
// Who only says hello has said nothing yet.
func courtesy(text string) string {
	text = strings.TrimSpace(text)
	for again := true; again; {
		again = false
		for _, word := range []string{"hey", "hi", "hello", "please", "pls", "can you", "could you", "bellhop"} {
			if rest, ok := afterWords(text, word); ok {
				text, again = rest, true
			}
		}
	}
	return strings.TrimPrefix(text, "/")
}
