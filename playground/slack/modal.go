package slack

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// controlSubmit fills a modal in and submits it. values are in Slack's state shape, or {block_id: text} where a block
// has one element.
func (s *Server) controlSubmit(r *http.Request) (object, error) {
	var in struct {
		ViewID string         `json:"view_id"`
		User   string         `json:"user"`
		Values map[string]any `json:"values"`
	}
	if err := readControl(r, &in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	p, err := s.spot(where{ViewID: in.ViewID, User: in.User})
	if err == nil && p.stackAt < 0 {
		err = refuse("view_not_found")
	}
	if err == nil {
		err = s.fillIn(&p, in.Values)
	}
	if err != nil {
		s.mu.Unlock()
		return nil, err
	}
	if wrong := incomplete(p.view); len(wrong) > 0 {
		s.mu.Unlock()
		return object{"errors": wrong}, refuse("invalid_values")
	}
	payload := s.interaction("view_submission", p.user)
	payload["view"], payload["response_urls"] = asJSON(p.view), []object{}
	payload["trigger_id"] = s.newTrigger(p.user.ID, p.view.ID)
	s.mu.Unlock()
	answer, err := s.send(envelope{kind: "interactive", label: "view_submission", payload: payload, accepts: true})
	if err != nil {
		return answer, err
	}
	ack, _ := answer["response"].(json.RawMessage)
	s.mu.Lock()
	defer s.mu.Unlock()
	return answer, s.afterSubmit(p, ack, answer)
}

// fillIn takes over values into the view's state.
func (s *Server) fillIn(p *spot, values map[string]any) error {
	fresh := *p.view
	fresh.State.Values = p.view.State.Values.clone()
	if err := s.fillValues(*p, values, fresh.State.Values); err != nil {
		return err
	}
	s.putView(p, &fresh)
	return nil
}

// fillValues puts values into a state, each checked against its element.
func (s *Server) fillValues(p spot, values map[string]any, into stateValues) error {
	for block, given := range values {
		var in []placed
		for _, on := range elements(p.blocks()) {
			if id, _ := on.ids(); id == block {
				in = append(in, on)
			}
		}
		if len(in) == 0 {
			return &apiError{code: "block_not_found", messages: []string{"the view has no block " + block}}
		}
		nested, isMap := given.(object)
		for _, on := range in {
			_, action := on.ids()
			value := given
			if isMap {
				if nested[action] == nil {
					continue
				}
				value = nested[action]
			}
			kept, err := filled(on, value, s.suggested[s.suggestionKey(p, on)])
			if err != nil {
				return err
			}
			into.set(on, kept)
		}
	}
	return nil
}

// filled is the value that a script gives an element: a value object, or the bare text or list.
func filled(on placed, given any, suggested []object) (object, error) {
	kind, _ := on.element["type"].(string)
	field, keeps := valueField(kind)
	if !keeps {
		return nil, &apiError{code: "invalid_action", messages: []string{"a " + kind + " keeps no value"}}
	}
	action, isObject := given.(object)
	if !isObject || action["text"] != nil { // a bare value, or an option
		action = object{field: given}
	}
	if action[field] == nil && action["value"] == nil { // emptied
		return object{"type": kind, field: emptyValue(field)}, nil
	}
	return chosen(on, action, suggested)
}

// incomplete is what Slack's client tells of a form before it sends it: by block_id.
func incomplete(v *View) map[string]string {
	wrong := map[string]string{}
	for _, on := range elements(v.Blocks) {
		if kind, _ := on.block["type"].(string); kind != "input" {
			continue
		}
		block, action := on.ids()
		value := plainValue(v.State.Values[block][action])
		if value == nil {
			if on.block["optional"] != true {
				wrong[block] = "Please complete this required field."
			}
			continue
		}
		text, isText := value.(string)
		least, most := args(on.element).number("min_length", 0), args(on.element).number("max_length", 3000)
		if n := utf8.RuneCountInString(text); isText && (n < least || n > most) {
			wrong[block] = "The text is too short or too long."
		}
	}
	return wrong
}

// afterSubmit does what the ack's response_action says; without one the modal closes. The lock is held.
func (s *Server) afterSubmit(p spot, ack json.RawMessage, answer object) error {
	stack := slices.Clone(s.state.stacks[p.user.ID])
	at := slices.IndexFunc(stack, func(v *View) bool { return v.ID == p.view.ID })
	if at < 0 {
		return nil // the app has replaced the whole stack meanwhile
	}
	var out struct {
		Action string            `json:"response_action"`
		Errors map[string]string `json:"errors"`
	}
	a := args{}
	if len(ack) > 0 {
		if err := decodeJSON(strings.NewReader(string(ack)), &a); err != nil || json.Unmarshal(ack, &out) != nil {
			return refuse("invalid_response_action")
		}
	}
	switch out.Action {
	case "":
		s.setStack(p.user.ID, stack[:at])
	case "clear":
		s.setStack(p.user.ID, nil)
	case "errors":
		for block := range out.Errors {
			if _, known := p.view.State.Values[block]; !known {
				return &apiError{code: "invalid_response_action", messages: []string{"errors names no block " + block}}
			}
		}
		answer["errors"] = out.Errors
	case "update", "push":
		v, err := s.readView(a, "modal")
		if err != nil {
			return err
		}
		answer["view"] = v
		if out.Action == "push" {
			return s.push(p.user.ID, v)
		}
		replaceView(v, stack[at])
		stack[at] = v
		s.setStack(p.user.ID, stack)
	default:
		return refuse("invalid_response_action")
	}
	return nil
}

// controlClose closes a modal, or the whole stack of them with "clear". An app that asked for it is told.
func (s *Server) controlClose(r *http.Request) (object, error) {
	var in struct {
		ViewID string `json:"view_id"`
		User   string `json:"user"`
		Clear  bool   `json:"clear"`
	}
	if err := readControl(r, &in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if top := s.topOver(in.ViewID); in.Clear && top != nil {
		in.ViewID = top.ID // the X closes every view, whichever of them names the stack
	}
	p, err := s.spot(where{ViewID: in.ViewID, User: in.User})
	if err != nil {
		return nil, err
	}
	if p.stackAt < 0 {
		return nil, refuse("view_not_found")
	}
	stack := s.state.stacks[p.user.ID]
	keep := p.stackAt
	if in.Clear {
		keep = 0
	}
	closed := slices.Clone(stack[keep:])
	s.setStack(p.user.ID, slices.Clone(stack[:keep]))
	slices.Reverse(closed)
	for _, v := range closed {
		if v.NotifyOnClose {
			payload := s.interaction("view_closed", p.user)
			payload["view"], payload["is_cleared"] = asJSON(v), in.Clear
			s.dispatch(envelope{kind: "interactive", label: "view_closed", payload: payload})
		}
	}
	return object{}, nil
}
