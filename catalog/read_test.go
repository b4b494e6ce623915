package catalog

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// readAll reads a file's documents as a refresh does, and gives the references that are good and the problems.
func readAll(text string) (good, problems []string) {
	for _, doc := range splitDocuments(withoutBOM([]byte(text))) {
		r := readDocument(doc, Source{Location: "*.yaml", File: "f.yaml"}, rights{}, nil)
		if r.ok && !r.empty {
			good = append(good, fmt.Sprintf("%s:%d:%d", r.record.Ref, r.record.Source.Document, r.record.Source.Line))
		}
		for _, p := range r.problems {
			problems = append(problems, p.String())
		}
	}
	return good, problems
}

// fine is a component on one line.
func fine(name string) string {
	return "{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: " + name + "}, spec: {type: service, lifecycle: production, owner: me}}\n"
}

func TestOneBadDocumentHoldsBackNobody(t *testing.T) {
	for name, c := range map[string]struct {
		text     string
		good     []string
		problems []string
	}{
		"an unclosed quote": {
			fine("a") + "---\nkind: \"Component\nmetadata:\n---\n" + fine("b"),
			[]string{"component:default/a:1:1", "component:default/b:3:6"},
			[]string{"f.yaml:3: this is no YAML that can be read: while scanning a quoted scalar: found unexpected end of stream"},
		},
		"a tab": {
			fine("a") + "---\nkind: Component\nmetadata:\n\tname: x\n--- \n" + fine("b"),
			[]string{"component:default/a:1:1", "component:default/b:3:7"},
			nil,
		},
		"comments, directives and empty documents": {
			"# head\n%YAML 1.2\n---\n" + fine("a") + "---\n# nothing here\n---\n" + fine("b") + "...\n# between\n---\n" + fine("c") + "---\n",
			[]string{"component:default/a:1:4", "component:default/b:3:8", "component:default/c:4:12"},
			[]string{},
		},
		"no marker at all": {fine("a"), []string{"component:default/a:1:1"}, []string{}},
		"nothing":          {"", nil, []string{}},
		"comments alone":   {"# one\n\n# two\n", nil, []string{}},
		"a mark, and CRLF": {"\xef\xbb\xbf---\r\n" + fine("a") + "---\r\n" + fine("b"), []string{"component:default/a:1:2", "component:default/b:2:4"}, []string{}},
		"text that is no map": {"just words\n---\n- a list\n---\n" + fine("a"), []string{"component:default/a:3:5"}, []string{
			`f.yaml:1: a descriptor must be a mapping, not the text "just words"`, "f.yaml:3: a descriptor must be a mapping, not a list",
		}},
		"not UTF-8":         {"kind: \xff\n---\n" + fine("a"), []string{"component:default/a:2:3"}, []string{"f.yaml:1: this is no YAML that can be read: the text is not UTF-8"}},
		"an unknown anchor": {"kind: *no\n---\n" + fine("a"), []string{"component:default/a:2:3"}, nil},
		"a key twice":       {"kind: a\nkind: b\n", nil, []string{`f.yaml:2: this is no YAML that can be read: the key "kind" stands twice`}},
		"a mapping as key":  {"{a: b}: c\n", nil, []string{"f.yaml:1: this is no YAML that can be read: a key must be a text"}},
		"a marker in a text": {
			"kind: |\n  text\n--- >\n  folded\n", nil, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			good, problems := readAll(c.text)
			require.Equal(t, c.good, good)
			if c.problems != nil {
				require.ElementsMatch(t, c.problems, problems)
			} else {
				require.NotEmpty(t, problems)
			}
		})
	}
}

