package github

import (
	"encoding/base64"
	"net/http"
	"path"
	"strings"
)

type contentJSON struct {
	Type        string            `json:"type"`
	Encoding    string            `json:"encoding,omitempty"`
	Size        int               `json:"size"`
	Name        string            `json:"name"`
	Path        string            `json:"path"`
	Content     *string           `json:"content,omitempty"`
	Target      string            `json:"target,omitempty"` // of a symbolic link
	SHA         string            `json:"sha"`
	URL         string            `json:"url"`
	GitURL      string            `json:"git_url"`
	HTMLURL     string            `json:"html_url"`
	DownloadURL *string           `json:"download_url"`
	Links       map[string]string `json:"_links"`
}

func (c *call) contentOf(m *commit, ref, p, kind, sha string) *contentJSON {
	api, html := c.st.repoURL(c.repo), c.st.pageURL(c.repo)
	word := "blob"
	if kind == "dir" {
		word = "tree"
	}
	out := &contentJSON{Type: kind, Name: path.Base(p), Path: p, SHA: sha, URL: api + "/contents/" + p + "?ref=" + ref,
		GitURL: api + "/git/" + word + "s/" + sha, HTMLURL: html + "/" + word + "/" + ref + "/" + p}
	if kind != "dir" {
		out.Size = len(c.repo.blobs[sha])
		download := html + "/raw/" + m.sha + "/" + p
		out.DownloadURL = &download
	}
	out.Links = map[string]string{"self": out.URL, "git": out.GitURL, "html": out.HTMLURL}
	return out
}

// wrapped is base64 in lines of 60, as GitHub sends file contents.
func wrapped(content []byte) string {
	text := base64.StdEncoding.EncodeToString(content)
	var b strings.Builder
	for len(text) > 60 {
		b.WriteString(text[:60] + "\n")
		text = text[60:]
	}
	b.WriteString(text + "\n")
	return b.String()
}

// at finds the commit of the query's ref, or of the default branch.
func (c *call) at() (*commit, string, error) {
	ref := c.r.URL.Query().Get("ref")
	if ref == "" {
		ref = c.repo.defaultBranch()
	}
	m := c.repo.resolve(ref)
	if m == nil && len(c.repo.commits) == 0 {
		return nil, ref, refused(http.StatusNotFound, "This repository is empty.")
	}
	if m == nil {
		return nil, ref, refused(http.StatusNotFound, "No commit found for the ref %s", ref)
	}
	return m, ref, nil
}

func getContents(c *call) (any, error) {
	m, ref, err := c.at()
	if err != nil {
		return nil, err
	}
	p := strings.Trim(c.r.PathValue("path"), "/")
	if m.links[p] {
		return c.linkContent(m, ref, p)
	}
	if sha, ok := m.files[p]; ok {
		return c.fileContent(m, ref, p, sha)
	}
	entries, ids := trees(m.files, m.links)
	list, ok := entries[p]
	if !ok || p != "" && ids[p] == "" {
		return nil, errNotFound
	}
	out := []*contentJSON{}
	for _, e := range list[:min(len(list), maxListed)] {
		kind := "file"
		switch {
		case e.Kind == "tree":
			kind = "dir"
		case e.Mode == symlinkMode:
			kind = "symlink"
		}
		out = append(out, c.contentOf(m, ref, joinPath(p, e.Name), kind, e.SHA))
	}
	return out, nil
}

// maxListed is how many entries of a folder GitHub lists at most.
const maxListed = 1000

// linkContent is what a symbolic link leads to, if that is a file of the repository; otherwise the link itself.
func (c *call) linkContent(m *commit, ref, p string) (any, error) {
	sha := m.files[p]
	target := string(c.repo.blobs[sha])
	if to := path.Join(path.Dir(p), target); !path.IsAbs(target) && m.files[to] != "" && !m.links[to] {
		return c.fileContent(m, ref, p, m.files[to])
	}
	if strings.Contains(c.r.Header.Get("Accept"), ".raw") {
		return raw{"application/vnd.github.raw; charset=utf-8", c.repo.blobs[sha]}, nil
	}
	out := c.contentOf(m, ref, p, "symlink", sha)
	out.Target = target
	return out, nil
}

func (c *call) fileContent(m *commit, ref, p, sha string) (any, error) {
	content := c.repo.blobs[sha]
	if accept := c.r.Header.Get("Accept"); strings.Contains(accept, ".raw") {
		return raw{"application/vnd.github.raw; charset=utf-8", content}, nil
	}
	out := c.contentOf(m, ref, p, "file", sha)
	text := ""
	out.Encoding = "none" // GitHub: files over 1 MB come without content
	if len(content) <= 1<<20 {
		out.Encoding, text = "base64", wrapped(content)
	}
	out.Content = &text
	return out, nil
}

func getReadme(c *call) (any, error) {
	m, ref, err := c.at()
	if err != nil {
		return nil, err
	}
	for _, p := range sortedKeys(m.files) {
		if strings.HasPrefix(strings.ToLower(p), "readme") {
			return c.fileContent(m, ref, p, m.files[p])
		}
	}
	return nil, errNotFound
}

