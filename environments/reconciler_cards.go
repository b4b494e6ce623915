package environments

import (
	"context"
	"errors"
	"fmt"
	"time"

	"bellhop/chat"
)

const (
	// editEvery is how often one card is edited at most while something goes on.
	editEvery = 3 * time.Second
	// cardPause is the pause after a card could not be posted or edited; it doubles up to cardPauseMost.
	cardPause     = 5 * time.Second
	cardPauseMost = 5 * time.Minute
	// cardTries is how often in a row that is tried before the card is given up: some five hours.
	cardTries = 60
	// findSlack is how far Slack's clock may be behind ours when a card is sought by its age.
	findSlack = time.Minute
)

// showAll brings the environment's card up to date, and those of earlier deployments.
func (r *Reconciler) showAll(ctx context.Context, e Environment) (time.Time, error) {
	e, next, err := r.show(ctx, e)
	if err != nil {
		return next, err
	}
	if card := e.Deployment.Card; card.Ref.TS == "" && !card.Gone {
		return next, nil // the earlier cards will lead to this one
	}
	for _, d := range e.Retired {
		err := r.retire(ctx, e, d)
		if err != nil && !errors.Is(err, chat.ErrMessageGone) && !errors.Is(err, chat.ErrCannotPost) {
			return earlier(next, r.Clock.Now().Add(cardPause)), fmt.Errorf("retire the card of %s: %w", d.ID, err)
		}
		if _, err := r.changeCard(ctx, e, func(e *Environment, _ time.Time) { e.forget(d.ID) }); err != nil {
			return next, err
		}
	}
	return next, nil
}

// retire makes the card of an earlier deployment say that there was a later one; a card of which only its posting is known
// is sought first.
func (r *Reconciler) retire(ctx context.Context, e Environment, d Deployment) error {
	if d.Card.Ref.TS == "" {
		ref, ok, err := r.Cards.Find(ctx, d, d.Card.PostingSince.Add(-findSlack))
		if err != nil || !ok {
			return err
		}
		d.Card.Ref = ref
	}
	return r.Cards.Retire(ctx, e, d)
}

// leavesCard tells whether a later deployment leaves behind a card that does not say for good how it ended.
func (e *Environment) leavesCard() bool {
	card := e.Deployment.Card
	switch {
	case card.Gone || e.Deployment.ID == "":
		return false
	case card.Ref.TS == "": // its posting began, and nobody knows how that ended
		return !card.PostingSince.IsZero()
	case e.State == Destroyed: // it says so and stays as it is, unless that edit has not come through
		return card.EditedAt.Before(e.Operation.EndedAt)
	}
	return true
}

// forget drops an earlier deployment whose card says so now.
func (e *Environment) forget(deployment string) {
	var left []Deployment
	for _, d := range e.Retired {
		if d.ID != deployment {
			left = append(left, d)
		}
	}
	e.Retired = left
}

// show posts or edits the card of the environment's deployment, if what it shows has changed.
func (r *Reconciler) show(ctx context.Context, e Environment) (Environment, time.Time, error) {
	card, now := e.Deployment.Card, r.Clock.Now()
	if card.Gone || e.Deployment.ID == "" {
		return e, time.Time{}, nil
	}
	if now.Before(card.RetryAt) {
		return e, card.RetryAt, nil
	}
	print := r.Cards.Fingerprint(e)
	switch {
	case card.Ref.TS == "":
		return r.post(ctx, e, print)
	case card.Shown == print:
		return e, time.Time{}, nil
	case e.State.Busy() && now.Before(card.EditedAt.Add(editEvery)): // the end is told at once
		return e, card.EditedAt.Add(editEvery), nil
	}
	err := r.Cards.Update(ctx, e)
	switch {
	case errors.Is(err, chat.ErrCannotPost): // the bot was put out of the conversation
		return r.elsewhere(ctx, e)
	case errors.Is(err, chat.ErrMessageGone):
		e, err = r.changeCard(ctx, e, func(e *Environment, _ time.Time) { e.Deployment.Card.Gone = true })
	case err != nil:
		return r.cardLater(ctx, e, fmt.Errorf("edit the card of %s: %w", e.Name(), err))
	default:
		e, err = r.changeCard(ctx, e, func(e *Environment, now time.Time) {
			c := &e.Deployment.Card
			c.Shown, c.EditedAt, c.RetryAt, c.Failures = print, now, time.Time{}, 0
		})
	}
	return e, time.Time{}, err
}

