package github

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// stamp prints a moment as the API does; a zero one is null.
func stamp(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := t.UTC().Format(time.RFC3339)
	return &s
}

type userJSON struct {
	Login     string  `json:"login"`
	ID        int64   `json:"id"`
	NodeID    string  `json:"node_id"`
	AvatarURL string  `json:"avatar_url"`
	URL       string  `json:"url"`
	HTMLURL   string  `json:"html_url"`
	Type      string  `json:"type"`
	SiteAdmin bool    `json:"site_admin"`
	Name      *string `json:"name,omitempty"`
	Email     *string `json:"email"`
	CreatedAt *string `json:"created_at,omitempty"`
	Role      string  `json:"role_name,omitempty"`
}

// userOf is a login as it stands in other objects. Accounts that the world does not know are bots of GitHub itself.
func (st *state) userOf(login string) *userJSON {
	if login == "" {
		return nil
	}
	u := &userJSON{Login: login, ID: 41898282, Type: "User"}
	if a := st.users[strings.ToLower(login)]; a != nil {
		u.ID = a.id
		if a.Bot {
			u.Type = "Bot"
		}
	}
	if strings.HasSuffix(login, "[bot]") {
		u.Type = "Bot"
	}
	u.NodeID = fmt.Sprintf("U_%d", u.ID)
	u.AvatarURL = fmt.Sprintf("%s/%s/-/avatars/%d", st.base, st.world.Org, u.ID)
	u.URL = st.base + "/api/v3/users/" + login
	u.HTMLURL = st.base + "/" + st.world.Org + "/-/people/" + strings.TrimSuffix(login, "[bot]")
	return u
}

func (st *state) fullUser(login string) *userJSON {
	u := st.userOf(login)
	if a := st.users[strings.ToLower(login)]; a != nil {
		u.Login = a.Login
		if a.Name != "" {
			u.Name = &a.Name
		}
		u.CreatedAt = stamp(a.created)
	}
	return u // Email stays null: few people make theirs public
}

func getMeta(c *call) (any, error) {
	return map[string]any{"verifiable_password_authentication": false, "installed_version": "3.16.0"}, nil
}

func getSelf(c *call) (any, error) {
	switch c.who.kind {
	case "anonymous":
		return nil, refused(http.StatusUnauthorized, "Requires authentication")
	case "installation":
		return nil, refused(http.StatusForbidden, "Resource not accessible by integration")
	}
	return c.st.fullUser(c.who.login), nil
}

func getUser(c *call) (any, error) {
	login := c.r.PathValue("login")
	if strings.EqualFold(login, c.st.world.Org) {
		return c.org(), nil
	}
	if c.st.users[strings.ToLower(login)] == nil {
		return nil, errNotFound
	}
	return c.st.fullUser(login), nil
}

type orgJSON struct {
	Login   string `json:"login"`
	ID      int64  `json:"id"`
	NodeID  string `json:"node_id"`
	URL     string `json:"url"`
	HTMLURL string `json:"html_url"`
	Name    string `json:"name"`
	Type    string `json:"type"`
}

const orgID = 3_000_000

func (c *call) org() *orgJSON {
	w := c.st.world
	return &orgJSON{Login: w.Org, ID: orgID, NodeID: "O_3000000", URL: c.st.base + "/api/v3/orgs/" + w.Org, HTMLURL: c.st.base + "/" + w.Org,
		Name: w.OrgName, Type: "Organization"}
}

// ownOrg refuses every organisation but the world's.
func (c *call) ownOrg() error {
	if !strings.EqualFold(c.r.PathValue("org"), c.st.world.Org) {
		return errNotFound
	}
	return nil
}

// insideOrg refuses those who are no members too: they see neither people nor teams.
func (c *call) insideOrg() error {
	if err := c.ownOrg(); err != nil {
		return err
	}
	if c.who.access == "none" || c.who.access == "" {
		return errNotFound
	}
	return nil
}

func getOrg(c *call) (any, error) {
	if err := c.ownOrg(); err != nil {
		return nil, err
	}
	return c.org(), nil
}

func (st *state) isMember(login string) bool {
	u := st.users[strings.ToLower(login)]
	return u != nil && !u.Guest && !u.Bot
}

func listMembers(c *call) (any, error) {
	if err := c.insideOrg(); err != nil {
		return nil, err
	}
	out := []*userJSON{}
	for _, u := range c.st.world.Users {
		if c.st.isMember(u.Login) {
			out = append(out, c.st.userOf(u.Login))
		}
	}
	return page(c, out), nil
}

func getMember(c *call) (any, error) {
	if err := c.insideOrg(); err != nil {
		return nil, err
	}
	if !c.st.isMember(c.r.PathValue("login")) {
		return nil, errNotFound
	}
	return with{http.StatusNoContent, nil}, nil
}

type teamJSON struct {
	ID          int64  `json:"id"`
	NodeID      string `json:"node_id"`
	Name        string `json:"name"`
	Slug        string `json:"slug"`
	Description string `json:"description"`
	Privacy     string `json:"privacy"`
	Permission  string `json:"permission"`
	URL         string `json:"url"`
	HTMLURL     string `json:"html_url"`
	Parent      *int   `json:"parent"`
}

func (c *call) teamOf(t *Team) *teamJSON {
	id := int64(2_000_000)
	for i := range c.st.world.Teams {
		if c.st.world.Teams[i].Slug == t.Slug {
			id += int64(i)
		}
	}
	return &teamJSON{ID: id, NodeID: fmt.Sprintf("T_%d", id), Name: t.Name, Slug: t.Slug, Privacy: "closed", Permission: "push",
		URL:     fmt.Sprintf("%s/api/v3/organizations/%d/team/%d", c.st.base, orgID, id),
		HTMLURL: c.st.base + "/" + c.st.world.Org + "/-/teams/" + t.Slug}
}

func listTeams(c *call) (any, error) {
	if err := c.insideOrg(); err != nil {
		return nil, err
	}
	out := []*teamJSON{}
	for i := range c.st.world.Teams {
		out = append(out, c.teamOf(&c.st.world.Teams[i]))
	}
	return page(c, out), nil
}

func (c *call) team() (*Team, error) {
	if err := c.insideOrg(); err != nil {
		return nil, err
	}
	if t := c.st.world.team(c.r.PathValue("team")); t != nil {
		return t, nil
	}
	return nil, errNotFound
}

func getTeam(c *call) (any, error) {
	t, err := c.team()
	if err != nil {
		return nil, err
	}
	return c.teamOf(t), nil
}

func listTeamMembers(c *call) (any, error) {
	t, err := c.team()
	if err != nil {
		return nil, err
	}
	out := []*userJSON{}
	for _, login := range t.Members {
		out = append(out, c.st.userOf(login))
	}
	return page(c, out), nil
}

func getTeamMembership(c *call) (any, error) {
	t, err := c.team()
	if err != nil {
		return nil, err
	}
	login := c.r.PathValue("login")
	if !slices.ContainsFunc(t.Members, func(m string) bool { return strings.EqualFold(m, login) }) {
		return nil, errNotFound
	}
	return map[string]string{"state": "active", "role": "member", "url": c.teamOf(t).URL + "/memberships/" + login}, nil
}

func listTeamRepos(c *call) (any, error) {
	t, err := c.team()
	if err != nil {
		return nil, err
	}
	out := []*repoJSON{}
	for _, r := range c.st.order {
		if r.rules.Team == t.Slug && c.who.sees(r) {
			out = append(out, c.repoOf(r))
		}
	}
	return page(c, out), nil
}
