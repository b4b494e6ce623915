package handlers

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"bellhop/catalog"
	"bellhop/catalog/catalogtest"
	"bellhop/catalog/codeowners"
	"bellhop/chat"
)

const acme = `
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: payments
  title: Payments
  description: Takes money and gives it back.
  annotations: {github.com/project-slug: acme/payments}
  links:
    - {url: https://docs.acme.example/payments, title: Docs}
    - {url: https://git.acme.example/Acme/payments/, title: Repository}
    - {url: https://grafana.acme.example/d/payments, title: Dashboard}
    - {url: "javascript:alert(1)", title: Trap}
spec: {type: service, lifecycle: production, owner: team-ledger, system: money, providesApis: [payments-api]}
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata: {name: payments-api}
spec: {type: openapi, lifecycle: production, owner: team-ledger, definition: "openapi: 3.1.0"}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: checkout, annotations: {github.com/project-slug: acme/checkout}}
spec: {type: service, lifecycle: production, owner: storefront, consumesApis: [payments-api]}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: invoices}
spec: {type: service, lifecycle: experimental, owner: group:mail, dependsOn: [component:payments]}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: money}
spec: {type: library, lifecycle: production, owner: user:dave}
---
apiVersion: backstage.io/v1alpha1
kind: System
metadata: {name: money}
spec: {owner: team-ledger}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: team-ledger, title: Team Ledger, annotations: {slack.com/channel: "ledger, payments"}}
spec: {type: team, children: []}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: storefront, title: Storefront}
spec: {type: team, children: []}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: bob, annotations: {slack.com/user-id: U02BOB}}
spec: {profile: {displayName: Bob Okafor}, memberOf: [team-ledger]}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: alice, annotations: {slack.com/user-id: U01ALICE}}
spec: {profile: {displayName: Alice Moreau}, memberOf: [team-ledger]}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: dave}
spec: {profile: {displayName: Dave Lindqvist, email: dave@acme.example}, memberOf: []}
`

// profiles is what Slack tells of its accounts.
type profiles map[string]chat.Person

func (p profiles) Person(_ context.Context, id string) (chat.Person, error) {
	if person, ok := p[id]; ok {
		return person, nil
	}
	return chat.Person{}, chat.Errorf("Slack does not know this person.")
}

func acmeWhoOwns(t *testing.T) chat.Command {
	return whoOwnsIn(catalogtest.New(t, acme), nil)
}

// whoOwnsIn is the row over a catalog, with the CODEOWNERS of its repositories.
func whoOwnsIn(c *catalog.Catalog, owners catalog.Codeowners) chat.Command {
	return whoOwnsCommand(WhoOwnsDeps{
		Answers: catalog.Asker{Catalog: c, Codeowners: owners}, Entities: c, Belonging: c, Owners: c, Around: c, SlackIDs: c, Age: c,
		Profiles: profiles{
			"U04DAVE": {ID: "U04DAVE", Name: "Dave", Email: "dave@acme.example"},
			"U05ERIN": {ID: "U05ERIN", Name: "Erin Walsh", Email: "erin@acme.example"},
		},
	})
}

