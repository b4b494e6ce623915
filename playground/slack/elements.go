package slack

import (
	"encoding/json"
	"slices"
	"strings"
)

// valueField is where each element that keeps a value keeps it; elements that are not here (buttons, overflow menus)
// keep none.
func valueField(kind string) (field string, keeps bool) {
	field, keeps = map[string]string{
		"plain_text_input": "value", "email_text_input": "value", "url_text_input": "value", "number_input": "value",
		"static_select": "selected_option", "external_select": "selected_option", "radio_buttons": "selected_option",
		"users_select": "selected_user", "conversations_select": "selected_conversation", "channels_select": "selected_channel",
		"multi_static_select": "selected_options", "multi_external_select": "selected_options", "checkboxes": "selected_options",
		"multi_users_select": "selected_users", "multi_conversations_select": "selected_conversations",
		"multi_channels_select": "selected_channels",
		"datepicker":            "selected_date", "timepicker": "selected_time", "datetimepicker": "selected_date_time",
		"rich_text_input": "rich_text_value", "file_input": "files",
	}[kind]
	return field, keeps
}

// interactive says whether an element of this type causes block_actions.
func interactive(kind string) bool {
	_, keeps := valueField(kind)
	return keeps || slices.Contains([]string{"button", "overflow", "workflow_button", "feedback_buttons", "icon_button"}, kind)
}

// placed is an element and the block where it stands.
type placed struct {
	block   object
	element object
}

// elements are the interactive elements of blocks, in order.
func elements(blocks []object) []placed {
	var out []placed
	for _, block := range blocks {
		walkInOrder(block, func(o object) {
			if kind, _ := o["type"].(string); interactive(kind) {
				out = append(out, placed{block, o})
			}
		})
	}
	return out
}

// walkInOrder visits the objects of a block as they are shown: lists in their order, the fields that hold elements.
func walkInOrder(v any, visit func(object)) {
	switch v := v.(type) {
	case object:
		visit(v)
		for _, field := range []string{"element", "accessory", "elements", "actions", "rows", "blocks", "children", "tasks"} {
			walkInOrder(v[field], visit)
		}
	case []any:
		for _, o := range v {
			walkInOrder(o, visit)
		}
	case []object:
		for _, o := range v {
			walkInOrder(o, visit)
		}
	}
}

// named gives every block and every interactive element the id that it lacks, as Slack does. The blocks are changed in
// place: they come fresh from a call.
func named(blocks []object) []object {
	for _, block := range blocks {
		if id, _ := block["block_id"].(string); id == "" {
			block["block_id"] = randomHex(3)[:5]
		}
	}
	for _, p := range elements(blocks) {
		if id, _ := p.element["action_id"].(string); id == "" {
			p.element["action_id"] = randomHex(3)[:5]
		}
	}
	return blocks
}

// initialValues is the state of blocks that nobody has touched.
func initialValues(blocks []object) stateValues {
	values := stateValues{}
	for _, p := range elements(blocks) {
		kind, _ := p.element["type"].(string)
		field, keeps := valueField(kind)
		if !keeps {
			continue
		}
		initial := p.element["initial_"+strings.TrimPrefix(field, "selected_")]
		if initial == nil {
			initial = emptyValue(field)
		}
		values.set(p, object{"type": kind, field: initial})
	}
	return values
}

// emptyValue is what a field holds when nothing is chosen: an empty list where there can be several.
func emptyValue(field string) any {
	if strings.HasSuffix(field, "s") {
		return []any{}
	}
	return nil
}

func (v stateValues) set(p placed, value object) {
	block, action := p.ids()
	if v[block] == nil {
		v[block] = map[string]object{}
	}
	v[block][action] = value
}

// clone is a copy that can be changed.
func (v stateValues) clone() stateValues {
	out := stateValues{}
	for block, actions := range v {
		out[block] = map[string]object{}
		for action, value := range actions {
			out[block][action] = value
		}
	}
	return out
}

func (p placed) ids() (block, action string) {
	block, _ = p.block["block_id"].(string)
	action, _ = p.element["action_id"].(string)
	return block, action
}

