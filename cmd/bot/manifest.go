package main

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"text/tabwriter"

	"go.yaml.in/yaml/v4"

	"bellhop/chat"
	"bellhop/integrations/slack"
)

type manifestCommand struct {
	configFlags
	With    []string `help:"The features to ask scopes for: ask, deploy, tests. Without it, those that the config switches on, or all where there is no config." placeholder:"FEATURE"`
	Lean    bool     `help:"Leave out the scopes that Bellhop can do without; --explain says what is then missing."`
	Explain bool     `help:"Print a table of scope, feature and reason instead, for whoever approves the app."`
}

// Run prints the manifest or the table.
func (c *manifestCommand) Run(t terminal) error {
	conf, features, err := c.settings()
	if err != nil {
		return err
	}
	if c.Explain {
		return explain(t, features, !c.Lean)
	}
	data, err := appManifest(tableRows(), features, conf.slack.names, !c.Lean)
	if err != nil {
		return err
	}
	if _, err := t.out.Write(data); err != nil {
		return fmt.Errorf("print the manifest: %w", err)
	}
	return nil
}

// settings are the config's, if there is one, and the features to be had.
func (c *manifestCommand) settings() (config, []chat.Feature, error) {
	all := []chat.Feature{chat.Ask, chat.Deploy, chat.Tests}
	conf, err := readConfig(c.Config)
	features := conf.features()
	if errors.Is(err, fs.ErrNotExist) {
		features, err = all, nil
	}
	if err != nil || len(c.With) == 0 {
		return conf, features, err
	}
	features = nil
	for _, name := range c.With {
		feature := chat.Feature(strings.ToLower(strings.TrimSpace(name)))
		if !slices.Contains(all, feature) {
			return conf, nil, fmt.Errorf("--with %s: there are ask, deploy and tests", name)
		}
		features = append(features, feature)
	}
	return conf, features, nil
}

// The manifest as Slack reads it. slack-go's own struct leaves out a false messages_tab_read_only_enabled, and Slack then
// lets nobody write to the bot.
type (
	manifestFile struct {
		Display struct {
			Name        string `yaml:"name"`
			Description string `yaml:"description"`
			Color       string `yaml:"background_color"`
		} `yaml:"display_information"`
		Features struct {
			Home struct {
				Enabled  bool `yaml:"home_tab_enabled"`
				Messages bool `yaml:"messages_tab_enabled"`
				ReadOnly bool `yaml:"messages_tab_read_only_enabled"`
			} `yaml:"app_home"`
			Bot struct {
				Name   string `yaml:"display_name"`
				Online bool   `yaml:"always_online"`
			} `yaml:"bot_user"`
			Shortcuts []manifestShortcut `yaml:"shortcuts,omitempty"`
			Commands  []manifestSlash    `yaml:"slash_commands"`
		} `yaml:"features"`
		OAuth struct {
			Scopes struct {
				Bot []string `yaml:"bot"`
			} `yaml:"scopes"`
		} `yaml:"oauth_config"`
		Settings struct {
			Events struct {
				Bot []string `yaml:"bot_events"`
			} `yaml:"event_subscriptions"`
			Interactivity struct {
				Enabled bool `yaml:"is_enabled"`
			} `yaml:"interactivity"`
			OrgDeploy     bool `yaml:"org_deploy_enabled"`
			SocketMode    bool `yaml:"socket_mode_enabled"`
			TokenRotation bool `yaml:"token_rotation_enabled"`
		} `yaml:"settings"`
	}
	manifestShortcut struct {
		Name        string `yaml:"name"`
		Type        string `yaml:"type"`
		CallbackID  string `yaml:"callback_id"`
		Description string `yaml:"description"`
	}
	manifestSlash struct {
		Command     string `yaml:"command"`
		Description string `yaml:"description"`
		Hint        string `yaml:"usage_hint,omitempty"`
		// Without it @name and #name arrive as plain text.
		Escape bool `yaml:"should_escape"`
	}
)

// appManifest is the app's manifest as YAML: the commands of the table under their configured names, and the scopes of the
// features. optional adds the scopes that Bellhop can do without.
func appManifest(rows []chat.Command, features []chat.Feature, names slack.Names, optional bool) ([]byte, error) {
	var m manifestFile
	m.Display.Name, m.Display.Description, m.Display.Color = "Bellhop", appDescription(features), "#1f4d3a"
	m.Features.Home.Enabled, m.Features.Home.Messages = true, true
	m.Features.Bot.Name, m.Features.Bot.Online = "bellhop", true
	for _, row := range rows {
		if !slices.Contains(features, row.Feature) {
			continue
		}
		if row.Slash {
			m.Features.Commands = append(m.Features.Commands, manifestSlash{
				Command: names.Slash(row.Name), Description: sentence(row.Summary), Hint: row.Usage, Escape: true})
		}
		for _, action := range row.Actions {
			if action.Shortcut != "" {
				m.Features.Shortcuts = append(m.Features.Shortcuts, manifestShortcut{
					Name: action.Shortcut, Type: "message", CallbackID: row.Name + "." + action.Name, Description: sentence(row.Summary)})
			}
		}
	}
	m.OAuth.Scopes.Bot = slack.Scopes(features, optional)
	for _, event := range slack.Events() {
		if len(event.Features) == 0 || slices.ContainsFunc(event.Features, func(f chat.Feature) bool { return slices.Contains(features, f) }) {
			m.Settings.Events.Bot = append(m.Settings.Events.Bot, event.Name)
		}
	}
	m.Settings.Interactivity.Enabled, m.Settings.SocketMode = true, true
	data, err := yaml.Dump(m, yaml.WithIndent(2))
	if err != nil {
		return nil, fmt.Errorf("write the manifest: %w", err)
	}
	return data, nil
}

// appDescription says what the app is for: as much as is switched on.
func appDescription(features []chat.Feature) string {
	var does []string
	for _, part := range []struct {
		feature chat.Feature
		does    string
	}{{chat.Ask, "ask who owns what"}, {chat.Deploy, "deploy branches"}, {chat.Tests, "know how the tests are"}} {
		if slices.Contains(features, part.feature) {
			does = append(does, part.does)
		}
	}
	return sentence(strings.Join(does, ", "))
}

// sentence begins with a capital letter.
func sentence(clause string) string {
	if clause == "" {
		return clause
	}
	return strings.ToUpper(clause[:1]) + clause[1:]
}

// explain prints why the app asks for each scope.
func explain(t terminal, features []chat.Feature, optional bool) error {
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	row := func(cells ...string) { say(w, "%s", strings.Join(cells, "\t")) }
	row("SCOPE", "FEATURE", "CALLS", "REASON")
	row(slack.CommandScope, "all", "slash commands", "is asked by /commands")
	for _, scope := range slack.Scopes(features, optional) {
		for _, m := range slack.Methods() {
			if slices.Contains(m.Scopes, scope) && (optional || !m.Optional) {
				row(scope, featureNames(m.Features), m.Name, m.Reason)
			}
		}
		for _, e := range slack.Events() {
			if e.Scope == scope {
				row(scope, featureNames(e.Features), e.Name+" (event)", e.Reason)
			}
		}
	}
	for _, m := range slack.Methods() {
		if m.AppToken {
			row(slack.AppTokenScope, featureNames(m.Features), m.Name, m.Reason+" (scope of the app-level token)")
		}
	}
	return w.Flush()
}

func featureNames(features []chat.Feature) string {
	if len(features) == 0 {
		return "all"
	}
	names := make([]string, len(features))
	for i, f := range features {
		names[i] = string(f)
	}
	return strings.Join(names, ", ")
}
