package handlers

import (
	"context"
	"fmt"
	"slices"

	"bellhop/chat"
	"bellhop/environments"
)

// pressing is what a button of a card does, in words.
type pressing struct {
	do                  func(Deployments, context.Context, environments.Press) (environments.Answer, error)
	question, yes, done string
}

// press answers a button of a card.
func (h deployEnv) press(ctx context.Context, r chat.Request, p pressing) (chat.Reply, error) {
	environment, deployment, confirmed, ok := parsePress(r.Action.Value)
	if !ok {
		return chat.Reply{}, chat.Errorf("This button does nothing any more.")
	}
	answer, err := p.do(h.Deployments, ctx, environments.Press{
		RequestID: r.ID, Person: r.Person, Environment: environment, Deployment: deployment, Confirmed: confirmed, Channel: auditChannel(r.Place),
	})
	if err != nil {
		return chat.Reply{}, fmt.Errorf("%s: %w", r.Action.Name, inTrouble(err, r.Person.Zone))
	}
	e := answer.Environment
	switch answer.Decision.Outcome {
	case environments.Confirm:
		return chat.Reply{
			Headline: chat.Line(named(e.Deployment.By), chat.Plain(fmt.Sprintf(" asked for %s, not you. %s", what(e, e.Deployment), p.question))),
			Parts:    []chat.Part{chat.Buttons{{Label: p.yes, Action: r.Action.Name, Value: pressValue(environment, deployment, true), Style: chat.Danger}}},
		}, nil
	case environments.No:
		return chat.Reply{}, h.refused(ctx, answer, r.Person)
	}
	done := chat.Reply{Headline: chat.Textf("%s %s.", what(e, e.Deployment), p.done)}
	switch {
	case confirmed: // the question has done its work
		done.To = chat.InPlace
	case isCardOf(r.Action.Message, e):
		done.To = chat.Silent // it is seen on the card that was pressed
	default:
		if link := h.cardLink(ctx, e, r.Person); link != "" {
			done.Parts = append(done.Parts, chat.Buttons{{Label: "See its card", URL: link}})
		}
	}
	return done, nil
}

// isCardOf tells whether a message is the card of an environment's deployment, or of one that has just been followed by it.
func isCardOf(message chat.MessageRef, e environments.Environment) bool {
	return message == e.Deployment.Card.Ref || slices.ContainsFunc(e.Retired, func(d environments.Deployment) bool { return message == d.Card.Ref })
}
