package github

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	gh "github.com/google/go-github/v60/github"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRepositories(t *testing.T) {
	p := startWith(t, "", wholeWorld(t))
	ctx := context.Background()
	var names []string
	o := &gh.RepositoryListByOrgOptions{Sort: "full_name", ListOptions: gh.ListOptions{PerPage: 8}}
	for pages := 0; ; pages++ {
		list, answer, err := p.client.Repositories.ListByOrg(ctx, "acme", o)
		require.NoError(t, err)
		for _, r := range list {
			names = append(names, r.GetName())
		}
		if o.Page = answer.NextPage; o.Page == 0 {
			assert.Equal(t, 3, pages)
			break
		}
	}
	assert.Len(t, names, 28)
	assert.IsIncreasing(t, names)
	r, _, err := p.client.Repositories.Get(ctx, "Acme", "PAYMENTS")
	require.NoError(t, err)
	assert.Equal(t, "acme/payments", r.GetFullName())
	assert.Equal(t, "main", r.GetDefaultBranch())
	assert.True(t, r.GetPrivate())
	b, _, err := p.client.Repositories.GetBranch(ctx, "acme", "payments", "fix/Rounding-EUR", 1)
	require.NoError(t, err)
	assert.Equal(t, "carol", b.GetCommit().GetAuthor().GetLogin())
	assert.Equal(t, "Round EUR half even", b.GetCommit().GetCommit().GetMessage())
	_, answer, err := p.client.Repositories.GetBranch(ctx, "acme", "payments", "nope", 1)
	require.Error(t, err)
	assert.Equal(t, http.StatusNotFound, answer.StatusCode)
	branches, _, err := p.client.Repositories.ListBranches(ctx, "acme", "payments", nil)
	require.NoError(t, err)
	assert.Len(t, branches, 6)
}

func TestCommits(t *testing.T) {
	p := start(t, "")
	ctx := context.Background()
	list, _, err := p.client.Repositories.ListCommits(ctx, "acme", "payments", &gh.CommitsListOptions{SHA: "feature-x",
		ListOptions: gh.ListOptions{PerPage: 3}})
	require.NoError(t, err)
	require.Len(t, list, 3)
	assert.Equal(t, "Tell why a voucher was refused", list[0].GetCommit().GetMessage())
	one, _, err := p.client.Repositories.GetCommit(ctx, "acme", "payments", list[0].GetSHA()[:9], nil)
	require.NoError(t, err)
	assert.Equal(t, list[0].GetSHA(), one.GetSHA())
	require.Len(t, one.Files, 1)
	assert.Equal(t, 1, one.Files[0].GetAdditions())
	sha, _, err := p.client.Repositories.GetCommitSHA1(ctx, "acme", "payments", "feature-x", "")
	require.NoError(t, err)
	assert.Equal(t, list[0].GetSHA(), sha)
	cmp, _, err := p.client.Repositories.CompareCommits(ctx, "acme", "payments", "main", "fix/Rounding-EUR", nil)
	require.NoError(t, err)
	assert.Equal(t, 1, cmp.GetAheadBy())
	assert.Len(t, cmp.Commits, 1)
	assert.Contains(t, []string{"ahead", "diverged"}, cmp.GetStatus())
	_, _, err = p.client.Repositories.CompareCommits(ctx, "acme", "payments", "main", "nope", nil)
	require.ErrorContains(t, err, "404")
	_, _, err = p.client.Repositories.GetCommit(ctx, "acme", "payments", "nope", nil)
	require.ErrorContains(t, err, "422 No commit found for SHA: nope")
}

