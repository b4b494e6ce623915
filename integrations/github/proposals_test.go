package github_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"bellhop/catalog"
	"bellhop/chat"
	"bellhop/integrations/github"
)

// as is a client of the playground's GitHub with another token.
func (w *world) as(token string) *github.Client {
	client, err := github.New(github.Options{APIURL: w.url + "/api/v3/", Token: token, ClientID: "Iv23demo", Clock: timeless{w.clock}})
	require.NoError(w.t, err)
	return client
}

// adding proposes a line more in a file, or the file.
func adding(repository, path string) catalog.Proposal {
	return catalog.Proposal{Repository: repository, Path: path, Branch: "bellhop/add-line", Title: "Add a line", Body: "Because.",
		Edit: func(old []byte) ([]byte, error) { return append(bytes.Clone(old), "# more\n"...), nil }}
}

func TestProposals(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	proposals := github.NewProposals(w.as("ghp_demo"))
	first, err := proposals.Propose(ctx, adding("acme/legacy-mailer", "docs/new file.yaml"))
	require.NoError(t, err)
	require.False(t, first.Found)
	require.Equal(t, fmt.Sprintf("%s/acme/legacy-mailer/pull/%d", w.url, first.Number), first.URL)
	pull, err := github.NewRepositories(w.client).PullRequest(ctx, "acme/legacy-mailer", first.Number)
	require.NoError(t, err)
	require.Equal(t, "bellhop/add-line", pull.Branch)
	require.Equal(t, "Add a line", pull.Head.Subject)

	again, err := proposals.Propose(ctx, adding("acme/legacy-mailer", "docs/new file.yaml"))
	require.NoError(t, err)
	require.Equal(t, catalog.Proposed{URL: first.URL, Number: first.Number, Found: true}, again)

	// A branch without a pull request is not taken over, and nothing is proposed twice.
	w.control("push", map[string]any{"repo": "acme/payments", "branch": "bellhop/add-line", "from": "main", "files": map[string]string{"x": "theirs"}})
	var group sync.WaitGroup
	numbers := make([]int, 4)
	for i := range numbers {
		group.Go(func() {
			made, err := proposals.Propose(ctx, adding("acme/payments", "README.md"))
			if err == nil {
				numbers[i] = made.Number
			}
		})
	}
	group.Wait()
	for _, n := range numbers {
		require.Equal(t, numbers[0], n)
		require.NotZero(t, n)
	}
	pull, err = github.NewRepositories(w.client).PullRequest(ctx, "acme/payments", numbers[0])
	require.NoError(t, err)
	require.Equal(t, "bellhop/add-line-2", pull.Branch)

	same := adding("acme/payments", "README.md")
	same.Edit = func(old []byte) ([]byte, error) { return old, nil }
	_, err = proposals.Propose(ctx, same)
	require.ErrorIs(t, err, catalog.ErrNothingToPropose)
	own := errors.New("cannot be edited")
	same.Edit = func([]byte) ([]byte, error) { return nil, own }
	_, err = proposals.Propose(ctx, same)
	require.Equal(t, own, err)
}

func TestProposalsThatCannotBe(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	elsewhere := adding("acme/payments", "README.md")
	elsewhere.Base = "no-such"
	for _, test := range []struct {
		token, want string
		proposal    catalog.Proposal
	}{
		{"ghp_demo", "old-shop is archived, so nothing can be changed there.", adding("acme/old-shop", "README.md")},
		{"ghp_demo", "I cannot propose that: there is no repository acme/none, or Bellhop's credentials may not see it.", adding("acme/none", "x")},
		{"ghp_demo", "acme/payments has no branch no-such to propose a change of.", elsewhere},
		{"ghp_demo", "is a folder in acme/payments, no file that could be changed.", adding("acme/payments", ".github")},
		{"ghp_readonly", "I may not open pull requests in acme/payments. Whoever runs Bellhop gives it Contents: write and Pull requests: write there.", adding("acme/payments", "README.md")},
	} {
		_, err := github.NewProposals(w.as(test.token)).Propose(ctx, test.proposal)
		var told *chat.UserError
		require.ErrorAs(t, err, &told)
		require.ErrorContains(t, err, test.want)
	}
	why, err := w.as("ghp_readonly").CannotPropose(ctx, "acme/payments")
	require.NoError(t, err)
	require.Equal(t, "the account of GITHUB_TOKEN lacks the role Write in acme/payments", why)
	why, err = w.client.CannotPropose(ctx, "acme/payments")
	require.NoError(t, err)
	require.Empty(t, why)
	_, err = github.NewProposals(w.client).Propose(ctx, adding("acme/payments", "../x"))
	require.Error(t, err)
}
