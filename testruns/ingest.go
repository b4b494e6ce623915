package testruns

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"bellhop/testruns/reports"
)

const (
	// maxResults bounds the failing tests kept of one attempt; the counts stay right past it.
	maxResults = 5000
	// maxMessage bounds what is kept of a failure's message, in bytes.
	maxMessage = 600
)

// ingest turns an attempt and its artifacts into what is kept. Trouble with a report is the run's state and problems,
// not an error: errors are those of getting at it, and are worth another try.
func (c *Collector) ingest(ctx context.Context, run Run, artifacts []Artifact) (Ingested, error) {
	g := newGathering(run)
	matched := 0
	for _, a := range artifacts {
		if !c.wanted(a.Name) {
			continue
		}
		matched++
		if err := c.gather(ctx, g, a); err != nil {
			return Ingested{}, err
		}
	}
	return g.done(matched), nil
}

// wanted tells whether an artifact's name matches the configured globs, whatever its case.
func (c *Collector) wanted(name string) bool {
	name = strings.ReplaceAll(strings.ToLower(name), "/", "-") // path.Match takes no slash for a star
	for _, glob := range c.options.Artifacts {
		if ok, err := path.Match(strings.ToLower(glob), name); err == nil && ok {
			return true
		}
	}
	return false
}

// gather reads one artifact into g.
func (c *Collector) gather(ctx context.Context, g *gathering, a Artifact) error {
	switch {
	case a.Expired:
		g.gone++
		g.problem(a.Name, "has expired")
		return nil
	case a.Size > c.options.Limits.Archive:
		g.bad++
		g.problem(a.Name, fmt.Sprintf("has %d MB; more than %d MB are not downloaded", a.Size>>20, c.options.Limits.Archive>>20))
		return nil
	}
	var (
		report reports.Report
		bad    *reports.Error
		cases  []reports.Case
	)
	err := c.actions.Download(ctx, g.run.Repo, a.ID, func(r io.Reader) (err error) {
		cases = nil // a second try begins anew
		report, err = reports.Each(ctx, r, c.options.Limits, func(k reports.Case) { cases = append(cases, k) })
		return err
	})
	switch {
	case errors.Is(err, ErrGone), errors.Is(err, ErrNotFound):
		g.gone++
		g.problem(a.Name, "has expired")
	case errors.As(err, &bad):
		g.bad++
		g.problem(a.Name, bad.Text)
	case err != nil:
		return fmt.Errorf("read artifact %q: %w", a.Name, err)
	default:
		g.take(jobOf(a.Name), report, cases)
		for _, p := range report.Problems {
			g.problem(a.Name, p)
		}
	}
	return nil
}

// changing is the part of an artifact's name that differs from run to run: long numbers and commits.
var changing = regexp.MustCompile(`[0-9]{5,}|\b[0-9a-f]{7,40}\b`)

func jobOf(artifact string) string {
	return changing.ReplaceAllStringFunc(artifact, func(s string) string {
		if strings.ContainsAny(s, "0123456789") {
			return "#"
		}
		return s // a word that happens to be spelt with a to f
	})
}

// gathering is an attempt while its artifacts are being read.
type gathering struct {
	run       Run
	gone, bad int
	reports   int
	partial   bool
	seen      map[TestID]int // how often a name was met
	executed  []TestID
	results   []Result
	tests     map[TestID]Test
}

func newGathering(run Run) *gathering {
	return &gathering{run: run, seen: map[TestID]int{}, tests: map[TestID]Test{}}
}

func (g *gathering) problem(artifact, text string) {
	const most = 12
	if len(g.run.Problems) < most {
		g.run.Problems = append(g.run.Problems, ShortenMiddle(artifact, 60)+" "+text)
	}
}

