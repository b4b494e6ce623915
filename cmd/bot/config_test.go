package main

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"bellhop/chat"
	"bellhop/environments"
	"bellhop/integrations/slack"
	"bellhop/testruns"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares got with a file of testdata, or writes it with -update.
func golden(t *testing.T, got string, name ...string) {
	t.Helper()
	file := filepath.Join(append([]string{"testdata"}, name...)...)
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

func TestConfigOfTheDocumentation(t *testing.T) {
	c, err := readConfig(filepath.Join("testdata", "config", "good.yaml"))
	require.NoError(t, err)
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	nine, err := testruns.ParseSchedule("0 9 * * 1-5", berlin)
	require.NoError(t, err)
	dir, err := filepath.Abs(filepath.Join("testdata", "config"))
	require.NoError(t, err)
	assert.Equal(t, config{
		dir:     dir,
		slack:   slackConfig{operations: "#platform", admins: []string{"slack:platform-team", "user:alice"}, names: slack.Names{Words: map[string]string{}}},
		people:  map[string]string{},
		catalog: catalogConfig{locations: []locationConfig{{target: "catalog/**/*.yaml", line: 3}}, refresh: 10 * time.Minute},
		environments: environments.Options{
			Workflow:         environments.Workflow{Repository: "acme/platform", File: "deploy-env.yml", Ref: "main"},
			AllowedWorkflows: []string{"acme/platform/*.yml@main"}, Default: "preview",
			Kinds: []environments.Kind{{Name: "preview", Preset: environments.Preview, TTL: 72 * time.Hour}, {Name: "staging", Preset: environments.Shared}},
		},
		tests: testsConfig{
			artifacts: []string{"*junit*", "*test-results*"}, retention: 90 * day,
			summaries: []testruns.Summary{{Channel: "#payments", Components: []string{"payments"}, Schedule: nine}},
		},
	}, c)
	assert.Equal(t, []chat.Feature{chat.Ask, chat.Deploy, chat.Tests}, c.features())
}

// All that is wrong is told at once, each with its line.
func TestConfigProblems(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "config", "bad.yaml"))
	require.NoError(t, err)
	_, err = parseConfig("bellhop.yaml", data)
	require.Error(t, err)
	golden(t, err.Error()+"\n", "config", "bad.golden")
}

func TestConfigCorners(t *testing.T) {
	for name, test := range map[string]struct{ text, wrong string }{
		"nothing":        {"", ""},
		"comments alone": {"# later\n", ""},
		"no YAML":        {"slack: [\n", "bellhop.yaml:2: this is no YAML: did not find expected node content"},
		"a tab":          {"slack:\n\toperations: x\n", "bellhop.yaml:2: this is no YAML: found character that cannot start any token"},
		"a list":         {"- slack\n", `bellhop.yaml:1: the file must be settings, "name: value", but is a list`},
		"a text":         {"slack: on\n", `bellhop.yaml:1: slack must be settings, "name: value", but is "on"`},
		"anchors":        {"environments: &e\n  workflow: a/b/c.yml@main\n", ""},
		"a merge":        {"x: &x {refresh: 5m}\ncatalog: {<<: *x}\n", "bellhop.yaml:1: x is no setting; there are slack, people, catalog, environments, tests\nbellhop.yaml:2: catalog.<< is no setting; there are locations, refresh"},
		"no workflow":    {"environments: {default: preview}\n", "bellhop.yaml:1: environments.workflow is missing: the GitHub workflow that deploys, owner/repo/file.yml@branch"},
		"a long word":    {"slack: {" + strings.Repeat("x", 3000) + ": 1}\n", "bellhop.yaml:1: slack." + strings.Repeat("x", 3000) + " is no setting; there are operations, admins, commands"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parseConfig("bellhop.yaml", []byte(test.text))
			if test.wrong == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, test.wrong)
		})
	}
	_, err := readConfig(filepath.Join(t.TempDir(), "none.yaml"))
	assert.ErrorContains(t, err, "there is no config file")
}

// Whatever stands in a config file, reading it ends with a config or with problems.
func FuzzConfig(f *testing.F) {
	for _, name := range []string{"good.yaml", "bad.yaml"} {
		data, err := os.ReadFile(filepath.Join("testdata", "config", name))
		require.NoError(f, err)
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := parseConfig("bellhop.yaml", data); err != nil {
			require.NotEmpty(t, err.Error())
		}
	})
}