func TestWhoOwnsAComponent(t *testing.T) {
	reply, err := acmeWhoOwns(t).Run(t.Context(), chat.Request{Text: "payments"})
	require.NoError(t, err)
	require.Equal(t, "payments → Team Ledger · ask in #ledger", reply.Headline.String())
	want := chat.Reply{
		Headline: chat.Line(chat.Plain("payments → Team Ledger"), chat.Plain(" · ask in "), chat.Channel{Name: "ledger"}),
		Parts: []chat.Part{
			chat.Paragraph{Text: chat.Textf("Takes money and gives it back.")},
			chat.Fields{
				{Label: "People", Value: chat.Line(chat.Named{ID: "U01ALICE", Name: "Alice Moreau"}, chat.Plain(", "), chat.Named{ID: "U02BOB", Name: "Bob Okafor"})},
				{Label: "Lifecycle", Value: chat.Textf("production")},
				{Label: "Type", Value: chat.Textf("service")},
				{Label: "System", Value: chat.Textf("money")},
				{Label: "Links", Value: chat.Line(
					chat.Link{Label: "acme/payments", URL: "https://git.acme.example/Acme/payments"}, chat.Plain(" · "),
					chat.Link{Label: "Docs", URL: "https://docs.acme.example/payments"}, chat.Plain(" · "),
					chat.Link{Label: "Dashboard", URL: "https://grafana.acme.example/d/payments"}, chat.Plain(" · "),
					chat.Plain("Trap javascript:alert(1)"))},
			},
			chat.List{Title: "What depends on it", Items: []chat.Text{chat.Textf("checkout (service)"), chat.Textf("invoices (service)")}},
			chat.Buttons{
				{Label: "Card", Action: ActionTry, Value: "show component:default/payments"},
				{Label: "Team Ledger", Action: ActionTry, Value: "who-owns group:default/team-ledger"},
			},
		},
	}
	require.Empty(t, cmp.Diff(want, reply))
}

func TestWhoOwnsHeadlines(t *testing.T) {
	row := acmeWhoOwns(t)
	for asked, want := range map[string]string{
		"Payments?":                "payments → Team Ledger · ask in #ledger",
		"the payments service":     "payments → Team Ledger · ask in #ledger",
		"acme/payments":            "payments → Team Ledger · ask in #ledger",
		"github.com/acme/payments": "payments → Team Ledger · ask in #ledger",
		"<https://github.com/acme/payments/pull/482|#482>": "acme/payments#482 → payments → Team Ledger · by repository acme/payments · #ledger",
		"https://github.com/acme/payments":                 "payments → Team Ledger · by repository acme/payments · #ledger",
		"https://docs.acme.example/payments/refunds":       "docs.acme.example/payments/refunds → payments → Team Ledger · by the link “Docs” · #ledger",
		"dave@acme.example":                                "Dave Lindqvist is in no team",
		"component:default/payments":                       "payments → Team Ledger · ask in #ledger",
		"payments api":                                     "payments-api → Team Ledger · ask in #ledger",
		"checkout":                                         "checkout → Storefront",
		"invoices":                                         "invoices: its owner group:mail is not in the catalog",
		"component:money":                                  "money → Dave Lindqvist",
		"money":                                            `"money" may be any of 2. Which one?`,
		"team ledger":                                      "Team Ledger · ask in #ledger",
		"team-ledger":                                      "Team Ledger · ask in #ledger",
		"alice":                                            "Alice Moreau → Team Ledger · ask in #ledger",
		"dave":                                             "Dave Lindqvist is in no team",
		"<@U02BOB>":                                        "Bob Okafor → Team Ledger · ask in #ledger",
		"<@U04DAVE|dave>":                                  "Dave Lindqvist is in no team",
		"me":                                               "Alice Moreau → Team Ledger · ask in #ledger",
		"<#C02PAYMENTS|payments>":                          "Team Ledger · ask in #ledger",
		"<!subteam^S01LEDGER|@team-ledger>":                "Team Ledger · ask in #ledger",
		"#ledger":                                          "Team Ledger · ask in #ledger",
	} {
		reply, err := row.Run(t.Context(), chat.Request{Text: asked, Person: chat.Person{ID: "U01ALICE"}})
		require.NoError(t, err, asked)
		require.Equal(t, want, reply.Headline.String(), asked)
	}
}

