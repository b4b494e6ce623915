package handlers

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"bellhop/catalog"
	"bellhop/chat"
)

// CatalogCare is what looks after the catalog itself.
type CatalogCare interface {
	Refresh(ctx context.Context) (catalog.RefreshResult, error)
	Status(ctx context.Context) (catalog.Status, error)
}

// bellhopCommand is /bellhop: every other command is a word after it, and these few are its own, with more among them.
func bellhopCommand(care CatalogCare, rows func() []chat.Command, admins Admins, more ...chat.Command) chat.Command {
	help := helpCommand(rows, admins)
	row := chat.Command{
		Name: umbrella, Slash: true, Usage: "COMMAND", Summary: "takes every command as a word, in threads by mention too",
		Examples: []string{"help"}, Feature: chat.Ask, Run: help.Run,
		Sub: []chat.Command{
			help,
			{
				Name: "status", Summary: "says how old and how large the catalog is", Feature: chat.Ask,
				Run: func(ctx context.Context, _ chat.Request) (chat.Reply, error) { return catalogStatus(ctx, care) },
			},
			{
				Name: "refresh", Summary: "reads the catalog's files now", Feature: chat.Ask, Role: chat.Admins, Changes: true,
				Run: func(ctx context.Context, _ chat.Request) (chat.Reply, error) { return catalogRefresh(ctx, care) },
			},
		},
	}
	row.Sub = slices.Insert(row.Sub, 1, more...) // before what is about the catalog as a whole
	return row
}

func catalogStatus(ctx context.Context, care CatalogCare) (chat.Reply, error) {
	status, err := care.Status(ctx)
	if err != nil {
		return chat.Reply{}, err
	}
	if status.RefreshedAt.IsZero() {
		return chat.Reply{Headline: chat.Textf("The catalog has not been read yet. Ask again in a moment.")}, nil
	}
	reply := chat.Reply{Headline: chat.Line(
		chat.Plain(counted(status.Entities, "entity", "entities")+" in the catalog, last read "), chat.Moment{At: status.RefreshedAt},
		chat.Plain(", "+counted(status.Problems, "problem", "problems")))}
	if status.Problems > 0 {
		reply.Parts = append(reply.Parts, chat.Buttons{{Label: "Show problems", Action: ActionTry, Value: "problems"}})
	}
	return reply, nil
}

func catalogRefresh(ctx context.Context, care CatalogCare) (chat.Reply, error) {
	result, err := care.Refresh(ctx)
	if errors.Is(err, catalog.ErrRefreshing) {
		return chat.Reply{}, chat.Errorf("The catalog is being read right now. Look again in a moment with /bellhop status.")
	}
	if err != nil {
		return chat.Reply{}, err
	}
	return chat.Reply{Headline: chat.Textf("Read %s in %d ms: %s, %d new, %d changed, %d gone, %s.",
		counted(result.Files, "file", "files"), result.Took.Milliseconds(), counted(result.Entities, "entity", "entities"),
		result.Added, result.Changed, result.Removed, counted(result.Problems, "problem", "problems"))}, nil
}

// counted is a number with its noun.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
