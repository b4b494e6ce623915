package slack

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"bellhop/chat"
)

// interaction is a press, a choice, a submitted form, a menu that wants options or a shortcut used on a message, as far as
// Bellhop looks at it.
type interaction struct {
	Type        string `json:"type"`
	TriggerID   string `json:"trigger_id"`
	ResponseURL string `json:"response_url"`
	User        struct {
		ID       string `json:"id"`
		Name     string `json:"name"`
		Username string `json:"username"`
	} `json:"user"`
	Channel struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"channel"`
	Container struct {
		MessageTS   string `json:"message_ts"`
		ChannelID   string `json:"channel_id"`
		ThreadTS    string `json:"thread_ts"`
		IsEphemeral bool   `json:"is_ephemeral"`
	} `json:"container"`
	Message saidMessage `json:"message"`
	Actions []struct {
		ActionID       string `json:"action_id"`
		Value          string `json:"value"`
		SelectedOption struct {
			Value string `json:"value"`
		} `json:"selected_option"`
	} `json:"actions"`
	View struct {
		ID              string `json:"id"`
		Type            string `json:"type"`
		CallbackID      string `json:"callback_id"`
		PrivateMetadata string `json:"private_metadata"`
		Blocks          []struct {
			Type    string `json:"type"`
			BlockID string `json:"block_id"`
		} `json:"blocks"`
		State struct {
			Values map[string]map[string]stateValue `json:"values"`
		} `json:"state"`
	} `json:"view"`
	ActionID   string `json:"action_id"`   // of block_suggestion
	Value      string `json:"value"`       // what was typed into a searched menu
	CallbackID string `json:"callback_id"` // of message_action: the action that the manifest names
}

// stateValue is what a form's field holds.
type stateValue struct {
	Value          string `json:"value"`
	SelectedOption struct {
		Value string `json:"value"`
	} `json:"selected_option"`
}

func (rd reader) interaction(e envelope) (ask, error) {
	var p interaction
	if err := json.Unmarshal(e.payload, &p); err != nil {
		return ask{}, fmt.Errorf("read an interaction: %w", err)
	}
	if p.User.ID == "" {
		return ask{}, fmt.Errorf("read an interaction: user is missing")
	}
	a := ask{
		request: chat.Request{
			ID: p.TriggerID, Via: chat.Click, At: e.at,
			Person: chat.Person{ID: p.User.ID, Name: firstOf(p.User.Name, p.User.Username)},
			Place:  p.place(),
		},
		ways: ways{URL: p.ResponseURL, Issued: e.at, trigger: p.TriggerID, ephemeral: p.Container.IsEphemeral},
	}
	if p.View.Type == "modal" {
		if err := a.fromForm(p.View.PrivateMetadata); err != nil {
			return ask{}, err
		}
	}
	switch p.Type {
	case "block_actions":
		return a.pressed(p)
	case "view_submission":
		a.submitted(p)
	case "block_suggestion":
		a.suggestion = true
		a.request.Action = chat.Action{Name: actionName(p.ActionID), Value: p.Value}
	case "message_action":
		a.used(p)
	default: // view_closed, global shortcuts, which no manifest of Bellhop's offers
		a.ignored = "not asked for"
	}
	if a.ignored == "" && !a.suggestion && a.request.ID == "" {
		return ask{}, fmt.Errorf("read an interaction: trigger_id is missing")
	}
	return a, nil
}

// place is where something was pressed.
func (p interaction) place() chat.Place {
	if p.View.Type == "home" {
		return chat.Place{Kind: chat.Home}
	}
	at := place(firstOf(p.Channel.ID, p.Container.ChannelID), p.Channel.Name)
	at.Thread = firstOf(p.Container.ThreadTS, p.Message.ThreadTS)
	return at
}

// pressed reads a press of a button or a choice in a menu.
func (a ask) pressed(p interaction) (ask, error) {
	if len(p.Actions) == 0 || a.request.ID == "" {
		return ask{}, fmt.Errorf("read a press: actions or trigger_id are missing")
	}
	first := p.Actions[0]
	a.request.Action = chat.Action{Name: actionName(first.ActionID), Value: firstOf(first.Value, first.SelectedOption.Value)}
	if ts := firstOf(p.Container.MessageTS, p.Message.TS); ts != "" {
		a.request.Action.Message = chat.MessageRef{Channel: a.request.Place.Channel, TS: ts}
	}
	if p.View.Type == "modal" {
		a.ways.view = p.View.ID
	}
	if a.request.Action.Name == "" {
		a.ignored = "link"
	}
	return a, nil
}

// used reads a shortcut that was used on a message. The answer is seen by the asker where the message stands: in its thread
// if it is a reply. Its first message stands in the channel as well.
func (a *ask) used(p interaction) {
	a.request.Via = chat.Shortcut
	a.request.Text = p.Message.said()
	a.request.Action = chat.Action{Name: p.CallbackID, Message: chat.MessageRef{Channel: a.request.Place.Channel, TS: p.Message.TS}}
	if a.request.Place.Thread == p.Message.TS {
		a.request.Place.Thread = ""
	}
}

// submitted reads a form's fields.
func (a *ask) submitted(p interaction) {
	a.request.Via = chat.Submit
	a.request.Action.Name = p.View.CallbackID
	a.request.Action.Fields = map[string]string{}
	for field, values := range p.View.State.Values {
		for _, value := range values {
			a.request.Action.Fields[field] = firstOf(value.Value, value.SelectedOption.Value)
		}
	}
	for _, block := range p.View.Blocks {
		if block.Type == "input" {
			a.formBlock = block.BlockID
			return
		}
	}
	fields := make([]string, 0, len(a.request.Action.Fields))
	for field := range a.request.Action.Fields {
		fields = append(fields, field)
	}
	if len(fields) > 0 {
		a.formBlock = slices.MinFunc(fields, strings.Compare)
	}
}
