// Package reports reads test reports as continuous integration leaves them: JUnit XML in its many dialects, CTRF, the events
// of go test, Visual Studio's TRX and Playwright's JSON, bare or in a zip. Formats are told apart by content, never by name. Reading streams: memory stays bounded whatever the input is,
// and what cannot be trusted is said in words rather than counted as green.
package reports

import (
	"context"
	"fmt"
	"io"
	"time"
)

// Outcome is how one test case ended.
type Outcome int

// The outcomes. A case that shows several counts once: Errored before Failed before Skipped before Passed.
const (
	Passed Outcome = iota
	Skipped
	Failed
	Errored
)

// String is the outcome's word.
func (o Outcome) String() string {
	switch o {
	case Passed:
		return "passed"
	case Skipped:
		return "skipped"
	case Failed:
		return "failed"
	default:
		return "error"
	}
}

// Case is one test case after its repeats were put together.
type Case struct {
	File  string // source file, where the report names it
	Suite string // names of the enclosing suites, joined by " › "
	Host  string // the suite's hostname: a machine's in most dialects, the project's in Playwright's
	Class string
	Name  string
	// Outcome is the last word on the case; a case that failed and then passed has Passed and Flaky.
	Outcome  Outcome
	Flaky    bool
	Retries  int // executions beyond the first that the report shows
	Duration time.Duration
	Type     string // the failure's type attribute
	Message  string // the failure's message, else the first of its text; cut to Limits.Message
}

// Totals counts cases, each once.
type Totals struct {
	Tests, Passed, Failed, Errors, Skipped int
	Flaky                                  int // of Passed: those that needed more than one try
	Duration                               time.Duration
}

// Format names what was read.
type Format string

// The formats.
const (
	JUnit      Format = "junit"
	CTRF       Format = "ctrf"
	GoTest     Format = "go-test" // go test -json
	TRX        Format = "trx"
	Playwright Format = "playwright" // its JSON reporter's
	Zip        Format = "zip"        // an archive that holds reports of other formats
)

// Report is what was read of one input.
type Report struct {
	Format Format
	// Partial tells that the input ended early or that part of it could not be read: what is here is right, but
	// passing cannot be concluded from it.
	Partial bool
	Totals
	// Cases are the cases in order of appearance; Each leaves them out.
	Cases []Case
	// Problems say in words where the report contradicts itself or could not be followed; at most Limits.Problems.
	Problems []string
	// Reports counts the reports in a zip; 1 for a bare one.
	Reports int
}

// Limits bound what reading may cost.
type Limits struct {
	Bytes    int64 // of one input after unpacking, all entries of a zip together
	Archive  int64 // of a zip as it comes
	Entries  int   // of a zip
	Depth    int   // of nested elements, objects and arrays
	Cases    int   // of one input
	Kept     int64 // bytes of names and messages kept of one input
	Name     int   // bytes kept of one name
	Message  int   // bytes kept of one failure's message
	Problems int
	Dir      string // where a zip that is too large for memory is spooled; "" is the system's temporary folder
}

// DefaultLimits fit reports of real projects with room to spare: 512 MiB unpacked, 300,000 cases.
func DefaultLimits() Limits {
	return Limits{
		Bytes: 512 << 20, Archive: 64 << 20, Entries: 10_000, Depth: 200, Cases: 300_000, Kept: 96 << 20,
		Name: 1000, Message: 2000, Problems: 20,
	}
}

// Error says in a person's words why an input could not be read.
type Error struct {
	Reason Reason
	Text   string
}

// Reason sorts the errors of this package.
type Reason int

// The reasons.
const (
	NotAReport Reason = iota // readable, but no report in a format known here
	Refused                  // past a limit, or built to do harm
)

// Error implements error.
func (e *Error) Error() string { return e.Text }

func notReport(format string, args ...any) error {
	return &Error{NotAReport, fmt.Sprintf(format, args...)}
}

func refused(format string, args ...any) error {
	return &Error{Refused, fmt.Sprintf(format, args...)}
}

// Read reads one input whole. On an *Error nothing of the input is usable; other errors are the reader's or the
// context's own.
func Read(ctx context.Context, r io.Reader, limits Limits) (Report, error) {
	var cases []Case
	report, err := Each(ctx, r, limits, func(c Case) { cases = append(cases, c) })
	report.Cases = cases
	return report, err
}

// Each is Read for large inputs: it hands over each case as soon as its suite has ended and keeps none.
func Each(ctx context.Context, r io.Reader, limits Limits, visit func(Case)) (Report, error) {
	in := &input{ctx: ctx, left: limits.Bytes}
	head, err := in.open(r)
	if err != nil {
		return Report{}, err
	}
	if isZip(head) {
		return readZip(ctx, r, in, limits, visit)
	}
	c := &collector{limits: limits, visit: visit}
	if err := readOne(in, c); err != nil {
		return Report{}, err
	}
	c.report.Reports = 1
	return c.report, nil
}

// readOne reads a bare report in whichever format it is.
func readOne(in *input, c *collector) error {
	read, err := detect(in.peek(sniffLen))
	if err != nil {
		return err
	}
	return read(in.decoded(), c)
}

// collector gathers what readers find, within the limits.
type collector struct {
	limits Limits
	visit  func(Case)
	report Report
	entry  string // name of the zip's entry, a prefix of its problems
	kept   int64
	raw    int  // cases read, repeats each
	last   Case // admitted last; neighbours share their strings
}

// admit keeps the limits for one more case as it was read, before it is held anywhere.
func (c *collector) admit(k Case) error {
	if c.raw++; c.raw > c.limits.Cases {
		return refused("holds more than %d test cases", c.limits.Cases)
	}
	n := len(k.Name) + len(k.Message) + len(k.Type)
	if k.Class != c.last.Class {
		n += len(k.Class)
	}
	if k.File != c.last.File {
		n += len(k.File)
	}
	c.last = k
	return c.hold(n)
}

// hold keeps the limit for n more bytes of text that are kept.
func (c *collector) hold(n int) error {
	c.kept += int64(n)
	if c.kept > c.limits.Kept {
		return refused("its names and messages take more than %d MB", c.limits.Kept>>20)
	}
	return nil
}

// add counts and hands over one case.
func (c *collector) add(k Case) {
	c.report.count(k.Outcome, k.Flaky, 1)
	c.report.Duration += k.Duration
	c.visit(k)
}

func (t *Totals) count(o Outcome, flaky bool, n int) {
	t.Tests += n
	switch o {
	case Passed:
		t.Passed += n
		if flaky {
			t.Flaky += n
		}
	case Skipped:
		t.Skipped += n
	case Failed:
		t.Failed += n
	case Errored:
		t.Errors += n
	}
}

// problem notes something that a reader of the report should know.
func (c *collector) problem(format string, args ...any) {
	if len(c.report.Problems) >= c.limits.Problems {
		return
	}
	text := fmt.Sprintf(format, args...)
	if c.entry != "" {
		text = c.entry + ": " + text
	}
	c.report.Problems = append(c.report.Problems, text)
}

// partial marks the report as incomplete, with the reason.
func (c *collector) partial(format string, args ...any) {
	c.report.Partial = true
	c.problem(format, args...)
}
