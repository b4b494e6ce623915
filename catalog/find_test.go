package catalog_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellhop/catalog"
	"bellhop/catalog/catalogtest"
)

const shop = `
{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: payments, title: Payments, annotations: {github.com/project-slug: Acme/pay}}, spec: {type: service, lifecycle: production, owner: team-ledger}}
---
{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: ledger-lib, annotations: {github.com/project-slug: acme/mono}}, spec: {type: library, lifecycle: production, owner: team-ledger}}
---
{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: feature-flags, title: Flags of features, annotations: {github.com/project-slug: acme/mono}}, spec: {type: service, lifecycle: production, owner: platform}}
---
{apiVersion: backstage.io/v1alpha1, kind: API, metadata: {name: payments-api}, spec: {type: openapi, lifecycle: production, owner: team-ledger, definition: x}}
---
{apiVersion: backstage.io/v1alpha1, kind: System, metadata: {name: money, title: Platform}, spec: {owner: team-ledger}}
---
{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: money, namespace: lab}, spec: {type: service, lifecycle: production, owner: default/team-ledger}}
---
{apiVersion: backstage.io/v1alpha1, kind: Group, metadata: {name: team-ledger, title: Team Ledger, annotations: {slack.com/channel: "#ledger, C02PAYMENTS"}}, spec: {type: team, children: [], members: [alice]}}
---
{apiVersion: backstage.io/v1alpha1, kind: Group, metadata: {name: platform}, spec: {type: team, children: [team-ledger]}}
---
{apiVersion: backstage.io/v1alpha1, kind: User, metadata: {name: alice}, spec: {profile: {displayName: Alice Moreau, email: alice@acme.example}, memberOf: []}}
---
{apiVersion: backstage.io/v1alpha1, kind: User, metadata: {name: bob, annotations: {github.com/user-login: Bobby}}, spec: {profile: {email: bob@acme.example}, memberOf: [team-ledger]}}
---
{apiVersion: backstage.io/v1alpha1, kind: User, metadata: {name: twin, annotations: {slack.com/user-id: U1}}, spec: {memberOf: []}}
---
{apiVersion: backstage.io/v1alpha1, kind: User, metadata: {name: twin2, annotations: {slack.com/user-id: u1}}, spec: {profile: {email: twin@acme.example}, memberOf: []}}
`

func refsOf(entities []catalog.Entity) string {
	var refs []string
	for _, e := range entities {
		refs = append(refs, e.Ref.Short())
	}
	return strings.Join(refs, " ")
}

func TestFind(t *testing.T) {
	c := catalogtest.New(t, shop)
	for _, test := range []struct{ text, exact, near string }{
		{"payments", "component:payments", ""},
		{"  PayMents ", "component:payments", ""},
		{"component:payments", "component:payments", ""},
		{"Component:default/payments", "component:payments", ""},
		{"default/payments", "component:payments", ""},
		{"lab/money", "component:lab/money", ""},
		{"money", "component:lab/money system:money", ""},
		{"system:money", "system:money", ""},
		{"platform", "group:platform", ""},
		{"Team  Ledger", "group:team-ledger", ""},
		{"feature flags", "component:feature-flags", ""},
		{"flags of features", "component:feature-flags", ""},
		{"acme/PAY", "component:payments", ""},
		{"pay", "component:payments", ""},
		{"https://github.com/acme/pay", "component:payments", ""},
		{"https://github.com/acme/pay/pull/482/files", "component:payments", ""},
		{"git@github.com:acme/pay.git", "component:payments", ""},
		{"github.com/acme/pay", "component:payments", ""},
		{"acme/mono", "component:feature-flags component:ledger-lib", ""},
		{"mono", "component:feature-flags component:ledger-lib", ""},
		{"Alice Moreau", "user:alice", ""},
		{"alice@acme.example", "user:alice", ""},
		{"", "", ""},
		{"paymnets", "", "component:payments api:payments-api component:lab/money"},
		{"payment", "", "component:payments api:payments-api component:lab/money"},
		{"component:paymnts", "", "component:payments api:payments-api component:lab/money"},
		{"acme/paymetns", "", "component:payments api:payments-api component:lab/money"},
		{"featureflag", "", "component:feature-flags group:team-ledger group:platform"},
		{"lib", "", "component:ledger-lib user:bob user:alice"},
		{"monye", "", "component:lab/money system:money user:bob"},
		{"money pit", "", "component:lab/money system:money api:payments-api"},
		{"group:payments", "", "component:payments api:payments-api component:lab/money"},
	} {
		found, err := c.Find(t.Context(), test.text)
		require.NoError(t, err)
		require.Equal(t, test.exact, refsOf(found.Exact), test.text)
		require.Equal(t, test.near, refsOf(found.Near), test.text)
	}
}

