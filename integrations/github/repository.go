package github

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	gh "github.com/google/go-github/v60/github"
	"golang.org/x/sync/errgroup"

	"bellhop/environments"
)

// Repositories looks into components' repositories. It satisfies environments.Repositories.
type Repositories struct {
	c *Client

	mu      sync.Mutex
	commits map[string]datedCommit // by repository and SHA; a commit never changes
}

var _ environments.Repositories = (*Repositories)(nil)

// NewRepositories makes a Repositories.
func NewRepositories(c *Client) *Repositories {
	return &Repositories{c: c, commits: map[string]datedCommit{}}
}

// datedCommit is a commit with the time it was made.
type datedCommit struct {
	environments.Commit
	at time.Time
}

// maxCommits bounds the commits kept in memory.
const maxCommits = 2000

// Resolve implements environments.Repositories.
func (r *Repositories) Resolve(ctx context.Context, repository, ref string) (environments.Commit, error) {
	if !validRef(ref) {
		return environments.Commit{}, environments.ErrNotFound // GitHub would have another address in mind
	}
	commit, err := r.branch(ctx, repository, ref)
	if errors.Is(err, environments.ErrNotFound) {
		commit, err = r.tag(ctx, repository, ref)
	}
	if errors.Is(err, environments.ErrNotFound) && shaPattern.MatchString(ref) {
		commit, err = r.commit(ctx, repository, strings.ToLower(ref))
	}
	return commit.Commit, err
}

// shaPattern is a commit's id, or enough of its beginning.
var shaPattern = regexp.MustCompile(`^[0-9a-fA-F]{7,40}$`)

// validRef holds to git-check-ref-format, so that nothing but a ref's name gets into an API address.
func validRef(ref string) bool {
	if ref == "" || len(ref) > 255 || ref == "@" || strings.ContainsAny(ref, " ~^:?*[\\\x7f") || strings.Contains(ref, "..") || strings.Contains(ref, "@{") ||
		strings.HasSuffix(ref, ".") {
		return false
	}
	for part := range strings.SplitSeq(ref, "/") {
		if part == "" || strings.HasPrefix(part, ".") || strings.HasSuffix(part, ".lock") {
			return false
		}
	}
	return !strings.ContainsFunc(ref, func(c rune) bool { return c < ' ' })
}

func (r *Repositories) branch(ctx context.Context, repository, name string) (datedCommit, error) {
	client, owner, repo, err := r.c.repository(ctx, repository)
	if err != nil {
		return datedCommit{}, err
	}
	// go-github's own GetBranch loses the status of a refusal.
	req, err := client.NewRequest(http.MethodGet, fmt.Sprintf("repos/%s/%s/branches/%s", owner, repo, url.PathEscape(name)), nil)
	if err != nil {
		return datedCommit{}, fmt.Errorf("read branch %q of %s: %w", name, repository, plainly(err))
	}
	var b gh.Branch
	if _, err := client.Do(ctx, req, &b); err != nil {
		return datedCommit{}, lookUp(err, "read branch %q of %s", name, repository)
	}
	return r.keep(repository, b.GetCommit()), nil
}

func (r *Repositories) tag(ctx context.Context, repository, name string) (datedCommit, error) {
	client, owner, repo, err := r.c.repository(ctx, repository)
	if err != nil {
		return datedCommit{}, err
	}
	ref, _, err := client.Git.GetRef(ctx, owner, repo, "tags/"+name)
	if err != nil {
		return datedCommit{}, lookUp(err, "read tag %q of %s", name, repository)
	}
	sha := ref.GetObject().GetSHA()
	if ref.GetObject().GetType() == "tag" { // an annotated one points at its commit
		annotated, _, err := client.Git.GetTag(ctx, owner, repo, sha)
		if err != nil {
			return datedCommit{}, lookUp(err, "read tag %q of %s", name, repository)
		}
		sha = annotated.GetObject().GetSHA()
	}
	return r.commit(ctx, repository, sha)
}

// commit reads a commit by its id or the beginning of it.
func (r *Repositories) commit(ctx context.Context, repository, sha string) (datedCommit, error) {
	r.mu.Lock()
	known, ok := r.commits[repository+"@"+sha]
	r.mu.Unlock()
	if ok {
		return known, nil
	}
	client, owner, repo, err := r.c.repository(ctx, repository)
	if err != nil {
		return datedCommit{}, err
	}
	c, _, err := client.Repositories.GetCommit(ctx, owner, repo, sha, &gh.ListOptions{PerPage: 1}) // of its files one is too many
	if statusOf(err) == http.StatusUnprocessableEntity {                                           // no such commit, or several
		return datedCommit{}, environments.ErrNotFound
	}
	if err != nil {
		return datedCommit{}, lookUp(err, "read commit %s of %s", sha, repository)
	}
	return r.keep(repository, c), nil
}

