// Package demo is the company that the playground plays: five teams, twelve people, twenty components, as data.
package demo

import (
	"bytes"
	"embed"
	"io/fs"
	"regexp"
	"testing/fstest"

	"bellhop/docs"
)

//go:embed catalog
var catalogFiles embed.FS

//go:embed github
var githubFiles embed.FS

//go:embed bellhop.yaml
var config []byte

// Catalog holds the descriptors of everything at Acme, as *.yaml at its root.
func Catalog() fs.FS {
	sub, err := fs.Sub(catalogFiles, "catalog")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return sub
}

// Config is the demo's bellhop.yaml. It expects the files of Catalog in a folder catalog beside it.
func Config() []byte { return bytes.Clone(config) }

// deployPath is where the workflow that users copy lies in the platform team's repository.
const deployPath = "files/platform/dot-github/workflows/deploy-env.yml"

// GitHub is the world of the simulated GitHub: world.yaml, the templates that repositories start from, and their files.
// Every component's repository has its own descriptor, the same that stands in Catalog, and acme/platform has the
// deployment workflow of the documentation.
func GitHub() fs.FS {
	out := fstest.MapFS{deployPath: {Data: docs.DeployWorkflow()}}
	err := fs.WalkDir(githubFiles, "github", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := githubFiles.ReadFile(path)
		out[path[len("github/"):]] = &fstest.MapFile{Data: content}
		return err
	})
	if err != nil {
		panic(err) // the files are embedded above
	}
	for name, content := range byRepository() {
		out["files/"+name+"/catalog-info.yaml"] = &fstest.MapFile{Data: content}
	}
	return out
}

var slug = regexp.MustCompile(`(?m)^    github\.com/project-slug: acme/([a-z0-9-]+)$`)

// byRepository are the documents of the catalog that name a repository, by its name.
func byRepository() map[string][]byte {
	out := map[string][]byte{}
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
			if m := slug.FindSubmatch(document); m != nil {
				out[string(m[1])] = append(bytes.TrimSpace(document), '\n')
			}
		}
	}
	return out
}