func TestTheAskersTeamComesFirst(t *testing.T) {
	c := catalogtest.New(t, shop)
	ledger, platform := catalog.Ref{Kind: "Group", Name: "team-ledger"}, catalog.Ref{Kind: "Group", Name: "platform"}
	for _, test := range []struct {
		text, exact, near string
		mine              []catalog.Ref
	}{
		{text: "acme/mono", exact: "component:feature-flags component:ledger-lib"},
		{text: "acme/mono", exact: "component:feature-flags component:ledger-lib", mine: []catalog.Ref{platform}},
		{text: "acme/mono", exact: "component:ledger-lib component:feature-flags", mine: []catalog.Ref{ledger}},
		{text: "platform", exact: "group:platform", mine: []catalog.Ref{ledger}}, // a name goes before a title
	} {
		found, err := c.Find(t.Context(), test.text, test.mine...)
		require.NoError(t, err)
		require.Equal(t, test.exact, refsOf(found.Exact), "%s of %v", test.text, test.mine)
	}
}

func TestSlugOf(t *testing.T) {
	for text, want := range map[string]string{
		"acme/payments": "acme/payments", " <https://github.com/acme/payments> ": "acme/payments", "ssh://git@github.com/acme/payments.git": "acme/payments",
		"https://github.example/acme/payments?tab=x": "acme/payments", "https://github.com/acme": "", "payments": "", "a/b/c": "", "component:a/b": "",
		"https://": "", "acme/": "", "-x/y": "", "a b/c": "", "git@github.com:acme/payments": "acme/payments",
	} {
		require.Equal(t, want, catalog.SlugOf(text), text)
	}
}

func TestPeopleAndTeams(t *testing.T) {
	c := catalogtest.WithPeople(t, shop, map[string]string{"Bobby": "U02BOB", "alice": "Alice.M@acme.example"})
	for _, test := range []struct{ id, email, want string }{
		{"U02BOB", "", "user:bob"},
		{"U0ANY", "BOB@acme.example", "user:bob"},
		{"U0ANY", "alice.m@acme.example", "user:alice"},
		{"U0ANY", "", ""},
		{"", "", ""},
		{"U1", "", ""}, // two claim it
		{"U1", "twin@acme.example", ""},
	} {
		user, ok, err := c.UserFor(t.Context(), test.id, test.email)
		require.NoError(t, err)
		require.Equal(t, test.want != "", ok, test)
		if ok {
			require.Equal(t, test.want, user.Ref.Short())
		} else {
			require.Zero(t, user)
		}
	}
	bob, err := c.Get(t.Context(), catalog.Ref{Kind: "User", Name: "bob"})
	require.NoError(t, err)
	require.Equal(t, "U02BOB", c.SlackIDOf(bob))
	alice, err := c.Get(t.Context(), catalog.Ref{Kind: "User", Name: "alice"})
	require.NoError(t, err)
	require.Empty(t, c.SlackIDOf(alice))

	for _, channel := range [][2]string{{"", "#Ledger"}, {"C02PAYMENTS", "anything"}, {"C9", "ledger"}} {
		teams, err := c.TeamsOfChannel(t.Context(), channel[0], channel[1])
		require.NoError(t, err)
		require.Equal(t, "group:team-ledger", refsOf(teams), channel)
	}
	teams, err := c.TeamsOfChannel(t.Context(), "", "")
	require.NoError(t, err)
	require.Empty(t, teams)

	members, err := c.Members(t.Context(), catalog.Ref{Kind: "group", Name: "team-ledger"})
	require.NoError(t, err)
	require.Equal(t, "user:alice user:bob", refsOf(members), "said by the group or by the person")
	teams, err = c.Teams(t.Context(), alice.Ref)
	require.NoError(t, err)
	require.Equal(t, "group:team-ledger", refsOf(teams))
	deployable, err := c.Deployable(t.Context(), catalog.Ref{Kind: "Group", Name: "team-ledger"})
	require.NoError(t, err)
	require.Equal(t, "component:payments", refsOf(deployable), "a library is not deployed, nor what has no repository")
}

