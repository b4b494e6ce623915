package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"bellhop/catalog"
)

// catalogCommands ask the catalog, and work on descriptors.
type catalogCommands struct {
	Find   catalogFindCommand   `cmd:"" help:"List what fits some words: bot catalog find payment kind=API owner=team-ledger."`
	Show   catalogShowCommand   `cmd:"" help:"Show all that is known of one entity: bot catalog show payments."`
	Graph  catalogGraphCommand  `cmd:"" help:"Tell what something needs and what needs it, or draw that: bot catalog graph payments --picture payments.png."`
	Export catalogExportCommand `cmd:"" help:"Write the catalog, or what some files give, as descriptors or as JSON with relations."`
	Lint   catalogLintCommand   `cmd:"" help:"Tell what is wrong with descriptors: bot catalog lint catalog/. Needs no config, database or network."`
	Init   catalogInitCommand   `cmd:"" help:"Write the first descriptor of a repository, of what GitHub tells: bot catalog init OWNER/REPO."`
}

type catalogLintCommand struct {
	Format string   `name:"format" default:"human" enum:"human,json,github" help:"How problems are written: human, json, or github for annotations in Actions."`
	Paths  []string `arg:"" name:"path" help:"Files, folders (all .yaml and .yml files below) and patterns (*, ?, […], {a,b}, and ** for any folders)."`
}

// Run tells all problems. It fails when there are errors: what Backstage would refuse.
func (c *catalogLintCommand) Run(ctx context.Context, t terminal) error {
	files, err := findDescriptors(c.Paths)
	if err != nil {
		return err
	}
	defer files.close()
	linted, err := catalog.Lint(ctx, files.found)
	if err != nil {
		return err
	}
	problems := slices.Concat(files.problems, linted.Problems)
	write := map[string]func(io.Writer, []catalog.Problem) error{"human": lintHuman, "json": lintJSON, "github": lintGitHub}[c.Format]
	if err := write(t.out, problems); err != nil {
		return fmt.Errorf("write problems: %w", err)
	}
	warnings := 0
	for _, p := range problems {
		if p.Severity == catalog.SeverityWarning {
			warnings++
		}
	}
	summary := fmt.Sprintf("%s, %s in %s", amount(len(problems)-warnings, "error"), amount(warnings, "warning"), amount(linted.Files, "file"))
	if linted.Others > 0 {
		summary += fmt.Sprintf("; passed over %s", amount(linted.Others, "file")) + " of another kind"
	}
	if len(problems) > warnings {
		return errors.New(summary)
	}
	if c.Format == "human" {
		say(t.out, "%s: %s", amount(len(linted.Records), "good descriptor"), summary)
	}
	return nil
}

func amount(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// alike is how many problems of a file that say the same are written for people, before the rest is counted.
const alike = 20

// lintHuman writes a line for each problem: `FILE:LINE: error: FIELD: MESSAGE; HINT`, as compilers do.
func lintHuman(w io.Writer, problems []catalog.Problem) error {
	type saying struct{ file, message string }
	said, order := map[saying]int{}, []saying(nil)
	for _, p := range problems {
		same := saying{p.File, p.Message}
		if said[same]++; said[same] > alike {
			if said[same] == alike+1 {
				order = append(order, same)
			}
			continue
		}
		where := p.File
		if p.Line > 0 {
			where = fmt.Sprintf("%s:%d", p.File, p.Line)
		}
		if _, err := fmt.Fprintf(w, "%s: %s: %s\n", plainLine(where), p.Severity, problemText(p)); err != nil {
			return err
		}
	}
	for _, same := range order {
		if _, err := fmt.Fprintf(w, "%s: and %d times more: %s\n", plainLine(same.file), said[same]-alike, plainLine(same.message)); err != nil {
			return err
		}
	}
	return nil
}

// problemText is what is wrong, whose, and what would be right, on one line.
func problemText(p catalog.Problem) string {
	text := p.Message
	if p.Field != "" {
		text = p.Field + ": " + text
	}
	if p.Hint != "" {
		text += "; " + p.Hint
	}
	if p.Entity != "" {
		text += " (" + p.Entity + ")"
	}
	return plainLine(strings.Join(strings.Fields(text), " "))
}

// lintJSON writes an array. Document and line count from 1; they are 0 where the file as a whole is meant.
func lintJSON(w io.Writer, problems []catalog.Problem) error {
	type item struct {
		File     string           `json:"file"`
		Document int              `json:"document"`
		Line     int              `json:"line"`
		Field    string           `json:"field"`
		Severity catalog.Severity `json:"severity"`
		Entity   string           `json:"entity"`
		Message  string           `json:"message"`
		Hint     string           `json:"hint"`
	}
	items := make([]item, len(problems)) // an empty array, not null
	for i, p := range problems {
		items[i] = item{p.File, p.Document, p.Line, p.Field, p.Severity, p.Entity, p.Message, p.Hint}
	}
	return writeJSON(w, items)
}

// writeJSON is JSON for people and programs: indented, and with <, > and & as they are.
func writeJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}