func TestWhoOwnsGoesUpToWhoIsThere(t *testing.T) {
	c := catalogtest.New(t, acme+`---
{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: legacy-mailer}, spec: {type: service, lifecycle: deprecated, owner: team-mail}}
---
{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: lost}, spec: {type: service, lifecycle: deprecated, owner: gone, system: money}}
---
{apiVersion: backstage.io/v1alpha1, kind: Group, metadata: {name: team-mail, title: Team Mail}, spec: {type: team, children: [], parent: platform}}
---
{apiVersion: backstage.io/v1alpha1, kind: Group, metadata: {name: platform, title: Platform, annotations: {slack.com/channel: platform}}, spec: {type: team, children: [], members: [dave]}}
`)
	row := whoOwnsIn(c, nil)
	for asked, want := range map[string]string{
		"legacy-mailer": "legacy-mailer: owner Team Mail has nobody left · next up: Platform · #platform",
		"lost":          "lost: its owner group:gone is not in the catalog · next up: Team Ledger · #ledger",
		"payments":      "payments → Team Ledger · ask in #ledger",
	} {
		reply, err := row.Run(t.Context(), chat.Request{Text: asked})
		require.NoError(t, err, asked)
		require.Equal(t, want, reply.Headline.String(), asked)
	}
	reply, err := row.Run(t.Context(), chat.Request{Text: "legacy-mailer"})
	require.NoError(t, err)
	require.Equal(t, chat.Fields{
		{Label: "People", Value: chat.Textf("nobody is listed")}, {Label: "Next up", Value: chat.Textf("Dave Lindqvist")},
		{Label: "Lifecycle", Value: chat.Textf("deprecated")}, {Label: "Type", Value: chat.Textf("service")},
	}, reply.Parts[0])
}

func TestWhoOwnsATeam(t *testing.T) {
	reply, err := acmeWhoOwns(t).Run(t.Context(), chat.Request{Text: "Team Ledger"})
	require.NoError(t, err)
	want := chat.Reply{
		Headline: chat.Line(chat.Plain("Team Ledger"), chat.Plain(" · ask in "), chat.Channel{Name: "ledger"}),
		Parts: []chat.Part{
			chat.Fields{
				{Label: "People", Value: chat.Line(chat.Named{ID: "U01ALICE", Name: "Alice Moreau"}, chat.Plain(", "), chat.Named{ID: "U02BOB", Name: "Bob Okafor"})},
				{Label: "Channels", Value: chat.Line(chat.Channel{Name: "ledger"}, chat.Plain(", "), chat.Channel{Name: "payments"})},
			},
			chat.List{Title: "What it owns", Items: []chat.Text{chat.Textf("payments (service)"), chat.Textf("money (system)"), chat.Textf("payments-api (API)")}},
			chat.Buttons{{Label: "Card", Action: ActionTry, Value: "show group:default/team-ledger"}},
		},
	}
	require.Empty(t, cmp.Diff(want, reply))
}

func TestWhoOwnsShowsWhatIsAround(t *testing.T) {
	row := acmeWhoOwns(t)
	for asked, want := range map[string][]chat.Part{
		"payments-api": {
			chat.List{Title: "What provides it", Items: []chat.Text{chat.Textf("payments (service)")}},
			chat.List{Title: "What depends on it", Items: []chat.Text{chat.Textf("checkout (service)")}},
		},
		"system:money": {chat.List{Title: "What belongs to it", Items: []chat.Text{chat.Textf("payments (service)")}}},
	} {
		reply, err := row.Run(t.Context(), chat.Request{Text: asked})
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(want, reply.Parts[1:1+len(want)]), asked)
	}
}

func TestWhoOwnsSaysWhatIsMissing(t *testing.T) {
	row := acmeWhoOwns(t)
	reply, err := row.Run(t.Context(), chat.Request{Text: "invoices"})
	require.NoError(t, err)
	require.Contains(t, reply.Parts, chat.Part(chat.Context{Text: chat.Textf(
		"Either the name is wrong in its descriptor (catalog.yaml, line 26), or group:mail has to be described too.")}))
	reply, err = row.Run(t.Context(), chat.Request{Text: "checkout"})
	require.NoError(t, err)
	require.Contains(t, reply.Parts, chat.Part(chat.Context{Text: chat.Textf("Storefront names no Slack channel; the annotation slack.com/channel does.")}))
	require.Equal(t, chat.Fields{
		{Label: "People", Value: chat.Textf("nobody is listed")}, {Label: "Lifecycle", Value: chat.Textf("production")},
		{Label: "Type", Value: chat.Textf("service")}, {Label: "Links", Value: chat.Line(chat.Link{Label: "acme/checkout", URL: "https://github.com/acme/checkout"})},
	}, reply.Parts[0])
}

