package testruns_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"bellhop/catalog"
	"bellhop/clock"
	"bellhop/testruns"
	"bellhop/testruns/reports"
	"bellhop/testruns/testrunstest"
	"bellhop/work"
)

// stopped is a clock that shows what the test sets.
type stopped struct{ now time.Time }

func (s *stopped) Now() time.Time { return s.now }

func (s *stopped) Wait(ctx context.Context, t time.Time) error {
	if t.After(s.now) {
		s.now = t
	}
	return ctx.Err()
}

var _ clock.Clock = (*stopped)(nil)

type repos []string

func (r repos) Repositories(context.Context) ([]string, error) { return r, nil }

func (r repos) ByRepository(context.Context, string) ([]catalog.Entity, error) { return nil, nil }

const repo = "acme/payments"

// world is a collector over ports in memory.
type world struct {
	t         *testing.T
	store     *testrunstest.Store
	actions   *testrunstest.Actions
	clock     *stopped
	collector *testruns.Collector
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, store: testrunstest.NewStore(), actions: testrunstest.NewActions(), clock: &stopped{noon}}
	limits := reports.DefaultLimits()
	limits.Archive = 1 << 20
	w.collector = testruns.NewCollector(w.store, w.actions, repos{repo}, w.clock, testruns.CollectorOptions{Limits: limits})
	require.NoError(t, w.collector.Sync(t.Context()))
	return w
}

// look lets the collector step until it waits for its next minute.
func (w *world) look() {
	w.t.Helper()
	for range 100 {
		next, err := w.collector.Step(w.t.Context(), work.Item{ID: repo})
		require.NoError(w.t, err)
		if next.After(w.clock.now) {
			return
		}
	}
	w.t.Fatal("the collector does not come to rest")
}

func run(id int64, attempt int, at time.Time, conclusion string) testruns.Run {
	return testruns.Run{RunKey: testruns.RunKey{ID: id, Attempt: attempt}, Repo: repo, Workflow: "ci.yml", Branch: "main",
		Commit: fmt.Sprintf("%040d", id), Conclusion: conclusion, Started: at.Add(-5 * time.Minute), Completed: at}
}

const (
	good = `<testsuite><testcase name="a"/><testcase name="b"/></testsuite>`
	bad  = `<testsuite><testcase name="a"><failure message="no"/></testcase><testcase name="b"/></testsuite>`
	wavy = `<testsuite><testcase name="a"><flakyFailure/></testcase><testcase name="b"/></testsuite>`
)

func zipped(t *testing.T, name, content string) string {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.Create(name)
	require.NoError(t, err)
	_, err = io.WriteString(f, content)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.String()
}

