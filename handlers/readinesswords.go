package handlers

import (
	"fmt"
	"slices"
	"strings"

	"bellhop/catalog"
	"bellhop/chat"
)

// readinessReply answers for one component.
func readinessReply(e catalog.Entity, r catalog.Readiness, webURL string) chat.Reply {
	met, of := r.Met()
	headline := fmt.Sprintf("🟡 %s: %d of %d for production · missing %s", e.Name, met, of, missingNames(r))
	if met == of {
		headline = fmt.Sprintf("🟢 %s: ready for production, all %d", e.Name, of)
	}
	reply := chat.Reply{Headline: chat.Textf("%s", headline), Parts: []chat.Part{chat.List{Items: checkLines(r)}}}
	if met < of {
		reply.Parts = append(reply.Parts, chat.Context{Text: chat.Line(chat.Plain("Its descriptor is "), sourceSpan(e, webURL))})
	}
	return reply
}

// readinessTitle stands over the lines of a card: `Ready for production: 6 of 7, 1 not known`.
func readinessTitle(r catalog.Readiness) string {
	met, of := r.Met()
	title := fmt.Sprintf("Ready for production: %d of %d", met, of)
	if unknown := len(r.Results) - of; unknown > 0 {
		title += fmt.Sprintf(", %d not known", unknown)
	}
	return title
}

// checkLines has a line for what is not met, with what to do, and one for all that is. Checks that lack the same stand in one
// line.
func checkLines(r catalog.Readiness) []chat.Text {
	var lines, fine []chat.Text
	for i, result := range r.Results {
		if result.State == catalog.CheckMet {
			met := chat.Textf("%s", checkLabel(result.Check))
			if result.URL != "" {
				met = chat.Line(linkSpan(catalog.Link{URL: result.URL, Title: checkLabel(result.Check)}))
			}
			fine = append(fine, met)
			continue
		}
		alike := func(other catalog.CheckResult) bool { return other.Words == result.Words && other.Hint == result.Hint }
		if slices.ContainsFunc(r.Results[:i], alike) {
			continue
		}
		var labels []string
		for _, other := range r.Results[i:] {
			if alike(other) {
				labels = append(labels, checkLabel(other.Check))
			}
		}
		sign, hint := "⚪ ", ""
		if result.State == catalog.CheckMissing {
			sign, hint = "🔴 ", " → "+result.Hint
		}
		lines = append(lines, chat.Line(chat.Plain(sign), chat.Bold(strings.Join(labels, ", ")), chat.Plain(" · "+result.Words+hint)))
	}
	if len(fine) > 0 {
		lines = append(lines, append(chat.Textf("✅ "), chat.Join(", ", fine...)...))
	}
	return lines
}

// checkLabel is how people call a check.
func checkLabel(check string) string {
	switch check {
	case catalog.CheckCI:
		return "CI"
	case catalog.CheckDeploy:
		return "deploy workflow"
	}
	return check
}
