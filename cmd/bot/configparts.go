package main

import (
	"net/mail"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"bellhop/environments"
	"bellhop/integrations/slack"
	"bellhop/testruns"
)

const day = 24 * time.Hour

// Slack's own forms: ids of channels and people, names of channels (80 characters) and commands (32).
var (
	channelPattern = regexp.MustCompile(`^(#[^\s#A-Z]{1,80}|[CG][A-Z0-9]{6,})$`)
	personPattern  = regexp.MustCompile(`^[UW][A-Z0-9]{2,}$`)
	adminPattern   = regexp.MustCompile(`^(slack|user):[^\s:]+$`)
	commandPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,31}$`)
	prefixPattern  = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,19}$`)
)

func readSlack(top section) slackConfig {
	s := top.section("slack", top.node("slack"), "operations", "admins", "commands")
	c := slackConfig{operations: s.text("operations")}
	if c.operations != "" && !channelPattern.MatchString(c.operations) {
		s.add(s.node("operations"), `slack.operations is %q; write a channel's name, "#platform", or its id`, c.operations)
	}
	s.each("admins", func(path string, n *yaml.Node) {
		admin := s.scalar(path, n)
		if admin != "" && !adminPattern.MatchString(admin) {
			s.add(n, "%s is %q; write slack:USERGROUP for everybody in a Slack user group, or user:NAME for one person of the catalog", path, admin)
		}
		c.admins = append(c.admins, admin)
	})
	commands := s.section("slack.commands", s.node("commands"), "prefix", "names")
	c.names = slack.Names{Prefix: commands.text("prefix"), Words: map[string]string{}}
	if c.names.Prefix != "" && !prefixPattern.MatchString(c.names.Prefix) {
		s.add(commands.node("prefix"), `slack.commands.prefix is %q; write lower-case letters, digits and hyphens, like "acme-"`, c.names.Prefix)
	}
	s.pairs("slack.commands.names", commands.node("names"), func(name string, at, value *yaml.Node) {
		if !slices.Contains(slashNames(), name) {
			s.add(at, "slack.commands.names.%s is no command%s", name, didYouMean(name, slashNames()))
			return
		}
		word := strings.TrimPrefix(s.scalar("slack.commands.names."+name, value), "/")
		if word != "" && !commandPattern.MatchString(word) {
			s.add(value, "slack.commands.names.%s is %q; a command has lower-case letters, digits and hyphens, 32 at most", name, word)
		}
		if slices.Contains(sortedValues(c.names.Words), word) {
			s.add(value, "two commands are named %s", word)
		}
		c.names.Words[name] = word
	})
	return c
}

func readPeople(top section) map[string]string {
	people := top.table("people")
	for _, login := range sortedKeys(people) {
		who := people[login]
		if _, err := mail.ParseAddress(who); err != nil && !personPattern.MatchString(who) {
			top.add(valueOf(top.node("people"), login), "people.%s is %q, which is neither an e-mail address nor a Slack id like U01ALICE", login, who)
		}
	}
	return people
}

// kindPattern is what can stand in an environment's name between component and branch.
var kindPattern = regexp.MustCompile(`^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$`)

func readEnvironments(top section) environments.Options {
	s := top.section("environments", top.node("environments"), "workflow", "allowed_workflows", "default", "kinds")
	c := environments.Options{Default: s.text("default")}
	if text := s.text("workflow"); text != "" {
		var err error
		if c.Workflow, err = environments.ParseWorkflow(text); err != nil {
			s.add(s.node("workflow"), "environments.workflow: %v", err)
		}
	} else if top.has("environments") && !s.has("workflow") {
		s.add(top.node("environments"), "environments.workflow is missing: the GitHub workflow that deploys, owner/repo/file.yml@branch")
	}
	s.each("allowed_workflows", func(path string, n *yaml.Node) {
		pattern := s.scalar(path, n)
		if pattern == "" {
			return
		}
		if err := environments.CheckPattern(pattern); err != nil {
			s.add(n, "%s: %v", path, err)
		}
		c.AllowedWorkflows = append(c.AllowedWorkflows, pattern)
	})
	s.pairs("environments.kinds", s.node("kinds"), func(name string, at, value *yaml.Node) {
		if !kindPattern.MatchString(name) {
			s.add(at, "environments.kinds.%s: a kind has lower-case letters, digits and hyphens, 20 at most", name)
		}
		c.Kinds = append(c.Kinds, readKind(s, name, value))
	})
	if len(c.Kinds) == 0 {
		c.Kinds = []environments.Kind{{Name: "preview", Preset: environments.Preview}, {Name: "staging", Preset: environments.Shared}}
	}
	if c.Default == "" {
		c.Default = standardKind(c.Kinds)
	}
	if !slices.Contains(kindNames(c.Kinds), c.Default) {
		s.add(s.node("default"), "environments.default is %q, which is none of the kinds: %s", c.Default, alternatives(kindNames(c.Kinds)))
	}
	return c
}

