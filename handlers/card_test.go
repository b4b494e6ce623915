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

// deployment is Alice's deployment of feature-x, while it runs.
func deployment() environments.Environment {
	by := environments.Person{ID: "U01ALICE", Name: "Alice"}
	return environments.Environment{
		Key: environments.Key{Component: "payments", Kind: "preview", Ref: "feature-x"}, State: environments.Running,
		Deployment: environments.Deployment{ID: "d1", Ref: "feature-x", Commit: heads["feature-x"], By: by, Card: environments.Card{To: chat.Address{Channel: "C02PAYMENTS"}}},
		Operation: environments.Operation{ID: "d1", Action: environments.Deploy, By: by, Phase: environments.PhaseRunning, Run: environments.Run{
			ID: 7, URL: "https://github.example/runs/7", Status: environments.StatusInProgress, Step: 3, Steps: 7, StepName: "build image"}},
		ExpiresAt: time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC),
	}
}

func TestCardHeadlines(t *testing.T) {
	bob := environments.Person{ID: "U02BOB", Name: "Bob"}
	cases := []struct {
		want    string
		buttons string
		alter   func(e *environments.Environment)
	}{
		{"🔵 payments · feature-x → preview · about to start · Alice", "Cancel", func(e *environments.Environment) {
			e.State, e.Operation.Phase, e.Operation.Run = environments.Requested, environments.PhaseRequested, environments.Run{}
		}},
		{"🔵 payments · feature-x → preview · about to start · Alice", "Cancel", func(e *environments.Environment) {
			e.State, e.Operation.Phase, e.Operation.Run = environments.Dispatching, environments.PhaseDispatching, environments.Run{}
		}},
		{"🔵 payments · feature-x → preview · waits for a runner · Alice", "Cancel Logs", func(e *environments.Environment) {
			e.Operation.Run.Status, e.Operation.Run.Steps = environments.StatusQueued, 0
		}},
		{"🔵 payments · feature-x → preview · step 3 of 7, build image · Alice", "Cancel Logs", func(*environments.Environment) {}},
		{"🟡 payments · feature-x → preview · waits for GitHub's reviewers · Review · Alice", "Cancel Logs", func(e *environments.Environment) {
			e.Operation.Run.Status, e.Operation.Run.Steps = environments.StatusWaiting, 0
		}},
		{"🔵 payments · feature-x → preview · is being cancelled by Bob · Alice", "Logs", func(e *environments.Environment) { e.Operation.CancelBy = bob }},
		{"✅ payments · feature-x → preview is up · Open", "Redeploy Destroy Logs", func(e *environments.Environment) { e.State, e.URL = environments.Ready, "https://x.example" }},
		{"✅ payments · feature-x → preview is up", "Redeploy Destroy Logs", func(e *environments.Environment) { e.State = environments.Ready }},
		{`🔴 payments · feature-x → preview failed at "migrate database" · Log`, "Redeploy Destroy Logs", func(e *environments.Environment) {
			e.State, e.Operation.Run.FailedStep = environments.Failed, "migrate database"
		}},
		{"🔴 payments · feature-x → preview ran out of time · Log", "Redeploy Destroy Logs", func(e *environments.Environment) {
			e.State, e.Operation.Failure = environments.Failed, "ran out of time"
		}},
		{"🔴 payments · feature-x → preview failed: GitHub refused", "Redeploy", func(e *environments.Environment) {
			e.State, e.Operation.Failure, e.Operation.Run = environments.Failed, "GitHub refused", environments.Run{}
		}},
		{"⚪ payments · feature-x → preview was cancelled by Bob", "Redeploy Destroy Logs", func(e *environments.Environment) { e.State, e.Operation.CancelBy = environments.Cancelled, bob }},
		{"⚪ payments · feature-x → preview was cancelled", "Redeploy Destroy Logs", func(e *environments.Environment) { e.State = environments.Cancelled }},
		{"⚪ payments · feature-x → preview was cancelled: its time was up before it had ended", "Redeploy Destroy Logs", func(e *environments.Environment) {
			e.State, e.Operation.Overdue = environments.Cancelled, true
		}},
		{"🟠 payments · feature-x → preview is lost: GitHub shows no run of the workflow", "Redeploy Destroy", func(e *environments.Environment) {
			e.State, e.Operation.Run, e.Operation.Failure = environments.Lost, environments.Run{}, "GitHub shows no run of the workflow"
		}},
		{"🔵 payments · feature-x → preview is being destroyed · step 3 of 7, build image · its time is up", "Logs", func(e *environments.Environment) {
			e.State, e.Operation.By = environments.Destroying, environments.Person{}
		}},
		{"⚪ payments · feature-x → preview is gone · destroyed by Bob", "", func(e *environments.Environment) { e.State, e.Operation.By = environments.Destroyed, bob }},
		{"⚪ payments · feature-x → preview is gone · its time was up", "", func(e *environments.Environment) {
			e.State, e.Operation.By = environments.Destroyed, environments.Person{}
		}},
		{`🔴 payments · feature-x → preview could not be destroyed: it failed at "tear down" · Log`, "Redeploy Destroy Logs", func(e *environments.Environment) {
			e.State, e.Operation.Run.FailedStep = environments.DestroyFailed, "tear down"
		}},
	}
	for _, tc := range cases {
		e := deployment()
		tc.alter(&e)
		reply := card(e)
		require.Equal(t, tc.want, reply.Headline.String())
		var labels []string
		for _, b := range cardButtons(e) {
			labels = append(labels, b.Label)
		}
		require.Equal(t, tc.buttons, strings.Join(labels, " "), tc.want)
	}
}

