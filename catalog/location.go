package catalog

import (
	"fmt"
	"strings"
)

// LocationRef is where something is to be read, in Backstage's form `type:target`.
type LocationRef struct{ Type, Target string }

// String is `type:target`.
func (l LocationRef) String() string { return l.Type + ":" + l.Target }

// ParseLocationRef reads `url:https://host/path` or `file:./path`. A bare web address is refused, for its scheme would be
// taken for the type, and so is script.
func ParseLocationRef(text string) (LocationRef, error) {
	typ, target, ok := strings.Cut(text, ":")
	switch {
	case !ok || typ == "" || target == "":
		return LocationRef{}, fmt.Errorf("%q is no location: write type:target, such as url:https://host/path", text)
	case typ == "http" || typ == "https":
		return LocationRef{}, fmt.Errorf("write url:%s", text)
	case typ == "url" && isScript(target):
		return LocationRef{}, fmt.Errorf("%q leads to script", text)
	}
	return LocationRef{typ, target}, nil
}

// isScript tells a javascript: address, with the spaces and control characters in it that browsers overlook.
func isScript(target string) bool {
	visible := strings.Map(func(r rune) rune {
		if r <= ' ' {
			return -1
		}
		return r
	}, target)
	return strings.HasPrefix(strings.ToLower(visible), "javascript:")
}
