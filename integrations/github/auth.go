package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/bradleyfalzon/ghinstallation/v2"
	gh "github.com/google/go-github/v60/github"

	"bellhop/chat"
)

// auth finds the API client by which an owner's repositories are reached.
type auth interface {
	forOwner(ctx context.Context, owner string) (*gh.Client, error)
	// self is the client that asks who we are, and whether it speaks as an App.
	self() (client *gh.Client, app bool)
}

// tokenAuth is one token for every owner.
type tokenAuth struct{ client *gh.Client }

func (t *tokenAuth) forOwner(context.Context, string) (*gh.Client, error) { return t.client, nil }

func (t *tokenAuth) self() (*gh.Client, bool) { return t.client, false }

// bearer adds a fixed token.
type bearer struct {
	token string
	next  http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (b *bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+b.token)
	return b.next.RoundTrip(r)
}

// appAuth speaks as a GitHub App: the installation is found by the owner, for one App has one per organisation.
type appAuth struct {
	c    *Client
	apps *ghinstallation.AppsTransport
	app  *gh.Client
}

func newAppAuth(c *Client, id int64, key []byte) (*appAuth, error) {
	apps, err := ghinstallation.NewAppsTransport(c.base, id, key)
	if err != nil {
		return nil, errors.New("GITHUB_APP_PRIVATE_KEY is not an RSA private key in PEM form") // the cause may quote the key
	}
	apps.BaseURL = strings.TrimSuffix(c.api.String(), "/")
	return &appAuth{c: c, apps: apps, app: c.newClient("app", apps)}, nil
}

func (a *appAuth) self() (*gh.Client, bool) { return a.app, true }

func (a *appAuth) forOwner(ctx context.Context, owner string) (*gh.Client, error) {
	in, _, err := a.app.Apps.FindOrganizationInstallation(ctx, owner)
	if isNotFound(err) {
		in, _, err = a.app.Apps.FindUserInstallation(ctx, owner)
	}
	switch {
	case isNotFound(err):
		return nil, chat.Errorf("Bellhop's GitHub App is not installed at %s. An owner of it can install the App in GitHub's settings.", owner)
	case err != nil:
		return nil, fmt.Errorf("find the App's installation at %s: %w", owner, plainly(err))
	case in.SuspendedAt != nil:
		return nil, chat.Errorf("Bellhop's GitHub App is suspended at %s. An owner of it can unsuspend it in GitHub's settings.", owner)
	}
	t := ghinstallation.NewFromAppsTransport(a.apps, in.GetID())
	t.BaseURL = a.apps.BaseURL
	return a.c.newClient("installation "+strconv.FormatInt(in.GetID(), 10), t), nil
}

// sameHost authenticates requests to the API's own host only: a redirect elsewhere must not carry the token along.
type sameHost struct {
	host            string
	inside, outside http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (s *sameHost) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host == s.host {
		return s.inside.RoundTrip(r)
	}
	r = r.Clone(r.Context())
	r.Header.Del("Authorization")
	return s.outside.RoundTrip(r)
}

// Identity is who Bellhop is to GitHub.
type Identity struct {
	Login string // of the token's owner, or "app-slug[bot]"
	App   bool
}

// CredentialsError tells that GitHub does not take the credentials, and names the variables to mend.
type CredentialsError struct{ Message string }

// Error implements error.
func (e *CredentialsError) Error() string { return e.Message }

// Self asks GitHub who the credentials belong to.
func (c *Client) Self(ctx context.Context) (Identity, error) {
	client, app := c.auth.self()
	if app {
		a, _, err := client.Apps.Get(ctx, "")
		if statusOf(err) == http.StatusUnauthorized {
			return Identity{}, &CredentialsError{"GitHub refuses the App: GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY must belong together; both are on the App's settings page"}
		}
		if err != nil {
			return Identity{}, fmt.Errorf("ask GitHub who the App is: %w", plainly(err))
		}
		return Identity{Login: a.GetSlug() + "[bot]", App: true}, nil
	}
	u, _, err := client.Users.Get(ctx, "")
	if statusOf(err) == http.StatusUnauthorized {
		return Identity{}, &CredentialsError{"GitHub refuses GITHUB_TOKEN: it is wrong, or its time is up; make another at https://github.com/settings/tokens"}
	}
	if err != nil {
		return Identity{}, fmt.Errorf("ask GitHub whose the token is: %w", plainly(err))
	}
	return Identity{Login: u.GetLogin()}, nil
}

// isNotFound tells a 404.
func isNotFound(err error) bool { return statusOf(err) == http.StatusNotFound }

// statusOf is the HTTP status of GitHub's answer that an error came from, or 0.
func statusOf(err error) int {
	var e *gh.ErrorResponse
	if errors.As(err, &e) && e.Response != nil {
		return e.Response.StatusCode
	}
	return 0
}

// answered is GitHub's answer to a call that failed, in words: go-github's own are the protocol's, "POST https://… 500 []".
type answered struct{ said *gh.ErrorResponse }

// Error implements error.
func (a *answered) Error() string {
	r := a.said.Response
	text := fmt.Sprintf("GitHub answered %d to %s %s", r.StatusCode, r.Request.Method, r.Request.URL.Path)
	words := strings.TrimSpace(a.said.Message)
	if words == "" {
		words = http.StatusText(r.StatusCode)
	}
	for _, one := range a.said.Errors {
		if one.Message != "" {
			words += "; " + one.Message
		}
	}
	return text + ": " + words
}

// Unwrap lets the status be asked for.
func (a *answered) Unwrap() error { return a.said }

// plainly puts GitHub's answer into words; other errors stay as they are.
func plainly(err error) error {
	var said *gh.ErrorResponse
	if errors.As(err, &said) && said.Response != nil && said.Response.Request != nil {
		return &answered{said}
	}
	return err
}
