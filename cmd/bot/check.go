package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"bellhop/catalog"
	"bellhop/chat"
	"bellhop/clock"
	"bellhop/integrations/database"
	"bellhop/integrations/github"
	"bellhop/integrations/slack"
)

type checkCommand struct {
	configFlags
	databaseFlags
	apiFlags
}

// Help is shown under the summary.
func (c *checkCommand) Help() string { return secretsHelp() }

// checker tells what it finds, a line each, and remembers whether anything was wrong.
type checker struct {
	t     terminal
	conf  config
	wrong int
}

// well tells what is as it should be.
func (c *checker) well(what, format string, args ...any) {
	say(c.t.out, "✓ %-12s %s", what, fmt.Sprintf(format, args...))
}

// lacking tells what Bellhop can do without.
func (c *checker) lacking(what, format string, args ...any) {
	say(c.t.out, "! %-12s %s", what, fmt.Sprintf(format, args...))
}

// bad tells what is wrong and how to mend it.
func (c *checker) bad(what, format string, args ...any) {
	c.wrong++
	say(c.t.out, "✗ %-12s %s", what, fmt.Sprintf(format, args...))
}

// Run verifies everything that the config names against the live APIs. It changes nothing anywhere.
func (c *checkCommand) Run(ctx context.Context, t terminal) error {
	k := &checker{t: t}
	conf, err := readConfig(c.Config)
	var wrong *problems
	switch {
	case errors.As(err, &wrong):
		for line := range strings.SplitSeq(wrong.Error(), "\n") {
			k.bad("config", "%s", line)
		}
	case err != nil:
		k.bad("config", "%v", err)
	default:
		k.well("config", "%s switches on %s", c.Config, featureNames(conf.features()))
	}
	k.conf = conf
	k.database(ctx, c)
	if err == nil {
		repositories := k.catalog(ctx, c)
		k.slack(ctx, c)
		k.github(ctx, c, repositories)
		k.summaries()
	}
	if k.wrong > 0 {
		return fmt.Errorf("%d of these must be mended", k.wrong)
	}
	return nil
}

func (c *checker) database(ctx context.Context, flags *checkCommand) {
	url, err := flags.url(c.t)
	if err == nil {
		var state string
		if state, err = database.Check(ctx, url); err == nil {
			c.well("database", "%s", state)
			return
		}
	}
	c.bad("database", "%v", err)
}

// catalog reads all descriptors into a database of its own, and gives the repositories that summaries and deployments are
// about.
func (c *checker) catalog(ctx context.Context, flags *checkCommand) (repositories []string) {
	if len(c.conf.catalog.locations)+len(c.conf.catalog.discover) == 0 {
		c.bad("catalog", "catalog.locations is empty: name the files with your descriptors, or let catalog.discover tell what GitHub knows")
		return nil
	}
	result, found, err := c.readCatalog(ctx, flags)
	if err != nil {
		c.bad("catalog", "%v", err)
		return nil
	}
	c.problems(found.problems)
	c.well("catalog", "%d entities in %d files", result.Entities, result.Files)
	for _, one := range sortedKeys(found.noAdmins) {
		c.bad("admins", "%s: %s", one, found.noAdmins[one])
	}
	for _, s := range c.conf.tests.summaries {
		for _, name := range s.Components {
			if !found.names[strings.ToLower(name)] {
				c.bad("summary", "%s names the component %s, which the catalog does not have", s.Channel, name)
			}
		}
	}
	return found.repositories
}

// problemsOfFile is how many problems of one file are listed.
const problemsOfFile = 3

// problems lists the first few of each file. Those in other people's repositories and files stop nobody here, unlike an address
// in the config that cannot be read.
func (c *checker) problems(all []catalog.Problem) {
	told := map[string]int{}
	for _, p := range all {
		if p.File != "" { // else it is a location's
			told[p.File]++
		}
		_, _, _, inRepository := catalog.Source{File: p.File}.InRepository()
		unreadable := p.File == p.Location && !p.Since.IsZero()
		switch elsewhere := inRepository || strings.Contains(p.File, "://") && !unreadable; {
		case told[p.File] > problemsOfFile:
		case p.Severity == catalog.SeverityError && !elsewhere:
			c.bad("catalog", "%s", p)
		default:
			c.lacking("catalog", "%s", p)
		}
	}
	for _, file := range slices.Sorted(maps.Keys(told)) {
		if more := told[file] - problemsOfFile; more > 0 {
			c.lacking("catalog", "%s: and %s; /bellhop problems and bot catalog lint tell all", file, amount(more, "more problem"))
		}
	}
}

// catalogFound is what a check needs of the catalog.
type catalogFound struct {
	problems     []catalog.Problem
	repositories []string
	names        map[string]bool   // of the components of summaries, those that are there
	noAdmins     map[string]string // those "user:NAME" of slack.admins that can be nobody, and why
}

