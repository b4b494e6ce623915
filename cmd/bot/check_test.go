package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"bellhop/chat"
	"bellhop/integrations/github"
	"bellhop/integrations/slack"
)

// playing starts a playground whose app has the given manifest (nil: Bellhop's own), and points this process's environment
// at it.
func playing(t *testing.T, manifest []byte) *playground {
	t.Helper()
	if manifest == nil {
		var err error
		manifest, err = ownManifest()
		require.NoError(t, err)
	}
	flags := playgroundFlags{Listen: "127.0.0.1:0", Data: t.TempDir()}
	p, err := flags.open(t.Context(), manifest, zerolog.Nop())
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		assert.NoError(t, <-ended)
		p.cleanUp(zerolog.Nop())
	})
	t.Setenv("SLACK_API_URL", p.base+"/api/")
	t.Setenv("GITHUB_API_URL", p.base+"/api/v3/")
	t.Setenv("SLACK_BOT_TOKEN", demoBotToken)
	t.Setenv("SLACK_APP_TOKEN", demoAppToken)
	t.Setenv("GITHUB_TOKEN", demoGitHubToken)
	return p
}

// checked is what bot check says in a folder with the demo company's catalog and the given config ("": the demo's own).
func checked(t *testing.T, config string) (code int, said string) {
	t.Helper()
	dir := t.TempDir()
	if config != "" {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "bellhop.yaml"), []byte(config), 0o600))
	}
	require.NoError(t, demoFiles(dir))
	if config != "" {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "bellhop.yaml"), []byte(config), 0o600))
	}
	t.Chdir(dir)
	var out strings.Builder
	code = run(t.Context(), []string{"check"}, terminal{out: &out, err: &out, env: os.Getenv})
	assert.NoFileExists(t, "bellhop.db", "a check makes nothing")
	return code, out.String()
}

func TestCheckWell(t *testing.T) {
	playing(t, nil)
	code, said := checked(t, "")
	assert.Zero(t, code, said)
	assert.NotContains(t, said, "✗")
	for _, line := range []string{
		"✓ config       bellhop.yaml switches on ask, deploy, tests",
		"✓ database     bellhop.db will be made",
		"✓ slack        @bellhop in Acme",
		"✓ socket mode",
		"✓ operations   can post in #platform",
		"✓ summary      can post in #payments",
		"✓ admins       @platform-team is a user group",
		"✓ deploy       acme/platform/deploy-env.yml@main can be started",
		"✓ repository   20 of the catalog's 20 can be read",
		"✓ summary      #payments of payments, next on ",
	} {
		assert.Contains(t, said, line)
	}
}

func TestCheckWrongTokens(t *testing.T) {
	playing(t, nil)
	t.Setenv("SLACK_BOT_TOKEN", "xoxb-wrong-secret")
	t.Setenv("SLACK_APP_TOKEN", "xapp-wrong-secret")
	t.Setenv("GITHUB_TOKEN", "ghp_wrong-secret")
	code, said := checked(t, "")
	assert.Equal(t, 1, code)
	assert.Contains(t, said, "SLACK_BOT_TOKEN (invalid_auth)")
	assert.Contains(t, said, "SLACK_APP_TOKEN (invalid_auth)")
	assert.Contains(t, said, "GitHub refuses GITHUB_TOKEN")
	assert.NotContains(t, said, "wrong-secret")
	assert.Contains(t, said, "of these must be mended")
}

func TestCheckNoTokens(t *testing.T) {
	playing(t, nil)
	for _, name := range []string{"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "GITHUB_TOKEN"} {
		t.Setenv(name, "")
	}
	code, said := checked(t, "")
	assert.Equal(t, 1, code)
	assert.Contains(t, said, "SLACK_BOT_TOKEN is not set")
	assert.Contains(t, said, "GITHUB_TOKEN")
}

func TestCheckGitHubPermissions(t *testing.T) {
	playing(t, nil)
	for token, words := range map[string]string{
		"ghp_readonly":         "✗ deploy       GITHUB_TOKEN may not start workflows in acme/platform",
		"github_pat_noactions": "✗ deploy       GITHUB_TOKEN may not start workflows in acme/platform",
		"ghp_outsider":         "✗ repository   and so it is with ",
	} {
		t.Setenv("GITHUB_TOKEN", token)
		here, err := os.Getwd()
		require.NoError(t, err)
		code, said := checked(t, "")
		assert.Equal(t, 1, code, token)
		assert.Contains(t, said, words, token)
		t.Chdir(here)
	}
}

