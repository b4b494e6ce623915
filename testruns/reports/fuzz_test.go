package reports_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellhop/testruns/reports"
)

// Each reader has a target of its own: no input makes it panic, what it refuses it refuses in words, its counts are those
// of its cases, and how the bytes arrive changes nothing.
func FuzzJUnit(f *testing.F) {
	for _, d := range dialects {
		f.Add([]byte(d.text))
	}
	fuzzReader(f, reports.JUnit)
}

func FuzzCTRF(f *testing.F)       { fuzzReader(f, reports.CTRF) }
func FuzzGoTest(f *testing.F)     { fuzzReader(f, reports.GoTest) }
func FuzzTRX(f *testing.F)        { fuzzReader(f, reports.TRX) }
func FuzzPlaywright(f *testing.F) { fuzzReader(f, reports.Playwright) }

func FuzzZip(f *testing.F) {
	f.Add([]byte("PK\x03\x04"))
	f.Add(archive(f, "junit.xml", oneCase, "ctrf.json", `{"results":{"tests":[{"name":"a","status":"passed"}]}}`))
	fuzzReader(f, reports.Zip)
}

// fuzzReader begins with what the tests hold of a format.
func fuzzReader(f *testing.F, format reports.Format) {
	for _, d := range formats {
		if d.format == format {
			f.Add([]byte(d.text))
		}
	}
	for _, m := range made {
		if m.format == format {
			b, err := os.ReadFile(filepath.Join("testdata", m.file))
			require.NoError(f, err)
			f.Add(b)
		}
	}
	limits := reports.DefaultLimits()
	limits.Bytes, limits.Cases = 1<<20, 10_000
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := reports.Read(context.Background(), bytes.NewReader(b), limits)
		if err != nil {
			if e := (*reports.Error)(nil); !errors.As(err, &e) {
				t.Fatalf("not in words: %v", err)
			}
			return
		}
		if r.Tests != r.Passed+r.Failed+r.Errors+r.Skipped || r.Flaky > r.Passed || len(r.Cases) > r.Tests || r.Format == "" {
			t.Fatalf("format %q, counts: %+v", r.Format, r.Totals)
		}
		for _, c := range r.Cases {
			if strings.ContainsAny(c.Name+c.Message, "\x00\x1b") || c.Name == "" || len(c.Name) > 2*limits.Name || c.Duration < 0 {
				t.Fatalf("case %+v", c)
			}
		}
		if bytes.HasPrefix(b, []byte("PK")) {
			return
		}
		slow, err := reports.Read(context.Background(), iotest.OneByteReader(bytes.NewReader(b)), limits)
		if err != nil || slow.Totals != r.Totals || slow.Partial != r.Partial || slow.Format != r.Format {
			t.Fatalf("byte by byte: %v %+v, at once %+v", err, slow.Totals, r.Totals)
		}
	})
}

// Whatever cases a writer lists, they are counted as they are.
func TestCountsAreThoseOfTheCases(t *testing.T) {
	children := []string{"", "<failure/>", "<error/>", "<skipped/>"}
	rapid.Check(t, func(t *rapid.T) {
		var (
			b    strings.Builder
			want tally
		)
		b.WriteString("<testsuites>")
		for s := range rapid.IntRange(0, 4).Draw(t, "suites") {
			fmt.Fprintf(&b, `<testsuite name="s%d">`, s)
			for n := range rapid.IntRange(0, 10).Draw(t, "cases") {
				o := rapid.IntRange(0, 3).Draw(t, "outcome")
				fmt.Fprintf(&b, `<testcase name="c%d">%s</testcase>`, n, children[o])
				want[0]++
				want[1+o]++
			}
			b.WriteString("</testsuite>")
		}
		b.WriteString("</testsuites>")
		r, err := reports.Read(context.Background(), strings.NewReader(b.String()), reports.DefaultLimits())
		if err != nil || tallyOf(r) != want || r.Partial {
			t.Fatalf("%v: %v, want %v", err, tallyOf(r), want)
		}
	})
}

// endless is a report with n bytes of the line over and over between head and tail, without holding them.
type endless struct {
	head, tail io.Reader
	line       string
	at, n      int
	peak       uint64 // of the heap, looked at now and then
}

func (e *endless) Read(p []byte) (int, error) {
	if n, err := e.head.Read(p); err == nil {
		return n, nil
	}
	if e.at >= e.n {
		return e.tail.Read(p)
	}
	if e.at%(1<<20) < len(p) {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		e.peak = max(e.peak, m.HeapInuse)
	}
	n := 0
	for n < len(p) && e.at < e.n {
		took := copy(p[n:], e.line[e.at%len(e.line):])
		n, e.at = n+took, e.at+took
	}
	return n, nil
}

