package handlers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"bellhop/catalog"
	"bellhop/chat"
	"bellhop/environments"
)

// Deployments is what can be asked about environments; environments.Service does.
type Deployments interface {
	Deploy(ctx context.Context, ask environments.DeployAsk) (environments.Answer, error)
	Redeploy(ctx context.Context, p environments.Press) (environments.Answer, error)
	Cancel(ctx context.Context, p environments.Press) (environments.Answer, error)
	Destroy(ctx context.Context, p environments.Press) (environments.Answer, error)
	Environment(ctx context.Context, name string) (environments.Environment, error)
	List(ctx context.Context, f environments.Filter) ([]environments.Environment, error)
	Options() environments.Options
}

// Deployables finds what can be deployed; catalog.Catalog does.
type Deployables interface {
	Named(ctx context.Context, text string) ([]catalog.Entity, error)
	Find(ctx context.Context, text string, mine ...catalog.Ref) (catalog.Found, error)
	ByRepository(ctx context.Context, slug string) ([]catalog.Entity, error)
	Search(ctx context.Context, prefix string, kinds []string, limit int) ([]catalog.Entity, error)
	UserFor(ctx context.Context, slackID, email string) (catalog.Entity, bool, error)
	Teams(ctx context.Context, user catalog.Ref) ([]catalog.Entity, error)
	TeamsOfChannel(ctx context.Context, channelID, channelName string) ([]catalog.Entity, error)
	Deployable(ctx context.Context, owner catalog.Ref) ([]catalog.Entity, error)
}

// Branches lists branches of a repository, "owner/repo".
type Branches interface {
	// Branches are the names, at most a few hundred.
	Branches(ctx context.Context, repository string) ([]string, error)
	// BranchesOf are those whose newest commit is by a GitHub login, newest first.
	BranchesOf(ctx context.Context, repository, login string, limit int) ([]environments.Branch, error)
}

// Places tells about conversations and messages.
type Places interface {
	// CanPost tells whether the bot may post in a channel.
	CanPost(ctx context.Context, channel string) (bool, error)
	// Permalink is a message's address.
	Permalink(ctx context.Context, ref chat.MessageRef) (string, error)
}

// DeployEnvDeps is what /deploy-env and /envs need.
type DeployEnvDeps struct {
	Deployments Deployments
	Deployables Deployables
	Branches    Branches
	Places      Places
	// Patience is how long an answer waits for the card that it leads to; 0 is 2 s.
	Patience time.Duration
}

// deployEnv answers `/deploy-env`.
type deployEnv struct{ DeployEnvDeps }

// deployEnvCommand is the row of /deploy-env.
func deployEnvCommand(deps DeployEnvDeps) chat.Command {
	deps.Patience = cmp.Or(deps.Patience, 2*time.Second)
	h := deployEnv{deps}
	press := func(p pressing) chat.Handler {
		return func(ctx context.Context, r chat.Request) (chat.Reply, error) { return h.press(ctx, r, p) }
	}
	return chat.Command{
		Name: "deploy-env", Slash: true,
		Words:    []string{"deploy"},
		Usage:    "[REF|#PULL_REQUEST] [of COMPONENT] [to KIND] [for 48h]",
		Summary:  "deploys a branch, tag, commit or pull request to an environment and follows it to its end",
		Examples: []string{"feature-x", "feature-x of payments to staging", "#482 of payments for 48h"},
		Feature:  chat.Deploy, Role: chat.Members, Changes: true, Run: h.run,
		Actions: []chat.CommandAction{
			{Name: "cancel", Role: chat.Members, Changes: true, Run: press(pressing{do: Deployments.Cancel, question: "Cancel it?", yes: "Cancel it", done: "is being cancelled"})},
			{Name: "redeploy", Role: chat.Members, Changes: true, Run: press(pressing{do: Deployments.Redeploy, question: "Deploy it again?", yes: "Deploy it again", done: "is deployed again"})},
			{Name: "destroy", Role: chat.Members, Changes: true, Run: press(pressing{do: Deployments.Destroy, question: "Destroy the environment?", yes: "Destroy it", done: "is being destroyed"})},
		},
	}
}

// run answers what was typed.
func (h deployEnv) run(ctx context.Context, r chat.Request) (chat.Reply, error) {
	reply, err := h.deploy(ctx, r)
	if err != nil {
		return chat.Reply{}, fmt.Errorf("deploy-env: %w", inTrouble(err, r.Person.Zone))
	}
	return reply, nil
}

