package github

import (
	"crypto/sha1" // Git names its objects by it
	"encoding/hex"
	"fmt"
	"sort"
	"strings"
	"time"
)

// signature is the who and when of a commit, as Git keeps it.
type signature struct {
	Name  string
	Email string
	Login string // of the GitHub account; empty when the e-mail belongs to none
	When  time.Time
}

// commit is one commit with its whole tree: path → blob id.
type commit struct {
	sha     string
	tree    string
	parents []string
	author  signature
	message string
	files   map[string]string
	links   map[string]bool // paths in files that are symbolic links: their blob is the target
}

// objectID is the name Git gives an object of that kind and content.
func objectID(kind string, content []byte) string {
	h := sha1.New()
	h.Write(fmt.Appendf(nil, "%s %d\x00", kind, len(content)))
	h.Write(content)
	return hex.EncodeToString(h.Sum(nil))
}

// treeEntry is one line of a directory.
type treeEntry struct {
	Name string // without its folder
	Kind string // blob or tree
	Mode string
	SHA  string
}

// trees computes the tree objects of a commit: folder ("" is the root) → its entries in Git's order, and folder → id.
func trees(files map[string]string, links map[string]bool) (map[string][]treeEntry, map[string]string) {
	entries := map[string][]treeEntry{"": nil}
	for path, sha := range files {
		dir, name := splitPath(path)
		mode := "100644"
		if links[path] {
			mode = symlinkMode
		}
		entries[dir] = append(entries[dir], treeEntry{Name: name, Kind: "blob", Mode: mode, SHA: sha})
		for dir != "" {
			var known bool
			parent, base := splitPath(dir)
			for _, e := range entries[parent] {
				known = known || e.Kind == "tree" && e.Name == base
			}
			if !known {
				entries[parent] = append(entries[parent], treeEntry{Name: base, Kind: "tree", Mode: "40000"})
			}
			dir = parent
		}
	}
	dirs := make([]string, 0, len(entries))
	for dir := range entries {
		dirs = append(dirs, dir)
	}
	// Deepest first, so that every subfolder has its id before its parent needs it.
	sort.Slice(dirs, func(i, j int) bool {
		if a, b := depth(dirs[i]), depth(dirs[j]); a != b {
			return a > b
		}
		return dirs[i] < dirs[j]
	})
	ids := make(map[string]string, len(dirs))
	for _, dir := range dirs {
		list := entries[dir]
		for i := range list {
			if list[i].Kind == "tree" {
				list[i].SHA = ids[joinPath(dir, list[i].Name)]
			}
		}
		sort.Slice(list, func(i, j int) bool { return gitOrder(list[i]) < gitOrder(list[j]) })
		var b strings.Builder
		for _, e := range list {
			raw, err := hex.DecodeString(e.SHA)
			if err != nil {
				panic("an object id that is not hexadecimal: " + e.SHA) // made by objectID above
			}
			fmt.Fprintf(&b, "%s %s\x00%s", e.Mode, e.Name, raw)
		}
		ids[dir] = objectID("tree", []byte(b.String()))
	}
	return entries, ids
}

// symlinkMode is how a tree marks a symbolic link.
const symlinkMode = "120000"

// gitOrder is what Git sorts a directory by: folders as if their names ended in a slash.
func gitOrder(e treeEntry) string {
	if e.Kind == "tree" {
		return e.Name + "/"
	}
	return e.Name
}

func depth(dir string) int {
	if dir == "" {
		return 0
	}
	return 1 + strings.Count(dir, "/")
}

func splitPath(path string) (dir, name string) {
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		return path[:i], path[i+1:]
	}
	return "", path
}

func joinPath(dir, name string) string {
	if dir == "" {
		return name
	}
	return dir + "/" + name
}

// newCommit names a commit of those files as Git would.
func newCommit(files map[string]string, links map[string]bool, parents []string, author signature, message string) *commit {
	_, ids := trees(files, links)
	c := &commit{tree: ids[""], parents: parents, author: author, message: message, files: files, links: links}
	c.author.When = author.When.UTC().Truncate(time.Second)
	var b strings.Builder
	fmt.Fprintf(&b, "tree %s\n", c.tree)
	for _, p := range parents {
		fmt.Fprintf(&b, "parent %s\n", p)
	}
	who := fmt.Sprintf("%s <%s> %d +0000", author.Name, author.Email, c.author.When.Unix())
	fmt.Fprintf(&b, "author %s\ncommitter %s\n\n%s", who, who, message)
	c.sha = objectID("commit", []byte(b.String()))
	return c
}
