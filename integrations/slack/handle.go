package slack

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/rs/zerolog"

	"bellhop/chat"
)

// answerPatience is how long an answer may take to reach Slack, rate limits waited out among it.
const answerPatience = time.Minute

// formPatience is how long a handler may take whose answer is a form: a trigger_id lives for three seconds.
const formPatience = 2300 * time.Millisecond

// maxAck is how long an ack may be in bytes; Slack drops those of 20 KB and more without a word.
const maxAck = 18 << 10

// answerAll answers what only reads until there is no more of it.
func (r *Receiver) answerAll() {
	for asked := range r.asks {
		r.answerOne(asked)
		r.client.metrics.held.Dec()
		<-r.slots
	}
}

// answerOne answers one request that was acked, or is acked with its answer.
func (r *Receiver) answerOne(asked ask) {
	ack := asked.ackAfter
	defer func() {
		if ack != nil {
			ack(nil)
		}
	}()
	handling, cancel := r.handling, func() {}
	if ack != nil {
		handling, cancel = context.WithTimeout(r.handling, formPatience)
	}
	reply, err := r.handle(handling, &asked)
	cancel()
	if err != nil {
		reply = r.unknownPerson(err)
	}
	if ack != nil && reply.Form == nil { // the ack is in a hurry, and sending may have to wait
		ack(nil)
		ack = nil
	}
	ctx, cancel := context.WithTimeout(r.handling, answerPatience)
	defer cancel()
	if ack != nil && asked.request.Via == chat.Submit {
		view, err := r.client.renderer().view(*reply.Form, asked)
		payload := map[string]any{"response_action": "update", "view": view} // a form that follows a form
		if text, wrong := json.Marshal(payload); err == nil && wrong == nil && len(text) < maxAck {
			ack(payload)
			ack = nil
			return
		}
	}
	r.send(ctx, asked, reply)
}

// panicked counts and logs a panic, and gives what its asker is told.
func (r *Receiver) panicked(asked ask, p any) string {
	r.client.metrics.panics.Inc()
	ref := reference()
	r.logOf(asked).Error().Str("ref", ref).Str("panic", fmt.Sprint(p)).Bytes("stack", debug.Stack()).Msg("panic while answering")
	return fmt.Sprintf("Something broke on our side (ref %s).", ref)
}

// send answers, and logs what it could not. What Slack says it failed at itself is tried again, though that may show an
// answer twice; what got no answer at all is not. A panic ends this answer alone.
func (r *Receiver) send(ctx context.Context, asked ask, reply chat.Reply) {
	defer func() {
		if p := recover(); p != nil {
			r.tell(note{asked, r.panicked(asked, p)})
		}
	}()
	var err error
	for _, pause := range []time.Duration{0, time.Second, 3 * time.Second} {
		if r.client.clock.Wait(ctx, r.client.clock.Now().Add(pause)) != nil {
			break
		}
		if err = r.client.answer(ctx, asked, reply); !failedThere(err) {
			break
		}
	}
	if err != nil {
		r.logOf(asked).Error().Err(err).Msg("answer could not be sent")
	}
}

func (r *Receiver) logOf(asked ask) *zerolog.Logger {
	log := r.log.With().Str("request", asked.request.ID).Str("person", asked.request.Person.ID).
		Str("channel", asked.request.Place.Channel).Logger()
	return &log
}

// handle completes a request and has it answered. A panic becomes an answer. An error means that Slack did not say who
// asks, so that nothing was done.
func (r *Receiver) handle(ctx context.Context, asked *ask) (reply chat.Reply, err error) {
	defer func() {
		if p := recover(); p != nil {
			reply, err = chat.Reply{Headline: chat.Textf("%s", r.panicked(*asked, p))}, nil
		}
	}()
	if err := r.complete(ctx, asked); err != nil {
		return chat.Reply{}, err
	}
	return r.router.Handle(ctx, asked.request), nil
}

// complete fills in what the envelope did not say: who asks, and in what sort of place.
func (r *Receiver) complete(ctx context.Context, asked *ask) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	person, err := r.client.Person(ctx, asked.request.Person.ID)
	var unknown *chat.UserError
	switch {
	case errors.As(err, &unknown): // somebody whom only a shared channel shows
		person = asked.request.Person
		person.Standing = chat.Foreign
	case err != nil:
		return fmt.Errorf("who asks: %w", err)
	}
	asked.request.Person = person
	at := &asked.request.Place
	switch {
	case at.Kind == chat.OtherDM && asked.request.Via != chat.Submit:
		if dm, err := r.client.dms.get(ctx, person.ID); err == nil && dm == at.Channel {
			at.Kind = chat.Direct
		}
	case at.Kind == chat.PublicChannel && at.Name == "" && at.Channel != "":
		found, err := r.client.channels.get(ctx, at.Channel)
		if err != nil { // a private channel that the bot may not look up; its id has to do
			r.log.Debug().Err(err).Str("channel", at.Channel).Msg("channel's name")
			break
		}
		at.Name = found.name
		switch {
		case found.direct:
			at.Kind, at.Name = chat.OtherDM, ""
		case found.private:
			at.Kind = chat.PrivateChannel
		}
	}
	return nil
}

// unknownPerson answers when Slack did not say who asks: without that nobody's rights are known.
func (r *Receiver) unknownPerson(err error) chat.Reply {
	ref := reference()
	r.log.Error().Err(err).Str("ref", ref).Msg("person could not be looked up")
	return chat.Reply{Headline: chat.Textf("Slack would not tell me who you are just now, so nothing was done (ref %s). Please try again in a minute.", ref)}
}

// reference is four hexadecimal digits that lead from an answer to its log line.
func reference() string {
	var b [2]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the process first
	return hex.EncodeToString(b[:])
}
