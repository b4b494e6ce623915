package slack

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/require"
)

func decodeBlocks(t *testing.T, text string) []object {
	t.Helper()
	var blocks []object
	require.NoError(t, decodeJSON(strings.NewReader(text), &blocks), text)
	return blocks
}

func long(n int) string { return strings.Repeat("é", n) }

func list(n int, one string) string {
	return "[" + strings.TrimSuffix(strings.Repeat(one+",", n), ",") + "]"
}

func numbered(n int, form string) string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf(form, i))
	}
	return "[" + strings.Join(out, ",") + "]"
}

// section is a block with the given accessory.
func accessory(element string) string {
	return `[{"type":"section","text":{"type":"mrkdwn","text":"x"},"accessory":` + element + `}]`
}

func menu(options string) string {
	return `{"type":"static_select","action_id":"a","placeholder":{"type":"plain_text","text":"p"},"options":` + options + `}`
}

const (
	option1 = `{"text":{"type":"plain_text","text":"t%d"},"value":"v%d"}`
	button  = `{"type":"button","action_id":"b%d","text":{"type":"plain_text","text":"x"}}`
	divider = `{"type":"divider"}`
	chart   = `{"type":"data_visualization","title":"t","chart":{"type":"line","series":[{"name":"s","data":[{"label":"a","value":1}]}],"axis_config":{"categories":["a"]}}}`
)

func opts(n int) string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf(option1, i, i))
	}
	return "[" + strings.Join(out, ",") + "]"
}

func rows(n, width int, kind string) string {
	return list(n, list(width, `{"type":"`+kind+`","text":"x"}`))
}

func TestBlocksInsideTheLimitsAreTaken(t *testing.T) {
	p := start(t)
	for name, blocks := range map[string]string{
		"50 blocks":      list(50, divider),
		"section":        `[{"type":"section","text":{"type":"mrkdwn","text":"` + long(3000) + `"}}]`,
		"header":         `[{"type":"header","text":{"type":"plain_text","text":"` + long(150) + `","emoji":true}}]`,
		"10 fields":      `[{"type":"section","fields":` + list(10, `{"type":"mrkdwn","text":"x"}`) + `}]`,
		"25 buttons":     `[{"type":"actions","elements":` + numbered(25, button) + `}]`,
		"10 in context":  `[{"type":"context","elements":` + list(10, `{"type":"plain_text","text":"x"}`) + `}]`,
		"100 options":    accessory(menu(opts(100))),
		"overflow":       accessory(`{"type":"overflow","action_id":"o","options":` + opts(5) + `}`),
		"image":          `[{"type":"image","image_url":"https://x.example/i.png","alt_text":"i"}]`,
		"rich text":      `[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"x","style":{"bold":true}},{"type":"user","user_id":"U1"}]}]}]`,
		"table":          `[{"type":"table","rows":` + rows(100, 20, "raw_text") + `}]`,
		"data table":     `[{"type":"data_table","caption":"c","rows":` + rows(101, 20, "raw_text") + `}]`,
		"two charts":     "[" + chart + "," + chart + "]",
		"pie":            `[{"type":"data_visualization","title":"t","chart":{"type":"pie","segments":[{"label":"a","value":0.5}]}}]`,
		"markdown":       `[{"type":"markdown","text":"# x"}]`,
		"button confirm": accessory(`{"type":"button","action_id":"b","text":{"type":"plain_text","text":"x"},"style":"danger","value":"` + long(2000) + `","confirm":{"title":{"type":"plain_text","text":"t"},"text":{"type":"mrkdwn","text":"t"},"confirm":{"type":"plain_text","text":"y"},"deny":{"type":"plain_text","text":"n"}}}`),
	} {
		require.NoError(t, p.server.checkMessageBlocks(decodeBlocks(t, blocks)), name)
	}
}