// inTrouble says in words when it is GitHub that does not answer; any other error stays as it is.
func inTrouble(err error, zone *time.Location) error {
	if until, limited := environments.RetryAt(err); limited {
		when := chat.Moment{At: until, Style: chat.TimeOnly}.Format(zone)
		return chat.Errorf("GitHub asks Bellhop for a pause until %s, so nothing was deployed. Try again then.", when)
	}
	if errors.Is(err, environments.ErrUnavailable) {
		return chat.Errorf("GitHub does not answer as it should at the moment, so nothing was deployed. Try again in a minute.")
	}
	return err
}

func (h deployEnv) deploy(ctx context.Context, r chat.Request) (chat.Reply, error) {
	names := &knownNames{ctx: ctx, named: h.Deployables.Named, options: h.Deployments.Options()}
	target, err := chat.ParseTarget(r.Text, names, r.At, r.Person.Zone)
	if err == nil {
		err = names.err
	}
	if err != nil {
		return chat.Reply{}, err
	}
	component, err := h.component(ctx, r, target)
	if err != nil {
		return chat.Reply{}, err
	}
	target.Component = component.Name
	if err := h.kind(target, r.Person.Zone); err != nil {
		return chat.Reply{}, err
	}
	what, err := componentOf(component)
	if err != nil {
		return chat.Reply{}, err
	}
	if target.Ref == "" && target.PullRequest == 0 && what.Repository != "" {
		return h.offerBranches(ctx, r, target, what)
	}
	ask := environments.DeployAsk{
		RequestID: r.ID, Person: r.Person, Component: what, Kind: target.Kind, Ref: target.Ref, PullRequest: target.PullRequest,
		For: target.For, Until: target.Until, Because: target.Because,
	}
	if ask.Card, ask.Moved = h.cardPlace(ctx, r); ask.Moved && r.Place.Kind != chat.OtherDM {
		ask.From = r.Place.Channel
	}
	ask.Channel = auditChannel(r.Place)
	answer, err := h.Deployments.Deploy(ctx, ask)
	if err != nil {
		return chat.Reply{}, err
	}
	return h.answer(ctx, r, target, what, answer)
}

// answer tells what became of a request to deploy. What is allowed is seen on the card.
func (h deployEnv) answer(ctx context.Context, r chat.Request, target chat.Target, component environments.Component, a environments.Answer) (chat.Reply, error) {
	switch {
	case a.Decision.Outcome != environments.Allowed && a.Decision.Code() == environments.CodeRefUnknown:
		return chat.Reply{}, h.unknownRef(ctx, r, target, component, a.Decision.Reason())
	case a.Decision.Outcome != environments.Allowed:
		return chat.Reply{}, h.refused(ctx, a, r.Person)
	}
	e := a.Environment
	if e.Deployment.Card.Moved {
		return h.moved(ctx, e, r), nil
	}
	if r.Via == chat.Click { // the suggestion that was pressed has done its work
		return chat.Reply{To: chat.InPlace, Headline: chat.Textf("%s is on its way.", what(e, e.Deployment))}, nil
	}
	return chat.Reply{To: chat.Silent, Headline: chat.Textf("%s is on its way.", what(e, e.Deployment))}, nil
}

// moved tells that a deployment's card is not where it was asked for, and leads there.
func (h deployEnv) moved(ctx context.Context, e environments.Environment, r chat.Request) chat.Reply {
	reply := chat.Reply{Headline: chat.Textf("%s is on its way. I cannot post here, so its card is in our direct messages.", what(e, e.Deployment))}
	if r.Place.Kind != chat.OtherDM { // nobody can be invited to that
		reply.Parts = append(reply.Parts, chat.Context{Text: chat.Line(chat.Plain("Type "), chat.AtBot{Before: "/invite "}, chat.Plain(" to have the next card here."))})
	}
	if link := h.cardLink(ctx, h.awaitCard(ctx, e), r.Person); link != "" {
		reply.Parts = append(reply.Parts, chat.Buttons{{Label: "See its card", URL: link}})
	}
	return reply
}

// awaitCard waits a little for the card of a deployment that was asked for just now.
func (h deployEnv) awaitCard(ctx context.Context, e environments.Environment) environments.Environment {
	ctx, cancel := context.WithTimeout(ctx, h.Patience)
	defer cancel()
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for e.Deployment.Card.Ref.TS == "" {
		select {
		case <-ctx.Done():
			return e
		case <-look.C:
		}
		now, err := h.Deployments.Environment(ctx, e.Name())
		if err != nil || now.Deployment.ID != e.Deployment.ID {
			return e // the answer stands without it
		}
		e = now
	}
	return e
}

