package slack

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// registerControl puts the scripting interface onto mux: what a person, a test or the page does.
func (s *Server) registerControl(mux *http.ServeMux) {
	post := func(path string, f func(*http.Request) (object, error)) {
		mux.HandleFunc("POST /_control/"+path, s.local(f))
	}
	post("command", s.controlCommand)
	post("message", s.controlMessage)
	post("react", s.controlReact)
	post("interact", s.controlInteract)
	post("shortcut", s.controlShortcut)
	post("suggest", s.controlSuggest)
	post("submit", s.controlSubmit)
	post("close", s.controlClose)
	post("person", s.controlPerson)
	post("open-home", s.controlOpenHome)
	post("clock", s.controlSetClock)
	post("fault", s.controlFault)
	get := func(path string, f func(*http.Request) (object, error)) {
		mux.HandleFunc("GET /_control/"+path, s.local(f))
	}
	get("messages/{channel}", s.controlMessages)
	get("ephemerals/{channel}/{user}", s.controlEphemerals)
	get("home/{user}", s.controlHome)
	get("views/{user}", s.controlViews)
	get("log", s.controlLog)
	get("clock", s.controlClock)
	mux.HandleFunc("GET /_control/events", func(w http.ResponseWriter, r *http.Request) {
		if !s.isLocal(r) {
			writeJSON(w, http.StatusForbidden, object{"ok": false, "error": "foreign_origin"})
			return
		}
		s.serveEvents(w, r)
	})
}

// errMalformed is a body that is no JSON or has fields that are not known.
var errMalformed = errors.New("malformed_json")

// readControl reads a scripting call's body. Unknown fields are refused, since a misspelt one would do nothing.
func readControl(r *http.Request, into any) error {
	decoder := json.NewDecoder(http.MaxBytesReader(nil, r.Body, maxBody))
	decoder.DisallowUnknownFields()
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		return errors.Join(errMalformed, err)
	}
	return nil
}

// local answers a scripting call with JSON, and only to callers on this machine's own address.
func (s *Server) local(f func(*http.Request) (object, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !s.isLocal(r) {
			writeJSON(w, http.StatusForbidden, object{"ok": false, "error": "foreign_origin"})
			return
		}
		answer, err := f(r)
		if errors.Is(err, errMalformed) {
			writeJSON(w, http.StatusBadRequest, object{"ok": false, "error": "malformed_json", "detail": err.Error()})
			return
		}
		if err != nil {
			refused, status := s.refusal(r.URL.Path, w, err)
			for name, value := range answer {
				refused[name] = value
			}
			writeJSON(w, status, refused)
			return
		}
		answer["ok"] = true
		writeJSON(w, http.StatusOK, answer)
	}
}

