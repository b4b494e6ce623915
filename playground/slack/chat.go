package slack

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Slack: text over 40,000 characters is cut when it is posted, and an edit takes 4,000.
const (
	maxPosted = 40000
	maxEdited = 4000
)

// content is what a message says, read from a call's arguments.
type content struct {
	text        string
	blocks      []object
	attachments []object
	metadata    *metadata
	username    string
	iconEmoji   string
	iconURL     string
}

// readContent reads and checks a message's text, blocks, attachments and metadata.
func (s *Server) readContent(a args) (content, error) {
	c := content{text: a.str("text"), username: a.str("username"), iconEmoji: a.str("icon_emoji"), iconURL: a.str("icon_url")}
	if err := a.decode("blocks", &c.blocks); err != nil {
		return c, refuse("invalid_blocks_format")
	}
	if err := a.decode("attachments", &c.attachments); err != nil {
		return c, refuse("invalid_attachments")
	}
	if a.has("markdown_text") {
		if c.text != "" || len(c.blocks) > 0 {
			return c, refuse("markdown_text_conflict")
		}
		c.text = a.str("markdown_text")
	}
	if len(c.attachments) > 100 {
		return c, refuse("too_many_attachments")
	}
	if a.has("metadata") && a.str("metadata") != "{}" {
		c.metadata = &metadata{}
		if err := a.decode("metadata", c.metadata); err != nil {
			return c, refuse("invalid_metadata_format")
		}
		if c.metadata.EventType == "" || c.metadata.EventPayload == nil {
			return c, refuse("invalid_metadata_schema")
		}
		if len(a.str("metadata")) > 16<<10 {
			return c, refuse("metadata_too_large")
		}
	}
	if (c.username != "" || c.iconEmoji != "" || c.iconURL != "") && !s.manifest.granted("chat:write.customize") {
		return c, s.missing("chat:write.customize")
	}
	if err := s.checkMessageBlocks(c.blocks); err != nil {
		return c, err
	}
	c.blocks = named(c.blocks)
	for i, attachment := range c.attachments {
		var nested []object
		if args(attachment).decode("blocks", &nested) != nil {
			return c, refuse("invalid_attachments")
		}
		if err := s.checkMessageBlocks(nested); err != nil {
			return c, err
		}
		if len(nested) > 0 {
			c.attachments[i]["blocks"] = named(nested)
		}
		if attachment["id"] == nil {
			c.attachments[i]["id"] = i + 1
		}
	}
	if a.str("parse") == "full" || a.flag("link_names") {
		c.text = s.linkNames(c.text)
	}
	return c, nil
}

func (c content) empty() bool {
	return strings.TrimSpace(c.text) == "" && len(c.blocks) == 0 && len(c.attachments) == 0
}

func (s *Server) chatPostMessage(a args) (object, error) {
	channel, err := s.postable(a.str("channel"))
	if err != nil {
		return nil, err
	}
	c, err := s.readContent(a)
	if err != nil {
		return nil, err
	}
	if c.empty() {
		return nil, refuse("no_text")
	}
	if utf8.RuneCountInString(c.text) > maxPosted {
		c.text = string([]rune(c.text)[:maxPosted])
	}
	m := s.botMessage(c)
	if m.ThreadTS, err = s.threadOf(channel, a.str("thread_ts")); err != nil {
		return nil, err
	}
	if wait := s.limits.take(s.now(), "channel "+channel.ID, channelPace); wait > 0 {
		return nil, &apiError{code: "ratelimited", retryAfter: wait}
	}
	s.post(channel, m, a.flag("reply_broadcast"))
	return object{"channel": channel.ID, "ts": m.TS, "message": m}, nil
}

// threadOf checks that a message can be answered in a thread.
func (s *Server) threadOf(channel *Channel, ts string) (string, error) {
	if ts == "" {
		return "", nil
	}
	root := s.state.message(channel.ID, ts)
	switch {
	case root == nil:
		return "", refuse("thread_not_found")
	case root.ThreadTS != "" && root.ThreadTS != root.TS:
		return "", refuse("cannot_reply_to_message")
	}
	return ts, nil
}

func (s *Server) chatPostEphemeral(a args) (object, error) {
	channel, err := s.postable(a.str("channel"))
	if err != nil {
		return nil, err
	}
	if s.state.users[a.str("user")] == nil {
		return nil, refuse("user_not_found")
	}
	if !channel.has(a.str("user")) {
		return nil, refuse("user_not_in_channel")
	}
	c, err := s.readContent(a)
	if err != nil {
		return nil, err
	}
	if c.empty() {
		return nil, refuse("no_text")
	}
	if utf8.RuneCountInString(c.text) > maxPosted {
		return nil, refuse("msg_too_long")
	}
	m := s.botMessage(c)
	m.ThreadTS = a.str("thread_ts")
	s.whisper(channel, a.str("user"), m)
	return object{"message_ts": m.TS}, nil
}

// own finds a message of the app's own that an edit or a deletion means.
func (s *Server) own(a args, denied string) (*Channel, *Message, error) {
	channel := s.state.channels[a.str("channel")]
	if channel == nil || !s.visible(channel) {
		return nil, nil, refuse("channel_not_found")
	}
	m := s.state.message(channel.ID, a.str("ts"))
	switch {
	case m == nil || m.Subtype == "tombstone":
		return nil, nil, refuse("message_not_found")
	case m.BotID != s.cfg.World.App.BotID:
		return nil, nil, refuse(denied)
	}
	return channel, m, nil
}

