package catalog_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"bellhop/catalog"
	"bellhop/catalog/catalogtest"
	"bellhop/clock"
	"bellhop/internal/skip"
)

func component(name, owner string) string {
	return "---\n{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: " + name + "}, spec: {type: service, lifecycle: production, owner: " + owner + "}}\n"
}

// site is a folder of descriptors with a catalog over it.
type site struct {
	t     *testing.T
	files fstest.MapFS
	store *catalogtest.Memory
	root  fs.FS
}

func newSite(t *testing.T) *site {
	files := fstest.MapFS{}
	return &site{t, files, catalogtest.NewMemory(), files}
}

func (s *site) write(name, text string) { s.files[name] = &fstest.MapFile{Data: []byte(text)} }

// refresh reads the locations; it gives the references in the catalog, each with its file and owner, and the problems.
func (s *site) refresh(locations ...catalog.Location) (entities, problems []string) {
	s.t.Helper()
	c := catalog.New(s.store, catalog.Options{Root: s.root, Locations: locations})
	_, err := c.Refresh(s.t.Context())
	require.NoError(s.t, err)
	found, err := c.Search(s.t.Context(), "", nil, 1000)
	require.NoError(s.t, err)
	for _, e := range found {
		entities = append(entities, fmt.Sprintf("%s %s %s", e.Name, e.Source.File, e.Spec.String("owner")))
	}
	stored, err := s.store.Problems(s.t.Context())
	require.NoError(s.t, err)
	for _, p := range stored {
		problems = append(problems, p.String())
	}
	return entities, problems
}

func at(targets ...string) []catalog.Location {
	var locations []catalog.Location
	for _, target := range targets {
		locations = append(locations, catalog.Location{Target: target})
	}
	return locations
}

func TestAFailedSourceKeepsWhatItGave(t *testing.T) {
	s := newSite(t)
	s.write("a/x.yaml", component("x1", "t")+component("x2", "t"))
	s.write("b/y.yaml", component("y", "t"))
	locations := at("a/*.yaml", "b/y.yaml")
	entities, _ := s.refresh(locations...)
	require.Len(t, entities, 3)

	delete(s.files, "b/y.yaml")
	entities, problems := s.refresh(locations...)
	require.Len(t, entities, 3, "a file that is named and not there is a failure, not an empty file")
	require.Equal(t, []string{"b/y.yaml: there is no such file; what it gave before is kept"}, problems)

	s.write("z/thief.yaml", component("y", "thief"))
	entities, problems = s.refresh(append(locations, at("z/*")...)...)
	require.Contains(t, entities, "y b/y.yaml t", "nobody takes its name over meanwhile")
	require.Len(t, problems, 2)
	delete(s.files, "z/thief.yaml")

	delete(s.files, "a/x.yaml")
	entities, problems = s.refresh(locations...)
	require.Len(t, entities, 3, "and so is a pattern that matches nothing at all")
	require.Len(t, problems, 2)

	s.write("a/other.yaml", component("z", "t"))
	entities, _ = s.refresh(locations...)
	require.Equal(t, []string{"y b/y.yaml t", "z a/other.yaml t"}, entities, "once the pattern matches again, what is gone is gone")

	entities, _ = s.refresh(locations[:1]...)
	require.Equal(t, []string{"z a/other.yaml t"}, entities, "a location that is no longer configured gives nothing")
}

// unreadable is a file system in which one file cannot be read.
type unreadable struct {
	fs.FS
	name string
}

func (u unreadable) Open(name string) (fs.File, error) {
	if name == u.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return u.FS.Open(name)
}

func (u unreadable) Stat(name string) (fs.FileInfo, error) { return fs.Stat(u.FS, name) }

func TestAnUnreadableFileOrFolderKeepsWhatItGave(t *testing.T) {
	s := newSite(t)
	s.write("a/x.yaml", component("x", "t"))
	s.write("a/deep/y.yaml", component("y", "t"))
	entities, _ := s.refresh(at("**/*.yaml")...)
	require.Len(t, entities, 2)

	s.write("a/z.yaml", component("x", "thief")+component("z", "t"))
	s.root = unreadable{s.files, "a/x.yaml"}
	entities, problems := s.refresh(at("**/*.yaml")...)
	require.Equal(t, []string{"x a/x.yaml t", "y a/deep/y.yaml t", "z a/z.yaml t"}, entities)
	require.Equal(t, []string{
		"a/x.yaml: the file cannot be read: permission denied; what it gave before is kept",
		"a/z.yaml:2: component:default/x is already described in a/x.yaml, line 2, which counts; remove one of them, or give it another name",
	}, problems)

	s.root = unreadable{s.files, "a/deep"}
	entities, problems = s.refresh(at("**/*.yaml")...)
	require.Len(t, entities, 3)
	require.Equal(t, "**/*.yaml: the folder a/deep cannot be read: permission denied; what it gave before is kept", problems[0])
}

