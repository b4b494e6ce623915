package github

import (
	"fmt"
	"net/http"
	"sort"
	"strconv"
)

type repoJSON struct {
	ID            int64           `json:"id"`
	NodeID        string          `json:"node_id"`
	Name          string          `json:"name"`
	FullName      string          `json:"full_name"`
	Private       bool            `json:"private"`
	Owner         *userJSON       `json:"owner"`
	HTMLURL       string          `json:"html_url"`
	Description   *string         `json:"description"`
	Fork          bool            `json:"fork"`
	URL           string          `json:"url"`
	DefaultBranch string          `json:"default_branch"`
	Language      *string         `json:"language"`
	Topics        []string        `json:"topics"`
	Archived      bool            `json:"archived"`
	Disabled      bool            `json:"disabled"`
	Visibility    string          `json:"visibility"`
	CloneURL      string          `json:"clone_url"`
	CreatedAt     *string         `json:"created_at"`
	UpdatedAt     *string         `json:"updated_at"`
	PushedAt      *string         `json:"pushed_at"`
	HasIssues     bool            `json:"has_issues"`
	OpenIssues    int             `json:"open_issues_count"`
	Size          int             `json:"size"` // in KB; 0 without any commit
	Permissions   map[string]bool `json:"permissions,omitempty"`
	Role          string          `json:"role_name,omitempty"` // of a team, in its list
}

func (st *state) repoURL(r *repo) string { return st.base + "/api/v3/repos/" + r.slug() }
func (st *state) pageURL(r *repo) string { return st.base + "/" + r.slug() }

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func (c *call) repoOf(r *repo) *repoJSON {
	visibility := "public"
	if r.private {
		visibility = "private"
	}
	open := 0
	for _, p := range r.pulls {
		if p.state == "open" {
			open++
		}
	}
	for _, i := range r.issues {
		if i.state == "open" {
			open++
		}
	}
	topics := r.rules.Topics
	if topics == nil {
		topics = []string{}
	}
	out := &repoJSON{ID: r.id, NodeID: fmt.Sprintf("R_%d", r.id), Name: r.name, FullName: r.slug(), Private: r.private, Owner: c.ownerOf(r.home),
		HTMLURL: c.st.pageURL(r), Description: optional(r.rules.Description), URL: c.st.repoURL(r), DefaultBranch: r.defaultBranch(),
		Language: optional(r.rules.Language), Topics: topics, Archived: r.archived, Visibility: visibility, CloneURL: c.st.pageURL(r) + ".git",
		CreatedAt: stamp(r.created), UpdatedAt: stamp(later(r.pushed, r.updated)), PushedAt: stamp(r.pushed), HasIssues: true, OpenIssues: open, Size: r.size()}
	if c.who.kind != "anonymous" {
		push := c.who.may("contents:write") && c.who.sees(r)
		out.Permissions = map[string]bool{"admin": c.who.access == "admin", "maintain": c.who.access == "admin", "push": push, "triage": push, "pull": true}
	}
	return out
}

func (c *call) visibleRepos() []*repoJSON {
	out := []*repoJSON{}
	for _, r := range c.st.order {
		if c.who.sees(r) {
			out = append(out, c.repoOf(r))
		}
	}
	return out
}

func listOrgRepos(c *call) (any, error) {
	o, err := c.organisation()
	if err != nil {
		return nil, err
	}
	return c.reposOf(o, "created"), nil
}

func listUserRepos(c *call) (any, error) {
	if o := c.st.owner(c.r.PathValue("login")); o != nil {
		return c.reposOf(o, "full_name"), nil
	}
	return nil, errNotFound
}

