package handlers

import (
	"context"

	"bellhop/catalog"
	"bellhop/chat"
)

// Belonging tells which teams people and channels belong to; catalog.Catalog does.
type Belonging interface {
	UserFor(ctx context.Context, slackID, email string) (catalog.Entity, bool, error)
	Teams(ctx context.Context, user catalog.Ref) ([]catalog.Entity, error)
	TeamsOfChannel(ctx context.Context, channelID, channelName string) ([]catalog.Entity, error)
}

// ourTeams are the teams that "we" means: those of the channel in which it is said, else the asker's own.
func ourTeams(ctx context.Context, b Belonging, r chat.Request) ([]catalog.Entity, error) {
	teams, err := b.TeamsOfChannel(ctx, r.Place.Channel, r.Place.Name)
	if err != nil || len(teams) > 0 {
		return teams, err
	}
	return teamsOf(ctx, b, r.Person)
}

// teamsOf are a person's own teams; none where the catalog does not know the person.
func teamsOf(ctx context.Context, b Belonging, p chat.Person) ([]catalog.Entity, error) {
	if p.ID == "" && p.Email == "" {
		return nil, nil
	}
	user, ok, err := b.UserFor(ctx, p.ID, p.Email)
	if err != nil || !ok {
		return nil, err
	}
	return b.Teams(ctx, user.Ref)
}

// refsOf are the references of entities, in their order.
func refsOf(entities []catalog.Entity) []catalog.Ref {
	refs := make([]catalog.Ref, len(entities))
	for i, e := range entities {
		refs[i] = e.Ref
	}
	return refs
}