func TestCardWhileItRuns(t *testing.T) {
	want := chat.Reply{
		Headline: chat.Line(chat.Plain("🔵 payments · feature-x → preview"), chat.Plain(" · step 3 of 7, build image"), chat.Plain(" · "), chat.Named{ID: "U01ALICE", Name: "Alice"}),
		Parts: []chat.Part{
			chat.Progress{Done: 2, Total: 7},
			chat.Paragraph{Text: chat.Line(chat.Link{Label: "4f2c1ab", URL: "https://github.example/acme/payments/commit/4f2c1ab"}, chat.Plain(" Retry vouchers"), chat.Plain(" · Alice Moreau"))},
			chat.Context{Text: chat.Line(chat.Plain("Asked by "), chat.Named{ID: "U01ALICE", Name: "Alice"}, chat.Plain(" · "), chat.Code("payments-preview-feature-x"))},
			chat.Buttons{
				{Label: "Cancel", Action: "deploy-env.cancel", Value: "payments-preview-feature-x|d1", Style: chat.Danger},
				{Label: "Logs", URL: "https://github.example/runs/7"},
			},
		},
	}
	require.Empty(t, cmp.Diff(want, card(deployment())))
}

func TestCardsWakeNobody(t *testing.T) {
	e := deployment()
	e.Deployment.Ref, e.Deployment.Because = "<!channel>", "<@U02BOB> look"
	e.Deployment.Commit = heads["<!channel>"]
	for _, part := range card(e).Parts {
		if p, ok := part.(chat.Paragraph); ok {
			for _, span := range p.Text {
				switch span.(type) {
				case chat.Notified, chat.NotifiedGroup:
					t.Fatalf("%#v", span)
				}
			}
		}
	}
}

// outbox remembers what was posted.
type outbox struct {
	Messenger
	id      string
	to      chat.Address
	reply   chat.Reply
	sought  string
	threads bool
}

func (o *outbox) Post(_ context.Context, to chat.Address, r chat.Reply, id string) (chat.MessageRef, error) {
	o.to, o.reply, o.id = to, r, id
	return chat.MessageRef{Channel: to.Channel, TS: "1"}, nil
}

func (o *outbox) Permalink(_ context.Context, ref chat.MessageRef) (string, error) {
	return "https://acme.slack.example/" + ref.Channel + "/" + ref.TS, nil
}

func (o *outbox) Update(_ context.Context, _ chat.MessageRef, r chat.Reply) error {
	o.reply = r
	return nil
}

func (o *outbox) Find(_ context.Context, channel, _ string, _ time.Time) (chat.MessageRef, bool, error) {
	o.sought, o.threads = channel, false
	return chat.MessageRef{}, false, nil
}

func (o *outbox) FindInThread(_ context.Context, _, thread, _ string, _ time.Time) (chat.MessageRef, bool, error) {
	o.sought, o.threads = thread, true
	return chat.MessageRef{}, false, nil
}

func TestCardsArePostedAndSought(t *testing.T) {
	ctx, out, e := context.Background(), &outbox{}, deployment()
	cards := NewCards(out)
	_, err := cards.Post(ctx, e)
	require.NoError(t, err)
	require.Equal(t, "d1", out.id)
	require.Equal(t, chat.Address{Channel: "C02PAYMENTS"}, out.to)
	require.NoError(t, cards.Retire(ctx, e, e.Deployment))
	require.Equal(t, "⚪ payments · feature-x → preview was followed by a later deployment", out.reply.Headline.String())
	for _, part := range out.reply.Parts {
		_, pressable := part.(chat.Buttons)
		require.False(t, pressable)
	}
	earlier := e.Deployment
	earlier.RunURL = "https://github.example/runs/6"
	e.Deployment.Card.Ref = chat.MessageRef{Channel: "C02PAYMENTS", TS: "2"}
	require.NoError(t, cards.Retire(ctx, e, earlier))
	require.Contains(t, out.reply.Headline, chat.Span(chat.Link{Label: "a later deployment", URL: "https://acme.slack.example/C02PAYMENTS/2"}))
	require.Contains(t, out.reply.Parts, chat.Part(chat.Buttons{{Label: "Logs", URL: "https://github.example/runs/6"}}))
	e.Deployment.Card.To = chat.Address{User: "U02BOB"}
	require.NoError(t, cards.Retire(ctx, e, earlier))
	require.NotContains(t, out.reply.Text(nil), "acme.slack.example", "Bob's direct messages are his")
	for want, to := range map[string]chat.Address{"C02PAYMENTS": {Channel: "C02PAYMENTS"}, "7.7": {Channel: "C02PAYMENTS", Thread: "7.7"}, "8.8": {Channel: "D1", Thread: "8.8", User: "U01ALICE"}, "U01ALICE": {User: "U01ALICE"}} {
		d := e.Deployment
		d.Card.To = to
		_, _, err := cards.Find(ctx, d, time.Now())
		require.NoError(t, err)
		require.Equal(t, want, out.sought)
		require.Equal(t, to.Thread != "", out.threads)
	}
}

func TestFingerprintsIgnoreTheClock(t *testing.T) {
	cards, e := NewCards(nil), deployment()
	first := cards.Fingerprint(e)
	e.UpdatedAt, e.Version = time.Now(), 9
	e.Deployment.Card.EditedAt = time.Now()
	require.Equal(t, first, cards.Fingerprint(e))
	e.Operation.Run.Step++
	require.NotEqual(t, first, cards.Fingerprint(e))
}
