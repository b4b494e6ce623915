package slack

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"bellhop/chat"
)

// The types of envelope that ask something.
const (
	typeEvent       = "events_api"
	typeCommand     = "slash_commands"
	typeInteractive = "interactive"
)

// envelope is one message of Slack's, as it came.
type envelope struct {
	id      string // under which it is acked; another on each delivery
	kind    string // Slack's type
	payload json.RawMessage
	at      time.Time // when it came, by Bellhop's clock
	came    time.Time // the same by the machine's, which acks are measured by
}

// ask is what an envelope asks, with the ways in which it can be answered. In request, the person has but an id and a
// name, and the place may lack its name, until complete has asked Slack.
type ask struct {
	request    chat.Request
	ways       ways
	suggestion bool              // a searched menu wants its options, in the ack
	formBlock  string            // a submitted form's first field, under which a refusal can be shown
	ignored    string            // why there is nothing to be done
	changed    *changedPerson    // somebody's account was changed; nothing is asked
	ackAfter   func(payload any) // set when the ack waits for the answer, which is a form
}

// ways are the means by which an asker can be reached.
type ways struct {
	URL       string    // response_url: five posts within 30 minutes of Issued
	Issued    time.Time // when the command or click came
	trigger   string    // opens a form within 3 s
	view      string    // the modal in which a button was pressed
	ephemeral bool      // the message whose button was pressed is seen by the asker alone
}

// reader turns envelopes into asks.
type reader struct {
	names Names
	self  identity
}

// read is what an envelope asks. An error means that Slack's message could not be made sense of.
func (rd reader) read(e envelope) (ask, error) {
	switch e.kind {
	case typeCommand:
		return rd.command(e)
	case typeEvent:
		return rd.event(e)
	case typeInteractive:
		return rd.interaction(e)
	}
	return ask{}, fmt.Errorf("unknown type %q", e.kind)
}

func (rd reader) command(e envelope) (ask, error) {
	var p struct {
		ChannelID   string `json:"channel_id"`
		ChannelName string `json:"channel_name"`
		UserID      string `json:"user_id"`
		UserName    string `json:"user_name"`
		Command     string `json:"command"`
		Text        string `json:"text"`
		ResponseURL string `json:"response_url"`
		TriggerID   string `json:"trigger_id"`
	}
	if err := json.Unmarshal(e.payload, &p); err != nil {
		return ask{}, fmt.Errorf("read a slash command: %w", err)
	}
	if p.TriggerID == "" || p.UserID == "" || p.Command == "" {
		return ask{}, fmt.Errorf("read a slash command: trigger_id, user_id or command is missing")
	}
	return ask{
		request: chat.Request{
			ID: p.TriggerID, Via: chat.Slash, At: e.at, Command: rd.names.command(p.Command), Text: typed(p.Text),
			Person: chat.Person{ID: p.UserID, Name: p.UserName},
			Place:  place(p.ChannelID, p.ChannelName),
		},
		ways: ways{URL: p.ResponseURL, Issued: e.at, trigger: p.TriggerID},
	}, nil
}

// place is a conversation as commands and clicks tell of it: by name where it is public, else by words that stand for
// all private ones.
func place(id, name string) chat.Place {
	p := chat.Place{Channel: id, Name: name}
	switch {
	case name == "directmessage" || strings.HasPrefix(id, "D"):
		p.Kind, p.Name = chat.OtherDM, ""
	case strings.HasPrefix(name, "mpdm-"):
		p.Kind, p.Name = chat.OtherDM, ""
	case name == "privategroup":
		p.Kind, p.Name = chat.PrivateChannel, ""
	}
	return p
}

func (rd reader) event(e envelope) (ask, error) {
	var p struct {
		EventID string `json:"event_id"`
		Event   struct {
			Type        string        `json:"type"`
			Subtype     string        `json:"subtype"`
			User        changedPerson `json:"user"`
			BotID       string        `json:"bot_id"`
			Text        string        `json:"text"`
			TS          string        `json:"ts"`
			ThreadTS    string        `json:"thread_ts"`
			EventTS     string        `json:"event_ts"`
			Channel     string        `json:"channel"`
			ChannelType string        `json:"channel_type"`
			Tab         string        `json:"tab"`
		} `json:"event"`
	}
	if err := json.Unmarshal(e.payload, &p); err != nil {
		return ask{}, fmt.Errorf("read an event: %w", err)
	}
	if p.EventID == "" {
		return ask{}, fmt.Errorf("read an event: event_id is missing")
	}
	ev := p.Event
	a := ask{request: chat.Request{
		ID: p.EventID, At: moments(e.at, ev.EventTS, ev.TS), Person: chat.Person{ID: ev.User.ID},
		Place: chat.Place{Channel: ev.Channel, Thread: ev.ThreadTS},
	}}
	switch {
	case ev.Type == "user_change":
		a.changed = &ev.User
	case ev.User.ID == "" || ev.User.ID == rd.self.user || ev.BotID != "":
		a.ignored = "from a bot"
	case ev.Type == "app_home_opened" && ev.Tab == "home":
		a.request.Via = chat.Opened
		a.request.Place = chat.Place{Kind: chat.Home}
	case ev.Type == "app_mention" && ev.Subtype == "":
		a.request.Via = chat.Mention
		a.request.Text = rd.unmentioned(ev.Text)
		a.request.Place.Thread = firstOf(ev.ThreadTS, ev.TS) // answered in its thread
	case ev.Type == "message" && ev.ChannelType == "im" && (ev.Subtype == "" || ev.Subtype == "file_share"):
		a.request.Via = chat.Message
		a.request.Place.Kind = chat.Direct
		a.request.Text = rd.unmentioned(ev.Text)
	default:
		a.ignored = "not asked for"
	}
	return a, nil
}

// changedPerson is somebody's account after a change. Most events name a person by their id alone.
type changedPerson struct {
	ID      string `json:"id"`
	Deleted bool   `json:"deleted"`
	Profile struct {
		Email string `json:"email"`
	} `json:"profile"`
}

// UnmarshalJSON implements json.Unmarshaler.
func (p *changedPerson) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		return json.Unmarshal(data, &p.ID)
	}
	type whole changedPerson // without this method
	return json.Unmarshal(data, (*whole)(p))
}

// moments is when something was said: by the first of Slack's timestamps that can be read, else when it came.
func moments(came time.Time, stamps ...string) time.Time {
	for _, stamp := range stamps {
		whole, fraction, _ := strings.Cut(stamp, ".")
		seconds, err := strconv.ParseInt(whole, 10, 64)
		if err != nil {
			continue
		}
		micros, err := strconv.ParseInt((fraction + "000000")[:6], 10, 64)
		if err != nil {
			micros = 0
		}
		return time.Unix(seconds, micros*1000)
	}
	return came
}

var mention = regexp.MustCompile(`<@([A-Z0-9]+)(\|[^>]*)?>`)

// unmentioned is a text without the bot's own name in it, as it was typed. Other people and channels stand in it as they
// came.
func (rd reader) unmentioned(text string) string {
	text = mention.ReplaceAllStringFunc(text, func(m string) string {
		if mention.FindStringSubmatch(m)[1] == rd.self.user {
			return ""
		}
		return m
	})
	return typed(text)
}

// typed is a text as its writer typed it: Slack's escaping is undone.
func typed(text string) string { return strings.TrimSpace(unescaper.Replace(text)) }

var unescaper = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")
