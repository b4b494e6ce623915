package handlers

import (
	"context"
	"fmt"

	"bellhop/catalog"
	"bellhop/chat"
)

// ActionAdopt opens the pull request with the first descriptor of what is provisional; its value is the entity's reference.
const ActionAdopt = "adopt.start"

// AdoptDeps is what /bellhop adopt needs.
type AdoptDeps struct {
	Entities Entities
	Propose  ProposeDeps
}

// adoptable tells whether a pull request can describe what GitHub alone tells of so far: archived repositories take none.
func adoptable(e catalog.Entity) bool {
	_, ok := e.Repository()
	return ok && e.Provisional() && e.Is(catalog.KindComponent) && !isArchived(e)
}

// isArchived tells whether something provisional is of an archived repository; nothing else makes it deprecated.
func isArchived(e catalog.Entity) bool { return e.Provisional() && e.Lifecycle() == "deprecated" }

// adoptButton opens the pull request that describes what GitHub alone tells of so far.
func adoptButton(e catalog.Entity) chat.Button {
	return chat.Button{Label: "Adopt", Action: ActionAdopt, Value: e.Ref.String(), Confirm: &chat.Confirm{
		Title: "Describe it?", Question: "This opens a pull request in its repository, with a descriptor that names what GitHub tells. Whoever owns it can correct that there.",
		Yes: "Open it", No: "Not now"}}
}

// adoptHandler answers `/bellhop adopt`.
type adoptHandler struct{ AdoptDeps }

// adoptCommand is the row of /bellhop adopt.
func adoptCommand(d AdoptDeps) chat.Command {
	h := adoptHandler{d}
	return chat.Command{
		Name: "adopt", Usage: "NAME",
		Summary:  "opens the pull request with a first descriptor for a repository that has none",
		Examples: []string{"legacy-mailer", "acme/price-scraper"},
		Feature:  chat.Ask, Role: chat.Members, Changes: true, Run: h.run,
		Actions: []chat.CommandAction{{Name: "start", Role: chat.Members, Changes: true, Run: h.start}},
	}
}

// start answers the button.
func (h adoptHandler) start(ctx context.Context, r chat.Request) (chat.Reply, error) {
	r.Text = r.Action.Value
	return h.run(ctx, r)
}

func (h adoptHandler) run(ctx context.Context, r chat.Request) (chat.Reply, error) {
	if len(chat.Words(r.Text)) == 0 {
		return chat.Reply{}, chat.Errorf("Adopt what? Type the name of a repository without a descriptor behind the command, for example: /bellhop adopt legacy-mailer")
	}
	e, err := oneOf(ctx, h.Entities, r.Text, "adopt", sort{"repository without a descriptor", adoptable})
	if err != nil {
		return chat.Reply{}, fmt.Errorf("adopt: %w", err)
	}
	slug, inRepository := e.Repository()
	switch {
	case !e.Provisional():
		return chat.Reply{}, chat.ErrorWith(fmt.Sprintf("%s has a descriptor already: %s, line %d.", e.Name, e.Source.File, e.Source.Line), chat.Buttons{cardButton(e)})
	case isArchived(e):
		return chat.Reply{}, chat.Errorf("%s is archived on GitHub, where nothing can be changed any more.", slug)
	case !e.Is(catalog.KindComponent) || !inRepository:
		return chat.Reply{}, chat.Errorf("%s is a %s, of which GitHub itself keeps what it is. Only what has a repository can be adopted.", e.Display(), kindWord(e))
	}
	reply, err := h.Propose.propose(ctx, r, e, catalog.Proposal{
		Repository: slug, Path: catalog.DescriptorFile, Branch: "bellhop/describe-" + e.Name, Title: "Describe " + e.Name + " in the catalog",
		Body: "The catalog knows this repository only by what GitHub tells. With this file the team itself says what it is and whose: please read it over, the owner above all.",
		Edit: func(old []byte) ([]byte, error) {
			if old != nil {
				return nil, chat.Errorf("%s has a %s already that the catalog has not taken in yet, or could not read: see /bellhop problems.", slug, catalog.DescriptorFile)
			}
			return catalog.NewDescriptor(e)
		},
	})
	if err != nil {
		return chat.Reply{}, fmt.Errorf("adopt: %w", err)
	}
	return reply, nil
}
