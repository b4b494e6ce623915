package handlers

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"bellhop/catalog/catalogtest"
	"bellhop/chat"
	"bellhop/clock"
	"bellhop/environments"
	"bellhop/environments/environmentstest"
)

const shop = `
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: payments, title: Payments, annotations: {github.com/project-slug: acme/payments}}
spec: {type: service, lifecycle: production, owner: team-ledger}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: ledger-lib, annotations: {github.com/project-slug: acme/ledger-lib}}
spec: {type: library, lifecycle: production, owner: team-ledger}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: web-shop, annotations: {github.com/project-slug: acme/web-shop}}
spec: {type: website, lifecycle: production, owner: storefront}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: cart, annotations: {github.com/project-slug: acme/cart, bellhop.dev/deploy-workflow: evil/x/y.yml@main}}
spec: {type: service, lifecycle: production, owner: storefront}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: docs}
spec: {type: service, lifecycle: production, owner: storefront}
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
metadata: {name: storefront, annotations: {slack.com/channel: storefront}}
spec: {type: team, children: []}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: alice, annotations: {slack.com/user-id: U01ALICE}}
spec: {profile: {displayName: Alice Moreau}, memberOf: [team-ledger]}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: dave, annotations: {slack.com/user-id: U04DAVE}}
spec: {profile: {displayName: Dave Lindqvist}, memberOf: [storefront]}
`

// github knows some branches of every repository.
type github struct{}

var heads = map[string]environments.Commit{
	"main":       {SHA: "0000000000000000000000000000000000000001", Subject: "Begin", Author: "Bob Okafor", Login: "bob"},
	"feature-x":  {SHA: "4f2c1ab000000000000000000000000000000002", Subject: "Retry vouchers", Author: "Alice Moreau", Login: "alice", URL: "https://github.example/acme/payments/commit/4f2c1ab"},
	"feature-y":  {SHA: "4f2c1ab000000000000000000000000000000003", Subject: "Pay later", Author: "Bob Okafor", Login: "bob"},
	"<!channel>": {SHA: "4f2c1ab000000000000000000000000000000004", Subject: "<!channel> & *all*", Author: "<@U1>", Login: "mallory"},
}

func (github) Resolve(_ context.Context, _, ref string) (environments.Commit, error) {
	if c, ok := heads[ref]; ok {
		return c, nil
	}
	return environments.Commit{}, environments.ErrNotFound
}

func (github) PullRequest(_ context.Context, _ string, number int) (environments.PullRequest, error) {
	if number == 482 {
		return environments.PullRequest{Number: 482, Branch: "feature-x", Head: heads["feature-x"], Open: true}, nil
	}
	switch number {
	case 500:
		return environments.PullRequest{}, fmt.Errorf("read pull request: %w", environments.ErrUnavailable)
	case 403:
		return environments.PullRequest{}, pause{}
	}
	return environments.PullRequest{}, environments.ErrNotFound
}

func (github) Branches(context.Context, string) ([]string, error) {
	return []string{"main", "feature-x", "feature-y", "<!channel>"}, nil
}

func (github) BranchesOf(_ context.Context, _, login string, _ int) ([]environments.Branch, error) {
	if login == "alice" {
		return []environments.Branch{{Name: "feature-x", Commit: heads["feature-x"]}}, nil
	}
	return nil, nil
}

// pause is GitHub's word to come back at noon.
type pause struct{}

func (pause) Error() string      { return "rate limit" }
func (pause) RetryAt() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }

// rooms knows one channel without the bot.
type rooms struct{}

func (rooms) CanPost(_ context.Context, channel string) (bool, error) {
	if channel == "CBROKEN" {
		return false, errors.New("ratelimited")
	}
	return channel != "C09LAUNCH", nil
}

func (rooms) Permalink(_ context.Context, ref chat.MessageRef) (string, error) {
	return "https://acme.slack.example/archives/" + ref.Channel + "/p" + ref.TS, nil
}

var (
	personAlice = chat.Person{ID: "U01ALICE", Name: "Alice"}
	personBob   = chat.Person{ID: "U02BOB", Name: "Bob"}
	personDave  = chat.Person{ID: "U04DAVE", Name: "Dave"}
	inPayments  = chat.Place{Channel: "C02PAYMENTS", Name: "payments"}
	inGeneral   = chat.Place{Channel: "C01GENERAL", Name: "general"}
)