func (s *Server) chatUpdate(a args) (object, error) {
	channel, old, err := s.own(a, "cant_update_message")
	if err != nil {
		return nil, err
	}
	c, err := s.readContent(a)
	if err != nil {
		return nil, err
	}
	if c.empty() && !a.has("blocks") && !a.has("attachments") {
		return nil, refuse("no_text")
	}
	if utf8.RuneCountInString(c.text) > maxEdited {
		return nil, refuse("msg_too_long")
	}
	fresh := *old
	fresh.Text = c.text
	// Slack: blocks, attachments and metadata that are not given stay; an empty array or object takes them away.
	if a.has("blocks") {
		fresh.Blocks = c.blocks
	}
	if a.has("attachments") {
		fresh.Attachments = c.attachments
	}
	if a.has("metadata") {
		fresh.Metadata = c.metadata
	}
	if strings.TrimSpace(fresh.Text) == "" && len(fresh.Blocks) == 0 && len(fresh.Attachments) == 0 {
		return nil, refuse("no_text")
	}
	fresh.Edited = &edited{User: s.cfg.World.App.UserID, TS: s.nextTS()}
	s.edit(channel, &fresh)
	return object{"channel": channel.ID, "ts": fresh.TS, "text": fresh.Text, "message": &fresh}, nil
}

func (s *Server) chatDelete(a args) (object, error) {
	channel, m, err := s.own(a, "cant_delete_message")
	if err != nil {
		return nil, err
	}
	s.remove(channel, m)
	return object{"channel": channel.ID, "ts": m.TS}, nil
}

// Slack: up to 120 days ahead, and at most 30 for one channel within 5 minutes.
const (
	maxAhead     = 120 * 24 * time.Hour
	maxInWindow  = 30
	windowLength = 5 * 60
)

func (s *Server) chatSchedule(a args) (object, error) {
	channel, err := s.postable(a.str("channel"))
	if err != nil {
		return nil, err
	}
	at, err := strconv.ParseInt(a.str("post_at"), 10, 64)
	switch {
	case err != nil:
		return nil, refuse("invalid_time")
	case at <= s.now().Unix():
		return nil, refuse("time_in_past")
	case time.Unix(at, 0).Sub(s.now()) > maxAhead:
		return nil, refuse("time_too_far")
	}
	near := 0
	for _, other := range s.state.scheduled {
		if other.Channel == channel.ID && other.PostAt/windowLength == at/windowLength {
			near++
		}
	}
	if near >= maxInWindow {
		return nil, refuse("restricted_too_many")
	}
	c, err := s.readContent(a)
	if err != nil {
		return nil, err
	}
	if c.empty() {
		return nil, refuse("no_text")
	}
	m := s.botMessage(c)
	if m.ThreadTS, err = s.threadOf(channel, a.str("thread_ts")); err != nil {
		return nil, err
	}
	scheduled := &Scheduled{
		ID: randomID("Q"), Channel: channel.ID, PostAt: at, DateCreated: s.now().Unix(), Message: m,
		Broadcast: a.flag("reply_broadcast"),
	}
	s.commit(change{Scheduled: scheduled}, note{})
	if s.wake != nil {
		s.wake()
	}
	return object{"channel": channel.ID, "scheduled_message_id": scheduled.ID, "post_at": at, "message": m}, nil
}

func (s *Server) chatUnschedule(a args) (object, error) {
	scheduled := s.state.scheduled[a.str("scheduled_message_id")]
	if scheduled == nil || scheduled.Channel != a.str("channel") {
		return nil, refuse("invalid_scheduled_message_id")
	}
	s.commit(change{Unscheduled: scheduled.ID}, note{})
	return object{}, nil
}

// scheduledItem is an entry of chat.scheduledMessages.list.
type scheduledItem struct {
	ID          string `json:"id"`
	ChannelID   string `json:"channel_id"`
	PostAt      int64  `json:"post_at"`
	DateCreated int64  `json:"date_created"`
	Text        string `json:"text"`
}

func (s *Server) chatScheduled(a args) (object, error) {
	list := []scheduledItem{}
	for _, m := range s.state.scheduled {
		if a.has("channel") && m.Channel != a.str("channel") {
			continue
		}
		list = append(list, scheduledItem{m.ID, m.Channel, m.PostAt, m.DateCreated, m.Message.Text})
	}
	slices.SortFunc(list, func(x, y scheduledItem) int { return strings.Compare(x.ID, y.ID) })
	page, meta, err := paged(list, a)
	if err != nil {
		return nil, err
	}
	return object{"scheduled_messages": page, "response_metadata": meta}, nil
}

func (s *Server) chatPermalink(a args) (object, error) {
	channel := s.state.channels[a.str("channel")]
	if channel == nil || !s.visible(channel) {
		return nil, refuse("channel_not_found")
	}
	m := s.state.message(channel.ID, a.str("message_ts"))
	if m == nil {
		return nil, refuse("message_not_found")
	}
	return object{"channel": channel.ID, "permalink": s.permalink(channel, m)}, nil
}

// permalink is an address that the page opens at the message. Its form is Slack's, under the playground's own host.
func (s *Server) permalink(channel *Channel, m *Message) string {
	link := s.cfg.BaseURL + "/archives/" + channel.ID + "/p" + strings.ReplaceAll(m.TS, ".", "")
	if m.ThreadTS != "" && m.ThreadTS != m.TS {
		link += "?thread_ts=" + m.ThreadTS + "&cid=" + channel.ID
	}
	return link
}
