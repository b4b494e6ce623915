package jsonlines_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"bellhop/internal/jsonlines"
)

// read gives the whole lines and the file's size up to there.
func read(t *testing.T, path string) (lines []string, size int64) {
	t.Helper()
	size, err := jsonlines.Read(path, func(line []byte) error {
		lines = append(lines, string(line[:len(line)-1]))
		return nil
	})
	require.NoError(t, err)
	return lines, size
}

func TestALineThatWasCutOffIsDropped(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.jsonl")
	lines, size := read(t, path)
	require.Empty(t, lines)
	f, err := jsonlines.Continue(path, size)
	require.NoError(t, err)
	require.NoError(t, f.Append(1))
	require.NoError(t, f.Append(map[string]string{"a": "b"}))
	require.NoError(t, f.Close())
	require.ErrorIs(t, f.Append("too late"), os.ErrClosed)

	torn, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = torn.WriteString(`{"a":"b`)
	require.NoError(t, errors.Join(err, torn.Close()))
	lines, size = read(t, path)
	require.Equal(t, []string{"1", `{"a":"b"}`}, lines)
	f, err = jsonlines.Continue(path, size)
	require.NoError(t, err)
	require.NoError(t, errors.Join(f.Append(2), f.Close()))
	lines, _ = read(t, path)
	require.Equal(t, []string{"1", `{"a":"b"}`, "2"}, lines)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

func TestReplaceLeavesTheOldOneUntilTheNewOneIsWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.jsonl")
	require.NoError(t, os.WriteFile(path, []byte("1\n2\n3\n"), 0o600))
	_, err := jsonlines.Replace(path, slices.Values([]any{4, make(chan int)}))
	require.Error(t, err)
	lines, _ := read(t, path)
	require.Equal(t, []string{"1", "2", "3"}, lines)
	f, err := jsonlines.Replace(path, slices.Values([]any{6}))
	require.NoError(t, err)
	require.NoError(t, errors.Join(f.Append(7), f.Close()))
	lines, _ = read(t, path)
	require.Equal(t, []string{"6", "7"}, lines)
}

func TestWhatIsWrongIsToldWithItsLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.jsonl")
	require.NoError(t, os.WriteFile(path, []byte("1\nx\n"), 0o600))
	_, err := jsonlines.Read(path, func(line []byte) error {
		if line[0] == 'x' {
			return errors.New("no JSON")
		}
		return nil
	})
	require.EqualError(t, err, path+":2: no JSON")
}

func TestTheZeroFileKeepsNothing(t *testing.T) {
	var f jsonlines.File
	require.NoError(t, errors.Join(f.Append(1), f.Close()))
}
