package github

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPages(t *testing.T) {
	p := start(t, "")
	id := p.deploy("feature-x", "deploy")
	waits := p.deploy("needs-review", "deploy")
	p.after(4 * tick)
	_, moving := p.raw("GET", fmt.Sprintf("/acme/platform/actions/runs/%d", id), "", "")
	assert.Contains(t, moving, `data-moving="true"`)
	assert.Contains(t, moving, "build image")
	p.after(20 * tick)
	hostile := p.post("push", map[string]any{"repo": "acme/payments", "branch": "x/<b>&amp;", "message": "<script>alert(1)</script>", "author": "bob"})
	require.Equal(t, true, hostile["ok"], hostile)
	for path, want := range map[string]string{
		"/acme":                                              "payments",
		"/acme/payments":                                     "Retry vouchers",
		"/acme/payments/tree/feature-x":                      "Tell why a voucher was refused",
		"/acme/payments/commits/feature-x":                   "Tell why a voucher was refused",
		"/acme/payments/pull/482":                            "feature-x",
		"/acme/payments/pulls":                               "#482 Retry vouchers",
		"/acme/payments/compare/main...feature-x":            "ahead",
		"/acme/payments/blob/fix/Rounding-EUR/README.md":     "# Payments",
		"/acme/payments/actions":                             "failure",
		fmt.Sprintf("/acme/platform/actions/runs/%d", id):    "smoke test",
		fmt.Sprintf("/acme/platform/actions/runs/%d", waits): "Approve",
		"/acme/payments/commit/" + hostile["sha"].(string):   "&lt;script&gt;",
		"/_env/payments-preview-feature-x":                   "feature-x",
		"/orgs/acme/teams/team-ledger":                       "carol",
		"/alice":                                             "Alice Moreau",
		"/acme/-/page.css":                                   "color-scheme",
		"/acme/-/avatars/1":                                  "<svg",
	} {
		answer, body := p.raw("GET", path, "", "", "Accept", "text/html")
		assert.Equal(t, http.StatusOK, answer.StatusCode, path)
		assert.Contains(t, body, want, path)
		assert.NotContains(t, body, "<script>alert", path)
		assert.False(t, strings.Contains(body, "ZgotmplZ"), path)
	}
	for _, path := range []string{"/acme/nope", "/acme/payments/commit/nope", "/acme/payments/pull/x", "/acme/payments/actions/runs/1", "/acme/payments/zzz",
		"/_env/nothing", "/acme/payments/blob/main/nope", "/acme/payments/issues/1", "/acme/payments/compare/a...b", "/acme/payments/tree/nope"} {
		answer, _ := p.raw("GET", path, "", "")
		assert.Equal(t, http.StatusNotFound, answer.StatusCode, path)
	}
	p.deploy("feature-x", "destroy")
	p.after(20 * tick)
	answer, body := p.raw("GET", "/_env/payments-preview-feature-x", "", "")
	assert.Equal(t, http.StatusGone, answer.StatusCode)
	assert.Contains(t, body, "Nothing is deployed here")
}