// deployStage is /deploy-env and /envs over a store in memory.
type deployStage struct {
	store   *environmentstest.Store
	service *environments.Service
	row     chat.Command
	list    chat.Command
	asked   int
}

func newDeployStage(t *testing.T) *deployStage {
	t.Helper()
	s := &deployStage{store: environmentstest.NewStore()}
	service := environments.NewService(s.store, github{}, environments.Options{
		Workflow: environments.Workflow{Repository: "acme/platform", File: "deploy-env.yml", Ref: "main"}, Default: "preview",
		Kinds: []environments.Kind{{Name: "preview", Preset: environments.Preview}, {Name: "staging", Preset: environments.Shared}},
	}, clock.Real{}, nil)
	s.service = service
	deps := DeployEnvDeps{Deployments: service, Deployables: catalogtest.New(t, shop), Branches: github{}, Places: rooms{}, Patience: time.Millisecond}
	s.row, s.list = deployEnvCommand(deps), envsCommand(deps)
	return s
}

// ask types something.
func (s *deployStage) ask(p chat.Person, at chat.Place, text string) (chat.Reply, error) {
	s.asked++
	return s.row.Run(context.Background(), chat.Request{ID: strings.Repeat("x", s.asked), Person: p, Place: at, Text: text, At: time.Now()})
}

// press presses a button.
func (s *deployStage) press(p chat.Person, b chat.Button, on chat.MessageRef) (chat.Reply, error) {
	for _, a := range s.row.Actions {
		if "deploy-env."+a.Name == b.Action {
			return a.Run(context.Background(), chat.Request{Person: p, Place: inPayments, Via: chat.Click, At: time.Now(),
				Action: chat.Action{Name: b.Action, Value: b.Value, Message: on}})
		}
	}
	return chat.Reply{}, errors.New("no such action: " + b.Action)
}

func (s *deployStage) environment(t *testing.T, name string) environments.Environment {
	t.Helper()
	e, err := s.store.Environment(context.Background(), name)
	require.NoError(t, err)
	return e
}

// becomes lets the reconciler's part happen.
func (s *deployStage) becomes(t *testing.T, name string, states ...environments.State) environments.Environment {
	t.Helper()
	var e environments.Environment
	for _, state := range states {
		var err error
		e, err = s.store.Change(context.Background(), name, func(e *environments.Environment) (environments.Effects, error) {
			e.State = state
			e.Deployment.Card.Ref = chat.MessageRef{Channel: "C02PAYMENTS", TS: "1.1"}
			e.Operation.Run.ID, e.Operation.Phase = 7, environments.PhaseRunning
			if state == environments.Ready {
				e.URL, e.Operation.Phase = "https://x.example", environments.PhaseEnded
			}
			return environments.Effects{Save: true}, nil
		})
		require.NoError(t, err)
	}
	return e
}

func TestDeployEnvUnderstands(t *testing.T) {
	cases := []struct {
		person chat.Person
		at     chat.Place
		text   string
		want   string // the environment
		sha    string
	}{
		{personAlice, inPayments, "feature-x", "payments-preview-feature-x", heads["feature-x"].SHA},
		{personDave, inPayments, "feature-x", "payments-preview-feature-x", heads["feature-x"].SHA},
		{personAlice, inGeneral, "feature-x", "payments-preview-feature-x", heads["feature-x"].SHA},
		{personAlice, inGeneral, "feature-x of web-shop to staging", "web-shop-staging", heads["feature-x"].SHA},
		{personDave, inGeneral, "Payments@feature-y please?", "payments-preview-feature-y", heads["feature-y"].SHA},
		{personAlice, inPayments, "#482 for 48h", "payments-preview-feature-x", heads["feature-x"].SHA},
		{personDave, inGeneral, "https://github.com/acme/payments/pull/482", "payments-preview-feature-x", heads["feature-x"].SHA},
		{personAlice, chat.Place{Kind: chat.Direct, Channel: "D1"}, "main", "payments-preview-main", heads["main"].SHA},
		{personAlice, inPayments, "&lt;!channel&gt;", environments.Key{Component: "payments", Kind: "preview", Ref: "<!channel>"}.String(), heads["<!channel>"].SHA},
	}
	for _, tc := range cases {
		s := newDeployStage(t)
		reply, err := s.ask(tc.person, tc.at, tc.text)
		require.NoError(t, err, tc.text)
		require.Equal(t, chat.Silent, reply.To, "it is seen on the card")
		e := s.environment(t, tc.want)
		require.Equal(t, tc.sha, e.Deployment.Commit.SHA)
		require.Equal(t, tc.person.ID, e.Deployment.By.ID)
		to := chat.Address{Channel: tc.at.Channel}
		if tc.at.Kind == chat.Direct {
			to.User = tc.person.ID
		}
		require.Equal(t, to, e.Deployment.Card.To)
	}
}

