package github

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"time"
)

// fault makes coming calls go wrong. Path is a regular expression over the path without /api/v3, Method may be empty.
type fault struct {
	Path       string          `json:"path"`
	Method     string          `json:"method"`
	Times      int             `json:"times"` // 0 means once
	Status     int             `json:"status"`
	Body       json.RawMessage `json:"body"`
	RetryAfter int             `json:"retry_after"` // seconds
	DelayMS    int             `json:"delay_ms"`
	DropAnswer bool            `json:"drop_answer"` // act, then break the connection
	RateLimit  string          `json:"rate_limit"`  // primary or secondary
	Skip       int             `json:"skip"`        // let that many matching calls pass first

	pattern *regexp.Regexp
}

// takeFault uses up the first fault that fits.
func (s *Server) takeFault(r *http.Request) *fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.faults {
		if f.Method != "" && f.Method != r.Method || !f.pattern.MatchString(r.URL.Path) {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		if f.Times--; f.Times <= 0 {
			s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
		}
		taken := *f
		return &taken
	}
	return nil
}

// reply is the answer that a fault gives in place of the real one; nil when the call goes its way.
func (f *fault) reply(b *budget, now time.Time) *reply {
	if f == nil {
		return nil
	}
	var out *reply
	switch {
	case f.RateLimit == "primary":
		out = primaryLimit()
		wait := f.RetryAfter
		if wait == 0 {
			wait = max(1, int(b.reset.Sub(now).Seconds()))
		}
		out.header.Set("X-Fault-Limit", strconv.FormatInt(now.Add(time.Duration(wait)*time.Second).Unix(), 10))
		return out
	case f.RateLimit == "secondary":
		return secondaryLimit(max(1, f.RetryAfter))
	case f.Status != 0:
		out = errorReply(&apiError{status: f.Status, Message: http.StatusText(f.Status)})
		if len(f.Body) > 0 {
			out.body = f.Body
			var text string
			if json.Unmarshal(f.Body, &text) == nil { // a JSON string is a body that is not JSON
				out.body = []byte(text)
				out.header.Set("Content-Type", "text/html; charset=utf-8")
			}
		}
	default:
		return nil
	}
	if f.RetryAfter > 0 {
		out.header.Set("Retry-After", strconv.Itoa(f.RetryAfter))
	}
	return out
}
