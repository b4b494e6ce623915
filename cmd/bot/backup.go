package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/rs/zerolog"

	"bellhop/integrations/database"
)

type backupCommand struct {
	databaseFlags
	File string `arg:"" help:"The file to write; it must not exist yet."`
}

// Run copies a SQLite database while it is in use.
func (c *backupCommand) Run(ctx context.Context, t terminal) error {
	url, err := c.url(t)
	if err != nil {
		return err
	}
	if err := database.Backup(ctx, url, c.File); err != nil {
		if errors.Is(err, database.ErrUsePgDump) {
			return fmt.Errorf("%w, for example: pg_dump --format=custom --file=%s \"$DATABASE_URL\"", err, c.File)
		}
		return err
	}
	info, err := os.Stat(c.File)
	if err != nil {
		return fmt.Errorf("look at the copy: %w", err)
	}
	say(t.out, "%s: %.1f MB", c.File, float64(info.Size())/1e6)
	return nil
}

// quiet is a log that nobody reads, for commands that answer by themselves.
func quiet() zerolog.Logger { return zerolog.Nop() }