// refused is a decision's reason, with the card of what stands in the way.
func (h deployEnv) refused(ctx context.Context, a environments.Answer, asker chat.Person) error {
	d, e := a.Decision, a.Environment
	reason := d.Reason()
	if d.Code() != environments.CodeInProgress && d.Code() != environments.CodeStale {
		return chat.Errorf("%s", reason)
	}
	if e.State.Busy() {
		if step := stepOf(e.Operation.Run).String(); step != "" {
			reason += " It is at" + step[len(" ·"):] + "."
		}
		if by := e.Operation.By; by.Name != "" {
			reason += fmt.Sprintf(" %s asked for it.", by.Name)
		}
	}
	var links chat.Buttons
	link := h.cardLink(ctx, e, asker)
	if card := e.Deployment.Card; link == "" && card.Ref.TS != "" && card.To.User != "" && card.To.User != asker.ID {
		reason += fmt.Sprintf(" Its card is in the direct messages of %s.", orElse(e.Deployment.By.Name, "who asked for it"))
	}
	if link != "" {
		links = append(links, chat.Button{Label: "See its card", URL: link})
	} else if e.Operation.Run.URL != "" {
		links = append(links, chat.Button{Label: "See its run", URL: e.Operation.Run.URL})
	}
	if len(links) == 0 {
		return chat.Errorf("%s", reason)
	}
	return chat.ErrorWith(reason, links)
}

// cardLink is the address of an environment's card, or nothing. A card in somebody's direct messages is theirs alone.
func (h deployEnv) cardLink(ctx context.Context, e environments.Environment, asker chat.Person) string {
	card := e.Deployment.Card
	if card.Ref.TS == "" || card.Gone || card.To.User != "" && card.To.User != asker.ID {
		return ""
	}
	link, err := h.Places.Permalink(ctx, card.Ref)
	if err != nil {
		return "" // the words stand without it
	}
	return link
}

// cardPlace is where the card of a deployment goes, and whether that is elsewhere than it was asked for.
func (h deployEnv) cardPlace(ctx context.Context, r chat.Request) (to chat.Address, moved bool) {
	switch {
	case r.Place.Channel == "":
		return chat.Address{User: r.Person.ID}, false
	case r.Place.Kind == chat.Direct:
		return chat.Address{Channel: r.Place.Channel, Thread: r.Place.Thread, User: r.Person.ID}, false
	case r.Place.Kind == chat.OtherDM:
		return chat.Address{User: r.Person.ID}, true
	}
	ok, err := h.Places.CanPost(ctx, r.Place.Channel)
	if err != nil {
		// Slack does not say. The card finds its way to the asker by itself if it cannot be posted.
		ok = true
	}
	if !ok {
		return chat.Address{User: r.Person.ID}, true
	}
	return chat.Address{Channel: r.Place.Channel, Thread: r.Place.Thread}, false
}

// auditChannel is where something was asked, unless that names a person.
func auditChannel(p chat.Place) string {
	if p.Kind == chat.PublicChannel || p.Kind == chat.PrivateChannel {
		return p.Channel
	}
	return ""
}

// componentOf is a catalog's component as environments know it. Its repository is empty where it cannot be deployed.
func componentOf(e catalog.Entity) (environments.Component, error) {
	c := environments.Component{Ref: e.Ref.String(), Name: e.Name, Title: e.Title}
	if e.Deployable() {
		c.Repository, _ = e.Repository()
	}
	c.Library = strings.EqualFold(e.Type(), "library")
	if text := e.DeployWorkflow(); text != "" {
		w, err := environments.ParseWorkflow(text)
		if err != nil {
			return c, chat.Errorf("%s has an annotation %s that cannot be read: %v.", e.Name, catalog.AnnotationDeployWorkflow, err)
		}
		c.Workflow = w
	}
	return c, nil
}

// kind says what is wrong with a named kind, with those that there are.
func (h deployEnv) kind(t chat.Target, zone *time.Location) error {
	options, typed := h.Deployments.Options(), t.Kind
	if t.Kind == "" {
		return nil
	}
	if _, ok := options.Kind(t.Kind); ok {
		return nil
	}
	var buttons chat.Buttons
	for _, k := range options.Kinds[:min(len(options.Kinds), 20)] {
		t.Kind = k.Name
		buttons = append(buttons, tryDeploy(k.Name, t, zone))
	}
	return chat.ErrorWith(fmt.Sprintf("There is no kind of environment called %q. Which one is it?", shorten(typed, 60)), buttons)
}
