package environments

import (
	"fmt"
	"path"
	"regexp"
	"strings"
)

// Workflow is a GitHub Actions workflow and the ref that it is dispatched on: always the one in its own address, never
// the one that is deployed, since whoever can push a branch can edit the workflow there.
type Workflow struct {
	Repository string `json:"repository"` // owner/repo
	File       string `json:"file"`       // deploy-env.yml
	Ref        string `json:"ref"`
}

var workflowPattern = regexp.MustCompile(`^([A-Za-z0-9-]+/[A-Za-z0-9._-]+)/(?:\.github/workflows/)?([A-Za-z0-9._-]+\.ya?ml)@([^\s@]+)$`)

// ParseWorkflow reads owner/repo/file@ref.
func ParseWorkflow(text string) (Workflow, error) {
	m := workflowPattern.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return Workflow{}, fmt.Errorf("%q is no workflow: it looks like acme/platform/deploy-env.yml@main", text)
	}
	return Workflow{Repository: m[1], File: m[2], Ref: m[3]}, nil
}

// String is owner/repo/file@ref.
func (w Workflow) String() string { return w.Repository + "/" + w.File + "@" + w.Ref }

// IsZero tells whether no workflow is named.
func (w Workflow) IsZero() bool { return w == Workflow{} }

// AllowedBy tells whether one of the patterns (owner/repo/file@ref, with * and ? inside a segment) covers the workflow.
func (w Workflow) AllowedBy(patterns []string) bool {
	for _, p := range patterns {
		address, ref, ok := strings.Cut(p, "@")
		if !ok {
			continue
		}
		// The ref is compared apart, since it may hold slashes of its own.
		inAddress, err := path.Match(strings.ToLower(address), strings.ToLower(w.Repository+"/"+w.File))
		if err != nil || !inAddress {
			continue
		}
		if inRef, err := path.Match(ref, w.Ref); err == nil && inRef {
			return true
		}
	}
	return false
}

// CheckPattern tells what is wrong with a pattern for AllowedBy.
func CheckPattern(pattern string) error {
	address, ref, ok := strings.Cut(pattern, "@")
	_, err := path.Match(address, "")
	_, refErr := path.Match(ref, "")
	if !ok || ref == "" || strings.Count(address, "/") != 2 || err != nil || refErr != nil {
		return fmt.Errorf("%q is no pattern of workflows: it looks like acme/platform/*.yml@main", pattern)
	}
	return nil
}
