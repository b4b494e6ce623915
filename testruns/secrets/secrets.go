// Package secrets masks what looks like a secret in texts that programs wrote: failures of tests print whole requests,
// environments and addresses of databases. It is better to mask too much than too little, as the text itself still stands
// where it came from; yet what most failures consist of (commits, checksums, UUIDs, paths, names) must stay readable.
package secrets

import (
	"regexp"
	"slices"
	"strings"
)

// Mask is text with "[masked …]" in place of what looks like a secret: what has the shape of a known kind of token, what
// stands behind a name such as `password=`, and long strings that look like drawn by chance. Texts that were cut off are
// masked too, up to their end.
func Mask(text string) string {
	for _, s := range shapes {
		if s.mayStandIn(text) {
			text = s.pattern.ReplaceAllString(text, s.with)
		}
	}
	text = maskAddresses(text)
	text = maskNamed(text)
	return maskRandom(text)
}

// masked stands for a secret of no certain kind.
const masked = "[masked]"

// shape is what a kind of secret looks like.
type shape struct {
	marks   []string // one of them stands in the text wherever the pattern matches: quicker sought than that
	pattern *regexp.Regexp
	with    string
}

func (s shape) mayStandIn(text string) bool { return containsAny(text, s.marks) }

func containsAny(text string, parts []string) bool {
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(text, part) })
}

// shapes are the kinds of tokens that tell by themselves what they are. Lengths are less than what is issued, for texts that
// were cut off; GitHub's installation tokens have dots in them since they are JWTs.
var shapes = []shape{
	{[]string{"-----BEGIN"}, regexp.MustCompile(`-----BEGIN[A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(?s:.*?)(?:-----END[A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|\z)`), "[masked private key]"},
	{[]string{"gh"}, regexp.MustCompile(`(^|[^A-Za-z0-9])gh[opsur]_[A-Za-z0-9_]{10,}(?:[.-][A-Za-z0-9_-]+)*`), "${1}[masked GitHub token]"},
	{[]string{"github_pat_"}, regexp.MustCompile(`github_pat_[A-Za-z0-9_]{10,}`), "[masked GitHub token]"},
	{[]string{"xox"}, regexp.MustCompile(`\bxox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{8,}`), "[masked Slack token]"},
	{[]string{"xapp-"}, regexp.MustCompile(`\bxapp-[0-9]+-[A-Za-z0-9-]{8,}`), "[masked Slack token]"},
	{[]string{"hooks.slack"}, regexp.MustCompile(`(hooks\.slack(?:-gov)?\.com/)(?:services|workflows|triggers)/[\w/+-]+`), "${1}[masked Slack webhook]"},
	{[]string{"AKIA", "ASIA", "ABIA", "ACCA"}, regexp.MustCompile(`\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,}\b`), "[masked AWS key]"},
	{[]string{"eyJ"}, regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*)+`), "[masked JWT]"},
	{[]string{"AIza", "ya29."}, regexp.MustCompile(`\b(?:AIza|ya29\.)[A-Za-z0-9_.-]{16,}`), "[masked Google key]"},
	{[]string{"k_live_", "k_test_", "whsec_"}, regexp.MustCompile(`\b(?:[prs]k_(?:live|test)_|whsec_)[A-Za-z0-9+/=]{10,}`), "[masked Stripe key]"},
	{[]string{"gl"}, regexp.MustCompile(`\bgl(?:pat|dt|rt|cbt|ptt|ft|soat|agent|oas)-[A-Za-z0-9_.-]{16,}`), "[masked GitLab token]"},
	{
		[]string{"npm_", "pypi-", "dckr_", "hvs.", "hvb.", "SG.", "sk-", "dop_v1_", "shpat_", "shpss_"},
		regexp.MustCompile(`\b(?:npm_[A-Za-z0-9]{30,}|pypi-AgE[A-Za-z0-9_-]{16,}|dckr_(?:pat|oat)_[A-Za-z0-9_-]{16,}|hv[bs]\.[A-Za-z0-9_-]{16,}|` +
			`SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{10,}|sk-(?:proj-|ant-|svcacct-)[A-Za-z0-9_-]{16,}|sk-[A-Za-z0-9]{20,}|(?:dop_v1|shpat|shpss)_[a-f0-9]{20,})`),
		"[masked key]",
	},
}