// post posts the card, having written down that it does; one whose posting nobody knows the end of is sought first.
func (r *Reconciler) post(ctx context.Context, e Environment, print string) (Environment, time.Time, error) {
	if since := e.Deployment.Card.PostingSince; !since.IsZero() {
		ref, ok, err := r.Cards.Find(ctx, e.Deployment, since.Add(-findSlack))
		if err != nil {
			return r.cardLater(ctx, e, fmt.Errorf("find the card of %s: %w", e.Name(), err))
		}
		if ok { // what it shows is unknown, so it is edited next
			e, err = r.changeCard(ctx, e, func(e *Environment, now time.Time) {
				c := &e.Deployment.Card
				c.Ref, c.EditedAt, c.PostingSince = ref, now, time.Time{}
			})
			return e, r.Clock.Now().Add(editEvery), err
		}
	}
	e, err := r.changeCard(ctx, e, func(e *Environment, now time.Time) {
		c := &e.Deployment.Card
		c.Again, c.PostingSince = !c.PostingSince.IsZero(), now
	})
	if err != nil {
		return e, time.Time{}, err
	}
	ref, err := r.Cards.Post(ctx, e)
	switch {
	case errors.Is(err, chat.ErrCannotPost):
		return r.elsewhere(ctx, e)
	case err != nil:
		return r.cardLater(ctx, e, fmt.Errorf("post the card of %s: %w", e.Name(), err))
	}
	e, err = r.changeCard(ctx, e, func(e *Environment, now time.Time) {
		c := &e.Deployment.Card
		c.Ref, c.Shown, c.EditedAt = ref, print, now
		c.PostingSince, c.RetryAt, c.Failures = time.Time{}, time.Time{}, 0
	})
	return e, time.Time{}, err
}

// elsewhere takes the card to the asker's direct messages, where it cannot be posted in the conversation.
func (r *Reconciler) elsewhere(ctx context.Context, e Environment) (Environment, time.Time, error) {
	e, err := r.changeCard(ctx, e, func(e *Environment, _ time.Time) {
		c := &e.Deployment.Card
		c.PostingSince, c.Again, c.Ref, c.Shown = time.Time{}, false, chat.MessageRef{}, ""
		if c.To.User != "" || e.Deployment.By.ID == "" {
			c.Gone = true // not even there
			return
		}
		c.From, c.To, c.Moved = c.To.Channel, chat.Address{User: e.Deployment.By.ID}, true
	})
	return e, r.Clock.Now(), err
}

// cardLater leaves the card for a while.
func (r *Reconciler) cardLater(ctx context.Context, e Environment, why error) (Environment, time.Time, error) {
	if ctx.Err() != nil { // what cut it short is no trouble of Slack's
		return e, r.Clock.Now().Add(time.Second), why
	}
	until := r.Clock.Now().Add(min(cardPause<<min(e.Deployment.Card.Failures, 10), cardPauseMost))
	e, err := r.changeCard(ctx, e, func(e *Environment, _ time.Time) {
		c := &e.Deployment.Card
		c.RetryAt = until
		c.Failures++
		c.Gone = c.Failures >= cardTries
	})
	return e, until, errors.Join(why, err)
}

// changeCard writes what concerns cards alone; ErrMoved when the deployment is no longer the one that was looked at. With an
// error the environment is as it was seen.
func (r *Reconciler) changeCard(ctx context.Context, seen Environment, alter func(e *Environment, now time.Time)) (Environment, error) {
	e, err := r.Store.Change(ctx, seen.Name(), func(e *Environment) (Effects, error) {
		if e.Deployment.ID != seen.Deployment.ID {
			return Effects{}, ErrMoved
		}
		alter(e, r.Clock.Now())
		return Effects{Save: true}, nil
	})
	if err != nil {
		return seen, err
	}
	return e, nil
}
