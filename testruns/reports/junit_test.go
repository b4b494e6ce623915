package reports_test

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"bellhop/testruns/reports"
)

func read(t *testing.T, text string) reports.Report {
	t.Helper()
	r, err := reports.Read(context.Background(), strings.NewReader(text), reports.DefaultLimits())
	require.NoError(t, err)
	return r
}

// tally is the counts of a report in the order tests, passed, failed, errors, skipped, flaky.
type tally [6]int

func tallyOf(r reports.Report) tally {
	return tally{r.Tests, r.Passed, r.Failed, r.Errors, r.Skipped, r.Flaky}
}

func TestDialects(t *testing.T) {
	for _, d := range dialects {
		t.Run(d.name, func(t *testing.T) {
			r := read(t, d.text)
			require.Equal(t, d.want, tallyOf(r))
			require.Equal(t, d.partial, r.Partial, "partial: %v", r.Problems)
			require.Len(t, r.Cases, r.Tests-d.listless)
			if d.problem == "" {
				require.Empty(t, r.Problems)
			} else {
				require.Contains(t, strings.Join(r.Problems, "\n"), d.problem)
			}
			names := make([]string, len(r.Cases))
			for i, c := range r.Cases {
				names[i] = c.Name
			}
			if d.names != nil {
				require.Empty(t, cmp.Diff(d.names, names))
			}
		})
	}
}

func TestWhatIsNoReportIsAnError(t *testing.T) {
	for text, want := range map[string]string{
		"":                                    "is empty",
		" \n":                                 "is empty",
		"Tests run: 5, Failures: 0":           "is neither XML nor JSON",
		"{\"results\":{}}":                    `no test report known here: it begins with "results"`,
		"{\"resul":                            "no test report known here: its JSON ends early",
		"{\"a\": nonsense!":                   "its JSON is no JSON",
		"[1]":                                 "a JSON list",
		"{\"Action\":\"x\"":                   "none of its events",
		strings.Repeat("{\"a\":", 200_000):    "nests values more than 200 deep",
		"<coverage line-rate='1'></coverage>": "its root is <coverage>",
		"<!DOCTYPE html><html><body>404</body></html>": "its root is <html>",
		"<assemblies><assembly/></assemblies>":         "its root is <assemblies>",
		"<?xml version='1.0'?><!-- nothing -->":        "without any element",
		"\x1f\x8b\x08\x00":                             "gzip",
		"<":                                            "without any element",
		`<!DOCTYPE a [<!ENTITY x "y"><!ENTITY z "&x;&x;">]><testsuite><testcase name="&z;"/></testsuite>`: "declares XML entities",
		strings.Repeat("<testsuite>", 200_000):       "nests elements more than 200 deep",
		strings.Repeat("<a>", 200_000):               "nests elements more than 200 deep",
		"<TestRun>" + strings.Repeat("<a>", 200_000): "nests elements more than 200 deep",
		`<!DOCTYPE a [<!ENTITY x "y">]><TestRun/>`:   "declares XML entities",
	} {
		_, err := reports.Read(context.Background(), strings.NewReader(text), reports.DefaultLimits())
		require.ErrorContains(t, err, want)
		var e *reports.Error
		require.ErrorAs(t, err, &e)
	}
}

func TestLimitsAreKept(t *testing.T) {
	limits := reports.DefaultLimits()
	limits.Cases, limits.Bytes, limits.Kept = 10, 5000, 1000
	for name, text := range map[string]string{
		"more than 10 test cases": "<testsuite>" + strings.Repeat(`<testcase name="a"/>`, 11) + "</testsuite>",
		"larger than may be read": "<testsuite>" + strings.Repeat(" ", 5000) + "</testsuite>",
		"names and messages":      "<testsuite>" + strings.Repeat(`<testcase name="`+strings.Repeat("n", 400)+`"/>`, 4) + "</testsuite>",
	} {
		_, err := reports.Read(context.Background(), strings.NewReader(text), limits)
		require.ErrorContains(t, err, name)
	}
}

func TestReadingEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := reports.Read(ctx, strings.NewReader("<testsuite/>"), reports.DefaultLimits())
	require.ErrorIs(t, err, context.Canceled)
}

func TestCaseDetails(t *testing.T) {
	r := read(t, `<testsuites name="all"><testsuite name="outer" hostname="chromium" file="outer.ts">
	<testsuite name="inner"><testcase classname="a.B" name="it&apos;s &lt;b&gt; &#x1F600; &nbsp;&unknown; &#27;[31mred&#27;[0m &#1;" time="0,25">
	<failure type="AssertionError">
	<![CDATA[expected 1 && got <2>]]> and &amp;amp; then
	</failure><system-out>noise</system-out></testcase></testsuite></testsuite></testsuites>`)
	require.Len(t, r.Cases, 1)
	require.Empty(t, cmp.Diff(reports.Case{
		File: "outer.ts", Suite: "outer › inner", Host: "chromium", Class: "a.B",
		Name: "it's <b> 😀 \u00a0&unknown; red \ufffd", Outcome: reports.Failed, Duration: 250e6,
		Type: "AssertionError", Message: "expected 1 && got <2> and &amp; then",
	}, r.Cases[0]))
}

