package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"bellhop/catalog"
	"bellhop/internal/remotefs"
)

// Origins opens repositories for the catalog: `github:OWNER/REPO[/PATH][@REF]` and `github:OWNER/*`. It satisfies
// catalog.Origins.
type Origins struct{ c *Client }

var _ catalog.Origins = (*Origins)(nil)

// NewOrigins makes an Origins.
func NewOrigins(c *Client) *Origins { return &Origins{c} }

// Open implements catalog.Origins. Of an owner all repositories are given that are not archived, in the order of their names,
// whether or not they have a descriptor. A tree whose version is known already is given without anything of it having been
// asked for.
func (o *Origins) Open(ctx context.Context, location string, known func(tree string) string, yield func(catalog.Tree) error) error {
	t, err := catalog.ParseTarget(location)
	switch {
	case err != nil:
		return err
	case t.Owner == "":
		return fmt.Errorf("%s is no repository", location)
	case t.Repo == "*":
		return o.all(ctx, t, known, yield)
	}
	tree, err := o.single(ctx, t)
	if err != nil {
		return err
	}
	return yield(tree)
}

// single is one repository. At a named ref its version and what is read are the commit's.
func (o *Origins) single(ctx context.Context, t catalog.Target) (catalog.Tree, error) {
	if t.Ref != "" && !validRef(t.Ref) {
		return catalog.Tree{}, fmt.Errorf("%q is no branch, tag or commit", t.Ref)
	}
	named := t.Owner + "/" + t.Repo
	r, err := o.c.lookAt(ctx, named)
	if err != nil {
		return catalog.Tree{}, err
	}
	if !strings.EqualFold(r.Slug, named) { // what the config trusts it with may not go to whoever has it now
		return catalog.Tree{}, fmt.Errorf("%s is called %s by now: write github:%s", named, r.Slug, r.Slug)
	}
	tree, files := o.tree(ctx, r, t.Path)
	tree.Name = catalog.RepositoryTree(r.Slug, t.Ref)
	tree.Files = remotefs.New(ctx, files)
	if t.Ref == "" {
		return tree, nil
	}
	tree.Version, err = o.c.commitOf(ctx, r.Slug, t.Ref)
	files.ref = tree.Version
	return tree, err
}

// commitOf is the id of the commit that a branch, a tag or the beginning of an id means.
func (c *Client) commitOf(ctx context.Context, slug, ref string) (string, error) {
	client, owner, repo, err := c.in(ctx, slug)
	if err != nil {
		return "", err
	}
	var commit struct{ SHA string }
	err = get(ctx, client, "repos/"+owner+"/"+repo+"/commits/"+escaped(ref)+"?per_page=1", "", &commit)
	switch status := statusOf(err); {
	case status == http.StatusNotFound || status == http.StatusUnprocessableEntity:
		return "", fmt.Errorf("%s has no branch, tag or commit %s", slug, ref)
	case err != nil:
		return "", fmt.Errorf("look up %s in %s: %w", ref, slug, plainly(err))
	}
	return commit.SHA, nil
}

// tree is a repository at its default branch, and what its files are to be made of.
func (o *Origins) tree(ctx context.Context, r listed, path string) (catalog.Tree, *contents) {
	files := &contents{c: o.c, repository: r.Slug, ref: r.Branch, bulk: true}
	return catalog.Tree{
		Name: catalog.RepositoryTree(r.Slug, ""), Repository: r.Slug, Version: r.version(o.c.clock.Now()),
		Paths: []string{path}, Formerly: o.formerly(ctx, r.Slug),
	}, files
}

// formerNames is how many other names of a repository are asked for: its descriptors may hold any number.
const formerNames = 3

// formerly tells whether GitHub leads from a name to a repository that is called otherwise by now.
func (o *Origins) formerly(ctx context.Context, slug string) func(string) (bool, error) {
	asked := 0
	return func(name string) (bool, error) {
		if _, _, err := Split(name); err != nil || asked == formerNames {
			return false, nil // it is none, or one of many
		}
		asked++
		now, err := o.c.lookAt(ctx, name)
		var none *absent
		if errors.As(err, &none) {
			return false, nil
		}
		return err == nil && strings.EqualFold(now.Slug, slug), err
	}
}

// ahead is how many repositories are asked for their descriptor at once, ahead of being given.
const ahead = 8

// all lists an owner's repositories, and fetches the descriptors of those that have changed while the ones before are read.
func (o *Origins) all(ctx context.Context, t catalog.Target, known func(tree string) string, yield func(catalog.Tree) error) error {
	repositories, err := o.c.repositoriesOf(ctx, t.Owner)
	if err != nil {
		return err
	}
	var trees []*fetching
	for _, r := range repositories {
		if !r.Archived && !r.Disabled {
			trees = append(trees, o.lead(ctx, r, t.Path, known))
		}
	}
	queue, stopped := make(chan *fetching, ahead), make(chan struct{})
	go func() {
		defer close(queue)
		for _, f := range trees {
			f.begin(t.Path)
			select {
			case <-stopped:
				<-f.done
				return
			case queue <- f:
			}
		}
	}()
	defer func() { // leaves nothing running behind
		close(stopped)
		for f := range queue {
			<-f.done
		}
	}()
	for f := range queue {
		<-f.done
		if f.pause != nil {
			return fmt.Errorf("read the repositories of %s: %w", t.Owner, f.pause)
		}
		if err := yield(f.tree); err != nil {
			return err
		}
	}
	return nil
}

// fetching is a tree whose descriptor may be on its way.
type fetching struct {
	tree  catalog.Tree
	files *remotefs.FS
	fresh bool // it may hold something new
	done  chan struct{}
	pause error // GitHub wants one, so there is no use in asking for the next
}

// lead is a repository among others.
func (o *Origins) lead(ctx context.Context, r listed, path string, known func(tree string) string) *fetching {
	tree, contents := o.tree(ctx, r, path)
	f := &fetching{tree: tree, files: remotefs.New(ctx, contents), done: make(chan struct{})}
	f.tree.Optional, f.tree.Files = true, f.files
	f.fresh = tree.Version == "" || known(tree.Name) != tree.Version
	return f
}

// begin fetches the descriptor ahead of being asked for it.
func (f *fetching) begin(path string) {
	if !f.fresh {
		close(f.done)
		return
	}
	go func() {
		defer close(f.done)
		// Any other error is told by whoever opens the file.
		if err := f.files.Prefetch(path); isLimit(err) {
			f.pause = err
		}
	}()
}
