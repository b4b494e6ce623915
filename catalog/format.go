package catalog

import (
	"net/url"
	"regexp"
	"strings"
)

// The formats are those of Backstage's catalog, which took them from Kubernetes: a name has at most 63 characters, a DNS
// name at most 253.
const (
	maxName      = 63
	maxSubdomain = 253
)

var (
	kindPattern      = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*$`)
	namePattern      = regexp.MustCompile(`^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$`)
	namespacePattern = regexp.MustCompile(`^[a-z0-9]+(?:-+[a-z0-9]+)*$`)
	versionPattern   = regexp.MustCompile(`^[A-Za-z0-9]+$`)
	tagPattern       = regexp.MustCompile(`^[a-z0-9:+#]+(-[a-z0-9:+#]+)*$`)
)

func validKind(s string) bool      { return len(s) <= maxName && kindPattern.MatchString(s) }
func validName(s string) bool      { return len(s) <= maxName && namePattern.MatchString(s) }
func validNamespace(s string) bool { return len(s) <= maxName && namespacePattern.MatchString(s) }
func validTag(s string) bool       { return len(s) <= maxName && tagPattern.MatchString(s) }
func validLabelValue(s string) bool {
	return s == "" || validName(s)
}

// validSubdomain takes DNS names: labels with dots between.
func validSubdomain(s string) bool {
	if len(s) > maxSubdomain {
		return false
	}
	for _, label := range strings.Split(s, ".") {
		if !validNamespace(label) {
			return false
		}
	}
	return true
}

// validAPIVersion takes `v1` and `dns.name/v1`.
func validAPIVersion(s string) bool {
	return prefixed(s, func(version string) bool { return len(version) <= maxName && versionPattern.MatchString(version) })
}

// validKey takes the keys of labels and annotations: a name with or without a DNS name before it.
func validKey(s string) bool { return prefixed(s, validName) }

func prefixed(s string, valid func(string) bool) bool {
	prefix, name, ok := strings.Cut(s, "/")
	if !ok {
		return valid(s)
	}
	return validSubdomain(prefix) && valid(name)
}

// validURL takes absolute URLs, as browsers do: spaces around them do not count, and what lives on hosts needs one.
func validURL(s string) bool {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || u.Scheme == "" {
		return false
	}
	switch u.Scheme {
	case "http", "https", "ftp", "ws", "wss":
		return u.Host != ""
	}
	return true
}
