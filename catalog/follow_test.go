package catalog_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"bellhop/catalog"
	"bellhop/catalog/catalogtest"
	"bellhop/internal/skip"
)

func location(name, spec string) string {
	return "---\n{apiVersion: backstage.io/v1alpha1, kind: Location, metadata: {name: " + name + "}, spec: {" + spec + "}}\n"
}

func TestLocationEntitiesAreFollowed(t *testing.T) {
	for name, c := range map[string]struct {
		files              map[string]string
		entities, problems []string
	}{
		"a target, targets and a pattern, relative to the file": {
			map[string]string{
				"root.yaml": location("l", "target: a/one.yaml"), "a/one.yaml": component("one", "t") + location("l2", "targets: [../b/two.yaml, './[x]/*/c.yaml']"),
				"b/two.yaml": component("two", "t"), "a/x/y/c.yaml": component("three", "t"), "a/x/z/c.yaml": component("four", "t"),
			},
			[]string{"four a/x/z/c.yaml t", "one a/one.yaml t", "three a/x/y/c.yaml t", "two b/two.yaml t", "l root.yaml ", "l2 a/one.yaml "}, nil,
		},
		"what is not there": {
			map[string]string{"root.yaml": location("l", "targets: [a.yaml, './a*.yaml']") + location("o", "presence: optional, targets: [a.yaml, './a*.yaml']")},
			[]string{"l root.yaml ", "o root.yaml "},
			[]string{
				"root.yaml:2: spec.targets[0]: there is no file a.yaml; correct the target, or write presence: optional; what it gave before is kept",
				"root.yaml:2: spec.targets[1]: ./a*.yaml: no file matches; what it gave before is kept",
			},
		},
		"outside, absolute, a folder and the web": {
			map[string]string{"root.yaml": location("l", "targets: [../a.yaml, /etc/passwd, dir, 'https://a.example/x.yaml', 'dir/../../*.yaml']"), "dir/a.txt": ""},
			[]string{"l root.yaml "},
			[]string{
				"root.yaml:2: spec.targets[0]: ../a.yaml is outside the config file's folder; move the file under it; what it gave before is kept",
				"root.yaml:2: spec.targets[1]: write the target relative to the descriptor, with / between folders; what it gave before is kept",
				"root.yaml:2: spec.targets[2]: dir is a folder; write dir/*.yaml; what it gave before is kept",
				"root.yaml:2: spec.targets[3]: https://a.example/x.yaml is not read: only files are followed; put the file under the config file's folder to have it read",
				"root.yaml:2: spec.targets[4]: dir/../../*.yaml is outside the config file's folder; move the file under it; what it gave before is kept",
			},
		},
		"round in a circle": {
			map[string]string{"root.yaml": location("l", "target: a.yaml"), "a.yaml": component("a", "t") + location("l2", "target: root.yaml") + location("l3", "target: ./a.yaml")},
			[]string{"a a.yaml t", "l root.yaml ", "l2 a.yaml ", "l3 a.yaml "},
			[]string{
				"a.yaml:4: spec.target: goes round in a circle: root.yaml → a.yaml → root.yaml; take one of these out",
				"a.yaml:6: spec.target: goes round in a circle: a.yaml → a.yaml; take one of these out",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			for file, text := range c.files {
				s.write(file, text)
			}
			entities, problems := s.refresh(at("root.yaml")...)
			require.ElementsMatch(t, c.entities, entities)
			require.Equal(t, c.problems, problems)
			entities, problems = s.refresh(at("root.yaml")...)
			require.ElementsMatch(t, c.entities, entities, "again")
			require.Equal(t, c.problems, problems, "again")
		})
	}
}

func TestLocationEntitiesNestEightDeep(t *testing.T) {
	s := newSite(t)
	s.write("root.yaml", location("l0", "target: 1.yaml"))
	for i := 1; i < 12; i++ {
		s.write(fmt.Sprintf("%d.yaml", i), component(fmt.Sprintf("c%d", i), "t")+location(fmt.Sprintf("l%d", i), fmt.Sprintf("target: %d.yaml", i+1)))
	}
	entities, problems := s.refresh(at("root.yaml")...)
	require.Contains(t, entities, "c8 8.yaml t")
	require.NotContains(t, entities, "c9 9.yaml t")
	require.Equal(t, []string{"8.yaml:4: spec.target: 9.yaml is not read: Location entities lead at most 8 files deep; name the file in the config"}, problems)
}

