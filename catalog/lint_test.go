package catalog

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// linted is what lint says of files, named by their path; severities stand before.
func linted(t *testing.T, files map[string]string) []string {
	t.Helper()
	root := fstest.MapFS{}
	for name, text := range files {
		root[name] = &fstest.MapFile{Data: []byte(text)}
	}
	paths, failures := Files(root, "**/*.yaml")
	require.Empty(t, failures)
	var descriptors []Descriptor
	for _, file := range paths {
		descriptors = append(descriptors, Descriptor{Root: root, Path: file, Name: file})
	}
	g, err := Lint(t.Context(), descriptors)
	require.NoError(t, err)
	said := []string{}
	for _, p := range g.Problems {
		said = append(said, string(p.Severity)+" "+p.String())
	}
	return said
}

const teams = `{apiVersion: backstage.io/v1alpha1, kind: Group, metadata: {name: team-a}, spec: {type: team, children: []}}
---
{apiVersion: backstage.io/v1alpha1, kind: User, metadata: {name: Alice}, spec: {memberOf: [team-a]}}
`

func component(name, more string) string {
	return "---\n{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: " + name + "}, spec: {type: service, lifecycle: production, " + more + "}}\n"
}

func groupOf(name, parent, children string) string {
	if parent != "" {
		parent = ", parent: " + parent
	}
	return "---\n{apiVersion: backstage.io/v1alpha1, kind: Group, metadata: {name: " + name + "}, spec: {type: team, children: [" + children + "]" + parent + "}}\n"
}

