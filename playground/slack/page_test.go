package slack

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
	"github.com/stretchr/testify/require"
)

// pageManifest hears no events: a test of the page waits for commands and interactions alone.
var pageManifest = strings.Replace(testManifest,
	"[app_mention, message.im, message.channels, app_home_opened, reaction_added, member_joined_channel]", "[app_home_opened]", 1)

// TestPage uses the page as people do, in a real Chromium over the real engine. Every story has its own workspace and
// its own browser profile.
func TestPage(t *testing.T) {
	chromium := startChromium(t)
	for name, story := range map[string]func(*testing.T, *browser){
		"a message is posted and answers arrive by themselves":  messageStory,
		"a slash command is completed, run and answered":        commandStory,
		"a slash command that nobody answers is told of":        unansweredStory,
		"a button is pressed and its message changes in place":  buttonStory,
		"a question stands before a dangerous button":           confirmStory,
		"a menu is searched through the app":                    searchStory,
		"a shortcut of a message is used":                       shortcutStory,
		"a modal is filled in, refused at its field, submitted": modalStory,
		"a button in a modal brings what is typed along":        typedBesidesStory,
		"a thread is read and written beside the channel":       threadStory,
		"the person is switched and sees what they may":         personStory,
		"a channel is joined, the app is brought in":            joinStory,
		"pictures and files that the app shared are shown":      fileStory,
		"App Home is opened":                                    homeStory,
		"App Home is used by keyboard":                          homeKeysStory,
		"a jump leaves the keys to the message":                 jumpStory,
		"a button keeps the focus over edits":                   editedStory,
		"a lost connection is taken up again":                   lostStory,
		"the clock is moved":                                    clockStory,
		"texts are formatted as Slack formats them":             textStory,
		"moments are shown and read in the person's zone":       dateStory,
		"what people write is never markup":                     markupStory,
		"everything has a name and can be reached by keyboard":  accessStory,
		"a phone has a drawer and no sideways scrolling":        phoneStory,
	} {
		t.Run(name, func(t *testing.T) {
			p := start(t, withManifest(pageManifest))
			story(t, openPage(t, chromium, p, "C02PAYMENTS"))
		})
	}
}

// Who has seen no channel yet is shown the one that the playground names, if they are in it, else #general.
func TestPageLanding(t *testing.T) {
	chromium := startChromium(t)
	for landing, shown := range map[string]string{"": "general", "C02PAYMENTS": "payments", "C99NONE": "general"} {
		p := start(t, withManifest(pageManifest), func(c *Config) { c.Landing = landing })
		openPage(t, chromium, p, "").until(`document.querySelector("h1").textContent === "` + shown + `"`)
	}
}

func messageStory(t *testing.T, b *browser) {
	b.write("#composer-text", "hello @bob, see #ledger :tada:\r")
	b.until(`message("hello @Bob, see #ledger 🎉")`)
	b.until(`message("hello").querySelector(".mention").textContent === "@Bob"`)
	b.until(`document.querySelector("#composer-text").value === ""`)
	require.Equal(t, "hello <@U02BOB>, see <#C03LEDGER|ledger> :tada:", b.messages("payments")[0].Text)

	b.control("message", reply{"channel": "payments", "user": "bob", "text": "*seen*"})
	b.until(`message("seen").querySelector("strong").textContent === "seen"`)
	b.control("message", reply{"channel": "general", "user": "bob", "text": "hi @alice"})
	b.until(`document.querySelector("[data-channel=C01GENERAL] .count-mention").textContent === "1"`)
	b.click(`[data-channel=C01GENERAL]`)
	b.until(`message("hi @Alice") && !document.querySelector("[data-channel=C01GENERAL] .count")`)
}

func commandStory(t *testing.T, b *browser) {
	bot := b.connect()
	b.write("#composer-text", "/who")
	b.until(`document.querySelector(".suggestion.active").textContent.includes("/who-owns")`)
	b.write("#composer-text", "\t")
	b.until(`document.querySelector(".usage:not([hidden])").textContent.includes("NAME")`)
	b.write("#composer-text", "payments\r")
	e := bot.next(socketmode.EventTypeSlashCommand)
	bot.ack(e)
	command := e.Data.(slack.SlashCommand)
	require.Equal(t, "payments", command.Text)
	require.Equal(t, "U01ALICE", command.UserID)
	require.NoError(t, slack.PostWebhook(command.ResponseURL, &slack.WebhookMessage{Text: "payments → *Team Ledger*"}))
	b.until(`message("payments → Team Ledger").textContent.includes("Only visible to you")`)
	b.click(`.ephemeral .dismiss`)
	b.until(`!message("Team Ledger")`)
}

