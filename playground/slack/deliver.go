package slack

import (
	"context"
	"encoding/json"
	"time"
)

// ackTime is how long Slack waits for an ack.
const ackTime = 3 * time.Second

// delivery is one envelope on its way.
type delivery struct {
	envelope envelope
	record   *envelopeRecord
	on       *socket
	sent     time.Time // real time
	deadline time.Time // by the playground's clock
	done     chan outcome
}

// envelope is what Socket Mode wraps everything in.
type envelope struct {
	kind    string // events_api, slash_commands or interactive
	label   string // what the log shows: the command, the type of interaction or event
	payload object
	accepts bool // the ack's payload is an answer
	attempt int
	reason  string
}

// outcome is how a delivery ended.
type outcome struct {
	acked   bool
	lost    bool // the connection ended before
	payload json.RawMessage
}

// lose tells the waiting side that the connection ended before the ack.
func (d *delivery) lose() {
	select {
	case d.done <- outcome{lost: true}:
	default:
	}
}

// dispatch sends an envelope to the connection whose turn it is; nil when there is none. The lock is held.
func (s *Server) dispatch(e envelope) *delivery {
	d := s.sendOn(e, false)
	if d != nil && s.wire.duplicate > 0 {
		s.wire.duplicate--
		again := e
		if e.kind == "events_api" {
			again.attempt, again.reason = e.attempt+1, "timeout"
		}
		s.sendOn(again, true)
	}
	return d
}

func (s *Server) sendOn(e envelope, duplicate bool) *delivery {
	c := s.sockets.next()
	if c == nil {
		return nil
	}
	s.log.seq++
	id := envelopeID()
	d := &delivery{
		envelope: e, on: c, sent: time.Now(), deadline: s.now().Add(ackTime), done: make(chan outcome, 1),
		record: &envelopeRecord{
			Seq: s.log.seq, EnvelopeID: id, Type: e.kind, Kind: e.label, At: s.now(), Connection: c.id,
			RetryAttempt: e.attempt, RetryReason: e.reason, Duplicate: duplicate,
		},
	}
	d.record.EventID, _ = e.payload["event_id"].(string)
	d.record.TriggerID, _ = e.payload["trigger_id"].(string)
	s.log.envelopes = keepNewest(append(s.log.envelopes, d.record))
	s.sockets.sweep(s.now())
	s.sockets.pending[id] = d
	frame := object{
		"envelope_id": id, "type": e.kind, "payload": e.payload, "accepts_response_payload": e.accepts,
	}
	if e.kind == "events_api" {
		frame["retry_attempt"], frame["retry_reason"] = e.attempt, e.reason
	}
	c.send(marshal(frame))
	s.live.tell(note{Type: "envelope", Name: e.label})
	return d
}

// sweep forgets envelopes whose ack can no longer be meant.
func (k *sockets) sweep(now time.Time) {
	if len(k.pending) < 1000 {
		return
	}
	for id, d := range k.pending {
		if now.Sub(d.deadline) > 10*time.Minute {
			delete(k.pending, id)
		}
	}
}

// envelopeID is a random UUID, which is what Slack uses.
func envelopeID() string {
	h := randomHex(16)
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-a" + h[17:20] + "-" + h[20:]
}

// sendUnknown sends an envelope of a type that no client knows.
func (s *Server) sendUnknown() {
	s.dispatch(envelope{kind: "workflow_steps_v9", label: "unknown", payload: object{"type": "from_the_future"}})
}

// acked takes an ack. It may come on another connection than the envelope went out on.
func (s *Server) acked(c *socket, id string, payload json.RawMessage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.sockets.pending[id]
	if d == nil {
		return
	}
	delete(s.sockets.pending, id)
	took, now := float64(time.Since(d.sent).Microseconds())/1000, s.now()
	d.record.Acked, d.record.AckMS, d.record.AckedOn, d.record.AckedAt = true, &took, c.id, &now
	if !now.After(d.deadline) {
		select {
		case d.done <- outcome{acked: true, payload: payload}:
		default:
		}
	}
	s.live.tell(note{Type: "ack", Name: d.record.Kind})
}

// await waits for the ack, for the connection's end or for the 3 s to pass.
func (s *Server) await(d *delivery, lossEnds bool) outcome {
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	late := make(chan struct{})
	go func() {
		if s.clock.Wait(ctx, d.deadline) == nil {
			close(late)
		}
	}()
	for {
		select {
		case o := <-d.done:
			if o.acked || lossEnds {
				return o
			}
		case <-late:
			select {
			case o := <-d.done: // an ack that came in time counts, though the clock has jumped since
				return outcome{acked: o.acked, payload: o.payload}
			default:
				return outcome{}
			}
		case <-ctx.Done():
			return outcome{}
		}
	}
}

// ask sends a command or a click and waits for its ack. Slack never sends those twice: code is what the person sees,
// "" when all is well.
func (s *Server) ask(e envelope) (d *delivery, payload json.RawMessage, code string) {
	s.mu.Lock()
	d = s.dispatch(e)
	s.mu.Unlock()
	if d == nil {
		return nil, nil, "dispatch_failed"
	}
	o := s.await(d, false)
	if !o.acked {
		return d, nil, "operation_timeout"
	}
	return d, o.payload, ""
}

// retryWaits are Slack's waits before each attempt of an event after the first.
func retryWaits() []time.Duration { return []time.Duration{0, time.Minute, 5 * time.Minute} }

// deliver sends an event, and again while no ack comes: at once, after a minute, after five. The lock is held.
func (s *Server) deliver(e envelope) {
	if s.ctx.Err() != nil {
		return
	}
	d, due := s.dispatch(e), s.now()
	s.work.Go(func() {
		for _, wait := range retryWaits() {
			failed, reason := s.failed(d, due)
			if reason == "" {
				return
			}
			due = failed.Add(wait)
			if s.clock.Wait(s.ctx, due) != nil {
				return
			}
			e.attempt, e.reason = e.attempt+1, reason
			s.mu.Lock()
			d = s.dispatch(e)
			s.mu.Unlock()
		}
		if _, reason := s.failed(d, due); reason != "" {
			s.cfg.Log.Debug().Str("event", e.label).Msg("slack playground gave an event up after three retries")
		}
	})
}

// failed waits for an event's ack and says when and why it did not come; the reason is "" when it did. The moment is
// the one that the clock's rules give, however late this code runs.
func (s *Server) failed(d *delivery, due time.Time) (at time.Time, reason string) {
	if d == nil {
		return due, "connection_failed"
	}
	o := s.await(d, true)
	switch {
	case o.acked:
		return time.Time{}, ""
	case o.lost:
		return s.now(), "connection_failed"
	}
	return d.deadline, "timeout"
}