func TestBlocksOutsideTheLimitsAreRefused(t *testing.T) {
	p := start(t)
	for blocks, want := range map[string]string{
		list(51, divider):                 "no more than 50 items allowed [json-pointer:/blocks]",
		`[{"type":"heading"}]`:            "unsupported type: heading [json-pointer:/blocks/0/type]",
		`[{"type":"divider","text":"x"}]`: "invalid additional property: text [json-pointer:/blocks/0]",
		`[{"type":"section"}]`:            "must define either `text` or `fields` [json-pointer:/blocks/0]",
		`[{"type":"section","text":{"type":"mrkdwn","text":"` + long(3001) + `"}}]`:                            "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
		`[{"type":"section","text":{"type":"mrkdwn","text":""}}]`:                                              "must be more than 0 characters [json-pointer:/blocks/0/text/text]",
		`[{"type":"section","text":"x"}]`:                                                                      "must be an object [json-pointer:/blocks/0/text]",
		`[{"type":"section","fields":` + list(11, `{"type":"mrkdwn","text":"x"}`) + `}]`:                       "no more than 10 items allowed [json-pointer:/blocks/0/fields]",
		`[{"type":"section","fields":[{"type":"mrkdwn","text":"` + long(2001) + `"}]}]`:                        "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]",
		`[{"type":"header","text":{"type":"plain_text","text":"` + long(151) + `"}}]`:                          "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
		`[{"type":"header","text":{"type":"mrkdwn","text":"x"}}]`:                                              "unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]",
		`[{"type":"actions","elements":` + numbered(26, button) + `}]`:                                         "no more than 25 items allowed [json-pointer:/blocks/0/elements]",
		`[{"type":"actions","elements":[]}]`:                                                                   "no less than 1 items allowed [json-pointer:/blocks/0/elements]",
		`[{"type":"actions","elements":[{"type":"plain_text_input"}]}]`:                                        "unsupported type: plain_text_input [json-pointer:/blocks/0/elements/0/type]",
		`[{"type":"actions","elements":` + list(2, strings.ReplaceAll(button, "%d", "")) + `}]`:                "`action_id` b already exists for button [json-pointer:/blocks/0]",
		`[{"type":"divider","block_id":"x"},{"type":"divider","block_id":"x"}]`:                                "`block_id` x already exists [json-pointer:/blocks/1/block_id]",
		`[{"type":"divider","block_id":"` + long(256) + `"}]`:                                                  "must be less than 256 characters [json-pointer:/blocks/0/block_id]",
		`[{"type":"context","elements":` + list(11, `{"type":"plain_text","text":"x"}`) + `}]`:                 "no more than 10 items allowed [json-pointer:/blocks/0/elements]",
		accessory(`{"type":"button","text":{"type":"plain_text","text":"` + long(76) + `"}}`):                  "must be less than 76 characters [json-pointer:/blocks/0/accessory/text/text]",
		accessory(`{"type":"button","value":"` + long(2001) + `","text":{"type":"plain_text","text":"x"}}`):    "must be less than 2001 characters [json-pointer:/blocks/0/accessory/value]",
		accessory(`{"type":"button","action_id":"` + long(256) + `","text":{"type":"plain_text","text":"x"}}`): "must be less than 256 characters [json-pointer:/blocks/0/accessory/action_id]",
		accessory(`{"type":"button","style":"green","text":{"type":"plain_text","text":"x"}}`):                 "must be one of: primary, danger [json-pointer:/blocks/0/accessory/style]",
		accessory(`{"type":"button","text":{"type":"mrkdwn","text":"x"}}`):                                     "unsupported type: mrkdwn [json-pointer:/blocks/0/accessory/text/type]",
		accessory(menu(opts(101))): "no more than 100 items allowed [json-pointer:/blocks/0/accessory/options]",
		accessory(menu(`[{"text":{"type":"plain_text","text":"` + long(76) + `"},"value":"v"}]`)):                         "must be less than 76 characters [json-pointer:/blocks/0/accessory/options/0/text/text]",
		accessory(menu(`[{"text":{"type":"plain_text","text":"x"},"value":"` + long(151) + `"}]`)):                        "must be less than 151 characters [json-pointer:/blocks/0/accessory/options/0/value]",
		accessory(`{"type":"static_select","action_id":"a","option_groups":[],"options":[]}`):                             "must define either `options` or `option_groups` [json-pointer:/blocks/0/accessory]",
		accessory(`{"type":"overflow","action_id":"o","options":` + opts(6) + `}`):                                        "no more than 5 items allowed [json-pointer:/blocks/0/accessory/options]",
		`[{"type":"image","image_url":"https://x.example/i.png"}]`:                                                        "missing required field: alt_text [json-pointer:/blocks/0]",
		`[{"type":"image","alt_text":"x","image_url":"http://127.0.0.1:8480/x.png"}]`:                                     "downloading image failed [json-pointer:/blocks/0/image_url]",
		`[{"type":"image","alt_text":"x"}]`:                                                                               "must define either `image_url` or `slack_file` [json-pointer:/blocks/0]",
		`[{"type":"image","alt_text":"x","slack_file":{"id":"F99"}}]`:                                                     "invalid slack file [json-pointer:/blocks/0/slack_file]",
		`[{"type":"rich_text","elements":[{"type":"text","text":"x"},{"type":"nonsense"}]}]`:                              "unsupported type: nonsense [json-pointer:/blocks/0/elements/1/type]",
		`[{"type":"table","rows":` + rows(101, 1, "raw_text") + `}]`:                                                      "no more than 100 items allowed [json-pointer:/blocks/0/rows]",
		`[{"type":"table","rows":` + rows(1, 21, "raw_text") + `}]`:                                                       "no more than 20 items allowed [json-pointer:/blocks/0/rows/0]",
		`[{"type":"data_table","caption":"c","rows":` + rows(102, 1, "raw_text") + `}]`:                                   "no more than 101 items allowed [json-pointer:/blocks/0/rows]",
		`[{"type":"data_table","caption":"c","rows":` + rows(1, 1, "raw_text") + `}]`:                                     "no less than 2 items allowed [json-pointer:/blocks/0/rows]",
		`[{"type":"data_table","rows":` + rows(2, 1, "raw_text") + `}]`:                                                   "missing required field: caption [json-pointer:/blocks/0]",
		`[{"type":"table","rows":[[{"type":"raw_text","text":"` + long(10001) + `"}]]}]`:                                  "must be less than 10001 characters [json-pointer:/blocks/0/rows]",
		"[" + chart + "," + chart + "," + chart + "]":                                                                     "no more than 2 data_visualization blocks allowed [json-pointer:/blocks]",
		`[{"type":"table","rows":` + rows(1, 1, "raw_text") + `},{"type":"table","rows":` + rows(1, 1, "raw_text") + `}]`: "only_one_table_allowed [json-pointer:/blocks]",
		strings.Replace("["+chart+"]", `"title":"t"`, `"title":"`+long(51)+`"`, 1):                                        "must be less than 51 characters [json-pointer:/blocks/0/title]",
		strings.Replace("["+chart+"]", `"label":"a"`, `"label":"b"`, 1):                                                   "must match one of the categories, each once [json-pointer:/blocks/0/chart/series/0/data/0/label]",
		strings.Replace("["+chart+"]", `"name":"s"`, `"name":"`+long(21)+`"`, 1):                                          "must be less than 21 characters [json-pointer:/blocks/0/chart/series/0/name]",
		`[{"type":"data_visualization","title":"t","chart":{"type":"pie","segments":[{"label":"a","value":0}]}}]`:         "must be more than 0 [json-pointer:/blocks/0/chart/segments/0/value]",
	} {
		err := p.server.checkMessageBlocks(decodeBlocks(t, blocks))
		var e *apiError
		require.ErrorAs(t, err, &e, "wanted %s", want)
		require.Equal(t, "invalid_blocks", e.code)
		require.Contains(t, e.messages, "[ERROR] "+want)
	}
}