func TestDeployEnvNeverGuesses(t *testing.T) {
	cases := []struct {
		person chat.Person
		text   string
		says   string
		offers []string
	}{
		{personAlice, "feature-x of paymets", `No component is called "paymets". Did you mean one of these?`, []string{`deploy-env "feature-x" of "component:payments"`}},
		{personAlice, "feature-x of 🚀", `No component is called "🚀", or anything like it. Which one is it?`,
			[]string{`deploy-env "feature-x" of "component:cart"`, `deploy-env "feature-x" of "component:payments"`, `deploy-env "feature-x" of "component:web-shop"`}},
		{personAlice, "🚀", `There is no "🚀" in acme/payments. Choose one of its branches, or type another name or number.`, []string{`deploy-env of "payments"`}},
		{personAlice, strings.Repeat("x", 4000), `There is no "` + strings.Repeat("x", 59) + `…" in acme/payments. Choose one of its branches, or type another name or number.`, []string{`deploy-env of "payments"`}},
		{personAlice, "feature-x of", "Of which component? Say its name after `of`, as in `feature-x of payments`.", nil},
		{personAlice, "feature-x for 900d", "preview environments live 30 days at most.", nil},
		{personAlice, "feature-z", `There is no "feature-z" in acme/payments. Did you mean one of these?`,
			[]string{`deploy-env "feature-x" of "payments"`, `deploy-env "feature-y" of "payments"`, `deploy-env of "payments"`}},
		{personAlice, "feature-x to stagin", `There is no kind of environment called "stagin". Which one is it?`,
			[]string{`deploy-env "feature-x" of "payments" to "preview"`, `deploy-env "feature-x" of "payments" to "staging"`}},
		{personDave, "feature-x for 90m", `Of which component do you want to deploy "feature-x"?`,
			[]string{`deploy-env "feature-x" of "component:cart" for 90m`, `deploy-env "feature-x" of "component:web-shop" for 90m`}},
		{personBob, "#482", `Of which component is #482?`, []string{`deploy-env #482 of "component:cart"`, `deploy-env #482 of "component:payments"`, `deploy-env #482 of "component:web-shop"`}},
		{personAlice, "feature-x of money", "money is a system. Only components can be deployed.", nil},
		{personAlice, "feature-x of ledger-lib", "ledger-lib cannot be deployed: it is a library (spec.type in the catalog).", nil},
		{personAlice, "main of docs", "docs cannot be deployed: the catalog names no repository for it (annotation github.com/project-slug).", nil},
		{personAlice, "#9", "There is no pull request #9 in acme/payments. Choose one of its branches, or type another name or number.", []string{`deploy-env of "payments"`}},
		{personAlice, "https://github.com/acme/nothing/pull/1", "No component in the catalog that can be deployed has the repository acme/nothing.", nil},
		{personAlice, "feature-x of cart", "cart names the workflow evil/x/y.yml@main for itself, which environments.allowed_workflows in bellhop.yaml does not allow.", nil},
		{personAlice, "feature-x to staging for 2h", "staging is shared and stays; it cannot be asked for a while only.", nil},
		{personAlice, "feature-x for 90 days", "preview environments live 30 days at most.", nil},
		{personAlice, "feature-x for ages", "I do not know how long \"for ages\" is. Say it like `for 48h`, `for 2d` or `for 90m`.", nil},
		{personAlice, "#500", "GitHub does not answer as it should at the moment, so nothing was deployed. Try again in a minute.", nil},
		{personAlice, "#403", "GitHub asks Bellhop for a pause until 12:00, so nothing was deployed. Try again then.", nil},
		{chat.Person{ID: "U12GITA", Name: "Gita", Standing: chat.Guest}, "feature-x of payments", "Guests of this workspace can look things up but change nothing. Ask a full member of the team to do it for you.", nil},
	}
	for _, tc := range cases {
		s := newDeployStage(t)
		_, err := s.ask(tc.person, inGeneral, tc.text)
		var told *chat.UserError
		require.ErrorAs(t, err, &told, tc.text)
		require.Equal(t, tc.says, told.Message, tc.text)
		var offers []string
		for _, part := range told.Parts {
			if buttons, ok := part.(chat.Buttons); ok {
				for _, b := range buttons {
					require.Equal(t, ActionTry, b.Action)
					offers = append(offers, b.Value)
				}
			}
		}
		require.Equal(t, tc.offers, offers, tc.text)
		list, err := s.store.List(context.Background(), environments.Filter{})
		require.NoError(t, err)
		require.Empty(t, list, tc.text)
	}
}

