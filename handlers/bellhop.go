package handlers

import (
	"fmt"
	"slices"

	"bellhop/chat"
)

// bellhopCommand is /bellhop: every other command is a word after it, and these few are its own, with more among them.
func bellhopCommand(care CareDeps, rows func() []chat.Command, admins Admins, more ...chat.Command) chat.Command {
	help := helpCommand(rows, admins)
	row := chat.Command{
		Name: umbrella, Slash: true, Usage: "COMMAND", Summary: "takes every command as a word, in threads by mention too",
		Examples: []string{"help"}, Feature: chat.Ask, Run: help.Run,
		Sub: []chat.Command{
			help,
			{
				Name: "status", Summary: "says how old and how large the catalog is, and how its sources stand", Feature: chat.Ask,
				Run: care.status,
			},
			{
				Name: "refresh", Summary: "reads the catalog anew now", Feature: chat.Ask, Role: chat.Admins, Changes: true,
				Run: care.refresh,
			},
		},
	}
	row.Sub = slices.Insert(row.Sub, 1, more...) // before what is about the catalog as a whole
	return row
}

// counted is a number with its noun.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
