package handlers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"bellhop/catalog"
	"bellhop/catalog/codeowners"
	"bellhop/chat"
)

// Drifting compares the owner in a component's descriptor with what else is known of it; catalog.Drifts does.
type Drifting interface {
	Of(ctx context.Context, e catalog.Entity, now time.Time) (catalog.Drift, error)
}

// DriftDeps is what /bellhop drift needs.
type DriftDeps struct {
	Entities  Entities
	Listed    Listed
	Graphs    Graphs
	Belonging Belonging
	// Drifts is nil where no credentials for GitHub are given.
	Drifts  Drifting
	Propose ProposeDeps
}

const (
	// driftMost is how many components are looked at for one answer, and driftPatience how long that may take: a command has
	// ten seconds.
	driftMost, driftPatience = 200, 7 * time.Second
	// driftWidth is how many are looked at at a time.
	driftWidth = 8
	// driftShown is how many are shown with their buttons.
	driftShown = 10
)

// driftHandler answers `/bellhop drift`.
type driftHandler struct{ DriftDeps }

// driftCommand is the row of /bellhop drift.
func driftCommand(d DriftDeps) chat.Command {
	h := driftHandler{d}
	return chat.Command{
		Name: "drift", Usage: "[TEAM|COMPONENT|all]",
		Summary:  "compares who owns what by the catalog with CODEOWNERS, with who commits, and with who is still there",
		Examples: []string{"", "storefront", "all"},
		Feature:  chat.Ask, Run: h.run,
		Actions: []chat.CommandAction{
			{Name: "owner", Role: chat.Members, Changes: true, Run: h.mendOwner},
			{Name: "codeowners", Role: chat.Members, Changes: true, Run: h.mendCodeowners},
		},
	}
}

func (h driftHandler) run(ctx context.Context, r chat.Request) (chat.Reply, error) {
	if h.Drifts == nil {
		return chat.Reply{}, chat.Errorf("I have no access to GitHub here, so I cannot see CODEOWNERS and commits. Whoever runs Bellhop gives it a token or an App.")
	}
	components, whose, more, err := h.components(ctx, r)
	if err != nil {
		return chat.Reply{}, fmt.Errorf("drift: %w", err)
	}
	if len(components) == 0 {
		return chat.Reply{Headline: chat.Textf("%s has no component in the catalog, so nothing can have drifted", whose)}, nil
	}
	seen := h.look(ctx, components[:min(len(components), driftMost)], r.At)
	if len(seen.drifts) == 0 && seen.err != nil {
		return chat.Reply{}, fmt.Errorf("drift: %w", seen.err)
	}
	return driftReply(whose, len(components), more || len(components) > driftMost, seen, r.Place.Kind != chat.Terminal), nil
}

// components are those that are asked about, and whose they are in words; more tells that there are others.
func (h driftHandler) components(ctx context.Context, r chat.Request) (found []catalog.Entity, whose string, more bool, err error) {
	var asked []catalog.Entity
	switch words := chat.Words(r.Text); {
	case len(words) == 1 && words[0].Is("all", "everything", "everybody"):
		found, err = h.Listed.Search(ctx, "", []string{catalog.KindComponent}, driftMost+1)
		more = len(found) > driftMost
		return slices.DeleteFunc(found, isArchived), "The company", more, err
	case len(words) == 0 || len(words) == 1 && words[0].Is("mine", "ours", "us"):
		if asked, err = ourTeams(ctx, h.Belonging, r); err == nil && len(asked) == 0 {
			err = chat.Errorf("I do not know which team is yours. Name one: /bellhop drift storefront, or ask about all: /bellhop drift all")
		}
	default:
		e, ok, wrong := onlyTeam(ctx, h.Entities, r.Text)
		if err = wrong; err == nil && !ok {
			e, err = oneOf(ctx, h.Entities, r.Text, "drift", sort{"component, system or team", canDrift})
		}
		if asked = []catalog.Entity{e}; err == nil && (e.Is(catalog.KindAPI) || e.Is(catalog.KindResource)) {
			err = chat.Errorf("%s is no component (%s). Drift is told of a component, a system or a team.", e.Name, kindWord(e))
		}
	}
	for _, e := range asked {
		if err != nil {
			return nil, "", false, err
		}
		var parts []catalog.Entity
		parts, err = h.componentsOf(ctx, e)
		found = append(found, parts...)
	}
	return found, displays(asked), false, err
}

