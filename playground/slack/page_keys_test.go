package slack

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
	"github.com/stretchr/testify/require"
)

// A jump, even to the place that is shown already, gives the field back with its caret: what is typed next is written.
func jumpStory(_ *testing.T, b *browser) {
	b.do(chromedp.Navigate(b.http.URL + "/"))
	b.until(`document.querySelector(".live-words").textContent === "Live" && document.querySelector(".intro")`)
	b.until(`document.activeElement.id === "composer-text"`)
	for _, name := range []string{"payments", "payments", "general"} {
		b.do(chromedp.KeyEvent("k", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
		b.until(`document.querySelector("dialog[open]").contains(document.activeElement)`)
		b.press(name[:4] + "\r")
		b.until(fmt.Sprintf(`!document.querySelector("dialog[open]") && document.querySelector("h1").textContent === %q`, name))
		b.press("/who")
		b.until(`document.querySelector(".suggestion.active").textContent.includes("/who-owns")`)
		b.press("\t")
		b.until(`document.querySelector("#composer-text").value === "/who-owns "`)
		b.do(chromedp.KeyEvent("a", chromedp.KeyModifiers(chromedp.ModifierCtrl)), chromedp.KeyEvent(kb.Backspace))
		b.until(`document.querySelector("#composer-text").value === ""`)
	}
}

// A card is edited while somebody is about to press its button. Without a block_id of the app's own its blocks have
// another one after every edit.
func editedStory(t *testing.T, b *browser) {
	for _, id := range []string{"controls-1", ""} {
		card := func(text string) slack.MsgOption {
			return slack.MsgOptionBlocks(section(text),
				slack.NewActionBlock(id, pressable("log", "Log"), pressable("cancel", "Cancel")),
				slack.NewActionBlock("", pressable("cancel", "Cancel the other")))
		}
		_, ts, err := b.bot.PostMessage("C02PAYMENTS", card("0 of 9 "+id))
		require.NoError(t, err)
		for n, button := range []string{"Cancel", "Cancel the other"} {
			b.until(fmt.Sprintf(`[...message("of 9 %s").querySelectorAll("[data-action=cancel]")].some((n) => n.textContent === %q && (n.focus(), n === document.activeElement))`, id, button))
			text := fmt.Sprintf("%d of 9 %s", n+1, id)
			_, _, _, err = b.bot.UpdateMessage("C02PAYMENTS", ts, card(text))
			require.NoError(t, err)
			b.until(fmt.Sprintf(`message(%q) && document.activeElement.textContent === %q`, text, button))
		}
		_, _, err = b.bot.DeleteMessage("C02PAYMENTS", ts)
		require.NoError(t, err)
		b.until(`!message("of 9")`)
	}
}

// The Home tab is opened and used without a mouse, and what the app answers in its messages is seen from there.
func homeKeysStory(t *testing.T, b *browser) {
	bot := b.connect()
	b.click(`.side-group:last-child .side-entry`)
	b.until(`document.querySelector(".tab").textContent === "Home" && (document.querySelector(".tab").focus(), document.activeElement.matches(".tab"))`)
	b.press("\r")
	bot.ack(bot.next(socketmode.EventTypeEventsAPI))
	b.until(`document.activeElement.matches(".home")`) // nothing is published yet
	publish := func(blocks ...slack.Block) {
		t.Helper()
		_, err := b.bot.PublishView("U01ALICE", slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: blocks}}, "")
		require.NoError(t, err)
	}
	publish(slack.NewHeaderBlock(words("Good morning")), slack.NewActionBlock("", pressable("new", "New")))
	b.until(`document.activeElement.textContent === "Good morning"`)
	b.press("\t")
	b.until(`document.activeElement.dataset.action === "new"`)
	b.press("\r")
	bot.ack(bot.next(socketmode.EventTypeInteractive))
	publish(slack.NewHeaderBlock(words("Good evening")), slack.NewActionBlock("", pressable("new", "New")))
	b.until(`document.querySelector(".home").textContent.includes("Good evening") && document.activeElement.dataset.action === "new"`)

	b.control("message", reply{"channel": b.text(`Promise.resolve(document.querySelector(".side-entry[aria-current]").dataset.channel)`), "user": "bellhop", "text": "It runs"})
	b.until(`document.querySelector(".tab:last-child .count").textContent === "1" && document.querySelector(".side-entry[aria-current] .count").textContent === "1"`)
	b.until(`document.activeElement.dataset.action === "new"`)
	b.until(`(document.querySelector(".tab:last-child").focus(), document.activeElement.matches(".tab"))`)
	b.press("\r")
	b.until(`message("It runs") && !document.querySelector(".tab .count, .side-entry[aria-current] .count")`)
	b.until(`document.activeElement.id === "composer-text"`)
}