// TestAnExactNameIsFoundFirst holds for any catalog.
func TestAnExactNameIsFoundFirst(t *testing.T) {
	name := rapid.StringMatching(`[A-Za-z0-9][A-Za-z0-9._-]{0,8}[A-Za-z0-9]`)
	rapid.Check(t, func(rt *rapid.T) {
		names := rapid.SliceOfNDistinct(name, 1, 12, strings.ToLower).Draw(rt, "names")
		var text strings.Builder
		for i, n := range names {
			title := ""
			if rapid.Bool().Draw(rt, "titled") {
				title = fmt.Sprintf(", title: %q", rapid.SampledFrom(names).Draw(rt, "title"))
			}
			fmt.Fprintf(&text, "---\n{apiVersion: backstage.io/v1alpha1, kind: System, metadata: {name: %q%s}, spec: {owner: o%d}}\n", n, title, i)
		}
		c := catalog.New(catalogtest.NewMemory(), catalog.Options{
			Root: fstest.MapFS{"x.yaml": {Data: []byte(text.String())}}, Locations: []catalog.Location{{Target: "x.yaml"}},
		})
		_, err := c.Refresh(t.Context())
		require.NoError(rt, err)
		for _, n := range names {
			for _, asked := range []string{n, strings.ToUpper(n), " " + n, "system:" + n, "System:Default/" + n} {
				found, err := c.Find(t.Context(), asked)
				require.NoError(rt, err)
				require.Len(rt, found.Exact, 1, asked)
				require.Equal(rt, n, found.Exact[0].Name)
			}
		}
		typo := swapped(rt, rapid.SampledFrom(names).Draw(rt, "mistyped"))
		found, err := c.Find(t.Context(), typo)
		require.NoError(rt, err)
		if len(found.Exact) == 0 {
			require.Len(rt, found.Near, min(3, len(names)), "%q offers three", typo)
		}
	})
}

// swapped is a name with two neighbours swapped.
func swapped(rt *rapid.T, name string) string {
	letters := []byte(name)
	i := rapid.IntRange(0, len(letters)-2).Draw(rt, "at")
	letters[i], letters[i+1] = letters[i+1], letters[i]
	return string(letters)
}

func TestReferenceRoundTrip(t *testing.T) {
	part := rapid.StringMatching(`[A-Za-z0-9]([A-Za-z0-9._-]{0,10}[A-Za-z0-9])?`)
	rapid.Check(t, func(rt *rapid.T) {
		ref := catalog.Ref{Kind: rapid.StringMatching(`[A-Za-z][A-Za-z0-9]{0,9}`).Draw(rt, "kind"), Namespace: part.Draw(rt, "namespace"), Name: part.Draw(rt, "name")}
		for _, text := range []string{ref.String(), ref.Short(), ref.Kind + ":" + ref.Namespace + "/" + ref.Name} {
			back, err := catalog.ParseRef(text, "", "")
			require.NoError(rt, err)
			require.Equal(rt, ref.String(), back.String())
		}
		partial, err := catalog.ParseRef(ref.Name, ref.Kind, ref.Namespace)
		require.NoError(rt, err)
		require.Equal(rt, ref, partial)
	})
}

