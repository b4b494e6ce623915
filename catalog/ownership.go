package catalog

import (
	"context"
	"fmt"
	"strings"
)

// Ownership is who answers for an entity.
type Ownership struct {
	// Group is the owner: a Group, seldom a User. It is zero unless Found.
	Group Entity
	Found bool
	// Named is what the entity's descriptor names as its owner; zero where it names none. When not Found, Named does
	// not exist in the catalog.
	Named Ref
	// Trusted tells that both the entity and its owner come from where the operator lets people be spoken of: only then may
	// anything rest on this that changes something, or wakes somebody.
	Trusted bool
	// Channel is where to ask: a name without # or an id; empty where the team names none.
	Channel string
	// People are the team's members who are still there, or the owner when it is a person.
	People []Entity
	// Gone are the members who have left: their Slack accounts are switched off.
	Gone []Entity
	// Next is who is there in the place of an owner that is not named, not known, or has nobody in it or under it; nil where
	// the owner has people, or nobody is to be found above it either.
	Next *NextUp
}

// Owner is who owns an entity by its descriptor, and who is next where nobody is there. A Group owns itself, and so does a
// User.
func (c *Catalog) Owner(ctx context.Context, e Entity) (Ownership, error) {
	owner, err := c.namedOwner(ctx, e)
	if err != nil {
		return Ownership{}, err
	}
	return c.withNext(ctx, owner, e)
}

// OwnerBy is what Owner would say if an entity's descriptor named that Group or User as its owner: for what another source,
// such as CODEOWNERS, says of a part of it.
func (c *Catalog) OwnerBy(ctx context.Context, e, owner Entity) (Ownership, error) {
	o, err := c.ownership(ctx, owner)
	if err != nil {
		return Ownership{}, err
	}
	return c.withNext(ctx, o, owner, e)
}

// withNext adds who is there in an owner's place where it takes somebody: from the entities upwards.
func (c *Catalog) withNext(ctx context.Context, o Ownership, from ...Entity) (Ownership, error) {
	if len(o.People) > 0 {
		return o, nil
	}
	if o.Found {
		if below, err := c.peopled(ctx, o.Group); err != nil || below {
			return o, err
		}
	}
	var err error
	o.Next, err = c.nextUp(ctx, from)
	return o, err
}

// namedOwner is the owner that the entity's descriptor names.
func (c *Catalog) namedOwner(ctx context.Context, e Entity) (Ownership, error) {
	if e.Is(KindGroup) || e.Is(KindUser) {
		return c.ownership(ctx, e)
	}
	owners, err := c.store.Related(ctx, e.Ref, OwnedBy)
	if err != nil {
		return Ownership{}, fmt.Errorf("owner of %s: %w", e.Ref, err)
	}
	if len(owners) == 0 {
		return Ownership{}, nil
	}
	owner := owners[0]
	if !owner.Found {
		return Ownership{Named: owner.Entity.Ref}, nil
	}
	o, err := c.ownership(ctx, owner.Entity)
	o.Trusted = c.Trusted(e) && c.Trusted(owner.Entity)
	return o, err
}

func (c *Catalog) ownership(ctx context.Context, owner Entity) (Ownership, error) {
	o := Ownership{Group: owner, Found: true, Named: owner.Ref}
	if channels := owner.Channels(); len(channels) > 0 {
		o.Channel = channels[0]
	}
	members := []Entity{owner}
	if !owner.Is(KindUser) {
		var err error
		if members, err = c.Members(ctx, owner.Ref); err != nil {
			return Ownership{}, err
		}
	}
	for _, member := range members {
		if c.HasLeft(member) {
			o.Gone = append(o.Gone, member)
		} else {
			o.People = append(o.People, member)
		}
	}
	return o, nil
}

// Members are the people of a group, by name, those included who have left.
func (c *Catalog) Members(ctx context.Context, group Ref) ([]Entity, error) {
	return c.Related(ctx, group, HasMember)
}

// Teams are the groups that a person is a direct member of.
func (c *Catalog) Teams(ctx context.Context, user Ref) ([]Entity, error) {
	return c.Related(ctx, user, MemberOf)
}

// Owned is what a group or person owns, components first.
func (c *Catalog) Owned(ctx context.Context, owner Ref) ([]Entity, error) {
	return c.relatedBy(ctx, owner, OwnerOf)
}

// Deployable are the components of an owner that can be deployed: they have a repository and are no library.
func (c *Catalog) Deployable(ctx context.Context, owner Ref) ([]Entity, error) {
	owned, err := c.Owned(ctx, owner)
	if err != nil {
		return nil, err
	}
	var deployable []Entity
	for _, e := range owned {
		if e.Deployable() {
			deployable = append(deployable, e)
		}
	}
	return deployable, nil
}

// TeamsOfChannel are the groups whose slack.com/channel names a channel, by its id or its name, and the groups that own
// the components which name it.
func (c *Catalog) TeamsOfChannel(ctx context.Context, channelID, channelName string) ([]Entity, error) {
	var teams []Entity
	for _, key := range []string{channelID, strings.TrimPrefix(channelName, "#")} {
		if key == "" {
			continue
		}
		found, err := c.byKey(ctx, KeyChannel, key)
		if err != nil {
			return nil, fmt.Errorf("teams of channel %s: %w", key, err)
		}
		for _, e := range found {
			owner, err := c.Owner(ctx, e)
			if err != nil {
				return nil, err
			}
			if owner.Found && owner.Group.Is(KindGroup) {
				teams = append(teams, owner.Group)
			}
		}
	}
	return distinct(teams), nil
}
