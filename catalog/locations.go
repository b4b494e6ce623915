package catalog

import (
	"context"
	"strings"
)

// followed is a lead and the file that it stands in.
type followed struct {
	from string
	lead lead
}

// readAll reads location by location: first the files that it names, then those to which their Location entities lead.
// A file that some location names is left to the first that does, with its rules.
func (r *reader) readAll(ctx context.Context) error {
	named := make([][]string, len(r.options.Locations))
	for i, location := range r.options.Locations {
		files, failures := Files(r.options.Root, location.Target)
		for _, err := range failures {
			r.problem(Problem{
				Location: location.Target, Severity: SeverityError, Message: err.Error(),
				Hint: "what it gave before is kept",
			})
		}
		for _, file := range files {
			if !r.visited[file] {
				r.visited[file] = true
				named[i] = append(named[i], file)
			}
		}
		if len(failures) > 0 {
			r.failed[location.Target] = true
		}
	}
	for i, location := range r.options.Locations {
		if err := r.readLocation(ctx, location, named[i]); err != nil {
			return err
		}
	}
	for _, p := range r.trail.circles(r.order) {
		r.problem(p)
	}
	return nil
}

func (r *reader) readLocation(ctx context.Context, location Location, files []string) error {
	r.unsure = r.failed[location.Target]
	for depth := 0; len(files) > 0; depth++ {
		for _, file := range files {
			r.order = append(r.order, file)
			if err := r.readFile(ctx, location, file); err != nil {
				return err
			}
		}
		files = r.follow(depth)
	}
	if r.unsure {
		r.keepUnread(location)
	}
	return nil
}

// follow lists the files to which the Location entities lead that were just read, depth files away from one that is named.
func (r *reader) follow(depth int) (next []string) {
	for _, f := range r.leads {
		files, problems := f.lead.files(r.options.Root, f.from)
		for _, p := range problems {
			r.unsure = true
			p.Severity, p.Hint = SeverityError, strings.TrimPrefix(p.Hint+"; what it gave before is kept", "; ")
			r.problem(p)
		}
		for _, file := range files {
			r.trail.add(f.from, file, f.lead)
			if r.visited[file] {
				continue
			}
			if depth == maxNesting {
				r.unsure = true
				r.problem(f.lead.tooDeep(file))
				continue
			}
			r.visited[file] = true
			next = append(next, file)
		}
	}
	r.leads = nil
	return next
}

// keepUnread keeps what a location that could not be listed wholly gave before, in files that were not found now. It
// claims it before later locations are read, lest one of them takes a name over while its owner is away.
func (r *reader) keepUnread(location Location) {
	for file := range r.inFile {
		if !r.visited[file] {
			r.keep(file, func(ref string) bool { return r.places[ref].Source.Location == location.Target })
		}
	}
}
