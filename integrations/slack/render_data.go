package slack

import (
	"fmt"
	"math"
	"strings"
	"time"

	goslack "github.com/slack-go/slack"

	"bellhop/chat"
)

// Slack: a data_table has at most 100 rows under its head, 20 columns and 10,000 characters; cells are cut so that no
// single one fills it. https://docs.slack.dev/reference/block-kit/blocks/data-table-block/
const (
	maxRows    = 101
	pageRows   = 15 // shown at a time; Slack's own 5 hide most of a short table
	maxColumns = 20
	maxCell    = 300
)

// table puts a table that can be sorted and paged, or its rows as lines where such tables are refused.
func (b *builder) table(t chat.Table) {
	if len(t.Columns) == 0 || len(t.Rows) == 0 {
		return
	}
	if !b.on.rich || b.lost > 0 || len(t.Columns) > maxColumns || b.tables > 0 {
		b.list(tableAsList(t))
		return
	}
	head := make([]goslack.DataTableCell, len(t.Columns))
	total := size(t.Title)
	for i, name := range t.Columns {
		name = cutString(firstOf(clean(name), "–"), maxCell)
		head[i] = goslack.NewDataTableRawTextCell(name)
		total += size(name)
	}
	block := goslack.NewDataTableBlock(cutString(firstOf(clean(t.Title), clean(strings.Join(t.Columns, ", ")), "Table"), maxCell))
	block.AddRow(head...)
	more := t.More
	for i, row := range t.Rows {
		cells, n := b.rr.row(row, len(t.Columns))
		if total+n > b.charsLeft-100 || len(block.Rows) == maxRows {
			more += len(t.Rows) - i
			break
		}
		block.AddRow(cells...)
		total += n
	}
	if len(block.Rows) == 1 || b.blocksLeft < 2 {
		b.list(tableAsList(t))
		return
	}
	b.tables++
	b.rich = true
	block.PageSize = min(len(block.Rows)-1, pageRows)
	if b.add(block, total) && more > 0 {
		note := fmt.Sprintf("… and %d more rows", more)
		b.add(contextBlock(note), size(note))
	}
}

// row is a table's row in exactly columns cells, and its characters.
func (rr renderer) row(row []chat.Text, columns int) ([]goslack.DataTableCell, int) {
	cells, total := make([]goslack.DataTableCell, columns), 0
	for i := range cells {
		var text chat.Text
		if i < len(row) {
			text = row[i]
		}
		words := cutString(firstOf(clean(text.In(time.UTC)), "–"), maxCell)
		total += size(words)
		if elements := rr.richCell(text); elements != nil {
			cells[i] = goslack.NewDataTableRichTextCell(goslack.NewRichTextSection(elements...))
		} else {
			cells[i] = goslack.NewDataTableRawTextCell(words)
		}
	}
	return cells, total
}

// richCell is a cell's text with its links and moments, or nil when plain words say it all.
func (rr renderer) richCell(t chat.Text) []goslack.RichTextSectionElement {
	if size(t.In(time.UTC)) > maxCell {
		return nil
	}
	var elements []goslack.RichTextSectionElement
	linked := false
	for _, span := range t {
		switch s := span.(type) {
		case chat.Link:
			if !strings.HasPrefix(link(s.URL, s.Label), "<") {
				elements = append(elements, goslack.NewRichTextSectionTextElement(firstOf(clean(s.Label), clean(s.URL), "–"), nil))
				continue
			}
			linked = true
			elements = append(elements, goslack.NewRichTextSectionLinkElement(strings.TrimSpace(s.URL), firstOf(clean(s.Label), s.URL), nil))
		case chat.Named:
			if rr.teamURL == "" || !slackID.MatchString(s.ID) {
				elements = append(elements, goslack.NewRichTextSectionTextElement(firstOf(clean(s.Name), "–"), nil))
				continue
			}
			linked = true
			elements = append(elements, goslack.NewRichTextSectionLinkElement(rr.teamURL+"team/"+s.ID, firstOf(clean(s.Name), s.ID), nil))
		default:
			if words := clean(chat.Text{span}.In(time.UTC)); words != "" {
				elements = append(elements, goslack.NewRichTextSectionTextElement(words, nil))
			}
		}
	}
	if !linked {
		return nil
	}
	return elements
}

// tableAsList is a table as lines, for where there are no tables.
func tableAsList(t chat.Table) chat.List {
	list := chat.List{Title: firstOf(t.Title, strings.Join(t.Columns, " · ")), More: t.More}
	for _, row := range t.Rows {
		list.Items = append(list.Items, chat.Join(" · ", row...))
	}
	return list
}

// Slack: two data_visualization blocks a message, 6 series of 20 points, labels of 20 characters, titles of 50.
// https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block/
const (
	maxCharts     = 2
	maxSeries     = 6
	maxPoints     = 20
	maxLabel      = 20
	maxChartTitle = 50
)

// chart puts a drawing of numbers, or a line of small bars a series where drawings are refused.
func (b *builder) chart(c chat.Chart) {
	if !b.on.rich || b.charts == maxCharts || len(c.Series) == 0 || len(c.Series) > maxSeries || len(c.Labels) == 0 || !even(c) {
		b.text(chat.Text{chat.Plain(c.Words())})
		return
	}
	if skip := len(c.Labels) - maxPoints; skip > 0 { // the newest are the ones that matter
		c.Labels = c.Labels[skip:]
		kept := make([]chat.Series, len(c.Series))
		for i, s := range c.Series {
			kept[i] = chat.Series{Name: s.Name, Values: s.Values[skip:]}
		}
		c.Series = kept
	}
	labels := distinct(c.Labels)
	var names []string
	for _, s := range c.Series {
		names = append(names, s.Name)
	}
	names = distinct(names)
	series := make([]goslack.DataVisualizationDataSeries, len(c.Series))
	total := maxChartTitle
	for i, s := range c.Series {
		points := make([]goslack.DataVisualizationDataPoint, len(labels))
		for j, label := range labels {
			points[j] = goslack.NewDataVisualizationDataPoint(label, finite(s.Values[j]))
			total += size(label)
		}
		series[i] = goslack.NewDataVisualizationDataSeries(names[i], points...)
	}
	axis := goslack.NewDataVisualizationAxisConfig(labels...)
	var drawing goslack.DataVisualizationChart = goslack.NewDataVisualizationLineChart(axis, series...)
	if c.Kind == chat.BarChart {
		drawing = goslack.NewDataVisualizationBarChart(axis, series...)
	}
	b.charts++
	b.rich = true
	b.add(goslack.NewDataVisualizationBlock(cutString(firstOf(clean(c.Title), "Chart"), maxChartTitle), drawing), total)
}

// even tells whether every series has a value for each label.
func even(c chat.Chart) bool {
	for _, s := range c.Series {
		if len(s.Values) != len(c.Labels) {
			return false
		}
	}
	return true
}

// distinct cuts labels to Slack's length and numbers those that are then the same or empty.
func distinct(labels []string) []string {
	seen, out := map[string]bool{}, make([]string, len(labels))
	for i, label := range labels {
		name := cutString(firstOf(clean(label), "–"), maxLabel)
		for n := 2; seen[name]; n++ {
			suffix := fmt.Sprintf(" (%d)", n)
			name = cutString(firstOf(clean(label), "–"), maxLabel-size(suffix)) + suffix
		}
		seen[name], out[i] = true, name
	}
	return out
}

func finite(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return v
}
