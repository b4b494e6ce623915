package demo

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bellhop/catalog"
	"bellhop/catalog/catalogtest"
	"bellhop/docs"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"
)

func acme(t *testing.T) *catalog.Catalog {
	t.Helper()
	c := catalog.New(catalogtest.NewMemory(), catalog.Options{Root: Catalog(), Locations: []catalog.Location{{Target: "*.yaml"}}})
	_, err := c.Refresh(t.Context())
	require.NoError(t, err)
	return c
}

func TestCatalogIsValid(t *testing.T) {
	problems, err := acme(t).Problems(t.Context())
	require.NoError(t, err)
	assert.Empty(t, problems)
}

// entity is as much of a descriptor as the tests look at.
type entity struct {
	Kind     string
	Metadata struct {
		Name        string
		Annotations map[string]string
	}
	Spec struct {
		Type, Owner string
		Members     []string
	}
}

func entities(t *testing.T) []entity {
	t.Helper()
	var out []entity
	names, err := fs.Glob(Catalog(), "*.yaml")
	require.NoError(t, err)
	for _, name := range names {
		content, err := fs.ReadFile(Catalog(), name)
		require.NoError(t, err)
		for _, document := range strings.Split(string(content), "\n---\n") {
			var e entity
			require.NoError(t, yaml.Unmarshal([]byte(document), &e), name)
			out = append(out, e)
		}
	}
	return out
}

func TestTheCompanyIsAsBigAsItIsSaidToBe(t *testing.T) {
	kinds := map[string]int{}
	deployable := map[string][]string{}
	for _, e := range entities(t) {
		kinds[e.Kind]++
		if e.Kind == "Component" && e.Spec.Type != "library" {
			deployable[e.Spec.Owner] = append(deployable[e.Spec.Owner], e.Metadata.Name)
		}
	}
	assert.Equal(t, map[string]int{"Component": 20, "API": 5, "System": 5, "Domain": 1, "Resource": 3, "Group": 7, "User": 13}, kinds)
	assert.Equal(t, []string{"payments"}, deployable["team-ledger"], "so that /deploy-env feature-x needs no component there")
}

// The three worlds tell of the same people and repositories.
func TestSlackGitHubAndTheCatalogAgree(t *testing.T) {
	slack := string(Slack())
	content, err := fs.ReadFile(GitHub(), "world.yaml")
	require.NoError(t, err)
	var world struct {
		Users []struct{ Login string }
		Teams []struct{ Slug string }
		Repos []struct{ Name, Team string }
	}
	require.NoError(t, yaml.Unmarshal(content, &world))
	for _, e := range entities(t) {
		switch e.Kind {
		case "User":
			assert.Contains(t, slack, `"`+e.Metadata.Annotations["slack.com/user-id"]+`"`, e.Metadata.Name)
			assert.True(t, slices.ContainsFunc(world.Users, func(u struct{ Login string }) bool { return u.Login == e.Metadata.Name }), e.Metadata.Name)
		case "Component":
			slug := e.Metadata.Annotations["github.com/project-slug"]
			assert.True(t, slices.ContainsFunc(world.Repos, func(r struct{ Name, Team string }) bool {
				return "acme/"+r.Name == slug && r.Team == e.Spec.Owner
			}), slug)
			_, err := fs.Stat(GitHub(), "files/"+e.Metadata.Name+"/catalog-info.yaml")
			assert.NoError(t, err)
		case "Group":
			for channel := range strings.SplitSeq(e.Metadata.Annotations["slack.com/channel"], ",") {
				if channel == "" {
					assert.Equal(t, "team-mail", e.Metadata.Name, "which has nobody left")
					continue
				}
				assert.Regexp(t, regexp.MustCompile(`"name": ?"`+strings.TrimSpace(channel)+`"`), slack)
			}
		}
	}
	for _, team := range world.Teams {
		assert.Contains(t, slack, `"`+team.Slug+`"`)
	}
}

func TestTheDeploymentWorkflowIsTheDocumentations(t *testing.T) {
	content, err := fs.ReadFile(GitHub(), deployPath)
	require.NoError(t, err)
	assert.Equal(t, docs.DeployWorkflow(), content)
}

func TestConfigIsYAML(t *testing.T) {
	for _, content := range [][]byte{Config(), LocalConfig()} {
		var c map[string]any
		require.NoError(t, yaml.Unmarshal(content, &c))
		assert.Contains(t, c, "environments")
	}
	assert.Contains(t, string(Config()), "- github:acme/*\n")
	assert.NotContains(t, string(LocalConfig()), "github:")
}

// What stands in Catalog stands either in Central or in the repository that it is about.
func TestCentralAndTheRepositoriesMakeTheCatalog(t *testing.T) {
	central, all := 0, 0
	names, err := fs.Glob(Catalog(), "*.yaml")
	require.NoError(t, err)
	for _, name := range names {
		whole, err := fs.ReadFile(Catalog(), name)
		require.NoError(t, err)
		part, err := fs.ReadFile(Central(), name)
		require.NoError(t, err)
		assert.NotContains(t, string(part), "kind: Component")
		all += strings.Count(string(whole), "\nkind: ")
		central += strings.Count(string(part), "\nkind: ")
	}
	assert.Equal(t, 20, all-central)
}
