package main

import (
	"os"

	"bellhop/diagram"
	"bellhop/handlers"
)

// drawCommand is the child process in which pictures are drawn; see diagram.Painter.
type drawCommand struct{}

// Run draws what comes on standard input.
func (drawCommand) Run(t terminal) error { return diagram.Paint(os.Stdin, t.out) }

// drawer draws with this same binary; there is none where that cannot be found.
func drawer() handlers.Drawer {
	self, err := os.Executable()
	if err != nil {
		return nil
	}
	return diagram.NewPainter(self, "draw")
}
