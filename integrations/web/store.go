package web

import (
	"net/http"
	"sync"
)

// maxKept bounds what is remembered of files altogether, in bytes.
const maxKept = 8 << 20

// store remembers files by address, so that one that has not changed need not come again.
type store struct {
	mu    sync.Mutex
	files map[string]kept
	size  int
}

// kept is a file with what tells whether it has changed.
type kept struct {
	tag, modified string
	body          []byte
}

// condition asks for the file only if it has changed.
func (k kept) condition(h http.Header) {
	if k.tag != "" {
		h.Set("If-None-Match", k.tag)
		return
	}
	h.Set("If-Modified-Since", k.modified)
}

func (s *store) get(address string) (kept, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, ok := s.files[address]
	return k, ok
}

// put remembers a file, if its host tells how to ask for changes. When there is no more room, all others are forgotten.
func (s *store) put(address string, k kept) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.size -= len(s.files[address].body)
	delete(s.files, address)
	if k.tag == "" && k.modified == "" {
		return
	}
	if s.files == nil || s.size+len(k.body) > maxKept {
		s.files, s.size = map[string]kept{}, 0
	}
	s.files[address] = k
	s.size += len(k.body)
}
