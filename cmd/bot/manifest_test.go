package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"bellhop/clock"
	"bellhop/handlers"
	"bellhop/playground/demo"
	playslack "bellhop/playground/slack"
)

// said is what bot prints for args, run in dir.
func said(t *testing.T, dir string, args ...string) string {
	t.Helper()
	t.Chdir(dir)
	var out strings.Builder
	code := run(t.Context(), args, terminal{out: &out, err: &out, env: func(string) string { return "" }})
	require.Zero(t, code, out.String())
	return out.String()
}

func TestManifestGolden(t *testing.T) {
	here, err := os.Getwd()
	require.NoError(t, err)
	for name, args := range map[string][]string{
		"all.golden":     {"manifest"},
		"ask.golden":     {"manifest", "--with", "ask"},
		"lean.golden":    {"manifest", "--lean", "--with", "ask,deploy"},
		"explain.golden": {"manifest", "--explain"},
	} {
		got := said(t, t.TempDir(), args...)
		t.Chdir(here)
		golden(t, got, "manifest", name)
	}
}

// The names of commands come from the config, and so do the features.
func TestManifestOfAConfig(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "bellhop.yaml"), []byte("slack: {commands: {prefix: acme-, names: {who-owns: owner}}}\n"), 0o600))
	got := said(t, dir, "manifest")
	assert.Contains(t, got, "command: /owner\n")
	assert.Contains(t, got, "command: /acme-bellhop\n")
	assert.NotContains(t, got, "deploy-env", "the config does not switch it on")
	assert.NotContains(t, got, "usergroups:read")
}

// The app is described by what it can do.
func TestManifestDescribesItsFeatures(t *testing.T) {
	for with, want := range map[string]string{
		"ask": "description: Ask who owns what\n", "deploy": "description: Deploy branches\n",
		"tests,ask":        "description: Ask who owns what, know how the tests are\n",
		"ask,deploy,tests": "description: Ask who owns what, deploy branches, know how the tests are\n",
	} {
		assert.Contains(t, said(t, t.TempDir(), "manifest", "--with", with), want)
	}
}

func TestManifestRefuses(t *testing.T) {
	t.Chdir(t.TempDir())
	var out strings.Builder
	code := run(t.Context(), []string{"manifest", "--with", "ask,dance"}, terminal{out: &out, err: &out, env: func(string) string { return "" }})
	assert.Equal(t, 1, code)
	assert.Contains(t, out.String(), "--with dance: there are ask, deploy and tests")
}

// Whatever features are chosen, a Slack that knows its rules takes the manifest.
func TestManifestsAreTaken(t *testing.T) {
	world, err := playslack.ParseWorld(demo.Slack())
	require.NoError(t, err)
	for _, args := range [][]string{{}, {"--with", "ask"}, {"--with", "deploy"}, {"--with", "tests"}, {"--lean"}} {
		manifest := said(t, t.TempDir(), append([]string{"manifest"}, args...)...)
		_, err := playslack.New(playslack.Config{Clock: &clock.Adjustable{}, World: world, Manifest: []byte(manifest), BaseURL: "http://127.0.0.1:1", Log: zerolog.Nop()})
		assert.NoError(t, err, args)
	}
}

// The README's table of commands is made from the table.
func TestReadmeGolden(t *testing.T) {
	file := filepath.Join("..", "..", "README.md")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	between := regexp.MustCompile(`(?s)(<!-- commands:[^\n]*-->\n).*?(<!-- end of commands -->)`)
	require.Regexp(t, between, string(text))
	want := between.ReplaceAllString(string(text), "${1}"+strings.ReplaceAll(handlers.Markdown(tableRows()), "$", "$$")+"${2}")
	if *update && want != string(text) {
		require.NoError(t, os.WriteFile(file, []byte(want), 0o644))
		return
	}
	assert.Equal(t, want, string(text), "go test ./cmd/bot -run Golden -update")
}
