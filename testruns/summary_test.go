package testruns_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellhop/catalog/catalogtest"
	"bellhop/chat"
	"bellhop/testruns"
	"bellhop/testruns/testrunstest"
	"bellhop/work"
)

const descriptors = `
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: payments, annotations: {github.com/project-slug: Acme/Payments}}
spec: {type: service, lifecycle: production, owner: team-ledger}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: team-ledger, title: Team Ledger}
spec: {type: team, children: []}
`

// board is testruns.Digests in memory: what was posted, by id.
type board struct {
	posted map[string]testruns.Digest
	order  []string
	failed []string
	err    error // what Post answers
	drop   error // what Post answers after having posted
	again  []bool
	after  func() // happens once something was posted
}

func (b *board) Post(_ context.Context, d testruns.Digest, id string, again bool) (string, error) {
	b.again = append(b.again, again)
	if b.err != nil {
		return "", b.err
	}
	if _, there := b.posted[id]; !there || !again {
		b.order = append(b.order, id)
	}
	b.posted[id] = d
	if b.after != nil {
		b.after()
	}
	return "C1/" + id, b.drop
}

func (b *board) Failed(_ context.Context, d testruns.Digest, _ string, reason error) error {
	b.failed = append(b.failed, d.Summary.Channel+": "+reason.Error())
	return nil
}

// office is a summarizer over ports in memory, with one summary each morning.
type office struct {
	t          *testing.T
	store      *testrunstest.Store
	clock      *stopped
	board      *board
	summary    testruns.Summary
	summarizer *testruns.Summarizer
	id         string
}

func newOffice(t *testing.T) *office {
	o := &office{t: t, store: testrunstest.NewStore(), clock: &stopped{noon}, board: &board{posted: map[string]testruns.Digest{}}}
	o.summary = testruns.Summary{Channel: "#payments", Components: []string{"payments"}, Schedule: schedule(t, "0 9 * * *", "Europe/Berlin")}
	require.NoError(t, o.store.Follow(t.Context(), []string{repo}, noon, 0))
	o.restart()
	return o
}

// restart is what a new process does.
func (o *office) restart() {
	reporter := testruns.NewReporter(o.store, catalogtest.New(o.t, descriptors))
	o.summarizer = testruns.NewSummarizer(o.store, reporter, o.board, o.clock, []testruns.Summary{o.summary})
	require.NoError(o.t, o.summarizer.Configure(o.t.Context()))
	o.id = o.summarizer.IDs()[0]
}

// polled tells the store that the repository was looked at just now.
func (o *office) polled() {
	require.NoError(o.t, o.store.SetFollowed(o.t.Context(), testruns.Followed{Repo: repo, Branch: "main", Polled: o.clock.now}))
}

// step lets one due summary take one step; it tells when the next is due.
func (o *office) step(attempts int) (time.Time, error) {
	due, ok := o.store.Scheduled(testruns.SummaryKind, o.id)
	require.True(o.t, ok)
	if o.clock.now.Before(due) {
		o.clock.now = due
	}
	next, err := o.summarizer.Step(o.t.Context(), work.Item{Kind: testruns.SummaryKind, ID: o.id, DueAt: due, Attempts: attempts})
	if err == nil {
		o.store.Settle(testruns.SummaryKind, o.id, next)
	}
	return next, err
}

func (o *office) due() string {
	due, _ := o.store.Scheduled(testruns.SummaryKind, o.id)
	return due.In(o.summary.Schedule.Zone()).Format("Mon 15:04")
}

func (o *office) record(id int64, at time.Time, state testruns.State) {
	in := testrunstest.Attempt(id, 1, at)
	in.Run.State, in.Run.Recorded = state, at
	require.NoError(o.t, o.store.Record(o.t.Context(), in))
}