func TestProblemsNameLineFieldAndRemedy(t *testing.T) {
	text := `apiVersion: backstage.io/v1alpha1
kind: component
metadata:
  name: my service
  tags: [go, node.js]
  annotations:
    Example.com/a: x
    example.com/b: 7
  labels:
    tier: "no good"
  links:
    - title: Docs
    - url: docs.acme.example/x
extra: 1
spec: {}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: a
spec:
  type: 7
  lifecycle: production
  owner: "a:b/"
  dependsOn:
    - ledger-lib
    - component:ok
  providesApis: api-1
---
apiVersion: backstage.io/v1
kind: Group
metadata: {name: g}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: g, annotations: {github.com/project-slug: "https://github.com/acme/x"}}
spec: {type: team}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: slug, annotations: {github.com/project-slug: "https://github.com/acme/x.git"}}
spec: {type: service, lifecycle: production, owner: me}
---
apiVersion: backstage.io/v1alpha1
kind: Location
metadata: {name: all}
spec: {targets: [./x.yaml, 'https://a.example/x.yaml']}
`
	good, problems := readAll(text)
	require.Equal(t, []string{"component:default/slug:5:39", "location:default/all:6:44"}, good)
	require.Equal(t, []string{
		`f.yaml:14: extra: unknown field "extra"; only apiVersion, kind, metadata and spec may stand here`,
		`f.yaml:4: metadata.name: "my service" may not contain a space; try "my-service"`,
		`f.yaml:10: metadata.labels.tier: "no good" may not contain a space; try "no-good"`,
		`f.yaml:7: metadata.annotations.Example.com/a: "Example.com/a" is not a key: a name of at most 63 characters, with or without a DNS name in lower case and a / before it`,
		`f.yaml:8: metadata.annotations.example.com/b: must be a text, not the number 7; put quotes around it: "7"`,
		`f.yaml:5: metadata.tags[1]: "node.js" may not contain a dot; try "nodejs"`,
		`f.yaml:12: metadata.links[0].url: is missing`,
		`f.yaml:13: metadata.links[1].url: "docs.acme.example/x" is not a URL with its scheme; try "https://docs.acme.example/x"`,
		`f.yaml:2: kind: unknown kind "component"; write Component`,
		`f.yaml:22: spec.type: must be a text, not the number 7; put quotes around it: "7"`,
		`f.yaml:28: spec.providesApis: must be a list, not the text "api-1"; write providesApis: [api-1]`,
		`f.yaml:30: apiVersion: a Group cannot be written in "backstage.io/v1"; write backstage.io/v1alpha1`,
		`f.yaml:37: spec.children: is missing; write children: [] for none`,
		`f.yaml:41: metadata.annotations.github.com/project-slug: "https://github.com/acme/x.git" is not owner/repo, so nothing of the repository is found; try "acme/x"`,
	}, problems)
}

func TestReferencesAreJudgedToo(t *testing.T) {
	_, problems := readAll(strings.Replace(fine("a"), "owner: me", `owner: "a:b/", dependsOn: [lib, component:x], dependencyOf: "y z"`, 1))
	require.Equal(t, []string{
		`f.yaml:1: spec.owner: "a:b/": a reference has the form [kind:][namespace/]name`,
		`f.yaml:1: spec.dependsOn[0]: "lib": the reference must begin with a kind, such as component: or resource:; write component:lib or resource:lib`,
		`f.yaml:1: spec.dependencyOf: "y z": the reference must begin with a kind, such as component: or resource:`,
	}, problems)
}

func TestYAMLIsReadAsBackstageReadsIt(t *testing.T) {
	text := `
base: &base {a: 1, b: text}
merged: {<<: *base, b: own}
list: {<<: [*base, {c: 3}]}
alias: *base
date: 2024-01-01
on: off
hex: 0x1F
octal: 0o17
not octal: 017
float: -1.5e3
under_score: 1_000
nothing: ~
also: null
tagged: !!str 7
quoted: "7"
yes: True
7: number
inf: .inf
folded: >
  some
  text
`
	value, _, err := parseYAML([]byte(text), 1)
	require.Nil(t, err)
	base := map[string]any{"a": 1.0, "b": "text"}
	require.Equal(t, map[string]any{
		"base": base, "merged": map[string]any{"a": 1.0, "b": "own"}, "list": map[string]any{"a": 1.0, "b": "text", "c": 3.0}, "alias": base,
		"date": "2024-01-01", "on": "off", "hex": 31.0, "octal": 15.0, "not octal": 17.0, "float": -1500.0, "under_score": "1_000",
		"nothing": nil, "also": nil, "tagged": "7", "quoted": "7", "yes": true, "7": "number", "inf": ".inf", "folded": "some text\n",
	}, value)
}

