package slack

import (
	"encoding/json"
	"net/http"
	"strings"
)

// inputKey names a message that somebody has filled something into.
type inputKey struct{ channel, ts, user string }

// spot is where a person interacts: a message, an ephemeral message, an open modal or their App Home.
type spot struct {
	user      *User
	channel   *Channel
	message   *Message
	ephemeral bool
	view      *View
	stackAt   int // the modal's place; -1 for App Home
}

// where is how a scripting call names a spot.
type where struct {
	Channel   string `json:"channel"`
	MessageTS string `json:"messageTs"`
	ViewID    string `json:"view_id"`
	User      string `json:"user"`
}

// spot finds the place. The lock is held.
func (s *Server) spot(at where) (spot, error) {
	if !s.manifest.Settings.Interactivity.Enabled {
		return spot{}, refuse("interactivity_not_enabled")
	}
	if at.ViewID != "" {
		return s.viewSpot(at)
	}
	u, c, err := s.who(at.User, at.Channel)
	if err != nil {
		return spot{}, err
	}
	if m := s.state.message(c.ID, at.MessageTS); m != nil {
		if m.BotID != s.cfg.World.App.BotID {
			return spot{}, refuse("message_not_found")
		}
		return spot{user: u, channel: c, message: m}, nil
	}
	if e := s.state.ephemeral(c.ID, at.MessageTS); e != nil && e.User == u.ID {
		return spot{user: u, channel: c, message: e.Message, ephemeral: true}, nil
	}
	return spot{}, refuse("message_not_found")
}

func (s *Server) viewSpot(at where) (spot, error) {
	u := s.state.person(at.User)
	if u == nil {
		return spot{}, refuse("user_not_found")
	}
	if home := s.state.homes[u.ID]; home != nil && home.ID == at.ViewID {
		return spot{user: u, view: home, stackAt: -1}, nil
	}
	owner, v, i := s.openView(at.ViewID)
	if v == nil || owner != u.ID {
		return spot{}, refuse("view_not_found")
	}
	if i != len(s.state.stacks[u.ID])-1 {
		return spot{}, refuse("view_not_on_top")
	}
	return spot{user: u, view: v, stackAt: i}, nil
}

func (p spot) blocks() []object {
	if p.view != nil {
		return p.view.Blocks
	}
	blocks := append([]object(nil), p.message.Blocks...)
	for _, a := range p.message.Attachments {
		nested, _ := objects(a["blocks"])
		blocks = append(blocks, nested...)
	}
	return blocks
}

// payload is what every interaction says of itself. The lock is held.
func (s *Server) interaction(kind string, u *User) object {
	return object{
		"type": kind, "api_app_id": s.cfg.World.App.ID, "token": "playground", "enterprise": nil, "is_enterprise_install": false,
		"team": object{"id": s.cfg.World.Team.ID, "domain": s.cfg.World.Team.Domain},
		"user": object{"id": u.ID, "username": u.Name, "name": u.Name, "team_id": u.TeamID},
	}
}

// place adds where the interaction happened. Slack leaves the message out when only one person sees it.
func (p spot) place(payload object) {
	if p.view != nil {
		payload["container"] = object{"type": "view", "view_id": p.view.ID}
		payload["view"] = asJSON(p.view)
		return
	}
	container := object{
		"type": "message", "message_ts": p.message.TS, "channel_id": p.channel.ID, "is_ephemeral": p.ephemeral,
	}
	if p.message.ThreadTS != "" {
		container["thread_ts"] = p.message.ThreadTS
	}
	payload["container"] = container
	payload["channel"] = object{"id": p.channel.ID, "name": payloadChannelName(p.channel)}
	if !p.ephemeral {
		payload["message"] = asJSON(p.message)
	}
}

