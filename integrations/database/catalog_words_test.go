package database_test

import (
	"encoding/json"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"bellhop/catalog"
	"bellhop/catalog/catalogtest"
	"bellhop/integrations/database"
	"bellhop/integrations/database/databasetest"
)

// FuzzSearch holds the full-text index to finding what a plain comparison finds, whatever is written and asked.
func FuzzSearch(f *testing.F) {
	f.Add("Gives money back: payments in reverse", "money pay")
	f.Add("größtenteils \u0130stanbul \U0001E922a e\u0301", "GRÖSS İst e\u0301")
	f.Add(`it's "quoted" \ * ^ AND OR NOT NEAR(a b) {names}:`, `"quoted" NOT * :`)
	f.Add("=name kind=component", "kind=component owner=x")
	f.Add("", "component:default/a-b")
	db := databasetest.SQLite(f)
	f.Fuzz(func(t *testing.T, written, asked string) {
		q, err := catalog.ParseQuery([]string{asked})
		if err != nil {
			return
		}
		var answers [2][]catalog.Entity
		for i, store := range []catalog.Store{database.NewCatalogStore(db), catalogtest.NewMemory()} {
			c := catalog.New(store, catalog.Options{Locations: []catalog.Location{{Target: "*.yaml"}}, Root: fstest.MapFS{
				"a.yaml": {Data: described(t, "a-b", written)}, "b.yaml": {Data: described(t, "other", "Nothing at all")},
			}})
			_, err := c.Refresh(t.Context())
			require.NoError(t, err)
			answers[i], err = c.All(t.Context(), q, 10)
			require.NoError(t, err)
		}
		require.Equal(t, answers[1], answers[0])
	})
}

// described is a component's descriptor, in JSON.
func described(t *testing.T, name, description string) []byte {
	t.Helper()
	text, err := json.Marshal(map[string]any{
		"apiVersion": "backstage.io/v1alpha1", "kind": "Component", "metadata": map[string]any{"name": name, "description": description},
		"spec": map[string]any{"type": "service", "lifecycle": "production", "owner": "team"},
	})
	require.NoError(t, err)
	return text
}
