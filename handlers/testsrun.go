package handlers

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"bellhop/chat"
	"bellhop/testruns"
)

// runPath is a run in the path of its address, with or without an attempt, job or anything behind it. An Enterprise
// Server's addresses look the same.
var runPath = regexp.MustCompile(`^/([^/]+/[^/]+)/actions/runs/(\d{1,19})(?:/attempts/(\d{1,4}))?(?:/|$)`)

// runAsked is the run that somebody asks for.
type runAsked struct {
	repo    string // empty when only a number was given
	run     int64
	attempt int // 0 is the last
}

// parseRun reads a run's address or number.
func parseRun(text string) (runAsked, error) {
	words := chat.Words(text)
	if len(words) == 0 {
		return runAsked{}, chat.Errorf("Which run? Give its address or number, for example: /tests run https://github.com/acme/payments/actions/runs/123")
	}
	word := strings.TrimPrefix(chat.JoinWords(words), "#")
	if id, err := strconv.ParseInt(word, 10, 64); err == nil && id > 0 {
		return runAsked{run: id}, nil
	}
	u, err := url.Parse(word)
	if err == nil {
		if m := runPath.FindStringSubmatch(u.Path); m != nil && u.Host != "" {
			id, err := strconv.ParseInt(m[2], 10, 64)
			attempt, _ := strconv.Atoi(m[3]) // empty is none, and the digits are few
			if err == nil {
				return runAsked{strings.ToLower(m[1]), id, attempt}, nil
			}
		}
	}
	return runAsked{}, chat.Errorf("%q is no workflow run. Give its address, like https://github.com/acme/payments/actions/runs/123, or its number.", shorten(word, 60))
}

// oneRun answers `/tests run`.
func (h testsHandler) oneRun(ctx context.Context, r chat.Request) (chat.Reply, error) {
	asked, err := parseRun(r.Text)
	if err != nil {
		return chat.Reply{}, err
	}
	if asked.repo == "" {
		repos, err := h.Reports.RepositoriesOfRun(ctx, asked.run)
		if err != nil {
			return chat.Reply{}, fmt.Errorf("tests run: %w", err)
		}
		switch len(repos) {
		case 0:
			return chat.Reply{}, notRead(asked)
		case 1:
			asked.repo = repos[0]
		default:
			return chat.Reply{}, chat.Errorf("Run %d is in %s. Give its address.", asked.run, strings.Join(repos, " and in "))
		}
	}
	d, err := h.Reports.Run(ctx, asked.repo, asked.run)
	if err != nil {
		return chat.Reply{}, fmt.Errorf("tests run: %w", err)
	}
	attempt, ok := d.Attempt(asked.attempt)
	if !ok {
		if d, attempt, err = h.readRun(ctx, asked); err != nil {
			return chat.Reply{}, err
		}
	}
	return h.runReply(d, attempt), nil
}

// readRun reads a run that is not kept.
func (h testsHandler) readRun(ctx context.Context, asked runAsked) (d testruns.RunDigest, a testruns.AttemptDigest, err error) {
	if h.Runs == nil || asked.attempt > 0 {
		return d, a, notRead(asked)
	}
	d, err = h.Runs.ReadRun(ctx, asked.repo, asked.run)
	switch {
	case errors.Is(err, testruns.ErrRunning):
		return d, a, chat.Errorf("Run %d has not ended yet. Ask again when it has.", asked.run)
	case errors.Is(err, testruns.ErrNotFound), errors.Is(err, testruns.ErrGone):
		return d, a, chat.Errorf("Bellhop finds no run %d in %s, or the catalog has no component of that repository.", asked.run, asked.repo)
	case err != nil:
		return d, a, fmt.Errorf("tests run: %w", err)
	}
	a, _ = d.Attempt(0) // it has just been read
	return d, a, nil
}

func notRead(asked runAsked) error {
	return chat.Errorf("Bellhop has not kept run %d. It keeps completed runs on the default branch of the repositories in its catalog; of others give the whole address.", asked.run)
}

