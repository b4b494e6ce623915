package github_test

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellhop/catalog"
	"bellhop/clock"
	"bellhop/integrations/github"
)

// counted is the way to GitHub, with what was asked on it.
type counted struct {
	asked, spared atomic.Int32 // requests; those of them that GitHub does not count
}

// RoundTrip implements http.RoundTripper.
func (c *counted) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(r)
	c.asked.Add(1)
	if err == nil && resp.StatusCode == http.StatusNotModified {
		c.spared.Add(1)
	}
	return resp, err
}

// since is how many requests were counted by GitHub, and how many were asked, since the last time.
func (c *counted) since() (counts, asked int) {
	a, s := c.asked.Swap(0), c.spared.Swap(0)
	return int(a - s), int(a)
}

// timeless is a clock that is never waited for: reading in bulk is held back by the minute.
type timeless struct{ clock.Clock }

// Wait implements clock.Clock.
func (timeless) Wait(ctx context.Context, _ time.Time) error { return ctx.Err() }

// reader keeps what a catalog would: the versions of trees, and what their files were.
type reader struct {
	t        *testing.T
	origins  *github.Origins
	versions map[string]string
	files    map[string]string
	order    []string
	missing  int
}

func newReader(w *world) (*reader, *counted) {
	way := &counted{}
	client, err := github.New(github.Options{APIURL: w.url + "/api/v3/", Token: "ghp_demo", Clock: timeless{w.clock}, Transport: way})
	require.NoError(w.t, err)
	return &reader{t: w.t, origins: github.NewOrigins(client), versions: map[string]string{}, files: map[string]string{}}, way
}

// read reads a location as the catalog does: what is as it was is left.
func (r *reader) read(target string) error {
	r.order, r.missing = nil, 0
	return r.origins.Open(context.Background(), target, func(tree string) string { return r.versions[tree] }, func(tree catalog.Tree) error {
		r.order = append(r.order, tree.Name)
		if tree.Version != "" && r.versions[tree.Name] == tree.Version {
			return nil
		}
		for _, path := range tree.Paths {
			data, err := fs.ReadFile(tree.Files, path)
			switch {
			case errors.Is(err, fs.ErrNotExist) && tree.Optional:
				r.missing++
			case err != nil:
				return err
			default:
				r.files[tree.Name+"/"+path] = string(data)
			}
		}
		r.versions[tree.Name] = tree.Version
		return nil
	})
}

// TestAnOrganisationIsReadWithinItsLimits holds 1,000 repositories to 1,200 requests cold, and to none that counts when
// nothing has changed.
func TestAnOrganisationIsReadWithinItsLimits(t *testing.T) {
	w := newWorld(t)
	w.control("organisation", map[string]any{"login": "globex", "repos": 1000, "described": 700, "archived": 7, "empty": 3})
	require.NoError(t, w.clock.To(w.clock.Now().Add(time.Hour))) // so that pushes have settled
	r, way := newReader(w)

	require.NoError(t, r.read("github:globex/*"))
	counts, _ := way.since()
	require.LessOrEqual(t, counts, 1200)
	require.Len(t, r.order, 1003)
	require.IsIncreasing(t, r.order)
	require.Len(t, r.files, 700)
	require.Equal(t, 303, r.missing)

	require.NoError(t, r.read("github:globex/*"))
	counts, asked := way.since()
	require.Zero(t, counts, "an unchanged organisation costs nothing")
	require.LessOrEqual(t, asked, 12)
	require.Len(t, r.order, 1003)

	w.control("push", map[string]any{"repo": "globex/service-007", "files": map[string]string{"catalog-info.yaml": "changed"}})
	require.NoError(t, w.clock.To(w.clock.Now().Add(2*time.Minute)))
	require.NoError(t, r.read("github:globex/*"))
	counts, _ = way.since()
	require.LessOrEqual(t, counts, 3, "the page that lists it, and its file")
	require.Equal(t, "changed", r.files["github:globex/service-007/catalog-info.yaml"])
}

// one reads a location's trees, and all that their paths name in them.
func (w *world) one(client *github.Client, target string) (trees []catalog.Tree, err error) {
	err = github.NewOrigins(client).Open(context.Background(), target, func(string) string { return "" }, func(tree catalog.Tree) error {
		trees = append(trees, tree)
		return nil
	})
	return trees, err
}

