package github

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	gh "github.com/google/go-github/v60/github"
	"github.com/stretchr/testify/require"

	"bellhop/internal/remotefs"
)

// TestALargeRepositoryIsListedFolderByFolder plays GitHub's answer for more than 100,000 files.
func TestALargeRepositoryIsListedFolderByFolder(t *testing.T) {
	var asked atomic.Int32
	tree := func(cut bool, entries ...treeEntry) string {
		out, err := json.Marshal(map[string]any{"tree": entries, "truncated": cut})
		require.NoError(t, err)
		return string(out)
	}
	answers := map[string]string{
		"/main?recursive=1": tree(true, treeEntry{"a", "040000", "1"}),
		"/main":             tree(false, treeEntry{"a", "040000", "1"}, treeEntry{"z", "040000", "2"}, treeEntry{"x.yaml", "100644", "3"}),
		"/2":                tree(false, treeEntry{"deep", "040000", "4"}), "/4": tree(false, treeEntry{"y.yaml", "100755", "5"}),
	}
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		answer, ok := answers[strings.TrimPrefix(r.URL.RequestURI(), "/api/v3/repos/acme/large/git/trees")]
		require.True(t, ok, r.URL)
		fmt.Fprint(w, answer)
	})
	files := remotefs.New(context.Background(), &contents{c: c, repository: "acme/large", ref: "main"})
	root, err := fs.ReadDir(files, ".")
	require.NoError(t, err)
	require.Len(t, root, 3)
	for range 2 {
		deep, err := fs.ReadDir(files, "z/deep")
		require.NoError(t, err)
		require.Len(t, deep, 1)
		require.Equal(t, "y.yaml", deep[0].Name())
		info, err := fs.Stat(files, "z/deep/y.yaml")
		require.NoError(t, err)
		require.True(t, info.Mode().IsRegular())
	}
	_, err = fs.ReadDir(files, "z/none")
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.EqualValues(t, 4, asked.Load(), "each folder once")
}

// TestAnAppListsWhatItIsInstalledFor holds an App to the repositories of the owner's installation.
func TestAnAppListsWhatItIsInstalledFor(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		require.Equal(t, "/api/v3/installation/repositories", r.URL.Path)
		if r.URL.Query().Get("page") == "1" {
			w.Header().Set("Link", `<https://x/?page=2>; rel="next"`)
			fmt.Fprint(w, `{"total_count":3,"repositories":[{"full_name":"Acme/zebra","default_branch":"main"},{"full_name":"acme/Apple","pushed_at":null}]}`)
			return
		}
		fmt.Fprint(w, `{"total_count":3,"repositories":[{"full_name":"acme/mango","archived":true},{"full_name":"other/x"}]}`)
	})
	c.auth = installed{c.auth}
	found, err := c.repositoriesOf(context.Background(), "acme")
	require.NoError(t, err)
	var names []string
	for _, r := range found {
		names = append(names, r.Slug)
	}
	require.Equal(t, []string{"acme/Apple", "acme/mango", "Acme/zebra"}, names)
}

// installed makes a token look like an App's.
type installed struct{ auth }

func (installed) self() (*gh.Client, bool) { return nil, true }
