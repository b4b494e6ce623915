package handlers

import (
	"context"
	"fmt"

	"bellhop/accounts"
	"bellhop/catalog"
	"bellhop/chat"
	"bellhop/environments"
)

// LinkedAccounts tells which GitHub login people have shown to be theirs; accounts.Directory does.
type LinkedAccounts interface {
	Linked(person string) (accounts.Link, bool)
	Unlink(ctx context.Context, person string) error
}

// AccountLinks begins what links a person to their GitHub login; accounts.Linker does.
type AccountLinks interface {
	Start(ctx context.Context, p chat.Person) (catalog.DeviceCode, error)
}

// MeDeps is what /bellhop me needs.
type MeDeps struct {
	Belonging Belonging
	Accounts  LinkedAccounts
	// Links is nil where GitHub's device flow is not configured.
	Links   AccountLinks
	Changes Changes
}

// meHandler answers `/bellhop me`.
type meHandler struct{ MeDeps }

// meCommand is the row of /bellhop me.
func meCommand(d MeDeps) chat.Command {
	h := meHandler{d}
	return chat.Command{
		Name: "me", Words: []string{"who am I", "link my GitHub account"},
		Summary: "says who you are in the catalog and at GitHub, and links the two",
		Feature: chat.Ask, Run: h.run,
		Actions: []chat.CommandAction{
			{Name: "link", Role: chat.Members, Changes: true, Run: h.link},
			{Name: "unlink", Role: chat.Members, Changes: true, Run: h.unlink},
		},
	}
}

func (h meHandler) run(ctx context.Context, r chat.Request) (chat.Reply, error) {
	if r.Person.ID == "" {
		return chat.Reply{}, chat.Errorf("Nobody is signed in to a terminal. Ask in Slack: /bellhop me")
	}
	user, known, err := h.Belonging.UserFor(ctx, r.Person.ID, r.Person.Email)
	if err != nil {
		return chat.Reply{}, fmt.Errorf("me: %w", err)
	}
	link, linked := h.Accounts.Linked(r.Person.ID)
	reply := chat.Reply{Headline: chat.Textf("I do not know yet who you are at GitHub")}
	switch {
	case known:
		teams, err := h.Belonging.Teams(ctx, user.Ref)
		if err != nil {
			return chat.Reply{}, fmt.Errorf("me: %w", err)
		}
		reply.Headline = chat.Textf("You are %s", knownAs(user, teams))
	case linked:
		reply.Headline = chat.Textf("You are %s at GitHub, whom the catalog does not know yet", link.Login)
	}
	switch {
	case linked:
		reply.Parts = append(reply.Parts, chat.Context{Text: append(chat.Textf("You linked %s at GitHub yourself, ", link.Login), chat.Moment{At: link.At})},
			chat.Buttons{{Label: "Unlink", Action: "me.unlink", Style: chat.Danger, Confirm: &chat.Confirm{
				Title: "Unlink your account?", Question: "I then no longer know that you are " + link.Login + " at GitHub.", Yes: "Unlink", No: "Keep"}}})
	case known: // by what the operator says; there is nothing to add
	case h.Links == nil:
		reply.Parts = append(reply.Parts, chat.Context{Text: chat.Textf("Linking accounts is not set up here: whoever runs Bellhop sets `GITHUB_CLIENT_ID`. Or a User in the catalog says it with the annotation `slack.com/user-id: %s`.", r.Person.ID)})
	default:
		reply.Parts = append(reply.Parts, chat.Buttons{{Label: "Link my GitHub account", Action: "me.link", Style: chat.Primary}},
			chat.Context{Text: chat.Textf("GitHub tells me your login and nothing else; I get no access to anything of yours.")})
	}
	return reply, nil
}

// knownAs is a person of the catalog: `Alice Moreau of Team Ledger, alice at GitHub`.
func knownAs(user catalog.Entity, teams []catalog.Entity) string {
	said := user.Display()
	if len(teams) > 0 {
		said += " of " + displays(teams)
	}
	return said + ", " + user.Login() + " at GitHub"
}

