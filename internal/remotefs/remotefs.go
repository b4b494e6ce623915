// Package remotefs makes an fs.FS of files that are fetched one at a time, each once.
package remotefs

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Source is where files come from. Its errors are shown to people; fs.ErrNotExist tells that there is no such file.
type Source interface {
	// Fetch gives a file's content. For a folder it is ErrFolder.
	Fetch(ctx context.Context, name string) ([]byte, error)
	// List gives what a folder holds.
	List(ctx context.Context, folder string) ([]fs.DirEntry, error)
}

// ErrFolder tells that the name is a folder's.
var ErrFolder = errors.New("it is a folder")

// FS satisfies fs.FS, fs.StatFS and fs.ReadDirFS. It is meant to be read once and soon: what it fetched is kept until it is
// opened, and that something is not there or is a folder, for good. It is safe for concurrent use.
type FS struct {
	ctx    context.Context // of whoever asked for the tree: fs.FS has no place for one
	source Source

	mu    sync.Mutex
	known map[string]outcome
	lists atomic.Bool // the source can list, and probably has the listing at hand
}

type outcome struct {
	data []byte
	err  error
}

// New makes an FS. All of its fetching ends with ctx.
func New(ctx context.Context, source Source) *FS {
	return &FS{ctx: ctx, source: source, known: map[string]outcome{}}
}

// Prefetch fetches a file ahead of being asked for it. Its error is what Open would say.
func (f *FS) Prefetch(name string) error { return f.look(name, false).err }

// Open implements fs.FS. A folder cannot be opened, only read by fs.ReadDir.
func (f *FS) Open(name string) (fs.File, error) {
	got := f.look(name, true)
	if got.err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: got.err}
	}
	return &file{info: info{name: path.Base(name), size: len(got.data)}, Reader: bytes.NewReader(got.data)}, nil
}

// Stat implements fs.StatFS.
func (f *FS) Stat(name string) (fs.FileInfo, error) {
	if name == "." {
		return info{name: ".", mode: fs.ModeDir}, nil
	}
	switch mode, exists, known := f.listed(name); {
	case known && exists:
		return info{name: path.Base(name), mode: mode}, nil
	case known:
		return nil, &fs.PathError{Op: "stat", Path: name, Err: fs.ErrNotExist}
	}
	got := f.look(name, false)
	switch {
	case errors.Is(got.err, ErrFolder):
		return info{name: path.Base(name), mode: fs.ModeDir}, nil
	case got.err != nil:
		return nil, &fs.PathError{Op: "stat", Path: name, Err: got.err}
	}
	return info{name: path.Base(name), size: len(got.data)}, nil
}

// listed is what a listing says of a name, once there was one: to look there costs less than to fetch. What a symbolic link
// leads to is not in it.
func (f *FS) listed(name string) (mode fs.FileMode, exists, known bool) {
	if !f.lists.Load() {
		return 0, false, false
	}
	entries, err := f.source.List(f.ctx, path.Dir(name))
	if err != nil {
		return 0, false, errors.Is(err, fs.ErrNotExist)
	}
	i := slices.IndexFunc(entries, func(e fs.DirEntry) bool { return e.Name() == path.Base(name) })
	if i < 0 {
		return 0, false, true
	}
	mode = entries[i].Type()
	return mode, true, mode&fs.ModeSymlink == 0
}

// ReadDir implements fs.ReadDirFS.
func (f *FS) ReadDir(name string) ([]fs.DirEntry, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrInvalid}
	}
	entries, err := f.source.List(f.ctx, name)
	if err != nil {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: err}
	}
	f.lists.Store(true)
	return entries, nil
}

// look fetches what is not known yet; taken lets go of a content.
func (f *FS) look(name string, taken bool) outcome {
	if !fs.ValidPath(name) {
		return outcome{err: fs.ErrInvalid}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	got, ok := f.known[name]
	if !ok {
		got.data, got.err = f.source.Fetch(f.ctx, name)
	}
	switch {
	case taken && got.err == nil:
		delete(f.known, name)
	case got.err == nil || errors.Is(got.err, fs.ErrNotExist) || errors.Is(got.err, ErrFolder):
		f.known[name] = got
	}
	return got
}

// Entry is a file or folder in a listing.
func Entry(name string, mode fs.FileMode) fs.DirEntry {
	return fs.FileInfoToDirEntry(info{name: name, mode: mode})
}

type file struct {
	info
	*bytes.Reader
}

var _ io.Reader = (*file)(nil)

func (f *file) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *file) Close() error               { return nil }

type info struct {
	name string
	size int
	mode fs.FileMode
}

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return int64(i.size) }
func (i info) Mode() fs.FileMode  { return i.mode | 0o444 }
func (i info) ModTime() time.Time { return time.Time{} } // nobody knows
func (i info) IsDir() bool        { return i.mode.IsDir() }
func (i info) Sys() any           { return nil }
