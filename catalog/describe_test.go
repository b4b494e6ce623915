package catalog

import (
	"bytes"
	"encoding/json"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

func gathered(t *testing.T, text string) Gathered {
	t.Helper()
	g, err := Gather(t.Context(), []Descriptor{{Root: fstest.MapFS{"f.yaml": {Data: []byte(text)}}, Path: "f.yaml", Name: "f.yaml"}})
	require.NoError(t, err)
	return g
}

func TestDescribeTellsRelationsBothWays(t *testing.T) {
	g := gathered(t, component("a", "owner: team-a, dependsOn: ['resource:db', 'Component:B']")+component("B", "owner: team-a, system: s")+"---\n"+teams)
	require.Empty(t, g.Problems)
	descriptions, err := Describe(g.Records)
	require.NoError(t, err)
	relations := map[string][]RelationToward{}
	for _, d := range descriptions {
		require.Equal(t, "default", d.Metadata["namespace"])
		relations[d.Metadata["name"].(string)] = d.Relations
	}
	require.Equal(t, map[string][]RelationToward{
		"a":      {{DependsOn, "component:default/b"}, {DependsOn, "resource:default/db"}, {OwnedBy, "group:default/team-a"}},
		"B":      {{DependencyOf, "component:default/a"}, {OwnedBy, "group:default/team-a"}, {PartOf, "system:default/s"}},
		"team-a": {{HasMember, "user:default/alice"}, {OwnerOf, "component:default/a"}, {OwnerOf, "component:default/b"}},
		"Alice":  {{MemberOf, "group:default/team-a"}},
	}, relations)
	alone, err := Describe(gathered(t, "{apiVersion: backstage.io/v1alpha1, kind: Location, metadata: {name: l}, spec: {}}").Records)
	require.NoError(t, err)
	text, err := json.Marshal(alone)
	require.NoError(t, err)
	require.JSONEq(t, `[{"apiVersion":"backstage.io/v1alpha1","kind":"Location","metadata":{"name":"l","namespace":"default"},"relations":[]}]`, string(text))
}

const awkward = `apiVersion: backstage.io/v1beta1
kind: API
metadata:
  zebra: {on: "yes", list: [1, 2.5, true, ~, "~", "1e3", 2024-01-01, "0x1F", 1_000, "null", "", "012"]}
  name: a.b_c
  namespace: far
  title: "on"
  description: |
    Several lines: # with
      signs
    and an end
  labels: {a: "7"}
  annotations: {b/c: "  spaces  ", d: "multi\nline", e: "\t\0"}
  tags: ["1", go]
  links: [{url: "https://a", extra: kept}]
spec: {type: "true", lifecycle: production, owner: "user:x/y", definition: "{\n  \"a\": 1\n}\n"}
`

func TestDescriptorsComeBackAsTheyWereRead(t *testing.T) {
	g := gathered(t, awkward+component("a", "owner: t, providesApis: []"))
	require.Empty(t, g.Problems)
	var out bytes.Buffer
	require.NoError(t, WriteDescriptors(&out, g.Records))
	again := gathered(t, out.String())
	require.Empty(t, again.Problems, out.String())
	require.Len(t, again.Records, 2)
	for i := range g.Records {
		require.JSONEq(t, string(g.Records[i].Document), string(again.Records[i].Document), out.String())
	}
	require.Contains(t, out.String(), "kind: API\nmetadata:\n  name: a.b_c\n  namespace: far\n  title: \"on\"\n  description: |\n")
}

func TestARecordOfAStoredEntityIsTheSame(t *testing.T) {
	for _, record := range gathered(t, awkward+component("a", "owner: t, providesApis: [x]")).Records {
		e, err := DecodeEntity(record.Document, record.Source)
		require.NoError(t, err)
		again, err := recordOf(e)
		require.NoError(t, err)
		var was, is map[string]any
		require.NoError(t, json.Unmarshal(record.Document, &was))
		require.NoError(t, json.Unmarshal(again.Document, &is))
		if links, ok := was["metadata"].(map[string]any)["links"].([]any); ok {
			delete(links[0].(map[string]any), "extra") // links are kept by their known fields
		}
		require.Equal(t, was, is)
	}
}