func TestEachAttemptBecomesWhatItSays(t *testing.T) {
	for name, test := range map[string]struct {
		conclusion string
		artifacts  []string
		want       testruns.State
		problem    string
	}{
		"green":                     {"success", []string{"junit", good}, testruns.Green, ""},
		"green, in a zip":           {"success", []string{"unit-test-results-4711234", zipped(t, "x.xml", good)}, testruns.Green, ""},
		"red":                       {"failure", []string{"junit", bad}, testruns.Red, ""},
		"red that was let pass":     {"success", []string{"junit", bad}, testruns.Red, ""},
		"after a retry":             {"success", []string{"junit", wavy}, testruns.Retried, ""},
		"failed outside":            {"failure", []string{"junit", good}, testruns.Outside, ""},
		"cancelled":                 {"cancelled", []string{"junit", bad}, testruns.Cancelled, ""},
		"no artifact":               {"failure", nil, testruns.NoReport, ""},
		"none that matches":         {"success", []string{"coverage", good}, testruns.NoReport, ""},
		"an empty report":           {"success", []string{"junit", "<testsuites/>"}, testruns.NoReport, ""},
		"all skipped":               {"success", []string{"junit", `<testsuite><testcase name="a"><skipped/></testcase></testsuite>`}, testruns.NoReport, ""},
		"no report in it":           {"success", []string{"junit", "Tests: 5, all good"}, testruns.Unreadable, `junit is neither XML nor JSON: it begins with "Tests: 5, all good"`},
		"one good, one bad":         {"success", []string{"junit-a", good, "junit-b", "x"}, testruns.Unreadable, "junit-b is neither XML nor JSON"},
		"cut off":                   {"success", []string{"junit", good[:40]}, testruns.Unreadable, "junit ends early"},
		"cut off, with a failure":   {"failure", []string{"junit", bad[:70]}, testruns.Red, "junit ends early"},
		"too large":                 {"success", []string{"junit", string(make([]byte, 2<<20))}, testruns.Unreadable, "junit has 2 MB; more than 1 MB are not downloaded"},
		"names in different letter": {"success", []string{"JUnit-Linux", good}, testruns.Green, ""},
		"a nested zip":              {"success", []string{"junit", zipped(t, "a.zip", zipped(t, "x.xml", good))}, testruns.Unreadable, "in another zip"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.actions.Add(run(1, 1, noon.Add(-time.Hour), test.conclusion), test.artifacts...)
			w.look()
			in, ok := w.store.Recorded(repo)[testruns.RunKey{ID: 1, Attempt: 1}]
			require.True(t, ok)
			require.Equal(t, test.want, in.Run.State)
			require.Equal(t, noon, in.Run.Recorded)
			if test.problem == "" {
				require.Empty(t, in.Run.Problems)
			} else {
				require.Len(t, in.Run.Problems, 1)
				require.Contains(t, in.Run.Problems[0], test.problem)
			}
		})
	}
}

func TestExpiredArtifacts(t *testing.T) {
	w := newWorld(t)
	w.actions.Add(run(1, 1, noon.Add(-time.Hour), "success"), "junit", good)
	w.actions.Change(1, func(a []testruns.Artifact) []testruns.Artifact { a[0].Expired = true; return a })
	w.actions.Add(run(2, 1, noon.Add(-time.Hour), "success"), "junit", good)
	w.actions.Lose(2)
	w.look()
	for id := range int64(2) {
		require.Equal(t, testruns.Gone, w.store.Recorded(repo)[testruns.RunKey{ID: id + 1, Attempt: 1}].Run.State)
	}
}

func TestAttemptsGetTheArtifactsOfTheirTime(t *testing.T) {
	w := newWorld(t)
	w.actions.Add(run(1, 1, noon.Add(-2*time.Hour), "failure"), "junit", bad)
	w.actions.Add(run(1, 2, noon.Add(-time.Hour), "success"), "junit", good)
	w.look()
	kept := w.store.Recorded(repo)
	require.Equal(t, testruns.Red, kept[testruns.RunKey{ID: 1, Attempt: 1}].Run.State)
	require.Equal(t, testruns.Green, kept[testruns.RunKey{ID: 1, Attempt: 2}].Run.State)
	h, err := w.store.History(t.Context(), repo, "main", noon.Add(-24*time.Hour))
	require.NoError(t, err)
	require.Equal(t, "once a 1/1, 1/1", verdict(testruns.Judge(h, testruns.Period{Since: noon.Add(-24 * time.Hour), Until: noon})))
}

func TestTheSameNamesAreKeptApart(t *testing.T) {
	w := newWorld(t)
	two := `<testsuites><testsuite name="a.spec" hostname="chromium"><testcase name="x"/></testsuite><testsuite name="a.spec" hostname="firefox"><testcase name="x"><failure/></testcase></testsuite></testsuites>`
	w.actions.Add(run(1, 1, noon.Add(-time.Hour), "failure"), "junit-1234567", two, "junit-b", `<testsuite><testcase name="x"/><testcase name="x"/></testsuite>`)
	w.actions.Add(run(2, 1, noon.Add(-time.Minute), "failure"), "junit-7654321", two, "junit-b", `<testsuite><testcase name="x"/><testcase name="x"/></testsuite>`)
	w.look()
	one, other := w.store.Recorded(repo)[testruns.RunKey{ID: 1, Attempt: 1}], w.store.Recorded(repo)[testruns.RunKey{ID: 2, Attempt: 1}]
	require.Len(t, one.Set, 4)
	require.Empty(t, cmp.Diff(one.Set, other.Set), "and are the same from run to run")
	require.Equal(t, "a.spec [firefox]", one.Tests[0].Suite)
	require.Equal(t, "junit-#", one.Tests[0].Job)
}