func TestABrokenDocumentKeepsWhatItGave(t *testing.T) {
	s := newSite(t)
	s.write("x.yaml", component("a", "t")+component("b", "t")+component("c", "t"))
	s.refresh(at("x.yaml")...)

	s.write("x.yaml", component("a", "new")+strings.Replace(component("b", "t"), "service", "7", 1)+component("d", "t"))
	entities, problems := s.refresh(at("x.yaml")...)
	require.Equal(t, []string{"a x.yaml new", "b x.yaml t", "d x.yaml t"}, entities, "b is kept by its name, c is gone")
	c := catalog.New(s.store, catalog.Options{})
	for name, want := range map[string]bool{"a": false, "b": true} {
		e, err := c.Get(t.Context(), catalog.Ref{Kind: "Component", Name: name})
		require.NoError(t, err)
		why, refused, err := c.Refused(t.Context(), e)
		require.NoError(t, err)
		require.Equal(t, want, refused, why)
	}
	require.Len(t, problems, 1)

	s.write("x.yaml", component("a", "new")+"---\nkind: 'Comp\n")
	entities, problems = s.refresh(at("x.yaml")...)
	require.Equal(t, []string{"a x.yaml new", "b x.yaml t", "d x.yaml t"}, entities, "who is meant cannot be told, so all stay")
	require.Len(t, problems, 1)
	again, problemsAgain := s.refresh(at("x.yaml")...)
	require.Equal(t, entities, again)
	require.Equal(t, problems, problemsAgain)

	s.write("x.yaml", component("a", "new"))
	entities, problems = s.refresh(at("x.yaml")...)
	require.Equal(t, []string{"a x.yaml new"}, entities)
	require.Empty(t, problems)
}

func TestTheFirstLocationWinsAName(t *testing.T) {
	s := newSite(t)
	s.write("a.yaml", component("x", "a"))
	s.write("b.yaml", component("X", "b")+component("x", "b2"))
	entities, problems := s.refresh(at("a.yaml", "b.yaml")...)
	require.Equal(t, []string{"x a.yaml a"}, entities)
	require.Equal(t, []string{
		"b.yaml:2: component:default/x is already described in a.yaml, line 2, which counts; remove one of them, or give it another name",
		"b.yaml:4: component:default/x is already described in a.yaml, line 2, which counts; remove one of them, or give it another name",
	}, problems)
	entities, problems = s.refresh(at("b.yaml", "a.yaml")...)
	require.Equal(t, []string{"X b.yaml b"}, entities, "the order of the locations counts, not who was first in time")
	require.Len(t, problems, 2)

	s.write("b.yaml", component("other", "b"))
	entities, problems = s.refresh(at("b.yaml", "a.yaml")...)
	require.Equal(t, []string{"other b.yaml b", "x a.yaml a"}, entities, "a loser's claim comes to count without its file being touched")
	require.Empty(t, problems)

	s.write("0.yaml", component("x", "new"))
	entities, problems = s.refresh(at("0.yaml", "b.yaml", "a.yaml")...)
	require.Equal(t, []string{"other b.yaml b", "x 0.yaml new"}, entities)
	require.Len(t, problems, 1, "and so does a claim before an unchanged file")
	_, problems = s.refresh(at("?.yaml")...)
	require.Len(t, problems, 1)
}

func TestRulesOfALocation(t *testing.T) {
	s := newSite(t)
	s.write("a.yaml", component("x", "a"))
	rules := func(kinds ...string) catalog.Location {
		return catalog.Location{Target: "a.yaml", Rules: []catalog.Rule{{Allow: kinds}}}
	}
	entities, _ := s.refresh(rules("component"))
	require.Len(t, entities, 1)
	entities, problems := s.refresh(rules("Group", "User"))
	require.Empty(t, entities, "what may not come from there does not stay either")
	require.Equal(t, []string{`a.yaml:2: kind: the location "a.yaml" may not give a Component; change the rules of the location, or move the entity`}, problems)
}