func unansweredStory(_ *testing.T, b *browser) {
	b.write("#composer-text", "/who-owns payments\r") // no bot is connected
	b.until(`message("dispatch_failed").textContent.includes("Slackbot")`)
	b.write("#composer-text", "/no-such thing\r")
	b.until(`message("/no-such is not a valid command")`)
}

func buttonStory(t *testing.T, b *browser) {
	bot := b.connect()
	blocks := slack.MsgOptionBlocks(section("Ready?"), slack.NewActionBlock("deck", pressable("go", "Go")))
	_, ts, err := b.bot.PostMessage("C02PAYMENTS", blocks)
	require.NoError(t, err)
	b.click(`[data-action=go]`)
	e := bot.next(socketmode.EventTypeInteractive)
	b.until(`document.querySelector("[data-action=go]").getAttribute("aria-busy") === "true"`)
	bot.ack(e)
	require.Equal(t, "go", e.Data.(slack.InteractionCallback).ActionCallback.BlockActions[0].ActionID)
	b.until(`!document.querySelector("[data-action=go]").hasAttribute("aria-busy")`)
	b.until(`document.activeElement.dataset.action === "go"`)
	_, _, _, err = b.bot.UpdateMessage("C02PAYMENTS", ts, slack.MsgOptionText("Gone", false),
		slack.MsgOptionBlocks(section("Gone"), slack.NewActionBlock("deck", pressable("go", "Again"))))
	require.NoError(t, err)
	b.until(`message("Gone") && document.querySelectorAll(".message").length === 1`)
	b.until(`document.activeElement.textContent === "Again"`) // the drawn-anew button has the focus of the old one
}

func confirmStory(t *testing.T, b *browser) {
	bot := b.connect()
	stop := pressable("stop", "Stop")
	stop.Confirm = slack.NewConfirmationBlockObject(words("Really?"), slack.NewTextBlockObject("mrkdwn", "It *stops*.", false, false), words("Stop it"), words("No"))
	_, _, err := b.bot.PostMessage("C02PAYMENTS", slack.MsgOptionBlocks(slack.NewActionBlock("deck", stop)))
	require.NoError(t, err)
	b.click(`[data-action=stop]`)
	b.until(`document.querySelector("dialog[open] .dialog-body").textContent === "It stops."`)
	b.press(kb.Escape)
	b.until(`!document.querySelector("dialog[open]") && document.activeElement.dataset.action === "stop"`)
	b.press(kb.Enter)
	b.click(`dialog[open] [data-confirm=yes]`)
	e := bot.next(socketmode.EventTypeInteractive) // one press only: Esc sent none
	bot.ack(e)
	b.until(`!document.querySelector("[aria-busy=true]")`)
}

func searchStory(t *testing.T, b *browser) {
	bot := b.connect()
	least := 2
	menu := slack.NewOptionsSelectBlockElement(slack.OptTypeExternal, words("Find a component"), "find")
	menu.MinQueryLength = &least
	_, _, err := b.bot.PostMessage("C02PAYMENTS", slack.MsgOptionBlocks(slack.NewActionBlock("deck", menu)))
	require.NoError(t, err)
	b.click(`[data-action=find]`)
	b.until(`document.querySelector(".option-none").textContent === "Type 2 letters to search."`)
	b.press("p")
	b.press("a")
	e := bot.next(socketmode.EventTypeInteractive)
	require.Equal(t, "pa", e.Data.(slack.InteractionCallback).Value)
	bot.ack(e, slack.OptionsResponse{Options: []*slack.OptionBlockObject{slack.NewOptionBlockObject("payments", words("Payments"), nil)}})
	b.until(`document.querySelector(".option.active").textContent === "Payments"`)
	b.press(kb.Enter)
	e = bot.next(socketmode.EventTypeInteractive)
	bot.ack(e)
	require.Equal(t, "payments", e.Data.(slack.InteractionCallback).ActionCallback.BlockActions[0].SelectedOption.Value)
	b.until(`document.querySelector("[data-action=find]").textContent === "Payments"`)
}

