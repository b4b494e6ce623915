// Package chat is the vocabulary between a chat and what can be asked there: requests, replies as values, the table's
// row, and the grammar of arguments. It knows no Slack: integrations/slack turns envelopes into a Request and renders
// a Reply; a terminal does the same with other means.
package chat

import "time"

// Standing is what a person is to the workspace; it decides whether they may change anything at all.
type Standing int

// The standings, as Slack tells them.
const (
	Member      Standing = iota // a full member
	Guest                       // single- or multi-channel guest
	Foreign                     // somebody of another workspace, seen through a shared channel
	Bot                         // another app
	Deactivated                 // an account that was switched off
)

// Person is who asks. Identity is ID alone; Name is for showing and is never matched.
type Person struct {
	ID       string         // the Slack user id; empty in a terminal
	Name     string         // the name people see
	Email    string         // the confirmed profile address; empty when unknown
	Zone     *time.Location // nil when unknown
	Standing Standing
}

// PlaceKind is what sort of conversation a request came from.
type PlaceKind int

// The kinds of place.
const (
	PublicChannel PlaceKind = iota
	PrivateChannel
	Direct   // a direct message with the bot
	OtherDM  // a direct or group message in which the bot is no member
	Home     // the app's home tab
	Terminal // `bot ask`
)

// Place is where a request was made.
type Place struct {
	Channel string // the channel's id; empty in a terminal and in the home tab
	Name    string // the channel's name without #; empty where Slack does not give it
	Thread  string // the thread's root, or empty
	Kind    PlaceKind
}

// Via is the way by which a request came.
type Via int

// The ways.
const (
	Slash    Via = iota
	Mention      // @bellhop …
	Message      // a direct message to the bot
	Click        // a button or menu
	Submit       // a form
	Typed        // a terminal
	Opened       // the home tab was opened
	Shortcut     // a shortcut in a message's menu
)

// Request is what one person asked, once.
type Request struct {
	ID     string // identity of the ask: the same on a redelivery (trigger_id or event_id)
	Person Person
	Place  Place
	Via    Via
	// Command is the word of the slash command without the slash and prefix ("who-owns", "bellhop"); empty for
	// mentions and messages, whose first words name it.
	Command string
	// Text is what was typed after the command. Slack's <@U…|name> and <#C…|name> stand in it as they came. Of a Shortcut it
	// is all that the message says, whoever wrote it, attachments and snippets among it, cut at 40,000 characters.
	Text string
	// Action is the pressed button, chosen option, submitted form or used shortcut.
	Action Action
	At     time.Time
}

// Action is a press of a button, a choice in a menu, a submitted form or a shortcut used on a message. Name is
// `command.action`.
type Action struct {
	Name    string
	Value   string            // the button's value or the chosen option's
	Message MessageRef        // the message that held it, or on which the shortcut was used; zero in the home tab and in forms
	Fields  map[string]string // a form's fields by name
}

// MessageRef names a posted message.
type MessageRef struct {
	Channel string
	TS      string
}

// Address is where a message that answers nobody in particular goes: a channel (with a thread or not), or a person's
// direct messages when User is set.
type Address struct {
	Channel string
	Thread  string
	User    string
}
