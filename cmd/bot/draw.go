package main

import (
	"os"

	"bellhop/diagram"
)

// drawCommand is the child process in which pictures are drawn; see diagram.Painter.
type drawCommand struct{}

// Run draws what comes on standard input.
func (drawCommand) Run(t terminal) error { return diagram.Paint(os.Stdin, t.out) }

// newPainter draws with this same binary, or is nil where that cannot be found.
func newPainter() *diagram.Painter {
	self, err := os.Executable()
	if err != nil {
		return nil
	}
	return diagram.NewPainter(self, "draw")
}