// controlInteract presses a button or chooses from a menu.
func (s *Server) controlInteract(r *http.Request) (object, error) {
	var in struct {
		where
		Action object `json:"action"`
		State  struct {
			Values map[string]any `json:"values"`
		} `json:"state"`
	}
	if err := readControl(r, &in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	p, err := s.spot(in.where)
	if err == nil {
		err = s.remember(&p, in.State.Values)
	}
	var payload object
	if err == nil {
		payload, err = s.pressed(&p, in.Action)
	}
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	return s.send(envelope{kind: "interactive", label: "block_actions", payload: payload})
}

// pressed makes the payload of an action and keeps its value. The lock is held.
func (s *Server) pressed(p *spot, action object) (object, error) {
	on, err := find(p.blocks(), action)
	if err != nil {
		return nil, err
	}
	if kind, _ := on.block["type"].(string); kind == "input" && on.block["dispatch_action"] != true {
		return nil, &apiError{code: "invalid_action", messages: []string{"the input has no dispatch_action"}}
	}
	value, err := chosen(on, action, s.suggested[s.suggestionKey(*p, on)])
	if err != nil {
		return nil, err
	}
	payload := s.interaction("block_actions", p.user)
	kind, _ := on.element["type"].(string)
	_, keeps := valueField(kind)
	viewID := ""
	if p.view != nil {
		viewID = p.view.ID
		if keeps {
			s.fill(p, on, value)
		}
	} else {
		payload["state"] = object{"values": s.messageState(*p, on, value, keeps)}
		payload["response_url"] = s.newResponseURL(ResponseURL{
			Channel: p.channel.ID, User: p.user.ID, MessageTS: p.message.TS, Ephemeral: p.ephemeral,
		})
	}
	p.place(payload)
	payload["trigger_id"] = s.newTrigger(p.user.ID, viewID)
	payload["actions"] = []object{actionPayload(on, value, stamp(s.now()))}
	return payload, nil
}

// fill keeps a value in a view's state.
func (s *Server) fill(p *spot, on placed, value object) {
	fresh := *p.view
	fresh.State.Values = p.view.State.Values.clone()
	fresh.State.Values.set(on, value)
	s.putView(p, &fresh)
}

// putView puts a view in the place of the one that stands there.
func (s *Server) putView(p *spot, fresh *View) {
	p.view = fresh
	if p.stackAt < 0 {
		s.commit(change{Home: &homeOf{p.user.ID, fresh}}, note{})
		return
	}
	stack := append([]*View(nil), s.state.stacks[p.user.ID]...)
	stack[p.stackAt] = fresh
	s.commit(change{Stack: &stackOf{p.user.ID, stack}}, note{})
}

// remember takes over what somebody has filled in so far and not sent: Slack's client sends it along with every action.
// What names no block of now is passed over, since the app may have drawn the view anew meanwhile.
func (s *Server) remember(p *spot, given map[string]any) error {
	values := map[string]any{}
	for block := range initialValues(p.blocks()) {
		if given[block] != nil {
			values[block] = given[block]
		}
	}
	if len(values) == 0 {
		return nil
	}
	if p.view != nil {
		return s.fillIn(p, values)
	}
	kept := initialValues(p.blocks())
	if err := s.fillValues(*p, values, kept); err != nil {
		return err
	}
	s.inputs[inputKey{p.channel.ID, p.message.TS, p.user.ID}] = kept
	return nil
}

// messageState is what this person has chosen in the message so far.
func (s *Server) messageState(p spot, on placed, value object, keeps bool) stateValues {
	values := initialValues(p.blocks())
	key := inputKey{p.channel.ID, p.message.TS, p.user.ID}
	if keeps {
		if s.inputs[key] == nil {
			s.inputs[key] = stateValues{}
		}
		s.inputs[key].set(on, value)
	}
	for block, actions := range s.inputs[key] {
		for action, kept := range actions {
			if values[block][action] != nil {
				values[block][action] = kept
			}
		}
	}
	return values
}

// send sends an interaction and answers as the scripting interface does.
func (s *Server) send(e envelope) (object, error) {
	d, ack, code := s.ask(e)
	answer := object{"trigger_id": e.payload["trigger_id"]}
	if d != nil {
		answer["envelope_id"] = d.record.EnvelopeID
	}
	if code != "" {
		return answer, refuse(code)
	}
	answer["response"] = jsonOrNil(ack)
	return answer, nil
}

// controlShortcut uses a shortcut: a global one, or one on a message.
func (s *Server) controlShortcut(r *http.Request) (object, error) {
	var in struct {
		where
		CallbackID string `json:"callback_id"`
	}
	if err := readControl(r, &in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	payload, err := s.shortcutPayload(in.where, in.CallbackID)
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	label, _ := payload["type"].(string)
	return s.send(envelope{kind: "interactive", label: label, payload: payload})
}

func (s *Server) shortcutPayload(at where, callbackID string) (object, error) {
	known := s.manifest.shortcut(callbackID)
	u := s.state.person(at.User)
	switch {
	case known == nil:
		return nil, refuse("unknown_shortcut")
	case u == nil:
		return nil, refuse("user_not_found")
	}
	if known.Type == "global" {
		payload := s.interaction("shortcut", u)
		payload["callback_id"], payload["action_ts"] = callbackID, stamp(s.now())
		payload["trigger_id"] = s.newTrigger(u.ID, "")
		return payload, nil
	}
	_, c, err := s.who(at.User, at.Channel)
	if err != nil {
		return nil, err
	}
	m := s.state.message(c.ID, at.MessageTS)
	if m == nil {
		return nil, refuse("message_not_found")
	}
	payload := s.interaction("message_action", u)
	payload["callback_id"], payload["action_ts"], payload["message_ts"] = callbackID, stamp(s.now()), m.TS
	payload["channel"] = object{"id": c.ID, "name": payloadChannelName(c)}
	payload["message"] = asJSON(m)
	payload["trigger_id"] = s.newTrigger(u.ID, "")
	payload["response_url"] = s.newResponseURL(ResponseURL{Channel: c.ID, User: u.ID, MessageTS: m.TS})
	return payload, nil
}

// suggestion names a menu whose options were asked for.
type suggestion struct{ user, container, block, action string }

func (s *Server) suggestionKey(p spot, on placed) suggestion {
	block, action := on.ids()
	key := suggestion{user: p.user.ID, block: block, action: action}
	if p.view != nil {
		key.container = p.view.ID
	} else {
		key.container = p.channel.ID + p.message.TS
	}
	return key
}

// controlSuggest types into a searched menu; the options come from the ack.
func (s *Server) controlSuggest(r *http.Request) (object, error) {
	var in struct {
		where
		ActionID string `json:"action_id"`
		BlockID  string `json:"block_id"`
		Value    string `json:"value"`
	}
	if err := readControl(r, &in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	p, err := s.spot(in.where)
	if err != nil {
		s.mu.Unlock()
		return nil, err
	}
	on, err := find(p.blocks(), object{"action_id": in.ActionID, "block_id": in.BlockID})
	if err == nil {
		err = s.suggestable(on, in.Value)
	}
	if err != nil {
		s.mu.Unlock()
		return nil, err
	}
	key := s.suggestionKey(p, on)
	payload := s.interaction("block_suggestion", p.user)
	p.place(payload)
	payload["block_id"], payload["action_id"] = on.ids()
	payload["value"] = in.Value
	s.mu.Unlock()
	d, ack, code := s.ask(envelope{kind: "interactive", label: "block_suggestion", payload: payload, accepts: true})
	if code != "" {
		return nil, refuse(code)
	}
	answer := object{}
	if err := decodeJSON(strings.NewReader(string(ack)), &answer); err != nil {
		answer = object{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	k := &checker{server: s}
	k.menuOptions(answer, "")
	if len(k.faults) > 0 {
		d.record.AckError = strings.Join(k.faults, "; ")
		return nil, &apiError{code: "invalid_options", messages: k.faults}
	}
	s.suggested[key] = optionsOf(answer)
	out := object{"envelope_id": d.record.EnvelopeID, "options": optionsOf(answer)}
	if answer["option_groups"] != nil {
		out["option_groups"] = answer["option_groups"]
	}
	return out, nil
}

func (s *Server) suggestable(on placed, typed string) error {
	if kind, _ := on.element["type"].(string); !strings.HasSuffix(kind, "external_select") {
		return &apiError{code: "invalid_action", messages: []string{"the element is a " + kind}}
	}
	least := 3 // Slack's default of min_query_length
	if n, ok := on.element["min_query_length"].(json.Number); ok {
		if v, err := n.Int64(); err == nil {
			least = int(v)
		}
	}
	if len([]rune(typed)) < least {
		return &apiError{code: "query_too_short", messages: []string{"the menu asks for more signs (min_query_length)"}}
	}
	return nil
}
