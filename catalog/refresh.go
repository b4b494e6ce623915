package catalog

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"
)

// RefreshResult is what a refresh did.
type RefreshResult struct {
	Files    int // matched by the locations
	Entities int // in the catalog now
	Added    int
	Changed  int
	Removed  int
	Kept     int // entities whose source could not be read now: they stay as they were last read
	Problems int // relations that lead nowhere included
	Took     time.Duration
}

// refreshLease is how long a refresh is taken to be alive after its last write.
const refreshLease = 30 * time.Second

// Refresh reads all locations, compares what they give with what is stored, and writes what changed; people see all of
// it at once, or, when it fails, none of it. A file or location that cannot be read keeps what it gave last. A refresh under
// way in this process is waited for; while another process refreshes the same store it is ErrRefreshing.
func (c *Catalog) Refresh(ctx context.Context) (RefreshResult, error) {
	select {
	case c.refresh <- struct{}{}:
		defer func() { <-c.refresh }()
	case <-ctx.Done():
		return RefreshResult{}, fmt.Errorf("wait for the refresh under way: %w", ctx.Err())
	}
	result, err := c.refreshOnce(ctx)
	if err != nil {
		return RefreshResult{}, fmt.Errorf("refresh the catalog: %w", err)
	}
	return result, nil
}

// Run refreshes at once and then every Options.Refresh, until ctx ends. Meanwhile the catalog answers with what it has.
func (c *Catalog) Run(ctx context.Context) error {
	for {
		result, err := c.Refresh(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if c.options.Refreshed != nil && !errors.Is(err, ErrRefreshing) { // the other one tells
			c.options.Refreshed(result, err)
		}
		pause := c.options.Refresh
		if err != nil {
			pause = min(pause, time.Minute)
		}
		if c.options.Clock.Wait(ctx, c.options.Clock.Now().Add(pause)) != nil {
			return nil
		}
	}
}

func (c *Catalog) refreshOnce(ctx context.Context) (result RefreshResult, err error) {
	start := c.options.Clock.Now()
	refresh, err := c.store.Begin(ctx, start, refreshLease)
	if err != nil {
		return result, err
	}
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		err = errors.Join(err, refresh.Close(closing))
	}()
	stored, err := refresh.Stored(ctx)
	if err != nil {
		return result, err
	}
	r := newReader(c.options, refresh, stored)
	if err := r.readAll(ctx); err != nil {
		return result, err
	}
	if err := r.finish(ctx, start); err != nil {
		return result, err
	}
	if err := c.countDangling(ctx, refresh, &r.result); err != nil {
		return result, err
	}
	if err := refresh.Tidy(ctx); err != nil {
		return result, err
	}
	r.result.Took = c.options.Clock.Now().Sub(start)
	return r.result, nil
}

// countDangling counts the relations that lead nowhere; they can only have changed where entities did.
func (c *Catalog) countDangling(ctx context.Context, refresh Refresh, result *RefreshResult) error {
	if result.Added+result.Changed+result.Removed == 0 {
		status, err := c.store.Status(ctx)
		result.Problems = status.Problems
		return err
	}
	dangling, err := c.store.Dangling(ctx, maxProblems)
	if err != nil {
		return err
	}
	result.Problems += len(dangling)
	return refresh.CountDangling(ctx, len(dangling))
}

// reader reads all locations once.
type reader struct {
	options Options
	write   Refresh
	result  RefreshResult

	places     map[string]Place    // stored, by reference
	inFile     map[string][]string // stored references by file
	hashes     map[string]string   // of files that were read wholly
	told       map[string][]Problem
	toldBefore []Problem

	claimed  map[string]Source // who gives a reference now; the first to claim it
	visited  map[string]bool   // files
	order    []string          // in which files were read
	leads    []followed        // of the Location entities in the files read since they were last followed
	trail    trail
	failed   map[string]bool // locations whose files could not all be listed
	unsure   bool            // something of the present location could not be read, so what it gave before is kept
	puts     []Record
	putBytes int // of their documents
	moves    []Place
	forget   []string
	remember []FileState
	problems []Problem
}

