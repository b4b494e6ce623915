package catalog

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// Descriptor is a file to be read outside of a refresh: Path is where it stands in Root, which also bounds what it may
// take in, and Name is what people call it.
type Descriptor struct {
	Root       fs.FS
	Path, Name string
	// Sought is set of a file that nobody named: it was found in a folder, and may be no descriptor at all.
	Sought bool
}

// Gathered is what files give on their own, without a store.
type Gathered struct {
	Records    []Record // each reference once, in the order in which they were read
	Duplicates []Record // those whose name was claimed before
	Refused    []string // references of those that are not valid, where they could be told
	Problems   []Problem
	Files      int // that were read, or should have been
	Others     int // sought files that are no descriptors
}

// Gather reads descriptors, those alone. A name that is claimed twice stays with the first.
func Gather(ctx context.Context, files []Descriptor) (Gathered, error) {
	g := gatherer{claimed: map[string]Source{}}
	if err := g.files(ctx, files); err != nil {
		return Gathered{}, err
	}
	sortProblems(g.Problems)
	return g.Gathered, nil
}

// gatherFollowing also reads the files to which Location entities lead, as a refresh would.
func gatherFollowing(ctx context.Context, files []Descriptor) (Gathered, error) {
	g := gatherer{claimed: map[string]Source{}}
	trail, order, visited := trail{}, []string{}, map[string]bool{}
	for _, file := range files {
		visited[file.Name] = true
	}
	for depth := 0; len(files) > 0; depth++ {
		for _, file := range files {
			order = append(order, file.Name)
		}
		if err := g.files(ctx, files); err != nil {
			return Gathered{}, err
		}
		files = g.follow(depth, trail, visited)
	}
	g.Problems = append(g.Problems, trail.circles(order)...)
	sortProblems(g.Problems)
	return g.Gathered, nil
}

// follow lists the files to which the Location entities lead that were just read.
func (g *gatherer) follow(depth int, trail trail, visited map[string]bool) (next []Descriptor) {
	for _, pointing := range g.pointing {
		if pointing.lead.remote() { // nothing is fetched here
			if _, err := pointing.lead.address(Options{}); err != nil {
				g.Problems = append(g.Problems, pointing.lead.problem("", "%s cannot be followed: %s", clip(pointing.lead.target), err))
			}
			continue
		}
		files, problems := pointing.lead.files(pointing.from.file())
		g.Problems = append(g.Problems, problems...)
		for _, file := range files {
			to := pointing.from.beside(file)
			trail.add(pointing.from.Name, to.Name, pointing.lead)
			switch {
			case visited[to.Name]:
			case depth == maxNesting:
				g.Problems = append(g.Problems, pointing.lead.tooDeep(to.Name))
			default:
				visited[to.Name] = true
				next = append(next, to)
			}
		}
	}
	g.pointing = nil
	return next
}

func (d Descriptor) file() file { return file{tree: &Tree{Files: d.Root}, path: d.Path} }

// beside is another file of the same root, by the name that people would give it.
func (d Descriptor) beside(file string) Descriptor {
	name := file
	if way, err := filepath.Rel(path.Dir(d.Path), file); err == nil {
		name = path.Join(path.Dir(d.Name), filepath.ToSlash(way))
	}
	return Descriptor{Root: d.Root, Path: file, Name: name}
}

type gatherer struct {
	Gathered
	claimed  map[string]Source
	pointing []pointing // the Location entities of the files read since they were last followed
}

// pointing is a lead and the file that it stands in.
type pointing struct {
	from Descriptor
	lead lead
}

func (g *gatherer) files(ctx context.Context, files []Descriptor) error {
	for _, file := range files {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("read descriptors: %w", err)
		}
		g.file(file)
	}
	return nil
}

func (g *gatherer) file(file Descriptor) {
	data, err := readBounded(file.Root, file.Path, maxFileBytes)
	if file.Sought && err == nil && !isDescriptor(file.Path, data) {
		g.Others++
		return
	}
	g.Files++
	if err != nil {
		g.Problems = append(g.Problems, fileProblem(file.Name, err))
		return
	}
	chunks := splitDocuments(withoutBOM(data))
	if len(chunks) > maxDocuments {
		p := tooManyDocuments(len(chunks), chunks[maxDocuments].line)
		p.File = file.Name
		g.Problems = append(g.Problems, p)
		chunks = chunks[:maxDocuments]
	}
	open := besides(file.file())
	for _, doc := range chunks {
		r := readDocument(doc, Source{File: file.Name}, rights{}, open)
		g.Problems = append(g.Problems, r.problems...)
		switch {
		case r.empty:
		case r.ok:
			g.claim(r.record)
			for _, l := range r.leads {
				g.pointing = append(g.pointing, pointing{file, l})
			}
		case r.ref != "":
			g.Refused = append(g.Refused, r.ref)
		}
	}
}

// described is how a document says that it is a descriptor, however wrong the rest of it may be.
var described = regexp.MustCompile(`apiVersion["']?\s*:\s*["']?[a-z.]*backstage\.io/|(?m:^kind:\s*["']?(?i:` + strings.Join(allKinds(), "|") + `)\b)`)

// isDescriptor tells whether a file is meant as a descriptor: by its name, or by what stands in it.
func isDescriptor(file string, data []byte) bool {
	name := path.Base(file)
	return strings.TrimSuffix(name, path.Ext(name)) == strings.TrimSuffix(DescriptorFile, path.Ext(DescriptorFile)) || described.Match(data)
}

func fileProblem(name string, err error) Problem {
	p := Problem{File: name, Severity: SeverityError, Message: "the file cannot be read: " + storable(err.Error())}
	if errors.Is(err, fs.ErrNotExist) {
		p.Message = "there is no such file"
	}
	return p
}

// claim takes an entity, unless its name is taken already. Backstage refuses a second claim from another file; within a
// file the last one silently takes the place of the others.
func (g *gatherer) claim(record Record) {
	ref := record.Ref.String()
	first, taken := g.claimed[ref]
	if !taken {
		g.claimed[ref] = record.Source
		g.Records = append(g.Records, record)
		return
	}
	g.Duplicates = append(g.Duplicates, record)
	p := alreadyDescribed(record, first)
	p.Field = "metadata.name"
	if first.File == record.Source.File {
		p.Message = fmt.Sprintf("%s is already described in this file, line %d, which counts here; in Backstage the last one does", ref, first.Line)
	}
	g.Problems = append(g.Problems, p)
}
