package github

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

type signatureJSON struct {
	Name  string  `json:"name"`
	Email string  `json:"email"`
	Date  *string `json:"date"`
}

type gitCommitJSON struct {
	SHA          string         `json:"sha,omitempty"`
	NodeID       string         `json:"node_id,omitempty"`
	URL          string         `json:"url"`
	HTMLURL      string         `json:"html_url,omitempty"`
	Author       signatureJSON  `json:"author"`
	Committer    signatureJSON  `json:"committer"`
	Message      string         `json:"message"`
	Tree         shaURL         `json:"tree"`
	Parents      []parentJSON   `json:"parents,omitempty"`
	CommentCount int            `json:"comment_count"`
	Verification map[string]any `json:"verification"`
}

type parentJSON struct {
	SHA     string `json:"sha"`
	URL     string `json:"url"`
	HTMLURL string `json:"html_url"`
}

type commitJSON struct {
	SHA         string         `json:"sha"`
	NodeID      string         `json:"node_id"`
	Commit      gitCommitJSON  `json:"commit"`
	URL         string         `json:"url"`
	HTMLURL     string         `json:"html_url"`
	CommentsURL string         `json:"comments_url"`
	Author      *userJSON      `json:"author"`
	Committer   *userJSON      `json:"committer"`
	Parents     []parentJSON   `json:"parents"`
	Stats       map[string]int `json:"stats,omitempty"`
	Files       []fileJSON     `json:"files,omitempty"`
}

type fileJSON struct {
	SHA       string `json:"sha"`
	Filename  string `json:"filename"`
	Status    string `json:"status"`
	Additions int    `json:"additions"`
	Deletions int    `json:"deletions"`
	Changes   int    `json:"changes"`
	BlobURL   string `json:"blob_url"`
	Patch     string `json:"patch,omitempty"`
}

func (c *call) gitCommitOf(r *repo, m *commit) gitCommitJSON {
	api := c.st.repoURL(r)
	who := signatureJSON{m.author.Name, m.author.Email, stamp(m.author.When)}
	return gitCommitJSON{URL: api + "/git/commits/" + m.sha, Author: who, Committer: who, Message: m.message,
		Tree: shaURL{m.tree, api + "/git/trees/" + m.tree}, Verification: map[string]any{"verified": false, "reason": "unsigned", "signature": nil,
			"payload": nil, "verified_at": nil}}
}

func (c *call) parentsOf(r *repo, m *commit) []parentJSON {
	out := []parentJSON{}
	for _, p := range m.parents {
		out = append(out, parentJSON{p, c.st.repoURL(r) + "/commits/" + p, c.st.pageURL(r) + "/commit/" + p})
	}
	return out
}

func (c *call) commitOf(r *repo, m *commit) *commitJSON {
	api := c.st.repoURL(r) + "/commits/" + m.sha
	return &commitJSON{SHA: m.sha, NodeID: "C_" + m.sha[:20], Commit: c.gitCommitOf(r, m), URL: api, CommentsURL: api + "/comments",
		HTMLURL: c.st.pageURL(r) + "/commit/" + m.sha, Author: c.st.userOf(m.author.Login), Committer: c.st.userOf(m.author.Login),
		Parents: c.parentsOf(r, m)}
}

// commitAt finds the commit that the path's ref names.
func (c *call) commitAt(ref string) (*commit, error) {
	m := c.repo.resolve(ref)
	if m == nil {
		return nil, refused(http.StatusUnprocessableEntity, "No commit found for SHA: %s", ref)
	}
	return m, nil
}

func listCommits(c *call) (any, error) {
	if len(c.repo.commits) == 0 {
		return nil, errEmpty
	}
	q := c.r.URL.Query()
	from := q.Get("sha")
	if from == "" {
		from = c.repo.defaultBranch()
	}
	head := c.repo.resolve(from)
	if head == nil {
		return nil, errNotFound
	}
	since, err := moment(q, "since")
	if err != nil {
		return nil, err
	}
	until, err := moment(q, "until")
	if err != nil {
		return nil, err
	}
	path, author := strings.TrimSuffix(q.Get("path"), "/"), q.Get("author")
	var kept []*commit
	for _, m := range c.repo.history(head) {
		if !since.IsZero() && m.author.When.Before(since) || !until.IsZero() && m.author.When.After(until) ||
			author != "" && !strings.EqualFold(m.author.Login, author) && !strings.EqualFold(m.author.Email, author) ||
			path != "" && !c.repo.touches(m, path) {
			continue
		}
		kept = append(kept, m)
	}
	out := []*commitJSON{}
	for _, m := range page(c, kept) {
		out = append(out, c.commitOf(c.repo, m))
	}
	return out, nil
}

func moment(q url.Values, name string) (time.Time, error) {
	text := q.Get(name)
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, refused(http.StatusUnprocessableEntity, "Invalid request.\n\nFor '%s', \"%s\" is not a valid timestamp.", name, text)
	}
	return t, nil
}

// touches says whether the commit changes the file or something under the folder path.
func (r *repo) touches(m *commit, path string) bool {
	var before map[string]string
	if len(m.parents) > 0 {
		before = r.commits[m.parents[0]].files
	}
	for p := range m.files {
		if (p == path || strings.HasPrefix(p, path+"/")) && before[p] != m.files[p] {
			return true
		}
	}
	for p := range before {
		if (p == path || strings.HasPrefix(p, path+"/")) && m.files[p] == "" {
			return true
		}
	}
	return false
}

