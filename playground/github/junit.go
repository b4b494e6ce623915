package github

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"strings"
	"time"
)

// zipFile is one file of an artifact.
type zipFile struct {
	name    string
	content []byte
	at      time.Time
}

// pack makes the zip that GitHub offers for download, the same bytes each time.
func pack(files []zipFile) ([]byte, error) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		e, err := w.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: f.at})
		if err != nil {
			return nil, fmt.Errorf("pack %s: %w", f.name, err)
		}
		if _, err := e.Write(f.content); err != nil {
			return nil, fmt.Errorf("pack %s: %w", f.name, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	return b.Bytes(), nil
}

// content is what a download of the artifact gives.
func (a *artifact) content() ([]byte, error) {
	files := a.files()
	if a.raw && len(files) == 1 {
		return files[0].content, nil
	}
	return pack(files)
}

// measure finds size and digest once, without keeping the content.
func (a *artifact) measure() error {
	if a.measured {
		return nil
	}
	content, err := a.content()
	if err != nil {
		return err
	}
	sum := sha256.Sum256(content)
	a.measured, a.size, a.digest = true, len(content), "sha256:"+hex.EncodeToString(sum[:])
	if a.claimed > 0 {
		a.size = a.claimed
	}
	return nil
}

// reports writes the results as JUnit XML in the dialect of a tool: one file for each name that the suites give.
func reports(format string, results []result, at time.Time) []zipFile {
	var names []string
	byFile := map[string][]result{}
	for _, r := range results {
		name := r.suite.File
		if byFile[name] == nil {
			names = append(names, name)
		}
		byFile[name] = append(byFile[name], r)
	}
	var out []zipFile
	for _, name := range names {
		out = append(out, zipFile{name: name, content: report(format, byFile[name], at), at: at})
	}
	return out
}

// report writes one file. Surefire has the suite as its root; the others have <testsuites>.
func report(format string, results []result, at time.Time) []byte {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
	var suites []*Suite
	bySuite := map[*Suite][]result{}
	for _, r := range results {
		if bySuite[r.suite] == nil {
			suites = append(suites, r.suite)
		}
		bySuite[r.suite] = append(bySuite[r.suite], r)
	}
	if wrapped := format != "surefire" || len(suites) > 1; wrapped {
		all := count(results)
		name := map[string]string{"pytest": "", "jest": ` name="jest tests"`, "gotestsum": ""}[format]
		fmt.Fprintf(&b, "<testsuites%s tests=\"%d\" failures=\"%d\" errors=\"0\" time=\"%.3f\">\n", name, all.tests, all.failed, all.seconds)
		for _, s := range suites {
			writeSuite(&b, format, s, bySuite[s], at)
		}
		b.WriteString("</testsuites>\n")
		return []byte(b.String())
	}
	for _, s := range suites {
		writeSuite(&b, format, s, bySuite[s], at)
	}
	return []byte(b.String())
}

type counts struct {
	tests, failed, skipped int
	seconds                float64
}

func count(results []result) counts {
	var c counts
	for _, r := range results {
		c.tests++
		c.seconds += r.seconds
		switch r.outcome {
		case "failed":
			c.failed++
		case "skipped":
			c.skipped++
		}
	}
	return c
}

func writeSuite(b *strings.Builder, format string, s *Suite, results []result, at time.Time) {
	c := count(results)
	fmt.Fprintf(b, "<testsuite name=%s tests=\"%d\" failures=\"%d\" errors=\"0\" skipped=\"%d\" time=\"%.3f\" timestamp=\"%s\"",
		quoted(s.Name), c.tests, c.failed, c.skipped, c.seconds, at.Format("2006-01-02T15:04:05"))
	if format == "pytest" || format == "jest" {
		b.WriteString(` hostname="runner-01"`)
	}
	b.WriteString(">\n")
	if format == "gotestsum" {
		b.WriteString("\t<properties>\n\t\t<property name=\"go.version\" value=\"go1.26 linux/amd64\"></property>\n\t</properties>\n")
	}
	for _, r := range results {
		writeCase(b, format, s, r)
	}
	b.WriteString("</testsuite>\n")
}

func writeCase(b *strings.Builder, format string, s *Suite, r result) {
	name, class := r.test, s.Class
	if format == "jest" { // jest-junit's default repeats the suite in both
		name = s.Name + " " + r.test
		class = name
	}
	fmt.Fprintf(b, "\t<testcase classname=%s name=%s time=\"%.3f\"", quoted(class), quoted(name), r.seconds)
	switch r.outcome {
	case "failed":
		b.WriteString(">\n\t\t<failure" + failure(r) + "</failure>\n\t</testcase>\n")
	case "flaky":
		if format == "surefire" {
			b.WriteString(">\n\t\t<flakyFailure" + failure(r) + "</flakyFailure>\n\t</testcase>\n")
			return
		}
		// The other tools write the case twice: the try that failed, then the one that passed.
		b.WriteString(">\n\t\t<failure" + failure(r) + "</failure>\n\t</testcase>\n")
		fmt.Fprintf(b, "\t<testcase classname=%s name=%s time=\"%.3f\"></testcase>\n", quoted(class), quoted(name), r.seconds)
	case "skipped":
		fmt.Fprintf(b, ">\n\t\t<skipped message=%s></skipped>\n\t</testcase>\n", quoted(r.rule.Message))
	default:
		b.WriteString("></testcase>\n")
	}
}

// failure is the rest of a failure's start tag and its text.
func failure(r result) string {
	kind := r.rule.Type
	if kind == "" {
		kind = "AssertionError"
	}
	lines := append([]string{kind + ": " + r.rule.Message}, r.rule.Trace...)
	return fmt.Sprintf(" message=%s type=%s>%s", quoted(r.rule.Message), quoted(kind), escaped(strings.Join(lines, "\n")))
}

func quoted(s string) string { return `"` + escaped(s) + `"` }

func escaped(s string) string {
	var b bytes.Buffer
	if err := xml.EscapeText(&b, []byte(s)); err != nil {
		return "" // a bytes.Buffer does not fail
	}
	return b.String()
}
