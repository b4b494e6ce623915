package catalogtest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"bellhop/catalog"
)

func describedOf(all []catalog.Described) []string {
	var lines []string
	for _, d := range all {
		line := d.Entity.Ref.String()
		for _, r := range d.Relations {
			line += fmt.Sprintf(" %s %s", r.Type, r.Target)
		}
		lines = append(lines, line)
	}
	return lines
}

func testDescribed(t *testing.T, w *world) {
	w.write("teams.yaml", ledger)
	w.write("all.yaml", component("Payments", "team-ledger", "  dependsOn: [component:lib]")+component("lib", "team-ledger")+component("zebra", "nobody"))
	w.refresh(t)
	w.write("all.yaml", component("Payments", "team-ledger", "  dependsOn: [component:lib, component:lib]")+component("lib", "nobody")+component("zebra", "nobody"))
	w.refresh(t)
	all := []string{
		"component:default/lib dependencyOf component:default/payments ownedBy group:default/nobody",
		"component:default/payments dependsOn component:default/lib ownedBy group:default/team-ledger",
		"component:default/zebra ownedBy group:default/nobody",
		"group:default/team-ledger hasMember user:default/alice ownerOf component:default/payments",
		"user:default/alice memberOf group:default/team-ledger",
	}
	for _, c := range []struct {
		after, before string
		limit         int
		want          []string
	}{
		{"", "\U0010FFFF", 9, all},
		{"", "\U0010FFFF", 2, all[:2]},
		{"component:default/payments", "\U0010FFFF", 2, all[2:4]},
		{"component:", "component;", 9, all[:3]},
		{"component:default/lib", "component:default/zebra", 9, all[1:2]},
		{"x", "\U0010FFFF", 9, nil},
	} {
		found, err := w.store.Range(t.Context(), c.after, c.before, c.limit)
		require.NoError(t, err)
		require.Equal(t, c.want, describedOf(found), "%+v", c)
	}
	found, err := w.store.Describe(t.Context(), []catalog.Ref{
		ref(t, "user:alice"), ref(t, "Component:PAYMENTS"), ref(t, "component:nothing"), ref(t, "component:x\""), ref(t, "user:alice")})
	require.NoError(t, err)
	require.Equal(t, []string{all[1], all[4]}, describedOf(found))
	require.Equal(t, "Payments", found[0].Entity.Name, "as it was written")
	found, err = w.store.Describe(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, found)

	var refs []string
	require.NoError(t, w.store.Refs(t.Context(), func(ref string) bool {
		refs = append(refs, ref)
		return len(refs) < 2
	}))
	require.Equal(t, []string{"component:default/lib", "component:default/payments"}, refs)
}
