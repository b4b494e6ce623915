package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	goslack "github.com/slack-go/slack"

	"bellhop/chat"
)

// responseLife is how long a response_url can be used; Slack gives it 30 minutes, and a call takes its time.
const responseLife = 29 * time.Minute

// answer gives an asker their answer, in the way that its audience and the way of asking call for.
func (c *Client) answer(ctx context.Context, a ask, r chat.Reply) error {
	if r.Form != nil {
		return c.openForm(ctx, a, *r.Form)
	}
	if a.request.Via == chat.Opened {
		return c.publishHome(ctx, a, r)
	}
	switch r.To {
	case chat.Silent:
		return nil
	case chat.Here:
		return c.here(ctx, a, r, posting{channel: a.request.Place.Channel, thread: a.request.Place.Thread})
	case chat.InThread, chat.InThreadBroadcast:
		thread := firstOf(a.request.Place.Thread, a.request.Action.Message.TS)
		if a.ways.ephemeral || a.request.Place.Kind == chat.Direct {
			thread = a.request.Place.Thread // an ephemeral message has no thread, and a direct message needs none
		}
		return c.here(ctx, a, r, posting{channel: a.request.Place.Channel, thread: thread, broadcast: r.To == chat.InThreadBroadcast})
	case chat.DirectMessage:
		return c.direct(ctx, a, r)
	case chat.InPlace:
		return c.inPlace(ctx, a, r)
	default:
		return c.onlyYou(ctx, a, r)
	}
}

// here answers in the conversation. Where the bot may not post, a command's own way still leads there; without one the
// asker alone is answered, and told how to invite the bot.
func (c *Client) here(ctx context.Context, a ask, r chat.Reply, to posting) error {
	if to.channel == "" {
		return c.direct(ctx, a, r)
	}
	_, err := c.post(ctx, to, r)
	if !errors.Is(err, chat.ErrCannotPost) {
		return err
	}
	if c.usable(a.ways) {
		if err := c.respond(ctx, a, r, "in_channel", false); err == nil {
			return nil
		}
	}
	self, err := c.identity(ctx)
	if err != nil {
		return err
	}
	r.Parts = append(append([]chat.Part{}, r.Parts...), chat.Context{Text: chat.Line(
		chat.Plain("Only you see this: I may not write in that conversation. Invite me with "), chat.Code("/invite @"+self.name), chat.Plain(" and ask again."))})
	return c.onlyYou(ctx, a, r)
}

// onlyYou answers the asker alone: by the command's own way, else as an ephemeral message, else in their direct messages.
func (c *Client) onlyYou(ctx context.Context, a ask, r chat.Reply) error {
	place := a.request.Place
	if place.Kind == chat.Home && a.request.Via == chat.Click {
		return c.overHome(ctx, a, r)
	}
	if a.request.Via != chat.Mention && a.request.Via != chat.Message && c.usable(a.ways) {
		err := c.respond(ctx, a, r, "ephemeral", false)
		if err == nil || ctx.Err() != nil {
			return err
		}
		c.log.Debug().Err(err).Msg("response_url failed, answering another way")
	}
	if place.Channel == "" || place.Kind == chat.Direct || place.Kind == chat.OtherDM {
		return c.direct(ctx, a, r)
	}
	thread := place.Thread
	err := c.deliverAlone(ctx, a.request.Person.ID, r, func(s sheet) error {
		options := messageOptions(s)
		if thread != "" {
			options = append(options, goslack.MsgOptionTS(thread))
		}
		return c.call(ctx, chatPostEphemeral, func(ctx context.Context) error {
			_, err := c.api.PostEphemeralContext(ctx, place.Channel, a.request.Person.ID, options...)
			return err
		})
	})
	if errors.Is(err, chat.ErrCannotPost) {
		return c.direct(ctx, a, r)
	}
	return err
}

// direct answers in the asker's conversation with the bot.
func (c *Client) direct(ctx context.Context, a ask, r chat.Reply) error {
	if a.request.Place.Kind == chat.Direct && a.request.Place.Channel != "" {
		_, err := c.post(ctx, posting{channel: a.request.Place.Channel, thread: a.request.Place.Thread}, r)
		return err
	}
	_, err := c.Post(ctx, chat.Address{User: a.request.Person.ID}, r, "")
	return err
}

// inPlace puts the answer where the pressed message stands.
func (c *Client) inPlace(ctx context.Context, a ask, r chat.Reply) error {
	ref := a.request.Action.Message
	if ref.TS == "" || a.request.Via == chat.Shortcut { // whose message is somebody else's
		if a.request.Place.Kind == chat.Home && a.ways.view == "" {
			return c.publishHome(ctx, a, r)
		}
		return c.onlyYou(ctx, a, r)
	}
	if c.usable(a.ways) {
		if err := c.respond(ctx, a, r, "", true); err == nil || ctx.Err() != nil {
			return err
		}
	}
	if a.ways.ephemeral {
		return c.onlyYou(ctx, a, r)
	}
	err := c.update(ctx, ref, r)
	if errors.Is(err, chat.ErrMessageGone) || errors.Is(err, chat.ErrCannotPost) {
		return c.onlyYou(ctx, a, r)
	}
	return err
}

