package testruns

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"bellhop/chat"
	"bellhop/clock"
	"bellhop/work"
)

// SummaryKind is the work of posting summaries; its items' ids are those of the summaries.
const SummaryKind work.Kind = "summary"

// Summary is a summary as it is configured.
type Summary struct {
	Channel    string   // a channel's name with # or its id
	Components []string // names or references of components
	Schedule   Schedule
}

// key is what stays the same when the schedule is changed.
func (s Summary) key() string {
	sum := sha256.Sum256([]byte(s.Channel + "\x00" + strings.Join(s.Components, "\x00")))
	return hex.EncodeToString(sum[:8])
}

// Summarizer posts each configured summary at its moments, once however many processes run.
type Summarizer struct {
	store    Store
	reporter *Reporter
	digests  Digests
	clock    clock.Clock
	byID     map[string]Summary
}

// NewSummarizer makes a Summarizer. Configure makes its schedule known; Step is what a work.Loop of SummaryKind does.
func NewSummarizer(store Store, r *Reporter, d Digests, c clock.Clock, summaries []Summary) *Summarizer {
	s := &Summarizer{store: store, reporter: r, digests: d, clock: c, byID: map[string]Summary{}}
	for _, one := range summaries {
		id := one.key()
		for n := 2; ; n++ { // the same channel and components, told at two schedules
			if _, taken := s.byID[id]; !taken {
				break
			}
			id = fmt.Sprintf("%s-%d", one.key(), n)
		}
		s.byID[id] = one
	}
	return s
}

// IDs are the ids of the summaries' work items, in order.
func (s *Summarizer) IDs() []string { return slices.Sorted(maps.Keys(s.byID)) }

// Configure puts the summaries into the schedule.
func (s *Summarizer) Configure(ctx context.Context) error {
	var all []ScheduledSummary
	for _, id := range s.IDs() {
		schedule := s.byID[id].Schedule
		all = append(all, ScheduledSummary{ID: id, Schedule: schedule.String(), Due: schedule.Next(s.clock.Now())})
	}
	if err := s.store.ConfigureSummaries(ctx, all); err != nil {
		return fmt.Errorf("schedule summaries: %w", err)
	}
	return nil
}

const (
	// freshWithin is how long a summary waits for its repositories to be looked at once more.
	freshWithin = 2 * time.Minute
	// givenUp is the number of tries after which a summary that cannot be posted is left to the next moment.
	givenUp = 12
)

// Step posts a summary that is due. It is idempotent: the period is fixed before the first try, and after a crash the
// posted message is sought before posting again.
func (s *Summarizer) Step(ctx context.Context, item work.Item) (time.Time, error) {
	summary, ok := s.byID[item.ID]
	if !ok {
		return time.Time{}, nil
	}
	state, _, err := s.store.Summary(ctx, item.ID)
	if err != nil {
		return time.Time{}, err
	}
	state.ID = item.ID
	again := !state.Pending.IsZero()
	now := s.clock.Now()
	if !again {
		if ready, err := s.begin(ctx, summary, &state, item.DueAt, now); err != nil || !ready {
			return now.Add(time.Second), err
		}
	}
	digest, err := s.digest(ctx, summary, state)
	if err != nil {
		return time.Time{}, err
	}
	ref, err := s.digests.Post(ctx, digest, postID(state), again)
	var pause interface{ RetryAt() time.Time }
	switch {
	case err == nil:
		state = SummaryState{ID: item.ID, Until: state.Pending, Posted: ref}
	case errors.As(err, &pause):
		return later(pause.RetryAt(), now.Add(time.Second)), nil
	case errors.Is(err, chat.ErrCannotPost), item.Attempts >= givenUp:
		return s.failed(ctx, digest, state, now, err)
	default:
		return time.Time{}, fmt.Errorf("post summary to %s: %w", summary.Channel, err)
	}
	if err := s.store.SetSummary(ctx, state); err != nil {
		return time.Time{}, err
	}
	return summary.Schedule.Next(now), nil // as of before the post: no moment is missed, however long that took
}

// begin fixes the period that is told, once its repositories have been looked at, or freshWithin has passed.
func (s *Summarizer) begin(ctx context.Context, summary Summary, state *SummaryState, due, now time.Time) (ready bool, err error) {
	if !state.Noticed.IsZero() {
		due = state.Noticed // the item itself is due anew with each look
	}
	stale, err := s.stale(ctx, summary, due)
	if err != nil {
		return false, err
	}
	switch {
	case stale && state.Noticed.IsZero():
		state.Noticed = now
	case stale && now.Sub(state.Noticed) < freshWithin:
		return false, nil
	default:
		state.Noticed, state.Pending, ready = time.Time{}, now.Truncate(time.Millisecond), true
	}
	return ready, s.store.SetSummary(ctx, *state)
}

func postID(state SummaryState) string {
	return fmt.Sprintf("summary/%s/%d", state.ID, state.Pending.Unix())
}

// stale tells that a repository was not looked at since the summary came due, or has runs left to take in.
func (s *Summarizer) stale(ctx context.Context, summary Summary, due time.Time) (bool, error) {
	for _, name := range summary.Components {
		f, ok, err := s.reporter.following(ctx, name)
		if err != nil {
			return false, err
		}
		if ok && f.Problem == "" && (f.Polled.Before(due) || f.Waiting > 0) {
			return true, nil
		}
	}
	return false, nil
}

// digest is what a summary says over the period that is pending.
func (s *Summarizer) digest(ctx context.Context, summary Summary, state SummaryState) (Digest, error) {
	p := Period{Since: state.Until, Until: state.Pending}
	if state.Posted != "" {
		p.Read = state.Until
	}
	if p.Since.IsZero() { // the first summary covers what one before it would have left
		due := summary.Schedule.Previous(p.Until.Add(time.Millisecond))
		if p.Since = summary.Schedule.Previous(due); p.Since.IsZero() {
			p.Since = p.Until.Add(-24 * time.Hour)
		}
	}
	d := Digest{Summary: summary, Period: p, Zone: summary.Schedule.Zone()}
	for _, name := range summary.Components {
		c, err := s.reporter.Named(ctx, name, p)
		if err != nil {
			return d, fmt.Errorf("summary of %s: %w", name, err)
		}
		d.Components = append(d.Components, c)
	}
	return d, nil
}

// failed leaves a summary to its next moment after now, which then tells of both periods, and lets the operations channel
// know.
func (s *Summarizer) failed(ctx context.Context, d Digest, state SummaryState, now time.Time, reason error) (time.Time, error) {
	next := d.Summary.Schedule.Next(now)
	var untold error
	if !state.ToldFail {
		if untold = s.digests.Failed(ctx, d, postID(state)+"/failed", reason); untold != nil {
			untold = fmt.Errorf("tell the operations channel: %w", untold)
		}
		state.ToldFail = untold == nil
	}
	state.Until, state.Pending, state.Outcome = d.Period.Since, time.Time{}, reason.Error()
	if err := s.store.SetSummary(ctx, state); err != nil {
		return time.Time{}, errors.Join(err, untold)
	}
	if untold != nil {
		return next, fmt.Errorf("post summary to %s: %w", d.Summary.Channel, errors.Join(reason, untold))
	}
	return next, nil
}
