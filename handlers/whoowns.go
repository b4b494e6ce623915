package handlers

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"bellhop/catalog"
	"bellhop/chat"
)

// Finder finds what is in the catalog; catalog.Catalog does.
type Finder interface {
	Find(ctx context.Context, text string, mine ...catalog.Ref) (catalog.Found, error)
	Search(ctx context.Context, prefix string, kinds []string, limit int) ([]catalog.Entity, error)
	UserFor(ctx context.Context, slackID, email string) (catalog.Entity, bool, error)
	TeamsOfChannel(ctx context.Context, channelID, channelName string) ([]catalog.Entity, error)
	Status(ctx context.Context) (catalog.Status, error)
}

// Owners tells who answers for what; catalog.Catalog does.
type Owners interface {
	Owner(ctx context.Context, e catalog.Entity) (catalog.Ownership, error)
	Owned(ctx context.Context, owner catalog.Ref) ([]catalog.Entity, error)
	Teams(ctx context.Context, user catalog.Ref) ([]catalog.Entity, error)
	Dependents(ctx context.Context, ref catalog.Ref) ([]catalog.Entity, error)
	Related(ctx context.Context, ref catalog.Ref, relation catalog.RelationType) ([]catalog.Entity, error)
	SlackIDOf(user catalog.Entity) string
}

// Profiles tells what is known of a Slack account.
type Profiles interface {
	Person(ctx context.Context, slackID string) (chat.Person, error)
}

// WhoOwnsDeps is what /who-owns needs.
type WhoOwnsDeps struct {
	Finder Finder
	Owners Owners
	// Profiles gives the e-mail address of a mentioned person whom the catalog does not know by Slack id; nil where
	// there is no Slack.
	Profiles Profiles
	// WebURL is where repositories are seen, with a slash at its end; empty is https://github.com/.
	WebURL string
}

// whoOwns answers `/who-owns`.
type whoOwns struct{ WhoOwnsDeps }

// whoOwnsCommand is the row of /who-owns.
func whoOwnsCommand(deps WhoOwnsDeps) chat.Command {
	if deps.WebURL == "" {
		deps.WebURL = "https://github.com/"
	}
	h := whoOwns{deps}
	return chat.Command{
		Name: "who-owns", Slash: true,
		Words:    []string{"who is responsible for", "who's responsible for", "who is the owner of", "who owns", "owner of"},
		Usage:    "NAME",
		Summary:  "says which team owns something, where to ask, who is in it and what depends on it",
		Examples: []string{"payments", "acme/checkout", "Team Ledger"},
		Feature:  chat.Ask, Role: chat.Anyone, Run: h.run,
		Actions: []chat.CommandAction{{Name: "show", Run: h.show, Options: h.options}},
	}
}

// run answers what was typed.
func (h whoOwns) run(ctx context.Context, r chat.Request) (chat.Reply, error) {
	reply, err := h.answer(ctx, r, r.Text)
	if err != nil {
		return chat.Reply{}, fmt.Errorf("who-owns: %w", err)
	}
	return reply, nil
}

// show answers what was chosen in a menu.
func (h whoOwns) show(ctx context.Context, r chat.Request) (chat.Reply, error) {
	r.Text = r.Action.Value
	return h.run(ctx, r)
}

// options completes a name while somebody types it.
func (h whoOwns) options(ctx context.Context, r chat.Request) ([]chat.Option, error) {
	const shown = 50
	found, err := h.Finder.Search(ctx, r.Action.Value, nil, shown)
	if err != nil {
		return nil, fmt.Errorf("who-owns options: %w", err)
	}
	options := make([]chat.Option, 0, len(found))
	for _, e := range found {
		options = append(options, chat.Option{Label: label(e), Value: e.Ref.String()})
	}
	return options, nil
}

func (h whoOwns) answer(ctx context.Context, r chat.Request, text string) (chat.Reply, error) {
	asked := chat.JoinWords(withoutArticle(chat.Words(text)))
	if asked == "" {
		return chat.Reply{}, chat.ErrorWith(
			"Of what do you want to know the owner? Type a name behind the command, for example: /who-owns payments",
			chat.Menu{Label: "Or look for it here", Action: "who-owns.show", Searched: true})
	}
	if found, meant, err := h.mentioned(ctx, r, text, asked); err != nil || meant {
		if err != nil {
			return chat.Reply{}, err
		}
		return h.about(ctx, asked, found)
	}
	found, err := h.find(ctx, asked)
	if err != nil {
		return chat.Reply{}, err
	}
	if len(found.Exact) == 0 {
		return chat.Reply{}, h.notFound(ctx, asked, found.Near)
	}
	return h.about(ctx, asked, found.Exact)
}