func readKind(s section, name string, n *yaml.Node) environments.Kind {
	presets := []string{string(environments.Preview), string(environments.Shared)}
	one := s.section("environments.kinds."+name, n, "preset", "ttl", "max_ttl")
	kind := environments.Kind{Name: name, Preset: environments.Preset(one.text("preset"))}
	if !one.has("preset") {
		kind.Preset = environments.Preview
		if name != string(environments.Preview) {
			s.add(n, "environments.kinds.%s.preset is missing; it must be %s", name, alternatives(presets))
		}
	}
	one.oneOf("preset", string(kind.Preset), presets)
	kind.TTL = one.duration("ttl", 0, 10*time.Minute, 365*day)
	kind.MaxTTL = one.duration("max_ttl", 0, 10*time.Minute, 365*day)
	if kind.MaxTTL > 0 && kind.Lifetime() > kind.MaxTTL {
		s.add(one.node("max_ttl"), "environments.kinds.%s.max_ttl is shorter than its ttl, %s", name, span(kind.Lifetime()))
	}
	return kind
}

// standardKind is the kind that is meant where none is named: preview, else the first.
func standardKind(kinds []environments.Kind) string {
	if names := kindNames(kinds); !slices.Contains(names, string(environments.Preview)) {
		return names[0]
	}
	return string(environments.Preview)
}

func kindNames(kinds []environments.Kind) []string {
	names := make([]string, len(kinds))
	for i, kind := range kinds {
		names[i] = kind.Name
	}
	return names
}

func readTests(top section) testsConfig {
	s := top.section("tests", top.node("tests"), "artifacts", "retention", "summaries")
	c := testsConfig{retention: s.duration("retention", 90*day, 14*day, 366*day)}
	s.each("artifacts", func(name string, n *yaml.Node) {
		pattern := s.scalar(name, n)
		if _, err := path.Match(pattern, ""); err != nil {
			s.add(n, "%s is %q, which is no pattern of names", name, pattern)
		}
		c.artifacts = append(c.artifacts, pattern)
	})
	if len(c.artifacts) == 0 && top.has("tests") {
		c.artifacts = []string{"*junit*", "*test-results*"}
	}
	s.each("summaries", func(path string, n *yaml.Node) { c.summaries = append(c.summaries, readSummary(s, path, n)) })
	return c
}

func readSummary(s section, path string, n *yaml.Node) testruns.Summary {
	one := s.section(path, n, "channel", "components", "schedule", "timezone")
	c := testruns.Summary{Channel: one.text("channel"), Components: one.texts("components")}
	for _, key := range []string{"channel", "components", "schedule"} {
		if !one.has(key) {
			s.add(n, "%s has no %s", path, key)
		}
	}
	if c.Channel != "" && !channelPattern.MatchString(c.Channel) {
		s.add(one.node("channel"), `%s.channel is %q; write a channel's name, "#payments", or its id`, path, c.Channel)
	}
	if list := one.node("components"); list != nil && list.Kind == yaml.SequenceNode && len(list.Content) == 0 {
		s.add(one.node("components"), "%s.components is empty: name at least one component", path)
	}
	zone := time.UTC
	if name := one.text("timezone"); name != "" {
		found, err := time.LoadLocation(name)
		if err != nil || name == "Local" {
			s.add(one.node("timezone"), "%s.timezone is %q, which is no time zone like Europe/Berlin or UTC", path, name)
		} else {
			zone = found
		}
	}
	if text := one.text("schedule"); text != "" {
		var err error
		if c.Schedule, err = testruns.ParseSchedule(text, zone); err != nil {
			s.add(one.node("schedule"), "%s: %v", path, err)
		}
	}
	return c
}

// valueOf is where a mapping's value stands.
func valueOf(mapping *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return mapping.Content[i+1]
		}
	}
	return mapping
}

func sortedValues(m map[string]string) []string {
	var values []string
	for _, key := range sortedKeys(m) {
		values = append(values, m[key])
	}
	return values
}

// slashNames are the words that have a slash command of their own.
func slashNames() []string { return []string{"who-owns", "deploy-env", "envs", "tests", "bellhop"} }
