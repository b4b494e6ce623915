package handlers

import (
	"slices"

	"bellhop/chat"
)

// Deps is what the table's rows are made of: ports that cmd/bot fills. The zero Deps makes a table that describes itself
// and cannot be run.
type Deps struct {
	// Features are those that the config switches on; rows of others are left out. None stands for all.
	Features []chat.Feature

	Admins Admins
	Care   CatalogCare
	Ask    WhoOwnsDeps
	Deploy DeployEnvDeps
	Tests  TestsDeps
	Home   HomeDeps
}

// Table is the rows in the order of help: all that people can ask.
func Table(d Deps) []chat.Command {
	var rows []chat.Command
	rows = []chat.Command{
		whoOwnsCommand(d.Ask),
		deployEnvCommand(d.Deploy),
		envsCommand(d.Deploy),
		testsCommand(d.Tests),
		bellhopCommand(d.Care, func() []chat.Command { return rows }, d.Admins),
	}
	if len(d.Features) > 0 {
		rows = slices.DeleteFunc(rows, func(row chat.Command) bool { return !slices.Contains(d.Features, row.Feature) })
	}
	return rows
}

// Home answers the opened home tab.
func Home(d Deps) chat.Handler { return homeHandler(d.Home) }
