package remotefs_test

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellhop/internal/remotefs"
)

// source has a few files and counts what is asked of it.
type source struct {
	fetched, listed int
	failing         error
}

func (s *source) Fetch(_ context.Context, name string) ([]byte, error) {
	s.fetched++
	if s.failing != nil {
		return nil, s.failing
	}
	files := map[string]string{"a/x.yaml": "x", "a/link": "x", "y.yaml": "y"}
	if text, ok := files[name]; ok {
		return []byte(text), nil
	}
	for file := range maps.Keys(files) {
		if strings.HasPrefix(file, name+"/") {
			return nil, remotefs.ErrFolder
		}
	}
	return nil, fs.ErrNotExist
}

func (s *source) List(_ context.Context, folder string) ([]fs.DirEntry, error) {
	s.listed++
	switch folder {
	case ".":
		return []fs.DirEntry{remotefs.Entry("a", fs.ModeDir), remotefs.Entry("y.yaml", 0)}, s.failing
	case "a":
		return []fs.DirEntry{remotefs.Entry("link", fs.ModeSymlink), remotefs.Entry("x.yaml", 0)}, s.failing
	}
	return nil, fs.ErrNotExist
}

func TestEachFileIsFetchedOnce(t *testing.T) {
	s := &source{}
	files := remotefs.New(context.Background(), s)
	require.NoError(t, files.Prefetch("a/x.yaml"))
	info, err := fs.Stat(files, "a/x.yaml")
	require.NoError(t, err)
	require.True(t, info.Mode().IsRegular())
	data, err := fs.ReadFile(files, "a/x.yaml")
	require.NoError(t, err)
	require.Equal(t, "x", string(data))
	for range 2 {
		_, err = fs.ReadFile(files, "none")
		require.ErrorIs(t, err, fs.ErrNotExist)
		info, err = fs.Stat(files, "a")
		require.NoError(t, err)
		require.True(t, info.IsDir())
	}
	require.Equal(t, 3, s.fetched)
	for _, outside := range []string{"../x", "/x", "a//x", ""} {
		_, err = files.Open(outside)
		require.ErrorIs(t, err, fs.ErrInvalid, outside)
	}
	s.failing = errors.New("no answer")
	_, err = files.Open("y.yaml")
	require.ErrorIs(t, err, s.failing)
	s.failing = nil
	_, err = files.Open("y.yaml")
	require.NoError(t, err, "trouble is not remembered")
}

func TestAListingSaysWhatNeedsNoFetching(t *testing.T) {
	s := &source{}
	files := remotefs.New(context.Background(), s)
	matches, err := fs.Glob(files, "*/x.yaml")
	require.NoError(t, err)
	require.Equal(t, []string{"a/x.yaml"}, matches)
	_, err = fs.Stat(files, "a/b/none")
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.Zero(t, s.fetched)
	info, err := fs.Stat(files, "a/link")
	require.NoError(t, err)
	require.True(t, info.Mode().IsRegular(), "what a link leads to")
	require.Equal(t, 1, s.fetched)
	all, err := fs.ReadDir(files, "a")
	require.NoError(t, err)
	require.True(t, slices.ContainsFunc(all, func(e fs.DirEntry) bool { return e.Type()&fs.ModeSymlink != 0 }))
}
