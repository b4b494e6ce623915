// Package slack is a strict Slack that runs on loopback: the Web API, Socket Mode, a chat page, and a scripting
// interface that lets a test act as a person does. It keeps the rules that the real one keeps (tokens, scopes,
// membership, Block Kit limits, rate limits, expiring trigger ids, redelivery), so that a bot that works here works
// there. It knows nothing of Bellhop; any Slack bot can be developed against it. docs/playground.md is its manual.
package slack

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"bellhop/clock"
)

// Config is what a Server is made of.
type Config struct {
	// Clock is the playground's time; trigger ids, rate limits, redelivery and expiries go by it. Required.
	Clock *clock.Adjustable
	// World is the workspace, decoded by ParseWorld.
	World World
	// Manifest is the app's manifest as YAML or JSON; it binds commands, events and scopes. Required.
	Manifest []byte
	// Dir is where messages, files and views are kept; "" keeps them in memory only. What was answered as done is
	// there again after kill -9.
	Dir string
	// BaseURL is where the server is reached, for example http://127.0.0.1:8484, without a slash at the end.
	BaseURL string
	// Log gets one line a refused call and one a lost envelope, at debug level.
	Log zerolog.Logger
	// Landing is the channel that the page opens for somebody new, by id; "" leaves it at #general.
	Landing string
	// Extra are the buttons that the page offers besides its own, for example "next summary".
	Extra []PageAction
}

// PageAction is a button of the page that sends one request.
type PageAction struct {
	Label  string         `json:"label"`
	Method string         `json:"method"`
	Path   string         `json:"path"`
	Body   map[string]any `json:"body,omitempty"`
}

// object is a JSON object in Slack's own shape, where no type of ours says more than the shape itself.
type object = map[string]any

// Server is one simulated workspace with one app installed. Its methods are safe for concurrent use.
type Server struct {
	cfg      Config
	clock    *clock.Adjustable
	manifest *manifest
	methods  map[string]method
	live     *live
	ctx      context.Context // ends when Run ends; deliveries stop with it
	stop     context.CancelFunc
	work     sync.WaitGroup // deliveries under way

	mu                          sync.Mutex // guards everything below
	state                       *state
	journal                     *journal
	limits                      *limits
	triggers                    map[string]*trigger
	inputs                      map[inputKey]stateValues // what a person chose in a message's elements
	suggested                   map[suggestion][]object  // what each searched menu offered last
	uploads                     map[string]*upload       // new files that are not ready for use yet
	blobs                       map[string][]byte        // files' bytes, without a Dir
	sockets                     sockets
	faults                      []*fault
	wire                        wireFaults
	log                         callLog
	keptTriggers, keptResponses int // how many there may be before old ones are forgotten

	lastTS int64              // microseconds; message timestamps never repeat
	wake   context.CancelFunc // wakes runScheduled; nil before Run
}

// New makes the workspace, with what Dir holds from an earlier run. It fails when the manifest or the kept state
// cannot be read.
func New(cfg Config) (*Server, error) {
	if cfg.Clock == nil {
		return nil, errors.New("slack playground: no clock given")
	}
	m, err := parseManifest(cfg.Manifest)
	if err != nil {
		return nil, fmt.Errorf("slack playground: app manifest: %w", err)
	}
	cfg.BaseURL = strings.TrimSuffix(cfg.BaseURL, "/")
	s := &Server{
		cfg: cfg, clock: cfg.Clock, manifest: m, live: newLive(),
		state: newState(cfg.World), limits: newLimits(), triggers: map[string]*trigger{},
		inputs:    map[inputKey]stateValues{},
		suggested: map[suggestion][]object{},
		uploads:   map[string]*upload{}, blobs: map[string][]byte{}, sockets: newSockets(),
	}
	if s.journal, err = openJournal(cfg.Dir, s.state); err != nil {
		return nil, fmt.Errorf("slack playground: read kept state: %w", err)
	}
	s.lastTS = s.state.newest
	if offset, _ := s.clock.Offset(); s.state.Offset > offset {
		if err := s.clock.SetOffset(s.state.Offset); err != nil {
			return nil, fmt.Errorf("slack playground: set clock: %w", err)
		}
	}
	s.ctx, s.stop = context.WithCancel(context.Background())
	s.methods = s.methodTable()
	return s, nil
}

// Register puts the server's paths onto mux.
func (s *Server) Register(mux *http.ServeMux) {
	mux.HandleFunc("/api/{method}", s.serveAPI)
	mux.HandleFunc("/socket/{ticket}", s.serveSocket)
	mux.HandleFunc("POST /response/{token}", s.serveResponse)
	mux.HandleFunc("POST /files/upload/{id}", s.serveUpload)
	mux.HandleFunc("GET /files/{id}", s.serveFile)
	mux.HandleFunc("GET /files/{id}/{name}", s.serveFile)
	s.registerControl(mux)
	s.registerPage(mux)
}

// Run posts scheduled messages at their time and, when ctx ends, closes the sockets, waits for deliveries under way
// and closes the kept state. It returns nil after that.
func (s *Server) Run(ctx context.Context) error {
	s.runScheduled(ctx)
	s.stop()
	s.mu.Lock()
	s.sockets.killAll()
	s.mu.Unlock()
	s.work.Wait()
	s.live.close()
	if err := s.journal.Close(); err != nil {
		return fmt.Errorf("slack playground: close kept state: %w", err)
	}
	return nil
}

// now is the playground's present moment.
func (s *Server) now() time.Time { return s.clock.Now() }

// nextTS is a message timestamp that was never given before. The lock is held.
func (s *Server) nextTS() string {
	s.lastTS = max(s.now().UnixMicro(), s.lastTS+1)
	return formatTS(s.lastTS)
}

func formatTS(micros int64) string { return fmt.Sprintf("%d.%06d", micros/1e6, micros%1e6) }

// randomHex is n random bytes as hexadecimal digits.
func randomHex(n int) string {
	b := make([]byte, n)
	// Read never fails since Go 1.24: it ends the process when the system has no randomness.
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

// randomID is an identifier as Slack writes them: the prefix and 10 upper-case signs.
func randomID(prefix string) string { return prefix + strings.ToUpper(randomHex(5)) }
