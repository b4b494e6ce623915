package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"bellhop/catalog"
	"bellhop/chat"
	"bellhop/environments"
	"bellhop/integrations/slack"
	"bellhop/testruns"
)

// config is bellhop.yaml. Each part becomes the options of one domain, in wire.go.
type config struct {
	dir          string // the file's folder, to which locations are relative
	slack        slackConfig
	people       map[string]string // GitHub login → e-mail or Slack id
	catalog      catalogConfig
	environments environments.Options
	tests        testsConfig
	readiness    []catalog.ReadinessCheck // none for the standard ones
}

type slackConfig struct {
	operations string      // the channel in which people ask about Bellhop itself, "#platform" or an id
	admins     []string    // "slack:USERGROUP" or "user:NAME"
	names      slack.Names // how the slash commands are called
}

type catalogConfig struct {
	locations   []locationConfig
	refresh     time.Duration
	discover    []string // "github:acme"
	orphanAfter time.Duration
	allowHosts  []string // that may be read although they are not on the open internet
}

type locationConfig struct {
	target string
	allow  []string // kinds; none allows all
	line   int
}

type testsConfig struct {
	artifacts []string      // patterns of artifact names
	retention time.Duration // how long runs are kept
	summaries []testruns.Summary
}

// operations is where people are sent with what is wrong with Bellhop.
func (c config) operations() string {
	if c.slack.operations == "" {
		return "those who run Bellhop"
	}
	return c.slack.operations
}

// features are what the config switches on.
func (c config) features() []chat.Feature {
	features := []chat.Feature{chat.Ask}
	if !c.environments.Workflow.IsZero() {
		features = append(features, chat.Deploy)
	}
	if len(c.tests.summaries) > 0 || len(c.tests.artifacts) > 0 {
		features = append(features, chat.Tests)
	}
	return features
}

// readConfig reads a config file. All that is wrong with it is one error, a line each.
func readConfig(file string) (config, error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return config{}, missingConfig(file)
	}
	if err != nil {
		return config{}, fmt.Errorf("read the config: %w", err)
	}
	dir, err := filepath.Abs(filepath.Dir(file))
	if err != nil {
		return config{}, fmt.Errorf("find the config's folder: %w", err)
	}
	c, err := parseConfig(filepath.Base(file), data)
	c.dir = dir
	return c, err
}

// missingConfig is the error for a config file that is not there.
type missingConfig string

// Error implements error.
func (m missingConfig) Error() string {
	return fmt.Sprintf("there is no config file %s: write one of ten lines (docs/configuration.md shows it), or name another by --config or BELLHOP_CONFIG", string(m))
}

// Unwrap makes it an fs.ErrNotExist.
func (m missingConfig) Unwrap() error { return fs.ErrNotExist }

// parseConfig reads the text of a config file.
func parseConfig(file string, data []byte) (config, error) {
	p := &problems{file: file}
	top, err := p.document(data)
	if err != nil {
		return config{}, err
	}
	s := p.section("", top, "slack", "people", "catalog", "environments", "tests", "readiness")
	c := config{
		slack:        readSlack(s),
		people:       readPeople(s),
		catalog:      readCatalog(s),
		environments: readEnvironments(s),
		tests:        readTests(s),
		readiness:    readReadiness(s),
	}
	if len(p.all) > 0 {
		return config{}, p
	}
	return c, nil
}
