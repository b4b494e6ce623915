package handlers

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"bellhop/chat"
	"bellhop/environments"
)

func TestOperationsHearOfWhatGoesOnRunning(t *testing.T) {
	w := &wall{posts: map[string]chat.Reply{}, channels: map[string]string{"platform": "C2"}}
	e := deployment()
	e.State, e.Operation.Run.FailedStep, e.Operation.Tries = environments.DestroyFailed, "tear down", 2
	require.NoError(t, Alarms{w, "#platform"}.NotDestroyed(t.Context(), e))
	told := w.posts["C2 "+e.Operation.ID].Text(nil)
	require.Contains(t, told, `⚠️ payments-preview-feature-x could not be destroyed and may go on running: it failed at "tear down"`)
	require.Contains(t, told, "payments · feature-x → preview · asked for by Alice")
	require.Contains(t, told, "It was tried 3 times.")
	require.Contains(t, told, "[Destroy]")

	require.ErrorContains(t, Alarms{Poster: w}.NotDestroyed(t.Context(), e), "slack.operations")
	w.err = errors.New("channel_not_found")
	require.ErrorIs(t, Alarms{w, "#platform"}.NotDestroyed(t.Context(), e), w.err)
}
