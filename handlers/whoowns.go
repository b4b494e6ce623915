package handlers

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"bellhop/catalog"
	"bellhop/chat"
)

// Answers tells what a text is about; catalog.Asker does.
type Answers interface {
	Ask(ctx context.Context, q catalog.Question) (catalog.Answer, error)
}

// Owners tells who answers for what; catalog.Catalog does.
type Owners interface {
	Owner(ctx context.Context, e catalog.Entity) (catalog.Ownership, error)
	Owned(ctx context.Context, owner catalog.Ref) ([]catalog.Entity, error)
}

// Surroundings tells what an entity stands in relation to; catalog.Catalog does.
type Surroundings interface {
	Dependents(ctx context.Context, ref catalog.Ref) ([]catalog.Entity, error)
	Related(ctx context.Context, ref catalog.Ref, relation catalog.RelationType) ([]catalog.Entity, error)
}

// Profiles tells what is known of a Slack account.
type Profiles interface {
	Person(ctx context.Context, slackID string) (chat.Person, error)
}

// ChannelNames tells what a channel is called; empty where nobody may know.
type ChannelNames interface {
	ChannelName(ctx context.Context, id string) (string, error)
}

// CatalogAge tells how old and how large the catalog is; catalog.Catalog does.
type CatalogAge interface {
	Status(ctx context.Context) (catalog.Status, error)
}

// WhoOwnsDeps is what /who-owns needs.
type WhoOwnsDeps struct {
	Answers   Answers
	Entities  Entities
	Belonging Belonging
	Owners    Owners
	Around    Surroundings
	SlackIDs  SlackIDs
	Age       CatalogAge
	// Profiles gives the e-mail address of a mentioned person whom the catalog does not know by Slack id; nil where
	// there is no Slack.
	Profiles Profiles
	// Channels names channels that Slack tells by id alone; nil where there is no Slack.
	Channels ChannelNames
	// WebURL is where repositories are seen, with a slash at its end; empty is https://github.com/.
	WebURL string
}

// whoOwns answers `/who-owns`.
type whoOwns struct{ WhoOwnsDeps }