func TestOfferedWordsReadBack(t *testing.T) {
	s := newDeployStage(t)
	until := time.Now().Add(50 * time.Hour).Truncate(time.Minute)
	words := deployWords(chat.Target{Ref: "<!channel>", Component: "payments", Kind: "preview", Until: until, Because: "it's for QA"}, nil)
	_, err := s.ask(personAlice, inGeneral, strings.TrimPrefix(words, "deploy-env "))
	require.NoError(t, err, words)
	e := s.environment(t, environments.Key{Component: "payments", Kind: "preview", Ref: "<!channel>"}.String())
	require.True(t, until.Equal(e.ExpiresAt), "%s %s", until, e.ExpiresAt)
	require.Equal(t, "it's for QA", e.Deployment.Because)
}

func TestBareDeployEnvOffersBranches(t *testing.T) {
	s := newDeployStage(t)
	reply, err := s.ask(personAlice, inPayments, "")
	require.NoError(t, err)
	want := chat.Reply{
		Headline: chat.Textf("Which branch of payments do you want to deploy?"),
		Parts: []chat.Part{
			chat.Context{Text: chat.Textf("Your latest:")},
			chat.Buttons{{Label: "feature-x", Action: ActionTry, Value: `deploy-env "feature-x" of "payments"`}},
			chat.Menu{Label: "Choose another branch", Action: ActionTry, Options: []chat.Option{
				{Label: "main", Value: `deploy-env "main" of "payments"`},
				{Label: "feature-y", Value: `deploy-env "feature-y" of "payments"`},
				{Label: "<!channel>", Value: `deploy-env "&lt;!channel&gt;" of "payments"`},
			}},
			chat.Context{Text: chat.Line(chat.Plain("Or type it: "), chat.Code("/deploy-env BRANCH of payments"))},
		},
	}
	require.Empty(t, cmp.Diff(want, reply))
}

func TestWhereTheCardGoes(t *testing.T) {
	s := newDeployStage(t)
	reply, err := s.ask(personAlice, chat.Place{Channel: "C09LAUNCH", Kind: chat.PrivateChannel}, "feature-x of payments")
	require.NoError(t, err)
	require.Equal(t, chat.OnlyYou, reply.To)
	require.Contains(t, reply.Text(nil), "I cannot post here, so its card is in our direct messages.")
	require.Contains(t, reply.Text(nil), "/invite @bellhop")
	e := s.environment(t, "payments-preview-feature-x")
	require.Equal(t, chat.Address{User: "U01ALICE"}, e.Deployment.Card.To)
	require.True(t, e.Deployment.Card.Moved)
	require.Equal(t, "C09LAUNCH", e.Deployment.Card.From)
	require.Contains(t, card(e).Parts, chat.Part(chat.Context{Text: chat.Line(chat.Plain("It is here because I cannot post in "),
		chat.Channel{ID: "C09LAUNCH", Name: "the channel"}, chat.Plain(", where it was asked for."))}))
	require.NotContains(t, reply.Text(nil), "See its card", "it is not posted yet")

	_, err = s.ask(personAlice, chat.Place{Channel: "CBROKEN"}, "feature-y of payments")
	require.NoError(t, err, "the card finds its own way")
	require.Equal(t, "CBROKEN", s.environment(t, "payments-preview-feature-y").Deployment.Card.To.Channel)

	_, err = s.ask(personAlice, chat.Place{Channel: "C02PAYMENTS", Thread: "7.7"}, "main of payments")
	require.NoError(t, err)
	require.Equal(t, chat.Address{Channel: "C02PAYMENTS", Thread: "7.7"}, s.environment(t, "payments-preview-main").Deployment.Card.To)
}

func TestASecondDeployLinksToTheCard(t *testing.T) {
	s := newDeployStage(t)
	_, err := s.ask(personAlice, inPayments, "feature-x")
	require.NoError(t, err)
	s.becomes(t, "payments-preview-feature-x", environments.Dispatching, environments.Running)
	_, err = s.ask(personBob, inPayments, "feature-x")
	var told *chat.UserError
	require.ErrorAs(t, err, &told)
	require.Equal(t, "A deployment to payments-preview-feature-x runs already. Alice asked for it.", told.Message)
	require.Equal(t, []chat.Part{chat.Buttons{{Label: "See its card", URL: "https://acme.slack.example/archives/C02PAYMENTS/p1.1"}}}, told.Parts)
}

