package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"time"

	"bellhop/chat"
)

// optionsPatience is how long a searched menu waits for its options, which travel in the ack.
const optionsPatience = 2500 * time.Millisecond

// What people are told in an ack.
const (
	saidBusy   = "I have my hands full just now, so I did not take this on. Please try again in a minute."
	saidUnsafe = "I could not write this down safely, so nothing was done. Please try again in a minute."
	saidBroken = "Something broke on our side, and nothing was done. Please try again."
)

// take hands an envelope to the intake, and never waits: the library's events must be read.
func (r *Receiver) take(link *connection, e envelope) {
	if r.stopping.Load() {
		return // not acked: Slack brings it to another replica, or tells the person
	}
	e.at = r.client.clock.Now()
	select {
	case r.intake <- arrival{link, e}:
	default:
		r.client.metrics.envelopes.WithLabelValues(kindLabel(e.kind), "busy").Inc()
		select {
		case r.full <- arrival{link, e}:
		default: // not even that: the person sees Slack's own word, and events come again
		}
	}
}

// refuseAll tells those for whom the intake had no room, until the receiver stops.
func (r *Receiver) refuseAll() {
	for {
		select {
		case a := <-r.full:
			r.refuse(a, saidBusy)
		case <-r.stop.Done():
			return
		}
	}
}

// takeAll takes envelopes to their ack until the receiver stops and all that came before are acked.
func (r *Receiver) takeAll() {
	for {
		select {
		case a := <-r.intake:
			r.takeOne(a)
		case <-r.stop.Done():
			for {
				select {
				case a := <-r.intake:
					r.takeOne(a)
				default:
					return
				}
			}
		}
	}
}

// takeOne does everything between an envelope and its ack.
func (r *Receiver) takeOne(a arrival) {
	outcome := "failed"
	defer func() {
		if p := recover(); p != nil {
			r.client.metrics.panics.Inc()
			r.log.Error().Str("panic", fmt.Sprint(p)).Bytes("stack", debug.Stack()).Msg("panic while taking an envelope")
			if a.envelope.kind == typeCommand {
				a.link.ack(a.envelope, map[string]any{"response_type": "ephemeral", "text": saidBroken})
			}
		}
		r.client.metrics.envelopes.WithLabelValues(kindLabel(a.envelope.kind), outcome).Inc()
	}()
	asked, err := r.reader().read(a.envelope)
	switch {
	case err != nil: // acked all the same: delivered again it would read no better
		outcome = "unknown"
		r.log.Warn().Err(err).Str("type", a.envelope.kind).Msg("an envelope could not be read")
		a.link.ack(a.envelope, nil)
	case asked.ignored != "":
		outcome = "ignored"
		a.link.ack(a.envelope, nil)
	case asked.changed != nil:
		outcome = "answered"
		r.client.personChanged(*asked.changed)
		a.link.ack(a.envelope, nil)
	case asked.suggestion:
		outcome = "answered"
		a.link.ack(a.envelope, r.suggest(asked))
	case !r.seen.first(asked.request.ID) && !r.router.Changes(asked.request):
		// A repeat of what changes something goes the way of the first, to the record: until that stands, acking the repeat
		// would tell Slack that a request is safe which a crash may still lose.
		outcome = "duplicate"
		a.link.ack(a.envelope, nil)
	default:
		outcome = r.accept(a, asked)
	}
}

func (r *Receiver) reader() reader { return reader{names: r.names, self: r.self} }

// kindLabel keeps a metric's label to the types that are known.
func kindLabel(kind string) string {
	switch kind {
	case typeEvent, typeCommand, typeInteractive:
		return kind
	}
	return "unknown"
}

