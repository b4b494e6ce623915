package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"bellhop/chat"
	"bellhop/work"
)

// keptFor is how long the inbox remembers what was done, so that a late redelivery stays a repeat.
const keptFor = 24 * time.Hour

// staleAfter is the age at which a request that changes something is not done unasked any more: whoever asked has waited
// in vain and may have done it another way.
const staleAfter = 5 * time.Minute

// inboxTries is how often handling is tried while Slack does not say who asks.
const inboxTries = 6

// actionAgain runs the words in its value, as if they had been typed.
const actionAgain = "bellhop.again"

// recorded is an envelope as the inbox keeps it.
type recorded struct {
	Kind    string          `json:"kind"`
	Payload json.RawMessage `json:"payload"`
	At      int64           `json:"at"` // unix milliseconds
}

// inboxLoop works off what was recorded, this process's and that of others that died.
func (r *Receiver) inboxLoop() *work.Loop {
	return &work.Loop{
		Queue: r.queue, Clock: r.client.clock, Log: r.log, Kind: InboxKind, Wake: r.wake, Width: r.readers,
		Step: r.step, Grace: drainFor,
	}
}

// step handles one recorded request, or forgets it when its time is over.
func (r *Receiver) step(ctx context.Context, item work.Item) (time.Time, error) {
	body, done, err := r.inbox.Load(ctx, item.ID)
	if err != nil {
		return time.Time{}, fmt.Errorf("load request: %w", err)
	}
	if body == nil {
		return time.Time{}, nil
	}
	var kept recorded
	if err := json.Unmarshal(body, &kept); err != nil {
		return time.Time{}, fmt.Errorf("read request: %w", err)
	}
	now, came := r.client.clock.Now(), time.UnixMilli(kept.At)
	if done {
		if now.Before(came.Add(keptFor)) {
			return came.Add(keptFor), nil
		}
		if err := r.inbox.Remove(ctx, item.ID); err != nil {
			return time.Time{}, fmt.Errorf("remove request: %w", err)
		}
		return time.Time{}, nil
	}
	asked, err := r.reader().read(envelope{kind: kept.Kind, payload: kept.Payload, at: came})
	if err != nil { // it was read before it was recorded: another version wrote it
		r.log.Error().Err(err).Str("request", item.ID).Msg("a recorded request could not be read")
		return came.Add(keptFor), r.inbox.Finish(ctx, item.ID, now)
	}
	if err := r.do(ctx, item, asked, now); err != nil {
		return time.Time{}, err // again soon: its asker waits
	}
	return came.Add(keptFor), nil
}

// do handles a recorded request to its answer.
func (r *Receiver) do(ctx context.Context, item work.Item, asked ask, now time.Time) error {
	r.client.metrics.held.Inc()
	defer r.client.metrics.held.Dec()

	var reply chat.Reply
	if age := now.Sub(asked.request.At); age > staleAfter {
		reply = r.askAgain(asked, age, item.Attempts > 1)
	} else {
		var err error
		reply, err = r.handle(ctx, &asked)
		switch {
		case ctx.Err() != nil: // cut short: whoever takes it next does it again
			return fmt.Errorf("handle request: %w", ctx.Err())
		case err != nil && item.Attempts < inboxTries:
			return err
		case err != nil:
			reply = r.unknownPerson(err)
		}
	}
	if err := r.inbox.Finish(ctx, item.ID, r.client.clock.Now()); err != nil {
		return fmt.Errorf("finish request: %w", err)
	}
	send, cancelSend := context.WithTimeout(ctx, answerPatience)
	defer cancelSend()
	r.send(send, asked, reply)
	return nil
}

// askAgain asks whether something that came long ago is still wanted. begun tells that it was taken up before, by a process
// that may have died after it had done it.
func (r *Receiver) askAgain(asked ask, age time.Duration, begun bool) chat.Reply {
	outcome := "and nothing was done"
	if begun {
		outcome = "and I cannot tell whether it was done: please look first"
	}
	came := fmt.Sprintf("came %d minutes ago, while I was away, %s", int(age.Round(time.Minute).Minutes()), outcome)
	words := r.router.Words(asked.request)
	if words == "" || size(words) > maxValue {
		return chat.Reply{Headline: chat.Textf("What you asked for %s. If you still want it, please press or fill in the same again.", came)}
	}
	return chat.Reply{
		Headline: chat.Line(chat.Plain("This "+came+": "), chat.Code(words), chat.Plain(". Run it now?")),
		Parts:    []chat.Part{chat.Buttons{{Label: "Run it now", Action: actionAgain, Value: words, Style: chat.Primary}}},
	}
}
