// Package github is a GitHub for loopback: the REST API that go-github speaks, with Actions whose runs advance by the
// playground's clock, and a company whose CI goes on by rule. It refuses what GitHub refuses.
//
// Nothing runs in it. State is a function of the world's rules, the moment of the first start, what people did since,
// and now; every request first lets happen what is due. A clock that jumps eight hours ahead finds eight hours of CI.
package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"bellhop/clock"
	"bellhop/internal/jsonlines"

	"github.com/rs/zerolog"
)

// Config is what a Server needs.
type Config struct {
	Clock   *clock.Adjustable
	World   World  // from ParseWorld
	Dir     string // "" keeps nothing; else what happens is kept here and survives kill -9
	BaseURL string // such as http://127.0.0.1:8484, for the links in answers
	Log     zerolog.Logger
	// Notify, when set, is called after every change and whenever a run comes to its next step; it must not block.
	Notify func(Event)
}

// Event says that something of a repository has changed.
type Event struct {
	Repo string // owner/name
	Run  int64  // 0: not a run
}

// Server is the simulated GitHub. It is safe for use by several goroutines.
type Server struct {
	config  Config
	base    string
	hosts   map[string]bool // that the control endpoints may be asked under
	secret  []byte
	api     *http.ServeMux
	control *http.ServeMux
	app     *appKey
	begun   time.Time // what happens from here on is notified
	pages   *template.Template

	mu       sync.Mutex
	st       *state
	journal  *jsonlines.File
	offset   time.Duration // of the clock, as the journal knows it
	options  Options
	faults   []*fault
	budgets  map[string]*budget
	calls    []logged
	devices  []*device // oldest first
	web      map[string]webFile
	lastCall int
	changed  chan struct{} // closes at the next change or call
}

// New makes the world, or takes up the one in config.Dir where it was left. A clock that stands before what has
// happened there is set forward.
func New(config Config) (*Server, error) {
	base, err := url.Parse(config.BaseURL)
	if err != nil || base.Host == "" {
		return nil, fmt.Errorf("the GitHub playground's address %q is not a URL", config.BaseURL)
	}
	j, entries, err := openJournal(config.Dir, config.Clock.Now())
	if err != nil {
		return nil, err
	}
	var begin beginning
	if err := json.Unmarshal(entries[0].Args, &begin); err != nil {
		return nil, errors.Join(fmt.Errorf("read the GitHub journal: %w", err), j.Close())
	}
	s := &Server{config: config, base: strings.TrimSuffix(config.BaseURL, "/"), secret: []byte(begin.Secret), journal: j,
		hosts: allowedHosts(base), budgets: map[string]*budget{}, web: map[string]webFile{}, changed: make(chan struct{}), options: Options{ReturnRunDetails: true, DeviceFlow: true,
			PointsPerMinute: config.World.Limits.PointsPerMinute, Hourly: config.World.Limits.Hourly}, app: &appKey{}}
	if config.Dir != "" {
		s.app.file = filepath.Join(config.Dir, "github-app.pem")
	}
	if s.st, err = newState(&s.config.World, s.base, entries[0].At); err != nil {
		return nil, errors.Join(err, j.Close())
	}
	if s.pages, err = parsePages(); err != nil {
		return nil, errors.Join(err, j.Close())
	}
	s.resume(entries[1:])
	s.advance()
	s.begun = s.st.now
	s.api = s.routes()
	s.control = s.controlRoutes()
	return s, nil
}

// resume applies the journal and sets the clock to where it was.
func (s *Server) resume(entries []entry) {
	for _, e := range entries {
		if err := s.st.replay(e); err != nil {
			// The world's rules have changed since: what no longer fits is left out, and the rest goes on.
			s.config.Log.Warn().Err(err).Str("op", e.Op).Time("at", e.At).Msg("the GitHub playground leaves out an operation that no longer fits")
		}
		s.offset = max(s.offset, e.Offset)
	}
	if offset, _ := s.config.Clock.Offset(); offset < s.offset {
		// It can only have been set forward by somebody else meanwhile, which is as good.
		if err := s.config.Clock.SetOffset(s.offset); err != nil && !errors.Is(err, clock.ErrBackwards) {
			s.config.Log.Warn().Err(err).Msg("set the playground's clock to where it was")
		}
	}
}

