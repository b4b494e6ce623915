package github

import (
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"bellhop/clock"
	"bellhop/docs"

	gh "github.com/google/go-github/v60/github"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
)

// demoFiles are the demo company's, read from their folder: siblings do not import each other.
var demoFiles = sync.OnceValues(func() (World, error) {
	files := fstest.MapFS{}
	folder := os.DirFS("../demo/github")
	err := fs.WalkDir(folder, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(folder, path)
		files[path] = &fstest.MapFile{Data: content}
		return err
	})
	if err != nil {
		return World{}, err
	}
	files["files/platform/dot-github/workflows/deploy-env.yml"] = &fstest.MapFile{Data: docs.DeployWorkflow()}
	return ParseWorld(files)
})

// wholeWorld is the demo company with all its repositories.
func wholeWorld(t testing.TB) World {
	t.Helper()
	w, err := demoFiles()
	require.NoError(t, err)
	w.Repos = slices.Clone(w.Repos)
	return w
}

// tick is what a second of a deployment takes in the tests: the clock goes on by itself, and a busy machine is slow.
const tick = time.Minute

// demoWorld is a part of the company that is enough for most tests, and sooner there; its runs are slow.
func demoWorld(t testing.TB) World {
	w := wholeWorld(t)
	w.Pace = float64(tick / time.Second)
	w.Repos = slices.DeleteFunc(w.Repos, func(r RepoRules) bool {
		return !slices.Contains([]string{"platform", "payments", "cart", "checkout", "invoices", "deploy-tools"}, r.Name)
	})
	return w
}

// playground is a server on loopback with its client.
type playground struct {
	*Server
	t      testing.TB
	clock  *clock.Adjustable
	url    string
	client *gh.Client
	dir    string
}

func start(t testing.TB, dir string) *playground {
	t.Helper()
	return startWith(t, dir, demoWorld(t))
}

func startWith(t testing.TB, dir string, w World) *playground {
	t.Helper()
	p := &playground{t: t, clock: &clock.Adjustable{}, dir: dir}
	mux := http.NewServeMux()
	listener := httptest.NewServer(mux)
	t.Cleanup(listener.Close)
	p.url = listener.URL
	var err error
	p.Server, err = New(Config{Clock: p.clock, World: w, Dir: dir, BaseURL: p.url, Log: zerolog.Nop()})
	require.NoError(t, err)
	p.Register(mux)
	p.client = p.as("ghp_demo")
	return p
}

func (p *playground) as(token string) *gh.Client {
	client := gh.NewClient(nil)
	if token != "" {
		client = client.WithAuthToken(token)
	}
	client, err := client.WithEnterpriseURLs(p.url+"/api/v3/", p.url)
	require.NoError(p.t, err)
	return client
}

// after moves the clock.
func (p *playground) after(d time.Duration) { require.NoError(p.t, p.clock.Advance(d)) }

// post asks a control endpoint.
func (p *playground) post(path string, body any) map[string]any {
	p.t.Helper()
	raw, err := json.Marshal(body)
	require.NoError(p.t, err)
	answer, err := http.Post(p.url+"/_control/github/"+path, "application/json", strings.NewReader(string(raw)))
	require.NoError(p.t, err)
	defer answer.Body.Close()
	var out map[string]any
	require.NoError(p.t, json.NewDecoder(answer.Body).Decode(&out))
	return out
}

// raw makes a plain request to the API.
func (p *playground) raw(method, path, token, body string, header ...string) (*http.Response, string) {
	p.t.Helper()
	r, err := http.NewRequest(method, p.url+path, strings.NewReader(body))
	require.NoError(p.t, err)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(r)
	require.NoError(p.t, err)
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	require.NoError(p.t, err)
	return answer, string(content)
}
