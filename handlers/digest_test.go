package handlers

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"bellhop/catalog"
	"bellhop/chat"
	"bellhop/testruns"
)

var monday = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// digestOf is the digest of a component whose tests say j.
func digestOf(name string, j testruns.Judgement) testruns.ComponentDigest {
	j.Period.Since, j.Period.Until = monday.AddDate(0, 0, -3), monday
	return testruns.ComponentDigest{Name: name, Component: catalog.Entity{Ref: catalog.Ref{Kind: "component", Namespace: "default", Name: name}},
		Known: true, Repo: "acme/" + name, Follows: true, Followed: testruns.Followed{Branch: "main"}, Judgement: j,
		Owner: catalog.Ownership{Found: true, Group: catalog.Entity{Ref: catalog.Ref{Kind: "group", Namespace: "default", Name: "team-ledger"}, Title: "Team Ledger"}}}
}

func testRun(id int64, hoursAgo int, state testruns.State) testruns.Run {
	return testruns.Run{RunKey: testruns.RunKey{ID: id, Attempt: 1}, Repo: "acme/payments", Commit: fmt.Sprintf("4f2c1ab%033d", id), Author: "Carol",
		Completed: monday.Add(-time.Duration(hoursAgo) * time.Hour), State: state, URL: fmt.Sprintf("https://github.com/acme/payments/actions/runs/%d", id)}
}

func failuresOf(n, length int) []testruns.Failure {
	failures := make([]testruns.Failure, n)
	for i := range failures {
		name := fmt.Sprintf("applies voucher %d", i+1)
		if length > 0 {
			name = fmt.Sprintf("case %d %s", i+1, strings.Repeat("<!channel> & long ", length/18+1))[:length]
		}
		good := testRun(1, 30, testruns.Green)
		failures[i] = testruns.Failure{Test: testruns.Test{Class: "com.acme.VoucherTest", Name: name}, First: testRun(2, 20, testruns.Red),
			Last: testRun(3, 1, testruns.Red), LastGood: &good, Commits: 2, Message: "expected 1 but was 2"}
	}
	return failures
}