// link begins a device flow. Its end is told in the person's direct messages.
func (h meHandler) link(ctx context.Context, r chat.Request) (chat.Reply, error) {
	if h.Links == nil {
		return chat.Reply{}, chat.Errorf("Linking accounts is not set up here any more.")
	}
	code, err := h.Links.Start(ctx, r.Person)
	if err != nil {
		return chat.Reply{}, fmt.Errorf("me: %w", err)
	}
	return chat.Reply{
		Headline: append(chat.Textf("Type `%s` at ", code.UserCode), chat.Link{URL: code.URL}),
		Parts: []chat.Part{
			chat.Buttons{{Label: "Open GitHub", URL: code.URL, Style: chat.Primary}},
			chat.Context{Text: append(append(chat.Textf("The code holds until "), chat.Moment{At: code.Expires, Style: chat.TimeOnly}),
				chat.Plain(". I write to you when it is done. Type only a code that you have just asked for yourself: who gives you theirs would become you here."))},
		},
	}, nil
}

// unlink forgets what the person has shown.
func (h meHandler) unlink(ctx context.Context, r chat.Request) (chat.Reply, error) {
	if _, linked := h.Accounts.Linked(r.Person.ID); !linked {
		return chat.Reply{Headline: chat.Textf("No GitHub account is linked to you.")}, nil
	}
	if err := h.Accounts.Unlink(ctx, r.Person.ID); err != nil {
		return chat.Reply{}, fmt.Errorf("me: %w", err)
	}
	if err := h.Changes.RecordChange(ctx, r, environments.Change{Event: environments.EventAccount, What: "unlinked a GitHub account"}); err != nil {
		return chat.Reply{}, fmt.Errorf("me: %w", err)
	}
	return chat.Reply{To: chat.InPlace, Headline: chat.Textf("Your GitHub account is linked no longer.")}, nil
}

// AccountNews tells people how linking their accounts ended. It satisfies accounts.Teller.
type AccountNews struct {
	Poster    Poster
	Belonging Belonging
	Changes   Changes
}

var _ accounts.Teller = AccountNews{}

// Ended implements accounts.Teller.
func (n AccountNews) Ended(ctx context.Context, f accounts.Flow, outcome accounts.Outcome, login string) error {
	person := chat.Person{ID: f.Person, Email: f.Email}
	var reply chat.Reply
	switch outcome {
	case accounts.Linked:
		r := chat.Request{Person: person, Place: chat.Place{Kind: chat.Direct}}
		if err := n.Changes.RecordChange(ctx, r, environments.Change{Event: environments.EventAccount, What: "linked a GitHub account"}); err != nil {
			return err
		}
		var err error
		if reply, err = n.linked(ctx, person, login); err != nil {
			return err
		}
	case accounts.Expired:
		reply.Headline = chat.Textf("Nobody typed the code at GitHub in time, so nothing was linked. Ask again: `/bellhop me`")
	case accounts.Denied:
		reply.Headline = chat.Textf("At GitHub you said no, so nothing was linked.")
	case accounts.Taken:
		reply.Headline = chat.Textf("%s at GitHub is linked to somebody else's Slack account already, so nothing was linked. If that is you too, unlink it there with `/bellhop me`; if it is not, tell whoever runs Bellhop.", login)
	case accounts.Another:
		reply.Headline = chat.Textf("By the catalog %s at GitHub is somebody else's Slack account, so nothing was linked. If that is wrong, the User in the catalog has to be corrected.", login)
	}
	if _, err := n.Poster.Post(ctx, chat.Address{User: f.Person}, reply, ""); err != nil {
		return fmt.Errorf("tell %s: %w", f.Person, err)
	}
	return nil
}

// linked says who the person now is.
func (n AccountNews) linked(ctx context.Context, p chat.Person, login string) (chat.Reply, error) {
	user, known, err := n.Belonging.UserFor(ctx, p.ID, p.Email)
	if err != nil {
		return chat.Reply{}, err
	}
	if !known {
		return chat.Reply{Headline: chat.Textf("Linked: you are %s at GitHub. The catalog knows nobody of that login yet.", login)}, nil
	}
	teams, err := n.Belonging.Teams(ctx, user.Ref)
	if err != nil {
		return chat.Reply{}, err
	}
	return chat.Reply{Headline: chat.Textf("Linked: you are %s.", knownAs(user, teams))}, nil
}
