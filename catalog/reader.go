package catalog

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"
)

// reader reads all locations once.
type reader struct {
	options Options
	write   Refresh
	puts    *behind   // while reading
	began   time.Time // to the millisecond
	result  RefreshResult

	places     map[string]Place    // stored, by reference
	inFile     map[string][]string // stored references by file
	inTree     map[string][]string // what is known of files by tree; those of the config's folder are left out
	hashes     map[string]string   // of files and trees that were read wholly
	told       map[string][]Problem
	toldBefore []Problem

	root    *Tree            // the config's folder
	trees   map[string]*Tree // the others, by name
	claimed map[string]Source
	visited map[string]bool // files by name
	present map[string]bool // of those the ones that were there
	skipped map[string]bool // trees that have not changed
	order   []string        // in which files were read
	leads   []followed      // of the Location entities in the files read since they were last followed
	opened  int             // how many other trees Location entities have led to
	away    time.Duration   // that they took
	trail   trail
	doubts  doubts // of the present location
	settled bool   // reading the present tree again gives the same as long as it has not changed

	// identities are what the entities written now are on GitHub, and rewritten their references; only where something is
	// discovered.
	identities map[Key]string
	rewritten  map[string]bool
	// slugs are the repositories that descriptors name, by reference; likewise.
	slugs map[string]string

	records  []Record // not yet handed over to puts
	putBytes int      // of their documents
	moves    []Place
	forget   []string
	remember []FileState
	problems []Problem
}

func newReader(options Options, write Refresh, stored Stored, began time.Time) *reader {
	r := &reader{
		options: options, write: write, began: time.UnixMilli(began.UnixMilli()).UTC(), toldBefore: stored.Problems,
		places: make(map[string]Place, len(stored.Places)), inFile: map[string][]string{}, inTree: map[string][]string{},
		hashes: make(map[string]string, len(stored.Files)), told: map[string][]Problem{},
		root: &Tree{Files: options.Root}, trees: map[string]*Tree{},
		claimed: make(map[string]Source, len(stored.Places)), visited: map[string]bool{}, present: map[string]bool{},
		skipped: map[string]bool{}, trail: trail{}, identities: map[Key]string{}, rewritten: map[string]bool{}, slugs: map[string]string{},
	}
	for _, p := range stored.Places {
		r.places[p.Ref] = p
		r.inFile[p.Source.File] = append(r.inFile[p.Source.File], p.Ref)
	}
	for _, f := range stored.Files {
		r.hashes[f.File] = f.Hash
		if len(stored.Problems) > maxProblems { // not all were kept, so they must be found again
			r.hashes[f.File] = ""
		}
	}
	for _, p := range stored.Problems {
		r.told[p.File] = append(r.told[p.File], p)
	}
	r.sortByTree()
	return r
}

// sortByTree lists what is known of files outside of the config's folder by their trees.
func (r *reader) sortByTree() {
	add := func(name string) {
		if tree, file := splitFile(name); tree != "" && file != "" {
			r.inTree[tree] = append(r.inTree[tree], name)
		}
	}
	for name := range r.inFile {
		add(name)
	}
	for name := range r.told {
		if len(r.inFile[name]) == 0 {
			add(name)
		}
	}
}

// readFile takes one file. Only errors of the store are returned: what is wrong with the file is a problem.
func (r *reader) readFile(ctx context.Context, location Location, f file) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	name := f.name()
	data, err := r.bytesOf(f)
	if errors.Is(err, fs.ErrNotExist) && (f.tree.Optional || f.by != nil && f.by.optional) {
		return nil // it is one that might be there
	}
	r.result.Files++
	r.present[name] = true
	if err != nil {
		if ended := ctx.Err(); ended != nil {
			return ended
		}
		r.unread(location, f, err)
		return nil
	}
	hash := hashOf(data, location, location.rightsIn(f.tree))
	if hash == r.hashes[name] && r.unchanged(name) {
		return nil
	}
	r.forgetFile(name)
	whole, err := r.readDocuments(ctx, location, f, withoutBOM(data))
	if err != nil {
		return err
	}
	if whole {
		r.remember = append(r.remember, FileState{name, hash})
	}
	return nil
}

