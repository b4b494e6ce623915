package slack

import (
	"embed"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"slices"
)

//go:embed page
var pageFiles embed.FS

// registerPage puts the chat page and its own endpoints onto mux. What a person does on it goes through /_control.
func (s *Server) registerPage(mux *http.ServeMux) {
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { s.servePage(w, "index.html") })
	mux.HandleFunc("GET /archives/{channel}/{message}", func(w http.ResponseWriter, r *http.Request) { s.servePage(w, "index.html") })
	mux.HandleFunc("GET /team/{user}", func(w http.ResponseWriter, r *http.Request) { s.servePage(w, "index.html") })
	mux.HandleFunc("GET /assets/{name}", func(w http.ResponseWriter, r *http.Request) { s.servePage(w, r.PathValue("name")) })
	mux.HandleFunc("GET /_page/state", s.local(s.pageState))
	mux.HandleFunc("GET /_page/history", s.local(s.pageHistory))
	mux.HandleFunc("GET /_page/thread", s.local(s.pageThread))
	mux.HandleFunc("GET /_page/home", s.local(s.pageHome))
	mux.HandleFunc("GET /_page/views", s.local(s.pageViews))
	mux.HandleFunc("POST /_page/dm", s.local(s.pageDM))
}

func (s *Server) servePage(w http.ResponseWriter, name string) {
	data, err := fs.ReadFile(pageFiles, path.Join("page", name))
	if err != nil {
		http.Error(w, "no such file", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-cache")
	// The page runs its own scripts alone; images of messages may come from anywhere.
	w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "+
		"img-src 'self' data: https: http:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	// A client that went away gets no answer; nothing is left to do about it.
	_, _ = w.Write(data)
}

// viewer is who looks at the page; the workspace's first person until somebody else was chosen. The lock is held.
func (s *Server) viewer(r *http.Request) (*User, error) {
	name := r.URL.Query().Get("user")
	if name == "" {
		name = s.cfg.World.Users[0].ID
	}
	u := s.state.person(name)
	if u == nil || u.Deleted || u.IsBot {
		return nil, refuse("user_not_found")
	}
	return u, nil
}

// pageChannel is a conversation as the page lists it.
type pageChannel struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	IsPrivate   bool   `json:"is_private"`
	IsIM        bool   `json:"is_im"`
	IsMember    bool   `json:"is_member"`
	BotIsMember bool   `json:"bot_is_member"`
	Topic       string `json:"topic"`
	User        string `json:"user,omitempty"` // the other one, in direct messages
}

func (s *Server) pageState(r *http.Request) (object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	me, err := s.viewer(r)
	if err != nil {
		return nil, err
	}
	s.openBetween(me.ID, s.cfg.World.App.UserID)
	channels := []pageChannel{}
	for _, c := range s.state.sortedChannels() {
		closed := c.IsPrivate || c.IsIM || me.IsRestricted || me.IsStranger
		if closed && !c.has(me.ID) {
			continue
		}
		shown := pageChannel{
			ID: c.ID, Name: c.Name, IsPrivate: c.IsPrivate, IsIM: c.IsIM, IsMember: c.has(me.ID),
			BotIsMember: c.has(s.cfg.World.App.UserID), Topic: c.Topic,
		}
		if c.IsIM {
			shown.User = c.Members[0]
			if shown.User == me.ID {
				shown.User = c.Members[len(c.Members)-1]
			}
			shown.Name = s.state.users[shown.User].Name
		}
		channels = append(channels, shown)
	}
	commands := []object{}
	for _, c := range s.manifest.Features.SlashCommands {
		commands = append(commands, object{"command": c.Command, "description": c.Description, "usage_hint": c.UsageHint})
	}
	extra := s.cfg.Extra
	if extra == nil {
		extra = []PageAction{}
	}
	return object{
		"team": s.cfg.World.Team, "me": me, "people": s.state.people(), "channels": channels, "commands": commands,
		"app": s.state.users[s.cfg.World.App.UserID], "clock": s.clockAnswer(), "extra": extra, "landing": s.cfg.Landing,
		"usergroups": s.cfg.World.Usergroups, "shortcuts": s.pageShortcuts(), "connected": len(s.sockets.open) > 0,
		"accepts": object{"state": true},
	}, nil
}

func (s *Server) pageShortcuts() []object {
	out := []object{}
	for _, c := range s.manifest.Features.Shortcuts {
		out = append(out, object{"name": c.Name, "callback_id": c.CallbackID, "description": c.Description, "type": c.Type})
	}
	return out
}

// seen finds the conversation that the page shows somebody.
func (s *Server) seen(r *http.Request) (*User, *Channel, error) {
	me, err := s.viewer(r)
	if err != nil {
		return nil, nil, err
	}
	_, c, err := s.who(me.ID, r.URL.Query().Get("channel"))
	return me, c, err
}

func (s *Server) pageHistory(r *http.Request) (object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	me, c, err := s.seen(r)
	if err != nil {
		return nil, err
	}
	roots := []*Message{}
	for _, m := range s.state.messages[c.ID] {
		if m.ThreadTS == "" || m.ThreadTS == m.TS || m.Subtype == "thread_broadcast" {
			roots = append(roots, m)
		}
	}
	return object{"messages": roots, "ephemerals": s.whispered(c, me.ID)}, nil
}

func (s *Server) pageThread(r *http.Request) (object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	me, c, err := s.seen(r)
	if err != nil {
		return nil, err
	}
	ts := r.URL.Query().Get("ts")
	root := s.state.message(c.ID, ts)
	if root == nil {
		return nil, refuse("thread_not_found")
	}
	ephemerals := slices.DeleteFunc(s.whispered(c, me.ID), func(m *Message) bool { return m.ThreadTS != ts })
	return object{"messages": append([]*Message{root}, s.state.replies(c.ID, ts)...), "ephemerals": ephemerals}, nil
}

func (s *Server) pageHome(r *http.Request) (object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	me, err := s.viewer(r)
	if err != nil {
		return nil, err
	}
	return object{"view": s.state.homes[me.ID]}, nil
}

func (s *Server) pageViews(r *http.Request) (object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	me, err := s.viewer(r)
	if err != nil {
		return nil, err
	}
	return object{"views": append([]*View{}, s.state.stacks[me.ID]...)}, nil
}

// pageDM opens direct messages between two people, or one and the bot.
func (s *Server) pageDM(r *http.Request) (object, error) {
	var in struct{ User, With string }
	if err := readControl(r, &in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	me, other := s.state.person(in.User), s.state.person(in.With)
	if me == nil || other == nil || me.Deleted || other.Deleted || me == other {
		return nil, refuse("user_not_found")
	}
	return object{"channel": s.openBetween(me.ID, other.ID).ID}, nil
}
