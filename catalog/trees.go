package catalog

import (
	"path"
	"strings"
)

// RepositoryTree is the name of the tree of a repository, `owner/repo`, at a ref, or at the default branch where ref is
// empty: `github:acme/payments@v2`. A slash in the ref is written %2F, since the files' paths follow.
func RepositoryTree(slug, ref string) string {
	name := "github:" + slug
	if ref != "" {
		name += "@" + strings.NewReplacer("%", "%25", "/", "%2F").Replace(ref)
	}
	return name
}

// splitFile parts the name of a file into its tree's name, which is empty for the config's folder, and its path there.
func splitFile(name string) (tree, file string) {
	var slashes int
	switch {
	case strings.HasPrefix(name, "github:"):
		slashes = 2
	case strings.HasPrefix(name, "https://") || strings.HasPrefix(name, "http://"):
		slashes = 3
	default:
		return "", name
	}
	for i := range len(name) {
		if name[i] == '/' {
			if slashes--; slashes == 0 {
				return name[:i], name[i+1:]
			}
		}
	}
	return name, ""
}

// InRepository tells where in a repository the entity was read: its `owner/repo`, the ref, which is empty for the default
// branch, and the descriptor's path. ok is false for what was read elsewhere.
func (s Source) InRepository() (slug, ref, file string, ok bool) {
	tree, file := splitFile(s.File)
	rest, ok := strings.CutPrefix(tree, "github:")
	if !ok || file == "" {
		return "", "", "", false
	}
	slug, ref, _ = strings.Cut(rest, "@")
	return slug, strings.NewReplacer("%2F", "/", "%25", "%").Replace(ref), file, true
}

// file is a file of a tree.
type file struct {
	tree *Tree
	path string
	by   *lead // that led there; nil where a location names it
}

// name is how messages call the file, and Source.File.
func (f file) name() string {
	if f.tree.Name == "" {
		return f.path
	}
	return f.tree.Name + "/" + f.path
}

// called is what people call the tree.
func (t *Tree) called() string {
	if t.Name == "" {
		return "the config file's folder"
	}
	return t.Name
}

// matchesPath tells whether a file's path fits a pattern as Files takes it.
func matchesPath(pattern, file string) bool {
	if pattern == file {
		return true
	}
	for _, p := range braces(pattern) {
		if matchesElements(strings.Split(p, "/"), strings.Split(file, "/")) {
			return true
		}
	}
	return false
}

func matchesElements(pattern, file []string) bool {
	switch {
	case len(pattern) == 0:
		return len(file) == 0
	case pattern[0] == "**":
		if len(pattern) == 1 {
			return len(file) > 0
		}
		return matchesElements(pattern[1:], file) || len(file) > 1 && !strings.HasPrefix(file[0], ".") && matchesElements(pattern, file[1:])
	case len(file) == 0:
		return false
	}
	ok, err := path.Match(pattern[0], file[0])
	return ok && err == nil && matchesElements(pattern[1:], file[1:])
}