// A process that was suspended while it posted owes the summaries of the time in which it slept.
func TestAMomentThatPassesDuringThePostIsNotMissed(t *testing.T) {
	o := newOffice(t)
	o.clock.now = noon.Add(20*time.Hour + 55*time.Minute)
	o.polled()
	o.board.after = func() { o.clock.now = o.clock.now.Add(48 * time.Hour) }
	next, err := o.step(1)
	require.NoError(t, err)
	require.Len(t, o.board.order, 1)
	require.Equal(t, "Sun 09:00", next.In(o.summary.Schedule.Zone()).Format("Mon 15:04"), "due already")
}

func TestASummaryIsPostedAtItsTimeAndCoversWhatCameSince(t *testing.T) {
	o := newOffice(t) // a Friday
	require.Equal(t, "Sat 09:00", o.due())
	o.record(1, noon.Add(-6*time.Hour), testruns.Green) // before the first period
	o.record(2, noon.Add(time.Hour), testruns.Green)
	o.clock.now = noon.Add(20 * time.Hour)
	o.polled()
	_, err := o.step(1)
	require.NoError(t, err)
	require.Equal(t, "Sun 09:00", o.due())
	require.Len(t, o.board.order, 1)
	first := o.board.posted[o.board.order[0]]
	require.Equal(t, 1, first.Components[0].Judgement.Counts.Runs)
	require.Equal(t, "Team Ledger", first.Components[0].Owner.Group.Display())
	require.Equal(t, repo, first.Components[0].Repo)

	o.record(3, noon.Add(24*time.Hour), testruns.Green)
	o.clock.now = noon.Add(44 * time.Hour)
	o.polled()
	_, err = o.step(1)
	require.NoError(t, err)
	second := o.board.posted[o.board.order[1]]
	require.Equal(t, first.Period.Until, second.Period.Since)
	require.Equal(t, 1, second.Components[0].Judgement.Counts.Runs, "only what came since")
}

func TestAMissedSummaryIsPostedOnce(t *testing.T) {
	o := newOffice(t)
	o.clock.now = noon.Add(5 * 24 * time.Hour) // the process was away for five days
	o.restart()
	o.polled()
	_, err := o.step(1)
	require.NoError(t, err)
	require.Len(t, o.board.order, 1)
	require.Equal(t, "Thu 09:00", o.due())
}

func TestASummaryWaitsForItsRepositories(t *testing.T) {
	o := newOffice(t)
	o.clock.now = noon.Add(20 * time.Hour)
	o.polled()
	o.clock.now = noon.Add(21 * time.Hour)
	due, _ := o.store.Scheduled(testruns.SummaryKind, o.id)
	require.NoError(t, o.store.SetFollowed(t.Context(), testruns.Followed{Repo: repo, Branch: "main", Polled: due.Add(-time.Second)}))
	next, err := o.step(1)
	require.NoError(t, err)
	require.Equal(t, o.clock.now.Add(time.Second), next)
	require.Empty(t, o.board.order, "it was not looked at since the summary came due")

	require.NoError(t, o.store.SetFollowed(t.Context(), testruns.Followed{Repo: repo, Branch: "main", Polled: o.clock.now, Waiting: 3}))
	o.clock.now = o.clock.now.Add(time.Minute)
	_, err = o.step(1)
	require.NoError(t, err)
	require.Empty(t, o.board.order, "there are runs left to take in")

	o.clock.now = o.clock.now.Add(time.Minute)
	_, err = o.step(1)
	require.NoError(t, err)
	require.Len(t, o.board.order, 1, "but not for ever")
}

func TestASummaryGoesOutAsSoonAsItsRepositoriesWereLookedAt(t *testing.T) {
	o := newOffice(t)
	o.clock.now = noon.Add(21 * time.Hour) // the clock jumped past the summary
	_, err := o.step(1)
	require.NoError(t, err)
	require.Empty(t, o.board.order)
	o.clock.now = o.clock.now.Add(200 * time.Millisecond)
	o.polled()
	_, err = o.step(1)
	require.NoError(t, err)
	require.Len(t, o.board.order, 1)
}

