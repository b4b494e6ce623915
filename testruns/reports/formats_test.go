package reports_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"bellhop/testruns/reports"
)

// goEvents makes go test's events of lines such as "run a TestX" or "output a TestX text".
func goEvents(lines ...string) string {
	var b strings.Builder
	for _, line := range lines {
		part := strings.SplitN(line, " ", 4)
		b.WriteString(`{"Time":"2026-11-20T10:00:00Z","Action":"` + part[0] + `","Package":"` + part[1] + `"`)
		if len(part) > 2 && part[2] != "-" {
			b.WriteString(`,"Test":"` + part[2] + `"`)
		}
		if len(part) > 3 {
			b.WriteString(`,"Output":"` + part[3] + `"`)
		}
		b.WriteString(",\"Elapsed\":0.5}\n")
	}
	return b.String()
}

// formats are reports that are no JUnit.
var formats = []struct {
	name     string
	text     string
	format   reports.Format
	want     tally
	partial  bool
	listless int
	problem  string
	names    []string
}{
	{name: "CTRF", format: reports.CTRF, want: tally{5, 2, 1, 0, 2, 1}, text: `{"reportFormat":"CTRF","specVersion":"0.0.0","results":{"tool":{"name":"jest"},
"summary":{"tests":5,"passed":2,"failed":1,"pending":1,"skipped":1,"other":0,"start":1,"stop":2},
"tests":[{"name":"a","status":"passed","duration":12.5},{"name":"b","status":"passed","duration":3,"retries":1,"flaky":true},
{"name":"c","status":"failed","message":"no","trace":"at c"},{"name":"d","status":"skipped"},{"name":"e","status":"pending"}],
"environment":{"appName":"x"}}}`},
	{name: "CTRF, sorted keys and odd values", format: reports.CTRF, want: tally{2, 1, 0, 1, 0, 0}, names: []string{"(no name)", "b"},
		text: "\ufeff" + `{"results":{"tests":[{"duration":"x","flaky":null,"name":7,"retries":[],"status":"PASSED","suite":{"a":1}},{"name":"b","rawStatus":"timedOut","status":"other"},],"summary":null}}`},
	{name: "CTRF whose counts disagree", format: reports.CTRF, want: tally{1, 0, 1, 0, 0, 0}, problem: `report "k6" says 2 tests, 0 failed, 0 skipped; its cases make 1, 1, 0`,
		text: `{"results":{"tool":{"name":"k6"},"summary":{"tests":2,"failed":0},"tests":[{"name":"a","status":"failed"}]}}`},
	{name: "CTRF that lists none", format: reports.CTRF, want: tally{3, 1, 1, 0, 1, 0}, listless: 3, problem: "lists no tests", text: `{"results":{"summary":{"tests":3,"passed":1,"failed":1,"pending":1},"tests":[]}}`},
	{name: "CTRF with a status nobody knows", format: reports.CTRF, want: tally{1, 0, 0, 0, 1, 0}, problem: "1 test neither passed", text: `{"results":{"tests":[{"name":"a","status":"other"}]}}`},
	{name: "CTRF cut off in a test that passed", format: reports.CTRF, want: tally{1, 1, 0, 0, 0, 0}, partial: true, problem: "ends early, after 1", text: `{"results":{"tests":[{"name":"a","status":"passed"},{"name":"b","status":"passed","stdout":["x`},
	{name: "CTRF cut off in a test that failed", format: reports.CTRF, want: tally{2, 1, 1, 0, 0, 0}, partial: true, problem: "ends early", text: `{"results":{"tests":[{"name":"a","status":"passed"},{"name":"b","status":"failed","stdout":["x`},
	{name: "CTRF that is broken in the middle", format: reports.CTRF, want: tally{1, 1, 0, 0, 0, 0}, partial: true, problem: "a comma is missing", text: `{"results":{"tests":[{"name":"a","status":"passed"} {"name":"b","status":"passed"}]}}`},
	{name: "two documents of CTRF", format: reports.CTRF, want: tally{2, 2, 0, 0, 0, 0}, text: `{"results":{"tests":[{"name":"a","status":"passed"}]}}` + "\n" + `{"results":{"tests":[{"name":"b","status":"passed"}]}}`},
	{name: "CTRF with another document behind", format: reports.CTRF, want: tally{1, 1, 0, 0, 0, 0}, problem: "what follows the report is JSON, but no test report", text: `{"results":{"tests":[{"name":"a","status":"passed"}]}} {"exit":0}`},
	{name: "CTRF with another document behind, cut off", format: reports.CTRF, want: tally{1, 1, 0, 0, 0, 0}, partial: true, problem: "what follows the report", text: `{"results":{"tests":[{"name":"a","status":"passed"}]}} {"results":{"te`},
	{name: "CTRF in UTF-16", format: reports.CTRF, want: tally{1, 1, 0, 0, 0, 0}, names: []string{"grün 😀 \ufffd"}, text: utf16(`{"results":{"tests":[{"name":"gr\u00fcn \ud83d\ude00 \ud83d","status":"passed"}]}}`)},
	{name: "CTRF with text behind", format: reports.CTRF, want: tally{1, 1, 0, 0, 0, 0}, problem: "text outside", text: `{"results":{"tests":[{"name":"a","status":"passed"}]}} Done.`},

	{name: "go test", format: reports.GoTest, want: tally{3, 1, 1, 0, 1, 0}, names: []string{"TestA", "TestB", "TestC"}, text: goEvents(
		"start a", "run a TestA", "output a TestA === RUN", "pass a TestA", "run a TestB", "output a TestB a_test.go:3:no", "fail a TestB",
		"run a TestC", "skip a TestC", "output a - FAIL", "fail a", "start b", "output b - ?   \\tb\\t[no test files]", "skip b")},
	{name: "go test in PowerShell's UTF-16", format: reports.GoTest, want: tally{1, 0, 1, 0, 0, 0}, text: utf16(goEvents("start a", "run a T", "fail a T", "fail a"))},
	{name: "go test, among other output", format: reports.GoTest, want: tally{1, 1, 0, 0, 0, 0}, text: "go: downloading x v1\n" + goEvents("start a", "run a TestA") + "warning: {\n" + goEvents("pass a TestA", "pass a") + "exit status 0\n"},
	{name: "go test, a package that does not build", format: reports.GoTest, want: tally{2, 1, 0, 1, 0, 0}, names: []string{"TestA", "(the package itself)"}, text: goEvents("start a", "run a TestA", "pass a TestA", "pass a") +
		`{"ImportPath":"b [b.test]","Action":"build-output","Output":"# b [b.test]\n"}` + "\n" +
		`{"ImportPath":"b [b.test]","Action":"build-output","Output":"b/b.go:3:1: undefined: x\n"}` + "\n" +
		`{"ImportPath":"b [b.test]","Action":"build-fail"}` + "\n" + goEvents("start b", "output b - FAIL\\tb [build failed]\\n") +
		`{"Time":"2026-11-20T10:00:00Z","Action":"fail","Package":"b","Elapsed":0,"FailedBuild":"b [b.test]"}` + "\n"},
	{name: "go test, rerun until it passes", format: reports.GoTest, want: tally{3, 2, 1, 0, 0, 1}, text: goEvents("start a", "run a TestFlaky", "fail a TestFlaky",
		"run a TestBroken", "fail a TestBroken", "run a TestFine", "pass a TestFine", "fail a", "start a", "run a TestFlaky", "pass a TestFlaky", "pass a",
		"start a", "run a TestBroken", "fail a TestBroken", "fail a")},
	{name: "go test -count, one of three fails", format: reports.GoTest, want: tally{1, 0, 1, 0, 0, 0}, text: goEvents("start a", "run a T", "pass a T", "run a T", "fail a T", "run a T", "pass a T", "fail a")},
	{name: "go test, a panic that ends a package", format: reports.GoTest, want: tally{3, 1, 1, 1, 0, 0}, text: goEvents("start a", "run a T1", "pass a T1", "run a T2", "run a T3", "output a T3 panic: boom", "fail a T3", "fail a")},
	{name: "go test, a package that fails outside of its tests", format: reports.GoTest, want: tally{2, 1, 0, 1, 0, 0}, text: goEvents("start a", "run a T1", "pass a T1", "output a - TestMain: leak", "fail a")},
	{name: "go test, one that fails outside of its tests and then does not", format: reports.GoTest, want: tally{2, 2, 0, 0, 0, 1}, text: goEvents("start a", "run a T1", "pass a T1", "fail a", "start a", "run a T1", "pass a T1", "pass a")},
	{name: "go test, a subtest whose end was lost", format: reports.GoTest, want: tally{2, 2, 0, 0, 0, 0}, text: goEvents("start a", "run a T", "run a T/sub", "pass a T", "pass a")},
	{name: "go test, a benchmark", format: reports.GoTest, want: tally{1, 1, 0, 0, 0, 0}, text: goEvents("start a", "run a T", "pass a T", "run a BenchmarkX", "output a BenchmarkX x", "bench a BenchmarkX", "pass a")},
	{name: "go test, killed", format: reports.GoTest, want: tally{2, 1, 1, 0, 0, 0}, partial: true, problem: "1 package did not end, a first", text: goEvents("start a", "run a T1", "pass a T1", "run a T2", "fail a T2", "run a T3")},
	{name: "go test, killed in a line", format: reports.GoTest, want: tally{1, 1, 0, 0, 0, 0}, partial: true, problem: "1 line cut off", text: goEvents("start a", "run a T1", "pass a T1") + `{"Time":"2026-11-20T10:`},
	{name: "go test, a line cut by another", format: reports.GoTest, want: tally{2, 2, 0, 0, 0, 0}, partial: true, problem: "1 line cut off", text: goEvents("start a", "run a T1", "pass a T1") + `{"Time":"2026-11` + "\n" + goEvents("run a T2", "pass a T2", "pass a")},

	{name: "TRX", format: reports.TRX, want: tally{5, 1, 1, 2, 1, 0}, names: []string{"Adds", "Fails", "Later", "Hangs", "Breaks"}, text: `<?xml version="1.0" encoding="utf-8"?>
<TestRun id="1" name="x" xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010"><Times creation="2026-11-20T10:00:00"/><Results>
<UnitTestResult executionId="1" testId="a" testName="Acme.MoneyTests.Adds" computerName="h" duration="00:00:01.5000000" outcome="Passed"><Output><StdOut>&lt;Message&gt;</StdOut></Output></UnitTestResult>
<UnitTestResult testId="b" testName="Acme.MoneyTests.Fails" duration="00:00:00.25" outcome="Failed"><Output><ErrorInfo><Message>Expected 1</Message><StackTrace>at</StackTrace></ErrorInfo></Output></UnitTestResult>
<UnitTestResult testId="c" testName="Acme.MoneyTests.Later" outcome="NotExecuted"/>
<UnitTestResult testId="d" testName="Acme.MoneyTests.Hangs" outcome="Timeout"/>
<UnitTestResult testId="e" testName="Acme.MoneyTests.Breaks"/></Results>
<TestDefinitions><UnitTest name="Acme.MoneyTests.Adds" storage="c:\src\bin\acme.money.dll" id="a"><Execution id="1"/><TestMethod codeBase="x" className="Acme.MoneyTests, acme.money, Version=1.0" name="Adds"/></UnitTest>
<UnitTest id="b" storage="/src/acme.money.dll"><TestMethod className="Acme.MoneyTests" name="Fails"/></UnitTest><UnitTest id="c"><TestMethod className="Acme.MoneyTests"/></UnitTest>
<UnitTest id="d"><TestMethod className="Acme.MoneyTests"/></UnitTest><UnitTest id="e"><TestMethod className="Acme.MoneyTests"/></UnitTest></TestDefinitions>
<ResultSummary outcome="Failed"><Counters total="5" executed="4" passed="1" failed="1" error="1" timeout="1" aborted="0" notExecuted="0"/><RunInfos><RunInfo outcome="Error"><Text>[xUnit.net] [FAIL]</Text></RunInfo></RunInfos></ResultSummary></TestRun>`},
	{name: "TRX, rows of data", format: reports.TRX, want: tally{2, 1, 1, 0, 0, 0}, names: []string{"Row (1)", "Row (2)"}, text: `<TestRun xmlns="x"><Results><UnitTestResult testId="a" testName="Row" outcome="Failed" resultType="DataDrivenTest"><InnerResults>
<UnitTestResult testId="a" testName="Row (1)" outcome="Passed"/><UnitTestResult testId="a" testName="Row (2)" outcome="Failed"/></InnerResults></UnitTestResult></Results></TestRun>`},
	{name: "TRX, rows beside their test, counted with it", format: reports.TRX, want: tally{2, 1, 1, 0, 0, 0}, names: []string{"Row (1)", "Row (2)"}, text: `<TestRun xmlns="x"><Results><UnitTestResult testId="a" testName="Row" outcome="Failed" resultType="DataDrivenTest"/>
<UnitTestResult testId="a" testName="Row (1)" outcome="Passed" resultType="DataDrivenDataRow"/><UnitTestResult testId="a" testName="Row (2)" outcome="Failed" resultType="DataDrivenDataRow"/></Results>
<ResultSummary outcome="Failed"><Counters total="3" executed="3" passed="1" failed="2"/></ResultSummary></TestRun>`},
	{name: "TRX, a test whose rows pass and which fails", format: reports.TRX, want: tally{2, 1, 1, 0, 0, 0}, text: `<TestRun xmlns="x"><Results><UnitTestResult testId="a" testName="Row" outcome="Failed" resultType="DataDrivenTest"><InnerResults><UnitTestResult testId="a" testName="Row (1)" outcome="Passed"/></InnerResults></UnitTestResult></Results></TestRun>`},
	{name: "TRX of a host that crashed", format: reports.TRX, want: tally{2, 1, 0, 1, 0, 0}, names: []string{"A", "(the run itself)"}, text: `<TestRun xmlns="x"><Results><UnitTestResult testId="a" testName="A" outcome="Passed"/></Results>
<ResultSummary outcome="Failed"><Counters total="1" executed="1" passed="1" failed="0"/><RunInfos><RunInfo outcome="Error"><Text>The active test run was aborted. Reason: Test host process crashed</Text></RunInfo></RunInfos></ResultSummary></TestRun>`},
	{name: "TRX, tags that nobody escaped", format: reports.TRX, want: tally{2, 1, 1, 0, 0, 0}, text: `<TestRun xmlns="x"><Results><UnitTestResult testName="A" outcome="Passed"><Output><StdOut><Message> <UnitTestResult testName="no" outcome="Failed"/></StdOut></Output></UnitTestResult>
<UnitTestResult testName="B" outcome="Failed"><Output><ErrorInfo><Message>List<int></Message></ErrorInfo></Output></UnitTestResult></Results></TestRun>`},
	{name: "TRX cut off", format: reports.TRX, want: tally{2, 1, 1, 0, 0, 0}, partial: true, problem: "ends early, after 2", text: `<TestRun xmlns="x"><Results><UnitTestResult testId="a" testName="A" outcome="Passed"/><UnitTestResult testId="b" testName="B" outcome="Failed"><Output><ErrorInfo><Message>hal`},
	{name: "TRX that lists none", format: reports.TRX, want: tally{4, 2, 1, 0, 1, 0}, listless: 4, problem: "lists no results", text: `<TestRun xmlns="x"><ResultSummary outcome="Failed"><Counters total="4" executed="3" passed="2" failed="1"/></ResultSummary></TestRun>`},
	{name: "TRX whose counts disagree", format: reports.TRX, want: tally{1, 1, 0, 0, 0, 0}, problem: `says 2 tests, 0 failed, 0 skipped; its cases make 1, 0, 0`, text: `<TestRun xmlns="x"><Results><UnitTestResult testName="A" outcome="Passed"/></Results><ResultSummary outcome="Completed"><Counters total="2" executed="2" passed="2"/></ResultSummary></TestRun>`},

	{name: "Playwright, two projects of the same names", format: reports.Playwright, want: tally{5, 3, 1, 0, 1, 1}, names: []string{"logs in", "logs in", "pays", "pays", "later"},
		text: `{"config":{"projects":[{"name":"chromium"}]},"suites":[{"title":"a.spec.ts","file":"a.spec.ts","column":0,"line":0,"specs":[
{"title":"logs in","ok":true,"tests":[{"projectName":"chromium","expectedStatus":"passed","results":[{"status":"passed","duration":12,"stdout":[{"text":"x"}]}],"status":"expected"},
{"projectName":"firefox","expectedStatus":"passed","results":[{"status":"failed","error":{"message":"slow"}},{"status":"passed"}],"status":"flaky"}],"id":"1","file":"a.spec.ts"}],
"suites":[{"title":"cart","file":"a.spec.ts","specs":[{"title":"pays","tests":[{"projectName":"chromium","results":[{"status":"timedOut","error":{"message":"\u001b[31mTest timeout\u001b[39m of 30000ms"}}],"status":"unexpected"},
{"projectName":"firefox","results":[{"status":"passed"}],"status":"expected"}],"file":"a.spec.ts"},{"title":"later","tests":[{"projectName":"chromium","results":[],"status":"skipped"}],"file":"a.spec.ts"}]}]}],
"errors":[],"stats":{"startTime":"2026-11-20T10:00:00Z","duration":100,"expected":2,"skipped":1,"unexpected":1,"flaky":1}}`},
	{name: "Playwright, a failure that was expected", format: reports.Playwright, want: tally{2, 1, 1, 0, 0, 0}, text: `{"suites":[{"title":"a","specs":[{"title":"x","tests":[{"expectedStatus":"failed","results":[{"status":"failed","error":{"message":"m"}}],"status":"expected"}]},
{"title":"y","tests":[{"expectedStatus":"failed","results":[{"status":"passed"}],"status":"unexpected"}]}]}]}`},
	{name: "Playwright before it judged itself", format: reports.Playwright, want: tally{3, 1, 1, 0, 1, 1}, text: `{"suites":[{"title":"a","specs":[{"title":"x","tests":[{"expectedStatus":"passed","results":[{"status":"failed"},{"status":"passed"}]},
{"expectedStatus":"passed","results":[{"status":"timedOut"}]},{"expectedStatus":"skipped","results":[{"status":"skipped"}]}]}]}]}`},
	{name: "Playwright whose set-up failed", format: reports.Playwright, want: tally{1, 0, 0, 1, 0, 0}, names: []string{"(the run itself)"}, text: `{"config":{},"suites":[],"errors":[{"message":"Error: no database","stack":"at"}],"stats":{"expected":0,"skipped":0,"unexpected":0,"flaky":0}}`},
	{name: "Playwright cut off", format: reports.Playwright, want: tally{2, 1, 1, 0, 0, 0}, partial: true, problem: "ends early, after 2", text: `{"suites":[{"title":"a","specs":[{"title":"x","tests":[{"results":[{"status":"passed"}],"status":"expected"},{"results":[{"status":"failed","error":{"message":"m"}}],"status":"unexpected"},{"results":[{"status":"passed`},
	{name: "Playwright whose counts disagree", format: reports.Playwright, want: tally{1, 1, 0, 0, 0, 0}, problem: `says 2 tests`, text: `{"suites":[{"title":"a","specs":[{"title":"x","tests":[{"results":[],"status":"expected"}]}]}],"stats":{"expected":2,"skipped":0,"unexpected":0,"flaky":0}}`},
}

