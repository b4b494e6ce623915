package web

import (
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellhop/catalog"
)

func TestPublicAddresses(t *testing.T) {
	for text, want := range map[string]bool{
		"8.8.8.8": true, "140.82.121.4": true, "2606:50c0:8000::154": true, "64:ff9b::8c52:7904": true, "::ffff:8.8.8.8": true,
		"127.0.0.1": false, "127.8.8.8": false, "0.0.0.0": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false,
		"100.64.0.1": false, "100.100.100.200": false, "192.0.0.192": false, "198.18.0.1": false, "224.0.0.1": false, "255.255.255.255": false,
		"168.63.129.16": false, "192.0.2.1": false, "240.0.0.1": false, "::": false, "::1": false, "fe80::1": false, "fe80::1%eth0": false, "fd00:ec2::254": false,
		"::ffff:127.0.0.1": false, "::127.0.0.1": false, "64:ff9b::7f00:1": false, "64:ff9b::a9fe:a9fe": false, "2002:7f00:1::": false, "2001::1": false,
		"2001:db8::1": false, "fec0::1": false, "ff02::1": false,
	} {
		require.Equal(t, want, public(netip.MustParseAddr(text)), text)
	}
}

// open reads a location's one file.
func open(t *testing.T, o *Origins, location string) (string, error) {
	t.Helper()
	var content string
	err := o.Open(context.Background(), location, nil, func(tree catalog.Tree) error {
		require.Len(t, tree.Paths, 1)
		data, err := fs.ReadFile(tree.Files, tree.Paths[0])
		content = string(data)
		var p *fs.PathError
		if errors.As(err, &p) {
			return p.Err
		}
		return err
	})
	return content, err
}

// serve answers on loopback, which the Origins given along may read.
func serve(t *testing.T, h http.HandlerFunc) (*httptest.Server, *Origins) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server, NewOrigins(Options{Allow: []string{strings.TrimPrefix(server.URL, "http://")}})
}

func TestAFileIsReadAndAskedForOnlyIfItChanged(t *testing.T) {
	var asked, unchanged atomic.Int32
	content := atomic.Value{}
	content.Store("kind: Component")
	server, o := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		w.Header().Set("ETag", fmt.Sprintf("%q", content.Load()))
		if r.Header.Get("If-None-Match") == fmt.Sprintf("%q", content.Load()) {
			unchanged.Add(1)
			w.WriteHeader(http.StatusNotModified)
			return
		}
		require.Equal(t, "/a%2Fb/c.yaml?at=main", r.URL.RequestURI())
		fmt.Fprint(w, content.Load())
	})
	for i, want := range []string{"kind: Component", "kind: Component", "kind: API"} {
		content.Store(want)
		got, err := open(t, o, server.URL+"/a%2Fb/c.yaml?at=main")
		require.NoError(t, err)
		require.Equal(t, want, got)
		require.EqualValues(t, i+1, asked.Load())
	}
	require.EqualValues(t, 1, unchanged.Load())
}

func TestAnswersThatAreNoFile(t *testing.T) {
	server, o := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/huge":
			fmt.Fprint(w, strings.Repeat("a", MaxBytes+1))
		case "/bomb":
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			for range 64 {
				_, _ = z.Write(make([]byte, 1<<20))
			}
			_ = z.Close()
		case "/page":
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, "<form>")
		case "/secret":
			w.WriteHeader(http.StatusUnauthorized)
		case "/broken":
			w.WriteHeader(http.StatusInternalServerError)
		case "/cut":
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, "short")
		default:
			http.NotFound(w, r)
		}
	})
	host := strings.TrimPrefix(server.URL, "http://")
	for path, want := range map[string]string{
		"/huge": "it is larger than 5 MB", "/bomb": "it is larger than 5 MB", "/none": fs.ErrNotExist.Error(),
		"/page":   host + " answers with a page for people, perhaps to sign in; write the address of the file itself",
		"/secret": host + " answers 401 Unauthorized: Bellhop has no password for it", "/broken": host + " answers 500 Internal Server Error",
		"/cut": "it cannot be reached: unexpected EOF", "/": server.URL + "/ names no file", "/a/../b": server.URL + "/a/../b names no file",
	} {
		_, err := open(t, o, server.URL+path)
		require.EqualError(t, err, want, path)
	}
	_, err := open(t, o, server.URL+"/none")
	require.ErrorIs(t, err, fs.ErrNotExist)
	err = o.Open(context.Background(), server.URL+"/x", nil, func(tree catalog.Tree) error {
		_, err := fs.ReadDir(tree.Files, ".")
		return err
	})
	require.ErrorContains(t, err, "nobody can tell over https what a folder holds")
}

func TestAnAnswerIsBoundedInTime(t *testing.T) {
	for _, part := range []string{"", "kind: "} {
		server, o := serve(t, func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, part)
			w.(http.Flusher).Flush()
			<-r.Context().Done() // goes on only when the client has given up
		})
		o.timeout = 50 * time.Millisecond
		_, err := open(t, o, server.URL+"/slow")
		require.EqualError(t, err, "it did not answer wholly within 50ms")
	}
}

