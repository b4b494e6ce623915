package catalog

import (
	"context"
	"fmt"
	"slices"
)

// NextUp is the first group above an entity's owner that has people. It is somebody to ask; it owns nothing by that.
type NextUp struct {
	Group   Entity
	Channel string // as in Ownership
	People  []Entity
}

// maxUp bounds how many steps are climbed, of what an entity is part of and of a group's parents.
const maxUp = 10

// nextUp looks for who is there when the owner of entities is not: who owns what they are part of (their system, its domain),
// then the groups above the owners (of a person their teams), nearest first. It is nil where there is nobody.
func (c *Catalog) nextUp(ctx context.Context, whole []Entity) (*NextUp, error) {
	var owners []Entity
	seen := map[string]bool{}
	for _, e := range whole {
		seen[e.Ref.String()] = true
	}
	for step := 0; step < maxUp && len(whole) > 0; step++ {
		for _, part := range whole {
			if part.Is(KindGroup) || part.Is(KindUser) {
				owners = append(owners, part)
				continue
			}
			named, err := c.Related(ctx, part.Ref, OwnedBy)
			if err != nil {
				return nil, err
			}
			owners = append(owners, named...)
		}
		var err error
		if whole, err = c.oneUp(ctx, whole, seen, PartOf); err != nil {
			return nil, err
		}
	}
	seen = map[string]bool{}
	owners = firstOfEach(owners)
	for step := 0; step < maxUp && len(owners) > 0; step++ {
		for _, owner := range owners {
			seen[owner.Ref.String()] = true
			o, err := c.ownership(ctx, owner)
			if err != nil {
				return nil, err
			}
			if len(o.People) > 0 {
				return &NextUp{Group: o.Group, Channel: o.Channel, People: o.People}, nil
			}
		}
		var err error
		if owners, err = c.oneUp(ctx, owners, seen, ChildOf, MemberOf); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// oneUp are the entities to which some others stand in one of the relations, without those that were seen.
func (c *Catalog) oneUp(ctx context.Context, from []Entity, seen map[string]bool, relations ...RelationType) ([]Entity, error) {
	var up []Entity
	for _, e := range from {
		above, err := c.relatedBy(ctx, e.Ref, relations...)
		if err != nil {
			return nil, err
		}
		for _, a := range above {
			if !seen[a.Ref.String()] {
				seen[a.Ref.String()] = true
				up = append(up, a)
			}
		}
	}
	return up, nil
}

// peopled tells whether anybody is still in a group or in the groups under it.
func (c *Catalog) peopled(ctx context.Context, group Entity) (bool, error) {
	groups, seen := []Entity{group}, map[string]bool{group.Ref.String(): true}
	for step := 0; step < maxUp && len(groups) > 0; step++ {
		for _, g := range groups {
			members, err := c.Members(ctx, g.Ref)
			if err != nil {
				return false, fmt.Errorf("people of %s: %w", group.Ref, err)
			}
			if slices.ContainsFunc(members, func(m Entity) bool { return !c.HasLeft(m) }) {
				return true, nil
			}
		}
		var err error
		if groups, err = c.oneUp(ctx, groups, seen, ParentOf); err != nil {
			return false, err
		}
	}
	return false, nil
}