func modalStory(t *testing.T, b *browser) {
	bot := b.connect()
	b.write("#composer-text", "/plain\r")
	e := bot.next(socketmode.EventTypeSlashCommand)
	ref := slack.NewPlainTextInputBlockElement(words("feature-x"), "ref")
	kind := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, words("Kind"), "kind",
		slack.NewOptionBlockObject("preview", words("Preview"), nil), slack.NewOptionBlockObject("staging", words("Staging"), nil))
	_, err := b.bot.OpenView(e.Data.(slack.SlashCommand).TriggerID, slack.ModalViewRequest{
		Type: slack.VTModal, Title: words("Deploy"), Submit: words("Go"), CallbackID: "deploy",
		Blocks: slack.Blocks{BlockSet: []slack.Block{
			slack.NewInputBlock("where", words("Branch"), nil, ref), slack.NewInputBlock("what", words("Kind"), nil, kind),
		}},
	})
	require.NoError(t, err)
	bot.ack(e)
	b.until(`document.querySelector("dialog.modal[open] h2").textContent === "Deploy"`)
	b.until(`document.activeElement.dataset.action === "ref"`)

	b.press(kb.Enter) // nothing is filled in: the page itself objects, the app hears nothing
	b.until(`fieldError("where") === "Please complete this required field." && fieldError("what") !== ""`)
	b.press("main")
	b.click(`dialog [data-action=kind]`)
	b.until(`document.querySelectorAll(".option").length === 2`)
	b.press(kb.ArrowDown)
	b.press(kb.Enter)
	b.until(`document.querySelector("dialog [data-action=kind]").textContent === "Staging"`)
	b.click(`dialog [data-modal=submit]`)
	e = bot.next(socketmode.EventTypeInteractive)
	values := e.Data.(slack.InteractionCallback).View.State.Values
	require.Equal(t, "main", values["where"]["ref"].Value)
	require.Equal(t, "staging", values["what"]["kind"].SelectedOption.Value)
	bot.ack(e, slack.NewErrorsViewSubmissionResponse(map[string]string{"where": "No branch called main."}))
	b.until(`fieldError("where") === "No branch called main." && fieldError("what") === ""`)

	b.write(`dialog [data-action=ref]`, "2\r")
	e = bot.next(socketmode.EventTypeInteractive)
	require.Equal(t, "main2", e.Data.(slack.InteractionCallback).View.State.Values["where"]["ref"].Value)
	bot.ack(e)
	b.until(`!document.querySelector("dialog[open]")`)
}

func typedBesidesStory(t *testing.T, b *browser) {
	bot := b.connect()
	b.write("#composer-text", "/plain\r")
	e := bot.next(socketmode.EventTypeSlashCommand)
	_, err := b.bot.OpenView(e.Data.(slack.SlashCommand).TriggerID, slack.ModalViewRequest{
		Type: slack.VTModal, Title: words("Deploy"), Submit: words("Go"),
		Blocks: slack.Blocks{BlockSet: []slack.Block{
			slack.NewInputBlock("where", words("Branch"), nil, slack.NewPlainTextInputBlockElement(nil, "ref")),
			slack.NewActionBlock("deck", pressable("look", "Look it up")),
		}},
	})
	require.NoError(t, err)
	bot.ack(e)
	b.write(`dialog [data-action=ref]`, "feature-x")
	b.click(`dialog [data-action=look]`)
	e = bot.next(socketmode.EventTypeInteractive)
	pressed := e.Data.(slack.InteractionCallback)
	require.Equal(t, "feature-x", pressed.View.State.Values["where"]["ref"].Value)
	_, err = b.bot.UpdateView(slack.ModalViewRequest{
		Type: slack.VTModal, Title: words("Deploy"), Submit: words("Go"),
		Blocks: slack.Blocks{BlockSet: []slack.Block{
			slack.NewInputBlock("where", words("Branch"), nil, slack.NewPlainTextInputBlockElement(nil, "ref")), section("Found it"),
		}},
	}, "", pressed.View.Hash, pressed.View.ID)
	require.NoError(t, err)
	bot.ack(e)
	b.until(`document.querySelector("dialog").textContent.includes("Found it") && document.querySelector("dialog [data-action=ref]").value === "feature-x"`)
	b.click(`dialog .modal-x`)
	b.until(`!document.querySelector("dialog[open]")`)
}

func threadStory(t *testing.T, b *browser) {
	sent := b.control("message", reply{"channel": "payments", "user": "bob", "text": "shall we?"})
	b.control("message", reply{"channel": "payments", "user": "carol", "text": "yes", "thread_ts": sent.str("ts")})
	b.click(`.replies`)
	b.until(`message("yes", "#panel") && !message("yes", "#stage")`)
	b.until(`document.activeElement.id === "thread-text"`)
	b.press("agreed")
	b.press(kb.Enter)
	b.until(`message("agreed", "#panel") && document.querySelector(".replies-count").textContent === "2 replies"`)
	require.Equal(t, sent.str("ts"), b.messages("payments")[2].ThreadTimestamp)
	b.press(kb.Escape)
	b.until(`document.querySelector("#panel").hidden`)
}

