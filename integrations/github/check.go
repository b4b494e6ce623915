package github

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	gh "github.com/google/go-github/v60/github"
	"go.yaml.in/yaml/v4"
)

// WorkflowFile is what a workflow's file says, as far as whoever dispatches it must know.
type WorkflowFile struct {
	Dispatchable bool            // it has `on: workflow_dispatch`
	Inputs       map[string]bool // of workflow_dispatch; true where it must be given
	RunName      string
}

// WorkflowFile reads a workflow (deploy-env.yml) as it stands on ref. Its error says in words which of repository, file
// and permission is missing.
func (c *Client) WorkflowFile(ctx context.Context, repository, file, ref string) (WorkflowFile, error) {
	client, owner, repo, err := c.in(ctx, repository)
	if err != nil {
		return WorkflowFile{}, err
	}
	path := ".github/workflows/" + file
	content, _, _, err := client.Repositories.GetContents(ctx, owner, repo, path, &gh.RepositoryContentGetOptions{Ref: ref})
	if isNotFound(err) {
		return WorkflowFile{}, fmt.Errorf("there is no %s on %s of %s, or contents may not be read there", path, ref, repository)
	}
	if err != nil {
		return WorkflowFile{}, fmt.Errorf("read %s of %s: %w", path, repository, plainly(err))
	}
	text, err := content.GetContent()
	if err != nil {
		return WorkflowFile{}, fmt.Errorf("read %s of %s: %w", path, repository, err)
	}
	return parseWorkflowFile([]byte(text))
}

// parseWorkflowFile reads the three forms of `on`: a word, a list and a mapping.
func parseWorkflowFile(text []byte) (WorkflowFile, error) {
	var file struct {
		RunName string    `yaml:"run-name"`
		On      yaml.Node `yaml:"on"`
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		return WorkflowFile{}, fmt.Errorf("the workflow is no YAML: %w", err)
	}
	found := WorkflowFile{RunName: file.RunName, Inputs: map[string]bool{}}
	const event = "workflow_dispatch"
	switch file.On.Kind {
	case yaml.ScalarNode:
		found.Dispatchable = file.On.Value == event
	case yaml.SequenceNode:
		found.Dispatchable = slices.ContainsFunc(file.On.Content, func(n *yaml.Node) bool { return n.Value == event })
	case yaml.MappingNode:
		var on map[string]struct {
			Inputs map[string]struct {
				Required bool `yaml:"required"`
				Default  any  `yaml:"default"`
			} `yaml:"inputs"`
		}
		// What other events hold has other shapes; only this one is wanted.
		for i := 0; i+1 < len(file.On.Content); i += 2 {
			if file.On.Content[i].Value != event {
				continue
			}
			found.Dispatchable = true
			one := yaml.Node{Kind: yaml.MappingNode, Content: file.On.Content[i : i+2]}
			if err := one.Decode(&on); err != nil {
				return WorkflowFile{}, fmt.Errorf("the workflow's inputs cannot be read: %w", err)
			}
		}
		for name, input := range on[event].Inputs {
			found.Inputs[name] = input.Required && input.Default == nil
		}
	}
	return found, nil
}

// Access tells what is missing for Bellhop's work in a repository, a line each with how to mend it. actions tells whether
// workflows shall be started there.
func (c *Client) Access(ctx context.Context, repository string, actions bool) ([]string, error) {
	client, owner, repo, err := c.in(ctx, repository)
	if err != nil {
		return nil, err
	}
	r, response, err := client.Repositories.Get(ctx, owner, repo)
	if isNotFound(err) {
		return []string{"repository " + repository + " is not there, or these credentials may not see it: give them access to it"}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look at %s: %w", repository, plainly(err))
	}
	if _, app := c.auth.self(); app {
		return c.appAccess(ctx, owner, repo, actions)
	}
	missing := c.probe(ctx, client, owner, repo)
	// A classic token tells its scopes; a fine-grained one does not, and neither does the playground's.
	if scopes, told := response.Header[http.CanonicalHeaderKey("X-OAuth-Scopes")]; told && scopes[0] != "" {
		if words := strings.Split(strings.ReplaceAll(scopes[0], " ", ""), ","); !slices.Contains(words, "repo") && r.GetPrivate() {
			missing = append(missing, "GITHUB_TOKEN lacks the scope repo")
		}
	}
	if push, told := r.GetPermissions()["push"]; told && !push && actions {
		missing = append(missing, "GITHUB_TOKEN may not start workflows in "+repository+": its account needs the role Write there, and a fine-grained token Actions: write")
	}
	return missing, nil
}

