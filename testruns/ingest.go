package testruns

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"bellhop/testruns/reports"
	"bellhop/testruns/secrets"
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
	wanted, err := c.wanted(ctx, run.Repo)
	if err != nil {
		return Ingested{}, err
	}
	matched := 0
	for _, a := range artifacts {
		if !matchesAny(wanted, a.Name) {
			continue
		}
		matched++
		if err := c.gather(ctx, g, a); err != nil {
			return Ingested{}, err
		}
	}
	return g.done(matched), nil
}

// wanted are the globs of artifacts that are read of a repository: the configured ones, and those that its components name.
func (c *Collector) wanted(ctx context.Context, repo string) ([]string, error) {
	entities, err := c.repos.ByRepository(ctx, repo)
	if err != nil {
		return nil, fmt.Errorf("artifacts of %s: %w", repo, err)
	}
	wanted := slices.Clone(c.options.Artifacts)
	for _, e := range entities {
		wanted = append(wanted, e.Artifacts()...)
	}
	return wanted, nil
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
		cases  *sieve
	)
	err := c.actions.Download(ctx, g.run.Repo, a.ID, func(r io.Reader) (err error) {
		cases = newSieve(g.run.Workflow, jobOf(a.Name)) // a second try begins anew
		report, err = reports.Each(ctx, r, c.options.Limits, cases.add)
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
		g.take(report, cases, jobOf(a.Name))
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
	executed  []timed
	skipped   []TestID
	results   []Result
	tests     map[TestID]Test
}

func newGathering(run Run) *gathering {
	return &gathering{run: run, seen: map[TestID]int{}, tests: map[TestID]Test{}}
}

func (g *gathering) problem(artifact, text string) {
	const most = 12
	if len(g.run.Problems) < most {
		g.run.Problems = append(g.run.Problems, ShortenMiddle(artifact, 60)+" "+secrets.Mask(text))
	}
}

// take adds what a report says.
func (g *gathering) take(report reports.Report, cases *sieve, job string) {
	g.reports += report.Reports
	g.partial = g.partial || report.Partial
	g.run.Tests += report.Tests
	g.run.Passed += report.Passed
	g.run.Failed += report.Failed
	g.run.Errors += report.Errors
	g.run.Skipped += report.Skipped
	g.run.Flaky += report.Flaky
	g.run.Duration += report.Duration
	g.count(JobCount{job, report.Tests, report.Passed, report.Failed, report.Errors, report.Skipped, report.Flaky, report.Duration})
	for _, k := range cases.executed {
		id := cases.idOf(k)
		n := g.seen[id]
		g.seen[id] = n + 1
		g.executed = append(g.executed, timed{nth(id, n), k.took})
		if k.named >= 0 {
			g.keep(cases.test(k, n), cases.named[k.named])
		}
	}
	for _, k := range cases.skipped {
		g.skipped = append(g.skipped, cases.idOf(k)) // of those called alike, which one is not told
	}
}

// count keeps what an artifact reported.
func (g *gathering) count(j JobCount) {
	for i := range g.run.Jobs {
		if g.run.Jobs[i].Job == j.Job {
			g.run.Jobs[i].add(j)
			return
		}
	}
	g.run.Jobs = append(g.run.Jobs, j)
}

// keep keeps a case by its name and, where it is no plain pass, as a result.
func (g *gathering) keep(t Test, k reports.Case) {
	plain := k.Outcome == reports.Passed && !k.Flaky
	if plain && len(g.tests) >= 2*maxResults || !plain && len(g.results) >= maxResults {
		return
	}
	g.tests[t.ID] = t
	if plain {
		return
	}
	r := Result{Run: g.run.RunKey, Test: t.ID, Verdict: Flaky, Duration: k.Duration.Round(time.Millisecond), Message: k.Message, Signature: Signature(k.Message)}
	switch k.Outcome {
	case reports.Failed:
		r.Verdict = Failed
	case reports.Errored:
		r.Verdict = Errored
	}
	g.results = append(g.results, r)
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
	in.Set, in.Times = sortTimed(g.executed)
	slices.Sort(g.skipped)
	in.Skipped = slices.Compact(g.skipped)
	in.Run.Executed = SetIDOf(in.Set)
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
