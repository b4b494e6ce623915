package slack

import (
	"context"
	"errors"
	"fmt"

	goslack "github.com/slack-go/slack"
)

// ChannelName is what a conversation is called, without #; empty for direct messages, and where the bot cannot see it or may not
// look.
func (c *Client) ChannelName(ctx context.Context, id string) (string, error) {
	found, err := c.channels.get(ctx, id)
	_, unscoped := errors.AsType[*ScopeError](err)
	switch {
	case unscoped || is(err, "channel_not_found", "not_in_channel"):
		return "", nil
	case err != nil:
		return "", fmt.Errorf("look at channel %s: %w", id, err)
	}
	return found.name, nil
}

// CanPost tells whether the bot may post in a conversation: it is in it, or it is a person's direct messages with the bot.
func (c *Client) CanPost(ctx context.Context, channel string) (bool, error) {
	var info *goslack.Channel
	err := c.call(ctx, channelInfo, func(ctx context.Context) (err error) {
		info, err = c.api.GetConversationInfoContext(ctx, &goslack.GetConversationInfoInput{ChannelID: channel})
		return err
	})
	_, unscoped := errors.AsType[*ScopeError](err)
	switch {
	case is(err, "channel_not_found", "not_in_channel"):
		return false, nil
	case unscoped: // what Bellhop may not look at but can see at all, a private channel or direct messages, it is in
		return true, nil
	case err != nil:
		return false, fmt.Errorf("look at channel %s: %w", channel, err)
	}
	return (info.IsMember || info.IsIM) && !info.IsArchived, nil
}
