package slack

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// state is everything that outlives a restart. It changes by apply alone, so that a live change and a replayed one
// end in the same.
type state struct {
	world      World
	users      map[string]*User
	channels   map[string]*Channel
	messages   map[string][]*Message   // by channel, oldest first, thread replies among them
	ephemerals map[string][]*Ephemeral // by channel, oldest first
	files      map[string]*File
	homes      map[string]*View   // by user
	stacks     map[string][]*View // open modals by user, top last
	scheduled  map[string]*Scheduled
	responses  map[string]*ResponseURL
	Offset     time.Duration // how far the clock was set ahead
	newest     int64         // microseconds of the newest message
}

// change is one step of the state, and one line of the journal. Exactly one field is set.
type change struct {
	Message       *messageAt   `json:"message,omitempty"` // new, or in place of the one with that ts
	Gone          *messageRef  `json:"gone,omitempty"`
	Ephemeral     *Ephemeral   `json:"ephemeral,omitempty"` // new, or in place of the one with that ts
	EphemeralGone *messageRef  `json:"ephemeral_gone,omitempty"`
	Channel       *Channel     `json:"channel,omitempty"` // opened, joined or left
	User          *User        `json:"user,omitempty"`    // deactivated, or let in again
	File          *File        `json:"file,omitempty"`
	Home          *homeOf      `json:"home,omitempty"`
	Stack         *stackOf     `json:"stack,omitempty"`
	Scheduled     *Scheduled   `json:"scheduled,omitempty"`
	Unscheduled   string       `json:"unscheduled,omitempty"`
	Response      *ResponseURL `json:"response,omitempty"`
	OffsetMS      int64        `json:"offset_ms,omitempty"`
}

type messageAt struct {
	Channel string   `json:"channel"`
	Message *Message `json:"message"`
}

type messageRef struct {
	Channel string `json:"channel"`
	TS      string `json:"ts"`
}

type homeOf struct {
	User string `json:"user"`
	View *View  `json:"view"`
}

type stackOf struct {
	User  string  `json:"user"`
	Views []*View `json:"views"`
}

func newState(w World) *state {
	st := &state{
		world: w, users: map[string]*User{}, channels: map[string]*Channel{}, messages: map[string][]*Message{},
		ephemerals: map[string][]*Ephemeral{}, files: map[string]*File{}, homes: map[string]*View{},
		stacks: map[string][]*View{}, scheduled: map[string]*Scheduled{}, responses: map[string]*ResponseURL{},
	}
	for i := range w.Users {
		st.users[w.Users[i].ID] = &w.Users[i]
	}
	for i := range w.Channels {
		c := w.Channels[i]
		c.Members = slices.Clone(c.Members)
		st.channels[c.ID] = &c
	}
	return st
}

// apply makes one change.
func (st *state) apply(c change) {
	switch {
	case c.Message != nil:
		st.putMessage(c.Message.Channel, c.Message.Message)
	case c.Gone != nil:
		st.messages[c.Gone.Channel] = slices.DeleteFunc(st.messages[c.Gone.Channel],
			func(m *Message) bool { return m.TS == c.Gone.TS })
	case c.Ephemeral != nil:
		st.putEphemeral(c.Ephemeral)
	case c.EphemeralGone != nil:
		st.ephemerals[c.EphemeralGone.Channel] = slices.DeleteFunc(st.ephemerals[c.EphemeralGone.Channel],
			func(e *Ephemeral) bool { return e.Message.TS == c.EphemeralGone.TS })
	case c.Channel != nil:
		st.channels[c.Channel.ID] = c.Channel
	case c.User != nil:
		st.users[c.User.ID] = c.User
	case c.File != nil:
		st.files[c.File.ID] = c.File
	case c.Home != nil:
		st.homes[c.Home.User] = c.Home.View
	case c.Stack != nil:
		st.stacks[c.Stack.User] = c.Stack.Views
	case c.Scheduled != nil:
		st.scheduled[c.Scheduled.ID] = c.Scheduled
	case c.Unscheduled != "":
		delete(st.scheduled, c.Unscheduled)
	case c.Response != nil:
		st.responses[c.Response.Token] = c.Response
	case c.OffsetMS != 0:
		st.Offset = time.Duration(c.OffsetMS) * time.Millisecond
	}
}

func (st *state) putMessage(channel string, m *Message) {
	list := st.messages[channel]
	st.newest = max(st.newest, microsOf(m.TS))
	at, found := slices.BinarySearchFunc(list, m.TS, func(m *Message, ts string) int { return strings.Compare(m.TS, ts) })
	if found {
		list[at] = m
		return
	}
	st.messages[channel] = slices.Insert(list, at, m)
}

