package handlers

import (
	"fmt"
	"strings"
	"time"

	"bellhop/chat"
	"bellhop/testruns"
)

// failuresShown is how many failures a digest lists of one sort.
const failuresShown = 5

// digestParts are the details under a component's line: what fails and whose it is, what is flaky, what was mended, and
// the runs in numbers. A period without runs has none.
func digestParts(d testruns.ComponentDigest, web string, shown int) []chat.Part {
	j := d.Judgement
	if j.Counts.Runs == 0 {
		return nil // its line says it all
	}
	var parts []chat.Part
	if len(j.New) > 0 {
		parts = append(parts, failureList("New failures", j.New, d, web, shown))
	}
	if len(j.Still) > 0 {
		parts = append(parts, failureList("Still failing", j.Still, d, web, shown))
	}
	if len(j.Flaky)+len(j.Once) > 0 {
		parts = append(parts, flakyList(j, shown))
	}
	if len(j.Fixed) > 0 {
		parts = append(parts, fixedList("Fixed", j.Fixed, shown))
	}
	if len(j.Again) > 0 {
		parts = append(parts, fixedList("Pass again", j.Again, shown))
	}
	if len(j.Recovered) > 0 {
		parts = append(parts, recoveredList(j, shown))
	}
	if len(j.Slower) > 0 {
		parts = append(parts, slowerList(j, shown))
	}
	if note := runsNote(d); note != "" {
		parts = append(parts, chat.Context{Text: chat.Textf("%s", note)})
	}
	if polled := d.Followed.Polled; !polled.IsZero() && j.Period.Until.Sub(polled) > 10*time.Minute {
		parts = append(parts, chat.Context{Text: chat.Line(chat.Plain("GitHub was last asked for runs at "), chat.Moment{At: polled})})
	}
	return parts
}

func failureList(title string, failures []testruns.Failure, d testruns.ComponentDigest, web string, shown int) chat.List {
	list := chat.List{Title: title}
	for _, f := range failures[:min(shown, len(failures))] {
		list.Items = append(list.Items, failureItem(f, d, web))
	}
	list.More = len(failures) - len(list.Items)
	return list
}

// failureItem is one failing test: name · since when · commit and its author · owning team · run.
func failureItem(f testruns.Failure, d testruns.ComponentDigest, web string) chat.Text {
	t := chat.Line(chat.Bold(testruns.ShortenMiddle(f.Test.Label(), nameShown)), chat.Plain(" · "+sinceWord(f)), since(f.First.Completed, d.Judgement.Period.Until))
	if f.First.Commit != "" && !f.AtLeast {
		t = append(t, chat.Plain(" · "), commitSpan(f, d.Repo, web))
		if f.First.Author != "" {
			t = append(t, chat.Plain(" by "+testruns.ShortenMiddle(f.First.Author, 40)))
		}
	}
	if d.Owner.Found {
		t = append(t, chat.Plain(" · "+testruns.ShortenMiddle(d.Owner.Group.Display(), 40)))
	} else {
		t = append(t, chat.Plain(" · no owner"))
	}
	if f.Commits > 1 {
		t = append(t, chat.Plain(fmt.Sprintf(" · %d commits in a row", f.Commits)))
	}
	t = append(t, chat.Plain(" · "), chat.Link{Label: "run", URL: f.Last.URL})
	if f.Message != "" {
		t = append(t, chat.Plain(" · "), chat.Italic(shorten(f.Message, messageShown)))
	}
	return t
}

// sinceWord tells a beginning that is known from one that is not.
func sinceWord(f testruns.Failure) string {
	if f.AtLeast {
		return "at least since "
	}
	return "since "
}

// commitSpan leads to the change that broke a test: everything after the last good commit, or the first bad one alone.
func commitSpan(f testruns.Failure, repo, web string) chat.Span {
	url := web + repo + "/commit/" + f.First.Commit
	if f.LastGood != nil && f.LastGood.Commit != "" && f.LastGood.Commit != f.First.Commit {
		url = web + repo + "/compare/" + f.LastGood.Commit + "..." + f.First.Commit
	}
	return chat.Link{Label: f.First.ShortCommit(), URL: url}
}

func flakyList(j testruns.Judgement, shown int) chat.List {
	list := chat.List{Title: "Flaky"}
	for _, f := range j.Flaky {
		list.Items = append(list.Items, chat.Line(chat.Bold(testruns.ShortenMiddle(f.Test.Label(), nameShown)),
			chat.Plain(fmt.Sprintf(" · %d of %s · ", f.Times, counted(f.Of, "run", "runs"))), chat.Link{Label: "latest", URL: f.Latest.URL}))
	}
	for _, f := range j.Once {
		list.Items = append(list.Items, chat.Line(chat.Bold(testruns.ShortenMiddle(f.Test.Label(), nameShown)),
			chat.Plain(" · failed and passed on one commit · "), chat.Link{Label: "run", URL: f.Latest.URL}))
	}
	if len(list.Items) > shown {
		list.More = len(list.Items) - shown
		list.Items = list.Items[:shown]
	}
	return list
}

