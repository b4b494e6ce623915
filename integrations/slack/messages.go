package slack

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	goslack "github.com/slack-go/slack"

	"bellhop/chat"
)

// cardEvent is the event type of the metadata that marks a message with an id. chat.postMessage has no idempotency key:
// after a lost answer the message is sought by it.
const cardEvent = "bellhop_card"

// Post posts a message that answers nobody in particular and returns where it stands. id, when given, marks it for Find.
// It waits for the channel's pace and out of rate limits as long as ctx allows. chat.ErrCannotPost tells that the bot is
// not in the channel or may not write there; after any other error the message may or may not stand: Find tells.
func (c *Client) Post(ctx context.Context, to chat.Address, r chat.Reply, id string) (chat.MessageRef, error) {
	channel := to.Channel
	if to.User != "" {
		dm, err := c.dms.get(ctx, to.User)
		if err != nil {
			return chat.MessageRef{}, fmt.Errorf("open conversation with %s: %w", to.User, err)
		}
		channel = dm
	}
	return c.post(ctx, posting{channel: channel, thread: to.Thread, id: id}, r)
}

// posting is where and how a message is posted.
type posting struct {
	channel, thread string
	broadcast       bool
	id              string
}

func (c *Client) post(ctx context.Context, to posting, r chat.Reply) (ref chat.MessageRef, err error) {
	if _, err := c.identity(ctx); err != nil {
		return ref, err
	}
	err = c.deliver(ctx, r, func(s sheet) error {
		if err := c.pace.wait(ctx, to.channel); err != nil {
			return fmt.Errorf("wait to post: %w", err)
		}
		options := messageOptions(s)
		if to.thread != "" {
			options = append(options, goslack.MsgOptionTS(to.thread))
		}
		if to.broadcast && to.thread != "" {
			options = append(options, goslack.MsgOptionBroadcast())
		}
		if to.id != "" {
			options = append(options, goslack.MsgOptionMetadata(goslack.SlackMetadata{
				EventType: cardEvent, EventPayload: map[string]any{"id": to.id}}))
		}
		return c.call(ctx, chatPost, func(ctx context.Context) (err error) {
			ref.Channel, ref.TS, err = c.api.PostMessageContext(ctx, to.channel, options...)
			return err
		})
	})
	if err != nil {
		return chat.MessageRef{}, err
	}
	c.shareFiles(ctx, r, ref.Channel, firstOf(to.thread, ref.TS))
	return ref, nil
}

// messageOptions are a sheet's content, with everything switched off by which Slack would read more into it.
func messageOptions(s sheet) []goslack.MsgOption {
	return []goslack.MsgOption{
		goslack.MsgOptionText(s.text, false), goslack.MsgOptionBlocks(s.blocks...), goslack.MsgOptionParse(false),
		goslack.MsgOptionLinkNames(false), goslack.MsgOptionDisableLinkUnfurl(), goslack.MsgOptionDisableMediaUnfurl(),
	}
}

// deliver renders a reply and sends it; where Slack does not take a rendering, a plainer one follows, and its words alone
// at last: an answer is never lost to the form that it has.
func (c *Client) deliver(ctx context.Context, r chat.Reply, send func(sheet) error) error {
	return c.deliverWith(ctx, r, c.upload(ctx, r), send)
}

// deliverAlone is deliver for a message that the asker alone sees.
func (c *Client) deliverAlone(ctx context.Context, asker string, r chat.Reply, send func(sheet) error) error {
	r, pictures := c.handOver(ctx, asker, r)
	return c.deliverWith(ctx, r, pictures, send)
}

func (c *Client) deliverWith(ctx context.Context, r chat.Reply, pictures map[int]string, send func(sheet) error) error {
	rr := c.renderer()
	s := rr.sheet(r, messageSurface, pictures)
	err := send(s)
	if tooRich(err) && (s.rich || len(pictures) > 0) {
		c.log.Warn().Err(err).Msg("slack refused tables, charts or pictures; sending their words")
		err = send(rr.sheet(r, plainSurface, nil))
	}
	if tooRich(err) {
		c.log.Error().Err(err).Msg("slack refused a message's blocks; sending its words")
		err = send(sheet{text: escaper.Replace(clean(cutString(r.Text(time.UTC), maxFallback)))})
	}
	return err
}

