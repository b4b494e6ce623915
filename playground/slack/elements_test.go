package slack

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/require"
)

func inputBlock(element string) string {
	return `[{"type":"input","label":{"type":"plain_text","text":"l"},"element":` + element + `}]`
}

func TestElementsOfEveryKind(t *testing.T) {
	p := start(t)
	group := `{"label":{"type":"plain_text","text":"g"},"options":` + opts(2) + `}`
	for element, want := range map[string]string{
		`{"type":"datepicker","action_id":"a","initial_date":"2026-11-24"}`:                                                               "",
		`{"type":"datepicker","action_id":"a","initial_date":"24.11.2026"}`:                                                               "invalid format [json-pointer:/blocks/0/element/initial_date]",
		`{"type":"timepicker","action_id":"a","initial_time":"9:00"}`:                                                                     "invalid format [json-pointer:/blocks/0/element/initial_time]",
		`{"type":"datetimepicker","action_id":"a","initial_date_time":1795554055}`:                                                        "",
		`{"type":"number_input","action_id":"a","is_decimal_allowed":false}`:                                                              "",
		`{"type":"number_input","action_id":"a"}`:                                                                                         "missing required field: is_decimal_allowed [json-pointer:/blocks/0/element]",
		`{"type":"plain_text_input","action_id":"a","initial_value":"` + long(3001) + `"}`:                                                "must be less than 3001 characters [json-pointer:/blocks/0/element/initial_value]",
		`{"type":"plain_text_input","action_id":"a","placeholder":{"type":"plain_text","text":"` + long(151) + `"}}`:                      "must be less than 151 characters [json-pointer:/blocks/0/element/placeholder/text]",
		`{"type":"button","action_id":"a","text":{"type":"plain_text","text":"x"}}`:                                                       "unsupported type: button [json-pointer:/blocks/0/element/type]",
		`{"type":"checkboxes","action_id":"a","options":` + opts(10) + `}`:                                                                "",
		`{"type":"radio_buttons","action_id":"a","options":` + opts(11) + `}`:                                                             "no more than 10 items allowed [json-pointer:/blocks/0/element/options]",
		`{"type":"radio_buttons","action_id":"a","options":` + opts(2) + `,"initial_option":` + fmt.Sprintf(option1, 9, 9) + `}`:          "must match one of the options [json-pointer:/blocks/0/element/initial_option]",
		`{"type":"multi_static_select","action_id":"a","options":` + opts(2) + `,"initial_options":[` + fmt.Sprintf(option1, 1, 1) + `]}`: "",
		`{"type":"multi_static_select","action_id":"a","options":` + opts(2) + `,"initial_options":[` + fmt.Sprintf(option1, 9, 9) + `]}`: "must match one of the options [json-pointer:/blocks/0/element/initial_options]",
		`{"type":"static_select","action_id":"a","option_groups":[` + group + `]}`:                                                        "",
		`{"type":"static_select","action_id":"a","option_groups":[` + strings.Replace(group, `"g"`, `"`+long(76)+`"`, 1) + `]}`:           "must be less than 76 characters [json-pointer:/blocks/0/element/option_groups/0/label/text]",
		`{"type":"external_select","action_id":"a","min_query_length":0,"options":[]}`:                                                    "invalid additional property: options [json-pointer:/blocks/0/element]",
		`{"type":"users_select","action_id":"a","initial_user":"U01ALICE"}`:                                                               "",
	} {
		err := p.server.checkMessageBlocks(decodeBlocks(t, inputBlock(element)))
		if want == "" {
			require.NoError(t, err, element)
			continue
		}
		var e *apiError
		require.ErrorAs(t, err, &e, element)
		require.Contains(t, e.messages, "[ERROR] "+want)
	}
}

