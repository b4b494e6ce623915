package reports

import (
	"html"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// decode is a piece of the input as text: references resolved, invalid UTF-8 and control characters made harmless.
func decode(raw []byte) string {
	s := string(raw)
	if strings.IndexByte(s, '&') >= 0 {
		s = resolve(s)
	}
	return clean(s)
}

// resolve replaces character references and named entities, HTML's too, for some writers use those; an `&` that begins
// none stands for itself.
func resolve(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for {
		i := strings.IndexByte(s, '&')
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		s = s[i:]
		end := strings.IndexByte(s[:min(len(s), 34)], ';')
		if end < 2 {
			b.WriteByte('&')
			s = s[1:]
			continue
		}
		b.WriteString(reference(s[:end+1]))
		s = s[end+1:]
	}
}

// reference is what one `&…;` stands for.
func reference(ref string) string {
	if ref[1] != '#' {
		return html.UnescapeString(ref)
	}
	digits, base := ref[2:len(ref)-1], 10
	if len(digits) > 0 && (digits[0] == 'x' || digits[0] == 'X') {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil {
		return ref
	}
	if n > utf8.MaxRune {
		return string(utf8.RuneError)
	}
	return string(rune(n))
}

// clean makes text printable: terminal colours are dropped, other control characters and invalid bytes become U+FFFD.
func clean(s string) string {
	if isClean(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); {
		if n := escapeLen(s[i:]); n > 0 {
			i += n
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\r':
		case isControl(r):
			b.WriteRune(utf8.RuneError)
		default:
			b.WriteRune(r) // RuneError for an invalid byte
		}
		i += n
	}
	return b.String()
}

func isClean(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 && s[i] != '\n' && s[i] != '\t' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

func isControl(r rune) bool {
	return r < 0x20 && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 || r == 0xfffe || r == 0xffff
}

// escapeLen is the length of a terminal's colour sequence (ESC [ … letter) at the beginning of s, or 0. Some writers have
// put U+FFFD for the ESC already.
func escapeLen(s string) int {
	rest, ok := strings.CutPrefix(s, "\x1b[")
	if !ok {
		if rest, ok = strings.CutPrefix(s, "\ufffd["); !ok {
			return 0
		}
	}
	for i := len(s) - len(rest); i < len(s) && i < 24; i++ {
		if c := s[i]; c >= 0x40 && c <= 0x7e {
			return i + 1
		}
	}
	return 0
}

// shorten cuts s to at most n bytes, at a sign's border.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// inRepository is a source file's path as the repository knows it: without the folder into which GitHub's runners check
// out (…/work/REPO/REPO/, /__w/REPO/REPO/ in containers, D:\a\REPO\REPO\ on Windows), and with slashes. Other paths stay.
func inRepository(file string) string {
	path := strings.TrimPrefix(file, "file://")
	if len(path) > 2 && path[1] == ':' && path[2] == '\\' || !strings.Contains(path, "/") {
		path = strings.ReplaceAll(path, `\`, "/")
	}
	if rest, ok := strings.CutPrefix(path, "/github/workspace/"); ok {
		return rest
	}
	for _, root := range []string{"/work/", "/_work/", "/__w/", ":/a/"} {
		_, rest, ok := strings.Cut(path, root)
		if !ok {
			continue
		}
		name, inner, _ := strings.Cut(rest, "/")
		again, source, ok := strings.Cut(inner, "/")
		if ok && name == again && name != "" {
			return source
		}
	}
	return path
}

// maxDuration is the longest time believed of one case.
const maxDuration = 30 * 24 * time.Hour

// seconds reads a time attribute: "0.25", "0,25", "1,234.5", "1.234,5"; what is no sensible time is 0.
func seconds(raw []byte) time.Duration {
	s := strings.TrimSuffix(strings.TrimSpace(string(raw)), "s")
	point, comma := strings.LastIndexByte(s, '.'), strings.LastIndexByte(s, ',')
	switch {
	case comma > point && (point >= 0 || strings.Count(s, ",") == 1): // the decimal sign is the comma
		s = strings.ReplaceAll(s[:comma], ".", "") + "." + s[comma+1:]
	case comma >= 0: // commas group thousands
		s = strings.ReplaceAll(s, ",", "")
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(f) || f <= 0 || f > maxDuration.Seconds() {
		return 0
	}
	return time.Duration(f * float64(time.Second))
}

// count reads a count attribute; ok is false when there is none or it is no whole number.
func count(raw []byte) (n int, ok bool) {
	n, err := strconv.Atoi(strings.TrimSpace(string(raw)))
	return n, err == nil && n >= 0 && n < 1<<30
}

// counted is a number of things in words.
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return strconv.Itoa(n) + " " + thing + "s"
}
