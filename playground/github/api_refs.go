package github

import (
	"net/http"
	"strings"
)

type refJSON struct {
	Ref    string            `json:"ref"`
	NodeID string            `json:"node_id"`
	URL    string            `json:"url"`
	Object map[string]string `json:"object"`
}

func (c *call) refOf(name, sha string) *refJSON {
	return &refJSON{Ref: name, NodeID: "REF_" + sha[:16], URL: c.st.repoURL(c.repo) + "/git/" + name,
		Object: map[string]string{"type": "commit", "sha": sha, "url": c.st.repoURL(c.repo) + "/git/commits/" + sha}}
}

// refs are all references of the repository by full name.
func (r *repo) refs() map[string]string {
	out := map[string]string{}
	for name, sha := range r.branches {
		out["refs/heads/"+name] = sha
	}
	for name, sha := range r.tags {
		out["refs/tags/"+name] = sha
	}
	return out
}

func getRef(c *call) (any, error) {
	if len(c.repo.commits) == 0 {
		return nil, errEmpty
	}
	name := "refs/" + c.r.PathValue("ref")
	sha := c.repo.refs()[name]
	if sha == "" {
		return nil, errNotFound
	}
	return c.refOf(name, sha), nil
}

func matchingRefs(c *call) (any, error) {
	prefix := "refs/" + c.r.PathValue("ref")
	all := c.repo.refs()
	out := []*refJSON{}
	for _, name := range sortedKeys(all) {
		if strings.HasPrefix(name, prefix) {
			out = append(out, c.refOf(name, all[name]))
		}
	}
	return page(c, out), nil
}

func createRef(c *call) (any, error) {
	var ask struct {
		Ref string `json:"ref"`
		SHA string `json:"sha"`
	}
	if err := c.decode(&ask); err != nil {
		return nil, err
	}
	if !strings.HasPrefix(ask.Ref, "refs/") || strings.Count(ask.Ref, "/") < 2 || !validRef(ask.Ref) {
		return nil, refused(http.StatusUnprocessableEntity, "Reference name must start with 'refs' and have at least two slashes.")
	}
	if c.repo.refs()[ask.Ref] != "" {
		return nil, refused(http.StatusUnprocessableEntity, "Reference already exists")
	}
	if c.repo.commits[ask.SHA] == nil {
		return nil, refused(http.StatusUnprocessableEntity, "Object does not exist")
	}
	if err := c.s.do(&opRef{Repo: c.repo.slug(), Ref: ask.Ref, SHA: ask.SHA}); err != nil {
		return nil, err
	}
	c.s.notify(Event{Repo: c.repo.slug()})
	return with{http.StatusCreated, c.refOf(ask.Ref, ask.SHA)}, nil
}

func updateRef(c *call) (any, error) {
	var ask struct {
		SHA   string `json:"sha"`
		Force bool   `json:"force"`
	}
	if err := c.decode(&ask); err != nil {
		return nil, err
	}
	name := "refs/" + c.r.PathValue("ref")
	old := c.repo.refs()[name]
	if old == "" {
		return nil, refused(http.StatusUnprocessableEntity, "Reference does not exist")
	}
	if c.repo.commits[ask.SHA] == nil {
		return nil, refused(http.StatusUnprocessableEntity, "Object does not exist")
	}
	if cmp := c.repo.compare(c.repo.commits[old], c.repo.commits[ask.SHA]); len(cmp.behind) > 0 && !ask.Force {
		return nil, refused(http.StatusUnprocessableEntity, "Update is not a fast forward")
	}
	if err := c.s.do(&opRef{Repo: c.repo.slug(), Ref: name, SHA: ask.SHA}); err != nil {
		return nil, err
	}
	c.s.notify(Event{Repo: c.repo.slug()})
	return c.refOf(name, ask.SHA), nil
}

func deleteRef(c *call) (any, error) {
	name := "refs/" + c.r.PathValue("ref")
	if c.repo.refs()[name] == "" {
		return nil, refused(http.StatusUnprocessableEntity, "Reference does not exist")
	}
	if name == "refs/heads/"+c.repo.defaultBranch() {
		return nil, refused(http.StatusUnprocessableEntity, "Cannot delete the default branch")
	}
	if err := c.s.do(&opRef{Repo: c.repo.slug(), Ref: name}); err != nil {
		return nil, err
	}
	c.s.notify(Event{Repo: c.repo.slug()})
	return with{http.StatusNoContent, nil}, nil
}

// validRef says whether Git allows the name. It allows much: $(curl …) with its blanks replaced, quotes, and <!channel>.
func validRef(name string) bool {
	if strings.ContainsAny(name, " ~^:?*[\\\x7f") || strings.Contains(name, "..") || strings.Contains(name, "@{") ||
		strings.Contains(name, "//") || strings.HasSuffix(name, "/") || strings.HasSuffix(name, ".lock") || strings.HasSuffix(name, ".") {
		return false
	}
	for _, part := range strings.Split(name, "/") {
		if strings.HasPrefix(part, ".") || part == "" {
			return false
		}
	}
	return !strings.ContainsFunc(name, func(r rune) bool { return r < 0x20 })
}
