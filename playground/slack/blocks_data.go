package slack

import (
	"slices"
	"strconv"
	"unicode/utf8"
)

// Slack's limits of tables and charts.
const (
	maxRows       = 100 // without a data_table's header
	maxColumns    = 20
	maxTableText  = 10000
	maxSeries     = 6
	maxPoints     = 20
	maxChartLabel = 20
	maxChartTitle = 50
)

func itoa(n int) string { return strconv.Itoa(n) }

// table checks table and data_table. A data_table's first row is its header.
func (k *checker) table(kind string, block object, at string) {
	most := maxRows
	if kind == "data_table" {
		k.known(block, at, "type", "block_id", "caption", "rows", "page_size", "row_header_column_index")
		k.required(block, at, "caption")
		if n, given := number(block["page_size"]); given && (n < 1 || n > 100) {
			k.fault(at+"/page_size", "must be between 1 and 100")
		}
		most++
	} else {
		k.known(block, at, "type", "block_id", "rows", "column_settings")
		if settings, _ := block["column_settings"].([]any); len(settings) > maxColumns {
			k.fault(at+"/column_settings", "no more than %d items allowed", maxColumns)
		}
	}
	rows, ok := block["rows"].([]any)
	switch {
	case !ok:
		k.fault(at, "missing required field: rows")
		return
	case len(rows) == 0 || kind == "data_table" && len(rows) < 2:
		k.fault(at+"/rows", "no less than %d items allowed", 1+most-maxRows)
		return
	case len(rows) > most:
		k.fault(at+"/rows", "no more than %d items allowed", most)
		return
	}
	text, width := 0, 0
	for i, r := range rows {
		row, ok := r.([]any)
		place := at + "/rows/" + itoa(i)
		switch {
		case !ok:
			k.fault(place, "must be an array")
			continue
		case len(row) == 0 || len(row) > maxColumns:
			k.fault(place, "no more than %d items allowed", maxColumns)
		case kind == "data_table" && i > 0 && len(row) != width:
			k.fault(place, "every row must have %d cells", width)
		}
		if i == 0 {
			width = len(row)
		}
		for j, cell := range row {
			text += k.cell(kind, i == 0, cell, place+"/"+itoa(j))
		}
	}
	if text > maxTableText {
		k.fault(at+"/rows", "must be less than %d characters", maxTableText+1)
	}
}

// cell checks one cell and returns how many characters it shows.
func (k *checker) cell(table string, header bool, v any, at string) int {
	if v == nil && table == "table" {
		return 0
	}
	cell, ok := v.(object)
	if !ok {
		k.fault(at, "must be an object")
		return 0
	}
	kind, _ := cell["type"].(string)
	allowed := []string{"raw_text", "raw_number", "rich_text"}
	if table == "data_table" {
		allowed = append(allowed, "action_cell")
	}
	if !slices.Contains(allowed, kind) || table == "data_table" && header && kind != "raw_text" {
		k.fault(at+"/type", "unsupported type: %s", kind)
		return 0
	}
	switch kind {
	case "raw_text":
		k.known(cell, at, "type", "text")
		if text, ok := cell["text"].(string); !ok || text == "" {
			k.fault(at+"/text", "must be more than 0 characters")
		}
	case "raw_number":
		k.known(cell, at, "type", "value", "text")
		if _, ok := number(cell["value"]); !ok {
			k.fault(at, "missing required field: value")
		}
	case "rich_text":
		k.each(cell, at, "elements", 0, k.richText)
	case "action_cell":
		if element, ok := cell["element"].(object); ok {
			k.element(element, at+"/element", []string{"button"})
		} else {
			k.fault(at, "missing required field: element")
		}
	}
	shown := 0
	walk(cell, func(o object) {
		if text, ok := o["text"].(string); ok {
			shown += utf8.RuneCountInString(text)
		}
	})
	return shown
}

// chart checks a data_visualization block.
func (k *checker) chart(block object, at string) {
	k.label(block, at, "title", maxChartTitle)
	chart, ok := block["chart"].(object)
	if !ok {
		k.fault(at, "missing required field: chart")
		return
	}
	at += "/chart"
	switch kind, _ := chart["type"].(string); kind {
	case "pie":
		k.known(chart, at, "type", "segments")
		k.each(chart, at, "segments", maxSeries, func(o object, at string) {
			k.label(o, at, "label", maxChartLabel)
			if n, ok := number(o["value"]); !ok || n <= 0 {
				k.fault(at+"/value", "must be more than 0")
			}
		})
	case "line", "bar", "area":
		k.known(chart, at, "type", "series", "axis_config")
		k.series(chart, k.axis(chart, at), at)
	default:
		k.fault(at+"/type", "unsupported type: %s", kind)
	}
}

// label is a required text that is given as a plain string.
func (k *checker) label(o object, at, field string, most int) {
	k.required(o, at, field)
	k.maxLength(o, at, field, most)
}

// axis checks a chart's categories and returns them.
func (k *checker) axis(chart object, at string) []string {
	config, ok := chart["axis_config"].(object)
	if !ok {
		k.fault(at, "missing required field: axis_config")
		return nil
	}
	at += "/axis_config"
	k.known(config, at, "categories", "x_label", "y_label")
	k.maxLength(config, at, "x_label", maxChartTitle)
	k.maxLength(config, at, "y_label", maxChartTitle)
	list, _ := config["categories"].([]any)
	if len(list) == 0 || len(list) > maxPoints {
		k.fault(at+"/categories", "must have 1 to %d items", maxPoints)
	}
	var categories []string
	for i, v := range list {
		category, _ := v.(string)
		place := at + "/categories/" + itoa(i)
		switch n := utf8.RuneCountInString(category); {
		case n == 0:
			k.fault(place, "must be more than 0 characters")
		case n > maxChartLabel:
			k.fault(place, "must be less than %d characters", maxChartLabel+1)
		case slices.Contains(categories, category):
			k.fault(place, "must be unique")
		}
		categories = append(categories, category)
	}
	return categories
}

// series checks that each series has one point for every category.
func (k *checker) series(chart object, categories []string, at string) {
	names := map[string]bool{}
	k.each(chart, at, "series", maxSeries, func(one object, at string) {
		k.known(one, at, "name", "data")
		k.label(one, at, "name", maxChartLabel)
		name, _ := one["name"].(string)
		if names[name] {
			k.fault(at+"/name", "must be unique")
		}
		names[name] = true
		points := map[string]bool{}
		k.each(one, at, "data", maxPoints, func(point object, at string) {
			k.label(point, at, "label", maxChartLabel)
			label, _ := point["label"].(string)
			if !slices.Contains(categories, label) || points[label] {
				k.fault(at+"/label", "must match one of the categories, each once")
			}
			points[label] = true
			if _, ok := number(point["value"]); !ok {
				k.fault(at, "missing required field: value")
			}
		})
		if len(points) != len(categories) {
			k.fault(at+"/data", "must have one point for every category")
		}
	})
}