// A token of an app that was made for asking alone lacks what deploying needs, and each lack says what for.
func TestCheckScopes(t *testing.T) {
	manifest, err := appManifest(tableRows(), []chat.Feature{chat.Ask}, slack.Names{}, false)
	require.NoError(t, err)
	playing(t, manifest)
	code, said := checked(t, "")
	assert.Equal(t, 1, code)
	assert.Contains(t, said, "! ask          the scope files:write is missing: Bellhop shows pictures in answers and summaries")
	assert.Contains(t, said, "! tests        the scope files:write is missing: Bellhop shows pictures in answers and summaries")
	assert.Contains(t, said, "✗ deploy       the scope usergroups:read is missing: Bellhop gives roles to user groups")
	assert.Contains(t, said, "install the app again")
	assert.Contains(t, said, "! deploy       the scope channels:history is missing: Bellhop finds its own card again after a crash; without it")

	manifest, err = appManifest(tableRows(), []chat.Feature{chat.Ask}, slack.Names{}, true)
	require.NoError(t, err)
	playing(t, manifest)
	_, said = checked(t, "")
	assert.Contains(t, said, "✓ ask          has all its Slack scopes")
}

func TestCheckWhatTheConfigNames(t *testing.T) {
	playing(t, nil)
	code, said := checked(t, `
slack: {operations: "#nowhere", admins: ["slack:nobody"]}
catalog: {locations: [catalog/*.yaml, none/*.yaml]}
environments: {workflow: acme/platform/none.yml@main}
tests:
  summaries:
    - {channel: C09LAUNCH, components: [paymnets], schedule: "0 9 * * *"}
`)
	assert.Equal(t, 1, code)
	for _, words := range []string{
		"✗ operations   There is no public channel #nowhere",
		"✗ summary      The bot cannot see channel C09LAUNCH",
		"✗ admins       slack:nobody: There is no Slack user group @nobody",
		"none/*.yaml",
		"C09LAUNCH names the component paymnets, which the catalog does not have",
		"✗ deploy       there is no .github/workflows/none.yml on main of acme/platform",
	} {
		assert.Contains(t, said, words)
	}
}

func TestCheckListsAFewProblemsOfAFile(t *testing.T) {
	p := playing(t, nil)
	many := strings.Repeat("---\n{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: a b}, spec: {}}\n", 10)
	body, err := json.Marshal(map[string]any{"repo": "acme/search", "files": map[string]string{"catalog-info.yaml": many}})
	require.NoError(t, err)
	resp, err := http.Post(p.base+"/_control/github/push", "application/json", bytes.NewReader(body))
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusOK, resp.StatusCode)
	code, said := checked(t, "slack: {operations: \"#platform\"}\ncatalog: {locations: [\"github:acme/search\"]}\n")
	assert.Zero(t, code, "what stands in somebody's repository does not stop who sets Bellhop up: %s", said)
	assert.Equal(t, problemsOfFile+1, strings.Count(said, "! catalog      github:acme/search/catalog-info.yaml:"))
	assert.Regexp(t, `! catalog      github:acme/search/catalog-info.yaml: and [0-9]+ more problems`, said)
}

func TestCheckBadConfig(t *testing.T) {
	playing(t, nil)
	code, said := checked(t, "slak: {}\nenvironments: {}\n")
	assert.Equal(t, 1, code)
	assert.Contains(t, said, "✗ config       bellhop.yaml:1: slak is no setting; did you mean slack?")
	assert.Contains(t, said, "✗ config       bellhop.yaml:2: environments.workflow is missing")
	assert.Contains(t, said, "✓ database")
}

func TestWorkflowLacks(t *testing.T) {
	given := map[string]bool{"component": true, "ref": true, "sha": true, "environment": true, "action": true, "bellhop_id": false}
	assert.Empty(t, workflowLacks(github.WorkflowFile{Dispatchable: true, Inputs: given, RunName: "deploy ${{ inputs.bellhop_id }}"}))
	assert.Equal(t, []string{"it has no `on: workflow_dispatch`"}, workflowLacks(github.WorkflowFile{}))
	delete(given, "sha")
	given["region"], given["size"] = true, false
	lacks := workflowLacks(github.WorkflowFile{Dispatchable: true, Inputs: given, RunName: "deploy"})
	require.Len(t, lacks, 3)
	assert.Equal(t, "it has no input sha", lacks[0])
	assert.Contains(t, lacks[1], "it requires the input region")
	assert.Contains(t, lacks[2], "run-name")
}
