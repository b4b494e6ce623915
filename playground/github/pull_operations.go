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

// merge makes the merge commit of a pull request.
func (st *state) merge(r *repo, p *pull, by string) error {
	base, head := r.head(p.base), r.head(p.head)
	if p.state != "open" || base == nil || head == nil {
		return errors.New("the pull request cannot be merged")
	}
	files, ok := r.mergeFiles(base, head)
	if !ok {
		return errors.New("the pull request cannot be merged: it has conflicts with " + p.base)
	}
	links := maps.Clone(base.links)
	maps.Copy(links, head.links)
	message := fmt.Sprintf("Merge pull request #%d from %s/%s\n\n%s", p.number, r.owner, p.head, p.title)
	c := newCommit(files, links, []string{base.sha, head.sha}, st.signature(by, st.now), message)
	r.commits[c.sha], r.branches[p.base], r.pushed = c, c.sha, st.now
	p.state, p.closed, p.merged, p.mergeSHA, p.mergedBy = "closed", st.now, st.now, c.sha, by
	st.pushed(r, p.base, c, by)
	return nil
}

// mergeable tells whether a pull request's branches can be put together.
func (r *repo) mergeable(p *pull) bool {
	base, head := r.head(p.base), r.head(p.head)
	if base == nil || head == nil {
		return false
	}
	_, ok := r.mergeFiles(base, head)
	return ok
}

// mergeFiles are the files of two commits put together; ok is false where both changed the same lines.
func (r *repo) mergeFiles(base, head *commit) (files map[string]string, ok bool) {
	was := map[string]string{}
	if common := r.compare(base, head).mergeBase; common != nil {
		was = common.files
	}
	files = maps.Clone(base.files)
	for path := range was {
		if _, there := head.files[path]; !there {
			if _, there := base.files[path]; there && base.files[path] != was[path] {
				return nil, false // changed here, deleted there
			}
			delete(files, path)
		}
	}
	for path, theirs := range head.files {
		ours, old := base.files[path], was[path]
		switch {
		case theirs == old || theirs == ours:
		case ours == old:
			files[path] = theirs
		case ours == "" || old == "":
			return nil, false
		default:
			merged, ok := mergeLines(r.blobs[old], r.blobs[ours], r.blobs[theirs])
			if !ok {
				return nil, false
			}
			files[path] = r.addBlob(merged)
		}
	}
	return files, true
}
