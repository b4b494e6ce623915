package github

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

type issueJSON struct {
	ID          int64               `json:"id"`
	NodeID      string              `json:"node_id"`
	Number      int                 `json:"number"`
	Title       string              `json:"title"`
	Body        *string             `json:"body"`
	State       string              `json:"state"`
	User        *userJSON           `json:"user"`
	Labels      []map[string]string `json:"labels"`
	Comments    int                 `json:"comments"`
	CreatedAt   *string             `json:"created_at"`
	UpdatedAt   *string             `json:"updated_at"`
	URL         string              `json:"url"`
	HTMLURL     string              `json:"html_url"`
	PullRequest map[string]string   `json:"pull_request,omitempty"`
}

func (c *call) issueOf(i *issue) *issueJSON {
	out := &issueJSON{ID: i.id, NodeID: fmt.Sprintf("I_%d", i.id), Number: i.number, Title: i.title, Body: optional(i.body), State: i.state,
		User: c.st.userOf(i.author), Labels: []map[string]string{}, Comments: len(i.comments), CreatedAt: stamp(i.created), UpdatedAt: stamp(i.updated),
		URL: fmt.Sprintf("%s/issues/%d", c.st.repoURL(c.repo), i.number), HTMLURL: fmt.Sprintf("%s/issues/%d", c.st.pageURL(c.repo), i.number)}
	for _, l := range i.labels {
		out.Labels = append(out.Labels, map[string]string{"name": l})
	}
	return out
}

func listIssues(c *call) (any, error) {
	state := c.r.URL.Query().Get("state")
	if state == "" {
		state = "open"
	}
	out := []*issueJSON{}
	for n := len(c.repo.issues) - 1; n >= 0; n-- {
		if i := c.repo.issues[n]; state == "all" || i.state == state {
			out = append(out, c.issueOf(i))
		}
	}
	return page(c, out), nil
}

func (c *call) theIssue() (*issue, error) {
	for _, i := range c.repo.issues {
		if strconv.Itoa(i.number) == c.r.PathValue("number") {
			return i, nil
		}
	}
	return nil, errNotFound
}

func getIssue(c *call) (any, error) {
	i, err := c.theIssue()
	if err != nil {
		return nil, err
	}
	return c.issueOf(i), nil
}

func createIssue(c *call) (any, error) {
	var ask struct {
		Title  string   `json:"title"`
		Body   string   `json:"body"`
		Labels []string `json:"labels"`
	}
	if err := c.decode(&ask); err != nil {
		return nil, err
	}
	if strings.TrimSpace(ask.Title) == "" {
		return nil, &apiError{status: http.StatusUnprocessableEntity, Message: "Validation Failed",
			Errors: []fieldError{{Resource: "Issue", Field: "title", Code: "missing_field"}}}
	}
	o := &opIssue{Repo: c.repo.slug(), Title: ask.Title, Body: ask.Body, Labels: ask.Labels, Author: c.who.login}
	if err := c.s.do(o); err != nil {
		return nil, err
	}
	c.s.notify(Event{Repo: c.repo.slug()})
	return with{http.StatusCreated, c.issueOf(o.made)}, nil
}

func editIssue(c *call) (any, error) {
	i, err := c.theIssue()
	if err != nil {
		return nil, err
	}
	var ask struct {
		Title string `json:"title"`
		State string `json:"state"`
	}
	if err := c.decode(&ask); err != nil {
		return nil, err
	}
	if err := c.s.do(&opIssue{Repo: c.repo.slug(), Number: i.number, Title: ask.Title, State: ask.State}); err != nil {
		return nil, err
	}
	return c.issueOf(i), nil
}

func (c *call) commentOf(i *issue, m comment) map[string]any {
	return map[string]any{"id": m.id, "body": m.body, "user": c.st.userOf(m.author), "created_at": stamp(m.created), "updated_at": stamp(m.created),
		"html_url": fmt.Sprintf("%s/issues/%d#issuecomment-%d", c.st.pageURL(c.repo), i.number, m.id)}
}

func listComments(c *call) (any, error) {
	i, err := c.theIssue()
	if err != nil {
		return nil, err
	}
	out := []map[string]any{}
	for _, m := range i.comments {
		out = append(out, c.commentOf(i, m))
	}
	return page(c, out), nil
}

func createComment(c *call) (any, error) {
	i, err := c.theIssue()
	if err != nil {
		return nil, err
	}
	var ask struct {
		Body string `json:"body"`
	}
	if err := c.decode(&ask); err != nil {
		return nil, err
	}
	if ask.Body == "" {
		return nil, refused(http.StatusUnprocessableEntity, "Validation Failed")
	}
	if err := c.s.do(&opIssue{Repo: c.repo.slug(), Number: i.number, Comment: ask.Body, Author: c.who.login}); err != nil {
		return nil, err
	}
	return with{http.StatusCreated, c.commentOf(i, i.comments[len(i.comments)-1])}, nil
}