func TestManyLegalBlocksCanBeTooLongTogether(t *testing.T) {
	p := start(t)
	var blocks []slack.Block
	for range 4 {
		blocks = append(blocks, slack.NewSectionBlock(slack.NewTextBlockObject("mrkdwn", long(2600), false, false), nil, nil))
	}
	_, _, err := p.bot.PostMessage("C02PAYMENTS", slack.MsgOptionBlocks(blocks...))
	require.EqualError(t, err, "msg_blocks_too_long")
	_, _, err = p.bot.PostMessage("C02PAYMENTS", slack.MsgOptionBlocks(blocks[:3]...))
	require.NoError(t, err)
}

func TestRefusedBlocksSayWhere(t *testing.T) {
	p := start(t)
	_, _, err := p.bot.PostMessage("C02PAYMENTS", slack.MsgOptionBlocks(
		slack.NewHeaderBlock(slack.NewTextBlockObject("plain_text", long(151), false, false))))
	var e slack.SlackErrorResponse
	require.ErrorAs(t, err, &e)
	require.Equal(t, "invalid_blocks", e.Err)
	require.Equal(t, []string{"[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]"}, e.ResponseMetadata.Messages)
}

func FuzzBlocks(f *testing.F) {
	f.Add(`[{"type":"section","text":{"type":"mrkdwn","text":"x"}}]`)
	f.Add("[" + chart + "]")
	f.Add(accessory(menu(opts(2))))
	world := World{Team: Team{ID: "T"}, App: App{ID: "A", UserID: "U0BOT"}}
	m, err := parseManifest([]byte(testManifest))
	require.NoError(f, err)
	s := &Server{cfg: Config{World: world}, state: newState(world), manifest: m}
	f.Fuzz(func(t *testing.T, text string) {
		var blocks []object
		if decodeJSON(strings.NewReader(text), &blocks) != nil {
			return
		}
		if s.checkMessageBlocks(blocks) != nil {
			return
		}
		first := named(blocks)
		_ = initialValues(first) // what is taken can be walked
		if _, err := json.Marshal(first); err != nil {
			t.Fatal(err)
		}
	})
}