// canDrift tells what drift is told of.
func canDrift(e catalog.Entity) bool {
	return e.Is(catalog.KindComponent) || e.Is(catalog.KindSystem) || e.Is(catalog.KindGroup)
}

// componentsOf are an entity's own components: itself, what it consists of, or what it owns.
func (h driftHandler) componentsOf(ctx context.Context, e catalog.Entity) ([]catalog.Entity, error) {
	g, err := h.Graphs.Graph(ctx, e, catalog.Reach{Most: 5 * driftMost})
	if err != nil {
		return nil, err
	}
	var found []catalog.Entity
	for _, n := range g.Nodes {
		if n.Entity.Is(catalog.KindComponent) && !isArchived(n.Entity) { // nothing of it could be mended
			found = append(found, n.Entity)
		}
	}
	return found, nil
}

// driftsSeen is what was found out in time.
type driftsSeen struct {
	drifts []catalog.Drift // in the order asked for
	err    error           // why others are missing; the first reason
}

// look looks at components, several at a time, as far as time allows.
func (h driftHandler) look(ctx context.Context, components []catalog.Entity, now time.Time) driftsSeen {
	ctx, cancel := context.WithTimeout(ctx, driftPatience)
	defer cancel()
	drifts, ok := make([]catalog.Drift, len(components)), make([]bool, len(components))
	var (
		seen  driftsSeen
		mu    sync.Mutex
		group errgroup.Group
	)
	group.SetLimit(driftWidth)
	for i, e := range components {
		group.Go(func() error {
			var err error
			if drifts[i], err = h.Drifts.Of(ctx, e, now); err == nil {
				ok[i] = true
				return nil
			}
			mu.Lock()
			defer mu.Unlock()
			if seen.err == nil {
				seen.err = err
			}
			return nil
		})
	}
	_ = group.Wait() // what went wrong is in seen
	for i, d := range drifts {
		if ok[i] {
			seen.drifts = append(seen.drifts, d)
		}
	}
	return seen
}

// driftReply has first what can be mended. more tells that there are components which nobody looked at.
func driftReply(whose string, asked int, more bool, seen driftsSeen, buttons bool) chat.Reply {
	drifted := slices.DeleteFunc(slices.Clone(seen.drifts), func(d catalog.Drift) bool { return !d.Drifted() })
	reply := chat.Reply{Headline: driftHeadline(whose, len(drifted), len(seen.drifts), more)}
	lines := driftLines(drifted)
	for _, line := range lines[:min(len(lines), driftShown)] {
		reply.Parts = append(reply.Parts, chat.Paragraph{Text: line.words})
		if buttons && len(line.buttons) > 0 {
			reply.Parts = append(reply.Parts, line.buttons)
		}
	}
	if len(lines) > driftShown {
		rest := chat.List{Title: "And"}
		for _, line := range lines[driftShown:min(len(lines), driftShown+20)] {
			rest.Items = append(rest.Items, line.words)
		}
		rest.More = len(lines) - driftShown - len(rest.Items)
		reply.Parts = append(reply.Parts, rest)
	}
	if note := goneNote(seen.drifts); note != "" {
		reply.Parts = append(reply.Parts, chat.Context{Text: chat.Textf("%s", note)})
	}
	if more {
		reply.Parts = append(reply.Parts, chat.Context{Text: chat.Textf("One answer looks at %d components, and there are more. Name a team for the others: /bellhop drift TEAM", driftMost)})
	}
	if missing := min(asked, driftMost) - len(seen.drifts); missing > 0 {
		why := "there was no time for them"
		if seen.err != nil && !errors.Is(seen.err, context.DeadlineExceeded) {
			why = "GitHub did not tell about all of them"
		}
		reply.Parts = append(reply.Parts, chat.Context{Text: chat.Textf("%s not looked at: %s. Ask again, what is known comes faster then.", counted(missing, "more was", "more were"), why)})
	}
	return reply
}

// goneNote names who has left and is still named in a team that owns something and has others.
func goneNote(drifts []catalog.Drift) string {
	var gone []string
	for _, d := range drifts {
		for _, person := range d.Owner.Gone {
			said := person.Display() + " (" + d.Owner.Group.Display() + ")"
			if len(d.Owner.People) > 0 && !slices.Contains(gone, said) {
				gone = append(gone, said)
			}
		}
	}
	if len(gone) == 0 {
		return ""
	}
	return "Still named in a team, though they have left: " + someOf(gone, true) + ". Take them out of memberOf and members there."
}

