package catalogtest

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"bellhop/catalog"
)

// Suite holds a store to what catalog.Store promises; store gives an empty one.
func Suite(t *testing.T, store func(t *testing.T) catalog.Store) {
	for name, test := range map[string]func(*testing.T, *world){
		"what is read is found":                  testFound,
		"only what changed is written":           testChanges,
		"a refresh is seen all at once":          testAtOnce,
		"one refresh at a time":                  testOneAtATime,
		"an abandoned refresh leaves nothing":    testAbandoned,
		"relations that lead nowhere are listed": testDangling,
		"what is wrong with the whole is told":   testTogether,
		"prefixes come in order":                 testPrefix,
		"words find what has all of them":        testWords,
		"a large refresh comes in slices":        testLarge,
		"entities come with their relations":     testDescribed,
		"places and orphans are kept":            testPlaces,
	} {
		t.Run(name, func(t *testing.T) {
			s := store(t)
			files := fstest.MapFS{}
			test(t, &world{s, files, catalog.New(s, catalog.Options{Root: files, Locations: []catalog.Location{{Target: "**/*.yaml"}}})})
		})
	}
}

// world is a store, the files that fill it, and the catalog between.
type world struct {
	store   catalog.Store
	files   fstest.MapFS
	catalog *catalog.Catalog
}

func (w *world) write(name, text string) { w.files[name] = &fstest.MapFile{Data: []byte(text)} }

func (w *world) refresh(t *testing.T) catalog.RefreshResult {
	t.Helper()
	result, err := w.catalog.Refresh(t.Context())
	require.NoError(t, err)
	status, err := w.catalog.Status(t.Context())
	require.NoError(t, err)
	require.Equal(t, status.Problems, result.Problems)
	result.Took, result.Problems = 0, 0
	return result
}

// component is a descriptor in a few words.
func component(name, owner string, more ...string) string {
	return fmt.Sprintf("---\napiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: %s\n  annotations: {github.com/project-slug: Acme/%s}\nspec:\n  type: service\n  lifecycle: production\n  owner: %s\n%s\n",
		name, name, owner, strings.Join(more, "\n"))
}

const ledger = `
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: team-ledger, title: Team Ledger, annotations: {slack.com/channel: "ledger, payments"}}
spec: {type: team, children: [], members: [alice]}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: alice, annotations: {slack.com/user-id: U01ALICE}}
spec: {profile: {displayName: Alice Moreau, email: Alice@acme.example}, memberOf: [team-ledger]}
`

func ref(t *testing.T, text string) catalog.Ref {
	t.Helper()
	r, err := catalog.ParseRef(text, "", "")
	require.NoError(t, err)
	return r
}

func namesOf(entities []catalog.Entity) []string {
	var names []string
	for _, e := range entities {
		names = append(names, e.Name)
	}
	return names
}

