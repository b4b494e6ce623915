package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/rs/zerolog"
)

// SQLite's own checkpoints happen in whichever commit makes the write-ahead log 4 MB long, which then waits for the disk
// while a person's ack waits for it. So they are off, and another connection does them, beside the writer.
const (
	walCheckpoint = 4 << 20   // bytes by which the log grows until it is copied into the database
	walReset      = 1 << 20   // to which it is cut when it is begun anew; SQLite's journal_size_limit
	walMost       = 256 << 20 // bytes from which the writer waits, while the rest is copied, to begin it anew
)

// checkpoints copies a SQLite file's write-ahead log into it as it grows.
type checkpoints struct {
	pool  *sql.DB // one connection
	turns *turns
	wal   string // the log's path
	most  int64  // walMost
	done  int64  // length of the log when it was copied last
	log   zerolog.Logger
	wake  chan struct{}
	stop  context.CancelFunc
	ended chan struct{}
}

func startCheckpoints(pool *sql.DB, turns *turns, path string, log zerolog.Logger) *checkpoints {
	ctx, cancel := context.WithCancel(context.Background())
	c := &checkpoints{pool: pool, turns: turns, wal: path + "-wal", most: walMost, log: log, wake: make(chan struct{}, 1), stop: cancel, ended: make(chan struct{})}
	go func() {
		defer close(c.ended)
		for {
			select {
			case <-c.wake:
			case <-ctx.Done():
				return
			}
			if err := c.look(ctx); err != nil && ctx.Err() == nil {
				c.log.Warn().Err(err).Msg("copy the database's write-ahead log")
			}
		}
	}()
	return c
}

// written tells that a transaction was committed. It never waits.
func (c *checkpoints) written() {
	select {
	case c.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// look does a checkpoint if the log has grown enough.
func (c *checkpoints) look(ctx context.Context) error {
	info, err := os.Stat(c.wal)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("look at the log: %w", err)
	}
	size := info.Size()
	if size < c.done { // it was begun anew
		c.done = 0
	}
	if size < c.done+walCheckpoint {
		return nil
	}
	if err := c.checkpoint(ctx, "PASSIVE"); err != nil { // waits for nobody, and nobody for it
		return err
	}
	if c.done = size; size < c.most {
		return nil
	}
	// While others write all the time some is always left, and the log would only grow.
	if err := c.turns.take(ctx, false); err != nil {
		return err
	}
	defer c.turns.give()
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second) // readers may hold it up
	defer cancel()
	return c.checkpoint(ctx, "TRUNCATE")
}

func (c *checkpoints) checkpoint(ctx context.Context, mode string) error {
	var busy, frames, copied int // what was left out comes with the next one
	if err := c.pool.QueryRowContext(ctx, "PRAGMA wal_checkpoint("+mode+")").Scan(&busy, &frames, &copied); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	return nil
}

// close ends the checkpoint under way.
func (c *checkpoints) close() error {
	c.stop()
	<-c.ended
	return c.pool.Close()
}
