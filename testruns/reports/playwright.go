package reports

import (
	"strings"
	"time"
)

// playwrightSuite takes a suite and gives its cases and those of the suites within. They are handed over when it ends,
// for only then its title is known for certain.
func (d *document) playwrightSuite() ([]Case, error) {
	var (
		title string
		cases []Case
	)
	err := d.s.object(func(key string) (err error) {
		switch key {
		case "title":
			title, err = d.s.text(d.limits.Name)
		case "specs":
			d.format = Playwright
			err = d.s.array(func() error {
				spec, err := d.playwrightSpec()
				cases = append(cases, spec...)
				return err
			})
		case "suites":
			err = d.s.array(func() error {
				within, err := d.playwrightSuite()
				cases = append(cases, within...)
				return err
			})
		default:
			err = d.s.skip()
		}
		return err
	})
	for i := range cases {
		if title != cases[i].File { // the outermost suite is the file
			cases[i].Suite = joined(title, cases[i].Suite, 2*d.limits.Name)
		}
	}
	return cases, err
}

// playwrightSpec takes what one call of test() declares and gives a case for each project that ran it.
func (d *document) playwrightSpec() ([]Case, error) {
	var (
		title, file string
		cases       []Case
	)
	err := d.s.object(func(key string) (err error) {
		switch key {
		case "title":
			title, err = d.s.text(d.limits.Name)
		case "file":
			file, err = d.s.text(d.limits.Name)
			file = inRepository(file)
		case "tests":
			d.format = Playwright
			err = d.s.array(func() error {
				var t playwrightTest
				err := d.s.object(func(key string) error { return d.playwrightTest(&t, key) })
				if err != nil && t.status != "unexpected" { // cut off: only a failure is believed
					return err
				}
				c := t.judge()
				cases = append(cases, c)
				if full := d.admit(c); full != nil {
					return full
				}
				return err
			})
		default:
			err = d.s.skip()
		}
		return err
	})
	for i := range cases {
		cases[i].Name, cases[i].File = titled(title), file
	}
	if full := d.hold(len(title) + len(file)); full != nil {
		return nil, full
	}
	return cases, err
}

// playwrightTest is a spec in one project while its members are read.
type playwrightTest struct {
	project, status, wanted string
	tries                   int
	last                    string // status of the last try
	differs                 bool   // a try before the last ended otherwise than wanted
	took                    time.Duration
	message                 string // of the first try that failed
}

func (d *document) playwrightTest(t *playwrightTest, key string) (err error) {
	switch key {
	case "projectName":
		t.project, err = d.s.text(d.limits.Name)
	case "status":
		t.status, err = d.s.text(20)
	case "expectedStatus":
		t.wanted, err = d.s.text(20)
	case "results":
		err = d.s.array(func() error {
			t.differs = t.differs || t.tries > 0 && t.last != t.wanted
			t.tries++
			return d.s.object(func(key string) error { return d.playwrightTry(t, key) })
		})
	default:
		err = d.s.skip()
	}
	return err
}

func (d *document) playwrightTry(t *playwrightTest, key string) (err error) {
	switch key {
	case "status":
		t.last, err = d.s.text(20)
	case "duration":
		t.took, err = d.milliseconds()
	case "error":
		var text string
		text, err = d.playwrightMessage()
		if t.message == "" {
			t.message = text
		}
	default:
		err = d.s.skip()
	}
	return err
}

// playwrightMessage takes an error and gives its message.
func (d *document) playwrightMessage() (text string, err error) {
	err = d.s.object(func(key string) (err error) {
		if key != "message" {
			return d.s.skip()
		}
		text, err = d.s.text(d.limits.Message)
		return err
	})
	return strings.TrimSpace(text), err
}

// judge tells how the tries ended, all together.
func (t *playwrightTest) judge() Case {
	c := Case{Host: t.project, Duration: t.took, Message: t.message, Retries: max(0, t.tries-1)}
	switch t.status {
	case "expected":
	case "flaky":
		c.Flaky = true
	case "skipped":
		c.Outcome = Skipped
	case "unexpected":
		c.Outcome = Failed
	default: // written before Playwright judged itself
		switch t.last {
		case "skipped", "":
			c.Outcome = Skipped
		case t.wanted:
			c.Flaky = t.differs
		default:
			c.Outcome = Failed
		}
	}
	if c.Outcome == Failed && c.Message == "" && t.last == "passed" {
		c.Message = "was expected to fail, and passed"
	}
	if c.Outcome == Passed && !c.Flaky {
		c.Message = "" // of a failure that was expected
	}
	return c
}

// playwrightError takes what went wrong outside of any test: set-up, a file that cannot be loaded, no test found.
func (d *document) playwrightError() error {
	text, err := d.playwrightMessage()
	if d.reason == "" {
		d.reason = text
	}
	return err
}

// playwrightStats takes what the run counted itself.
func (d *document) playwrightStats() error {
	counts := map[string]int{}
	err := d.s.object(func(key string) (err error) {
		switch key {
		case "expected", "unexpected", "flaky", "skipped":
			counts[key], err = d.whole()
			return err
		}
		return d.s.skip()
	})
	if len(counts) == 4 {
		d.format = Playwright
		d.says = said{tests: counts["expected"] + counts["unexpected"] + counts["flaky"] + counts["skipped"],
			bad: counts["unexpected"], failures: counts["unexpected"], skipped: counts["skipped"]}
	}
	return err
}