func TestASecondDeployLinksToACardInDirectMessages(t *testing.T) {
	s := newDeployStage(t)
	_, err := s.ask(personAlice, chat.Place{Channel: "C09LAUNCH", Kind: chat.PrivateChannel}, "feature-x of payments")
	require.NoError(t, err)
	s.becomes(t, "payments-preview-feature-x", environments.Dispatching, environments.Running)
	var told *chat.UserError
	_, err = s.ask(personAlice, inPayments, "feature-x")
	require.ErrorAs(t, err, &told)
	require.Equal(t, []chat.Part{chat.Buttons{{Label: "See its card", URL: "https://acme.slack.example/archives/C02PAYMENTS/p1.1"}}}, told.Parts, "her own")
	_, err = s.ask(personBob, inPayments, "feature-x")
	require.ErrorAs(t, err, &told)
	require.Equal(t, "A deployment to payments-preview-feature-x runs already. Alice asked for it. Its card is in the direct messages of Alice.", told.Message)
	require.Empty(t, told.Parts)
}

func TestAMovedCardIsLinkedOnceItStands(t *testing.T) {
	s := newDeployStage(t)
	_, err := s.ask(personAlice, inPayments, "feature-x")
	require.NoError(t, err)
	e := s.becomes(t, "payments-preview-feature-x", environments.Dispatching, environments.Running)
	asked := e
	asked.Deployment.Card = environments.Card{To: chat.Address{User: "U01ALICE"}, Moved: true}
	h := deployEnv{DeployEnvDeps{Deployments: s.service, Places: rooms{}, Patience: time.Minute}}
	reply := h.moved(context.Background(), asked, chat.Request{Person: personAlice, Place: inGeneral})
	require.Contains(t, reply.Text(nil), "[See its card] https://acme.slack.example/archives/C02PAYMENTS/p1.1")
}

func TestPresses(t *testing.T) {
	s := newDeployStage(t)
	const name = "payments-preview-feature-x"
	_, err := s.ask(personAlice, inPayments, "feature-x")
	require.NoError(t, err)
	e := s.becomes(t, name, environments.Dispatching, environments.Running)
	cancel := cardButtons(e)[0]
	require.Equal(t, "Cancel", cancel.Label)

	reply, err := s.press(personBob, cancel, e.Deployment.Card.Ref)
	require.NoError(t, err)
	require.Equal(t, "Alice asked for payments · feature-x → preview, not you. Cancel it?", reply.Headline.String())
	require.Equal(t, chat.OnlyYou, reply.To)
	require.Empty(t, s.environment(t, name).Operation.CancelBy)
	yes := reply.Parts[0].(chat.Buttons)[0]
	reply, err = s.press(personBob, yes, chat.MessageRef{Channel: "C02PAYMENTS", TS: "2.2"})
	require.NoError(t, err)
	require.Equal(t, chat.InPlace, reply.To)
	require.Equal(t, "U02BOB", s.environment(t, name).Operation.CancelBy.ID)
	_, err = s.press(personAlice, cancel, e.Deployment.Card.Ref)
	require.EqualError(t, err, "It is being cancelled already.")

	e = s.becomes(t, name, environments.Ready)
	var destroy chat.Button
	for _, b := range cardButtons(e) {
		if b.Label == "Destroy" {
			destroy = b
		}
	}
	reply, err = s.press(personAlice, destroy, e.Deployment.Card.Ref)
	require.NoError(t, err)
	require.Equal(t, chat.Silent, reply.To)
	require.Equal(t, environments.Destroying, s.environment(t, name).State)
	_, err = s.press(personAlice, destroy, e.Deployment.Card.Ref)
	require.ErrorContains(t, err, "is being destroyed at the moment.")
	for _, bad := range []string{"", "x", "|", "a|b|c|d"} {
		destroy.Value = bad
		_, err = s.press(personAlice, destroy, e.Deployment.Card.Ref)
		require.EqualError(t, err, "This button does nothing any more.")
	}
	destroy.Value = "no-such|d1"
	_, err = s.press(personAlice, destroy, e.Deployment.Card.Ref)
	require.EqualError(t, err, "There is no environment no-such.")
}
