package handlers

import (
	"fmt"
	"strings"
	"time"

	"bellhop/chat"
	"bellhop/environments"
	"bellhop/testruns"
)

// nameShown is how much of a test's name is shown in a line, and messageShown of what it said.
const (
	nameShown    = 90
	messageShown = 160
)

// quoted is a test's name as people know it, shortened in the middle.
func quoted(t testruns.Test) string {
	return "“" + testruns.ShortenMiddle(t.Label(), nameShown) + "”"
}

// since is a moment as it reads in a sentence: by weekday within the last days, by date before.
func since(at, now time.Time) chat.Moment {
	if now.Sub(at) < 6*24*time.Hour {
		return chat.Moment{At: at, Style: chat.WeekdayTime}
	}
	return chat.Moment{At: at, Style: chat.DateOnly}
}

// within is the period in words: " in the last 7 days" where so much was asked for, else " since Fri 09:00".
func within(p testruns.Period) chat.Text {
	if p.Asked > 0 {
		return chat.Textf(" in the last %s", strings.TrimPrefix(environments.Span(p.Asked), "1 "))
	}
	return chat.Line(chat.Plain(" since "), since(p.Since, p.Until))
}

// severity orders components by how much they need somebody.
type severity int

const (
	silent severity = iota
	fine
	unsteady
	blind
	failing
)

func (s severity) sign() string { return [...]string{"⚪", "🟢", "🟡", "⚫", "🔴"}[s] }

// severityOf is how a component stands.
func severityOf(d testruns.ComponentDigest) severity {
	j := d.Judgement
	switch {
	case !d.Follows || d.Followed.Branch == "" || d.Followed.Problem != "" && j.Latest.ID == 0 || j.Counts.Runs == 0 && j.Latest.ID == 0:
		return silent
	case len(j.New)+len(j.Still) > 0 || j.Latest.State == testruns.Outside:
		return failing
	case !j.BrokenSince.IsZero():
		return blind
	case j.Counts.Runs == 0:
		return silent
	case len(j.Fixed)+len(j.Again) > 0 && j.Latest.State.IsGreen():
		return fine
	case len(j.Flaky)+len(j.Once) > 0 || !j.Latest.State.IsGreen():
		return unsteady
	}
	return fine
}

// digestLine is the answer for one component: `🔴 payments · 2 new failures since Fri 09:00 · 18 of 20 runs green`.
func digestLine(d testruns.ComponentDigest) chat.Text {
	return append(chat.Textf("%s %s · ", severityOf(d).sign(), testruns.ShortenMiddle(d.Name, 60)), digestWords(d)...)
}

// digestWords is how a component stands, without its name: `2 new failures since Fri 09:00 · 18 of 20 runs green`.
func digestWords(d testruns.ComponentDigest) chat.Text {
	j := d.Judgement
	switch {
	case !d.Known:
		return chat.Textf("the catalog has no component of this name")
	case d.Repo == "":
		return chat.Textf("no repository is known (annotation github.com/project-slug), so its tests are not followed")
	case d.Followed.Problem != "" && j.Latest.ID == 0:
		return chat.Textf("%s (%s)", d.Followed.Problem, d.Repo)
	case !d.Follows || d.Followed.Branch == "":
		return chat.Textf("its test runs are about to be read for the first time; ask again in a minute")
	case j.Counts.Runs == 0:
		return append(noRuns(d), standing(d)...)
	case !j.BrokenSince.IsZero() && len(j.New)+len(j.Still) == 0:
		return blindLine(j)
	case len(j.New) > 0:
		return append(newFailures(j), chat.Plain(" · "+greenRuns(j.Counts)))
	case len(j.Still) > 0:
		return append(stillFailing(j), chat.Plain(" · "+greenRuns(j.Counts)))
	case j.Latest.State == testruns.Outside:
		return chat.Textf("the latest run failed, though all its reported tests passed · %s", greenRuns(j.Counts))
	case len(j.Fixed) > 0:
		return append(fixedLine("fixed", j.Fixed), standing(d)...)
	case len(j.Again) > 0:
		return append(fixedLine("passes again", j.Again), standing(d)...)
	case len(j.Flaky)+len(j.Once) > 0:
		return append(flakyLine(j), standing(d)...)
	case len(j.Recovered) > 0:
		return append(recoveredLine(j), standing(d)...)
	case j.Counts.Green == j.Counts.Runs:
		return allGreen(j)
	}
	return append(chat.Textf("nothing new · %s", greenRuns(j.Counts)), standing(d)...)
}

func noRuns(d testruns.ComponentDigest) chat.Text {
	t := append(chat.Textf("no test runs"), within(d.Judgement.Period)...)
	if c := d.Judgement.Counts; c.Cancelled+c.Gone > 0 {
		t = append(t, chat.Plain(" ("+notCounted(c)+")"))
	}
	return t
}

// standing is how the default branch is now: ` · main green since 22:14`.
func standing(d testruns.ComponentDigest) chat.Text {
	j := d.Judgement
	branch := chat.Plain(" · " + testruns.ShortenMiddle(d.Followed.Branch, 40))
	switch {
	case j.Latest.ID == 0:
		return nil
	case len(j.New)+len(j.Still) > 0:
		return chat.Line(branch, chat.Plain(" red: "+counted(len(j.New)+len(j.Still), "test fails", "tests fail")))
	case !j.GreenSince.IsZero():
		return chat.Line(branch, chat.Plain(" green since "), since(j.GreenSince, j.Period.Until))
	case j.Latest.State == testruns.Red:
		return chat.Line(branch, chat.Plain(" red by a flaky test"))
	}
	return nil
}

