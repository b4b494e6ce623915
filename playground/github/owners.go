package github

import (
	"fmt"
	"slices"
	"strings"
)

// owner is an organisation, or a person with repositories of their own.
type owner struct {
	login, name  string
	id           int64
	installation int64    // of the app; 0: it is not installed there
	members      []string // of an organisation; nil for a person
	teams        []*team
}

// person says whether it is no organisation.
func (o *owner) person() bool { return o.members == nil }

// team is a team of an organisation, with its id.
type team struct {
	Team
	id int64
}

// firstOrg, firstTeam and firstRepo let ids of different kinds be told apart.
const (
	firstOrg  = 3_000_000
	firstTeam = 2_000_000
	firstRepo = 700_000_000
)

// foundOwners makes the world's organisation, its members and teams.
func (st *state) foundOwners() {
	members := []string{}
	for _, u := range st.world.Users {
		if !u.Guest && !u.Bot {
			members = append(members, u.Login)
		}
	}
	o := st.addOrganisation(st.world.Org, st.world.OrgName, members)
	for _, t := range st.world.Teams { // checked by ParseWorld
		st.addTeam(o, t)
	}
}

// addOrganisation makes an organisation in which the app is installed.
func (st *state) addOrganisation(login, name string, members []string) *owner {
	n := int64(len(st.owners))
	o := &owner{login: login, name: name, id: firstOrg + n, installation: st.world.App.InstallationID + n, members: members}
	st.owners = append(st.owners, o)
	return o
}

func (st *state) addTeam(o *owner, t Team) *team {
	t.Members = slices.Clone(t.Members)
	out := &team{Team: t, id: firstTeam + int64(st.teamsMade)}
	st.teamsMade++
	o.teams = append(o.teams, out)
	return out
}

// addUser makes an account.
func (st *state) addUser(u User) {
	n := len(st.users)
	st.users[strings.ToLower(u.Login)] = &account{User: u, id: 4_000_000 + int64(n), created: st.epoch.AddDate(-3, 0, -n)}
}

// owner finds an organisation or a person; nil when there is neither.
func (st *state) owner(login string) *owner {
	for _, o := range st.owners {
		if strings.EqualFold(o.login, login) {
			return o
		}
	}
	if u := st.users[strings.ToLower(login)]; u != nil && !u.Bot {
		return &owner{login: u.Login, name: u.Name, id: u.id}
	}
	return nil
}

// organisation finds an organisation; nil when there is none of that login.
func (st *state) organisation(login string) *owner {
	if o := st.owner(login); o != nil && !o.person() {
		return o
	}
	return nil
}

func (o *owner) isMember(login string) bool {
	return slices.ContainsFunc(o.members, func(m string) bool { return strings.EqualFold(m, login) })
}

// team finds a team by its slug; nil when there is none.
func (o *owner) team(slug string) *team {
	for _, t := range o.teams {
		if t.Slug == slug {
			return t
		}
	}
	return nil
}

// children are the teams right under one.
func (o *owner) children(slug string) (out []*team) {
	for _, t := range o.teams {
		if t.Parent == slug {
			out = append(out, t)
		}
	}
	return out
}

// remove takes a team away, and with it all under it, as GitHub does.
func (o *owner) remove(t *team) {
	for _, child := range o.children(t.Slug) {
		o.remove(child)
	}
	o.teams = slices.DeleteFunc(o.teams, func(other *team) bool { return other == t })
}

// membersOf are the people of a team and of all teams under it, as GitHub counts them.
func (o *owner) membersOf(t *team) []string {
	out := slices.Clone(t.Members)
	for _, child := range o.children(t.Slug) {
		for _, login := range o.membersOf(child) {
			if !slices.Contains(out, login) {
				out = append(out, login)
			}
		}
	}
	return out
}

// rights are GitHub's, from least to most.
var rights = []string{"pull", "triage", "push", "maintain", "admin"}

// right is what a team may do in a repository, by itself or by a team above it; empty: nothing.
func (o *owner) right(t *team, r *repo) string {
	best := -1
	for ; t != nil; t = o.team(t.Parent) {
		has := t.Rights[r.name]
		if has == "" && r.rules.Team == t.Slug {
			has = "push"
		}
		best = max(best, slices.Index(rights, has))
	}
	if best < 0 {
		return ""
	}
	return rights[best]
}

// permissions spells a right out as the API does.
func permissions(right string) map[string]bool {
	out := map[string]bool{}
	for i, name := range rights {
		out[name] = i <= slices.Index(rights, right)
	}
	return out
}

// roleOf names a right as roles are named.
func roleOf(right string) string {
	switch right {
	case "pull":
		return "read"
	case "push":
		return "write"
	default:
		return right
	}
}

// check says what is wrong with a team that comes among its organisation's, or changes there.
func (o *owner) check(t Team) error {
	for up := t.Parent; up != ""; {
		parent := o.team(up)
		if parent == nil {
			return fmt.Errorf("team %s: there is no team %q above it", t.Slug, up)
		}
		if parent.Slug == t.Slug {
			return fmt.Errorf("team %s would stand above itself", t.Slug)
		}
		up = parent.Parent
	}
	return nil
}