// accept acks what is to be answered, after it was recorded or has its place in the queue.
func (r *Receiver) accept(a arrival, asked ask) (outcome string) {
	if asked.request.Via == chat.Submit {
		if faults := r.router.Check(asked.request); len(faults) > 0 {
			a.link.ack(a.envelope, map[string]any{"response_action": "errors", "errors": faults})
			return "answered"
		}
	}
	if r.router.Changes(asked.request) {
		return r.record(a, asked)
	}
	select {
	case r.slots <- struct{}{}:
	default:
		r.seen.forget(asked.request.ID)
		r.refuse(a, saidBusy)
		return "busy"
	}
	r.client.metrics.held.Inc()
	if r.router.OpensForm(asked.request) {
		asked.ackAfter = func(payload any) { a.link.ack(a.envelope, payload) }
	} else {
		a.link.ack(a.envelope, nil)
	}
	r.asks <- asked // has room: there are as many places as slots
	return "taken"
}

// record keeps what changes something before it is acked.
func (r *Receiver) record(a arrival, asked ask) (outcome string) {
	body, err := json.Marshal(recorded{Kind: a.envelope.kind, Payload: a.envelope.payload, At: a.envelope.at.UnixMilli()})
	var fresh bool
	if err == nil {
		ctx, cancel := context.WithTimeout(r.handling, ackPatience)
		fresh, err = r.inbox.Record(ctx, asked.request.ID, body, a.envelope.at)
		cancel()
	}
	if err != nil {
		r.log.Error().Err(err).Str("request", asked.request.ID).Msg("record a request")
		r.seen.forget(asked.request.ID)
		r.refuse(a, saidUnsafe)
		return "failed"
	}
	a.link.ack(a.envelope, nil)
	if !fresh {
		return "duplicate"
	}
	select {
	case r.wake <- struct{}{}:
	default: // the loop is awake already
	}
	return "recorded"
}

// suggest is the options of a searched menu, as the ack takes them.
func (r *Receiver) suggest(asked ask) any {
	ctx, cancel := context.WithTimeout(r.handling, optionsPatience)
	defer cancel()
	var choices []chat.Option
	if person, err := r.client.Person(ctx, asked.request.Person.ID); err == nil {
		asked.request.Person = person
		choices = r.router.Options(ctx, asked.request)
	} else {
		r.log.Warn().Err(err).Msg("options: who asks")
	}
	for {
		payload := map[string]any{"options": options(choices)}
		if text, err := json.Marshal(payload); err == nil && len(text) < maxAck || len(choices) == 0 {
			return payload
		}
		choices = choices[:len(choices)/2]
	}
}

// refuse tells a person in the ack that their command, click or form was not taken. An event is left without an ack:
// Slack brings it again.
func (r *Receiver) refuse(a arrival, why string) {
	switch a.envelope.kind {
	case typeCommand:
		a.link.ack(a.envelope, map[string]any{"response_type": "ephemeral", "text": why})
	case typeInteractive:
		asked, err := r.reader().read(a.envelope)
		switch {
		case err != nil || asked.ignored != "":
			a.link.ack(a.envelope, nil)
		case asked.suggestion:
			a.link.ack(a.envelope, map[string]any{"options": []any{}})
		case asked.formBlock != "":
			a.link.ack(a.envelope, map[string]any{"response_action": "errors", "errors": map[string]string{asked.formBlock: why}})
		default: // Slack shows nothing of a click's ack, so that the word goes the other way too
			a.link.ack(a.envelope, map[string]any{"text": why})
			r.tell(note{asked, why})
		}
	}
}

// note is a word to an asker who was refused.
type note struct {
	to   ask
	text string
}

// tell passes a note on if there is room; a flood of clicks is no reason for a flood of posts.
func (r *Receiver) tell(n note) {
	select {
	case r.notes <- n:
	default:
	}
}

// noteAll gives askers their notes until the receiver stops.
func (r *Receiver) noteAll() {
	for {
		select {
		case n := <-r.notes:
			ctx, cancel := context.WithTimeout(r.handling, 10*time.Second)
			if err := r.client.onlyYou(ctx, n.to, chat.Reply{Headline: chat.Textf("%s", n.text)}); err != nil {
				r.log.Warn().Err(err).Msg("tell that it was not taken")
			}
			cancel()
		case <-r.stop.Done():
			return
		}
	}
}
