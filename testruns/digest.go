package testruns

import (
	"time"

	"bellhop/catalog"
)

// Digest is a summary, ready to be shown.
type Digest struct {
	Summary    Summary
	Period     Period
	Zone       *time.Location
	Components []ComponentDigest
}

// ComponentDigest is what the tests of one component say.
type ComponentDigest struct {
	Name      string // as the config or the asker names it
	Component catalog.Entity
	Known     bool // the catalog has it
	Repo      string
	Owner     catalog.Ownership
	Followed  Followed
	Follows   bool // whether it is followed
	Judgement Judgement
}