func personStory(_ *testing.T, b *browser) {
	b.until(`document.querySelector("[data-channel=C09LAUNCH]").textContent.includes("no bellhop")`)
	b.click(`#persona`)
	b.until(`document.activeElement.getAttribute("role") === "combobox"`)
	b.press("gita")
	b.press(kb.Enter)
	b.until(`document.querySelector("#persona").textContent.includes("guest") && document.querySelector("#persona").textContent.includes("Gita Rao")`)
	b.until(`!document.querySelector("[data-channel=C09LAUNCH]") && !document.querySelector("[data-channel=C02PAYMENTS]") && document.querySelector("[data-channel=C04STORE]")`)
	b.click(`[data-channel=C04STORE]`)
	b.until(`document.querySelector("h1").textContent === "storefront"`)
	b.write("#composer-text", "I am new\r")
	b.until(`message("I am new").textContent.includes("Gita Rao")`)
}

func joinStory(_ *testing.T, b *browser) {
	b.click(`[data-channel=C05IDENT]`)
	b.until(`document.querySelector(".composer-closed").textContent.startsWith("Alice Moreau is not in #identity.")`)
	b.click(`.composer-closed button`)
	b.until(`document.activeElement.id === "composer-text"`)
	b.write("#composer-text", "I am in\r")
	b.until(`message("I am in")`)
	b.click(`[data-channel=C09LAUNCH]`)
	b.until(`document.querySelector(".absent-chip").textContent === "bellhop is not here"`)
	b.write("#composer-text", "/invite @bellhop\r")
	b.until(`!document.querySelector(".absent-chip") && !document.querySelector("[data-channel=C09LAUNCH] .absent")`)
}

func fileStory(t *testing.T, b *browser) {
	picture, err := base64.StdEncoding.DecodeString("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
	require.NoError(t, err)
	upload := func(name string, data []byte) {
		_, err := b.bot.UploadFile(slack.UploadFileParameters{Reader: bytes.NewReader(data), FileSize: len(data), Filename: name, Channel: "C02PAYMENTS"})
		require.NoError(t, err)
	}
	upload("dot.png", picture)
	upload("report.xml", []byte("<testsuite/>"))
	b.until(`document.querySelector(".files img").naturalWidth === 1`)
	b.until(`document.querySelector(".file-card").textContent.includes("report.xml")`)
}

func homeStory(t *testing.T, b *browser) {
	bot := b.connect()
	b.click(`.side-group:last-child .side-entry`)
	b.click(`.tab`)
	e := bot.next(socketmode.EventTypeEventsAPI)
	bot.ack(e)
	_, err := b.bot.PublishView("U01ALICE", slack.HomeTabViewRequest{
		Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: []slack.Block{section("Good morning"), slack.NewActionBlock("deck", pressable("new", "New"))}},
	}, "")
	require.NoError(t, err)
	b.until(`document.querySelector(".home").textContent.includes("Good morning")`)
	b.click(`.home [data-action=new]`)
	e = bot.next(socketmode.EventTypeInteractive)
	bot.ack(e)
	require.Equal(t, slack.VTHomeTab, e.Data.(slack.InteractionCallback).View.Type)
	b.until(`!document.querySelector("[aria-busy=true]")`)
}

func lostStory(_ *testing.T, b *browser) {
	b.http.CloseClientConnections()
	b.control("message", reply{"channel": "payments", "user": "bob", "text": "did you miss this?"})
	b.until(`message("did you miss this?") && document.querySelector(".live-words").textContent === "Live"`)
	b.control("message", reply{"channel": "payments", "user": "bob", "text": "and this?"})
	b.until(`message("and this?")`)
}

func clockStory(t *testing.T, b *browser) {
	b.until(`document.querySelector(".clock-words").textContent !== ""`)
	b.click(`.dev-buttons .dev-button`)
	b.until(`document.querySelector(".clock-words").textContent.endsWith("(+1 h)")`)
	offset, _ := b.clock.Offset()
	require.Equal(t, time.Hour, offset)
	b.control("clock", reply{"advance": "2h"}) // somebody else moves it
	b.until(`document.querySelector(".clock-words").textContent.endsWith("(+3 h)")`)
}

func markupStory(t *testing.T, b *browser) {
	evil := `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script> & *bold*`
	b.control("message", reply{"channel": "payments", "user": "bob", "text": evil})
	_, _, err := b.bot.PostMessage("C02PAYMENTS", slack.MsgOptionBlocks(
		section("&lt;b&gt;x&lt;/b&gt; <javascript:alert(1)|press me>"), slack.NewMarkdownBlock("", "<i>y</i> [z](javascript:alert(1))")))
	require.NoError(t, err)
	b.until(`message("onerror") && message("press me") && message("<i>y</i>")`)
	b.until(`message("<b>x</b>") && !document.querySelector(".message img, .message script, .message b, .message i, a[href^=javascript]")`)
	b.until(`!document.title.includes("owned")`)
}

