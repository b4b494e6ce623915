package reports

import (
	"bytes"
	"io"
)

// token is what the scanner found.
type token int

const (
	startTag token = iota // name and attrs are set; selfClosed tells whether its end follows at once
	endTag                // name is set
	endOfInput
)

// attr is one attribute as it stands in the input, not yet decoded; valid until the next token.
type attr struct {
	name, value []byte
}

// scanner splits XML into tags with the least of rules, for reports are often not well-formed. Text is
// passed over unless keep is set.
type scanner struct {
	window
	keep *keeper // where text goes; nil passes over it

	name       []byte // local name of the tag
	selfClosed bool
	attrs      []attr
	store      []byte // backing of name and attrs
	stray      bool   // text other than white space was passed over while watchStray
	watchStray bool
}

const (
	// maxAttr bounds the bytes kept of an attribute's value; the rest is passed over.
	maxAttr = 16 << 10
	// maxTag bounds the bytes kept of one tag with all its attributes.
	maxTag = 64 << 10
	// maxAttrs bounds the attributes of one tag.
	maxAttrs = 64
)

// errEntity refuses a document type that declares entities, the means of entity bombs.
var errEntity = refused("declares XML entities, which are not expanded")

func newScanner(r io.Reader) *scanner {
	return &scanner{window: newWindow(r)}
}

// next finds the next tag. At the end of the input it returns endOfInput with open telling whether the input ended
// within a tag, comment or CDATA section.
func (s *scanner) next() (t token, open bool, err error) {
	for {
		if !s.text() {
			return endOfInput, false, s.failure()
		}
		// At '<'.
		if !s.have(2) {
			return endOfInput, true, s.failure()
		}
		ok := true
		switch c := s.buf[s.pos+1]; {
		case c == '?':
			ok = s.skipPast("?>", nil)
		case c == '!':
			ok, err = s.declaration()
			if err != nil {
				return endOfInput, true, err
			}
		case c == '/':
			s.pos += 2
			if s.readName() && s.skipPast(">", nil) {
				return endTag, false, nil
			}
			ok = false
		case isNameStart(c):
			s.pos++
			if s.readTag() {
				return startTag, false, nil
			}
			ok = false
		default: // a bare '<' in text
			s.keep.raw(s.buf[s.pos : s.pos+1])
			s.pos++
		}
		if !ok {
			return endOfInput, true, s.failure()
		}
	}
}

// text moves to the next '<'; false at the end of the input.
func (s *scanner) text() bool {
	for {
		window := s.buf[s.pos:s.end]
		i := bytes.IndexByte(window, '<')
		if i >= 0 {
			window = window[:i]
		}
		if len(window) > 0 {
			s.keep.raw(window)
			if s.watchStray && !s.stray {
				s.stray = len(bytes.Trim(window, " \t\r\n\x00\ufeff")) > 0
			}
			s.pos += len(window)
		}
		if i >= 0 {
			return true
		}
		if !s.fill() {
			return false
		}
	}
}

// declaration passes over `<!…`: a comment, a CDATA section (its text is kept) or a document type.
func (s *scanner) declaration() (bool, error) {
	if s.have(4) && string(s.buf[s.pos:s.pos+4]) == "<!--" {
		s.pos += 4
		return s.skipPast("-->", nil), nil
	}
	if s.have(9) && string(s.buf[s.pos:s.pos+9]) == "<![CDATA[" {
		s.pos += 9
		return s.skipPast("]]>", s.keep.literal), nil
	}
	return s.doctype()
}

// doctype passes over `<!DOCTYPE … [ … ]>` and refuses entities.
func (s *scanner) doctype() (bool, error) {
	s.pos += 2
	var (
		depth  int
		quote  byte
		recent [8]byte // the last bytes, to see `<!ENTITY`
	)
	for {
		if !s.have(1) {
			return false, nil
		}
		c := s.buf[s.pos]
		s.pos++
		copy(recent[:], recent[1:])
		recent[7] = c
		switch {
		case string(recent[:]) == "<!ENTITY":
			return false, errEntity
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '[' || c == '<':
			depth++
		case c == ']' || c == '>' && depth > 0:
			depth--
		case c == '>':
			return true, nil
		}
	}
}

