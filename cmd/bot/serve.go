package main

import (
	"context"
	"errors"
	"os"

	"github.com/rs/zerolog"

	"bellhop/clock"
)

type serveCommand struct {
	configFlags
	databaseFlags
	apiFlags
	listenFlags
	catalogAPIFlags
	logFlags
	Clock string `name:"clock" env:"BELLHOP_CLOCK" default:"" placeholder:"URL" help:"Follow the clock of a playground on this machine. For tests."`
}

// Help is shown under the summary.
func (c *serveCommand) Help() string { return secretsHelp() }

// Run serves until ctx ends.
func (c *serveCommand) Run(ctx context.Context, t terminal) error {
	log := c.logger(t)
	conf, err := readConfig(c.Config)
	if err != nil {
		return err
	}
	p, err := c.parts(conf, t, log)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(conf.dir)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }() // the process ends
	p.descriptors = root.FS()
	if c.Clock == "" {
		return serve(ctx, p, c.Listen)
	}
	f, err := newFollower(c.Clock, log)
	if err != nil {
		return err
	}
	if err := f.start(ctx); err != nil {
		return err
	}
	p.clock, p.follow = f.clock, f.Run
	return serve(ctx, p, c.Listen)
}

// parts are what a bot is made of, from flags and environment.
func (c *serveCommand) parts(conf config, t terminal, log zerolog.Logger) (parts, error) {
	url, urlErr := c.url(t)
	slackOptions, slackErr := c.slack(t, log)
	githubOptions, githubErr := c.github(t)
	api, apiErr := c.catalogAPI(t, c.Listen)
	return parts{config: conf, slack: slackOptions, github: githubOptions, database: url, catalogAPI: api, clock: clock.Real{}, log: log},
		errors.Join(urlErr, slackErr, githubErr, apiErr)
}