func TestALookThatFindsNothingNewCostsOneRequest(t *testing.T) {
	w := newWorld(t)
	for id := range int64(25) {
		w.actions.Add(run(id+1, 1, noon.Add(-time.Duration(id)*time.Minute), "success"), "junit", good)
	}
	w.look()
	require.Len(t, w.store.Recorded(repo), 25)
	asked := w.actions.Calls("runs")
	w.clock.now = w.clock.now.Add(time.Minute)
	w.look()
	w.look()
	require.Equal(t, asked, w.actions.Calls("runs"))
	require.Equal(t, 2, w.actions.Calls("unchanged"))
	require.Equal(t, 25, w.actions.Calls("artifacts"))
	require.Equal(t, 1, w.actions.Calls("branch"))
}

func TestRunsOfBeforeTheBacklogAreLeft(t *testing.T) {
	w := newWorld(t)
	w.actions.Add(run(1, 1, noon.Add(-15*24*time.Hour), "success"), "junit", good)
	w.actions.Add(run(2, 1, noon.Add(-13*24*time.Hour), "success"), "junit", good)
	w.look()
	require.Len(t, w.store.Recorded(repo), 1)
}

func TestTroubleEndsInTheSameResults(t *testing.T) {
	quiet, rough := newWorld(t), newWorld(t)
	for _, w := range []*world{quiet, rough} {
		for id := int64(1); id <= 60; id++ {
			at := noon.Add(-time.Duration(90-id) * time.Hour)
			w.actions.Add(run(id, 1, at, "failure"), "junit", []string{good, bad, wavy}[id%3])
			if id%7 == 0 {
				w.actions.Add(run(id, 2, at.Add(30*time.Minute), "success"), "junit", good)
			}
		}
	}
	quiet.look()
	n := 0
	rough.actions.Fault = func(string) error {
		if n++; n%13 == 0 {
			return fmt.Errorf("GitHub answers 500")
		}
		if n%29 == 0 {
			return pauseUntil(rough.clock.now.Add(time.Minute))
		}
		return nil
	}
	for range 400 { // the process dies now and then: every step begins with what the store has
		ctx, cancel := context.WithCancel(t.Context())
		next, err := rough.collector.Step(ctx, work.Item{ID: repo})
		cancel()
		if err != nil {
			next = rough.clock.now.Add(time.Second)
		}
		rough.clock.now = next
		if f, _, err := rough.store.Followed(t.Context(), repo); err == nil && f.Waiting == 0 && !f.Complete.IsZero() {
			break
		}
	}
	want, got := quiet.store.Recorded(repo), rough.store.Recorded(repo)
	require.Len(t, got, len(want))
	for key, in := range got {
		in.Run.Recorded = want[key].Run.Recorded
		require.Empty(t, cmp.Diff(want[key], in))
	}
}

// pauseUntil is an error that asks for a pause.
type pauseUntil time.Time

func (p pauseUntil) Error() string      { return "a limit" }
func (p pauseUntil) RetryAt() time.Time { return time.Time(p) }

func TestALimitIsWaitedFor(t *testing.T) {
	w := newWorld(t)
	w.actions.Fault = func(string) error { return fmt.Errorf("list: %w", pauseUntil(noon.Add(17*time.Minute))) }
	next, err := w.collector.Step(t.Context(), work.Item{ID: repo})
	require.NoError(t, err)
	require.Equal(t, noon.Add(17*time.Minute), next)
}

