package catalog_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"bellhop/catalog"
)

func mailer() catalog.Entity {
	return catalog.Entity{
		Ref: catalog.Ref{Kind: catalog.KindComponent, Namespace: "default", Name: "legacy-mailer"}, APIVersion: "backstage.io/v1alpha1",
		Description: "Sends the mails: those that nobody else sends # yet", Tags: []string{"mail"},
		Annotations: map[string]string{catalog.AnnotationSlug: "acme/legacy-mailer", catalog.AnnotationProvisional: "github:acme",
			catalog.AnnotationOwnerBy: "CODEOWNERS line 3"},
		Spec: catalog.Spec{"type": "service", "lifecycle": "production", "owner": "platform-team"}}
}

func TestNewDescriptor(t *testing.T) {
	e := mailer()
	text, err := catalog.NewDescriptor(e)
	require.NoError(t, err)
	assert.Equal(t, `apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: legacy-mailer
  description: 'Sends the mails: those that nobody else sends # yet'
  annotations:
    github.com/project-slug: acme/legacy-mailer
  tags:
  - mail
spec:
  type: service
  lifecycle: production
  owner: platform-team # by CODEOWNERS line 3
`, string(text))
	assert.True(t, e.Provisional(), "the entity is as it was")
}

func TestANewDescriptorCanBeRead(t *testing.T) {
	for _, owner := range []any{"platform-team", nil} {
		e := mailer()
		e.Spec["owner"] = owner
		text, err := catalog.NewDescriptor(e)
		require.NoError(t, err)
		root := fstest.MapFS{"catalog-info.yaml": {Data: text}}
		linted, err := catalog.Lint(t.Context(), []catalog.Descriptor{{Root: root, Path: "catalog-info.yaml", Name: "catalog-info.yaml"}})
		require.NoError(t, err)
		require.Len(t, linted.Records, 1)
		for _, p := range linted.Problems {
			assert.Equal(t, catalog.SeverityWarning, p.Severity, p.Message)
		}
	}
}
