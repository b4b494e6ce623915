package github

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Options are how this GitHub behaves as a whole; POST /_control/github/options changes those that are given.
type Options struct {
	ReturnRunDetails bool // false: an older Enterprise Server, which refuses that key of a dispatch
	PointsPerMinute  int  // the secondary limit; 0: none
	Hourly           int  // the primary limit
	DeviceFlow       bool // false: it is switched off in the app's settings
}

// logged is a call as GET /_control/github/log tells it.
type logged struct {
	Seq        int       `json:"seq"`
	At         time.Time `json:"at"` // by the playground's clock
	Method     string    `json:"method"`
	Path       string    `json:"path"` // without /api/v3
	Query      string    `json:"query,omitempty"`
	Body       string    `json:"body,omitempty"` // its first 4 KB
	Login      string    `json:"login,omitempty"`
	Status     int       `json:"status"`
	Counted    bool      `json:"counted"` // against the primary limit
	Fault      bool      `json:"fault,omitempty"`
	DurationMS float64   `json:"duration_ms"`
}

// maxLogged is how many calls are remembered.
const maxLogged = 20_000

func (s *Server) log(e logged) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e.Seq = 1
	if n := len(s.calls); n > 0 {
		e.Seq = s.calls[n-1].Seq + 1
	}
	if s.calls = append(s.calls, e); len(s.calls) > maxLogged {
		s.calls = append([]logged(nil), s.calls[maxLogged/10:]...)
	}
	s.wake()
}

// allowedHosts are the names that the control endpoints may be asked under: a page of the Internet can make a browser
// send requests to loopback, but not under these names.
func allowedHosts(base *url.URL) map[string]bool {
	return map[string]bool{"127.0.0.1": true, "localhost": true, "::1": true, base.Hostname(): true}
}

func (s *Server) local(r *http.Request) bool {
	host := r.Host
	if h, _, err := net.SplitHostPort(r.Host); err == nil {
		host = h
	}
	if !s.hosts[strings.Trim(host, "[]")] {
		return false
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && s.hosts[u.Hostname()]
}

// controller answers one control endpoint: with fields to add to {"ok":true}, or an error for {"ok":false}.
type controller func(s *Server, body []byte) (map[string]any, error)

func (s *Server) controlRoutes() *http.ServeMux {
	mux := http.NewServeMux()
	for path, h := range map[string]controller{"fault": controlFault, "faults/clear": controlClear, "outcome": controlOutcome, "approve": controlApprove,
		"push": controlPush, "run": controlRun, "branch": controlBranch, "pull": controlPull, "options": controlOptions, "variable": controlVariable,
		"artifact": controlArtifact, "repo": controlRepo, "organisation": controlOrganisation, "team": controlTeam, "device": controlDevice, "web": controlWeb} {
		mux.HandleFunc("POST /_control/github/"+path, func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
			if err == nil && len(body) > 0 && !json.Valid(body) {
				writeControl(w, http.StatusBadRequest, nil, errors.New("the body is not JSON"))
				return
			}
			fields, err2 := h(s, body)
			writeControl(w, http.StatusOK, fields, errors.Join(err, err2))
		})
	}
	mux.HandleFunc("GET /_control/github/log", s.controlLog)
	mux.HandleFunc("GET /_control/github/app", func(w http.ResponseWriter, _ *http.Request) {
		_, key, err := s.app.get()
		app := s.config.World.App
		writeControl(w, http.StatusOK, map[string]any{"app_id": app.ID, "client_id": app.ClientID, "slug": app.Slug, "installation_id": app.InstallationID,
			"private_key": string(key)}, err)
	})
	return mux
}

func writeControl(w http.ResponseWriter, status int, fields map[string]any, err error) {
	out := map[string]any{"ok": err == nil}
	for k, v := range fields {
		out[k] = v
	}
	if err != nil {
		out["error"] = err.Error()
	}
	answer := jsonReply(status, out)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(answer.status)
	// A client that has gone away needs no answer.
	_, _ = w.Write(answer.body)
}

func (s *Server) serveControl(w http.ResponseWriter, r *http.Request) {
	if !s.local(r) {
		writeControl(w, http.StatusForbidden, nil, errors.New("only pages and programs of this machine may ask this"))
		return
	}
	s.control.ServeHTTP(w, r)
}

// controlLog gives the calls after the number in ?after=; with ?wait=SECONDS it waits for one.
func (s *Server) controlLog(w http.ResponseWriter, r *http.Request) {
	after := atLeast(r.URL.Query().Get("after"), 0)
	wait := time.NewTimer(time.Duration(min(25, atLeast(r.URL.Query().Get("wait"), 0))) * time.Second)
	defer wait.Stop()
	for {
		s.mu.Lock()
		calls := []logged{}
		for _, e := range s.calls {
			if e.Seq > after {
				calls = append(calls, e)
			}
		}
		changed := s.changed
		s.mu.Unlock()
		if len(calls) == 0 {
			select {
			case <-changed:
				continue
			case <-wait.C:
			case <-r.Context().Done():
			}
		}
		writeControl(w, http.StatusOK, map[string]any{"calls": calls}, nil)
		return
	}
}

func read[T any](body []byte) (T, error) {
	var v T
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		return v, fmt.Errorf("read the body: %w", err)
	}
	return v, nil
}

func controlFault(s *Server, body []byte) (map[string]any, error) {
	f, err := read[fault](body)
	if err != nil {
		return nil, err
	}
	if f.pattern, err = regexp.Compile(f.Path); err != nil {
		return nil, fmt.Errorf("path: %w", err)
	}
	if f.RateLimit != "" && f.RateLimit != "primary" && f.RateLimit != "secondary" {
		return nil, fmt.Errorf("rate_limit %q is neither primary nor secondary", f.RateLimit)
	}
	f.Times = max(1, f.Times)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
	return nil, nil
}

func controlClear(s *Server, _ []byte) (map[string]any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
	return nil, nil
}

func controlOptions(s *Server, body []byte) (map[string]any, error) {
	ask, err := read[struct {
		ReturnRunDetails *bool `json:"return_run_details"`
		PointsPerMinute  *int  `json:"points_per_minute"`
		Hourly           *int  `json:"hourly"`
		DeviceFlow       *bool `json:"device_flow"`
	}](body)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if ask.ReturnRunDetails != nil {
		s.options.ReturnRunDetails = *ask.ReturnRunDetails
	}
	if ask.PointsPerMinute != nil {
		s.options.PointsPerMinute = *ask.PointsPerMinute
	}
	if ask.Hourly != nil {
		s.options.Hourly = *ask.Hourly
	}
	if ask.DeviceFlow != nil {
		s.options.DeviceFlow = *ask.DeviceFlow
	}
	return map[string]any{"device_flow": s.options.DeviceFlow, "return_run_details": s.options.ReturnRunDetails, "points_per_minute": s.options.PointsPerMinute,
		"hourly": s.options.Hourly}, nil
}
