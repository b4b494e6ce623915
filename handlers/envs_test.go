package handlers

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"bellhop/chat"
	"bellhop/environments"
)

func TestEnvLines(t *testing.T) {
	by := " · Alice"
	for want, alter := range map[string]func(e *environments.Environment){
		"🔵 payments · feature-x → preview · step 3 of 7, build image" + by: func(*environments.Environment) {},
		"🔵 payments · feature-x → preview · step 3 of 7, build image" + by + " · until Fri 27 Nov 12:00": func(e *environments.Environment) {
			e.Deployment.Until = e.ExpiresAt
		},
		"🔵 payments · feature-x → preview · is being cancelled: its time is up" + by: func(e *environments.Environment) { e.Operation.Overdue = true },
		"✅ payments · feature-x → preview" + by + " · until Fri 27 Nov 12:00":        func(e *environments.Environment) { e.State = environments.Ready },
		"🔴 payments · feature-x → preview · failed · Log" + by + " · what is there is destroyed Fri 27 Nov 12:00": func(e *environments.Environment) {
			e.State = environments.Failed
		},
		"🔴 payments · feature-x → preview · failed · Log" + by + " · 1fd0ab1 was up before · until Fri 27 Nov 12:00": func(e *environments.Environment) {
			e.State, e.Live.SHA = environments.Failed, "1fd0ab1000"
		},
		"⚪ payments · feature-x → preview · cancelled" + by + " · 1fd0ab1 still runs · until Fri 27 Nov 12:00": func(e *environments.Environment) {
			e.State, e.Live.SHA, e.Operation.Run.ID = environments.Cancelled, "1fd0ab1000", 0
		},
		"🔵 payments · feature-x → preview · is being destroyed" + by:     func(e *environments.Environment) { e.State = environments.Destroying },
		"🔴 payments · feature-x → preview · could not be destroyed" + by: func(e *environments.Environment) { e.State = environments.DestroyFailed },
	} {
		e := deployment()
		alter(&e)
		require.Equal(t, want, envLine(e, true).String())
		require.Equal(t, strings.ReplaceAll(want, by, ""), envLine(e, false).String())
	}
	e := deployment()
	e.Operation.Run.Status, e.Operation.Run.Steps = environments.StatusWaiting, 0
	require.Contains(t, envLine(e, true), chat.Span(chat.Link{Label: "Review", URL: "https://github.example/runs/7"}))
}

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
		chat.Buttons{{Label: "Redeploy", Action: "deploy-env.redeploy", Value: pressValue(e.Name(), e.Deployment.ID, false)},
			{Label: "Destroy", Action: "deploy-env.destroy", Value: pressValue(e.Name(), e.Deployment.ID, false), Style: chat.Danger}},
	}, reply.Parts))

	for _, standing := range []chat.Standing{chat.Guest, chat.Foreign} {
		reply, err = ask(chat.Person{ID: "U12GITA", Standing: standing}, inPayments, "")
		require.NoError(t, err)
		for _, refused := range []string{"[Cancel]", "[Redeploy]", "[Destroy]"} {
			require.NotContains(t, reply.Text(nil), refused)
		}
	}
	_, err = ask(chat.Person{}, chat.Place{Kind: chat.Terminal}, "mine")
	require.Error(t, err)
	reply, err = ask(chat.Person{}, chat.Place{Kind: chat.Terminal}, "")
	require.NoError(t, err)
	require.NotContains(t, reply.Text(nil), "Redeploy")
	_, err = ask(personAlice, inPayments, "paymets")
	require.ErrorContains(t, err, `"paymets" is no component and no kind of environment. Did you mean one of these?`)
}
