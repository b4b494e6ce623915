package catalog

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"
)

// lineError is an error at a line of the file, from 1; 0 when the line is not known.
type lineError struct {
	line    int
	message string
}

func (e *lineError) Error() string { return e.message }

// parseYAML reads one document into plain values and the node it came from. first is the line of its text in the file.
// Values are those of YAML 1.2's core schema, as Backstage reads them: `on`, `1_000` and `2024-01-01` are texts.
func parseYAML(text []byte, first int) (value any, root *yaml.Node, err *lineError) {
	if !utf8.Valid(text) {
		return nil, nil, &lineError{first, "the text is not UTF-8"}
	}
	if signs(text) > maxSigns {
		return nil, nil, &lineError{first, tooMany}
	}
	var document yaml.Node
	if err := loadNode(withoutVersion(text), &document); err != nil {
		return nil, nil, yamlError(err, first)
	}
	if document.Kind == 0 || len(document.Content) == 0 {
		return nil, &document, nil
	}
	root = document.Content[0]
	shiftLines(root, first-1)
	c := converter{}
	value, err = c.value(root, 0)
	return value, root, err
}

var tooMany = fmt.Sprintf("the document has more than %d values, aliases counted each time", maxValues)

// signs is at least how many values a text can hold, counted before the parser takes some 400 bytes for each.
func signs(text []byte) (n int) {
	for _, sign := range []string{",", ":", "[", "{", "\n"} {
		n += bytes.Count(text, []byte(sign))
	}
	return n
}

// withoutVersion makes a comment of a %YAML line before the document: the parser refuses 1.2, which it reads.
func withoutVersion(text []byte) []byte {
	offset := 0
	for line := range bytes.Lines(text) {
		switch {
		case bytes.HasPrefix(line, []byte("%YAML")):
			text = bytes.Clone(text)
			text[offset] = '#'
			return text
		case len(bytes.TrimSpace(line)) > 0 && line[0] != '#' && line[0] != '%':
			return text
		}
		offset += len(line)
	}
	return text
}

// loadNode contains a panic of the parser: a descriptor must not end the process.
func loadNode(text []byte, node *yaml.Node) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the parser gave up: %v", p)
		}
	}()
	err = yaml.Load(text, node, yaml.WithPlugin(loaderlimits.New(loaderlimits.DepthValue(maxDepth))))
	if err != nil && strings.Contains(err.Error(), "no documents") {
		return nil
	}
	return err
}

// yamlError takes the parser's own prefix away and puts the line right.
func yamlError(err error, first int) *lineError {
	var load *yaml.LoadError
	if !errors.As(err, &load) {
		return &lineError{first, err.Error()}
	}
	line := load.Mark.Line
	if strings.Contains(load.Message, "end of stream") || line == 0 {
		line = load.ContextMark.Line // where it began says more than where the text ended
	}
	message := load.Message
	if strings.Contains(message, "cannot start any token") {
		message += " (a tab? YAML is indented by spaces)"
	}
	if load.ContextMsg != "" {
		message = load.ContextMsg + ": " + message
	}
	return &lineError{first - 1 + max(line, 1), message}
}

func shiftLines(n *yaml.Node, by int) {
	n.Line += by
	for _, child := range n.Content {
		shiftLines(child, by)
	}
}

// converter makes plain values of nodes and counts them, so that aliases cannot multiply without bound.
type converter struct{ values int }

