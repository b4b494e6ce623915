package handlers

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"bellhop/chat"
	"bellhop/environments"
)

func TestEnvs(t *testing.T) {
	s := newDeployStage(t)
	ask := func(p chat.Person, at chat.Place, text string) (chat.Reply, error) {
		return s.list.Run(context.Background(), chat.Request{Person: p, Place: at, Text: text, At: time.Now()})
	}
	reply, err := ask(personAlice, inPayments, "")
	require.NoError(t, err)
	require.Equal(t, "No environment exists\nMake one: /deploy-env BRANCH of COMPONENT", reply.Text(nil))

	for _, text := range []string{"feature-x", "feature-y to staging"} {
		_, err := s.ask(personAlice, inPayments, text)
		require.NoError(t, err)
	}
	_, err = s.ask(personBob, inPayments, "main of web-shop")
	require.NoError(t, err)
	e := s.becomes(t, "payments-preview-feature-x", environments.Dispatching, environments.Running, environments.Ready)
	for text, want := range map[string]string{
		"": "3 environments exist", "mine": "2 environments of yours exist", "of Payments?": "2 environments of payments exist", "staging": "1 environment in staging exists",
		"payments in staging": "1 environment of payments in staging exists", "web-shop mine": "No environment of yours of web-shop exists",
	} {
		reply, err := ask(personAlice, inPayments, text)
		require.NoError(t, err, text)
		require.Equal(t, want, reply.Headline.String(), text)
	}
	reply, err = ask(personAlice, inPayments, "preview payments")
	require.NoError(t, err)
	require.Empty(t, cmp.Diff([]chat.Part{
		chat.Paragraph{Text: chat.Line(chat.Plain("✅ payments · feature-x → preview"), chat.Plain(" · "), chat.Link{Label: "Open", URL: "https://x.example"},
			chat.Plain(" · "), chat.Named{ID: "U01ALICE", Name: "Alice"}, chat.Plain(" · until "), chat.Moment{At: e.ExpiresAt})},
		chat.Buttons{{Label: "Open", URL: "https://x.example"},
			{Label: "Redeploy", Action: "deploy-env.redeploy", Value: pressValue(e.Name(), e.Deployment.ID, false)},
			{Label: "Destroy", Action: "deploy-env.destroy", Value: pressValue(e.Name(), e.Deployment.ID, false), Style: chat.Danger}},
	}, reply.Parts))

	_, err = ask(chat.Person{}, chat.Place{Kind: chat.Terminal}, "mine")
	require.Error(t, err)
	reply, err = ask(chat.Person{}, chat.Place{Kind: chat.Terminal}, "")
	require.NoError(t, err)
	require.NotContains(t, reply.Text(nil), "Redeploy")
	_, err = ask(personAlice, inPayments, "paymets")
	require.ErrorContains(t, err, `"paymets" is no component and no kind of environment. Did you mean one of these?`)
}
