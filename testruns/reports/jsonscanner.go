package reports

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// errCut tells that the input ended within a value.
var errCut = errors.New("ends early")

// syntaxError tells that the input is no JSON from some place on.
type syntaxError struct{ text string }

// Error implements error.
func (e *syntaxError) Error() string { return e.text }

// jsonScanner walks JSON value by value. It holds one window of the input and what is asked for: strings are kept as far
// as the caller wants them, everything else is passed over. A value of another kind than the one asked for is passed
// over too, for a report with an odd field is still a report.
type jsonScanner struct {
	window
	depth, most int  // of open objects and arrays
	lines       bool // one value a line: a string cannot go over a line's end
	word        []byte
	names       map[string]string
}

func newJSONScanner(r io.Reader, depth int) *jsonScanner {
	s := &jsonScanner{window: newWindow(r), most: depth, names: map[string]string{}}
	if s.have(3) && string(s.buf[:3]) == "\xef\xbb\xbf" {
		s.pos = 3
	}
	return s
}

// ended is the error for an input that ends where more must come.
func (s *jsonScanner) ended() error {
	if err := s.failure(); err != nil {
		return err
	}
	return errCut
}

// peek is the next byte that is no white space.
func (s *jsonScanner) peek() (byte, error) {
	if !s.skipSpace() {
		return 0, s.ended()
	}
	return s.buf[s.pos], nil
}

// wrong is the syntax error at hand.
func (s *jsonScanner) wrong(wanted string) error {
	got := s.buf[s.pos:min(s.end, s.pos+20)]
	return &syntaxError{fmt.Sprintf("is no JSON where it says %q: %s is missing there", clean(string(got)), wanted)}
}

// enter opens an object or an array.
func (s *jsonScanner) enter() error {
	s.pos++
	if s.depth++; s.depth > s.most {
		return refused("nests values more than %d deep", s.most)
	}
	return nil
}

// object calls member for each member of the object at hand; member takes the value, by any of this type's methods.
func (s *jsonScanner) object(member func(key string) error) error {
	return s.group('{', '}', func() error {
		if c, err := s.peek(); err != nil {
			return err
		} else if c != '"' {
			return s.wrong("a name in quotes")
		}
		key, err := s.common(100)
		if err != nil {
			return err
		}
		if c, err := s.peek(); err != nil {
			return err
		} else if c != ':' {
			return s.wrong("a colon")
		}
		s.pos++
		return member(key)
	})
}

// array calls element for each element of the array at hand; element takes the value.
func (s *jsonScanner) array(element func() error) error { return s.group('[', ']', element) }

// group calls part for each part between open and shut.
func (s *jsonScanner) group(open, shut byte, part func() error) error {
	c, err := s.peek()
	if err != nil {
		return err
	}
	if c != open {
		return s.skip()
	}
	if err := s.enter(); err != nil {
		return err
	}
	for first := true; ; first = false {
		c, err := s.peek()
		switch {
		case err != nil:
			return err
		case c == shut:
			s.pos++
			s.depth--
			return nil
		case !first && c != ',':
			return s.wrong("a comma")
		case !first:
			s.pos++
			if c, err = s.peek(); err != nil {
				return err
			}
			if c == shut { // a comma too many, which some writers leave
				continue
			}
		}
		if err := part(); err != nil {
			return err
		}
	}
}

// text takes a string and gives at most the first most bytes of it, fit to be shown.
func (s *jsonScanner) text(most int) (string, error) {
	ok, err := s.take(most)
	if !ok || err != nil {
		return "", err
	}
	return shorten(clean(string(s.word)), most), nil
}

// take takes a string into word, a little more of it than most; ok is false where another kind of value was passed over.
func (s *jsonScanner) take(most int) (ok bool, err error) {
	c, err := s.peek()
	if err != nil {
		return false, err
	}
	if c != '"' {
		return false, s.skip()
	}
	s.word = s.word[:0]
	return true, s.quoted(most + utf8.UTFMax)
}

// common is text for what comes again and again: it is not made anew each time.
func (s *jsonScanner) common(most int) (string, error) {
	if ok, err := s.take(most); !ok || err != nil {
		return "", err
	}
	if name, ok := s.names[string(s.word)]; ok {
		return name, nil
	}
	const kept = 500
	name := shorten(clean(string(s.word)), most)
	if len(s.names) < kept {
		s.names[string(s.word)] = name
	}
	return name, nil
}

