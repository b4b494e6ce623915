package slack

import (
	"regexp"
	"slices"
)

// An emoji's name as reactions.add takes it, without colons, with a skin tone at most.
var emojiName = regexp.MustCompile(`^[a-z0-9_+'-]+(::skin-tone-[2-6])?$`)

func (s *Server) reacted(a args) (*Channel, *Message, error) {
	channel := s.state.channels[a.str("channel")]
	switch {
	case channel == nil || !s.visible(channel):
		return nil, nil, refuse("channel_not_found")
	case !channel.has(s.cfg.World.App.UserID):
		return nil, nil, refuse("not_in_channel")
	case microsOf(a.str("timestamp")) == 0:
		return nil, nil, refuse("bad_timestamp")
	}
	m := s.state.message(channel.ID, a.str("timestamp"))
	if m == nil {
		return nil, nil, refuse("message_not_found")
	}
	return channel, m, nil
}

func (s *Server) reactionsAdd(a args) (object, error) {
	channel, m, err := s.reacted(a)
	if err != nil {
		return nil, err
	}
	if !emojiName.MatchString(a.str("name")) {
		return nil, refuse("invalid_name")
	}
	return object{}, s.react(channel, m, a.str("name"), s.cfg.World.App.UserID)
}

// react adds somebody's reaction. The lock is held.
func (s *Server) react(channel *Channel, m *Message, name, user string) error {
	fresh := *m
	fresh.Reactions = nil
	found := false
	for _, r := range m.Reactions {
		if r.Name == name {
			if slices.Contains(r.Users, user) {
				return refuse("already_reacted")
			}
			r.Users = append(slices.Clone(r.Users), user)
			r.Count, found = len(r.Users), true
		}
		fresh.Reactions = append(fresh.Reactions, r)
	}
	if !found {
		if len(m.Reactions) >= 23 { // Slack: 23 different emoji on a message
			return refuse("too_many_emoji")
		}
		fresh.Reactions = append(fresh.Reactions, reaction{Name: name, Users: []string{user}, Count: 1})
	}
	s.commit(change{Message: &messageAt{channel.ID, &fresh}}, note{Type: "message_changed", Channel: channel.ID, TS: m.TS})
	if channel.has(s.cfg.World.App.UserID) {
		s.emit("reaction_added", object{
			"type": "reaction_added", "user": user, "reaction": name, "item_user": m.User,
			"item": object{"type": "message", "channel": channel.ID, "ts": m.TS},
		})
	}
	return nil
}

func (s *Server) reactionsRemove(a args) (object, error) {
	channel, m, err := s.reacted(a)
	if err != nil {
		return nil, err
	}
	fresh := *m
	fresh.Reactions = nil
	removed := false
	for _, r := range m.Reactions {
		if r.Name == a.str("name") && slices.Contains(r.Users, s.cfg.World.App.UserID) {
			removed = true
			r.Users = slices.DeleteFunc(slices.Clone(r.Users), func(u string) bool { return u == s.cfg.World.App.UserID })
			if r.Count = len(r.Users); r.Count == 0 {
				continue
			}
		}
		fresh.Reactions = append(fresh.Reactions, r)
	}
	if !removed {
		return nil, refuse("no_reaction")
	}
	s.commit(change{Message: &messageAt{channel.ID, &fresh}}, note{Type: "message_changed", Channel: channel.ID, TS: m.TS})
	return object{}, nil
}

func (s *Server) reactionsGet(a args) (object, error) {
	channel, m, err := s.reacted(a)
	if err != nil {
		return nil, err
	}
	return object{"type": "message", "channel": channel.ID, "message": m}, nil
}
