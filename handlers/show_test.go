package handlers

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"bellhop/catalog"
	"bellhop/catalog/catalogtest"
	"bellhop/chat"
	"bellhop/environments"
	"bellhop/testruns"
	"bellhop/testruns/testrunstest"
)

const carded = `
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: payments
  title: Payments
  description: Takes money and gives it back.
  tags: [java]
  labels: {tier: "1"}
  annotations:
    github.com/project-slug: acme/payments
    bellhop.dev/aliases: till, the till
    pagerduty.com/service-id: P1ABC
    pagerduty.com/integration-key: 0123456789abcdef
    opsgenie.com/component-selector: 'tag:"service:payments"'
    acme.dev/cost-center: "4711"
  links:
    - {url: https://docs.acme.example/payments, title: Documentation, type: docs}
    - {url: https://runbooks.acme.example/payments, title: "Runbook <!channel>"}
spec: {type: service, lifecycle: production, owner: team-ledger, system: money, providesApis: [payments-api], dependsOn: [component:ledger-lib, resource:payments-db, component:ghost]}
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata: {name: payments-api, title: Payments API}
spec: {type: openapi, lifecycle: production, owner: team-ledger, system: money, definition: "openapi: 3.1.0\n"}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: ledger-lib, annotations: {github.com/project-slug: acme/ledger-lib}}
spec: {type: library, lifecycle: deprecated, owner: team-ledger}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: checkout}
spec: {type: service, lifecycle: experimental, owner: storefront, consumesApis: [payments-api], dependsOn: [component:payments]}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: kiosk}
spec: {type: service, lifecycle: production, owner: nobody-known}
---
apiVersion: backstage.io/v1alpha1
kind: Resource
metadata: {name: payments-db}
spec: {type: database, owner: team-ledger, system: money}
---
apiVersion: backstage.io/v1alpha1
kind: System
metadata: {name: money}
spec: {owner: team-ledger}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: team-ledger, title: Team Ledger, description: Keeps the books., annotations: {slack.com/channel: "ledger, payments", opsgenie.com/team: ledger}}
spec: {type: team, profile: {email: ledger@acme.example}, parent: acme, children: []}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: storefront, title: Storefront}
spec: {type: team, parent: acme, children: []}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: acme, title: Acme}
spec: {type: organization, children: [team-ledger, storefront]}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: alice, annotations: {slack.com/user-id: U01ALICE}}
spec: {profile: {displayName: Alice Moreau, email: alice@acme.example}, memberOf: [team-ledger]}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: dave, annotations: {slack.com/user-id: U04DAVE}}
spec: {profile: {displayName: Dave Lindqvist}, memberOf: [storefront, team-ledger]}
`

// running is the environments that there are.
type running []environments.Environment

func (r running) List(_ context.Context, f environments.Filter) ([]environments.Environment, error) {
	var list []environments.Environment
	for _, e := range r {
		if e.Component.Ref == f.Component {
			list = append(list, e)
		}
	}
	return list, nil
}

// many is a catalog that lists ever more.
type many struct{}

func (many) Search(_ context.Context, _ string, _ []string, limit int) ([]catalog.Entity, error) {
	return make([]catalog.Entity, limit), nil
}

// cardRows are the rows of a catalog whose payments has an environment and runs without a test report.
func cardRows(t *testing.T, change ...func(*CardDeps)) map[string]chat.Command {
	t.Helper()
	c := catalogtest.New(t, carded)
	store := testrunstest.NewStore()
	require.NoError(t, store.Follow(t.Context(), []string{"acme/payments"}, monday, 0))
	require.NoError(t, store.SetFollowed(t.Context(), testruns.Followed{Repo: "acme/payments", Branch: "main", Complete: monday, Polled: monday}))
	in := testrunstest.Attempt(1, 1, monday.Add(-time.Hour))
	in.Run.State, in.Results, in.Tests, in.Run.Executed = testruns.NoReport, nil, nil, ""
	require.NoError(t, store.Record(t.Context(), in))
	up := deployment()
	up.State, up.Component.Ref, up.Deployment.AskedAt = environments.Ready, "component:default/payments", monday.Add(-2*time.Hour)
	reports := testruns.NewReporter(store, c)
	d := CardDeps{
		Entities: c, Listed: c, Relations: c, Belonging: c, Outdated: c, SlackIDs: c, Tests: reports, Environments: running{up},
		Readiness: ReadinessDeps{Owners: c, Needs: c, Signs: reports, Follows: true,
			Environments: environments.Options{Workflow: environments.Workflow{Repository: "acme/platform", File: "deploy.yml", Ref: "main"}}},
		WebURL: "https://github.com/",
	}
	for _, c := range change {
		c(&d)
	}
	rows := map[string]chat.Command{}
	mentions := whoOwns{WhoOwnsDeps{Entities: d.Entities, Belonging: d.Belonging}}
	for _, row := range []chat.Command{showCommand(d), findCommand(d), teamCommand(d), readinessCommand(d)} {
		rows[row.Name] = mentions.takingMentions(row)
	}
	return rows
}

