package catalog_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellhop/catalog"
)

// onGitHub is what GitHub knows of owners.
type onGitHub struct {
	owners map[string]catalog.Discovered
	err    error
	// wanted are the repositories that were asked for, with what was noted of them.
	wanted []string
}

// Discover implements catalog.Discoverer.
func (g *onGitHub) Discover(_ context.Context, owner string, before func(string) (string, bool)) (catalog.Discovered, error) {
	g.wanted = nil
	for _, r := range g.owners[owner].Repositories {
		if note, wanted := before(r.Slug); wanted {
			g.wanted = append(g.wanted, strings.TrimSpace(r.Slug+" "+note))
		}
	}
	return g.owners[owner], g.err
}

func acmeOnGitHub() *onGitHub {
	return &onGitHub{owners: map[string]catalog.Discovered{"acme": {
		Repositories: []catalog.DiscoveredRepository{
			{Slug: "acme/payments", Description: "Takes money", Language: "Go", Topics: []string{"pci", "node.js"}, Team: "ledger", Because: "CODEOWNERS line 3"},
			{Slug: "acme/.github", Login: "Alice-GH", Because: "CODEOWNERS line 1"},
			{Slug: "acme/old", Archived: true},
		},
		Teams: []catalog.DiscoveredTeam{
			{Slug: "ledger", Name: "Ledger", Description: "Books", Parent: "engineering", Members: []string{"Alice-GH", "bob", "stranger"}},
			{Slug: "engineering", Name: "Engineering", Members: []string{"bob"}},
		},
		Members: []catalog.DiscoveredMember{{Login: "Alice-GH", Name: "Alice", Email: "alice@acme.example"}, {Login: "bob"}},
	}}}
}

// discover reads targets and what GitHub knows of owners; it gives each entity, with its owner.
func (v *visit) discover(g *onGitHub, owners []string, targets ...string) (entities, problems []string) {
	v.t.Helper()
	c := catalog.New(v.store, catalog.Options{
		Root: v.root, Locations: at(targets...), Origins: v.world, Clock: &v.clock, OrphanAfter: v.keep, Discover: owners, Discoverer: g,
	})
	_, err := c.Refresh(v.t.Context())
	require.NoError(v.t, err)
	found, err := c.Search(v.t.Context(), "", nil, 1000)
	require.NoError(v.t, err)
	for _, e := range found {
		text := strings.TrimPrefix(e.Ref.Short(), "component:")
		if owner, err := c.Owner(v.t.Context(), e); err == nil && !owner.Named.IsZero() && e.Is(catalog.KindComponent) {
			text += " of " + owner.Named.Short()
		}
		if e.Provisional() {
			text += "?"
			require.False(v.t, c.Trusted(e))
		}
		entities = append(entities, text)
	}
	stored, err := v.store.Problems(v.t.Context())
	require.NoError(v.t, err)
	for _, p := range stored {
		problems = append(problems, p.String())
	}
	return entities, problems
}

func TestWhatGitHubKnowsIsProvisional(t *testing.T) {
	v, g := newVisit(t), acmeOnGitHub()
	all := []string{"github of user:Alice-GH?", "old?", "payments of group:ledger?", "group:engineering?", "group:ledger?", "user:Alice-GH?", "user:bob?"}
	for range 2 {
		entities, problems := v.discover(g, []string{"github:acme"})
		require.ElementsMatch(t, all, entities)
		require.Empty(t, problems)
	}
	e := v.entity("Component", "payments")
	require.Equal(t, "Takes money", e.Description)
	require.Equal(t, []string{"go", "pci", "nodejs"}, e.Tags)
	require.Equal(t, "production", e.Lifecycle())
	require.Equal(t, "CODEOWNERS line 3", e.Annotations[catalog.AnnotationOwnerBy])
	require.Equal(t, "deprecated", v.entity("Component", "old").Lifecycle())
	c := v.catalog()
	members, err := c.Members(t.Context(), catalog.Ref{Kind: "Group", Name: "ledger"})
	require.NoError(t, err)
	require.Len(t, members, 2)
	parents, err := c.Related(t.Context(), catalog.Ref{Kind: "Group", Name: "ledger"}, catalog.ChildOf)
	require.NoError(t, err)
	require.Equal(t, "engineering", parents[0].Name)
	status, err := c.Status(t.Context())
	require.NoError(t, err)
	require.Zero(t, status.Problems, "nothing dangles")

	g.err = errors.New("GitHub answers 502")
	g.owners = nil
	entities, problems := v.discover(g, []string{"github:acme"})
	require.ElementsMatch(t, all, entities)
	require.Equal(t, []string{"github:acme: it cannot be read: GitHub answers 502; what it gave before is kept"}, problems)
	entities, _ = v.discover(g, nil)
	require.Empty(t, entities, "what the config names no more is gone")
}

