package catalog

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ProvisionalComponent is what GitHub alone tells of a repository, for who has no descriptor. owner is a reference, or empty
// where nobody can be told.
func ProvisionalComponent(r DiscoveredRepository, owner string) Entity {
	_, repo, _ := strings.Cut(r.Slug, "/")
	return entityOf(componentOf(r, nameFormat().mend(repo), owner), Source{})
}

func componentOf(r DiscoveredRepository, name, owner string) document {
	lifecycle := "production"
	if r.Archived {
		lifecycle = "deprecated"
	}
	annotations := map[string]any{AnnotationSlug: r.Slug}
	if r.Because != "" {
		annotations[AnnotationOwnerBy] = r.Because
	}
	d := provisional(KindComponent, name, r.Description, annotations)
	d.Spec = map[string]any{"type": "service", "lifecycle": lifecycle}
	if owner != "" {
		d.Spec["owner"] = owner
	}
	var tags []any
	for _, topic := range append([]string{r.Language}, r.Topics...) {
		if tag := tagFormat().mend(topic); validTag(tag) && !slices.Contains(tags, any(tag)) {
			tags = append(tags, tag)
		}
	}
	if len(tags) > 0 {
		d.Metadata["tags"] = tags
	}
	return d
}

// provisional is the beginning of a document that no descriptor gives.
func provisional(kind, name, description string, annotations map[string]any) document {
	annotations[AnnotationProvisional] = "true"
	d := document{APIVersion: versionsOf(kind)[0], Kind: kind, Metadata: map[string]any{"name": name, "annotations": annotations}}
	if description = strings.TrimSpace(storable(description)); description != "" {
		d.Metadata["description"] = description
	}
	return d
}

// discovery makes entities of what one owner's repositories, teams and people are known to be, where no descriptor does.
type discovery struct {
	r      *reader
	owner  string            // of the repositories: acme
	source Source            // but for File
	teams  map[string]string // references by slug, what descriptors make of them included
	people map[string]string // references by login in lower case, likewise
}

// discover reads what descriptors leave open. It comes last, so that whatever claims a name or a repository has it.
func (r *reader) discover(ctx context.Context) error {
	if len(r.options.Discover) == 0 {
		return nil
	}
	described, err := r.described(ctx)
	if err != nil {
		return err
	}
	for _, target := range r.options.Discover {
		found, err := r.discovered(ctx, target, described)
		if ended := ctx.Err(); ended != nil {
			return ended
		}
		if err != nil {
			r.failed(Problem{Location: target, Severity: SeverityError, Message: "it cannot be read: " + err.Error(), Hint: "what it gave before is kept"})
			r.keepDiscovered(target)
			continue
		}
		d := discovery{r: r, owner: ownerIn(target), source: Source{Location: target, File: target}, teams: map[string]string{}, people: map[string]string{}}
		d.all(found, described)
		if err := r.flush(); err != nil {
			return err
		}
	}
	return nil
}

// ownerIn is the owner that a target of discovery means: `github:acme`.
func ownerIn(target string) string { return strings.TrimPrefix(target, "github:") }

// discovered asks for what is known of an owner, and remembers what was noted of each repository.
func (r *reader) discovered(ctx context.Context, target string, described map[Key]string) (Discovered, error) {
	if r.options.Discoverer == nil {
		return Discovered{}, errors.New("there is no access to GitHub")
	}
	found, err := r.options.Discoverer.Discover(ctx, ownerIn(target), func(name string) (note string, wanted bool) {
		key := Key{KeyRepository, fold(name)}
		if login, person := strings.CutPrefix(name, "@"); person {
			key = Key{KeyLogin, fold(login)}
		}
		_, has := described[key]
		return r.hashes[noteKey(target, name)], !has
	})
	if err != nil {
		return found, err
	}
	for _, repository := range found.Repositories {
		r.noted(noteKey(target, repository.Slug), repository.Note)
	}
	for _, m := range found.Members {
		r.noted(noteKey(target, "@"+m.Login), m.Note)
	}
	return found, nil
}

