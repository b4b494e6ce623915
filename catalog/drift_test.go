package catalog_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"bellhop/catalog"
	"bellhop/catalog/catalogtest"
	"bellhop/catalog/codeowners"
)

const drifting = `
{apiVersion: backstage.io/v1alpha1, kind: Group, metadata: {name: above}, spec: {type: team, children: []}}
---
{apiVersion: backstage.io/v1alpha1, kind: Group, metadata: {name: shop, annotations: {github.com/team-slug: acme/shop}}, spec: {type: team, children: []}}
---
{apiVersion: backstage.io/v1alpha1, kind: Group, metadata: {name: identity, annotations: {github.com/team-slug: acme/identity}}, spec: {type: team, children: []}}
---
{apiVersion: backstage.io/v1alpha1, kind: Group, metadata: {name: mail}, spec: {type: team, parent: above, children: []}}
---
{apiVersion: backstage.io/v1alpha1, kind: User, metadata: {name: sam}, spec: {memberOf: [identity, shop]}}
---
{apiVersion: backstage.io/v1alpha1, kind: User, metadata: {name: ida}, spec: {profile: {email: ida@acme.example}, memberOf: [identity]}}
---
{apiVersion: backstage.io/v1alpha1, kind: User, metadata: {name: ada}, spec: {memberOf: [above]}}
---
{apiVersion: backstage.io/v1alpha1, kind: User, metadata: {name: oskar, annotations: {slack.com/user-id: U9}}, spec: {memberOf: [mail]}}
---
{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: loyalty, annotations: {github.com/project-slug: acme/loyalty}}, spec: {type: service, lifecycle: production, owner: shop}}
---
{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: points, annotations: {github.com/project-slug: acme/loyalty, bellhop.dev/path: services/points}}, spec: {type: service, lifecycle: production, owner: shop}}
---
{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: newsletter, annotations: {github.com/project-slug: acme/newsletter}}, spec: {type: service, lifecycle: production, owner: mail}}
---
{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: stray, annotations: {github.com/project-slug: acme/stray}}, spec: {type: service, lifecycle: production, owner: nobody}}
`

// gitHub is what a repository says: its CODEOWNERS, and who committed under which path.
type gitHub struct {
	code map[string]string
	work map[string][]catalog.Committer
}

func (g gitHub) Codeowners(_ context.Context, slug string) (codeowners.File, string, error) {
	text, ok := g.code[slug]
	if !ok {
		return codeowners.File{}, "", nil
	}
	return codeowners.Parse(strings.NewReader(text)), "CODEOWNERS", nil
}

func (g gitHub) Committers(_ context.Context, slug, path string, _ time.Time) ([]catalog.Committer, error) {
	return g.work[slug+"/"+path], nil
}

func TestDrift(t *testing.T) {
	by := func(login string, n int) catalog.Committer { return catalog.Committer{Login: login, Commits: n} }
	for _, test := range []struct {
		name, of, code string
		work           []catalog.Committer
		drifted        bool
		better         string
		wrongCode      bool
	}{
		{name: "nothing but the descriptor", of: "loyalty"},
		{name: "all agree", of: "loyalty", code: "* @acme/shop", work: []catalog.Committer{by("sam", 20)}},
		{name: "a person of the team", of: "loyalty", code: "* @sam", work: []catalog.Committer{by("sam", 20)}},
		{name: "somebody unknown", of: "loyalty", code: "* @acme/elsewhere @ghost", work: []catalog.Committer{by("ghost", 20)}},
		{name: "CODEOWNERS and commits against it", of: "loyalty", code: "* @ghost @acme/identity", work: []catalog.Committer{by("ida", 20), by("sam", 2)}, drifted: true, better: "identity"},
		{name: "CODEOWNERS against it, commits for it", of: "loyalty", code: "* @acme/identity", work: []catalog.Committer{by("sam", 20), by("ida", 2)}, drifted: true, wrongCode: true},
		{name: "CODEOWNERS alone", of: "loyalty", code: "* @acme/identity", work: []catalog.Committer{by("sam", 2)}, drifted: true, better: "identity"},
		{name: "commits alone", of: "loyalty", code: "* @acme/shop", work: []catalog.Committer{{Email: "ida@acme.example", Commits: 9}}, drifted: true, better: "identity"},
		{name: "the owner helps", of: "loyalty", work: []catalog.Committer{by("ida", 9), by("sam", 3)}},
		{name: "strangers do most", of: "loyalty", work: []catalog.Committer{by("ghost", 30), by("ida", 9)}},
		{name: "too few to tell", of: "loyalty", work: []catalog.Committer{by("ida", 4)}},
		{name: "the rule for its folder", of: "points", code: "* @acme/shop\n/services/points/ @acme/identity", drifted: true, better: "identity"},
		{name: "nobody left, and nobody else known", of: "newsletter", drifted: true, better: "above"},
		{name: "nobody left, CODEOWNERS knows", of: "newsletter", code: "* @acme/shop", drifted: true, better: "shop"},
		{name: "nobody left, commits know", of: "newsletter", work: []catalog.Committer{by("ida", 9)}, drifted: true, better: "identity"},
		{name: "an owner that is not there", of: "stray", code: "* @acme/shop", drifted: true, better: "shop"},
		{name: "an owner that is not there, and nothing else", of: "stray", drifted: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := catalogtest.With(t, drifting, catalog.Options{Left: func(slackID, _ string) bool { return slackID == "U9" }})
			e := entity(t, c, "component:"+test.of)
			slug, _ := e.Repository()
			g := gitHub{code: map[string]string{}, work: map[string][]catalog.Committer{slug + "/" + e.Path(): test.work}}
			if test.code != "" {
				g.code[slug] = test.code
			}
			d, err := catalog.Drifts{Catalog: c, Codeowners: g, Committers: g}.Of(t.Context(), e, time.Now())
			require.NoError(t, err)
			assert.Equal(t, test.drifted, d.Drifted())
			better := ""
			if d.Better != nil {
				better = d.Better.Name
			}
			assert.Equal(t, test.better, better)
			assert.Equal(t, test.wrongCode, d.WrongCode)
		})
	}
}