func (c *converter) value(n *yaml.Node, depth int) (any, *lineError) {
	if c.values++; c.values > maxValues {
		return nil, &lineError{n.Line, tooMany}
	}
	if depth > maxDepth {
		return nil, &lineError{n.Line, fmt.Sprintf("the document is nested deeper than %d", maxDepth)}
	}
	switch n.Kind {
	case yaml.AliasNode:
		return c.value(n.Alias, depth+1) // an anchor within itself ends at the depth
	case yaml.MappingNode:
		return c.mapping(n, depth)
	case yaml.SequenceNode:
		list := make([]any, 0, len(n.Content))
		for _, item := range n.Content {
			v, err := c.value(item, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	default:
		return scalar(n)
	}
}

func (c *converter) mapping(n *yaml.Node, depth int) (any, *lineError) {
	m := make(map[string]any, len(n.Content)/2)
	var merged []any
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, item := n.Content[i], n.Content[i+1]
		v, err := c.value(item, depth+1)
		if err != nil {
			return nil, err
		}
		if isMerge(key) {
			merged = append(merged, v)
			continue
		}
		if key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		if key.Kind != yaml.ScalarNode {
			return nil, &lineError{key.Line, "a key must be a text"}
		}
		if _, twice := m[key.Value]; twice {
			return nil, &lineError{key.Line, fmt.Sprintf("the key %q stands twice", key.Value)}
		}
		m[key.Value] = v
	}
	return withMerged(m, merged, n.Line)
}

// isMerge tells YAML's `<<` key.
func isMerge(key *yaml.Node) bool {
	return key.Kind == yaml.ScalarNode && key.Value == "<<" && key.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) == 0
}

// withMerged adds what `<<` brings in; the mapping's own keys and earlier sources win.
func withMerged(m map[string]any, sources []any, line int) (any, *lineError) {
	for _, source := range sources {
		list, ok := source.([]any)
		if !ok {
			list = []any{source}
		}
		for _, item := range list {
			from, ok := item.(map[string]any)
			if !ok {
				return nil, &lineError{line, "<< takes a mapping or a list of mappings"}
			}
			for k, v := range from {
				if _, there := m[k]; !there {
					m[k] = v
				}
			}
		}
	}
	return m, nil
}

var (
	intPattern   = regexp.MustCompile(`^[-+]?[0-9]+$`)
	floatPattern = regexp.MustCompile(`^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)
)

// scalar resolves by the core schema; an explicit tag and quotes win.
func scalar(n *yaml.Node) (any, *lineError) {
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0 || n.Style&yaml.TaggedStyle != 0 && n.Tag == "!!str" {
		return n.Value, nil
	}
	switch s := n.Value; s {
	case "", "~", "null", "Null", "NULL":
		return nil, nil
	case "true", "True", "TRUE":
		return true, nil
	case "false", "False", "FALSE":
		return false, nil
	default:
		return number(s), nil
	}
}

// number is the number that a plain text spells, or the text. Numbers are JSON's: what it has no form for stays a text.
func number(s string) any {
	if c := s[0]; c > '9' || c < '0' && c != '-' && c != '+' && c != '.' {
		return s
	}
	if hex, ok := strings.CutPrefix(s, "0x"); ok {
		if v, err := strconv.ParseUint(hex, 16, 53); err == nil {
			return float64(v)
		}
		return s
	}
	if octal, ok := strings.CutPrefix(s, "0o"); ok {
		if v, err := strconv.ParseUint(octal, 8, 53); err == nil {
			return float64(v)
		}
		return s
	}
	if intPattern.MatchString(s) || floatPattern.MatchString(s) {
		if v, err := strconv.ParseFloat(s, 64); err == nil && !math.IsInf(v, 0) {
			return v
		}
	}
	return s
}

// lineOf is the line of the value at path under root, or of the nearest thing on the way that exists. Path elements are
// keys (string) and places in a list (int).
func lineOf(root *yaml.Node, path []any) int {
	n := root
	if n == nil {
		return 0
	}
	line := n.Line
	for _, step := range path {
		if n.Kind == yaml.AliasNode {
			n = n.Alias
		}
		at, next := childOf(n, step)
		if next == nil {
			return line
		}
		line, n = at, next
	}
	return line
}

func childOf(n *yaml.Node, step any) (line int, child *yaml.Node) {
	switch step := step.(type) {
	case int:
		if n.Kind == yaml.SequenceNode && step < len(n.Content) {
			return n.Content[step].Line, n.Content[step]
		}
	case string:
		for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == step {
				return n.Content[i].Line, n.Content[i+1]
			}
		}
	}
	return 0, nil
}
