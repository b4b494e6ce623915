package environments

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// good is a request that is allowed in its world; cases spoil one thing each.
func good(e Event) (Request, World) {
	preview := Kind{Name: "preview", Preset: Preview}
	r := Request{Event: e, Standing: "member", Component: "payments", Kind: "preview", Ref: "feature-x", SHA: "4f2c1ab", Deployment: "d1"}
	w := World{Repository: "acme/payments", Workflow: "acme/platform/deploy-env.yml@main", Kind: &preview, RefFound: true,
		Environment: "payments-preview-feature-x", State: Ready, Exists: true, Mine: true, Deployment: "d1"}
	switch e {
	case EventDeploy:
		r.Deployment, w.State, w.Exists, w.Mine, w.Deployment = "", "", false, false, ""
	case EventCancel:
		w.State = Running
	}
	return r, w
}

func TestDecide(t *testing.T) {
	deploy, redeploy, cancel, destroy := EventDeploy, EventRedeploy, EventCancel, EventDestroy
	all := []Event{deploy, redeploy, cancel, destroy}
	cases := []struct {
		name   string
		events []Event
		spoil  func(r *Request, w *World)
		want   Outcome
		code   Code
	}{
		{"good", all, func(*Request, *World) {}, Allowed, CodeOK},
		{"read only", all, func(_ *Request, w *World) { w.ReadOnly = true }, No, CodeReadOnly},
		{"guest", all, func(r *Request, _ *World) { r.Standing = "guest" }, No, CodeNotPermitted},
		{"foreign", all, func(r *Request, _ *World) { r.Standing = "foreign" }, No, CodeNotPermitted},
		{"bot", all, func(r *Request, _ *World) { r.Standing = "bot" }, No, CodeNotPermitted},
		{"deactivated", all, func(r *Request, _ *World) { r.Standing = "deactivated" }, No, CodeNotPermitted},
		{"unknown standing", all, func(r *Request, _ *World) { r.Standing = "" }, No, CodeNotPermitted},
		{"no repository", []Event{deploy, redeploy}, func(_ *Request, w *World) { w.Repository = "" }, No, CodeNotDeployable},
		{"library", []Event{deploy, redeploy}, func(_ *Request, w *World) { w.Repository, w.Library = "", true }, No, CodeNotDeployable},
		{"no kind", []Event{deploy, redeploy}, func(_ *Request, w *World) { w.Kind = nil }, No, CodeKindUnknown},
		{"no workflow", []Event{deploy, redeploy}, func(_ *Request, w *World) { w.Workflow = "" }, No, CodeWorkflowMissing},
		{"workflow not allowed", []Event{deploy, redeploy}, func(_ *Request, w *World) { w.WorkflowRefused = "x/y/z.yml@main" }, No, CodeWorkflowNotAllowed},
		{"no ref", []Event{deploy, redeploy}, func(_ *Request, w *World) { w.RefFound = false }, No, CodeRefUnknown},
		{"fork", []Event{deploy, redeploy}, func(_ *Request, w *World) { w.Fork = "evil/payments" }, No, CodeFork},
		{"too long", []Event{deploy}, func(r *Request, _ *World) { r.For = 31 * 24 * time.Hour }, No, CodeLifetime},
		{"until too late", []Event{deploy}, func(r *Request, _ *World) { r.Until = noon.Add(31 * 24 * time.Hour) }, No, CodeLifetime},
		{"a while only, shared", []Event{deploy}, func(r *Request, w *World) { r.For, w.Kind = time.Hour, &Kind{Name: "staging", Preset: Shared} }, No, CodeLifetime},
		{"a while", []Event{deploy}, func(r *Request, _ *World) { r.For = 48 * time.Hour }, Allowed, CodeOK},
		{"name taken", []Event{deploy, redeploy}, func(_ *Request, w *World) { w.NameTaken = true }, No, CodeNameTaken},
		{"busy", []Event{deploy, redeploy, destroy}, func(_ *Request, w *World) { w.State, w.Exists = Running, true }, No, CodeInProgress},
		{"being destroyed", []Event{deploy, redeploy, destroy}, func(_ *Request, w *World) { w.State, w.Exists = Destroying, true }, No, CodeInProgress},
		{"lost can be begun anew", []Event{deploy, redeploy, destroy}, func(_ *Request, w *World) { w.State, w.Exists = Lost, true }, Allowed, CodeOK},
		{"stale", []Event{redeploy, cancel, destroy}, func(_ *Request, w *World) { w.Deployment = "d2" }, No, CodeStale},
		{"no such environment", []Event{redeploy, cancel, destroy}, func(_ *Request, w *World) { w.State, w.Deployment, w.Exists = "", "", false }, No, CodeNothingThere},
		{"gone", []Event{destroy}, func(_ *Request, w *World) { w.State, w.Exists = Destroyed, false }, No, CodeNothingThere},
		{"nothing to cancel", []Event{cancel}, func(_ *Request, w *World) { w.State = Ready }, No, CodeNothingRuns},
		{"destroying cannot be cancelled", []Event{cancel}, func(_ *Request, w *World) { w.State = Destroying }, No, CodeNothingRuns},
		{"cancelled already", []Event{cancel}, func(_ *Request, w *World) { w.Cancelling = true }, No, CodeCancelling},
		{"somebody else's", []Event{redeploy, cancel, destroy}, func(_ *Request, w *World) { w.Mine = false }, Confirm, CodeNotMine},
		{"somebody else's, meant", []Event{redeploy, cancel, destroy}, func(r *Request, w *World) { w.Mine, r.Confirmed = false, true }, Allowed, CodeOK},
		{"somebody else's, but guest", []Event{redeploy, cancel, destroy}, func(r *Request, w *World) { w.Mine, r.Standing = false, "guest" }, No, CodeNotPermitted},
	}
	for _, tc := range cases {
		for _, e := range tc.events {
			r, w := good(e)
			tc.spoil(&r, &w)
			d := Decide(r, w, noon)
			require.Equal(t, tc.want, d.Outcome, "%s: %s", e, tc.name)
			require.Equal(t, tc.code, d.Code(), "%s: %s", e, tc.name)
			require.Equal(t, d.Outcome == Allowed, d.Reason() == "", "%s: %s: %q", e, tc.name, d.Reason())
		}
	}
	r, w := good("dance")
	require.Equal(t, No, Decide(r, w, noon).Outcome)
}

