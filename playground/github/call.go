package github

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// maxBody is the largest request body that is read.
const maxBody = 4 << 20

// call is one request to the API while it is answered, with the lock held.
type call struct {
	s      *Server
	st     *state
	r      *http.Request
	who    *principal
	now    time.Time
	repo   *repo // of the path, visible to who
	body   []byte
	header http.Header // of the answer
}

// reply is a finished answer.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// with is a handler's answer with another status than 200.
type with struct {
	status int
	body   any // nil: none
}

// raw is an answer that is not JSON.
type raw struct {
	contentType string
	content     []byte
}

// handler answers a call with something to be sent as JSON, with, or raw.
type handler func(c *call) (any, error)

func jsonReply(status int, body any) *reply {
	r := &reply{status: status, header: http.Header{}}
	r.header.Set("Content-Type", "application/json; charset=utf-8")
	if body == nil {
		return r
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(body); err != nil {
		return &reply{status: http.StatusInternalServerError, header: http.Header{}, body: []byte(`{"message":"Server Error"}`)}
	}
	r.body = bytes.TrimRight(b.Bytes(), "\n")
	return r
}

func errorReply(e *apiError) *reply {
	out := *e
	out.Status = strconv.Itoa(e.status)
	if out.DocumentationURL == "" {
		out.DocumentationURL = "https://docs.github.com/rest"
	}
	return jsonReply(e.status, &out)
}

// serveAPI answers a request to the API: faults, limits, then the handler, then ETags; and logs it.
func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, `{"message":"Request body is too large"}`, http.StatusRequestEntityTooLarge)
		return
	}
	f := s.takeFault(r)
	if f != nil && f.DelayMS > 0 && !f.DropAnswer && !delay(r, time.Duration(f.DelayMS)*time.Millisecond) {
		return
	}
	answer, entry := s.answer(r, body, f)
	entry.DurationMS = float64(time.Since(started).Microseconds()) / 1000
	s.log(entry)
	if f != nil && f.DropAnswer {
		// The connection breaks after the deed: net/http does that for this panic, and logs nothing. A client that goes
		// away meanwhile is gone either way.
		_ = delay(r, time.Duration(f.DelayMS)*time.Millisecond)
		panic(http.ErrAbortHandler)
	}
	for name, values := range answer.header {
		w.Header()[name] = values
	}
	// Clients count from the answer's date to the moments that it names.
	w.Header().Set("Date", s.config.Clock.Now().UTC().Format(http.TimeFormat))
	w.WriteHeader(answer.status)
	if r.Method != http.MethodHead && answer.status != http.StatusNotModified && answer.status != http.StatusNoContent {
		// A client that has gone away needs no answer.
		_, _ = w.Write(answer.body)
	}
}

// delay waits by the machine's clock, as HTTP timeouts do; false when the client went away.
func delay(r *http.Request, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// answer computes the answer under the lock.
func (s *Server) answer(r *http.Request, body []byte, f *fault) (*reply, logged) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance()
	c := &call{s: s, st: s.st, r: r, now: s.st.now, body: body, header: http.Header{}}
	entry := logged{At: c.now, Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery, Fault: f != nil}
	if len(body) > 0 {
		entry.Body = string(body[:min(len(body), 4096)])
	}
	who, err := s.authenticate(r)
	if err != nil {
		answer := errorReply(asAPIError(err))
		entry.Status = answer.status
		return answer, entry
	}
	c.who, entry.Login = who, who.login
	b := s.budgetOf(who, c.now)
	free := r.URL.Path == "/rate_limit"
	answer := f.reply(b, c.now)
	if answer == nil && !free {
		answer = s.exhausted(b, r.Method, c.now)
	}
	if answer == nil {
		answer = c.run()
		c.tag(answer)
		// GitHub: an authorised conditional request that is answered 304 does not count.
		if entry.Counted = !free && (answer.status != http.StatusNotModified || who.kind == "anonymous"); entry.Counted {
			b.used++
		}
	}
	entry.Status = answer.status
	c.common(answer, b)
	return answer, entry
}