// unread keeps what a file gave that cannot be read now.
func (r *reader) unread(location Location, f file, err error) {
	p := Problem{
		Location: location.Target, File: f.name(), Severity: SeverityError,
		Message: "the file cannot be read: " + err.Error(), Hint: "what it gave before is kept",
	}
	gone := errors.Is(err, fs.ErrNotExist)
	if gone {
		p.Message = "there is no such file"
	}
	if gone && f.by != nil {
		p = f.by.problem("correct the target, or write presence: optional; "+p.Hint, "there is no file %s", f.name())
		p.Severity = SeverityError
		r.problem(p)
	} else {
		r.failed(p)
	}
	r.settled = false
	r.keep(f.name(), failing, func(string) bool { return true })
	r.forgetFile(f.name())
}

// failed tells of a source that could not be read, and since when.
func (r *reader) failed(p Problem) {
	p.Since = r.began
	for _, before := range r.told[p.File] {
		if before.Location == p.Location && !before.Since.IsZero() {
			p.Since = before.Since
		}
	}
	r.problem(p)
}

// unchanged takes what a file gave last time, unless somebody else claims part of it by now, or it had been gone: then it
// must be read anew, to tell so.
func (r *reader) unchanged(file string) bool {
	for _, ref := range r.inFile[file] {
		if _, taken := r.claimed[ref]; taken || !r.places[ref].Source.OrphanedAt.IsZero() {
			return false
		}
	}
	for _, ref := range r.inFile[file] {
		r.claimed[ref] = r.places[ref].Source
	}
	for _, p := range r.told[file] {
		r.problem(p)
	}
	return true
}

// readDocuments reads the file's documents one by one; whole is false where reading it again may give something else
// although its bytes stay as they are.
func (r *reader) readDocuments(ctx context.Context, location Location, f file, data []byte) (whole bool, err error) {
	chunks := splitDocuments(data)
	whole = true
	if len(chunks) > maxDocuments {
		p := tooManyDocuments(len(chunks), chunks[maxDocuments].line)
		p.Location, p.File = location.Target, f.name()
		r.problem(p)
		chunks, whole = chunks[:maxDocuments], false
	}
	unclear, stays, open, may := !whole, map[string]bool{}, besides(f), location.rightsIn(f.tree)
	for _, doc := range chunks {
		reading := readDocument(doc, Source{Location: location.Target, File: f.name()}, may, open)
		for _, p := range reading.problems {
			r.problem(p)
		}
		switch {
		case reading.empty:
		case reading.forbidden: // what the location may not give does not stay either
		case !reading.ok && reading.ref != "":
			stays[reading.ref] = true
		case !reading.ok:
			unclear = true
		case !r.claim(reading.record):
			whole, r.settled = false, false
		default:
			for _, l := range reading.leads {
				r.leads = append(r.leads, followed{f, l})
			}
		}
		r.settled = r.settled && !reading.unsettled
		if !reading.ok || reading.filled || len(reading.leads) > 0 {
			whole = false // what it gave may have to be kept again; what it takes in or leads to may change
		}
		if len(r.records) >= 200 || r.putBytes > maxTakenIn {
			if err := r.flush(); err != nil {
				return false, err
			}
		}
	}
	r.keep(f.name(), wrong, func(ref string) bool { return unclear || stays[ref] })
	return whole, nil
}

func tooManyDocuments(n, line int) Problem {
	return Problem{
		Document: maxDocuments + 1, Line: line, Severity: SeverityError,
		Message: fmt.Sprintf("the file has %d documents; only the first %d are read", n, maxDocuments),
		Hint:    "split it into several files",
	}
}

// claim takes a good entity, unless its name is taken already.
func (r *reader) claim(record Record) bool {
	ref := record.Ref.String()
	if first, taken := r.claimed[ref]; taken {
		if !sameFile(first, record.Source) {
			r.problem(alreadyDescribed(record, first))
		}
		return false
	}
	r.claimed[ref] = record.Source
	place, there := r.places[ref]
	switch {
	case !there:
		r.result.Added++
		r.put(record)
	case place.Hash != record.Hash:
		r.result.Changed++
		r.put(record)
	case place.Source != record.Source:
		r.moves = append(r.moves, Place{ref, record.Hash, record.Source})
	}
	return true
}

