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
	"time"

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

// TestReadingInBulkLeavesTheRestToOthers holds a quarter of the hourly limit back for deployments and questions.
func TestReadingInBulkLeavesTheRestToOthers(t *testing.T) {
	left := atomic.Int32{}
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-RateLimit-Limit", "5000")
		w.Header().Set("X-RateLimit-Remaining", fmt.Sprint(left.Load()))
		w.Header().Set("X-RateLimit-Reset", fmt.Sprint(time.Now().Add(time.Hour).Unix()))
		fmt.Fprint(w, `{"full_name":"acme/payments","default_branch":"main","type":"file","encoding":"base64","content":"eA=="}`)
	})
	ctx := context.Background()
	many := &contents{c: c, repository: "acme/payments", ref: "main", bulk: true}
	one := &contents{c: c, repository: "acme/payments", ref: "main"}
	left.Store(1250)
	for _, name := range []string{"a", "b"} {
		_, err := many.Fetch(ctx, name)
		require.NoError(t, err)
	}
	left.Store(1249)
	_, err := one.Fetch(ctx, "c")
	require.NoError(t, err)
	_, err = many.Fetch(ctx, "d")
	require.True(t, isLimit(err))
	require.ErrorContains(t, err, "most of GitHub's hourly limit is used up, and the rest is kept for deployments and questions until")
	_, err = one.Fetch(ctx, "e")
	require.NoError(t, err)
	file, err := c.File(ctx, "acme/payments", "catalog-info.yaml")
	require.NoError(t, err, "whoever waits for one file is no bulk")
	require.Equal(t, "x", string(file))
	left.Store(4999) // the next hour
	_, err = one.Fetch(ctx, "f")
	require.NoError(t, err)
	_, err = many.Fetch(ctx, "g")
	require.NoError(t, err)
}
