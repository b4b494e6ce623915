package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"bellhop/testruns/reports"
	mask "bellhop/testruns/secrets"
)

// reportCommands are about test reports.
type reportCommands struct {
	Read reportReadCommand `cmd:"" help:"Read test reports as Bellhop reads them, and say what they hold; exits 1 when one cannot be read."`
}

type reportReadCommand struct {
	Format string   `name:"format" default:"human" enum:"human,json" help:"How it is written: human, or json, an array with an object for each file."`
	Files  []string `arg:"" name:"file" help:"JUnit XML, CTRF, go test -json, TRX or Playwright's JSON, bare or in a zip; - is standard input."`
}

// fileRead is what was read of one file; the names are what scripts rely on.
type fileRead struct {
	File       string         `json:"file"`
	Format     reports.Format `json:"format"`
	Partial    bool           `json:"partial"`
	Tests      int            `json:"tests"`
	Passed     int            `json:"passed"`
	Failed     int            `json:"failed"`
	Errors     int            `json:"errors"`
	Skipped    int            `json:"skipped"`
	Flaky      int            `json:"flaky"`
	DurationMS int64          `json:"duration_ms"`
	Problems   []string       `json:"problems"`
	// Unreadable files have no counts; why stands in Problems.
	Unreadable bool `json:"unreadable,omitempty"`

	failing []reports.Case // the first ones
}

// Run reads each file and says what it holds.
func (c *reportReadCommand) Run(ctx context.Context, t terminal) error {
	read := make([]fileRead, len(c.Files))
	bad := 0
	for i, file := range c.Files {
		var err error
		if read[i], err = readReport(ctx, file); err != nil {
			return err
		}
		if read[i].Unreadable {
			bad++
		}
		if c.Format == "human" {
			read[i].print(t.out)
		}
	}
	if c.Format == "json" {
		out := json.NewEncoder(t.out)
		out.SetEscapeHTML(false)
		out.SetIndent("", "  ")
		if err := out.Encode(read); err != nil {
			return fmt.Errorf("write: %w", err)
		}
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d could not be read", bad, len(read))
	}
	return nil
}

// readReport reads one file; only the end of ctx is an error.
func readReport(ctx context.Context, file string) (fileRead, error) {
	r := fileRead{File: file, Problems: []string{}}
	in := os.Stdin
	if file != "-" {
		var err error
		if in, err = os.Open(file); err != nil {
			return r.unreadable(err), nil
		}
		defer func() { _ = in.Close() }() // it was only read
	}
	const shown = 20
	report, err := reports.Each(ctx, in, reports.DefaultLimits(), func(k reports.Case) {
		if (k.Outcome == reports.Failed || k.Outcome == reports.Errored) && len(r.failing) < shown {
			r.failing = append(r.failing, k)
		}
	})
	if ctx.Err() != nil {
		return r, ctx.Err()
	}
	if err != nil {
		return r.unreadable(err), nil
	}
	r.Format, r.Partial = report.Format, report.Partial
	r.Tests, r.Passed, r.Failed, r.Errors = report.Tests, report.Passed, report.Failed, report.Errors
	r.Skipped, r.Flaky, r.DurationMS = report.Skipped, report.Flaky, report.Duration.Milliseconds()
	r.Problems = append(r.Problems, report.Problems...)
	return r, nil
}

func (r fileRead) unreadable(err error) fileRead {
	if path := (*os.PathError)(nil); errors.As(err, &path) {
		err = path.Err // the name stands beside it
	}
	return fileRead{File: r.File, Unreadable: true, Problems: []string{err.Error()}}
}

// print says it for people: counts, what is odd about the report, and what failed.
func (r fileRead) print(to io.Writer) {
	if r.Unreadable {
		say(to, "%s: cannot be read: %s", r.File, r.Problems[0])
		return
	}
	text := fmt.Sprintf("%s: %s · tests %d · passed %d · failed %d · errors %d · skipped %d", r.File, r.Format, r.Tests, r.Passed, r.Failed, r.Errors, r.Skipped)
	if r.Flaky > 0 {
		text += fmt.Sprintf(" · flaky %d", r.Flaky)
	}
	if r.DurationMS > 0 {
		text += fmt.Sprintf(" · %v", time.Duration(r.DurationMS)*time.Millisecond)
	}
	if r.Partial {
		text += " · incomplete"
	}
	say(to, "%s", text)
	for _, p := range r.Problems {
		say(to, "  note: %s", mask.Mask(p))
	}
	for _, k := range r.failing {
		say(to, "  %s: %s", k.Outcome, caseTitle(k))
		if first, _, _ := strings.Cut(mask.Mask(k.Message), "\n"); first != "" {
			say(to, "    %s", first)
		}
	}
	if more := r.Failed + r.Errors - len(r.failing); more > 0 {
		say(to, "  and %d more", more)
	}
}

// caseTitle is where a case stands and what it is called, nothing twice.
func caseTitle(k reports.Case) string {
	var parts []string
	for _, part := range []string{k.Host, k.File, k.Suite, k.Class, k.Name} {
		if part != "" && (len(parts) == 0 || parts[len(parts)-1] != part) {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, " › ")
}