func TestWhoOwnsAsksWhichIsMeant(t *testing.T) {
	reply, err := acmeWhoOwns(t).Run(t.Context(), chat.Request{Text: "money"})
	require.NoError(t, err)
	require.Empty(t, cmp.Diff([]chat.Part{chat.Buttons{
		{Label: "money (library)", Action: ActionTry, Value: "who-owns component:default/money"},
		{Label: "money (system)", Action: ActionTry, Value: "who-owns system:default/money"},
	}}, reply.Parts))
}

func TestWhoOwnsOffersTheNearest(t *testing.T) {
	row := acmeWhoOwns(t)
	for _, c := range []struct {
		asked, message string
		parts          []chat.Part
	}{
		{"paymnets", `Nothing in the catalog is called "paymnets". The nearest names are these:`, []chat.Part{chat.Buttons{
			{Label: "payments", Action: ActionTry, Value: "who-owns component:default/payments"},
			{Label: "payments-api", Action: ActionTry, Value: "who-owns api:default/payments-api"},
			{Label: "money", Action: ActionTry, Value: "who-owns component:default/money"},
		}}},
		{"chek", `Nothing in the catalog is called "chek". The nearest names are these:`, nil},
		{"", "Of what do you want to know the owner? Type a name behind the command, for example: /who-owns payments", []chat.Part{
			chat.Menu{Label: "Or look for it here", Action: "who-owns.show", Searched: true},
		}},
		{"<@U05ERIN>", "Erin Walsh is not in the catalog, so I know no team of theirs. A User with the annotation slack.com/user-id: U05ERIN would tell me, and so would they with /bellhop me.", nil},
		{"<@U0NOBODY>", "This person is not in the catalog, so I know no team of theirs. A User with the annotation slack.com/user-id: U0NOBODY would tell me, and so would they with /bellhop me.", nil},
		{"<!subteam^S01LEDGER>", "Slack did not tell me what this group is called. Type the team's name instead.", nil},
		{"<!subteam^S01LEDGER|@ledgers>", `Nothing in the catalog is called "ledgers". The nearest names are these:`, nil},
		{"zzqqxx", `Nothing in the catalog is called "zzqqxx", or anything like it.`, []chat.Part{
			chat.Menu{Label: "Look for it here", Action: "who-owns.show", Searched: true},
		}},
		{"nobody@acme.example", "Nobody in the catalog has the e-mail address nobody@acme.example. A User or a Group says so under spec.profile.email.", nil},
		{"<#C01GENERAL|general>", "No team in the catalog names the channel #general as its own. A team does so by the annotation slack.com/channel.", nil},
	} {
		_, err := row.Run(t.Context(), chat.Request{Text: c.asked})
		var told *chat.UserError
		require.ErrorAs(t, err, &told, c.asked)
		require.Equal(t, c.message, told.Message)
		if c.parts != nil {
			require.Empty(t, cmp.Diff(c.parts, told.Parts), c.asked)
		}
	}
}

// TestWhoOwnsNamesakesOfOneOwner: a component and its API are often called alike.
func TestWhoOwnsNamesakesOfOneOwner(t *testing.T) {
	row := whoOwnsIn(catalogtest.New(t, acme+`
---
{apiVersion: backstage.io/v1alpha1, kind: API, metadata: {name: checkout}, spec: {type: openapi, lifecycle: production, owner: storefront, definition: x}}
`), nil)
	reply, err := row.Run(t.Context(), chat.Request{Text: "checkout"})
	require.NoError(t, err)
	require.Equal(t, "checkout → Storefront", reply.Headline.String())
	require.Contains(t, reply.Parts, chat.Part(chat.Buttons{
		{Label: "checkout (service)", Action: ActionTry, Value: "who-owns component:default/checkout"},
		{Label: "checkout (API)", Action: ActionTry, Value: "who-owns api:default/checkout"},
	}))
}

