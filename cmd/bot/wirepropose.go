package main

import (
	"bellhop/catalog"
	"bellhop/handlers"
	"bellhop/integrations/github"
)

// propose is what opens pull requests.
func (b *bot) propose() handlers.ProposeDeps {
	deps := handlers.ProposeDeps{Changes: b.environments, WebURL: b.webURL()}
	if b.github != nil {
		deps.Proposals = github.NewProposals(b.github)
	}
	return deps
}

// drift is what compares owners with what happens.
func (b *bot) drift() handlers.DriftDeps {
	deps := handlers.DriftDeps{Entities: b.catalog, Listed: b.catalog, Graphs: b.catalog, Belonging: b.catalog, Propose: b.propose()}
	if b.github != nil {
		deps.Drifts = catalog.Drifts{Catalog: b.catalog, Codeowners: b.github, Committers: b.github}
	}
	return deps
}
