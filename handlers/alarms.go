package handlers

import (
	"context"
	"errors"

	"bellhop/chat"
	"bellhop/environments"
)

// Alarms tells the operations channel of what nobody else may notice. It satisfies environments.Alarms.
type Alarms struct {
	Poster Poster
	// Operations is the channel, by name with # or id.
	Operations string
}

var _ environments.Alarms = Alarms{}

// NotDestroyed implements environments.Alarms.
func (a Alarms) NotDestroyed(ctx context.Context, e environments.Environment) error {
	if a.Operations == "" {
		return errors.New("no operations channel is configured (slack.operations)")
	}
	_, err := Digests{Poster: a.Poster}.once(ctx, a.Operations, notDestroyed(e), e.Operation.ID, false, e.UpdatedAt)
	return err
}

// notDestroyed says what may go on running, with the buttons to mend it.
func notDestroyed(e environments.Environment) chat.Reply {
	reply := chat.Reply{To: chat.Here,
		Headline: append(chat.Textf("⚠️ %s could not be destroyed and may go on running: it ", e.Name()), failure("failed", e.Operation)...),
		Parts:    []chat.Part{chat.Paragraph{Text: chat.Line(chat.Plain(what(e, e.Deployment)+" · asked for by "), named(e.Deployment.By))}}}
	if tries := e.Operation.Tries + 1; tries > 1 {
		reply.Parts = append(reply.Parts, chat.Context{Text: chat.Textf("It was tried %d times. This is told once.", tries)})
	}
	reply.Parts = append(reply.Parts, cardButtons(e))
	return reply
}