func TestARunThatCannotBeReadHoldsNoneBackAndIsToldInTheEnd(t *testing.T) {
	w := newWorld(t)
	w.actions.Add(run(1, 1, noon.Add(-time.Hour), "success"), "junit", good)
	w.actions.Add(run(2, 1, noon.Add(-2*time.Hour), "success"), "junit", good)
	first := true
	w.actions.Fault = func(call string) error {
		if call == "download" && first {
			first = false
			return errors.New("storage answered 500")
		}
		return nil
	}
	_, err := w.collector.Step(t.Context(), work.Item{ID: repo})
	require.ErrorContains(t, err, "storage answered 500")
	require.Len(t, w.store.Recorded(repo), 1)

	w.clock.now = noon.Add(25 * time.Hour)
	w.actions.Fault = func(call string) error {
		if call == "download" {
			return errors.New("storage answered 500")
		}
		return nil
	}
	w.look()
	kept := w.store.Recorded(repo)[testruns.RunKey{ID: 1, Attempt: 1}].Run
	require.Equal(t, testruns.Unreadable, kept.State)
	require.Contains(t, kept.Problems[0], "could not be read from GitHub")
}

func TestARepositoryThatIsNotThere(t *testing.T) {
	w := newWorld(t)
	next, err := w.collector.Step(t.Context(), work.Item{ID: repo})
	require.NoError(t, err)
	require.Equal(t, noon.Add(10*time.Minute), next)
	f, _, err := w.store.Followed(t.Context(), repo)
	require.NoError(t, err)
	require.Contains(t, f.Problem, "no such repository")
	w.actions.Add(run(1, 1, noon.Add(-time.Hour), "success"), "junit", good)
	w.look()
	f, _, err = w.store.Followed(t.Context(), repo)
	require.NoError(t, err)
	require.Empty(t, f.Problem)
}

func TestWhatIsNotFollowedIsNotLookedAt(t *testing.T) {
	w := newWorld(t)
	next, err := w.collector.Step(t.Context(), work.Item{ID: "acme/other"})
	require.NoError(t, err)
	require.True(t, next.IsZero())
}

// The backlog of all repositories together leaves GitHub's hourly limit to others.
func TestTheBacklogIsBounded(t *testing.T) {
	w := newWorld(t)
	w.collector = testruns.NewCollector(w.store, w.actions, repos{repo}, w.clock, testruns.CollectorOptions{OldPerHour: 10})
	for id := int64(1); id <= 40; id++ {
		w.actions.Add(run(id, 1, noon.Add(-time.Duration(80-id)*time.Hour), "success"), "junit", good)
	}
	w.look()
	first := len(w.store.Recorded(repo))
	require.Equal(t, 16, first, "what the first look may take")
	require.Contains(t, w.store.Recorded(repo), testruns.RunKey{ID: 40, Attempt: 1}, "the newest first")
	w.actions.Add(run(41, 1, noon.Add(-time.Minute), "success"), "junit", good)
	w.clock.now = noon.Add(time.Minute)
	w.look()
	require.Contains(t, w.store.Recorded(repo), testruns.RunKey{ID: 41, Attempt: 1}, "new runs do not wait")
	for range 200 {
		w.clock.now = w.clock.now.Add(time.Minute)
		w.look()
	}
	require.Len(t, w.store.Recorded(repo), 41)
}

// A report of very many cases, all failing, takes little room: counts are right, and of the failures the first are kept.
func TestManyFailuresAreCountedAndSomeKept(t *testing.T) {
	w := newWorld(t)
	var b bytes.Buffer
	b.WriteString("<testsuite>")
	for i := range 6000 {
		fmt.Fprintf(&b, `<testcase name="case %d"><failure message="no"/></testcase>`, i)
	}
	b.WriteString("</testsuite>")
	w.actions.Add(run(1, 1, noon.Add(-time.Hour), "failure"), "junit", b.String())
	w.look()
	in := w.store.Recorded(repo)[testruns.RunKey{ID: 1, Attempt: 1}]
	require.Equal(t, 6000, in.Run.Failed)
	require.Len(t, in.Set, 6000)
	require.Len(t, in.Results, 5000)
}

