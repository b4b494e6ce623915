package catalog_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"bellhop/catalog"
)

func aGroup(name, members string) string {
	return "---\n{apiVersion: backstage.io/v1alpha1, kind: Group, metadata: {name: " + name + "}, spec: {type: team, children: [], members: [" + members + "]}}\n"
}

func aUser(name, memberOf string) string {
	return "---\n{apiVersion: backstage.io/v1alpha1, kind: User, metadata: {name: " + name + ", annotations: {slack.com/user-id: U0" + name + "}}, spec: {memberOf: [" + memberOf + "]}}\n"
}

func annotated(name, annotations string) string {
	return "---\n{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: " + name + ", annotations: {" + annotations + "}}, spec: {type: service, lifecycle: production, owner: t}}\n"
}

func TestOnlyWhomTheOperatorLetsMaySpeakOfPeople(t *testing.T) {
	const people = "github:acme/org/people.yaml"
	text := aGroup("platform", "mallory") + aUser("mallory", "platform")
	for name, c := range map[string]struct {
		target   string
		allow    []string
		entities []string
		members  int
		trusted  bool
		problems []string
	}{
		"a repository": {people, nil, nil, 0, false, []string{
			people + `:2: kind: the location "` + people + `" may not give a Group; change the rules of the location, or move the entity`,
			people + `:4: kind: the location "` + people + `" may not give a User; change the rules of the location, or move the entity`,
		}},
		"that may":                       {people, []string{"User", "group"}, []string{"platform " + people, "mallory " + people}, 1, true, nil},
		"that may give groups alone":     {people, []string{"Group"}, []string{"platform " + people}, 0, false, nil},
		"that may give users alone":      {people, []string{"User"}, []string{"mallory " + people}, 0, false, nil},
		"a page of it":                   {"https://github.com/acme/org/blob/main/people.yaml", []string{"User", "Group"}, []string{"platform github:acme/org@main/people.yaml", "mallory github:acme/org@main/people.yaml"}, 1, true, nil},
		"the config's folder":            {"people.yaml", nil, []string{"platform people.yaml", "mallory people.yaml"}, 1, true, nil},
		"a lead of who may":              {"github:acme/hub", []string{"User", "Group", "Location"}, []string{"hub github:acme/hub/catalog-info.yaml"}, 0, false, nil},
		"a lead of the config's folder":  {"hub.yaml", nil, []string{"hub hub.yaml"}, 0, false, nil},
		"a lead within whoever may":      {"github:acme/org", []string{"User", "Group", "Location"}, []string{"platform " + people, "mallory " + people, "org github:acme/org/catalog-info.yaml"}, 1, true, nil},
		"all repositories, of which one": {"github:acme/*", nil, []string{"hub github:acme/hub/catalog-info.yaml", "org github:acme/org/catalog-info.yaml"}, 0, false, nil},
	} {
		t.Run(name, func(t *testing.T) {
			v := newVisit(t)
			v.write("people.yaml", text)
			v.write("hub.yaml", location("hub", "target: '"+people+"'"))
			v.world.write("github:acme/org", "people.yaml", text)
			v.world.write("github:acme/org@main", "people.yaml", text)
			v.world.write("github:acme/org", "catalog-info.yaml", location("org", "target: people.yaml"))
			v.world.write("github:acme/hub", "catalog-info.yaml", location("hub", "target: '"+people+"'"))
			if c.allow != nil {
				v.rules = []catalog.Rule{{Allow: c.allow}}
			}
			entities, problems := v.refresh(c.target)
			require.ElementsMatch(t, c.entities, entities)
			if c.problems != nil {
				require.Equal(t, c.problems, problems)
			}
			cat := v.catalog(c.target)
			members, err := cat.Members(t.Context(), catalog.Ref{Kind: "Group", Name: "platform"})
			require.NoError(t, err)
			require.Len(t, members, c.members)
			_, known, err := cat.KnownAs(t.Context(), "U0MALLORY", "")
			require.NoError(t, err)
			require.Equal(t, c.trusted, known, "whose Slack account somebody is")
			if e, err := cat.Get(t.Context(), catalog.Ref{Kind: "Group", Name: "platform"}); err == nil {
				require.Equal(t, c.trusted, cat.Trusted(e))
			}
		})
	}
}

