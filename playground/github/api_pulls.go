package github

import (
	"fmt"
	"net/http"
	"sort"
	"strconv"
	"strings"
)

type pullJSON struct {
	ID             int64           `json:"id"`
	NodeID         string          `json:"node_id"`
	Number         int             `json:"number"`
	State          string          `json:"state"`
	Locked         bool            `json:"locked"`
	Title          string          `json:"title"`
	Body           *string         `json:"body"`
	User           *userJSON       `json:"user"`
	Draft          bool            `json:"draft"`
	CreatedAt      *string         `json:"created_at"`
	UpdatedAt      *string         `json:"updated_at"`
	ClosedAt       *string         `json:"closed_at"`
	MergedAt       *string         `json:"merged_at"`
	MergeCommitSHA *string         `json:"merge_commit_sha"`
	URL            string          `json:"url"`
	HTMLURL        string          `json:"html_url"`
	Labels         []string        `json:"labels"`
	Head           pullSideJSON    `json:"head"`
	Base           pullSideJSON    `json:"base"`
	Merged         *bool           `json:"merged,omitempty"`
	Mergeable      *bool           `json:"mergeable,omitempty"`
	MergedBy       *userJSON       `json:"merged_by,omitempty"`
	Commits        *int            `json:"commits,omitempty"`
	Links          map[string]href `json:"_links"`
}

type href struct {
	Href string `json:"href"`
}

type pullSideJSON struct {
	Label string    `json:"label"`
	Ref   string    `json:"ref"`
	SHA   string    `json:"sha"`
	User  *userJSON `json:"user"`
	Repo  *repoJSON `json:"repo"`
}

func (c *call) pullOf(p *pull) *pullJSON {
	u := fmt.Sprintf("%s/pulls/%d", c.st.repoURL(c.repo), p.number)
	html := fmt.Sprintf("%s/pull/%d", c.st.pageURL(c.repo), p.number)
	repo, owner := c.repoOf(c.repo), c.ownerOf(c.repo.home)
	side := func(ref, sha string) pullSideJSON {
		return pullSideJSON{Label: c.repo.owner + ":" + ref, Ref: ref, SHA: sha, User: owner, Repo: repo}
	}
	return &pullJSON{ID: p.id, NodeID: fmt.Sprintf("PR_%d", p.id), Number: p.number, State: p.state, Title: p.title, Body: optional(p.body),
		User: c.st.userOf(p.author), Draft: p.draft, CreatedAt: stamp(p.created), UpdatedAt: stamp(p.updated), ClosedAt: stamp(p.closed),
		MergedAt: stamp(p.merged), MergeCommitSHA: optional(p.mergeSHA), URL: u, HTMLURL: html, Labels: []string{},
		Head: side(p.head, p.headSHA), Base: side(p.base, p.baseSHA), Links: map[string]href{"self": {u}, "html": {html}}}
}

func listPulls(c *call) (any, error) {
	q := c.r.URL.Query()
	state, head, base := q.Get("state"), q.Get("head"), q.Get("base")
	if state == "" {
		state = "open"
	}
	var kept []*pull
	for _, p := range c.repo.pulls {
		if (state == "all" || p.state == state) && (base == "" || p.base == base) && c.headFits(head, p) {
			kept = append(kept, p)
		}
	}
	key := func(p *pull) int64 {
		if q.Get("sort") == "updated" {
			return p.updated.UnixNano()
		}
		return p.created.UnixNano()
	}
	down := q.Get("direction") == "desc" || q.Get("direction") == ""
	sort.SliceStable(kept, func(i, j int) bool { return (key(kept[i]) > key(kept[j])) == down && key(kept[i]) != key(kept[j]) })
	out := []*pullJSON{}
	for _, p := range page(c, kept) {
		out = append(out, c.pullOf(p))
	}
	return out, nil
}

// headFits takes the filter owner:branch. GitHub ignores one without the owner.
func (c *call) headFits(head string, p *pull) bool {
	owner, branch, ok := strings.Cut(head, ":")
	return head == "" || !ok || strings.EqualFold(owner, c.repo.owner) && branch == p.head
}

func (c *call) thePull() (*pull, error) {
	n, err := strconv.Atoi(c.r.PathValue("number"))
	if p := c.repo.pullByNumber(n); err == nil && p != nil {
		return p, nil
	}
	return nil, errNotFound
}

// fullPull has what only the single view has.
func (c *call) fullPull(p *pull) *pullJSON {
	out := c.pullOf(p)
	merged := !p.merged.IsZero()
	mergeable := p.state == "open" && c.repo.mergeable(p)
	n := len(c.pullCommits(p))
	out.Merged, out.Mergeable, out.MergedBy, out.Commits = &merged, &mergeable, c.st.userOf(p.mergedBy), &n
	return out
}