func TestLintLooksAtFilesTogether(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  []string
	}{
		"nothing is wrong": {map[string]string{"a.yaml": component("a", "owner: team-a"), "teams.yaml": teams}, []string{}},
		"a name twice, across and within files": {
			map[string]string{"a.yaml": component("a", "owner: team-a") + component("A", "owner: team-a"), "b.yaml": component("a", "owner: team-a"), "t.yaml": teams},
			[]string{
				"warning a.yaml:4: metadata.name: component:default/a is already described in this file, line 2, which counts here; in Backstage the last one does; remove one of them, or give it another name",
				"error b.yaml:2: metadata.name: component:default/a is already described in a.yaml, line 2, which counts; remove one of them, or give it another name",
			},
		},
		"another case": {
			map[string]string{"a.yaml": component("a", "owner: Group:Team-A") + component("b", "owner: user:alice, dependsOn: [Component:A]"), "t.yaml": teams},
			[]string{
				`warning a.yaml:2: spec.owner: group:Team-A differs from the name of group:team-a in capital letters only; write "group:team-a"`,
				`warning a.yaml:4: spec.owner: user:alice differs from the name of user:Alice in capital letters only; write "user:Alice"`,
				`warning a.yaml:4: spec.dependsOn[0]: component:A differs from the name of component:a in capital letters only; write "component:a"`,
			},
		},
		"references to nothing": {
			map[string]string{"a.yaml": component("a", "owner: teem-a, system: shop, providesApis: [x/y]") + component("b", "owner: alice, dependencyOf: [component:a, 'component:c']"), "t.yaml": teams},
			[]string{
				`warning a.yaml:2: spec.owner: there is no group:teem-a among these files; did you mean "team-a"?`,
				`warning a.yaml:2: spec.providesApis[0]: there is no api:x/y among these files; add it, or correct the name`,
				`warning a.yaml:2: spec.system: there is no system:shop among these files; add it, or correct the name`,
				`warning a.yaml:4: spec.owner: there is no group:alice among these files; did you mean "user:Alice"?`,
				`warning a.yaml:4: spec.dependencyOf[1]: there is no component:c among these files; did you mean "a"?`,
			},
		},
		"a component is no API, however alike": {
			map[string]string{"a.yaml": component("a", "owner: team-a, providesApis: [a]"), "t.yaml": teams},
			[]string{"warning a.yaml:2: spec.providesApis[0]: there is no api:a among these files; add it, or correct the name"},
		},
		"one fact is told once": {
			map[string]string{"a.yaml": "kind: Component\nmetadata: {name: x, tags: [Ünï]}\nspec: {type: s, lifecycle: production, owner: team-a}\n---\nmetadata:\n\tname: x\n", "t.yaml": teams},
			[]string{
				"error a.yaml:1: apiVersion: is missing",
				`error a.yaml:2: metadata.tags[0]: "Ünï" may not contain "Ü"; try "uni"`,
				"error a.yaml:6: this is no YAML that can be read: while scanning for the next token: found character that cannot start any token (a tab? YAML is indented by spaces)",
			},
		},
		"owners without members": {
			map[string]string{"a.yaml": component("a", "owner: empty") + component("b", "owner: above") + groupOf("empty", "above", "") + groupOf("above", "top", "team-a") + groupOf("top", "top2", "") + "---\n" + teams},
			[]string{
				`warning a.yaml:6: spec.members: group:empty owns 1 entity and has no members; list them under spec.members, or name the group in memberOf of its Users`,
				`warning a.yaml:10: spec.parent: there is no group:top2 among these files; did you mean "top"?`,
			},
		},
		"circles": {
			map[string]string{"a.yaml": groupOf("a", "b", "") + groupOf("b", "c", "") + groupOf("c", "a", "b") + component("x", "owner: user:u, subcomponentOf: y") + component("y", "owner: user:u, subcomponentOf: x") + component("z", "owner: user:u, subcomponentOf: z") +
				"---\n{apiVersion: backstage.io/v1alpha1, kind: User, metadata: {name: u}, spec: {memberOf: []}}\n"},
			[]string{
				"warning a.yaml:6: spec.parent: goes round in a circle: group:a → group:b → group:c → group:a; take one of these out",
				"warning a.yaml:10: spec.subcomponentOf: goes round in a circle: component:x → component:y → component:x; take one of these out",
				"warning a.yaml:12: spec.subcomponentOf: goes round in a circle: component:z → component:z; take one of these out",
			},
		},
		"what Backstage refuses, and what stands beside it": {
			map[string]string{"a.yaml": component("a b", "owner: team-a") + component("a", "owner: team-a, dependsOn: ['component:bad']") + component("bad", "owner: 7") + "---\n{a: [\n---\n- list\n", "t.yaml": teams},
			[]string{
				`error a.yaml:2: metadata.name: "a b" may not contain a space; try "a-b"`,
				`error a.yaml:6: spec.owner: must be a text, not the number 7; put quotes around it: "7"`,
				"error a.yaml:9: this is no YAML that can be read: while parsing a flow node: did not find expected node content",
				"error a.yaml:10: a descriptor must be a mapping, not a list",
			},
		},
		"what is no descriptor is told once": {
			map[string]string{"a.yaml": "name: CI\non: [push]\njobs: {}\n---\napiVersion: backstage.io/v1alpha1\nmetadata: {name: x}\n"},
			[]string{
				"error a.yaml:1: this is no descriptor: it has neither apiVersion nor kind; move the file elsewhere, or write both",
				"error a.yaml:5: kind: is missing",
			},
		},
		"placeholders": {
			map[string]string{"p/a.yaml": "{apiVersion: backstage.io/v1alpha1, kind: API, metadata: {name: a}, spec: {type: grpc, lifecycle: production, owner: team-a, definition: {$text: ../a.proto}}}\n---\n" +
				"{apiVersion: backstage.io/v1alpha1, kind: API, metadata: {name: b}, spec: {type: grpc, lifecycle: production, owner: team-a, definition: {$text: b.proto}}}\n", "a.proto": "x", "t.yaml": teams},
			[]string{"error p/a.yaml:3: spec.definition: b.proto cannot be taken in: there is no file p/b.proto"},
		},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, linted(t, c.files)) })
	}
}

