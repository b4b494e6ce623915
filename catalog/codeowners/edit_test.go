package codeowners_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"bellhop/catalog/codeowners"
)

func TestSetOwners(t *testing.T) {
	const file = "# who\r\n*       @acme/shop   @sam # all of it\r\n/docs/  @acme/docs\r\n/none/\r\n/packages/@acme/ui @acme/ui\r\n"
	for _, test := range []struct {
		rule codeowners.Rule
		want string
	}{
		{codeowners.Rule{Line: 2, Pattern: "*", Owners: []string{"@acme/shop", "@sam"}}, "*       @acme/identity # all of it"},
		{codeowners.Rule{Line: 9, Pattern: "/docs/", Owners: []string{"@acme/docs"}}, "/docs/  @acme/identity"},
		{codeowners.Rule{Line: 5, Pattern: "/packages/@acme/ui", Owners: []string{"@acme/ui"}}, "/packages/@acme/ui @acme/identity"},
	} {
		changed, err := codeowners.SetOwners([]byte(file), test.rule, []string{"@acme/identity"})
		require.NoError(t, err)
		assert.Contains(t, string(changed), test.want+"\r\n")
		assert.Equal(t, strings.Count(file, "\r\n"), strings.Count(string(changed), "\r\n"))
	}
	for _, gone := range []codeowners.Rule{
		{Line: 2, Pattern: "*", Owners: []string{"@acme/shop"}},
		{Line: 4, Pattern: "/none/"},
	} {
		_, err := codeowners.SetOwners([]byte(file), gone, []string{"@acme/identity"})
		require.ErrorIs(t, err, codeowners.ErrRuleMoved)
	}
}
