package handlers

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellhop/catalog/catalogtest"
	"bellhop/chat"
	"bellhop/clock"
	"bellhop/testruns"
	"bellhop/testruns/testrunstest"
)

const tested = `
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: payments, title: Payments, annotations: {github.com/project-slug: Acme/Payments}}
spec: {type: service, lifecycle: production, owner: team-ledger}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: fx-rates, annotations: {github.com/project-slug: acme/fx-rates}}
spec: {type: library, lifecycle: production, owner: team-ledger}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: abacus}
spec: {type: library, lifecycle: production, owner: team-ledger}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: search, annotations: {github.com/project-slug: acme/search}}
spec: {type: service, lifecycle: production, owner: storefront}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: team-ledger, title: Team Ledger, annotations: {slack.com/channel: "ledger, payments"}}
spec: {type: team, children: []}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: storefront, annotations: {slack.com/channel: store}}
spec: {type: team, children: []}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: guild}
spec: {type: team, children: []}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: dave, annotations: {slack.com/user-id: U04DAVE}}
spec: {memberOf: [storefront]}
`

// testsRow is the row of /tests over a history in memory: payments has ten runs, the last two red; run 5 has two attempts.
func testsRow(t *testing.T) chat.Command {
	t.Helper()
	store := testrunstest.NewStore()
	require.NoError(t, store.Follow(t.Context(), []string{"acme/payments", "acme/fx-rates", "acme/search"}, monday, 0))
	for _, repo := range []string{"acme/payments", "acme/search"} {
		require.NoError(t, store.SetFollowed(t.Context(), testruns.Followed{Repo: repo, Branch: "main", Complete: monday, Polled: monday}))
	}
	record := func(in testruns.Ingested, state testruns.State) {
		in.Run.State, in.Run.Recorded = state, in.Run.Completed
		in.Run.Commit = fmt.Sprintf("%040d", in.Run.ID)
		if state == testruns.Green {
			in.Results, in.Run.Problems, in.Run.Failed, in.Run.Errors = nil, nil, 0, 0
		}
		require.NoError(t, store.Record(t.Context(), in))
	}
	for id := int64(1); id <= 10; id++ {
		at := monday.Add(-time.Duration(11-id) * 12 * time.Hour)
		state := testruns.Green
		if id > 8 {
			state = testruns.Red
		}
		record(testrunstest.Attempt(id, 1, at), state)
		if id == 5 {
			record(testrunstest.Attempt(5, 2, at.Add(time.Hour)), testruns.Red)
		}
	}
	c := catalogtest.New(t, tested)
	actions := testrunstest.NewActions()
	actions.Add(testruns.Run{RunKey: testruns.RunKey{ID: 78, Attempt: 1}, Repo: "acme/search"})
	actions.Add(testruns.Run{RunKey: testruns.RunKey{ID: 79, Attempt: 1}, Repo: "acme/search", Branch: "feature-x", Conclusion: "success",
		Completed: monday}, "junit", `<testsuite><testcase name="a"/></testsuite>`)
	collector := testruns.NewCollector(store, actions, c, clock.Real{}, testruns.CollectorOptions{})
	return testsCommand(TestsDeps{Runs: collector, Entities: c, Belonging: c, Owners: c, Reports: testruns.NewReporter(store, c), Patience: 40})
}

func askTests(t *testing.T, text string, change ...func(*chat.Request)) (chat.Reply, error) {
	t.Helper()
	row := testsRow(t)
	r := chat.Request{Text: text, At: monday, Person: chat.Person{ID: "U01ALICE"}, Place: chat.Place{Channel: "C9", Name: "random"}}
	for _, c := range change {
		c(&r)
	}
	if rest, ok := strings.CutPrefix(text, "run"); ok {
		r.Text = strings.TrimSpace(rest)
		return row.Sub[0].Run(t.Context(), r)
	}
	return row.Run(t.Context(), r)
}

