package testruns_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellhop/catalog"
	"bellhop/catalog/catalogtest"
	"bellhop/testruns"
	"bellhop/testruns/testrunstest"
)

func TestSignsOfCI(t *testing.T) {
	store := testrunstest.NewStore()
	at := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	reporter := testruns.NewReporter(store, catalogtest.New(t, ""))
	component := func(slug, artifacts string) catalog.Entity {
		e := catalog.Entity{Ref: catalog.Ref{Kind: "Component", Name: "c"}, Annotations: map[string]string{catalog.AnnotationSlug: slug}}
		if artifacts != "" {
			e.Annotations[catalog.AnnotationArtifacts] = artifacts
		}
		return e
	}
	signs := func(e catalog.Entity) testruns.Signs {
		s, err := reporter.Signs(t.Context(), e)
		require.NoError(t, err)
		return s
	}
	require.Zero(t, signs(catalog.Entity{}), "no repository")
	require.Zero(t, signs(component("acme/payments", "")), "not followed")

	require.NoError(t, store.Follow(t.Context(), []string{"acme/payments"}, at, 0))
	require.Equal(t, testruns.Signs{Follows: true}, signs(component("acme/payments", "")), "not looked at yet")
	require.NoError(t, store.SetFollowed(t.Context(), testruns.Followed{Repo: "acme/payments", Branch: "main"}))
	require.Equal(t, testruns.Signs{Follows: true, Branch: "main"}, signs(component("acme/payments", "")))

	for i, state := range []testruns.State{testruns.Green, testruns.NoReport} {
		in := testrunstest.Attempt(int64(i), 1, at.Add(time.Duration(i)*time.Hour))
		if in.Run.State = state; state == testruns.Green {
			in.Run.Jobs = []testruns.JobCount{{Job: "web-junit", Tests: 3, Passed: 3}}
		}
		require.NoError(t, store.Record(t.Context(), in))
	}
	want := testruns.Signs{Follows: true, Branch: "main", Ran: at.Add(time.Hour), Reported: at}
	require.Equal(t, want, signs(component("Acme/Payments", "")))
	require.Equal(t, want, signs(component("acme/payments", "web-*")))
	want.Reported = time.Time{}
	require.Equal(t, want, signs(component("acme/payments", "api-*")), "the others' reports are not its own")
}
