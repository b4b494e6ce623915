package catalog

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// read reads everything, and writes meanwhile what is new or has changed.
func (r *reader) read(ctx context.Context) error {
	r.puts = startBehind(ctx, r.write)
	err := r.readAll(ctx)
	if err == nil {
		err = r.flush()
	}
	return cmp.Or(r.puts.end(), err) // a reader that was stopped by the writer tells the same
}

// readAll reads location by location: first the files that it names, then those to which their Location entities lead.
// A file that some location names is left to the first that does, with its rules.
func (r *reader) readAll(ctx context.Context) error {
	named := make([][]file, len(r.options.Locations))
	listed := make([]doubts, len(r.options.Locations))
	for i, location := range r.options.Locations {
		if IsRemote(location.Target) {
			continue
		}
		r.doubts = doubts{}
		named[i] = r.list(location, r.root, []string{location.Target})
		listed[i] = r.doubts
	}
	for i, location := range r.options.Locations {
		r.doubts = listed[i]
		err := r.readFiles(ctx, location, named[i])
		if IsRemote(location.Target) {
			err = r.readRemote(ctx, location)
		}
		if err != nil {
			return err
		}
		r.keepUnread(location)
	}
	for _, p := range r.trail.circles(r.order) {
		r.problem(p)
	}
	r.keepOrphans()
	return r.discover(ctx)
}

// target reads a target that lies outside of the config's folder.
func (o Options) target(text string) (Target, error) {
	if t, ok := onGitHub(o.WebURL, text); ok {
		return t, nil
	}
	return ParseTarget(text)
}

// list gives the files in a tree that paths name and that no other location has taken.
func (r *reader) list(location Location, t *Tree, paths []string) []file {
	var files []file
	take := func(path string) {
		f := file{tree: t, path: path}
		if r.visited[f.name()] {
			r.settled = false // another location's file today may be this one's tomorrow
			return
		}
		r.visited[f.name()] = true
		files = append(files, f)
	}
	for _, path := range paths {
		if t.Name != "" && !isPattern(path) {
			take(path) // whether it is there is seen when it is read
			continue
		}
		found, failures := Files(t.Files, path)
		for _, err := range failures {
			if t.Optional && errors.Is(err, errNothing) {
				continue
			}
			r.failed(Problem{Location: location.Target, Severity: SeverityError, Message: inTree(t, err.Error()), Hint: "what it gave before is kept"})
			r.doubt(t.Name, failing)
		}
		for _, path := range found {
			take(path)
		}
	}
	return files
}

// inTree says of what is wrong in which tree it is.
func inTree(t *Tree, message string) string {
	if t.Name == "" {
		return message
	}
	return t.Name + ": " + message
}

func isPattern(path string) bool { return strings.ContainsAny(path, "*?[{") }

// readRemote reads what a location means outside of the config's folder, tree by tree.
func (r *reader) readRemote(ctx context.Context, location Location) error {
	if location.elsewhere == (Target{}) {
		_, err := r.options.target(location.Target)
		r.failedToOpen(location, err)
		return nil
	}
	known := func(tree string) string {
		version, _, _ := strings.Cut(r.hashes[treeKey(location, tree)], "\t")
		return version
	}
	if r.options.Origins == nil {
		r.failedToOpen(location, errors.New("only files are read here"))
		return nil
	}
	var stop error
	err := r.options.Origins.Open(ctx, location.elsewhere.String(), known, func(t Tree) error {
		stop = r.readTree(ctx, location, &t)
		return stop
	})
	if stop == nil {
		stop = ctx.Err()
	}
	if stop == nil && err != nil {
		r.failedToOpen(location, err)
	}
	return stop
}

// failedToOpen tells that not all of a location could be opened.
func (r *reader) failedToOpen(location Location, err error) {
	r.failed(Problem{
		Location: location.Target, Severity: SeverityError, Message: "it cannot be read: " + err.Error(), Hint: "what it gave before is kept",
	})
	r.doubt("", failing)
}

