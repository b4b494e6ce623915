package github

import (
	"context"
	"io"
	"net/http"
	"time"
)

// bounded ends a call, its retries and the reading of its answer after limit. It stands in place of http.Client's Timeout,
// which ends only with a closed body: go-github puts another body into refusals and never closes the first, so each of
// them would keep a goroutine and a timer for the whole of the limit.
type bounded struct {
	limit time.Duration
	next  http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (b *bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(r.Context(), b.limit)
	resp, err := b.next.RoundTrip(r.WithContext(ctx))
	if err != nil {
		cancel()
		return nil, err
	}
	resp.Body = &endingBody{resp.Body, cancel}
	return resp, nil
}

// endingBody calls end when it was read to its end, or closed.
type endingBody struct {
	io.ReadCloser
	end func()
}

// Read implements io.Reader.
func (b *endingBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.end()
	}
	return n, err
}

// Close implements io.Closer.
func (b *endingBody) Close() error {
	defer b.end()
	return b.ReadCloser.Close()
}
