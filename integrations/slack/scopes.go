package slack

import (
	"slices"

	"bellhop/chat"
)

// Method is a method of Slack's Web API that Bellhop calls, with the scopes that it needs and what for. The table of
// them is the one place that knows scopes: the manifest, `bot check` and the client itself rest on it, and the client
// refuses to call a method that is not in it.
type Method struct {
	Name     string
	Scopes   []string       // of the bot token; empty where none is needed
	Features []chat.Feature // that call it; empty for all of them
	Reason   string         // why, for the people who approve the app
	Optional bool           // Bellhop does without, and says in Reason what is then missing
	AppToken bool           // called with the app-level token (its scope is connections:write)
}

// Event is something that Bellhop asks Slack to be told of.
type Event struct {
	Name     string // as it stands in the manifest: "app_mention"
	Scope    string // of the bot token; empty where none is needed
	Features []chat.Feature
	Reason   string
}

// CommandScope is what slash commands need.
const CommandScope = "commands"

// AppTokenScope is the scope of the app-level token.
const AppTokenScope = "connections:write"

// Slack's names of the methods called.
const (
	authTest          = "auth.test"
	connectionsOpen   = "apps.connections.open"
	chatPost          = "chat.postMessage"
	chatPostEphemeral = "chat.postEphemeral"
	chatUpdate        = "chat.update"
	chatPermalink     = "chat.getPermalink"
	viewsOpen         = "views.open"
	viewsUpdate       = "views.update"
	viewsPublish      = "views.publish"
	usersInfo         = "users.info"
	usersList         = "users.list"
	groupsList        = "usergroups.list"
	groupMembers      = "usergroups.users.list"
	channelsList      = "conversations.list"
	channelInfo       = "conversations.info"
	channelOpen       = "conversations.open"
	channelHistory    = "conversations.history"
	channelReplies    = "conversations.replies"
	fileUploadURL     = "files.getUploadURLExternal"
	fileComplete      = "files.completeUploadExternal"
	fileInfo          = "files.info"
	// responseURL is no method: a post to the address that came with a command or click. It needs no scope.
	responseURL = "response_url"
	// fileUpload is no method either: the bytes go to the address that files.getUploadURLExternal gave.
	fileUpload = "file upload"
)

// Methods is the table, in the order in which `bot manifest --explain` shows it.
func Methods() []Method {
	deploy, shown := []chat.Feature{chat.Deploy}, []chat.Feature{chat.Ask, chat.Tests}
	return []Method{
		{Name: authTest, Reason: "learns its own name and whether the token is good"},
		{Name: connectionsOpen, AppToken: true, Reason: "receives commands and clicks without a public address"},
		{Name: chatPost, Scopes: []string{"chat:write"}, Reason: "answers, and posts cards and summaries where it was invited"},
		{Name: chatPostEphemeral, Scopes: []string{"chat:write"}, Reason: "answers the asker alone"},
		{Name: chatUpdate, Scopes: []string{"chat:write"}, Reason: "keeps a deployment's one card up to date"},
		{Name: chatPermalink, Reason: "links to a card that is already there"},
		{Name: viewsOpen, Reason: "opens forms"},
		{Name: viewsUpdate, Reason: "changes an open form"},
		{Name: viewsPublish, Reason: "fills the app's home tab"},
		{Name: usersInfo, Scopes: []string{"users:read", "users:read.email"},
			Reason: "tells members from guests, knows people's time zones, and matches them to the catalog by their confirmed address"},
		{Name: usersList, Scopes: []string{"users:read"}, Features: []chat.Feature{chat.Ask}, Reason: "sends nobody to a colleague who has left"},
		{Name: channelOpen, Scopes: []string{"im:write"}, Reason: "writes to a person where it may not post in the channel"},
		{Name: channelsList, Scopes: []string{"channels:read"}, Reason: "finds the channels that configuration and catalog name"},
		{Name: channelInfo, Scopes: []string{"channels:read"}, Reason: "knows which team's channel a question was asked in"},
		{Name: groupsList, Scopes: []string{"usergroups:read"}, Features: deploy, Reason: "gives roles to user groups (slack:platform-team)"},
		{Name: groupMembers, Scopes: []string{"usergroups:read"}, Features: deploy, Reason: "gives roles to user groups (slack:platform-team)"},
		{Name: channelHistory, Scopes: []string{"channels:history", "groups:history"}, Features: deploy, Optional: true,
			Reason: "finds its own card again after a crash; without it the card is posted a second time and says so"},
		{Name: channelReplies, Scopes: []string{"channels:history", "groups:history"}, Features: deploy, Optional: true,
			Reason: "finds its own card in a thread again after a crash; without it the card is posted a second time and says so"},
		{Name: fileUploadURL, Scopes: []string{"files:write"}, Features: shown, Optional: true,
			Reason: "shows pictures in answers and summaries, and gives API definitions; without it pictures are shown as words"},
		{Name: fileComplete, Scopes: []string{"files:write"}, Features: shown, Optional: true,
			Reason: "shows pictures in answers and summaries, and gives API definitions; without it pictures are shown as words"},
		{Name: fileInfo, Scopes: []string{"files:read"}, Features: shown, Optional: true,
			Reason: "waits until Slack has taken in a picture; without it pictures are shown as links"},
	}
}

// Events is what Bellhop asks to be told of.
func Events() []Event {
	return []Event{
		{Name: "app_mention", Scope: "app_mentions:read", Reason: "is spoken to by @bellhop in channels and threads"},
		{Name: "message.im", Scope: "im:history", Reason: "is spoken to in direct messages"},
		{Name: "user_change", Scope: "users:read", Reason: "notices at once that somebody's account was deactivated"},
		{Name: "app_home_opened", Reason: "fills the home tab when it is opened"},
	}
}

// Scopes are the bot scopes that the features need together, sorted. Optional ones are among them when optional is set.
func Scopes(features []chat.Feature, optional bool) []string {
	scopes := []string{CommandScope}
	for _, m := range Methods() {
		if wanted(m.Features, features) && (optional || !m.Optional) {
			scopes = append(scopes, m.Scopes...)
		}
	}
	for _, e := range Events() {
		if e.Scope != "" && wanted(e.Features, features) {
			scopes = append(scopes, e.Scope)
		}
	}
	slices.Sort(scopes)
	return slices.Compact(scopes)
}

// wanted tells whether something for the features in of is needed when the ones in chosen are.
func wanted(of, chosen []chat.Feature) bool {
	return len(of) == 0 || slices.ContainsFunc(of, func(f chat.Feature) bool { return slices.Contains(chosen, f) })
}

// known tells whether the table has a method.
func known(method string) bool {
	return slices.ContainsFunc(Methods(), func(m Method) bool { return m.Name == method })
}