func testFound(t *testing.T, w *world) {
	w.write("teams.yaml", ledger)
	w.write("payments.yaml", component("Payments", "team-ledger", "  dependsOn: [component:ledger-lib]"))
	w.write("lib.yaml", component("ledger-lib", "team-ledger"))
	require.Equal(t, catalog.RefreshResult{Files: 3, Entities: 4, Added: 4}, w.refresh(t))

	e, err := w.catalog.Get(t.Context(), ref(t, "component:payments"))
	require.NoError(t, err)
	require.Equal(t, "Payments", e.Name, "as it was written")
	require.Equal(t, catalog.Source{Location: "**/*.yaml", File: "payments.yaml", Document: 1, Line: 2}, e.Source)
	_, err = w.catalog.Get(t.Context(), ref(t, "component:nothing"))
	require.ErrorIs(t, err, catalog.ErrNotFound)

	owner, err := w.catalog.Owner(t.Context(), e)
	require.NoError(t, err)
	require.Equal(t, "Team Ledger", owner.Group.Display())
	require.Equal(t, "ledger", owner.Channel)
	require.Equal(t, []string{"alice"}, namesOf(owner.People), "said twice, named once")

	dependents, err := w.catalog.Dependents(t.Context(), ref(t, "component:ledger-lib"))
	require.NoError(t, err)
	require.Equal(t, []string{"Payments"}, namesOf(dependents))

	slugs, err := w.catalog.Repositories(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"acme/ledger-lib", "acme/payments"}, slugs)
	owned, err := w.catalog.ByRepository(t.Context(), "ACME/payments")
	require.NoError(t, err)
	require.Equal(t, []string{"Payments"}, namesOf(owned))

	for _, text := range []string{"\x00payments", "\xff", "'; DROP TABLE catalog_entities; --", "%", "component:\x00", strings.Repeat("x", 5000), "a/\x00"} {
		_, err := w.catalog.Find(t.Context(), text)
		require.NoError(t, err, text)
		_, err = w.catalog.Search(t.Context(), text, nil, 3)
		require.NoError(t, err, text)
	}

	user, ok, err := w.catalog.UserFor(t.Context(), "u01alice", "")
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, "Alice Moreau", user.Display())
}

func testChanges(t *testing.T, w *world) {
	w.write("a.yaml", component("a", "x")+component("b", "x"))
	w.write("c.yaml", component("c", "x"))
	w.refresh(t)
	before, err := w.store.Generation(t.Context())
	require.NoError(t, err)
	require.Equal(t, catalog.RefreshResult{Files: 2, Entities: 3}, w.refresh(t))
	after, err := w.store.Generation(t.Context())
	require.NoError(t, err)
	require.Equal(t, before, after, "nothing changed")

	w.write("a.yaml", "# moved down\n"+component("a", "x")+component("b", "y"))
	delete(w.files, "c.yaml")
	require.Equal(t, catalog.RefreshResult{Files: 1, Entities: 2, Changed: 1, Removed: 1}, w.refresh(t))
	a, err := w.catalog.Get(t.Context(), ref(t, "component:a"))
	require.NoError(t, err)
	require.Equal(t, 3, a.Source.Line)
	b, err := w.store.Related(t.Context(), ref(t, "component:b"), catalog.OwnedBy)
	require.NoError(t, err)
	require.Len(t, b, 1, "the old relation is gone")
	require.Equal(t, "group:default/y", b[0].Entity.Ref.String())
	require.False(t, b[0].Found)
	status, err := w.catalog.Status(t.Context())
	require.NoError(t, err)
	require.Equal(t, 2, status.Entities)

	w.write("c.yaml", component("c", "x"))
	require.Equal(t, 1, w.refresh(t).Added, "a file that comes back is read again")
}

func testAtOnce(t *testing.T, w *world) {
	w.write("a.yaml", component("a", "x"))
	w.refresh(t)
	now := time.UnixMilli(1_000_000)
	refresh, err := w.store.Begin(t.Context(), now, time.Minute)
	require.NoError(t, err)
	require.NoError(t, refresh.Put(t.Context(), []catalog.Record{record(t, component("new", "x")), record(t, component("a", "y"))}))
	_, err = w.catalog.Get(t.Context(), ref(t, "component:new"))
	require.ErrorIs(t, err, catalog.ErrNotFound, "not before the commit")
	owner, err := w.store.Related(t.Context(), ref(t, "component:a"), catalog.OwnedBy)
	require.NoError(t, err)
	require.Equal(t, "group:default/x", owner[0].Entity.Ref.String())

	require.NoError(t, refresh.Commit(t.Context(), now, nil, true))
	require.NoError(t, refresh.Tidy(t.Context()))
	require.NoError(t, refresh.Close(t.Context()))
	_, err = w.catalog.Get(t.Context(), ref(t, "component:new"))
	require.NoError(t, err)
	owner, err = w.store.Related(t.Context(), ref(t, "component:a"), catalog.OwnedBy)
	require.NoError(t, err)
	require.Len(t, owner, 1)
	require.Equal(t, "group:default/y", owner[0].Entity.Ref.String())
}

