package reports

import (
	"hash/maphash"
	"strings"
)

// element is what a tag means in a JUnit report.
type element int

const (
	other element = iota
	suitesElement
	suiteElement
	caseElement
	failureElement
	errorElement
	skippedElement
	flakyElement // surefire's flakyFailure and flakyError: failed, then passed
	rerunElement // surefire's rerunFailure and rerunError: failed again
	outputElement
)

func elementOf(name []byte) element {
	switch string(name) {
	case "testsuites":
		return suitesElement
	case "testsuite":
		return suiteElement
	case "testcase":
		return caseElement
	case "failure":
		return failureElement
	case "error":
		return errorElement
	case "skipped", "ignored", "disabled":
		return skippedElement
	case "flakyFailure", "flakyError":
		return flakyElement
	case "rerunFailure", "rerunError":
		return rerunElement
	case "system-out", "system-err":
		return outputElement
	}
	return other
}

// opaque elements hold text in which tags mean nothing, for output is often not escaped.
func (e element) opaque() bool { return e >= failureElement }

// frame is an element that is open.
type frame struct {
	kind element
	name uint64 // hash of its name
}

// junit reads one input of JUnit XML, which may hold several documents.
type junit struct {
	*collector
	s     *scanner
	seed  maphash.Seed
	stack []frame
	// inside an opaque element, nested counts the open elements of the same name.
	nested int
	suites []*suite // open ones; the first stands for cases outside of any suite
	open   *openCase
	text   keeper
	target *string // where the kept text goes when its element ends, if nothing stands there
	root   string  // name of the first root element
	seen   bool    // an element of JUnit's
	cut    bool    // the input ended early
	lost   int     // cases that were cut off
	last   string  // the class read last, shared among neighbours
}

// openCase is a testcase whose end was not yet seen.
type openCase struct {
	Case
	failed, errored, skipped, flaky, rerun bool
	status                                 string
	unended                                bool // closed by something other than its own end tag
}

// readJUnit reads on from the first start tag.
func readJUnit(s *scanner, c *collector) error {
	c.report.Format = JUnit
	j := &junit{collector: c, s: s, seed: maphash.MakeSeed(), suites: []*suite{{implicit: true}}}
	t, open, err := startTag, false, error(nil)
	for {
		switch {
		case err != nil:
			return err
		case t == startTag:
			err = j.start()
		case t == endTag:
			err = j.end(j.s.name)
		default:
			return j.finish(open)
		}
		if err != nil {
			return err
		}
		j.s.watchStray = len(j.stack) == 0 && j.seen
		t, open, err = j.s.next()
	}
}

func (j *junit) hash(name []byte) uint64 { return maphash.Bytes(j.seed, name) }

// start handles a start tag, and its end where it closes itself.
func (j *junit) start() error {
	name := j.hash(j.s.name)
	if top := j.top(); top.kind.opaque() {
		if name == top.name && !j.s.selfClosed {
			j.nested++
		}
		return nil
	}
	if j.root == "" {
		j.root = decode(j.s.name)
	}
	kind := elementOf(j.s.name)
	if kind == caseElement && j.open != nil { // its own end is missing
		j.open.unended = true
		if err := j.popTo(caseElement); err != nil {
			return err
		}
	}
	if len(j.stack) >= j.limits.Depth {
		return refused("nests elements more than %d deep", j.limits.Depth)
	}
	j.stack = append(j.stack, frame{kind, name})
	j.seen = j.seen || kind == suitesElement || kind == suiteElement || kind == caseElement
	j.enter(kind)
	if !j.s.selfClosed {
		return nil
	}
	return j.pop()
}

// enter reads what a start tag tells.
func (j *junit) enter(kind element) {
	switch kind {
	case suitesElement:
		j.suites = append(j.suites, j.newSuite(true))
	case suiteElement:
		j.suites = append(j.suites, j.newSuite(false))
	case caseElement:
		j.open = j.newCase()
	case failureElement, errorElement, skippedElement, flakyElement, rerunElement:
		j.mark(kind)
	}
}

// mark notes a failure or a skip, of the open case or of the suite itself.
func (j *junit) mark(kind element) {
	k := j.open
	if k == nil {
		if kind != failureElement && kind != errorElement || len(j.suites) == 1 {
			return
		}
		if len(j.inner().own) == maxOwn {
			j.partial("a suite has more than %d errors of its own", maxOwn)
			return
		}
		k = &openCase{Case: Case{Suite: j.path(), Host: j.inner().host, File: j.inner().file, Name: "(the suite itself)"}}
		j.inner().own = append(j.inner().own, k)
	}
	switch kind {
	case failureElement:
		k.failed = true
	case errorElement:
		k.errored = true
	case skippedElement:
		k.skipped = true
		return
	case flakyElement:
		k.flaky = true
		k.Retries++
	case rerunElement:
		k.rerun = true
		k.Retries++
	}
	if k.Type == "" {
		k.Type = shorten(decode(j.s.attr("type")), j.limits.Name)
	}
	if k.Message == "" {
		k.Message = shorten(strings.TrimSpace(decode(j.s.attr("message"))), j.limits.Message)
	}
	if k.Message == "" || k.Message == saysNothing {
		j.target = &k.Message
		j.text = keeper{text: j.text.text[:0], max: j.limits.Message}
		j.s.keep = &j.text
	}
}

// maxOwn bounds the errors held of a suite itself.
const maxOwn = 100

