package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"bellhop/catalog"
	"bellhop/integrations/github"
)

type catalogInitCommand struct {
	Repository string `arg:"" name:"repository" help:"OWNER/REPO, or the repository's address."`
	Output     string `name:"output" short:"o" default:"catalog-info.yaml" placeholder:"FILE" help:"Where to write it; - is the terminal. A file that is there already stays as it is."`
	apiFlags
}

// Run writes what GitHub tells of a repository as its first descriptor.
func (c *catalogInitCommand) Run(ctx context.Context, t terminal) error {
	slug, err := repositoryNamed(c.Repository)
	if err != nil {
		return err
	}
	options, err := c.github(t)
	if err != nil {
		return err
	}
	if !configured(options) {
		return errors.New("GITHUB_TOKEN is not set: what stands in the descriptor is asked of GitHub")
	}
	client, err := github.New(options)
	if err != nil {
		return err
	}
	if err := undescribed(ctx, client, slug); err != nil {
		return err
	}
	found, err := github.NewDiscovery(client).Repository(ctx, slug)
	if err != nil {
		return err
	}
	entity := catalog.ProvisionalComponent(found, ownerFound(found))
	descriptor, err := catalog.NewDescriptor(entity)
	if err != nil {
		return err
	}
	if c.Output == "-" {
		_, err := t.out.Write(descriptor)
		return err
	}
	if err := writeNew(c.Output, descriptor); err != nil {
		return err
	}
	if entity.Spec.String("owner") == "" {
		say(t.out, "%s describes %s, all but its owner, whom GitHub does not tell: name the team there before you commit it.", c.Output, slug)
		return nil
	}
	say(t.out, "%s describes %s. Look at it, most of all at the owner, and commit it there.", c.Output, slug)
	return nil
}

// repositoryNamed takes OWNER/REPO out of what people have at hand: that, or an address of the repository.
func repositoryNamed(text string) (string, error) {
	rest := strings.TrimPrefix(text, "github:")
	if _, path, ok := strings.Cut(rest, "://"); ok {
		_, rest, _ = strings.Cut(path, "/")
	} else if path, ok := strings.CutPrefix(rest, "git@"); ok {
		_, rest, _ = strings.Cut(path, ":")
	}
	parts := strings.SplitN(strings.Trim(rest, "/"), "/", 3)
	if len(parts) >= 2 {
		target, err := catalog.ParseTarget("github:" + parts[0] + "/" + strings.TrimSuffix(parts[1], ".git"))
		if err == nil && target.Repo != "*" && target.Ref == "" {
			return target.Owner + "/" + target.Repo, nil
		}
	}
	return "", fmt.Errorf("%q is no repository: write OWNER/REPO", text)
}

// undescribed refuses a repository that has a descriptor.
func undescribed(ctx context.Context, client *github.Client, slug string) error {
	switch _, err := client.File(ctx, slug, catalog.DescriptorFile); {
	case err == nil:
		return fmt.Errorf("%s has a %s already: change that one", slug, catalog.DescriptorFile)
	case errors.Is(err, fs.ErrNotExist):
		return nil
	default:
		return err
	}
}

// ownerFound is whom GitHub tells of as the owner, by the name that a team or person mostly has in a catalog.
func ownerFound(r catalog.DiscoveredRepository) string {
	if r.Team == "" && r.Login != "" {
		return "user:" + strings.ToLower(r.Login)
	}
	return r.Team
}

func writeNew(name string, content []byte) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // to be committed, and read by everybody
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already: name another file with --output, or - for the terminal", name)
	}
	if err != nil {
		return fmt.Errorf("write the descriptor: %w", err)
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Close())
}
