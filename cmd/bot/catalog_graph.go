package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"bellhop/catalog"
	"bellhop/diagram"
	"bellhop/handlers"
)

type catalogGraphCommand struct {
	storedFlags
	Steps   int      `name:"steps" default:"2" help:"How far to go, in both directions."`
	Most    int      `name:"most" default:"60" help:"The most entities to tell of; a picture can be read to about 60, and is drawn to 250."`
	Picture string   `name:"picture" placeholder:"FILE" help:"Draw it into this file, as PNG, instead of telling it."`
	Words   []string `arg:"" name:"ref" help:"A reference, name, title or repository: component:payments."`
}

// Run tells or draws what an entity needs and what needs it.
func (c *catalogGraphCommand) Run(ctx context.Context, t terminal) (err error) {
	if c.Steps < 1 || c.Most < 1 {
		return errors.New("--steps and --most are at least 1")
	}
	stored, end, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, end()) }()
	e, err := only(ctx, stored, strings.Join(c.Words, " "))
	if err != nil {
		return err
	}
	g, err := stored.Graph(ctx, e, catalog.Reach{Needs: c.Steps, NeededBy: c.Steps, Most: c.Most})
	if err != nil {
		return err
	}
	if c.Picture == "" {
		say(t.out, "%s", handlers.GraphInWords(e, g).Text(nil))
		return nil
	}
	picture, err := diagram.Draw(handlers.GraphDiagram(e, g))
	if err != nil {
		return err
	}
	if err := os.WriteFile(c.Picture, picture, 0o644); err != nil {
		return fmt.Errorf("write the picture: %w", err)
	}
	say(t.out, "%s: %s, %s", c.Picture, amount(len(g.Nodes), "node"), amount(len(g.Edges), "arrow"))
	return nil
}
