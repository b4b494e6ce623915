package github

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"
)

//go:embed pages
var pageFiles embed.FS

// crumb is a link.
type crumb struct{ Text, Href string }

// view is what the layout of every page shows.
type view struct {
	Title  string
	Org    string
	Crumbs []crumb
	Now    string
	Moving bool // looks at itself again every second
	Body   any

	template string
	status   int
}

// parsePages reads the templates once for a server.
func parsePages() (*template.Template, error) {
	t, err := template.New("").Funcs(template.FuncMap{"symbol": symbol, "words": words}).ParseFS(pageFiles, "pages/pages.html")
	if err != nil {
		return nil, fmt.Errorf("read the pages: %w", err)
	}
	return t, nil
}

func symbol(state string) string {
	switch state {
	case "success":
		return "✓"
	case "failure", "timed_out", "startup_failure", "error":
		return "✗"
	case "in_progress":
		return "●"
	case "queued", "pending", "waiting", "action_required":
		return "◌"
	default:
		return "–"
	}
}

func words(state string) string { return strings.ReplaceAll(state, "_", " ") }

// servePage answers the pages that links lead to.
func (s *Server) servePage(w http.ResponseWriter, r *http.Request) {
	if name, ok := strings.CutPrefix(r.URL.Path, "/"+s.config.World.Org+"/-/"); ok && s.static(w, name) {
		return
	}
	var b bytes.Buffer
	s.mu.Lock()
	s.advance()
	p := &pager{st: s.st, now: s.st.now, call: &call{s: s, st: s.st, now: s.st.now, who: &principal{kind: "user", access: "admin"}}}
	v := p.find(r)
	v.Org, v.Now = s.config.World.Org, s.st.now.Format(pageTime)
	err := s.pages.ExecuteTemplate(&b, v.template, v)
	s.mu.Unlock()
	s.sendPage(w, v.status, &b, err)
}

// pageTime is how pages tell the playground's time.
const pageTime = "Mon 2 Jan 15:04:05 UTC"

// sendPage sends a page that was made, or says that it could not be.
func (s *Server) sendPage(w http.ResponseWriter, status int, b *bytes.Buffer, err error) {
	if err != nil {
		s.config.Log.Error().Err(err).Msg("make a page of the GitHub playground")
		http.Error(w, "this page could not be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	// A browser that has gone away needs no page.
	_, _ = w.Write(b.Bytes())
}

// static serves the style sheet, the script, and a picture for every account.
func (s *Server) static(w http.ResponseWriter, name string) bool {
	var kind string
	var content []byte
	switch {
	case name == "page.css":
		kind = "text/css; charset=utf-8"
	case name == "page.js":
		kind = "text/javascript; charset=utf-8"
	case strings.HasPrefix(name, "avatars/"):
		hue := int(360 * chance(name))
		kind, content = "image/svg+xml", fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8" fill="hsl(%d 45%% 55%%)"/>`+
			`<circle cx="4" cy="3" r="1.6" fill="#fff"/><path d="M1 8a3 3 0 0 1 6 0" fill="#fff"/></svg>`, hue)
	default:
		return false
	}
	if content == nil {
		var err error
		if content, err = pageFiles.ReadFile("pages/" + name); err != nil {
			return false
		}
	}
	w.Header().Set("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "max-age=60")
	// A browser that has gone away needs no file.
	_, _ = w.Write(content)
	return true
}

// pager makes one page, with the lock held.
type pager struct {
	st   *state
	now  time.Time
	call *call
	repo *repo
}

func (p *pager) missing(what string) view {
	return view{Title: "Not found", template: "missing", Body: what, status: http.StatusNotFound, Crumbs: p.crumbs()}
}

func (p *pager) crumbs(more ...crumb) []crumb {
	home := p.st.world.Org
	if p.repo != nil {
		home = p.repo.owner
	}
	out := []crumb{{home, "/" + home}}
	if p.repo != nil {
		out = append(out, crumb{p.repo.name, "/" + p.repo.slug()}, crumb{"runs", "/" + p.repo.slug() + "/actions"})
	}
	return append(out, more...)
}

// find makes the page of a path.
func (p *pager) find(r *http.Request) view {
	path := strings.Trim(r.URL.Path, "/")
	if name, ok := strings.CutPrefix(path, "_env/"); ok {
		return p.environment(name)
	}
	parts := strings.SplitN(path, "/", 4)
	if len(parts) == 1 {
		return p.owner(parts[0])
	}
	if len(parts) == 4 && parts[0] == "orgs" && parts[2] == "teams" {
		return p.team(parts[1], parts[3])
	}
	p.repo = p.st.repo(parts[0] + "/" + parts[1])
	if p.repo == nil {
		return p.missing("There is no such repository.")
	}
	p.call.repo = p.repo
	rest := ""
	if len(parts) == 4 {
		rest = parts[3]
	}
	what := "tree"
	if len(parts) > 2 {
		what = parts[2]
	}
	switch what {
	case "tree":
		return p.repository(rest)
	case "blob", "raw":
		return p.file(rest)
	case "commit":
		return p.commit(rest)
	case "commits":
		return p.commits(rest)
	case "pull":
		return p.pull(rest)
	case "pulls":
		return p.pulls()
	case "issues":
		return p.issue(rest)
	case "compare":
		return p.compare(rest)
	case "actions":
		return p.actions(rest)
	case "deployments":
		return p.actions("")
	default:
		return p.missing("There is no such page.")
	}
}
