package github

import (
	"crypto/hmac"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// linkLife is how long a download link is good. GitHub: one minute.
const linkLife = time.Minute

type artifactJSON struct {
	ID                 int64          `json:"id"`
	NodeID             string         `json:"node_id"`
	Name               string         `json:"name"`
	SizeInBytes        int            `json:"size_in_bytes"`
	URL                string         `json:"url"`
	ArchiveDownloadURL string         `json:"archive_download_url"`
	Expired            bool           `json:"expired"`
	Digest             string         `json:"digest"`
	CreatedAt          *string        `json:"created_at"`
	UpdatedAt          *string        `json:"updated_at"`
	ExpiresAt          *string        `json:"expires_at"`
	WorkflowRun        map[string]any `json:"workflow_run"`
}

func (c *call) artifactOf(a *artifact) (*artifactJSON, error) {
	if err := a.measure(); err != nil {
		return nil, err
	}
	r := a.job.attempt.run
	u := fmt.Sprintf("%s/actions/artifacts/%d", c.st.repoURL(r.repo), a.id)
	return &artifactJSON{ID: a.id, NodeID: fmt.Sprintf("AR_%d", a.id), Name: a.name, SizeInBytes: a.size, URL: u, ArchiveDownloadURL: u + "/zip",
		Expired: !c.now.Before(a.expires), Digest: a.digest, CreatedAt: stamp(a.created), UpdatedAt: stamp(a.created), ExpiresAt: stamp(a.expires),
		WorkflowRun: map[string]any{"id": r.id, "repository_id": r.repo.id, "head_repository_id": r.repo.id, "head_branch": r.branch,
			"head_sha": r.sha}}, nil
}

// listArtifacts answers for one run and for the whole repository, newest first.
func listArtifacts(c *call) (any, error) {
	var found []*artifact
	if c.r.PathValue("run") != "" {
		r, err := c.theRun()
		if err != nil {
			return nil, err
		}
		found = r.artifacts(c.now)
	} else {
		for _, r := range c.repo.runs {
			found = append(found, r.artifacts(c.now)...)
		}
	}
	name := c.r.URL.Query().Get("name")
	var kept []*artifact
	for i := len(found) - 1; i >= 0; i-- {
		if name == "" || found[i].name == name {
			kept = append(kept, found[i])
		}
	}
	out := []*artifactJSON{}
	for _, a := range page(c, kept) {
		item, err := c.artifactOf(a)
		if err != nil {
			return nil, err
		}
		out = append(out, item)
	}
	return map[string]any{"total_count": len(kept), "artifacts": out}, nil
}

func (c *call) theArtifact() (*artifact, error) {
	id, err := strconv.ParseInt(c.r.PathValue("artifact"), 10, 64)
	a := c.st.artifacts[id]
	if err != nil || a == nil || a.job.attempt.run.repo != c.repo {
		return nil, errNotFound
	}
	for _, visible := range a.job.attempt.run.artifacts(c.now) {
		if visible == a {
			return a, nil
		}
	}
	return nil, errNotFound
}

func getArtifact(c *call) (any, error) {
	a, err := c.theArtifact()
	if err != nil {
		return nil, err
	}
	return c.artifactOf(a)
}

func deleteArtifact(c *call) (any, error) {
	a, err := c.theArtifact()
	if err != nil {
		return nil, err
	}
	if err := c.s.do(&opArtifact{Artifact: a.id}); err != nil {
		return nil, err
	}
	return with{http.StatusNoContent, nil}, nil
}

func downloadArtifact(c *call) (any, error) {
	a, err := c.theArtifact()
	if err != nil {
		return nil, err
	}
	if c.r.PathValue("format") != "zip" {
		return nil, errNotFound
	}
	if !c.now.Before(a.expires) {
		return nil, refused(http.StatusGone, "Artifact has expired")
	}
	return c.redirect(fmt.Sprintf("artifact/%d", a.id)), nil
}

func getJobLogs(c *call) (any, error) {
	j, err := c.theJob(c.r.PathValue("job"))
	if err != nil {
		return nil, err
	}
	if status, _ := j.state(c.now); status != "completed" || len(j.steps) == 0 {
		return nil, errNotFound // GitHub has no log before the job is over
	}
	return c.redirect(fmt.Sprintf("log/%d", j.id)), nil
}

func getRunLogs(c *call) (any, error) {
	r, err := c.theRun()
	if err != nil {
		return nil, err
	}
	a, err := c.theAttempt(r)
	if err != nil {
		return nil, err
	}
	if !a.over(c.now) {
		return nil, errNotFound
	}
	return c.redirect(fmt.Sprintf("logs/%d/%d", r.id, a.number)), nil
}

// redirect sends the client to a link that is good for a minute.
func (c *call) redirect(what string) with {
	expires := c.now.Add(linkLife).Unix()
	text := fmt.Sprintf("%s?se=%d", what, expires)
	c.header.Set("Location", fmt.Sprintf("%s/_blob/%s&sig=%s", c.s.base, text, url.QueryEscape(c.s.sign(text))))
	return with{http.StatusFound, nil}
}

// serveBlob answers the links of redirect. They need no token. GitHub's lead to another host, whose storage refuses
// GitHub's tokens; here a client that follows them rightly sends its token along, for the host is the same.
func (s *Server) serveBlob(w http.ResponseWriter, r *http.Request) {
	content, kind, status := s.blob(r)
	if status != http.StatusOK {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(status)
		content = []byte(`<?xml version="1.0" encoding="utf-8"?><Error><Code>` + kind + `</Code></Error>`)
	} else {
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Content-Length", strconv.Itoa(len(content)))
	}
	// A client that has gone away needs no answer.
	_, _ = w.Write(content)
}

func (s *Server) blob(r *http.Request) (content []byte, kind string, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance()
	what := strings.TrimPrefix(r.URL.Path, "/_blob/")
	q := r.URL.Query()
	text := what + "?se=" + q.Get("se")
	expires, err := strconv.ParseInt(q.Get("se"), 10, 64)
	if err != nil || !hmac.Equal([]byte(q.Get("sig")), []byte(s.sign(text))) || s.st.now.Unix() > expires {
		return nil, "AuthenticationFailed", http.StatusForbidden
	}
	parts := strings.Split(what, "/")
	id, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		return nil, "BlobNotFound", http.StatusNotFound
	}
	switch {
	case parts[0] == "artifact" && s.st.artifacts[id] != nil:
		a := s.st.artifacts[id]
		content, err = a.content()
		kind = "application/zip"
		if a.raw {
			kind = "application/octet-stream"
		}
	case parts[0] == "log" && s.st.jobs[id] != nil:
		return []byte(s.st.jobs[id].logText(s.st.now)), "text/plain; charset=utf-8", http.StatusOK
	case parts[0] == "logs" && s.st.runs[id] != nil:
		content, err = s.runLogs(s.st.runs[id], parts[2])
		kind = "application/zip"
	default:
		return nil, "BlobNotFound", http.StatusNotFound
	}
	if err != nil {
		return nil, "InternalError", http.StatusInternalServerError
	}
	return content, kind, http.StatusOK
}

// runLogs is the zip with one log for each job.
func (s *Server) runLogs(r *run, attempt string) ([]byte, error) {
	var files []zipFile
	for _, a := range r.attempts {
		if strconv.Itoa(a.number) != attempt {
			continue
		}
		for i, j := range a.jobs {
			if len(j.steps) > 0 {
				files = append(files, zipFile{name: fmt.Sprintf("%d_%s.txt", i, strings.ReplaceAll(j.spec.Name, "/", "_")),
					content: []byte(j.logText(s.st.now)), at: a.created})
			}
		}
	}
	return pack(files)
}