func TestLintFollowsLocations(t *testing.T) {
	root := fstest.MapFS{}
	write := func(name, text string) { root[name] = &fstest.MapFile{Data: []byte(text)} }
	write("repo/catalog-info.yaml", "{apiVersion: backstage.io/v1alpha1, kind: Location, metadata: {name: all}, spec: {targets: ['./*/catalog-info.yaml', ./none.yaml, 'https://a.example/b.yaml', 'ftp://a.example/b.yaml']}}\n")
	write("repo/a/catalog-info.yaml", component("a", "owner: team-a")+"---\n{apiVersion: backstage.io/v1alpha1, kind: Location, metadata: {name: back}, spec: {target: ../catalog-info.yaml}}\n")
	write("repo/b/catalog-info.yaml", component("a", "owner: team-a")+"---\n"+teams)
	g, err := Lint(t.Context(), []Descriptor{{Root: root, Path: "repo/catalog-info.yaml", Name: "x/catalog-info.yaml"}})
	require.NoError(t, err)
	var said []string
	for _, p := range g.Problems {
		said = append(said, string(p.Severity)+" "+p.String())
	}
	require.Equal(t, []string{
		"warning x/a/catalog-info.yaml:4: spec.target: goes round in a circle: x/catalog-info.yaml → x/a/catalog-info.yaml → x/catalog-info.yaml; take one of these out",
		"error x/b/catalog-info.yaml:2: metadata.name: component:default/a is already described in x/a/catalog-info.yaml, line 2, which counts; remove one of them, or give it another name",
		"warning x/catalog-info.yaml:1: spec.targets[1]: there is no file repo/none.yaml; correct the target, or write presence: optional",
		"warning x/catalog-info.yaml:1: spec.targets[3]: ftp://a.example/b.yaml cannot be followed: ftp: is not read; write an https:// address or github:OWNER/REPO",
	}, said)
}

func TestLintEndsWhenToldTo(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Lint(ctx, []Descriptor{{Root: fstest.MapFS{}, Path: "a", Name: "a"}})
	require.ErrorIs(t, err, context.Canceled)
}

func TestLintOfAFileThatIsNotThere(t *testing.T) {
	g, err := Lint(t.Context(), []Descriptor{{Root: fstest.MapFS{}, Path: "a", Name: "x/a"}})
	require.NoError(t, err)
	require.Equal(t, []Problem{{File: "x/a", Severity: SeverityError, Message: "there is no such file"}}, g.Problems)
}

func TestLifecyclesNearToAKnownOne(t *testing.T) {
	for lifecycle, want := range map[string]string{
		"production": "", "experimental": "", "deprecated": "", "preproduction": "", "sunset": "", "beta": "", "x": "",
		"prodution": "production", "Production": "production", "prod": "production", "depracated": "deprecated", "experimentl": "experimental",
	} {
		require.Equal(t, want, meantLifecycle(lifecycle), lifecycle)
	}
	_, problems := readAll(strings.Replace(fine("a"), "production", "prodcution", 1))
	require.Equal(t, []string{`f.yaml:1: spec.lifecycle: "prodcution" is no well-known lifecycle; did you mean "production"?`}, problems)
}

func TestFormatsSayWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		format     format
		text, want string
	}{
		{tagFormat(), "node.js", "may not contain a dot"},
		{tagFormat(), "Go", "may not contain capital letters"},
		{tagFormat(), "a_b", "may not contain an underscore"},
		{tagFormat(), "-a", "is not a tag: 1 to 63 of a-z, 0-9, + # :, and - between them"},
		{nameFormat(), "a/b", "may not contain a slash"},
		{nameFormat(), "é", `may not contain "é"`},
		{nameFormat(), strings.Repeat("a", 64), "has 64 characters; there may be 63"},
		{namespaceFormat(), "a:b", "may not contain a colon"},
	} {
		require.Equal(t, c.want, c.format.wrong(c.text), c.text)
	}
}