// driftButtons mend it: the descriptor where most speaks for another owner, CODEOWNERS where it stands alone.
func driftButtons(d catalog.Drift) chat.Buttons {
	ref := d.Entity.Ref.String()
	var buttons chat.Buttons
	if d.Better != nil {
		buttons = append(buttons, chat.Button{Label: shorten("Make "+d.Better.Display()+" its owner", 70), Action: "drift.owner", Value: ref + " " + d.Better.Ref.String()})
	}
	if d.CodeOwner != nil && d.Owner.Found && (d.WrongCode || d.Better != nil && d.Better.Ref == d.CodeOwner.Ref) && codeName(d.Owner.Group) != "" {
		buttons = append(buttons, chat.Button{Label: shorten("Name "+d.Owner.Group.Display()+" in CODEOWNERS", 70), Action: "drift.codeowners", Value: ref})
	}
	return buttons
}

// codeName is how CODEOWNERS names a team or person: `@acme/ledger`, `@alice`. It is empty where that is not known.
func codeName(e catalog.Entity) string {
	name := e.Annotations[catalog.AnnotationTeam]
	if e.Is(catalog.KindUser) {
		name = e.Login()
	}
	if name == "" {
		return ""
	}
	return "@" + name
}

// mendOwner opens the pull request that names another owner in the descriptor.
func (h driftHandler) mendOwner(ctx context.Context, r chat.Request) (chat.Reply, error) {
	asked, becomes, _ := strings.Cut(r.Action.Value, " ")
	e, err := oneEntity(ctx, h.Entities, asked, "drift")
	if err != nil {
		return chat.Reply{}, fmt.Errorf("drift: %w", err)
	}
	owner, err := oneEntity(ctx, h.Entities, becomes, "drift")
	if err != nil {
		return chat.Reply{}, fmt.Errorf("drift: %w", err)
	}
	because := ""
	if d, err := h.Drifts.Of(ctx, e, r.At); err == nil {
		because = codeSpan(driftWords(d).String())
	}
	reply, err := h.Propose.mend(ctx, r, e, mending{
		what: fmt.Sprintf("Name %s as the owner of %s", owner.Display(), e.Name), slug: "owner-" + owner.Name + "-of", because: because,
		edit:   func(file []byte) ([]byte, error) { return catalog.SetOwner(file, e.Ref, owner.Ref) },
		byHand: "owner: " + owner.Name,
	})
	if err != nil {
		return chat.Reply{}, fmt.Errorf("drift: %w", err)
	}
	return reply, nil
}

// mendCodeowners opens the pull request that names the catalog's owner in CODEOWNERS.
func (h driftHandler) mendCodeowners(ctx context.Context, r chat.Request) (chat.Reply, error) {
	e, err := oneEntity(ctx, h.Entities, r.Action.Value, "drift")
	if err != nil {
		return chat.Reply{}, fmt.Errorf("drift: %w", err)
	}
	d, err := h.Drifts.Of(ctx, e, r.At)
	if err != nil {
		return chat.Reply{}, fmt.Errorf("drift: %w", err)
	}
	slug, ok := e.Repository()
	name := codeName(d.Owner.Group)
	if !ok || d.CodeOwner == nil || !d.Owner.Found || name == "" || !d.Drifted() {
		return chat.Reply{}, chat.Errorf("CODEOWNERS of %s does not speak against its owner any more.", e.Name)
	}
	reply, err := h.Propose.propose(ctx, r, e, catalog.Proposal{
		Repository: slug, Path: d.CodeFile, Branch: "bellhop/codeowners-" + e.Name, Title: fmt.Sprintf("Name %s as code owner of %s", d.Owner.Group.Display(), e.Name),
		Body: codeSpan(driftWords(d).String()),
		Edit: func(old []byte) ([]byte, error) { return codeowners.SetOwners(old, d.Rule, []string{name}) },
	})
	if errors.Is(err, codeowners.ErrRuleMoved) {
		return chat.Reply{}, chat.Errorf("CODEOWNERS of %s has changed just now. Ask again: /bellhop drift %s", e.Name, e.Name)
	}
	if err != nil {
		return chat.Reply{}, fmt.Errorf("drift: %w", err)
	}
	return reply, nil
}