func TestARepositorySpeaksForItselfAlone(t *testing.T) {
	v := newVisit(t)
	v.world.write("github:acme/web", "catalog-info.yaml", annotated("own", "github.com/project-slug: ACME/Web")+annotated("thief", "github.com/project-slug: acme/payments")+
		annotated("sly", "bellhop.dev/provisional: 'true', bellhop.dev/owner-by: me")+component("silent", "t"))
	v.world.write("https://files.example", "x.yaml", annotated("address", "github.com/project-slug: acme/payments")+location("x", "target: 'https://evil.example/y.yaml'"))
	v.world.write("https://evil.example", "y.yaml", annotated("evil", "github.com/project-slug: acme/payments"))
	targets := []string{"github:acme/web", "https://files.example/x.yaml"}
	_, problems := v.refresh(targets...)
	require.Equal(t, []string{
		"github:acme/web/catalog-info.yaml:4: metadata.annotations.github.com/project-slug: does not count: a descriptor may not speak for another repository than its own; describe it in acme/payments itself",
		"github:acme/web/catalog-info.yaml:6: metadata.annotations.bellhop.dev/provisional: is Bellhop's own and does not count in a descriptor; take it out",
		"github:acme/web/catalog-info.yaml:6: metadata.annotations.bellhop.dev/owner-by: is Bellhop's own and does not count in a descriptor; take it out",
		"https://evil.example/y.yaml:2: metadata.annotations.github.com/project-slug: does not count: a descriptor may not speak for another repository than its own; describe it in acme/payments itself",
	}, problems)
	for name, slug := range map[string]string{"own": "ACME/Web", "thief": "", "sly": "acme/web", "silent": "acme/web", "address": "acme/payments", "evil": ""} {
		e := v.entity("Component", name)
		got, _ := e.Repository()
		require.Equal(t, slug, got, name)
		require.False(t, e.Provisional())
		require.False(t, v.catalog(targets...).Trusted(e))
	}
	v.rules = []catalog.Rule{{Allow: []string{"Component", "User", "Group"}}}
	v.refresh("github:acme/web")
	got, _ := v.entity("Component", "thief").Repository()
	require.Equal(t, "acme/payments", got, "whom the operator trusts with people speaks for all")
}

func TestARenamedRepositoryKeepsWhatItsDescriptorsCallIt(t *testing.T) {
	v := newVisit(t)
	v.world.write("github:acme/finder", "catalog-info.yaml", annotated("search", "github.com/project-slug: acme/search")+annotated("thief", "github.com/project-slug: acme/payments"))
	v.world.formerly = map[string]string{"acme/search": "acme/finder"}
	_, problems := v.refresh("github:acme/finder")
	require.Equal(t, []string{
		"github:acme/finder/catalog-info.yaml:2: metadata.annotations.github.com/project-slug: acme/search is called acme/finder by now; write acme/finder",
		"github:acme/finder/catalog-info.yaml:4: metadata.annotations.github.com/project-slug: does not count: a descriptor may not speak for another repository than its own; describe it in acme/payments itself",
	}, problems)
	slug, _ := v.entity("Component", "search").Repository()
	require.Equal(t, "acme/finder", slug)

	v.world.broken["acme/search"], v.world.versions["github:acme/finder"] = errors.New("GitHub answers 502"), "2"
	v.world.write("github:acme/finder", "catalog-info.yaml", annotated("search", "github.com/project-slug: acme/search")+annotated("thief", "github.com/project-slug: acme/payments")+"\n")
	_, problems = v.refresh("github:acme/finder")
	require.Contains(t, problems, "github:acme/finder/catalog-info.yaml:2: metadata.annotations.github.com/project-slug: whether acme/search is another name of acme/finder cannot be told now: GitHub answers 502; it is looked at again with the next refresh")
	slug, _ = v.entity("Component", "search").Repository()
	require.Equal(t, "acme/finder", slug, "kept")
	delete(v.world.broken, "acme/search")
	_, problems = v.refresh("github:acme/finder")
	require.Len(t, problems, 2, "without the repository having changed")
}