func TestContents(t *testing.T) {
	p := start(t, "")
	ctx := context.Background()
	file, _, _, err := p.client.Repositories.GetContents(ctx, "acme", "platform", ".github/workflows/deploy-env.yml", nil)
	require.NoError(t, err)
	text, err := file.GetContent()
	require.NoError(t, err)
	assert.Contains(t, text, "BELLHOP_ACTOR")
	_, dir, _, err := p.client.Repositories.GetContents(ctx, "acme", "payments", "/.github", &gh.RepositoryContentGetOptions{Ref: "feature-x"})
	require.NoError(t, err)
	require.Len(t, dir, 2)
	assert.Equal(t, "CODEOWNERS", dir[0].GetName())
	assert.Equal(t, "dir", dir[1].GetType())
	_, _, answer, err := p.client.Repositories.GetContents(ctx, "acme", "payments", "nope.yaml", nil)
	require.Error(t, err)
	assert.Equal(t, http.StatusNotFound, answer.StatusCode)
	_, raw := p.raw("GET", "/repos/acme/payments/contents/README.md", "ghp_demo", "", "Accept", "application/vnd.github.raw+json")
	assert.True(t, strings.HasPrefix(raw, "# Payments\n"), raw)
	tree, _, err := p.client.Git.GetTree(ctx, "acme", "payments", "main", true)
	require.NoError(t, err)
	var found bool
	for _, e := range tree.Entries {
		if e.GetPath() == ".github/workflows/ci.yml" {
			found = true
			blob, _, err := p.client.Git.GetBlobRaw(ctx, "acme", "payments", e.GetSHA())
			require.NoError(t, err)
			assert.Contains(t, string(blob), "junit-results")
		}
	}
	assert.True(t, found)
	ref, _, err := p.client.Git.GetRef(ctx, "acme", "payments", "heads/fix/Rounding-EUR")
	require.NoError(t, err)
	assert.Equal(t, "refs/heads/fix/Rounding-EUR", ref.GetRef())
	refs, _, err := p.client.Git.ListMatchingRefs(ctx, "acme", "payments", &gh.ReferenceListOptions{Ref: "heads/feature"})
	require.NoError(t, err)
	assert.Len(t, refs, 2)
}

func TestPullRequests(t *testing.T) {
	p := start(t, "")
	ctx := context.Background()
	pr, _, err := p.client.PullRequests.Get(ctx, "acme", "payments", 482)
	require.NoError(t, err)
	assert.Equal(t, "feature-x", pr.GetHead().GetRef())
	assert.Equal(t, "acme/payments", pr.GetHead().GetRepo().GetFullName())
	assert.Equal(t, "Retry vouchers", pr.GetTitle())
	assert.Equal(t, "alice", pr.GetUser().GetLogin())
	assert.Equal(t, 3, pr.GetCommits())
	list, _, err := p.client.PullRequests.List(ctx, "acme", "payments", &gh.PullRequestListOptions{Head: "acme:feature-y"})
	require.NoError(t, err)
	require.Len(t, list, 1)
	assert.Equal(t, 483, list[0].GetNumber())
	_, answer, err := p.client.PullRequests.Get(ctx, "acme", "payments", 1)
	require.Error(t, err)
	assert.Equal(t, http.StatusNotFound, answer.StatusCode)

	// The way that a descriptor is proposed: a branch, a file on it, a pull request.
	main, _, err := p.client.Git.GetRef(ctx, "acme", "cart", "heads/main")
	require.NoError(t, err)
	_, _, err = p.client.Git.CreateRef(ctx, "acme", "cart", &gh.Reference{Ref: gh.String("refs/heads/owners"), Object: main.Object})
	require.NoError(t, err)
	_, _, err = p.client.PullRequests.Create(ctx, "acme", "cart", &gh.NewPullRequest{Title: gh.String("x"), Head: gh.String("owners"), Base: gh.String("main")})
	require.ErrorContains(t, err, "No commits between main and owners")
	_, _, err = p.client.Repositories.CreateFile(ctx, "acme", "cart", "OWNERS", &gh.RepositoryContentFileOptions{Message: gh.String("Say who owns it"),
		Content: []byte("storefront\n"), Branch: gh.String("owners")})
	require.NoError(t, err)
	made, _, err := p.client.PullRequests.Create(ctx, "acme", "cart", &gh.NewPullRequest{Title: gh.String("Say who owns it"), Head: gh.String("owners"),
		Base: gh.String("main")})
	require.NoError(t, err)
	_, _, err = p.client.PullRequests.Merge(ctx, "acme", "cart", made.GetNumber(), "", nil)
	require.NoError(t, err)
	_, _, _, err = p.client.Repositories.GetContents(ctx, "acme", "cart", "OWNERS", nil)
	require.NoError(t, err)
}

