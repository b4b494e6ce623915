package github

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A call lets go of its limit however it ends; go-github leaves the body of a refusal open.
func TestACallHoldsItsLimitNoLongerThanItTakes(t *testing.T) {
	statuses := map[string]int{"there": http.StatusOK, "gone": http.StatusNotFound, "refused": http.StatusUnprocessableEntity}
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(statuses[r.URL.Path[len("/api/v3/repos/acme/"):]])
		_, _ = w.Write([]byte(`{"message":"as it is"}`)) // the client may be gone
	})
	var limits []context.Context
	client := c.newClient("watched", watched{c.base, func(ctx context.Context) { limits = append(limits, ctx) }})
	for name := range statuses {
		_, _, err := client.Repositories.Get(t.Context(), "acme", name)
		require.Equal(t, name == "there", err == nil, "%s: %v", name, err)
	}
	require.Len(t, limits, len(statuses))
	for _, limit := range limits {
		deadline, ok := limit.Deadline()
		require.True(t, ok)
		require.WithinDuration(t, time.Now().Add(callTimeout), deadline, callTimeout/2)
		require.ErrorIs(t, limit.Err(), context.Canceled)
	}
}

// watched tells of the context of every request.
type watched struct {
	next http.RoundTripper
	tell func(context.Context)
}

func (w watched) RoundTrip(r *http.Request) (*http.Response, error) {
	w.tell(r.Context())
	return w.next.RoundTrip(r)
}
