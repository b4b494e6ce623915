package database

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
)

// However much is written, the log stays short, and nothing is lost.
func TestTheWriteAheadLogStaysShort(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bellhop.db")
	db, err := Open(t.Context(), "sqlite:"+path, zerolog.Nop())
	require.NoError(t, err)
	db.checkpoints.most = 6 << 20 // so that both ways are gone
	text := strings.Repeat("x", 100_000)
	const rows = 400 // 40 MB
	for n := range rows {
		require.NoError(t, db.Write(t.Context(), func(tx *sql.Tx) error {
			_, err := tx.ExecContext(t.Context(), "INSERT INTO inbox (id, body, received_at) VALUES ($1, $2, 0)", fmt.Sprint(n), text)
			return err
		}))
		require.Eventually(t, func() bool { // it is copied beside the writer, who may be ahead on a busy machine
			info, err := os.Stat(path + "-wal")
			return err == nil && info.Size() < 20<<20
		}, 20*time.Second, time.Millisecond)
	}
	var count int
	require.NoError(t, db.Read().QueryRowContext(t.Context(), "SELECT COUNT(*) FROM inbox").Scan(&count))
	require.Equal(t, rows, count)
	require.NoError(t, db.Close())
	_, err = os.Stat(path + "-wal")
	require.ErrorIs(t, err, os.ErrNotExist, "all was copied at the end")
}
