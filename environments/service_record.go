package environments

import (
	"context"
	"fmt"

	"bellhop/chat"
)

// Change is something that was done for a person and concerns no environment.
type Change struct {
	Event     Event
	Component string // reference; empty where it is about none
	What      string // in a sentence, without people's names
	URL       string // where it can be seen
}

// RecordChange keeps a record of a change.
func (s *Service) RecordChange(ctx context.Context, r chat.Request, c Change) error {
	request := Request{Event: c.Event, Standing: standingOf(r.Person.Standing), Because: c.What}
	entry := Entry{
		Event: c.Event, Component: c.Component, RunURL: c.URL, Outcome: string(Allowed), Code: CodeOK,
		Request: &request, Decision: &Decision{Outcome: Allowed},
	}
	if err := s.record(ctx, r, entry); err != nil {
		return fmt.Errorf("record a change: %w", err)
	}
	return nil
}

// RecordRefusal keeps a record of somebody who wanted to change something by another way than the policy and might not.
func (s *Service) RecordRefusal(ctx context.Context, r chat.Request, operation, reason string) error {
	request := Request{Event: eventOf(operation), Standing: standingOf(r.Person.Standing), Because: operation}
	decision := Decision{Outcome: No, Gates: []Gate{{Name: "role", Result: Fail, Code: CodeNotPermitted, Reason: reason}}}
	entry := Entry{Event: request.Event, Outcome: string(No), Code: CodeNotPermitted, Request: &request, Decision: &decision}
	if err := s.record(ctx, r, entry); err != nil {
		return fmt.Errorf("record a refusal: %w", err)
	}
	return nil
}

// record adds to an entry when, by whom and where it was asked, and keeps it.
func (s *Service) record(ctx context.Context, r chat.Request, entry Entry) error {
	entry.ID, entry.At, entry.Person, entry.World = newID(), s.clock.Now(), personOf(r.Person), &World{ReadOnly: s.options.ReadOnly}
	if r.Place.Kind == chat.PublicChannel || r.Place.Kind == chat.PrivateChannel {
		entry.Channel = r.Place.Channel
	}
	return s.store.Record(ctx, entry)
}

// eventOf is the event that a command's operation asks for.
func eventOf(operation string) Event {
	switch operation {
	case "deploy-env", "deploy-env.choose":
		return EventDeploy
	case "deploy-env.redeploy":
		return EventRedeploy
	case "deploy-env.cancel":
		return EventCancel
	case "deploy-env.destroy":
		return EventDestroy
	}
	return EventOther
}
