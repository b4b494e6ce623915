package handlers

import (
	"context"
	"fmt"

	"bellhop/catalog"
	"bellhop/chat"
	"bellhop/environments"
)

// Teams tells which teams a person is in and what these own.
type Teams interface {
	UserFor(ctx context.Context, slackID, email string) (catalog.Entity, bool, error)
	Teams(ctx context.Context, user catalog.Ref) ([]catalog.Entity, error)
	Owned(ctx context.Context, owner catalog.Ref) ([]catalog.Entity, error)
}

// RunningEnvironments lists environments.
type RunningEnvironments interface {
	List(ctx context.Context, f environments.Filter) ([]environments.Environment, error)
}

// HomeDeps is what the home tab needs.
type HomeDeps struct {
	Teams        Teams
	Environments RunningEnvironments
}

// homeComponents bounds the components on the home tab: with a line and a row of buttons each they fill a screen.
const homeComponents = 12

// homeEnvironments bounds the environments on it, so that the components are still seen.
const homeEnvironments = 5

// home answers the opened home tab: what is mine, and what I can do with it.
type home struct {
	HomeDeps
	offers func(chat.Feature) bool
}

func (h home) answer(ctx context.Context, r chat.Request) (chat.Reply, error) {
	mine, err := h.Environments.List(ctx, environments.Filter{Person: r.Person.ID})
	if err != nil {
		return chat.Reply{}, fmt.Errorf("home: %w", err)
	}
	user, known, err := h.Teams.UserFor(ctx, r.Person.ID, r.Person.Email)
	if err != nil {
		return chat.Reply{}, fmt.Errorf("home: %w", err)
	}
	reply := chat.Reply{Headline: chat.Line(chat.Bold(r.Person.Name))}
	if len(mine) > 0 {
		reply.Parts = append(reply.Parts, yourEnvironments(mine), chat.Buttons{{Label: "Manage them", Action: ActionTry, Value: "envs mine"}})
	}
	if !known {
		reply.Parts = append(reply.Parts, chat.Paragraph{Text: chat.Textf(
			"I do not know which team you are in: no user of the catalog has your Slack id (%s) or your e-mail address. Ask whoever keeps the catalog to add it as slack.com/user-id.", r.Person.ID)})
	} else if err := h.addTeams(ctx, r.Person, user, &reply); err != nil {
		return chat.Reply{}, fmt.Errorf("home: %w", err)
	}
	reply.Parts = append(reply.Parts, h.footer(r.Person)...)
	return reply, nil
}

// footer is what can be done from anywhere.
func (h home) footer(p chat.Person) []chat.Part {
	buttons := chat.Buttons{{Label: "Help", Action: ActionTry, Value: "help"}}
	commands := []string{"/who-owns"}
	if h.offers(chat.Deploy) {
		buttons = append(buttons, chat.Button{Label: "All environments", Action: ActionTry, Value: "envs"})
		if p.Standing == chat.Member {
			commands = append(commands, "/deploy-env")
		}
		commands = append(commands, "/envs")
	}
	if h.offers(chat.Tests) {
		commands = append(commands, "/tests")
	}
	typed := chat.Line(chat.Plain("Type "))
	for i, command := range commands {
		switch {
		case i == 0:
		case i == len(commands)-1:
			typed = append(typed, chat.Plain(" or "))
		default:
			typed = append(typed, chat.Plain(", "))
		}
		typed = append(typed, chat.Code(command))
	}
	return []chat.Part{buttons, chat.Context{Text: append(typed, chat.Plain(" anywhere. Answers to the buttons here come as direct messages."))}}
}

// yourEnvironments is a line for each environment.
func yourEnvironments(mine []environments.Environment) chat.List {
	list := chat.List{Title: "Your environments", More: max(0, len(mine)-homeEnvironments)}
	for _, e := range mine[:min(homeEnvironments, len(mine))] {
		list.Items = append(list.Items, envLine(e, false))
	}
	return list
}

// addTeams adds what the person's teams own.
func (h home) addTeams(ctx context.Context, p chat.Person, user catalog.Entity, reply *chat.Reply) error {
	teams, err := h.Teams.Teams(ctx, user.Ref)
	if err != nil {
		return err
	}
	shown := map[string]bool{}
	for _, team := range teams {
		reply.Headline = append(reply.Headline, chat.Plain(" · "+team.Display()))
		owned, err := h.Teams.Owned(ctx, team.Ref)
		if err != nil {
			return err
		}
		for _, e := range owned {
			if e.Is(catalog.KindComponent) && !shown[e.Ref.String()] && len(shown) < homeComponents {
				shown[e.Ref.String()] = true
				reply.Parts = append(reply.Parts, h.component(e, p)...)
			}
		}
	}
	return nil
}

// component is a line about a component and the buttons that the person may press.
func (h home) component(e catalog.Entity, p chat.Person) []chat.Part {
	line := chat.Line(chat.Bold(e.Name))
	for _, fact := range []string{e.Type(), e.Lifecycle(), e.Description} {
		if fact != "" {
			line = append(line, chat.Plain(" · "+fact))
		}
	}
	buttons := chat.Buttons{{Label: "Who owns", Action: ActionTry, Value: "who-owns " + e.Ref.String()}}
	if _, ok := e.Repository(); ok && h.offers(chat.Tests) {
		buttons = append(buttons, chat.Button{Label: "Tests", Action: ActionTry, Value: "tests " + e.Name})
	}
	if e.Deployable() && h.offers(chat.Deploy) && p.Standing == chat.Member {
		buttons = append(buttons, chat.Button{Label: "Deploy a branch", Action: ActionTry, Value: "deploy-env of " + e.Name})
	}
	return []chat.Part{chat.Paragraph{Text: line}, buttons}
}