func in(channel string) func(*chat.Request) {
	return func(r *chat.Request) { r.Place.Name = channel }
}

func by(person string) func(*chat.Request) {
	return func(r *chat.Request) { r.Person.ID = person }
}

func TestTestsOfAComponent(t *testing.T) {
	for _, text := range []string{"payments", "payments 7d", "of payments?", "Payments for the last 7 days", "acme/payments 1w", "component:default/payments 168h"} {
		r, err := askTests(t, text)
		require.NoError(t, err, text)
		require.Equal(t, "🔴 payments · 1 new failure in the last 7 days, from Carol’s 0000000 · 7 of 10 runs green", r.Headline.String(), text)
		words := r.Text(nil)
		require.Contains(t, words, "c › n · since Sun 08:00")
		require.Contains(t, words, "Team Ledger")
		require.Contains(t, words, "Runs on main")
		require.Equal(t, chat.OnlyYou, r.To)
	}
	r, err := askTests(t, "payments 2d")
	require.NoError(t, err)
	require.Contains(t, r.Headline.String(), "0 of 2 runs green")
}

func TestTestsOfATeamOrChannelOrPerson(t *testing.T) {
	for name, ask := range map[string]func() (chat.Reply, error){
		"the channel": func() (chat.Reply, error) { return askTests(t, "", in("payments")) },
		"the team":    func() (chat.Reply, error) { return askTests(t, "Team Ledger") },
		"with length": func() (chat.Reply, error) { return askTests(t, "7d", in("ledger")) },
	} {
		r, err := ask()
		require.NoError(t, err, name)
		words := r.Text(nil)
		require.Contains(t, words, "of 2 components red", name)
		require.Contains(t, words, "🔴 payments · 1 new failure", name)
		require.Contains(t, words, "⚪ fx-rates · its test runs are about to be read", name)
		require.NotContains(t, words, "abacus", name)
		require.Equal(t, chat.OnlyYou, r.To)
	}
	r, err := askTests(t, "", by("U04DAVE"))
	require.NoError(t, err)
	require.Contains(t, r.Headline.String(), "⚪ search · no test runs in the last 7 days")
}

func TestTestsSaysWhatIsMissing(t *testing.T) {
	for text, want := range map[string]string{
		"":                              "The tests of what?",
		"paymets":                       "The nearest names with tests are these",
		"abacus":                        "has no repository in the catalog",
		"guild":                         "owns no component with a repository",
		"payments 200d":                 "90 days at most",
		"payments 5m":                   "an hour at least",
		"payments 0d":                   "an hour at least and 90 days at most. Type for example: /tests payments 7d",
		"payments 999d":                 "an hour at least and 90 days at most. Type for example: /tests payments 7d",
		"payments for the last 3 years": "90 days at most. Type for example: /tests payments 7d",
		"-3h":                           "Type for example: /tests 7d",
		strings.Repeat("z", 4000):       `is called "` + strings.Repeat("z", 59) + "…\"",
		"run":                           "Which run?",
		"run hello":                     "is no workflow run",
		"run https://x/":                "is no workflow run",
		"run 4711":                      "has not kept run 4711",
		"run https://github.com/acme/other/actions/runs/5":               "finds no run 5 in acme/other",
		"run https://github.com/acme/search/actions/runs/77":             "finds no run 77",
		"run https://github.com/acme/search/actions/runs/78":             "has not ended yet",
		"run https://github.com/acme/payments/actions/runs/5/attempts/3": "has not kept run 5",
	} {
		_, err := askTests(t, text)
		var told *chat.UserError
		require.ErrorAs(t, err, &told, text)
		require.Contains(t, told.Message, want, text)
	}
	_, err := askTests(t, "davee")
	var nobody *chat.UserError
	require.True(t, errors.As(err, &nobody))
	require.NotContains(t, chat.Reply{Parts: nobody.Parts}.Text(nil), "dave", "people have no tests")
	_, err = askTests(t, "paymets 3d")
	var told *chat.UserError
	require.True(t, errors.As(err, &told))
	require.Equal(t, "tests component:default/payments 3d", told.Parts[0].(chat.Buttons)[0].Value)
}

