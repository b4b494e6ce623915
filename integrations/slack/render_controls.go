package slack

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	goslack "github.com/slack-go/slack"

	"bellhop/chat"
)

// linkAction is the action id of buttons that lead to an address: Slack tells of their presses too, and nothing is to
// be done.
const linkAction = "link"

// controls renders what can be pressed, or nil for other parts. It takes its place at once.
func (b *builder) controls(part chat.Part) []goslack.Block {
	var blocks []goslack.Block
	var total int
	switch p := part.(type) {
	case chat.Buttons:
		blocks, total = b.buttons(p)
	case chat.Menu:
		blocks, total = b.menu(p)
	default:
		return nil
	}
	if len(blocks) > b.blocksLeft || total > b.charsLeft {
		b.lost += total
		return []goslack.Block{}
	}
	b.blocksLeft -= len(blocks)
	b.charsLeft -= total
	return append([]goslack.Block{}, blocks...)
}

// actionID is an action's name, with a number from its second use on, since ids must differ within a block. actionName
// takes the number off again.
func (b *builder) actionID(name string) string {
	name = cutBytes(name, maxActionID-8)
	b.actions[name]++
	if n := b.actions[name]; n > 1 {
		return name + "#" + strconv.Itoa(n)
	}
	return name
}

// actionName is the action that an action id stands for; empty for links.
func actionName(id string) string {
	name, _, _ := strings.Cut(id, "#")
	if name == linkAction {
		return ""
	}
	return name
}

// buttons puts buttons into rows of 25. A button that Slack would refuse is left out, and that is said.
func (b *builder) buttons(buttons chat.Buttons) (blocks []goslack.Block, total int) {
	var row []goslack.BlockElement
	left := 0
	for _, button := range buttons {
		element := b.button(button)
		if element == nil {
			left++
			continue
		}
		if len(row) == maxElements {
			blocks, row = append(blocks, goslack.NewActionBlock("", row...)), nil
		}
		row = append(row, element)
		total += size(element.Text.Text)
	}
	if len(row) > 0 {
		blocks = append(blocks, goslack.NewActionBlock("", row...))
	}
	if left > 0 {
		note := fmt.Sprintf("%d more could not be shown as buttons here.", left)
		blocks, total = append(blocks, contextBlock(note)), total+size(note)
	}
	return blocks, total
}

// button renders one button, or nil where Slack would refuse it: a value is never cut, for then it would mean something
// else.
func (b *builder) button(button chat.Button) *goslack.ButtonBlockElement {
	label := plainText(button.Label, maxButton)
	if button.Action == "" {
		u, err := url.Parse(button.URL)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || size(button.URL) > maxURL {
			return nil
		}
		return goslack.NewButtonBlockElement(b.actionID(linkAction), "", label).WithURL(button.URL)
	}
	if size(button.Value) > maxValue {
		return nil
	}
	element := goslack.NewButtonBlockElement(b.actionID(button.Action), button.Value, label)
	switch button.Style {
	case chat.Primary:
		element.Style = goslack.StylePrimary
	case chat.Danger:
		element.Style = goslack.StyleDanger
	}
	if c := button.Confirm; c != nil {
		// Slack: title 100, text 300, the two answers 30 characters each.
		element.Confirm = goslack.NewConfirmationBlockObject(
			plainText(firstOf(c.Title, "Are you sure?"), 100), plainText(firstOf(c.Question, button.Label), 300),
			plainText(firstOf(c.Yes, "Yes"), 30), plainText(firstOf(c.No, "No"), 30))
		element.Confirm.Style = element.Style
	}
	return element
}

// menu puts a choice. Options whose value is too long for a menu become buttons, whose values may be longer.
func (b *builder) menu(m chat.Menu) (blocks []goslack.Block, total int) {
	label := cutString(firstOf(clean(m.Label), "Choose"), 150) // Slack: 150 characters in a placeholder
	if m.Searched {
		none := 0
		menu := goslack.NewOptionsSelectBlockElement(goslack.OptTypeExternal, plainText(label, 150), b.actionID(m.Action))
		menu.MinQueryLength = &none
		return []goslack.Block{goslack.NewActionBlock("", menu)}, size(label)
	}
	var long chat.Buttons
	var short []chat.Option
	for _, o := range m.Options {
		if size(o.Value) > maxOptionValue {
			long = append(long, chat.Button{Label: o.Label, Action: m.Action, Value: o.Value})
		} else if o.Value != "" {
			short = append(short, o)
		}
	}
	shown := options(short)
	if len(shown) > 0 {
		menu := goslack.NewOptionsSelectBlockElement(goslack.OptTypeStatic, plainText(label, 150), b.actionID(m.Action), shown...)
		blocks, total = append(blocks, goslack.NewActionBlock("", menu)), size(label)
		for _, o := range shown {
			total += size(o.Text.Text)
		}
	}
	if hidden := len(short) - len(shown); hidden > 0 {
		note := fmt.Sprintf("… and %d more: type what you mean instead.", hidden)
		blocks, total = append(blocks, contextBlock(note)), total+size(note)
	}
	if len(long) > 0 {
		more, chars := b.buttons(long)
		blocks, total = append(blocks, more...), total+chars
	}
	return blocks, total
}

// options are at most a hundred choices as Slack takes them. Those whose value is too long are left out: cut, they would
// mean something else.
func options(choices []chat.Option) []*goslack.OptionBlockObject {
	shown := []*goslack.OptionBlockObject{}
	for _, o := range choices {
		if o.Value == "" || size(o.Value) > maxOptionValue {
			continue
		}
		if len(shown) == maxOptions {
			break
		}
		var hint *goslack.TextBlockObject
		if o.Hint != "" {
			hint = plainText(o.Hint, maxOption)
		}
		shown = append(shown, goslack.NewOptionBlockObject(o.Value, plainText(o.Label, maxOption), hint))
	}
	return shown
}

// cutBytes cuts a string to at most n bytes.
func cutBytes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}
