package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"

	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"bellhop/chat"
	"bellhop/clock"
	"bellhop/integrations/slack"
	"bellhop/internal/filelock"
	"bellhop/playground/demo"
	playgithub "bellhop/playground/github"
	playslack "bellhop/playground/slack"
)

type playgroundFlags struct {
	Listen string `name:"listen" env:"BELLHOP_PLAYGROUND_LISTEN" default:"127.0.0.1:8484" placeholder:"HOST:PORT" help:"Where the page and the simulated Slack and GitHub are served."`
	Data   string `name:"data" env:"BELLHOP_PLAYGROUND_DATA" default:"" placeholder:"DIR" help:"Keep everything in this folder and go on from it next time. Without it, a temporary one is removed at the end."`
	Open   bool   `name:"open-to-others" env:"BELLHOP_PLAYGROUND_OPEN" default:"false" help:"Allow an address that other machines reach. The page asks nobody who they are."`
}

type playgroundCommand struct {
	playgroundFlags
	logFlags
	Manifest string `name:"manifest" env:"BELLHOP_PLAYGROUND_MANIFEST" default:"" placeholder:"FILE" help:"The manifest of the app to develop, YAML or JSON: its commands, events and scopes. Without it, Bellhop's own."`
}

// The demo company's tokens, and its App's client id. They open nothing but a playground.
const (
	demoBotToken       = "xoxb-demo"
	demoAppToken       = "xapp-demo"
	demoGitHubToken    = "ghp_demo"
	demoGitHubClientID = "Iv23demo"
)

// Run serves the simulated Slack and GitHub until ctx ends.
func (c *playgroundCommand) Run(ctx context.Context, t terminal) error {
	log := c.logger(t)
	manifest, err := c.manifest()
	if err != nil {
		return err
	}
	p, err := c.open(ctx, manifest, log)
	if err != nil {
		return err
	}
	defer p.cleanUp(log)
	say(t.out, `The playground is at %[1]s: open it in a browser.
  SLACK_API_URL=%[1]s/api/
  SLACK_BOT_TOKEN=%[2]s
  SLACK_APP_TOKEN=%[3]s
  GITHUB_API_URL=%[1]s/api/v3/
  GITHUB_TOKEN=%[4]s
  GITHUB_CLIENT_ID=%[5]s
Point any Slack bot in Socket Mode at it. What it can be told to do stands in docs/playground.md. Ctrl-C ends it.`,
		p.base, demoBotToken, demoAppToken, demoGitHubToken, demoGitHubClientID)
	return p.Run(ctx)
}

// manifest is the app's manifest: the file's, or Bellhop's own with everything.
func (c *playgroundCommand) manifest() ([]byte, error) {
	if c.Manifest == "" {
		return ownManifest()
	}
	data, err := os.ReadFile(c.Manifest)
	if err != nil {
		return nil, fmt.Errorf("read the manifest: %w", err)
	}
	return data, nil
}

// ownManifest is Bellhop's manifest with every feature.
func ownManifest() ([]byte, error) {
	return appManifest(tableRows(), []chat.Feature{chat.Ask, chat.Deploy, chat.Tests}, slack.Names{}, true)
}

// playground is a simulated Slack and GitHub on one listener.
type playground struct {
	base     string // http://127.0.0.1:8484
	dir      string
	clock    *clock.Adjustable
	listener net.Listener
	mux      *http.ServeMux
	slack    *playslack.Server
	github   *playgithub.Server
	keep     bool
	lock     *os.File // on the folder
}