// digests are the sizes that a summary comes in.
var digests = map[string]testruns.Digest{
	"all green": {Components: []testruns.ComponentDigest{digestOf("payments", testruns.Judgement{
		Counts: testruns.Counts{Runs: 31, Green: 31, Cancelled: 2}, Latest: testRun(9, 1, testruns.Green), GreenSince: monday.Add(-70 * time.Hour)})}},
	"one run, green": {Components: []testruns.ComponentDigest{digestOf("payments", testruns.Judgement{
		Counts: testruns.Counts{Runs: 1, Green: 1}, Latest: testRun(9, 1, testruns.Green)})}},
	"0 of 1": {Components: []testruns.ComponentDigest{digestOf("payments", testruns.Judgement{
		Counts: testruns.Counts{Runs: 1, Red: 1}, Latest: testRun(9, 1, testruns.Red), New: failuresOf(1, 0)})}},
	"two new": {Components: []testruns.ComponentDigest{digestOf("payments", testruns.Judgement{
		Counts: testruns.Counts{Runs: 20, Green: 18, Retried: 1, Red: 2}, Latest: testRun(9, 1, testruns.Red), New: failuresOf(2, 0), Still: failuresOf(1, 0)})}},
	"90 of 90 failing": {Components: []testruns.ComponentDigest{digestOf("payments", testruns.Judgement{
		Counts: testruns.Counts{Runs: 20, Green: 8, Red: 12}, BrokenSince: monday.Add(-5 * time.Hour),
		Latest: testruns.Run{RunKey: testruns.RunKey{ID: 1}, State: testruns.Red, Failed: 90, Tests: 90}})}},
	"no reports": {Components: []testruns.ComponentDigest{digestOf("payments", testruns.Judgement{
		Counts: testruns.Counts{Runs: 20, Green: 8, NoReport: 11, Unreadable: 1}, BrokenSince: monday.Add(-5 * time.Hour), Latest: testRun(9, 1, testruns.NoReport),
		Runs: []testruns.Run{{State: testruns.Unreadable, Problems: []string{"junit.xml is not XML: it begins with \"oops\""}}}})}},
	"5000 failing": {Components: []testruns.ComponentDigest{digestOf("payments", testruns.Judgement{
		Counts: testruns.Counts{Runs: 20, Red: 20}, Latest: testRun(9, 1, testruns.Red), New: failuresOf(2500, 500), Still: failuresOf(2500, 500)})}},
	"fixed": {Components: []testruns.ComponentDigest{digestOf("payments", testruns.Judgement{
		Counts: testruns.Counts{Runs: 20, Green: 12, Red: 8}, Latest: testRun(9, 1, testruns.Green), GreenSince: monday.Add(-10 * time.Hour),
		Fixed: []testruns.Fix{{Test: testruns.Test{Name: "applies voucher"}, Since: testRun(1, 130, testruns.Red), By: testRun(2, 10, testruns.Green)}}})}},
	"flaky": {Components: []testruns.ComponentDigest{digestOf("payments", testruns.Judgement{
		Counts: testruns.Counts{Runs: 31, Green: 31, Retried: 4}, Latest: testRun(9, 1, testruns.Green), GreenSince: monday.Add(-10 * time.Hour),
		Flaky: []testruns.Flake{{Test: testruns.Test{Name: "rounding EUR"}, Times: 4, Of: 31, Latest: testRun(8, 9, testruns.Retried)}},
		Once:  []testruns.Flake{{Test: testruns.Test{Name: "late webhook"}, Times: 1, Of: 31, Latest: testRun(8, 9, testruns.Retried)}}})}},
	"passes again": {Components: []testruns.ComponentDigest{digestOf("payments", testruns.Judgement{
		Counts: testruns.Counts{Runs: 20, Green: 12, Red: 8}, Latest: testRun(9, 1, testruns.Green), GreenSince: monday.Add(-10 * time.Hour),
		Trend: testruns.Trend{Before: testruns.Rate{Hits: 15, N: 22}, Now: testruns.Rate{Hits: 12, N: 20}},
		Again: []testruns.Fix{{Test: testruns.Test{Name: "applies voucher"}, Since: testRun(1, 130, testruns.Red), By: testRun(2, 10, testruns.Green)}}})}},
	"recovered": {Components: []testruns.ComponentDigest{digestOf("payments", testruns.Judgement{
		Counts: testruns.Counts{Runs: 31, Green: 31}, Latest: testRun(9, 1, testruns.Green), GreenSince: monday.Add(-10 * time.Hour),
		Trend:     testruns.Trend{Before: testruns.Rate{Hits: 22, N: 31}, Now: testruns.Rate{Hits: 31, N: 31}},
		Recovered: []testruns.Recovery{{Test: testruns.Test{Name: "rounding EUR"}, Last: testRun(1, 180, testruns.Red), Clean: 64}}})}},
	"slower": {Components: []testruns.ComponentDigest{digestOf("payments", testruns.Judgement{
		Counts: testruns.Counts{Runs: 31, Green: 31}, Latest: testRun(9, 1, testruns.Green), GreenSince: monday.Add(-10 * time.Hour),
		Slower: []testruns.Slowdown{{Test: testruns.Test{Class: "com.acme.CheckoutTest", Name: "pays"}, Before: 1200 * time.Millisecond, Now: 3400 * time.Millisecond, Runs: 31},
			{Test: testruns.Test{Name: "late webhook"}, Before: 150 * time.Millisecond, Now: 260 * time.Millisecond, Runs: 31}}})}},
	"green less often": {Components: []testruns.ComponentDigest{digestOf("payments", testruns.Judgement{
		Counts: testruns.Counts{Runs: 40, Green: 26, Red: 14}, Latest: testRun(9, 1, testruns.Green), GreenSince: monday.Add(-10 * time.Hour),
		Trend: testruns.Trend{Before: testruns.Rate{Hits: 38, N: 40}, Now: testruns.Rate{Hits: 26, N: 40}}})}},
	"failed outside": {Components: []testruns.ComponentDigest{digestOf("payments", testruns.Judgement{
		Counts: testruns.Counts{Runs: 3, Green: 2, Outside: 1}, Latest: testRun(9, 1, testruns.Outside)})}},
	"no runs": {Components: []testruns.ComponentDigest{digestOf("payments", testruns.Judgement{Latest: testRun(9, 100, testruns.Green), GreenSince: monday.Add(-200 * time.Hour)})}},
	"no runs, red": {Components: []testruns.ComponentDigest{digestOf("payments", testruns.Judgement{
		Latest: testRun(9, 100, testruns.Red), Still: failuresOf(2, 0), Counts: testruns.Counts{Cancelled: 1, Gone: 2}})}},
	"unknown component":  {Components: []testruns.ComponentDigest{{Name: "ghost"}}},
	"without repository": {Components: []testruns.ComponentDigest{{Name: "money", Known: true}}},
	"not read yet":       {Components: []testruns.ComponentDigest{{Name: "money", Known: true, Repo: "acme/money", Follows: true}}},
	"not to be read": {Components: []testruns.ComponentDigest{{Name: "money", Known: true, Repo: "acme/money", Follows: true,
		Followed: testruns.Followed{Problem: "GitHub shows no such repository to Bellhop, or not its Actions"}}}},
	"three components": {Period: testruns.Period{Since: monday.AddDate(0, 0, -3), Until: monday}, Components: []testruns.ComponentDigest{
		digestOf("cart", testruns.Judgement{Counts: testruns.Counts{Runs: 20, Green: 20}, Latest: testRun(9, 1, testruns.Green)}),
		digestOf("payments", testruns.Judgement{Counts: testruns.Counts{Runs: 20, Green: 18, Red: 2}, Latest: testRun(9, 1, testruns.Red), New: failuresOf(2, 0)}),
		digestOf("search", testruns.Judgement{Latest: testRun(9, 100, testruns.Green)})}},
	"40 components": {Period: testruns.Period{Since: monday.AddDate(0, 0, -3), Until: monday}, Components: manyComponents(40)},
}

