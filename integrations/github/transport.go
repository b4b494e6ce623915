package github

import (
	"bytes"
	"container/list"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"bellhop/clock"
)

// retrying asks again where GitHub stumbled (5xx or a cut connection), for requests that change nothing.
type retrying struct {
	next  http.RoundTripper
	clock clock.Clock
}

// retryPauses are the waits before the second and third try.
var retryPauses = [...]time.Duration{250 * time.Millisecond, time.Second}

// RoundTrip implements http.RoundTripper.
func (t *retrying) RoundTrip(r *http.Request) (*http.Response, error) {
	for try := 0; ; try++ {
		resp, err := t.next.RoundTrip(r)
		again := err == nil && resp.StatusCode >= 500 || err != nil && !isLimit(err)
		if !again || r.Method != http.MethodGet || try == len(retryPauses) {
			return resp, err
		}
		if err == nil {
			_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // so that the connection can be used again
			_ = resp.Body.Close()
		}
		if err := t.clock.Wait(r.Context(), t.clock.Now().Add(retryPauses[try])); err != nil {
			return nil, err
		}
	}
}

// isLimit tells that GitHub asked for a pause: trying again at once would be rude.
func isLimit(err error) bool {
	var limit *RateLimited
	return errors.As(err, &limit)
}

// etagging asks with the ETag of the last answer and serves that one again on a 304, which costs nothing of the
// hourly limit. It always asks: an answer is never served without GitHub's word that it still stands.
type etagging struct {
	identity string // ETags vary with the token
	store    *etagStore
	next     http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (t *etagging) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodGet || r.Header.Get("If-None-Match") != "" || r.Header.Get("Range") != "" {
		return t.next.RoundTrip(r)
	}
	key := t.identity + "\n" + r.Header.Get("Accept") + "\n" + r.URL.String()
	had, ok := t.store.get(key)
	if ok {
		r = r.Clone(r.Context())
		r.Header.Set("If-None-Match", had.tag)
	}
	resp, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if ok && resp.StatusCode == http.StatusNotModified {
		_ = resp.Body.Close() // a 304 has none
		return had.response(resp), nil
	}
	if tag := resp.Header.Get("ETag"); resp.StatusCode == http.StatusOK && tag != "" && isJSON(resp) {
		return t.store.keep(key, tag, resp)
	}
	return resp, nil
}

func isJSON(resp *http.Response) bool {
	return strings.Contains(resp.Header.Get("Content-Type"), "json")
}

const (
	// etagBytes bounds all kept answers together.
	etagBytes = 8 << 20
	// etagEntry bounds one; a longer one is not kept.
	etagEntry = 512 << 10
)

// etagStore keeps the last answers, least recently used first out.
type etagStore struct {
	mu    sync.Mutex
	byKey map[string]*list.Element
	order *list.List // of *kept, most recent first
	size  int
}

// kept is one answer.
type kept struct {
	key, tag string
	header   http.Header
	body     []byte
}

func newETagStore() *etagStore {
	return &etagStore{byKey: map[string]*list.Element{}, order: list.New()}
}

func (s *etagStore) get(key string) (*kept, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.byKey[key]
	if !ok {
		return nil, false
	}
	s.order.MoveToFront(e)
	k, ok := e.Value.(*kept)
	return k, ok
}

// keep reads the answer, remembers it if it is not too long, and gives it back readable.
func (s *etagStore) keep(key, tag string, resp *http.Response) (*http.Response, error) {
	body, err := io.ReadAll(io.LimitReader(resp.Body, etagEntry+1))
	if err != nil {
		_ = resp.Body.Close() // the read error says it all
		return nil, err
	}
	if len(body) > etagEntry {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.MultiReader(bytes.NewReader(body), resp.Body), resp.Body}
		return resp, nil
	}
	_ = resp.Body.Close() // read to its end
	resp.Body = io.NopCloser(bytes.NewReader(body))
	s.put(&kept{key: key, tag: tag, header: resp.Header.Clone(), body: body})
	return resp, nil
}

func (s *etagStore) put(k *kept) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e, ok := s.byKey[k.key]; ok {
		s.remove(e)
	}
	s.byKey[k.key] = s.order.PushFront(k)
	s.size += len(k.body)
	for s.size > etagBytes {
		s.remove(s.order.Back())
	}
}

func (s *etagStore) remove(e *list.Element) {
	if k, ok := s.order.Remove(e).(*kept); ok {
		delete(s.byKey, k.key)
		s.size -= len(k.body)
	}
}

// response is the kept answer to the request that the 304 answered.
func (k *kept) response(notModified *http.Response) *http.Response {
	resp := *notModified
	resp.StatusCode, resp.Status = http.StatusOK, "200 OK"
	resp.Header = k.header.Clone()
	resp.Body = io.NopCloser(bytes.NewReader(k.body))
	resp.ContentLength = int64(len(k.body))
	return &resp
}
