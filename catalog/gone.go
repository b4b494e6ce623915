package catalog

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// cause is why something is not known now.
type cause int

const (
	wrong   cause = iota + 1 // what is written there leads nowhere, perhaps for long
	failing                  // it could not be read, which passes
)

// doubts are where something could not be read, so that who was found there before may not be taken for gone.
type doubts struct {
	all   bool
	trees map[string]cause
}

// doubt says that not all of a tree is known now; the config's folder may lead anywhere.
func (r *reader) doubt(tree string, why cause) {
	r.settled = false
	if tree == "" {
		r.doubts.all = true
		return
	}
	if r.doubts.trees == nil {
		r.doubts.trees = map[string]cause{}
	}
	r.doubts.trees[tree] = max(why, r.doubts.trees[tree])
}

// keepUnread keeps what a location gave before where it could not be read wholly, in files that were not found now. It
// claims it before later locations are read, lest one of them takes a name over while its owner is away.
func (r *reader) keepUnread(location Location) {
	if !r.doubts.all && len(r.doubts.trees) == 0 {
		return
	}
	all := r.doubts.all
	for file := range r.inFile {
		tree, _ := splitFile(file)
		why := r.doubts.trees[tree]
		if r.doubts.all {
			why = failing
		}
		if !r.visited[file] && why != 0 {
			r.keep(file, why, func(ref string) bool { return r.places[ref].Source.Location == location.Target })
		}
	}
	if r.doubts.all && !all {
		r.keepUnread(location) // what was kept may have led to what was passed over
	}
}

// keepOrphans keeps those for a while of whom nobody tells any more.
func (r *reader) keepOrphans() {
	for ref, place := range r.places {
		if _, there := r.claimed[ref]; !there {
			r.orphan(place)
		}
	}
}

// finish takes away what is gone, makes the refresh visible and notes what need not be read again.
func (r *reader) finish(ctx context.Context) error {
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
		tree, _ := splitFile(file)
		if !r.visited[file] && !r.skipped[tree] {
			r.forget = append(r.forget, file)
		}
	}
	slices.Sort(r.forget)
	sortProblems(r.problems)
	r.result.Removed, r.result.Entities, r.result.Problems = len(gone), len(r.claimed), len(r.problems)
	return r.commit(ctx, gone)
}

// orphan keeps an entity for a while whose file or repository is gone, or is led to no more. What was taken out of a file
// that is there, or came by a location that is not, goes at once.
func (r *reader) orphan(place Place) {
	source := place.Source
	configured := slices.ContainsFunc(r.options.Locations, func(l Location) bool { return l.Target == source.Location })
	if r.options.OrphanAfter == 0 || r.present[source.File] || !configured {
		return
	}
	if source.OrphanedAt.IsZero() {
		place.Source.OrphanedAt = r.began
		r.moves = append(r.moves, place)
		r.result.Orphaned++
	} else if r.began.Sub(source.OrphanedAt) >= r.options.OrphanAfter {
		return
	}
	r.claimed[place.Ref] = place.Source
}

func (r *reader) commit(ctx context.Context, gone []Ref) error {
	slices.SortFunc(gone, func(a, b Ref) int { return strings.Compare(a.String(), b.String()) })
	steps := []func() error{
		func() error { return r.write.Forget(ctx, r.forget) },
		func() error { return r.write.Remove(ctx, gone) },
		func() error { return r.write.Move(ctx, r.moves) },
		func() error {
			return r.write.Commit(ctx, r.began, r.problems, slices.Equal(r.problems, r.toldBefore))
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

// alive tells the store again and again that this refresh goes on, for reading from elsewhere may take longer than its
// lease; until stop is called.
func alive(ctx context.Context, refresh Refresh) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		every := time.NewTicker(refreshLease / 3)
		defer every.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-every.C:
				_ = refresh.Alive(ctx) // who has lost the store hears it from the next write
			}
		}
	}()
	return func() { cancel(); <-done }
}