func (st *state) putEphemeral(e *Ephemeral) {
	st.newest = max(st.newest, microsOf(e.Message.TS))
	for i, old := range st.ephemerals[e.Channel] {
		if old.Message.TS == e.Message.TS {
			st.ephemerals[e.Channel][i] = e
			return
		}
	}
	st.ephemerals[e.Channel] = append(st.ephemerals[e.Channel], e)
}

// snapshot is the shortest list of changes that leads from the bare world to this state.
func (st *state) snapshot() []change {
	var out []change
	if st.Offset != 0 {
		out = append(out, change{OffsetMS: st.Offset.Milliseconds()})
	}
	for _, c := range st.channels {
		out = append(out, change{Channel: c})
	}
	for i := range st.world.Users {
		if u := st.users[st.world.Users[i].ID]; *u != st.world.Users[i] {
			out = append(out, change{User: u})
		}
	}
	for channel, list := range st.messages {
		for _, m := range list {
			out = append(out, change{Message: &messageAt{channel, m}})
		}
	}
	for _, list := range st.ephemerals {
		for _, e := range list {
			out = append(out, change{Ephemeral: e})
		}
	}
	for _, f := range st.files {
		out = append(out, change{File: f})
	}
	for user, v := range st.homes {
		out = append(out, change{Home: &homeOf{user, v}})
	}
	for user, v := range st.stacks {
		out = append(out, change{Stack: &stackOf{user, v}})
	}
	for _, v := range st.scheduled {
		out = append(out, change{Scheduled: v})
	}
	for _, v := range st.responses {
		out = append(out, change{Response: v})
	}
	return out
}

func (st *state) message(channel, ts string) *Message {
	list := st.messages[channel]
	at, found := slices.BinarySearchFunc(list, ts, func(m *Message, ts string) int { return strings.Compare(m.TS, ts) })
	if !found {
		return nil
	}
	return list[at]
}

func (st *state) ephemeral(channel, ts string) *Ephemeral {
	for _, e := range st.ephemerals[channel] {
		if e.Message.TS == ts {
			return e
		}
	}
	return nil
}

// replies are the thread's answers without its root, oldest first.
func (st *state) replies(channel, root string) []*Message {
	var out []*Message
	for _, m := range st.messages[channel] {
		if m.ThreadTS == root && m.TS != root {
			out = append(out, m)
		}
	}
	return out
}

// person finds a user by id or name.
func (st *state) person(who string) *User {
	if u := st.users[who]; u != nil {
		return u
	}
	name := strings.ToLower(strings.TrimPrefix(who, "@"))
	for _, u := range st.people() {
		if name != "" && strings.ToLower(u.Name) == name {
			return u
		}
	}
	return nil
}

// people are all users as they are now, in the order of the world.
func (st *state) people() []*User {
	all := make([]*User, len(st.world.Users))
	for i := range st.world.Users {
		all[i] = st.users[st.world.Users[i].ID]
	}
	return all
}

// channel finds a conversation by id or name, with or without the #.
func (st *state) channel(which string) *Channel {
	if c := st.channels[which]; c != nil {
		return c
	}
	name := strings.ToLower(strings.TrimPrefix(which, "#"))
	for _, c := range st.channels {
		if name != "" && c.Name == name {
			return c
		}
	}
	return nil
}

// direct finds the direct messages between two people, which may not have been opened yet.
func (st *state) direct(a, b string) *Channel {
	for _, c := range st.channels {
		if c.IsIM && slices.Contains(c.Members, a) && slices.Contains(c.Members, b) {
			return c
		}
	}
	return nil
}

// sortedChannels are the conversations in the order of the world, opened ones after them by id.
func (st *state) sortedChannels() []*Channel {
	order := map[string]int{}
	for i, c := range st.world.Channels {
		order[c.ID] = i - len(st.world.Channels)
	}
	out := make([]*Channel, 0, len(st.channels))
	for _, c := range st.channels {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b *Channel) int {
		if order[a.ID] != order[b.ID] {
			return order[a.ID] - order[b.ID]
		}
		return strings.Compare(a.ID, b.ID)
	})
	return out
}

func (c *Channel) has(user string) bool { return slices.Contains(c.Members, user) }

// microsOf reads a message timestamp; 0 when it is none.
func microsOf(ts string) int64 {
	seconds, fraction, ok := strings.Cut(ts, ".")
	if !ok || len(fraction) != 6 || len(seconds) < 10 {
		return 0
	}
	n, err := strconv.ParseInt(seconds+fraction, 10, 64)
	if err != nil {
		return 0
	}
	return n
}
