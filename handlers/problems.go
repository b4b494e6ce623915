package handlers

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"bellhop/catalog"
	"bellhop/chat"
)

// CatalogProblems tells what is wrong with the catalog; catalog.Catalog does.
type CatalogProblems interface {
	ProblemsByOwner(ctx context.Context) ([]catalog.OwnedProblems, error)
}

// ProblemsDeps is what /bellhop problems needs.
type ProblemsDeps struct {
	Problems  CatalogProblems
	Entities  Entities
	Belonging Belonging
}

// problems answers `/bellhop problems`.
type problems struct{ ProblemsDeps }

func problemsCommand(deps ProblemsDeps) chat.Command {
	h := problems{deps}
	return chat.Command{
		Name: "problems", Words: []string{"what is wrong with the catalog"}, Usage: "[mine | nobody | all | TEAM | FILE]",
		Summary:  "lists what is wrong in the catalog's files, by who can mend it; all of it as a file",
		Examples: []string{"", "mine", "nobody"}, Feature: chat.Ask, Run: h.run,
	}
}

// problemsShown is how many problems one message lists: more are work for an editor, not for a chat.
const problemsShown = 15

func (h problems) run(ctx context.Context, r chat.Request) (chat.Reply, error) {
	all, err := h.Problems.ProblemsByOwner(ctx)
	if err != nil {
		return chat.Reply{}, fmt.Errorf("problems: %w", err)
	}
	asked := strings.Trim(strings.TrimSpace(r.Text), "`")
	switch strings.ToLower(asked) {
	case "":
		return problemsTold(byOwner(all), "in the catalog's files; everything else in them is answered as usual", "the catalog's files"), nil
	case "all":
		return everyProblem(all), nil
	case "nobody", "nobody's", "nobodys":
		nobodys := ofOwners(all, func(owner catalog.Entity) bool { return owner.IsZero() })
		return problemsTold(byFile(nobodys), "in the catalog's files that no team can be told of", "what is nobody's"), nil
	}
	if in := inPlace(all, asked); len(in) > 0 {
		return problemsTold(byFile(in), "in "+shorten(asked, 80), ""), nil
	}
	whose, err := h.whose(ctx, r.Person, asked)
	if err != nil {
		// What is refused is in no catalog, and yet has the problems that are asked for.
		if about := only(all, func(p catalog.Problem) bool { return namesEntity(p, asked) }); len(about) > 0 {
			return aboutEntity(about, asked), nil
		}
		return chat.Reply{}, fmt.Errorf("problems: %w", err)
	}
	if len(whose) == 1 && !whose[0].Is(catalog.KindGroup) && !whose[0].Is(catalog.KindUser) {
		ref := whose[0].Ref.String()
		return aboutEntity(only(all, func(p catalog.Problem) bool { return p.Entity == ref }), whose[0].Display()), nil
	}
	theirs := ofOwners(all, func(owner catalog.Entity) bool { return holdsRef(whose, owner.Ref) })
	sections := byOwner(theirs)
	if len(theirs) == 1 && problemsIn(sections) > problemsShown {
		sections = byFile(theirs)
	}
	names := displays(whose)
	return problemsTold(sections, "for "+names+" to mend in the catalog's files", "what "+names+" describes"), nil
}

// aboutEntity tells the problems of something that is neither a team nor a person.
func aboutEntity(all []catalog.OwnedProblems, name string) chat.Reply {
	how := "how " + shorten(name, 80) + " is described"
	return problemsTold(byFile(all), "in "+how, how)
}

// namesEntity tells whether a problem is of the document of what is called so, or has that reference.
func namesEntity(p catalog.Problem, asked string) bool {
	_, name, _ := strings.Cut(p.Entity, "/")
	return name != "" && (strings.EqualFold(name, asked) || strings.EqualFold(p.Entity, asked))
}

// whose are the entities that are asked about.
func (h problems) whose(ctx context.Context, asker chat.Person, asked string) ([]catalog.Entity, error) {
	if !strings.EqualFold(asked, "mine") {
		e, err := oneEntity(ctx, h.Entities, asked, "problems")
		return []catalog.Entity{e}, err
	}
	teams, err := teamsOf(ctx, h.Belonging, asker)
	if err == nil && len(teams) == 0 {
		err = chat.Errorf("I do not know which team you are in, so I cannot tell what is yours. Name the team: /bellhop problems team-ledger")
	}
	return teams, err
}

func holdsRef(entities []catalog.Entity, ref catalog.Ref) bool {
	return slices.ContainsFunc(entities, func(e catalog.Entity) bool { return e.Ref.String() == ref.String() })
}

// inPlace are the problems of a file, a folder or a repository, or of a location of the config. A file may be written from any of
// its folders on and with a line behind it, as it stands in the lists; a repository without the `github:` of its location.
func inPlace(all []catalog.OwnedProblems, asked string) []catalog.OwnedProblems {
	asked = strings.ToLower(strings.TrimSuffix(asked, "/"))
	if !strings.ContainsAny(asked, "/.") {
		return nil // a name
	}
	within := func(place string) bool {
		place = strings.ToLower(place)
		return place != "" && (place == asked || strings.HasPrefix(asked, place+":") || strings.HasSuffix(place, "/"+asked) ||
			strings.HasPrefix(strings.TrimPrefix(place, "github:"), strings.TrimPrefix(asked, "github:")+"/"))
	}
	return only(all, func(p catalog.Problem) bool { return within(p.File) || within(p.Location) })
}

// ofOwners are the problems of some owners.
func ofOwners(all []catalog.OwnedProblems, wanted func(owner catalog.Entity) bool) []catalog.OwnedProblems {
	return slices.DeleteFunc(slices.Clone(all), func(o catalog.OwnedProblems) bool { return !wanted(o.Owner) })
}

// only are the problems that satisfy a condition, and their owners.
func only(all []catalog.OwnedProblems, wanted func(catalog.Problem) bool) []catalog.OwnedProblems {
	var left []catalog.OwnedProblems
	for _, o := range all {
		o.Problems = slices.DeleteFunc(slices.Clone(o.Problems), func(p catalog.Problem) bool { return !wanted(p) })
		if len(o.Problems) > 0 {
			left = append(left, o)
		}
	}
	return left
}
