package testruns

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAPartOfAHistoryIsWhatSomeArtifactsReport(t *testing.T) {
	run := func(id int64, state State, jobs ...JobCount) Run {
		r := Run{RunKey: RunKey{ID: id, Attempt: 1}, State: state, Jobs: jobs}
		for _, j := range jobs {
			r.Tests, r.Failed, r.Flaky = r.Tests+j.Tests, r.Failed+j.Failed, r.Flaky+j.Flaky
		}
		return r
	}
	web, api := JobCount{Job: "Web-junit", Tests: 3, Passed: 3, Duration: time.Second}, JobCount{Job: "api/junit", Tests: 5, Passed: 4, Failed: 1}
	h := History{
		Runs: []Run{
			run(1, Red, web, api), run(2, Red, api), run(3, Outside, web), run(4, Unreadable), run(5, NoReport),
			run(6, Retried, JobCount{Job: "web-junit", Tests: 2, Passed: 2, Flaky: 1}), run(7, Green, JobCount{Job: "web-junit", Tests: 2, Skipped: 2}),
			run(8, Outside, web, api),
		},
		Tests:   map[TestID]Test{1: {ID: 1, Job: "Web-junit"}, 2: {ID: 2, Job: "api/junit"}},
		Results: []Result{{Test: 1, Verdict: Flaky}, {Test: 2, Verdict: Failed}},
	}
	states := func(h History) map[int64]State {
		of := map[int64]State{}
		for _, r := range h.Runs {
			of[r.ID] = r.State
		}
		return of
	}
	require.Equal(t, h, h.part(nil))
	ofWeb := h.part([]string{"web-*"})
	require.Equal(t, map[int64]State{1: Green, 3: Outside, 4: Unreadable, 6: Retried, 7: NoReport, 8: Green}, states(ofWeb))
	require.Equal(t, []Result{{Test: 1, Verdict: Flaky}}, ofWeb.Results)
	require.Equal(t, Run{RunKey: RunKey{1, 1}, State: Green, Tests: 3, Passed: 3, Duration: time.Second, Jobs: []JobCount{web, api}}, ofWeb.Runs[0])
	require.Equal(t, map[int64]State{1: Red, 2: Red, 4: Unreadable, 8: Red}, states(h.part([]string{"none", "API/*"})))
	require.Equal(t, map[int64]State{4: Unreadable}, states(h.part([]string{"none"})))
}
