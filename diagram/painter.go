package diagram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"time"
)

// Painter draws in child processes.
type Painter struct {
	command []string
	free    chan struct{}
}

const (
	// painters is how many draw at a time.
	painters = 2
	// patience is how long one may take; 60 boxes take a second.
	patience = 8 * time.Second
	// maxPicture is the largest picture taken from a child, in bytes.
	maxPicture = 16 << 20
)

// NewPainter makes a Painter whose children are started by a command; they must do what Paint does.
func NewPainter(command ...string) *Painter {
	return &Painter{command: command, free: make(chan struct{}, painters)}
}

// Paint reads a diagram as JSON and writes it as PNG: what a child process does.
func Paint(in io.Reader, out io.Writer) error {
	var d Diagram
	if err := json.NewDecoder(in).Decode(&d); err != nil {
		return fmt.Errorf("read the diagram: %w", err)
	}
	picture, err := Draw(d)
	if err != nil {
		return err
	}
	if _, err := out.Write(picture); err != nil {
		return fmt.Errorf("write the picture: %w", err)
	}
	return nil
}

// Draw draws a diagram as PNG. It waits until one of few children is free.
func (p *Painter) Draw(ctx context.Context, d Diagram) ([]byte, error) {
	if err := d.check(); err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case p.free <- struct{}{}:
		defer func() { <-p.free }()
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for somebody to draw: %w", ctx.Err())
	}
	asked, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	picture, said := bounded{most: maxPicture}, bounded{most: 4 << 10}
	child := exec.CommandContext(ctx, p.command[0], p.command[1:]...)
	child.Stdin, child.Stdout, child.Stderr = bytes.NewReader(asked), &picture, &said
	child.Env = []string{"GOMAXPROCS=1", "GOMEMLIMIT=128MiB"} // and nothing of the parent's: secrets are there
	child.WaitDelay = time.Second
	if err := child.Run(); err != nil {
		return nil, fmt.Errorf("draw in a child process: %w: %s", errors.Join(err, ctx.Err()), said.data)
	}
	return picture.data, nil
}

// bounded takes so many bytes and no more.
type bounded struct {
	data []byte
	most int
}

var errTooMuch = errors.New("more than a picture should be")

// Write implements io.Writer.
func (b *bounded) Write(data []byte) (int, error) {
	if len(b.data)+len(data) > b.most {
		return 0, errTooMuch
	}
	b.data = append(b.data, data...)
	return len(data), nil
}
