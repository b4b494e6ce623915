package slack

import (
	"strings"
)

// emit sends an event to the app if its manifest subscribes to it under that name. The lock is held.
func (s *Server) emit(name string, event object) {
	if !s.manifest.subscribed(name) {
		return
	}
	team, app := s.cfg.World.Team.ID, s.cfg.World.App
	if event["event_ts"] == nil {
		event["event_ts"] = s.nextTS()
	}
	s.deliver(envelope{kind: "events_api", label: name, payload: object{
		"token": "playground", "team_id": team, "context_team_id": team, "context_enterprise_id": nil, "api_app_id": app.ID,
		"event": event, "type": "event_callback", "event_id": randomID("Ev"), "event_time": s.now().Unix(),
		"authorizations": []object{{
			"enterprise_id": nil, "team_id": team, "user_id": app.UserID, "is_bot": true, "is_enterprise_install": false,
		}},
		"is_ext_shared_channel": false, "event_context": "4-" + randomHex(24),
	}})
}

// channelType is how events name the kind of conversation, and the event that its messages cause.
func channelType(c *Channel) (kind, event string) {
	switch {
	case c.IsIM:
		return "im", "message.im"
	case c.IsPrivate:
		return "group", "message.groups"
	}
	return "channel", "message.channels"
}

// emitMessage tells the app of a new message where its bot is a member: its own messages too, as Slack does.
func (s *Server) emitMessage(c *Channel, m *Message) {
	bot := s.cfg.World.App.UserID
	if !c.has(bot) {
		return
	}
	kind, name := channelType(c)
	event := asJSON(m)
	event["channel"], event["channel_type"], event["event_ts"] = c.ID, kind, m.TS
	s.emit(name, event)
	if c.IsIM || m.User == bot || m.Subtype != "" || !strings.Contains(m.Text, "<@"+bot) {
		return
	}
	mention := asJSON(m)
	mention["type"], mention["channel"], mention["event_ts"] = "app_mention", c.ID, m.TS
	s.emit("app_mention", mention)
}

func (s *Server) emitChanged(c *Channel, fresh, old *Message) {
	s.emitHidden(c, object{"subtype": "message_changed", "message": asJSON(fresh), "previous_message": asJSON(old)})
}

func (s *Server) emitDeleted(c *Channel, old *Message) {
	s.emitHidden(c, object{"subtype": "message_deleted", "previous_message": asJSON(old), "deleted_ts": old.TS})
}

func (s *Server) emitHidden(c *Channel, event object) {
	if !c.has(s.cfg.World.App.UserID) {
		return
	}
	kind, name := channelType(c)
	if !s.manifest.subscribed(name) {
		return
	}
	ts := s.nextTS()
	event["type"], event["hidden"], event["channel"], event["channel_type"] = "message", true, c.ID, kind
	event["ts"], event["event_ts"] = ts, ts
	s.emit(name, event)
}

// join makes somebody a member and says so, in the channel and to the app. The lock is held.
func (s *Server) join(c *Channel, user, inviter string) *Channel {
	fresh := *c
	fresh.Members = append(append([]string(nil), c.Members...), user)
	s.commit(change{Channel: &fresh}, note{Type: "channel", Channel: c.ID, User: user})
	subtype, event := "channel_join", object{"type": "member_joined_channel"}
	if c.IsPrivate {
		subtype = "group_join"
	}
	s.post(&fresh, &Message{
		Type: "message", Subtype: subtype, User: user, Inviter: inviter, Text: "<@" + user + "> has joined the channel",
	}, false)
	event["user"], event["channel"], event["channel_type"] = user, c.ID, strings.ToUpper(c.ID[:1])
	event["team"] = s.cfg.World.Team.ID
	if inviter != "" {
		event["inviter"] = inviter
	}
	if fresh.has(s.cfg.World.App.UserID) {
		s.emit("member_joined_channel", event)
	}
	return &fresh
}

// leave ends somebody's membership. The lock is held.
func (s *Server) leave(c *Channel, user string) {
	fresh := *c
	fresh.Members = nil
	for _, member := range c.Members {
		if member != user {
			fresh.Members = append(fresh.Members, member)
		}
	}
	if c.has(s.cfg.World.App.UserID) {
		s.emit("member_left_channel", object{
			"type": "member_left_channel", "user": user, "channel": c.ID, "channel_type": strings.ToUpper(c.ID[:1]),
			"team": s.cfg.World.Team.ID,
		})
	}
	s.commit(change{Channel: &fresh}, note{Type: "channel", Channel: c.ID, User: user})
}
