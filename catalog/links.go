package catalog

import (
	"net/url"
	"slices"
	"strings"
)

// An address is compared by its first parts alone: links lead to pages, not to what is within them.
const (
	maxAddressParts = 12
	maxAddress      = 200 // letters
)

// addressKeys are under what links a web address may stand, the most exact first: with its query, without it, and then each
// folder above it, down to the host. Scheme, `www.`, port of the scheme and the case of letters do not count.
func addressKeys(address string) []string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Hostname() == "" {
		return nil
	}
	host := strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
	if port := u.Port(); port != "" && port != "80" && port != "443" {
		host += ":" + port
	}
	parts := splitPath(u.Path)
	parts = parts[:min(len(parts), maxAddressParts)]
	var keys []string
	if u.RawQuery != "" {
		keys = append(keys, linkKey(host, parts)+fold("?"+u.RawQuery))
	}
	for n := len(parts); n >= 0; n-- {
		keys = append(keys, linkKey(host, parts[:n]))
	}
	return slices.DeleteFunc(keys, func(key string) bool { return len(key) > maxAddress })
}

func linkKey(host string, parts []string) string {
	return fold(strings.Join(append([]string{host}, parts...), "/"))
}

// keysOfLinks are under what an entity's links are found: each address with its query and without it, and each host.
func keysOfLinks(links []Link) []Key {
	var keys []Key
	add := func(keyType KeyType, key string) {
		if k := (Key{keyType, key}); !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	for _, l := range links {
		all := addressKeys(l.URL)
		if len(all) == 0 || !strings.HasPrefix(strings.ToLower(strings.TrimSpace(l.URL)), "http") {
			continue
		}
		add(KeyLink, all[0])
		if strings.Contains(all[0], "?") && len(all) > 2 { // of a host's front page the query is all there is
			add(KeyLink, all[1])
		}
		host, _, _ := strings.Cut(all[len(all)-1], ":")
		add(KeyHost, host)
	}
	return keys
}

// linkTo is the link of an entity that an address key stands for, as people call it.
func linkTo(e Entity, key string) string {
	for _, l := range e.Links {
		if keys := addressKeys(l.URL); len(keys) > 0 && (keys[0] == key || len(keys) > 1 && strings.Contains(keys[0], "?") && keys[1] == key) {
			return strings.TrimSpace(l.Title)
		}
	}
	return ""
}
