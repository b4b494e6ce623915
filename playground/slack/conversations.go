package slack

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
)

// visible says whether the bot can know that the conversation exists.
func (s *Server) visible(c *Channel) bool {
	return c.has(s.cfg.World.App.UserID) || (!c.IsPrivate && !c.IsIM)
}

// postable finds where a message goes: a conversation's id, a channel's name, or a person's id, whose direct messages
// with the bot are opened by it.
func (s *Server) postable(which string) (*Channel, error) {
	if which == "" {
		return nil, refuse("channel_not_found")
	}
	if u := s.state.users[which]; u != nil {
		return s.openDirect(u)
	}
	c := s.state.channel(which)
	switch {
	case c == nil || !s.visible(c):
		return nil, refuse("channel_not_found")
	case c.IsArchived:
		return nil, refuse("is_archived")
	case !c.has(s.cfg.World.App.UserID) && !s.manifest.granted("chat:write.public"):
		return nil, refuse("not_in_channel")
	}
	return c, nil
}

// openDirect is the bot's direct messages with somebody. The lock is held.
func (s *Server) openDirect(u *User) (*Channel, error) {
	bot := s.cfg.World.App.UserID
	switch {
	case u.ID == bot:
		return nil, refuse("channel_not_found")
	case u.Deleted:
		return nil, refuse("user_disabled")
	case u.IsBot:
		return nil, refuse("cannot_dm_bot")
	}
	return s.openBetween(u.ID, bot), nil
}

// openBetween opens the direct messages of two people. The lock is held.
func (s *Server) openBetween(a, b string) *Channel {
	if c := s.state.direct(a, b); c != nil {
		return c
	}
	c := &Channel{IsIM: true, User: a, Members: []string{a, b}, Created: s.now().Unix()}
	c.ID = "D" + strings.TrimPrefix(a, "U")
	if b != s.cfg.World.App.UserID {
		c.ID += strings.TrimPrefix(b, "U")
	}
	s.commit(change{Channel: c}, note{Type: "channel", Channel: c.ID})
	return c
}

// conversation is a channel as the API shows it to the bot.
func (s *Server) conversation(c *Channel, members bool) object {
	member := c.has(s.cfg.World.App.UserID)
	if c.IsIM {
		return object{
			"id": c.ID, "created": c.Created, "is_im": true, "is_org_shared": false, "user": c.User, "is_archived": false,
			"is_user_deleted": s.state.users[c.User] != nil && s.state.users[c.User].Deleted, "priority": 0,
			"context_team_id": s.cfg.World.Team.ID, "is_open": true,
		}
	}
	about := func(text string) object { return object{"value": text, "creator": c.Creator, "last_set": c.Created} }
	out := object{
		"id": c.ID, "name": c.Name, "name_normalized": c.Name, "is_channel": !c.IsPrivate, "is_group": c.IsPrivate,
		"is_im": false, "is_mpim": false, "is_private": c.IsPrivate, "created": c.Created, "is_archived": c.IsArchived,
		"is_general": c.IsGeneral, "unlinked": 0, "is_shared": false, "is_ext_shared": false, "is_org_shared": false,
		"pending_shared": []string{}, "is_pending_ext_shared": false, "context_team_id": s.cfg.World.Team.ID,
		"shared_team_ids": []string{s.cfg.World.Team.ID}, "parent_conversation": nil, "creator": c.Creator,
		"is_member": member, "topic": about(c.Topic), "purpose": about(c.Purpose), "previous_names": []string{}, "updated": c.Created * 1000,
	}
	if members {
		out["num_members"] = len(c.Members)
	}
	return out
}

// kindScope is the scope that a conversation's kind needs: channels:SUFFIX, groups:SUFFIX or im:SUFFIX.
func kindScope(c *Channel, suffix string) string {
	kind, _ := channelType(c)
	return map[string]string{"channel": "channels:", "group": "groups:", "im": "im:"}[kind] + suffix
}

// readable finds a conversation that the bot may read.
func (s *Server) readable(a args, suffix string, membersOnly bool) (*Channel, error) {
	c := s.state.channels[a.str("channel")]
	switch {
	case c == nil || !s.visible(c):
		return nil, refuse("channel_not_found")
	case !s.manifest.granted(kindScope(c, suffix)):
		return nil, s.missing(kindScope(c, suffix))
	case membersOnly && !c.has(s.cfg.World.App.UserID):
		return nil, refuse("not_in_channel")
	}
	return c, nil
}

