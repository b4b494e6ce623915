package slack

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
	"github.com/stretchr/testify/require"
)

// A shortcut in a message's menu is used by mouse and by keyboard, in a channel where the app is no member too; its answer is
// seen by its user alone.
func shortcutStory(t *testing.T, b *browser) {
	bot := b.connect()
	answered := func(text string) {
		t.Helper()
		e := bot.next(socketmode.EventTypeInteractive)
		bot.ack(e)
		used := e.Data.(slack.InteractionCallback)
		require.Equal(t, slack.InteractionTypeMessageAction, used.Type)
		require.Equal(t, "who", used.CallbackID)
		require.Equal(t, text, used.Message.Text)
		require.Equal(t, "U01ALICE", used.User.ID)
		require.NoError(t, slack.PostWebhook(used.ResponseURL, &slack.WebhookMessage{Text: "about " + text}))
		b.until(`message("about ` + text + `").textContent.includes("Only visible to you")`)
	}
	b.control("message", reply{"channel": "payments", "user": "bob", "text": "refund.go:14 panics"})
	b.until(`message("refund.go:14")`)
	b.click(`#stage .message .text`) // where the mouse is, the message's tools appear
	b.click(`#stage .message .tools [aria-label="More actions"]`)
	b.until(`[...document.querySelectorAll(".popup [role=menuitem]")].some((n) => n.textContent.includes("Who wrote it") && n.textContent.includes("bellhop"))`)
	b.click(`.popup [role=menuitem]:last-child`)
	answered("refund.go:14 panics")

	b.do(chromedp.Navigate(b.http.URL + "/#/U01ALICE/C09LAUNCH"))
	b.control("message", reply{"channel": "C09LAUNCH", "user": "bob", "text": "quiet"})
	b.until(`message("quiet") && (message("quiet").querySelector("[aria-label='More actions']").focus(), document.activeElement.getAttribute("aria-label") === "More actions")`)
	b.press("\r")
	b.until(`document.activeElement.matches(".popup [role=menuitem]")`)
	b.do(chromedp.KeyEvent(kb.End))
	b.until(`document.activeElement.textContent.includes("Who wrote it")`)
	b.press("\r")
	answered("quiet")
	b.until(`document.activeElement.getAttribute("aria-label") === "More actions"`)
}
