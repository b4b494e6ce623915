package github

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func signedJWT(t *testing.T, key *rsa.PrivateKey, app int, at time.Time, life time.Duration) string {
	t.Helper()
	part := func(v any) string {
		raw, err := json.Marshal(v)
		require.NoError(t, err)
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	text := part(map[string]string{"alg": "RS256", "typ": "JWT"}) + "." + part(map[string]any{"iss": app, "iat": at.Unix(), "exp": at.Add(life).Unix()})
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	require.NoError(t, err)
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func TestForgedTokensAreRefused(t *testing.T) {
	p := start(t, "")
	token, err := p.mint("ghs_", issued{Expires: time.Now().Add(-time.Second).Unix()})
	require.NoError(t, err)
	for _, bad := range []string{token, "ghs_", "ghs_x.y", "a.b.c", "..", "eyJhbGciOiJub25lIn0.e30."} {
		answer, _ := p.raw("GET", "/repos/acme/payments", bad, "")
		assert.Equal(t, http.StatusUnauthorized, answer.StatusCode, bad)
	}
}

func TestControlIsForThisMachineOnly(t *testing.T) {
	p := start(t, "")
	answer, _ := p.raw("GET", "/_control/github/log", "", "", "Origin", "https://evil.example")
	assert.Equal(t, http.StatusForbidden, answer.StatusCode)
	r, err := http.NewRequest(http.MethodGet, p.url+"/_control/github/log", nil)
	require.NoError(t, err)
	r.Host = "evil.example"
	answer, err = http.DefaultClient.Do(r)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	assert.Equal(t, http.StatusForbidden, answer.StatusCode)
	answer, body := p.raw("GET", "/_control/github/log", "", "", "Origin", p.url)
	assert.Equal(t, http.StatusOK, answer.StatusCode)
	assert.JSONEq(t, `{"ok":true,"calls":[]}`, body)
}