// find is the element that an action means: by action_id, then by block_id and value where several share it. A block_id
// that is no longer there is what somebody sends who presses while the message is edited; Slack takes such a press too.
func find(blocks []object, action object) (placed, error) {
	wanted := args(action)
	var matches, elsewhere []placed
	for _, p := range elements(blocks) {
		block, id := p.ids()
		switch {
		case id != wanted.str("action_id"):
		case !wanted.has("block_id") || block == wanted.str("block_id"):
			matches = append(matches, p)
		default:
			elsewhere = append(elsewhere, p)
		}
	}
	if len(matches) == 0 {
		matches = elsewhere
	}
	if len(matches) == 0 {
		return placed{}, &apiError{code: "action_not_found", messages: []string{"the message has no such element"}}
	}
	for _, p := range matches {
		if value, _ := p.element["value"].(string); wanted.has("value") && value == wanted.str("value") {
			return p, nil
		}
	}
	return matches[0], nil
}

// chosen is the value that an action gives an element, checked as Slack's client would not let anything else through.
// value is what view.state keeps, extra what only the action shows.
func chosen(p placed, action object, suggested []object) (value object, err error) {
	kind, _ := p.element["type"].(string)
	wanted := args(action)
	if wanted.has("type") && wanted.str("type") != kind {
		return nil, &apiError{code: "invalid_action", messages: []string{"the element is a " + kind}}
	}
	if kind == "button" {
		value, _ := p.element["value"].(string)
		if wanted.has("value") && wanted.str("value") != value {
			return nil, &apiError{code: "invalid_action", messages: []string{"the button's value is another"}}
		}
		return object{"type": kind, "value": value}, nil
	}
	field, _ := valueField(kind)
	if kind == "overflow" {
		field = "selected_option"
	}
	given := action[field]
	if given == nil {
		given = action["value"]
	}
	switch field {
	case "selected_option":
		option, err := optionOf(p.element, given, suggested)
		return object{"type": kind, field: option}, err
	case "selected_options":
		list, _ := given.([]any)
		options := []object{}
		for _, one := range list {
			option, err := optionOf(p.element, one, suggested)
			if err != nil {
				return nil, err
			}
			options = append(options, option)
		}
		return object{"type": kind, field: options}, nil
	}
	return object{"type": kind, field: given}, nil
}

// optionOf is the element's option with the given value, which is a text or an option itself. What was suggested for an
// external menu counts as its options; where nothing was, any whole option does.
func optionOf(element object, given any, suggested []object) (object, error) {
	option, isOption := given.(object)
	value, _ := given.(string)
	if isOption {
		value, _ = option["value"].(string)
	}
	kind, _ := element["type"].(string)
	options := optionsOf(element)
	if strings.HasSuffix(kind, "external_select") {
		options = suggested
		if isOption && option["text"] != nil && len(suggested) == 0 {
			return option, nil
		}
	}
	for _, o := range options {
		if o["value"] == value {
			return o, nil
		}
	}
	return nil, &apiError{code: "invalid_option", messages: []string{"the menu has no such option"}}
}

// optionsOf are the options of an element or of an options answer, those in groups too.
func optionsOf(element object) []object {
	out, _ := objects(element["options"])
	groups, _ := objects(element["option_groups"])
	for _, g := range groups {
		options, _ := objects(g["options"])
		out = append(out, options...)
	}
	return out
}

// objects is a JSON array of objects; false when it is something else.
func objects(v any) ([]object, bool) {
	switch v := v.(type) {
	case []object:
		return v, true
	case []any:
		out := make([]object, 0, len(v))
		for _, one := range v {
			o, ok := one.(object)
			if !ok {
				return nil, false
			}
			out = append(out, o)
		}
		return out, true
	}
	return nil, false
}

// actionPayload is the entry of block_actions' actions for an element and its new value.
func actionPayload(p placed, value object, at string) object {
	block, action := p.ids()
	out := object{"action_id": action, "block_id": block, "action_ts": at}
	for _, field := range []string{"text", "style", "url", "placeholder", "confirm", "initial_option", "initial_options"} {
		if p.element[field] != nil {
			out[field] = p.element[field]
		}
	}
	for name, v := range value {
		out[name] = v
	}
	if out["type"] == "button" && out["value"] == "" {
		delete(out, "value")
	}
	return out
}

// plainValue is what a person typed or chose, "" or nil when nothing.
func plainValue(value object) any {
	for name, v := range value {
		if name == "type" || v == nil {
			continue
		}
		switch v := v.(type) {
		case string:
			if v != "" {
				return v
			}
		case []any:
			if len(v) > 0 {
				return v
			}
		case []object:
			if len(v) > 0 {
				return v
			}
		case json.Number, object, bool:
			return v
		}
	}
	return nil
}
