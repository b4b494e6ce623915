package catalog_test

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"bellhop/catalog"
	"bellhop/clock"
)

// world is what lies outside of the config's folder: repositories, by slug and perhaps @ref, and hosts of the web.
type world struct {
	trees    map[string]fstest.MapFS
	versions map[string]string
	broken   map[string]error  // by tree, or by target
	formerly map[string]string // repositories by the names that they had
	asked    []string          // targets, and files by their full names
}

func newWorld() *world {
	return &world{trees: map[string]fstest.MapFS{}, versions: map[string]string{}, broken: map[string]error{}}
}

func (w *world) write(tree, path, text string) {
	if w.trees[tree] == nil {
		w.trees[tree] = fstest.MapFS{}
	}
	w.trees[tree][path] = &fstest.MapFile{Data: []byte(text)}
}

// Open implements catalog.Origins.
func (w *world) Open(_ context.Context, text string, _ func(string) string, yield func(catalog.Tree) error) error {
	w.asked = append(w.asked, text)
	target, err := catalog.ParseTarget(text)
	if err != nil {
		return err
	}
	if target.URL != "" {
		host := target.URL[:strings.Index(target.URL[len("https://"):], "/")+len("https://")]
		return errors.Join(yield(w.tree(host, "", target.URL[len(host)+1:])), w.broken[text])
	}
	if target.Repo != "*" {
		if err := w.broken[text]; err != nil {
			return err
		}
		slug := target.Owner + "/" + target.Repo
		return yield(w.tree(catalog.RepositoryTree(slug, target.Ref), slug, target.Path))
	}
	for _, name := range slices.Sorted(maps.Keys(w.trees)) {
		slug, ok := strings.CutPrefix(name, "github:")
		if !ok || strings.Contains(slug, "@") || !strings.HasPrefix(slug, target.Owner+"/") {
			continue
		}
		tree := w.tree(name, slug, catalog.DescriptorFile)
		tree.Optional = true
		if err := yield(tree); err != nil {
			return err
		}
	}
	return w.broken[text]
}

func (w *world) tree(name, slug, path string) catalog.Tree {
	return catalog.Tree{Name: name, Repository: slug, Version: w.versions[name], Files: asking{w, name}, Paths: []string{path}, Formerly: func(former string) (bool, error) {
		return w.formerly[former] == slug && slug != "", w.broken[former]
	}}
}

// asking is a tree whose files note that they are read.
type asking struct {
	w    *world
	tree string
}

func (a asking) Open(name string) (fs.File, error) {
	a.w.asked = append(a.w.asked, a.tree+"/"+name)
	if err := a.w.broken[a.tree]; err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	if info, err := a.w.trees[a.tree].Stat(name); err == nil && info.IsDir() {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("it is a folder")}
	}
	return a.w.trees[a.tree].Open(name)
}

// Stat and ReadDir are what tells of folders, for none can be opened.
func (a asking) Stat(name string) (fs.FileInfo, error) {
	if err := a.w.broken[a.tree]; err != nil {
		return nil, err
	}
	return a.w.trees[a.tree].Stat(name)
}

func (a asking) ReadDir(name string) ([]fs.DirEntry, error) {
	if err := a.w.broken[a.tree]; err != nil {
		return nil, err
	}
	return a.w.trees[a.tree].ReadDir(name)
}

// visit is a site beyond which there is a world.
type visit struct {
	*site
	world *world
	clock clock.Adjustable
	rules []catalog.Rule // of every location
	keep  time.Duration
}

func newVisit(t *testing.T) *visit {
	return &visit{site: newSite(t), world: newWorld(), keep: 24 * time.Hour}
}

func (v *visit) catalog(targets ...string) *catalog.Catalog {
	locations := at(targets...)
	for i := range locations {
		locations[i].Rules = v.rules
	}
	return catalog.New(v.store, catalog.Options{
		Root: v.root, Locations: locations, Origins: v.world, WebURL: "https://github.com", Clock: &v.clock, OrphanAfter: v.keep,
	})
}

// refresh reads the targets; it gives each entity with its file and owner, and the problems.
func (v *visit) refresh(targets ...string) (entities, problems []string) {
	v.t.Helper()
	v.world.asked = nil
	c := v.catalog(targets...)
	_, err := c.Refresh(v.t.Context())
	require.NoError(v.t, err)
	found, err := c.Search(v.t.Context(), "", nil, 1000)
	require.NoError(v.t, err)
	for _, e := range found {
		text := e.Name + " " + e.Source.File
		if e.Orphaned() {
			text += " orphaned"
		}
		entities = append(entities, text)
	}
	stored, err := v.store.Problems(v.t.Context())
	require.NoError(v.t, err)
	for _, p := range stored {
		problems = append(problems, p.String())
	}
	return entities, problems
}

