package catalog_test

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"bellhop/catalog"
)

// slowly is a world in which everything takes its time.
type slowly struct {
	*world
	pause time.Duration
	files int // opened or looked at
}

// Open implements catalog.Origins.
func (s *slowly) Open(ctx context.Context, text string, known func(string) string, yield func(catalog.Tree) error) error {
	return s.world.Open(ctx, text, known, func(t catalog.Tree) error {
		t.Files = slowFiles{t.Files, s}
		return yield(t)
	})
}

type slowFiles struct {
	fs.FS
	in *slowly
}

func (s slowFiles) Open(name string) (fs.File, error) {
	s.in.files++
	time.Sleep(s.in.pause)
	return s.FS.Open(name)
}

func (s slowFiles) Stat(name string) (fs.FileInfo, error) {
	s.in.files++
	time.Sleep(s.in.pause)
	return fs.Stat(s.FS, name)
}

func (s slowFiles) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(s.FS, name) }

// TestLocationsWithoutEnd: what a Location of a repository leads to is read file by file, each asked for once, and for a few
// minutes only; what was there before stays.
func TestLocationsWithoutEnd(t *testing.T) {
	const most = 20
	for name, beside := range map[string]string{"files": "./N.yaml", "addresses": "https://files.example/N.yaml"} {
		synctest.Test(t, func(t *testing.T) {
			v := newVisit(t)
			tree, _, _ := strings.Cut(strings.Replace(beside, "./", "github:acme/hub/", 1), "/N")
			world := &slowly{world: v.world}
			var targets, want []string
			for i := range most {
				number := fmt.Sprint(i)
				targets = append(targets, strings.Replace(beside, "N", number, 1))
				v.world.write(tree, number+".yaml", component("c"+number, "t"))
				want = append(want, "c"+number)
			}
			v.world.write("github:acme/hub", "catalog-info.yaml", location("hub", "targets: ['"+strings.Join(targets, "', '")+"']"))
			read := func() (problems []string) {
				world.files = 0
				c := catalog.New(v.store, catalog.Options{Root: v.root, Locations: at("github:acme/hub"), Origins: world})
				_, err := c.Refresh(t.Context())
				require.NoError(t, err)
				for _, one := range want {
					_, err := c.Get(t.Context(), catalog.Ref{Kind: "Component", Name: one})
					require.NoError(t, err, "%s: %s", name, one)
				}
				told, err := v.store.Problems(t.Context())
				require.NoError(t, err)
				for _, p := range told {
					problems = append(problems, p.String())
				}
				return problems
			}
			require.Empty(t, read(), name)
			require.Equal(t, most+1, world.files, name)
			world.pause = time.Minute
			problems := read()
			require.Len(t, problems, most-6, name)
			require.Contains(t, problems[0], "what Location entities lead to has taken 5 minutes already")
			require.Equal(t, 1+6, world.files, name)
			world.pause = 0
			require.Empty(t, read(), name)
		})
	}
}