// saysNothing is gotestsum's message of every failure; what was wrong stands in the text.
const saysNothing = "Failed"

// unframed is a failure's text without the lines by which go test frames it.
func unframed(text string) string {
	for {
		text = strings.TrimSpace(text)
		line, rest, _ := strings.Cut(text, "\n")
		if !marksTest(line) {
			return text
		}
		text = rest
	}
}

// newCase reads a testcase's attributes.
func (j *junit) newCase() *openCase {
	s := j.inner()
	k := &openCase{status: string(j.s.attr("status"))}
	if result := string(j.s.attr("result")); result != "" && result != "completed" {
		k.status = result // GoogleTest: suppressed, skipped
	}
	k.Suite, k.Host = s.path, s.host
	k.Name = shorten(decode(j.s.attr("name")), j.limits.Name)
	if k.Name == "" {
		k.Name = "(no name)"
	}
	class := j.s.attr("classname")
	if class == nil {
		class = j.s.attr("class")
	}
	if string(class) != j.last {
		j.last = shorten(decode(class), j.limits.Name)
	}
	k.Class = j.last
	if k.File = shorten(inRepository(decode(j.s.attr("file"))), j.limits.Name); k.File == "" {
		k.File = s.file
	} else if k.File == s.lastFile {
		k.File = s.lastFile
	} else {
		s.lastFile = k.File
	}
	k.Duration = seconds(j.s.attr("time"))
	return k
}

// outcome judges a case by what was seen in it. A rerunFailure without a failure is no pass: only flakyFailure says so.
func (k *openCase) outcome() Case {
	c := k.Case
	switch {
	case k.errored:
		c.Outcome = Errored
	case k.failed, k.rerun && !k.flaky:
		c.Outcome = Failed
	case k.skipped:
		c.Outcome = Skipped
	case k.flaky:
		c.Flaky = true
	default:
		c.Outcome = outcomeOfStatus(k.status)
	}
	return c
}

// outcomeOfStatus reads a status attribute where no child element says more.
func outcomeOfStatus(status string) Outcome {
	switch strings.ToLower(status) {
	case "notrun", "disabled", "skipped", "skip", "ignored", "suppressed", "pending":
		return Skipped
	case "fail", "failed", "failure":
		return Failed
	case "error", "errored":
		return Errored
	}
	return Passed
}

func (j *junit) top() frame {
	if len(j.stack) == 0 {
		return frame{}
	}
	return j.stack[len(j.stack)-1]
}

func (j *junit) inner() *suite { return j.suites[len(j.suites)-1] }

func (j *junit) path() string { return j.inner().path }

// end handles an end tag. One that closes nothing is passed over; one that skips elements closes them too.
func (j *junit) end(name []byte) error {
	hash := j.hash(name)
	if top := j.top(); top.kind.opaque() {
		if hash != top.name {
			return nil
		}
		if j.nested > 0 {
			j.nested--
			return nil
		}
		return j.pop()
	}
	at := len(j.stack) - 1
	for at >= 0 && j.stack[at].name != hash {
		at--
	}
	if at < 0 {
		return nil
	}
	if at < len(j.stack)-1 {
		if j.open != nil {
			j.open.unended = true
		}
		j.partial("an element is not closed before </%s>", shorten(decode(name), 60))
	}
	for len(j.stack) > at {
		if err := j.pop(); err != nil {
			return err
		}
	}
	return nil
}

// popTo closes elements until one of kind has been closed.
func (j *junit) popTo(kind element) error {
	for len(j.stack) > 0 {
		done := j.top().kind == kind
		if err := j.pop(); err != nil || done {
			return err
		}
	}
	return nil
}

// pop closes the innermost element.
func (j *junit) pop() error {
	kind := j.top().kind
	j.stack = j.stack[:len(j.stack)-1]
	j.nested = 0
	switch {
	case kind == caseElement && j.open != nil:
		k := j.open
		j.open = nil
		return j.takeCase(k)
	case kind == suiteElement || kind == suitesElement:
		return j.closeSuite()
	case kind.opaque() && j.target != nil:
		if text := unframed(decode(j.text.text)); text != "" {
			*j.target = text
		}
		j.target, j.s.keep = nil, nil
	}
	return nil
}

// takeCase puts a case that has ended into its suite. Of one whose end is missing only a failure is believed.
func (j *junit) takeCase(k *openCase) error {
	c := k.outcome()
	if k.unended && c.Outcome != Failed && c.Outcome != Errored {
		if j.lost++; j.lost == 1 {
			j.partial("test case %q is cut off; it is not counted", shorten(c.Name, 100))
		}
		return nil
	}
	if err := j.admit(c); err != nil {
		return err
	}
	j.inner().take(c)
	return nil
}

// finish closes what is open at the end of the input and says what was missing.
func (j *junit) finish(open bool) error {
	if !j.seen {
		return notReport("is XML, but no test report: its root is <%s>", shorten(j.root, 60))
	}
	if open || len(j.stack) > 0 {
		j.cut = true
		j.partial("ends early, after %s", counted(j.raw, "test case"))
		if j.open != nil {
			j.open.unended = true
		}
		for len(j.stack) > 0 {
			if err := j.pop(); err != nil {
				return err
			}
		}
	}
	if j.lost > 1 {
		j.problem("%s more cut off", counted(j.lost-1, "test case"))
	}
	if j.s.stray {
		j.problem("text outside of the report was passed over")
	}
	return j.flush(j.suites[0])
}
