package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/rs/zerolog"

	"bellhop/integrations/github"
	"bellhop/integrations/slack"
)

// Settings that several commands share. All but secrets are flags with environment variables and defaults; the help
// texts are also docs/configuration.md's.
type (
	configFlags struct {
		Config string `name:"config" env:"BELLHOP_CONFIG" default:"bellhop.yaml" placeholder:"FILE" help:"The config file."`
	}
	databaseFlags struct {
		DatabaseURL string `name:"database-url" env:"DATABASE_URL" default:"sqlite:bellhop.db" placeholder:"URL" help:"The database: sqlite:FILE, or postgres://… (give one with a password by the environment or by DATABASE_URL_FILE)."`
	}
	apiFlags struct {
		SlackAPIURL    string `name:"slack-api-url" env:"SLACK_API_URL" default:"https://slack.com/api/" placeholder:"URL" help:"Slack's Web API."`
		GitHubAPIURL   string `name:"github-api-url" env:"GITHUB_API_URL" default:"https://api.github.com/" placeholder:"URL" help:"GitHub's API; an Enterprise Server's is https://HOST/api/v3/."`
		GitHubClientID string `name:"github-client-id" env:"GITHUB_CLIENT_ID" placeholder:"ID" help:"The GitHub App's client id, by which people say who they are there (/bellhop me); Enable Device Flow must be ticked in the App's settings."`
		GitHubAppID    int64  `name:"github-app-id" env:"GITHUB_APP_ID" default:"0" placeholder:"ID" help:"The GitHub App, in place of GITHUB_TOKEN; its key comes by GITHUB_APP_PRIVATE_KEY."`
	}
	listenFlags struct {
		Listen string `name:"listen" env:"BELLHOP_LISTEN" default:"127.0.0.1:8480" placeholder:"HOST:PORT" help:"Where /healthz, /readyz and /metrics are served."`
	}
	logFlags struct {
		LogLevel  string `name:"log-level" env:"BELLHOP_LOG_LEVEL" default:"info" enum:"debug,info,warn,error" help:"The least important lines to log: debug, info, warn or error."`
		LogFormat string `name:"log-format" env:"BELLHOP_LOG_FORMAT" default:"json" enum:"json,console" help:"How lines are logged: json for machines, console for people."`
	}
)

// secret is a setting that never comes by a flag: it would show in the list of processes. Each may stand in a file that
// the variable with _FILE behind it names.
type secret struct{ name, help string }

// secrets are all of them.
func secrets() []secret {
	return []secret{
		{"SLACK_BOT_TOKEN", "The app's bot token, xoxb-…"},
		{"SLACK_APP_TOKEN", "The app-level token with connections:write, xapp-…"},
		{"GITHUB_TOKEN", "A GitHub token, in place of an App."},
		{"GITHUB_APP_PRIVATE_KEY", "The GitHub App's private key, PEM."},
		{"DATABASE_URL", "As --database-url; for URLs with a password."},
		{"BELLHOP_API_TOKEN", "What requests to --catalog-api must bear."},
	}
}

// secretsHelp tells how secrets come.
func secretsHelp() string {
	var b strings.Builder
	b.WriteString("Secrets come by the environment, or by a file that the variable with _FILE behind it names:\n")
	for _, s := range secrets() {
		fmt.Fprintf(&b, "\n  %-23s %s", s.name, s.help)
	}
	return b.String()
}

// secret is the value of a secret variable or of the file that NAME_FILE names; empty where neither is set.
func (t terminal) secret(name string) (string, error) {
	value, file := t.env(name), t.env(name+"_FILE")
	if value != "" && file != "" {
		return "", fmt.Errorf("both %s and %s_FILE are set: keep one", name, name)
	}
	if file == "" {
		return strings.TrimSpace(value), nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("%s_FILE: %w", name, err)
	}
	if value = strings.TrimSpace(string(data)); value == "" {
		return "", fmt.Errorf("%s_FILE: %s is empty", name, file)
	}
	return value, nil
}

// url is the database's address, from the flag, the variable or the file.
func (f databaseFlags) url(t terminal) (string, error) {
	file := t.env("DATABASE_URL_FILE")
	if file == "" {
		return f.DatabaseURL, nil
	}
	return t.secret("DATABASE_URL")
}

// slack is what a Slack client is made of.
func (f apiFlags) slack(t terminal, log zerolog.Logger) (slack.Options, error) {
	bot, botErr := t.secret("SLACK_BOT_TOKEN")
	app, appErr := t.secret("SLACK_APP_TOKEN")
	return slack.Options{APIURL: f.SlackAPIURL, BotToken: bot, AppToken: app, Log: log}, errors.Join(botErr, appErr)
}

// github is what a GitHub client is made of.
func (f apiFlags) github(t terminal) (github.Options, error) {
	token, tokenErr := t.secret("GITHUB_TOKEN")
	key, keyErr := t.secret("GITHUB_APP_PRIVATE_KEY")
	// A PEM in one line, as some secret stores hand it out.
	key = strings.ReplaceAll(key, `\n`, "\n")
	o := github.Options{APIURL: f.GitHubAPIURL, Token: token, AppID: f.GitHubAppID, PrivateKey: []byte(key), ClientID: f.GitHubClientID, UserAgent: "bellhop/" + version()}
	return o, errors.Join(tokenErr, keyErr)
}

// githubClient is nil where no credentials are given, or wrong ones: whoever must have it asks for its options and says so.
func (f apiFlags) githubClient(t terminal) *github.Client {
	if o, err := f.github(t); err == nil && configured(o) {
		if client, err := github.New(o); err == nil {
			return client
		}
	}
	return nil
}

// logger writes the process's log.
func (f logFlags) logger(t terminal) zerolog.Logger {
	level, err := zerolog.ParseLevel(f.LogLevel)
	if err != nil {
		level = zerolog.InfoLevel // kong's enum lets no other word through
	}
	to := t.err
	if f.LogFormat == "console" {
		to = zerolog.ConsoleWriter{Out: t.err, TimeFormat: time.TimeOnly, NoColor: !t.colours()}
	}
	return zerolog.New(to).Level(level).With().Timestamp().Logger()
}

// colours tells whether what goes to standard error is seen in a terminal by somebody who wants colours (no-color.org).
func (t terminal) colours() bool {
	file, ok := t.err.(*os.File)
	return ok && t.env("NO_COLOR") == "" && t.env("TERM") != "dumb" && isatty.IsTerminal(file.Fd())
}
