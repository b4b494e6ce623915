package github

import (
	"fmt"
	"net/http"
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
	u.HTMLURL = st.base + "/" + strings.TrimSuffix(login, "[bot]")
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
	o := c.st.owner(c.r.PathValue("login"))
	switch {
	case o == nil:
		if login := c.r.PathValue("login"); c.st.users[strings.ToLower(login)] != nil { // a bot
			return c.st.fullUser(login), nil
		}
		return nil, errNotFound
	case !o.person():
		return c.orgOf(o), nil
	default:
		return c.st.fullUser(o.login), nil
	}
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

func (c *call) orgOf(o *owner) *orgJSON {
	return &orgJSON{Login: o.login, ID: o.id, NodeID: fmt.Sprintf("O_%d", o.id), URL: c.st.base + "/api/v3/orgs/" + o.login,
		HTMLURL: c.st.base + "/" + o.login, Name: o.name, Type: "Organization"}
}

// ownerOf is whom repositories belong to, as it stands in other objects.
func (c *call) ownerOf(o *owner) *userJSON {
	if o.person() {
		return c.st.userOf(o.login)
	}
	org := c.orgOf(o)
	return &userJSON{Login: o.login, ID: o.id, NodeID: org.NodeID, URL: org.URL, HTMLURL: org.HTMLURL, Type: "Organization"}
}

// organisation is the path's; a person is none.
func (c *call) organisation() (*owner, error) {
	if o := c.st.organisation(c.r.PathValue("org")); o != nil {
		return o, nil
	}
	return nil, errNotFound
}

// insideOrg refuses those who are no members too: they see neither people nor teams.
func (c *call) insideOrg() (*owner, error) {
	o, err := c.organisation()
	if err != nil {
		return nil, err
	}
	if !c.who.belongs(o) {
		return nil, errNotFound
	}
	return o, nil
}

func getOrg(c *call) (any, error) {
	o, err := c.organisation()
	if err != nil {
		return nil, err
	}
	return c.orgOf(o), nil
}

func listMembers(c *call) (any, error) {
	o, err := c.insideOrg()
	if err != nil {
		return nil, err
	}
	out := []*userJSON{}
	for _, login := range page(c, o.members) {
		out = append(out, c.st.userOf(login))
	}
	return out, nil
}

func getMember(c *call) (any, error) {
	o, err := c.insideOrg()
	if err != nil {
		return nil, err
	}
	if !o.isMember(c.r.PathValue("login")) {
		return nil, errNotFound
	}
	return with{http.StatusNoContent, nil}, nil
}
