package testruns

import "bellhop/testruns/reports"

// sieve takes the cases of one report and holds little of most: of what passed at first try only its identity. Suites of
// one name on several hosts (Playwright's projects) are told apart by the host, and that is known only at the end.
type sieve struct {
	workflow, job string
	suites        map[string]int32 // by name
	hosts         []hostsOf        // by suite
	executed      []executed
	notable       []reports.Case // failures, errors, passes after a retry
}

// executed is one case that was not skipped.
type executed struct {
	id, hosted TestID // without and with its host
	suite      int32
	notable    int32 // its place among them, or -1
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
	if k.Outcome == reports.Skipped {
		return
	}
	suite, ok := s.suites[k.Suite]
	if !ok {
		suite = int32(len(s.hosts))
		s.suites[k.Suite] = suite
		s.hosts = append(s.hosts, hostsOf{first: k.Host})
	}
	s.hosts[suite].several = s.hosts[suite].several || s.hosts[suite].first != k.Host
	e := executed{id: s.named(k, "").ID, suite: suite, notable: -1}
	if e.hosted = e.id; k.Host != "" {
		e.hosted = s.named(k, k.Host).ID
	}
	if (k.Outcome != reports.Passed || k.Flaky) && len(s.notable) < maxResults {
		e.notable = int32(len(s.notable))
		k.Message = firstLines(k.Message)
		s.notable = append(s.notable, k)
	}
	s.executed = append(s.executed, e)
}

func (s *sieve) severalHosts(suite int32) bool { return s.hosts[suite].several }

// named is the test of a case, on a host where that matters.
func (s *sieve) named(k reports.Case, host string) Test {
	t := Test{Workflow: s.workflow, Job: s.job, File: k.File, Suite: k.Suite, Class: k.Class, Name: k.Name}
	if host != "" {
		t.Suite += " [" + host + "]"
	}
	t.identify()
	return t
}

// test is the test of a notable case, the n-th of those called alike.
func (s *sieve) test(e executed, n int) Test {
	k := s.notable[e.notable]
	host := ""
	if s.severalHosts(e.suite) {
		host = k.Host
	}
	t := s.named(k, host)
	t.Nth = n
	t.identify()
	return t
}