func FuzzParseRef(f *testing.F) {
	for _, seed := range []string{"a", "a:b/c", "a/b:c", "component:default/payments", ":", "/", "a:/b", "\x00", "ä:ö/ü", "a:b:c/d"} {
		f.Add(seed, "Group", "ns")
		f.Add(seed, "", "")
	}
	f.Fuzz(func(t *testing.T, text, kind, namespace string) {
		ref, err := catalog.ParseRef(text, kind, namespace)
		if err != nil {
			return
		}
		if ref.Kind == "" || ref.Namespace == "" || ref.Name == "" {
			t.Fatalf("%q gives the incomplete %#v", text, ref)
		}
		if !slices.ContainsFunc([]string{ref.Kind, ref.Namespace}, func(s string) bool { return strings.ContainsAny(s, ":/") }) {
			back, err := catalog.ParseRef(ref.String(), "", "")
			if err != nil || back.String() != ref.String() {
				t.Fatalf("%q gives %q, which gives %q, %v", text, ref, back, err)
			}
		}
	})
}

// shown is what people have shown of themselves: GitHub logins by Slack id.
type shown map[string]string

func (s shown) LoginOf(slackID string) string { return s[slackID] }

func (s shown) SlackIDOf(login string) string {
	for id, l := range s {
		if strings.EqualFold(l, login) {
			return id
		}
	}
	return ""
}

// TestWhatIsShownMakesNobodySomebodyElse: a login that was linked before anybody said whose it is makes nobody its owner afterwards.
func TestWhatIsShownMakesNobodySomebodyElse(t *testing.T) {
	user := func(more, profile string) string {
		return "{apiVersion: backstage.io/v1alpha1, kind: User, metadata: {name: mona" + more + "}, spec: {memberOf: []" + profile + "}}"
	}
	for name, test := range map[string]struct {
		user   string
		people map[string]string
		email  string
		want   bool
	}{
		"nothing more is said of her":      {user(", annotations: {github.com/user-login: Mona}", ""), nil, "m@acme.example", true},
		"it is she, by Slack":              {user(", annotations: {slack.com/user-id: u1}", ""), nil, "", true},
		"it is another, by Slack":          {user(", annotations: {slack.com/user-id: U2}", ""), nil, "m@acme.example", false},
		"it is another, by e-mail":         {user("", ", profile: {email: mona@acme.example}"), nil, "m@acme.example", false},
		"by e-mail nobody knows":           {user("", ", profile: {email: mona@acme.example}"), nil, "", true},
		"it is another, by the config":     {user("", ""), map[string]string{"Mona": "U2"}, "", false},
		"it is another, by the config too": {user("", ""), map[string]string{"mona": "mona@acme.example"}, "m@acme.example", false},
	} {
		c := catalogtest.With(t, test.user, catalog.Options{People: test.people, Accounts: shown{"U1": "mona"}})
		_, found, err := c.UserFor(t.Context(), "U1", test.email)
		require.NoError(t, err)
		require.Equal(t, test.want, found, name)
		if _, known, err := c.KnownAs(t.Context(), "U1", test.email); err != nil || known != (name == "it is she, by Slack") {
			t.Errorf("%s: known %t, %v", name, known, err)
		}
	}
	for by, rule := range map[string][]catalog.Rule{"trusted": nil, "not trusted": {{Allow: []string{"User"}}}} {
		v := newSite(t)
		v.write("a.yaml", user(", annotations: {slack.com/user-id: U2}", ""))
		c := catalog.New(v.store, catalog.Options{Root: v.root, Locations: []catalog.Location{{Target: "a.yaml", Rules: rule}}, Accounts: shown{"U1": "mona"}})
		_, err := c.Refresh(t.Context())
		require.NoError(t, err)
		_, found, err := c.UserFor(t.Context(), "U1", "")
		require.NoError(t, err)
		require.Equal(t, by != "trusted", found, by)
	}
}
