package reports

// suite is a testsuite or testsuites element that is open.
type suite struct {
	implicit bool // for cases outside of any suite: nothing is merged, no attributes are compared
	root     bool // a testsuites element
	name     string
	path     string // names from the outermost suite on
	host     string
	file     string
	lastFile string
	cases    []Case      // of this element itself
	own      []*openCase // failures of the suite itself
	says     said
	direct   tally // of this element itself
	within   tally // of the suites within
	told     bool  // a disagreement was told, here or further in
}

// said is what a suite's attributes claim; a negative number is no claim.
type said struct{ tests, bad, skipped, failures, errors int }

// tally counts the cases of an element, as they stand there and after repeats were put together.
type tally struct{ raw, tests, bad, skipped int }

func (t tally) plus(u tally) tally {
	return tally{t.raw + u.raw, t.tests + u.tests, t.bad + u.bad, t.skipped + u.skipped}
}

// take counts one case.
func (t *tally) take(o Outcome) {
	t.raw++
	t.tests++
	switch o {
	case Failed, Errored:
		t.bad++
	case Skipped:
		t.skipped++
	}
}

// newSuite reads a suite's attributes.
func (j *junit) newSuite(root bool) *suite {
	s := &suite{root: root}
	s.name = shorten(decode(j.s.attr("name")), j.limits.Name)
	outer := j.inner()
	s.path, s.host, s.file = outer.path, outer.host, outer.file
	if !root && s.name != "" {
		if s.path != "" && len(s.path) < j.limits.Name {
			s.path += " › "
		}
		s.path = shorten(s.path+s.name, 2*j.limits.Name)
	}
	if host := j.s.attr("hostname"); len(host) > 0 {
		s.host = shorten(decode(host), j.limits.Name)
	}
	for _, name := range []string{"file", "filepath"} {
		if file := j.s.attr(name); len(file) > 0 {
			s.file = shorten(inRepository(decode(file)), j.limits.Name)
		}
	}
	s.says = said{tests: j.claim("tests"), failures: j.claim("failures"), errors: j.claim("errors"), skipped: j.claim("skipped")}
	if s.says.skipped < 0 {
		s.says.skipped = j.claim("skip")
	}
	s.says.bad = -1
	if s.says.failures >= 0 || s.says.errors >= 0 {
		s.says.bad = max(s.says.failures, 0) + max(s.says.errors, 0)
	}
	return s
}

// claim is a count attribute, -1 when there is none that can be read.
func (j *junit) claim(name string) int {
	raw := j.s.attr(name)
	if len(raw) == 0 {
		return -1
	}
	n, ok := count(raw)
	if !ok {
		j.problem("%s=%q is no count", name, shorten(decode(raw), 40))
		return -1
	}
	return n
}

// take holds a case until the suite ends, when repeats can be told from namesakes.
func (s *suite) take(c Case) { s.cases = append(s.cases, c) }

// closeSuite ends the innermost suite: repeats are put together, counts compared, cases handed over.
func (j *junit) closeSuite() error {
	s := j.inner()
	j.suites = j.suites[:len(j.suites)-1]
	if err := j.flush(s); err != nil {
		return err
	}
	outer := j.inner()
	all := s.direct.plus(s.within)
	switch {
	case j.cut: // its cases are behind the cut; what it claims is no measure
	case all.raw == 0 && (s.says.tests > 0 || s.says.bad > 0):
		all = j.byAttributes(s)
	default:
		j.compare(s, all)
	}
	outer.within = outer.within.plus(all)
	outer.told = outer.told || s.told
	return nil
}

// flush hands over what a suite holds.
func (j *junit) flush(s *suite) error {
	for _, k := range s.own {
		c := k.outcome()
		if err := j.admit(c); err != nil {
			return err
		}
		s.cases = append(s.cases, c)
	}
	raw := len(s.cases)
	if !s.implicit && !s.root {
		s.cases = mergeRepeats(s.cases)
	}
	for _, c := range s.cases {
		s.direct.take(c.Outcome)
		j.add(c)
	}
	s.direct.raw = raw
	s.cases = nil
	return nil
}