func (v *visit) entity(kind, name string) catalog.Entity {
	v.t.Helper()
	e, err := v.catalog().Get(v.t.Context(), catalog.Ref{Kind: kind, Name: name})
	require.NoError(v.t, err)
	return e
}

func TestRepositoriesAndAddressesAreRead(t *testing.T) {
	v := newVisit(t)
	v.world.write("github:acme/payments", "catalog-info.yaml", component("payments", "ledger"))
	v.world.write("github:acme/empty", "README.md", "")
	v.world.write("github:acme/mono", "catalog-info.yaml", location("mono", "targets: ['./services/*/catalog-info.yaml']"))
	v.world.write("github:acme/mono", "services/a/catalog-info.yaml", component("a", "t"))
	v.world.write("github:acme/mono", "services/b/catalog-info.yaml", component("b", "t"))
	v.world.write("github:other/tool@feature%2Fx", "docs/tool.yaml", component("tool", "t"))
	v.world.write("https://files.example", "x/all.yaml", component("web", "t")+location("web", "target: ../y.yaml"))
	v.world.write("https://files.example", "y.yaml", component("y", "t"))
	entities, problems := v.refresh("github:acme/*", "github:other/tool/docs/*.yaml@feature/x", "https://files.example/x/all.yaml")
	require.Empty(t, problems)
	require.Equal(t, []string{
		"a github:acme/mono/services/a/catalog-info.yaml", "b github:acme/mono/services/b/catalog-info.yaml",
		"payments github:acme/payments/catalog-info.yaml", "tool github:other/tool@feature%2Fx/docs/tool.yaml",
		"web https://files.example/x/all.yaml", "y https://files.example/y.yaml",
		"mono github:acme/mono/catalog-info.yaml", "web https://files.example/x/all.yaml",
	}, entities)

	for name, want := range map[string][2]string{
		"payments": {"acme/payments", ""}, "a": {"acme/mono", "services/a"}, "tool": {"other/tool", "docs"}, "web": {"", ""},
	} {
		e := v.entity("Component", name)
		slug, _ := e.Repository()
		require.Equal(t, want, [2]string{slug, e.Path()}, name)
	}
	slug, ref, file, ok := v.entity("Component", "tool").Source.InRepository()
	require.Equal(t, []any{"other/tool", "feature/x", "docs/tool.yaml", true}, []any{slug, ref, file, ok})
}

func TestWhatHasNotChangedIsNotFetched(t *testing.T) {
	v := newVisit(t)
	v.world.write("github:acme/payments", "catalog-info.yaml", component("payments", "t")+"---\nkind: 7\n")
	v.world.write("github:acme/web", "catalog-info.yaml", location("web", "target: more.yaml"))
	v.world.write("github:acme/web", "more.yaml", component("web", "t"))
	v.world.versions["github:acme/payments"], v.world.versions["github:acme/web"] = "1", "1"
	entities, problems := v.refresh("github:acme/*")
	require.Len(t, entities, 3)
	require.NotEmpty(t, problems)
	again, problemsAgain := v.refresh("github:acme/*")
	require.Equal(t, entities, again)
	require.Equal(t, problems, problemsAgain)
	require.Equal(t, []string{"github:acme/*"}, v.world.asked)

	v.world.versions["github:acme/web"] = "2"
	v.world.write("github:acme/web", "more.yaml", component("website", "t"))
	entities, _ = v.refresh("github:acme/*")
	require.Contains(t, entities, "website github:acme/web/more.yaml")
	require.Len(t, entities, 3)
	require.NotContains(t, v.world.asked, "github:acme/payments/catalog-info.yaml")

	v.write("first.yaml", component("website", "t"))
	_, problems = v.refresh("first.yaml", "github:acme/*")
	require.Contains(t, problems, "github:acme/web/more.yaml:2: component:default/website is already described in first.yaml, line 2, which counts; remove one of them, or give it another name")
	delete(v.files, "first.yaml")
	entities, _ = v.refresh("github:acme/*")
	require.Contains(t, entities, "website github:acme/web/more.yaml", "its claim comes to count without any change")
}