func TestPeopleAndTeams(t *testing.T) {
	p := start(t, "")
	ctx := context.Background()
	teams, _, err := p.client.Teams.ListTeams(ctx, "acme", nil)
	require.NoError(t, err)
	assert.Len(t, teams, 5)
	members, _, err := p.client.Teams.ListTeamMembersBySlug(ctx, "acme", "team-ledger", nil)
	require.NoError(t, err)
	assert.Len(t, members, 3)
	me, _, err := p.client.Users.Get(ctx, "")
	require.NoError(t, err)
	assert.Equal(t, "bellhop", me.GetLogin())
	people, _, err := p.client.Organizations.ListMembers(ctx, "acme", nil)
	require.NoError(t, err)
	assert.Len(t, people, 12)
	_, _, err = p.as("ghp_outsider").Teams.ListTeams(ctx, "acme", nil)
	require.ErrorContains(t, err, "404")
}

// suiteXML is as much of a report as the test looks at.
type suiteXML struct {
	Suites []suiteXML `xml:"testsuite"`
	Cases  []struct {
		Name    string    `xml:"name,attr"`
		Failure *struct{} `xml:"failure"`
	} `xml:"testcase"`
}

func TestRunsAndTheirReports(t *testing.T) {
	p := start(t, "")
	ctx := context.Background()
	list, _, err := p.client.Actions.ListWorkflowRunsByFileName(ctx, "acme", "payments", "ci.yml", &gh.ListWorkflowRunsOptions{Branch: "main",
		Status: "completed", Created: ">=" + p.Now().Add(-72*time.Hour).Format(time.RFC3339), ListOptions: gh.ListOptions{PerPage: 100}})
	require.NoError(t, err)
	assert.InDelta(t, 20, list.GetTotalCount(), 5, "about 20 runs in three days")
	var red *gh.WorkflowRun
	for _, r := range list.WorkflowRuns {
		if r.GetConclusion() == "failure" {
			red = r
		}
	}
	require.NotNil(t, red, "a test broke two days ago")
	artifacts, _, err := p.client.Actions.ListWorkflowRunArtifacts(ctx, "acme", "payments", red.GetID(), nil)
	require.NoError(t, err)
	require.Len(t, artifacts.Artifacts, 1)
	a := artifacts.Artifacts[0]
	assert.Equal(t, "junit-results", a.GetName())
	link, _, err := p.client.Actions.DownloadArtifact(ctx, "acme", "payments", a.GetID(), 1)
	require.NoError(t, err)
	names, failed := readReports(t, p.get(link))
	assert.Len(t, names, 5)
	assert.Contains(t, failed, "splits a voucher over two orders")

	p.after(2 * time.Minute)
	answer, err := http.Get(link.String())
	require.NoError(t, err)
	defer answer.Body.Close()
	assert.Equal(t, http.StatusForbidden, answer.StatusCode, "the link is good for a minute")

	assert.Equal(t, true, p.post("artifact", map[string]any{"artifact_id": a.GetID(), "expire": true})["ok"])
	_, body := p.raw("GET", fmt.Sprintf("/repos/acme/payments/actions/artifacts/%d/zip", a.GetID()), "ghp_demo", "")
	assert.Contains(t, body, `"status":"410"`)
}

func (p *playground) get(u *url.URL) []byte {
	p.t.Helper()
	answer, err := http.Get(u.String())
	require.NoError(p.t, err)
	defer answer.Body.Close()
	require.Equal(p.t, http.StatusOK, answer.StatusCode)
	content, err := io.ReadAll(answer.Body)
	require.NoError(p.t, err)
	return content
}

