package github

import (
	"net/http"
	"strconv"
	"time"
)

// budget is what one principal has used. Windows go by the playground's clock.
type budget struct {
	limit  int
	used   int
	reset  time.Time // end of the hour that began with the first request
	points []pointsAt
}

// pointsAt is a request of the last minute and its weight.
type pointsAt struct {
	at     time.Time
	points int
}

// budgetOf finds the principal's budget, afresh when its hour is over; the caller holds the lock.
func (s *Server) budgetOf(p *principal, now time.Time) *budget {
	key := p.key
	if p.kind == "installation" {
		key = "installation/" + p.owner // all tokens of an installation share one budget
	}
	b := s.budgets[key]
	if b == nil {
		b = &budget{}
		s.budgets[key] = b
	}
	b.limit = s.options.Hourly
	if p.kind == "anonymous" {
		b.limit = s.config.World.Limits.Anonymous
	}
	if !now.Before(b.reset) {
		b.used, b.reset = 0, now.Add(time.Hour)
	}
	return b
}

// exhausted refuses a request that is over a limit.
func (s *Server) exhausted(b *budget, method string, now time.Time) *reply {
	if b.used >= b.limit {
		return primaryLimit()
	}
	if s.options.PointsPerMinute == 0 {
		return nil
	}
	points := 1
	if method != http.MethodGet && method != http.MethodHead {
		points = 5
	}
	total := points
	kept := b.points[:0]
	for _, p := range b.points {
		if now.Sub(p.at) < time.Minute {
			kept = append(kept, p)
			total += p.points
		}
	}
	b.points = kept
	if total > s.options.PointsPerMinute {
		return secondaryLimit(60)
	}
	b.points = append(b.points, pointsAt{now, points})
	return nil
}

func primaryLimit() *reply {
	return errorReply(&apiError{status: http.StatusForbidden, Message: "API rate limit exceeded for user ID 4000000. If you reach out to GitHub " +
		"Support for help, please include the request ID.", DocumentationURL: "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api"})
}

func secondaryLimit(seconds int) *reply {
	r := errorReply(&apiError{status: http.StatusForbidden, Message: "You have exceeded a secondary rate limit. Please wait a few minutes before " +
		"you try again.", DocumentationURL: "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits"})
	r.header.Set("Retry-After", strconv.Itoa(seconds))
	return r
}

// headers tells the principal what is left.
func (b *budget) headers(h http.Header) {
	h.Set("X-Ratelimit-Limit", strconv.Itoa(b.limit))
	h.Set("X-Ratelimit-Remaining", strconv.Itoa(max(0, b.limit-b.used)))
	h.Set("X-Ratelimit-Used", strconv.Itoa(b.used))
	h.Set("X-Ratelimit-Reset", strconv.FormatInt(b.reset.Unix(), 10))
	h.Set("X-Ratelimit-Resource", "core")
}

type rateJSON struct {
	Limit     int    `json:"limit"`
	Used      int    `json:"used"`
	Remaining int    `json:"remaining"`
	Reset     int64  `json:"reset"`
	Resource  string `json:"resource,omitempty"`
}

func (b *budget) json() rateJSON {
	return rateJSON{Limit: b.limit, Used: b.used, Remaining: max(0, b.limit-b.used), Reset: b.reset.Unix()}
}

// rateLimit answers GET /rate_limit, which costs nothing.
func rateLimit(c *call) (any, error) {
	core := c.s.budgetOf(c.who, c.now).json()
	search := rateJSON{Limit: 30, Remaining: 30, Reset: c.now.Add(time.Minute).Unix()}
	return map[string]any{"resources": map[string]rateJSON{"core": core, "search": search}, "rate": core}, nil
}