func (c *checker) readCatalog(ctx context.Context, flags *checkCommand) (result catalog.RefreshResult, found catalogFound, err error) {
	dir, err := os.MkdirTemp("", "bellhop-check-")
	if err != nil {
		return result, found, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	db, err := database.Open(ctx, "sqlite:"+filepath.Join(dir, "catalog.db"), quiet())
	if err != nil {
		return result, found, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	root, err := os.OpenRoot(c.conf.dir)
	if err != nil {
		return result, found, err
	}
	defer func() { _ = root.Close() }() // only read from
	options := c.conf.catalogOptions(root.FS(), clock.Real{})
	c.conf.catalog.readElsewhere(&options, flags.githubClient(c.t))
	cat := catalog.New(database.NewCatalogStore(db), options)
	if result, err = cat.Refresh(ctx); err != nil {
		return result, found, err
	}
	if found.problems, err = cat.Problems(ctx); err != nil {
		return result, found, err
	}
	if found.repositories, err = cat.Repositories(ctx); err != nil {
		return result, found, err
	}
	found.names = map[string]bool{}
	for _, s := range c.conf.tests.summaries {
		for _, name := range s.Components {
			if exact, err := cat.Find(ctx, name); err == nil && len(exact.Exact) > 0 {
				found.names[strings.ToLower(name)] = true
			}
		}
	}
	found.noAdmins, err = noAdmins(ctx, cat, c.conf.slack.admins)
	return result, found, err
}

// noAdmins are the people of slack.admins who can be no administrators, and why.
func noAdmins(ctx context.Context, cat *catalog.Catalog, named []string) (map[string]string, error) {
	none := map[string]string{}
	for _, one := range named {
		name, ok := strings.CutPrefix(one, "user:")
		if !ok {
			continue
		}
		found, err := cat.Find(ctx, one)
		if err != nil {
			return nil, err
		}
		none[one] = "nobody in the catalog is called so, so it is nobody"
		for _, e := range found.Exact {
			if !e.Is(catalog.KindUser) || !strings.EqualFold(e.Name, name) {
				continue
			}
			if none[one] = noAdmin(cat, e); none[one] == "" {
				delete(none, one)
				break
			}
		}
	}
	return none, nil
}

func (c *checker) slack(ctx context.Context, flags *checkCommand) {
	options, err := flags.slack(c.t, quiet())
	if err != nil {
		c.bad("slack", "%v", err)
		return
	}
	client, err := slack.New(options)
	if err != nil {
		c.bad("slack", "%v", err)
		return
	}
	if err := client.CheckSocket(ctx); err != nil {
		c.bad("socket mode", "%v", err)
	} else {
		c.well("socket mode", "SLACK_APP_TOKEN opens connections")
	}
	workspace, err := client.CheckToken(ctx)
	if err != nil {
		c.bad("slack", "%v", err)
		return
	}
	c.well("slack", "@%s in %s", workspace.BotName, workspace.Team)
	c.scopes(workspace)
	c.channels(ctx, client, workspace.BotName)
	for _, admin := range c.conf.slack.admins {
		handle, ok := strings.CutPrefix(admin, "slack:")
		if !ok {
			continue
		}
		if _, err := client.InGroup(ctx, handle, ""); err != nil {
			c.bad("admins", "%s: %v", admin, err)
		} else {
			c.well("admins", "@%s is a user group", handle)
		}
	}
}

// scopes compares what the bot token may with what the features need, a line for each feature.
func (c *checker) scopes(workspace slack.Workspace) {
	if len(workspace.Scopes) == 0 {
		c.lacking("scopes", "Slack does not say which the token has")
		return
	}
	for _, feature := range c.conf.features() {
		needed, optional := workspace.Missing([]chat.Feature{feature})
		for _, scope := range needed {
			c.bad(string(feature), "the scope %s is missing: %s. Add it under OAuth & Permissions (or take `bot manifest` anew) and install the app again", scope, scopeReason(scope, feature))
		}
		for _, scope := range optional {
			c.lacking(string(feature), "the scope %s is missing: %s", scope, scopeReason(scope, feature))
		}
		if len(needed)+len(optional) == 0 {
			c.well(string(feature), "has all its Slack scopes")
		}
	}
}

// scopeReason is what a feature needs a scope for.
func scopeReason(scope string, feature chat.Feature) string {
	for _, m := range slack.Methods() {
		for _, s := range m.Scopes {
			if s == scope && (len(m.Features) == 0 || slices.Contains(m.Features, feature)) {
				return "Bellhop " + m.Reason
			}
		}
	}
	for _, e := range slack.Events() {
		if e.Scope == scope {
			return "Bellhop " + e.Reason
		}
	}
	return "slash commands need it"
}

func (c *checker) channels(ctx context.Context, client *slack.Client, bot string) {
	named := map[string]string{}
	if c.conf.slack.operations != "" {
		named[c.conf.slack.operations] = "operations"
	}
	for _, s := range c.conf.tests.summaries {
		named[s.Channel] = "summary"
	}
	for _, channel := range sortedKeys(named) {
		found, err := client.CheckChannel(ctx, channel)
		switch {
		case err != nil:
			c.bad(named[channel], "%v", err)
		case found.Archived:
			c.bad(named[channel], "%s is archived", channel)
		case !found.Member:
			c.bad(named[channel], "the bot is not in %s: say /invite @%s there", channel, bot)
		default:
			c.well(named[channel], "can post in #%s", found.Name)
		}
	}
}

func (c *checker) summaries() {
	for _, s := range c.conf.tests.summaries {
		next := s.Schedule.Next(clock.Real{}.Now())
		c.well("summary", "%s of %s, next on %s", s.Channel, strings.Join(s.Components, ", "), next.Format("Mon 2 Jan 15:04 MST"))
	}
}

// repositoriesChecked bounds the repositories that are tried: each costs some calls.
const repositoriesChecked = 25

func (c *checker) github(ctx context.Context, flags *checkCommand, repositories []string) {
	if len(c.conf.features()) == 1 && !c.conf.catalog.onGitHub() {
		return // only asked
	}
	options, err := flags.github(c.t)
	if err != nil {
		c.bad("github", "%v", err)
		return
	}
	client, err := github.New(options)
	if err != nil {
		c.bad("github", "%v", err)
		return
	}
	who, err := client.Self(ctx)
	if err != nil {
		c.bad("github", "%v", err)
		return
	}
	c.well("github", "speaks as %s", who.Login)
	c.workflow(ctx, client)
	c.repositories(ctx, client, repositories)
	c.proposals(ctx, client, repositories)
}

// proposals tells what people can do at GitHub by buttons, which Bellhop can do without.
func (c *checker) proposals(ctx context.Context, client *github.Client, repositories []string) {
	if len(repositories) > 0 {
		if why, err := client.CannotPropose(ctx, repositories[0]); err == nil && why != "" {
			c.lacking("proposals", "%s: buttons that open pull requests (Adopt, and those of drift and readiness) will say so", why)
		}
	}
}

// repositories tries to read the first repositories of the catalog.
func (c *checker) repositories(ctx context.Context, client *github.Client, all []string) {
	const told = 3 // what is wrong with one is mostly wrong with all
	tried := all[:min(repositoriesChecked, len(all))]
	bad := 0
	for _, repository := range tried {
		missing, err := client.Access(ctx, repository, false)
		if err != nil {
			missing = []string{err.Error()}
		}
		if len(missing) == 0 {
			continue
		}
		if bad++; bad <= told {
			c.bad("repository", "%s", strings.Join(missing, "; "))
		}
	}
	if bad > told {
		c.bad("repository", "and so it is with %d more", bad-told)
	}
	if fine := len(tried) - bad; fine > 0 {
		c.well("repository", "%d of the catalog's %d can be read (%d tried)", fine, len(all), len(tried))
	}
}

// workflow checks the workflow that deploys: that it is there, may be started and takes what Bellhop gives.
func (c *checker) workflow(ctx context.Context, client *github.Client) {
	w := c.conf.environments.Workflow
	if w.IsZero() {
		return
	}
	missing, err := client.Access(ctx, w.Repository, true)
	if err != nil {
		missing = []string{err.Error()}
	}
	for _, one := range missing {
		c.bad("deploy", "%s", one)
	}
	file, err := client.WorkflowFile(ctx, w.Repository, w.File, w.Ref)
	if err != nil {
		c.bad("deploy", "%v", err)
		return
	}
	lacks := workflowLacks(file)
	for _, one := range lacks {
		c.bad("deploy", "%s: %s; docs/deploy-env.yml is a workflow to copy", w, one)
	}
	if len(missing)+len(lacks) == 0 {
		c.well("deploy", "%s can be started and takes what Bellhop gives", w)
	}
}

// workflowLacks is what is wrong with a deploy workflow, a clause each.
func workflowLacks(file github.WorkflowFile) []string {
	if !file.Dispatchable {
		return []string{"it has no `on: workflow_dispatch`"}
	}
	given := []string{"component", "ref", "sha", "environment", "action", "bellhop_id"}
	var lacks []string
	for _, name := range given {
		if _, ok := file.Inputs[name]; !ok {
			lacks = append(lacks, "it has no input "+name)
		}
	}
	for _, name := range sortedKeys(file.Inputs) {
		if file.Inputs[name] && !strings.Contains(" "+strings.Join(given, " ")+" ", " "+name+" ") {
			lacks = append(lacks, "it requires the input "+name+", which Bellhop does not give: make it optional")
		}
	}
	if !strings.Contains(file.RunName, "inputs.bellhop_id") {
		lacks = append(lacks, "its run-name does not hold ${{ inputs.bellhop_id }}, by which a run is found whose start was not answered")
	}
	return lacks
}