// runReply shows one attempt of a run.
func (h testsHandler) runReply(d testruns.RunDigest, a testruns.AttemptDigest) chat.Reply {
	const shown = 15
	r := a.Run
	head := fmt.Sprintf("%s %s · %s", runSign(r.State), r.Repo, runWords(r))
	reply := chat.Reply{Headline: chat.Textf("%s", head)}
	reply.Parts = append(reply.Parts, h.runFacts(d, r))
	if list := resultList("Failed", a.Failed, shown); len(list.Items) > 0 {
		reply.Parts = append(reply.Parts, list)
	}
	if list := resultList("Passed only after a retry", a.Flaky, shown); len(list.Items) > 0 {
		reply.Parts = append(reply.Parts, list)
	}
	if len(r.Problems) > 0 {
		list := chat.List{Title: "About its reports"}
		for _, p := range r.Problems {
			list.Items = append(list.Items, chat.Textf("%s", shorten(p, 300)))
		}
		reply.Parts = append(reply.Parts, list)
	}
	return appendLinks(reply, r)
}

func appendLinks(reply chat.Reply, r testruns.Run) chat.Reply {
	if r.URL != "" {
		reply.Parts = append(reply.Parts, chat.Buttons{{Label: "Open on GitHub", URL: r.URL}})
	}
	return reply
}

func runSign(s testruns.State) string {
	switch s {
	case testruns.Green:
		return "🟢"
	case testruns.Retried:
		return "🟡"
	case testruns.Red, testruns.Outside:
		return "🔴"
	case testruns.NoReport, testruns.Unreadable:
		return "⚫"
	default:
		return "⚪"
	}
}

// runWords is what an attempt amounts to.
func runWords(r testruns.Run) string {
	tests := counted(r.Tests, "test", "tests")
	passed := "all " + tests + " passed" + skippedWords(r)
	if r.Tests == 1 {
		passed = "its one test passed"
	}
	switch r.State {
	case testruns.Green:
		return passed
	case testruns.Retried:
		return fmt.Sprintf("%s, %d only after a retry", passed, r.Flaky)
	case testruns.Red:
		return fmt.Sprintf("%d of %s failed%s", r.Failed+r.Errors, tests, skippedWords(r))
	case testruns.Outside:
		return fmt.Sprintf("%s, but the run ended with %q", passed, r.Conclusion)
	case testruns.Unreadable:
		if r.Tests > 0 {
			return fmt.Sprintf("its report cannot be trusted: %s read, none failed, but not all could be read", tests)
		}
		return "its report cannot be read"
	case testruns.Gone:
		return "its report has expired on GitHub"
	case testruns.Cancelled:
		return "the run was cancelled or skipped"
	}
	if r.Tests > 0 {
		return "no report of a test that was executed: all " + tests + " were skipped"
	}
	return "no test report"
}

func skippedWords(r testruns.Run) string {
	if r.Skipped == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d skipped)", r.Skipped)
}

// runFacts are where the run comes from and how long it took.
func (h testsHandler) runFacts(d testruns.RunDigest, r testruns.Run) chat.Fields {
	commit := chat.Text{}
	if r.Commit != "" {
		commit = append(commit, chat.Link{Label: r.ShortCommit(), URL: h.WebURL + r.Repo + "/commit/" + r.Commit},
			chat.Plain(" "+shorten(r.Title, 80)))
	}
	if r.Author != "" {
		commit = append(commit, chat.Plain(" · "+shorten(r.Author, 40)))
	}
	fields := chat.Fields{
		{Label: "Workflow", Value: chat.Textf("%s on %s", shorten(orElse(r.Name, r.Workflow), 60), shorten(r.Branch, 60))},
		{Label: "Commit", Value: commit},
		{Label: "Ended", Value: chat.Line(chat.Moment{At: r.Completed}, chat.Plain(", took "+span(r.Completed.Sub(r.Started))))},
	}
	if r.Duration > 0 {
		fields = append(fields, chat.Field{Label: "Tests took", Value: chat.Textf("%s together", short(r.Duration))})
	}
	if n := len(d.Attempts); n > 1 {
		fields = append(fields, chat.Field{Label: "Attempt", Value: chat.Textf("%d of %d", r.Attempt, d.Attempts[n-1].Run.Attempt)})
	}
	return fields
}

func resultList(title string, results []testruns.TestResult, shown int) chat.List {
	list := chat.List{Title: title}
	for _, r := range results[:min(shown, len(results))] {
		t := chat.Line(chat.Bold(testruns.ShortenMiddle(r.Test.Label(), nameShown)))
		if r.Duration > 0 {
			t = append(t, chat.Plain(" · "+short(r.Duration)))
		}
		if r.Message != "" {
			t = append(t, chat.Plain(" · "), chat.Italic(shorten(r.Message, messageShown)))
		}
		list.Items = append(list.Items, t)
	}
	list.More = len(results) - len(list.Items)
	return list
}