// lintGitHub writes workflow commands, which Actions shows at the file's line.
func lintGitHub(w io.Writer, problems []catalog.Problem) error {
	value := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	for _, p := range problems {
		_, err := fmt.Fprintf(w, "::%s file=%s,line=%d::%s\n", p.Severity, property.Replace(p.File), max(p.Line, 1), value.Replace(problemText(p)))
		if err != nil {
			return err
		}
	}
	return nil
}

// descriptorFiles are the files that paths name, and what is wrong with the paths.
type descriptorFiles struct {
	found    []catalog.Descriptor
	problems []catalog.Problem
	roots    map[string]*os.Root
	seen     map[string]bool // absolute paths
}

// findDescriptors lists files by paths, each once. A file may take in others of its repository, else of its folder.
func findDescriptors(paths []string) (*descriptorFiles, error) {
	d := &descriptorFiles{roots: map[string]*os.Root{}, seen: map[string]bool{}}
	for _, name := range paths {
		if err := d.path(name); err != nil {
			d.close()
			return nil, err
		}
	}
	return d, nil
}

func (d *descriptorFiles) close() {
	for _, root := range d.roots {
		_ = root.Close() // it was only read
	}
}

func (d *descriptorFiles) wrong(name, message, hint string) {
	d.problems = append(d.problems, catalog.Problem{File: name, Severity: catalog.SeverityError, Message: message, Hint: hint})
}

// path takes a file, a folder or a pattern.
func (d *descriptorFiles) path(name string) error {
	info, err := os.Stat(name)
	switch {
	case err == nil && info.IsDir():
		return d.matching(name, name, "**/*.{yaml,yml}", true)
	case err == nil:
		return d.file(name, filepath.Dir(name), false)
	case errors.Is(err, fs.ErrNotExist) && strings.ContainsAny(name, "*?[{"):
		folder, pattern := splitPattern(filepath.ToSlash(name))
		return d.matching(name, folder, pattern, false)
	case errors.Is(err, fs.ErrNotExist):
		d.wrong(name, "there is no such file or folder", "")
	default:
		d.wrong(name, "cannot be read: "+err.Error(), "")
	}
	return nil
}

// splitPattern takes the folders off that a pattern begins with.
func splitPattern(name string) (folder, pattern string) {
	first := strings.IndexAny(name, "*?[{")
	slash := strings.LastIndexByte(name[:first], '/')
	switch slash {
	case -1:
		return ".", name
	case 0:
		return "/", name[1:]
	}
	return name[:slash], name[slash+1:]
}

// matching takes the files under folder that match; name is what was asked for. Those that are only sought may be no descriptors.
func (d *descriptorFiles) matching(name, folder, pattern string, sought bool) error {
	files, failures := catalog.Files(os.DirFS(folder), pattern)
	for _, failure := range failures {
		hint := ""
		if sought && len(files) == 0 {
			hint = "folders are searched for .yaml and .yml files"
		}
		d.wrong(name, failure.Error(), hint)
	}
	for _, file := range files {
		if err := d.file(filepath.Join(folder, filepath.FromSlash(file)), folder, sought); err != nil {
			return err
		}
	}
	return nil
}

// file takes one file; within is as far as it may reach when it is in no repository.
func (d *descriptorFiles) file(name, within string, sought bool) error {
	full, err := filepath.Abs(name)
	if err != nil {
		return fmt.Errorf("find %s: %w", name, err)
	}
	if d.seen[full] {
		return nil
	}
	d.seen[full] = true
	reach, err := reachOf(full, within)
	if err != nil {
		return err
	}
	root, there := d.roots[reach]
	if !there {
		if root, err = os.OpenRoot(reach); err != nil {
			d.wrong(name, "cannot be read: "+err.Error(), "")
			return nil
		}
		d.roots[reach] = root
	}
	inside, err := filepath.Rel(reach, full)
	if err != nil {
		return fmt.Errorf("find %s: %w", name, err)
	}
	d.found = append(d.found, catalog.Descriptor{Root: root.FS(), Path: filepath.ToSlash(inside), Name: path.Clean(filepath.ToSlash(name)), Sought: sought})
	return nil
}

// reachOf is the folder that a file's placeholders may not leave: its git repository, else the present folder where the
// file is under it, else within.
func reachOf(full, within string) (string, error) {
	for folder := filepath.Dir(full); ; folder = filepath.Dir(folder) {
		if _, err := os.Lstat(filepath.Join(folder, ".git")); err == nil {
			return folder, nil
		}
		if filepath.Dir(folder) == folder {
			break
		}
	}
	present, err := filepath.Abs(".")
	if err != nil {
		return "", fmt.Errorf("find the present folder: %w", err)
	}
	if strings.HasPrefix(full, present+string(filepath.Separator)) {
		return present, nil
	}
	return filepath.Abs(within)
}