// keep reads a commit and remembers it.
func (r *Repositories) keep(repository string, c *gh.RepositoryCommit) datedCommit {
	subject, _, _ := strings.Cut(c.GetCommit().GetMessage(), "\n")
	kept := datedCommit{
		Commit: environments.Commit{
			SHA: c.GetSHA(), Subject: strings.TrimSpace(subject), Author: cmp.Or(c.GetCommit().GetAuthor().GetName(), c.GetAuthor().GetLogin()),
			Login: c.GetAuthor().GetLogin(), URL: cmp.Or(c.GetHTMLURL(), r.c.WebURL()+"/"+repository+"/commit/"+c.GetSHA()),
		},
		at: c.GetCommit().GetCommitter().GetDate().Time,
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.commits) >= maxCommits {
		clear(r.commits)
	}
	r.commits[repository+"@"+kept.SHA] = kept
	return kept
}

// PullRequest implements environments.Repositories.
func (r *Repositories) PullRequest(ctx context.Context, repository string, number int) (environments.PullRequest, error) {
	client, owner, repo, err := r.c.repository(ctx, repository)
	if err != nil {
		return environments.PullRequest{}, err
	}
	p, _, err := client.PullRequests.Get(ctx, owner, repo, number)
	if err != nil {
		return environments.PullRequest{}, lookUp(err, "read pull request %d of %s", number, repository)
	}
	pull := environments.PullRequest{Number: p.GetNumber(), Title: p.GetTitle(), Branch: p.GetHead().GetRef(), Open: p.GetState() == "open"}
	if from := p.GetHead().GetRepo().GetFullName(); !strings.EqualFold(from, repository) {
		pull.Fork = cmp.Or(from, "a repository that is gone")
		return pull, nil
	}
	head, err := r.commit(ctx, repository, p.GetHead().GetSHA())
	pull.Head = head.Commit
	return pull, err
}

const (
	// maxBranches is how many branches of a repository are looked at.
	maxBranches = 300
	// maxHeads is how many of them are looked at closely.
	maxHeads = 60
)

// Branches are the names of a repository's branches, 300 at most, in GitHub's order.
func (r *Repositories) Branches(ctx context.Context, repository string) ([]string, error) {
	branches, err := r.list(ctx, repository)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(branches))
	for i, b := range branches {
		names[i] = b.GetName()
	}
	return names, nil
}

func (r *Repositories) list(ctx context.Context, repository string) ([]*gh.Branch, error) {
	client, owner, repo, err := r.c.repository(ctx, repository)
	if err != nil {
		return nil, err
	}
	var all []*gh.Branch
	opts := &gh.BranchListOptions{ListOptions: gh.ListOptions{PerPage: 100}}
	for len(all) < maxBranches {
		page, resp, err := client.Repositories.ListBranches(ctx, owner, repo, opts)
		if err != nil {
			return nil, lookUp(err, "list branches of %s", repository)
		}
		all = append(all, page...)
		if opts.Page = resp.NextPage; opts.Page == 0 {
			break
		}
	}
	return all, nil
}

// BranchesOf are the latest branches whose newest commit is by login, newest first. GitHub has no list of them: the
// heads of at most 60 branches are looked at, and remembered.
func (r *Repositories) BranchesOf(ctx context.Context, repository, login string, limit int) ([]environments.Branch, error) {
	branches, err := r.list(ctx, repository)
	if err != nil {
		return nil, err
	}
	heads := make([]datedCommit, min(len(branches), maxHeads))
	group, inGroup := errgroup.WithContext(ctx)
	group.SetLimit(6)
	for i := range heads {
		group.Go(func() error {
			var err error
			heads[i], err = r.commit(inGroup, repository, branches[i].GetCommit().GetSHA())
			if errors.Is(err, environments.ErrNotFound) {
				return nil // deleted in the meantime
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	order := make([]int, 0, len(heads))
	for i, head := range heads {
		if head.Login != "" && strings.EqualFold(head.Login, login) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return heads[b].at.Compare(heads[a].at) })
	var found []environments.Branch
	for _, i := range order[:min(limit, len(order))] {
		found = append(found, environments.Branch{Name: branches[i].GetName(), Commit: heads[i].Commit})
	}
	return found, nil
}

// lookUp wraps an error: a 404 becomes environments.ErrNotFound, GitHub's own trouble environments.ErrUnavailable.
func lookUp(err error, format string, args ...any) error {
	if isNotFound(err) {
		return environments.ErrNotFound
	}
	return unavailable(err, fmt.Sprintf(format, args...))
}
