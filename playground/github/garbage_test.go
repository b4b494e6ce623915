package github

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

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
