package catalog_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellhop/catalog"
	"bellhop/catalog/catalogtest"
)

// shape is a random catalog: files of the config's folder and of repositories, and which of those cannot be read.
type shape struct {
	t     *rapid.T
	world *world
	files fstest.MapFS
	edits int
}

// text draws the documents of a file: components and teams that claim each other's names, Location entities that lead about, and what is broken.
func (s *shape) text() string {
	var b strings.Builder
	for range rapid.IntRange(0, 3).Draw(s.t, "documents") {
		name := rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(s.t, "name")
		switch rapid.SampledFrom([]string{"component", "component", "group", "lead", "lead", "broken", "refused", "garbled"}).Draw(s.t, "document") {
		case "component":
			b.WriteString(component(name, fmt.Sprintf("t%d", s.edits%3)))
		case "group":
			b.WriteString(aGroup(name, ""))
		case "lead":
			to := rapid.SampledFrom([]string{"more.yaml", "*.yaml", "github:acme/two", "github:acme/three/more.yaml@v1", "https://files.example/x.yaml"}).Draw(s.t, "lead")
			b.WriteString(location(name, "presence: optional, target: '"+to+"'"))
		case "broken":
			b.WriteString("---\nkind: 'Comp\n")
		case "refused":
			b.WriteString(component(name, "7"))
		case "garbled":
			b.WriteString(component(name, "t") + "---\n{a: [\n")
		}
	}
	return b.String()
}

// change does something to a file or a place.
func (s *shape) change() {
	s.edits++
	tree := rapid.SampledFrom([]string{"", "github:acme/one", "github:acme/two", "github:acme/three@v1", "https://files.example"}).Draw(s.t, "tree")
	file := rapid.SampledFrom([]string{"catalog-info.yaml", "more.yaml", "x.yaml"}).Draw(s.t, "file")
	if tree == "" {
		s.files[file] = &fstest.MapFile{Data: []byte(s.text())}
		return
	}
	if rapid.IntRange(0, 4).Draw(s.t, "gone") == 0 {
		delete(s.world.trees[tree], file)
	} else {
		s.world.write(tree, file, s.text())
	}
	if strings.HasPrefix(tree, "github:") {
		s.world.versions[tree] = fmt.Sprint(s.edits)
	}
}

func (s *shape) refresh(store catalog.Store, orphans time.Duration) (entities map[string]string, problems []string, kept int) {
	locations := at("*.yaml", "github:acme/*", "github:acme/three/*.yaml@v1")
	c := catalog.New(store, catalog.Options{Root: s.files, Locations: locations, Origins: s.world, OrphanAfter: orphans})
	result, err := c.Refresh(s.t.Context())
	require.NoError(s.t, err)
	everything, err := c.Everything(s.t.Context())
	require.NoError(s.t, err)
	entities = map[string]string{}
	for _, d := range everything {
		entities[d.Entity.Ref.String()] = fmt.Sprint(d.Entity.Source.File, ":", d.Entity.Source.Line, " ", d.Entity.Spec)
	}
	stored, err := store.Problems(s.t.Context())
	require.NoError(s.t, err)
	for _, p := range stored {
		problems = append(problems, p.String())
	}
	return entities, problems, result.Kept + result.Refused
}

// TestReadingOnGivesWhatReadingAnewGives holds refreshes that skip what has not changed to one that has never read before.
func TestReadingOnGivesWhatReadingAnewGives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &shape{t: t, world: newWorld(), files: fstest.MapFS{}}
		store := catalogtest.NewMemory()
		for range rapid.IntRange(1, 12).Draw(t, "refreshes") {
			for range rapid.IntRange(0, 2).Draw(t, "changes") {
				s.change()
			}
			entities, problems, kept := s.refresh(store, 0)
			anew, problemsAnew, _ := s.refresh(catalogtest.NewMemory(), 0)
			if kept == 0 { // what is kept holds its names against others, and with a Location's all to which another leads
				require.Equal(t, anew, entities)
				require.Equal(t, problemsAnew, problems)
			}
		}
	})
}

// TestNothingShrinksWhilePlacesFail takes places away while they cannot be read.
func TestNothingShrinksWhilePlacesFail(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &shape{t: t, world: newWorld(), files: fstest.MapFS{}}
		for range 6 {
			s.change()
		}
		store := catalogtest.NewMemory()
		before, _, _ := s.refresh(store, 0)
		for _, place := range []string{"github:acme/*", "github:acme/one", "github:acme/two", "github:acme/two/catalog-info.yaml", "github:acme/three@v1", "github:acme/three/more.yaml@v1", "https://files.example", "https://files.example/x.yaml"} {
			if rapid.Bool().Draw(t, "fails") {
				s.world.broken[place] = errors.New("no answer")
			}
		}
		if s.world.broken["github:acme/*"] != nil {
			delete(s.world.trees, "github:acme/one")
		}
		for tree := range s.world.versions {
			s.world.versions[tree] += "'"
		}
		for range 2 {
			after, _, _ := s.refresh(store, 0)
			require.Subset(t, slices.Collect(maps.Keys(after)), slices.Collect(maps.Keys(before)))
		}
	})
}
