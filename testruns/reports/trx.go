package reports

import (
	"hash/maphash"
	"path"
	"strconv"
	"strings"
	"time"
)

// trx reads one of Visual Studio's TRX files. It lists results before the definitions that name their classes, so the
// cases are held until its end.
type trx struct {
	*collector
	s       *scanner
	seed    maphash.Seed
	depth   int
	opaque  string       // the open element that holds text, in which tags mean nothing
	open    []*trxResult // results within results are the rows of a data-driven test
	cases   []trxResult
	methods map[uint64]trxMethod // by the hash of the test's id
	id      uint64               // of the definition that is open
	rows    map[uint64]bool      // tests of which rows stand beside them, and whether one fails
	around  tally                // results that are only the sum of their rows
	says    said
	outcome string // of the run as a whole
	runs    string // the first thing the run itself has to say
	text    keeper
	target  *string
}

// trxResult is a result, with the test that it is of.
type trxResult struct {
	Case
	test     uint64
	driven   bool // the sum of its rows, which stand within or beside it
	rows     int
	rowFails bool
}

type trxMethod struct{ assembly, class string }

// readTRX reads on from the root's start tag.
func readTRX(s *scanner, c *collector) error {
	c.report.Format = TRX
	x := &trx{collector: c, s: s, seed: maphash.MakeSeed(), methods: map[uint64]trxMethod{}, rows: map[uint64]bool{}, says: said{tests: -1}}
	t, open, err := startTag, false, error(nil)
	for {
		switch {
		case err != nil:
			return err
		case t == startTag:
			err = x.start()
		case t == endTag:
			err = x.end(string(s.name))
		default:
			x.finish(open || x.depth > 0)
			return nil
		}
		if err != nil {
			return err
		}
		t, open, err = s.next()
	}
}

func (x *trx) start() error {
	if x.opaque != "" {
		return nil
	}
	if x.depth++; x.depth > x.limits.Depth {
		return refused("nests elements more than %d deep", x.limits.Depth)
	}
	name := string(x.s.name)
	switch name {
	case "StdOut", "StdErr", "DebugTrace", "Message", "StackTrace", "Text":
		x.opaque = name
	}
	var err error
	switch {
	case isTRXResult(name) && x.s.attr("testName") != nil:
		x.open = append(x.open, x.result())
	case name == "UnitTest":
		x.id = maphash.Bytes(x.seed, x.s.attr("id"))
		err = x.define(trxMethod{assembly: assembly(x.s.attr("storage"))})
	case name == "TestMethod":
		m := x.methods[x.id]
		class, _, _ := strings.Cut(decode(x.s.attr("className")), ",") // its assembly follows
		m.class = shorten(strings.TrimSpace(class), x.limits.Name)
		err = x.define(m)
	case name == "ResultSummary":
		x.outcome = string(x.s.attr("outcome"))
	case name == "Counters":
		x.counters()
	case name == "Message" && len(x.open) > 0:
		if r := x.open[len(x.open)-1]; r.Outcome == Failed || r.Outcome == Errored {
			x.keepIn(&r.Message)
		}
	case name == "Text" && len(x.open) == 0 && x.outcome != "":
		x.keepIn(&x.runs)
	}
	if err == nil && x.s.selfClosed {
		err = x.end(name)
	}
	return err
}

// isTRXResult tells the elements that are results: UnitTestResult, GenericTestResult, TestResultAggregation and others.
func isTRXResult(name string) bool {
	return strings.HasSuffix(name, "TestResult") || name == "TestResultAggregation"
}

// define keeps what is known of the test whose definition is open.
func (x *trx) define(m trxMethod) error {
	if _, known := x.methods[x.id]; !known && len(x.methods) >= x.limits.Cases {
		return refused("defines more than %d tests", x.limits.Cases)
	}
	x.methods[x.id] = m
	return x.hold(len(m.assembly) + len(m.class))
}

// keepIn gives the text of the element at hand to target, if nothing stands there.
func (x *trx) keepIn(target *string) {
	if *target == "" {
		x.target = target
		x.text = keeper{text: x.text.text[:0], max: x.limits.Message}
		x.s.keep = &x.text
	}
}

func (x *trx) end(name string) error {
	if x.opaque != "" {
		if name != x.opaque {
			return nil
		}
		x.opaque = ""
		if x.target != nil {
			x.settle()
		}
	}
	x.depth = max(0, x.depth-1)
	if !isTRXResult(name) || len(x.open) == 0 {
		return nil
	}
	r := x.open[len(x.open)-1]
	x.open = x.open[:len(x.open)-1]
	fails := r.Outcome == Failed || r.Outcome == Errored
	if n := len(x.open); n > 0 {
		x.open[n-1].rows++
		x.open[n-1].rowFails = x.open[n-1].rowFails || fails
	}
	if r.rows > 0 && (r.rowFails || !fails) {
		x.around.take(r.Outcome) // its rows say it all
		return nil
	}
	x.cases = append(x.cases, *r)
	return x.admit(r.Case)
}

