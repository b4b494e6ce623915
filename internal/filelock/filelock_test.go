package filelock_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"bellhop/internal/filelock"
)

func TestTake(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	first, err := filelock.Take(path)
	require.NoError(t, err)
	_, err = filelock.Take(path)
	require.ErrorIs(t, err, filelock.ErrHeld)
	require.NoError(t, first.Close())
	again, err := filelock.Take(path)
	require.NoError(t, err)
	require.NoError(t, again.Close())
	_, err = filelock.Take(filepath.Join(path, "in a file"))
	assert.Error(t, err)
	assert.NotErrorIs(t, err, os.ErrNotExist)
}