func TestARepositoryIsOpenedAtItsRef(t *testing.T) {
	w := newWorld(t)
	const file = "catalog-info.yaml"
	w.control("repo", map[string]any{"name": "mono", "files": map[string]string{
		file: "root", "services/a/catalog-info.yaml": "a", "services/b/catalog-info.yaml": "b", "services/b/big.yaml": strings.Repeat("x", 1<<20+1),
		"packages/@acme/ui.yaml": "ui"},
		"links": map[string]string{"services/a/link.yaml": "catalog-info.yaml", "services/a/out.yaml": "../../../etc/passwd", "services/c": "a"}})
	w.control("push", map[string]any{"repo": "acme/mono", "branch": "feature/x", "from": "main", "files": map[string]string{file: "other"}})
	require.NoError(t, w.clock.Advance(time.Hour))

	trees, err := w.one(w.client, "github:Acme/Mono")
	require.NoError(t, err)
	main := trees[0]
	require.Equal(t, "github:acme/mono", main.Name)
	require.Equal(t, "acme/mono", main.Repository)
	require.NotEmpty(t, main.Version)
	require.Equal(t, []string{file}, main.Paths)
	require.False(t, main.Optional)
	for path, want := range map[string]string{file: "root", "services/a/link.yaml": "a", "packages/@acme/ui.yaml": "ui"} {
		data, err := fs.ReadFile(main.Files, path)
		require.NoError(t, err)
		require.Equal(t, want, string(data))
	}
	big, err := fs.ReadFile(main.Files, "services/b/big.yaml")
	require.NoError(t, err)
	require.Len(t, big, 1<<20+1)
	_, err = fs.ReadFile(main.Files, "services/none.yaml")
	require.ErrorIs(t, err, fs.ErrNotExist)
	for path, want := range map[string]string{
		"services/a/out.yaml": `it is a symbolic link to "../../../etc/passwd", which is no file of acme/mono`, "services": "it is a folder",
	} {
		_, err = fs.ReadFile(main.Files, path)
		require.ErrorContains(t, err, want)
		require.NotErrorIs(t, err, fs.ErrNotExist)
	}
	found, problems := catalog.Files(main.Files, "services/*/catalog-info.yaml")
	require.Empty(t, problems)
	require.Equal(t, []string{"services/a/catalog-info.yaml", "services/b/catalog-info.yaml"}, found)

	trees, err = w.one(w.client, "github:acme/mono@feature/x")
	require.NoError(t, err)
	require.Equal(t, "github:acme/mono@feature%2Fx", trees[0].Name)
	require.Regexp(t, "^[0-9a-f]{40}$", trees[0].Version)
	data, err := fs.ReadFile(trees[0].Files, file)
	require.NoError(t, err)
	require.Equal(t, "other", string(data))
	again, err := w.one(w.client, "github:acme/mono@"+trees[0].Version)
	require.NoError(t, err)
	require.Equal(t, trees[0].Version, again[0].Version)

	w.control("repo", map[string]any{"repo": "acme/mono", "rename": "poly"})
	_, err = w.one(w.client, "github:acme/mono")
	require.EqualError(t, err, "acme/mono is called acme/poly by now: write github:acme/poly")
}

func TestWhatCannotBeOpened(t *testing.T) {
	w := newWorld(t)
	for target, want := range map[string]string{
		"github:acme/none":             "there is no repository acme/none, or Bellhop's credentials may not see it",
		"github:nobody-at-all/*":       "there is no organisation or user nobody-at-all at GitHub",
		"github:acme/payments@no-such": "acme/payments has no branch, tag or commit no-such",
		"github:acme/payments@a..b":    `"a..b" is no branch, tag or commit`,
		"https://example.com/x.yaml":   "https://example.com/x.yaml is no repository",
	} {
		_, err := w.one(w.client, target)
		require.EqualError(t, err, want)
	}
}

func TestAPersonsRepositoriesAreOpened(t *testing.T) {
	w := newWorld(t)
	w.control("repo", map[string]any{"name": "alice/dotfiles", "public": true, "files": map[string]string{"catalog-info.yaml": "dots"}})
	w.control("repo", map[string]any{"name": "alice/diary", "files": map[string]string{"catalog-info.yaml": "secret"}})
	for token, want := range map[string][]string{
		"ghp_demo": {"github:alice/dotfiles"}, "ghp_alice": {"github:alice/diary", "github:alice/dotfiles"},
	} {
		trees, err := w.one(w.as(token), "github:alice/*")
		require.NoError(t, err)
		var names []string
		for _, tree := range trees {
			names = append(names, tree.Name)
		}
		require.Equal(t, want, names, token)
	}
}

// TestAPauseEndsTheReading holds the rest of an organisation to what it was when GitHub's limit is used up.
func TestAPauseEndsTheReading(t *testing.T) {
	w := newWorld(t)
	w.control("organisation", map[string]any{"login": "globex", "repos": 40})
	w.control("fault", map[string]any{"path": "/contents/", "status": 429, "times": 1000})
	trees, err := w.one(w.client, "github:globex/*")
	var pause *github.RateLimited
	require.ErrorAs(t, err, &pause)
	require.Empty(t, trees)
}