func (r *reader) noted(key, note string) {
	r.visited[key] = note != ""
	if note != "" && note != r.hashes[key] {
		r.remember = append(r.remember, FileState{key, note})
	}
}

// noteKey is by what a FileState knows what was noted of a repository or a person.
func noteKey(target, name string) string { return "discovered\t" + target + "\t" + fold(name) }

// keepDiscovered keeps what an owner gave before, and what was noted of it.
func (r *reader) keepDiscovered(target string) {
	for key := range r.hashes {
		if strings.HasPrefix(key, noteKey(target, "")) {
			r.visited[key] = true
		}
	}
	for ref, place := range r.places {
		if _, taken := r.claimed[ref]; !taken && place.Source.Location == target {
			r.claimed[ref] = place.Source
			r.result.Kept++
		}
	}
}

// identities are the keys of which a descriptor's entity leaves nothing for what is discovered under them.
func identities() []KeyType { return []KeyType{KeyRepository, KeyTeam, KeyLogin, KeyEmail} }

// described are the entities of descriptors, by what they are on GitHub.
func (r *reader) described(ctx context.Context) (map[Key]string, error) {
	described := map[Key]string{}
	for _, keyType := range identities() {
		err := r.write.KeysOf(ctx, keyType, func(key, ref string) {
			if _, claimed := r.claimed[ref]; claimed && !r.rewritten[ref] { // as it is stored, wherever it stands by now
				described[Key{keyType, key}] = ref
				if keyType == KeyRepository {
					r.slugs[ref] = key
				}
			}
		})
		if err != nil {
			return nil, err
		}
	}
	for key, ref := range r.identities {
		described[key] = ref
	}
	return described, nil
}

func (d *discovery) all(found Discovered, described map[Key]string) {
	for _, m := range found.Members {
		d.member(m, described)
	}
	slices.SortFunc(found.Teams, func(a, b DiscoveredTeam) int { return cmp.Compare(a.Slug, b.Slug) })
	fresh := map[string]bool{} // teams that no descriptor describes
	for _, team := range found.Teams {
		name := d.free(KindGroup, nameFormat().mend(team.Slug))
		fresh[team.Slug] = d.settle(d.teams, team.Slug, KindGroup, name, described, Key{KeyTeam, fold(d.owner + "/" + team.Slug)})
	}
	for _, team := range found.Teams {
		if fresh[team.Slug] {
			d.team(team)
		}
	}
	for _, repository := range found.Repositories {
		d.repository(repository, described)
	}
}

// settle notes what something is called, and tells whether no descriptor describes it.
func (d *discovery) settle(names map[string]string, as, kind, name string, described map[Key]string, keys ...Key) bool {
	for _, key := range keys {
		if ref, there := described[key]; there && key.Key != "" {
			names[as] = ref
			return false
		}
	}
	if !validName(name) {
		return false
	}
	ref := Ref{Kind: kind, Name: name}.String()
	names[as] = ref
	_, taken := d.r.claimed[ref]
	return !taken
}

// free is a name that no other owner's discovery has taken: the owner's name stands before it otherwise.
func (d *discovery) free(kind, name string) string {
	first, taken := d.r.claimed[Ref{Kind: kind, Name: name}.String()]
	if taken && first.Location != d.source.Location && slices.Contains(d.r.options.Discover, first.Location) {
		return nameFormat().mend(d.owner + "-" + name)
	}
	return name
}

func (d *discovery) member(m DiscoveredMember, described map[Key]string) {
	name := nameFormat().mend(m.Login) // a login means the same person with every owner
	if !d.settle(d.people, strings.ToLower(m.Login), KindUser, name, described, Key{KeyLogin, fold(m.Login)}, Key{KeyEmail, fold(m.Email)}) {
		return
	}
	doc := provisional(KindUser, name, "", map[string]any{AnnotationLogin: m.Login})
	profile := map[string]any{}
	for key, text := range map[string]string{"displayName": m.Name, "email": m.Email} {
		if text != "" {
			profile[key] = storable(text)
		}
	}
	doc.Spec = map[string]any{"profile": profile, "memberOf": []any{}}
	d.claim(doc, d.source.File)
}