// take adds a report's cases. Suites of one name on several hosts (Playwright's projects) are told apart by the host.
func (g *gathering) take(job string, report reports.Report, cases []reports.Case) {
	g.reports += report.Reports
	g.partial = g.partial || report.Partial
	g.run.Tests += report.Tests
	g.run.Passed += report.Passed
	g.run.Failed += report.Failed
	g.run.Errors += report.Errors
	g.run.Skipped += report.Skipped
	g.run.Flaky += report.Flaky
	g.run.Duration += report.Duration
	hosts := severalHosts(cases)
	for _, k := range cases {
		if k.Outcome == reports.Skipped {
			continue
		}
		t := Test{Workflow: g.run.Workflow, Job: job, File: k.File, Suite: k.Suite, Class: k.Class, Name: k.Name}
		if hosts[k.Suite] {
			t.Suite += " [" + k.Host + "]"
		}
		t.identify()
		if t.Nth = g.seen[t.ID]; t.Nth > 0 {
			g.seen[t.ID]++
			t.identify()
		} else {
			g.seen[t.ID] = 1
		}
		g.executed = append(g.executed, t.ID)
		g.judge(t, k)
	}
}

// judge keeps what is no plain pass.
func (g *gathering) judge(t Test, k reports.Case) {
	r := Result{Run: g.run.RunKey, Test: t.ID, Duration: k.Duration.Round(time.Millisecond), Message: firstLines(k.Message)}
	switch {
	case k.Outcome == reports.Failed:
		r.Verdict = Failed
	case k.Outcome == reports.Errored:
		r.Verdict = Errored
	case k.Flaky:
		r.Verdict = Flaky
	default:
		return
	}
	if len(g.results) < maxResults {
		g.results = append(g.results, r)
		g.tests[t.ID] = t
	}
}

// severalHosts are the suites that appear under more than one hostname.
func severalHosts(cases []reports.Case) map[string]bool {
	first, several := map[string]string{}, map[string]bool{}
	for _, k := range cases {
		if host, ok := first[k.Suite]; !ok {
			first[k.Suite] = k.Host
		} else if host != k.Host {
			several[k.Suite] = true
		}
	}
	return several
}

// done concludes what the attempt amounts to.
func (g *gathering) done(matched int) Ingested {
	g.run.State = g.state(matched)
	in := Ingested{Run: g.run, Results: g.results}
	for _, t := range g.tests {
		in.Tests = append(in.Tests, t)
	}
	slices.SortFunc(in.Tests, func(a, b Test) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(in.Results, func(a, b Result) int { return cmp.Compare(a.Test, b.Test) })
	slices.Sort(g.executed)
	in.Set = slices.Compact(g.executed)
	in.Run.Executed = setID(in.Set)
	return in
}

func (g *gathering) state(matched int) State {
	stopped := g.run.Conclusion == "cancelled" || g.run.Conclusion == "skipped"
	executed := g.run.Tests - g.run.Skipped
	switch {
	case g.run.Failed+g.run.Errors > 0 && !stopped:
		return Red
	case stopped:
		return Cancelled
	case g.bad > 0 || g.partial:
		return Unreadable
	case g.gone > 0:
		return Gone
	case g.reports == 0 && matched == 0, executed == 0:
		return NoReport
	case g.run.Conclusion != "success" && g.run.Conclusion != "neutral":
		return Outside
	case g.run.Flaky > 0:
		return Retried
	}
	return Green
}

// firstLines is the beginning of a failure's message on one line.
func firstLines(message string) string {
	message = strings.Join(strings.Fields(message), " ")
	if len(message) > maxMessage {
		message = strings.ToValidUTF8(message[:maxMessage], "")
	}
	return message
}

// ShortenMiddle cuts text to at most n characters by leaving out its middle, where names of tests differ least.
func ShortenMiddle(text string, n int) string {
	runes := []rune(text)
	if len(runes) <= n || n < 3 {
		return text
	}
	tail := (n - 1) / 2
	return string(runes[:n-1-tail]) + "…" + string(runes[len(runes)-tail:])
}
