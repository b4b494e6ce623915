package github

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"bellhop/catalog"
)

// maxCommitPages bounds the commits that are looked at, 100 a page.
const maxCommitPages = 3

// commitListed is a commit as lists tell of it.
type commitListed struct {
	Author *struct { // who it is at GitHub, where the e-mail address tells
		Login, Type string
	} `json:"author"`
	Commit struct {
		Author struct{ Name, Email string } `json:"author"`
	} `json:"commit"`
}

// Committers are the people who changed a repository since then, or what lies at a path of it, who did it most often first.
// Bots are left out, and commits beyond the newest 300. A repository that is not there is an error.
func (c *Client) Committers(ctx context.Context, slug, path string, since time.Time) ([]catalog.Committer, error) {
	client, owner, repo, err := c.in(ctx, slug)
	if err != nil {
		return nil, err
	}
	counts := map[string]*catalog.Committer{}
	for page := 1; page <= maxCommitPages; page++ {
		// Whole hours, so that asking again within one is free.
		query := url.Values{"since": {since.UTC().Truncate(time.Hour).Format(time.RFC3339)}, "per_page": {"100"}, "page": {fmt.Sprint(page)}}
		if path != "" {
			query.Set("path", path)
		}
		var commits []commitListed
		err := get(ctx, client, "repos/"+owner+"/"+repo+"/commits?"+query.Encode(), "", &commits)
		switch {
		case statusOf(err) == http.StatusConflict: // "Git Repository is empty."
			return nil, nil
		case isNotFound(err):
			return nil, &absent{slug}
		case err != nil:
			return nil, fmt.Errorf("list the commits of %s: %w", slug, plainly(err))
		}
		for _, commit := range commits {
			count(counts, commit)
		}
		if len(commits) < 100 {
			break
		}
	}
	all := make([]catalog.Committer, 0, len(counts))
	for _, one := range counts {
		all = append(all, *one)
	}
	slices.SortFunc(all, func(a, b catalog.Committer) int {
		return cmp.Or(b.Commits-a.Commits, strings.Compare(a.Login+a.Email, b.Login+b.Email))
	})
	return all, nil
}

func count(counts map[string]*catalog.Committer, commit commitListed) {
	by := catalog.Committer{Name: commit.Commit.Author.Name, Email: commit.Commit.Author.Email}
	key := strings.ToLower(by.Email)
	if a := commit.Author; a != nil && a.Login != "" {
		by.Login, key = a.Login, "@"+strings.ToLower(a.Login)
		if a.Type == "Bot" {
			return
		}
	}
	if strings.HasSuffix(by.Login+by.Name, "[bot]") {
		return
	}
	if counts[key] == nil {
		counts[key] = &by
	}
	counts[key].Commits++
}