func fixedList(title string, fixes []testruns.Fix, shown int) chat.List {
	list := chat.List{Title: title}
	for _, f := range fixes[:min(shown, len(fixes))] {
		t := chat.Line(chat.Bold(testruns.ShortenMiddle(f.Test.Label(), nameShown)),
			chat.Plain(" · was red for "+span(f.By.Completed.Sub(f.Since.Completed))+" · "), chat.Link{Label: f.By.ShortCommit(), URL: f.By.URL})
		if f.By.Author != "" {
			t = append(t, chat.Plain(" by "+testruns.ShortenMiddle(f.By.Author, 40)))
		}
		list.Items = append(list.Items, t)
	}
	list.More = len(fixes) - len(list.Items)
	return list
}

func recoveredList(j testruns.Judgement, shown int) chat.List {
	list := chat.List{Title: "No longer flaky"}
	for _, r := range j.Recovered[:min(shown, len(j.Recovered))] {
		list.Items = append(list.Items, chat.Line(chat.Bold(testruns.ShortenMiddle(r.Test.Label(), nameShown)),
			chat.Plain(fmt.Sprintf(" · %s without a failure since ", counted(r.Clean, "run", "runs"))), chat.Link{Label: r.Last.ShortCommit(), URL: r.Last.URL}))
	}
	list.More = len(j.Recovered) - len(list.Items)
	return list
}

// slowerList names the tests that take longer than they did, with both times.
func slowerList(j testruns.Judgement, shown int) chat.List {
	list := chat.List{Title: "Slower in the last 7 days than in the 14 before"}
	for _, s := range j.Slower[:min(shown, len(j.Slower))] {
		list.Items = append(list.Items, chat.Line(chat.Bold(testruns.ShortenMiddle(s.Test.Label(), nameShown)),
			chat.Plain(fmt.Sprintf(" · %s, was %s", short(s.Now), short(s.Before)))))
	}
	list.More = len(j.Slower) - len(list.Items)
	return list
}

// runsNote counts the runs of the period by what they were, and says what was wrong with the last bad report.
func runsNote(d testruns.ComponentDigest) string {
	c := d.Judgement.Counts
	trend := d.Judgement.Trend
	if c.Runs == c.Green && c.Retried+c.Cancelled+c.Gone+d.Followed.Waiting == 0 && d.Followed.Problem == "" && trend.Change() == testruns.Unclear {
		return "" // the first line has said so
	}
	var parts []string
	add := func(n int, what string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, what))
		}
	}
	green := "green"
	if c.Retried > 0 {
		green = fmt.Sprintf("green (%d after a retry)", c.Retried)
	}
	add(c.Green, green)
	add(c.Red, "red")
	add(c.Outside, "failed outside their tests")
	add(c.NoReport, "without a report")
	add(c.Unreadable, "with an unreadable report")
	note := counted(c.Runs, "run", "runs") + ": " + strings.Join(parts, ", ")
	if trend.Before.N > 0 {
		note += "; " + trendWords(trend)
	}
	if c.Cancelled+c.Gone > 0 {
		note += "; not counted: " + notCounted(c)
	}
	if problem := lastProblem(d.Judgement.Runs); problem != "" {
		note += ". Report: " + problem
	}
	if d.Followed.Waiting > 0 {
		note += fmt.Sprintf(". %s still to be read", counted(d.Followed.Waiting, "older run is", "older runs are"))
	}
	if d.Followed.Problem != "" {
		note += ". " + d.Followed.Problem
	}
	return note
}

// lastProblem is what was wrong with the newest report that could not be read.
func lastProblem(runs []testruns.Run) string {
	for _, r := range runs {
		if (r.State == testruns.Unreadable || r.State == testruns.NoReport) && len(r.Problems) > 0 {
			return shorten(r.Problems[0], 200)
		}
	}
	return ""
}

// chartDays is how many labels a chart shows (Slack: 20 points).
const chartDays = 20

// runsChart draws green and red runs per day, in zone.
func runsChart(d testruns.ComponentDigest, zone *time.Location) (chat.Chart, bool) {
	j := d.Judgement
	first, last := dayOf(j.Period.Since, zone), dayOf(j.Period.Until, zone)
	days := int(last.Sub(first)/(24*time.Hour)) + 1
	if j.Counts.Runs < 2 || days < 2 {
		return chat.Chart{}, false
	}
	per := (days + chartDays - 1) / chartDays // days a bar
	bars := (days + per - 1) / per
	green, red, other := make([]float64, bars), make([]float64, bars), make([]float64, bars)
	for _, r := range j.Runs {
		i := int(dayOf(r.Completed, zone).Sub(first)/(24*time.Hour)) / per
		i = min(max(i, 0), bars-1)
		switch {
		case r.State.IsGreen():
			green[i]++
		case r.State == testruns.Red:
			red[i]++
		default:
			other[i]++
		}
	}
	c := chat.Chart{Title: "Runs on " + shorten(d.Followed.Branch, 20), Kind: chat.BarChart,
		Series: []chat.Series{{Name: "green", Values: green}, {Name: "red", Values: red}}}
	if j.Counts.Runs > j.Counts.Green+j.Counts.Red {
		c.Series = append(c.Series, chat.Series{Name: "without a result", Values: other})
	}
	for i := range bars {
		c.Labels = append(c.Labels, first.AddDate(0, 0, i*per).Format("2 Jan"))
	}
	return c, true
}

// dayOf is the calendar day of a moment in zone, as a moment in UTC, where every day has 24 hours.
func dayOf(at time.Time, zone *time.Location) time.Time {
	y, m, d := at.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}
