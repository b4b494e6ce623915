package backstage

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
)

const contentType = "application/json; charset=utf-8"

// encode writes a value of JSON as it is meant for machines: without escapes for HTML.
func encode(to *bytes.Buffer, v any) error {
	encoder := json.NewEncoder(to)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return fmt.Errorf("encode an answer: %w", err)
	}
	return nil
}

// answer sends one value.
func (a *api) answer(w http.ResponseWriter, status int, v any) {
	var b bytes.Buffer
	if err := encode(&b, v); err != nil {
		a.log.Error().Err(err).Msg("answer from the catalog")
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	if _, err := w.Write(b.Bytes()); err != nil {
		a.log.Debug().Err(err).Msg("answer from the catalog")
	}
}

// stream sends a list as it is read, so that no more of it than a page is in memory. An error before anything was sent can
// still be told.
type stream struct {
	w     http.ResponseWriter
	ahead bytes.Buffer
	sent  bool
	items int
}

// flushAt is how many bytes are sent at once.
const flushAt = 256 << 10

// begin notes what stands before the list.
func (s *stream) begin(text string) { s.ahead.WriteString(text) }

// entity sends the wanted parts of one entity more.
func (s *stream) entity(e entity, wanted fields) error {
	document, err := wanted.of(e)
	if err != nil {
		return err
	}
	return s.add(document)
}

// add sends one item more.
func (s *stream) add(v any) error {
	if s.items++; s.items > 1 {
		s.ahead.WriteByte(',')
	}
	if err := encode(&s.ahead, v); err != nil {
		return err
	}
	if s.ahead.Len() < flushAt {
		return nil
	}
	return s.flush()
}

func (s *stream) flush() error {
	if !s.sent {
		s.sent = true
		s.w.Header().Set("Content-Type", contentType)
	}
	_, err := s.w.Write(s.ahead.Bytes())
	s.ahead.Reset()
	if err != nil {
		return fmt.Errorf("send an answer: %w", err)
	}
	return nil
}

// end sends the rest with what stands behind the list. Where the list ended by an error that can no longer be told, the
// connection breaks, so that nobody takes the half of a list for the whole.
func (a *api) end(s *stream, r *http.Request, text string, err error) error {
	if err == nil {
		s.ahead.WriteString(text)
		err = s.flush()
	}
	if err == nil || !s.sent {
		return err
	}
	if r.Context().Err() == nil {
		a.log.Error().Err(err).Str("path", r.URL.Path).Msg("answer from the catalog")
	}
	panic(http.ErrAbortHandler)
}