func TestWhatALocationGaveIsKeptWhileItIsUnclear(t *testing.T) {
	for name, c := range map[string]struct {
		file, text string // what becomes of it; no text takes it away
		want       []string
	}{
		"the target is gone":               {"b.yaml", "", []string{"b b.yaml t", "c c.yaml t", "l root.yaml ", "l2 b.yaml "}},
		"the Location is broken":           {"root.yaml", location("l", "target: 7"), []string{"b b.yaml t", "c c.yaml t", "l root.yaml ", "l2 b.yaml "}},
		"its file is broken":               {"root.yaml", "{a: [", []string{"b b.yaml t", "c c.yaml t", "l root.yaml ", "l2 b.yaml "}},
		"the nested Location is broken":    {"b.yaml", component("b", "t") + location("l2", "targets: x"), []string{"b b.yaml t", "c c.yaml t", "l root.yaml ", "l2 b.yaml "}},
		"the Location leads there no more": {"root.yaml", location("l", "target: c.yaml"), []string{"c c.yaml t", "l root.yaml "}},
		"the Location is taken out":        {"root.yaml", component("x", "t"), []string{"x root.yaml t"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			s.write("root.yaml", location("l", "target: b.yaml"))
			s.write("b.yaml", component("b", "t")+location("l2", "target: c.yaml"))
			s.write("c.yaml", component("c", "t"))
			entities, problems := s.refresh(at("root.yaml")...)
			require.Len(t, entities, 4)
			require.Empty(t, problems)
			s.write(c.file, c.text)
			if c.text == "" {
				delete(s.files, c.file)
			}
			entities, _ = s.refresh(at("root.yaml")...)
			require.ElementsMatch(t, c.want, entities)
		})
	}
}

func TestAFileThatIsNamedStaysWithItsRules(t *testing.T) {
	s := newSite(t)
	s.write("root.yaml", location("l", "targets: [teams.yaml, more.yaml]"))
	team := "---\n{apiVersion: backstage.io/v1alpha1, kind: Group, metadata: {name: NAME}, spec: {type: team, children: []}}\n"
	s.write("teams.yaml", team[:len("---\n")]+`{apiVersion: backstage.io/v1alpha1, kind: Group, metadata: {name: named}, spec: {type: team, children: []}}`)
	s.write("more.yaml", `{apiVersion: backstage.io/v1alpha1, kind: Group, metadata: {name: led-to}, spec: {type: team, children: []}}`)
	entities, problems := s.refresh(
		catalog.Location{Target: "root.yaml", Rules: []catalog.Rule{{Allow: []string{"Location", "Component"}}}},
		catalog.Location{Target: "teams.yaml", Rules: []catalog.Rule{{Allow: []string{"Group"}}}},
	)
	require.ElementsMatch(t, []string{"l root.yaml ", "named teams.yaml "}, entities)
	require.Equal(t, []string{`more.yaml:1: kind: the location "root.yaml" may not give a Group; change the rules of the location, or move the entity`}, problems)
}

func TestALocationFollowsNoLinkOutside(t *testing.T) {
	outside, inside := t.TempDir(), t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(outside, "x.yaml"), []byte(component("x", "t")), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(inside, "root.yaml"), []byte(location("l", "targets: [link.yaml, dir/x.yaml, 'dir/*.yaml']")), 0o600))
	if err := os.Symlink(filepath.Join(outside, "x.yaml"), filepath.Join(inside, "link.yaml")); err != nil {
		skip.Missing(t, "symbolic links: "+err.Error())
	}
	require.NoError(t, os.Symlink(outside, filepath.Join(inside, "dir")))
	root, err := os.OpenRoot(inside)
	require.NoError(t, err)
	defer func() { require.NoError(t, root.Close()) }()
	s := newSite(t)
	s.root = root.FS()
	entities, problems := s.refresh(at("root.yaml")...)
	require.Equal(t, []string{"l root.yaml "}, entities)
	require.Len(t, problems, 3)
	for _, p := range problems {
		require.Contains(t, p, "leads out of the folder")
	}
}

func TestALocationStandsBackBehindWhatHasItsName(t *testing.T) {
	c := catalogtest.New(t, component("payments", "t")+location("payments", "targets: []")+location("alone", "targets: []"))
	for text, want := range map[string]string{"payments": "component:payments", "location:payments": "location:payments", "alone": "location:alone"} {
		found, err := c.Find(t.Context(), text)
		require.NoError(t, err)
		require.Equal(t, want, refsOf(found.Exact), text)
	}
}