func (c *call) pullCommits(p *pull) []*commit {
	base, head := c.repo.resolve(p.baseSHA), c.repo.resolve(p.headSHA)
	if base == nil || head == nil {
		return nil
	}
	return c.repo.compare(base, head).ahead
}

func getPull(c *call) (any, error) {
	p, err := c.thePull()
	if err != nil {
		return nil, err
	}
	return c.fullPull(p), nil
}

func listPullCommits(c *call) (any, error) {
	p, err := c.thePull()
	if err != nil {
		return nil, err
	}
	out := []*commitJSON{}
	for _, m := range page(c, c.pullCommits(p)) {
		out = append(out, c.commitOf(c.repo, m))
	}
	return out, nil
}

func listPullFiles(c *call) (any, error) {
	p, err := c.thePull()
	if err != nil {
		return nil, err
	}
	base, head := c.repo.resolve(p.baseSHA), c.repo.resolve(p.headSHA)
	if base == nil || head == nil {
		return []fileJSON{}, nil
	}
	return page(c, c.filesBetween(c.repo.compare(base, head).mergeBase, head)), nil
}

func listPullsOfCommit(c *call) (any, error) {
	m, err := c.commitAt(c.r.PathValue("ref"))
	if err != nil {
		return nil, err
	}
	out := []*pullJSON{}
	for _, p := range c.repo.pulls {
		for _, one := range c.pullCommits(p) {
			if one == m {
				out = append(out, c.pullOf(p))
				break
			}
		}
	}
	return page(c, out), nil
}

func createPull(c *call) (any, error) {
	var ask struct {
		Title string `json:"title"`
		Head  string `json:"head"`
		Base  string `json:"base"`
		Body  string `json:"body"`
		Draft bool   `json:"draft"`
	}
	if err := c.decode(&ask); err != nil {
		return nil, err
	}
	ask.Head = strings.TrimPrefix(ask.Head, c.repo.owner+":")
	invalid := func(field, message string) (any, error) {
		return nil, &apiError{status: http.StatusUnprocessableEntity, Message: "Validation Failed",
			Errors: []fieldError{{Resource: "PullRequest", Field: field, Code: "invalid", Message: message}}}
	}
	head, base := c.repo.head(ask.Head), c.repo.head(ask.Base)
	switch {
	case head == nil:
		return invalid("head", "")
	case base == nil:
		return invalid("base", "")
	case ask.Title == "":
		return invalid("title", "title can't be blank")
	case len(c.repo.compare(base, head).ahead) == 0:
		return invalid("", fmt.Sprintf("No commits between %s and %s", ask.Base, ask.Head))
	}
	for _, p := range c.repo.pulls {
		if p.state == "open" && p.head == ask.Head && p.base == ask.Base {
			return invalid("", fmt.Sprintf("A pull request already exists for %s:%s.", c.repo.owner, ask.Head))
		}
	}
	o := &opPull{Repo: c.repo.slug(), Head: ask.Head, Base: ask.Base, Title: ask.Title, Body: ask.Body, Draft: ask.Draft, Author: c.who.login}
	if err := c.s.do(o); err != nil {
		return nil, err
	}
	c.s.notify(Event{Repo: c.repo.slug()})
	return with{http.StatusCreated, c.fullPull(o.made)}, nil
}

func editPull(c *call) (any, error) {
	p, err := c.thePull()
	if err != nil {
		return nil, err
	}
	var ask struct {
		Title string `json:"title"`
		Body  string `json:"body"`
		State string `json:"state"`
	}
	if err := c.decode(&ask); err != nil {
		return nil, err
	}
	if err := c.s.do(&opPull{Repo: c.repo.slug(), Number: p.number, Title: ask.Title, Body: ask.Body, State: ask.State}); err != nil {
		return nil, refused(http.StatusUnprocessableEntity, "%v", err)
	}
	c.s.notify(Event{Repo: c.repo.slug()})
	return c.fullPull(p), nil
}

func mergePull(c *call) (any, error) {
	p, err := c.thePull()
	if err != nil {
		return nil, err
	}
	if err := c.s.do(&opPull{Repo: c.repo.slug(), Number: p.number, Merge: true, Author: c.who.login}); err != nil {
		return nil, refused(http.StatusMethodNotAllowed, "Pull Request is not mergeable")
	}
	c.s.notify(Event{Repo: c.repo.slug()})
	return map[string]any{"sha": p.mergeSHA, "merged": true, "message": "Pull Request successfully merged"}, nil
}