// drawAsk is any request in any world.
func drawAsk(t *rapid.T) (Request, World) {
	r, w := good(rapid.SampledFrom([]Event{EventDeploy, EventRedeploy, EventCancel, EventDestroy, EventOther}).Draw(t, "event"))
	r.Standing = rapid.SampledFrom([]Standing{"member", "guest", "foreign", "bot", "deactivated"}).Draw(t, "standing")
	r.Confirmed = rapid.Bool().Draw(t, "confirmed")
	r.For = time.Duration(rapid.Int64Range(0, int64(60*24*time.Hour)).Draw(t, "for"))
	w.ReadOnly = rapid.Bool().Draw(t, "read only")
	w.State = rapid.SampledFrom([]State{"", Requested, Dispatching, Running, Ready, Failed, Cancelled, Lost, Destroying, Destroyed, DestroyFailed}).Draw(t, "state")
	w.Exists, w.Mine, w.RefFound = rapid.Bool().Draw(t, "exists"), rapid.Bool().Draw(t, "mine"), rapid.Bool().Draw(t, "ref")
	w.Deployment = rapid.SampledFrom([]string{"", "d1", "d2"}).Draw(t, "deployment")
	if rapid.Bool().Draw(t, "no kind") {
		w.Kind = nil
	}
	return r, w
}

func TestDecisionsHoldTogether(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, w := drawAsk(t)
		d := Decide(r, w, noon)
		for _, g := range d.Gates {
			if g.Result == Fail && d.Outcome != No {
				t.Fatalf("allowed with a failed gate: %+v", d)
			}
			if g.Result != Pass && (g.Reason == "" || g.Code == CodeOK) {
				t.Fatalf("a gate without a reason: %+v", g)
			}
		}
		if d.Outcome == Allowed && (r.Standing != "member" || w.ReadOnly) {
			t.Fatalf("%s may change something: %+v", r.Standing, d)
		}
		if busy := w.State.Busy(); d.Outcome == Allowed && busy && r.Event != EventCancel {
			t.Fatalf("%s allowed while %s", r.Event, w.State)
		}
		// What the audit keeps gives the same decision again.
		var kept struct {
			Request Request
			World   World
		}
		text, err := json.Marshal(struct {
			Request Request
			World   World
		}{r, w})
		if err == nil {
			err = json.Unmarshal(text, &kept)
		}
		if err != nil {
			t.Fatal(err)
		}
		again, err := json.Marshal(Decide(kept.Request, kept.World, noon))
		if err != nil {
			t.Fatal(err)
		}
		first, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		if string(first) != string(again) {
			t.Fatalf("%s\n%s", first, again)
		}
	})
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{72 * time.Hour: "3 days", 24 * time.Hour: "24 hours", 36 * time.Hour: "36 hours", time.Hour: "1 hour",
		90 * time.Minute: "90 minutes", 30 * 24 * time.Hour: "30 days"} {
		require.Equal(t, want, Span(d))
	}
}
