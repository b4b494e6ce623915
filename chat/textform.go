package chat

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Text is the whole reply in words, in the order in which a chat shows it, moments in zone (UTC when nil): for a
// terminal, and for anything else without blocks. It ends without a line feed.
func (r Reply) Text(zone *time.Location) string {
	if zone == nil {
		zone = time.UTC
	}
	pieces := []string{r.Headline.linked(zone)}
	for _, part := range r.Parts {
		pieces = append(pieces, partText(part, zone))
	}
	if r.Form != nil {
		pieces = append(pieces, r.Form.text(zone))
	}
	var kept []string
	for _, piece := range pieces {
		if piece = strings.TrimRight(piece, " \n"); piece != "" {
			kept = append(kept, piece)
		}
	}
	return strings.Join(kept, "\n")
}

// partText is one part in words.
func partText(part Part, zone *time.Location) string {
	switch p := part.(type) {
	case Heading:
		return "\n" + printable(string(p))
	case Paragraph:
		return p.Text.linked(zone)
	case Fields:
		return p.text(zone)
	case List:
		return p.text(zone)
	case Table:
		return p.text(zone)
	case Chart:
		return printable(p.Words())
	case Progress:
		return Join(" · ", Text{Plain(p.Bar())}, p.Label).linked(zone)
	case Image:
		return "[picture: " + printable(p.Alt) + "]"
	case File:
		return "[file: " + printable(p.Name) + "]"
	case Context:
		return p.Text.linked(zone)
	case Buttons:
		return p.text()
	case Menu:
		return p.text()
	}
	return ""
}

func (f Fields) text(zone *time.Location) string {
	width := 0
	for _, field := range f {
		width = max(width, utf8.RuneCountInString(field.Label))
	}
	var b strings.Builder
	for _, field := range f {
		fmt.Fprintf(&b, "%-*s  %s\n", width, printable(field.Label), field.Value.linked(zone))
	}
	return b.String()
}

func (l List) text(zone *time.Location) string {
	var b strings.Builder
	if l.Title != "" {
		b.WriteString(printable(l.Title) + "\n")
	}
	for _, item := range l.Items {
		b.WriteString("• " + item.linked(zone) + "\n")
	}
	if l.More > 0 {
		fmt.Fprintf(&b, "… and %d more\n", l.More)
	}
	return b.String()
}

// text is a table with aligned columns.
func (t Table) text(zone *time.Location) string {
	rows := [][]string{nil}
	for _, name := range t.Columns {
		rows[0] = append(rows[0], printable(name))
	}
	for _, row := range t.Rows {
		var cells []string
		for _, cell := range row {
			cells = append(cells, strings.ReplaceAll(cell.linked(zone), "\n", " "))
		}
		rows = append(rows, cells)
	}
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	if t.Title != "" {
		b.WriteString(printable(t.Title) + "\n")
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			fmt.Fprintf(&line, "%-*s  ", widths[i], cell)
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	if t.More > 0 {
		fmt.Fprintf(&b, "… and %d more\n", t.More)
	}
	return b.String()
}

// Words is the chart without a drawing: a line a series, with small bars and its first, lowest, highest and last value.
func (c Chart) Words() string {
	lines := []string{c.Title}
	if c.Title == "" {
		lines = nil
	}
	span := ""
	if n := len(c.Labels); n > 1 {
		span = " (" + c.Labels[0] + " to " + c.Labels[n-1] + ")"
	}
	for _, s := range c.Series {
		if len(s.Values) == 0 {
			continue
		}
		low, high := bounds(s.Values)
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s %s → %s, between %s and %s%s", s.Name, bars(s.Values, low, high),
			number(s.Values[0]), number(s.Values[len(s.Values)-1]), number(low), number(high), span)))
	}
	return strings.Join(lines, "\n")
}

func bounds(values []float64) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if !math.IsNaN(v) {
			low, high = min(low, v), max(high, v)
		}
	}
	return low, high
}

// bars draws values as signs of eight heights; a value that is no number is a gap.
func bars(values []float64, low, high float64) string {
	heights := []rune("▁▂▃▄▅▆▇█")
	out := make([]rune, len(values))
	for i, v := range values {
		at := 0
		if high > low {
			at = int((v - low) / (high - low) * float64(len(heights)-1))
		}
		out[i] = ' '
		if !math.IsNaN(v) {
			out[i] = heights[min(max(at, 0), len(heights)-1)]
		}
	}
	return string(out)
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// Bar is how far something is as signs and numbers: "▓▓▓░░░░░░░ 3 of 10".
func (p Progress) Bar() string {
	const width = 10
	if p.Total <= 0 {
		return strings.Repeat("░", width)
	}
	done := min(max(p.Done, 0), p.Total)
	full := done * width / p.Total
	return strings.Repeat("▓", full) + strings.Repeat("░", width-full) + fmt.Sprintf(" %d of %d", done, p.Total)
}

func (b Buttons) text() string {
	var labels []string
	for _, button := range b {
		label := "[" + printable(button.Label) + "]"
		if button.URL != "" {
			label += " " + printable(button.URL)
		}
		labels = append(labels, label)
	}
	return strings.Join(labels, "  ")
}

func (m Menu) text() string {
	var labels []string
	for _, option := range m.Options {
		labels = append(labels, printable(option.Label))
	}
	if m.Searched || len(labels) == 0 {
		return printable(m.Label) + ": …"
	}
	return printable(m.Label) + ": " + strings.Join(labels, " | ")
}

func (f Form) text(zone *time.Location) string {
	lines := []string{printable(f.Title), f.Intro.linked(zone)}
	for _, field := range f.Fields {
		line := printable(field.Label) + ": " + printable(field.Value)
		if field.Hint != "" {
			line += " (" + printable(field.Hint) + ")"
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// linked is the text in words with the addresses of its links behind their labels.
func (t Text) linked(zone *time.Location) string {
	var b strings.Builder
	for _, span := range t {
		words := span.plain(zone)
		if l, ok := span.(Link); ok && words != l.URL {
			words += " (" + l.URL + ")"
		}
		b.WriteString(words)
	}
	return printable(b.String())
}

// printable takes out control characters: a branch may be named to move a terminal's cursor.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && unicode.IsControl(r) {
			return -1
		}
		return r
	}, s)
}
