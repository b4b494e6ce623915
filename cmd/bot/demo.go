package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"bellhop/integrations/github"
	"bellhop/integrations/slack"
	"bellhop/playground/demo"
	playslack "bellhop/playground/slack"
	"bellhop/testruns"
)

type demoCommand struct {
	playgroundFlags
	LogLevel  string `name:"log-level" env:"BELLHOP_LOG_LEVEL" default:"warn" enum:"debug,info,warn,error" help:"The least important lines to log: debug, info, warn or error."`
	LogFormat string `name:"log-format" env:"BELLHOP_LOG_FORMAT" default:"console" enum:"json,console" help:"How lines are logged: json for machines, console for people."`
}

// Run serves the demo company in a playground until ctx ends. Bellhop reaches it as it reaches the real ones: over HTTP
// and WebSocket.
func (c *demoCommand) Run(ctx context.Context, t terminal) error {
	log := logFlags{c.LogLevel, c.LogFormat}.logger(t)
	manifest, err := ownManifest()
	if err != nil {
		return err
	}
	p, err := c.open(ctx, manifest, log, playslack.PageAction{Label: "Next summary", Method: http.MethodPost, Path: nextSummaryPath})
	if err != nil {
		return err
	}
	defer p.cleanUp(log)
	conf, err := furnishConfig(p.dir)
	if err != nil {
		return errors.Join(err, p.listener.Close())
	}
	root, err := os.OpenRoot(conf.dir)
	if err != nil {
		return errors.Join(err, p.listener.Close())
	}
	defer func() { _ = root.Close() }() // the process ends
	p.mux.HandleFunc("POST "+nextSummaryPath, p.nextSummary(conf.tests.summaries))
	// Bellhop ends first, so that what it still has to say is heard.
	playing, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	ended := make(chan error, 1)
	bellhop, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		ended <- p.Run(playing)
		cancel() // without a playground there is nothing to serve
	}()
	err = serve(bellhop, parts{
		config:      conf,
		descriptors: root.FS(),
		slack:       slack.Options{APIURL: p.base + "/api/", BotToken: demoBotToken, AppToken: demoAppToken, Log: log},
		github:      github.Options{APIURL: p.base + "/api/v3/", Token: demoGitHubToken, ClientID: demoGitHubClientID},
		database:    "sqlite:" + filepath.Join(p.dir, "bellhop.db"),
		clock:       p.clock,
		ready:       func() { demoGreeting(t, p.base) },
		log:         log,
	}, "127.0.0.1:0")
	stop()
	return errors.Join(err, <-ended)
}

// demoGreeting names the page and four things to try.
func demoGreeting(t terminal, base string) {
	say(t.out, `Bellhop serves a demo company. Open %s and try, as Alice in #payments:

  /who-owns payments         who it belongs to and where to ask
  /deploy-env feature-x      deploy a branch and watch its card
  /tests payments            what the tests of the last days say
  /bellhop show loyalty      all that is known of it, and what it lacks

Ctrl-C ends it.`, base)
}

// nextSummaryPath moves the clock to the next moment at which a summary is posted: a button of the page.
const nextSummaryPath = "/_control/demo/next-summary"

// nextSummary asks the playground's own clock to move, so that who may ask is checked there.
func (p *playground) nextSummary(summaries []testruns.Summary) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var next time.Time
		now := p.clock.Now()
		for _, s := range summaries {
			if at := s.Schedule.Next(now); next.IsZero() || at.Before(next) {
				next = at
			}
		}
		body := fmt.Sprintf(`{"to":%q}`, next.UTC().Format(time.RFC3339))
		move := r.Clone(r.Context())
		move.URL.Path, move.RequestURI = clockPath, clockPath
		move.Body, move.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
		p.mux.ServeHTTP(w, move)
	}
}

// furnishConfig writes the demo company's config and catalog into dir, where they are read from and may be changed; what is
// there already stays.
func furnishConfig(dir string) (config, error) {
	files := map[string][]byte{"bellhop.yaml": demo.Config()}
	descriptors := demo.Central()
	names, err := fs.Glob(descriptors, "*.yaml")
	if err != nil {
		return config{}, fmt.Errorf("demo company: %w", err)
	}
	for _, name := range names {
		if files[filepath.Join("catalog", name)], err = fs.ReadFile(descriptors, name); err != nil {
			return config{}, fmt.Errorf("demo company: %w", err)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "catalog"), 0o700); err != nil {
		return config{}, fmt.Errorf("write the demo's catalog: %w", err)
	}
	for name, content := range files {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); err == nil {
			continue
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			return config{}, fmt.Errorf("write the demo's %s: %w", name, err)
		}
	}
	return readConfig(filepath.Join(dir, "bellhop.yaml"))
}