func TestHostileDocuments(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'k'; c++ {
		bomb += fmt.Sprintf("%c: &%c [*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c]\n", c, c, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1)
	}
	for name, c := range map[string]struct{ text, problem string }{
		"alias bomb":       {bomb, "more than 50000 values"},
		"anchor in itself": {"a: &a [*a]\n", "nested deeper than 50"},
		"deep flow":        {strings.Repeat("[", 10_000), "depth"},
		"deep block":       {deepBlock(200), "depth"},
		"large":            {"a: " + strings.Repeat("x", maxDocumentBytes), "larger than 1 MB"},
		"many values":      {"[" + strings.Repeat("a,", 400_000) + "]", "more than 50000 values"},
		"control signs":    {"a: \x01\n", "control characters"},
	} {
		t.Run(name, func(t *testing.T) {
			good, problems := readAll(c.text + "\n---\n" + fine("a"))
			require.Len(t, good, 1)
			require.Len(t, problems, 1)
			require.Contains(t, problems[0], c.problem)
		})
	}
}

func deepBlock(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%sa:\n", strings.Repeat(" ", i))
	}
	return b.String()
}

func TestStoredEntityComesBackAsItWas(t *testing.T) {
	text := `apiVersion: backstage.io/v1beta1
kind: User
metadata:
  name: Alice
  namespace: people
  title: Alice M.
  description: "with a \0 in it"
  labels: {a: b}
  annotations: {slack.com/user-id: U01ALICE, github.com/user-login: AliceM}
  tags: [x]
  links: [{url: "https://a", title: t, icon: i, type: y}]
  custom: {kept: [1, two]}
spec: {profile: {displayName: Alice Moreau, email: Alice@ACME.example}, memberOf: [a/b], other: 1}
`
	r := readDocument(chunk{text: []byte(text), document: 3, line: 10}, Source{Location: "l", File: "f"}, rights{rules: []Rule{{Allow: []string{"group"}}, {Allow: []string{"user"}}}}, nil)
	require.True(t, r.ok, r.problems)
	e, err := DecodeEntity(r.record.Document, r.record.Source)
	require.NoError(t, err)
	require.Equal(t, Entity{
		Ref: Ref{"User", "people", "Alice"}, APIVersion: "backstage.io/v1beta1", Title: "Alice M.", Description: "with a \x00 in it",
		Labels: map[string]string{"a": "b"}, Annotations: map[string]string{AnnotationSlackUser: "U01ALICE", AnnotationLogin: "AliceM"},
		Tags: []string{"x"}, Links: []Link{{"https://a", "t", "i", "y"}},
		Spec: Spec{
			"profile":  map[string]any{"displayName": "Alice Moreau", "email": "Alice@ACME.example"},
			"memberOf": []any{"a/b"}, "other": 1.0,
		},
		Metadata: map[string]any{"custom": map[string]any{"kept": []any{1.0, "two"}}},
		Source:   Source{Location: "l", File: "f", Document: 3, Line: 10},
	}, e)
	require.Equal(t, []Key{
		{KeyName, "alice"}, {KeyTitle, "alice m."}, {KeyLink, "a"}, {KeyHost, "a"}, {KeySlackUser, "u01alice"}, {KeyEmail, "alice@acme.example"}, {KeyLogin, "alicem"},
	}, r.record.Keys)
}

func TestRulesRestrictKinds(t *testing.T) {
	r := readDocument(chunk{text: []byte(fine("a")), document: 1, line: 1}, Source{Location: "teams.yaml", File: "teams.yaml"}, rights{rules: []Rule{{Allow: []string{"Group", "User"}}}}, nil)
	require.False(t, r.ok)
	require.Equal(t, `teams.yaml:1: kind: the location "teams.yaml" may not give a Component; change the rules of the location, or move the entity`, r.problems[0].String())
}
