package github

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha1" // by which Git names its objects
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"time"

	gh "github.com/google/go-github/v60/github"

	"bellhop/catalog"
	"bellhop/chat"
	"bellhop/internal/remotefs"
)

// Proposals opens pull requests.
type Proposals struct {
	c    *Client
	turn chan struct{} // one at a time, lest two presses of a button open two
}

// NewProposals makes a Proposals.
func NewProposals(c *Client) *Proposals { return &Proposals{c: c, turn: make(chan struct{}, 1)} }

// maxTriedBranches bounds the names that are tried for a branch: BRANCH, BRANCH-2, …
const maxTriedBranches = 9

// Propose opens a pull request that changes one file, or finds the one that is open already. A branch of that name without an
// open pull request is somebody's past: the next name is taken. catalog.ErrNothingToPropose tells that the file is already as
// it would be made; an error of p.Edit comes back as it is, and what people can mend is a chat.UserError.
func (s *Proposals) Propose(ctx context.Context, p catalog.Proposal) (catalog.Proposed, error) {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return catalog.Proposed{}, ctx.Err()
	}
	c, err := s.prepare(ctx, p)
	if err != nil {
		return catalog.Proposed{}, err
	}
	for n := range maxTriedBranches {
		branch := p.Branch
		if n > 0 {
			branch = fmt.Sprintf("%s-%d", p.Branch, n+1)
		}
		found, err := c.open(ctx, branch)
		if err != nil || found.URL != "" {
			return found, err
		}
		switch err := c.branch(ctx, branch); {
		case statusOf(err) == http.StatusUnprocessableEntity: // it exists
			continue
		case err != nil:
			return catalog.Proposed{}, c.refusal(err)
		}
		return c.make(ctx, branch)
	}
	return catalog.Proposed{}, chat.Errorf("%s has %d old branches called %s…, or takes none of that name. Delete those that nobody needs, and ask again.", c.slug, maxTriedBranches, p.Branch)
}

// change is a proposal with what stands at its base.
type change struct {
	catalog.Proposal
	client             *gh.Client
	slug, owner, repo  string
	base, commit, blob string // the branch, its newest commit, and the file's id there; blob is empty for a new file
	content            []byte // as it is to be
}

// prepare looks at the base, and makes the new content.
func (s *Proposals) prepare(ctx context.Context, p catalog.Proposal) (*change, error) {
	if !fs.ValidPath(p.Path) || !validRef(p.Branch) {
		return nil, fmt.Errorf("propose a change of %q on %q: no path or no branch", p.Path, p.Branch)
	}
	r, err := s.c.lookAt(ctx, p.Repository)
	if gone, ok := errors.AsType[*absent](err); ok {
		return nil, chat.Errorf("I cannot propose that: %s.", gone.Error())
	}
	if err != nil {
		return nil, err
	}
	if r.Archived {
		return nil, chat.Errorf("%s is archived, so nothing can be changed there.", r.Slug)
	}
	c := &change{Proposal: p, slug: r.Slug, base: cmp.Or(p.Base, r.Branch)}
	if c.client, c.owner, c.repo, err = s.c.in(ctx, r.Slug); err != nil {
		return nil, err
	}
	var ref gh.Reference
	if err := get(ctx, c.client, c.at("git/ref/heads/"+escaped(c.base)), "", &ref); isNotFound(err) {
		return nil, chat.Errorf("%s has no branch %s to propose a change of.", c.slug, c.base)
	} else if err != nil {
		return nil, fmt.Errorf("look up branch %s of %s: %w", c.base, c.slug, plainly(err))
	}
	c.commit = ref.GetObject().GetSHA()
	old, err := (&contents{c: s.c, repository: c.slug, ref: c.commit}).Fetch(ctx, p.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		old = nil
	case errors.Is(err, remotefs.ErrFolder):
		return nil, chat.Errorf("%s is a folder in %s, no file that could be changed.", p.Path, c.slug)
	case err != nil:
		return nil, fmt.Errorf("read %s of %s: %w", p.Path, c.slug, err)
	default:
		c.blob = blobOf(old)
	}
	if c.content, err = p.Edit(old); err != nil {
		return nil, err
	}
	if c.blob != "" && bytes.Equal(old, c.content) {
		return nil, catalog.ErrNothingToPropose
	}
	return c, nil
}