func manyComponents(n int) []testruns.ComponentDigest {
	var all []testruns.ComponentDigest
	for i := range n {
		all = append(all, digestOf(fmt.Sprintf("component-%d", i), testruns.Judgement{
			Counts: testruns.Counts{Runs: 2, Red: 2}, Latest: testRun(9, 1, testruns.Red), New: failuresOf(200, 500)}))
	}
	return all
}

// BELLHOP_UPDATE=1 writes the golden files anew.
func TestDigestsInWords(t *testing.T) {
	for name, d := range digests {
		t.Run(name, func(t *testing.T) {
			got := DigestReply(d, "https://github.com/").Text(time.FixedZone("CET", 3600)) + "\n"
			path := filepath.Join("testdata", "digest", strings.NewReplacer(" ", "-", ",", "").Replace(name)+".golden")
			if os.Getenv("BELLHOP_UPDATE") != "" {
				require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
				require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Empty(t, cmp.Diff(string(want), got))
			require.Less(t, len(got), 9000, "Slack refuses messages of more than about 10,000 characters")
			require.NotContains(t, got, "<!channel>  & long <!channel> & long <!channel> & long <!channel> & long <!channel> & long <!channel>")
		})
	}
}

// A digest wakes nobody.
func TestDigestsNotifyNobody(t *testing.T) {
	for _, d := range digests {
		r := DigestReply(d, "https://github.com/")
		for _, part := range r.Parts {
			if list, ok := part.(chat.List); ok {
				for _, item := range list.Items {
					for _, span := range item {
						require.NotContains(t, []string{"chat.Notified", "chat.NotifiedGroup"}, fmt.Sprintf("%T", span))
					}
				}
			}
		}
	}
}

// wall is a Poster in memory.
type wall struct {
	posts    map[string]chat.Reply // by channel and id
	channels map[string]string
	err      error
}

func (w *wall) Post(_ context.Context, to chat.Address, r chat.Reply, id string) (chat.MessageRef, error) {
	if w.err != nil {
		return chat.MessageRef{}, w.err
	}
	w.posts[to.Channel+to.User+" "+id] = r
	return chat.MessageRef{Channel: to.Channel, TS: id}, nil
}

func (w *wall) Find(_ context.Context, channel, id string, _ time.Time) (chat.MessageRef, bool, error) {
	_, ok := w.posts[channel+" "+id]
	return chat.MessageRef{Channel: channel, TS: id}, ok, nil
}

func (w *wall) ChannelByName(_ context.Context, name string) (string, bool, error) {
	id, ok := w.channels[name]
	return id, ok, nil
}

func TestDigestsArePostedOnce(t *testing.T) {
	w := &wall{posts: map[string]chat.Reply{}, channels: map[string]string{"payments": "C1", "platform": "C2"}}
	d := Digests{Poster: w, Operations: "#platform"}
	digest := digests["all green"]
	digest.Summary.Channel = "#payments"
	ref, err := d.Post(t.Context(), digest, "one", false)
	require.NoError(t, err)
	require.Equal(t, "C1/one", ref)
	w.err = errors.New("posting again")
	ref, err = d.Post(t.Context(), digest, "one", true)
	require.NoError(t, err, "it is found")
	require.Equal(t, "C1/one", ref)
	_, err = d.Post(t.Context(), digest, "two", true)
	require.ErrorContains(t, err, "posting again")

	w.err = nil
	digest.Summary.Channel = "#secret"
	_, err = d.Post(t.Context(), digest, "three", false)
	require.ErrorIs(t, err, chat.ErrCannotPost)
	require.NoError(t, d.Failed(t.Context(), digest, "three/failed", err))
	told := w.posts["C2 three/failed"].Text(nil)
	require.Contains(t, told, "The test summary of payments could not be posted to #secret")
	require.Contains(t, told, "/invite @bellhop")
	digest.Summary.Channel = "C9"
	ref, err = d.Post(t.Context(), digest, "four", false)
	require.NoError(t, err)
	require.Equal(t, "C9/four", ref, "a channel by its id")
}