// run finds the handler and asks it.
func (c *call) run() *reply {
	if c.r.Header.Get("User-Agent") == "" {
		return errorReply(&apiError{status: http.StatusForbidden, Message: "Request forbidden by administrative rules. Please make sure " +
			"your request has a User-Agent header (https://docs.github.com/en/rest/overview/resources-in-the-rest-api#user-agent-required)."})
	}
	found := &finder{header: http.Header{}}
	c.byID()
	c.s.api.ServeHTTP(found, c.r)
	if found.endpoint == nil {
		return errorReply(errNotFound)
	}
	var result any
	err := c.allowed(found.endpoint)
	if err == nil {
		result, err = found.endpoint.handle(c)
	}
	if err != nil {
		var known *apiError
		if !errors.As(err, &known) {
			known = asAPIError(err)
		}
		return merge(errorReply(known), c.header)
	}
	switch v := result.(type) {
	case with:
		return merge(jsonReply(v.status, v.body), c.header)
	case raw:
		out := &reply{status: http.StatusOK, header: http.Header{}, body: v.content}
		out.header.Set("Content-Type", v.contentType)
		return merge(out, c.header)
	default:
		return merge(jsonReply(http.StatusOK, v), c.header)
	}
}

func merge(r *reply, h http.Header) *reply {
	for name, values := range h {
		r.header[name] = values
	}
	return r
}

// allowed finds the path's repository and checks the endpoint's permission. What cannot be seen does not exist.
func (c *call) allowed(e *endpoint) error {
	if owner := c.r.PathValue("owner"); owner != "" {
		c.repo = c.st.repo(owner + "/" + c.r.PathValue("repo"))
		if c.repo == nil {
			if err := c.moved(owner + "/" + c.r.PathValue("repo")); err != nil {
				return err
			}
		}
		// An app finds its installation by repository without seeing into it.
		if c.repo == nil || !c.who.sees(c.repo) && c.who.kind != "app" {
			return errNotFound
		}
	}
	switch {
	case e.app && c.who.kind != "app":
		return refused(http.StatusUnauthorized, "A JSON web token could not be decoded")
	case e.app:
		return nil
	case c.who.kind == "app":
		return refused(http.StatusForbidden, "Resource not accessible by integration")
	}
	if err := c.require(e.permission); err != nil {
		return err
	}
	if c.repo != nil && c.repo.archived && strings.HasSuffix(e.permission, ":write") {
		return refused(http.StatusForbidden, "Repository was archived so is read-only.")
	}
	return nil
}

// moved sends who asks for a repository by an earlier name to the one by its id, as GitHub does.
func (c *call) moved(slug string) error {
	id := c.st.renamed[strings.ToLower(slug)]
	r := c.st.repoByID(id)
	if r == nil || !c.who.sees(r) {
		return nil
	}
	to := fmt.Sprintf("%s/api/v3/repositories/%d%s", c.s.base, id, c.r.URL.EscapedPath()[len("/repos/"+slug):])
	if c.r.URL.RawQuery != "" {
		to += "?" + c.r.URL.RawQuery
	}
	c.header.Set("Location", to)
	if c.r.Method == http.MethodGet || c.r.Method == http.MethodHead {
		return &apiError{status: http.StatusMovedPermanently, Message: "Moved Permanently", URL: to}
	}
	return &apiError{status: http.StatusTemporaryRedirect, Message: "Temporary Redirect", URL: to}
}

// byID lets every path under a repository be asked for by the repository's id too, which is where moved leads.
func (c *call) byID() {
	rest, ok := strings.CutPrefix(c.r.URL.Path, "/repositories/")
	if !ok {
		return
	}
	id, rest, ok := strings.Cut(rest, "/")
	n, err := strconv.ParseInt(id, 10, 64)
	if r := c.st.repoByID(n); ok && err == nil && r != nil {
		c.r = c.r.Clone(c.r.Context())
		c.r.URL.Path, c.r.URL.RawPath = "/repos/"+r.slug()+"/"+rest, ""
	}
}

// require refuses who lacks a permission, and tells which it is.
func (c *call) require(permission string) error {
	if permission == "" || c.who.may(permission) {
		return nil
	}
	c.header.Set("X-Accepted-Github-Permissions", strings.Replace(permission, ":", "=", 1))
	return c.who.refusal()
}

// endpoint is a row of the API's table.
type endpoint struct {
	permission string // such as actions:write; empty: none
	app        bool   // for the app itself, by its JSON Web Token
	handle     handler
}

// finder is a ResponseWriter that only learns which endpoint the mux has found: the mux fills in the values of the
// path, the answer is made elsewhere.
type finder struct {
	header   http.Header
	endpoint *endpoint
}