func TestDurations(t *testing.T) {
	for text, ms := range map[string]int64{
		"1.5": 1500, "0,25": 250, "1,234.5": 1_234_500, "1.234,5": 1_234_500, "12,345,678": 12_345_678_000 * 0, "NaN": 0,
		"-1": 0, "": 0, "abc": 0, "1e400": 0, "Infinity": 0, "0.5s": 500, " 2 ": 2000, "1e-3": 1, "0,250": 250,
	} {
		r := read(t, `<testsuite><testcase name="a" time="`+text+`"/></testsuite>`)
		require.Equal(t, ms, r.Duration.Milliseconds(), "time=%q", text)
	}
}

func TestOfACutOffReportEveryPrefixKeepsWhatItShows(t *testing.T) {
	whole := `<?xml version="1.0"?><testsuites><testsuite name="s" tests="3" failures="1"><testcase name="a"/>` +
		`<testcase name="b"><failure message="no">at b</failure></testcase><testcase name="c"></testcase></testsuite></testsuites>`
	most := 0
	for n := strings.Index(whole, "<testsuites>") + 12; n < len(whole); n++ {
		r := read(t, whole[:n])
		require.True(t, r.Partial, whole[:n])
		require.GreaterOrEqual(t, r.Tests, most)
		require.Equal(t, r.Tests, r.Passed+r.Failed)
		most = r.Tests
	}
	require.False(t, read(t, whole).Partial)
}

// What a report holds of itself is bounded too: neither suites' own errors nor what builds print can be piled up.
func TestHostileReportsAreHeldShort(t *testing.T) {
	for name, unit := range map[string][3]string{
		"errors of a suite": {"<testsuite>", "<error/>", "</testsuite>"},
		"classes":           {"<testsuite>", `<testcase name="a" classname="` + strings.Repeat("c", 900) + `%d"/>`, "</testsuite>"},
		"builds":            {"", `{"ImportPath":"` + strings.Repeat("p", 900) + `%d","Action":"build-output","Output":""}` + "\n", ""},
		"definitions":       {"<TestRun>", `<UnitTest id="%d"><TestMethod className="` + strings.Repeat("c", 900) + `"/></UnitTest>`, "</TestRun>"},
		"suites":            {`{"suites":[{"specs":[`, `{"title":"` + strings.Repeat("t", 900) + `%d","tests":[{"status":"expected"}]},`, `]}]}`},
	} {
		var b strings.Builder
		b.WriteString(unit[0])
		for n := range 20_000 {
			b.WriteString(strings.ReplaceAll(unit[1], "%d", strconv.Itoa(n)))
		}
		b.WriteString(unit[2])
		limits := reports.DefaultLimits()
		limits.Kept = 2 << 20
		r, err := reports.Read(context.Background(), strings.NewReader(b.String()), limits)
		if err == nil {
			require.True(t, r.Partial, name)
			require.Less(t, r.Tests, 1000, name)
			continue
		}
		require.ErrorContains(t, err, "names and messages take more than 2 MB", name)
	}
}

func TestFilesAreThoseOfTheRepository(t *testing.T) {
	for file, want := range map[string]string{
		"/home/runner/work/shop/shop/src/cart.test.js":   "src/cart.test.js",
		"/__w/shop/shop/cart.py":                         "cart.py",
		`D:\a\shop\shop\src\Cart.cs`:                     "src/Cart.cs",
		"/opt/actions-runner/_work/shop/shop/a.rb":       "a.rb",
		"/github/workspace/a/b.go":                       "a/b.go",
		"file:///Users/runner/work/shop/shop/test/a.mjs": "test/a.mjs",
		"/app/work/shop/cart.js":                         "/app/work/shop/cart.js",
		`tests\CartTest.php`:                             "tests/CartTest.php",
		"src/a.ts":                                       "src/a.ts",
		"/work/shop/shop":                                "/work/shop/shop",
	} {
		r := read(t, `<testsuite><testcase name="a" file="`+file+`"/></testsuite>`)
		require.Equal(t, want, r.Cases[0].File)
		r = read(t, `{"results":{"tests":[{"name":"a","status":"passed","filePath":"`+strings.ReplaceAll(file, `\`, `\\`)+`"}]}}`)
		require.Equal(t, want, r.Cases[0].File)
	}
}