func getCommit(c *call) (any, error) {
	m, err := c.commitAt(c.r.PathValue("ref"))
	if err != nil {
		return nil, err
	}
	if strings.Contains(c.r.Header.Get("Accept"), "sha") {
		return raw{"application/vnd.github.sha; charset=utf-8", []byte(m.sha)}, nil
	}
	out := c.commitOf(c.repo, m)
	var before *commit
	if len(m.parents) > 0 {
		before = c.repo.commits[m.parents[0]]
	}
	out.Files = c.filesBetween(before, m)
	out.Stats = map[string]int{}
	for _, f := range out.Files {
		out.Stats["additions"] += f.Additions
		out.Stats["deletions"] += f.Deletions
		out.Stats["total"] += f.Changes
	}
	return out, nil
}

// filesBetween lists what differs between two commits; the first may be nil.
func (c *call) filesBetween(before, after *commit) []fileJSON {
	old := map[string]string{}
	if before != nil {
		old = before.files
	}
	paths := map[string]bool{}
	for p := range old {
		paths[p] = true
	}
	for p := range after.files {
		paths[p] = true
	}
	out := []fileJSON{}
	for _, p := range sortedKeys(paths) {
		a, b := old[p], after.files[p]
		if a == b {
			continue
		}
		f := fileJSON{SHA: b, Filename: p, Status: "modified", BlobURL: c.st.pageURL(c.repo) + "/blob/" + after.sha + "/" + p}
		if a == "" {
			f.Status = "added"
		}
		if b == "" {
			f.Status, f.SHA = "removed", a
		}
		f.Patch, f.Additions, f.Deletions = patch(string(c.repo.blobs[a]), string(c.repo.blobs[b]))
		f.Changes = f.Additions + f.Deletions
		out = append(out, f)
	}
	return out
}

// patch is the difference of two texts as one hunk: what lies between their common beginning and end.
func patch(a, b string) (string, int, int) {
	from, to := lines(a), lines(b)
	start := 0
	for start < len(from) && start < len(to) && from[start] == to[start] {
		start++
	}
	end := 0
	for end < len(from)-start && end < len(to)-start && from[len(from)-1-end] == to[len(to)-1-end] {
		end++
	}
	before := max(0, start-3)
	after := min(3, end)
	removed, added := from[start:len(from)-end], to[start:len(to)-end]
	var out strings.Builder
	fmt.Fprintf(&out, "@@ -%d,%d +%d,%d @@", before+1, len(removed)+start-before+after, before+1, len(added)+start-before+after)
	write := func(mark string, list []string) {
		for _, l := range list {
			out.WriteString("\n" + mark + l)
		}
	}
	write(" ", from[before:start])
	write("-", removed)
	write("+", added)
	write(" ", from[len(from)-end:len(from)-end+after])
	return out.String(), len(added), len(removed)
}

func lines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(s, "\n"), "\n")
}

type compareJSON struct {
	URL          string        `json:"url"`
	HTMLURL      string        `json:"html_url"`
	BaseCommit   *commitJSON   `json:"base_commit"`
	MergeBase    *commitJSON   `json:"merge_base_commit"`
	Status       string        `json:"status"`
	AheadBy      int           `json:"ahead_by"`
	BehindBy     int           `json:"behind_by"`
	TotalCommits int           `json:"total_commits"`
	Commits      []*commitJSON `json:"commits"`
	Files        []fileJSON    `json:"files"`
}

func compareCommits(c *call) (any, error) {
	text := c.r.PathValue("basehead")
	b, h, ok := strings.Cut(text, "...")
	if !ok {
		return nil, errNotFound
	}
	h = strings.TrimPrefix(h, c.repo.owner+":")
	base, head := c.repo.resolve(b), c.repo.resolve(h)
	if base == nil || head == nil {
		return nil, errNotFound
	}
	cmp := c.repo.compare(base, head)
	if cmp.mergeBase == nil {
		return nil, refused(http.StatusNotFound, "No common ancestor between %s and %s.", b, h)
	}
	status := "identical"
	switch {
	case len(cmp.ahead) > 0 && len(cmp.behind) > 0:
		status = "diverged"
	case len(cmp.ahead) > 0:
		status = "ahead"
	case len(cmp.behind) > 0:
		status = "behind"
	}
	commits := []*commitJSON{}
	for _, m := range page(c, cmp.ahead) {
		commits = append(commits, c.commitOf(c.repo, m))
	}
	return &compareJSON{URL: c.st.repoURL(c.repo) + "/compare/" + text, HTMLURL: c.st.pageURL(c.repo) + "/compare/" + text,
		BaseCommit: c.commitOf(c.repo, base), MergeBase: c.commitOf(c.repo, cmp.mergeBase), Status: status, AheadBy: len(cmp.ahead),
		BehindBy: len(cmp.behind), TotalCommits: len(cmp.ahead), Commits: commits, Files: c.filesBetween(cmp.mergeBase, head)}, nil
}

func getGitCommit(c *call) (any, error) {
	m := c.repo.commits[c.r.PathValue("sha")]
	if m == nil {
		return nil, errNotFound
	}
	out := c.gitCommitOf(c.repo, m)
	out.SHA, out.NodeID, out.HTMLURL, out.Parents = m.sha, "C_"+m.sha[:20], c.st.pageURL(c.repo)+"/commit/"+m.sha, c.parentsOf(c.repo, m)
	return out, nil
}