func (s *Server) conversationsList(a args) (object, error) {
	return s.listConversations(a, func(c *Channel) bool { return s.visible(c) })
}

func (s *Server) usersConversations(a args) (object, error) {
	user := a.str("user")
	if user == "" {
		user = s.cfg.World.App.UserID
	} else if s.state.users[user] == nil {
		return nil, refuse("user_not_found")
	}
	return s.listConversations(a, func(c *Channel) bool { return s.visible(c) && c.has(user) })
}

func (s *Server) listConversations(a args, wanted func(*Channel) bool) (object, error) {
	types := a.list("types")
	if len(types) == 0 {
		types = []string{"public_channel"}
	}
	scopes := map[string]string{
		"public_channel": "channels:read", "private_channel": "groups:read", "im": "im:read", "mpim": "mpim:read",
	}
	for _, kind := range types {
		scope, known := scopes[kind]
		if !known {
			return nil, refuse("invalid_types")
		}
		if !s.manifest.granted(scope) {
			return nil, s.missing(scope)
		}
	}
	list := []object{}
	for _, c := range s.state.sortedChannels() {
		kind := "public_channel"
		if c.IsIM {
			kind = "im"
		} else if c.IsPrivate {
			kind = "private_channel"
		}
		hidden := c.IsArchived && a.flag("exclude_archived")
		if slices.Contains(types, kind) && wanted(c) && !hidden {
			list = append(list, s.conversation(c, true))
		}
	}
	page, meta, err := paged(list, a)
	if err != nil {
		return nil, err
	}
	return object{"channels": page, "response_metadata": meta}, nil
}

func (s *Server) conversationsInfo(a args) (object, error) {
	c, err := s.readable(a, "read", false)
	if err != nil {
		return nil, err
	}
	return object{"channel": s.conversation(c, a.flag("include_num_members"))}, nil
}

func (s *Server) conversationsMembers(a args) (object, error) {
	c, err := s.readable(a, "read", false)
	if err != nil {
		return nil, err
	}
	page, meta, err := paged(c.Members, a)
	if err != nil {
		return nil, err
	}
	return object{"members": page, "response_metadata": meta}, nil
}

func (s *Server) conversationsOpen(a args) (object, error) {
	if a.has("channel") {
		c := s.state.channels[a.str("channel")]
		if c == nil || !c.IsIM || !s.visible(c) {
			return nil, refuse("channel_not_found")
		}
		return object{"channel": object{"id": c.ID}, "already_open": true, "no_op": true}, nil
	}
	users := a.list("users")
	switch {
	case len(users) == 0:
		return nil, refuse("users_list_not_supplied")
	case len(users) > 1:
		return nil, refuse("not_enough_users") // group direct messages are left out of this Slack
	case s.state.users[users[0]] == nil:
		return nil, refuse("user_not_found")
	case !s.manifest.granted("im:write"):
		return nil, s.missing("im:write")
	}
	open := s.state.direct(users[0], s.cfg.World.App.UserID) != nil
	c, err := s.openDirect(s.state.users[users[0]])
	if err != nil {
		return nil, err
	}
	answer := object{"channel": object{"id": c.ID}}
	if a.flag("return_im") {
		answer["channel"] = s.conversation(c, false)
	}
	if open {
		answer["already_open"], answer["no_op"] = true, true
	}
	return answer, nil
}

func (s *Server) conversationsHistory(a args) (object, error) {
	c, err := s.readable(a, "history", true)
	if err != nil {
		return nil, err
	}
	var list []*Message
	for _, m := range s.state.messages[c.ID] {
		if m.ThreadTS == "" || m.ThreadTS == m.TS || m.Subtype == "thread_broadcast" {
			list = append(list, m)
		}
	}
	slices.Reverse(list)
	return s.messagePage(a, list)
}

