package github

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	gh "github.com/google/go-github/v60/github"

	"bellhop/testruns"
)

// maxArtifacts bounds the artifacts looked at of one run.
const maxArtifacts = 500

// Artifacts implements testruns.Actions.
func (t *TestRuns) Artifacts(ctx context.Context, slug string, run int64) ([]testruns.Artifact, error) {
	client, owner, repo, err := t.of(ctx, slug)
	if err != nil {
		return nil, err
	}
	var found []testruns.Artifact
	options := &gh.ListOptions{PerPage: 100, Page: 1}
	for options.Page > 0 && len(found) < maxArtifacts {
		list, resp, err := client.Actions.ListWorkflowRunArtifacts(ctx, owner, repo, run, options)
		if err != nil {
			return nil, readError(fmt.Sprintf("list artifacts of run %d of %s", run, slug), err)
		}
		for _, a := range list.Artifacts {
			found = append(found, testruns.Artifact{ID: a.GetID(), Name: a.GetName(), Size: a.GetSizeInBytes(),
				Expired: a.GetExpired(), Created: a.GetCreatedAt().Time})
		}
		options.Page = resp.NextPage
	}
	return found, nil
}

// Download implements testruns.Actions. GitHub redirects to storage that must not see the token; the address lives for a
// minute, so it is asked for anew each time, and once more where storage says that it has run out.
func (t *TestRuns) Download(ctx context.Context, slug string, artifact int64, read func(io.Reader) error) error {
	client, owner, repo, err := t.of(ctx, slug)
	if err != nil {
		return err
	}
	op := fmt.Sprintf("download artifact %d of %s", artifact, slug)
	for try := 1; ; try++ {
		address, err := artifactAddress(ctx, client, owner, repo, artifact)
		if err != nil {
			return readError(op, err)
		}
		again, err := t.fromStorage(ctx, address, read)
		if again && try == 1 {
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", op, err)
		}
		return nil
	}
}

// fromStorage hands what lies at a signed address to read; again tells that the address is not valid any more.
func (t *TestRuns) fromStorage(ctx context.Context, address *url.URL, read func(io.Reader) error) (again bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return false, withoutAddress(err)
	}
	resp, err := t.client.Plain().Do(req)
	if err != nil {
		return false, withoutAddress(err)
	}
	defer func() { _ = resp.Body.Close() }() // reading has told every error
	switch resp.StatusCode {
	case http.StatusOK:
		return false, read(resp.Body)
	case http.StatusGone, http.StatusNotFound:
		return false, testruns.ErrGone
	}
	return resp.StatusCode == http.StatusForbidden, fmt.Errorf("storage answered %s", resp.Status)
}

// artifactAddress asks where an artifact lies.
func artifactAddress(ctx context.Context, client *gh.Client, owner, repo string, artifact int64) (*url.URL, error) {
	address, resp, err := client.Actions.DownloadArtifact(ctx, owner, repo, artifact, 3)
	if err != nil && resp != nil && resp.StatusCode >= 400 { // go-github gives no ErrorResponse here
		return nil, &gh.ErrorResponse{Response: resp.Response, Message: resp.Status}
	}
	return address, err
}

// readError gives GitHub's refusals the words of testruns' ports.
func readError(op string, err error) error {
	var refusal *gh.ErrorResponse
	if errors.As(err, &refusal) && refusal.Response != nil {
		switch refusal.Response.StatusCode {
		case http.StatusNotFound, http.StatusForbidden, http.StatusUnavailableForLegalReasons:
			return fmt.Errorf("%s: %w", op, testruns.ErrNotFound)
		case http.StatusGone:
			return fmt.Errorf("%s: %w", op, testruns.ErrGone)
		}
	}
	return fmt.Errorf("%s: %w", op, plainly(err))
}

// withoutAddress takes the signed address out of an error: who has it can read the artifact.
func withoutAddress(err error) error {
	var inURL *url.Error
	if errors.As(err, &inURL) {
		return inURL.Err
	}
	return err
}