// settle puts the kept text where it goes.
func (x *trx) settle() {
	*x.target = strings.TrimSpace(decode(x.text.text))
	x.target, x.s.keep = nil, nil
}

// result reads a result's attributes.
func (x *trx) result() *trxResult {
	kind := string(x.s.attr("resultType"))
	r := &trxResult{test: maphash.Bytes(x.seed, x.s.attr("testId")), driven: kind == "DataDrivenTest"}
	r.Name = shorten(decode(x.s.attr("testName")), x.limits.Name)
	if r.Name == "" {
		r.Name = "(no name)"
	}
	r.Duration = clockTime(string(x.s.attr("duration")))
	r.Outcome = trxOutcome(string(x.s.attr("outcome")))
	if kind == "DataDrivenDataRow" {
		x.rows[r.test] = x.rows[r.test] || r.Outcome == Failed || r.Outcome == Errored
	}
	return r
}

// trxOutcome reads an outcome. The loggers leave out the first of their enumeration, which is Error.
func trxOutcome(outcome string) Outcome {
	switch outcome {
	case "Passed", "Completed", "Warning":
		return Passed
	case "Failed":
		return Failed
	case "NotExecuted", "Inconclusive", "Pending", "NotRunnable":
		return Skipped
	}
	return Errored // Error, Timeout, Aborted, Disconnected, InProgress, PassedButRunAborted
}

// counters reads what the run counted itself. Skipped tests are in none of its counts for certain.
func (x *trx) counters() {
	n := func(name string) int { n, _ := count(x.s.attr(name)); return n }
	tests, ok := count(x.s.attr("total"))
	if !ok {
		return
	}
	failures, errors := n("failed"), n("error")+n("timeout")+n("aborted")
	x.says = said{tests: tests, bad: failures + errors, failures: failures, errors: errors, skipped: max(0, tests-n("executed"))}
}

// finish names the cases' classes, hands them over and compares the counts.
func (x *trx) finish(cut bool) {
	if x.target != nil {
		x.settle()
	}
	if cut {
		for _, r := range x.open { // of what is cut off, only a failure is believed
			if r.Outcome == Failed || r.Outcome == Errored {
				x.cases = append(x.cases, *r)
			}
		}
	}
	var made tally
	for _, r := range x.cases {
		if rowFails, beside := x.rows[r.test]; r.driven && beside && (rowFails || r.Outcome != Failed && r.Outcome != Errored) {
			x.around.take(r.Outcome)
			continue
		}
		m := x.methods[r.test]
		r.Suite, r.Class = m.assembly, m.class
		r.Name = strings.TrimPrefix(r.Name, m.class+".")
		made.take(r.Outcome)
		x.add(r.Case)
	}
	if cut {
		x.partial("ends early, after %s", counted(made.tests, "test case"))
		return
	}
	switch {
	case made.tests == 0 && x.says.tests > 0:
		x.problem("lists no results; its %d tests are counted by its summary", x.says.tests)
		made = x.believe(x.says)
	case x.says.tests >= 0 && !x.agree(made) && !x.agree(made.plus(x.around)): // older ones count the sums of rows too
		x.disagree("report", "TRX", x.says, made)
	}
	if made.bad == 0 && x.failedItself() {
		x.add(Case{Name: "(the run itself)", Outcome: Errored, Message: x.runs})
	}
}

func (x *trx) agree(made tally) bool { return x.says.tests == made.tests && x.says.bad == made.bad }

// failedItself tells whether the run as a whole went wrong.
func (x *trx) failedItself() bool {
	switch x.outcome {
	case "Failed", "Error", "Aborted", "Timeout", "Disconnected":
		return true
	}
	return false
}

// assembly is the name of the file that holds the tests.
func assembly(storage []byte) string {
	name := path.Base(strings.ReplaceAll(decode(storage), `\`, "/"))
	if name == "." || name == "/" {
		return ""
	}
	return shorten(strings.TrimSuffix(strings.TrimSuffix(name, ".dll"), ".exe"), 200)
}

// clockTime reads a duration such as 00:01:02.5000000 or 1.00:00:00; what is none is 0.
func clockTime(text string) time.Duration {
	parts := strings.Split(text, ":")
	if len(parts) != 3 {
		return 0
	}
	days, hours, ok := strings.Cut(parts[0], ".")
	if !ok {
		days, hours = "0", parts[0]
	}
	d, err1 := strconv.ParseUint(days, 10, 8)
	h, err2 := strconv.ParseUint(hours, 10, 8)
	m, err3 := strconv.ParseUint(parts[1], 10, 8)
	if err1 != nil || err2 != nil || err3 != nil {
		return 0
	}
	whole := time.Duration(d)*24*time.Hour + time.Duration(h)*time.Hour + time.Duration(m)*time.Minute
	if whole > maxDuration {
		return 0
	}
	return whole + seconds([]byte(parts[2]))
}