func readReports(t *testing.T, content []byte) (files, failed []string) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	require.NoError(t, err)
	for _, f := range z.File {
		files = append(files, f.Name)
		r, err := f.Open()
		require.NoError(t, err)
		var root suiteXML
		require.NoError(t, xml.NewDecoder(r).Decode(&root), f.Name)
		for _, s := range append(root.Suites, root) {
			for _, c := range s.Cases {
				if c.Failure != nil {
					failed = append(failed, c.Name)
				}
			}
		}
	}
	return files, failed
}

func TestAnArtifactCanBeAnything(t *testing.T) {
	p := start(t, t.TempDir())
	ctx := context.Background()
	id := int64(p.post("run", map[string]any{"repo": "acme/cart"})["run_id"].(float64))
	require.Equal(t, true, p.post("artifact", map[string]any{"run_id": id, "name": "junit-results", "files": map[string]string{"a.xml": "<html>"}})["ok"])
	require.Equal(t, true, p.post("artifact", map[string]any{"run_id": id, "name": "bare.xml", "content_base64": "PHg+"})["ok"])
	require.Equal(t, true, p.post("artifact", map[string]any{"run_id": id, "name": "huge", "content_base64": "eA==", "size_in_bytes": 2 << 30})["ok"])
	require.Equal(t, false, p.post("artifact", map[string]any{"run_id": id, "name": "none"})["ok"])
	p.after(10 * time.Minute)
	list, _, err := p.client.Actions.ListWorkflowRunArtifacts(ctx, "acme", "cart", id, nil)
	require.NoError(t, err)
	require.Len(t, list.Artifacts, 3, "the one of the run's own step is replaced")
	sizes := map[string]int64{}
	for _, a := range list.Artifacts {
		sizes[a.GetName()] = a.GetSizeInBytes()
	}
	assert.Equal(t, int64(2<<30), sizes["huge"])
	link, _, err := p.client.Actions.DownloadArtifact(ctx, "acme", "cart", list.Artifacts[1].GetID(), 1)
	require.NoError(t, err)
	assert.Equal(t, "<x>", string(p.get(link)), "not a zip")
	again, _ := p.reopen()
	assert.Len(t, again.st.runs[id].artifacts(p.Now()), 3)
}

func TestEveryReportIsXML(t *testing.T) {
	p := start(t, "")
	for _, slug := range []string{"acme/payments", "acme/cart", "acme/invoices", "acme/checkout"} {
		n := 0
		for _, r := range p.st.runOrder {
			if r.repo.slug() != slug || n >= 30 {
				continue
			}
			for _, a := range r.artifacts(p.Now()) {
				content, err := a.content()
				require.NoError(t, err)
				files, _ := readReports(t, content)
				assert.NotEmpty(t, files)
				n++
			}
		}
		assert.NotZero(t, n, slug)
	}
}

func TestTimeMakesRuns(t *testing.T) {
	p := start(t, "")
	before := len(p.st.runOrder)
	p.after(72 * time.Hour)
	p.Now()
	assert.Greater(t, len(p.st.runOrder), before+20)
	red := p.post("run", map[string]any{"repo": "acme/cart"})
	require.Equal(t, true, red["ok"], red)
	push := p.post("push", map[string]any{"repo": "acme/cart", "branch": "new/one", "message": "Try <!channel> & $(curl example.com)", "author": "dave"})
	require.Equal(t, true, push["ok"], push)
	runs, _, err := p.client.Actions.ListRepositoryWorkflowRuns(context.Background(), "acme", "cart", &gh.ListWorkflowRunsOptions{Branch: "new/one"})
	require.NoError(t, err)
	require.Len(t, runs.WorkflowRuns, 1)
	assert.Equal(t, "Try <!channel> & $(curl example.com)", runs.WorkflowRuns[0].GetDisplayTitle())
	assert.Equal(t, push["sha"], runs.WorkflowRuns[0].GetHeadSHA())
	checks, _, err := p.client.Checks.ListCheckRunsForRef(context.Background(), "acme", "cart", "new/one", nil)
	require.NoError(t, err)
	assert.Len(t, checks.CheckRuns, 2)
}