func TestOneRun(t *testing.T) {
	for _, text := range []string{"run 10", "run #10", "run https://github.com/Acme/payments/actions/runs/10",
		"run <https://github.com/acme/payments/actions/runs/10/job/77?pr=1>", "run https://ghe.acme.example/acme/payments/actions/runs/10/attempts/1"} {
		r, err := askTests(t, text)
		require.NoError(t, err, text)
		require.Equal(t, "🔴 acme/payments · 2 of 4 tests failed (1 skipped)", r.Headline.String())
		words := r.Text(nil)
		for _, want := range []string{"CI on main", "Round · Carol", "Failed\n• c › n · 1.0 s · no", "Passed only after a retry\n• m", "junit says 5", "1.5 s together"} {
			require.Contains(t, words, want)
		}
	}
	r, err := askTests(t, "run 5")
	require.NoError(t, err)
	require.Contains(t, r.Text(nil), "2 of 2", "the last attempt")
	r, err = askTests(t, "run https://github.com/acme/payments/actions/runs/5/attempts/1")
	require.NoError(t, err)
	require.Contains(t, r.Headline.String(), "🟢")
	require.Contains(t, r.Text(nil), "1 of 2")
	r, err = askTests(t, "run https://github.com/acme/search/actions/runs/79")
	require.NoError(t, err)
	require.Equal(t, "🟢 acme/search · its one test passed", r.Headline.String(), "read on the spot")
	require.Contains(t, r.Text(nil), "on feature-x")
}

func TestTestsMenuOffersWhatHasARepository(t *testing.T) {
	row := testsRow(t)
	options, err := row.Actions[0].Options(t.Context(), chat.Request{Action: chat.Action{Value: "a"}})
	require.NoError(t, err)
	require.Empty(t, options)
	options, err = row.Actions[0].Options(t.Context(), chat.Request{Action: chat.Action{Value: "pay"}})
	require.NoError(t, err)
	require.Len(t, options, 1)
	r, err := row.Actions[0].Run(t.Context(), chat.Request{At: monday, Action: chat.Action{Value: options[0].Value}})
	require.NoError(t, err)
	require.Contains(t, r.Headline.String(), "payments")
}

func TestChartBarsNeverExceedWhatSlackShows(t *testing.T) {
	for days := 1; days <= 90; days++ {
		d := digestOf("payments", testruns.Judgement{Counts: testruns.Counts{Runs: 3, Green: 1, Red: 1, NoReport: 1}, Runs: []testruns.Run{
			testRun(1, 1, testruns.Green), testRun(2, 24*days-1, testruns.Red), testRun(3, 12*days, testruns.NoReport)}})
		d.Judgement.Period.Since = monday.AddDate(0, 0, -days)
		chart, ok := runsChart(d, time.UTC)
		require.True(t, ok)
		require.LessOrEqual(t, len(chart.Labels), 20)
		total := 0.0
		for _, s := range chart.Series {
			require.Len(t, s.Values, len(chart.Labels))
			for _, v := range s.Values {
				total += v
			}
		}
		require.Equal(t, 3.0, total)
	}
}

func FuzzTestsArguments(f *testing.F) {
	for _, text := range []string{"payments 7d", "of payments for the last 2 weeks", "7d", "1 2 3 days", "“a b” 3d", "for"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, length, err := testsArguments(text)
		if err == nil && (length < time.Hour || length > periodMost) {
			t.Fatalf("%q: %s", text, length)
		}
		if _, err := parseRun(text); err != nil {
			var told *chat.UserError
			if !errors.As(err, &told) {
				t.Fatal(err)
			}
		}
	})
}
