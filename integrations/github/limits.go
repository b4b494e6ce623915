package github

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"bellhop/clock"
)

// RateLimited is GitHub's word that we ask too much, or would: nothing was done, and nothing should be asked before Until.
type RateLimited struct {
	Until     time.Time
	Secondary bool // asked too fast, rather than too often in the hour
	Kept      bool // not used up: Bellhop itself keeps the rest for deployments and questions
}

// Error implements error.
func (e *RateLimited) Error() string {
	if e.Kept {
		return fmt.Sprintf("most of GitHub's hourly limit is used up, and the rest is kept for deployments and questions until %s", e.Until.UTC().Format(time.RFC3339))
	}
	if e.Secondary {
		return fmt.Sprintf("GitHub asks for a pause until %s (secondary rate limit)", e.Until.UTC().Format(time.RFC3339))
	}
	return fmt.Sprintf("GitHub's hourly limit is used up until %s", e.Until.UTC().Format(time.RFC3339))
}

// RetryAt is when it makes sense to ask again.
func (e *RateLimited) RetryAt() time.Time { return e.Until }

// secondaryPause is what GitHub asks for where a secondary limit names no time: "wait for at least one minute".
const secondaryPause = time.Minute

// shortPause is how long a request waits for the end of a pause rather than fail.
const shortPause = 3 * time.Second

// limited turns GitHub's three ways of saying "too much" into *RateLimited, and keeps quiet until then. It stands
// below go-github, which would otherwise hold requests back by the machine's clock rather than by GitHub's.
type limited struct {
	next  http.RoundTripper
	clock clock.Clock

	mu     sync.Mutex
	pause  RateLimited
	budget budget
}

// budget is how much of the hourly limit is left, as the newest answer said.
type budget struct {
	left, of int
	until    time.Time // when it is whole again
}

// forBulk is the part of the hourly limit, of 100, that is left to deployments and questions when much is read at once.
const forBulk = 25

// spare tells whether so much is left that much may be read at once.
func (l *limited) spare() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.budget
	if b.of == 0 || b.left*100 >= b.of*forBulk || !l.clock.Now().Before(b.until) {
		return nil
	}
	return &RateLimited{Until: b.until, Kept: true}
}

// note reads the budget off an answer.
func (l *limited) note(h http.Header) {
	left, leftErr := strconv.Atoi(h.Get("X-RateLimit-Remaining"))
	of, ofErr := strconv.Atoi(h.Get("X-RateLimit-Limit"))
	if leftErr != nil || ofErr != nil {
		return
	}
	now := l.clock.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.budget = budget{left, of, now.Add(untilReset(h, now))}
}

// RoundTrip implements http.RoundTripper.
func (l *limited) RoundTrip(r *http.Request) (*http.Response, error) {
	l.mu.Lock()
	pause := l.pause
	l.mu.Unlock()
	if left := pause.Until.Sub(l.clock.Now()); left > 0 && left <= shortPause {
		if err := l.clock.Wait(r.Context(), pause.Until); err != nil {
			if r.Body != nil {
				_ = r.Body.Close() // as below
			}
			return nil, err
		}
	}
	if l.clock.Now().Before(pause.Until) {
		if r.Body != nil {
			_ = r.Body.Close() // a RoundTripper owes this even for what it does not send
		}
		return nil, &pause
	}
	resp, err := l.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	limit, is := l.classify(resp)
	l.note(resp.Header)
	// go-github reads these and then refuses on its own, by the machine's clock.
	for _, h := range []string{"X-RateLimit-Remaining", "X-RateLimit-Reset"} {
		resp.Header.Del(h)
	}
	if !is {
		return resp, nil
	}
	_ = resp.Body.Close() // what it says is understood already
	l.mu.Lock()
	if limit.Until.After(l.pause.Until) {
		l.pause = limit
	}
	l.mu.Unlock()
	return nil, &limit
}

// classify tells a refusal for limits from any other answer, whose body it leaves readable.
func (l *limited) classify(resp *http.Response) (RateLimited, bool) {
	if resp.StatusCode != http.StatusForbidden && resp.StatusCode != http.StatusTooManyRequests {
		return RateLimited{}, false
	}
	now := l.clock.Now()
	if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s >= 0 {
		return RateLimited{Until: now.Add(time.Duration(s) * time.Second), Secondary: true}, true
	}
	if resp.Header.Get("X-RateLimit-Remaining") == "0" {
		return RateLimited{Until: now.Add(untilReset(resp.Header, now))}, true
	}
	if resp.StatusCode == http.StatusTooManyRequests || saysSecondary(resp) {
		return RateLimited{Until: now.Add(secondaryPause), Secondary: true}, true
	}
	return RateLimited{}, false
}

// untilReset is how long GitHub's window still lasts, by GitHub's own clock where the answer shows it.
func untilReset(h http.Header, now time.Time) time.Duration {
	reset, err := strconv.ParseInt(h.Get("X-RateLimit-Reset"), 10, 64)
	if err != nil {
		return secondaryPause
	}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	return min(max(time.Unix(reset, 0).Sub(now), time.Second), time.Hour+time.Minute) // the window is an hour
}

// saysSecondary reads the refusal's words, as GitHub's own clients do; the body can still be read afterwards.
func saysSecondary(resp *http.Response) bool {
	head, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(head), resp.Body), resp.Body}
	if err != nil {
		return false
	}
	var said struct {
		Message string `json:"message"`
		URL     string `json:"documentation_url"`
	}
	if json.Unmarshal(head, &said) != nil {
		return false
	}
	return strings.Contains(strings.ToLower(said.Message), "secondary rate limit") ||
		strings.Contains(strings.ToLower(said.Message), "abuse detection") ||
		strings.Contains(said.URL, "secondary-rate-limits") || strings.Contains(said.URL, "abuse-rate-limits")
}