func (h whoOwns) about(ctx context.Context, asked string, found []catalog.Entity) (chat.Reply, error) {
	if len(found) > 1 {
		return choice(asked, found), nil
	}
	switch e := found[0]; {
	case e.Is(catalog.KindGroup):
		return h.aboutTeam(ctx, e)
	case e.Is(catalog.KindUser):
		return h.aboutPerson(ctx, e)
	default:
		return h.aboutEntity(ctx, e)
	}
}

// find looks for the words as they stand, and then without a word for the kind of thing: "payments service".
func (h whoOwns) find(ctx context.Context, asked string) (catalog.Found, error) {
	found, err := h.Finder.Find(ctx, asked)
	if err != nil || len(found.Exact) > 0 {
		return found, err
	}
	for _, shorter := range withoutKind(asked) {
		other, err := h.Finder.Find(ctx, shorter)
		if err != nil || len(other.Exact) > 0 {
			return other, err
		}
	}
	return found, nil
}

// withoutKind gives the text without a first or last word that only says what sort of thing is meant.
func withoutKind(asked string) []string {
	words := strings.Fields(asked)
	if len(words) < 2 {
		return nil
	}
	var shorter []string
	if isKindWord(words[len(words)-1]) {
		shorter = append(shorter, strings.Join(words[:len(words)-1], " "))
	}
	if isKindWord(words[0]) {
		shorter = append(shorter, strings.Join(words[1:], " "))
	}
	return shorter
}

func isKindWord(word string) bool {
	switch strings.ToLower(word) {
	case "service", "component", "library", "website", "api", "resource", "database", "system", "domain", "team", "group", "repo", "repository":
		return true
	}
	return false
}

// withoutArticle drops what may stand before a name in a sentence.
func withoutArticle(words []chat.Word) []chat.Word {
	if len(words) > 1 && words[0].Is("the", "our", "this", "that") {
		return words[1:]
	}
	return words
}

var (
	slackUser    = regexp.MustCompile(`^<@([UW][A-Z0-9]+)(?:\|[^>]*)?>\??$`)
	slackChannel = regexp.MustCompile(`^<#(C[A-Z0-9]+)(?:\|([^>]*))?>\??$`)
	slackGroup   = regexp.MustCompile(`^<!subteam\^S[A-Z0-9]+(?:\|@?([^>]*))?>\??$`)
	typedChannel = regexp.MustCompile(`^#([^\s#]+)$`)
)

// mentioned reads a person, the asker, a user group or a channel; meant is false for everything else.
func (h whoOwns) mentioned(ctx context.Context, r chat.Request, text, asked string) (found []catalog.Entity, meant bool, err error) {
	text = strings.TrimSpace(text)
	if m := slackUser.FindStringSubmatch(text); m != nil {
		e, err := h.person(ctx, m[1])
		return []catalog.Entity{e}, true, err
	}
	if strings.EqualFold(asked, "me") && r.Person.ID != "" {
		e, err := h.account(ctx, r.Person)
		return []catalog.Entity{e}, true, err
	}
	if m := slackGroup.FindStringSubmatch(text); m != nil {
		return h.userGroup(ctx, m[1])
	}
	var id, name string
	if m := slackChannel.FindStringSubmatch(text); m != nil {
		id, name = m[1], m[2]
	} else if m := typedChannel.FindStringSubmatch(asked); m != nil {
		name = m[1]
	} else {
		return nil, false, nil
	}
	found, err = h.Finder.TeamsOfChannel(ctx, id, name)
	if err == nil && len(found) == 0 {
		err = chat.Errorf("No team in the catalog names the channel #%s as its own. A team does so by the annotation slack.com/channel.", orElse(name, id))
	}
	return found, true, err
}

// userGroup is what the catalog has under a user group's handle: teams are mostly called alike in both.
func (h whoOwns) userGroup(ctx context.Context, handle string) (found []catalog.Entity, meant bool, err error) {
	if handle == "" {
		return nil, true, chat.Errorf("Slack did not tell me what this group is called. Type the team's name instead.")
	}
	named, err := h.Finder.Find(ctx, handle)
	if err == nil && len(named.Exact) == 0 {
		err = h.notFound(ctx, handle, named.Near)
	}
	return named.Exact, true, err
}