// readName reads a tag's or attribute's name into store and sets name to its local part.
func (s *scanner) readName() bool {
	s.store = s.store[:0]
	s.attrs = s.attrs[:0]
	from, to, ok := s.storeName()
	s.name = s.store[from:to]
	return ok
}

// storeName appends the name at hand to store, without its namespace prefix, and gives its place there.
func (s *scanner) storeName() (from, to int, ok bool) {
	from = len(s.store)
	for {
		if !s.have(1) {
			return from, len(s.store), false
		}
		c := s.buf[s.pos]
		if isSpace(c) || c == '>' || c == '/' || c == '=' || c == '<' {
			return from, len(s.store), true
		}
		s.pos++
		if c == ':' {
			s.store = s.store[:from]
		} else if len(s.store)-from < 256 {
			s.store = append(s.store, c)
		}
	}
}

// readTag reads a start tag from its name to its '>'.
func (s *scanner) readTag() bool {
	if !s.readName() {
		return false
	}
	nameLen := len(s.store)
	s.selfClosed = false
	type place struct{ nameFrom, nameTo, valueFrom, valueTo int }
	var places [maxAttrs]place
	n := 0
	for {
		if !s.skipSpace() {
			return false
		}
		switch c := s.buf[s.pos]; c {
		case '>':
			s.pos++
			s.name = s.store[:nameLen] // store may have moved
			for _, p := range places[:n] {
				s.attrs = append(s.attrs, attr{s.store[p.nameFrom:p.nameTo], s.store[p.valueFrom:p.valueTo]})
			}
			return true
		case '/':
			s.pos++
			s.selfClosed = s.have(1) && s.buf[s.pos] == '>'
		case '<': // the tag was never closed; what follows is the next one
			s.name = s.store[:nameLen]
			return true
		case '"', '\'', '=':
			s.pos++ // stray
		default:
			var p place
			var ok bool
			if p.nameFrom, p.nameTo, ok = s.storeName(); !ok {
				return false
			}
			if p.valueFrom, p.valueTo, ok = s.storeValue(); !ok {
				return false
			}
			if n < maxAttrs && len(s.store) < maxTag {
				places[n] = p
				n++
			} else {
				s.store = s.store[:p.nameFrom]
			}
		}
	}
}

// storeValue appends the attribute value at hand, if there is one, to store.
func (s *scanner) storeValue() (from, to int, ok bool) {
	from = len(s.store)
	if !s.skipSpace() {
		return from, from, false
	}
	if s.buf[s.pos] != '=' {
		return from, from, true
	}
	s.pos++
	if !s.skipSpace() {
		return from, from, false
	}
	quote := s.buf[s.pos]
	if quote != '"' && quote != '\'' {
		return s.storeBare(from)
	}
	s.pos++
	for {
		window := s.buf[s.pos:s.end]
		i := bytes.IndexByte(window, quote)
		if i >= 0 {
			window = window[:i]
		}
		room := max(0, maxAttr-(len(s.store)-from))
		s.store = append(s.store, window[:min(len(window), room)]...)
		s.pos += len(window)
		if i >= 0 {
			s.pos++
			return from, len(s.store), true
		}
		if !s.fill() {
			return from, len(s.store), false
		}
	}
}

// storeBare appends a value without quotes.
func (s *scanner) storeBare(from int) (int, int, bool) {
	for {
		if !s.have(1) {
			return from, len(s.store), false
		}
		c := s.buf[s.pos]
		closes := c == '/' && s.have(2) && s.buf[s.pos+1] == '>'
		if isSpace(c) || c == '>' || c == '<' || closes {
			return from, len(s.store), true
		}
		s.pos++
		if len(s.store)-from < maxAttr {
			s.store = append(s.store, c)
		}
	}
}

// attr is the value of the attribute called name, nil when it is missing.
func (s *scanner) attr(name string) []byte {
	for _, a := range s.attrs {
		if string(a.name) == name {
			return a.value
		}
	}
	return nil
}

func isNameStart(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == ':' || c >= 0x80
}
