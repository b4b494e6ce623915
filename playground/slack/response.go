package slack

import (
	"maps"
	"net/http"
	"time"
)

// Slack: a response_url takes 5 posts within 30 minutes.
const (
	responseUses = 5
	responseLife = 30 * time.Minute
)

// ResponseURL is where a command or a click can be answered without a token.
type ResponseURL struct {
	Token     string    `json:"token"`
	Channel   string    `json:"channel"`
	User      string    `json:"user"`
	MessageTS string    `json:"message_ts,omitempty"` // the message whose element was used
	Ephemeral bool      `json:"ephemeral,omitempty"`  // that message is one
	Issued    time.Time `json:"issued"`
	Uses      int       `json:"uses"`
}

// newResponseURL gives out an address for answers. The lock is held.
func (s *Server) newResponseURL(r ResponseURL) string {
	now := s.now()
	// Expired ones are forgotten when they have doubled, so that the cost of one stays small.
	if len(s.state.responses) > s.keptResponses {
		maps.DeleteFunc(s.state.responses, func(_ string, old *ResponseURL) bool { return now.Sub(old.Issued) > 2*responseLife })
		s.keptResponses = max(1000, 2*len(s.state.responses))
	}
	r.Token, r.Issued = randomHex(16), now
	s.commit(change{Response: &r}, note{})
	return s.cfg.BaseURL + "/response/" + r.Token
}

// serveResponse answers a post to a response_url. A refusal is a 400 or 404 with Slack's error.
func (s *Server) serveResponse(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	a, _, err := readArgs(r)
	struck := s.strike(r.Context(), "response_url")
	if err == nil && struck.instead() {
		s.mu.Lock()
		s.record("response_url", a, struck.status(), object{"ok": false, "error": "fault"}, started)
		s.mu.Unlock()
		struck.write(w)
		return
	}
	s.mu.Lock()
	status := http.StatusBadRequest
	var answer object
	if err == nil {
		answer, status, err = s.respond(r.PathValue("token"), a)
	}
	if err != nil {
		answer, _ = s.refusal("response_url", w, err)
	} else {
		answer["ok"] = true
	}
	s.record("response_url", a, status, answer, started)
	s.mu.Unlock()
	if struck.dropsAnswer() {
		cut(w)
		return
	}
	if err == nil {
		w.Header().Set("Content-Type", "text/html")
		// A client that went away gets no answer; nothing is left to do about it.
		_, _ = w.Write([]byte("ok"))
		return
	}
	writeJSON(w, status, answer)
}

// respond does what a post to a response_url asks for. The lock is held.
func (s *Server) respond(token string, a args) (object, int, error) {
	old := s.state.responses[token]
	switch {
	case old == nil:
		return nil, http.StatusNotFound, refuse("invalid_url")
	case s.now().Sub(old.Issued) > responseLife:
		return nil, http.StatusNotFound, refuse("expired_url")
	case old.Uses >= responseUses:
		return nil, http.StatusNotFound, refuse("used_url")
	}
	used := *old
	used.Uses++
	s.commit(change{Response: &used}, note{})
	channel := s.state.channels[used.Channel]
	if channel == nil {
		return nil, http.StatusNotFound, refuse("channel_not_found")
	}
	answer, err := s.answerIn(channel, used, a)
	if err != nil {
		return nil, http.StatusBadRequest, err
	}
	return answer, http.StatusOK, nil
}

// answerIn posts, whispers, replaces or deletes, as an answer's fields say. The same rules hold for the payload of a
// command's ack. The lock is held.
func (s *Server) answerIn(channel *Channel, r ResponseURL, a args) (object, error) {
	if a.flag("delete_original") && r.MessageTS != "" {
		return object{}, s.deleteOriginal(channel, r)
	}
	c, err := s.readContent(a)
	if err != nil {
		return nil, err
	}
	if c.empty() {
		return nil, refuse("no_text")
	}
	if len([]rune(c.text)) > maxPosted {
		c.text = string([]rune(c.text)[:maxPosted])
	}
	m := s.botMessage(c)
	if a.flag("replace_original") && r.MessageTS != "" {
		return s.replaceOriginal(channel, r, m)
	}
	switch a.str("response_type") {
	case "in_channel":
		if m.ThreadTS, err = s.threadOf(channel, a.str("thread_ts")); err != nil {
			return nil, err
		}
		s.post(channel, m, false)
		return object{"ts": m.TS, "message": m}, nil
	case "", "ephemeral":
		m.ThreadTS = a.str("thread_ts")
		s.whisper(channel, r.User, m)
		return object{"ts": m.TS}, nil
	}
	return nil, refuse("invalid_response_type")
}

func (s *Server) replaceOriginal(channel *Channel, r ResponseURL, m *Message) (object, error) {
	if r.Ephemeral {
		old := s.state.ephemeral(channel.ID, r.MessageTS)
		if old == nil {
			return nil, refuse("message_not_found")
		}
		m.TS, m.ThreadTS = old.Message.TS, old.Message.ThreadTS
		s.commit(change{Ephemeral: &Ephemeral{Channel: channel.ID, User: old.User, Message: m}},
			note{Type: "ephemeral", Channel: channel.ID, User: old.User, TS: m.TS})
		return object{"ts": m.TS}, nil
	}
	old := s.state.message(channel.ID, r.MessageTS)
	if old == nil {
		return nil, refuse("message_not_found")
	}
	fresh := *old
	fresh.Text, fresh.Blocks, fresh.Attachments = m.Text, m.Blocks, m.Attachments
	if m.Metadata != nil {
		fresh.Metadata = m.Metadata
	}
	fresh.Edited = &edited{User: s.cfg.World.App.UserID, TS: s.nextTS()}
	s.edit(channel, &fresh)
	return object{"ts": fresh.TS}, nil
}

func (s *Server) deleteOriginal(channel *Channel, r ResponseURL) error {
	if r.Ephemeral {
		if s.state.ephemeral(channel.ID, r.MessageTS) == nil {
			return refuse("message_not_found")
		}
		s.commit(change{EphemeralGone: &messageRef{channel.ID, r.MessageTS}},
			note{Type: "ephemeral", Channel: channel.ID, User: r.User, TS: r.MessageTS})
		return nil
	}
	old := s.state.message(channel.ID, r.MessageTS)
	if old == nil {
		return refuse("message_not_found")
	}
	s.remove(channel, old)
	return nil
}
