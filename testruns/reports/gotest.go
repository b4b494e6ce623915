package reports

import (
	"cmp"
	"errors"
	"io"
	"slices"
	"strings"
	"time"
)

// goTests follows the events of go test -json. A package may be run several times, as by gotestsum's reruns; a test is
// one case however often it ran, and what its package's last run said of it counts.
type goTests struct {
	*collector
	s        *jsonScanner
	packages map[string]*goPackage
	tests    []*goCase         // in order of appearance
	builds   map[string]string // what building printed, by the name of what was built
	held     int               // bytes of output of tests that run
	events   int
	event    goEvent
}

// goEvent is the event at hand.
type goEvent struct {
	action, pkg, test  string
	built, failedBuild string
	output             []byte // as it came: most of it is not kept
	elapsed            time.Duration
}

// maxHeldOutput bounds the output held of tests that run, all together: past it a failure is told without its text.
const maxHeldOutput = 8 << 20

type goPackage struct {
	name   string
	run    int  // runs that have ended
	open   bool // a run has begun
	failed bool // a test failed in the run at hand
	output string
	tests  map[string]*goCase
	itself *goCase // the package's own failure
}

type goCase struct {
	Case
	run     int // of the package, that it was last judged in; -1 before
	running bool
	output  string
}

func readGoTest(r io.Reader, c *collector) error {
	g := &goTests{collector: c, s: newJSONScanner(r, c.limits.Depth), packages: map[string]*goPackage{}, builds: map[string]string{}}
	g.s.lines = true
	cut := 0
	for {
		err := g.next()
		if wrong := (*syntaxError)(nil); errors.As(err, &wrong) {
			cut++
			err = g.s.toLine()
		}
		switch {
		case err == nil:
		case errors.Is(err, io.EOF):
			return g.finish(cut)
		case errors.Is(err, errCut):
			return g.finish(cut + 1)
		default:
			return err
		}
	}
}

// next takes the next event; io.EOF tells that there is none, errCut that the input ends within one.
func (g *goTests) next() error {
	for {
		first, err := g.s.peek()
		switch {
		case errors.Is(err, errCut):
			return io.EOF
		case err != nil:
			return err
		case first == '{':
			return g.read()
		}
		if err := g.s.toLine(); err != nil { // what else was printed
			return err
		}
	}
}

// read takes one event.
func (g *goTests) read() error {
	e := &g.event
	*e = goEvent{output: e.output[:0]}
	err := g.s.object(func(key string) (err error) {
		switch key {
		case "Action":
			e.action, err = g.s.common(20)
		case "Package":
			e.pkg, err = g.s.common(g.limits.Name)
		case "Test":
			e.test, err = g.s.common(g.limits.Name)
		case "Output":
			var ok bool
			if ok, err = g.s.take(g.limits.Message); ok {
				e.output = append(e.output, g.s.word...)
			}
		case "ImportPath":
			e.built, err = g.s.text(g.limits.Name)
		case "FailedBuild":
			e.failedBuild, err = g.s.text(g.limits.Name)
		case "Elapsed":
			var f float64
			if f, _, err = g.s.number(); f > 0 && f < maxDuration.Seconds() {
				e.elapsed = time.Duration(f * float64(time.Second))
			}
		default:
			err = g.s.skip()
		}
		return err
	})
	if err != nil {
		return err
	}
	return g.take()
}

// take follows the event at hand.
func (g *goTests) take() error {
	e := &g.event
	if e.action == "build-output" {
		return g.appendTo(e.built)
	}
	if e.action == "" || strings.HasPrefix(e.action, "build-") {
		return nil
	}
	p, err := g.pkg(e.pkg)
	if err != nil {
		return err
	}
	g.events++
	if e.test == "" {
		return g.packageEvent(p)
	}
	p.open = true
	t, err := g.test(p, e.test)
	if err != nil {
		return err
	}
	switch e.action {
	case "run":
		g.says(t, "")
		t.running = true
	case "output":
		g.says(t, t.output+e.printed(min(maxHeldOutput-g.held, g.limits.Message-len(t.output)), marksTest))
	case "pass":
		return g.judge(p, t, Passed)
	case "skip":
		return g.judge(p, t, Skipped)
	case "fail":
		return g.judge(p, t, Failed)
	case "bench": // no test, and it did not fail
		t.running = false
		g.says(t, "")
	}
	return nil
}

// appendTo keeps what building printed.
func (g *goTests) appendTo(built string) error {
	text, known := g.builds[built]
	more := g.event.printed(g.limits.Message-len(text), marksBuild)
	if known && more == "" {
		return nil
	}
	g.builds[built] = text + more
	if !known {
		more += built
	}
	return g.hold(len(more) + 64) // what an entry takes beside its text
}

func (g *goTests) pkg(name string) (*goPackage, error) {
	p := g.packages[name]
	if p == nil {
		if len(g.packages) >= g.limits.Cases {
			return nil, refused("holds more than %d packages", g.limits.Cases)
		}
		p = &goPackage{name: name, tests: map[string]*goCase{}}
		g.packages[name] = p
		return p, g.hold(len(name))
	}
	return p, nil
}

