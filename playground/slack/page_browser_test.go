package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	keyboard "github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"bellhop/internal/skip"
)

// startChromium starts one headless Chromium for all stories, or skips the test where there is none.
func startChromium(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "headless-shell"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		skip.Missing(t, "no Chromium on this machine: the page is not tried")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.WindowSize(1280, 820))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, forget := chromedp.NewContext(allocator)
	t.Cleanup(forget)
	require.NoError(t, chromedp.Do(ctx)) // starts it
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil { // closes it in order, before its profile is removed
			t.Logf("close chromium: %v", err)
		}
	})
	return ctx
}

// browser is the page in a profile of its own, and the workspace behind it.
type browser struct {
	*play
	t   *testing.T
	ctx context.Context
}

// openPage opens the page as Alice. What the page complains of on its console fails the test at its end.
func openPage(t *testing.T, chromium context.Context, p *play, channel string) *browser {
	t.Helper()
	ctx, cancel := chromedp.NewContext(chromium, chromedp.WithNewBrowserContext())
	b := &browser{play: p, t: t, ctx: ctx}
	require.NoError(t, chromedp.Do(ctx)) // opens the tab, which lives as long as this context
	console := chromedp.Console(ctx)
	complaints := make(chan []string, 1)
	go func() {
		var out []string
		for m, err := range console {
			if err != nil {
				break
			}
			cut := strings.Contains(m.Text, "net::ERR_") // a connection that a story has cut
			if (m.Type == chromedp.ConsoleError || m.IsException()) && !cut {
				out = append(out, m.String()+" "+m.URL)
			}
		}
		complaints <- out
	}()
	t.Cleanup(func() {
		cancel()
		require.Empty(t, <-complaints)
	})
	b.do(chromedp.Navigate(p.http.URL + "/#/U01ALICE/" + channel))
	b.until(`document.querySelector(".live-words").textContent === "Live" && document.querySelector(".intro")`)
	return b
}

func (b *browser) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, wait)
	defer cancel()
	require.NoError(b.t, chromedp.Do(ctx, actions...))
}

// helpers are what the expressions of until and list may use.
const helpers = `
	const message = (text, within = "#stage") => [...document.querySelectorAll(within + " .message")].find((m) => m.textContent.includes(text));
	const fieldError = (block) => { const e = document.querySelector("dialog [data-block-id='" + block + "'] .input-error"); return e.hidden ? "" : e.textContent; };
	const nameOf = (n) => (n.getAttribute("aria-label") || "").trim()
		|| (n.getAttribute("aria-labelledby") || "").split(" ").map((id) => (document.getElementById(id) || {}).textContent || "").join("").trim()
		|| [...(n.labels || [])].map((l) => l.textContent).join("").trim()
		|| (n.matches("input, textarea") ? "" : n.textContent.trim())
		|| (n.matches("dialog:not([open]), [hidden], [hidden] *") ? "not shown" : "");
`

// until waits until a JavaScript expression holds; it is looked at once a frame.
func (b *browser) until(expression string) {
	b.t.Helper()
	script := fmt.Sprintf(`new Promise((done) => { %s
		const holds = () => { try { return %s; } catch { return false; } };
		const look = () => { if (holds()) done(true); else requestAnimationFrame(look); };
		look();
	})`, helpers, expression)
	ctx, cancel := context.WithTimeout(b.ctx, wait)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](script, chromedp.EvalAwaitPromise)); err != nil {
		seen, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.body.innerText`)) // only to say more about the failure
		require.FailNow(b.t, "the page did not come to show it", "%s\n%v\nshown:\n%s", expression, err, seen)
	}
}

// text is what a JavaScript expression, a promise of a text, comes to.
func (b *browser) text(expression string) string {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, wait)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](expression, chromedp.EvalAwaitPromise))
	require.NoError(b.t, err)
	return text
}

// list is the value of a JavaScript expression that is a list of strings.
func (b *browser) list(expression string) []string {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, wait)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](fmt.Sprintf(`(() => { %s return JSON.stringify(%s); })()`, helpers, expression)))
	require.NoError(b.t, err)
	var out []string
	require.NoError(b.t, json.Unmarshal([]byte(text), &out))
	return out
}

// click presses the first element that fits with the mouse, once it is there.
func (b *browser) click(selector string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`document.querySelector(%q)`, selector))
	b.do(chromedp.ScrollIntoView(chromedp.CSS(selector)), chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// write types into a field; \r is Enter and \t is Tab.
func (b *browser) write(selector, text string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`(document.querySelector(%q).focus(), document.activeElement === document.querySelector(%q))`, selector, selector))
	b.press(text)
}

// press types where the focus is. Every key is a real key event, one after the other.
func (b *browser) press(keys string) {
	b.t.Helper()
	for _, key := range keys {
		if _, known := kb.Keys[key]; !known { // signs without a key of their own come as an input method sends them
			b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
				_, err := cdp.Call(ctx, t, keyboard.InsertText, keyboard.InsertTextParams{Text: string(key)})
				return err
			}))
		} else if key == '\r' {
			b.do(chromedp.Func(enter))
		} else {
			b.do(chromedp.KeyEvent(string(key)))
		}
	}
}

// enter is the Enter key as a keyboard sends it: what it types follows from the key and is left out where the page
// takes the key for itself. chromedp sends the two apart.
func enter(ctx context.Context, t *chromedp.Target) error {
	key := keyboard.DispatchKeyEventParams{
		Type: keyboard.DispatchKeyEventTypeKeyDown, Key: "Enter", Code: "Enter", Text: "\r", UnmodifiedText: "\r",
		WindowsVirtualKeyCode: 13, NativeVirtualKeyCode: 13,
	}
	if _, err := cdp.Call(ctx, t, keyboard.DispatchKeyEvent, key); err != nil {
		return err
	}
	key.Type, key.Text, key.UnmodifiedText = keyboard.DispatchKeyEventTypeKeyUp, "", ""
	_, err := cdp.Call(ctx, t, keyboard.DispatchKeyEvent, key)
	return err
}
