package catalog

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
)

// DescriptorFile is what a repository's descriptor is called, as in Backstage.
const DescriptorFile = "catalog-info.yaml"

// Target is what a location names outside of the config's folder: a repository's files, all repositories of an owner, or
// the file at an address.
type Target struct {
	// Owner and Repo are GitHub's; Repo is `*` for all that the owner has. Both are empty for an address.
	Owner, Repo string
	// Path is a file or a pattern within the repository; Ref a branch, tag or commit, or empty for the default branch.
	Path, Ref string
	// URL is the address of a file, over https.
	URL string
}

var (
	ownerPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{0,38}$`)
	repoPattern  = regexp.MustCompile(`^[A-Za-z0-9._-]{1,100}$`)
)

// IsRemote tells whether a location's target lies outside of the config's folder.
func IsRemote(target string) bool {
	return strings.HasPrefix(target, "github:") || strings.Contains(target, "://")
}

// ParseTarget reads `github:OWNER/REPO[/PATH][@REF]`, `github:OWNER/*` or `https://…`. Without a path it is
// DescriptorFile. The ref begins at the first @ that does not begin a folder's or file's name.
func ParseTarget(text string) (Target, error) {
	rest, ok := strings.CutPrefix(text, "github:")
	if !ok {
		return parseAddress(text)
	}
	rest, ref := cutRef(rest)
	owner, rest, _ := strings.Cut(rest, "/")
	repo, file, hasPath := strings.Cut(rest, "/")
	t := Target{Owner: owner, Repo: repo, Path: file, Ref: ref}
	if !hasPath {
		t.Path = DescriptorFile
	}
	switch {
	case !ownerPattern.MatchString(owner) || repo != "*" && (!repoPattern.MatchString(repo) || repo == "." || repo == ".."):
		return Target{}, errors.New("write github:OWNER/REPO, github:OWNER/REPO/PATH@REF, or github:OWNER/* for all repositories")
	case repo == "*" && (hasPath && file != DescriptorFile || ref != ""):
		return Target{}, fmt.Errorf("write github:%s/*: of all repositories the %s on the default branch is read", owner, DescriptorFile)
	case t.Path == "" || path.Clean(t.Path) != t.Path || slices.Contains(strings.Split(t.Path, "/"), "..") || strings.HasPrefix(t.Path, "/"):
		return Target{}, errors.New("the path is a file or a pattern within the repository")
	case strings.HasSuffix(text, "@") || strings.ContainsAny(ref, " \t\\~^:?*["):
		return Target{}, errors.New("after @ stands a branch, a tag or a commit")
	}
	if _, err := path.Match(t.Path, ""); err != nil {
		return Target{}, fmt.Errorf("%q is no pattern of files", t.Path)
	}
	return t, nil
}

// cutRef takes the ref off; an @ after a slash begins a name, as of packages: `packages/@acme/ui`.
func cutRef(text string) (rest, ref string) {
	for i := 1; i < len(text); i++ {
		if text[i] == '@' && text[i-1] != '/' {
			return text[:i], text[i+1:]
		}
	}
	return text, ""
}

func parseAddress(text string) (Target, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Scheme == "":
		return Target{}, errors.New("it is no address that can be read")
	case u.Scheme != "https" && u.Scheme != "http":
		return Target{}, fmt.Errorf("%s: is not read; write an https:// address or github:OWNER/REPO", u.Scheme)
	case u.Host == "" || u.Opaque != "":
		return Target{}, errors.New("the address has no host")
	case u.User != nil:
		return Target{}, errors.New("an address with a name or password in it is not read")
	case strings.Trim(u.Path, "/") == "":
		return Target{}, errors.New("the address names no file")
	}
	u.Fragment = ""
	return Target{URL: u.String()}, nil
}

// String is the target as a location writes it.
func (t Target) String() string {
	if t.URL != "" {
		return t.URL
	}
	text := "github:" + t.Owner + "/" + t.Repo
	if t.Repo != "*" && t.Path != DescriptorFile {
		text += "/" + t.Path
	}
	if t.Ref != "" {
		text += "@" + t.Ref
	}
	return text
}

// tree is the name of the tree that the target means; ok is false for all of an owner.
func (t Target) tree() (name string, ok bool) {
	switch {
	case t.URL != "":
		tree, _ := splitFile(t.URL)
		return tree, true
	case t.Repo == "*":
		return "", false
	}
	return RepositoryTree(t.Owner+"/"+t.Repo, t.Ref), true
}

// names tells whether the target names a file of a tree itself.
func (t Target) names(tree, file string) bool {
	if t.Repo == "*" {
		return t.owns(tree) && file == DescriptorFile
	}
	return t.owns(tree) && (t.URL == tree+"/"+file || t.URL == "" && matchesPath(t.Path, file))
}

// owns tells whether a tree is one that the target means.
func (t Target) owns(tree string) bool {
	if t.Repo == "*" {
		owner, repo, _ := strings.Cut(strings.TrimPrefix(tree, "github:"), "/")
		return strings.HasPrefix(tree, "github:") && strings.EqualFold(owner, t.Owner) && !strings.Contains(repo, "@")
	}
	name, _ := t.tree()
	return strings.EqualFold(name, tree)
}

// onGitHub is the target at which a page of GitHub's leads; web is where repositories are seen, `https://github.com`. A ref
// with a slash in it cannot be told from a folder and is taken to end there. Backstage's `/*/blob/-/catalog-info.yaml` is
// all repositories.
func onGitHub(web, address string) (Target, bool) {
	const raw = "https://raw.githubusercontent.com/"
	address, _, _ = strings.Cut(address, "#")
	address, _, _ = strings.Cut(address, "?")
	var parts []string // owner, repository, ref, path
	if rest, ok := strings.CutPrefix(address, raw); ok && web != "" {
		owner, rest, _ := strings.Cut(rest, "/")
		repo, rest, _ := strings.Cut(rest, "/")
		parts = append([]string{owner, repo}, strings.SplitN(strings.TrimPrefix(rest, "refs/heads/"), "/", 2)...)
	} else if rest, ok := strings.CutPrefix(address, strings.TrimSuffix(web, "/")+"/"); ok && web != "" {
		parts = strings.SplitN(rest, "/", 5)
		if len(parts) < 5 || !slices.Contains([]string{"blob", "raw", "tree", "edit"}, parts[2]) {
			return Target{}, false
		}
		parts = slices.Delete(parts, 2, 3)
	}
	if len(parts) != 4 {
		return Target{}, false
	}
	file, err := url.PathUnescape(parts[3])
	if err != nil {
		return Target{}, false
	}
	t := Target{Owner: parts[0], Repo: strings.TrimSuffix(parts[1], ".git"), Path: file, Ref: parts[2]}
	if t.Ref == "-" || t.Ref == "HEAD" {
		t.Ref = ""
	}
	_, err = ParseTarget(t.String())
	return t, err == nil
}
