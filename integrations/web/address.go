package web

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
)

// outside are the networks within IANA's global ones that are nobody's on the internet, or lead into a cloud's own house
// (registries iana-ipv4-special-registry and iana-ipv6-special-registry).
var outside = func() (all []netip.Prefix) {
	for _, p := range []string{
		"0.0.0.0/8", "100.64.0.0/10" /* carriers' NAT; a cloud's metadata too */, "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15",
		"198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4", "168.63.129.16/32", /* Azure's own server within every machine's network */
		"2001::/23" /* protocols, Teredo among them */, "2001:db8::/32", "2002::/16" /* 6to4 */, "3fff::/20",
	} {
		all = append(all, netip.MustParsePrefix(p))
	}
	return all
}()

var (
	global6 = netip.MustParsePrefix("2000::/3")     // all that IANA has given out
	nat64   = netip.MustParsePrefix("64:ff9b::/96") // an IPv4 address, for machines that have IPv6 alone
)

// public tells whether an address is one of the open internet: not this machine, its network, a company's or a cloud's.
func public(ip netip.Addr) bool {
	ip = ip.Unmap()
	if nat64.Contains(ip) {
		b := ip.As16()
		ip = netip.AddrFrom4([4]byte(b[12:]))
	}
	if ip.Zone() != "" || !ip.IsGlobalUnicast() || ip.IsPrivate() || ip.Is6() && !global6.Contains(ip) {
		return false
	}
	return !slices.ContainsFunc(outside, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// onlyPublic refuses to connect to anything else. It sees the very address that is connected to, after the name was looked up:
// a name that leads elsewhere the second time it is asked gains nothing.
func onlyPublic(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%s is no address", address)
	}
	if !public(at.Addr()) {
		return errPrivate
	}
	return nil
}

// errPrivate tells that a name leads to an address that may not be read. Which one it does not say: whoever writes a descriptor
// sees it, and could ask for names within the network.
var errPrivate = errors.New("it leads to an address that is not on the open internet; if it shall be read, name its host in catalog.allow_hosts")

// allowed tells whether the operator named the address's host, as `host` or `host:port`. A host alone means the scheme's own
// port; for this machine itself, any.
func (o *Origins) allowed(u *url.URL) bool {
	host, port := strings.ToLower(strings.TrimSuffix(u.Hostname(), ".")), u.Port()
	return slices.ContainsFunc(o.allow, func(entry string) bool {
		entry = strings.ToLower(entry)
		if h, p, err := net.SplitHostPort(entry); err == nil {
			return h == host && (p == port || port == "" && p == defaultPort(u.Scheme))
		}
		entry = strings.Trim(entry, "[]")
		return entry == host && (port == "" || port == defaultPort(u.Scheme) || loopback(host))
	})
}

func defaultPort(scheme string) string {
	if scheme == "http" {
		return "80"
	}
	return "443"
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// check refuses an address before anything is asked of it: the target itself, and what it redirects to.
func (o *Origins) check(u *url.URL) error {
	switch {
	case u.Hostname() == "":
		return fmt.Errorf("%s names no host", u.Redacted())
	case u.User != nil:
		return fmt.Errorf("%s holds a name or a password, which would be shown to all", u.Redacted())
	case u.Scheme == "https":
		return nil
	case u.Scheme == "http" && loopback(u.Hostname()) && o.allowed(u):
		return nil
	case u.Scheme == "http":
		return fmt.Errorf("%s is not encrypted: whoever stands between could put anything into the catalog; write https://", u.Redacted())
	}
	return fmt.Errorf("%s is not https", u.Redacted())
}