// person is the catalog's User of a mentioned Slack account.
func (h whoOwns) person(ctx context.Context, slackID string) (catalog.Entity, error) {
	e, ok, err := h.Finder.UserFor(ctx, slackID, "")
	if err != nil || ok {
		return e, err
	}
	p := chat.Person{ID: slackID}
	if h.Profiles != nil {
		if p, err = h.Profiles.Person(ctx, slackID); err != nil {
			var told *chat.UserError
			if !errors.As(err, &told) {
				return catalog.Entity{}, fmt.Errorf("look up %s: %w", slackID, err)
			}
			p = chat.Person{ID: slackID} // Slack does not tell about everybody
		}
	}
	return h.account(ctx, p)
}

func (h whoOwns) account(ctx context.Context, p chat.Person) (catalog.Entity, error) {
	e, ok, err := h.Finder.UserFor(ctx, p.ID, p.Email)
	if err == nil && !ok {
		err = chat.Errorf("%s is not in the catalog, so I know no team of theirs. A User with the annotation slack.com/user-id: %s would tell me.", orElse(p.Name, "This person"), p.ID)
	}
	return e, err
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// notFound offers the nearest names, or says why there can be none.
func (h whoOwns) notFound(ctx context.Context, asked string, near []catalog.Entity) error {
	asked = shorten(asked, 100)
	if len(near) > 0 {
		return chat.ErrorWith(fmt.Sprintf("Nothing in the catalog is called %q. The nearest names are these:", asked), tryButtons(near))
	}
	status, err := h.Finder.Status(ctx)
	if err != nil {
		return err
	}
	if status.RefreshedAt.IsZero() {
		return chat.Errorf("The catalog has not been read yet. Ask again in a moment.")
	}
	return chat.Errorf("The catalog is empty. Whoever runs Bellhop names descriptors under catalog.locations in its configuration.")
}

// choice asks which of several is meant.
func choice(asked string, found []catalog.Entity) chat.Reply {
	const buttons = 5
	reply := chat.Reply{Headline: chat.Textf("%q may be any of %d. Which one?", shorten(asked, 100), len(found))}
	if len(found) <= buttons {
		reply.Parts = append(reply.Parts, tryButtons(found))
		return reply
	}
	menu := chat.Menu{Label: "Which one?", Action: "who-owns.show"}
	for _, e := range found[:min(len(found), 100)] { // Slack: 100 options
		menu.Options = append(menu.Options, chat.Option{Label: label(e), Value: e.Ref.String()})
	}
	reply.Parts = append(reply.Parts, menu)
	return reply
}

// tryButtons ask about entities. They are called by their names, with their kinds where names alone do not tell them apart.
func tryButtons(entities []catalog.Entity) chat.Buttons {
	times := map[string]int{}
	for _, e := range entities {
		times[strings.ToLower(called(e))]++
	}
	var buttons chat.Buttons
	for _, e := range entities {
		b := chat.Button{Label: shorten(called(e), 70), Action: ActionTry, Value: "who-owns " + e.Ref.String()} // Slack: 75 characters
		if times[strings.ToLower(called(e))] > 1 {
			b.Label = label(e)
		}
		buttons = append(buttons, b)
	}
	return buttons
}

// called is the name that people know an entity by: teams and people have titles, everything else is what one types.
func called(e catalog.Entity) string {
	if e.Is(catalog.KindGroup) || e.Is(catalog.KindUser) {
		return e.Display()
	}
	return e.Name
}

// label is an entity's name with what it is, short enough for a button or an option: Slack takes 75 characters.
func label(e catalog.Entity) string {
	return shorten(called(e), 50) + " (" + shorten(kindWord(e), 20) + ")"
}

// kindWord is what people call the kind of an entity: a component by its type.
func kindWord(e catalog.Entity) string {
	switch {
	case e.Is(catalog.KindComponent) && e.Type() != "":
		return e.Type()
	case e.Is(catalog.KindGroup):
		return "team"
	case e.Is(catalog.KindUser):
		return "person"
	case e.Is(catalog.KindAPI):
		return "API"
	}
	return strings.ToLower(e.Kind)
}
