package github

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const deviceGrant = "urn:ietf:params:oauth:grant-type:device_code"

// oauth posts a form and gives the JSON answer.
func (p *playground) oauth(path string, form url.Values) (int, map[string]any) {
	p.t.Helper()
	answer, body := p.raw("POST", "/login/"+path, "", form.Encode(), "Content-Type", "application/x-www-form-urlencoded", "Accept", "application/json")
	var out map[string]any
	require.NoError(p.t, json.Unmarshal([]byte(body), &out), body)
	return answer.StatusCode, out
}

func (p *playground) poll(code any) map[string]any {
	p.t.Helper()
	status, out := p.oauth("oauth/access_token", url.Values{"client_id": {"Iv23demo"}, "device_code": {code.(string)}, "grant_type": {deviceGrant}})
	assert.Equal(p.t, http.StatusOK, status)
	return out
}

func (p *playground) begin() map[string]any {
	p.t.Helper()
	status, out := p.oauth("device/code", url.Values{"client_id": {"Iv23demo"}})
	require.Equal(p.t, http.StatusOK, status)
	return out
}

func TestDeviceFlow(t *testing.T) {
	p := start(t, "")
	begun := p.begin()
	assert.Regexp(t, `^[A-Z]{4}-[A-Z]{4}$`, begun["user_code"])
	assert.EqualValues(t, 5, begun["interval"])
	assert.EqualValues(t, 900, begun["expires_in"])
	assert.Equal(t, p.url+"/login/device", begun["verification_uri"])
	code := begun["device_code"]

	assert.Equal(t, "authorization_pending", p.poll(code)["error"])
	slower := p.poll(code)
	assert.Equal(t, "slow_down", slower["error"], "asked again at once")
	assert.EqualValues(t, 10, slower["interval"])
	p.after(10 * time.Second)
	assert.Equal(t, "authorization_pending", p.poll(code)["error"])

	assert.Contains(t, p.post("device", map[string]any{"user_code": "AAAA-AAAA", "login": "alice"})["error"], "not valid")
	assert.Contains(t, p.post("device", map[string]any{"login": "nobody"})["error"], "nobody is called")
	typed := strings.ToLower(strings.ReplaceAll(begun["user_code"].(string), "-", ""))
	require.Equal(t, true, p.post("device", map[string]any{"user_code": typed, "login": "alice"})["ok"])
	p.after(10 * time.Second)
	given := p.poll(code)
	token, _ := given["access_token"].(string)
	require.Regexp(t, "^ghu_", token, given)
	assert.Equal(t, "incorrect_device_code", p.poll(code)["error"], "a code is good once")

	me, _, err := p.as(token).Users.Get(context.Background(), "")
	require.NoError(t, err)
	assert.Equal(t, "alice", me.GetLogin())
	answer, _ := p.raw("GET", "/repos/acme/payments", token, "")
	assert.Equal(t, http.StatusNotFound, answer.StatusCode, "it says who somebody is, and opens nothing")
}

func TestDeviceFlowRefusals(t *testing.T) {
	p := start(t, "")
	status, out := p.oauth("device/code", url.Values{"client_id": {"nope"}})
	assert.Equal(t, http.StatusNotFound, status)
	assert.Equal(t, "Not Found", out["error"])

	denied := p.begin()
	require.Equal(t, true, p.post("device", map[string]any{"login": "bob", "deny": true})["ok"])
	assert.Equal(t, "access_denied", p.poll(denied["device_code"])["error"])

	late := p.begin()
	p.after(15 * time.Minute)
	assert.Equal(t, "expired_token", p.poll(late["device_code"])["error"])
	assert.Equal(t, false, p.post("device", map[string]any{"login": "bob"})["ok"], "too late to type it")

	for form, code := range map[string]string{"client_id=nope": "incorrect_client_credentials", "client_id=Iv23demo&grant_type=password": "unsupported_grant_type",
		"client_id=Iv23demo&device_code=x&grant_type=" + url.QueryEscape(deviceGrant): "incorrect_device_code"} {
		ask, err := url.ParseQuery(form)
		require.NoError(t, err)
		_, out := p.oauth("oauth/access_token", ask)
		assert.Equal(t, code, out["error"])
	}
	require.Equal(t, true, p.post("options", map[string]any{"device_flow": false})["ok"])
	status, out = p.oauth("device/code", url.Values{"client_id": {"Iv23demo"}})
	assert.Equal(t, http.StatusBadRequest, status)
	assert.Equal(t, "device_flow_disabled", out["error"])
}

func TestDeviceFlowAnswersAsAForm(t *testing.T) {
	p := start(t, "")
	_, body := p.raw("POST", "/login/device/code?client_id=Iv23demo", "", "")
	form, err := url.ParseQuery(body)
	require.NoError(t, err)
	assert.Len(t, form.Get("device_code"), 40)
	assert.Equal(t, "900", form.Get("expires_in"))
}

func TestDevicePage(t *testing.T) {
	p := start(t, "")
	_, page := p.raw("GET", "/login/device", "", "")
	assert.Contains(t, page, "<option>alice</option>")
	code := p.begin()["user_code"].(string)
	send := func(form url.Values, header ...string) string {
		_, page := p.raw("POST", "/login/device", "", form.Encode(), append(header, "Content-Type", "application/x-www-form-urlencoded")...)
		return page
	}
	assert.Contains(t, send(url.Values{"user_code": {""}, "login": {"alice"}}), "the code is not valid")
	assert.Contains(t, send(url.Values{"user_code": {`<b>`}, "login": {"alice"}}), "&lt;b&gt;")
	assert.Contains(t, send(url.Values{"user_code": {code}, "login": {"alice"}}, "Origin", "https://evil.example"), "only pages of this machine")
	assert.Contains(t, send(url.Values{"user_code": {code}, "login": {"alice"}}), "Connected")
	assert.Contains(t, send(url.Values{"user_code": {code}, "login": {"alice"}}), "the code is not valid", "it was typed already")
}

func TestPlainFilesOnTheWeb(t *testing.T) {
	p := start(t, "")
	put := p.post("web", map[string]any{"path": "catalog/all.yaml", "content": "kind: Component\n"})
	assert.Equal(t, p.url+"/_web/catalog/all.yaml", put["url"])
	answer, body := p.raw("GET", "/_web/catalog/all.yaml", "", "")
	assert.Equal(t, "kind: Component\n", body)
	answer, _ = p.raw("GET", "/_web/catalog/all.yaml", "", "", "If-None-Match", answer.Header.Get("Etag"))
	assert.Equal(t, http.StatusNotModified, answer.StatusCode)
	p.post("web", map[string]any{"path": "away", "redirect": "http://169.254.169.254/"})
	answer, _ = p.raw("GET", "/_web/away", "", "")
	assert.Equal(t, http.StatusFound, answer.StatusCode)
	assert.Equal(t, "http://169.254.169.254/", answer.Header.Get("Location"))
	p.post("web", map[string]any{"path": "large", "content": "0123456789", "repeat": 1000})
	_, body = p.raw("GET", "/_web/large", "", "")
	assert.Len(t, body, 10_000)
	p.post("web", map[string]any{"path": "away", "delete": true})
	answer, _ = p.raw("GET", "/_web/away", "", "")
	assert.Equal(t, http.StatusNotFound, answer.StatusCode)
}