func (g *goTests) test(p *goPackage, name string) (*goCase, error) {
	t := p.tests[name]
	if t == nil {
		t = g.newCase(p, name)
		p.tests[name] = t
		return t, g.admit(t.Case)
	}
	return t, nil
}

func (g *goTests) newCase(p *goPackage, name string) *goCase {
	t := &goCase{Case: Case{Suite: p.name, Class: p.name, Name: name}, run: -1}
	g.tests = append(g.tests, t)
	return t
}

// says makes text what a test printed.
func (g *goTests) says(t *goCase, text string) {
	g.held += len(text) - len(t.output)
	t.output = text
}

// judge notes how a test ended. Within one run of its package (go test -count) the worst counts, over several the last.
func (g *goTests) judge(p *goPackage, t *goCase, o Outcome) error {
	bad := o == Failed || o == Errored
	p.failed = p.failed || bad
	failed := t.run >= 0 && (t.Outcome == Failed || t.Outcome == Errored)
	switch {
	case t.run < 0:
		t.Outcome = o
	case t.run == p.run:
		t.Outcome = max(t.Outcome, o)
	default:
		t.Retries++
		t.Flaky = !bad && o != Skipped && (failed || t.Flaky)
		t.Outcome = o
	}
	t.run, t.running, t.Duration = p.run, false, g.event.elapsed
	var err error
	if bad && t.Message == "" {
		t.Message = strings.TrimSpace(t.output)
		err = g.hold(len(t.Message))
	}
	g.says(t, "")
	return err
}

// packageEvent follows an event of a package itself.
func (g *goTests) packageEvent(p *goPackage) error {
	switch e := &g.event; e.action {
	case "start":
		p.open = true
	case "output":
		more := e.printed(g.limits.Message-len(p.output), marksPackage)
		p.output += more
		return g.hold(len(more))
	case "pass", "skip":
		return g.endPackage(p, false)
	case "fail":
		return g.endPackage(p, true)
	}
	return nil
}

// endPackage judges what a run of a package left: tests that did not end, and a failure that no test owns.
func (g *goTests) endPackage(p *goPackage, failed bool) error {
	elapsed := g.event.elapsed
	for name, t := range p.tests {
		if t.running {
			if err := g.endTest(p, t, name); err != nil {
				return err
			}
		}
	}
	g.event.elapsed = elapsed
	var err error
	switch {
	case failed && !p.failed:
		if p.itself == nil {
			p.itself = g.newCase(p, "(the package itself)")
			err = g.admit(p.itself.Case)
		}
		g.says(p.itself, cmp.Or(g.builds[g.event.failedBuild], p.output, "failed, though none of its tests did"))
		err = errors.Join(err, g.judge(p, p.itself, Errored))
	case p.itself != nil:
		err = g.judge(p, p.itself, Passed)
	}
	p.run++
	p.open, p.failed, p.output = false, false, ""
	return err
}

// endTest judges a test that had not ended when its package did. Go loses the last event of some subtests
// (golang/go#40771): with their parent they passed.
func (g *goTests) endTest(p *goPackage, t *goCase, name string) error {
	g.event.elapsed = 0
	root, _, sub := strings.Cut(name, "/")
	if parent := p.tests[root]; sub && parent != nil && parent.run == p.run && parent.Outcome == Passed {
		return g.judge(p, t, Passed)
	}
	g.says(t, cmp.Or(t.output, "did not end: its package stopped before"))
	return g.judge(p, t, Errored)
}

// finish hands the cases over. Of packages that did not end, only failures are believed.
func (g *goTests) finish(cut int) error {
	if g.events == 0 {
		return notReport("looks like go test -json, but holds none of its events")
	}
	g.report.Format = GoTest
	n := 0
	for _, t := range g.tests {
		if t.run >= 0 {
			g.add(t.Case)
			n++
		}
	}
	if cut > 0 {
		g.partial("%s cut off or no JSON", counted(cut, "line"))
	}
	var open []string
	for name, p := range g.packages {
		if p.open {
			open = append(open, name)
		}
	}
	if len(open) > 0 {
		slices.Sort(open)
		g.partial("ends early, after %s: %s did not end, %s first", counted(n, "test"), counted(len(open), "package"), shorten(open[0], 100))
	}
	return nil
}

// printed is the event's output as far as there is room for it; nothing of what go test itself says around it.
func (e *goEvent) printed(room int, marks func(string) bool) string {
	if room <= 0 {
		return ""
	}
	text := clean(string(e.output))
	if marks(text) {
		return ""
	}
	return shorten(text, room)
}

// marksBuild tells the line that names what is built.
func marksBuild(line string) bool { return strings.HasPrefix(line, "# ") }

// marksTest tells the lines with which go test itself frames a test's output.
func marksTest(line string) bool {
	line = strings.TrimLeft(line, " ")
	return strings.HasPrefix(line, "=== ") || strings.HasPrefix(line, "--- ")
}

// marksPackage likewise for a package's.
func marksPackage(line string) bool {
	for _, mark := range []string{"FAIL", "PASS", "ok  \t", "?   \t", "coverage:", "exit status", "testing: warning"} {
		if strings.HasPrefix(line, mark) {
			return true
		}
	}
	return false
}
