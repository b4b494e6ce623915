package reports_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"bellhop/testruns/reports"
)

var update = flag.Bool("update", false, "write golden files anew")

// made are the reports that testdata/make.sh has the tools write. What is wanted of them are the counts of the tests in
// that script, as far as the tool tells them.
var made = []struct {
	file, tool string
	format     reports.Format
	want       tally
	partial    bool
	note       string
}{
	{"jest-junit.xml", "jest, jest-junit", reports.JUnit, tally{7, 5, 1, 0, 1, 0}, false, "a todo stands as passed and a pass after a retry as a plain one; the report itself says 6 tests"},
	{"jest-ctrf.json", "jest, jest-ctrf-json-reporter", reports.CTRF, tally{7, 4, 1, 0, 2, 1}, false, ""},
	{"mocha-junit-reporter.xml", "mocha, mocha-junit-reporter", reports.JUnit, tally{5, 3, 2, 0, 0, 0}, false, "leaves skipped tests out of its cases and counts them; hides retries"},
	{"mocha-xunit.xml", "mocha's xunit", reports.JUnit, tally{7, 3, 2, 0, 2, 0}, false, "leaves the failed hook out of its counts; hides retries"},
	{"mocha-ctrf.json", "mocha, mocha-ctrf-json-reporter", reports.CTRF, tally{7, 3, 2, 0, 2, 1}, false, ""},
	{"vitest.xml", "vitest", reports.JUnit, tally{5, 2, 1, 0, 2, 0}, false, "hides retries"},
	{"node-test.xml", "node --test", reports.JUnit, tally{6, 2, 3, 0, 1, 0}, false, "a todo that fails is a failure in its report"},
	{"playwright-junit.xml", "Playwright's junit", reports.JUnit, tally{12, 9, 1, 0, 2, 0}, false, "hides flaky tests"},
	{"playwright.json", "Playwright's json", reports.Playwright, tally{12, 9, 1, 0, 2, 2}, false, ""},
	{"playwright-ctrf.json", "Playwright, playwright-ctrf-json-reporter", reports.CTRF, tally{12, 9, 1, 0, 2, 2}, false, ""},
	{"playwright-broken.json", "Playwright's json, a file that cannot be loaded", reports.Playwright, tally{1, 0, 0, 1, 0, 0}, false, "errors outside of any test count as one"},
	{"go-test.json", "go test -json", reports.GoTest, tally{13, 4, 6, 2, 1, 0}, false, "one package does not build, one fails in TestMain, one panics"},
	{"go-test-killed.json", "go test -json, killed", reports.GoTest, tally{2, 1, 0, 1, 0, 0}, true, "of what had not ended only failures count"},
	{"go-test-rerun.json", "gotestsum --rerun-fails, its --jsonfile", reports.GoTest, tally{7, 3, 3, 0, 1, 1}, false, ""},
	{"gotestsum-rerun.xml", "gotestsum --rerun-fails", reports.JUnit, tally{7, 3, 3, 0, 1, 1}, false, "counts each run: it says 14 tests, 10 failed"},
	{"gotestsum-broken.xml", "gotestsum, packages that fail themselves", reports.JUnit, tally{6, 2, 4, 0, 0, 0}, false, "counts none where a package does not build"},
	{"pytest.xml", "pytest", reports.JUnit, tally{10, 4, 1, 3, 2, 0}, false, "counts a test twice that fails and cannot be torn down"},
	{"pytest-xunit1.xml", "pytest, xunit1", reports.JUnit, tally{10, 4, 1, 3, 2, 0}, false, "likewise"},
	{"surefire.xml", "Maven Surefire 2.22 with reruns", reports.JUnit, tally{5, 2, 1, 1, 1, 1}, false, "counts each run: it says 8 tests, 5 failed"},
	{"googletest.xml", "GoogleTest", reports.JUnit, tally{6, 2, 2, 0, 2, 0}, false, "counts a disabled test apart"},
}

func TestWhatToolsWriteIsReadRight(t *testing.T) {
	known := map[string]bool{"make.sh": true, "fuzz": true}
	for _, m := range made {
		known[m.file] = true
		t.Run(m.file, func(t *testing.T) {
			r := readFile(t, m.file)
			require.Equal(t, m.format, r.Format)
			require.Equal(t, m.want, tallyOf(r), "%v", r.Problems)
			require.Equal(t, m.partial, r.Partial, "%v", r.Problems)
			require.Len(t, r.Cases, r.Tests)
			for _, c := range r.Cases {
				require.NotEqual(t, "(no name)", c.Name)
			}
		})
	}
	files, err := os.ReadDir("testdata")
	require.NoError(t, err)
	for _, f := range files {
		require.True(t, known[f.Name()], "nobody says what is in testdata/%s", f.Name())
	}
}

func readFile(t *testing.T, file string) reports.Report {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", file))
	require.NoError(t, err)
	return read(t, string(b))
}

// The table in docs/tests.md holds what is wanted of each fixture beside what is read.
func TestFixturesGolden(t *testing.T) {
	var b strings.Builder
	b.WriteString("| Report | Written by | Wanted | Read | |\n| --- | --- | --- | --- | --- |\n")
	for _, m := range made {
		fmt.Fprintf(&b, "| [%s](../testruns/reports/testdata/%[1]s) | %s | %s | %s | %s |\n", m.file, m.tool, m.want, tallyOf(readFile(t, m.file)), m.note)
	}
	for _, d := range dialects {
		fmt.Fprintf(&b, "| by hand | JUnit: %s | %s | %s | |\n", d.name, d.want, tallyOf(read(t, d.text)))
	}
	for _, d := range formats {
		fmt.Fprintf(&b, "| by hand | %s | %s | %s | |\n", d.name, d.want, tallyOf(read(t, d.text)))
	}
	file := filepath.Join("..", "..", "docs", "tests.md")
	doc, err := os.ReadFile(file)
	require.NoError(t, err)
	table := regexp.MustCompile(`(?s)(<!-- fixtures:[^\n]*-->\n).*?(<!-- end of fixtures -->)`)
	require.Regexp(t, table, string(doc))
	want := table.ReplaceAllString(string(doc), "${1}"+strings.ReplaceAll(b.String(), "$", "$$")+"${2}")
	if *update && want != string(doc) {
		require.NoError(t, os.WriteFile(file, []byte(want), 0o644))
		return
	}
	require.Empty(t, cmp.Diff(strings.Split(want, "\n"), strings.Split(string(doc), "\n")), "go test ./testruns/reports -run Golden -update")
}

// String writes the counts as the documentation's table does.
func (c tally) String() string {
	return fmt.Sprintf("%d · %d · %d · %d · %d · %d", c[0], c[1], c[2], c[3], c[4], c[5])
}
