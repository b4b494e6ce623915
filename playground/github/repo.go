package github

import (
	"encoding/hex"
	"fmt"
	"maps"
	"sort"
	"strings"
	"time"
)

// repo is a repository in motion.
type repo struct {
	id          int64
	home        *owner
	owner, name string // owner is home's login
	rules       *RepoRules
	variables   map[string]string // of Actions, by upper-case name
	private     bool
	archived    bool
	branches    map[string]string // branch → commit id
	tags        map[string]string
	commits     map[string]*commit
	blobs       map[string][]byte
	pulls       []*pull // by number, ascending
	issues      []*issue
	nextNumber  int // of pull requests and issues, which share one sequence
	created     time.Time
	pushed      time.Time
	updated     time.Time      // of what is no push: a name, the archive
	runNumbers  map[string]int // workflow path → number of its last run
	runs        []*run         // oldest first
	pushCount   int            // generated commits so far; part of their content
}

// pull is a pull request from a branch of the same repository.
type pull struct {
	id                 int64
	number             int
	title, body        string
	head, base         string
	headSHA            string // kept when the branch is gone
	baseSHA            string
	author             string
	draft              bool
	state              string // open or closed
	created, updated   time.Time
	closed, merged     time.Time
	mergeSHA, mergedBy string
}

func (r *repo) slug() string { return r.owner + "/" + r.name }

// defaultBranch is what GitHub calls the repository's main branch.
func (r *repo) defaultBranch() string { return "main" }

// head is the newest commit of a branch.
func (r *repo) head(branch string) *commit { return r.commits[r.branches[branch]] }

// resolve finds the commit that a branch, a tag, refs/heads/…, heads/…, tags/…, or an unambiguous prefix of a commit id
// of at least four digits names; nil when there is none.
func (r *repo) resolve(ref string) *commit {
	name := strings.TrimPrefix(ref, "refs/")
	if b, ok := strings.CutPrefix(name, "heads/"); ok && r.branches[b] != "" {
		return r.head(b)
	}
	if t, ok := strings.CutPrefix(name, "tags/"); ok && r.tags[t] != "" {
		return r.commits[r.tags[t]]
	}
	if r.branches[ref] != "" {
		return r.head(ref)
	}
	if sha := r.tags[ref]; sha != "" {
		return r.commits[sha]
	}
	return r.commitByPrefix(ref)
}

func (r *repo) commitByPrefix(prefix string) *commit {
	prefix = strings.ToLower(prefix)
	if c := r.commits[prefix]; c != nil {
		return c
	}
	if len(prefix) < 4 || len(prefix) >= 40 {
		return nil
	}
	if _, err := hex.DecodeString(prefix + strings.Repeat("0", len(prefix)%2)); err != nil {
		return nil
	}
	var found *commit
	for sha, c := range r.commits {
		if strings.HasPrefix(sha, prefix) {
			if found != nil {
				return nil
			}
			found = c
		}
	}
	return found
}

// size is what the default branch holds, in KB as GitHub counts.
func (r *repo) size() int {
	head, bytes := r.head(r.defaultBranch()), 0
	if head == nil {
		return 0
	}
	for _, sha := range head.files {
		bytes += len(r.blobs[sha])
	}
	return 1 + bytes/1024
}

// file is the content of path at c.
func (r *repo) file(c *commit, path string) ([]byte, bool) {
	sha, ok := c.files[path]
	if !ok {
		return nil, false
	}
	return r.blobs[sha], true
}

// addBlob stores content and gives its id.
func (r *repo) addBlob(content []byte) string {
	sha := objectID("blob", content)
	r.blobs[sha] = content
	return sha
}

// change is one commit to be made: files to write (nil content deletes).
type change struct {
	branch  string
	author  signature
	message string
	files   map[string][]byte
	links   map[string]string // symbolic links: path → target
	from    string            // ref the branch starts from when it is new; default branch if empty
}

// commitChange makes the commit and moves the branch. A branch that does not exist is made from c.from.
func (r *repo) commitChange(c change) (*commit, error) {
	parent := r.head(c.branch)
	if parent == nil && len(r.commits) > 0 {
		from := c.from
		if from == "" {
			from = r.defaultBranch()
		}
		if parent = r.resolve(from); parent == nil {
			return nil, fmt.Errorf("no ref found for: %s", from)
		}
	}
	files, links := map[string]string{}, map[string]bool{}
	var parents []string
	if parent != nil {
		files = maps.Clone(parent.files)
		maps.Copy(links, parent.links)
		parents = []string{parent.sha}
	}
	for path, target := range c.links {
		files[path], links[path] = r.addBlob([]byte(target)), true
	}
	for path, content := range c.files {
		delete(links, path)
		if content == nil {
			delete(files, path)
		} else {
			files[path] = r.addBlob(content)
		}
	}
	made := newCommit(files, links, parents, c.author, c.message)
	r.commits[made.sha] = made
	r.branches[c.branch] = made.sha
	r.pushed = made.author.When
	for _, p := range r.pulls {
		if p.state == "open" && p.head == c.branch {
			p.headSHA, p.updated = made.sha, made.author.When
		}
	}
	return made, nil
}

// history lists c and its ancestors, newest first.
func (r *repo) history(c *commit) []*commit {
	seen := map[string]bool{c.sha: true}
	queue := []*commit{c}
	var out []*commit
	for len(queue) > 0 {
		next := queue[0]
		queue = queue[1:]
		out = append(out, next)
		for _, p := range next.parents {
			if parent := r.commits[p]; parent != nil && !seen[p] {
				seen[p] = true
				queue = append(queue, parent)
			}
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].author.When.After(out[j].author.When) })
	return out
}

// comparison is what base...head says: the commits of head that base lacks (oldest first) and the other way round.
type comparison struct {
	mergeBase     *commit
	ahead, behind []*commit
}

func (r *repo) compare(base, head *commit) comparison {
	inBase, inHead := map[string]bool{}, map[string]bool{}
	baseHistory, headHistory := r.history(base), r.history(head)
	for _, c := range baseHistory {
		inBase[c.sha] = true
	}
	var out comparison
	for _, c := range headHistory {
		inHead[c.sha] = true
		if !inBase[c.sha] {
			out.ahead = append([]*commit{c}, out.ahead...)
		} else if out.mergeBase == nil {
			out.mergeBase = c
		}
	}
	for _, c := range baseHistory {
		if !inHead[c.sha] {
			out.behind = append([]*commit{c}, out.behind...)
		}
	}
	return out
}

// pullByNumber finds a pull request.
func (r *repo) pullByNumber(n int) *pull {
	for _, p := range r.pulls {
		if p.number == n {
			return p
		}
	}
	return nil
}
