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

// homeHandler answers the opened home tab: what is mine, and what I can do with it.
func homeHandler(d HomeDeps) chat.Handler {
	return func(ctx context.Context, r chat.Request) (chat.Reply, error) {
		mine, err := d.Environments.List(ctx, environments.Filter{Person: r.Person.ID})
		if err != nil {
			return chat.Reply{}, fmt.Errorf("home: %w", err)
		}
		user, known, err := d.Teams.UserFor(ctx, r.Person.ID, r.Person.Email)
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
		} else if err := d.addTeams(ctx, user, &reply); err != nil {
			return chat.Reply{}, err
		}
		reply.Parts = append(reply.Parts,
			chat.Buttons{{Label: "Help", Action: ActionTry, Value: "help"}, {Label: "All environments", Action: ActionTry, Value: "envs"}},
			chat.Context{Text: chat.Line(chat.Plain("Type "), chat.Code("/who-owns"), chat.Plain(", "), chat.Code("/deploy-env"), chat.Plain(", "), chat.Code("/envs"), chat.Plain(" or "), chat.Code("/tests"), chat.Plain(" anywhere. Answers to the buttons here come as direct messages."))})
		return reply, nil
	}
}

// yourEnvironments is a line for each environment.
func yourEnvironments(mine []environments.Environment) chat.List {
	list := chat.List{Title: "Your environments", More: max(0, len(mine)-shownInFull)}
	for _, e := range mine[:min(shownInFull, len(mine))] {
		list.Items = append(list.Items, envLine(e))
	}
	return list
}

// addTeams adds what the person's teams own.
func (d HomeDeps) addTeams(ctx context.Context, user catalog.Entity, reply *chat.Reply) error {
	teams, err := d.Teams.Teams(ctx, user.Ref)
	if err != nil {
		return fmt.Errorf("home: %w", err)
	}
	for _, team := range teams {
		reply.Headline = append(reply.Headline, chat.Plain(" · "+team.Display()))
		owned, err := d.Teams.Owned(ctx, team.Ref)
		if err != nil {
			return fmt.Errorf("home: %w", err)
		}
		reply.Parts = append(reply.Parts, componentParts(owned)...)
	}
	return nil
}

// componentParts is a line and buttons for each component among entities.
func componentParts(entities []catalog.Entity) []chat.Part {
	var parts []chat.Part
	for _, e := range entities {
		if !e.Is(catalog.KindComponent) || len(parts) >= 2*homeComponents {
			continue
		}
		line := chat.Line(chat.Bold(e.Name))
		for _, fact := range []string{e.Type(), e.Lifecycle(), e.Description} {
			if fact != "" {
				line = append(line, chat.Plain(" · "+fact))
			}
		}
		buttons := chat.Buttons{{Label: "Who owns", Action: ActionTry, Value: "who-owns " + e.Ref.String()}}
		if _, ok := e.Repository(); ok {
			buttons = append(buttons, chat.Button{Label: "Tests", Action: ActionTry, Value: "tests " + e.Name})
		}
		if e.Deployable() {
			buttons = append(buttons, chat.Button{Label: "Deploy a branch", Action: ActionTry, Value: "deploy-env of " + e.Name})
		}
		parts = append(parts, chat.Paragraph{Text: line}, buttons)
	}
	return parts
}
