package database_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"bellhop/integrations/database"
	"bellhop/integrations/database/databasetest"
	"bellhop/testruns"
)

// benchRun is a run of 2,000 tests of which three did not simply pass.
func benchRun(repo string, id int64, at time.Time) testruns.Ingested {
	run := testruns.Run{RunKey: testruns.RunKey{ID: id, Attempt: 1}, Repo: repo, Workflow: ".github/workflows/ci.yml", Name: "CI", Branch: "main",
		Commit: fmt.Sprintf("%040d", id), Title: "Round vouchers half up, as the ledger does", Author: "Carol Jensen", Login: "carol", Event: "push",
		Conclusion: "failure", URL: fmt.Sprintf("https://github.com/%s/actions/runs/%d", repo, id), Started: at.Add(-5 * time.Minute), Completed: at,
		Recorded: at.Add(time.Minute), State: testruns.Red, Tests: 2000, Passed: 1998, Failed: 2, Flaky: 1, Duration: time.Minute,
		Executed: testruns.SetID(fmt.Sprint(repo, id/500))}
	in := testruns.Ingested{Run: run, Set: make([]testruns.TestID, 2000)}
	for i := range in.Set {
		in.Set[i] = testruns.TestID(i * 7919)
	}
	for i := range 3 {
		n := (id*31 + int64(i)*17) % 40 // of forty that fail now and then
		t := testruns.Test{ID: testruns.TestID(n * 7919), Workflow: run.Workflow, Job: "junit", Class: "com.acme.VoucherTest", Name: fmt.Sprintf("case %d", n)}
		in.Tests = append(in.Tests, t)
		in.Results = append(in.Results, testruns.Result{Run: run.RunKey, Test: t.ID, Verdict: []testruns.Verdict{testruns.Failed, testruns.Failed, testruns.Flaky}[i],
			Message: fmt.Sprintf("expected %d but was 2", n)})
	}
	return in
}

// BenchmarkTestRunsRecord tells how many results a second are taken in once they are read.
func BenchmarkTestRunsRecord(b *testing.B) {
	s := database.NewTestRuns(databasetest.SQLite(b))
	id := int64(0)
	for b.Loop() {
		id++
		if err := s.Record(b.Context(), benchRun("acme/payments", id, noon.Add(time.Duration(id)*time.Minute))); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(id)*2000/b.Elapsed().Seconds(), "results/s")
}

// BenchmarkTestRunsWeek judges a week of one repository, with 100 runs a day, among ten such repositories over 30 days.
func BenchmarkTestRunsWeek(b *testing.B) {
	db := databasetest.SQLite(b)
	s := database.NewTestRuns(db)
	id := int64(0)
	for day := range 30 {
		for repo := range 10 {
			for n := range 100 {
				id++
				at := noon.AddDate(0, 0, day-30).Add(time.Duration(n) * 14 * time.Minute)
				if err := s.Record(b.Context(), benchRun(fmt.Sprintf("acme/repo-%d", repo), id, at)); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
	p := testruns.Period{Since: noon.AddDate(0, 0, -7), Until: noon.AddDate(0, 0, 1)}
	for b.Loop() {
		h, err := s.History(b.Context(), "acme/repo-3", "main", p.Since.AddDate(0, 0, -15))
		if err != nil {
			b.Fatal(err)
		}
		if j := testruns.Judge(h, p); j.Counts.Runs < 600 {
			b.Fatal(j.Counts)
		}
	}
	if info, err := os.Stat(db.Path()); err == nil {
		b.ReportMetric(float64(info.Size())/float64(id), "bytes/run")
	}
}
