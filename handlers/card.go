package handlers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"bellhop/chat"
	"bellhop/environments"
)

// Messenger posts and edits messages that answer nobody in particular.
type Messenger interface {
	// Post posts to an address, marked with id; chat.ErrCannotPost where the bot may not.
	Post(ctx context.Context, to chat.Address, r chat.Reply, id string) (chat.MessageRef, error)
	// Permalink is a message's address.
	Permalink(ctx context.Context, ref chat.MessageRef) (string, error)
	// Update edits; chat.ErrMessageGone when the message was deleted.
	Update(ctx context.Context, ref chat.MessageRef, r chat.Reply) error
	// Find looks for a message by its id in a channel, or in a person's direct messages with the bot where channel is
	// a user's id. ok is also false where nobody can know.
	Find(ctx context.Context, channel, id string, since time.Time) (ref chat.MessageRef, ok bool, err error)
	// FindInThread is Find in one thread.
	FindInThread(ctx context.Context, channel, thread, id string, since time.Time) (ref chat.MessageRef, ok bool, err error)
}

// Cards shows deployments to people, one message each. It satisfies environments.Cards.
type Cards struct{ messenger Messenger }

var _ environments.Cards = (*Cards)(nil)

// NewCards makes Cards.
func NewCards(m Messenger) *Cards { return &Cards{messenger: m} }

// Fingerprint implements environments.Cards.
func (c *Cards) Fingerprint(e environments.Environment) string {
	sum := sha256.Sum256([]byte(card(e).Text(time.UTC)))
	return hex.EncodeToString(sum[:8])
}

// Post implements environments.Cards.
func (c *Cards) Post(ctx context.Context, e environments.Environment) (chat.MessageRef, error) {
	return c.messenger.Post(ctx, e.Deployment.Card.To, card(e), e.Deployment.ID)
}

// Update implements environments.Cards.
func (c *Cards) Update(ctx context.Context, e environments.Environment) error {
	return c.messenger.Update(ctx, e.Deployment.Card.Ref, card(e))
}

// Retire implements environments.Cards.
func (c *Cards) Retire(ctx context.Context, e environments.Environment, earlier environments.Deployment) error {
	var later string
	now, before := e.Deployment.Card, earlier.Card.To.User
	if now.Ref.TS != "" && !now.Gone && (now.To.User == "" || now.To.User == before) { // a card in direct messages is one person's
		if link, err := c.messenger.Permalink(ctx, now.Ref); err == nil { // the words stand without it
			later = link
		}
	}
	return c.messenger.Update(ctx, earlier.Card.Ref, retiredCard(e, earlier, later))
}

// Find implements environments.Cards.
func (c *Cards) Find(ctx context.Context, d environments.Deployment, since time.Time) (chat.MessageRef, bool, error) {
	switch to := d.Card.To; {
	case to.Thread != "":
		return c.messenger.FindInThread(ctx, to.Channel, to.Thread, d.ID, since)
	case to.User != "":
		return c.messenger.Find(ctx, to.User, d.ID, since)
	default:
		return c.messenger.Find(ctx, to.Channel, d.ID, since)
	}
}