func TestSecretsAreMaskedBeforeTheyAreKept(t *testing.T) {
	w := newWorld(t)
	long := strings.Repeat("x ", 280) // what is kept ends in the midst of the password
	w.actions.Add(run(1, 1, noon.Add(-time.Hour), "failure"), "junit", `<testsuite>
		<testcase name="a"><failure message="dial postgres://app:hunter2@db:5432"/></testcase>
		<testcase name="b"><error>key -----BEGIN PRIVATE KEY-----
			MIIEhunter2
			-----END PRIVATE KEY----- was refused</error></testcase>
		<testcase name="c"><failure message="`+long+`{&quot;password&quot;:&quot;hunter2 hunter2 hunter2&quot;}"/></testcase></testsuite>`)
	w.actions.Add(run(2, 1, noon.Add(-time.Hour), "failure"), "junit", "password=hunter2")
	w.look()
	kept := w.store.Recorded(repo)
	require.NotContains(t, fmt.Sprint(kept), "hunter")
	of := map[string]string{}
	for _, r := range kept[testruns.RunKey{ID: 1, Attempt: 1}].Results {
		of[r.Message] = r.Signature
	}
	require.Equal(t, "dial postgres://app:[masked]@db:<n>", of["dial postgres://app:[masked]@db:5432"])
	require.Contains(t, of, "key [masked private key] was refused")
	require.Contains(t, kept[testruns.RunKey{ID: 2, Attempt: 1}].Run.Problems[0], `it begins with "password=[masked]"`)
}

// BenchmarkTakeIn tells how many results a second are read and sorted, without a database.
func BenchmarkTakeIn(b *testing.B) {
	var text bytes.Buffer
	text.WriteString("<testsuite>")
	for i := range 2000 {
		fmt.Fprintf(&text, `<testcase classname="com.acme.VoucherTest" name="case number %d" time="0.012"></testcase>`, i)
	}
	text.WriteString("</testsuite>")
	store, actions := testrunstest.NewStore(), testrunstest.NewActions()
	c := testruns.NewCollector(store, actions, repos{repo}, &stopped{noon}, testruns.CollectorOptions{})
	if err := c.Sync(b.Context()); err != nil {
		b.Fatal(err)
	}
	actions.Add(run(1, 1, noon.Add(-time.Hour), "success"), "junit", text.String())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.ReadRun(b.Context(), repo, 1); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(2000*float64(b.N)/b.Elapsed().Seconds(), "results/s")
}

// described is a repository whose components name artifacts of their own.
type described struct{ repos }

func (described) ByRepository(_ context.Context, slug string) ([]catalog.Entity, error) {
	return []catalog.Entity{
		{Annotations: map[string]string{catalog.AnnotationSlug: slug, catalog.AnnotationArtifacts: "web-*, [bad"}},
		{Annotations: map[string]string{catalog.AnnotationSlug: slug, catalog.AnnotationArtifacts: "api/*"}},
	}, nil
}

func TestComponentsNameArtifactsOfTheirOwn(t *testing.T) {
	w := newWorld(t)
	w.collector = testruns.NewCollector(w.store, w.actions, described{repos{repo}}, w.clock, testruns.CollectorOptions{})
	w.actions.Add(run(1, 1, noon.Add(-time.Hour), "success"), "junit", good, "web-reports", good, "api/reports", good, "docs", good)
	w.look()
	in, ok := w.store.Recorded(repo)[testruns.RunKey{ID: 1, Attempt: 1}]
	require.True(t, ok)
	var jobs []string
	for _, j := range in.Run.Jobs {
		jobs = append(jobs, j.Job)
		require.Equal(t, in.Run.Tests, 3*j.Tests)
	}
	require.ElementsMatch(t, []string{"junit", "web-reports", "api/reports"}, jobs)
}
