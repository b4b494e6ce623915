package backstage

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellhop/catalog"
)

// FuzzFilter holds the parser to what it says: what it reads can be written and read again, and an entity meets both alike.
func FuzzFilter(f *testing.F) {
	for _, seed := range []string{"kind=component", "kind=user\nkind=group,spec.type", "a", "a=", "=a", ",,", " a = b , a = c ", "A.B=C=D", "metadata.tags.go=true",
		"relations.ownedby=group:default/x", "kind=component;", "\x00=\xff", "ſ=İ", "a,a=b,a"} {
		f.Add(seed)
	}
	e := entityOf(catalog.Described{Entity: catalog.Entity{
		Ref: catalog.Ref{Kind: "Component", Namespace: "default", Name: "a"}, Tags: []string{"go"}, Spec: catalog.Spec{"type": "b", "list": []any{"c"}},
	}})
	v := valuesOf(e)
	f.Fuzz(func(t *testing.T, text string) {
		read, err := parseFilter(strings.Split(text, "\n"))
		if err != nil {
			return
		}
		again, err := parseFilter(read.params())
		if err != nil {
			t.Fatalf("%q is written as %q: %v", text, read.params(), err)
		}
		require.Equal(t, read.params(), again.params())
		require.Equal(t, read.allows(v), again.allows(v))
		for _, r := range (selection{filter: read}).ranges() {
			if r[0] >= r[1] || strings.Contains(r[0], "\x00") {
				t.Fatalf("%q looks between %q and %q", text, r[0], r[1])
			}
		}
	})
}

// FuzzCursor holds the decoder to giving nothing that cannot be asked for.
func FuzzCursor(f *testing.F) {
	value := "a"
	at := position{Values: []*string{&value}, Ref: "component:default/a"}
	c := cursor{Filter: []string{"kind=component"}, Order: []ordering{{"metadata.name", "asc"}}, First: &at}
	f.Add(c.to(at, true))
	f.Add("e30=")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := decodeCursor(text)
		if err != nil {
			return
		}
		s, err := c.selection()
		if err != nil {
			return
		}
		s.compare(*c.At, *c.First)
		c.around(picked{positions: []position{*c.At}, more: true}, window{})
	})
}