// record is what a refresh of one descriptor would put.
func record(t *testing.T, descriptor string) catalog.Record {
	t.Helper()
	tap := &tap{Memory: NewMemory()}
	_, err := catalog.New(tap, catalog.Options{
		Root:      fstest.MapFS{"x.yaml": {Data: []byte(descriptor)}},
		Locations: []catalog.Location{{Target: "x.yaml"}},
	}).Refresh(t.Context())
	require.NoError(t, err)
	for _, r := range tap.records {
		return r
	}
	t.Fatal("no record")
	return catalog.Record{}
}

// tap gives a refresh's records away.
type tap struct{ *Memory }

func testOneAtATime(t *testing.T, w *world) {
	now := time.UnixMilli(1_000_000)
	first, err := w.store.Begin(t.Context(), now, time.Minute)
	require.NoError(t, err)
	_, err = w.store.Begin(t.Context(), now.Add(59*time.Second), time.Minute)
	require.ErrorIs(t, err, catalog.ErrRefreshing)
	second, err := w.store.Begin(t.Context(), now.Add(time.Hour), time.Minute)
	require.NoError(t, err, "the first showed no sign of life")
	require.ErrorIs(t, first.Put(t.Context(), []catalog.Record{record(t, component("a", "x"))}), catalog.ErrRefreshing)
	require.ErrorIs(t, first.Commit(t.Context(), now, nil, false), catalog.ErrRefreshing)
	require.NoError(t, first.Close(t.Context()))
	require.NoError(t, second.Put(t.Context(), []catalog.Record{record(t, component("b", "x"))}), "the first one's end changes nothing for the second")
	require.NoError(t, second.Commit(t.Context(), now, nil, false))
	require.NoError(t, second.Close(t.Context()))
	third, err := w.store.Begin(t.Context(), now, time.Minute)
	require.NoError(t, err)
	require.NoError(t, third.Close(t.Context()))
}

func testAbandoned(t *testing.T, w *world) {
	w.write("a.yaml", component("a", "x"))
	w.refresh(t)
	refresh, err := w.store.Begin(t.Context(), time.UnixMilli(1_000_000), time.Minute)
	require.NoError(t, err)
	require.NoError(t, refresh.Put(t.Context(), []catalog.Record{record(t, component("ghost", "x")), record(t, component("a", "other"))}))
	require.NoError(t, refresh.Close(t.Context()))
	require.Equal(t, catalog.RefreshResult{Files: 1, Entities: 1}, w.refresh(t), "what was there is still there")
	w.write("b.yaml", component("b", "x"))
	w.refresh(t)
	_, err = w.catalog.Get(t.Context(), ref(t, "component:ghost"))
	require.ErrorIs(t, err, catalog.ErrNotFound)
	owner, err := w.store.Related(t.Context(), ref(t, "component:a"), catalog.OwnedBy)
	require.NoError(t, err)
	require.Len(t, owner, 1)
	require.Equal(t, "group:default/x", owner[0].Entity.Ref.String())
}

func testDangling(t *testing.T, w *world) {
	w.write("a.yaml", component("a", "nobody"))
	w.write("bad.yaml", "kind: Nothing\n")
	w.refresh(t)
	problems, err := w.catalog.Problems(t.Context())
	require.NoError(t, err)
	require.Equal(t, "a.yaml:10: spec.owner: there is no group:nobody in the catalog; add it, or correct the name", problems[0].String())
	require.Equal(t, "bad.yaml", problems[1].File)
	w.refresh(t)
	again, err := w.catalog.Problems(t.Context())
	require.NoError(t, err)
	require.Equal(t, problems, again, "they are told again each time, and once")

	delete(w.files, "bad.yaml")
	w.refresh(t)
	problems, err = w.catalog.Problems(t.Context())
	require.NoError(t, err)
	require.Len(t, problems, 1)
	status, err := w.catalog.Status(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, status.Problems)
}