// TestWhatWasNotedOfRepositories holds discovery to what descriptors do not speak for, and to remember over restarts and failures.
func TestWhatWasNotedOfRepositories(t *testing.T) {
	v, g := newVisit(t), acmeOnGitHub()
	g.owners["acme"].Repositories[0].Note = "v1 of payments"
	g.owners["acme"].Repositories[1].Note = "v1 of .github"
	discover := func() []string {
		v.discover(g, []string{"github:acme"}, "*.yaml")
		return g.wanted
	}
	require.Equal(t, []string{"acme/payments", "acme/.github", "acme/old"}, discover())
	noted := []string{"acme/payments v1 of payments", "acme/.github v1 of .github", "acme/old"}
	require.Equal(t, noted, discover())
	g.err = errors.New("GitHub answers 502")
	discover()
	g.err = nil
	require.Equal(t, noted, discover())
	v.write("a.yaml", annotated("money", "github.com/project-slug: ACME/payments"))
	require.Equal(t, noted[1:], discover())
	g.owners["acme"].Repositories[1].Note = ""
	discover()
	require.Equal(t, []string{"acme/.github", "acme/old"}, discover())
}

func TestADescriptorSilentlyTakesThePlace(t *testing.T) {
	team := "---\n{apiVersion: backstage.io/v1alpha1, kind: Group, metadata: {name: NAME, annotations: {github.com/team-slug: acme/ledger}}, spec: {type: team, children: [], members: []}}\n"
	person := "---\n{apiVersion: backstage.io/v1alpha1, kind: User, metadata: {name: NAME}, spec: {profile: {email: EMAIL}, memberOf: []}}\n"
	for name, c := range map[string]struct {
		text      string
		has, lost []string
	}{
		"by its name":           {component("payments", "t"), []string{"payments of group:t"}, []string{"payments of group:ledger?"}},
		"by its repository":     {annotated("money", "github.com/project-slug: ACME/payments"), []string{"money of group:t"}, []string{"payments of group:ledger?"}},
		"a team by its slug":    {strings.Replace(team, "NAME", "books", 1), []string{"group:books", "payments of group:books?"}, []string{"group:ledger?"}},
		"a team by its name":    {aGroup("ledger", ""), []string{"group:ledger", "payments of group:ledger?"}, []string{"group:ledger?"}},
		"a person by e-mail":    {strings.NewReplacer("NAME", "alice", "EMAIL", "Alice@acme.example").Replace(person), []string{"user:alice", "github of user:alice?"}, []string{"user:Alice-GH?"}},
		"a person by the login": {strings.NewReplacer("NAME", "alice-gh", "EMAIL", "x@y").Replace(person), []string{"user:alice-gh", "github of user:alice-gh?"}, []string{"user:Alice-GH?"}},
	} {
		t.Run(name, func(t *testing.T) {
			v, g := newVisit(t), acmeOnGitHub()
			v.discover(g, []string{"github:acme"}, "*.yaml")
			v.write("a.yaml", c.text)
			for range 2 {
				entities, problems := v.discover(g, []string{"github:acme"}, "*.yaml")
				for _, want := range c.has {
					require.Contains(t, entities, want)
				}
				for _, want := range c.lost {
					require.NotContains(t, entities, want)
				}
				require.Empty(t, problems)
			}
		})
	}
}

