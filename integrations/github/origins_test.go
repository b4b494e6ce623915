package github_test

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
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