func (f *finder) Header() http.Header         { return f.header }
func (f *finder) Write(b []byte) (int, error) { return len(b), nil }
func (f *finder) WriteHeader(int)             {}

// ServeHTTP implements http.Handler for finder alone.
func (e *endpoint) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	if f, ok := w.(*finder); ok {
		f.endpoint = e
	}
}

// tag gives a successful read its ETag and turns it into 304 when the client has it already. Tags vary with who asks.
func (c *call) tag(a *reply) {
	if a.status != http.StatusOK || c.r.Method != http.MethodGet && c.r.Method != http.MethodHead {
		return
	}
	sum := sha256.Sum256(append([]byte(c.who.key+"\x00"+c.r.Header.Get("Accept")+"\x00"), a.body...))
	etag := `W/"` + hex.EncodeToString(sum[:]) + `"`
	a.header.Set("Etag", etag)
	for _, known := range strings.Split(c.r.Header.Get("If-None-Match"), ",") {
		if strings.TrimPrefix(strings.TrimSpace(known), "W/") == strings.TrimPrefix(etag, "W/") {
			a.status = http.StatusNotModified
			a.header.Del("Content-Type")
		}
	}
}

// common sets the headers that every answer has.
func (c *call) common(a *reply, b *budget) {
	b.headers(a.header)
	if a.header.Get("X-Fault-Limit") != "" { // a fault that plays an exhausted limit
		a.header.Set("X-Ratelimit-Remaining", "0")
		a.header.Set("X-Ratelimit-Used", strconv.Itoa(b.limit))
		a.header.Set("X-Ratelimit-Reset", a.header.Get("X-Fault-Limit"))
		a.header.Del("X-Fault-Limit")
	}
	c.s.lastCall++
	a.header.Set("X-Github-Request-Id", fmt.Sprintf("B311:%X:%X", c.s.lastCall, c.now.UnixNano()))
	a.header.Set("X-Github-Media-Type", "github.v3; format=json")
	a.header.Set("Cache-Control", "private, max-age=60, s-maxage=60")
	a.header.Set("Vary", "Accept, Authorization, Cookie, Accept-Encoding, Accept, X-Requested-With")
	if c.who != nil && c.who.scopes != "" {
		a.header.Set("X-Oauth-Scopes", c.who.scopes)
	}
	if !c.s.options.ReturnRunDetails {
		a.header.Set("X-Github-Enterprise-Version", "3.16.0")
	}
}

// decode reads the body as a JSON object.
func (c *call) decode(into any) error {
	if len(bytes.TrimSpace(c.body)) == 0 {
		return nil
	}
	if err := json.Unmarshal(c.body, into); err != nil {
		var kind *json.UnmarshalTypeError
		if errors.As(err, &kind) && kind.Field != "" {
			return refused(http.StatusUnprocessableEntity, "Invalid request.\n\nFor '%s', %s is not allowed.", kind.Field, kind.Value)
		}
		return refused(http.StatusBadRequest, "Problems parsing JSON")
	}
	return nil
}

// page cuts the page out of a list that was asked for and sets the Link header. GitHub: 30 a page, 100 at most.
func page[T any](c *call, list []T) []T {
	q := c.r.URL.Query()
	size := atLeast(q.Get("per_page"), 30)
	size = min(size, 100)
	number := atLeast(q.Get("page"), 1)
	last := max(1, (len(list)+size-1)/size)
	link := func(n int, rel string) string {
		u := url.URL{Path: c.r.URL.Path, RawPath: c.r.URL.RawPath}
		q.Set("page", strconv.Itoa(n))
		u.RawQuery = q.Encode()
		return fmt.Sprintf(`<%s/api/v3%s>; rel="%s"`, c.s.base, u.String(), rel)
	}
	var links []string
	if number > 1 {
		links = append(links, link(min(number-1, last), "prev"))
	}
	if number < last {
		links = append(links, link(number+1, "next"), link(last, "last"))
	}
	if number > 1 {
		links = append(links, link(1, "first"))
	}
	if len(links) > 0 {
		c.header.Set("Link", strings.Join(links, ", "))
	}
	from := min((number-1)*size, len(list))
	return list[from:min(from+size, len(list))]
}

func atLeast(text string, otherwise int) int {
	if n, err := strconv.Atoi(text); err == nil && n >= 1 {
		return n
	}
	return otherwise
}
