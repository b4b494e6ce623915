package catalog

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
)

// Descriptor is a file to be read outside of a refresh: Path is where it stands in Root, which also bounds what it may
// take in, and Name is what people call it.
type Descriptor struct {
	Root       fs.FS
	Path, Name string
}

// Gathered is what files give on their own, without a store.
type Gathered struct {
	Records    []Record // each reference once, in the order in which they were read
	Duplicates []Record // those whose name was claimed before
	Refused    []string // references of those that are not valid, where they could be told
	Problems   []Problem
}

// Gather reads descriptors. A name that is claimed twice stays with the first.
func Gather(ctx context.Context, files []Descriptor) (Gathered, error) {
	g := gatherer{claimed: map[string]Source{}}
	for _, file := range files {
		if err := ctx.Err(); err != nil {
			return Gathered{}, fmt.Errorf("read descriptors: %w", err)
		}
		g.file(file)
	}
	sortProblems(g.Problems)
	return g.Gathered, nil
}

type gatherer struct {
	Gathered
	claimed map[string]Source
}

func (g *gatherer) file(file Descriptor) {
	data, err := readBounded(file.Root, file.Path, maxFileBytes)
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
	open := besides(file.Root, file.Path)
	for _, doc := range chunks {
		r := readDocument(doc, Source{File: file.Name}, nil, open)
		g.Problems = append(g.Problems, r.problems...)
		switch {
		case r.empty:
		case r.ok:
			g.claim(r.record)
		case r.ref != "":
			g.Refused = append(g.Refused, r.ref)
		}
	}
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
	p := Problem{
		File: record.Source.File, Document: record.Source.Document, Line: record.Source.Line, Field: "metadata.name",
		Severity: SeverityError, Entity: ref, Duplicate: true,
		Message: fmt.Sprintf("%s is already described in %s, line %d, which counts", ref, first.File, first.Line),
		Hint:    "remove one of them, or give it another name",
	}
	if first.File == record.Source.File {
		p.Severity = SeverityWarning
		p.Message = fmt.Sprintf("%s is already described in this file, line %d, which counts here; in Backstage the last one does", ref, first.Line)
	}
	g.Problems = append(g.Problems, p)
}
