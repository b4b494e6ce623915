package github

import (
	"fmt"
	"time"
)

// issue is an issue of a repository.
type issue struct {
	id               int64
	number           int
	title, body      string
	author           string
	state            string
	labels           []string
	created, updated time.Time
	comments         []comment
}

// comment is a comment on an issue or a pull request.
type comment struct {
	id      int64
	body    string
	author  string
	created time.Time
}

// opIssue opens an issue (Number 0), changes its state, or comments on it.
type opIssue struct {
	Repo, Title, Body, Author, State, Comment string
	Labels                                    []string
	Number                                    int
	made                                      *issue
}

func (o *opIssue) apply(st *state) error {
	r := st.repo(o.Repo)
	if r == nil {
		return errNoRepo
	}
	if o.Number == 0 {
		o.made = &issue{id: st.newID(), number: r.nextNumber, title: o.Title, body: o.Body, author: o.Author, state: "open",
			labels: o.Labels, created: st.now, updated: st.now}
		r.nextNumber++
		r.issues = append(r.issues, o.made)
		return nil
	}
	for _, i := range r.issues {
		if i.number != o.Number {
			continue
		}
		o.made, i.updated = i, st.now
		if o.State != "" {
			i.state = o.State
		}
		if o.Title != "" {
			i.title = o.Title
		}
		if o.Comment != "" {
			i.comments = append(i.comments, comment{id: st.newID(), body: o.Comment, author: o.Author, created: st.now})
		}
		return nil
	}
	return fmt.Errorf("no issue #%d", o.Number)
}