func TestFormats(t *testing.T) {
	for _, d := range formats {
		t.Run(d.name, func(t *testing.T) {
			r := read(t, d.text)
			require.Equal(t, d.format, r.Format)
			require.Equal(t, d.want, tallyOf(r))
			require.Equal(t, d.partial, r.Partial, "partial: %v", r.Problems)
			require.Len(t, r.Cases, r.Tests-d.listless)
			if d.problem == "" {
				require.Empty(t, r.Problems)
			} else {
				require.Contains(t, strings.Join(r.Problems, "\n"), d.problem)
			}
			if d.names != nil {
				var names []string
				for _, c := range r.Cases {
					names = append(names, c.Name)
				}
				require.Empty(t, cmp.Diff(d.names, names))
			}
		})
	}
}

func TestCaseDetailsOfOtherFormats(t *testing.T) {
	for text, want := range map[string]reports.Case{
		`{"results":{"tests":[{"name":"a","status":"failed","duration":250,"suite":["outer","inner"],"filePath":"a.ts","message":" ","trace":"at a","retries":2}]}}`: {
			File: "a.ts", Suite: "outer › inner", Name: "a", Outcome: reports.Failed, Retries: 2, Duration: 250e6, Message: "at a"},
		`{"results":{"tests":[{"name":"a","status":"passed","suite":"one","retryAttempts":[{"status":"failed"}],"flaky":true}]}}`: {
			Suite: "one", Name: "a", Flaky: true},
		goEvents("start a", "run a T", "output a T === RUN   T\\n", "output a T     a_test.go:3: want 1\\n", "output a T --- FAIL: T (0.5s)\\n", "fail a T", "fail a"): {
			Suite: "a", Class: "a", Name: "T", Outcome: reports.Failed, Duration: 500e6, Message: "a_test.go:3: want 1"},
		`<TestRun><Results><UnitTestResult testId="i" testName="N.C.M" duration="00:01:00.5" outcome="Failed"><Output><ErrorInfo><Message> no &amp; no </Message></ErrorInfo></Output></UnitTestResult></Results><TestDefinitions><UnitTest id="i" storage="/a/n.dll"><TestMethod className="N.C" name="M"/></UnitTest></TestDefinitions></TestRun>`: {
			Suite: "n", Class: "N.C", Name: "M", Outcome: reports.Failed, Duration: 60_500e6, Message: "no & no"},
		`{"suites":[{"specs":[],"suites":[{"title":"cart","suites":[{"specs":[{"file":"a.ts","tests":[{"projectName":"p","results":[{"duration":5,"status":"failed","error":{"message":"\u001b[31mno"}},{"duration":7,"status":"passed"}],"status":"flaky"}],"title":"pays"}],"title":"guest"}]}],"title":"a.ts"}]}`: {
			File: "a.ts", Suite: "cart › guest", Host: "p", Name: "pays", Flaky: true, Retries: 1, Duration: 7e6, Message: "no"},
	} {
		r := read(t, text)
		require.Len(t, r.Cases, 1, text)
		require.Empty(t, cmp.Diff(want, r.Cases[0]), text)
	}
}

// Wherever a job was killed, what was read is kept, nothing is made up, and XML and JSON are marked as incomplete.
func TestEveryReportCutAnywhere(t *testing.T) {
	for _, m := range made {
		b, err := os.ReadFile(filepath.Join("testdata", m.file))
		require.NoError(t, err)
		whole := strings.TrimRight(string(b), " \n")
		for n := 1; n < len(whole); n += 1 + len(whole)/500 {
			r, err := readBytes([]byte(whole[:n]), reports.DefaultLimits())
			if err != nil {
				require.ErrorAs(t, err, new(*reports.Error))
				continue
			}
			require.Equal(t, m.format, r.Format)
			require.LessOrEqual(t, r.Tests, m.want[0], "%s, cut at %d", m.file, n)
			if m.format != reports.GoTest { // which cannot be known to go on after a package
				require.True(t, r.Partial, "%s, cut at %d: %s", m.file, n, whole[max(0, n-100):n])
			}
		}
	}
}