// whoOwnsCommand is the row of /who-owns.
func whoOwnsCommand(deps WhoOwnsDeps) chat.Command {
	deps.WebURL = cmp.Or(deps.WebURL, "https://github.com/")
	h := whoOwns{deps}
	return chat.Command{
		Name: "who-owns", Slash: true,
		Words:    []string{"who is responsible for", "who's responsible for", "who is the owner of", "who owns", "owner of"},
		Usage:    "ANYTHING",
		Summary:  "says which team owns something and where to ask: a name, an address, a file, a channel, a person, a pasted stack trace",
		Examples: []string{"payments", "acme/checkout", "Team Ledger"},
		Feature:  chat.Ask, Role: chat.Anyone, Run: h.run,
		Actions: []chat.CommandAction{
			{Name: "show", Run: h.show, Options: entityOptions(deps.Entities, deps.Belonging, "")},
			{Name: "message", Shortcut: "Who owns this?", Run: h.message},
		},
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

// message answers for a message that somebody else wrote.
func (h whoOwns) message(ctx context.Context, r chat.Request) (chat.Reply, error) {
	reply, err := h.aboutMessage(ctx, r)
	if err != nil {
		return chat.Reply{}, fmt.Errorf("who-owns.message: %w", err)
	}
	return reply, nil
}

// maxNameWords is how many words a name has at most; more are pasted.
const maxNameWords = 5

func (h whoOwns) answer(ctx context.Context, r chat.Request, text string) (chat.Reply, error) {
	words := withoutArticle(chat.Words(text))
	asked := chat.JoinWords(words)
	if asked == "" {
		return chat.Reply{}, chat.ErrorWith(
			"Of what do you want to know the owner? Type a name behind the command, for example: /who-owns payments",
			chat.Menu{Label: "Or look for it here", Action: "who-owns.show", Searched: true})
	}
	if found, meant, err := h.mentioned(ctx, r, text, asked); err != nil || meant {
		if err != nil {
			return chat.Reply{}, err
		}
		return h.about(ctx, asked, catalog.Answer{Found: found})
	}
	if len(words) > maxNameWords {
		asked = chat.AsTyped(strings.TrimSpace(text))
	}
	answer, err := h.ask(ctx, r, catalog.Question{Text: asked})
	if err != nil {
		return chat.Reply{}, err
	}
	if !answer.Is() {
		return chat.Reply{}, h.notFound(ctx, r, asked, answer)
	}
	return h.about(ctx, asked, answer)
}

// ask asks with the asker's own teams first.
func (h whoOwns) ask(ctx context.Context, r chat.Request, q catalog.Question) (catalog.Answer, error) {
	mine, err := teamsOf(ctx, h.Belonging, r.Person)
	if err != nil {
		return catalog.Answer{}, err
	}
	q.Mine = refsOf(mine)
	return h.Answers.Ask(ctx, q)
}

// aboutMessage answers for what a message says, else for whom or what channel it mentions, else for where it stands.
func (h whoOwns) aboutMessage(ctx context.Context, r chat.Request) (chat.Reply, error) {
	answer, err := h.ask(ctx, r, catalog.Question{Text: chat.AsTyped(r.Text), Message: true})
	if err != nil {
		return chat.Reply{}, err
	}
	if answer.Is() {
		return h.about(ctx, "", answer)
	}
	if found, err := h.mentionedWithin(ctx, r.Text); err != nil || len(found) > 0 {
		if err != nil {
			return chat.Reply{}, err
		}
		return h.about(ctx, "", catalog.Answer{Found: found})
	}
	nothing := "Nothing in this message leads to anything in the catalog: no address, package, host, file or name."
	teams, err := h.Belonging.TeamsOfChannel(ctx, r.Place.Channel, r.Place.Name)
	if err != nil {
		return chat.Reply{}, err
	}
	if len(teams) == 0 {
		return chat.Reply{}, chat.ErrorWith(nothing, chat.Menu{Label: "Look for it here", Action: "who-owns.show", Searched: true})
	}
	return chat.Reply{}, chat.ErrorWith(nothing+" This channel is where to ask "+displays(teams)+".", tryButtons(teams[:min(len(teams), 5)]))
}

// about answers with what was found.
func (h whoOwns) about(ctx context.Context, asked string, a catalog.Answer) (chat.Reply, error) {
	if len(a.Found) > 1 {
		return h.aboutSeveral(ctx, asked, a)
	}
	if len(a.Found) == 1 {
		switch e := a.Found[0]; {
		case e.Is(catalog.KindGroup):
			return h.aboutTeam(ctx, e)
		case e.Is(catalog.KindUser):
			return h.aboutPerson(ctx, e)
		}
	}
	return h.aboutEntity(ctx, a)
}

// withoutArticle drops what may stand before a name in a sentence.
func withoutArticle(words []chat.Word) []chat.Word {
	if len(words) > 1 && words[0].Is("the", "our", "this", "that") {
		return words[1:]
	}
	return words
}

// notFound asks for what is missing, offers the nearest names, or says why there can be none.
func (h whoOwns) notFound(ctx context.Context, r chat.Request, asked string, a catalog.Answer) error {
	if a.File != "" {
		return h.whichRepository(ctx, r, a.File)
	}
	said := shorten(asked, 100)
	clues := catalog.Clues(asked)
	isEmail := len(clues) > 0 && clues[0].Kind == catalog.ClueEmail && clues[0].Text == asked
	if len(a.Near) > 0 && !isEmail {
		return chat.ErrorWith(fmt.Sprintf("Nothing in the catalog is called %q. The nearest names are these:", said), tryButtons(a.Near))
	}
	status, err := h.Age.Status(ctx)
	switch {
	case err != nil:
		return err
	case status.RefreshedAt.IsZero():
		return chat.Errorf("The catalog has not been read yet. Ask again in a moment.")
	case status.Entities == 0:
		return chat.Errorf("The catalog is empty. Whoever runs Bellhop names descriptors under catalog.locations in its configuration.")
	case strings.Contains(asked, "://"):
		return chat.Errorf("Nothing in the catalog has a link to %s, or to anything above it. A link among those of its descriptor would tell me.", said)
	}
	look := chat.Menu{Label: "Look for it here", Action: "who-owns.show", Searched: true}
	switch {
	case isEmail:
		return chat.ErrorWith(fmt.Sprintf("Nobody in the catalog has the e-mail address %s. A User or a Group says so under spec.profile.email.", said), look)
	case len(chat.Words(asked)) <= maxNameWords:
		return chat.ErrorWith(fmt.Sprintf("Nothing in the catalog is called %q, or anything like it.", said), look)
	}
	return chat.ErrorWith("Nothing in this text leads to anything in the catalog: no address, package, host, file or name.", look)
}

// whichRepository asks where a file is, with the repositories of the channel's teams and of the asker's to press.
func (h whoOwns) whichRepository(ctx context.Context, r chat.Request, file string) error {
	const most = 5
	here, err := h.Belonging.TeamsOfChannel(ctx, r.Place.Channel, r.Place.Name)
	if err != nil {
		return err
	}
	mine, err := teamsOf(ctx, h.Belonging, r.Person)
	if err != nil {
		return err
	}
	var buttons chat.Buttons
	for _, team := range slices.Concat(here, mine) {
		owned, err := h.Owners.Owned(ctx, team.Ref)
		if err != nil {
			return err
		}
		for _, e := range owned {
			b := chat.Button{Label: shorten(called(e), 70), Action: ActionTry, Value: "who-owns " + file + " of " + e.Ref.String()}
			if _, ok := e.Repository(); ok && len(buttons) < most && !slices.Contains(buttons, b) {
				buttons = append(buttons, b)
			}
		}
	}
	message := fmt.Sprintf("In which repository is %s? Say it like this: /who-owns %s of payments", shorten(file, 100), shorten(file, 100))
	if len(buttons) == 0 {
		return chat.Errorf("%s", message)
	}
	return chat.ErrorWith(message, buttons)
}

// choice asks which of several is meant.
func choice(asked string, found []catalog.Entity) chat.Reply {
	return chat.Reply{
		Headline: chat.Textf("%q may be any of %d. Which one?", shorten(asked, 100), len(found)),
		Parts:    []chat.Part{choose(found)},
	}
}

// choose lets one of several be pressed, or chosen where they are many.
func choose(found []catalog.Entity) chat.Part {
	const buttons = 5
	if len(found) <= buttons {
		return tryButtons(found)
	}
	menu := chat.Menu{Label: "Which one?", Action: "who-owns.show"}
	for _, e := range found[:min(len(found), 100)] { // Slack: 100 options
		menu.Options = append(menu.Options, chat.Option{Label: label(e), Value: e.Ref.String()})
	}
	return menu
}
