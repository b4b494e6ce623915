package demo

import (
	_ "embed" // for slackWorld
)

//go:embed slack.json
var slackWorld []byte

// Landing is #payments: the channel in which what the demo names can be tried as it stands.
const Landing = "C02PAYMENTS"

// Slack is the demo company's workspace, for slack.ParseWorld: 12 people, one who is new, a deactivated account, somebody of another
// workspace, nine channels (one private, without the bot), five user groups and the app's tokens.
func Slack() []byte { return slackWorld }
