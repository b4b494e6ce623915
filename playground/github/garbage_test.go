package github

import (
	"encoding/base64"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	routePattern = regexp.MustCompile(`"(GET|POST|PUT|PATCH|DELETE) "\+(repo|actions)(?:\+"([^"]*)")?|"(GET|POST) (/[^"]*)"`)
	pathValue    = regexp.MustCompile(`\{([a-z]+)(\.\.\.)?\}`)
)

// Whatever a client asks for, it gets an answer that says what is wrong with it.
func TestGarbageIsAnswered(t *testing.T) {
	p := start(t, "")
	source, err := os.ReadFile("routes.go")
	require.NoError(t, err)
	asked := 0
	for _, m := range routePattern.FindAllStringSubmatch(string(source), -1) {
		method, path := m[1], map[string]string{"repo": "/repos/acme/payments", "actions": "/repos/acme/payments/actions"}[m[2]]+m[3]
		if m[2] == "" {
			method, path = m[4], m[5]
		}
		for _, garbage := range []string{"-1", "99999999999999999999", "%00", "%2e%2e", "main...z", "$(id)", "<!channel>"} {
			url := pathValue.ReplaceAllString(path, strings.ReplaceAll(garbage, "$", "$$"))
			for _, query := range []string{"", "?page=-1&per_page=abc&created=nonsense&since=then&ref=%00&status=x", "?page=99999&per_page=100"} {
				for _, body := range []string{"", "{}", "[]", `{"ref":5}`, `{"sha":null,"content":"=","inputs":[]}`} {
					if method == http.MethodGet && body != "" {
						continue
					}
					asked++
					answer, text := p.raw(method, url+query, "ghp_demo", body)
					assert.Less(t, answer.StatusCode, 500, "%s %s %s: %s", method, url+query, body, text)
					if answer.StatusCode >= 400 {
						assert.Contains(t, text, `"message":`, "%s %s", method, url)
					}
				}
			}
		}
	}
	assert.Greater(t, asked, 1000)
}

// A repository without a commit is answered for everywhere.
func TestAnEmptyRepositoryIsAnsweredFor(t *testing.T) {
	p := start(t, "")
	require.Equal(t, true, p.post("repo", map[string]any{"name": "hollow", "empty": true, "team": "identity"})["ok"])
	source, err := os.ReadFile("routes.go")
	require.NoError(t, err)
	asked := 0
	for _, m := range routePattern.FindAllStringSubmatch(string(source), -1) {
		path, ok := map[string]string{"repo": "/repos/acme/hollow", "actions": "/repos/acme/hollow/actions"}[m[2]]
		if !ok {
			continue
		}
		for _, value := range []string{"main", "1", "main...main"} {
			asked++
			answer, text := p.raw(m[1], pathValue.ReplaceAllString(path+m[3], value), "ghp_demo", `{"ref":"refs/heads/x","head":"main","base":"main","message":"x","title":"x"}`)
			assert.Less(t, answer.StatusCode, 500, "%s %s: %s", m[1], path+m[3], text)
		}
	}
	assert.Greater(t, asked, 150)
	for _, page := range []string{"", "/tree/main", "/commits/main", "/pulls", "/actions", "/blob/main/README.md"} {
		answer, _ := p.raw("GET", "/acme/hollow"+page, "", "")
		assert.Less(t, answer.StatusCode, 500, page)
	}
	p.after(24 * time.Hour) // in which CI goes on elsewhere
	// The first file makes its branch.
	content := base64.StdEncoding.EncodeToString([]byte("# Hollow\n"))
	answer, text := p.raw("PUT", "/repos/acme/hollow/contents/README.md", "ghp_demo", `{"message":"Begin","content":"`+content+`"}`)
	assert.Equal(t, http.StatusCreated, answer.StatusCode, text)
	answer, _ = p.raw("GET", "/repos/acme/hollow/git/ref/heads/main", "ghp_demo", "")
	assert.Equal(t, http.StatusOK, answer.StatusCode)
}

// Nor does anything that is said to the control endpoints end in silence.
func TestGarbageIsAnsweredByTheControl(t *testing.T) {
	p := start(t, "")
	source, err := os.ReadFile("control.go")
	require.NoError(t, err)
	paths := regexp.MustCompile(`"([a-z/]+)": control`).FindAllStringSubmatch(string(source), -1)
	assert.Greater(t, len(paths), 14)
	for _, m := range paths {
		for _, body := range []string{"", "{}", "[]", "null", `{"repo":"acme/payments"}`, `{"repo":"","name":"","login":""}`, `{"name":"../x","login":"..","team":"x","path":"/"}`,
			`{"login":"x","repos":-1,"archived":-1,"teams":-1,"people":-5}`, `{"path":"x","repeat":-1,"status":-1}`} {
			answer, text := p.raw("POST", "/_control/github/"+m[1], "", body)
			assert.Less(t, answer.StatusCode, 500, "%s %s: %s", m[1], body, text)
			assert.Contains(t, text, `"ok":`, "%s %s", m[1], body)
		}
	}
	answer, _ := p.raw("GET", "/_web/x", "", "")
	assert.Equal(t, http.StatusNotFound, answer.StatusCode, "what was refused is not there")
}
