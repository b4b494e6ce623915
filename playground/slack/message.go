package slack

import (
	"context"
	"slices"
	"time"
)

// Message is a message in Slack's own shape. Once it stands in the state it is never changed: an edit puts a copy in
// its place.
type Message struct {
	Type            string      `json:"type"`
	Subtype         string      `json:"subtype,omitempty"`
	User            string      `json:"user,omitempty"`
	Text            string      `json:"text"`
	TS              string      `json:"ts"`
	BotID           string      `json:"bot_id,omitempty"`
	AppID           string      `json:"app_id,omitempty"`
	Team            string      `json:"team,omitempty"`
	BotProfile      *botProfile `json:"bot_profile,omitempty"`
	Username        string      `json:"username,omitempty"`
	Icons           *icons      `json:"icons,omitempty"`
	ThreadTS        string      `json:"thread_ts,omitempty"`
	ParentUserID    string      `json:"parent_user_id,omitempty"`
	ReplyCount      int         `json:"reply_count,omitempty"`
	ReplyUsers      []string    `json:"reply_users,omitempty"`
	ReplyUsersCount int         `json:"reply_users_count,omitempty"`
	LatestReply     string      `json:"latest_reply,omitempty"`
	Blocks          []object    `json:"blocks,omitempty"`
	Attachments     []object    `json:"attachments,omitempty"`
	Metadata        *metadata   `json:"metadata,omitempty"`
	Edited          *edited     `json:"edited,omitempty"`
	Reactions       []reaction  `json:"reactions,omitempty"`
	Files           []*File     `json:"files,omitempty"`
	Inviter         string      `json:"inviter,omitempty"`
}

// Ephemeral is a message that one person sees in a channel until the client forgets it.
type Ephemeral struct {
	Channel string   `json:"channel"`
	User    string   `json:"user"` // who sees it
	Message *Message `json:"message"`
}

type botProfile struct {
	ID      string            `json:"id"`
	AppID   string            `json:"app_id"`
	UserID  string            `json:"user_id"`
	Name    string            `json:"name"`
	Icons   map[string]string `json:"icons"`
	Deleted bool              `json:"deleted"`
	Updated int64             `json:"updated"`
	TeamID  string            `json:"team_id"`
}

type icons struct {
	Emoji   string `json:"emoji,omitempty"`
	Image64 string `json:"image_64,omitempty"`
}

type metadata struct {
	EventType    string `json:"event_type"`
	EventPayload object `json:"event_payload"`
}

type edited struct {
	User string `json:"user"`
	TS   string `json:"ts"`
}

type reaction struct {
	Name  string   `json:"name"`
	Users []string `json:"users"`
	Count int      `json:"count"`
}

// Scheduled is a message that waits for its time.
type Scheduled struct {
	ID          string   `json:"id"`
	Channel     string   `json:"channel"`
	PostAt      int64    `json:"post_at"` // unix seconds
	DateCreated int64    `json:"date_created"`
	Message     *Message `json:"message"`
	Broadcast   bool     `json:"broadcast,omitempty"`
}

// botMessage is a message from the app, not yet posted.
func (s *Server) botMessage(c content) *Message {
	app := s.cfg.World.App
	m := &Message{
		Type: "message", User: app.UserID, BotID: app.BotID, AppID: app.ID, Team: s.cfg.World.Team.ID, Text: c.text,
		BotProfile: &botProfile{
			ID: app.BotID, AppID: app.ID, UserID: app.UserID, Name: app.Name, TeamID: s.cfg.World.Team.ID,
			Icons: map[string]string{"image_36": s.cfg.BaseURL + "/assets/icon.svg"},
		},
		Blocks: c.blocks, Attachments: c.attachments, Metadata: c.metadata,
	}
	if c.username != "" || c.iconEmoji != "" || c.iconURL != "" {
		m.Subtype, m.Username = "bot_message", c.username
		m.Icons = &icons{Emoji: c.iconEmoji, Image64: c.iconURL}
	}
	return m
}

