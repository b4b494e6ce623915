package testruns

import (
	"context"
	"errors"
	"io"
	"time"
)

// Errors that the ports speak in. Besides, an error with a method RetryAt() time.Time asks for a pause until then.
var (
	// ErrNotFound: the repository or run is not there, or not to be seen by Bellhop.
	ErrNotFound = errors.New("not found")
	// ErrGone: the artifact has expired or was deleted.
	ErrGone = errors.New("gone")
)

// Actions is what the collector needs of GitHub.
type Actions interface {
	// DefaultBranch is the name of the repository's default branch.
	DefaultBranch(ctx context.Context, repo string) (string, error)
	// CompletedRuns lists completed runs of a branch's own commits, newest first; pages count from 1. With a tag of an
	// earlier answer the page may come back Unchanged, which costs nothing.
	CompletedRuns(ctx context.Context, repo, branch string, page int, tag string) (RunPage, error)
	// Run is the last attempt of a run, whether it has ended or not.
	Run(ctx context.Context, repo string, id int64) (run Run, completed bool, err error)
	// RunAttempt is one attempt of a run.
	RunAttempt(ctx context.Context, repo string, key RunKey) (Run, error)
	// Artifacts lists the artifacts of a run, all attempts together.
	Artifacts(ctx context.Context, repo string, run int64) ([]Artifact, error)
	// Download hands the artifact's bytes to read. It returns ErrGone for one that expired, and read's error as it is.
	Download(ctx context.Context, repo string, artifact int64, read func(io.Reader) error) error
}

// RunPage is one page of a repository's runs. Of each Run only what GitHub tells is set.
type RunPage struct {
	Unchanged bool
	Runs      []Run
	More      bool
	Tag       string
}

// Artifact is a file that a run left.
type Artifact struct {
	ID      int64
	Name    string
	Size    int64 // bytes, as it is downloaded
	Expired bool
	Created time.Time
}

// Store keeps what was collected, and how far collecting and telling have come.
type Store interface {
	// Follow makes repos the repositories that are followed: a new one is due between now and now+spread, one that is
	// not named any more is followed no longer (its history stays).
	Follow(ctx context.Context, repos []string, now time.Time, spread time.Duration) error
	// Followed is how far a repository has been followed; ok is false when it is not (or no longer) followed.
	Followed(ctx context.Context, repo string) (f Followed, ok bool, err error)
	// SetFollowed writes that back.
	SetFollowed(ctx context.Context, f Followed) error
	// Known tells which attempts of these runs are kept.
	Known(ctx context.Context, repo string, runs []int64) (map[RunKey]bool, error)
	// Record keeps an attempt and adds what it did to its day; what is kept already stays as it is, and is counted once. Its
	// branch is the default one if the Followed of its repository says so.
	Record(ctx context.Context, in Ingested) error
	// History is what is kept of attempts completed or recorded at from or later, with all attempts of their runs, and what
	// the tests did on each day since. Of Tests it has those of Results and Days that are kept by name.
	History(ctx context.Context, repo, branch string, from time.Time) (History, error)
	// RunHistory is what is kept of all attempts of one run, without Days; it has no Runs if none is.
	RunHistory(ctx context.Context, repo string, run int64) (History, error)
	// Forget removes at most limit attempts completed before that moment, with their results, and as many days before; it
	// tells how many of either. Less than limit means that nothing is left to forget.
	Forget(ctx context.Context, before time.Time, limit int) (int, error)
	// LastRuns tells when a branch's runs last ended: any, and one that tests were read from. Zero is none that is kept.
	LastRuns(ctx context.Context, repo, branch string) (ended, reported time.Time, err error)
	// FindRun tells in which repositories a run of that id is kept.
	FindRun(ctx context.Context, run int64) ([]string, error)

	// ConfigureSummaries makes these the summaries that are posted. A new or changed one is due at its next moment; one
	// that was due before and not posted stays due; one that is not named any more is dropped from the schedule.
	ConfigureSummaries(ctx context.Context, summaries []ScheduledSummary) error
	// Summary is how far telling has come.
	Summary(ctx context.Context, id string) (SummaryState, bool, error)
	// SetSummary writes that back.
	SetSummary(ctx context.Context, s SummaryState) error
}

// Followed is how far a repository has been followed.
type Followed struct {
	Repo     string
	Begun    time.Time // when it was followed for the first time; SetFollowed leaves it
	Branch   string    // the default branch; empty before it was asked for
	BranchAt time.Time
	Tag      string    // of the first page at the last complete look
	Complete time.Time // runs started before are all taken in; zero before the first complete look
	Polled   time.Time // when GitHub last answered
	Waiting  int       // attempts seen and not yet taken in
	Problem  string    // in words: why it cannot be followed; empty when it can
}

// ScheduledSummary is a summary's identity with its first moment.
type ScheduledSummary struct {
	ID       string
	Schedule string // as configured, with its zone: a change of it makes the summary due anew
	Due      time.Time
}

// SummaryState is how far one summary has come.
type SummaryState struct {
	ID       string
	Until    time.Time // the end of the period that was last told; zero before the first
	Noticed  time.Time // when it was seen to be due and began to wait for its repositories; zero when it does not
	Pending  time.Time // the end of the period that is being told; zero when none is
	Posted   string    // where the last one is, as the Digests gave it
	Outcome  string    // in words: empty when the last one was posted
	ToldFail bool      // the operations channel knows of the outcome
}

// Digests shows what was found out. Implementations post each id once as far as the chat allows.
type Digests interface {
	// Post shows a digest in its channel and gives a reference. again tells that an earlier try may have succeeded: it
	// is then sought before posting. chat.ErrCannotPost means that trying again will not help.
	Post(ctx context.Context, d Digest, id string, again bool) (ref string, err error)
	// Failed tells the operations channel that a digest could not be shown.
	Failed(ctx context.Context, d Digest, id string, reason error) error
}
