package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSecrets(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	require.NoError(t, os.WriteFile(file, []byte("xoxb-file\n"), 0o600))
	empty := filepath.Join(t.TempDir(), "empty")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	for name, test := range map[string]struct {
		env         map[string]string
		want, wrong string
	}{
		"unset":         {nil, "", ""},
		"a variable":    {map[string]string{"T": " xoxb-1\n"}, "xoxb-1", ""},
		"a file":        {map[string]string{"T_FILE": file}, "xoxb-file", ""},
		"both":          {map[string]string{"T": "xoxb-1", "T_FILE": file}, "", "both T and T_FILE are set"},
		"no such file":  {map[string]string{"T_FILE": file + "x"}, "", "T_FILE: open"},
		"an empty file": {map[string]string{"T_FILE": empty}, "", "is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := terminal{env: func(name string) string { return test.env[name] }}.secret("T")
			if test.wrong != "" {
				require.ErrorContains(t, err, test.wrong)
				assert.NotContains(t, err.Error(), "xoxb")
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.want, got)
		})
	}
}

// help is what bot prints for args.
func help(t *testing.T, args ...string) string {
	t.Helper()
	t.Setenv("COLUMNS", "100")
	var out strings.Builder
	code := run(t.Context(), append(args, "--help"), terminal{out: &out, err: &out, env: func(string) string { return "" }})
	require.Zero(t, code, out.String())
	return out.String()
}

func TestHelpGolden(t *testing.T) {
	golden(t, help(t), "help", "bot.golden")
	for _, command := range []string{"serve", "demo", "playground", "check", "ask", "catalog", "catalog find", "catalog show", "catalog graph", "catalog export", "catalog lint", "manifest", "health", "backup", "version"} {
		golden(t, help(t, strings.Fields(command)...), "help", strings.ReplaceAll(command, " ", "-")+".golden")
	}
}

func TestUsage(t *testing.T) {
	for line, wrong := range map[string]string{
		"serv":                                     "unexpected argument serv",
		"serve --log-level loud":                   "must be one of",
		"serve --slack-bot-token x":                "unknown flag --slack-bot-token",
		"backup":                                   "expected \"<file>\"",
		"demo --listen 0.0.0.0:0":                  "would be reached by other machines",
		"demo --listen foo":                        `bot: --listen (BELLHOP_PLAYGROUND_LISTEN) "foo" is not HOST:PORT like 127.0.0.1:8480`,
		"demo --listen localhost:x":                `bot: --listen (BELLHOP_PLAYGROUND_LISTEN) "localhost:x" has the port x`,
		"health --listen foo":                      `bot: --listen (BELLHOP_LISTEN) "foo" is not HOST:PORT like 127.0.0.1:8480`,
		"demo --listen 127.0.0.1:0 --data /proc/x": "bot: --data (BELLHOP_PLAYGROUND_DATA) /proc/x cannot be made: no such file or directory; name a folder that you may write to",
	} {
		var out strings.Builder
		code := run(t.Context(), strings.Fields(line), terminal{out: &out, err: &out, env: func(string) string { return "" }})
		assert.NotZero(t, code, line)
		assert.Contains(t, out.String(), wrong, line)
	}
}

// A log in a file is text alone, whatever the format.
func TestLogsWithoutColours(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	require.NoError(t, err)
	defer file.Close()
	for _, format := range []string{"console", "json"} {
		log := logFlags{LogLevel: "info", LogFormat: format}.logger(terminal{err: file, env: func(string) string { return "" }})
		log.Error().Str("part", "playground").Msg("look")
	}
	said, err := os.ReadFile(file.Name())
	require.NoError(t, err)
	assert.Contains(t, string(said), "ERR look part=playground")
	assert.NotContains(t, string(said), "\x1b")
}
