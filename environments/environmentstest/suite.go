package environmentstest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"bellhop/environments"
)

// now is the suite's present, in whole milliseconds as databases keep it.
var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// Sample is a ready environment of payments.
func Sample(ref string) environments.Environment {
	return environments.Environment{
		Key:       environments.Key{Component: "payments", Kind: "preview", Ref: ref},
		Component: environments.Component{Ref: "component:default/payments", Name: "payments", Title: "Payments", Repository: "acme/payments"},
		State:     environments.Ready,
		Deployment: environments.Deployment{ID: "d-" + ref, RequestID: "r-" + ref, Ref: ref, Commit: environments.Commit{SHA: "4f2c1ab", Subject: "Retry <vouchers> & more"},
			By: environments.Person{ID: "U01ALICE", Name: "Alice"}, TTL: 72 * time.Hour, AskedAt: now},
		Operation: environments.Operation{ID: "d-" + ref, Action: environments.Deploy, Phase: environments.PhaseEnded, Run: environments.Run{ID: 7, Steps: 3}},
		Live:      environments.Commit{SHA: "4f2c1ab"}, URL: "https://x.example", ExpiresAt: now.Add(72 * time.Hour), CreatedAt: now, UpdatedAt: now,
	}
}

// put is a decision that stores e.
func put(e environments.Environment) func(*environments.Environment) (environments.Effects, error) {
	return func(old *environments.Environment) (environments.Effects, error) {
		version := old.Version
		*old = e
		old.Version = version
		return environments.Effects{Save: true, Due: now}, nil
	}
}

// StoreSuite checks what environments.Store promises. open gives an empty store, and a function that tells when the work
// item of an environment is due (zero: not scheduled).
func StoreSuite(t *testing.T, open func(t *testing.T) (store environments.Store, due func(name string) time.Time)) {
	ctx := context.Background()

	t.Run("reads what was written", func(t *testing.T) {
		s, due := open(t)
		e := Sample("feature-x")
		_, err := s.Environment(ctx, e.Name())
		require.ErrorIs(t, err, environments.ErrNotFound)
		first := e
		first.State, first.Operation.Phase = environments.Requested, environments.PhaseRequested
		stored, err := s.Change(ctx, e.Name(), put(first))
		require.NoError(t, err)
		require.EqualValues(t, 1, stored.Version)
		got, err := s.Environment(ctx, e.Name())
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(stored, got))
		require.Empty(t, cmp.Diff(first, got, cmpopts.IgnoreFields(environments.Environment{}, "Version")))
		require.True(t, due(e.Name()).Equal(now), due(e.Name()))
	})

	t.Run("writes nothing on an error, and only what is asked for", func(t *testing.T) {
		s, due := open(t)
		wrong := errors.New("wrong")
		_, err := s.Change(ctx, "a", func(e *environments.Environment) (environments.Effects, error) {
			*e = Sample("a")
			return environments.Effects{Save: true, Due: now, Entries: []environments.Entry{{ID: "1", At: now, Event: environments.EventDeploy}}}, wrong
		})
		require.ErrorIs(t, err, wrong)
		_, err = s.Change(ctx, "a", func(e *environments.Environment) (environments.Effects, error) {
			*e = Sample("a")
			return environments.Effects{Entries: []environments.Entry{{ID: "2", At: now, Event: environments.EventDeploy}}}, nil
		})
		require.NoError(t, err)
		_, err = s.Environment(ctx, "a")
		require.ErrorIs(t, err, environments.ErrNotFound)
		require.True(t, due("a").IsZero())
		history, err := s.History(ctx, environments.HistoryFilter{})
		require.NoError(t, err)
		require.Len(t, history, 1)
		require.Equal(t, "2", history[0].ID)
	})

	t.Run("changes one after the other", func(t *testing.T) {
		s, _ := open(t)
		e := Sample("feature-x")
		e.State = environments.Requested
		var all sync.WaitGroup
		const writers = 12
		errs := make([]error, writers)
		for i := range writers {
			all.Go(func() {
				_, errs[i] = s.Change(ctx, e.Name(), func(old *environments.Environment) (environments.Effects, error) {
					count := old.Operation.Run.Step
					if old.Version == 0 {
						*old = e
						count = 0
					}
					old.Operation.Run.Step = count + 1
					return environments.Effects{Save: true, Entries: []environments.Entry{{ID: fmt.Sprint(i), At: now, Event: environments.EventEnded}}}, nil
				})
			})
		}
		all.Wait()
		require.NoError(t, errors.Join(errs...))
		got, err := s.Environment(ctx, e.Name())
		require.NoError(t, err)
		require.Equal(t, writers, got.Operation.Run.Step)
		require.EqualValues(t, writers, got.Version)
		history, err := s.History(ctx, environments.HistoryFilter{})
		require.NoError(t, err)
		require.Len(t, history, writers)
	})

	t.Run("lists what exists", func(t *testing.T) { listSuite(t, s0(open(t))) })
	t.Run("keeps history", func(t *testing.T) { historySuite(t, s0(open(t))) })
}