// Update edits a message. Edits of all messages share a budget in which ends go before progress (a reply with a
// chat.Progress part), and of several edits of one message that wait only the latest is made; the others return nil.
// chat.ErrMessageGone tells that it was deleted.
func (c *Client) Update(ctx context.Context, ref chat.MessageRef, r chat.Reply) error {
	done, err := c.updates.turn(ctx, ref, !progresses(r))
	if err != nil {
		return fmt.Errorf("wait to edit a message: %w", err)
	}
	if done == nil {
		return nil
	}
	defer done()
	return c.update(ctx, ref, r)
}

func (c *Client) update(ctx context.Context, ref chat.MessageRef, r chat.Reply) error {
	if _, err := c.identity(ctx); err != nil {
		return err
	}
	return c.deliver(ctx, r, func(s sheet) error {
		return c.call(ctx, chatUpdate, func(ctx context.Context) error {
			_, _, _, err := c.api.UpdateMessageContext(ctx, ref.Channel, ref.TS, messageOptions(s)...)
			return err
		})
	})
}

func progresses(r chat.Reply) bool {
	for _, part := range r.Parts {
		if _, ok := part.(chat.Progress); ok {
			return true
		}
	}
	return false
}

// findPages is how many pages of 200 messages Find reads at most.
const findPages = 5

// Find looks for a message of Bellhop's own that was posted to a channel with an id since a moment. ok is false when there
// is none, and when Bellhop may not read the channel's history: then nobody can know. Messages in threads are found by
// FindInThread alone. A person's id as channel stands for their direct messages with the bot.
func (c *Client) Find(ctx context.Context, channel, id string, since time.Time) (ref chat.MessageRef, ok bool, err error) {
	if strings.HasPrefix(channel, "U") || strings.HasPrefix(channel, "W") {
		if channel, err = c.dms.get(ctx, channel); err != nil {
			return ref, false, fmt.Errorf("open conversation: %w", err)
		}
	}
	return c.find(ctx, channelHistory, id, func(ctx context.Context, cursor string) ([]goslack.Message, string, error) {
		page, err := c.api.GetConversationHistoryContext(ctx, &goslack.GetConversationHistoryParameters{
			ChannelID: channel, Cursor: cursor, Oldest: timestamp(since), Limit: 200, IncludeAllMetadata: true})
		if err != nil {
			return nil, "", err
		}
		return page.Messages, page.ResponseMetaData.NextCursor, nil
	}, channel)
}

// FindInThread is Find in one thread.
func (c *Client) FindInThread(ctx context.Context, channel, thread, id string, since time.Time) (ref chat.MessageRef, ok bool, err error) {
	return c.find(ctx, channelReplies, id, func(ctx context.Context, cursor string) ([]goslack.Message, string, error) {
		page, _, next, err := c.api.GetConversationRepliesContext(ctx, &goslack.GetConversationRepliesParameters{
			ChannelID: channel, Timestamp: thread, Cursor: cursor, Oldest: timestamp(since), Limit: 200, IncludeAllMetadata: true})
		return page, next, err
	}, channel)
}

func (c *Client) find(ctx context.Context, method, id string,
	page func(ctx context.Context, cursor string) ([]goslack.Message, string, error), channel string) (chat.MessageRef, bool, error) {
	self, err := c.identity(ctx)
	if err != nil {
		return chat.MessageRef{}, false, err
	}
	cursor := ""
	for range findPages {
		var messages []goslack.Message
		err := c.call(ctx, method, func(ctx context.Context) (err error) {
			messages, cursor, err = page(ctx, cursor)
			return err
		})
		if _, unscoped := errors.AsType[*ScopeError](err); unscoped || is(err, "not_in_channel", "channel_not_found", "thread_not_found") {
			return chat.MessageRef{}, false, nil
		}
		if err != nil {
			return chat.MessageRef{}, false, err
		}
		for _, m := range messages {
			if m.User == self.user && m.Metadata.EventType == cardEvent && m.Metadata.EventPayload["id"] == id {
				return chat.MessageRef{Channel: channel, TS: m.Timestamp}, true, nil
			}
		}
		if cursor == "" {
			break
		}
	}
	return chat.MessageRef{}, false, nil
}

// timestamp is a moment as Slack's ts.
func timestamp(t time.Time) string {
	return strconv.FormatInt(t.Unix(), 10) + ".000000"
}

// Permalink is the address of a message.
func (c *Client) Permalink(ctx context.Context, ref chat.MessageRef) (link string, err error) {
	err = c.call(ctx, chatPermalink, func(ctx context.Context) (err error) {
		link, err = c.api.GetPermalinkContext(ctx, &goslack.PermalinkParameters{Channel: ref.Channel, Ts: ref.TS})
		return err
	})
	return link, err
}
