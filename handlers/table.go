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
	Care   CareDeps
	Ask    WhoOwnsDeps
	Deploy DeployEnvDeps
	Tests  TestsDeps
	Cards  CardDeps
	Home   HomeDeps
	Graph  GraphDeps
	Drift  DriftDeps
	Adopt  AdoptDeps
	Me     MeDeps
	Wrong  ProblemsDeps
}

// Table is the rows in the order of help: all that people can ask.
func Table(d Deps) []chat.Command {
	var rows []chat.Command
	rows = []chat.Command{
		whoOwnsCommand(d.Ask),
		deployEnvCommand(d.Deploy),
		envsCommand(d.Deploy),
		testsCommand(d.Tests),
		bellhopCommand(d.Care, func() []chat.Command { return rows }, d.Admins,
			d.takingMentions(showCommand(d.Cards)), findCommand(d.Cards), d.takingMentions(teamCommand(d.Cards)), d.takingMentions(readinessCommand(d.Cards)),
			d.takingMentions(graphCommand(d.Graph)), d.takingMentions(impactCommand(d.Graph)), d.takingMentions(driftCommand(d.Drift)),
			adoptCommand(d.Adopt), meCommand(d.Me), d.takingMentions(problemsCommand(d.Wrong))),
	}
	rows = slices.DeleteFunc(rows, func(row chat.Command) bool { return !d.offers(row.Feature) })
	return rows
}

// takingMentions lets a row take mentions as /who-owns does.
func (d Deps) takingMentions(row chat.Command) chat.Command {
	return whoOwns{d.Ask}.takingMentions(row)
}

// offers tells whether a feature is switched on.
func (d Deps) offers(f chat.Feature) bool {
	return len(d.Features) == 0 || slices.Contains(d.Features, f)
}

// Home answers the opened home tab.
func Home(d Deps) chat.Handler { return home{d.Home, d.offers}.answer }