// post gives the message its timestamp and puts it into the channel; broadcast shows a thread's reply in the channel
// too. The lock is held.
func (s *Server) post(channel *Channel, m *Message, broadcast bool) {
	m.TS = s.nextTS()
	if broadcast && m.ThreadTS != "" {
		m.Subtype = "thread_broadcast"
	}
	root := s.state.message(channel.ID, m.ThreadTS)
	if root != nil {
		m.ParentUserID = root.User
	}
	s.commit(change{Message: &messageAt{channel.ID, m}}, note{Type: "message", Channel: channel.ID, TS: m.TS})
	if root != nil {
		s.recount(channel.ID, root)
	}
	s.emitMessage(channel, m)
}

// recount brings a thread's root up to date with its replies.
func (s *Server) recount(channel string, root *Message) {
	fresh := *root
	fresh.ReplyCount, fresh.ReplyUsers, fresh.LatestReply, fresh.ThreadTS = 0, nil, "", ""
	for _, reply := range s.state.replies(channel, root.TS) {
		fresh.ReplyCount++
		fresh.LatestReply = reply.TS
		fresh.ThreadTS = root.TS
		if !slices.Contains(fresh.ReplyUsers, reply.User) {
			fresh.ReplyUsers = append(fresh.ReplyUsers, reply.User)
		}
	}
	fresh.ReplyUsersCount = len(fresh.ReplyUsers)
	s.commit(change{Message: &messageAt{channel, &fresh}}, note{Type: "message_changed", Channel: channel, TS: root.TS})
}

// edit puts fresh in place of the message with its ts. The lock is held.
func (s *Server) edit(channel *Channel, fresh *Message) {
	old := s.state.message(channel.ID, fresh.TS)
	s.commit(change{Message: &messageAt{channel.ID, fresh}},
		note{Type: "message_changed", Channel: channel.ID, TS: fresh.TS})
	s.emitChanged(channel, fresh, old)
}

// remove takes a message away. A root with replies stays as a tombstone, as in Slack. The lock is held.
func (s *Server) remove(channel *Channel, m *Message) {
	if m.ReplyCount > 0 {
		stone := &Message{
			Type: "message", Subtype: "tombstone", User: "USLACKBOT", Text: "This message was deleted.", TS: m.TS,
			ThreadTS: m.ThreadTS, ReplyCount: m.ReplyCount, ReplyUsers: m.ReplyUsers,
			ReplyUsersCount: m.ReplyUsersCount, LatestReply: m.LatestReply,
		}
		s.edit(channel, stone)
		return
	}
	s.commit(change{Gone: &messageRef{channel.ID, m.TS}}, note{Type: "message_deleted", Channel: channel.ID, TS: m.TS})
	if root := s.state.message(channel.ID, m.ThreadTS); root != nil && root.TS != m.TS {
		s.recount(channel.ID, root)
	}
	s.emitDeleted(channel, m)
}

// whisper shows a message to one person alone. The lock is held.
func (s *Server) whisper(channel *Channel, user string, m *Message) {
	m.TS = s.nextTS()
	s.commit(change{Ephemeral: &Ephemeral{Channel: channel.ID, User: user, Message: m}},
		note{Type: "ephemeral", Channel: channel.ID, User: user, TS: m.TS})
}

// runScheduled posts scheduled messages when the playground's clock reaches their time, until ctx ends.
func (s *Server) runScheduled(ctx context.Context) {
	for ctx.Err() == nil {
		wait, cancel := context.WithCancel(ctx)
		s.mu.Lock()
		next := s.postDue()
		s.wake = cancel
		s.mu.Unlock()
		// The error says that ctx ended or that another message was scheduled; the loop looks at both.
		_ = s.clock.Wait(wait, next)
		cancel()
	}
}

// postDue posts what is due and returns when the next one is, or a day from now.
func (s *Server) postDue() time.Time {
	next := s.now().Add(24 * time.Hour)
	for _, scheduled := range s.state.scheduled {
		due := time.Unix(scheduled.PostAt, 0)
		if due.After(s.now()) {
			if due.Before(next) {
				next = due
			}
			continue
		}
		s.commit(change{Unscheduled: scheduled.ID}, note{})
		if channel := s.state.channels[scheduled.Channel]; channel != nil {
			m := *scheduled.Message
			s.post(channel, &m, scheduled.Broadcast)
		}
	}
	return next
}