// accessStory checks what can be checked without judgement: names, labels, ids, reachability.
func accessStory(t *testing.T, b *browser) {
	_, _, err := b.bot.PostMessage("C02PAYMENTS", slack.MsgOptionBlocks(
		section("All of it"),
		slack.NewActionBlock("deck", pressable("go", "Go"), slack.NewDatePickerBlockElement("day"), slack.NewTimePickerBlockElement("hour"),
			slack.NewOptionsSelectBlockElement(slack.OptTypeUser, nil, "who"),
			slack.NewOverflowBlockElement("more", slack.NewOptionBlockObject("a", words("A"), nil)),
			slack.NewCheckboxGroupsBlockElement("boxes", slack.NewOptionBlockObject("b", words("B"), nil))),
		slack.NewDataVisualizationBlock("Runs", slack.NewDataVisualizationPieChart(slack.NewDataVisualizationSegment("green", 3))),
	))
	require.NoError(t, err)
	b.until(`document.querySelector(".chart-svg")`)
	require.Empty(t, b.list(`[...document.querySelectorAll("button, a[href], input, textarea, [role=button], [role=listbox], dialog, nav, aside, [role=img]")]
		.filter((n) => !nameOf(n)).map((n) => n.outerHTML.slice(0, 120))`), "these have no name")
	require.Empty(t, b.list(`[...document.querySelectorAll("img")].filter((n) => !n.hasAttribute("alt")).map((n) => n.src)`), "these images have no alt")
	require.Empty(t, b.list(`[...document.querySelectorAll("[id]")].map((n) => n.id).filter((id, n, all) => all.indexOf(id) !== n)`), "these ids stand twice")
	require.Empty(t, b.list(`[...document.querySelectorAll("[aria-labelledby], [aria-describedby], [aria-controls]")]
		.flatMap((n) => ["aria-labelledby", "aria-describedby", "aria-controls"].flatMap((a) => (n.getAttribute(a) || "").split(" ")))
		.filter((id) => id && !document.getElementById(id))`), "these ids are referred to and missing")
	require.Empty(t, b.list(`[...document.querySelectorAll("[onclick], [style*='javascript'], script:not([src])")].map((n) => n.outerHTML.slice(0, 120))`))
	require.Empty(t, b.list(`[...document.querySelectorAll(".block button, .block input, #sidebar button, #sidebar a, #devbar button")]
		.filter((n) => !n.disabled && n.tabIndex < 0).map((n) => n.outerHTML.slice(0, 120))`), "these cannot be reached with Tab")

	b.until(`(document.querySelector("#composer-text").focus(), document.activeElement.id === "composer-text")`)
	b.press(kb.Tab)
	b.until(`document.activeElement.closest(".composer") && document.activeElement.tagName === "BUTTON"`)
	b.until(`getComputedStyle(document.activeElement).outlineStyle !== "none"`) // one sees where one is
}

func phoneStory(_ *testing.T, b *browser) {
	b.do(chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile))
	b.until(`innerWidth === 360 && document.documentElement.scrollWidth <= 360`)
	for range 2 { // the bar shows the most when no bot is connected and the clock is ahead
		b.until(`[...document.querySelectorAll("#devbar button")].every((n) => {
			const at = n.getBoundingClientRect();
			return at.left >= 0 && at.right <= 360 && n.contains(document.elementFromPoint(at.x + 2, at.y + at.height / 2).closest("button"));
		})`)
		b.control("clock", reply{"advance": "1h"})
		b.until(`document.querySelector(".clock-words").textContent.includes("(+")`)
	}
	b.until(`getComputedStyle(document.querySelector("#sidebar")).visibility === "hidden"`)
	b.click(`.menu-button`)
	b.until(`document.querySelector("#sidebar").getBoundingClientRect().left === 0`) // it has slid in
	b.click(`[data-channel=C01GENERAL]`)
	b.until(`document.querySelector("h1").textContent === "general" && getComputedStyle(document.querySelector("#sidebar")).visibility === "hidden"`)
}

func words(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject("plain_text", text, false, false)
}

func section(text string) *slack.SectionBlock {
	return slack.NewSectionBlock(slack.NewTextBlockObject("mrkdwn", text, false, false), nil, nil)
}

func pressable(action, text string) *slack.ButtonBlockElement {
	return slack.NewButtonBlockElement(action, "v", words(text))
}
