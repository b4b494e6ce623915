package slack

import (
	"regexp"
	"slices"
	"strings"
)

// Slack's marks in a message's text: a person, a channel, a group, a special mention, a link.
var (
	marks   = regexp.MustCompile(`<(@[UW][A-Z0-9]+|#C[A-Z0-9]+|!subteam\^S[A-Z0-9]+|!(?:channel|here|everyone)|(?:https?://|mailto:)[^<>|\s]+)(\|[^<>]*)?>`)
	atName  = regexp.MustCompile(`(^|[\s(,;:])([@#])([A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9_-]|[A-Za-z0-9])`)
	bareURL = regexp.MustCompile(`(^|[\s(])(https?://[^\s<>|]+[^\s<>|.,;:!?)])`)
)

// escapeText is how Slack stores what a person typed: &, < and > are never markup by themselves.
func escapeText(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
}

// outsideMarks runs f over the parts of text that are no mark, and keep over the marks.
func outsideMarks(text string, f func(string) string, keep func(string) string) string {
	var out strings.Builder
	at := 0
	for _, span := range marks.FindAllStringIndex(text, -1) {
		out.WriteString(f(text[at:span[0]]))
		out.WriteString(keep(text[span[0]:span[1]]))
		at = span[1]
	}
	out.WriteString(f(text[at:]))
	return out.String()
}

// typed turns what a person typed into the text that Slack stores: names after @ and # and addresses become marks,
// everything else is escaped. Marks of people and channels that a script wrote itself are kept; a typed <!channel> is
// not one, since a person cannot write it so.
func (s *Server) typed(text string) string {
	return s.mark(text, true, true)
}

// command is the text of a slash command: with should_escape as in a message, but names carry their label; without,
// names and addresses stay as typed.
func (s *Server) commandText(text string, shouldEscape bool) string {
	if shouldEscape {
		return s.mark(text, false, false)
	}
	return outsideMarks(text, escapeText, func(mark string) string { return s.unmark(mark) })
}

func (s *Server) mark(text string, special, bare bool) string {
	plain := func(part string) string {
		part = escapeText(part)
		part = bareURL.ReplaceAllString(part, "$1<$2>")
		return replaceNames(part, func(sign, name string) string { return s.nameMark(sign, name, special, bare) })
	}
	keep := func(mark string) string {
		if strings.HasPrefix(mark, "<!") && !strings.HasPrefix(mark, "<!subteam") {
			return escapeText(mark)
		}
		if bare || strings.Contains(mark, "|") || strings.HasPrefix(mark, "<http") || strings.HasPrefix(mark, "<mailto") {
			return mark
		}
		if labelled := s.label(strings.Trim(mark, "<>")); labelled != "" {
			return labelled
		}
		return mark
	}
	return outsideMarks(text, plain, keep)
}

// replaceNames replaces @name and #name outside of marks by what f makes of them; "" leaves them.
func replaceNames(text string, f func(sign, name string) string) string {
	replace := func(part string) string {
		return atName.ReplaceAllStringFunc(part, func(found string) string {
			groups := atName.FindStringSubmatch(found)
			if made := f(groups[2], groups[3]); made != "" {
				return groups[1] + made
			}
			return found
		})
	}
	return outsideMarks(text, replace, func(mark string) string { return mark })
}

func (s *Server) nameMark(sign, name string, special, bare bool) string {
	if sign == "#" {
		c := s.state.channel(name)
		if c == nil || c.IsIM {
			return ""
		}
		return "<#" + c.ID + "|" + c.Name + ">"
	}
	lower := strings.ToLower(name)
	if special && slices.Contains([]string{"channel", "here", "everyone"}, lower) {
		return "<!" + lower + ">"
	}
	for _, g := range s.cfg.World.Usergroups {
		if g.Handle == lower {
			if bare {
				return "<!subteam^" + g.ID + ">"
			}
			return "<!subteam^" + g.ID + "|@" + g.Handle + ">"
		}
	}
	if u := s.state.person(name); u != nil && u.Name == lower {
		if bare {
			return "<@" + u.ID + ">"
		}
		return "<@" + u.ID + "|" + u.Name + ">"
	}
	return ""
}

// label is a mark of a person or a channel with its name; "" when there is no such.
func (s *Server) label(inner string) string {
	if u := s.state.users[strings.TrimPrefix(inner, "@")]; u != nil && inner[0] == '@' {
		return "<@" + u.ID + "|" + u.Name + ">"
	}
	if c := s.state.channels[strings.TrimPrefix(inner, "#")]; c != nil && inner[0] == '#' {
		return "<#" + c.ID + "|" + c.Name + ">"
	}
	return ""
}

// unmark is a mark as the person typed it.
func (s *Server) unmark(mark string) string {
	inner, label, _ := strings.Cut(strings.Trim(mark, "<>"), "|")
	switch {
	case strings.HasPrefix(inner, "@"):
		if u := s.state.users[inner[1:]]; u != nil {
			return "@" + u.Name
		}
	case strings.HasPrefix(inner, "#"):
		if c := s.state.channels[inner[1:]]; c != nil {
			return "#" + c.Name
		}
	case strings.HasPrefix(inner, "http") || strings.HasPrefix(inner, "mailto:"):
		if label != "" {
			return label
		}
		return inner
	}
	return escapeText(mark)
}

// linkNames is what link_names and parse=full do to a bot's text: names become marks, and so wake people.
func (s *Server) linkNames(text string) string {
	return replaceNames(text, func(sign, name string) string { return s.nameMark(sign, name, true, true) })
}

// loud says that a method's message wakes those whom it mentions.
func loud(method string) bool { return method == "chat.postMessage" || method == "response_url" }

// notified is whom a message that others see wakes: user ids, user group ids, and channel, here or everyone. Slack
// looks for mentions in text and in mrkdwn and rich text of blocks, never in plain text.
func (s *Server) notified(m *Message) []string {
	var out []string
	add := func(who string) {
		if !slices.Contains(out, who) {
			out = append(out, who)
		}
	}
	scan := func(text string) {
		for _, groups := range marks.FindAllStringSubmatch(text, -1) {
			switch inner := groups[1]; {
			case inner[0] == '@':
				add(inner[1:])
			case strings.HasPrefix(inner, "!subteam^"):
				add(strings.TrimPrefix(inner, "!subteam^"))
			case inner[0] == '!':
				add(inner[1:])
			}
		}
	}
	scan(m.Text)
	walk(m.Blocks, func(o object) { mentionsOf(o, scan, add) })
	walk(m.Attachments, func(o object) { mentionsOf(o, scan, add) })
	return out
}

func mentionsOf(o object, scan, add func(string)) {
	text := func(name string) string {
		value, _ := o[name].(string)
		return value
	}
	switch text("type") {
	case "plain_text", "text", "raw_text", "raw_number":
	case "user":
		add(text("user_id"))
	case "usergroup":
		add(text("usergroup_id"))
	case "broadcast":
		add(text("range"))
	default:
		scan(text("text"))
		scan(text("pretext"))
	}
}

// walk visits every JSON object in v, depth first.
func walk(v any, visit func(object)) {
	switch v := v.(type) {
	case []object:
		for _, o := range v {
			walk(o, visit)
		}
	case []any:
		for _, o := range v {
			walk(o, visit)
		}
	case object:
		visit(v)
		for _, o := range v {
			walk(o, visit)
		}
	}
}
