package slack

import (
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Slack's limits of a message: 50 blocks, and, undocumented, about 10,000 characters of block text together.
const (
	maxMessageBlocks = 50
	maxMessageText   = 10000
	maxMarkdownText  = 12000
)

// checker collects what Slack refuses in blocks, each with the place where it stands.
type checker struct {
	server  *Server
	surface string // message, modal or home
	faults  []string
	inputs  bool // an input block was seen
	seen    map[string]int
}

func (k *checker) fault(at, format string, values ...any) {
	k.faults = append(k.faults, "[ERROR] "+fmt.Sprintf(format, values...)+" [json-pointer:"+at+"]")
}

// checkMessageBlocks refuses the blocks of a message as Slack does.
func (s *Server) checkMessageBlocks(blocks []object) error {
	if len(blocks) == 0 {
		return nil
	}
	k := &checker{server: s, surface: "message"}
	k.blocks(blocks, "/blocks", maxMessageBlocks)
	if k.seen["table"]+k.seen["data_table"] > 1 {
		k.fault("/blocks", "only_one_table_allowed")
	}
	if k.seen["data_visualization"] > 2 { // Slack: two charts a message
		k.fault("/blocks", "no more than 2 data_visualization blocks allowed")
	}
	if len(k.faults) > 0 {
		return &apiError{code: "invalid_blocks", messages: k.faults}
	}
	if blockText(blocks) > maxMessageText {
		return refuse("msg_blocks_too_long")
	}
	return nil
}

// blockText is how many characters the blocks say together; tables and charts have limits of their own.
func blockText(blocks []object) int {
	total := 0
	for _, block := range blocks {
		switch block["type"] {
		case "table", "data_table", "data_visualization":
			continue
		}
		walk(block, func(o object) {
			if text, ok := o["text"].(string); ok {
				total += utf8.RuneCountInString(text)
			}
		})
	}
	return total
}

func (k *checker) blocks(blocks []object, at string, most int) {
	if len(blocks) > most {
		k.fault(at, "no more than %d items allowed", most)
		return
	}
	k.seen = map[string]int{}
	ids := map[string]bool{}
	for i, block := range blocks {
		place := at + "/" + strconv.Itoa(i)
		kind, _ := block["type"].(string)
		k.seen[kind]++
		k.maxLength(block, place, "block_id", 255)
		if id, _ := block["block_id"].(string); id != "" {
			if ids[id] {
				k.fault(place+"/block_id", "`block_id` %s already exists", id)
			}
			ids[id] = true
		}
		k.block(kind, block, place)
		k.uniqueActions(block, place)
	}
}

func (k *checker) uniqueActions(block object, at string) {
	ids := map[string]bool{}
	for _, p := range elements([]object{block}) {
		_, id := p.ids()
		if id != "" && ids[id] {
			k.fault(at, "`action_id` %s already exists for %s", id, p.element["type"])
		}
		ids[id] = true
	}
}

// sectionElements, actionElements and inputElements are what may stand in each block.
var (
	menus           = []string{"static_select", "external_select", "users_select", "conversations_select", "channels_select"}
	multiMenus      = []string{"multi_static_select", "multi_external_select", "multi_users_select", "multi_conversations_select", "multi_channels_select"}
	sectionElements = slices.Concat(menus, multiMenus, []string{"button", "overflow", "datepicker", "timepicker", "checkboxes", "radio_buttons", "image", "workflow_button"})
	actionElements  = slices.Concat(menus, multiMenus, []string{"button", "overflow", "datepicker", "timepicker", "datetimepicker", "checkboxes", "radio_buttons", "workflow_button"})
	inputElements   = slices.Concat(menus, multiMenus, []string{"plain_text_input", "email_text_input", "url_text_input", "number_input", "datepicker", "timepicker", "datetimepicker", "checkboxes", "radio_buttons", "file_input", "rich_text_input"})
)

func (k *checker) block(kind string, block object, at string) {
	known := func(fields ...string) { k.known(block, at, append(fields, "type", "block_id")...) }
	switch kind {
	case "section":
		known("text", "fields", "accessory", "expand")
		k.section(block, at)
	case "header":
		known("text", "level")
		k.text(block, at, "text", required, plainOnly, 150)
	case "divider":
		known()
	case "image":
		known("image_url", "slack_file", "alt_text", "title")
		k.image(block, at)
		k.text(block, at, "title", optional, plainOnly, 2000)
	case "context":
		known("elements")
		k.each(block, at, "elements", 10, func(o object, at string) { k.contextElement(o, at) })
	case "actions":
		known("elements")
		k.each(block, at, "elements", 25, func(o object, at string) { k.element(o, at, actionElements) })
	case "context_actions":
		known("elements")
		k.each(block, at, "elements", 5, func(o object, at string) { k.element(o, at, []string{"feedback_buttons", "icon_button"}) })
	case "input":
		known("label", "element", "dispatch_action", "hint", "optional")
		k.inputs = true
		k.text(block, at, "label", required, plainOnly, 2000)
		k.text(block, at, "hint", optional, plainOnly, 2000)
		if element, ok := block["element"].(object); ok {
			k.element(element, at+"/element", inputElements)
		} else {
			k.fault(at, "missing required field: element")
		}
	case "rich_text":
		known("elements")
		k.each(block, at, "elements", 0, k.richText)
	case "markdown":
		known("text")
		k.required(block, at, "text")
		k.maxLength(block, at, "text", maxMarkdownText)
	case "video":
		known("alt_text", "author_name", "description", "provider_icon_url", "provider_name", "title", "title_url", "thumbnail_url", "video_url")
		k.text(block, at, "title", required, plainOnly, 200)
		k.required(block, at, "video_url", "thumbnail_url", "alt_text")
		if !k.server.manifest.granted("links.embed:write") {
			k.fault(at, "a video block needs the scope links.embed:write")
		}
	case "table", "data_table":
		k.onlyIn("message", kind, at)
		k.table(kind, block, at)
	case "data_visualization":
		known("title", "chart")
		k.chart(block, at)
	case "alert", "card", "carousel", "container", "layout", "plan", "task_card", "file", "call", "auth_provider":
		// Slack has them; their insides are not checked here.
	default:
		k.fault(at+"/type", "unsupported type: %s", kind)
	}
}

func (k *checker) onlyIn(surface, kind, at string) {
	if k.surface != surface {
		k.fault(at, "unsupported type: %s in a %s", kind, k.surface)
	}
}

func (k *checker) section(block object, at string) {
	if block["text"] == nil && block["fields"] == nil {
		k.fault(at, "must define either `text` or `fields`")
		return
	}
	k.text(block, at, "text", optional, anyText, 3000)
	if block["fields"] != nil {
		k.each(block, at, "fields", 10, func(o object, at string) { k.textObject(o, at, anyText, 2000) })
	}
	if accessory, ok := block["accessory"].(object); ok {
		k.element(accessory, at+"/accessory", sectionElements)
	}
}

func (k *checker) contextElement(o object, at string) {
	switch o["type"] {
	case "image":
		k.known(o, at, "type", "image_url", "slack_file", "alt_text")
		k.image(o, at)
	default:
		k.textObject(o, at, anyText, 3000)
	}
}

func (k *checker) image(o object, at string) {
	k.required(o, at, "alt_text")
	k.maxLength(o, at, "alt_text", 2000)
	k.maxLength(o, at, "image_url", 3000)
	file, isFile := o["slack_file"].(object)
	switch address, _ := o["image_url"].(string); {
	case isFile && address != "":
		k.fault(at, "must define either `image_url` or `slack_file`")
	case isFile:
		k.slackFile(file, at+"/slack_file")
	case address == "":
		k.fault(at, "must define either `image_url` or `slack_file`")
	case !strings.HasPrefix(address, "https://") && !strings.HasPrefix(address, "http://"):
		k.fault(at+"/image_url", "failed to match all allowed schemas")
	case !public(address):
		k.fault(at+"/image_url", "downloading image failed")
	}
}

// public says whether Slack's own machines could fetch an address: never one of this machine or of a private network.
func public(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Hostname() == "localhost" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return ip == nil || !ip.IsLoopback() && !ip.IsPrivate() && !ip.IsLinkLocalUnicast()
}

// slackFile refuses a file that is not there or that Slack is still at: an upload has to be waited for.
func (k *checker) slackFile(file object, at string) {
	id, _ := file["id"].(string)
	url, _ := file["url"].(string)
	for _, f := range k.server.state.files {
		if (id != "" && f.ID == id || url != "" && (f.URLPrivate == url || f.Permalink == url)) && k.server.ready(f) {
			return
		}
	}
	k.fault(at, "invalid slack file")
}

// known refuses fields that Slack does not know.
func (k *checker) known(o object, at string, fields ...string) {
	var unknown []string
	for name := range o {
		if !slices.Contains(fields, name) {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	for _, name := range unknown {
		k.fault(at, "invalid additional property: %s", name)
	}
}

func (k *checker) required(o object, at string, fields ...string) {
	for _, name := range fields {
		if text, isText := o[name].(string); o[name] == nil || isText && text == "" {
			k.fault(at, "missing required field: %s", name)
		}
	}
}

func (k *checker) maxLength(o object, at, field string, most int) {
	if o[field] == nil {
		return
	}
	text, ok := o[field].(string)
	if !ok {
		k.fault(at+"/"+field, "must be a string")
		return
	}
	if utf8.RuneCountInString(text) > most {
		k.fault(at+"/"+field, "must be less than %d characters", most+1)
	}
}

// each checks the entries of an array of objects; most 0 sets no limit.
func (k *checker) each(o object, at, field string, most int, check func(object, string)) {
	list, ok := objects(o[field])
	switch {
	case o[field] == nil:
		k.fault(at, "missing required field: %s", field)
	case !ok:
		k.fault(at+"/"+field, "must be an array")
	case len(list) == 0:
		k.fault(at+"/"+field, "no less than 1 items allowed")
	case most > 0 && len(list) > most:
		k.fault(at+"/"+field, "no more than %d items allowed", most)
	default:
		for i, one := range list {
			check(one, at+"/"+field+"/"+strconv.Itoa(i))
		}
	}
}

// need says whether a field may be left out; textKind which text objects are taken.
type (
	need     bool
	textKind bool
)

const (
	required  need     = true
	optional  need     = false
	plainOnly textKind = true
	anyText   textKind = false
)

func (k *checker) text(o object, at, field string, n need, kind textKind, most int) {
	if o[field] == nil {
		if n == required {
			k.fault(at, "missing required field: %s", field)
		}
		return
	}
	text, ok := o[field].(object)
	if !ok {
		k.fault(at+"/"+field, "must be an object")
		return
	}
	k.textObject(text, at+"/"+field, kind, most)
}

func (k *checker) textObject(o object, at string, kind textKind, most int) {
	before := len(k.faults)
	switch {
	case o["type"] == "plain_text":
		k.known(o, at, "type", "text", "emoji")
	case o["type"] == "mrkdwn" && kind == anyText:
		k.known(o, at, "type", "text", "verbatim")
	default:
		k.fault(at+"/type", "unsupported type: %v", o["type"])
		return
	}
	text, ok := o["text"].(string)
	switch n := utf8.RuneCountInString(text); {
	case !ok:
		k.fault(at, "missing required field: text")
	case n == 0:
		k.fault(at+"/text", "must be more than 0 characters")
	case n > most:
		k.fault(at+"/text", "must be less than %d characters", most+1)
	}
	if len(k.faults) > before && kind == anyText {
		// Slack names the place that takes several shapes besides the fault itself.
		parent := "[ERROR] failed to match all allowed schemas [json-pointer:" + at + "]"
		k.faults = slices.Insert(k.faults, before, parent)
	}
}

func number(v any) (float64, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	f, err := n.Float64()
	return f, err == nil
}
