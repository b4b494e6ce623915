package github

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"

	gh "github.com/google/go-github/v60/github"
)

const (
	// perPage is how many entries are asked for at once. GitHub: 100 at most.
	perPage = 100
	// maxPages bounds one list.
	maxPages = 1000
	// maxKeptPages bounds the pages that are remembered; one of 100 repositories takes some 20 KB.
	maxKeptPages = 4096
)

// pageStore remembers what the pages of long lists said, so that one that has not changed costs nothing of the hourly limit.
// The answers themselves, half a megabyte for 100 repositories, would soon crowd out everything else among the ETags.
type pageStore struct {
	mu    sync.Mutex
	pages map[string]keptPage
}

type keptPage struct {
	tag   string
	items any // []T
	more  bool
}

func (s *pageStore) get(key string) keptPage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pages[key]
}

func (s *pageStore) put(key string, p keptPage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pages == nil || len(s.pages) >= maxKeptPages {
		s.pages = map[string]keptPage{}
	}
	s.pages[key] = p
}

// paged is a list of the API that is read page by page.
type paged[T any] struct {
	c     *Client
	owner string // by whose client it is read
	path  string // with a query or without: "orgs/acme/repos?type=all"
	field string // of the answer that holds the list; empty where it is the answer
}

// each calls yield with page after page.
func (l paged[T]) each(ctx context.Context, yield func([]T) error) error {
	client, err := l.c.For(ctx, l.owner)
	if err != nil {
		return err
	}
	for number := 1; number <= maxPages; number++ {
		items, more, err := l.page(ctx, client, number)
		if err != nil {
			return err
		}
		if err := yield(items); err != nil {
			return err
		}
		if !more {
			return nil
		}
	}
	return fmt.Errorf("%s has more than %d pages", l.path, maxPages)
}

// all is the whole list.
func (l paged[T]) all(ctx context.Context) ([]T, error) {
	var all []T
	err := l.each(ctx, func(page []T) error {
		all = append(all, page...)
		return nil
	})
	return all, err
}

func (l paged[T]) page(ctx context.Context, client *gh.Client, number int) (items []T, more bool, err error) {
	address := fmt.Sprintf("%s?per_page=%d&page=%d", l.path, perPage, number)
	if bytes.ContainsRune([]byte(l.path), '?') {
		address = fmt.Sprintf("%s&per_page=%d&page=%d", l.path, perPage, number)
	}
	req, err := client.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return nil, false, fmt.Errorf("ask for %s: %w", address, err)
	}
	key := l.owner + "\n" + address
	had := l.c.pages.get(key)
	// A tag that no answer has keeps the first answer out of the store of ETags.
	req.Header.Set("If-None-Match", cmp.Or(had.tag, `"unread"`))
	var body bytes.Buffer
	resp, err := client.Do(ctx, req, &body)
	if known, ok := had.items.([]T); ok && statusOf(err) == http.StatusNotModified {
		return known, had.more, nil
	}
	if err != nil {
		return nil, false, plainly(err)
	}
	if items, err = l.decode(body.Bytes()); err != nil {
		return nil, false, fmt.Errorf("read %s: %w", address, err)
	}
	// A full page has another behind it, or may get one without changing itself.
	more = resp.NextPage != 0 || len(items) >= perPage
	if tag := resp.Header.Get("ETag"); tag != "" {
		l.c.pages.put(key, keptPage{tag: tag, items: items, more: more})
	}
	return items, more, nil
}

func (l paged[T]) decode(body []byte) (items []T, err error) {
	if l.field == "" {
		return items, json.Unmarshal(body, &items)
	}
	var wrapped map[string]json.RawMessage
	if err := json.Unmarshal(body, &wrapped); err != nil {
		return nil, err
	}
	return items, json.Unmarshal(wrapped[l.field], &items)
}