func putContents(c *call) (any, error) {
	var ask struct {
		Message string `json:"message"`
		Content string `json:"content"`
		SHA     string `json:"sha"`
		Branch  string `json:"branch"`
	}
	if err := c.decode(&ask); err != nil {
		return nil, err
	}
	content, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(ask.Content, "\n", ""))
	if err != nil {
		return nil, refused(http.StatusUnprocessableEntity, "content is not valid Base64")
	}
	if ask.Message == "" {
		return nil, refused(http.StatusUnprocessableEntity, "Invalid request.\n\n\"message\" wasn't supplied.")
	}
	if ask.Branch == "" {
		ask.Branch = c.repo.defaultBranch()
	}
	head := c.repo.head(ask.Branch)
	switch {
	case head == nil && len(c.repo.commits) == 0: // the first file makes the branch
		head = &commit{}
	case head == nil:
		return nil, refused(http.StatusNotFound, "Branch %s not found", ask.Branch)
	}
	p := strings.Trim(c.r.PathValue("path"), "/")
	if p == "" || strings.Contains("/"+p+"/", "/../") || strings.Contains("/"+p+"/", "/.git/") {
		return nil, refused(http.StatusUnprocessableEntity, "path contains a malformed path component")
	}
	if strings.HasPrefix(p, ".github/workflows/") && !c.who.mayWriteWorkflows() {
		return nil, c.who.refusal()
	}
	switch old := head.files[p]; {
	case old != "" && ask.SHA == "":
		return nil, refused(http.StatusUnprocessableEntity, "Invalid request.\n\n\"sha\" wasn't supplied.")
	case old != ask.SHA:
		return nil, refused(http.StatusConflict, "%s does not match %s", p, ask.SHA)
	}
	status := http.StatusCreated
	if ask.SHA != "" {
		status = http.StatusOK
	}
	text := string(content)
	push := &opPush{Repo: c.repo.slug(), Branch: ask.Branch, Author: c.who.login, Message: ask.Message, Files: map[string]*string{p: &text}}
	if err := c.s.do(push); err != nil {
		return nil, err
	}
	c.s.notify(Event{Repo: c.repo.slug()})
	return with{status, map[string]any{"content": c.contentOf(push.made, ask.Branch, p, "file", push.made.files[p]),
		"commit": c.gitCommitWithSHA(push.made)}}, nil
}

func (c *call) gitCommitWithSHA(m *commit) gitCommitJSON {
	out := c.gitCommitOf(c.repo, m)
	out.SHA, out.HTMLURL, out.Parents = m.sha, c.st.pageURL(c.repo)+"/commit/"+m.sha, c.parentsOf(c.repo, m)
	return out
}

// errEmpty is what Git's own parts of the API say of a repository without a commit.
var errEmpty = &apiError{status: http.StatusConflict, Message: "Git Repository is empty."}

type treeJSON struct {
	SHA       string          `json:"sha"`
	URL       string          `json:"url"`
	Tree      []treeEntryJSON `json:"tree"`
	Truncated bool            `json:"truncated"`
}

type treeEntryJSON struct {
	Path string `json:"path"`
	Mode string `json:"mode"`
	Type string `json:"type"`
	SHA  string `json:"sha"`
	Size *int   `json:"size,omitempty"`
	URL  string `json:"url"`
}

// getTree answers for a tree id, a commit id, or a ref; recursive with any value of that parameter, as on GitHub.
func getTree(c *call) (any, error) {
	if len(c.repo.commits) == 0 {
		return nil, errEmpty
	}
	name := c.r.PathValue("sha")
	root := ""
	m := c.repo.resolve(name)
	if m == nil {
		for _, candidate := range c.repo.commits {
			_, ids := trees(candidate.files, candidate.links)
			for dir, id := range ids {
				if id == name {
					m, root = candidate, dir
				}
			}
		}
	}
	if m == nil {
		return nil, errNotFound
	}
	_, recursive := c.r.URL.Query()["recursive"]
	entries, ids := trees(m.files, m.links)
	out := &treeJSON{SHA: ids[root], URL: c.st.repoURL(c.repo) + "/git/trees/" + ids[root], Tree: []treeEntryJSON{}}
	var walk func(dir, prefix string)
	walk = func(dir, prefix string) {
		for _, e := range entries[dir] {
			mode := e.Mode
			if e.Kind == "tree" {
				mode = "0" + mode
			}
			item := treeEntryJSON{Path: joinPath(prefix, e.Name), Mode: mode, Type: e.Kind, SHA: e.SHA,
				URL: c.st.repoURL(c.repo) + "/git/" + e.Kind + "s/" + e.SHA}
			if e.Kind == "blob" {
				size := len(c.repo.blobs[e.SHA])
				item.Size = &size
			}
			out.Tree = append(out.Tree, item)
			if e.Kind == "tree" && recursive {
				walk(joinPath(dir, e.Name), item.Path)
			}
		}
	}
	walk(root, "")
	return out, nil
}

func getBlob(c *call) (any, error) {
	sha := c.r.PathValue("sha")
	content, ok := c.repo.blobs[sha]
	if !ok {
		return nil, errNotFound
	}
	if strings.Contains(c.r.Header.Get("Accept"), ".raw") {
		return raw{"application/vnd.github.raw; charset=utf-8", content}, nil
	}
	return map[string]any{"sha": sha, "node_id": "B_" + sha[:20], "size": len(content), "url": c.st.repoURL(c.repo) + "/git/blobs/" + sha,
		"content": wrapped(content), "encoding": "base64"}, nil
}