func TestFilesTakenIn(t *testing.T) {
	s := newSite(t)
	api := func(definition string) string {
		return "---\n{apiVersion: backstage.io/v1alpha1, kind: API, metadata: {name: api}, spec: {type: openapi, lifecycle: production, owner: t, definition: " + definition + "}}\n"
	}
	definition := func() any {
		e, err := catalog.New(s.store, catalog.Options{}).Get(t.Context(), catalog.Ref{Kind: "API", Name: "api"})
		require.NoError(t, err)
		return e.Spec["definition"]
	}
	s.write("apis/openapi.yaml", "openapi: 3.1.0\n")
	s.write("a/api.yaml", api("{$text: ../apis/openapi.yaml}"))
	_, problems := s.refresh(at("a/*.yaml")...)
	require.Empty(t, problems)
	require.Equal(t, "openapi: 3.1.0\n", definition())
	s.write("apis/openapi.yaml", "openapi: 3.1.1\n")
	s.refresh(at("a/*.yaml")...)
	require.Equal(t, "openapi: 3.1.1\n", definition(), "a change of the other file is seen")

	s.write("a/data.json", `{"list": ["x"]}`)
	s.write("a/api.yaml", api("x, json: {$json: data.json}, yaml: {$yaml: ./data.json}, other: {$x: y}"))
	_, problems = s.refresh(at("a/*.yaml")...)
	require.Empty(t, problems)
	e, err := catalog.New(s.store, catalog.Options{}).Get(t.Context(), catalog.Ref{Kind: "API", Name: "api"})
	require.NoError(t, err)
	require.Equal(t, e.Spec["json"], e.Spec["yaml"])
	require.Equal(t, map[string]any{"list": []any{"x"}}, e.Spec["json"])
	require.Equal(t, map[string]any{"$x": "y"}, e.Spec["other"])

	for file, want := range map[string]string{
		"none.yaml":        "none.yaml cannot be taken in: there is no file a/none.yaml",
		"../../etc/passwd": "../../etc/passwd cannot be taken in: it is outside the config file's folder",
		"/etc/passwd":      "/etc/passwd cannot be taken in: write the file relative to the descriptor, with / between folders",
	} {
		s.write("a/api.yaml", api("{$text: '"+file+"'}"))
		_, problems = s.refresh(at("a/*.yaml")...)
		require.Equal(t, []string{"a/api.yaml:2: spec.definition: " + want}, problems)
		require.Equal(t, "x", definition(), "kept")
	}
	s.write("a/api.yaml", api("{$text: 'https://acme.example/openapi.yaml'}"))
	_, problems = s.refresh(at("a/*.yaml")...)
	require.Equal(t, []string{"a/api.yaml:2: spec.definition: https://acme.example/openapi.yaml is not read: only files are taken in; the address stands in its place; put the file beside the descriptor to have it read"}, problems)
	require.Equal(t, "https://acme.example/openapi.yaml", definition(), "the API is there all the same")
}

func TestManyDocumentsAndFiles(t *testing.T) {
	s := newSite(t)
	var text strings.Builder
	for i := range 5001 {
		text.WriteString(component(fmt.Sprintf("c%d", i), "t"))
	}
	s.write("many.yaml", text.String())
	s.write("large.yaml", strings.Repeat("#", 17<<20))
	_, problems := s.refresh(at("*.yaml")...)
	require.Equal(t, []string{
		"large.yaml: the file cannot be read: it is larger than 16 MB; what it gave before is kept",
		"many.yaml:10001: the file has 5001 documents; only the first 5000 are read; split it into several files",
	}, problems)
	e, err := catalog.New(s.store, catalog.Options{}).Get(t.Context(), catalog.Ref{Kind: "Component", Name: "c4999"})
	require.NoError(t, err)
	require.Equal(t, 5000, e.Source.Document)
}

