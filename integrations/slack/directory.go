package slack

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	goslack "github.com/slack-go/slack"

	"bellhop/chat"
)

// directoryLife is how long what Slack says about people, channels and groups is believed: a person who was
// deactivated or left a group loses their rights after that time at the latest.
const directoryLife = 10 * time.Minute

// namesPause is how long a channel name that was not found is not asked for again.
const namesPause = 30 * time.Second

// channel is what Bellhop needs to know of a conversation.
type channel struct {
	id, name string
	private  bool
	direct   bool // a direct or group message
}

func (c *Client) openDirectory() {
	c.people = newCache(c.clock, directoryLife, func(ctx context.Context, id string) (user goslack.User, err error) {
		err = c.call(ctx, usersInfo, func(ctx context.Context) error {
			found, err := c.api.GetUserInfoContext(ctx, id)
			if err == nil {
				user = *found
			}
			return err
		})
		return user, err
	})
	c.channels = newCache(c.clock, directoryLife, c.loadChannel)
	c.dms = newCache(c.clock, directoryLife, c.openDM)
	c.groups = newCache(c.clock, directoryLife, c.loadGroups)
	c.members = newCache(c.clock, directoryLife, c.loadMembers)
	c.names = newCache(c.clock, directoryLife, c.loadNames)
}

// Person tells who a Slack user is, at most ten minutes old. Somebody whom Slack does not know is a UserError.
func (c *Client) Person(ctx context.Context, slackID string) (chat.Person, error) {
	self, err := c.identity(ctx)
	if err != nil {
		return chat.Person{}, err
	}
	user, err := c.people.get(ctx, slackID)
	if is(err, "user_not_found", "user_not_visible", "users_not_found") {
		return chat.Person{}, chat.Errorf("Slack knows no person %s.", slackID)
	}
	if err != nil {
		return chat.Person{}, fmt.Errorf("look up person %s: %w", slackID, err)
	}
	return person(user, self), nil
}

// person is a Slack user in Bellhop's words.
func person(u goslack.User, self identity) chat.Person {
	p := chat.Person{ID: u.ID, Name: firstOf(u.Profile.DisplayName, u.Profile.RealName, u.RealName, u.Name), Standing: standing(u, self)}
	if u.IsEmailConfirmed {
		p.Email = u.Profile.Email
	}
	if zone, err := time.LoadLocation(u.TZ); err == nil && u.TZ != "" {
		p.Zone = zone
	}
	return p
}

// standing is what a user is to the workspace; where several hold, the one that may do least.
func standing(u goslack.User, self identity) chat.Standing {
	home := u.TeamID == self.team || slices.Contains(u.Enterprise.Teams, self.team)
	switch {
	case u.Deleted:
		return chat.Deactivated
	case u.IsBot || u.IsAppUser || u.IsWorkflowBot || u.IsConnectorBot || u.ID == "USLACKBOT":
		return chat.Bot
	case u.IsStranger || !home:
		return chat.Foreign
	case u.IsRestricted || u.IsUltraRestricted || u.IsInvitedUser:
		return chat.Guest
	}
	return chat.Member
}

func firstOf(candidates ...string) string {
	for _, c := range candidates {
		if c != "" {
			return c
		}
	}
	return ""
}

// slackID is how Slack's ids look; anything else is never put into markup or a path.
var slackID = regexp.MustCompile(`^[A-Z][A-Z0-9]{1,30}$`)

func (c *Client) loadChannel(ctx context.Context, id string) (channel, error) {
	var info *goslack.Channel
	err := c.call(ctx, channelInfo, func(ctx context.Context) (err error) {
		info, err = c.api.GetConversationInfoContext(ctx, &goslack.GetConversationInfoInput{ChannelID: id})
		return err
	})
	if err != nil {
		return channel{}, err
	}
	return channel{id: info.ID, name: info.Name, private: info.IsPrivate, direct: info.IsIM || info.IsMpIM}, nil
}

// ChannelByName finds a public channel by its name, with or without #; an id is found as it stands. ok is false when
// there is none of that name; a new channel is seen within half a minute.
func (c *Client) ChannelByName(ctx context.Context, name string) (id string, ok bool, err error) {
	name = strings.TrimPrefix(name, "#")
	if slackID.MatchString(name) && strings.ContainsAny(name[:1], "CGD") {
		return name, true, nil
	}
	all, err := c.names.get(ctx, "")
	if err != nil {
		return "", false, fmt.Errorf("look up channel #%s: %w", name, err)
	}
	if id, ok = all[strings.ToLower(name)]; ok {
		return id, true, nil
	}
	if all, err = c.names.within(ctx, "", namesPause); err != nil {
		return "", false, fmt.Errorf("look up channel #%s: %w", name, err)
	}
	id, ok = all[strings.ToLower(name)]
	return id, ok, nil
}

func (c *Client) loadNames(ctx context.Context, _ string) (map[string]string, error) {
	all, cursor := map[string]string{}, ""
	for {
		var page []goslack.Channel
		err := c.call(ctx, channelsList, func(ctx context.Context) (err error) {
			var next string
			page, next, err = c.api.GetConversationsContext(ctx, &goslack.GetConversationsParameters{
				Cursor: cursor, ExcludeArchived: true, Limit: 999, Types: []string{"public_channel"}})
			if err == nil {
				cursor = next
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		for _, found := range page {
			all[strings.ToLower(found.Name)] = found.ID
		}
		if cursor == "" {
			return all, nil
		}
	}
}

// openDM finds the bot's direct conversation with a person.
func (c *Client) openDM(ctx context.Context, user string) (id string, err error) {
	err = c.call(ctx, channelOpen, func(ctx context.Context) error {
		opened, _, _, err := c.api.OpenConversationContext(ctx, &goslack.OpenConversationParameters{Users: []string{user}})
		if err == nil {
			id = opened.ID
		}
		return err
	})
	return id, err
}

// InGroup tells whether a person is in a user group, named by its handle (with or without @) or id. A group that does
// not exist is a UserError: a role that names it would otherwise silently be nobody's.
func (c *Client) InGroup(ctx context.Context, handle, slackUser string) (bool, error) {
	id := strings.TrimPrefix(handle, "@")
	if !slackID.MatchString(id) || id[0] != 'S' {
		groups, err := c.groups.get(ctx, "")
		if err != nil {
			return false, fmt.Errorf("look up user group @%s: %w", id, err)
		}
		found, ok := groups[strings.ToLower(id)]
		if !ok {
			return false, chat.Errorf("There is no Slack user group @%s. Bellhop's configuration names it for a role.", id)
		}
		id = found
	}
	members, err := c.members.get(ctx, id)
	if err != nil {
		return false, fmt.Errorf("look up members of @%s: %w", handle, err)
	}
	return members[slackUser], nil
}

func (c *Client) loadGroups(ctx context.Context, _ string) (map[string]string, error) {
	var groups []goslack.UserGroup
	err := c.call(ctx, groupsList, func(ctx context.Context) (err error) {
		groups, err = c.api.GetUserGroupsContext(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	byHandle := map[string]string{}
	for _, g := range groups {
		byHandle[strings.ToLower(g.Handle)] = g.ID
	}
	return byHandle, nil
}

func (c *Client) loadMembers(ctx context.Context, group string) (map[string]bool, error) {
	var users []string
	err := c.call(ctx, groupMembers, func(ctx context.Context) (err error) {
		users, err = c.api.GetUserGroupMembersContext(ctx, group)
		return err
	})
	if err != nil {
		return nil, err
	}
	members := make(map[string]bool, len(users))
	for _, u := range users {
		members[u] = true
	}
	return members, nil
}