func newReader(options Options, write Refresh, stored Stored) *reader {
	r := &reader{
		options: options, write: write, toldBefore: stored.Problems,
		places: make(map[string]Place, len(stored.Places)), inFile: map[string][]string{},
		hashes: make(map[string]string, len(stored.Files)), told: map[string][]Problem{},
		claimed: make(map[string]Source, len(stored.Places)), visited: map[string]bool{}, trail: trail{}, failed: map[string]bool{},
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
	return r
}

// readFile takes one file. Only errors of the store are returned: what is wrong with the file is a problem.
func (r *reader) readFile(ctx context.Context, location Location, file string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r.result.Files++
	data, err := readBounded(r.options.Root, file, maxFileBytes)
	if err != nil {
		r.problem(Problem{
			Location: location.Target, File: file, Severity: SeverityError,
			Message: "the file cannot be read: " + err.Error(), Hint: "what it gave before is kept",
		})
		r.keepAll(file)
		r.forgetFile(file)
		return nil
	}
	hash := hashOf(data, location)
	if hash == r.hashes[file] && r.unchanged(file) {
		return nil
	}
	r.forgetFile(file)
	whole, err := r.readDocuments(ctx, location, file, withoutBOM(data))
	if err != nil {
		return err
	}
	if whole {
		r.remember = append(r.remember, FileState{file, hash})
	}
	return nil
}

// unchanged takes what a file gave last time, unless somebody else claims part of it by now: then it must be read anew,
// to tell so.
func (r *reader) unchanged(file string) bool {
	for _, ref := range r.inFile[file] {
		if _, taken := r.claimed[ref]; taken {
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
func (r *reader) readDocuments(ctx context.Context, location Location, file string, data []byte) (whole bool, err error) {
	chunks := splitDocuments(data)
	whole = true
	if len(chunks) > maxDocuments {
		p := tooManyDocuments(len(chunks), chunks[maxDocuments].line)
		p.Location, p.File = location.Target, file
		r.problem(p)
		chunks, whole = chunks[:maxDocuments], false
	}
	unclear, stays, open := !whole, map[string]bool{}, besides(r.options.Root, file)
	for _, doc := range chunks {
		reading := readDocument(doc, Source{Location: location.Target, File: file}, location.Rules, open)
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
			whole = false
		default:
			for _, l := range reading.leads {
				r.leads = append(r.leads, followed{file, l})
			}
		}
		if !reading.ok || reading.filled || len(reading.leads) > 0 {
			whole = false // what it gave may have to be kept again; what it takes in or leads to may change
		}
		if len(r.puts) >= 200 || r.putBytes > maxTakenIn {
			if err := r.flush(ctx); err != nil {
				return false, err
			}
		}
	}
	r.keep(file, func(ref string) bool { return unclear || stays[ref] })
	return whole, r.flush(ctx)
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
		r.problem(Problem{
			Location: record.Source.Location, File: record.Source.File, Document: record.Source.Document, Line: record.Source.Line,
			Severity: SeverityError, Entity: ref, Duplicate: true,
			Message: fmt.Sprintf("%s is already described in %s, line %d, which counts", ref, first.File, first.Line),
			Hint:    "remove one of them, or give it another name",
		})
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

// keepAll keeps everything that a file gave before.
func (r *reader) keepAll(file string) { r.keep(file, func(string) bool { return true }) }

// keep claims those of a file's stored entities that nobody gives now and that stay all the same.
func (r *reader) keep(file string, stays func(ref string) bool) {
	for _, ref := range r.inFile[file] {
		if _, taken := r.claimed[ref]; !taken && stays(ref) {
			r.claimed[ref] = r.places[ref].Source
			r.result.Kept++
			// Where it leads is not known now, so nobody may be taken for gone.
			r.unsure = r.unsure || strings.HasPrefix(ref, strings.ToLower(KindLocation)+":")
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
	r.puts = append(r.puts, record)
	r.putBytes += len(record.Document)
}

func (r *reader) flush(ctx context.Context) error {
	if len(r.puts) > 0 {
		if err := r.write.Put(ctx, r.puts); err != nil {
			return err
		}
	}
	clear(r.puts) // lets go of the documents
	r.puts, r.putBytes = r.puts[:0], 0
	return nil
}

// finish takes away what is gone, makes the refresh visible and notes what need not be read again.
func (r *reader) finish(ctx context.Context, at time.Time) error {
	var gone []Ref
	for ref := range r.places {
		if _, stays := r.claimed[ref]; stays {
			continue
		}
		parsed, err := ParseRef(ref, "", "")
		if err != nil {
			return fmt.Errorf("stored reference: %w", err)
		}
		gone = append(gone, parsed)
	}
	for file := range r.hashes {
		if !r.visited[file] {
			r.forget = append(r.forget, file)
		}
	}
	slices.Sort(r.forget)
	sortProblems(r.problems)
	r.result.Removed, r.result.Entities, r.result.Problems = len(gone), len(r.claimed), len(r.problems)
	return r.commit(ctx, at, gone)
}

func (r *reader) commit(ctx context.Context, at time.Time, gone []Ref) error {
	slices.SortFunc(gone, func(a, b Ref) int { return strings.Compare(a.String(), b.String()) })
	steps := []func() error{
		func() error { return r.write.Forget(ctx, r.forget) },
		func() error { return r.write.Remove(ctx, gone) },
		func() error { return r.write.Move(ctx, r.moves) },
		func() error {
			return r.write.Commit(ctx, at, r.problems, slices.Equal(r.problems, r.toldBefore))
		},
		func() error { return r.write.Remember(ctx, r.remember) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
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

// hashOf tells whether a file would be read otherwise than before: its bytes, its location and the location's rules.
// Raise the version whenever reading changes.
func hashOf(data []byte, location Location) string {
	const version = "4"
	h := sha256.New()
	// A hash never fails to be written to.
	_, _ = fmt.Fprintf(h, "%s\x00%s\x00%q\x00", version, location.Target, location.Rules)
	_, _ = h.Write(data)
	return hex.EncodeToString(h.Sum(nil)[:16])
}