// blobOf is the id that Git gives a file's content.
func blobOf(content []byte) string {
	h := sha1.New()
	_, _ = fmt.Fprintf(h, "blob %d\x00", len(content))
	_, _ = h.Write(content)
	return hex.EncodeToString(h.Sum(nil))
}

// at is an API address under the repository's.
func (c *change) at(rest string) string { return "repos/" + c.owner + "/" + c.repo + "/" + rest }

// open is the open pull request of a branch, if there is one.
func (c *change) open(ctx context.Context, branch string) (catalog.Proposed, error) {
	var pulls []*gh.PullRequest
	query := url.Values{"state": {"open"}, "head": {c.owner + ":" + branch}, "base": {c.base}}
	if err := get(ctx, c.client, c.at("pulls?"+query.Encode()), "", &pulls); err != nil {
		return catalog.Proposed{}, c.refusal(err)
	}
	if len(pulls) == 0 {
		return catalog.Proposed{}, nil
	}
	return catalog.Proposed{URL: pulls[0].GetHTMLURL(), Number: pulls[0].GetNumber(), Found: true}, nil
}

func (c *change) branch(ctx context.Context, name string) error {
	return c.send(ctx, http.MethodPost, "git/refs", map[string]any{"ref": "refs/heads/" + name, "sha": c.commit}, nil)
}

// make writes the file on a branch that was just made and opens the pull request. What GitHub refuses leaves no branch behind.
func (c *change) make(ctx context.Context, branch string) (catalog.Proposed, error) {
	file := map[string]any{"message": c.Title, "content": c.content, "branch": branch}
	if c.blob != "" {
		file["sha"] = c.blob
	}
	var pull gh.PullRequest
	err := c.send(ctx, http.MethodPut, "contents/"+escaped(c.Path), file, nil)
	if err == nil {
		err = c.send(ctx, http.MethodPost, "pulls", map[string]any{"title": c.Title, "head": branch, "base": c.base, "body": c.Body}, &pull)
	}
	if err == nil {
		return catalog.Proposed{URL: pull.GetHTMLURL(), Number: pull.GetNumber()}, nil
	}
	if status := statusOf(err); status >= 400 && status < 500 { // any other answer may be lost, and the pull request be there
		cleaning, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		// A branch that stays is in nobody's way.
		_ = c.send(cleaning, http.MethodDelete, "git/refs/heads/"+escaped(branch), nil, nil)
	}
	return catalog.Proposed{}, c.refusal(err)
}

func (c *change) send(ctx context.Context, method, address string, body, into any) error {
	req, err := c.client.NewRequest(method, c.at(address), body)
	if err != nil {
		return fmt.Errorf("ask for %s: %w", address, err)
	}
	_, err = c.client.Do(ctx, req, into)
	return err
}

// refusal says why GitHub takes no change, and what to do about it.
func (c *change) refusal(err error) error {
	var said *gh.ErrorResponse
	if !errors.As(err, &said) {
		return fmt.Errorf("propose a change of %s: %w", c.slug, err)
	}
	switch statusOf(err) {
	case http.StatusForbidden, http.StatusNotFound: // GitHub hides what a token may not do behind a 404
		return chat.Errorf("I may not open pull requests in %s. Whoever runs Bellhop gives it Contents: write and Pull requests: write there.", c.slug)
	case http.StatusConflict:
		return chat.Errorf("%s was changed in %s this very moment. Ask again.", c.Path, c.slug)
	case http.StatusUnprocessableEntity:
		words := []string{said.Message}
		for _, one := range said.Errors {
			words = append(words, one.Message)
		}
		return chat.Errorf("GitHub does not take the change of %s in %s: %s", c.Path, c.slug, strings.Trim(strings.Join(words, "; "), "; "))
	}
	return fmt.Errorf("propose a change of %s: %w", c.slug, plainly(err))
}
