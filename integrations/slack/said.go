package slack

import (
	"encoding/json"
	"regexp"
	"strings"
)

// maxSaid is how many characters of a message a shortcut looks at. Slack: a message's text is cut there.
const maxSaid = 40_000

// saidMessage is a message on which a shortcut was used, as far as it says something.
type saidMessage struct {
	TS          string            `json:"ts"`
	ThreadTS    string            `json:"thread_ts"`
	Text        string            `json:"text"`
	BotID       string            `json:"bot_id"`
	Blocks      json.RawMessage   `json:"blocks"`
	Attachments []json.RawMessage `json:"attachments"`
	Files       []struct {
		Title   string `json:"title"`
		Preview string `json:"preview"` // the beginning of a snippet
	} `json:"files"`
}

// said is all that a message says, as it was typed. Alerts of other apps say it in attachments and blocks, over a text of
// a few words that stands in notifications, and long logs are pasted as snippets.
func (m saidMessage) said() string {
	parts := []string{m.Text}
	if m.BotID != "" || m.Text == "" {
		parts = append(parts, texts(m.Blocks)...)
	}
	for _, attachment := range m.Attachments {
		parts = append(parts, texts(attachment)...)
	}
	for i, part := range parts {
		parts[i] = unlinked(part)
	}
	for _, file := range m.Files {
		parts = append(parts, file.Title, file.Preview)
	}
	var all strings.Builder
	told := map[string]bool{"": true}
	for _, part := range parts {
		if part = typed(part); !told[part] {
			told[part] = true
			all.WriteString(part + "\n")
		}
	}
	return strings.TrimSpace(cutString(all.String(), maxSaid))
}

// sayingKeys are the fields of blocks and attachments that people read, in the order in which they read them.
var sayingKeys = []string{"pretext", "author_name", "title", "title_link", "text", "url", "value", "alt_text", "from_url"}

// texts are what people read of blocks or of an attachment, top down.
func texts(raw json.RawMessage) []string {
	var tree any
	if json.Unmarshal(raw, &tree) != nil {
		return nil // a message without them
	}
	var found []string
	var walk func(node any)
	walk = func(node any) {
		switch node := node.(type) {
		case []any:
			for _, child := range node {
				walk(child)
			}
		case map[string]any:
			for _, key := range sayingKeys {
				if text, ok := node[key].(string); ok {
					found = append(found, text)
				} else {
					walk(node[key])
				}
			}
			for _, key := range []string{"fields", "elements", "blocks", "message_blocks", "message", "rows"} {
				walk(node[key])
			}
		}
	}
	walk(tree)
	return found
}

// slackLink is a link as it stands in Slack's text.
var slackLink = regexp.MustCompile(`<(https?://[^|>]*|mailto:[^|>]*)(?:\|([^>]*))?>`)

// unlinked is a text with its links as they were typed: Slack makes links of addresses, and of what looks like a host, in
// the midst of a stack trace.
func unlinked(text string) string {
	return slackLink.ReplaceAllStringFunc(text, func(link string) string {
		parts := slackLink.FindStringSubmatch(link)
		address, label := parts[1], parts[2]
		switch {
		case label == "":
			return address
		case strings.HasSuffix(address, label): // github.com/acme, a@b.c
			return label
		}
		return label + " " + address
	})
}