// open makes the playground in its folder and takes its address.
func (f *playgroundFlags) open(ctx context.Context, manifest []byte, log zerolog.Logger, extra ...playslack.PageAction) (*playground, error) {
	host, err := hostOf(f.Listen, playgroundSetting)
	if err != nil {
		return nil, err
	}
	if !isLoopback(host) && !f.Open {
		return nil, fmt.Errorf("--listen %s would be reached by other machines, and the page asks nobody who they are: choose 127.0.0.1, or add --open-to-others", f.Listen)
	}
	p := &playground{clock: &clock.Adjustable{}, mux: http.NewServeMux(), keep: f.Data != ""}
	if p.listener, err = listen(ctx, f.Listen, playgroundSetting); err != nil {
		return nil, err
	}
	if p.base, err = baseURL(host, p.listener); err != nil {
		return nil, errors.Join(err, p.listener.Close())
	}
	if err := p.furnish(f.Data, manifest, extra, log); err != nil {
		err = errors.Join(err, p.listener.Close())
		p.cleanUp(log)
		return nil, err
	}
	return p, nil
}

// baseURL is how the page is reached; with port 0 the system chose one.
func baseURL(host string, l net.Listener) (string, error) {
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return "", fmt.Errorf("read the listener's address: %w", err)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port), nil
}

// furnish fills the playground with the demo company.
func (p *playground) furnish(data string, manifest []byte, extra []playslack.PageAction, log zerolog.Logger) (err error) {
	if p.dir = data; data == "" {
		if p.dir, err = os.MkdirTemp("", "bellhop-"); err != nil {
			return fmt.Errorf("make a temporary folder: %w", err)
		}
	}
	for _, part := range []string{"slack", "github"} {
		if err := os.MkdirAll(filepath.Join(p.dir, part), 0o700); err != nil {
			return fmt.Errorf("--data (BELLHOP_PLAYGROUND_DATA) %s cannot be made: %w; name a folder that you may write to", p.dir, cause(err))
		}
	}
	p.lock, err = filelock.Take(filepath.Join(p.dir, "lock"))
	if errors.Is(err, filelock.ErrHeld) {
		return fmt.Errorf("--data %s is in use by another playground: end that one, or name another folder", p.dir)
	}
	if err != nil {
		return fmt.Errorf("--data (BELLHOP_PLAYGROUND_DATA) %s cannot be used: %w; name a folder that you may write to", p.dir, cause(err))
	}
	workspace, err := playslack.ParseWorld(demo.Slack())
	if err != nil {
		return fmt.Errorf("demo company: %w", err)
	}
	company, err := playgithub.ParseWorld(demo.GitHub())
	if err != nil {
		return fmt.Errorf("demo company: %w", err)
	}
	p.slack, err = playslack.New(playslack.Config{
		Clock: p.clock, World: workspace, Manifest: manifest, Dir: filepath.Join(p.dir, "slack"), BaseURL: p.base, Extra: extra, Landing: demo.Landing,
		Log: log.With().Str("part", "playground slack").Logger(),
	})
	if err != nil {
		return err
	}
	p.github, err = playgithub.New(playgithub.Config{
		Clock: p.clock, World: company, Dir: filepath.Join(p.dir, "github"), BaseURL: p.base,
		Log: log.With().Str("part", "playground github").Logger(), Notify: func(playgithub.Event) { p.slack.Tell("github") },
	})
	if err != nil {
		return err
	}
	p.slack.Register(p.mux)
	p.github.Register(p.mux)
	return nil
}

// cause is what the system says, without the call and the path that it says it of.
func cause(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// Run serves until ctx ends.
func (p *playground) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return p.slack.Run(ctx) })
	group.Go(func() error { return p.github.Run(ctx) })
	group.Go(func() error { return serveHTTP(ctx, p.listener, p.mux) })
	return group.Wait()
}

// cleanUp gives the folder back, and removes a temporary one.
func (p *playground) cleanUp(log zerolog.Logger) {
	if p.lock != nil {
		if err := p.lock.Close(); err != nil {
			log.Warn().Err(err).Msg("give the folder back")
		}
	}
	if p.keep || p.dir == "" {
		return
	}
	if err := os.RemoveAll(p.dir); err != nil {
		log.Warn().Err(err).Msg("remove the temporary folder")
	}
}