func TestGlobs(t *testing.T) {
	s := newSite(t)
	for _, name := range []string{"a.yaml", "b.yml", "x/a.yaml", "x/y/a.yaml", "x/y/[z]/a.yaml", ".hidden/a.yaml", "x/.b.yaml", "x/notes.txt"} {
		s.write(name, "")
	}
	c := func(target string) (int, error) {
		result, err := catalog.New(catalogtest.NewMemory(), catalog.Options{Root: s.files, Locations: at(target)}).Refresh(t.Context())
		return result.Files, err
	}
	for target, want := range map[string]int{
		"a.yaml": 1, "./a.yaml": 1, "*.yaml": 1, "*.{yaml,yml}": 2, "{a.yaml,x/{a,q}.yaml}": 2, "**/*.yaml": 4, "**": 6, "x/**": 4, "x/**/a.yaml": 3,
		"*/a.yaml": 1, "x/**/**/a.yaml": 3, ".hidden/*.yaml": 1, ".*/*.yaml": 1, "x/.*.yaml": 1, "x/y/[[]z]/a.yaml": 1, "?.y*": 2,
		"x": 0, "x/": 0, "../a.yaml": 0, "/a.yaml": 0, "x/../a.yaml": 0, "[": 0, "": 0, `x\a.yaml`: 0, "nothing/**": 0, "{a.yaml": 0,
	} {
		got, err := c(target)
		require.NoError(t, err, target)
		require.Equal(t, want, got, target)
	}
	for target, want := range map[string]string{
		"x":           "x: this is a folder: write x/**/*.yaml; what it gave before is kept",
		"../a.yaml":   "../a.yaml: a location may not lead outside the config file's folder: move the files under it; what it gave before is kept",
		"/etc/passwd": "/etc/passwd: a location is written relative to the config file's folder, with / between folders; what it gave before is kept",
		"no/*.yaml":   "no/*.yaml: no file matches; what it gave before is kept",
		"[":           `[: the pattern "[" cannot be read: a [ needs its ]; what it gave before is kept`,
	} {
		_, problems := s.refresh(at(target)...)
		require.Equal(t, []string{want}, problems)
	}
}

func TestNoLinkLeadsOutside(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(outside, "secret.yaml"), []byte(component("secret", "t")), 0o600))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "in"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "in", "real.yaml"), []byte(component("real", "t")), 0o600))
	for link, to := range map[string]string{
		"out.yaml": filepath.Join(outside, "secret.yaml"), "folder": outside, "in/up.yaml": "../../../../../../../../etc/hostname",
		"in/loop.yaml": "loop.yaml", "alias.yaml": "in/real.yaml", "infolder": "in",
	} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			skip.Missing(t, "symbolic links: "+err.Error())
		}
	}
	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, root.Close()) })
	s := newSite(t)
	s.root = root.FS()
	entities, problems := s.refresh(at("**/*.yaml", "folder/secret.yaml", "out.yaml", "infolder/*.yaml")...)
	require.Equal(t, []string{"real alias.yaml t"}, entities, "links within the folder are followed")
	require.NotEmpty(t, problems)
	for _, p := range problems {
		require.NotContains(t, p, "secret:")
	}
}

// stuckFiles are on a file system that does not answer before it is told to.
type stuckFiles struct {
	fs.FS
	asked, answer chan struct{}
}

func (f stuckFiles) Open(name string) (fs.File, error) {
	f.asked <- struct{}{}
	<-f.answer
	return f.FS.Open(name)
}

func TestNobodyWaitsForeverForARefreshUnderWay(t *testing.T) {
	s := newSite(t)
	files := stuckFiles{s.files, make(chan struct{}), make(chan struct{})}
	c := catalog.New(s.store, catalog.Options{Root: files, Locations: at("a.yaml")})
	done := make(chan error, 1)
	go func() {
		_, err := c.Refresh(context.Background())
		done <- err
	}()
	<-files.asked
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := c.Refresh(ctx)
	require.ErrorIs(t, err, context.Canceled)
	go func() {
		for range files.asked {
		}
	}()
	close(files.answer)
	require.NoError(t, <-done)
	close(files.asked)
}

func TestRunRefreshesAndSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.write("a.yaml", component("x", "a"))
		var (
			told []catalog.RefreshResult
			now  clock.Adjustable
		)
		c := catalog.New(s.store, catalog.Options{
			Root: s.files, Locations: at("*.yaml"), Refresh: time.Hour, Clock: &now,
			Refreshed: func(r catalog.RefreshResult, err error) {
				require.NoError(t, err)
				told = append(told, r)
				s.write("b.yaml", component("y", "a"))
			},
		})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- c.Run(ctx) }()
		synctest.Wait()
		require.Len(t, told, 1, "at once")
		require.NoError(t, now.Advance(time.Hour))
		synctest.Wait()
		require.Len(t, told, 2)
		require.Equal(t, 1, told[1].Added)
		cancel()
		require.NoError(t, <-done)
	})
}