// alreadyDescribed tells of a claim that does not count, to whom its own document names as owner.
func alreadyDescribed(record Record, first Source) Problem {
	ref, source := record.Ref.String(), record.Source
	p := Problem{
		Location: source.Location, File: source.File, Document: source.Document, Line: source.Line,
		Severity: SeverityError, Entity: ref, Duplicate: true,
		Message: fmt.Sprintf("%s is already described in %s, line %d, which counts", ref, first.File, first.Line),
		Hint:    "remove one of them, or give it another name",
	}
	if first.File == source.File { // Backstage takes the last one without a word
		p.Severity = SeverityWarning
	}
	for _, r := range record.Relations {
		if r.Type == OwnedBy {
			p.Owner = r.Target.String()
		}
	}
	return p
}

// sameFile tells that two sources are one file of a repository, by two names of the branch that is the default one.
func sameFile(a, b Source) bool {
	slug, ref, file, ok := a.InRepository()
	otherSlug, otherRef, otherFile, otherOK := b.InRepository()
	return ok && otherOK && strings.EqualFold(slug, otherSlug) && file == otherFile && (ref == "") != (otherRef == "") && a.Document == b.Document
}

// keep claims those of a file's stored entities that nobody gives now and that stay all the same: because it could not be
// read, or because it is wrong.
func (r *reader) keep(file string, why cause, stays func(ref string) bool) {
	for _, ref := range r.inFile[file] {
		if _, taken := r.claimed[ref]; !taken && stays(ref) {
			r.claimed[ref] = r.places[ref].Source
			if why == failing {
				r.result.Kept++
			} else {
				r.result.Refused++
			}
			r.settled = false                                              // told anew each time that it is kept
			if strings.HasPrefix(ref, strings.ToLower(KindLocation)+":") { // where it leads is not known now
				tree, _ := splitFile(file)
				if why == failing {
					tree = "" // it comes back, and led anywhere
				}
				r.doubt(tree, why)
			}
		}
	}
}

func (r *reader) forgetFile(file string) {
	if _, known := r.hashes[file]; known {
		r.forget = append(r.forget, file)
	}
}

func (r *reader) problem(p Problem) {
	if len(r.problems) == maxProblems {
		r.problems = append(r.problems, Problem{Severity: SeverityError, Message: fmt.Sprintf("there are more than %d problems; the rest is not listed", maxProblems)})
	}
	if len(r.problems) < maxProblems {
		p.Message, p.Hint = storable(p.Message), storable(p.Hint)
		r.problems = append(r.problems, p)
	}
}

func (r *reader) put(record Record) {
	if len(r.options.Discover) > 0 {
		r.identity(record)
	}
	r.records = append(r.records, record)
	r.putBytes += len(record.Document)
}

// flush hands over what is to be written.
func (r *reader) flush() error {
	if len(r.records) == 0 {
		return nil
	}
	records := r.records
	r.records, r.putBytes = nil, 0
	return r.puts.put(records)
}

// readBounded reads a file of at most limit bytes.
func readBounded(root fs.FS, file string, limit int64) ([]byte, error) {
	f, err := root.Open(file)
	if err != nil {
		return nil, reason(err)
	}
	defer func() { _ = f.Close() }() // it was only read
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, reason(err)
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("it is larger than %d MB", limit>>20)
	}
	return data, nil
}

// readingVersion is raised whenever reading changes, so that all is read anew.
const readingVersion = "6"

// hashOf tells whether a file would be read otherwise than before: its bytes, its location and what it may say.
func hashOf(data []byte, location Location, may rights) string {
	h := sha256.New()
	// A hash never fails to be written to.
	_, _ = fmt.Fprintf(h, "%s\x00%s\x00%s\x00", readingVersion, location.Target, may.state())
	_, _ = h.Write(data)
	return hex.EncodeToString(h.Sum(nil)[:16])
}
