package main

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// document is the file's one document; nothing at all is an empty mapping. What cannot be read as YAML is an error at once,
// since nothing else can be told then.
func (p *problems) document(data []byte) (*yaml.Node, error) {
	top := &yaml.Node{Kind: yaml.MappingNode, Line: 1}
	// The parser takes UTF-16 too, and says of other bytes only what it calls them.
	if valid := validPrefix(data); valid < len(data) {
		p.all = append(p.all, problem{1 + bytes.Count(data[:valid], []byte("\n")), "this is no YAML: the text is not UTF-8"})
		return nil, p
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for first := true; ; first = false {
		var document yaml.Node
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			return top, nil
		}
		if err != nil {
			p.all = append(p.all, noYAML(data, err))
			return nil, p
		}
		if len(document.Content) == 0 {
			continue
		}
		if first {
			top = document.Content[0]
		} else if !isNull(document.Content[0]) {
			p.add(&document, "a second document begins here, and the file is one: take the --- out")
			return top, nil
		}
	}
}

// validPrefix is how many bytes are UTF-8.
func validPrefix(data []byte) int {
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(data)
}

// noYAML is the parser's error in words, where its own are for those who write parsers.
func noYAML(data []byte, err error) problem {
	line, text := 1, err.Error()
	if at, ok := errors.AsType[*yaml.LoadError](err); ok {
		line, text = max(1, at.Mark.Line), at.Message
		if strings.Contains(text, "end of stream") && at.ContextMark.Line > 0 {
			line = at.ContextMark.Line // where it began says more than where the text ended
		}
	}
	switch {
	case text == "found character that cannot start any token" && startsWithTab(data, line):
		text = "a tab cannot indent; use spaces"
	case text == "found character that cannot start any token":
		text = "what begins with @ or ` must stand in quotes"
	case text == "found incompatible YAML document":
		text += "; leave the %YAML line out"
	}
	return problem{line, "this is no YAML: " + text}
}

// startsWithTab tells whether a line, from 1, is indented with a tab.
func startsWithTab(data []byte, line int) bool {
	lines := bytes.Split(data, []byte("\n"))
	return line <= len(lines) && bytes.HasPrefix(bytes.TrimLeft(lines[line-1], " "), []byte("\t"))
}
