package catalogtest

import (
	"testing"
	"testing/fstest"

	"bellhop/catalog"
)

// New is a catalog in memory, made of descriptors; one that cannot be taken fails the test, a relation that leads nowhere
// does not.
func New(t testing.TB, descriptors string) *catalog.Catalog {
	t.Helper()
	return With(t, descriptors, catalog.Options{})
}

// WithPeople is New with the config's list of who is who.
func WithPeople(t testing.TB, descriptors string, people map[string]string) *catalog.Catalog {
	t.Helper()
	return With(t, descriptors, catalog.Options{People: people})
}

// With is New with options besides where it is read.
func With(t testing.TB, descriptors string, options catalog.Options) *catalog.Catalog {
	t.Helper()
	options.Root = fstest.MapFS{"catalog.yaml": {Data: []byte(descriptors)}}
	options.Locations = []catalog.Location{{Target: "catalog.yaml"}}
	c := catalog.New(NewMemory(), options)
	if _, err := c.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	problems, err := c.Problems(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if p.Severity == catalog.SeverityError {
			t.Fatal(p)
		}
	}
	return c
}
