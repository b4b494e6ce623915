package github

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync"

	gh "github.com/google/go-github/v60/github"

	"bellhop/internal/remotefs"
)

// maxFile is how long a file may be that is read from a repository, in bytes; the catalog reads no longer one.
const maxFile = 16 << 20

// contents are the files of a repository at a ref. It satisfies remotefs.Source.
type contents struct {
	c          *Client
	repository string
	ref        string // a branch's name or a commit's id
	bulk       bool   // one of many repositories, or files

	mu      sync.Mutex
	folders map[string][]treeEntry // by path, "." the root; nil until it was listed
	whole   bool                   // folders has them all
}

var _ remotefs.Source = (*contents)(nil)

// File is a file on a repository's default branch, for somebody who waits for it; fs.ErrNotExist where there is none.
func (c *Client) File(ctx context.Context, slug, name string) ([]byte, error) {
	r, err := c.lookAt(ctx, slug)
	if err != nil {
		return nil, err
	}
	data, err := (&contents{c: c, repository: r.Slug, ref: r.Branch}).Fetch(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("read %s of %s: %w", name, slug, err)
	}
	return data, nil
}

// Fetch implements remotefs.Source.
func (s *contents) Fetch(ctx context.Context, name string) ([]byte, error) {
	var answer json.RawMessage
	if err := s.get(ctx, "contents/"+escaped(name)+"?ref="+url.QueryEscape(s.ref), "", &answer); err != nil {
		return nil, s.refusal(err)
	}
	if bytes.HasPrefix(bytes.TrimSpace(answer), []byte("[")) {
		return nil, remotefs.ErrFolder
	}
	var file struct {
		Type, Encoding, Content, Target, SHA string
		Size                                 int64
	}
	if err := json.Unmarshal(answer, &file); err != nil {
		return nil, fmt.Errorf("read GitHub's answer: %w", err)
	}
	switch {
	case file.Type == "symlink" && s.isFolder(path.Join(path.Dir(name), file.Target)):
		return nil, remotefs.ErrFolder
	case file.Type == "symlink":
		// GitHub itself follows a link to a file of the repository.
		return nil, fmt.Errorf("it is a symbolic link to %.100q, which is no file of %s", file.Target, s.repository)
	case file.Type != "file":
		return nil, fmt.Errorf("it is a %s, no file", file.Type)
	case file.Size > maxFile:
		return nil, fmt.Errorf("it is larger than %d MB", maxFile>>20)
	case file.Encoding == "none": // over 1 MB the content does not come along
		var raw bytes.Buffer
		if err := s.get(ctx, "git/blobs/"+url.PathEscape(file.SHA), "application/vnd.github.raw+json", &raw); err != nil {
			return nil, s.refusal(err)
		}
		return raw.Bytes(), nil
	}
	data, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(file.Content, "\n", ""))
	if err != nil {
		return nil, fmt.Errorf("read GitHub's answer: %w", err)
	}
	return data, nil
}

// isFolder tells a folder that was listed. A link to one is a folder too, but GitHub follows none into it, so it is empty.
func (s *contents) isFolder(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, is := s.folders[name]
	return is
}

// treeEntry is something in a folder, as Git's trees tell of it.
type treeEntry struct {
	Path string `json:"path"`
	Mode string `json:"mode"`
	SHA  string `json:"sha"`
}

func (e treeEntry) mode() fs.FileMode {
	switch e.Mode {
	case "040000":
		return fs.ModeDir
	case "120000":
		return fs.ModeSymlink
	case "160000": // a submodule
		return fs.ModeIrregular
	}
	return 0
}

// List implements remotefs.Source. The first listing takes in the whole repository with one request; GitHub cuts it for those
// with more than 100,000 files, and then it goes folder by folder.
func (s *contents) List(ctx context.Context, folder string) ([]fs.DirEntry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.folders == nil {
		if err := s.listWhole(ctx); err != nil {
			return nil, err
		}
	}
	list, err := s.folder(ctx, folder)
	if err != nil {
		return nil, err
	}
	entries := make([]fs.DirEntry, len(list))
	for i, e := range list {
		entries[i] = remotefs.Entry(path.Base(e.Path), e.mode())
	}
	return entries, nil
}

func (s *contents) listWhole(ctx context.Context) error {
	all, cut, err := s.tree(ctx, s.ref, true)
	if err != nil {
		return err
	}
	s.folders, s.whole = map[string][]treeEntry{".": nil}, !cut
	for _, e := range all {
		if dir := path.Dir(e.Path); !cut || dir == "." {
			s.folders[dir] = append(s.folders[dir], e)
		}
		if e.mode().IsDir() && !cut && s.folders[e.Path] == nil {
			s.folders[e.Path] = []treeEntry{}
		}
	}
	if cut { // even the root may be
		s.folders["."], _, err = s.tree(ctx, s.ref, false)
	}
	return err
}

// folder is what a folder holds, read by the id that its parent names where the listing was cut.
func (s *contents) folder(ctx context.Context, name string) ([]treeEntry, error) {
	if list, ok := s.folders[name]; ok {
		return list, nil
	}
	if s.whole {
		return nil, fs.ErrNotExist
	}
	siblings, err := s.folder(ctx, path.Dir(name))
	if err != nil {
		return nil, err
	}
	for _, e := range siblings {
		if path.Base(e.Path) == path.Base(name) && e.mode().IsDir() {
			list, _, err := s.tree(ctx, e.SHA, false)
			if err == nil {
				s.folders[name] = list
			}
			return list, err
		}
	}
	return nil, fs.ErrNotExist
}

func (s *contents) tree(ctx context.Context, of string, recursive bool) (list []treeEntry, cut bool, err error) {
	address := "git/trees/" + url.PathEscape(of)
	if recursive {
		address += "?recursive=1"
	}
	var answer struct {
		Tree      []treeEntry `json:"tree"`
		Truncated bool        `json:"truncated"`
	}
	err = s.get(ctx, address, "", &answer)
	if statusOf(err) == http.StatusConflict { // "Git Repository is empty."
		return nil, false, nil
	}
	if err != nil {
		return nil, false, s.refusal(err)
	}
	return answer.Tree, answer.Truncated, nil
}

// get asks for what lies under the repository's address.
func (s *contents) get(ctx context.Context, address, accept string, into any) error {
	client, owner, repo, err := s.c.in(ctx, s.repository)
	if err == nil && s.bulk {
		err = s.c.inBulk(ctx, owner)
	}
	if err != nil {
		return err
	}
	return get(ctx, client, "repos/"+owner+"/"+repo+"/"+address, accept, into)
}

// refusal says why a file is not given: there is none, or what must be mended.
func (s *contents) refusal(err error) error {
	switch statusOf(err) {
	case http.StatusNotFound:
		return fs.ErrNotExist
	case http.StatusForbidden:
		return fmt.Errorf("Bellhop's credentials may not read files of %s: they need Contents: read (%w)", s.repository, plainly(err))
	}
	return plainly(err)
}

// get asks an API address; into is a value for JSON or an io.Writer for the bytes.
func get(ctx context.Context, client *gh.Client, address, accept string, into any) error {
	req, err := client.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return fmt.Errorf("ask for %s: %w", address, err)
	}
	if accept != "" {
		req.Header.Set("Accept", accept)
	}
	_, err = client.Do(ctx, req, into)
	return err
}

// escaped is a path for an API address.
func escaped(name string) string {
	parts := strings.Split(name, "/")
	for i, part := range parts {
		parts[i] = url.PathEscape(part)
	}
	return strings.Join(parts, "/")
}
