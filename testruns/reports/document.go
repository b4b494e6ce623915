package reports

import (
	"errors"
	"fmt"
	"io"
	"time"
)

// document is a JSON document, which is CTRF's or Playwright's: its members tell.
type document struct {
	*collector
	s      *jsonScanner
	format Format
	made   tally
	says   said
	name   string // of the tool that ran the tests
	// unclear counts cases whose status is none that is known.
	unclear int
	broken  bool
	// reason is the first thing that went wrong outside of any test; what follows is mostly its consequence.
	reason string
}

// readJSON reads one document after the other.
func readJSON(r io.Reader, c *collector) error {
	s := newJSONScanner(r, c.limits.Depth)
	for n := 0; ; n++ {
		d := &document{collector: c, s: s, says: said{tests: -1}}
		err := d.read()
		if e := (*Error)(nil); n > 0 && errors.As(err, &e) && e.Reason == NotAReport {
			c.problem("what follows the report %s", e.Text)
			c.report.Partial = c.report.Partial || d.broken // perhaps another report
			return nil
		}
		if err != nil || d.broken { // behind a break nothing is certain
			return err
		}
		switch next, err := s.peek(); {
		case errors.Is(err, errCut):
			return nil
		case err != nil:
			return err
		case next != '{':
			c.problem("text outside of the report was passed over")
			return nil
		}
	}
}

func (d *document) read() error {
	var first string
	err := d.s.object(func(key string) error {
		if first == "" {
			first = key
		}
		return d.member(key)
	})
	if bad := (*syntaxError)(nil); err != nil && !errors.Is(err, errCut) && !errors.As(err, &bad) {
		return err
	}
	d.broken = err != nil
	switch {
	case d.format == "" && err != nil:
		return notReport("is no test report known here: its JSON %v", err)
	case d.format == "":
		return notReport("is JSON, but no test report known here: it begins with %q", first)
	}
	d.report.Format = d.format
	switch {
	case errors.Is(err, errCut):
		d.partial("ends early, after %s", counted(d.made.tests, "test case"))
	case err != nil:
		d.partial("%v", err)
	case d.made.tests == 0 && d.says.tests > 0:
		d.problem("lists no tests; its %d are counted by its summary", d.says.tests)
		d.believe(d.says)
	case d.says.tests >= 0 && (d.says.tests != d.made.tests || d.says.bad != d.made.bad || d.says.skipped != d.made.skipped):
		d.disagree("report", d.name, d.says, d.made)
	}
	if d.reason != "" {
		d.add(Case{Name: "(the run itself)", Outcome: Errored, Message: d.reason})
	}
	if d.unclear > 0 {
		d.problem("%s neither passed, failed, skipped nor pending: counted as skipped", counted(d.unclear, "test"))
	}
	return nil
}

// member takes one member of the document.
func (d *document) member(key string) error {
	switch key {
	case "reportFormat":
		format, err := d.s.text(10)
		if format == "CTRF" {
			d.format = CTRF
		}
		return err
	case "results":
		return d.s.object(d.ctrfResults)
	case "suites":
		return d.s.array(func() error {
			cases, err := d.playwrightSuite()
			for _, k := range cases {
				d.made.take(k.Outcome)
				d.add(k)
			}
			return err
		})
	case "errors":
		return d.s.array(d.playwrightError)
	case "stats":
		return d.playwrightStats()
	}
	return d.s.skip()
}

// milliseconds takes a number of them; what is no sensible time is 0.
func (d *document) milliseconds() (time.Duration, error) {
	ms, _, err := d.s.number()
	if !(ms > 0 && ms <= float64(maxDuration.Milliseconds())) { // NaN is none either
		return 0, err
	}
	return time.Duration(ms * float64(time.Millisecond)), err
}

// whole takes a count, -1 where there is none.
func (d *document) whole() (int, error) {
	f, ok, err := d.s.number()
	if !ok || f < 0 || f >= 1<<30 {
		return -1, err
	}
	return int(f), err
}

// titled gives a case that nobody named a name that can be shown.
func titled(name string) string {
	if name == "" {
		return "(no name)"
	}
	return name
}

// joined puts a suite's name before the path of those within, as JUnit's are put.
func joined(outer, inner string, most int) string {
	if outer == "" || inner == "" {
		return outer + inner
	}
	return shorten(fmt.Sprintf("%s › %s", outer, inner), most)
}
