package slack

import (
	"net/http"
	"time"
)

// callLog remembers the newest calls and envelopes for GET /_control/log.
type callLog struct {
	seq       int
	calls     []*callRecord
	envelopes []*envelopeRecord
}

// keptRecords is how many calls and how many envelopes are remembered.
const keptRecords = 20000

type callRecord struct {
	Seq        int       `json:"seq"`
	Method     string    `json:"method"`
	At         time.Time `json:"at"`
	Status     int       `json:"status"`
	OK         bool      `json:"ok"`
	Error      string    `json:"error,omitempty"`
	Params     object    `json:"params"`
	DurationMS float64   `json:"duration_ms"`
	TS         string    `json:"ts,omitempty"`       // of the message that came of it
	Notifies   []string  `json:"notifies,omitempty"` // whom its message wakes: user ids, user group ids, channel, here, everyone
}

type envelopeRecord struct {
	Seq          int        `json:"seq"`
	EnvelopeID   string     `json:"envelope_id"`
	Type         string     `json:"type"`
	Kind         string     `json:"kind"` // the command, the interaction's type, the event's type
	EventID      string     `json:"event_id,omitempty"`
	TriggerID    string     `json:"trigger_id,omitempty"`
	At           time.Time  `json:"at"`
	Connection   string     `json:"connection,omitempty"`
	RetryAttempt int        `json:"retry_attempt"`
	RetryReason  string     `json:"retry_reason,omitempty"`
	Duplicate    bool       `json:"duplicate,omitempty"`
	Acked        bool       `json:"acked"`
	AckMS        *float64   `json:"ack_ms"` // real milliseconds from write to ack; null when it was not acked
	AckedOn      string     `json:"acked_on,omitempty"`
	AckError     string     `json:"ack_error,omitempty"` // what Slack refuses in the ack's payload
	AckedAt      *time.Time `json:"acked_at,omitempty"`
}

// record puts a call into the log. The lock is held.
func (s *Server) record(name string, a args, status int, answer object, started time.Time) {
	s.log.seq++
	r := &callRecord{
		Seq: s.log.seq, Method: name, At: s.now(), Status: status, Params: a.shown(),
		DurationMS: float64(time.Since(started).Microseconds()) / 1000,
	}
	r.OK, _ = answer["ok"].(bool)
	r.Error, _ = answer["error"].(string)
	if r.OK && status == http.StatusOK {
		r.TS, _ = answer["ts"].(string)
		if m, ok := answer["message"].(*Message); ok && loud(name) {
			r.Notifies = s.notified(m)
		}
	}
	if !r.OK {
		s.cfg.Log.Debug().Str("method", name).Str("error", r.Error).Msg("slack playground refused a call")
	}
	s.log.calls = keepNewest(append(s.log.calls, r))
	s.live.tell(note{Type: "call", Name: name, TS: r.TS})
}

func keepNewest[T any](list []T) []T {
	if len(list) > keptRecords+keptRecords/4 {
		return append([]T(nil), list[len(list)-keptRecords:]...)
	}
	return list
}