func testTogether(t *testing.T, w *world) {
	group := func(name, spec string) string {
		return fmt.Sprintf("---\napiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: %s}\nspec: {type: team, children: [], %s}\n", name, spec)
	}
	w.write("people.yaml", ledger)
	w.write("teams.yaml", group("team-mail", "parent: platform")+group("platform", "members: [alice]")+group("Round", "parent: trip")+group("trip", "parent: Round"))
	w.write("all.yaml", component("mailer", "team-mail")+component("Pay", "Team-Ledger")+component("shop", "team-ledger", "  dependsOn: ['component:pay']")+component("desk", "team-ledger"))
	w.refresh(t)
	problems, err := w.catalog.Problems(t.Context())
	require.NoError(t, err)
	var told []string
	for _, p := range problems {
		told = append(told, p.String())
	}
	require.Equal(t, []string{
		`all.yaml:21: spec.owner: group:Team-Ledger differs from the name of group:team-ledger in capital letters only; write "group:team-ledger"`,
		`all.yaml:33: spec.dependsOn[0]: component:pay differs from the name of component:Pay in capital letters only; write "component:Pay"`,
		"teams.yaml:2: spec.members: group:team-mail owns 1 entity and has no members; list them under spec.members, or name the group in memberOf of its Users",
		"teams.yaml:20: spec.parent: goes round in a circle: group:round → group:trip → group:round; take one of these out",
	}, told)

	owned, err := w.catalog.ProblemsByOwner(t.Context())
	require.NoError(t, err)
	var whose []string
	for _, o := range owned {
		whose = append(whose, fmt.Sprint(o.Owner.Name, " ", len(o.Problems)))
	}
	require.Equal(t, []string{"team-ledger 2", "team-mail 1", "trip 1"}, whose)
}

func testPrefix(t *testing.T, w *world) {
	w.write("teams.yaml", ledger)
	w.write("all.yaml", component("pay", "team-ledger")+component("payments", "team-ledger")+component("Payouts", "team-ledger")+component("zebra", "team-ledger"))
	w.write("alias.yaml", "{apiVersion: backstage.io/v1alpha1, kind: System, metadata: {name: quagga, annotations: {bellhop.dev/aliases: \"Stripes, zebra in part\"}}, spec: {owner: team-ledger}}")
	w.refresh(t)
	for _, c := range []struct {
		prefix string
		kinds  []string
		limit  int
		want   []string
	}{
		{"Pay", nil, 9, []string{"pay", "payments", "Payouts"}},
		{"pay", nil, 2, []string{"pay", "payments"}},
		{"team", nil, 9, []string{"team-ledger"}},
		{"team l", nil, 9, []string{"team-ledger"}},
		{"", []string{"User", "group"}, 9, []string{"team-ledger", "alice"}},
		{"pay%", nil, 9, nil},
		{"stri", nil, 9, []string{"quagga"}},
		{"", nil, 3, []string{"pay", "payments", "alice"}},
	} {
		found, err := w.catalog.Search(t.Context(), c.prefix, c.kinds, c.limit)
		require.NoError(t, err)
		require.Equal(t, c.want, namesOf(found), "%q", c.prefix)
	}
}

