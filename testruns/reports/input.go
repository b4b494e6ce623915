package reports

import (
	"bytes"
	"context"
	"errors"
	"io"
	"regexp"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// sniffLen is how much of an input is looked at to tell its format and encoding. What a build prints before the first of go
// test's events must fit.
const sniffLen = 4096

// input counts the bytes that come in, ends with the context, and lets the beginning be looked at.
type input struct {
	ctx  context.Context
	src  io.Reader
	head []byte // the beginning; read from here first
	pos  int    // of head that was handed out
	left int64
}

// open reads the beginning of r.
func (in *input) open(r io.Reader) ([]byte, error) {
	in.src = r
	head := make([]byte, sniffLen)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	in.head = head[:n]
	return in.head, nil
}

// peek is at most n bytes of the beginning, as they came.
func (in *input) peek(n int) []byte { return in.head[:min(n, len(in.head))] }

// Read implements io.Reader.
func (in *input) Read(p []byte) (int, error) {
	if err := in.ctx.Err(); err != nil {
		return 0, err
	}
	var (
		n   int
		err error
	)
	if in.pos < len(in.head) {
		n = copy(p, in.head[in.pos:])
		in.pos += n
	} else {
		n, err = in.src.Read(p)
	}
	in.left -= int64(n)
	if in.left < 0 {
		return 0, refused("is larger than may be read")
	}
	return n, err
}

// decoded is the input as UTF-8. Invalid bytes may remain; they are replaced where text is kept.
func (in *input) decoded() io.Reader {
	enc := encodingOf(in.head)
	if enc == nil {
		return in
	}
	return transform.NewReader(in, enc.NewDecoder())
}

// encodingOf tells the encoding by byte order mark, by the zero bytes of UTF-16, then by the XML declaration; nil is
// UTF-8. A declaration that the bytes themselves contradict, or that names nothing known, is not believed.
func encodingOf(head []byte) encoding.Encoding {
	switch {
	case bytes.HasPrefix(head, []byte{0xef, 0xbb, 0xbf}):
		return nil // the scanner passes over the mark
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}):
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	case bytes.HasPrefix(head, []byte("<\x00")):
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case bytes.HasPrefix(head, []byte("\x00<")):
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	}
	name := strings.ToLower(declaredEncoding(head))
	if name == "" || name == "utf-8" || name == "utf8" || strings.HasPrefix(name, "utf-16") || strings.HasPrefix(name, "utf-32") {
		return nil
	}
	enc, err := htmlindex.Get(name) // ISO-8859-1 is read as windows-1252, its superset in practice
	if err != nil {
		return nil
	}
	return enc
}

// declaredEncoding is the encoding in `<?xml … encoding="…"?>`, or empty.
func declaredEncoding(head []byte) string {
	head = bytes.TrimLeft(head, " \t\r\n")
	if !bytes.HasPrefix(head, []byte("<?xml")) {
		return ""
	}
	declaration, _, ok := bytes.Cut(head, []byte("?>"))
	if !ok {
		return ""
	}
	_, rest, ok := bytes.Cut(declaration, []byte("encoding"))
	if !ok {
		return ""
	}
	rest = bytes.TrimLeft(rest, " \t\r\n=")
	if len(rest) == 0 || rest[0] != '"' && rest[0] != '\'' {
		return ""
	}
	name, _, _ := bytes.Cut(rest[1:], rest[:1])
	return string(name)
}

func isZip(head []byte) bool {
	return bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06"))
}

// firstGoEvent is how one of go test's events begins, on a line of its own.
var firstGoEvent = regexp.MustCompile(`(?m)^[ \t]*\{\s*"(Time|Action|ImportPath|Package)"\s*:\s*"`)

// detect tells by a bare report's beginning who can read it.
func detect(head []byte) (func(io.Reader, *collector) error, error) {
	plain := head
	if enc := encodingOf(head); enc != nil {
		plain, _ = enc.NewDecoder().Bytes(head) // cut in the middle of a sign at worst
	}
	plain = bytes.TrimLeft(bytes.TrimPrefix(plain, []byte("\xef\xbb\xbf")), " \t\r\n\x00")
	switch {
	case len(plain) == 0:
		return nil, notReport("is empty")
	case isZip(head):
		return nil, refused("is a zip inside a zip")
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return nil, notReport("is packed with gzip; upload the report as it is or in a zip")
	case plain[0] == '<':
		return readXML, nil
	case firstGoEvent.Match(plain):
		return readGoTest, nil
	case plain[0] == '{':
		return readJSON, nil
	case plain[0] == '[':
		return nil, notReport("is a JSON list, which is no test report known here")
	}
	return nil, notReport("is neither XML nor JSON: it begins with %q", clean(string(plain[:min(len(plain), 20)])))
}

// readXML reads JUnit's XML or TRX: the root element tells which.
func readXML(r io.Reader, c *collector) error {
	s := newScanner(r)
	for {
		t, _, err := s.next()
		switch {
		case err != nil:
			return err
		case t == endOfInput:
			return notReport("is XML without any element")
		case t == startTag && string(s.name) == "TestRun":
			return readTRX(s, c)
		case t == startTag:
			return readJUnit(s, c)
		}
	}
}
