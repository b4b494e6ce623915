package catalog

import (
	"fmt"
	"time"
)

// Severity is how bad a Problem is.
type Severity string

// The severities.
const (
	// SeverityError is a document or source that could not be taken.
	SeverityError Severity = "error"
	// SeverityWarning is something taken that is probably not as meant.
	SeverityWarning Severity = "warning"
)

// Problem is something wrong in what the catalog was given. Document and Line count from 1; they are 0 where the
// problem is the file's or the location's as a whole.
type Problem struct {
	Location string   `json:"location,omitempty"`
	File     string   `json:"file"`
	Document int      `json:"document,omitempty"`
	Line     int      `json:"line,omitempty"`
	Field    string   `json:"field,omitempty"` // "metadata.tags[1]"
	Severity Severity `json:"severity"`
	Entity   string   `json:"entity,omitempty"` // the reference, where it could be read
	Owner    string   `json:"owner,omitempty"`  // the reference of the owner that the document names, where it could be read
	Message  string   `json:"message"`          // what is wrong
	Hint     string   `json:"hint,omitempty"`   // what would be right
	// Duplicate is set where the name was already claimed elsewhere: such a file is read anew each time, since its
	// claim may come to count.
	Duplicate bool `json:"duplicate,omitempty"`
	// Since is set where a source could not be read, to when that was first so, to the millisecond.
	Since time.Time `json:"since,omitzero"`
}

// String is the problem on one line: `catalog/payments.yaml:12: spec.owner: …`.
func (p Problem) String() string {
	where := p.File
	if where == "" {
		where = p.Location
	}
	if p.Line > 0 {
		where = fmt.Sprintf("%s:%d", where, p.Line)
	}
	text := p.Message
	if p.Field != "" {
		text = p.Field + ": " + text
	}
	if p.Hint != "" {
		text += "; " + p.Hint
	}
	return where + ": " + text
}
