package slack

import (
	"encoding/json"
	"fmt"
	"time"

	goslack "github.com/slack-go/slack"

	"bellhop/chat"
)

// Slack's limits of views. https://docs.slack.dev/reference/views/modal-views/
const (
	maxViewTitle  = 24 // of the title and both buttons
	maxViewBlocks = 100
	maxMetadata   = 3000
	maxFieldLabel = 2000
	maxInput      = 3000
)

// fieldAction is the action id of fields that ask nobody.
const fieldAction = "value"

// formContext is what a form remembers of the place in which it was opened, so that its answer finds the way back.
type formContext struct {
	State   string         `json:"state,omitempty"`
	Channel string         `json:"channel,omitempty"`
	Name    string         `json:"name,omitempty"`
	Thread  string         `json:"thread,omitempty"`
	Kind    chat.PlaceKind `json:"kind,omitempty"`
	URL     string         `json:"url,omitempty"`
	Issued  int64          `json:"issued,omitempty"` // unix seconds
}

// fromForm gives an ask out of a form the place and ways of the ask that opened it.
func (a *ask) fromForm(metadata string) error {
	if metadata == "" {
		return nil
	}
	var from formContext
	if err := json.Unmarshal([]byte(metadata), &from); err != nil {
		return fmt.Errorf("read a form's context: %w", err)
	}
	a.request.Action.Value = from.State
	a.request.Place = chat.Place{Channel: from.Channel, Name: from.Name, Thread: from.Thread, Kind: from.Kind}
	if a.ways.URL == "" {
		a.ways.URL, a.ways.Issued = from.URL, time.Unix(from.Issued, 0)
	}
	return nil
}

// metadata is the context of a form that a opens.
func (a ask) metadata(state string) (string, error) {
	context := formContext{
		State: state, Channel: a.request.Place.Channel, Name: a.request.Place.Name, Thread: a.request.Place.Thread,
		Kind: a.request.Place.Kind, URL: a.ways.URL, Issued: a.ways.Issued.Unix(),
	}
	text, err := json.Marshal(context)
	if err == nil && size(string(text)) > maxMetadata {
		context.URL = ""
		text, err = json.Marshal(context)
	}
	if err != nil {
		return "", fmt.Errorf("write a form's context: %w", err)
	}
	if size(string(text)) > maxMetadata {
		return "", fmt.Errorf("a form's state of %d characters is too long for Slack's %d", size(state), maxMetadata)
	}
	return string(text), nil
}

// view renders a form that a opens.
func (rr renderer) view(f chat.Form, a ask) (goslack.ModalViewRequest, error) {
	metadata, err := a.metadata(f.State)
	if err != nil {
		return goslack.ModalViewRequest{}, err
	}
	b := &builder{rr: rr, charsLeft: homeSurface.chars, blocksLeft: maxViewBlocks - len(f.Fields), actions: map[string]int{}}
	b.text(f.Intro)
	blocks := b.blocks
	for _, field := range f.Fields {
		if len(blocks) == maxViewBlocks {
			break
		}
		blocks = append(blocks, inputBlock(field))
	}
	return goslack.ModalViewRequest{
		Type: goslack.VTModal, CallbackID: f.Action, PrivateMetadata: metadata,
		Title: plainText(f.Title, maxViewTitle), Submit: plainText(firstOf(f.Submit, "Submit"), maxViewTitle),
		Close: plainText("Cancel", maxViewTitle), Blocks: goslack.Blocks{BlockSet: blocks},
	}, nil
}

// answerView renders an answer as a view of its own.
func (rr renderer) answerView(r chat.Reply, a ask, pictures map[int]string) (goslack.ModalViewRequest, error) {
	metadata, err := a.metadata("")
	if err != nil {
		return goslack.ModalViewRequest{}, err
	}
	return goslack.ModalViewRequest{
		Type: goslack.VTModal, PrivateMetadata: metadata, Title: plainText(firstOf(rr.name, "Answer"), maxViewTitle),
		Close: plainText("Close", maxViewTitle), Blocks: goslack.Blocks{BlockSet: rr.sheet(r, homeSurface, pictures).blocks},
	}, nil
}

// inputBlock renders one field. Its block id is the field's name, under which errors come back.
func inputBlock(f chat.FormField) *goslack.InputBlock {
	var hint *goslack.TextBlockObject
	if f.Hint != "" {
		hint = plainText(f.Hint, maxFieldLabel)
	}
	block := goslack.NewInputBlock(cutBytes(f.Name, maxActionID), plainText(f.Label, maxFieldLabel), hint, inputElement(f))
	block.Optional = f.Optional
	return block
}

func inputElement(f chat.FormField) goslack.BlockElement {
	choices := options(f.Options)
	switch {
	case f.Kind == chat.SearchField:
		none := 0
		menu := goslack.NewOptionsSelectBlockElement(goslack.OptTypeExternal, nil, f.Action)
		menu.MinQueryLength = &none
		menu.InitialOption = initial(options([]chat.Option{{Label: f.Value, Value: f.Value}}), f.Value)
		return menu
	case f.Kind == chat.ChoiceField && len(choices) > 0:
		menu := goslack.NewOptionsSelectBlockElement(goslack.OptTypeStatic, nil, fieldAction, choices...)
		menu.InitialOption = initial(choices, f.Value)
		return menu
	}
	input := goslack.NewPlainTextInputBlockElement(nil, fieldAction)
	input.Multiline = f.Kind == chat.TextField
	input.InitialValue = cutString(clean(f.Value), maxInput)
	input.MaxLength = maxInput
	return input
}

// initial is the option that stands in a menu at first, if the menu has it: Slack takes no other.
func initial(choices []*goslack.OptionBlockObject, value string) *goslack.OptionBlockObject {
	for _, o := range choices {
		if o.Value == value {
			return o
		}
	}
	return nil
}
