package main

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"bellhop/chat"
	"bellhop/handlers"
)

// Nobody can press a button in a terminal: what it stands for is shown as what to type.
func TestInTerminal(t *testing.T) {
	reply := inTerminal(chat.Reply{
		Headline: chat.Textf("payments → Team Ledger"),
		Parts: []chat.Part{
			chat.Context{Text: chat.Line(chat.Plain("Ask "), chat.Code("/tests payments"), chat.Plain(" or "), chat.Code("/bellhop status"), chat.Plain(", not "), chat.Code("/etc/hosts"))},
			chat.List{Items: []chat.Text{chat.Line(chat.Code("/who-owns NAME"), chat.Plain(" says who"))}},
			chat.Buttons{
				{Label: "Team Ledger", Action: handlers.ActionTry, Value: "who-owns group:default/team-ledger"},
				{Label: "it's", Action: handlers.ActionTry, Value: `envs "it's"`},
				{Label: "Deploy", Action: handlers.ActionTry, Value: "deploy-env main of payments"},
				{Label: "Share", Action: handlers.ActionShare, Value: "who-owns payments"},
				{Label: "Logs", URL: "https://github.com/acme/payments/actions/runs/1"},
			},
			chat.Menu{Label: "Which one?", Action: "who-owns.show", Options: []chat.Option{{Label: "money (system)", Value: "system:default/money"}}},
			chat.Menu{Label: "Or look for it here", Action: "tests.show", Searched: true},
			chat.Buttons{{Label: "Share", Action: handlers.ActionShare, Value: "x"}},
		},
	}, tableRows())
	assert.Equal(t, `payments → Team Ledger
Ask bot ask tests payments or bot ask status, not /etc/hosts
• bot ask who-owns NAME says who
• Team Ledger: bot ask who-owns group:default/team-ledger
• it's: bot ask 'envs "it'\''s"'
• Logs: https://github.com/acme/payments/actions/runs/1
Which one?
• money (system): bot ask who-owns system:default/money`, reply.Text(nil))
}
