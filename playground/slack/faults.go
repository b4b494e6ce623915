package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// fault makes the next calls of a method go wrong. Without a status and with neither delay nor dropped answer it is no
// fault at all.
type fault struct {
	Method     string          `json:"method"` // "*" is every method; "response_url" the posts there; "upload" the uploads
	Times      int             `json:"times"`  // 0: once
	Status     int             `json:"status"`
	RetryAfter int             `json:"retry_after"` // seconds
	Body       json.RawMessage `json:"body"`
	DelayMS    int             `json:"delay_ms"`
	DropAnswer bool            `json:"drop_answer"` // act, then cut the connection
	Skip       int             `json:"skip"`        // let that many matching calls pass first
}

// wireFaults are those of the sockets.
type wireFaults struct {
	duplicate int // envelopes yet to be sent twice
	noPings   bool
}

// strike takes the fault that waits for the method, if any, and waits for as long as it delays.
func (s *Server) strike(ctx context.Context, name string) *fault {
	s.mu.Lock()
	var struck *fault
	for i, f := range s.faults {
		if f.Method != name && f.Method != "*" {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		struck = f
		if f.Times--; f.Times <= 0 {
			s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
		}
		break
	}
	s.mu.Unlock()
	if struck != nil && struck.DelayMS > 0 {
		// The delay is of the network and so real; a client that went away ends it.
		delay := time.NewTimer(time.Duration(struck.DelayMS) * time.Millisecond)
		defer delay.Stop()
		select {
		case <-delay.C:
		case <-ctx.Done():
		case <-s.ctx.Done():
		}
	}
	return struck
}

// instead says that the fault answers in the method's place.
func (f *fault) instead() bool { return f != nil && f.Status != 0 && !f.DropAnswer }

func (f *fault) dropsAnswer() bool { return f != nil && f.DropAnswer }

func (f *fault) status() int { return f.Status }

func (f *fault) write(w http.ResponseWriter) {
	body := f.Body
	if body == nil {
		code := "internal_error"
		if f.Status == http.StatusTooManyRequests {
			code = "ratelimited"
		}
		body = json.RawMessage(fmt.Sprintf(`{"ok":false,"error":%q}`, code))
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if text := ""; json.Unmarshal(body, &text) == nil { // a body that is no JSON is given as a string
		body = json.RawMessage(text)
		w.Header().Set("Content-Type", "text/html")
	}
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(f.RetryAfter))
	}
	w.WriteHeader(f.Status)
	// A client that went away gets no answer; nothing is left to do about it.
	_, _ = w.Write(body)
}

// controlFault sets faults, one or several at once.
func (s *Server) controlFault(r *http.Request) (object, error) {
	var in struct {
		fault
		Disconnect       string `json:"disconnect"`
		Connections      int    `json:"connections"`
		KillSockets      bool   `json:"kill_sockets"`
		Duplicate        int    `json:"duplicate_envelopes"`
		NoPings          *bool  `json:"no_pings"`
		UnknownEnvelopes int    `json:"unknown_envelopes"`
		NoRateLimits     *bool  `json:"no_rate_limits"`
		Clear            bool   `json:"clear"`
	}
	if err := readControl(r, &in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if in.Method != "" {
		if _, known := s.methods[in.Method]; !known && in.Method != "*" && in.Method != "response_url" && in.Method != "upload" {
			return nil, refuse("unknown_method")
		}
		if in.Status == 0 && in.DelayMS == 0 && !in.DropAnswer {
			return nil, &apiError{code: "invalid_arguments", messages: []string{"a fault needs status, delay_ms or drop_answer"}}
		}
	}
	if in.Disconnect != "" && !disconnectReason(in.Disconnect) {
		return nil, &apiError{code: "invalid_arguments", messages: []string{
			"disconnect is warning, refresh_requested, link_disabled or too_many_websockets"}}
	}
	if in.Clear {
		s.faults, s.wire, s.limits.off = nil, wireFaults{}, false
	}
	if in.Method != "" {
		f := in.fault
		s.faults = append(s.faults, &f)
	}
	s.wire.duplicate += in.Duplicate
	if in.NoPings != nil {
		s.wire.noPings = *in.NoPings
	}
	if in.NoRateLimits != nil {
		s.limits.off = *in.NoRateLimits
	}
	for range in.UnknownEnvelopes {
		s.sendUnknown()
	}
	if in.Disconnect != "" {
		s.sockets.disconnect(in.Disconnect, in.Connections)
	}
	if in.KillSockets {
		s.sockets.killAll()
	}
	return object{}, nil
}
