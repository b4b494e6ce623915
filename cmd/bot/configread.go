package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"bellhop/chat"
	"bellhop/nearest"
)

// problem is one thing wrong with the config file.
type problem struct {
	line int
	text string
}

// problems is an error of all that is wrong with a file, a line each.
type problems struct {
	file string
	all  []problem
}

// Error implements error.
func (p *problems) Error() string {
	slices.SortStableFunc(p.all, func(a, b problem) int { return cmp.Compare(a.line, b.line) })
	lines := make([]string, len(p.all))
	for i, one := range p.all {
		lines[i] = fmt.Sprintf("%s:%d: %s", p.file, one.line, one.text)
	}
	return strings.Join(lines, "\n")
}

// add notes a problem at a node.
func (p *problems) add(at *yaml.Node, format string, args ...any) {
	p.all = append(p.all, problem{at.Line, fmt.Sprintf(format, args...)})
}

// section is a mapping whose keys are all accounted for; missing ones read as nothing.
type section struct {
	at     *yaml.Node
	path   string // "environments.kinds.preview"; empty at the top
	values map[string]*yaml.Node
	*problems
}

// section reads a mapping that may have the given keys and no others, each once. Nothing at all is an empty mapping.
func (p *problems) section(path string, n *yaml.Node, keys ...string) section {
	s := section{at: n, path: path, values: map[string]*yaml.Node{}, problems: p}
	p.pairs(path, n, func(key string, at, value *yaml.Node) {
		if !slices.Contains(keys, key) {
			p.add(at, "%s is no setting%s", join(path, key), didYouMean(key, keys))
			return
		}
		s.values[key] = value
	})
	return s
}

// pairs goes through a mapping of any keys, in its order; the second of two equal keys is a problem and left out.
func (p *problems) pairs(path string, n *yaml.Node, each func(key string, at, value *yaml.Node)) {
	if n = resolved(n); n == nil || isNull(n) {
		return
	}
	if n.Kind != yaml.MappingNode {
		p.add(n, "%s must be settings, \"name: value\", but is %s", named(path), kindOf(n))
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		at, value := resolved(n.Content[i]), n.Content[i+1]
		if at.Kind != yaml.ScalarNode {
			p.add(at, "a setting's name must be a text, but is %s", kindOf(at))
			continue
		}
		if at.Tag == "!!merge" {
			p.add(at, "%s: merging is not read here; write the settings out, or name a whole block by its alias", join(path, at.Value))
			continue
		}
		if line, twice := seen[at.Value]; twice {
			p.add(at, "%s stands twice; the first is on line %d", join(path, at.Value), line)
			continue
		}
		seen[at.Value] = at.Line
		each(at.Value, at, value)
	}
}

// node is the value of a key, or nil.
func (s section) node(key string) *yaml.Node { return resolved(s.values[key]) }

// has tells whether a key is there, with a value or without.
func (s section) has(key string) bool { return s.values[key] != nil }

// text is the value of a key, empty where it is missing.
func (s section) text(key string) string { return s.scalar(join(s.path, key), s.node(key)) }

// scalar is a value that must be a text.
func (p *problems) scalar(path string, n *yaml.Node) string {
	n = resolved(n)
	switch {
	case n == nil:
		return ""
	case n.Kind != yaml.ScalarNode:
		p.add(n, "%s must be a text, but is %s", path, kindOf(n))
		return ""
	case isNull(n):
		p.add(n, "%s is empty; what begins with # must stand in quotes: \"#name\"", path)
		return ""
	case strings.TrimSpace(n.Value) == "":
		p.add(n, "%s is empty", path)
		return ""
	}
	return strings.TrimSpace(n.Value)
}

// texts is a list of texts; one text alone is a list of one.
func (s section) texts(key string) []string {
	var all []string
	s.each(key, func(path string, n *yaml.Node) {
		if text := s.scalar(path, n); text != "" {
			all = append(all, text)
		}
	})
	return all
}

// each goes through a list, counting from 0 as the catalog's problems do; anything else counts as a list of one.
func (s section) each(key string, item func(path string, n *yaml.Node)) {
	n, path := s.node(key), join(s.path, key)
	if n == nil {
		return
	}
	if n.Kind != yaml.SequenceNode {
		item(path, n)
		return
	}
	for i, one := range n.Content {
		item(fmt.Sprintf("%s[%d]", path, i), resolved(one))
	}
}

// duration is a length of time between least and most, or otherwise where it is missing.
func (s section) duration(key string, otherwise, least, most time.Duration) time.Duration {
	text := s.text(key)
	if text == "" {
		return otherwise
	}
	d, ok := chat.ParseDuration(text)
	if !ok {
		if parsed, err := time.ParseDuration(text); err == nil {
			d, ok = parsed, true
		}
	}
	switch {
	case !ok:
		s.add(s.node(key), "%s is %q, which is no length of time like 10m, 72h or 14d", join(s.path, key), text)
		return otherwise
	case d < least || d > most:
		s.add(s.node(key), "%s is %s; it must be between %s and %s", join(s.path, key), text, span(least), span(most))
		return otherwise
	}
	return d
}

// span is a length of time as it would be written: 1m, 72h, 90d.
func span(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d%day == 0 && d > 3*day:
		return fmt.Sprintf("%dd", d/day)
	case d%time.Hour == 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d%time.Minute == 0:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
	return d.String()
}

// table is a mapping of names to texts.
func (s section) table(key string) map[string]string {
	found := map[string]string{}
	s.pairs(join(s.path, key), s.node(key), func(name string, _, value *yaml.Node) {
		if text := s.scalar(join(s.path, key)+"."+name, value); text != "" {
			found[name] = text
		}
	})
	return found
}

// oneOf notes a problem where value is none of the allowed ones.
func (s section) oneOf(key, value string, allowed []string) {
	if value != "" && !slices.Contains(allowed, value) {
		s.add(s.node(key), "%s is %q; it must be %s", join(s.path, key), value, alternatives(allowed))
	}
}

func alternatives(names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}

// didYouMean names the key that was probably meant, else all of them.
func didYouMean(key string, keys []string) string {
	best := nearest.Words(key, keys, 1)
	if len(best) > 0 && nearest.Distance(strings.ToLower(key), best[0], 3) <= nearest.Allowed(key) {
		return "; did you mean " + best[0] + "?"
	}
	return "; there are " + strings.Join(keys, ", ")
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func named(path string) string {
	if path == "" {
		return "the file"
	}
	return path
}

func resolved(n *yaml.Node) *yaml.Node {
	for n != nil && n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a group of settings"
	case yaml.SequenceNode:
		return "a list"
	}
	if isNull(n) {
		return "empty"
	}
	return fmt.Sprintf("%q", n.Value)
}

// sortedKeys are a map's keys in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