func testWords(t *testing.T, w *world) {
	const described = "{apiVersion: backstage.io/v1alpha1, kind: API, metadata: {name: %s, title: %q, description: %q, tags: [%s]}, spec: {type: grpc, lifecycle: %q, owner: %s, definition: x}}\n---\n"
	w.write("apis.yaml", fmt.Sprintf(described, "payments-api", "Zahlungs API", "Gives money back, größtenteils", "go, x+y#1", "production", "team-ledger")+
		fmt.Sprintf(described, "orders_api", "Orders", "It's \"quoted\" \\ and: (odd) * AND OR NOT payments", "go", "in development", "user:alice"))
	w.write("teams.yaml", ledger)
	w.refresh(t)
	for _, c := range []struct {
		words, beginnings string
		want              []string
	}{
		{"payments", "", []string{"orders_api", "payments-api"}},
		{"", "pay", []string{"orders_api", "payments-api"}},
		{"", "pay mon", []string{"payments-api"}},
		{"=payments", "", []string{"payments-api"}},
		{"", "=pay", []string{"payments-api"}},
		{"", "ayments", nil},
		{"", "", nil},
		{"pay", "", nil},
		{"zahlungs", "größ", []string{"payments-api"}},
		{"and or not", "", []string{"orders_api"}},
		{"quoted s", "", []string{"orders_api"}},
		{"tag=go", "", []string{"orders_api", "payments-api"}},
		{"tag=go kind=api", "api", []string{"orders_api", "payments-api"}},
		{"tag=x+y#1", "", []string{"payments-api"}},
		{"tag=x", "", nil},
		{"owner=alice", "", []string{"orders_api"}},
		{"owner=group:default/team-ledger", "", []string{"payments-api"}},
		{"lifecycle=in_development", "", []string{"orders_api"}},
		{"kind=group", "", []string{"team-ledger"}},
		{"alice moreau kind=user", "", []string{"alice"}},
	} {
		found, err := w.store.ByWords(t.Context(), strings.Fields(c.words), strings.Fields(c.beginnings), 9)
		require.NoError(t, err)
		require.Equal(t, c.want, namesOf(found), "%q %q", c.words, c.beginnings)
	}
	some, err := w.store.ByWords(t.Context(), []string{"payments"}, nil, 1)
	require.NoError(t, err)
	require.Len(t, some, 1)

	w.write("apis.yaml", fmt.Sprintf(described, "payments-api", "Zahlungs API", "Gives nothing", "x", "production", "team-ledger"))
	w.refresh(t)
	for words, want := range map[string]int{"money": 0, "orders": 0, "nothing": 1, "payments": 1} {
		found, err := w.store.ByWords(t.Context(), []string{words}, nil, 9)
		require.NoError(t, err)
		require.Len(t, found, want, words)
	}
}

func testLarge(t *testing.T, w *world) {
	var text strings.Builder
	for i := range 250 {
		text.WriteString(component(fmt.Sprintf("c%d", i), "team", fmt.Sprintf("  dependsOn: [component:c%d]", (i+1)%250)))
	}
	w.write("all.yaml", text.String())
	require.Equal(t, 250, w.refresh(t).Added)
	w.write("all.yaml", strings.ReplaceAll(text.String(), "owner: team", "owner: other"))
	require.Equal(t, catalog.RefreshResult{Files: 1, Entities: 250, Changed: 250}, w.refresh(t))
	owned, err := w.store.Related(t.Context(), ref(t, "group:other"), catalog.OwnerOf)
	require.NoError(t, err)
	require.Len(t, owned, 250)
	var members []string
	for i := range 700 {
		members = append(members, fmt.Sprintf("p%d", i))
	}
	w.write("everybody.yaml", "{apiVersion: backstage.io/v1alpha1, kind: Group, metadata: {name: everybody}, spec: {type: all, children: [], members: ["+strings.Join(members, ", ")+"]}}")
	w.refresh(t)
	everybody, err := w.store.Related(t.Context(), ref(t, "group:everybody"), catalog.HasMember)
	require.NoError(t, err)
	require.Len(t, everybody, 700, "more relations than one transaction takes")

	delete(w.files, "everybody.yaml")
	delete(w.files, "all.yaml")
	w.write("one.yaml", component("c5", "team"))
	require.Equal(t, catalog.RefreshResult{Files: 1, Entities: 1, Changed: 1, Removed: 250}, w.refresh(t))
}
