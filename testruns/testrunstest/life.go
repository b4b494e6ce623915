package testrunstest

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"bellhop/testruns"
)

// Life is the generated CI of one repository, for benchmarks. Of a repository with an odd number all attempts are on main,
// each of a commit of its own of which one in five adds or removes a test; of the others half are on branches of five attempts
// each that add some of their own. A tenth of the tests takes 100 ms or more. Of the attempts 78 % are green, 10 % green after
// a retry, 11 % red with one to five failing tests of forty that fail now and then, and in 1 % the ninety fail that share a
// fixture. What failures say holds numbers that differ.
type Life struct {
	repo   string
	onMain bool
	random *rand.Rand
	tests  []lifeTest // sorted by id
	branch []lifeTest
	named  int
	run    int64
}

type lifeTest struct {
	testruns.Test
	n    int // counted from 1 as they were written
	took time.Duration
}

// NewLife makes the n-th repository, with that many tests. The same n lives the same life.
func NewLife(n, tests int) *Life {
	l := &Life{repo: fmt.Sprintf("acme/service-%02d", n), onMain: n%2 == 1, random: rand.New(rand.NewPCG(uint64(n), 4)), run: int64(n) * 1_000_000}
	for range tests {
		l.tests = append(l.tests, l.newTest())
	}
	sortTests(l.tests)
	return l
}

// Repo is the repository's owner/repo.
func (l *Life) Repo() string { return l.repo }

func sortTests(tests []lifeTest) {
	slices.SortFunc(tests, func(a, b lifeTest) int { return cmp.Compare(a.ID, b.ID) })
}

func (l *Life) newTest() lifeTest {
	l.named++
	suite := l.named / 50
	return lifeTest{
		n: l.named,
		Test: testruns.Test{ID: testruns.TestID(l.random.Uint64()), Workflow: ".github/workflows/ci.yml", Job: "junit-results",
			Class: fmt.Sprintf("com.acme.billing.Voucher%02dTest", suite), Name: fmt.Sprintf("appliesVoucher%dToOrdersThatWerePaid", l.named)},
		took: time.Duration(math.Exp(l.random.NormFloat64()*1.6+2.5) * float64(time.Millisecond)), // median 12 ms, a tenth from 100 ms
	}
}

// Attempt is the next attempt, ended at that moment.
func (l *Life) Attempt(at time.Time) testruns.Ingested {
	l.run++
	tests, branch := l.commit()
	id := testruns.RunKey{ID: 9_000_000_000 + l.run, Attempt: 1}
	in := testruns.Ingested{Run: testruns.Run{RunKey: id, Repo: l.repo, Workflow: ".github/workflows/ci.yml", Name: "CI", Branch: branch,
		Commit: fmt.Sprintf("%016x%016x%08x", l.random.Uint64(), l.random.Uint64(), l.random.Uint32()),
		Title:  "Round vouchers half up, as the ledger does (#" + fmt.Sprint(l.run%10_000) + ")", Author: "Carol Jensen", Login: "carol", Event: "push",
		Conclusion: "success", URL: fmt.Sprintf("https://github.com/%s/actions/runs/%d", l.repo, id.ID), Started: at.Add(-5 * time.Minute),
		Completed: at, Recorded: at.Add(time.Minute), State: testruns.Green}}
	verdicts := l.verdicts()
	for _, t := range tests {
		took := time.Duration(float64(t.took) * (0.8 + 0.4*l.random.Float64()))
		in.Set, in.Times = append(in.Set, t.ID), append(in.Times, took)
		in.Run.Duration += took
		if verdict, ok := verdicts[t.n]; ok {
			in.Results = append(in.Results, l.result(id, t.ID, verdict, took))
		} else if took < 100*time.Millisecond {
			continue
		}
		in.Tests = append(in.Tests, t.Test)
	}
	in.Skipped = in.Set[:10]
	in.Set, in.Times = in.Set[10:], in.Times[10:]
	l.count(&in)
	return in
}

