// Package github speaks to GitHub: authentication, Actions, artifacts, deployments and repositories. It satisfies the
// ports that environments and testruns declare; nothing above it knows go-github.
package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	gh "github.com/google/go-github/v60/github"
	"golang.org/x/time/rate"

	"bellhop/clock"
)

// DefaultAPIURL is where github.com's API lives.
const DefaultAPIURL = "https://api.github.com/"

// Options is how Bellhop reaches GitHub. Either Token or AppID with PrivateKey is set.
type Options struct {
	APIURL     string // default DefaultAPIURL; an Enterprise Server's is https://HOST/api/v3/
	Token      string
	AppID      int64
	PrivateKey []byte // PEM
	// ClientID is the App's, by which people say who they are at GitHub; empty where they do not.
	ClientID string
	// Transport reaches the network; default is a clone of http.DefaultTransport (proxy and CA variables apply).
	Transport http.RoundTripper
	UserAgent string      // default "bellhop"
	Clock     clock.Clock // default the real one; limits are waited for by it
}

// Client hands out API clients by the owner of a repository. It is safe for concurrent use.
type Client struct {
	api      *url.URL
	agent    string
	clientID string
	base     http.RoundTripper // network, limits and retries; without authentication
	plain    *http.Client      // for addresses that GitHub redirects to: never sees the token
	clock    clock.Clock
	auth     auth
	etags    *etagStore
	pages    pageStore
	pace     *rate.Limiter // of what is read in bulk

	mu            sync.Mutex
	limits        map[*gh.Client]*limited
	owners        map[string]known
	organisations map[string]bool // by login in lower case; false is a user
	codeowners    map[string]keptCodeowners
}

// known is what was found out about an owner.
type known struct {
	client *gh.Client
	until  time.Time
}

// installationAge is how long the installation found for an owner is believed.
const installationAge = time.Hour

// New makes a Client. It does not speak to GitHub yet.
func New(o Options) (*Client, error) {
	if o.APIURL == "" {
		o.APIURL = DefaultAPIURL
	}
	api, err := url.Parse(o.APIURL)
	if err != nil || api.Host == "" || (api.Scheme != "http" && api.Scheme != "https") {
		return nil, fmt.Errorf("GITHUB_API_URL %q is not an address like %s", o.APIURL, DefaultAPIURL)
	}
	if !strings.HasSuffix(api.Path, "/") {
		api.Path += "/"
	}
	if o.Transport == nil {
		o.Transport = networkTransport()
	}
	if o.Clock == nil {
		o.Clock = clock.Real{}
	}
	if o.UserAgent == "" {
		o.UserAgent = "bellhop"
	}
	c := &Client{
		api: api, agent: o.UserAgent, clientID: o.ClientID, clock: o.Clock, etags: newETagStore(),
		base:   o.Transport,
		plain:  &http.Client{Transport: o.Transport, Timeout: downloadTimeout},
		limits: map[*gh.Client]*limited{}, owners: map[string]known{}, organisations: map[string]bool{}, codeowners: map[string]keptCodeowners{},
		pace: rate.NewLimiter(bulkRate, bulkBurst),
	}
	switch {
	case o.Token != "" && o.AppID != 0:
		return nil, errors.New("both GITHUB_TOKEN and GITHUB_APP_ID are set: choose one")
	case o.Token != "":
		c.auth = &tokenAuth{client: c.newClient("token", &bearer{token: o.Token, next: c.base})}
	case o.AppID != 0:
		if c.auth, err = newAppAuth(c, o.AppID, o.PrivateKey); err != nil {
			return nil, err
		}
	default:
		return nil, errors.New("neither GITHUB_TOKEN nor GITHUB_APP_ID with GITHUB_APP_PRIVATE_KEY is set")
	}
	return c, nil
}

// For is the API client for the repositories of owner. For a GitHub App it finds the installation; a missing one is a
// chat.UserError that says so.
func (c *Client) For(ctx context.Context, owner string) (*gh.Client, error) {
	key := strings.ToLower(owner)
	c.mu.Lock()
	k, ok := c.owners[key]
	c.mu.Unlock()
	if ok && c.clock.Now().Before(k.until) {
		return k.client, nil
	}
	client, err := c.auth.forOwner(ctx, owner)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	if k.client != client {
		delete(c.limits, k.client)
	}
	c.owners[key] = known{client: client, until: c.clock.Now().Add(installationAge)}
	c.mu.Unlock()
	return client, nil
}

// WebURL is the address of GitHub's pages for people, without a slash at its end.
func (c *Client) WebURL() string {
	if c.api.Host == "api.github.com" {
		return "https://github.com"
	}
	// GitHub with data residency has api.NAME.ghe.com; an Enterprise Server has all on one host.
	if name, ok := strings.CutSuffix(c.api.Host, ".ghe.com"); ok {
		return "https://" + strings.TrimPrefix(name, "api.") + ".ghe.com"
	}
	return c.api.Scheme + "://" + c.api.Host
}

// Plain is an HTTP client without any authentication, for the addresses that GitHub redirects downloads to.
func (c *Client) Plain() *http.Client { return c.plain }

// newClient is an API client whose requests are authenticated by transport; identity keeps the answers that different
// identities got apart.
func (c *Client) newClient(identity string, authenticated http.RoundTripper) *gh.Client {
	var t http.RoundTripper = &sameHost{host: c.api.Host, inside: authenticated, outside: c.base}
	limit := &limited{next: t, clock: c.clock}
	t = &retrying{next: limit, clock: c.clock}
	t = &etagging{identity: identity, store: c.etags, next: t}
	client := gh.NewClient(&http.Client{Transport: &bounded{limit: callTimeout, next: t}})
	client.BaseURL = c.api
	client.UserAgent = c.agent
	c.mu.Lock()
	defer c.mu.Unlock()
	c.limits[client] = limit
	return client
}

const (
	// bulkRate and bulkBurst hold reading in bulk under GitHub's secondary limit of 900 points (reads) a minute, and leave some
	// of it to everybody else: 500 at once and then 6 a second are 860 in the first minute.
	bulkRate  = 6
	bulkBurst = 500
)

// inBulk waits until one more read of many may be made for an owner; it is RateLimited when too little of the hourly limit is
// left for that.
func (c *Client) inBulk(ctx context.Context, owner string) error {
	client, err := c.For(ctx, owner)
	if err != nil {
		return err
	}
	c.mu.Lock()
	limit := c.limits[client]
	c.mu.Unlock()
	if limit != nil { // else another goroutine has just found the owner's installation anew
		if err := limit.spare(); err != nil {
			return err
		}
	}
	now := c.clock.Now()
	turn := c.pace.ReserveN(now, 1)
	if err := c.clock.Wait(ctx, now.Add(turn.DelayFrom(now))); err != nil {
		turn.CancelAt(now)
		return err
	}
	return nil
}

const (
	// callTimeout bounds one API call with its retries.
	callTimeout = 30 * time.Second
	// downloadTimeout bounds one download.
	downloadTimeout = 5 * time.Minute
)

// networkTransport is Go's default one with a bounded wait for the answer's beginning.
func networkTransport() http.RoundTripper {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	t = t.Clone()
	t.ResponseHeaderTimeout = 20 * time.Second
	return t
}

// Split is an "owner/repo" in its two halves.
func Split(slug string) (owner, repo string, err error) {
	owner, repo, ok := strings.Cut(slug, "/")
	if !ok || owner == "" || repo == "" || strings.Contains(repo, "/") {
		return "", "", fmt.Errorf("%q is not a repository like owner/name", slug)
	}
	return owner, repo, nil
}