// askCards asks as Alice does in #random.
func askCards(t *testing.T, text string) (chat.Reply, error) {
	t.Helper()
	name, rest, _ := strings.Cut(text, " ")
	return cardRows(t)[name].Run(t.Context(), chat.Request{Text: rest, At: monday, Person: chat.Person{ID: "U01ALICE"},
		Place: chat.Place{Channel: "C9", Name: "random"}})
}

// BELLHOP_UPDATE=1 writes the golden files anew.
func TestCardsInWords(t *testing.T) {
	for _, text := range []string{
		"show payments", "show the payments service?", "show kiosk", "show payments-api", "show payments-db", "show money", "show alice", "show team ledger",
		"find pay", "find kind=component lifecycle=production", "find checkout", "team", "team payments", "team acme", "team alice", "team ledger",
		"readiness payments", "readiness", "readiness storefront", "readiness all", "readiness acme", "readiness books",
	} {
		t.Run(text, func(t *testing.T) {
			reply, err := askCards(t, text)
			require.NoError(t, err)
			got := reply.Text(nil) + "\n"
			path := filepath.Join("testdata", "cards", strings.NewReplacer(" ", "-", "?", "", "=", "-").Replace(text)+".golden")
			if os.Getenv("BELLHOP_UPDATE") != "" {
				require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
				require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Empty(t, cmp.Diff(string(want), got))
		})
	}
}

func TestCardsAskBack(t *testing.T) {
	for text, want := range map[string]string{
		"show":                  "The card of what? Type a name behind the command, for example: /bellhop show payments",
		"show paymnts":          `Nothing in the catalog is called "paymnts". The nearest names are these:`,
		"find":                  "Find what? Type words, and kind=, owner=, tag= or lifecycle=, for example: /bellhop find pay kind=API",
		"find colour=red":       "colour=red: there are kind=, owner=, tag= and lifecycle=. For example: /bellhop find pay kind=API owner=team-ledger",
		"find kind=nothing":     "kind=nothing: the kinds are Component, API, Resource, System, Domain, Group, User, Location, Template. For example: /bellhop find pay kind=API owner=team-ledger",
		"find kind=domain":      "Nothing in the catalog fits kind=domain. Leave a condition out, or look at how a component that you know is described: /bellhop show NAME",
		"find qqqqqqq":          `Nothing in the catalog fits "qqqqqqq", or is anything like it.`,
		"find owner=stroefront": `No owner is called "stroefront". The nearest names are these:`,
		"team nope":             `No team is called "nope", or anything like it.`,
		"team legder":           `No team is called "legder". The nearest names are these:`,
		"readiness nope":        `No component or team is called "nope", or anything like it.`,
		"team dave":             "Dave Lindqvist is in 2 teams. Which one?",
		"team kiosk":            "kiosk is no team (service), and no team owns it. Type a team's name, for example: /bellhop team platform",
		"readiness money":       "money is no component (system), and only components are judged. Name one, or a team.",
		"readiness payments-ap": `No component or team is called "payments-ap". The nearest names are these:`,
	} {
		_, err := askCards(t, text)
		var told *chat.UserError
		require.ErrorAs(t, err, &told, text)
		require.Equal(t, want, told.Message, text)
	}
}

// TestCardsTakeMentions: Slack writes @alice and #ledger in its own way.
func TestCardsTakeMentions(t *testing.T) {
	for text, like := range map[string]string{
		"show <@U01ALICE>": "show alice", "show me": "show alice", "show me payments": "show payments", "show me <@U01ALICE>": "show alice", "team <@U01ALICE>": "team ledger",
		"team me": "team ledger", "team <#C77|ledger>": "team ledger", "team #ledger": "team ledger", "team <!subteam^S1|@team-ledger>": "team ledger", "show <!subteam^S1|@ledger>": "team ledger",
		"readiness <#C77|ledger>": "readiness team-ledger",
	} {
		want, err := askCards(t, like)
		require.NoError(t, err, like)
		got, err := askCards(t, text)
		require.NoError(t, err, text)
		require.Equal(t, want.Text(nil), got.Text(nil), text)
	}
	_, err := askCards(t, "show <@U0NOBODY>")
	var told *chat.UserError
	require.ErrorAs(t, err, &told)
	require.Contains(t, told.Message, "This person is not in the catalog")
}

func TestACardLeadsOn(t *testing.T) {
	reply, err := askCards(t, "show payments")
	require.NoError(t, err)
	require.Equal(t, chat.Buttons{
		{Label: "Tests", Action: ActionTry, Value: "tests component:default/payments"},
		{Label: "Deploy a branch", Action: ActionTry, Value: "deploy-env of component:default/payments"},
		{Label: "Graph", Action: ActionTry, Value: "graph component:default/payments"},
		{Label: "Impact", Action: ActionTry, Value: "impact component:default/payments"},
	}, reply.Parts[len(reply.Parts)-1])
	require.NotContains(t, reply.Text(nil), "0123456789abcdef", "an integration's key opens incidents")
}

func TestAnAPIGivesItsDefinition(t *testing.T) {
	row := cardRows(t)["show"]
	reply, err := row.Run(t.Context(), chat.Request{Text: "payments-api", At: monday})
	require.NoError(t, err)
	button := reply.Parts[len(reply.Parts)-1].(chat.Buttons)[0]
	require.Equal(t, chat.Button{Label: "Definition", Action: "show.definition", Value: "api:default/payments-api"}, button)
	reply, err = row.Actions[1].Run(t.Context(), chat.Request{Via: chat.Click, Action: chat.Action{Name: button.Action, Value: button.Value}})
	require.NoError(t, err)
	require.Equal(t, []chat.Part{chat.File{Name: "payments-api.yaml", Data: []byte("openapi: 3.1.0\n")}}, reply.Parts)
	_, err = row.Actions[1].Run(t.Context(), chat.Request{Via: chat.Click, Action: chat.Action{Value: "component:default/payments"}})
	require.EqualError(t, err, "payments has no definition in the catalog any more.")
}

func TestDefinitionsAreNamedForEditors(t *testing.T) {
	for name, c := range map[string]struct{ kind, text string }{
		"a.proto": {"grpc", "syntax"}, "a.graphql": {"graphql", "type Query"}, "a.json": {"openapi", " {}"}, "a.xml": {"wsdl", "<definitions/>"}, "a.yaml": {"asyncapi", "asyncapi: 2.0.0"},
	} {
		e := catalog.Entity{Ref: catalog.Ref{Kind: "API", Name: "a"}, Spec: catalog.Spec{"type": c.kind}}
		require.Equal(t, name, definitionName(e, c.text))
	}
}

func TestWhatStandsOnAnUnsureFootSaysSo(t *testing.T) {
	e := catalog.Entity{Ref: catalog.Ref{Kind: "Component", Name: "mailer"}, Source: catalog.Source{File: "catalog.yaml", Line: 7, OrphanedAt: monday}}
	text := chat.Reply{Parts: standingNotes(e, "")}.Text(nil)
	require.Equal(t, "component:mailer · from catalog.yaml, line 7\n⚠️ What described it is gone since Mon 23 Nov 08:00; it leaves the catalog soon if that does not come back.", text)
	e.Annotations = map[string]string{catalog.AnnotationProvisional: "true", catalog.AnnotationOwnerBy: "CODEOWNERS line 3", catalog.AnnotationSlug: "acme/mailer"}
	text = chat.Reply{Parts: standingNotes(e, "")}.Text(nil)
	require.Equal(t, "component:mailer · provisional: no descriptor describes it yet, and this is what GitHub tells, its owner by CODEOWNERS line 3. Nobody is allowed anything by it.", text)
	buttons := showHandler{}.buttons(e, chat.Person{})
	require.Equal(t, []string{"Adopt", "adopt.start", "component:default/mailer"}, []string{buttons[0].Label, buttons[0].Action, buttons[0].Value})
	require.NotContains(t, showHandler{}.buttons(e, chat.Person{Standing: chat.Guest}), buttons[0])
	require.Empty(t, showHandler{}.buttons(catalog.Entity{Ref: catalog.Ref{Kind: "Location", Name: "all"}}, chat.Person{}), "nothing needs a Location")
}

func TestALargeCompanyIsRankedByItsTeams(t *testing.T) {
	row := cardRows(t, func(d *CardDeps) { d.Listed = many{} })["readiness"]
	_, err := row.Run(t.Context(), chat.Request{Text: "all"})
	require.ErrorContains(t, err, "There are more than 300 components, too many for one answer. Name a team, for example: /bellhop readiness platform")
}
