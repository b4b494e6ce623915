// Package demo is the company that the playground plays: five teams, thirteen people, twenty components and some more, as data.
package demo

import (
	"bytes"
	"embed"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"testing/fstest"

	"bellhop/docs"
)

//go:embed catalog
var catalogFiles embed.FS

//go:embed github
var githubFiles embed.FS

//go:embed bellhop.yaml
var config []byte

// Catalog holds the descriptors of what Acme has described, as *.yaml at its root: people, teams, and twenty components.
func Catalog() fs.FS {
	sub, err := fs.Sub(catalogFiles, "catalog")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return sub
}

// Central is Catalog without the components: their repositories describe those.
func Central() fs.FS {
	out := fstest.MapFS{}
	for name, documents := range documents() {
		kept := slices.DeleteFunc(documents, func(document []byte) bool { return slug.Match(document) })
		out[name] = &fstest.MapFile{Data: append(bytes.Join(kept, []byte("\n---\n")), '\n')}
	}
	return out
}

// Config is the demo's bellhop.yaml. It expects the files of Central in a folder catalog beside it, and the rest on GitHub.
func Config() []byte { return bytes.Clone(config) }

// LocalConfig is Config with a catalog that is all in files, those of Catalog: nothing of it is asked of GitHub.
func LocalConfig() []byte {
	return onGitHub.ReplaceAllLiteral(config, nil)
}

// onGitHub is what Config says of a catalog on GitHub.
var onGitHub = regexp.MustCompile(`(?m)^ +(- github:\S+|discover: .*)\n`)

// deployPath is where the workflow that users copy lies in the platform team's repository.
const deployPath = "files/platform/dot-github/workflows/deploy-env.yml"

// GitHub is the world of the simulated GitHub: world.yaml, the templates that repositories start from, and their files.
// The repository of every component of Catalog has the same descriptor as stands there, and acme/platform the deployment
// workflow of the documentation.
func GitHub() fs.FS {
	out := fstest.MapFS{deployPath: {Data: docs.DeployWorkflow()}}
	err := fs.WalkDir(githubFiles, "github", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := githubFiles.ReadFile(name)
		out[name[len("github/"):]] = &fstest.MapFile{Data: content}
		return err
	})
	if err != nil {
		panic(err) // the files are embedded above
	}
	for _, documents := range documents() {
		for _, document := range documents {
			if m := slug.FindSubmatch(document); m != nil {
				out["files/"+string(m[1])+"/catalog-info.yaml"] = &fstest.MapFile{Data: append(document, '\n')}
			}
		}
	}
	return out
}

var slug = regexp.MustCompile(`(?m)^    github\.com/project-slug: acme/([a-z0-9-]+)$`)

// documents are those of the catalog's files, by the file's name.
func documents() map[string][][]byte {
	out := map[string][][]byte{}
	names, err := fs.Glob(catalogFiles, "catalog/*.yaml")
	if err != nil {
		panic(err) // the pattern is a good one
	}
	for _, name := range names {
		content, err := catalogFiles.ReadFile(name)
		if err != nil {
			panic(err) // the files are embedded above
		}
		for _, document := range bytes.Split(content, []byte("\n---\n")) {
			out[path.Base(name)] = append(out[path.Base(name)], bytes.TrimSpace(document))
		}
	}
	return out
}
