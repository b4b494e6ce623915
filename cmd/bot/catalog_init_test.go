package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRepositoryNamed(t *testing.T) {
	for _, text := range []string{"acme/pay.ments", "github:acme/pay.ments", "acme/pay.ments/", "https://github.com/acme/pay.ments", "https://github.com/acme/pay.ments.git",
		"https://git.example.com/acme/pay.ments/tree/main/docs", "git@github.com:acme/pay.ments.git", "ssh://git@github.com/acme/pay.ments.git"} {
		slug, err := repositoryNamed(text)
		require.NoError(t, err, text)
		assert.Equal(t, "acme/pay.ments", slug, text)
	}
	for _, text := range []string{"", "/", "acme", "acme/", "acme/*", "acme/..", "acme/a b", "a b/c", "https://github.com/acme", "acme/x@main", "../../etc/passwd"} {
		_, err := repositoryNamed(text)
		assert.ErrorContains(t, err, "is no repository: write OWNER/REPO", text)
	}
}
