package reports

import "strings"

// ctrfResults takes one member of the results.
func (d *document) ctrfResults(key string) error {
	switch key {
	case "tool":
		return d.s.object(func(key string) (err error) {
			if key != "name" {
				return d.s.skip()
			}
			d.name, err = d.s.text(100)
			return err
		})
	case "summary":
		return d.ctrfSummary()
	case "tests":
		return d.s.array(d.ctrfTest)
	}
	return d.s.skip()
}

// ctrfSummary takes what the report counted itself. Pending and other are skipped.
func (d *document) ctrfSummary() error {
	says := said{tests: -1}
	err := d.s.object(func(key string) error {
		var n int
		var err error
		switch key {
		case "tests", "failed", "skipped", "pending", "other":
			n, err = d.whole()
		default:
			return d.s.skip()
		}
		switch key {
		case "tests":
			says.tests = n
		case "failed":
			says.failures = max(n, 0)
			says.bad = says.failures
		default:
			says.skipped += max(n, 0)
		}
		return err
	})
	d.says = says
	if says.tests >= 0 {
		d.format = CTRF
	}
	return err
}

// ctrfCase is a test while its members are read.
type ctrfCase struct {
	Case
	status, raw string
	trace       string
	flaky       bool
}

// ctrfTest takes one test. Of one that is cut off, only a failure is believed.
func (d *document) ctrfTest() error {
	var k ctrfCase
	err := d.s.object(func(key string) error { return d.ctrfMember(&k, key) })
	if k.Name == "" && k.status == "" {
		return err // whatever it is, it is no test
	}
	d.format = CTRF
	c, clear := k.judge()
	if err != nil && (c.Outcome != Failed && c.Outcome != Errored || !clear) {
		return err
	}
	if !clear {
		d.unclear++
	}
	if full := d.admit(c); full != nil {
		return full
	}
	d.made.take(c.Outcome)
	d.add(c)
	return err
}

func (d *document) ctrfMember(k *ctrfCase, key string) (err error) {
	switch key {
	case "name":
		k.Name, err = d.s.text(d.limits.Name)
	case "status":
		k.status, err = d.s.text(20)
	case "rawStatus":
		k.raw, err = d.s.text(20)
	case "duration":
		k.Duration, err = d.milliseconds()
	case "suite":
		k.Suite, err = d.ctrfSuite()
	case "filePath":
		k.File, err = d.s.text(d.limits.Name)
		k.File = inRepository(k.File)
	case "message":
		k.Message, err = d.s.text(d.limits.Message)
	case "trace":
		k.trace, err = d.s.text(d.limits.Message)
	case "retries":
		var n int
		n, err = d.whole()
		k.Retries = max(n, 0)
	case "flaky":
		k.flaky, err = d.s.boolean()
	default:
		err = d.s.skip()
	}
	return err
}

// ctrfSuite takes the suite: a list of names from the outermost on, or in older reports one name.
func (d *document) ctrfSuite() (string, error) {
	if c, err := d.s.peek(); err != nil || c != '[' {
		name, more := d.s.text(2 * d.limits.Name)
		if err == nil {
			err = more
		}
		return name, err
	}
	path := ""
	err := d.s.array(func() error {
		name, err := d.s.text(d.limits.Name)
		path = joined(path, name, 2*d.limits.Name)
		return err
	})
	return path, err
}

// judge tells how a test ended; clear is false where its status says nothing that is known.
func (k *ctrfCase) judge() (c Case, clear bool) {
	c = k.Case
	c.Name = titled(c.Name)
	if c.Message = strings.TrimSpace(c.Message); c.Message == "" {
		c.Message = strings.TrimSpace(k.trace)
	}
	switch strings.ToLower(k.status) {
	case "passed":
		c.Flaky = k.flaky || k.Retries > 0
		return c, true
	case "failed":
		c.Outcome = Failed
		return c, true
	case "skipped", "pending":
		c.Outcome = Skipped
		return c, true
	}
	switch strings.ToLower(k.raw) {
	case "error", "errored", "broken", "crashed", "timedout", "timeout", "interrupted", "aborted":
		c.Outcome = Errored
		return c, true
	case "todo", "disabled": // jest's
		c.Outcome = Skipped
		return c, true
	}
	c.Outcome = Skipped
	return c, false
}
