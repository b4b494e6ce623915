package main

import (
	"context"
	"errors"
	"strings"

	"bellhop/catalog"
	"bellhop/integrations/github"
	"bellhop/integrations/web"
)

// origins opens what the catalog names outside of the config's folder, each by who can. It satisfies catalog.Origins.
type origins struct {
	github *github.Origins // nil where no credentials are given
	web    *web.Origins
}

// Open implements catalog.Origins.
func (o origins) Open(ctx context.Context, target string, known func(tree string) string, yield func(catalog.Tree) error) error {
	switch {
	case !strings.HasPrefix(target, "github:"):
		return o.web.Open(ctx, target, known, yield)
	case o.github == nil:
		return errors.New("neither GITHUB_TOKEN nor GITHUB_APP_ID with GITHUB_APP_PRIVATE_KEY is set")
	}
	return o.github.Open(ctx, target, known, yield)
}

// readElsewhere lets a catalog read what lies outside of the config's folder. client is nil where no credentials are given.
func (c catalogConfig) readElsewhere(o *catalog.Options, client *github.Client) {
	from := origins{web: web.NewOrigins(web.Options{Allow: c.allowHosts, UserAgent: "bellhop/" + version()})}
	if client != nil {
		from.github = github.NewOrigins(client)
		o.WebURL, o.Discover, o.Discoverer = client.WebURL(), c.discover, github.NewDiscovery(client)
	}
	o.Origins = from
}
