package reports

import (
	"bytes"
	"errors"
	"io"
)

// windowLen is how much of an input a reader holds at a time.
const windowLen = 64 << 10

// window is the part of an input that is held: what a scanner looks at, and nothing else.
type window struct {
	r   io.Reader
	buf []byte
	pos int // next byte in buf
	end int // bytes of buf that are filled
	err error
}

func newWindow(r io.Reader) window { return window{r: r, buf: make([]byte, windowLen)} }

// fill reads more, keeping what is not yet consumed; false at the end of the input or after an error.
func (w *window) fill() bool {
	if w.err != nil {
		return false
	}
	if w.pos > 0 {
		w.end = copy(w.buf, w.buf[w.pos:w.end])
		w.pos = 0
	}
	for range 100 {
		n, err := w.r.Read(w.buf[w.end:])
		w.end += n
		w.err = err
		if n > 0 {
			return true
		}
		if err != nil {
			return false
		}
	}
	w.err = io.ErrNoProgress
	return false
}

// have makes sure that n bytes are in the window.
func (w *window) have(n int) bool {
	for w.end-w.pos < n {
		if !w.fill() {
			return false
		}
	}
	return true
}

// failure is the error that ended the input, nil when it simply ended.
func (w *window) failure() error {
	if w.err == nil || errors.Is(w.err, io.EOF) {
		return nil
	}
	return w.err
}

// skipPast moves behind the next occurrence of mark, giving what stands before it to kept.
func (w *window) skipPast(mark string, kept func([]byte)) bool {
	m := []byte(mark)
	for {
		part := w.buf[w.pos:w.end]
		if i := bytes.Index(part, m); i >= 0 {
			if kept != nil {
				kept(part[:i])
			}
			w.pos += i + len(m)
			return true
		}
		// The mark may begin in the last bytes: leave those in the window.
		if done := len(part) - len(m) + 1; done > 0 {
			if kept != nil {
				kept(part[:done])
			}
			w.pos += done
		}
		if !w.fill() {
			w.pos = w.end
			return false
		}
	}
}

// skipSpace moves to the next byte that is no white space; false at the end of the input.
func (w *window) skipSpace() bool {
	for {
		if !w.have(1) {
			return false
		}
		if !isSpace(w.buf[w.pos]) {
			return true
		}
		w.pos++
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }
