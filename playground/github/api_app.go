package github

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

type appJSON struct {
	ID          int64             `json:"id"`
	Slug        string            `json:"slug"`
	NodeID      string            `json:"node_id"`
	Owner       *userJSON         `json:"owner"`
	Name        string            `json:"name"`
	HTMLURL     string            `json:"html_url"`
	Permissions map[string]string `json:"permissions"`
	Events      []string          `json:"events"`
}

func getApp(c *call) (any, error) {
	a := c.st.world.App
	return &appJSON{ID: a.ID, Slug: a.Slug, NodeID: fmt.Sprintf("A_%d", a.ID), Owner: c.ownerOf(c.st.owners[0]), Name: a.Slug,
		HTMLURL: c.st.base + "/" + c.st.world.Org + "/-/apps/" + a.Slug, Permissions: a.Permissions, Events: []string{}}, nil
}

type installationJSON struct {
	ID                  int64             `json:"id"`
	Account             *userJSON         `json:"account"`
	AppID               int64             `json:"app_id"`
	AppSlug             string            `json:"app_slug"`
	TargetID            int64             `json:"target_id"`
	TargetType          string            `json:"target_type"`
	RepositorySelection string            `json:"repository_selection"`
	AccessTokensURL     string            `json:"access_tokens_url"`
	Permissions         map[string]string `json:"permissions"`
	Events              []string          `json:"events"`
	SuspendedAt         *string           `json:"suspended_at"`
}

func (c *call) installationOf(o *owner) *installationJSON {
	a := c.st.world.App
	return &installationJSON{ID: o.installation, Account: c.ownerOf(o), AppID: a.ID, AppSlug: a.Slug, TargetID: o.id,
		TargetType: "Organization", RepositorySelection: "all", Permissions: a.Permissions, Events: []string{},
		AccessTokensURL: fmt.Sprintf("%s/api/v3/app/installations/%d/access_tokens", c.st.base, o.installation)}
}

func listInstallations(c *call) (any, error) {
	out := []*installationJSON{}
	for _, o := range c.st.owners {
		if o.installation != 0 {
			out = append(out, c.installationOf(o))
		}
	}
	return page(c, out), nil
}

// installed is the organisation of the path's installation.
func (c *call) installed() (*owner, error) {
	for _, o := range c.st.owners {
		if o.installation != 0 && c.r.PathValue("id") == strconv.FormatInt(o.installation, 10) {
			return o, nil
		}
	}
	return nil, errNotFound
}

func getInstallation(c *call) (any, error) {
	o, err := c.installed()
	if err != nil {
		return nil, err
	}
	return c.installationOf(o), nil
}

func findInstallation(c *call) (any, error) {
	o := c.st.organisation(c.r.PathValue("org"))
	if c.repo != nil {
		o = c.repo.home
	}
	if o == nil || o.installation == 0 {
		return nil, errNotFound
	}
	return c.installationOf(o), nil
}

// createAccessToken makes a token for an hour, for fewer repositories or permissions than the app has if so asked.
func createAccessToken(c *call) (any, error) {
	o, err := c.installed()
	if err != nil {
		return nil, err
	}
	var ask struct {
		Repositories  []string          `json:"repositories"`
		RepositoryIDs []int64           `json:"repository_ids"`
		Permissions   map[string]string `json:"permissions"`
	}
	if err := c.decode(&ask); err != nil {
		return nil, err
	}
	has := c.st.world.App.Permissions
	permissions := has
	if len(ask.Permissions) > 0 {
		permissions = ask.Permissions
		for name, level := range ask.Permissions {
			if p := (&principal{permissions: has}); !p.may(name + ":" + level) {
				return nil, refused(http.StatusUnprocessableEntity, "The permissions requested are not granted to this installation.")
			}
		}
	}
	repos := ask.Repositories
	for _, r := range c.st.order {
		for _, id := range ask.RepositoryIDs {
			if r.id == id {
				repos = append(repos, r.name)
			}
		}
	}
	for _, name := range repos {
		if c.st.repo(o.login+"/"+name) == nil {
			return nil, refused(http.StatusUnprocessableEntity, "There is at least one repository that does not exist or is not accessible to the "+
				"parent installation.")
		}
	}
	nonce := make([]byte, 6)
	if _, err := rand.Read(nonce); err != nil {
		return nil, fmt.Errorf("make an installation token: %w", err)
	}
	expires := time.Now().Add(time.Hour).Truncate(time.Second)
	token, err := c.s.mint("ghs_", issued{Owner: o.login, Expires: expires.Unix(), Permissions: permissions, Repos: repos, Nonce: hex.EncodeToString(nonce)})
	if err != nil {
		return nil, err
	}
	selection := "all"
	if len(repos) > 0 {
		selection = "selected"
	}
	return with{http.StatusCreated, map[string]any{"token": token, "expires_at": stamp(expires), "permissions": permissions,
		"repository_selection": selection}}, nil
}

func listInstallationRepos(c *call) (any, error) {
	if c.who.kind != "installation" {
		return nil, refused(http.StatusForbidden, "You must authenticate with an installation access token in order to list repositories for an "+
			"installation.")
	}
	out := c.visibleRepos()
	return map[string]any{"total_count": len(out), "repository_selection": "all", "repositories": page(c, out)}, nil
}
