package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// configuration is docs/configuration.md.
func configuration(t *testing.T) (file, text string) {
	t.Helper()
	file = filepath.Join("..", "..", "docs", "configuration.md")
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	return file, string(data)
}

// between replaces what stands between a marker and its end.
func between(t *testing.T, text, marker, with string) string {
	t.Helper()
	re := regexp.MustCompile(`(?s)(<!-- ` + marker + `:[^\n]*-->\n).*?(<!-- end of ` + marker + ` -->)`)
	require.Regexp(t, re, text)
	return re.ReplaceAllString(text, "${1}"+strings.ReplaceAll(with, "$", "$$")+"${2}")
}

// Every flag, variable and secret stands in the documentation.
func TestConfigurationGolden(t *testing.T) {
	file, text := configuration(t)
	var secretRows strings.Builder
	secretRows.WriteString("| Variable | What it is |\n| --- | --- |\n")
	for _, s := range secrets() {
		fmt.Fprintf(&secretRows, "| `%s` | %s |\n", s.name, s.help)
	}
	want := between(t, between(t, text, "flags", flagTable(t)), "secrets", secretRows.String())
	if *update && want != text {
		require.NoError(t, os.WriteFile(file, []byte(want), 0o644))
		return
	}
	assert.Equal(t, want, text, "go test ./cmd/bot -run Golden -update")
}

// flagTable has a row for each flag, with the commands that take it.
func flagTable(t *testing.T) string {
	t.Helper()
	parser, err := newParser(terminal{out: os.Stdout, err: os.Stderr, env: os.Getenv})
	require.NoError(t, err)
	type row struct {
		flag, variable, standard, help string
		commands                       []string
	}
	var rows []*row
	for _, command := range parser.Model.Leaves(true) {
		for _, flag := range slices.Concat(command.AllFlags(true)...) {
			if flag.Name == "help" {
				continue
			}
			one := row{flag: "`--" + flag.Name + "`", variable: strings.Join(flag.Tag.Envs, ", "), standard: flag.Default, help: flag.Help}
			i := slices.IndexFunc(rows, func(r *row) bool {
				return r.flag == one.flag && r.variable == one.variable && r.standard == one.standard && r.help == one.help
			})
			if i < 0 {
				rows, i = append(rows, &one), len(rows)
			}
			rows[i].commands = append(rows[i].commands, command.Path())
		}
	}
	var b strings.Builder
	b.WriteString("| Flag | Variable | Default | Commands | What it is |\n| --- | --- | --- | --- | --- |\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", r.flag, code(r.variable), code(r.standard), strings.Join(r.commands, ", "), r.help)
	}
	return b.String()
}

func code(text string) string {
	if text == "" || text == "false" || text == "0" {
		return ""
	}
	return "`" + text + "`"
}

// The documented config is a good one, and every key that is read is in it and explained.
func TestConfigurationHasEveryKey(t *testing.T) {
	_, text := configuration(t)
	example := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindStringSubmatch(text)
	require.NotNil(t, example)
	_, err := parseConfig("bellhop.yaml", []byte(example[1]))
	require.NoError(t, err)

	// A key that nobody knows makes the reader name those that it does.
	_, err = parseConfig("bellhop.yaml", []byte(`
zzzzzz: 1
slack: {zzzzzz: 1, commands: {zzzzzz: 1}}
catalog: {zzzzzz: 1, locations: [{target: a, zzzzzz: 1, rules: [{zzzzzz: 1}]}]}
environments: {workflow: a/b/c.yml@main, zzzzzz: 1, kinds: {preview: {preset: preview, zzzzzz: 1}}}
tests: {zzzzzz: 1, summaries: [{channel: "#a", components: [a], schedule: "@daily", zzzzzz: 1}]}
`))
	require.Error(t, err)
	lists := regexp.MustCompile(`there are ([a-z_, ]+)`).FindAllStringSubmatch(err.Error(), -1)
	assert.Len(t, lists, 10, "a section whose keys are not looked at here:\n%v", err)
	for _, list := range lists {
		for _, key := range strings.Split(list[1], ", ") {
			assert.Regexp(t, `(^|[\s{])`+key+`:`, example[1], "the example has no %s", key)
		}
	}
	for _, variable := range []string{"SLACK_BOT_TOKEN", "HTTPS_PROXY", "SSL_CERT_FILE"} {
		assert.Contains(t, text, variable)
	}
}
