package testruns

import (
	"time"

	"bellhop/testruns/reports"
	"bellhop/testruns/secrets"
)

// sieve takes the cases of one report and holds little of most: of what passed quickly at first try only its identity and
// time. Suites of one name on several hosts (Playwright's projects) are told apart by the host, and that is known only at
// the end.
type sieve struct {
	workflow, job string
	suites        map[string]int32 // by name
	hosts         []hostsOf        // by suite
	executed      []executed
	skipped       []executed
	named         []reports.Case // failures, errors, passes after a retry; and slow ones
	slow          int            // of those
}

// slowFrom is the duration from which a test is kept by name though it passed: a quicker one is never called slower.
const slowFrom = 100 * time.Millisecond

// executed is one case.
type executed struct {
	id, hosted TestID // without and with its host
	took       time.Duration
	suite      int32
	named      int32 // its place among them, or -1
}

// hostsOf is the first hostname of a suite, and whether there are more.
type hostsOf struct {
	first   string
	several bool
}

func newSieve(workflow, job string) *sieve {
	return &sieve{workflow: workflow, job: job, suites: map[string]int32{}}
}

func (s *sieve) add(k reports.Case) {
	suite, ok := s.suites[k.Suite]
	if !ok {
		suite = int32(len(s.hosts))
		s.suites[k.Suite] = suite
		s.hosts = append(s.hosts, hostsOf{first: k.Host})
	}
	s.hosts[suite].several = s.hosts[suite].several || s.hosts[suite].first != k.Host
	e := executed{id: s.testOf(k, "").ID, took: k.Duration, suite: suite, named: -1}
	if e.hosted = e.id; k.Host != "" {
		e.hosted = s.testOf(k, k.Host).ID
	}
	if k.Outcome == reports.Skipped {
		s.skipped = append(s.skipped, e)
		return
	}
	if s.wantsName(k) {
		e.named = int32(len(s.named))
		k.Message = firstLines(secrets.Mask(k.Message)) // with its lines, by which some secrets end
		s.named = append(s.named, k)
	}
	s.executed = append(s.executed, e)
}

// wantsName tells whether a case is kept by its name.
func (s *sieve) wantsName(k reports.Case) bool {
	if k.Outcome != reports.Passed || k.Flaky {
		return len(s.named)-s.slow < maxResults
	}
	if k.Duration < slowFrom || s.slow == maxResults {
		return false
	}
	s.slow++
	return true
}

// idOf is the identity of a case, among those called alike the first one's.
func (s *sieve) idOf(e executed) TestID {
	if s.hosts[e.suite].several {
		return e.hosted
	}
	return e.id
}

// testOf is the test of a case, on a host where that matters.
func (s *sieve) testOf(k reports.Case, host string) Test {
	t := Test{Workflow: s.workflow, Job: s.job, File: k.File, Suite: k.Suite, Class: k.Class, Name: k.Name}
	if host != "" {
		t.Suite += " [" + host + "]"
	}
	t.identify()
	return t
}

// test is the test of a case that is kept by name, the n-th of those called alike.
func (s *sieve) test(e executed, n int) Test {
	k := s.named[e.named]
	host := ""
	if s.hosts[e.suite].several {
		host = k.Host
	}
	t := s.testOf(k, host)
	t.Nth = n
	t.identify()
	return t
}