func TestAFailedPlaceKeepsWhatItGaveAndTellsSinceWhen(t *testing.T) {
	v := newVisit(t)
	v.world.write("github:acme/payments", "catalog-info.yaml", component("payments", "t"))
	v.world.write("github:acme/web", "catalog-info.yaml", component("web", "t"))
	v.world.write("https://files.example", "x.yaml", component("x", "t"))
	targets := []string{"github:acme/*", "https://files.example/x.yaml"}
	all, problems := v.refresh(targets...)
	require.Len(t, all, 3)
	require.Empty(t, problems)

	v.world.broken["github:acme/*"] = errors.New("GitHub answers 502")
	v.world.broken["https://files.example"] = errors.New("no answer within 10 s")
	delete(v.world.trees, "github:acme/web")
	began := v.clock.Now()
	for range 3 {
		entities, problems := v.refresh(targets...)
		require.Equal(t, all, entities, "a list that is not whole takes nobody away")
		require.Equal(t, []string{
			"github:acme/*: it cannot be read: GitHub answers 502; what it gave before is kept",
			"https://files.example/x.yaml: the file cannot be read: no answer within 10 s; what it gave before is kept",
		}, problems)
		require.NoError(t, v.clock.Advance(time.Hour))
	}
	sources, err := v.catalog(targets...).Sources(t.Context())
	require.NoError(t, err)
	require.Equal(t, []catalog.SourceStatus{
		{Target: "github:acme/*", Entities: 2, Error: "it cannot be read: GitHub answers 502", Since: began.UTC().Truncate(time.Millisecond)},
		{Target: "https://files.example/x.yaml", Entities: 1, Error: "the file cannot be read: no answer within 10 s", Since: began.UTC().Truncate(time.Millisecond)},
	}, sources)
}

func TestAnEntityWithoutItsSourceIsAnOrphanForAWhile(t *testing.T) {
	v := newVisit(t)
	v.world.write("github:acme/payments", "catalog-info.yaml", component("payments", "t")+component("old", "t"))
	v.world.write("github:acme/web", "catalog-info.yaml", component("web", "t"))
	v.refresh("github:acme/*")
	v.world.write("github:acme/payments", "catalog-info.yaml", component("payments", "t"))
	delete(v.world.trees, "github:acme/web")
	want := []string{"payments github:acme/payments/catalog-info.yaml", "web github:acme/web/catalog-info.yaml orphaned"}
	for range 3 {
		entities, problems := v.refresh("github:acme/*")
		require.Equal(t, want, entities, "what was taken out of a file that is there is gone at once")
		require.Empty(t, problems)
		require.NoError(t, v.clock.Advance(10*time.Hour))
	}
	v.world.write("github:acme/web", "catalog-info.yaml", component("web", "t"))
	entities, _ := v.refresh("github:acme/*")
	require.Equal(t, []string{want[0], strings.TrimSuffix(want[1], " orphaned")}, entities, "it is back")
	delete(v.world.trees, "github:acme/web")
	entities, _ = v.refresh("github:acme/*")
	require.Equal(t, want, entities, "and begins anew")
	require.NoError(t, v.clock.Advance(24*time.Hour))
	entities, _ = v.refresh("github:acme/*")
	require.Equal(t, want[:1], entities)

	v.write("a.yaml", component("a", "t"))
	v.refresh("*.yaml")
	entities, _ = v.refresh("github:acme/*")
	require.Equal(t, want[:1], entities, "a location that the config names no more gives nothing from then on")
}