type output struct{ name, head, line, tail string }

// outputs are how each format holds what a test printed: what comes before, one line of it, and what comes behind.
var outputs = []output{
	{"JUnit", `<testsuite><testcase name="a"><system-out>`, "a line of output\n", `</system-out></testcase></testsuite>`},
	{"JUnit's CDATA", `<testsuite><testcase name="a"><failure><![CDATA[`, "a line of ]] > output\n", `]]></failure></testcase></testsuite>`},
	{"JUnit in windows-1252", `<?xml version="1.0" encoding="windows-1252"?><testsuite><testcase name="a"><system-out>`, "a line of output\n", `</system-out></testcase></testsuite>`},
	{"CTRF, lines", `{"results":{"tests":[{"name":"a","status":"failed","stdout":[`, `"a line of \u001b[1moutput\n",`, `""]}]}}`},
	{"CTRF, one text", `{"results":{"tests":[{"name":"a","status":"failed","message":"`, `a line of \"output\"\n`, `"}]}}`},
	{"go test", "{\"Action\":\"run\",\"Package\":\"a\",\"Test\":\"T\"}\n",
		"{\"Time\":\"2026-11-20T10:00:00.123456Z\",\"Action\":\"output\",\"Package\":\"a\",\"Test\":\"T\",\"Output\":\"    a_test.go:10: a line of output\\n\"}\n",
		"{\"Action\":\"fail\",\"Package\":\"a\",\"Test\":\"T\"}\n{\"Action\":\"fail\",\"Package\":\"a\"}\n"},
	{"TRX", `<TestRun><Results><UnitTestResult testName="a" outcome="Failed"><Output><StdOut>`, "a line of output\n", `</StdOut></Output></UnitTestResult></Results></TestRun>`},
	{"Playwright", `{"suites":[{"title":"a","specs":[{"title":"a","tests":[{"status":"unexpected","results":[{"status":"failed","stdout":[`, `{"text":"a line of output\n"},`, `{}]}]}]}]}]}`},
}

func (o output) of(size int) *endless {
	return &endless{head: strings.NewReader(o.head), tail: strings.NewReader(o.tail), line: o.line, n: size - size%len(o.line)}
}

// Much output in one test is read in little memory, whatever the format.
func TestMemoryIsBounded(t *testing.T) {
	for _, o := range outputs {
		const size = 20 << 20
		runtime.GC()
		in := o.of(size)
		r, err := reports.Read(context.Background(), in, reports.DefaultLimits())
		require.NoError(t, err, o.name)
		require.Equal(t, 1, r.Tests, o.name)
		require.Less(t, in.peak, uint64(20<<20), "heap while reading %s", o.name)
	}
}

func BenchmarkReadOutput(b *testing.B) {
	const size = 200 << 20
	for _, o := range outputs {
		b.Run(o.name, func(b *testing.B) {
			b.SetBytes(size)
			peak := uint64(0)
			for b.Loop() {
				in := o.of(size)
				if _, err := reports.Read(context.Background(), in, reports.DefaultLimits()); err != nil {
					b.Fatal(err)
				}
				peak = max(peak, in.peak)
			}
			b.ReportMetric(float64(peak)/(1<<20), "MB-heap")
		})
	}
}

func BenchmarkReadCases(b *testing.B) {
	var text strings.Builder
	text.WriteString(`<?xml version="1.0" encoding="UTF-8"?><testsuites>`)
	for s := range 200 {
		fmt.Fprintf(&text, `<testsuite name="com.acme.Suite%d" tests="100" failures="1" errors="0" skipped="0" time="1.5">`, s)
		for c := range 100 {
			fmt.Fprintf(&text, `<testcase classname="com.acme.Suite%d" name="case number %d does what it says" time="0.012">`, s, c)
			if c == 7 {
				text.WriteString(`<failure message="expected 1 but was 2" type="AssertionError">at com.acme.Suite(Suite.java:12)</failure>`)
			}
			text.WriteString("</testcase>\n")
		}
		text.WriteString("</testsuite>")
	}
	text.WriteString("</testsuites>")
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		r, err := reports.Each(context.Background(), strings.NewReader(text.String()), reports.DefaultLimits(), func(reports.Case) {})
		if err != nil || r.Tests != 20_000 {
			b.Fatal(err, r.Tests)
		}
	}
}
