package slack

import (
	"errors"
	"fmt"
	"regexp"
	"slices"

	"go.yaml.in/yaml/v4"
)

// manifest is Slack's app manifest, as far as a bot in Socket Mode uses it. Keys that Slack does not know are refused;
// those that concern other kinds of apps are read and left alone.
type manifest struct {
	Metadata struct {
		Major int `yaml:"major_version"`
		Minor int `yaml:"minor_version"`
	} `yaml:"_metadata"`
	Display struct {
		Name            string `yaml:"name"`
		Description     string `yaml:"description"`
		LongDescription string `yaml:"long_description"`
		BackgroundColor string `yaml:"background_color"`
	} `yaml:"display_information"`
	Features struct {
		AppHome struct {
			Home     bool  `yaml:"home_tab_enabled"`
			Messages bool  `yaml:"messages_tab_enabled"`
			ReadOnly *bool `yaml:"messages_tab_read_only_enabled"`
		} `yaml:"app_home"`
		BotUser struct {
			DisplayName  string `yaml:"display_name"`
			AlwaysOnline bool   `yaml:"always_online"`
		} `yaml:"bot_user"`
		SlashCommands   []slashCommand `yaml:"slash_commands"`
		Shortcuts       []shortcut     `yaml:"shortcuts"`
		UnfurlDomains   []string       `yaml:"unfurl_domains"`
		AssistantView   any            `yaml:"assistant_view"`
		AgentView       any            `yaml:"agent_view"`
		RichPreviews    any            `yaml:"rich_previews"`
		Search          any            `yaml:"search"`
		WorkflowSteps   any            `yaml:"workflow_steps"`
		CodeChannels    any            `yaml:"code_channels"`
		UserConnections any            `yaml:"user_connections"`
	} `yaml:"features"`
	OAuth struct {
		RedirectURLs []string `yaml:"redirect_urls"`
		Scopes       struct {
			Bot          []string `yaml:"bot"`
			User         []string `yaml:"user"`
			BotOptional  []string `yaml:"bot_optional"`
			UserOptional []string `yaml:"user_optional"`
		} `yaml:"scopes"`
		PKCE            bool  `yaml:"pkce_enabled"`
		TokenManagement *bool `yaml:"token_management_enabled"`
	} `yaml:"oauth_config"`
	Settings struct {
		AllowedIPs []string `yaml:"allowed_ip_address_ranges"`
		Events     struct {
			RequestURL string   `yaml:"request_url"`
			Bot        []string `yaml:"bot_events"`
			User       []string `yaml:"user_events"`
			Metadata   any      `yaml:"metadata_subscriptions"`
		} `yaml:"event_subscriptions"`
		Interactivity struct {
			Enabled    bool   `yaml:"is_enabled"`
			RequestURL string `yaml:"request_url"`
			OptionsURL string `yaml:"message_menu_options_url"`
		} `yaml:"interactivity"`
		FunctionRuntime string `yaml:"function_runtime"`
		IncomingHooks   any    `yaml:"incoming_webhooks"`
		SIWSLinks       any    `yaml:"siws_links"`
		OrgDeploy       bool   `yaml:"org_deploy_enabled"`
		SocketMode      bool   `yaml:"socket_mode_enabled"`
		TokenRotation   bool   `yaml:"token_rotation_enabled"`
		MCP             bool   `yaml:"is_mcp_enabled"`
	} `yaml:"settings"`
	Functions       any      `yaml:"functions"`
	Workflows       any      `yaml:"workflows"`
	OutgoingDomains []string `yaml:"outgoing_domains"`
}

type slashCommand struct {
	Command      string `yaml:"command"`
	Description  string `yaml:"description"`
	UsageHint    string `yaml:"usage_hint"`
	URL          string `yaml:"url"`
	ShouldEscape bool   `yaml:"should_escape"`
}

type shortcut struct {
	Name        string `yaml:"name"`
	CallbackID  string `yaml:"callback_id"`
	Description string `yaml:"description"`
	Type        string `yaml:"type"` // global or message
}

// eventScope is the scope that each bot event needs; events that are not here are not simulated, and a manifest may
// subscribe to them without effect.
func eventScope(event string) (scope string, known bool) {
	scope, known = map[string]string{
		"app_home_opened":       "",
		"app_mention":           "app_mentions:read",
		"message.channels":      "channels:history",
		"message.groups":        "groups:history",
		"message.im":            "im:history",
		"message.mpim":          "mpim:history",
		"reaction_added":        "reactions:read",
		"reaction_removed":      "reactions:read",
		"member_joined_channel": "channels:read",
		"member_left_channel":   "channels:read",
		"file_shared":           "files:read",
		"user_change":           "users:read",
		"app_uninstalled":       "",
		"tokens_revoked":        "",
	}[event]
	return scope, known
}

