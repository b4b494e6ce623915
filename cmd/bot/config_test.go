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
		catalog: catalogConfig{locations: []locationConfig{{target: "catalog/**/*.yaml", line: 3}}, refresh: 10 * time.Minute, orphanAfter: day},
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
		"nothing": {"", ""},
		"whom to discover": {"catalog:\n  discover: [acme, github:acme/x]\n",
			`bellhop.yaml:2: catalog.discover[0] is "acme"; write github:ORGANISATION or github:USER` + "\n" +
				`bellhop.yaml:2: catalog.discover[1] is "github:acme/x"; write github:ORGANISATION or github:USER`},
		"whom to allow": {"catalog:\n  allow_hosts: [docs.internal, \"10.0.0.7:8443\", \"[::1]\", https://docs.internal]\n",
			`bellhop.yaml:2: catalog.allow_hosts[3] is "https://docs.internal"; write a host or a host with its port, such as catalog.internal or 10.0.0.7:8443`},
		"comments alone":             {"# later\n", ""},
		"no YAML":                    {"slack: [\n", "bellhop.yaml:2: this is no YAML: did not find expected node content"},
		"a tab":                      {"slack:\n\toperations: x\n", "bellhop.yaml:2: this is no YAML: a tab cannot indent; use spaces"},
		"an at sign":                 {"slack:\n  operations: @x\n", "bellhop.yaml:2: this is no YAML: what begins with @ or ` must stand in quotes"},
		"an open quote":              {"slack:\n  operations: \"#x\n\n", "bellhop.yaml:2: this is no YAML: found unexpected end of stream"},
		"a version":                  {"%YAML 1.2\n---\nslack: {}\n", "bellhop.yaml:1: this is no YAML: found incompatible YAML document; leave the %YAML line out"},
		"a byte mark":                {"\ufeffslack: {admin: x}\n", "bellhop.yaml:1: slack.admin is no setting; did you mean admins?"},
		"no UTF-8":                   {"slack: {}\npeople: \xff\n", "bellhop.yaml:2: this is no YAML: the text is not UTF-8"},
		"UTF-16":                     {"\xff\xfe{\x00}\x00", "bellhop.yaml:1: this is no YAML: the text is not UTF-8"},
		"a second document":          {"slack: {}\n---\nfoo: {bar: 1}\n", "bellhop.yaml:2: a second document begins here, and the file is one: take the --- out"},
		"a second document by dots":  {"slack: {}\n...\nfoo: {bar: 1}\n", "bellhop.yaml:3: a second document begins here, and the file is one: take the --- out"},
		"a second document, broken":  {"slack: {}\n---\n\nfoo: [\n", "bellhop.yaml:5: this is no YAML: did not find expected node content"},
		"what is wrong in the first": {"slak: {}\n---\nfoo: 1\n", "bellhop.yaml:1: slak is no setting; did you mean slack?\nbellhop.yaml:2: a second document begins here, and the file is one: take the --- out"},
		"dashes around one document": {"---\nslack: {}\n---\n", ""},
		"a list as a name":           {"? [a, b]\n: 1\n", "bellhop.yaml:1: a setting's name must be a text, but is a list"},
		"itself":                     {"slack: &s {commands: *s}\n", "bellhop.yaml:1: slack.commands.commands is no setting; there are prefix, names"},
		"twice, deep":                {"environments:\n  workflow: a/b/c.yml@main\n  kinds:\n    preview: {ttl: 1h, ttl: 2h}\n", "bellhop.yaml:4: environments.kinds.preview.ttl stands twice; the first is on line 4"},
		"no texts":                   {"catalog: {locations: [true, 7]}\nslack: {operations: 5}\n", `bellhop.yaml:2: slack.operations is "5"; write a channel's name, "#platform", or its id`},
		"empty texts": {"tests: {summaries: [{channel: \"\", components: [\"\"], schedule: \" \"}]}\n",
			"bellhop.yaml:1: tests.summaries[0].channel is empty\nbellhop.yaml:1: tests.summaries[0].components[0] is empty\nbellhop.yaml:1: tests.summaries[0].schedule is empty"},
		"a list":      {"- slack\n", `bellhop.yaml:1: the file must be settings, "name: value", but is a list`},
		"a text":      {"slack: on\n", `bellhop.yaml:1: slack must be settings, "name: value", but is "on"`},
		"anchors":     {"environments: &e\n  workflow: a/b/c.yml@main\n", ""},
		"a merge":     {"x: &x {refresh: 5m}\ncatalog: {<<: *x}\n", "bellhop.yaml:1: x is no setting; there are slack, people, catalog, environments, tests, readiness\nbellhop.yaml:2: catalog.<<: merging is not read here; write the settings out, or name a whole block by its alias"},
		"no workflow": {"environments: {default: preview}\n", "bellhop.yaml:1: environments.workflow is missing: the GitHub workflow that deploys, owner/repo/file.yml@branch"},
		"a long word": {"slack: {" + strings.Repeat("x", 3000) + ": 1}\n", "bellhop.yaml:1: slack." + strings.Repeat("x", 3000) + " is no setting; there are operations, admins, commands"},
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