// readTree reads what a location names in a tree, and all to which that leads, unless nothing there has changed.
func (r *reader) readTree(ctx context.Context, location Location, t *Tree) error {
	key, state := treeKey(location, t.Name), treeState(location, t)
	r.visited[key] = true
	if t.Version != "" && r.hashes[key] == state && r.treeUnchanged(location, t.Name) {
		return nil
	}
	r.settled = true
	r.forgetFile(key)
	if err := r.readFiles(ctx, location, r.list(location, t, t.Paths)); err != nil {
		return err
	}
	if r.settled && t.Version != "" {
		r.remember = append(r.remember, FileState{key, state})
	}
	return nil
}

// treeKey is by what a FileState knows a tree as some location reads it.
func treeKey(location Location, tree string) string { return "tree\t" + location.Target + "\t" + tree }

// treeState tells whether a tree would be read otherwise than before: its version, and what is to be read of it.
func treeState(location Location, t *Tree) string {
	h := sha256.Sum256(fmt.Appendf(nil, "%s\x00%q\x00%s", readingVersion, t.Paths, location.rightsIn(t).state()))
	return t.Version + "\t" + hex.EncodeToString(h[:16])
}

// treeUnchanged takes what a location found in a tree last time, as unchanged does for a file.
func (r *reader) treeUnchanged(location Location, tree string) bool {
	var files []string
	for _, file := range r.inTree[tree] {
		ours := slices.ContainsFunc(r.inFile[file], func(ref string) bool { return r.places[ref].Source.Location == location.Target }) ||
			slices.ContainsFunc(r.told[file], func(p Problem) bool { return p.Location == location.Target })
		if !ours {
			continue
		}
		for _, ref := range r.inFile[file] {
			if _, taken := r.claimed[ref]; taken || !r.places[ref].Source.OrphanedAt.IsZero() {
				return false
			}
		}
		if r.visited[file] {
			return false
		}
		files = append(files, file)
	}
	for _, file := range files {
		r.visited[file], r.present[file] = true, true
		r.result.Files++
		r.unchanged(file)
	}
	r.skipped[tree] = true
	return true
}

// readFiles reads files and, breadth first, those to which their Location entities lead.
func (r *reader) readFiles(ctx context.Context, location Location, files []file) error {
	for depth := 0; len(files) > 0; depth++ {
		for _, f := range files {
			r.order = append(r.order, f.name())
			if err := r.readFile(ctx, location, f); err != nil {
				return err
			}
		}
		var err error
		if files, err = r.follow(ctx, location, depth); err != nil {
			return err
		}
	}
	return nil
}

// followed is a lead and the file that it stands in.
type followed struct {
	from file
	lead lead
}

// follow lists the files to which the Location entities lead that were just read, depth files away from one that is named.
func (r *reader) follow(ctx context.Context, location Location, depth int) (next []file, err error) {
	leads := r.leads
	r.leads = nil
	for _, l := range leads {
		began := time.Now() // servers take real time
		found, err := r.led(ctx, location, l)
		if err != nil {
			return nil, err
		}
		if l.outside() {
			r.away += time.Since(began)
		}
		for _, f := range found {
			r.trail.add(l.from.name(), f.name(), l.lead)
			if r.visited[f.name()] || r.namedElsewhere(f) {
				continue
			}
			if depth == maxNesting {
				r.doubt(f.tree.Name, wrong)
				r.problem(l.lead.tooDeep(f.name()))
				continue
			}
			r.visited[f.name()] = true
			f.by = &l.lead
			next = append(next, f)
		}
	}
	return next, nil
}

// namedElsewhere tells whether some location names a file itself; it is then read by that one.
func (r *reader) namedElsewhere(f file) bool {
	return f.tree.Name != "" && slices.ContainsFunc(r.options.Locations, func(l Location) bool {
		return l.elsewhere != Target{} && l.elsewhere.names(f.tree.Name, f.path)
	})
}

// led are the files to which one lead leads.
func (r *reader) led(ctx context.Context, location Location, l followed) ([]file, error) {
	if p, enough := r.enough(l); enough {
		r.unled(l, p)
		return nil, nil
	}
	if l.lead.remote() {
		return r.ledAway(ctx, location, l)
	}
	paths, problems := l.lead.files(l.from)
	for _, p := range problems {
		r.unled(l, p)
	}
	files := make([]file, len(paths))
	for i, path := range paths {
		files[i] = file{tree: l.from.tree, path: path}
	}
	return files, nil
}

