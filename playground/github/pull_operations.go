package github

import (
	"errors"
	"fmt"
	"maps"
	"time"
)

// opPull opens (Number 0), changes, closes or merges a pull request.
type opPull struct {
	Repo, Head, Base, Title, Body, Author, State string
	Number                                       int
	Draft, Merge                                 bool
	made                                         *pull
}

func (o *opPull) apply(st *state) error {
	r := st.repo(o.Repo)
	if r == nil {
		return errNoRepo
	}
	if o.Number == 0 {
		if r.branches[o.Head] == "" || r.branches[o.Base] == "" {
			return errors.New("head and base have to be branches of the repository")
		}
		o.made = st.openPull(r, o.Head, o.Base, o.Author, o.Title, o.Body)
		o.made.draft = o.Draft
		return nil
	}
	p := r.pullByNumber(o.Number)
	if p == nil {
		return fmt.Errorf("no pull request #%d", o.Number)
	}
	o.made = p
	p.updated = st.now
	if o.Title != "" {
		p.title = o.Title
	}
	if o.Body != "" {
		p.body = o.Body
	}
	if o.Merge {
		return st.merge(r, p, o.Author)
	}
	switch o.State {
	case "closed":
		p.state, p.closed = "closed", st.now
	case "open":
		if r.branches[p.head] == "" {
			return errors.New("the head branch is gone")
		}
		p.state, p.closed, p.headSHA = "open", time.Time{}, r.branches[p.head]
	}
	return nil
}

// merge makes the merge commit of a pull request: head's files over base's.
func (st *state) merge(r *repo, p *pull, by string) error {
	base, head := r.head(p.base), r.head(p.head)
	if p.state != "open" || base == nil || head == nil {
		return errors.New("the pull request cannot be merged")
	}
	files := map[string]string{}
	cmp := r.compare(base, head)
	for path, blob := range base.files {
		files[path] = blob
	}
	links := maps.Clone(base.links)
	maps.Copy(links, head.links)
	for path, blob := range head.files {
		if cmp.mergeBase == nil || cmp.mergeBase.files[path] != blob {
			files[path] = blob
		}
	}
	if cmp.mergeBase != nil {
		for path := range cmp.mergeBase.files {
			if head.files[path] == "" {
				delete(files, path)
			}
		}
	}
	message := fmt.Sprintf("Merge pull request #%d from %s/%s\n\n%s", p.number, r.owner, p.head, p.title)
	c := newCommit(files, links, []string{base.sha, head.sha}, st.signature(by, st.now), message)
	r.commits[c.sha], r.branches[p.base], r.pushed = c, c.sha, st.now
	p.state, p.closed, p.merged, p.mergeSHA, p.mergedBy = "closed", st.now, st.now, c.sha, by
	st.pushed(r, p.base, c, by)
	return nil
}
