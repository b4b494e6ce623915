package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// floor is the floor on which a package lives; imports only run down. internal/ knows nothing of Bellhop and stands in the cellar.
func floor(pkg string) int {
	switch first, _, _ := strings.Cut(strings.TrimPrefix(pkg, "bellhop/"), "/"); first {
	case "cmd":
		return 4
	case "handlers", "integrations", "playground":
		return 3
	case "environments", "testruns":
		return 2
	case "internal":
		return 0
	}
	return 1
}

// room is what of a floor is one: siblings of the third floor never import each other, and neither do those of the second.
func room(pkg string) string {
	parts := strings.Split(strings.TrimPrefix(pkg, "bellhop/"), "/")
	if len(parts) > 1 && (parts[0] == "integrations" || parts[0] == "playground") {
		return parts[0] + "/" + parts[1]
	}
	return parts[0]
}

// TestFloors holds the floors for those who do not run the linter.
func TestFloors(t *testing.T) {
	list := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", "./...")
	list.Dir = "../.."
	out, err := list.Output()
	require.NoError(t, err)
	packages := 0
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; packages++ {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		for _, imported := range p.Imports {
			if !strings.HasPrefix(imported, "bellhop/") || room(imported) == room(p.ImportPath) {
				continue
			}
			from, to := floor(p.ImportPath), floor(imported)
			assert.LessOrEqual(t, to, from, "%s imports %s, which is above it", p.ImportPath, imported)
			assert.False(t, from == to && from > 1, "%s imports %s, its sibling: declare a port and let cmd/bot fill it", p.ImportPath, imported)
			if strings.HasPrefix(p.ImportPath, "bellhop/playground/") {
				assert.NotContains(t, []string{"environments", "testruns"}, room(imported), "a simulation that knows the bot proves nothing")
			}
		}
	}
	assert.Greater(t, packages, 10)
}
