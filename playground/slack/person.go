package slack

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// triggerLife is Slack's: a trigger_id opens one view within 3 seconds.
const triggerLife = 3 * time.Second

// trigger is what lets the app open a view for somebody.
type trigger struct {
	user   string
	issued time.Time
	used   bool
	view   string // the modal it came from, which can be pushed onto
}

// newTrigger gives out a trigger_id. The lock is held.
func (s *Server) newTrigger(user, view string) string {
	now := s.now()
	if len(s.triggers) > s.keptTriggers { // as in newResponseURL
		maps.DeleteFunc(s.triggers, func(_ string, t *trigger) bool { return now.Sub(t.issued) > time.Minute })
		s.keptTriggers = max(1000, 2*len(s.triggers))
	}
	id := fmt.Sprintf("%d.%d.%s", now.UnixMilli(), now.UnixNano()%1e10, randomHex(16))
	s.triggers[id] = &trigger{user: user, issued: now, view: view}
	return id
}

// controlCommand types a slash command.
func (s *Server) controlCommand(r *http.Request) (object, error) {
	var in struct{ Channel, User, Command, Text string }
	if err := readControl(r, &in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	u, c, err := s.who(in.User, in.Channel)
	if err != nil {
		s.mu.Unlock()
		return nil, err
	}
	name := "/" + strings.TrimPrefix(strings.ToLower(in.Command), "/")
	if slices.Contains([]string{"/invite", "/remove", "/kick", "/join"}, name) {
		defer s.mu.Unlock()
		return object{"response": nil}, s.builtin(name, u, c, in.Text)
	}
	if !c.has(u.ID) { // Slack has no composer where somebody only looks in
		s.mu.Unlock()
		return nil, refuse("not_in_channel")
	}
	command := s.manifest.command(name)
	if command == nil {
		s.mu.Unlock()
		return nil, refuse("unknown_command")
	}
	trigger := s.newTrigger(u.ID, "")
	answerTo := ResponseURL{Channel: c.ID, User: u.ID}
	payload := object{
		"token": "playground", "team_id": s.cfg.World.Team.ID, "team_domain": s.cfg.World.Team.Domain,
		"channel_id": c.ID, "channel_name": payloadChannelName(c), "user_id": u.ID, "user_name": u.Name,
		"command": name, "text": s.commandText(strings.TrimSpace(in.Text), command.ShouldEscape),
		"api_app_id": s.cfg.World.App.ID, "is_enterprise_install": "false",
		"response_url": s.newResponseURL(answerTo), "trigger_id": trigger,
	}
	if u.TeamID != s.cfg.World.Team.ID {
		payload["user_team_id"] = u.TeamID
	}
	s.mu.Unlock()
	d, ack, code := s.ask(envelope{kind: "slash_commands", label: name, payload: payload, accepts: true})
	answer := object{"trigger_id": trigger}
	if d != nil {
		answer["envelope_id"] = d.record.EnvelopeID
	}
	if code != "" {
		return answer, refuse(code)
	}
	answer["response"] = jsonOrNil(ack)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.answerAck(c, answerTo, ack); err != nil {
		d.record.AckError = err.Error()
		answer["ack_error"] = err.Error()
	}
	return answer, nil
}

// payloadChannelName is how a slash command names where it was typed: private ones are not told by name.
func payloadChannelName(c *Channel) string {
	switch {
	case c.IsIM:
		return "directmessage"
	case c.IsPrivate:
		return "privategroup"
	}
	return c.Name
}

func jsonOrNil(payload json.RawMessage) any {
	if len(payload) == 0 {
		return nil
	}
	return payload
}

// answerAck shows the message that an ack's payload carries. The lock is held.
func (s *Server) answerAck(c *Channel, r ResponseURL, payload json.RawMessage) error {
	if len(payload) == 0 || string(payload) == "null" || string(payload) == "{}" || string(payload) == `""` {
		return nil
	}
	a := args{}
	if text := ""; json.Unmarshal(payload, &text) == nil {
		a["text"] = text
	} else if err := decodeJSON(strings.NewReader(string(payload)), &a); err != nil {
		return fmt.Errorf("ack payload: %w", err)
	}
	_, err := s.answerIn(c, r, a)
	return err
}

// builtin are Slack's own commands that change who is a member. The lock is held.
func (s *Server) builtin(name string, u *User, c *Channel, text string) error {
	if name == "/join" {
		return s.joins(u, c, text)
	}
	if !c.has(u.ID) {
		return refuse("not_in_channel")
	}
	if u.IsRestricted || u.IsUltraRestricted || c.IsIM {
		return refuse("restricted_action")
	}
	who, _, _ := strings.Cut(strings.Trim(strings.TrimSpace(text), "<>@"), "|")
	guest := s.state.person(who)
	switch {
	case guest == nil:
		return refuse("user_not_found")
	case name == "/invite" && c.has(guest.ID):
		return refuse("already_in_channel")
	case name != "/invite" && !c.has(guest.ID):
		return refuse("not_in_channel")
	case name == "/invite":
		s.join(c, guest.ID, u.ID)
	default:
		s.leave(c, guest.ID)
	}
	return nil
}

// joins makes a person a member of the public channel that text names, or of the one that they look at.
func (s *Server) joins(u *User, c *Channel, text string) error {
	if name, _, _ := strings.Cut(strings.Trim(strings.TrimSpace(text), "<>#"), "|"); name != "" {
		c = s.state.channel(name)
	}
	switch {
	case c == nil || c.IsPrivate && !c.has(u.ID):
		return refuse("channel_not_found")
	case c.IsIM, c.IsPrivate, u.IsRestricted, u.IsUltraRestricted, u.IsStranger:
		return refuse("restricted_action")
	case c.has(u.ID):
		return refuse("already_in_channel")
	}
	s.join(c, u.ID, "")
	return nil
}

// controlMessage posts as a person.
func (s *Server) controlMessage(r *http.Request) (object, error) {
	var in struct {
		Channel, User, Text string
		ThreadTS            string `json:"thread_ts"`
		Broadcast           bool   `json:"reply_broadcast"`
	}
	if err := readControl(r, &in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	u, c, err := s.who(in.User, in.Channel)
	switch {
	case err != nil:
		return nil, err
	case strings.TrimSpace(in.Text) == "":
		return nil, refuse("no_text")
	case !c.has(u.ID):
		return nil, refuse("not_in_channel")
	case c.IsIM && c.has(s.cfg.World.App.UserID) && !s.manifest.writable():
		return nil, refuse("messages_tab_disabled")
	}
	m := &Message{Type: "message", User: u.ID, Team: u.TeamID, Text: s.typed(in.Text)}
	if m.ThreadTS, err = s.threadOf(c, in.ThreadTS); err != nil {
		return nil, err
	}
	s.post(c, m, in.Broadcast)
	return object{"channel": c.ID, "ts": m.TS, "message": m}, nil
}

// controlReact adds a person's reaction to a message.
func (s *Server) controlReact(r *http.Request) (object, error) {
	var in struct{ Channel, User, MessageTS, Name string }
	if err := readControl(r, &in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	u, c, err := s.who(in.User, in.Channel)
	if err != nil {
		return nil, err
	}
	m := s.state.message(c.ID, in.MessageTS)
	switch {
	case m == nil:
		return nil, refuse("message_not_found")
	case !emojiName.MatchString(in.Name):
		return nil, refuse("invalid_name")
	}
	return object{}, s.react(c, m, in.Name, u.ID)
}

// controlOpenHome opens the app's home as somebody.
func (s *Server) controlOpenHome(r *http.Request) (object, error) {
	var in struct{ User, Tab string }
	if err := readControl(r, &in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.state.person(in.User)
	switch {
	case u == nil:
		return nil, refuse("user_not_found")
	case u.Deleted:
		return nil, refuse("account_inactive")
	case in.Tab == "messages" && !s.manifest.Features.AppHome.Messages, in.Tab != "messages" && !s.manifest.Features.AppHome.Home:
		return nil, refuse("not_enabled")
	}
	if in.Tab == "" {
		in.Tab = "home"
	}
	c := s.openBetween(u.ID, s.cfg.World.App.UserID)
	event := object{"type": "app_home_opened", "user": u.ID, "channel": c.ID, "tab": in.Tab}
	view := s.state.homes[u.ID]
	if view != nil && in.Tab == "home" {
		event["view"] = asJSON(view)
	}
	s.emit("app_home_opened", event)
	return object{"view": view}, nil
}