func (d *discovery) team(team DiscoveredTeam) {
	_, name, _ := strings.Cut(d.teams[team.Slug], "/")
	doc := provisional(KindGroup, name, team.Description, map[string]any{AnnotationTeam: d.owner + "/" + team.Slug})
	members := []any{}
	for _, login := range team.Members {
		if ref, known := d.people[strings.ToLower(login)]; known {
			members = append(members, ref)
		}
	}
	doc.Spec = map[string]any{"type": "team", "children": []any{}, "members": members}
	if team.Name != "" {
		doc.Spec["profile"] = map[string]any{"displayName": storable(team.Name)}
	}
	if parent := d.teams[team.Parent]; parent != "" {
		doc.Spec["parent"] = parent
	}
	d.claim(doc, d.source.File)
}

func (d *discovery) repository(r DiscoveredRepository, described map[Key]string) {
	if _, has := described[Key{KeyRepository, fold(r.Slug)}]; has {
		return
	}
	name, ok := d.componentName(r.Slug)
	if !ok {
		return
	}
	owner := d.teams[r.Team]
	if owner == "" {
		owner = d.people[strings.ToLower(r.Login)]
	}
	d.claim(componentOf(r, name, owner), "github:"+r.Slug)
}

// componentName is what a repository is called as a component: as there, with its owner's name before it where that is another's,
// and at last with a number. ok is false where a descriptor has taken its place.
func (d *discovery) componentName(slug string) (name string, ok bool) {
	_, repo, _ := strings.Cut(slug, "/")
	for n := range 20 {
		switch name = nameFormat().mend(repo); n {
		case 0:
		case 1:
			name = nameFormat().mend(d.owner + "-" + repo)
		default:
			name = nameFormat().mend(fmt.Sprintf("%s-%s-%d", d.owner, repo, n))
		}
		ref := Ref{Kind: KindComponent, Name: name}.String()
		first, taken := d.r.claimed[ref]
		switch {
		case !validName(name):
		case !taken:
			return name, true
		case n == 0 && d.speaksFor(ref, first, slug):
			return "", false
		case n == 0 && !slices.Contains(d.r.options.Discover, first.Location):
			d.r.problem(Problem{
				Location: d.source.Location, Severity: SeverityWarning, Entity: ref,
				Message: fmt.Sprintf("%s cannot be called %s: %s, line %d, has that name and does not speak for it", slug, name, first.File, first.Line),
				Hint:    "give it a descriptor of its own, in a location that stands before",
			})
		}
	}
	return "", false
}

// speaksFor tells whether an entity that has a repository's name is that repository's: it names no other, and stands where it may
// speak for it.
func (d *discovery) speaksFor(ref string, source Source, slug string) bool {
	if own, named := d.r.slugs[ref]; named || slices.Contains(d.r.options.Discover, source.Location) {
		return named && strings.EqualFold(own, slug)
	}
	tree, _ := splitFile(source.File)
	home, _, _, _ := source.InRepository()
	for _, l := range d.r.options.Locations {
		if l.Target == source.Location {
			return strings.EqualFold(home, slug) || !l.rightsIn(&Tree{Name: tree, Repository: home}).bound
		}
	}
	return true
}

func (d *discovery) claim(doc document, file string) {
	c := &checker{}
	source := d.source
	source.File = file
	if record := c.record(doc, source); !c.refused {
		d.r.claim(record)
	}
}

// identity notes what an entity is on GitHub, of those that are written now.
func (r *reader) identity(record Record) {
	ref := record.Ref.String()
	r.rewritten[ref] = true
	for _, key := range record.Keys {
		if slices.Contains(identities(), key.Type) {
			r.identities[key] = ref
			if key.Type == KeyRepository {
				r.slugs[ref] = key.Key
			}
		}
	}
}