// openForm opens a form, or puts it in place of the one in which a button was pressed.
func (c *Client) openForm(ctx context.Context, a ask, f chat.Form) error {
	view, err := c.renderer().view(f, a)
	if err != nil {
		return err
	}
	if a.ways.view != "" {
		return c.call(ctx, viewsUpdate, func(ctx context.Context) error {
			_, err := c.api.UpdateViewContext(ctx, view, "", "", a.ways.view)
			return err
		})
	}
	err = c.call(ctx, viewsOpen, func(ctx context.Context) error {
		_, err := c.api.OpenViewContext(ctx, a.ways.trigger, view)
		return err
	})
	if is(err, "expired_trigger_id", "trigger_expired", "exchanged_trigger_id", "trigger_exchanged", "invalid_trigger_id", "invalid_trigger") {
		return c.onlyYou(ctx, a, chat.Reply{Headline: chat.Textf("The form took too long to open, and Slack allows three seconds. Nothing was changed: please try again.")})
	}
	return err
}

// overHome answers who pressed something in the home tab, where no message is to be seen: in a view over it, or in the one in
// which it was pressed. What comes too late for that goes into their direct messages.
func (c *Client) overHome(ctx context.Context, a ask, r chat.Reply) error {
	given, pictures := c.handOver(ctx, a.request.Person.ID, r)
	view, err := c.renderer().answerView(given, a, pictures)
	if err != nil {
		return err
	}
	if a.ways.view != "" {
		err = c.call(ctx, viewsUpdate, func(ctx context.Context) error {
			_, err := c.api.UpdateViewContext(ctx, view, "", "", a.ways.view)
			return err
		})
	} else {
		err = c.call(ctx, viewsOpen, func(ctx context.Context) error {
			_, err := c.api.OpenViewContext(ctx, a.ways.trigger, view)
			return err
		})
	}
	if err != nil && ctx.Err() == nil {
		c.log.Debug().Err(err).Msg("no view over the home tab, answering in direct messages")
		return c.direct(ctx, a, given)
	}
	return err
}

func (c *Client) publishHome(ctx context.Context, a ask, r chat.Reply) error {
	blocks := c.renderer().sheet(r, homeSurface, nil).blocks
	return c.call(ctx, viewsPublish, func(ctx context.Context) error {
		_, err := c.api.PublishViewContext(ctx, goslack.PublishViewContextRequest{
			UserID: a.request.Person.ID, View: goslack.HomeTabViewRequest{Type: goslack.VTHomeTab, Blocks: goslack.Blocks{BlockSet: blocks}}})
		return err
	})
}

// usable tells whether a response_url is worth a try.
func (c *Client) usable(w ways) bool {
	return w.URL != "" && c.clock.Now().Before(w.Issued.Add(responseLife))
}

// respond answers through the response_url that came with the ask: to the asker (ephemeral), to all (in_channel), or in
// place of the pressed message.
func (c *Client) respond(ctx context.Context, a ask, r chat.Reply, audience string, replace bool) error {
	if _, err := c.identity(ctx); err != nil {
		return err
	}
	send := func(s sheet) error {
		message := response{Text: s.text, Blocks: s.blocks, Type: audience, Replace: replace, Parse: "none"}
		if !replace {
			message.Thread = a.request.Place.Thread
		}
		return c.call(ctx, responseURL, func(ctx context.Context) error { return c.postResponse(ctx, a.ways.URL, message) })
	}
	if audience == "ephemeral" || replace && a.ways.ephemeral {
		return c.deliverAlone(ctx, a.request.Person.ID, r, send)
	}
	return c.deliver(ctx, r, send)
}

// response is a message to a response_url.
type response struct {
	Text        string          `json:"text"`
	Blocks      []goslack.Block `json:"blocks,omitempty"`
	Type        string          `json:"response_type,omitempty"`
	Replace     bool            `json:"replace_original"`
	Thread      string          `json:"thread_ts,omitempty"`
	Parse       string          `json:"parse"`
	LinkNames   bool            `json:"link_names"`
	UnfurlLinks bool            `json:"unfurl_links"`
	UnfurlMedia bool            `json:"unfurl_media"`
}

// postResponse posts to a response_url. Its errors are slack-go's, as if the library had made the call; the address is a
// secret and stands in none of them.
func (c *Client) postResponse(ctx context.Context, address string, message response) error {
	body, err := json.Marshal(message)
	if err != nil {
		return fmt.Errorf("write a response: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return errors.New("the response_url is no address")
	}
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	answer, err := c.http.Do(request)
	if err != nil {
		return fmt.Errorf("post a response: %w", withoutAddress(err))
	}
	defer func() { _ = answer.Body.Close() }() // it was read, or does not matter
	text, err := io.ReadAll(io.LimitReader(answer.Body, 64<<10))
	if err != nil {
		return fmt.Errorf("read the answer to a response: %w", err)
	}
	if answer.StatusCode == http.StatusTooManyRequests {
		seconds, _ := strconv.Atoi(answer.Header.Get("Retry-After")) // without one, a second
		return &goslack.RateLimitedError{RetryAfter: time.Duration(max(seconds, 1)) * time.Second}
	}
	var said goslack.SlackResponse
	if json.Unmarshal(text, &said) == nil {
		if !said.Ok {
			return goslack.SlackErrorResponse{Err: firstOf(said.Error, answer.Status), ResponseMetadata: said.ResponseMetadata}
		}
		return nil
	}
	if word := strings.TrimSpace(string(text)); answer.StatusCode != http.StatusOK || word != "ok" {
		return goslack.SlackErrorResponse{Err: cutString(firstOf(word, answer.Status), 100)}
	}
	return nil
}

// withoutAddress takes the address off an HTTP client's error.
func withoutAddress(err error) error {
	if failed, ok := errors.AsType[*url.Error](err); ok {
		return failed.Err
	}
	return err
}