func TestAfterALostAnswerTheSamePostIsSought(t *testing.T) {
	o := newOffice(t)
	o.clock.now = noon.Add(20 * time.Hour)
	o.polled()
	o.record(1, noon.Add(time.Hour), testruns.Green)
	o.board.drop = errors.New("the connection was cut")
	_, err := o.step(1)
	require.ErrorContains(t, err, "post summary to #payments")

	o.board.drop = nil
	o.restart() // and the process was killed
	o.clock.now = o.clock.now.Add(time.Minute)
	o.record(2, o.clock.now, testruns.Green)
	_, err = o.step(2)
	require.NoError(t, err)
	require.Equal(t, []bool{false, true}, o.board.again)
	require.Len(t, o.board.order, 1, "one id, posted once")

	o.clock.now = noon.Add(44 * time.Hour)
	o.polled()
	_, err = o.step(1)
	require.NoError(t, err)
	require.Equal(t, 1, o.board.posted[o.board.order[1]].Components[0].Judgement.Counts.Runs, "what came between the tries is in the next one")
}

func TestASummaryThatCannotBePosted(t *testing.T) {
	o := newOffice(t)
	o.record(1, noon.Add(time.Hour), testruns.Green)
	o.board.err = fmt.Errorf("%w: not_in_channel", chat.ErrCannotPost)
	for day := range 3 {
		o.clock.now = noon.Add(time.Duration(20+24*day) * time.Hour)
		o.polled()
		_, err := o.step(1)
		require.NoError(t, err)
	}
	require.Equal(t, []string{"#payments: the bot cannot post there: not_in_channel"}, o.board.failed, "the operations channel hears of it once")
	require.Equal(t, "Tue 09:00", o.due())
	o.board.err = nil
	o.clock.now = noon.Add(92 * time.Hour)
	o.polled()
	_, err := o.step(1)
	require.NoError(t, err)
	require.Equal(t, 1, o.board.posted[o.board.order[0]].Components[0].Judgement.Counts.Runs, "nothing was lost")
	o.board.err = fmt.Errorf("%w: is_archived", chat.ErrCannotPost)
	o.clock.now = noon.Add(116 * time.Hour)
	o.polled()
	_, err = o.step(1)
	require.NoError(t, err)
	require.Len(t, o.board.failed, 2, "a new trouble is told anew")
}

func TestASummaryThatSlackKeepsRefusing(t *testing.T) {
	o := newOffice(t)
	o.clock.now = noon.Add(20 * time.Hour)
	o.polled()
	o.board.err = errors.New("invalid_blocks")
	for attempt := 1; attempt < 12; attempt++ {
		_, err := o.step(attempt)
		require.Error(t, err)
	}
	_, err := o.step(12)
	require.NoError(t, err)
	require.Equal(t, []string{"#payments: invalid_blocks"}, o.board.failed)
	require.Equal(t, "Sun 09:00", o.due())
}

func TestASummaryWaitsOutALimit(t *testing.T) {
	o := newOffice(t)
	o.clock.now = noon.Add(20 * time.Hour)
	o.polled()
	o.board.err = pauseUntil(o.clock.now.Add(30 * time.Second))
	next, err := o.step(1)
	require.NoError(t, err)
	require.Equal(t, o.clock.now.Add(30*time.Second), next)
}

func TestASummaryOfWhatTheCatalogDoesNotHave(t *testing.T) {
	o := newOffice(t)
	o.summary.Components = []string{"ghost", "not a name!"}
	o.restart()
	_, err := o.step(1)
	require.NoError(t, err)
	d := o.board.posted[o.board.order[0]]
	require.False(t, d.Components[0].Known)
	require.False(t, d.Components[1].Known)
	next, err := o.summarizer.Step(t.Context(), work.Item{ID: "gone from the config"})
	require.NoError(t, err)
	require.True(t, next.IsZero())
}

func TestTwoSummariesOfTheSameAreTwo(t *testing.T) {
	o := newOffice(t)
	evening := o.summary
	evening.Schedule = schedule(t, "0 18 * * *", "Europe/Berlin")
	s := testruns.NewSummarizer(o.store, nil, o.board, o.clock, []testruns.Summary{o.summary, evening})
	require.Len(t, s.IDs(), 2)
}
