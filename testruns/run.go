// Package testruns is what the tests say: it follows the completed workflow runs of the default branch, reads their
// reports, keeps what matters, and judges it: what newly fails, since which commit, what is flaky, what was mended.
// Judging is pure and gets its moment passed in. What the package needs of the world it declares as ports.
package testruns

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"strings"
	"time"
)

// State is what one attempt of a run amounts to.
type State string

// The states. Only Green and Retried are green.
const (
	Green      State = "green"
	Retried    State = "retried"    // green, with tests that needed a second try within the run
	Red        State = "red"        // a test failed
	Outside    State = "outside"    // all reported tests passed, yet the run failed
	NoReport   State = "no_report"  // nothing that a report could be read from
	Unreadable State = "unreadable" // a report, but not one that can be trusted
	Gone       State = "gone"       // its artifacts have expired or were deleted
	Cancelled  State = "cancelled"  // stopped or skipped before it could say anything
)

// IsGreen tells whether all tests passed in the end.
func (s State) IsGreen() bool { return s == Green || s == Retried }

// HasReport tells whether tests were read.
func (s State) HasReport() bool { return s == Green || s == Retried || s == Red || s == Outside }

// RunKey names one attempt of a workflow run within a repository.
type RunKey struct {
	ID      int64
	Attempt int
}

// Run is one attempt of a workflow run.
type Run struct {
	RunKey
	Repo       string // owner/repo
	Workflow   string // path of the workflow's file
	Name       string // the workflow's name
	Branch     string
	Commit     string // full SHA
	Title      string // first line of the commit's message
	Author     string // the commit author's name
	Login      string // GitHub login of who started the run
	Event      string
	Conclusion string
	URL        string
	Started    time.Time
	Completed  time.Time
	Recorded   time.Time // when Bellhop took it in

	State                                         State
	Tests, Passed, Failed, Errors, Skipped, Flaky int
	Duration                                      time.Duration // of all tests together
	Executed                                      SetID         // which tests were executed; empty for none
	Problems                                      []string      // in words: what was wrong with its reports
	Jobs                                          []JobCount    // the counts above by artifact; none of runs kept before there were any
}

// ShortCommit is the first seven signs of the commit.
func (r Run) ShortCommit() string { return r.Commit[:min(7, len(r.Commit))] }

// TestID identifies a test within a repository: a hash of its Test without ID.
type TestID uint64

// SetID identifies a set of executed tests by its content.
type SetID string

// Test is what a test is called. Its identity is workflow, job, file, suite, class and name together.
type Test struct {
	ID       TestID
	Workflow string
	Job      string // the artifact that reports it, without numbers that change from run to run
	File     string
	Suite    string
	Class    string
	Name     string
	Nth      int // among cases with all the above alike, counted from 0
}

// identify sets the test's ID.
func (t *Test) identify() {
	h := sha256.New()
	for _, part := range []string{t.Workflow, t.Job, t.File, t.Suite, t.Class, t.Name} {
		h.Write([]byte(part)) // a hash never fails to be written to
		h.Write([]byte{0})
	}
	var sum [sha256.Size]byte
	t.ID = nth(TestID(binary.BigEndian.Uint64(h.Sum(sum[:0]))), t.Nth)
}

// nth is the ID of the n-th case, counted from 0, of those that are called alike; id is the first one's.
func nth(id TestID, n int) TestID {
	if n == 0 {
		return id
	}
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, uint64(id)), uint64(n)))
	return TestID(binary.BigEndian.Uint64(sum[:]))
}

// Label is the test's name with what tells it from namesakes, as people know it: "VoucherTest › appliesVoucher".
func (t Test) Label() string {
	class := t.Class
	if class == "" {
		class = t.Suite
	}
	if i := strings.LastIndexAny(class, "./"); i >= 0 && i < len(class)-1 && !strings.Contains(class, " ") && !isFile(class) {
		class = class[i+1:]
	}
	if class == "" || strings.Contains(t.Name, class) || class == t.Name {
		return t.Name
	}
	return class + " › " + t.Name
}

// isFile tells a path to a source file from a class name with dots.
func isFile(s string) bool {
	for _, ext := range []string{".ts", ".js", ".tsx", ".jsx", ".mjs", ".py", ".go", ".rb", ".php"} {
		if strings.HasSuffix(s, ext) {
			return true
		}
	}
	return false
}

// Verdict of one test in one attempt; passes at first try are not kept one by one.
type Verdict string

// The verdicts.
const (
	Failed  Verdict = "failed"
	Errored Verdict = "error"
	Flaky   Verdict = "flaky" // failed, then passed within the run
)

// Result is a test that did not simply pass in one attempt of a run.
type Result struct {
	Run      RunKey
	Test     TestID
	Verdict  Verdict
	Duration time.Duration
	Message  string // the beginning of what the failure said, secrets masked
	// Signature is Signature of that: what it has in common with other failures of the same cause.
	Signature string
}

// Ingested is everything that is kept of one attempt.
type Ingested struct {
	Run     Run
	Results []Result
	Tests   []Test          // those of Results, and of the others as many as are kept by name
	Set     []TestID        // the executed tests, sorted
	Times   []time.Duration // how long each of Set took; may be shorter where that is not known
	Skipped []TestID        // the skipped tests, sorted
}

// History is what was kept of one repository's branch over some time.
type History struct {
	Runs    []Run // every attempt, in no certain order
	Results []Result
	Days    []Day // since the history begins, on both scopes, in no certain order; of the tests that are kept by name
	Tests   map[TestID]Test
	Sets    map[SetID][]TestID // sorted; of the tests that are kept by name
}

func compareRuns(a, b Run) int {
	return cmp.Or(a.Started.Compare(b.Started), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Attempt, b.Attempt))
}