// Register adds the API, the pages and the control endpoints to mux.
func (s *Server) Register(mux *http.ServeMux) {
	api := http.HandlerFunc(s.serveAPI)
	mux.Handle("/api/v3/", http.StripPrefix("/api/v3", api))
	mux.HandleFunc("/orgs/", func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.Header.Get("Accept"), "text/html") { // a browser, at a team's page
			s.servePage(w, r)
			return
		}
		s.serveAPI(w, r)
	})
	for _, path := range []string{"/repos/", "/repositories/", "/user", "/user/", "/users/", "/organizations/", "/app", "/app/", "/apps/",
		"/installation/", "/installations/", "/rate_limit", "/search/", "/meta", "/zen"} {
		mux.Handle(path, api)
	}
	mux.HandleFunc("/_blob/", s.serveBlob)
	mux.HandleFunc("/_env/", s.servePage)
	mux.HandleFunc("/_control/github/", s.serveControl)
	mux.HandleFunc("/_web/", s.serveWeb)
	mux.HandleFunc("POST /login/device/code", s.serveOAuth(s.deviceCode))
	mux.HandleFunc("POST /login/oauth/access_token", s.serveOAuth(s.deviceToken))
	mux.HandleFunc("/login/device", s.serveDevicePage)
	mux.HandleFunc("/", s.servePage) // /OWNER and what is under it
}

// Run tells Notify when runs come to their next step, until ctx ends. The server answers without it too.
func (s *Server) Run(ctx context.Context) error {
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if err := s.journal.Close(); err != nil {
			s.config.Log.Warn().Err(err).Msg("close the GitHub journal")
		}
	}()
	last := s.begun
	for {
		s.mu.Lock()
		s.advance()
		now := s.st.now
		moved, next := s.st.moved(last)
		changed := s.changed
		s.mu.Unlock()
		for _, e := range moved {
			s.notify(e)
		}
		last = now
		if next.IsZero() {
			next = now.Add(time.Minute)
		}
		waiting, cancel := context.WithCancel(ctx)
		go func() {
			select {
			case <-changed: // a new plan: look again
				cancel()
			case <-waiting.Done():
			}
		}()
		// It returns when next has come, or with waiting's error, which says no more than ctx and changed do.
		_ = s.config.Clock.Wait(waiting, next)
		cancel()
		if ctx.Err() != nil {
			return nil
		}
	}
}

// moved tells which runs have come to a next step since last, and when the next of those that are not over will.
func (st *state) moved(last time.Time) (events []Event, next time.Time) {
	for i := len(st.runOrder) - 1; i >= 0 && i >= len(st.runOrder)-200; i-- { // older ones are long over
		r := st.runOrder[i]
		a := r.latest(st.now)
		if at := a.next(last); upTo(at, st.now) {
			events = append(events, Event{Repo: r.repo.slug(), Run: r.id})
		}
		if at := a.next(st.now); !at.IsZero() && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return events, next
}

// advance lets happen what is due; the caller holds the lock.
func (s *Server) advance() {
	s.st.advance(s.config.Clock.Now())
	if offset, _ := s.config.Clock.Offset(); offset > s.offset {
		s.record(&opNothing{})
	}
}

// do applies an operation now and records it; the caller holds the lock and has called advance.
func (s *Server) do(o operation) error {
	if err := o.apply(s.st); err != nil {
		return err
	}
	s.record(o)
	s.wake()
	return nil
}

func (s *Server) record(o operation) {
	args, err := json.Marshal(o)
	if err == nil {
		s.offset, _ = s.config.Clock.Offset()
		err = s.journal.Append(entry{At: s.st.now, Op: nameOf(o), Args: args, Offset: s.offset})
	}
	if err != nil {
		s.config.Log.Error().Err(err).Msg("the GitHub playground cannot keep what happened")
	}
}

// wake ends all long polls; the caller holds the lock.
func (s *Server) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *Server) notify(e Event) {
	if s.config.Notify != nil {
		s.config.Notify(e)
	}
}
