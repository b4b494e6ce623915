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
	for _, command := range []string{"serve", "demo", "playground", "check", "ask", "catalog", "catalog find", "catalog show", "catalog export", "catalog lint", "manifest", "health", "backup", "version"} {
		golden(t, help(t, strings.Fields(command)...), "help", strings.ReplaceAll(command, " ", "-")+".golden")
	}
}

func TestUsage(t *testing.T) {
	for line, wrong := range map[string]string{
		"serv":                      "unexpected argument serv",
		"serve --log-level loud":    "must be one of",
		"serve --slack-bot-token x": "unknown flag --slack-bot-token",
		"backup":                    "expected \"<file>\"",
		"demo --listen 0.0.0.0:0":   "would be reached by other machines",
	} {
		var out strings.Builder
		code := run(t.Context(), strings.Fields(line), terminal{out: &out, err: &out, env: func(string) string { return "" }})
		assert.NotZero(t, code, line)
		assert.Contains(t, out.String(), wrong, line)
	}
}
