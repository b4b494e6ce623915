package reports_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellhop/testruns/reports"
)

// FuzzRead: no input makes the reader panic, its counts are those of its cases, and how the bytes arrive changes
// nothing.
func FuzzRead(f *testing.F) {
	for _, d := range dialects {
		f.Add([]byte(d.text))
	}
	f.Add([]byte("PK\x03\x04"))
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
		if r.Tests != r.Passed+r.Failed+r.Errors+r.Skipped || r.Flaky > r.Passed || len(r.Cases) > r.Tests {
			t.Fatalf("counts: %+v", r.Totals)
		}
		for _, c := range r.Cases {
			if strings.ContainsAny(c.Name, "\x00\x1b") || c.Name == "" || len(c.Name) > 2*limits.Name {
				t.Fatalf("name %q", c.Name)
			}
		}
		if bytes.HasPrefix(b, []byte("PK")) {
			return
		}
		slow, err := reports.Read(context.Background(), iotest.OneByteReader(bytes.NewReader(b)), limits)
		if err != nil || slow.Totals != r.Totals || slow.Partial != r.Partial {
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

// endless writes a report with n bytes of output in one case, without holding it.
type endless struct {
	n    int
	tail io.Reader
	head io.Reader
}

func (e *endless) Read(p []byte) (int, error) {
	if n, err := e.head.Read(p); err == nil {
		return n, nil
	}
	if e.n > 0 {
		n := min(e.n, len(p))
		for i := range p[:n] {
			p[i] = "line of output\n"[i%15]
		}
		e.n -= n
		return n, nil
	}
	return e.tail.Read(p)
}

func outputOf(n int, open, shut string) io.Reader {
	return &endless{n, strings.NewReader(shut + `</system-out></testcase><testcase name="b"/></testsuite>`),
		strings.NewReader(`<testsuite><testcase name="a"><system-out>` + open)}
}

func TestMemoryIsBounded(t *testing.T) {
	limits := reports.DefaultLimits()
	for marks, size := range map[[2]string]int{{"", ""}: 20 << 20, {"<![CDATA[", "]]>"}: 200 << 20} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		r, err := reports.Read(context.Background(), outputOf(size, marks[0], marks[1]), limits)
		runtime.ReadMemStats(&after)
		require.NoError(t, err)
		require.Equal(t, 2, r.Tests)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20), "bytes ever allocated for 200 MB")
	}
}

func BenchmarkReadOutput(b *testing.B) {
	const size = 50 << 20
	b.SetBytes(size)
	for b.Loop() {
		if _, err := reports.Read(context.Background(), outputOf(size, "", ""), reports.DefaultLimits()); err != nil {
			b.Fatal(err)
		}
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

func BenchmarkReadWindows1252(b *testing.B) {
	head := `<?xml version="1.0" encoding="windows-1252"?>`
	const size = 20 << 20
	b.SetBytes(size)
	for b.Loop() {
		r := io.MultiReader(strings.NewReader(head), outputOf(size, "", ""))
		if _, err := reports.Read(context.Background(), r, reports.DefaultLimits()); err != nil {
			b.Fatal(err)
		}
	}
}
