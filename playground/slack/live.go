package slack

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// note tells watchers that something changed. It names the thing; whoever wants it asks for it.
type note struct {
	Type    string `json:"type"`
	Channel string `json:"channel,omitempty"`
	User    string `json:"user,omitempty"`
	TS      string `json:"ts,omitempty"`
	Name    string `json:"name,omitempty"` // the method of a call, the type of an envelope
}

// live hands notes to everyone who watches.
type live struct {
	mu       sync.Mutex
	watchers map[chan note]bool
	closed   bool
}

// watchBuffer is how far a watcher may fall behind before it is cut off and has to come again.
const watchBuffer = 4096

func newLive() *live { return &live{watchers: map[chan note]bool{}} }

func (l *live) watch() chan note {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := make(chan note, watchBuffer)
	if l.closed {
		close(c)
		return c
	}
	l.watchers[c] = true
	return c
}

func (l *live) forget(c chan note) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.watchers, c)
}

func (l *live) tell(n note) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.watchers {
		select {
		case c <- n:
		default:
			delete(l.watchers, c)
			close(c)
		}
	}
}

func (l *live) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for c := range l.watchers {
		delete(l.watchers, c)
		close(c)
	}
}

// Tell lets another part of the playground announce a change to the page and to tests that watch /_control/events,
// for example kind "github".
func (s *Server) Tell(kind string) { s.live.tell(note{Type: kind}) }

// serveEvents is the stream of notes as server-sent events. Its first line, a comment, says that nothing from then on
// is missed.
func (s *Server) serveEvents(w http.ResponseWriter, r *http.Request) {
	c := s.live.watch()
	defer s.live.forget(c)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	out := http.NewResponseController(w)
	if _, err := fmt.Fprint(w, ": watching\n\n"); err != nil || out.Flush() != nil {
		return
	}
	beat := time.NewTicker(15 * time.Second) // so that a watcher that went away is noticed
	defer beat.Stop()
	for {
		line := ": beat\n\n"
		select {
		case <-r.Context().Done():
			return
		case <-s.ctx.Done():
			return
		case n, ok := <-c:
			if !ok {
				return
			}
			data, err := json.Marshal(n)
			if err != nil {
				return
			}
			line = "data: " + string(data) + "\n\n"
		case <-beat.C:
		}
		if _, err := fmt.Fprint(w, line); err != nil || out.Flush() != nil {
			return
		}
	}
}
