package main

import (
	"context"
	"errors"
	"os"
	"strings"
	"time"

	"bellhop/chat"
	"bellhop/clock"
	"bellhop/integrations/github"
	"bellhop/integrations/slack"
)

type askCommand struct {
	configFlags
	databaseFlags
	apiFlags
	LogLevel  string   `name:"log-level" env:"BELLHOP_LOG_LEVEL" default:"error" enum:"debug,info,warn,error" help:"The least important lines to log: debug, info, warn or error."`
	LogFormat string   `name:"log-format" env:"BELLHOP_LOG_FORMAT" default:"console" enum:"json,console" help:"How lines are logged: json for machines, console for people."`
	Words     []string `arg:"" name:"question" help:"What to ask, as after /bellhop: who owns payments." passthrough:"partial"`
}

// Run answers in the terminal with the handlers that answer in Slack, from the same database. An empty catalog is read
// first.
func (c *askCommand) Run(ctx context.Context, t terminal) error {
	log := logFlags{c.LogLevel, c.LogFormat}.logger(t)
	conf, err := readConfig(c.Config)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(conf.dir)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }() // the process ends
	url, err := c.url(t)
	if err != nil {
		return err
	}
	githubOptions, err := c.github(t)
	if err != nil {
		return err
	}
	b, err := wire(ctx, parts{
		config: conf, descriptors: root.FS(), database: url, clock: clock.Real{}, github: githubOptions,
		slack: slack.Options{APIURL: c.SlackAPIURL, BotToken: "none"}, log: log,
	})
	if err != nil {
		return err
	}
	defer func() { _ = b.db.Close() }() // what it said is out
	return b.ask(ctx, t, strings.Join(c.Words, " "))
}

// ask prints the answer to words.
func (b *bot) ask(ctx context.Context, t terminal, words string) error {
	status, err := b.catalog.Status(ctx)
	if err != nil {
		return err
	}
	if status.RefreshedAt.IsZero() {
		if _, err := b.catalog.Refresh(ctx); err != nil {
			return err
		}
	}
	reply, ok := b.router.Ask(ctx, chat.Request{
		ID: "terminal", Place: chat.Place{Kind: chat.Terminal}, Person: chat.Person{Name: "you", Zone: time.Local}, Via: chat.Typed,
		Command: "bellhop", Text: words, At: time.Now(),
	})
	reply = inTerminal(reply, tableRows())
	if !ok {
		return errors.New(reply.Text(time.Local))
	}
	say(t.out, "%s", reply.Text(time.Local))
	return nil
}

// configured tells whether anything for GitHub is set.
func configured(o github.Options) bool { return o.Token != "" || o.AppID != 0 || len(o.PrivateKey) > 0 }
