package github

import (
	"fmt"
	"slices"
	"strings"
)

type teamJSON struct {
	ID          int64           `json:"id"`
	NodeID      string          `json:"node_id"`
	Name        string          `json:"name"`
	Slug        string          `json:"slug"`
	Description *string         `json:"description"`
	Privacy     string          `json:"privacy"`
	Permission  string          `json:"permission"`
	Permissions map[string]bool `json:"permissions,omitempty"` // in the list of a repository's teams
	URL         string          `json:"url"`
	HTMLURL     string          `json:"html_url"`
	Parent      *teamJSON       `json:"parent"`
}

func (c *call) teamOf(o *owner, t *team) *teamJSON {
	out := &teamJSON{ID: t.id, NodeID: fmt.Sprintf("T_%d", t.id), Name: t.Name, Slug: t.Slug, Description: optional(t.Description), Privacy: "closed",
		Permission: "pull", URL: fmt.Sprintf("%s/api/v3/organizations/%d/team/%d", c.st.base, o.id, t.id),
		HTMLURL: c.st.base + teamPath(o, t)}
	if up := o.team(t.Parent); up != nil {
		out.Parent = c.teamOf(o, up)
		out.Parent.Parent = nil // GitHub: one level
	}
	return out
}

func listTeams(c *call) (any, error) {
	o, err := c.insideOrg()
	if err != nil {
		return nil, err
	}
	return c.teamPage(o, o.teams), nil
}

func (c *call) teamPage(o *owner, teams []*team) []*teamJSON {
	out := []*teamJSON{}
	for _, t := range page(c, teams) {
		out = append(out, c.teamOf(o, t))
	}
	return out
}

// theTeam is the path's, with its organisation.
func (c *call) theTeam() (*owner, *team, error) {
	o, err := c.insideOrg()
	if err != nil {
		return nil, nil, err
	}
	if t := o.team(strings.ToLower(c.r.PathValue("team"))); t != nil {
		return o, t, nil
	}
	return nil, nil, errNotFound
}

func getTeam(c *call) (any, error) {
	o, t, err := c.theTeam()
	if err != nil {
		return nil, err
	}
	return c.teamOf(o, t), nil
}

func listChildTeams(c *call) (any, error) {
	o, t, err := c.theTeam()
	if err != nil {
		return nil, err
	}
	return c.teamPage(o, o.children(t.Slug)), nil
}

func listTeamMembers(c *call) (any, error) {
	o, t, err := c.theTeam()
	if err != nil {
		return nil, err
	}
	out := []*userJSON{}
	for _, login := range page(c, o.membersOf(t)) {
		out = append(out, c.st.userOf(login))
	}
	return out, nil
}

func getTeamMembership(c *call) (any, error) {
	o, t, err := c.theTeam()
	if err != nil {
		return nil, err
	}
	login := c.r.PathValue("login")
	if !slices.ContainsFunc(o.membersOf(t), func(m string) bool { return strings.EqualFold(m, login) }) {
		return nil, errNotFound
	}
	return map[string]string{"state": "active", "role": "member", "url": c.teamOf(o, t).URL + "/memberships/" + login}, nil
}

func listTeamRepos(c *call) (any, error) {
	o, t, err := c.theTeam()
	if err != nil {
		return nil, err
	}
	var kept []*repo
	for _, r := range c.st.order {
		if r.home == o && o.right(t, r) != "" && c.who.sees(r) {
			kept = append(kept, r)
		}
	}
	out := []*repoJSON{}
	for _, r := range page(c, kept) {
		one, right := c.repoOf(r), o.right(t, r)
		one.Permissions, one.Role = permissions(right), roleOf(right)
		out = append(out, one)
	}
	return out, nil
}

func listRepoTeams(c *call) (any, error) {
	o := c.repo.home
	out := []*teamJSON{}
	for _, t := range o.teams {
		if right := o.right(t, c.repo); right != "" {
			one := c.teamOf(o, t)
			one.Permission, one.Permissions = right, permissions(right)
			out = append(out, one)
		}
	}
	return page(c, out), nil
}

func getCollaboratorPermission(c *call) (any, error) {
	login := c.r.PathValue("login")
	if c.st.users[strings.ToLower(login)] == nil {
		return nil, errNotFound
	}
	o, best := c.repo.home, -1
	switch {
	case o.person() && strings.EqualFold(o.login, login):
		best = slices.Index(rights, "admin")
	case o.isMember(login):
		best = slices.Index(rights, "pull")
	}
	for _, t := range o.teams {
		if slices.ContainsFunc(o.membersOf(t), func(m string) bool { return strings.EqualFold(m, login) }) {
			best = max(best, slices.Index(rights, o.right(t, c.repo)))
		}
	}
	level, role := "none", "none"
	if best >= 0 {
		// GitHub: permission knows only read, write and admin; role_name tells all.
		level, role = []string{"read", "read", "write", "write", "admin"}[best], roleOf(rights[best])
	}
	return map[string]any{"permission": level, "role_name": role, "user": c.st.userOf(login)}, nil
}