func TestRichTextAndCells(t *testing.T) {
	p := start(t)
	cell := func(kind, rest string) string {
		return `[{"type":"data_table","caption":"c","rows":[[{"type":"raw_text","text":"h"}],[{"type":"` + kind + `"` + rest + `}]]}]`
	}
	rich := func(inner string) string {
		return `[{"type":"rich_text","elements":[{"type":"rich_text_list","style":"bullet","elements":[{"type":"rich_text_section","elements":[` + inner + `]}]}]}]`
	}
	for blocks, want := range map[string]string{
		cell("raw_number", `,"value":1.5`): "",
		cell("raw_number", ``):             "missing required field: value [json-pointer:/blocks/0/rows/1/0]",
		cell("raw_text", `,"text":""`):     "must be more than 0 characters [json-pointer:/blocks/0/rows/1/0/text]",
		cell("rich_text", `,"elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"x"}]}]`): "",
		cell("action_cell", `,"element":{"type":"button","text":{"type":"plain_text","text":"x"}}`):             "",
		cell("action_cell", ``): "missing required field: element [json-pointer:/blocks/0/rows/1/0]",
		cell("picture", ``):     "unsupported type: picture [json-pointer:/blocks/0/rows/1/0/type]",
		rich(`{"type":"link","url":"https://x.example"},{"type":"emoji","name":"wave"},{"type":"broadcast","range":"here"},{"type":"date","timestamp":1,"format":"{date}"}`): "",
		rich(`{"type":"link"}`): "missing required field: url [json-pointer:/blocks/0/elements/0/elements/0/elements/0]",
		`[{"type":"rich_text","elements":[{"type":"rich_text_list","style":"round","elements":[]}]}]`:                    "must be one of: bullet, ordered [json-pointer:/blocks/0/elements/0/style]",
		`[{"type":"context","elements":[{"type":"image","image_url":"https://x.example/i.png"}]}]`:                       "missing required field: alt_text [json-pointer:/blocks/0/elements/0]",
		`[{"type":"markdown","text":"` + long(12001) + `"}]`:                                                             "must be less than 12001 characters [json-pointer:/blocks/0/text]",
		`[{"type":"video","title":{"type":"plain_text","text":"x"},"video_url":"u","thumbnail_url":"t","alt_text":"a"}]`: "a video block needs the scope links.embed:write [json-pointer:/blocks/0]",
		`[{"type":"data_visualization","title":"t","chart":{"type":"radar"}}]`:                                           "unsupported type: radar [json-pointer:/blocks/0/chart/type]",
		`[{"type":"data_visualization","title":"t","chart":{"type":"bar","series":[]}}]`:                                 "missing required field: axis_config [json-pointer:/blocks/0/chart]",
	} {
		err := p.server.checkMessageBlocks(decodeBlocks(t, blocks))
		if want == "" {
			require.NoError(t, err, blocks)
			continue
		}
		var e *apiError
		require.ErrorAs(t, err, &e, blocks)
		require.Contains(t, e.messages, "[ERROR] "+want)
	}
}

func TestBadContentIsRefused(t *testing.T) {
	p := start(t)
	for field, want := range map[[2]string]string{
		{"attachments", `{"text":1}`}:                             "invalid_attachments",
		{"attachments", "[" + strings.Repeat("{},", 100) + "{}]"}: "too_many_attachments",
		{"attachments", `[{"blocks":[{"type":"nonsense"}]}]`}:     "invalid_blocks",
		{"metadata", `"x"`}:                                       "invalid_metadata_format",
		{"metadata", `{"event_type":"x"}`}:                        "invalid_metadata_schema",
		{"metadata", `{"event_type":"x","event_payload":{"t":"` + strings.Repeat("x", 17<<10) + `"}}`}: "metadata_too_large",
		{"markdown_text", "*x*"}: "markdown_text_conflict",
	} {
		values := url.Values{"channel": {"C02PAYMENTS"}, "text": {"x"}, field[0]: {field[1]}}
		answer, _ := p.call("chat.postMessage", form, "xoxb-demo", values.Encode())
		require.Equal(t, want, answer["error"], field)
	}
	values := url.Values{"channel": {"C02PAYMENTS"}, "attachments": {`[{"text":"x","blocks":[{"type":"actions","elements":[` + fmt.Sprintf(button, 1) + `]}]}]`}}
	answer, _ := p.call("chat.postMessage", form, "xoxb-demo", values.Encode())
	require.Equal(t, true, answer["ok"], answer)
	at := where{Channel: "C02PAYMENTS", User: "alice", MessageTS: answer.str("ts")}
	p.server.mu.Lock()
	defer p.server.mu.Unlock()
	spot, err := p.server.spot(at)
	require.NoError(t, err)
	_, err = find(spot.blocks(), object{"action_id": "b1"})
	require.NoError(t, err, "elements of attachments can be used")
}

func TestWhereTheBotIsAndLeaves(t *testing.T) {
	p := start(t, withManifest(strings.Replace(testManifest, `"channels:join"`, `"channels:join", "channels:manage"`, 1)))
	mine, _, err := p.bot.GetConversationsForUser(&slack.GetConversationsForUserParameters{})
	require.NoError(t, err)
	require.Len(t, mine, 8)
	bobs, _, err := p.bot.GetConversationsForUser(&slack.GetConversationsForUserParameters{UserID: "U02BOB", Types: []string{"public_channel", "private_channel"}})
	require.NoError(t, err)
	require.Len(t, bobs, 4, "not the private one, which the bot cannot see")
	notIn, err := p.bot.LeaveConversation("C07FULFIL")
	require.NoError(t, err)
	require.False(t, notIn)
	notIn, err = p.bot.LeaveConversation("C07FULFIL")
	require.NoError(t, err)
	require.True(t, notIn)
	_, err = p.bot.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: "C07FULFIL"})
	require.EqualError(t, err, "not_in_channel")
	for oldest, want := range map[string]string{"yesterday": "invalid_ts_oldest", "1700000000": ""} {
		answer, _ := p.call("conversations.history", form, "xoxb-demo", "channel=C01GENERAL&oldest="+oldest)
		if want == "" {
			require.Equal(t, true, answer["ok"])
			continue
		}
		require.Equal(t, want, answer["error"])
	}
}