func newFailures(j testruns.Judgement) chat.Text {
	t := append(chat.Textf("%s", counted(len(j.New), "new failure", "new failures")), within(j.Period)...)
	first := j.New[0].First
	same := true
	for _, f := range j.New {
		same = same && f.First.Commit == first.Commit && !f.AtLeast
	}
	if !same || first.Author == "" || first.Commit == "" {
		return t
	}
	of := "from "
	if len(j.New) > 1 {
		of = "all from "
	}
	return append(t, chat.Plain(", "+of+testruns.ShortenMiddle(first.Author, 40)+"’s "+first.ShortCommit()))
}

func stillFailing(j testruns.Judgement) chat.Text {
	oldest := j.Still[len(j.Still)-1]
	if len(j.Still) == 1 {
		return chat.Line(chat.Plain("nothing new · "+quoted(oldest.Test)+" still fails, "+sinceWord(oldest)), since(oldest.First.Completed, j.Period.Until))
	}
	return chat.Line(chat.Plain(fmt.Sprintf("nothing new · %d tests still fail, the oldest %s", len(j.Still), sinceWord(oldest))), since(oldest.First.Completed, j.Period.Until))
}

func blindLine(j testruns.Judgement) chat.Text {
	t := chat.Line(chat.Plain("CI broken since "), since(j.BrokenSince, j.Period.Until))
	switch c := j.Counts; {
	case c.NoReport > 0 && c.Unreadable > 0:
		t = append(t, chat.Plain(fmt.Sprintf(", %d of %s gave no report and %d one that cannot be read", c.NoReport, counted(c.Runs, "run", "runs"), c.Unreadable)))
	case c.NoReport > 0:
		t = append(t, chat.Plain(fmt.Sprintf(", %d of %s gave no report", c.NoReport, counted(c.Runs, "run", "runs"))))
	case c.Unreadable > 0:
		t = append(t, chat.Plain(fmt.Sprintf(", the reports of %d of %s cannot be read", c.Unreadable, counted(c.Runs, "run", "runs"))))
	default:
		t = append(t, chat.Plain(fmt.Sprintf(", %d of %d tests failed in the latest run", j.Latest.Failed+j.Latest.Errors, j.Latest.Tests)))
	}
	return append(t, chat.Plain(" · tests not judged"))
}

// fixedLine names the first of the tests that pass now: `fixed: “applies voucher”, red for 5 days`.
func fixedLine(word string, fixes []testruns.Fix) chat.Text {
	f := fixes[0]
	words := word + ": " + quoted(f.Test)
	if len(fixes) > 1 {
		words += fmt.Sprintf(" and %d more", len(fixes)-1)
	} else {
		words += ", red for " + span(f.By.Completed.Sub(f.Since.Completed))
	}
	return chat.Textf("%s", words)
}

func recoveredLine(j testruns.Judgement) chat.Text {
	r := j.Recovered[0]
	words := fmt.Sprintf("nothing new · %s has recovered, %s without a failure", quoted(r.Test), counted(r.Clean, "run", "runs"))
	if len(j.Recovered) > 1 {
		words += fmt.Sprintf(", and %d more", len(j.Recovered)-1)
	}
	return chat.Textf("%s", words)
}

func flakyLine(j testruns.Judgement) chat.Text {
	if len(j.Flaky) == 0 {
		return chat.Textf("nothing new · %s failed once and passed on the same commit", quoted(j.Once[0].Test))
	}
	f := j.Flaky[0]
	words := fmt.Sprintf("nothing new · %s is flaky, %d of %s", quoted(f.Test), f.Times, counted(f.Of, "run", "runs"))
	if len(j.Flaky) > 1 {
		words += fmt.Sprintf(", and %d more", len(j.Flaky)-1)
	}
	return chat.Textf("%s", words)
}

func allGreen(j testruns.Judgement) chat.Text {
	if j.Counts.Runs == 1 {
		return append(append(chat.Textf("its one run"), within(j.Period)...), chat.Plain(" is green"))
	}
	return append(chat.Textf("all %d runs green", j.Counts.Runs), within(j.Period)...)
}

func greenRuns(c testruns.Counts) string {
	return fmt.Sprintf("%d of %s green", c.Green, counted(c.Runs, "run", "runs"))
}

// trendWords compares the green runs with those before, as far as that can be: `green runs up from 62 % to 88 %`.
func trendWords(t testruns.Trend) string {
	if change := t.Change(); change != testruns.Unclear {
		return fmt.Sprintf("green runs %s from %.0f %% to %.0f %%", change, 100*t.Before.Share(), 100*t.Now.Share())
	}
	return fmt.Sprintf("no clear change (n = %d, %d before)", t.Now.N, t.Before.N)
}

// notCounted names the runs that count for nothing.
func notCounted(c testruns.Counts) string {
	var parts []string
	if c.Cancelled > 0 {
		parts = append(parts, fmt.Sprintf("%d cancelled", c.Cancelled))
	}
	if c.Gone > 0 {
		parts = append(parts, fmt.Sprintf("%d whose report has expired", c.Gone))
	}
	return strings.Join(parts, ", ")
}

// span is a length of time in the largest unit that says enough: 5 days, 3 hours, 20 minutes.
func span(d time.Duration) string {
	switch {
	case d >= 36*time.Hour:
		return counted(int((d+12*time.Hour)/(24*time.Hour)), "day", "days")
	case d >= 90*time.Minute:
		return counted(int((d+30*time.Minute)/time.Hour), "hour", "hours")
	}
	return counted(max(1, int(d.Round(time.Minute)/time.Minute)), "minute", "minutes")
}

// short is a length of time as test reports show it: 120 ms, 3.4 s, 12 minutes.
func short(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 2*time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return span(d)
}
