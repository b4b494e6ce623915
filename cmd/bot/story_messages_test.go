package main

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// message is a message as the playground keeps it, in Slack's shape.
type message struct {
	TS     string           `json:"ts"`
	Thread string           `json:"thread_ts"`
	Text   string           `json:"text"`
	Blocks []map[string]any `json:"blocks"`
}

// element is an interactive element of a message.
type element struct {
	Type     string         `json:"type"`
	ActionID string         `json:"action_id"`
	Value    string         `json:"value"`
	Text     map[string]any `json:"text"`
	Options  []any          `json:"options"`
	block    string
	message  string
}

func (e element) label() string {
	text, _ := e.Text["text"].(string)
	return text
}

// option is the menu's option of that label, or nil.
func (e element) option(label string) map[string]any {
	for _, o := range e.Options {
		option, _ := o.(map[string]any)
		text, _ := option["text"].(map[string]any)
		if text["text"] == label {
			return option
		}
	}
	return nil
}

func (s *story) messages(ts *testscript.TestScript, path string) []message {
	var answer struct {
		Messages []message `json:"messages"`
	}
	s.call(ts, http.MethodGet, path, nil, &answer)
	return answer.Messages
}

// labelled is a link, a moment or a mention in Slack's markup, of which people see the part behind the bar.
var labelled = regexp.MustCompile(`<[^<>|]*\|([^<>]*)>`)

// words is what a person reads in the message: its blocks' texts a line each, or its text where it has none.
func (m message) words() string {
	lines := []string{m.Text}
	if len(m.Blocks) > 0 {
		lines = nil
	}
	for _, block := range m.Blocks {
		lines = append(lines, textsIn(block)...)
	}
	return labelled.ReplaceAllString(strings.Join(lines, "\n"), "$1")
}

// textsIn collects every text below a block, in the order in which a reader meets them.
func textsIn(v any) []string {
	switch v := v.(type) {
	case []any:
		var all []string
		for _, item := range v {
			all = append(all, textsIn(item)...)
		}
		return all
	case map[string]any:
		var all []string
		if text, ok := v["text"].(string); ok {
			all = append(all, text)
		}
		if alt, ok := v["alt_text"].(string); ok {
			all = append(all, "[picture: "+alt+"]")
		}
		for _, key := range []string{"title", "text", "fields", "elements", "rows", "accessory", "label", "element", "options", "placeholder"} {
			if _, isText := v[key].(string); !isText {
				all = append(all, textsIn(v[key])...)
			}
		}
		return all
	}
	return nil
}

func wordsOf(messages []message) string {
	var b strings.Builder
	for _, m := range messages {
		b.WriteString("── " + m.TS + "\n" + m.words() + "\n")
	}
	return b.String()
}

// home stands for the person's App Home where a channel is named.
const home = "home"

// homeOf is the person's App Home as a message, whose ts is the view's id; nothing before it was opened.
func (s *story) homeOf(ts *testscript.TestScript, user string) []message {
	var answer struct {
		View *struct {
			ID     string           `json:"id"`
			Blocks []map[string]any `json:"blocks"`
		} `json:"view"`
	}
	s.call(ts, http.MethodGet, "/_control/home/"+user, nil, &answer)
	if answer.View == nil {
		return nil
	}
	return []message{{TS: answer.View.ID, Blocks: answer.View.Blocks}}
}

// over stands for the view that is open over everything else, where a channel is named.
const over = "view"

// overOf is the person's topmost open view as a message, whose ts is the view's id; nothing where none is open.
func (s *story) overOf(ts *testscript.TestScript, user string) []message {
	var answer struct {
		Views []struct {
			ID     string           `json:"id"`
			Blocks []map[string]any `json:"blocks"`
		} `json:"views"`
	}
	s.call(ts, http.MethodGet, "/_control/views/"+user, nil, &answer)
	if len(answer.Views) == 0 {
		return nil
	}
	top := answer.Views[len(answer.Views)-1]
	return []message{{TS: top.ID, Blocks: top.Blocks}}
}

// seenBy is every message that the person sees in the channel, newest last, private ones after the others.
func (s *story) seenBy(ts *testscript.TestScript, user, channel string) []message {
	switch channel {
	case home:
		return s.homeOf(ts, user)
	case over:
		return s.overOf(ts, user)
	}
	return append(s.messages(ts, "/_control/messages/"+channel), s.messages(ts, "/_control/ephemerals/"+channel+"/"+user)...)
}

func (s *story) transcript(ts *testscript.TestScript, user, channel string) string {
	return wordsOf(s.seenBy(ts, user, channel))
}

// element is the newest element that the person sees for which want is true.
func (s *story) element(ts *testscript.TestScript, user, channel string, want func(element) bool) *element {
	var found *element
	for _, m := range s.seenBy(ts, user, channel) {
		for _, block := range m.Blocks {
			for _, e := range elementsOf(block) {
				e.message = m.TS
				if want(e) && (found == nil || found.message <= e.message) {
					found = &e
				}
			}
		}
	}
	return found
}

// elementsOf is the interactive elements of a block.
func elementsOf(block map[string]any) []element {
	var candidates []any
	if list, ok := block["elements"].([]any); ok {
		candidates = append(candidates, list...)
	}
	candidates = append(candidates, block["accessory"], block["element"])
	var all []element
	for _, candidate := range candidates {
		raw, err := json.Marshal(candidate)
		if err != nil {
			continue
		}
		var e element
		if json.Unmarshal(raw, &e) == nil && e.ActionID != "" {
			e.block, _ = block["block_id"].(string)
			all = append(all, e)
		}
	}
	return all
}
