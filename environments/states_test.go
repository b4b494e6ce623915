package environments

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReadings(t *testing.T) {
	for status, want := range map[Status]Reading{
		StatusRequested:  {Running, "is about to start"},
		StatusQueued:     {Running, "waits for a runner"},
		StatusPending:    {Running, "waits for another run to end"},
		StatusWaiting:    {Running, "waits for GitHub's reviewers"},
		StatusInProgress: {Running, ""},
		"dreaming":       {Running, "is dreaming"},
	} {
		require.Equal(t, want, Read(status, ""), status)
	}
	for conclusion, want := range map[Conclusion]State{
		ConclusionSuccess: Ready, ConclusionFailure: Failed, ConclusionCancelled: Cancelled, ConclusionSkipped: Failed, ConclusionTimedOut: Failed,
		ConclusionActionRequired: Failed, ConclusionNeutral: Failed, ConclusionStale: Lost, ConclusionStartupFailure: Failed, "exploded": Failed, "": Failed,
	} {
		require.Equal(t, want, Read(StatusCompleted, conclusion).State, conclusion)
		gone := Read(StatusCompleted, conclusion).destroyed()
		require.Equal(t, want == Ready, gone == Destroyed, conclusion)
	}
}

func TestStatesFollowEachOther(t *testing.T) {
	all := []State{"", Requested, Dispatching, Running, Ready, Failed, Cancelled, Lost, Destroying, Destroyed, DestroyFailed}
	for _, s := range all {
		require.Contains(t, next, s, "every state has a row")
		require.True(t, s.MayBecome(s))
		for _, to := range next[s] {
			require.Contains(t, all, to)
			require.NotEmpty(t, to, "nothing becomes unmade")
		}
		if s.Busy() {
			require.False(t, s != Requested && s != Dispatching && s.MayBecome(Requested), "%s is not begun anew while it is busy", s)
		} else {
			require.True(t, s.MayBecome(Requested))
		}
	}
}

func TestWorkflows(t *testing.T) {
	w, err := ParseWorkflow("acme/platform/deploy-env.yml@main")
	require.NoError(t, err)
	require.Equal(t, Workflow{"acme/platform", "deploy-env.yml", "main"}, w)
	require.Equal(t, "acme/platform/deploy-env.yml@main", w.String())
	w, err = ParseWorkflow("acme/platform/.github/workflows/deploy-env.yaml@release/v1")
	require.NoError(t, err)
	require.Equal(t, Workflow{"acme/platform", "deploy-env.yaml", "release/v1"}, w)
	for _, bad := range []string{"", "acme/platform@main", "deploy-env.yml@main", "acme/platform/deploy-env.yml", "acme/platform/x.sh@main", "a/b/c/d.yml@main"} {
		_, err := ParseWorkflow(bad)
		require.Error(t, err, bad)
	}
	for pattern, allowed := range map[string]bool{
		"acme/platform/*.yml@main": true, "acme/*/deploy-env.yml@*": true, "Acme/Platform/deploy-env.yml@main": true,
		"acme/platform/*.yml@release": false, "acme/*.yml@main": false, "acme/platform/*.yml": false, "*@main": false, "acme/platform/[@main": false,
	} {
		require.Equal(t, allowed, Workflow{"acme/platform", "deploy-env.yml", "main"}.AllowedBy([]string{pattern}), pattern)
	}
	require.False(t, Workflow{"acme/platform", "deploy-env.yml", "main"}.AllowedBy(nil))
	require.NoError(t, CheckPattern("acme/platform/*.yml@main"))
	for _, bad := range []string{"", "acme/platform/*.yml", "acme/[/x@main", "acme/x@main"} {
		require.Error(t, CheckPattern(bad), bad)
	}
}
