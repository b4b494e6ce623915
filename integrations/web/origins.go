// Package web reads descriptors from https addresses. An address that somebody wrote into a file is not trusted: what it
// leads to is bounded in time, size and number of redirects, and never lies inside the network that Bellhop runs in, unless
// the operator named the host.
package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"bellhop/catalog"
	"bellhop/internal/remotefs"
)

const (
	// Timeout bounds reading one file, redirects included.
	Timeout = 10 * time.Second
	// MaxBytes bounds one file, after it was unpacked.
	MaxBytes = 5 << 20
	// MaxRedirects is how often an address may lead on.
	MaxRedirects = 5
)

// Options is how addresses are read.
type Options struct {
	// Allow are hosts, `host` or `host:port`, that may have an address of a private network or of this machine; the latter may
	// be without encryption, too.
	Allow     []string
	UserAgent string // default "bellhop"
	// Timeout is Timeout where it is zero.
	Timeout time.Duration
	// Resolver looks hosts up; nil is the machine's.
	Resolver *net.Resolver
}

// Origins opens `https://…` for the catalog. It satisfies catalog.Origins and is safe for concurrent use.
type Origins struct {
	allow           []string
	agent           string
	timeout         time.Duration
	strict, trusted *http.Transport // to all the world, and to hosts that the operator named
	store           store
}

var _ catalog.Origins = (*Origins)(nil)

// NewOrigins makes an Origins.
func NewOrigins(o Options) *Origins {
	if o.UserAgent == "" {
		o.UserAgent = "bellhop"
	}
	if o.Timeout == 0 {
		o.Timeout = Timeout
	}
	made := &Origins{allow: o.Allow, agent: o.UserAgent, timeout: o.Timeout}
	made.trusted = transport(&net.Dialer{Timeout: o.Timeout, Resolver: o.Resolver})
	// A proxy would look names up by itself, and so lead anywhere.
	made.strict = transport(&net.Dialer{Timeout: o.Timeout, Resolver: o.Resolver, Control: onlyPublic})
	made.strict.Proxy = nil
	return made
}

func transport(d *net.Dialer) *http.Transport {
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: d.DialContext, ForceAttemptHTTP2: true, TLSHandshakeTimeout: Timeout,
		MaxResponseHeaderBytes: 64 << 10, IdleConnTimeout: time.Minute, MaxIdleConns: 20,
	}
}

// Open implements catalog.Origins: the tree is all that its host gives, so that a Location can name what lies beside it.
func (o *Origins) Open(ctx context.Context, location string, _ func(tree string) string, yield func(catalog.Tree) error) error {
	u, err := url.Parse(location)
	if err != nil {
		return errors.New("it is no address that can be read")
	}
	if err := o.check(u); err != nil {
		return err
	}
	path := strings.TrimPrefix(u.EscapedPath(), "/")
	if u.RawQuery != "" {
		path += "?" + u.RawQuery
	}
	root := u.Scheme + "://" + u.Host
	if !fs.ValidPath(path) || path == "." {
		return fmt.Errorf("%s names no file", u.Redacted())
	}
	return yield(catalog.Tree{Name: root, Files: remotefs.New(ctx, &host{o, root}), Paths: []string{path}})
}

// host is what a host gives. It satisfies remotefs.Source; names are escaped paths, with their query.
type host struct {
	o    *Origins
	root string // https://host
}

// List implements remotefs.Source.
func (*host) List(context.Context, string) ([]fs.DirEntry, error) {
	return nil, errors.New("nobody can tell over https what a folder holds: name each file, or lead to them by a Location")
}

// Fetch implements remotefs.Source.
func (h *host) Fetch(ctx context.Context, name string) ([]byte, error) {
	return h.o.fetch(ctx, h.root+"/"+name)
}

// fetch reads an address, asking only whether it has changed since it was last read.
func (o *Origins) fetch(ctx context.Context, address string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, errors.New("it is no address that can be read")
	}
	req.Header.Set("User-Agent", o.agent)
	req.Header.Set("Accept", "application/yaml, text/yaml, application/json, text/plain;q=0.9, */*;q=0.5")
	had, known := o.store.get(address)
	if known {
		had.condition(req.Header)
	}
	resp, err := o.client().Do(req)
	if err != nil {
		return nil, o.inWords(err)
	}
	defer func() { _ = resp.Body.Close() }() // it was only read
	if known && resp.StatusCode == http.StatusNotModified {
		return had.body, nil
	}
	if err := refusal(resp); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, MaxBytes+1))
	if err != nil {
		return nil, o.inWords(err)
	}
	if len(body) > MaxBytes {
		return nil, fmt.Errorf("it is larger than %d MB", MaxBytes>>20)
	}
	o.store.put(address, kept{tag: resp.Header.Get("ETag"), modified: resp.Header.Get("Last-Modified"), body: body})
	return body, nil
}

// client checks every step on the way before it is taken.
func (o *Origins) client() *http.Client {
	return &http.Client{Transport: byHost{o}, CheckRedirect: func(req *http.Request, via []*http.Request) error {
		if len(via) > MaxRedirects {
			return &refused{fmt.Sprintf("it leads on more than %d times", MaxRedirects)}
		}
		req.Header.Del("Referer") // a query is nobody else's business
		if err := o.check(req.URL); err != nil {
			return &refused{"it leads on to where nothing is read: " + err.Error()}
		}
		return nil
	}}
}

// byHost asks each host by the rules that it has.
type byHost struct{ o *Origins }

// RoundTrip implements http.RoundTripper.
func (b byHost) RoundTrip(r *http.Request) (*http.Response, error) {
	if b.o.allowed(r.URL) {
		return b.o.trusted.RoundTrip(r)
	}
	return b.o.strict.RoundTrip(r)
}

// refusal tells what an answer other than a file means.
func refusal(resp *http.Response) error {
	switch {
	case resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusGone:
		return fs.ErrNotExist
	case resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden:
		return fmt.Errorf("%s answers %s: Bellhop has no password for it", resp.Request.URL.Host, resp.Status)
	case resp.StatusCode != http.StatusOK:
		return fmt.Errorf("%s answers %s", resp.Request.URL.Host, resp.Status)
	case strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html"):
		return fmt.Errorf("%s answers with a page for people, perhaps to sign in; write the address of the file itself", resp.Request.URL.Host)
	}
	return nil
}

// refused is why an address is not followed.
type refused struct{ message string }

// Error implements error.
func (r *refused) Error() string { return r.message }

// inWords takes the protocol's words off a failure, and keeps a query out of it.
func (o *Origins) inWords(err error) error {
	var (
		no     *refused
		lookup *net.DNSError
	)
	switch {
	case errors.As(err, &no):
		return no
	case errors.Is(err, errPrivate):
		return errPrivate
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("it did not answer wholly within %s", o.timeout)
	case errors.As(err, &lookup) && lookup.IsNotFound:
		return fmt.Errorf("there is no host %s", lookup.Name)
	}
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	return fmt.Errorf("it cannot be reached: %w", err)
}
