//go:build npm

package backstage_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"bellhop/catalog/catalogtest"
)

// TestOfficialClient lets Backstage's own client ask everything: go test -tags npm, with node and npm. It installs the client
// from npm into a temporary folder, unless NODE_PATH names a folder node_modules that has it.
func TestOfficialClient(t *testing.T) {
	s := serve(t, fill(t, catalogtest.NewMemory(), shop), "s3cret")
	modules := os.Getenv("NODE_PATH")
	if modules == "" {
		folder := t.TempDir()
		modules = filepath.Join(folder, "node_modules")
		install := exec.CommandContext(t.Context(), "npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", folder, "@backstage/catalog-client@1.16.4")
		said, err := install.CombinedOutput()
		require.NoError(t, err, "%s", said)
	}
	client := exec.CommandContext(t.Context(), "node", filepath.Join("testdata", "client.cjs"))
	client.Env = append(os.Environ(), "NODE_PATH="+modules, "BASE_URL="+s.url, "TOKEN="+s.token)
	client.Stderr = os.Stderr
	answers, err := client.Output()
	require.NoError(t, err)
	require.JSONEq(t, `{
		"all": ["API:default/payments-api", "Component:default/ledger-lib", "Component:default/Payments", "Component:web/site", "Group:default/team-ledger", "User:default/alice"],
		"filtered": ["Group:default/team-ledger", "Component:default/Payments", "User:default/alice"],
		"page": ["Component:default/ledger-lib", "Component:default/Payments"],
		"fields": [{"kind": "Group", "metadata": {"name": "team-ledger"}}],
		"pages": [
			["User:default/alice", "Component:default/ledger-lib", "Component:default/Payments", "API:default/payments-api"],
			["Component:web/site", "Group:default/team-ledger"],
			["User:default/alice", "Component:default/ledger-lib", "Component:default/Payments", "API:default/payments-api"]],
		"total": 6,
		"found": ["Component:default/Payments"],
		"streamed": [4, 2],
		"relations": [{"type": "dependsOn", "targetRef": "component:default/ledger-lib"}, {"type": "ownedBy", "targetRef": "group:default/team-ledger"}],
		"none": true,
		"refs": ["User:default/alice", null],
		"facets": {"spec.type": [{"value": "library", "count": 1}, {"value": "service", "count": 1}, {"value": "website", "count": 1}]},
		"refused": [401, "AuthenticationError", "Illegal token"]
	}`, string(answers))
}