func TestRedirectsAreFollowedWithinBounds(t *testing.T) {
	var reached atomic.Int32
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	defer inside.Close()
	tlsInside := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	defer tlsInside.Close()
	server, o := serve(t, func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		var n int
		_, _ = fmt.Sscan(q.Get("n"), &n)
		switch {
		case q.Get("to") != "":
			http.Redirect(w, r, q.Get("to"), http.StatusFound)
		case n > 0:
			http.Redirect(w, r, fmt.Sprintf("/chain?n=%d", n-1), http.StatusMovedPermanently)
		default:
			require.Empty(t, r.Header.Get("Referer"))
			fmt.Fprint(w, "kind: API")
		}
	})
	got, err := open(t, o, server.URL+"/chain?n=5")
	require.NoError(t, err)
	require.Equal(t, "kind: API", got)
	_, err = open(t, o, server.URL+"/chain?n=6")
	require.EqualError(t, err, "it leads on more than 5 times")
	private := "it leads to an address that is not on the open internet; if it shall be read, name its host in catalog.allow_hosts"
	for to, want := range map[string]string{
		tlsInside.URL + "/x":                       private,
		"https://169.254.169.254/latest/meta-data": private,
		"https://[::ffff:127.0.0.1]:443/":          private,
		inside.URL + "/x":                          "it leads on to where nothing is read: " + inside.URL + "/x is not encrypted: whoever stands between could put anything into the catalog; write https://",
		"file:///etc/passwd":                       "it leads on to where nothing is read: file:///etc/passwd names no host",
		"gopher://example.com/x":                   "it leads on to where nothing is read: gopher://example.com/x is not https",
		"https://u:p@example.com/x":                "it leads on to where nothing is read: https://u:xxxxx@example.com/x holds a name or a password, which would be shown to all",
	} {
		_, err := open(t, o, server.URL+"/hop?to="+url.QueryEscape(to))
		require.Error(t, err, to)
		require.Equal(t, want, err.Error(), to)
	}
	require.Zero(t, reached.Load(), "nothing inside is reached, not even to be refused")
}

// TestNamesThatLeadInside holds a name to the address that is connected to, whatever a look-up before would have said.
func TestNamesThatLeadInside(t *testing.T) {
	var reached, lookups atomic.Int32
	inside, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go func() {
		for {
			c, err := inside.Accept()
			if err != nil {
				return
			}
			reached.Add(1)
			_ = c.Close()
		}
	}()
	defer func() { _ = inside.Close() }()
	_, port, err := net.SplitHostPort(inside.Addr().String())
	require.NoError(t, err)
	o := NewOrigins(Options{Resolver: resolver(t, func() [4]byte {
		// The first answer would pass a check by look-up; what is then connected to would not.
		if lookups.Add(1); lookups.Load() == 1 {
			return [4]byte{198, 18, 0, 1}
		}
		return [4]byte{127, 0, 0, 1}
	})})
	for range 3 {
		_, err = open(t, o, "https://rebind.example:"+port+"/catalog-info.yaml")
		require.ErrorContains(t, err, "that is not on the open internet")
	}
	require.GreaterOrEqual(t, lookups.Load(), int32(3))
	require.Zero(t, reached.Load())
}

// resolver asks a name server on loopback that gives one address for every name.
func resolver(t *testing.T, address func() [4]byte) *net.Resolver {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = server.Close() })
	go func() {
		buffer := make([]byte, 1500)
		for {
			n, from, err := server.ReadFrom(buffer)
			if err != nil {
				return
			}
			_, _ = server.WriteTo(answer(buffer[:n], address), from)
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}

// answer is a name server's answer to a question with one name (RFC 1035, 4.1), without any address but for type A.
func answer(question []byte, address func() [4]byte) []byte {
	end := 12
	for question[end] != 0 {
		end += 1 + int(question[end])
	}
	end += 5 // the last label, type and class
	a := append([]byte{}, question[:end]...)
	copy(a[2:], []byte{0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0})
	if question[end-3] == 1 {
		ip := address()
		a[7] = 1
		a = append(a, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4)
		a = append(a, ip[:]...)
	}
	return a
}

func TestHostsThatTheOperatorNamed(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "kind: API") }))
	defer server.Close()
	u, err := url.Parse(server.URL)
	require.NoError(t, err)
	for _, allow := range []string{u.Host, "127.0.0.1"} {
		o := NewOrigins(Options{Allow: []string{"other.example", allow}})
		roots := x509.NewCertPool()
		roots.AddCert(server.Certificate())
		o.trusted.TLSClientConfig = &tls.Config{RootCAs: roots}
		got, err := open(t, o, server.URL+"/x.yaml")
		require.NoError(t, err)
		require.Equal(t, "kind: API", got)
	}
	o := NewOrigins(Options{Allow: []string{"catalog.internal", "[::1]", "Docs.internal:8443", "10.0.0.7"}})
	for address, want := range map[string]bool{
		"https://catalog.internal/x": true, "https://CATALOG.internal./x": true, "https://catalog.internal:443/x": true, "https://catalog.internal:22/x": false,
		"https://[::1]:9/x": true, "https://docs.internal:8443/x": true, "https://docs.internal/x": false, "https://sub.catalog.internal/x": false,
		"https://10.0.0.7/x": true, "https://10.0.0.7:8080/x": false,
	} {
		u, err := url.Parse(address)
		require.NoError(t, err)
		require.Equal(t, want, o.allowed(u), address)
	}
	for address, want := range map[string]string{
		"http://catalog.internal/x": "http://catalog.internal/x is not encrypted: whoever stands between could put anything into the catalog; write https://",
		"https:///x":                "https:///x names no host",
		"https://10.0.0.8/x":        "it leads to an address that is not on the open internet; if it shall be read, name its host in catalog.allow_hosts",
	} {
		_, err := open(t, o, address)
		require.EqualError(t, err, want)
	}
}
