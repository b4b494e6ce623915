// Package diagram draws boxes and the arrows between them as a picture: what needs what, to the right or down. Drawing takes
// memory that a long-lived process would keep, so that a Painter does it in a child process.
package diagram

import (
	"errors"
	"fmt"
)

// Diagram is what to draw.
type Diagram struct {
	Title  string
	Boxes  []Box
	Arrows []Arrow
	Note   string // a line under the picture
}

// Box is one thing: its name, and below it what it is.
type Box struct {
	Name, Note string
	Look       Look
	// Focus makes it stand out: it is what the diagram is about.
	Focus bool
}

// Arrow leads from one box to another, by their places in Diagram.Boxes.
type Arrow struct{ From, To int }

// Look is how a box is drawn.
type Look int

// The looks.
const (
	Component Look = iota
	API
	Resource
	Other
	Missing // what does not exist
	looks   // how many there are
)

const (
	// maxBoxes is how many boxes a picture takes. It is readable to about 60.
	maxBoxes = 250
	// maxArrows is how many arrows a picture takes.
	maxArrows = 1500
)

var errNoBoxes = errors.New("there is nothing to draw")

// check tells whether a diagram can be drawn.
func (d Diagram) check() error {
	switch {
	case len(d.Boxes) == 0:
		return errNoBoxes
	case len(d.Boxes) > maxBoxes || len(d.Arrows) > maxArrows:
		return fmt.Errorf("%d boxes and %d arrows are too many for a picture", len(d.Boxes), len(d.Arrows))
	}
	for _, a := range d.Arrows {
		if min(a.From, a.To) < 0 || max(a.From, a.To) >= len(d.Boxes) {
			return fmt.Errorf("an arrow leads from box %d to %d of %d", a.From, a.To, len(d.Boxes))
		}
	}
	for _, b := range d.Boxes {
		if b.Look < 0 || b.Look >= looks {
			return fmt.Errorf("there is no look %d", b.Look)
		}
	}
	return nil
}