func TestFileNamesThatAreNoText(t *testing.T) {
	s := newSite(t)
	s.root = oddName{s.files}
	s.write("a.yaml", component("x", "t"))
	entities, problems := s.refresh(at("*.yaml")...)
	require.Equal(t, []string{"x a.yaml t"}, entities)
	require.Equal(t, []string{`*.yaml: "\xff.yaml" cannot be read: its name is not UTF-8; what it gave before is kept`}, problems)
}

// oddName is a file system with a file whose name is not UTF-8, as Unix allows.
type oddName struct{ fs.FS }

func (o oddName) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(o.FS, name)
	return append(entries, fs.FileInfoToDirEntry(odd{})), err
}

func (o oddName) Stat(name string) (fs.FileInfo, error) {
	if name == (odd{}).Name() {
		return odd{}, nil
	}
	return fs.Stat(o.FS, name)
}

type odd struct{}

func (odd) Name() string       { return "\xff.yaml" }
func (odd) Size() int64        { return 0 }
func (odd) Mode() fs.FileMode  { return 0o600 }
func (odd) ModTime() time.Time { return time.Time{} }
func (odd) IsDir() bool        { return false }
func (odd) Sys() any           { return nil }

// broken is a store that fails in the middle of a refresh.
type broken struct{ *catalogtest.Memory }

type brokenRefresh struct{ catalog.Refresh }

func (b broken) Begin(ctx context.Context, now time.Time, lease time.Duration) (catalog.Refresh, error) {
	r, err := b.Memory.Begin(ctx, now, lease)
	return brokenRefresh{r}, err
}

func (brokenRefresh) Commit(context.Context, time.Time, []catalog.Problem, bool) error {
	return errors.New("disk full")
}

func TestAFailedRefreshChangesNothing(t *testing.T) {
	s := newSite(t)
	s.write("a.yaml", component("x", "a"))
	before, _ := s.refresh(at("*.yaml")...)
	s.write("a.yaml", component("y", "b"))
	_, err := catalog.New(broken{s.store}, catalog.Options{Root: s.files, Locations: at("*.yaml")}).Refresh(t.Context())
	require.EqualError(t, err, "refresh the catalog: disk full")
	require.Equal(t, []string{"x a.yaml a"}, before)
	_, err = catalog.New(s.store, catalog.Options{}).Get(t.Context(), catalog.Ref{Kind: "component", Name: "x"})
	require.NoError(t, err)
}

func TestARefreshIsAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.write("a.yaml", component("x", "a"))
		files := stuckFiles{s.files, make(chan struct{}), make(chan struct{})}
		now := clock.Adjustable{}
		c := catalog.New(s.store, catalog.Options{Root: files, Locations: at("a.yaml"), Refresh: time.Hour, Clock: &now})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- c.Run(ctx) }()
		var told []catalog.RefreshResult
		late := func(_ context.Context, r catalog.RefreshResult, err error) {
			require.NoError(t, err)
			told = append(told, r)
		}
		go func() {
			for range files.asked {
			}
		}()
		synctest.Wait()
		patient, end := context.WithTimeout(t.Context(), time.Second)
		defer end()
		_, err := c.RefreshSoon(patient, late)
		require.ErrorIs(t, err, catalog.ErrLater)
		require.Empty(t, told)
		close(files.answer)
		synctest.Wait()
		require.Len(t, told, 1)
		require.Equal(t, 1, told[0].Entities)

		s.write("a.yaml", component("x", "a")+component("y", "a"))
		result, err := c.RefreshSoon(t.Context(), late)
		require.NoError(t, err)
		require.Equal(t, 2, result.Entities)
		require.Len(t, told, 1)
		cancel()
		require.NoError(t, <-done)
		close(files.asked)

		result, err = catalog.New(s.store, catalog.Options{Root: s.files, Locations: at("a.yaml")}).RefreshSoon(t.Context(), late)
		require.NoError(t, err, "without Run")
		require.Equal(t, 2, result.Entities)
	})
}