func TestTheDescriptorOfARepositoryIsMissedForAWhile(t *testing.T) {
	v, g := newVisit(t), acmeOnGitHub()
	v.world.write("github:acme/payments", "catalog-info.yaml", component("pay", "ledger"))
	entities, _ := v.discover(g, []string{"github:acme"}, "github:acme/*")
	require.Contains(t, entities, "pay of group:ledger")
	require.NotContains(t, entities, "payments of group:ledger?")
	delete(v.world.trees["github:acme/payments"], "catalog-info.yaml")
	entities, _ = v.discover(g, []string{"github:acme"}, "github:acme/*")
	require.Contains(t, entities, "pay of group:ledger")
	require.True(t, v.entity("Component", "pay").Orphaned())
	require.NoError(t, v.clock.Advance(24*time.Hour))
	entities, _ = v.discover(g, []string{"github:acme"}, "github:acme/*")
	require.NotContains(t, entities, "pay of group:ledger")
	require.Contains(t, entities, "payments of group:ledger?")
}

func TestOwnersWithTheSameNames(t *testing.T) {
	v, g := newVisit(t), acmeOnGitHub()
	g.owners["beta"] = catalog.Discovered{
		Repositories: []catalog.DiscoveredRepository{{Slug: "beta/payments", Team: "ledger"}},
		Teams:        []catalog.DiscoveredTeam{{Slug: "ledger", Members: []string{"bob"}}},
		Members:      []catalog.DiscoveredMember{{Login: "bob"}},
	}
	for range 2 {
		entities, problems := v.discover(g, []string{"github:acme", "github:beta"})
		require.Subset(t, entities, []string{"payments of group:ledger?", "beta-payments of group:beta-ledger?", "user:bob?"})
		require.Empty(t, problems)
	}
}

func TestADescriptorThatOnlyMovedStillSpeaksForItsRepository(t *testing.T) {
	v, g := newVisit(t), acmeOnGitHub()
	v.write("a.yaml", annotated("money", "github.com/project-slug: acme/payments"))
	v.discover(g, []string{"github:acme"}, "*.yaml")
	v.write("a.yaml", "# who takes money\n"+annotated("money", "github.com/project-slug: acme/payments"))
	entities, _ := v.discover(g, []string{"github:acme"}, "*.yaml")
	require.Contains(t, entities, "money of group:t")
	require.NotContains(t, entities, "payments of group:ledger?")
	require.NotContains(t, g.wanted, "acme/payments")
}

func TestAnOrphanStillSpeaksForItsRepository(t *testing.T) {
	v, g := newVisit(t), acmeOnGitHub()
	v.write("a.yaml", annotated("money", "github.com/project-slug: acme/payments"))
	v.write("b.yaml", component("other", "t"))
	v.discover(g, []string{"github:acme"}, "*.yaml")
	delete(v.files, "a.yaml")
	for range 2 {
		entities, _ := v.discover(g, []string{"github:acme"}, "*.yaml")
		require.Contains(t, entities, "money of group:t")
		require.NotContains(t, entities, "payments of group:ledger?")
		require.True(t, v.entity("Component", "money").Orphaned())
	}
}

func TestNobodyElsesDescriptorTakesARepositoryAway(t *testing.T) {
	v, g := newVisit(t), acmeOnGitHub()
	g.owners["acme"] = catalog.Discovered{Repositories: append(g.owners["acme"].Repositories, catalog.DiscoveredRepository{Slug: "acme/github"}), Teams: g.owners["acme"].Teams, Members: g.owners["acme"].Members}
	v.world.write("github:globex/evil", "catalog-info.yaml", annotated("payments", "github.com/project-slug: acme/payments")+component("acme-payments", "t"))
	v.write("other.yaml", annotated("old", "github.com/project-slug: acme/older"))
	for range 2 {
		entities, problems := v.discover(g, []string{"github:acme"}, "*.yaml", "github:globex/evil")
		require.Subset(t, entities, []string{"payments of group:t", "acme-payments of group:t", "acme-payments-2 of group:ledger?", "old of group:t", "acme-old?", "acme-github?"})
		require.Contains(t, problems, "github:acme: acme/payments cannot be called payments: github:globex/evil/catalog-info.yaml, line 2, has that name and does not speak for it; give it a descriptor of its own, in a location that stands before")
		require.Contains(t, problems, "github:acme: acme/old cannot be called old: other.yaml, line 2, has that name and does not speak for it; give it a descriptor of its own, in a location that stands before")
		require.Len(t, problems, 3)
		slug, _ := v.entity("Component", "acme-payments-2").Repository()
		require.Equal(t, "acme/payments", slug)
	}
}