// byAttributes counts a suite that lists no case: nothing better is known of it.
func (j *junit) byAttributes(s *suite) tally {
	s.told = true
	s.says.tests = max(s.says.tests, s.says.bad) // a suite that broke before its first test says 0
	j.problem("suite %q lists no test cases; its %d tests are counted by its attributes", shorten(s.name, 100), s.says.tests)
	return j.believe(s.says)
}

// believe counts what a report claims where it lists no case.
func (c *collector) believe(says said) tally {
	failures, errors, skipped := max(says.failures, 0), max(says.errors, 0), max(says.skipped, 0)
	c.report.count(Failed, false, failures)
	c.report.count(Errored, false, errors)
	c.report.count(Skipped, false, skipped)
	c.report.count(Passed, false, max(0, says.tests-failures-errors-skipped))
	return tally{raw: says.tests, tests: says.tests, bad: failures + errors, skipped: skipped}
}

// compare tells where a suite's attributes and its cases disagree. Writers count nested suites in or leave them out,
// and reruns likewise; either is right.
func (j *junit) compare(s *suite, all tally) {
	agrees := func(claim int, counts ...int) bool {
		for _, n := range counts {
			if claim == n {
				return true
			}
		}
		return claim < 0
	}
	if s.told || agrees(s.says.tests, all.tests, s.direct.tests) &&
		agrees(s.says.bad, all.bad, s.direct.bad) && agrees(s.says.skipped, all.skipped, s.direct.skipped) {
		return
	}
	s.told = true
	what := "suite"
	if s.root {
		what = "report"
	}
	j.disagree(what, s.name, s.says, all)
}

// disagree tells that a report's own counts are not those of its cases.
func (c *collector) disagree(what, name string, says said, made tally) {
	c.problem("%s %q says %d tests, %d failed, %d skipped; its cases make %d, %d, %d", what, shorten(name, 100),
		max(says.tests, 0), max(says.bad, 0), max(says.skipped, 0), made.tests, made.bad, made.skipped)
}

// mergeRepeats puts together the executions of one test that a retry left in one testsuite element: same name, at least
// one failure, at most one pass, no skip. Other namesakes are different cases (parameters that the name leaves out).
func mergeRepeats(cases []Case) []Case {
	type key struct{ class, name, file string }
	keyOf := func(c Case) key { return key{c.Class, c.Name, c.File} }
	var failing map[key][]int
	for _, c := range cases {
		if c.Outcome == Failed || c.Outcome == Errored {
			if failing == nil {
				failing = map[key][]int{}
			}
			failing[keyOf(c)] = nil
		}
	}
	if failing == nil {
		return cases
	}
	for i, c := range cases {
		if places, ok := failing[keyOf(c)]; ok {
			failing[keyOf(c)] = append(places, i)
		}
	}
	drop := make([]bool, len(cases))
	for _, places := range failing {
		if len(places) > 1 {
			mergeInto(cases, places, drop)
		}
	}
	kept := cases[:0]
	for i, c := range cases {
		if !drop[i] {
			kept = append(kept, c)
		}
	}
	return kept
}

// mergeInto makes the first of places the one case of all, if they are repeats.
func mergeInto(cases []Case, places []int, drop []bool) {
	passes := 0
	final := cases[places[0]]
	for _, i := range places {
		switch c := cases[i]; c.Outcome {
		case Skipped:
			return
		case Passed:
			passes++
			final.Outcome, final.Duration, final.Flaky = Passed, c.Duration, true
		default:
			if passes == 0 {
				final.Outcome, final.Duration = max(final.Outcome, c.Outcome), c.Duration
			}
			if final.Message == "" {
				final.Message, final.Type = c.Message, c.Type
			}
		}
	}
	if passes > 1 {
		return
	}
	final.Retries += len(places) - 1
	cases[places[0]] = final
	for _, i := range places[1:] {
		drop[i] = true
	}
}
