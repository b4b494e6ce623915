package slack

import "strings"

// Names is how a workspace calls the slash commands, since another app may own a word already.
type Names struct {
	Prefix string            // before every command: "acme-" makes /acme-who-owns
	Words  map[string]string // a command's own word, without slash and prefix: {"who-owns": "owner"} makes /owner
}

// Slash is how a command of the table is typed: "/who-owns".
func (n Names) Slash(command string) string {
	if word := n.Words[command]; word != "" {
		return "/" + strings.TrimPrefix(word, "/")
	}
	return "/" + n.Prefix + command
}

// command is the table's word for what was typed.
func (n Names) command(typed string) string {
	typed = strings.TrimPrefix(typed, "/")
	for command, word := range n.Words {
		if strings.EqualFold(strings.TrimPrefix(word, "/"), typed) {
			return command
		}
	}
	return strings.TrimPrefix(typed, n.Prefix)
}