// quoted takes the string at hand, keeping its first most bytes in word.
func (s *jsonScanner) quoted(most int) error {
	stops := "\"\\"
	if s.lines {
		stops = "\"\\\n"
	}
	s.pos++
	for {
		part := s.buf[s.pos:s.end]
		i := bytes.IndexAny(part, stops)
		if i >= 0 {
			part = part[:i]
		}
		s.keepWord(part, most)
		s.pos += len(part)
		switch {
		case i < 0:
			if !s.fill() {
				return s.ended()
			}
		case s.buf[s.pos] == '"':
			s.pos++
			return nil
		case s.buf[s.pos] == '\\':
			if err := s.escape(most); err != nil {
				return err
			}
		default:
			return &syntaxError{"has a line that is cut off"}
		}
	}
}

func (s *jsonScanner) keepWord(part []byte, most int) {
	if room := most - len(s.word); room > 0 {
		s.word = append(s.word, part[:min(len(part), room)]...)
	}
}

// escape takes what a backslash begins; one that begins nothing known stands for itself.
func (s *jsonScanner) escape(most int) error {
	if !s.have(2) {
		return s.ended()
	}
	c := s.buf[s.pos+1]
	if c == 'u' {
		return s.escapedRune(most)
	}
	if s.lines && c == '\n' {
		s.pos++
		return &syntaxError{"has a line that is cut off"}
	}
	switch c {
	case 'n':
		c = '\n'
	case 't':
		c = '\t'
	case 'r':
		c = '\r'
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	}
	s.pos += 2
	s.keepWord([]byte{c}, most)
	return nil
}

// escapedRune takes \uXXXX, and the second half of a pair with it.
func (s *jsonScanner) escapedRune(most int) error {
	r, ok := s.hex(0)
	if !ok && s.end-s.pos < 6 {
		return s.ended()
	}
	took := 6
	if !ok {
		r, took = utf8.RuneError, 2
	} else if utf16.IsSurrogate(r) {
		second, _ := s.hex(6)
		if r = utf16.DecodeRune(r, second); r != utf8.RuneError {
			took = 12
		}
	}
	s.pos += took
	s.keepWord(utf8.AppendRune(nil, r), most)
	return nil
}

// hex reads \uXXXX that begins n bytes on.
func (s *jsonScanner) hex(n int) (rune, bool) {
	if !s.have(n+6) || s.buf[s.pos+n] != '\\' || s.buf[s.pos+n+1] != 'u' {
		return 0, false
	}
	v, err := strconv.ParseUint(string(s.buf[s.pos+n+2:s.pos+n+6]), 16, 32)
	return rune(v), err == nil
}

// number takes a number; ok is false for anything else.
func (s *jsonScanner) number() (f float64, ok bool, err error) {
	c, err := s.peek()
	if err != nil {
		return 0, false, err
	}
	if c != '-' && (c < '0' || c > '9') {
		return 0, false, s.skip()
	}
	if err := s.bare(); err != nil {
		return 0, false, err
	}
	f, err = strconv.ParseFloat(string(s.word), 64)
	return f, err == nil, nil
}

// boolean takes true or false; anything else is false.
func (s *jsonScanner) boolean() (bool, error) {
	c, err := s.peek()
	if err != nil {
		return false, err
	}
	if c != 't' && c != 'f' {
		return false, s.skip()
	}
	err = s.bare()
	return string(s.word) == "true", err
}

// bare takes a number or a word without quotes (true, false, null, NaN) into word.
func (s *jsonScanner) bare() error {
	s.word = s.word[:0]
	for s.have(1) {
		c := s.buf[s.pos]
		if c != '-' && c != '+' && c != '.' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			if len(s.word) == 0 {
				return s.wrong("a value")
			}
			return nil
		}
		s.keepWord(s.buf[s.pos:s.pos+1], 64)
		s.pos++
	}
	if len(s.word) == 0 {
		return s.ended()
	}
	return s.failure()
}

// skip passes over the value at hand, however large.
func (s *jsonScanner) skip() error {
	c, err := s.peek()
	switch {
	case err != nil:
		return err
	case c == '"':
		return s.quoted(0)
	case c == '{':
		return s.object(func(string) error { return s.skip() })
	case c == '[':
		return s.array(s.skip)
	}
	return s.bare()
}

// toLine moves behind the next line's end, from wherever it is; io.EOF tells that there is none.
func (s *jsonScanner) toLine() error {
	s.depth = 0
	if s.skipPast("\n", nil) {
		return nil
	}
	if err := s.failure(); err != nil {
		return err
	}
	return io.EOF
}