func TestLocationEntitiesLeadToOtherPlaces(t *testing.T) {
	for name, c := range map[string]struct {
		target             string
		entities, problems []string
	}{
		"a page of a repository":   {"target: 'https://github.com/acme/web/blob/main/catalog-info.yaml'", []string{"web github:acme/web@main/catalog-info.yaml"}, nil},
		"a repository":             {"target: 'github:acme/web/catalog-info.yaml@main'", []string{"web github:acme/web@main/catalog-info.yaml"}, nil},
		"with its type":            {"type: url, target: 'https://files.example/x.yaml'", []string{"x https://files.example/x.yaml"}, nil},
		"a pattern in another":     {"target: 'https://github.com/acme/web/blob/main/services/*.yaml'", []string{"s github:acme/web@main/services/s.yaml"}, nil},
		"round in a circle":        {"target: 'https://github.com/acme/web/blob/main/round.yaml'", []string{"round github:acme/web@main/round.yaml"}, []string{"github:acme/web@main/round.yaml:2: spec.target: goes round in a circle: github:acme/hub/catalog-info.yaml → github:acme/web@main/round.yaml → github:acme/hub/catalog-info.yaml; take one of these out"}},
		"not there, and optional":  {"presence: optional, target: 'https://github.com/acme/web/blob/main/none.yaml'", nil, nil},
		"not there":                {"target: 'https://github.com/acme/web/blob/main/none.yaml'", nil, []string{"spec.target: there is no file github:acme/web@main/none.yaml; correct the target, or write presence: optional; what it gave before is kept"}},
		"a file of the machine":    {"type: file, target: ./x.yaml", nil, []string{"spec.target: ./x.yaml is not read: a descriptor may not name files of this machine; leave the type out: a target is relative to its descriptor; what it gave before is kept"}},
		"an address of its files":  {"target: 'file:///etc/passwd'", nil, []string{"spec.target: file:///etc/passwd cannot be followed: file: is not read; write an https:// address or github:OWNER/REPO; what it gave before is kept"}},
		"out of the repository":    {"target: ../../other/x.yaml", nil, []string{"spec.target: ../../other/x.yaml is outside github:acme/hub; move the file under it; what it gave before is kept"}},
		"everything of an owner":   {"target: 'github:acme/*'", nil, []string{"spec.target: github:acme/* is not followed: it means all repositories of acme; name it among the locations in the config; what it gave before is kept"}},
		"a place that cannot open": {"target: 'github:acme/closed'", nil, []string{"spec.target: github:acme/closed cannot be read: not allowed; what it gave before is kept"}},
	} {
		t.Run(name, func(t *testing.T) {
			v := newVisit(t)
			v.world.write("github:acme/hub", "catalog-info.yaml", location("hub", c.target))
			v.world.write("github:acme/web@main", "catalog-info.yaml", component("web", "t"))
			v.world.write("github:acme/web@main", "services/s.yaml", component("s", "t"))
			v.world.write("github:acme/web@main", "round.yaml", location("round", "target: 'github:acme/hub'"))
			v.world.write("https://files.example", "x.yaml", component("x", "t"))
			v.world.broken["github:acme/closed"] = errors.New("not allowed")
			for i, p := range c.problems {
				if strings.HasPrefix(p, "spec.") {
					c.problems[i] = "github:acme/hub/catalog-info.yaml:2: " + p
				}
			}
			for range 2 {
				entities, problems := v.refresh("github:acme/hub")
				require.ElementsMatch(t, append([]string{"hub github:acme/hub/catalog-info.yaml"}, c.entities...), entities)
				require.Equal(t, c.problems, problems)
			}
		})
	}
}

func TestAFileIsReadByTheLocationThatNamesIt(t *testing.T) {
	v := newVisit(t)
	v.world.write("github:acme/hub", "catalog-info.yaml", location("hub", "targets: ['github:acme/org/users.yaml', 'github:acme/web', 'https://github.com/acme/web/blob/main/catalog-info.yaml']"))
	v.world.write("github:acme/org", "users.yaml", aGroup("platform", "alice"))
	v.world.write("github:acme/web", "catalog-info.yaml", component("web", "t"))
	v.world.write("github:acme/web@main", "catalog-info.yaml", component("web", "t"))
	c := catalog.New(v.store, catalog.Options{Origins: v.world, WebURL: "https://github.com/", Locations: []catalog.Location{
		{Target: "github:acme/hub"}, {Target: "github:acme/web"},
		{Target: "github:acme/org/*.yaml", Rules: []catalog.Rule{{Allow: []string{"User", "Group"}}}},
	}})
	_, err := c.Refresh(t.Context())
	require.NoError(t, err)
	e, err := c.Get(t.Context(), catalog.Ref{Kind: "Group", Name: "platform"})
	require.NoError(t, err)
	require.True(t, c.Trusted(e))
	problems, err := v.store.Problems(t.Context())
	require.NoError(t, err)
	require.Empty(t, problems, "one file under two names of its branch is no quarrel")
}

func TestAClaimThatDoesNotCountIsItsOwnOwnersToMend(t *testing.T) {
	v := newVisit(t)
	v.write("a.yaml", component("payments", "ledger")+aGroup("ledger", "")+aGroup("crew", ""))
	v.world.write("github:acme/evil", "catalog-info.yaml", component("evil", "crew")+component("payments", "nobody")+component("payments", "crew"))
	v.world.write("github:acme/lone", "catalog-info.yaml", component("payments", "nobody"))
	v.refresh("*.yaml", "github:acme/*")
	owned, err := v.catalog("*.yaml", "github:acme/*").ProblemsByOwner(t.Context())
	require.NoError(t, err)
	got := map[string][]string{}
	for _, o := range owned {
		for _, p := range o.Problems {
			if p.Duplicate {
				got[o.Owner.Name] = append(got[o.Owner.Name], p.File)
			}
		}
	}
	evil := "github:acme/evil/catalog-info.yaml"
	require.Equal(t, map[string][]string{"crew": {evil, evil}, "": {"github:acme/lone/catalog-info.yaml"}}, got)
}
