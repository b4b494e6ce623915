package catalog

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// maxNesting is how deep Location entities lead from a file that was named itself.
const maxNesting = 8

// lead is a target of a Location entity: files to be read as well.
type lead struct {
	target   string  // relative to the descriptor, or an address
	optional bool    // it is no problem when there is nothing
	local    bool    // it is said to be a file of this machine
	about    Problem // where the entity names it
}

// leads are the targets of a Location entity.
func (c *checker) leads(d document) []lead {
	spec, at := Spec(d.Spec), fieldPath{"spec"}
	var leads []lead
	add := func(text string, at fieldPath) {
		about := c.about
		about.Severity, about.Field = SeverityWarning, at.String()
		if line := lineOf(c.root, at); line > 0 {
			about.Line = line
		}
		leads = append(leads, lead{text, spec.String("presence") == "optional", spec.String("type") == "file", about})
	}
	if text := spec.String("target"); text != "" {
		add(text, at.with("target"))
	}
	for i, text := range spec.Strings("targets") {
		add(text, at.with("targets").with(i))
	}
	return leads
}

// remote tells whether the lead leads out of its descriptor's tree, to an address.
func (l lead) remote() bool { return IsRemote(strings.TrimPrefix(l.target, "url:")) }

// address is where a lead leads that is remote.
func (l lead) address(o Options) (Target, error) {
	return o.target(strings.TrimPrefix(l.target, "url:"))
}

// problem is what is wrong with a lead, at its place.
func (l lead) problem(hint, format string, args ...any) Problem {
	p := l.about
	p.Message, p.Hint = storable(fmt.Sprintf(format, args...)), hint
	return p
}

func (l lead) tooDeep(file string) Problem {
	return l.problem("name the file in the config", "%s is not read: Location entities lead at most %d files deep", file, maxNesting)
}

// files lists what the lead in a file leads to within its tree: a file, or all that match a pattern; never outside.
func (l lead) files(from file) ([]string, []Problem) {
	if l.local && from.tree.Name != "" || strings.HasPrefix(l.target, "file:") {
		return nil, []Problem{l.problem("leave the type out: a target is relative to its descriptor", "%s is not read: a descriptor may not name files of this machine", clip(l.target))}
	}
	if path.IsAbs(l.target) || strings.Contains(l.target, `\`) {
		return nil, []Problem{l.problem("", "write the target relative to the descriptor, with / between folders")}
	}
	folder, pattern := l.target, ""
	if meta := strings.IndexAny(l.target, "*?[{"); meta >= 0 {
		slash := strings.LastIndexByte(l.target[:meta], '/') + 1
		folder, pattern = l.target[:slash], l.target[slash:]
	}
	full, root := path.Join(path.Dir(from.path), folder), from.tree.Files
	if !fs.ValidPath(full) {
		return nil, []Problem{l.problem("move the file under it", "%s is outside %s", clip(l.target), from.tree.called())}
	}
	if pattern != "" {
		if full != "." {
			pattern = full + "/" + pattern
		}
		return l.matching(root, pattern)
	}
	if from.tree.Name != "" {
		return []string{full}, nil // to look costs as much as to read, which tells as well
	}
	info, err := fs.Stat(root, full)
	switch {
	case errors.Is(err, fs.ErrNotExist) && l.optional:
		return nil, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, []Problem{l.problem("correct the target, or write presence: optional", "there is no file %s", file{tree: from.tree, path: full}.name())}
	case err != nil:
		return nil, []Problem{l.problem("", "%s cannot be read: %s", full, reason(err))}
	case info.IsDir():
		return nil, []Problem{l.problem(fmt.Sprintf("write %s/*.yaml", strings.TrimSuffix(l.target, "/")), "%s is a folder", full)}
	}
	return []string{full}, nil
}

func (l lead) matching(root fs.FS, pattern string) ([]string, []Problem) {
	files, failures := Files(root, pattern)
	var problems []Problem
	for _, failure := range failures {
		if !l.optional || !errors.Is(failure, errNothing) {
			problems = append(problems, l.problem("", "%s: %s", clip(l.target), failure))
		}
	}
	return files, problems
}

// trail is where the Location entities of a set of files lead, by file.
type trail map[string][]track

// track is one step of a trail.
type track struct {
	to string
	by lead
}

func (t trail) add(from, to string, by lead) { t[from] = append(t[from], track{to, by}) }

// circles tells of each way round in a circle, once. starts are the files in the order in which they were read.
func (t trail) circles(starts []string) []Problem {
	var problems []Problem
	done, way := map[string]bool{}, []string{}
	var walk func(file string)
	walk = func(file string) {
		if done[file] {
			return
		}
		way = append(way, file)
		for _, next := range t[file] {
			round := -1
			for i, passed := range way {
				if passed == next.to {
					round = i
				}
			}
			if round >= 0 {
				circle := strings.Join(append(way[round:len(way):len(way)], next.to), " → ")
				problems = append(problems, next.by.problem("take one of these out", "goes round in a circle: %s", circle))
				continue
			}
			walk(next.to)
		}
		way = way[:len(way)-1]
		done[file] = true
	}
	for _, file := range starts {
		walk(file)
	}
	return problems
}