// Slack: a command is a slash and at most 31 lower-case letters, digits, hyphens and underscores.
var commandName = regexp.MustCompile(`^/[a-z0-9_-]{1,31}$`)

// parseManifest reads and checks a manifest; every fault is reported, not the first alone.
func parseManifest(data []byte) (*manifest, error) {
	var m manifest
	if err := yaml.Load(data, &m, yaml.WithKnownFields()); err != nil {
		return nil, err
	}
	return &m, m.check()
}

func (m *manifest) check() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if n := len([]rune(m.Display.Name)); n == 0 || n > 35 {
		fault("display_information.name must have 1 to 35 characters")
	}
	if len([]rune(m.Display.Description)) > 140 {
		fault("display_information.description must have at most 140 characters")
	}
	if n := len([]rune(m.Display.LongDescription)); n != 0 && (n < 175 || n > 4000) {
		fault("display_information.long_description must have 175 to 4000 characters")
	}
	if !m.Settings.SocketMode {
		fault("settings.socket_mode_enabled must be true: this Slack delivers through Socket Mode alone")
	}
	if len(m.Features.SlashCommands) > 50 {
		fault("features.slash_commands must have at most 50 commands")
	}
	seen := map[string]bool{}
	for _, c := range m.Features.SlashCommands {
		switch {
		case !commandName.MatchString(c.Command):
			fault("features.slash_commands: %q is no command (a slash, then up to 31 of a-z, 0-9, - and _)", c.Command)
		case seen[c.Command]:
			fault("features.slash_commands: %s is there twice", c.Command)
		case c.Description == "" || len([]rune(c.Description)) > 2000:
			fault("features.slash_commands: %s needs a description of at most 2000 characters", c.Command)
		case len([]rune(c.UsageHint)) > 1000:
			fault("features.slash_commands: the usage hint of %s must have at most 1000 characters", c.Command)
		}
		seen[c.Command] = true
	}
	if len(seen) > 0 && !m.granted("commands") {
		fault("features.slash_commands needs the scope commands in oauth_config.scopes.bot")
	}
	faults = append(faults, m.checkShortcuts()...)
	for _, event := range m.Settings.Events.Bot {
		if scope, _ := eventScope(event); scope != "" && !m.granted(scope) {
			fault("settings.event_subscriptions.bot_events: %s needs the scope %s in oauth_config.scopes.bot", event, scope)
		}
	}
	return errors.Join(faults...)
}

func (m *manifest) checkShortcuts() []error {
	var faults []error
	for _, c := range m.Features.Shortcuts {
		if c.Name == "" || len([]rune(c.Name)) > 24 || c.CallbackID == "" || len([]rune(c.CallbackID)) > 255 ||
			c.Description == "" || len([]rune(c.Description)) > 150 || (c.Type != "global" && c.Type != "message") {
			faults = append(faults, fmt.Errorf("features.shortcuts: %q needs a name (24 characters), callback_id (255), "+
				"description (150) and type (global or message)", c.Name))
		}
	}
	if len(m.Features.Shortcuts) > 0 && !m.granted("commands") {
		faults = append(faults, errors.New("features.shortcuts needs the scope commands in oauth_config.scopes.bot"))
	}
	return faults
}

// granted says whether the app was installed with the scope.
func (m *manifest) granted(scope string) bool { return slices.Contains(m.OAuth.Scopes.Bot, scope) }

func (m *manifest) subscribed(event string) bool {
	return slices.Contains(m.Settings.Events.Bot, event)
}

func (m *manifest) command(name string) *slashCommand {
	for i := range m.Features.SlashCommands {
		if m.Features.SlashCommands[i].Command == name {
			return &m.Features.SlashCommands[i]
		}
	}
	return nil
}

func (m *manifest) shortcut(callbackID string) *shortcut {
	for i := range m.Features.Shortcuts {
		if m.Features.Shortcuts[i].CallbackID == callbackID {
			return &m.Features.Shortcuts[i]
		}
	}
	return nil
}

// writable says whether people can write to the app in its direct messages. Slack makes the messages tab read-only
// unless the manifest says otherwise.
func (m *manifest) writable() bool {
	home := m.Features.AppHome
	return home.Messages && home.ReadOnly != nil && !*home.ReadOnly
}
