package catalog_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellhop/catalog"
)

var paymentsRef = catalog.Ref{Kind: "Component", Namespace: "default", Name: "payments"}

const tidy = `# The team's own words.
apiVersion: backstage.io/v1alpha1
kind: Component   # of money
metadata:
  name: payments # the name
  title: 'Pay''ments'

  links:
    # where to look first
    - url: https://a.example
      title: A
spec:
    type: service
    owner:   "team ledger"  # who else
    lifecycle: production
---
kind: Component
apiVersion: backstage.io/v1alpha1
metadata: {name: flowing, annotations: {a: b}, links: [{url: "https://b.example"}]}
spec: {type: service, owner: platform, lifecycle: production}
---
kind: Component
apiVersion: backstage.io/v1alpha1
metadata:
  annotations:
    # about a
    a: b
  name: noted
  links: []
spec:
  type: service
  owner: >-
    platform
  lifecycle: production
---
kind: Component
apiVersion: backstage.io/v1alpha1
metadata:
  annotations:
  name: empty
  links:
spec:
  type: service
  owner: &who platform
  lifecycle: production`

// changed is the lines that an edit took out, after `-`, and those it put in their place, after `+`.
func changed(before, after string) string {
	was, is := strings.Split(before, "\n"), strings.Split(after, "\n")
	for len(was) > 0 && len(is) > 0 && was[0] == is[0] {
		was, is = was[1:], is[1:]
	}
	for len(was) > 0 && len(is) > 0 && was[len(was)-1] == is[len(is)-1] {
		was, is = was[:len(was)-1], is[:len(is)-1]
	}
	var out []string
	for _, line := range was {
		out = append(out, "-"+line)
	}
	for _, line := range is {
		out = append(out, "+"+line)
	}
	return strings.Join(out, "\n")
}

func TestEdit(t *testing.T) {
	named := func(name string) catalog.Ref { return catalog.Ref{Kind: "Component", Namespace: "default", Name: name} }
	ledger, mona := catalog.Ref{Kind: "Group", Namespace: "default", Name: "ledger"}, catalog.Ref{Kind: "User", Namespace: "people", Name: "mona"}
	for _, test := range []struct {
		name string
		edit func(file []byte) ([]byte, error)
		want string
	}{
		{"owner in quotes", func(f []byte) ([]byte, error) { return catalog.SetOwner(f, named("payments"), ledger) },
			"-    owner:   \"team ledger\"  # who else\n+    owner:   ledger  # who else"},
		{"owner that is a person", func(f []byte) ([]byte, error) { return catalog.SetOwner(f, named("flowing"), mona) },
			"-spec: {type: service, owner: platform, lifecycle: production}\n+spec: {type: service, owner: user:people/mona, lifecycle: production}"},
		{"first annotation", func(f []byte) ([]byte, error) {
			return catalog.SetAnnotation(f, named("payments"), "slack.com/channel", "#ledger")
		},
			"+  annotations:\n+    slack.com/channel: '#ledger'"},
		{"annotation between brackets", func(f []byte) ([]byte, error) { return catalog.SetAnnotation(f, named("flowing"), "x/y", "1, 2") },
			"-metadata: {name: flowing, annotations: {a: b}, links: [{url: \"https://b.example\"}]}\n+metadata: {name: flowing, annotations: {x/y: \"1, 2\", a: b}, links: [{url: \"https://b.example\"}]}"},
		{"annotation before a comment", func(f []byte) ([]byte, error) { return catalog.SetAnnotation(f, named("noted"), "x/y", "true") },
			"+    x/y: 'true'"},
		{"annotation that is there", func(f []byte) ([]byte, error) { return catalog.SetAnnotation(f, named("noted"), "a", "c") },
			"-    a: b\n+    a: c"},
		{"annotations without any", func(f []byte) ([]byte, error) { return catalog.SetAnnotation(f, named("empty"), "a", "c") },
			"+    a: c"},
		{"link before others", func(f []byte) ([]byte, error) {
			return catalog.AddLink(f, named("payments"), catalog.Link{URL: "https://r.example/?a=1", Title: "Runbook: payments"})
		}, "+    - url: https://r.example/?a=1\n+      title: 'Runbook: payments'"},
		{"link between brackets", func(f []byte) ([]byte, error) {
			return catalog.AddLink(f, named("flowing"), catalog.Link{URL: "https://r.example", Title: "R"})
		}, "-metadata: {name: flowing, annotations: {a: b}, links: [{url: \"https://b.example\"}]}\n+metadata: {name: flowing, annotations: {a: b}, links: [{url: https://r.example, title: R}, {url: \"https://b.example\"}]}"},
		{"first link", func(f []byte) ([]byte, error) {
			return catalog.AddLink(f, named("noted"), catalog.Link{URL: "https://r.example"})
		},
			"-  links: []\n+  links: [{url: https://r.example}]"},
		{"links without any", func(f []byte) ([]byte, error) {
			return catalog.AddLink(f, named("empty"), catalog.Link{URL: "https://r.example"})
		},
			"+    - url: https://r.example"},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, end := range []string{"\n", "\r\n"} {
				file := strings.ReplaceAll(tidy, "\n", end)
				after, err := test.edit([]byte(file))
				require.NoError(t, err)
				assert.Equal(t, strings.Count(string(after), "\n"), strings.Count(string(after), end), "lines end as they did")
				assert.Equal(t, test.want, changed(tidy, strings.ReplaceAll(string(after), "\r\n", "\n")))
			}
		})
	}
	for _, cannot := range []func(f []byte) ([]byte, error){
		func(f []byte) ([]byte, error) { return catalog.SetOwner(f, named("noted"), ledger) },
		func(f []byte) ([]byte, error) { return catalog.SetOwner(f, named("empty"), ledger) },
	} {
		_, err := cannot([]byte(tidy))
		require.ErrorIs(t, err, catalog.ErrCannotEdit)
	}
	_, err := catalog.SetOwner([]byte(tidy), named("gone"), ledger)
	require.ErrorIs(t, err, catalog.ErrNotInFile)
	_, err = catalog.SetOwner([]byte(": ["), paymentsRef, ledger)
	require.ErrorIs(t, err, catalog.ErrNotInFile)
}

// Whatever is written where, an edit that succeeds says only what was asked for; editFile proves that itself, so that here
// it is that no text makes it fail or panic.
func TestEditTakesAnyText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.String().Draw(t, "value")
		_, err := catalog.SetAnnotation([]byte(tidy), paymentsRef, "x/y", value)
		require.NoError(t, err)
	})
}

func FuzzEdit(f *testing.F) {
	f.Add(tidy, "a", "b")
	f.Add("kind: Component\nmetadata: {name: payments}\nspec: {owner: a}", "a/b", "c: d")
	f.Add("kind: Component\nmetadata:\n  name: payments\n  annotations: &a\n    x: y\nspec:\n  <<: *a", "x", "#")
	f.Fuzz(func(_ *testing.T, file, key, value string) {
		_, _ = catalog.SetAnnotation([]byte(file), paymentsRef, key, value)
		_, _ = catalog.SetOwner([]byte(file), paymentsRef, catalog.Ref{Kind: "Group", Namespace: "default", Name: "a"})
		_, _ = catalog.AddLink([]byte(file), paymentsRef, catalog.Link{URL: value, Title: key})
	})
}