func s0(s environments.Store, _ func(string) time.Time) environments.Store { return s }

func listSuite(t *testing.T, s environments.Store) {
	ctx := context.Background()
	bobs, staging, gone, nothing := Sample("feature-y"), Sample(""), Sample("old"), Sample("never-began")
	bobs.Deployment.By = environments.Person{ID: "U02BOB", Name: "Bob"}
	staging.Key.Kind = "staging"
	gone.State = environments.Destroyed
	nothing.State, nothing.Live, nothing.Operation.Run = environments.Failed, environments.Commit{}, environments.Run{}
	other := Sample("feature-x")
	other.Key.Component, other.Component.Ref = "checkout", "component:default/checkout"
	for _, e := range []environments.Environment{bobs, staging, gone, nothing, other, Sample("feature-x")} {
		final := e.State
		e.State = environments.Requested
		for _, state := range []environments.State{environments.Requested, environments.Dispatching, environments.Running, environments.Ready, environments.Destroying} {
			e.State = state
			if final == environments.Failed && state == environments.Ready {
				e.State = final
			}
			_, err := s.Change(ctx, e.Name(), put(e))
			require.NoError(t, err)
			if e.State == final {
				break
			}
		}
		e.State = final
		_, err := s.Change(ctx, e.Name(), put(e))
		require.NoError(t, err)
	}
	for _, tc := range []struct {
		filter environments.Filter
		want   []string
	}{
		{environments.Filter{}, []string{"checkout-preview-feature-x", "payments-preview-feature-x", "payments-preview-feature-y", "payments-staging"}},
		{environments.Filter{Component: "component:default/payments"}, []string{"payments-preview-feature-x", "payments-preview-feature-y", "payments-staging"}},
		{environments.Filter{Kind: "staging"}, []string{"payments-staging"}},
		{environments.Filter{Person: "U02BOB"}, []string{"payments-preview-feature-y"}},
		{environments.Filter{Person: "U09NOBODY"}, nil},
	} {
		list, err := s.List(ctx, tc.filter)
		require.NoError(t, err)
		var names []string
		for _, e := range list {
			names = append(names, e.Name())
		}
		require.Equal(t, tc.want, names, tc.filter)
	}
}

func historySuite(t *testing.T, s environments.Store) {
	ctx := context.Background()
	request := environments.Request{Event: environments.EventDeploy, Standing: "member", Component: "payments", Ref: "<!channel>"}
	world := environments.World{Repository: "acme/payments", Environment: "payments-staging"}
	decision := environments.Decide(request, world, now)
	full := environments.Entry{
		ID: "1", At: now, Event: environments.EventDeploy, Environment: "payments-staging", Deployment: "d1", Component: "component:default/payments", Kind: "staging",
		Person: environments.Person{ID: "U01ALICE", Name: "Alice"}, Channel: "C02PAYMENTS", Outcome: string(decision.Outcome), Code: decision.Code(), SHA: "4f2c1ab",
		RunURL: "https://x.example", Request: &request, World: &world, Decision: &decision,
	}
	require.NoError(t, s.Record(ctx, full))
	require.NoError(t, s.Record(ctx, environments.Entry{ID: "2", At: now.Add(time.Minute), Event: environments.EventEnded, Environment: "payments-staging", Outcome: "ready"}))
	again := full
	again.ID, again.At, again.Environment, again.Kind = "3", now.Add(2*time.Minute), "payments-preview-x", "preview"
	require.NoError(t, s.Record(ctx, again))

	all, err := s.History(ctx, environments.HistoryFilter{})
	require.NoError(t, err)
	require.Len(t, all, 3)
	require.Empty(t, cmp.Diff(full, all[2]))
	for _, tc := range []struct {
		filter environments.HistoryFilter
		want   string
	}{
		{environments.HistoryFilter{}, "321"},
		{environments.HistoryFilter{Limit: 2}, "32"},
		{environments.HistoryFilter{Environment: "payments-staging"}, "21"},
		{environments.HistoryFilter{Component: "component:default/payments"}, "31"},
		{environments.HistoryFilter{Kind: "preview"}, "3"},
		{environments.HistoryFilter{Events: []environments.Event{environments.EventEnded, environments.EventCancel}}, "2"},
		{environments.HistoryFilter{Since: now.Add(time.Minute)}, "32"},
		{environments.HistoryFilter{Before: now.Add(time.Minute)}, "1"},
	} {
		found, err := s.History(ctx, tc.filter)
		require.NoError(t, err)
		ids := ""
		for _, e := range found {
			ids += e.ID
		}
		require.Equal(t, tc.want, ids, tc.filter)
	}
}
