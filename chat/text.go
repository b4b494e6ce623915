package chat

import (
	"fmt"
	"strings"
	"time"
)

// Text is a line or paragraph in spans. What a person, a branch or a test name brought in stands in a Plain, Bold,
// Italic or Code span or in a label, and whoever renders it escapes it: nothing in a span is ever markup.
type Text []Span

// Span is one stretch of a Text: Plain, Bold, Italic, Code, Link, AtBot, Named, Notified, NotifiedGroup, Channel or Moment.
type Span interface {
	// plain is how the span reads without any formatting, with moments in zone.
	plain(zone *time.Location) string
}

type (
	// Plain is text as it stands.
	Plain string
	// Bold is emphasised text.
	Bold string
	// Italic is slightly emphasised text.
	Italic string
	// Code is text in a fixed-width font: commands, branches, commits.
	Code string
	// AtBot is Code in which the bot is called by the name that it has where it is read: Before, "@bellhop", After.
	AtBot struct{ Before, After string }
	// Link leads to URL; an empty Label shows the URL.
	Link struct{ Label, URL string }
	// Named is a person spoken of: shown by name, not woken.
	Named struct{ ID, Name string }
	// Notified is a person spoken to: wakes them wherever others see the message.
	Notified struct{ ID, Name string }
	// NotifiedGroup is a user group spoken to, by its Slack id.
	NotifiedGroup struct{ ID, Name string }
	// Channel is a channel's name that leads there. Without an ID it is shown as #Name.
	Channel struct{ ID, Name string }
	// Moment is a point in time, shown in the reader's own time zone.
	Moment struct {
		At    time.Time
		Style MomentStyle
	}
)

// MomentStyle is how much of a moment is shown.
type MomentStyle int

// The styles of a moment.
const (
	DateTime    MomentStyle = iota // Mon 24 Nov 14:02
	TimeOnly                       // 14:02
	DateOnly                       // Mon 24 Nov
	WeekdayTime                    // Mon 14:02, for moments of the last days
)

func (p Plain) plain(*time.Location) string  { return string(p) }
func (b Bold) plain(*time.Location) string   { return string(b) }
func (i Italic) plain(*time.Location) string { return string(i) }
func (c Code) plain(*time.Location) string   { return string(c) }

func (a AtBot) plain(*time.Location) string { return a.As("bellhop") }

// As is the span with the bot's name, without its @.
func (a AtBot) As(name string) string { return a.Before + "@" + name + a.After }

func (l Link) plain(*time.Location) string {
	if l.Label == "" || l.Label == l.URL {
		return l.URL
	}
	return l.Label
}

func (n Named) plain(*time.Location) string         { return n.Name }
func (n Notified) plain(*time.Location) string      { return n.Name }
func (n NotifiedGroup) plain(*time.Location) string { return n.Name }
func (c Channel) plain(*time.Location) string       { return "#" + strings.TrimPrefix(c.Name, "#") }

func (m Moment) plain(zone *time.Location) string { return m.Format(zone) }

// Format is the moment as it reads in zone (UTC when nil).
func (m Moment) Format(zone *time.Location) string {
	if zone == nil {
		zone = time.UTC
	}
	layout := "Mon 2 Jan 15:04"
	switch m.Style {
	case TimeOnly:
		layout = "15:04"
	case DateOnly:
		layout = "Mon 2 Jan"
	case WeekdayTime:
		layout = "Mon 15:04"
	}
	return m.At.In(zone).Format(layout)
}

// Textf is text formatted as by fmt.Sprintf. What stands between backticks in format is Code; backticks in args are plain
// text like all else there. Indexed verbs (%[1]s) and widths from arguments (%*d) are not understood.
func Textf(format string, args ...any) Text {
	if !strings.Contains(format, "`") {
		return Text{Plain(fmt.Sprintf(format, args...))}
	}
	var text Text
	for i, part := range strings.Split(format, "`") {
		n := min(verbs(part), len(args))
		if said := fmt.Sprintf(part, args[:n]...); i%2 == 1 {
			text = append(text, Code(said))
		} else if said != "" {
			text = append(text, Plain(said))
		}
		args = args[n:]
	}
	return text
}

// verbs counts the arguments that a format takes.
func verbs(format string) int {
	return strings.Count(strings.ReplaceAll(format, "%%", ""), "%")
}

// Line joins spans into a Text.
func Line(spans ...Span) Text { return spans }

// Join puts sep between texts; empty ones are left out.
func Join(sep string, texts ...Text) Text {
	var all Text
	for _, t := range texts {
		if len(t) == 0 {
			continue
		}
		if len(all) > 0 {
			all = append(all, Plain(sep))
		}
		all = append(all, t...)
	}
	return all
}

// String is the text without formatting, moments in UTC.
func (t Text) String() string { return t.In(time.UTC) }

// In is the text without formatting, moments in zone.
func (t Text) In(zone *time.Location) string {
	var b strings.Builder
	for _, s := range t {
		b.WriteString(s.plain(zone))
	}
	return b.String()
}
