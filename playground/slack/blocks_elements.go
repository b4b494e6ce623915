package slack

import (
	"regexp"
	"slices"
	"strings"
)

// Slack's limits of elements.
const (
	maxActionID   = 255
	maxButtonText = 75
	maxValue      = 2000
	maxURL        = 3000
	maxOptions    = 100
	maxChoices    = 10 // checkboxes and radio buttons
	maxOverflow   = 5
)

var (
	dateForm = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)
	timeForm = regexp.MustCompile(`^\d{2}:\d{2}$`)
)

// element checks an interactive element, which must be one of those that its block takes.
func (k *checker) element(o object, at string, allowed []string) {
	kind, _ := o["type"].(string)
	if !slices.Contains(allowed, kind) {
		k.fault(at+"/type", "unsupported type: %s", kind)
		return
	}
	k.maxLength(o, at, "action_id", maxActionID)
	k.confirm(o, at)
	known := func(fields ...string) {
		k.known(o, at, append(fields, "type", "action_id", "confirm", "focus_on_load")...)
	}
	switch kind {
	case "image":
		k.known(o, at, "type", "image_url", "slack_file", "alt_text")
		k.image(o, at)
	case "button":
		known("text", "url", "value", "style", "accessibility_label")
		k.button(o, at)
	case "overflow":
		known("options")
		k.options(o, at, "options", maxOverflow, plainOnly)
	case "checkboxes", "radio_buttons":
		known("options", "initial_option", "initial_options")
		k.options(o, at, "options", maxChoices, anyText)
		k.initial(o, at)
	case "plain_text_input", "email_text_input", "url_text_input", "number_input":
		known("initial_value", "multiline", "min_length", "max_length", "dispatch_action_config", "placeholder",
			"is_decimal_allowed", "min_value", "max_value")
		k.text(o, at, "placeholder", optional, plainOnly, 150)
		k.maxLength(o, at, "initial_value", 3000)
		if kind == "number_input" {
			k.required(o, at, "is_decimal_allowed")
		}
	case "datepicker", "timepicker", "datetimepicker":
		known("initial_date", "initial_time", "initial_date_time", "placeholder", "timezone")
		k.text(o, at, "placeholder", optional, plainOnly, 150)
		k.form(o, at, "initial_date", dateForm)
		k.form(o, at, "initial_time", timeForm)
	default:
		k.menu(kind, o, at)
	}
}

func (k *checker) form(o object, at, field string, form *regexp.Regexp) {
	if text, given := o[field].(string); given && !form.MatchString(text) {
		k.fault(at+"/"+field, "invalid format")
	}
}

func (k *checker) button(o object, at string) {
	k.text(o, at, "text", required, plainOnly, maxButtonText)
	k.maxLength(o, at, "value", maxValue)
	k.maxLength(o, at, "url", maxURL)
	k.maxLength(o, at, "accessibility_label", 75)
	if style := o["style"]; style != nil && style != "primary" && style != "danger" {
		k.fault(at+"/style", "must be one of: primary, danger")
	}
}

func (k *checker) menu(kind string, o object, at string) {
	k.text(o, at, "placeholder", optional, plainOnly, 150)
	switch kind {
	case "static_select", "multi_static_select":
		k.known(o, at, "type", "action_id", "confirm", "focus_on_load", "placeholder", "options", "option_groups",
			"initial_option", "initial_options", "max_selected_items")
		k.menuOptions(o, at)
		k.initial(o, at)
	case "external_select", "multi_external_select":
		k.known(o, at, "type", "action_id", "confirm", "focus_on_load", "placeholder", "min_query_length",
			"initial_option", "initial_options", "max_selected_items")
		if initial, ok := o["initial_option"].(object); ok {
			k.option(initial, at+"/initial_option", plainOnly)
		}
	}
}

// menuOptions checks options or option_groups, of which one must be there. An options answer has the same form, and
// may be empty.
func (k *checker) menuOptions(o object, at string) {
	options, groups := o["options"], o["option_groups"]
	switch {
	case options != nil && groups != nil || options == nil && groups == nil:
		k.fault(at, "must define either `options` or `option_groups`")
	case groups != nil:
		k.each(o, at, "option_groups", maxOptions, func(g object, at string) {
			k.known(g, at, "label", "options")
			k.text(g, at, "label", required, plainOnly, 75)
			k.options(g, at, "options", maxOptions, plainOnly)
		})
	default:
		if list, ok := objects(options); ok && len(list) == 0 && at == "" {
			return
		}
		k.options(o, at, "options", maxOptions, plainOnly)
	}
}

func (k *checker) options(o object, at, field string, most int, kind textKind) {
	k.each(o, at, field, most, func(option object, at string) { k.option(option, at, kind) })
}

func (k *checker) option(option object, at string, kind textKind) {
	k.known(option, at, "text", "value", "description", "url")
	k.text(option, at, "text", required, kind, 75)
	k.text(option, at, "description", optional, kind, 75)
	k.required(option, at, "value")
	k.maxLength(option, at, "value", 150)
	k.maxLength(option, at, "url", maxURL)
}

// initial refuses a choice that is none of the options.
func (k *checker) initial(o object, at string) {
	values := map[any]bool{}
	for _, option := range optionsOf(o) {
		values[option["value"]] = true
	}
	if initial, ok := o["initial_option"].(object); ok && !values[initial["value"]] {
		k.fault(at+"/initial_option", "must match one of the options")
	}
	list, _ := objects(o["initial_options"])
	for _, initial := range list {
		if !values[initial["value"]] {
			k.fault(at+"/initial_options", "must match one of the options")
		}
	}
}

func (k *checker) confirm(o object, at string) {
	confirm, ok := o["confirm"].(object)
	if !ok {
		return
	}
	at += "/confirm"
	k.known(confirm, at, "title", "text", "confirm", "deny", "style")
	k.text(confirm, at, "title", required, plainOnly, 100)
	k.text(confirm, at, "text", required, anyText, 300)
	k.text(confirm, at, "confirm", required, plainOnly, 30)
	k.text(confirm, at, "deny", required, plainOnly, 30)
}

// richText checks an element of a rich_text block: its type and what each inner element needs.
func (k *checker) richText(o object, at string) {
	kind, _ := o["type"].(string)
	switch kind {
	case "rich_text_section", "rich_text_preformatted", "rich_text_quote", "rich_text_list":
		list, ok := objects(o["elements"])
		if !ok {
			k.fault(at, "missing required field: elements")
			return
		}
		for i, inner := range list {
			k.richText(inner, at+"/elements/"+itoa(i))
		}
		if style := o["style"]; kind == "rich_text_list" && style != "bullet" && style != "ordered" {
			k.fault(at+"/style", "must be one of: bullet, ordered")
		}
	case "text":
		k.required(o, at, "text")
	case "link":
		k.required(o, at, "url")
	case "user":
		k.required(o, at, "user_id")
	case "channel":
		k.required(o, at, "channel_id")
	case "usergroup":
		k.required(o, at, "usergroup_id")
	case "emoji":
		k.required(o, at, "name")
	case "broadcast":
		k.required(o, at, "range")
	case "date":
		k.required(o, at, "timestamp", "format")
	case "color", "team", "canvas", "message":
	default:
		if !strings.HasPrefix(kind, "rich_text_") {
			k.fault(at+"/type", "unsupported type: %s", kind)
		}
	}
}
