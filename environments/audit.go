package environments

import "time"

// Entry is a row of the audit, which is only ever added to. People stand in it by their id alone, which the store keeps
// apart, so that a person can be forgotten while the record stays: neither Request nor World nor Decision may name them.
type Entry struct {
	ID          string // made by the store's caller; unique
	At          time.Time
	Event       Event
	Environment string // its name; empty where the request did not come so far
	Deployment  string // id of the deployment it was about
	Component   string // reference
	Kind        string
	Person      Person // who asked; nobody for what happened by itself
	Channel     string // where; empty for direct messages
	Outcome     string // a policy Outcome, or for Ended the state
	Code        Code   // why, for machines
	SHA         string // the commit it was about
	RunURL      string
	Request     *Request  // as it was decided on; nil for what nobody asked
	World       *World    // what was so
	Decision    *Decision // what was decided
}

// Event is what an audit entry records.
type Event string

// The events. Requests that were refused stand under the event they asked for.
const (
	EventDeploy   Event = "deploy"
	EventRedeploy Event = "redeploy"
	EventCancel   Event = "cancel"
	EventDestroy  Event = "destroy"
	EventExpire   Event = "expire" // time was up
	EventEnded    Event = "ended"  // an operation came to its end
	EventOther    Event = "other"  // another command that changes something was refused
	// EventPropose and EventAccount concern no environment: a pull request was opened for somebody, and an account of theirs
	// was linked or unlinked.
	EventPropose Event = "propose"
	EventAccount Event = "account"
)

// HistoryFilter chooses audit entries; empty fields choose all.
type HistoryFilter struct {
	Environment string
	Component   string // reference
	Kind        string
	Events      []Event
	Since       time.Time // at or after
	Before      time.Time
	Limit       int // 0 is 100
}
