package github

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// webFile is a plain file on the web, or what stands in its place.
type webFile struct {
	Path        string `json:"path"` // under /_web/
	Content     string `json:"content"`
	ContentType string `json:"content_type"`
	Status      int    `json:"status"`   // 0: 200
	Redirect    string `json:"redirect"` // an address; with a status of 302 unless another is given
	Repeat      int    `json:"repeat"`   // sends the content that many times over: a large file
	WithoutTag  bool   `json:"no_etag"`  // sends no ETag
	Delete      bool   `json:"delete"`
}

// maxWebFile is enough to be too much for any descriptor.
const maxWebFile = 1 << 30

// serveWeb answers as a plain web server does: with an ETag, and 304 to who has it already.
func (s *Server) serveWeb(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	f, ok := s.web[strings.TrimPrefix(r.URL.Path, "/_web/")]
	now := s.config.Clock.Now()
	s.mu.Unlock()
	status := f.Status
	switch {
	case !ok:
		status = http.StatusNotFound
	case f.Redirect != "":
		w.Header().Set("Location", f.Redirect)
		status = cmp.Or(status, http.StatusFound)
	case status == 0:
		status = http.StatusOK
	}
	sum := sha256.Sum256([]byte(f.Content))
	tag := `"` + hex.EncodeToString(sum[:8]) + `"`
	if status == http.StatusOK && !f.WithoutTag {
		w.Header().Set("Etag", tag)
		if r.Header.Get("If-None-Match") == tag {
			status = http.StatusNotModified
		}
	}
	if f.ContentType != "" {
		w.Header().Set("Content-Type", f.ContentType)
	}
	s.log(logged{At: now, Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery, Status: status})
	w.WriteHeader(status)
	if status == http.StatusNotModified {
		return
	}
	for range max(1, f.Repeat) {
		if _, err := w.Write([]byte(f.Content)); err != nil {
			return // the client has gone away
		}
	}
}

// controlWeb puts a file on the web, or takes it away.
func controlWeb(s *Server, body []byte) (map[string]any, error) {
	f, err := read[webFile](body)
	if err != nil {
		return nil, err
	}
	if f.Path = strings.Trim(f.Path, "/"); f.Path == "" {
		return nil, errors.New("path is missing")
	}
	if f.Status != 0 && (f.Status < 200 || f.Status > 599) || f.Repeat < 0 || f.Repeat > maxWebFile/max(1, len(f.Content)) {
		return nil, fmt.Errorf("status lies between 200 and 599, and the content repeated has %d MB at most", maxWebFile>>20)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.Delete {
		delete(s.web, f.Path)
		return nil, nil
	}
	s.web[f.Path] = f
	return map[string]any{"url": s.base + "/_web/" + f.Path}, nil
}
