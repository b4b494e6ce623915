package slack

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	goslack "github.com/slack-go/slack"

	"bellhop/chat"
)

// Workspace is what Slack says about itself and the bot.
type Workspace struct {
	Team    string // the workspace's name
	TeamID  string
	URL     string // https://acme.slack.com/
	BotName string
	BotID   string   // the bot's user id
	Scopes  []string // that the bot token has; empty when Slack does not say
}

// CheckToken asks Slack about the bot token. A refused one is an AuthError.
func (c *Client) CheckToken(ctx context.Context) (Workspace, error) {
	var answer *goslack.AuthTestResponse
	err := c.call(ctx, authTest, func(ctx context.Context) (err error) {
		answer, err = c.api.AuthTestContext(ctx)
		return err
	})
	if err != nil {
		return Workspace{}, err
	}
	return Workspace{
		Team: answer.Team, TeamID: answer.TeamID, URL: answer.URL, BotName: answer.User, BotID: answer.UserID,
		Scopes: grantedScopes(answer.Header),
	}, nil
}

// grantedScopes reads the header in which Slack says what a token may.
func grantedScopes(h http.Header) []string {
	var scopes []string
	for scope := range strings.SplitSeq(h.Get("X-Oauth-Scopes"), ",") {
		if scope = strings.TrimSpace(scope); scope != "" {
			scopes = append(scopes, scope)
		}
	}
	slices.Sort(scopes)
	return scopes
}

// Missing are the scopes that the features need and the token has not: those without which something fails, and those
// without which Bellhop does less.
func (w Workspace) Missing(features []chat.Feature) (needed, optional []string) {
	without := func(scopes []string) []string {
		return slices.DeleteFunc(scopes, func(s string) bool { return slices.Contains(w.Scopes, s) })
	}
	needed = without(Scopes(features, false))
	optional = slices.DeleteFunc(without(Scopes(features, true)), func(s string) bool { return slices.Contains(needed, s) })
	return needed, optional
}

// CheckSocket asks Slack whether Socket Mode is open to the app-level token. It opens no connection.
func (c *Client) CheckSocket(ctx context.Context) error {
	if c.appToken == "" {
		return fmt.Errorf("%s is not set", appTokenVariable)
	}
	err := c.call(ctx, connectionsOpen, func(ctx context.Context) error {
		_, _, err := c.api.StartSocketModeContext(ctx)
		if refused := code(err); wrongToken(connectionsOpen, refused) {
			return &AuthError{Variable: appTokenVariable, Code: refused}
		}
		return err
	})
	return err
}

// ChannelCheck is what the bot finds of a channel.
type ChannelCheck struct {
	ID, Name string
	Member   bool // it can post there
	Archived bool
}

// CheckChannel looks up a channel by its name or id. A channel that the bot cannot see is a UserError that says how to
// mend it.
func (c *Client) CheckChannel(ctx context.Context, channel string) (ChannelCheck, error) {
	id, ok, err := c.ChannelByName(ctx, channel)
	if err != nil {
		return ChannelCheck{}, err
	}
	if !ok {
		return ChannelCheck{}, chat.Errorf("There is no public channel %s. If it is a private one, give its id (in Slack: its name, About, at the bottom) and invite the bot.", channel)
	}
	var info *goslack.Channel
	err = c.call(ctx, channelInfo, func(ctx context.Context) (err error) {
		info, err = c.api.GetConversationInfoContext(ctx, &goslack.GetConversationInfoInput{ChannelID: id})
		return err
	})
	if is(err, "channel_not_found", "missing_scope") {
		self, err := c.identity(ctx)
		if err != nil {
			return ChannelCheck{}, err
		}
		return ChannelCheck{}, chat.Errorf("The bot cannot see channel %s. Invite it there: /invite @%s", channel, self.name)
	}
	if err != nil {
		return ChannelCheck{}, err
	}
	return ChannelCheck{ID: info.ID, Name: info.Name, Member: info.IsMember, Archived: info.IsArchived}, nil
}
