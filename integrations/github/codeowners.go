package github

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"bellhop/catalog/codeowners"
	"bellhop/internal/remotefs"
)

const (
	// codeownersAge is how long what a repository's CODEOWNERS says is believed without asking.
	codeownersAge = time.Minute
	// maxCodeowners bounds how many are remembered.
	maxCodeowners = 256
)

// keptCodeowners is what a repository's CODEOWNERS said.
type keptCodeowners struct {
	file  codeowners.File
	path  string
	until time.Time
}

// Codeowners is a repository's CODEOWNERS on its default branch, and where it lies there; without one, path is empty. What
// it gives must not be changed.
func (c *Client) Codeowners(ctx context.Context, slug string) (file codeowners.File, path string, err error) {
	key := strings.ToLower(slug)
	c.mu.Lock()
	kept, ok := c.codeowners[key]
	c.mu.Unlock()
	if ok && c.clock.Now().Before(kept.until) {
		return kept.file, kept.path, nil
	}
	r, err := c.lookAt(ctx, slug)
	if err != nil {
		return codeowners.File{}, "", err
	}
	if file, path, err = c.codeownersOf(ctx, r, false); err != nil {
		return codeowners.File{}, "", err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.codeowners) >= maxCodeowners {
		clear(c.codeowners)
	}
	c.codeowners[key] = keptCodeowners{file, path, c.clock.Now().Add(codeownersAge)}
	return file, path, nil
}

// codeownersOf reads a repository's CODEOWNERS. The root's listing tells where none can be, for to ask in vain counts.
func (c *Client) codeownersOf(ctx context.Context, r listed, bulk bool) (codeowners.File, string, error) {
	files := &contents{c: c, repository: r.Slug, ref: r.Branch, bulk: bulk}
	root, _, err := files.tree(ctx, r.Branch, false)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return codeowners.File{}, "", fmt.Errorf("look into %s: %w", r.Slug, err)
	}
	for _, path := range codeowners.Paths() {
		first, _, _ := strings.Cut(path, "/")
		if !slices.ContainsFunc(root, func(e treeEntry) bool { return e.Path == first }) {
			continue
		}
		data, err := files.Fetch(ctx, path)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, remotefs.ErrFolder) {
			continue
		}
		if err != nil {
			return codeowners.File{}, "", fmt.Errorf("read %s of %s: %w", path, r.Slug, err)
		}
		return codeowners.Parse(bytes.NewReader(data)), path, nil
	}
	return codeowners.File{}, "", nil
}

// lookAt is what GitHub says of one repository.
func (c *Client) lookAt(ctx context.Context, slug string) (r listed, err error) {
	client, owner, repo, err := c.in(ctx, slug)
	if err != nil {
		return r, err
	}
	err = get(ctx, client, "repos/"+owner+"/"+repo, "", &r)
	if isNotFound(err) {
		return r, &absent{slug}
	}
	if err != nil {
		return r, fmt.Errorf("look at %s: %w", slug, plainly(err))
	}
	return r, nil
}

// absent tells that there is no such repository for us.
type absent struct{ slug string }

// Error implements error.
func (a *absent) Error() string {
	return fmt.Sprintf("there is no repository %s, or Bellhop's credentials may not see it", a.slug)
}
