package handlers

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"bellhop/catalog"
	"bellhop/chat"
	"bellhop/environments"
)

// Proposals opens pull requests; integrations/github does.
type Proposals interface {
	// Propose opens a pull request, or finds the one that is open already. catalog.ErrNothingToPropose tells that there is
	// nothing to change; an error of the proposal's Edit comes back as it is.
	Propose(ctx context.Context, p catalog.Proposal) (catalog.Proposed, error)
}

// Changes keeps a record of what was changed for people.
type Changes interface {
	RecordChange(ctx context.Context, r chat.Request, c environments.Change) error
}

// ProposeDeps is what buttons need that open pull requests.
type ProposeDeps struct {
	// Proposals is nil where no credentials for GitHub are given.
	Proposals Proposals
	Changes   Changes
	// WebURL is where repositories are seen, with a slash at its end; empty is https://github.com/.
	WebURL string
}

// mending is a change of one entity's descriptor.
type mending struct {
	// what is done, as a title: `Name platform as the owner of payments`. slug names it in the branch: `owner`.
	what, slug string
	// because says why, for who reads the pull request; a paragraph of Markdown or nothing.
	because string
	edit    func(file []byte) ([]byte, error)
	// byHand is what a person would write where Bellhop cannot: `owner: platform`.
	byHand string
}

// mend opens the pull request that changes an entity's descriptor.
func (d ProposeDeps) mend(ctx context.Context, r chat.Request, e catalog.Entity, m mending) (chat.Reply, error) {
	slug, ref, path, ok := e.Source.InRepository()
	if !ok {
		return chat.Reply{}, chat.Errorf("%s is described in %s, which is in no repository on GitHub that I could change. Write there by hand: `%s`", e.Name, e.Source.File, m.byHand)
	}
	reply, err := d.propose(ctx, r, e, catalog.Proposal{
		Repository: slug, Base: ref, Path: path, Edit: m.edit, Branch: "bellhop/" + m.slug + "-" + e.Name, Title: m.what, Body: m.because})
	switch {
	case errors.Is(err, catalog.ErrCannotEdit):
		return chat.Reply{}, d.byHand(e, m, slug, ref, path, "is written in a way that I cannot change safely")
	case errors.Is(err, catalog.ErrNotInFile):
		return chat.Reply{}, d.byHand(e, m, slug, ref, path, "does not describe it any more")
	case errors.Is(err, catalog.ErrNothingToPropose):
		return chat.Reply{Headline: chat.Textf("%s says so already. The catalog has it after its next refresh.", path)}, nil
	}
	return reply, err
}

// byHand tells what to write where.
func (d ProposeDeps) byHand(e catalog.Entity, m mending, slug, ref, path, why string) error {
	address := orElse(d.WebURL, "https://github.com/") + slug + "/blob/" + orElse(ref, "HEAD") + "/" + path
	return chat.ErrorWith(fmt.Sprintf("The descriptor of %s %s. Write there by hand: %s", e.Name, why, m.byHand),
		chat.Buttons{{Label: "Open the file", URL: address}})
}

// propose opens a pull request for who asks, and keeps a record of it.
func (d ProposeDeps) propose(ctx context.Context, r chat.Request, e catalog.Entity, p catalog.Proposal) (chat.Reply, error) {
	if d.Proposals == nil {
		return chat.Reply{}, chat.Errorf("I have no access to GitHub here, so I can open no pull request. Whoever runs Bellhop gives it a token or an App.")
	}
	p.Body = strings.TrimSpace(p.Body + "\n\nAsked for in Slack by " + codeSpan(orElse(r.Person.Name, "somebody")) + ", opened by Bellhop. Merge it if it is right, close it if it is not.")
	proposed, err := d.Proposals.Propose(ctx, p)
	if err != nil {
		return chat.Reply{}, fmt.Errorf("propose %q: %w", p.Title, err)
	}
	name := fmt.Sprintf("%s #%d", p.Repository, proposed.Number)
	open := chat.Buttons{{Label: "Look at it", URL: proposed.URL, Style: chat.Primary}}
	if proposed.Found {
		return chat.Reply{Headline: chat.Line(chat.Plain("That is proposed already: "), chat.Link{Label: name, URL: proposed.URL}), Parts: []chat.Part{open}}, nil
	}
	if err := d.Changes.RecordChange(ctx, r, environments.Change{Event: environments.EventPropose, Component: e.Ref.String(), What: p.Title, URL: proposed.URL}); err != nil {
		return chat.Reply{}, err
	}
	return chat.Reply{Headline: chat.Line(chat.Plain(p.Title+": opened as "), chat.Link{Label: name, URL: proposed.URL}), Parts: []chat.Part{
		chat.Context{Text: chat.Textf("Nothing changes until somebody of %s merges it; the catalog follows with its next refresh.", p.Repository)}, open}}, nil
}

// codeSpan is a text as Markdown shows it as it is, on one line: nobody is called and nothing is linked by it.
func codeSpan(text string) string {
	text = strings.Join(strings.Fields(strings.ReplaceAll(text, "`", "'")), " ")
	return "`" + orElse(text, " ") + "`"
}