// probe reads what Bellhop reads, to see whether it may.
func (c *Client) probe(ctx context.Context, client *gh.Client, owner, repo string) []string {
	var missing []string
	try := func(permission string, err error) {
		if status := statusOf(err); status == http.StatusForbidden || status == http.StatusNotFound {
			missing = append(missing, fmt.Sprintf("GITHUB_TOKEN lacks %s for %s/%s", permission, owner, repo))
		}
	}
	one := gh.ListOptions{PerPage: 1}
	_, _, err := client.Actions.ListRepositoryWorkflowRuns(ctx, owner, repo, &gh.ListWorkflowRunsOptions{ListOptions: one})
	try("Actions: read", err)
	_, _, err = client.Repositories.ListDeployments(ctx, owner, repo, &gh.DeploymentsListOptions{ListOptions: one})
	try("Deployments: read", err)
	_, _, err = client.PullRequests.List(ctx, owner, repo, &gh.PullRequestListOptions{ListOptions: one})
	try("Pull requests: read", err)
	return missing
}

// appAccess compares the installation's permissions with those that Bellhop uses.
func (c *Client) appAccess(ctx context.Context, owner, repo string, actions bool) ([]string, error) {
	client, _ := c.auth.self()
	in, _, err := client.Apps.FindRepositoryInstallation(ctx, owner, repo)
	if err != nil {
		return nil, fmt.Errorf("find the App's installation at %s/%s: %w", owner, repo, plainly(err))
	}
	p := in.GetPermissions()
	wanted := []struct {
		name, has, needs string
	}{
		{"Actions", p.GetActions(), "read"}, {"Contents", p.GetContents(), "read"}, {"Deployments", p.GetDeployments(), "read"},
		{"Pull requests", p.GetPullRequests(), "read"}, {"Metadata", p.GetMetadata(), "read"},
	}
	if actions {
		wanted[0].needs = "write"
	}
	var missing []string
	for _, w := range wanted {
		if w.has == "write" || w.has == w.needs {
			continue
		}
		missing = append(missing, fmt.Sprintf("the App lacks %s: %s at %s: set it in the App's permissions, and let an owner of %s accept", w.name, w.needs, owner, owner))
	}
	return missing, nil
}

// CannotPropose says why no pull request can be opened in a repository; empty where it can.
func (c *Client) CannotPropose(ctx context.Context, repository string) (why string, err error) {
	client, owner, repo, err := c.in(ctx, repository)
	if err != nil {
		return "", err
	}
	if self, app := c.auth.self(); app {
		in, _, err := self.Apps.FindRepositoryInstallation(ctx, owner, repo)
		if err != nil {
			return "", fmt.Errorf("find the App's installation at %s: %w", repository, plainly(err))
		}
		if p := in.GetPermissions(); p.GetContents() != "write" || p.GetPullRequests() != "write" {
			return fmt.Sprintf("the App lacks Contents: write or Pull requests: write at %s", owner), nil
		}
		return "", nil
	}
	r, _, err := client.Repositories.Get(ctx, owner, repo)
	if err != nil {
		return "", fmt.Errorf("look at %s: %w", repository, plainly(err))
	}
	if push, told := r.GetPermissions()["push"]; told && !push {
		return fmt.Sprintf("the account of GITHUB_TOKEN lacks the role Write in %s", repository), nil
	}
	return "", nil
}

// in is the API client for a repository, with the repository's address in its halves.
func (c *Client) in(ctx context.Context, repository string) (client *gh.Client, owner, repo string, err error) {
	if owner, repo, err = Split(repository); err != nil {
		return nil, "", "", err
	}
	client, err = c.For(ctx, owner)
	return client, owner, repo, err
}