// unled tells that a lead could not be followed.
func (r *reader) unled(l followed, p Problem) {
	r.doubt(l.from.tree.Name, wrong)
	p.Severity, p.Hint = SeverityError, strings.TrimPrefix(p.Hint+"; what it gave before is kept", "; ")
	r.problem(p)
}

// Bounds of what Location entities lead to outside of the config's folder in one refresh: so many other places, and so long
// altogether.
const (
	maxOpened = 1000
	maxAway   = 5 * time.Minute
)

// errAway tells that maxAway is over.
var errAway = fmt.Errorf("what Location entities lead to has taken %d minutes already", maxAway/time.Minute)

// outside tells whether the lead leads out of the config's folder.
func (l followed) outside() bool { return l.lead.remote() || l.from.tree.Name != "" }

// enough tells whether a lead is not followed any more, and why.
func (r *reader) enough(l followed) (Problem, bool) {
	const hint = "name some of the locations in the config"
	switch target := clip(l.lead.target); {
	case l.lead.remote() && r.opened == maxOpened:
		return l.lead.problem(hint, "%s is not followed: Location entities have led to %d other places already", target, maxOpened), true
	case l.outside() && r.away > maxAway:
		return l.lead.problem(hint, "%s is not followed: what Location entities lead to has taken %d minutes already", target, maxAway/time.Minute), true
	}
	return Problem{}, false
}

// bytesOf reads a file.
func (r *reader) bytesOf(f file) ([]byte, error) {
	if f.by == nil || f.tree.Name == "" {
		return readBounded(f.tree.Files, f.path, maxFileBytes)
	}
	if r.away > maxAway {
		return nil, errAway
	}
	began := time.Now()
	data, err := readBounded(f.tree.Files, f.path, maxFileBytes)
	r.away += time.Since(began)
	return data, err
}

// ledAway opens the tree to which a lead leads.
func (r *reader) ledAway(ctx context.Context, location Location, l followed) (files []file, err error) {
	r.settled = false // the other tree may change
	target, problem := l.lead.address(r.options)
	switch {
	case r.options.Origins == nil:
		p := l.lead.problem("put the file under the config file's folder to have it read", "%s is not read: only files are followed", clip(l.lead.target))
		r.problem(p)
		return nil, nil
	case problem != nil:
		r.unled(l, l.lead.problem("", "%s cannot be followed: %s", clip(l.lead.target), problem))
		return nil, nil
	case target.Repo == "*":
		r.unled(l, l.lead.problem("name it among the locations in the config", "%s is not followed: it means all repositories of %s", clip(l.lead.target), target.Owner))
		return nil, nil
	}
	r.opened++
	tree, _ := target.tree()
	err = r.options.Origins.Open(ctx, target.String(), func(string) string { return "" }, func(t Tree) error {
		for _, path := range t.Paths {
			more, problems := r.inOther(l, &t, path)
			for _, p := range problems {
				r.doubt(tree, failing)
				r.unled(l, p)
			}
			files = append(files, more...)
		}
		return nil
	})
	if ended := ctx.Err(); ended != nil {
		return nil, ended
	}
	if err != nil {
		r.doubt(tree, failing)
		r.unled(l, l.lead.problem("", "%s cannot be read: %s", clip(l.lead.target), err))
	}
	return files, nil
}

// inOther are the files of another tree that a path means to which a lead leads.
func (r *reader) inOther(l followed, t *Tree, path string) ([]file, []Problem) {
	if known, there := r.trees[t.Name]; there {
		t = known
	} else {
		r.trees[t.Name] = t
	}
	if !isPattern(path) {
		return []file{{tree: t, path: path}}, nil // whether it is there is seen when it is read
	}
	found, failures := Files(t.Files, path)
	files := make([]file, len(found))
	for i, path := range found {
		files[i] = file{tree: t, path: path}
	}
	var problems []Problem
	for _, failure := range failures {
		if !l.lead.optional || !errors.Is(failure, errNothing) {
			problems = append(problems, l.lead.problem("", "%s: %s", clip(l.lead.target), failure))
		}
	}
	return files, problems
}