// isLocal refuses what another site's page sends: a foreign Origin, or a Host that is not this server's (a name that
// was rebound to the loopback address).
func (s *Server) isLocal(r *http.Request) bool {
	if !s.ownHost(r.Host) {
		return false
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host == r.Host
}

func (s *Server) ownHost(host string) bool {
	if base, err := url.Parse(s.cfg.BaseURL); err == nil && host == base.Host {
		return true
	}
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	// A number cannot be rebound, and cmd/bot decides on which addresses to listen at all.
	return name == "localhost" || net.ParseIP(strings.Trim(name, "[]")) != nil
}

// who finds the person and the conversation of a scripting call, by id or name. A person's id as the conversation is
// their direct messages with the bot. The lock is held.
func (s *Server) who(user, channel string) (*User, *Channel, error) {
	u := s.state.person(user)
	if u == nil {
		return nil, nil, refuse("user_not_found")
	}
	if u.Deleted {
		return nil, nil, refuse("account_inactive")
	}
	c := s.place(channel)
	if c == nil {
		return nil, nil, refuse("channel_not_found")
	}
	// Somebody sees the public channels and those where they are a member; a guest sees only the latter.
	closed := c.IsPrivate || c.IsIM || u.IsRestricted || u.IsStranger
	if closed && !c.has(u.ID) {
		return nil, nil, refuse("channel_not_found")
	}
	return u, c, nil
}

// place finds a conversation by id, name or the id of the person whose direct messages with the bot it is.
func (s *Server) place(channel string) *Channel {
	if c := s.state.channel(channel); c != nil {
		return c
	}
	if u := s.state.users[channel]; u != nil && !u.IsBot && !u.Deleted {
		return s.openBetween(u.ID, s.cfg.World.App.UserID)
	}
	return nil
}

// controlMessages lists a channel's messages; see waitFor.
func (s *Server) controlMessages(r *http.Request) (object, error) {
	return s.waitFor(r, func() (object, []*Message, error) {
		c := s.place(r.PathValue("channel"))
		if c == nil {
			return nil, nil, refuse("channel_not_found")
		}
		list := append([]*Message{}, s.state.messages[c.ID]...)
		return object{"channel": c.ID, "messages": list}, list, nil
	})
}

// controlEphemerals lists what one person alone sees in a channel; see waitFor.
func (s *Server) controlEphemerals(r *http.Request) (object, error) {
	return s.waitFor(r, func() (object, []*Message, error) {
		c, u := s.place(r.PathValue("channel")), s.state.person(r.PathValue("user"))
		switch {
		case c == nil:
			return nil, nil, refuse("channel_not_found")
		case u == nil:
			return nil, nil, refuse("user_not_found")
		}
		list := s.whispered(c, u.ID)
		return object{"messages": list}, list, nil
	})
}

// waitFor answers at once, or with ?wait=SECONDS (60 at most) when a message is there that is newer than ?after=TS, was
// edited after it, or contains the text ?contains=, whichever are given. The answer then has "found", which is false
// when the time ran out.
func (s *Server) waitFor(r *http.Request, list func() (object, []*Message, error)) (object, error) {
	ask := args{"wait": r.URL.Query().Get("wait"), "after": r.URL.Query().Get("after"), "contains": r.URL.Query().Get("contains")}
	changes := s.live.watch() // before the first look, so that nothing is missed
	defer s.live.forget(changes)
	limit := time.NewTimer(time.Duration(min(60, ask.number("wait", 0))) * time.Second)
	defer limit.Stop()
	for {
		s.mu.Lock()
		answer, messages, err := list()
		s.mu.Unlock()
		if err != nil || !ask.has("wait") {
			return answer, err
		}
		at := slices.IndexFunc(messages, func(m *Message) bool { return ask.fits(m) })
		if answer["found"] = at >= 0; at >= 0 {
			return answer, nil
		}
		select {
		case _, open := <-changes:
			if open {
				continue
			}
		case <-limit.C:
		case <-r.Context().Done():
		}
		return answer, nil
	}
}

// fits says whether a message is what waitFor was asked for.
func (a args) fits(m *Message) bool {
	newest := m.TS
	if m.Edited != nil {
		newest = max(newest, m.Edited.TS)
	}
	if a.has("after") && newest <= a.str("after") {
		return false
	}
	return strings.Contains(string(marshal(m)), strings.Trim(string(marshal(a.str("contains"))), `"`))
}

// whispered are the ephemeral messages that somebody sees in a channel.
func (s *Server) whispered(c *Channel, user string) []*Message {
	list := []*Message{}
	for _, e := range s.state.ephemerals[c.ID] {
		if e.User == user {
			list = append(list, e.Message)
		}
	}
	return list
}

func (s *Server) controlHome(r *http.Request) (object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.state.person(r.PathValue("user"))
	if u == nil {
		return nil, refuse("user_not_found")
	}
	return object{"view": s.state.homes[u.ID]}, nil
}

func (s *Server) controlViews(r *http.Request) (object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.state.person(r.PathValue("user"))
	if u == nil {
		return nil, refuse("user_not_found")
	}
	return object{"views": append([]*View{}, s.state.stacks[u.ID]...)}, nil
}

// controlLog shows the newest calls and envelopes; ?after=SEQ those with a higher number alone.
func (s *Server) controlLog(r *http.Request) (object, error) {
	after := args{"after": r.URL.Query().Get("after")}.number("after", 0)
	s.mu.Lock()
	defer s.mu.Unlock()
	calls, envelopes := []callRecord{}, []envelopeRecord{}
	for _, c := range s.log.calls {
		if c.Seq > after {
			calls = append(calls, *c)
		}
	}
	for _, e := range s.log.envelopes {
		if e.Seq > after {
			envelopes = append(envelopes, *e)
		}
	}
	return object{"calls": calls, "envelopes": envelopes, "connections": len(s.sockets.open), "seq": s.log.seq}, nil
}

// clockWait is how long GET /_control/clock waits for a change before it answers all the same.
const clockWait = 25 * time.Second

// controlClock tells the time; with ?offset_ms=N it waits until the offset is another than N.
func (s *Server) controlClock(r *http.Request) (object, error) {
	offset, changed := s.clock.Offset()
	if known := r.URL.Query().Get("offset_ms"); known != "" {
		wait := time.NewTimer(clockWait)
		defer wait.Stop()
		for expired := false; !expired && known == strconv.FormatInt(offset.Milliseconds(), 10); {
			select {
			case <-changed:
			case <-wait.C:
				expired = true
			case <-r.Context().Done():
				expired = true
			case <-s.ctx.Done():
				expired = true
			}
			offset, changed = s.clock.Offset()
		}
	}
	return s.clockAnswer(), nil
}

func (s *Server) clockAnswer() object {
	offset, _ := s.clock.Offset()
	return object{"now": s.now().UTC().Format(time.RFC3339), "offset_ms": offset.Milliseconds()}
}

// controlSetClock moves the playground's time forward, by a duration or to a moment.
func (s *Server) controlSetClock(r *http.Request) (object, error) {
	var in struct {
		Advance string `json:"advance"`
		To      string `json:"to"`
	}
	if err := readControl(r, &in); err != nil {
		return nil, err
	}
	var err error
	switch {
	case in.Advance != "" && in.To == "":
		var by time.Duration
		if by, err = time.ParseDuration(in.Advance); err == nil {
			err = s.clock.Advance(by)
		}
	case in.To != "" && in.Advance == "":
		var to time.Time
		if to, err = time.Parse(time.RFC3339, in.To); err == nil {
			err = s.clock.To(to)
		}
	default:
		err = errors.New(`give "advance" (a duration like "8h") or "to" (RFC 3339)`)
	}
	if err != nil {
		return nil, &apiError{code: "invalid_arguments", messages: []string{err.Error()}}
	}
	s.mu.Lock()
	offset, _ := s.clock.Offset() // under the lock, so that the newest is kept last
	s.commit(change{OffsetMS: offset.Milliseconds()}, note{Type: "clock"})
	s.mu.Unlock()
	return s.clockAnswer(), nil
}
