package chat

import "context"

// Feature is a part of Bellhop that a workspace can choose; scopes are asked for by feature.
type Feature string

// The features.
const (
	Ask    Feature = "ask"
	Deploy Feature = "deploy"
	Tests  Feature = "tests"
)

// Role is who may use a command.
type Role int

// The roles, each including the one after it. Guests, people of other workspaces, bots and deactivated accounts are
// Anyone at most.
const (
	Anyone  Role = iota // who can reach the bot
	Members             // full members of the workspace
	Admins              // those whom the config names
)

// Handler answers a request. Errors from Errorf are shown as they are; others become a reference.
type Handler func(ctx context.Context, r Request) (Reply, error)

// Command is one row of the table: everything that help, the router, the mention grammar, the manifest and the README
// say about it.
type Command struct {
	Name     string   // the word: "deploy-env"
	Slash    bool     // has a slash command of its own
	Words    []string // other beginnings of a mention, of which the longest that fits counts: "who owns", "deploy"
	Usage    string   // the arguments: "REF [of COMPONENT] [to KIND] [for 48h]"
	Summary  string   // what it does, a clause: "deploys an environment of a branch"
	Examples []string // whole argument strings that work in the demo
	Feature  Feature
	Role     Role
	Changes  bool // whether it changes something: recorded before it is acked, refused in a terminal
	Run      Handler
	Actions  []CommandAction
	Sub      []Command // subcommands by the first word; Run answers when none fits
}

// CommandAction is a button, menu, form or message shortcut of a command; its full name is `command.Name`.
type CommandAction struct {
	Name    string
	Role    Role
	Changes bool
	// OpensForm is set where Run answers with a Form: it is then run before the click is acked, for a trigger_id
	// lives three seconds.
	OpensForm bool
	// Shortcut, if set, is the title under which the menu of every message offers the action: "Who owns this?". The request
	// then is Via Shortcut with the message's text, and the answer is seen by the asker alone, where the bot is no member too.
	// Who shares the answer asks the row about that text. Slack: 24 characters.
	Shortcut string
	Run      Handler
	// Check, for forms, is pure and gives field errors by field name; they travel in the ack.
	Check func(fields map[string]string) map[string]string
	// Options, for searched menus, gives at most 100 choices for what was typed so far (Action.Value); it must answer
	// within 100 ms.
	Options func(ctx context.Context, r Request) ([]Option, error)
}