// reposOf lists what an owner has and the caller sees, in the order that was asked for.
func (c *call) reposOf(o *owner, order string) []*repoJSON {
	q := c.r.URL.Query()
	if asked := q.Get("sort"); asked != "" {
		order = asked
	}
	out := []*repoJSON{}
	for _, r := range c.st.order {
		if r.home.login == o.login && c.who.sees(r) {
			out = append(out, c.repoOf(r))
		}
	}
	if kind := q.Get("type"); kind == "public" || kind == "private" {
		kept := out[:0]
		for _, r := range out {
			if r.Visibility == kind {
				kept = append(kept, r)
			}
		}
		out = kept
	}
	key := func(r *repoJSON) string {
		switch order {
		case "full_name":
			return r.FullName
		case "pushed":
			return *r.PushedAt
		case "updated":
			return *r.UpdatedAt
		default:
			return fmt.Sprint(r.ID)
		}
	}
	down := q.Get("direction") == "desc" || q.Get("direction") == "" && order != "full_name"
	sort.SliceStable(out, func(i, j int) bool {
		if down {
			return key(out[i]) > key(out[j])
		}
		return key(out[i]) < key(out[j])
	})
	return page(c, out)
}

func listOwnRepos(c *call) (any, error) {
	if c.who.kind == "anonymous" {
		return nil, refused(http.StatusUnauthorized, "Requires authentication")
	}
	if c.who.kind == "installation" {
		return nil, refused(http.StatusForbidden, "Resource not accessible by integration")
	}
	return page(c, c.visibleRepos()), nil
}

func getRepo(c *call) (any, error) { return c.repoOf(c.repo), nil }

func getRepoByID(c *call) (any, error) {
	id, err := strconv.ParseInt(c.r.PathValue("id"), 10, 64)
	if r := c.st.repoByID(id); err == nil && r != nil && c.who.sees(r) {
		return c.repoOf(r), nil
	}
	return nil, errNotFound
}

func getTopics(c *call) (any, error) {
	return map[string]any{"names": c.repoOf(c.repo).Topics}, nil
}

func getLanguages(c *call) (any, error) {
	out := map[string]int{}
	if head := c.repo.head(c.repo.defaultBranch()); head != nil && c.repo.rules.Language != "" {
		for _, blob := range head.files {
			out[c.repo.rules.Language] += len(c.repo.blobs[blob])
		}
	}
	return out, nil
}

type shaURL struct {
	SHA string `json:"sha"`
	URL string `json:"url"`
}

type branchJSON struct {
	Name       string            `json:"name"`
	Commit     any               `json:"commit"`
	Protected  bool              `json:"protected"`
	Links      map[string]string `json:"_links,omitempty"`
	Protection map[string]bool   `json:"protection,omitempty"`
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

func listBranches(c *call) (any, error) {
	out := []*branchJSON{}
	for _, name := range sortedKeys(c.repo.branches) {
		sha := c.repo.branches[name]
		out = append(out, &branchJSON{Name: name, Commit: shaURL{sha, c.st.repoURL(c.repo) + "/commits/" + sha}})
	}
	return page(c, out), nil
}

func getBranch(c *call) (any, error) {
	name := c.r.PathValue("branch")
	head := c.repo.head(name)
	if head == nil {
		return nil, refused(http.StatusNotFound, "Branch not found")
	}
	return &branchJSON{Name: name, Commit: c.commitOf(c.repo, head), Links: map[string]string{
		"self": c.st.repoURL(c.repo) + "/branches/" + name, "html": c.st.pageURL(c.repo) + "/tree/" + name},
		Protection: map[string]bool{"enabled": false}}, nil
}

func listTags(c *call) (any, error) {
	type tagJSON struct {
		Name   string `json:"name"`
		Commit shaURL `json:"commit"`
	}
	out := []tagJSON{}
	names := sortedKeys(c.repo.tags)
	for i := len(names) - 1; i >= 0; i-- {
		sha := c.repo.tags[names[i]]
		out = append(out, tagJSON{names[i], shaURL{sha, c.st.repoURL(c.repo) + "/commits/" + sha}})
	}
	return page(c, out), nil
}
