package github

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

// principal is who asks.
type principal struct {
	kind        string // anonymous, user, app or installation
	key         string // what limits and ETags go by
	login       string
	access      string            // of a user's token: none, read, write, admin
	permissions map[string]string // of an installation or a fine-grained token; nil: all that access allows
	scopes      string
	owner       string   // of an installation: the organisation that it is in, and the only one it knows of
	repos       []string // an installation token may be for some repositories only
}

// errBadCredentials is what every credential that is not good gets, without a reason: as on GitHub.
var errBadCredentials = &apiError{status: http.StatusUnauthorized, Message: "Bad credentials", DocumentationURL: "https://docs.github.com/rest"}

// authenticate finds out who asks. Credentials go by the machine's own time, not by the playground's clock: the client
// libraries that make and renew them know no other.
func (s *Server) authenticate(r *http.Request) (*principal, error) {
	header := r.Header.Get("Authorization")
	token := ""
	if kind, rest, ok := strings.Cut(header, " "); ok && (strings.EqualFold(kind, "bearer") || strings.EqualFold(kind, "token")) {
		token = strings.TrimSpace(rest)
	} else if _, password, ok := r.BasicAuth(); ok {
		token = password
	} else if header == "" {
		return &principal{kind: "anonymous", key: "anonymous", access: "none"}, nil
	}
	if strings.HasPrefix(token, "ghs_") || strings.HasPrefix(token, "ghu_") {
		return s.issuedTo(token)
	}
	if strings.Count(token, ".") == 2 {
		return s.appByJWT(token)
	}
	for _, t := range s.config.World.Tokens {
		if t.Token == token && token != "" {
			return &principal{kind: "user", key: t.Token, login: t.Login, access: t.Access, permissions: t.Permissions, scopes: t.Scopes}, nil
		}
	}
	return nil, errBadCredentials
}

// appKey is the private key of the GitHub App, made when first asked for: keys do not belong into a repository.
type appKey struct {
	mu   sync.Mutex
	file string // "" keeps it in memory only
	key  *rsa.PrivateKey
	pem  []byte
}

func (k *appKey) get() (*rsa.PrivateKey, []byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.key != nil {
		return k.key, k.pem, nil
	}
	if raw, err := os.ReadFile(k.file); k.file != "" && err == nil {
		block, _ := pem.Decode(raw)
		if block == nil {
			return nil, nil, fmt.Errorf("%s holds no PEM", k.file)
		}
		if k.key, err = x509.ParsePKCS1PrivateKey(block.Bytes); err != nil {
			return nil, nil, fmt.Errorf("read the app's key: %w", err)
		}
		k.pem = raw
		return k.key, k.pem, nil
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, nil, fmt.Errorf("make the app's key: %w", err)
	}
	raw := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	if k.file != "" {
		if err := os.WriteFile(k.file, raw, 0o600); err != nil {
			return nil, nil, fmt.Errorf("keep the app's key: %w", err)
		}
	}
	k.key, k.pem = key, raw
	return key, raw, nil
}

// appByJWT checks a JSON Web Token as GitHub does: RS256, issued by the app, valid for ten minutes at most.
func (s *Server) appByJWT(token string) (*principal, error) {
	refuse := func(message string) (*principal, error) {
		return nil, &apiError{status: http.StatusUnauthorized, Message: message, DocumentationURL: "https://docs.github.com/rest"}
	}
	parts := strings.Split(token, ".")
	var header struct {
		Alg string `json:"alg"`
	}
	var claims struct {
		Issuer   any     `json:"iss"`
		IssuedAt float64 `json:"iat"`
		Expires  float64 `json:"exp"`
	}
	if decodePart(parts[0], &header) != nil || decodePart(parts[1], &claims) != nil || header.Alg != "RS256" {
		return refuse("A JSON web token could not be decoded")
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return refuse("A JSON web token could not be decoded")
	}
	key, _, err := s.app.get()
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, sum[:], signature) != nil {
		return refuse("A JSON web token could not be decoded")
	}
	issuer := fmt.Sprint(claims.Issuer)
	if f, ok := claims.Issuer.(float64); ok {
		issuer = fmt.Sprintf("%.0f", f)
	}
	now := float64(time.Now().Unix())
	switch {
	case issuer != fmt.Sprint(s.config.World.App.ID):
		return refuse("Integration not found")
	case claims.Expires <= now:
		return refuse("'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires")
	case claims.Expires > now+600+60:
		return refuse("'Expiration time' claim ('exp') is too far in the future")
	case claims.IssuedAt > now+60:
		return refuse("'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued")
	}
	return &principal{kind: "app", key: "app", login: s.config.World.App.Slug + "[bot]", access: "none"}, nil
}

func decodePart(part string, into any) error {
	raw, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, into)
}