// TestWhoOwnsAGroupOfTeams: its people are those of its teams.
func TestWhoOwnsAGroupOfTeams(t *testing.T) {
	row := whoOwnsIn(catalogtest.New(t, carded), nil)
	reply, err := row.Run(t.Context(), chat.Request{Text: "acme"})
	require.NoError(t, err)
	require.Equal(t, chat.Fields{{Label: "People", Value: chat.Textf("those of Storefront and Team Ledger")}}, reply.Parts[0])
}

func TestWhoOwnsMenuCompletes(t *testing.T) {
	row := acmeWhoOwns(t)
	show := row.Actions[0]
	options, err := show.Options(t.Context(), chat.Request{Action: chat.Action{Name: "who-owns.show", Value: "Pay"}})
	require.NoError(t, err)
	require.Equal(t, []chat.Option{
		{Label: "payments (service)", Value: "component:default/payments"}, {Label: "payments-api (API)", Value: "api:default/payments-api"},
	}, options)
	reply, err := show.Run(t.Context(), chat.Request{Action: chat.Action{Name: "who-owns.show", Value: options[0].Value}})
	require.NoError(t, err)
	require.Equal(t, "payments → Team Ledger · ask in #ledger", reply.Headline.String())
}

// broken is a catalog whose database is away.
type broken struct{}

func (broken) Ask(context.Context, catalog.Question) (catalog.Answer, error) {
	return catalog.Answer{}, errors.New("disk on fire")
}

func TestWhoOwnsDoesNotShowWhatBroke(t *testing.T) {
	_, err := whoOwnsCommand(WhoOwnsDeps{Answers: broken{}}).Run(t.Context(), chat.Request{Text: "payments"})
	require.EqualError(t, err, "who-owns: disk on fire")
	var told *chat.UserError
	require.False(t, errors.As(err, &told))
}

func TestWhoOwnsBeforeTheFirstRefresh(t *testing.T) { // and of an empty catalog
	c := catalog.New(catalogtest.NewMemory(), catalog.Options{})
	_, err := whoOwnsIn(c, nil).Run(t.Context(), chat.Request{Text: "payments"})
	require.EqualError(t, err, "who-owns: The catalog has not been read yet. Ask again in a moment.")
	_, err = c.Refresh(t.Context())
	require.NoError(t, err)
	_, err = whoOwnsIn(c, nil).Run(t.Context(), chat.Request{Text: "payments"})
	require.ErrorContains(t, err, "The catalog is empty.")
}

// rules are the CODEOWNERS of repositories.
type rules map[string]string

func (r rules) Codeowners(_ context.Context, slug string) (codeowners.File, string, error) {
	if r[slug] == "" {
		return codeowners.File{}, "", nil
	}
	return codeowners.Parse(strings.NewReader(r[slug])), ".github/CODEOWNERS", nil
}

func TestWhoOwnsAFileByCodeowners(t *testing.T) {
	row := whoOwnsIn(catalogtest.New(t, acme), rules{"acme/payments": "* @acme/storefront\n/src/ @acme/team-ledger @bob @octo\n/old/ @acme/gone @octo\n"})
	for asked, want := range map[string]string{
		"https://github.com/acme/payments/blob/main/src/refund.go": "refund.go → payments → Team Ledger · by CODEOWNERS line 2 · #ledger",
		"payments/go.mod":      "go.mod → payments: owner Storefront has nobody left · by CODEOWNERS line 1 · next up: Team Ledger · #ledger",
		"payments/old/main.go": "main.go → payments → @acme/gone, @octo · by CODEOWNERS line 3 · in the catalog: Team Ledger · #ledger",
	} {
		reply, err := row.Run(t.Context(), chat.Request{Text: asked})
		require.NoError(t, err, asked)
		require.Equal(t, want, reply.Headline.String(), asked)
	}
	reply, err := row.Run(t.Context(), chat.Request{Text: "payments/src/refund.go"})
	require.NoError(t, err)
	fields, ok := reply.Parts[0].(chat.Fields)
	require.True(t, ok, "evidence is short: no description, no lists")
	require.Equal(t, chat.Field{Label: "And", Value: chat.Textf("Bob Okafor, @octo")}, fields[1])
	links := fields[len(fields)-1].Value
	require.Equal(t, chat.Link{Label: "CODEOWNERS line 2", URL: "https://github.com/acme/payments/blob/HEAD/.github/CODEOWNERS#L2"}, links[len(links)-1])
}