func (s *Server) conversationsReplies(a args) (object, error) {
	c, err := s.readable(a, "history", true)
	if err != nil {
		return nil, err
	}
	root := s.state.message(c.ID, a.str("ts"))
	if root == nil {
		return nil, refuse("thread_not_found")
	}
	if root.ThreadTS != "" && root.ThreadTS != root.TS {
		root = s.state.message(c.ID, root.ThreadTS)
	}
	return s.messagePage(a, append([]*Message{root}, s.state.replies(c.ID, root.TS)...))
}

// messagePage bounds a list of messages by oldest and latest and cuts a page from it.
func (s *Server) messagePage(a args, list []*Message) (object, error) {
	oldest, latest, inclusive := a.str("oldest"), a.str("latest"), a.flag("inclusive")
	for _, bound := range []string{oldest, latest} {
		if _, err := strconv.ParseFloat(bound, 64); bound != "" && err != nil {
			return nil, refuse("invalid_ts_" + map[bool]string{true: "oldest", false: "latest"}[bound == oldest])
		}
	}
	kept := []*Message{}
	for _, m := range list {
		after := oldest == "" || oldest == "0" || later(m.TS, oldest) || inclusive && m.TS == oldest
		before := latest == "" || later(latest, m.TS) || inclusive && m.TS == latest
		if !after || !before {
			continue
		}
		if m.Metadata != nil && !a.flag("include_all_metadata") {
			bare := *m
			bare.Metadata = nil
			m = &bare
		}
		kept = append(kept, m)
	}
	page, meta, err := paged(kept, a)
	if err != nil {
		return nil, err
	}
	return object{
		"messages": page, "has_more": meta["next_cursor"] != "", "pin_count": 0, "response_metadata": meta,
	}, nil
}

// later compares timestamps that callers may write shorter than Slack does.
func later(a, b string) bool {
	if microsOf(a) != 0 && microsOf(b) != 0 {
		return a > b
	}
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	return errX == nil && errY == nil && x > y
}

func (s *Server) conversationsJoin(a args) (object, error) {
	c := s.state.channels[a.str("channel")]
	switch {
	case c == nil || !s.visible(c):
		return nil, refuse("channel_not_found")
	case c.IsPrivate || c.IsIM:
		return nil, refuse("method_not_supported_for_channel_type")
	case c.IsArchived:
		return nil, refuse("is_archived")
	case c.has(s.cfg.World.App.UserID):
		return object{
			"channel": s.conversation(c, false), "warning": "already_in_channel",
			"response_metadata": object{"warnings": []string{"already_in_channel"}},
		}, nil
	}
	return object{"channel": s.conversation(s.join(c, s.cfg.World.App.UserID, ""), false)}, nil
}

func (s *Server) conversationsLeave(a args) (object, error) {
	c := s.state.channels[a.str("channel")]
	switch {
	case c == nil || !s.visible(c):
		return nil, refuse("channel_not_found")
	case c.IsIM:
		return nil, refuse("method_not_supported_for_channel_type")
	case !c.has(s.cfg.World.App.UserID):
		return object{"not_in_channel": true}, nil
	}
	s.leave(c, s.cfg.World.App.UserID)
	return object{}, nil
}

// Slack: a page holds at most 1,000; without a limit it is 100.
const (
	defaultPage = 100
	maxPage     = 1000
)

// paged cuts a page from list by the limit and cursor arguments.
func paged[T any](list []T, a args) ([]T, object, error) {
	start := 0
	if a.has("cursor") {
		plain, err := base64.StdEncoding.DecodeString(a.str("cursor"))
		if err != nil {
			return nil, nil, refuse("invalid_cursor")
		}
		start, err = strconv.Atoi(strings.TrimPrefix(string(plain), "at:"))
		if err != nil || start < 0 || start > len(list) {
			return nil, nil, refuse("invalid_cursor")
		}
	}
	limit := a.number("limit", defaultPage)
	if a.has("limit") && (limit < 1 || limit > maxPage) {
		if limit != 0 {
			return nil, nil, refuse("invalid_limit")
		}
		limit = defaultPage
	}
	end, next := min(start+limit, len(list)), ""
	if end < len(list) {
		next = base64.StdEncoding.EncodeToString([]byte("at:" + strconv.Itoa(end)))
	}
	return list[start:end], object{"next_cursor": next}, nil
}