// commit are the tests of the next attempt, and its branch.
func (l *Life) commit() ([]lifeTest, string) {
	if l.onMain || l.run%2 == 0 {
		if l.random.IntN(5) == 0 {
			if l.random.IntN(3) == 0 {
				l.tests = slices.Delete(l.tests, 5, 6)
			}
			l.tests = append(l.tests, l.newTest())
			sortTests(l.tests)
		}
		return l.tests, "main"
	}
	if l.run%10 == 1 {
		l.branch = slices.Clone(l.tests)
		for range 1 + l.random.IntN(3) {
			l.branch = append(l.branch, l.newTest())
		}
		sortTests(l.branch)
	}
	return l.branch, fmt.Sprintf("carol/vouchers-%d", l.run/10)
}

// verdicts of the tests that do not simply pass, by their number.
func (l *Life) verdicts() map[int]testruns.Verdict {
	verdicts := map[int]testruns.Verdict{}
	switch kind := l.random.IntN(100); {
	case kind < 1:
		for i := range 90 {
			verdicts[101+i] = testruns.Failed
		}
	case kind < 12:
		for range 1 + l.random.IntN(5) {
			verdicts[1+l.random.IntN(40)] = testruns.Failed
		}
	case kind < 22:
		verdicts[1+l.random.IntN(40)] = testruns.Flaky
	}
	return verdicts
}

func (l *Life) result(run testruns.RunKey, test testruns.TestID, verdict testruns.Verdict, took time.Duration) testruns.Result {
	message := fmt.Sprintf("java.lang.AssertionError: expected order %d of customer %08x to be paid by voucher within 5000ms, but was OPEN with a "+
		"balance of %d.%02d EUR after %d ms at com.acme.billing.VoucherTest.appliesVoucher(VoucherTest.java:%d)", l.random.IntN(1e6),
		l.random.Uint32(), l.random.IntN(1000), l.random.IntN(100), 5000+l.random.IntN(100), 40+uint64(test)%400)
	return testruns.Result{Run: run, Test: test, Verdict: verdict, Duration: took, Message: message, Signature: testruns.Signature(message)}
}

// count makes the run's numbers those of its tests.
func (l *Life) count(in *testruns.Ingested) {
	r := &in.Run
	for _, result := range in.Results {
		if result.Verdict == testruns.Flaky {
			r.Flaky, r.State = r.Flaky+1, testruns.Retried
		} else {
			r.Failed, r.State, r.Conclusion = r.Failed+1, testruns.Red, "failure"
		}
	}
	r.Tests, r.Skipped = len(in.Set)+len(in.Skipped), len(in.Skipped)
	r.Passed = len(in.Set) - r.Failed
	r.Executed = testruns.SetIDOf(in.Set)
	r.Jobs = []testruns.JobCount{{Job: "junit-results", Tests: r.Tests, Passed: r.Passed, Failed: r.Failed, Skipped: r.Skipped, Flaky: r.Flaky,
		Duration: r.Duration.Round(time.Millisecond)}}
}

// JUnit is a report with as many tests of that life, of which one in two thousand fails.
func (l *Life) JUnit() []byte {
	var x bytes.Buffer
	fmt.Fprintf(&x, "<testsuites><testsuite name=\"billing\" tests=\"%d\">\n", len(l.tests))
	for i, t := range l.tests {
		fmt.Fprintf(&x, "<testcase classname=%q name=%q time=\"%.3f\"", t.Class, t.Name, t.took.Seconds())
		if i%2000 == 7 {
			fmt.Fprintf(&x, "><failure message=%q>%s</failure></testcase>\n", "expected order "+fmt.Sprint(l.random.IntN(1e6))+" to be paid", "at com.acme.billing.VoucherTest")
		} else {
			x.WriteString("/>\n")
		}
	}
	x.WriteString("</testsuite></testsuites>\n")
	return x.Bytes()
}
