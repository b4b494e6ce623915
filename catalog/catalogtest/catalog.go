package catalogtest

import (
	"testing"
	"testing/fstest"

	"bellhop/catalog"
)

// New is a catalog in memory, made of descriptors; anything wrong with them fails the test.
func New(t testing.TB, descriptors string) *catalog.Catalog {
	t.Helper()
	return WithPeople(t, descriptors, nil)
}

// WithPeople is New with the config's list of who is who.
func WithPeople(t testing.TB, descriptors string, people map[string]string) *catalog.Catalog {
	t.Helper()
	c := catalog.New(NewMemory(), catalog.Options{
		Root:      fstest.MapFS{"catalog.yaml": {Data: []byte(descriptors)}},
		Locations: []catalog.Location{{Target: "catalog.yaml"}},
		People:    people,
	})
	result, err := c.Refresh(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if result.Problems > 0 {
		problems, err := c.Problems(t.Context())
		t.Fatal(problems, err)
	}
	return c
}