func TestWhoOwnsAsksForTheRepositoryOfAFile(t *testing.T) {
	_, err := acmeWhoOwns(t).Run(t.Context(), chat.Request{Text: "src/refund.go", Person: chat.Person{ID: "U01ALICE"}})
	var told *chat.UserError
	require.ErrorAs(t, err, &told)
	require.Equal(t, "In which repository is src/refund.go? Say it like this: /who-owns src/refund.go of payments", told.Message)
	require.Equal(t, []chat.Part{chat.Buttons{{Label: "payments", Action: ActionTry, Value: "who-owns src/refund.go of component:default/payments"}}}, told.Parts)
}

func TestWhoOwnsAMessage(t *testing.T) {
	row := acmeWhoOwns(t)
	ask := row.Actions[1]
	require.Equal(t, "Who owns this?", ask.Shortcut)
	for text, want := range map[string]string{
		"is <https://github.com/acme/checkout/pull/3|this> yours?":                       "acme/checkout#3 → checkout → Storefront · by repository acme/checkout",
		"the payments are down &amp; checkout too":                                       "payments → Team Ledger · by the word “payments” · #ledger",
		"<http://github.com/acme/payments/x|github.com/acme/payments/x>.Do()\n\t/y.go:1": "y.go:1 → payments → Team Ledger · by repository acme/payments · #ledger",
		"who can help, <#C02PAYMENTS|payments>?":                                         "payments → Team Ledger · by the word “payments” · #ledger",
		"look, <#C02LEDGER|ledger>!":                                                     "Team Ledger · ask in #ledger",
		"thanks <@U02BOB>":                                                               "Bob Okafor → Team Ledger · ask in #ledger",
	} {
		reply, err := ask.Run(t.Context(), chat.Request{Via: chat.Shortcut, Text: text})
		require.NoError(t, err, text)
		require.Equal(t, want, reply.Headline.String(), text)
	}
	for place, want := range map[string]string{
		"general": "Nothing in this message leads to anything in the catalog: no address, package, host, file or name.",
		"ledger":  "Nothing in this message leads to anything in the catalog: no address, package, host, file or name. This channel is where to ask Team Ledger.",
	} {
		_, err := ask.Run(t.Context(), chat.Request{Via: chat.Shortcut, Text: "lunch?", Place: chat.Place{Name: place}})
		var told *chat.UserError
		require.ErrorAs(t, err, &told)
		require.Equal(t, want, told.Message)
	}
}

func TestWhoOwnsTellsOfWhoHasLeft(t *testing.T) {
	c := catalogtest.With(t, acme, catalog.Options{Left: func(slackID, _ string) bool { return slackID == "U02BOB" }})
	row := whoOwnsIn(c, nil)
	reply, err := row.Run(t.Context(), chat.Request{Text: "payments"})
	require.NoError(t, err)
	fields, ok := reply.Parts[1].(chat.Fields)
	require.True(t, ok)
	require.Equal(t, "Alice Moreau; one has left", fields[0].Value.String())
	reply, err = row.Run(t.Context(), chat.Request{Text: "<@U02BOB>"})
	require.NoError(t, err)
	require.Equal(t, "Bob Okafor has left · next up: Team Ledger · #ledger", reply.Headline.String())
}