// issued is what a ghs_ token of an installation or a ghu_ token of a person says; it is signed, so that it outlives a
// restart of the playground.
type issued struct {
	Login string `json:"login,omitempty"` // of a person

	Owner       string            `json:"owner,omitempty"`
	Expires     int64             `json:"exp"` // Unix seconds
	Permissions map[string]string `json:"permissions,omitempty"`
	Repos       []string          `json:"repos,omitempty"`
	Nonce       string            `json:"nonce"`
}

func (s *Server) sign(text string) string {
	mac := hmac.New(sha256.New, s.secret)
	mac.Write([]byte(text))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:18])
}

// mint makes the token of that kind: ghs_ or ghu_.
func (s *Server) mint(kind string, t issued) (string, error) {
	raw, err := json.Marshal(t)
	if err != nil {
		return "", fmt.Errorf("make a token: %w", err)
	}
	body := base64.RawURLEncoding.EncodeToString(raw)
	return kind + body + "." + s.sign(body), nil
}

func (s *Server) issuedTo(token string) (*principal, error) {
	body, signature, ok := strings.Cut(token[len("ghs_"):], ".")
	if !ok || !hmac.Equal([]byte(signature), []byte(s.sign(body))) {
		return nil, errBadCredentials
	}
	var t issued
	if err := decodePart(body, &t); err != nil || t.Expires <= time.Now().Unix() {
		return nil, errBadCredentials
	}
	if t.Login != "" { // of somebody who has only said who they are: it opens nothing that is not public
		return &principal{kind: "user", key: token, login: t.Login, access: "none", permissions: map[string]string{}}, nil
	}
	return &principal{kind: "installation", key: token, login: s.config.World.App.Slug + "[bot]", access: "admin", permissions: t.Permissions,
		owner: t.Owner, repos: t.Repos}, nil
}

// may says whether the principal has a permission such as "actions:write".
func (p *principal) may(permission string) bool {
	name, level, _ := strings.Cut(permission, ":")
	if name == "" || name == "metadata" {
		return true
	}
	if p.permissions != nil {
		has := p.permissions[name]
		return has == "admin" || has == level || has == "write" && level == "read"
	}
	if level == "read" {
		return true
	}
	return p.access == "write" || p.access == "admin"
}

// belongs says whether the principal sees what an organisation shows its members only.
func (p *principal) belongs(o *owner) bool {
	return p.access != "" && p.access != "none" && (p.owner == "" || strings.EqualFold(p.owner, o.login))
}

// mayWriteWorkflows says whether it may put files under .github/workflows: apps and fine-grained tokens by a permission of
// its own, classic tokens by the scope workflow.
func (p *principal) mayWriteWorkflows() bool {
	if p.permissions != nil {
		return p.may("workflows:write")
	}
	return strings.Contains(p.scopes, "workflow")
}

// sees says whether the principal can see a repository at all.
func (p *principal) sees(r *repo) bool {
	switch {
	case !r.private:
		return true
	case r.home.person():
		return p.kind == "user" && strings.EqualFold(p.login, r.owner)
	case p.owner != "" && !strings.EqualFold(p.owner, r.owner):
		return false
	}
	if len(p.repos) > 0 {
		for _, name := range p.repos {
			if strings.EqualFold(name, r.name) {
				return true
			}
		}
		return false
	}
	return p.access == "read" || p.access == "write" || p.access == "admin"
}

// refusal is what GitHub says when the permission is missing.
func (p *principal) refusal() error {
	switch {
	case p.kind == "installation" || p.kind == "app":
		return &apiError{status: http.StatusForbidden, Message: "Resource not accessible by integration"}
	case p.permissions != nil:
		return &apiError{status: http.StatusForbidden, Message: "Resource not accessible by personal access token"}
	case p.kind == "anonymous":
		return &apiError{status: http.StatusUnauthorized, Message: "Requires authentication"}
	default:
		return &apiError{status: http.StatusForbidden, Message: "Must have admin rights to Repository."}
	}
}

// apiError is an error as the API gives it.
type apiError struct {
	status           int
	Message          string       `json:"message"`
	URL              string       `json:"url,omitempty"` // where what has moved is now
	Errors           []fieldError `json:"errors,omitempty"`
	DocumentationURL string       `json:"documentation_url"`
	Status           string       `json:"status"`
}

// fieldError is one of the errors of a 422.
type fieldError struct {
	Resource string `json:"resource"`
	Field    string `json:"field,omitempty"`
	Code     string `json:"code"`
	Message  string `json:"message,omitempty"`
}

func (e *apiError) Error() string { return e.Message }

// refused makes an error of that status.
func refused(status int, format string, args ...any) error {
	return &apiError{status: status, Message: fmt.Sprintf(format, args...)}
}

var errNotFound = &apiError{status: http.StatusNotFound, Message: "Not Found"}

// asAPIError is any error as the API would give it.
func asAPIError(err error) *apiError {
	var known *apiError
	if errors.As(err, &known) {
		return known
	}
	return &apiError{status: http.StatusUnprocessableEntity, Message: err.Error()}
}
