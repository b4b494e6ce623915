package main

import "context"

type checkCommand struct {
	configFlags
	databaseFlags
	apiFlags
}

// Help is shown under the summary.
func (c *checkCommand) Help() string { return secretsHelp() }

// Run verifies.
func (c *checkCommand) Run(ctx context.Context, t terminal) error { return nil }
