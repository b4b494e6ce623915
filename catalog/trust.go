package catalog

import (
	"fmt"
	"slices"
	"strings"
)

// rights is what the descriptors of a tree may say. Its zero value lets them say anything.
type rights struct {
	rules []Rule // of kinds; none allows all
	// withoutMembers: who is in which group is not theirs to say.
	withoutMembers bool
	// ours is the repository that they stand in, and theirs where they name none; empty where they stand in none. bound: they
	// may name no other.
	ours  string
	bound bool
	// formerly tells of another name whether it was ours once; nil where nobody can tell.
	formerly func(slug string) (bool, error)
}

// remoteKinds may come from anywhere: they give nobody any authority.
func remoteKinds() []Rule {
	return []Rule{{Allow: []string{KindComponent, KindAPI, KindResource, KindSystem, KindDomain, KindLocation, KindTemplate}}}
}

// rightsIn is what descriptors in a tree may say that were found by this location. Its rules count in what it names
// itself. Where Location entities lead outside of that, nobody speaks of people, whatever the rules.
func (l Location) rightsIn(t *Tree) rights {
	r, own := rights{rules: l.Rules, ours: t.Repository, formerly: t.Formerly}, l.owns(t.Name)
	if len(r.rules) == 0 && t.Name != "" {
		r.rules = remoteKinds()
	}
	if !own {
		r.rules = withoutPeople(r.rules)
	}
	r.withoutMembers = !allowed(r.rules, KindUser) || !allowed(r.rules, KindGroup)
	// Whom the operator lets speak of people may speak of all repositories; so may an address that the config names.
	r.bound = t.Name != "" && r.withoutMembers && (t.Repository != "" || !own)
	return r
}

// state tells apart rights under which a descriptor would be read otherwise.
func (r rights) state() string {
	return fmt.Sprintf("%q %t %q %t", r.rules, r.withoutMembers, r.ours, r.bound)
}

// withoutPeople takes users and groups out of rules.
func withoutPeople(rules []Rule) []Rule {
	without := []Rule{{}} // none allows all, so there is always one
	for _, rule := range rules {
		without = append(without, Rule{slices.DeleteFunc(slices.Clone(rule.Allow), func(kind string) bool {
			return strings.EqualFold(kind, KindUser) || strings.EqualFold(kind, KindGroup)
		})})
	}
	return without
}

// owns tells whether the tree of that name is what the location itself names, rather than what Location entities lead to.
func (l Location) owns(tree string) bool {
	if !IsRemote(l.Target) {
		return tree == ""
	}
	return l.elsewhere != Target{} && l.elsewhere.owns(tree)
}

// Trusted tells whether an entity comes from where the operator lets people be spoken of: its location may give both users
// and groups. What is provisional or an orphan is not trusted. Roles, approvals and mentions rest on nothing else.
func (c *Catalog) Trusted(e Entity) bool {
	if e.Provisional() || e.Orphaned() {
		return false
	}
	tree, _ := splitFile(e.Source.File)
	for _, l := range c.options.Locations {
		if l.Target == e.Source.Location {
			return !l.rightsIn(&Tree{Name: tree}).withoutMembers
		}
	}
	return false
}

// may keeps of a valid document what its place lets it say; what it takes away is told. It runs before the document's
// relations are derived.
func (c *checker) may(d document, r rights) {
	annotations, _ := d.Metadata["annotations"].(map[string]any)
	at := fieldPath{"metadata", "annotations"}
	for _, reserved := range []string{AnnotationProvisional, AnnotationOwnerBy} {
		if _, there := annotations[reserved]; there {
			c.warn(at.with(reserved), "take it out", "is Bellhop's own and does not count in a descriptor")
			delete(annotations, reserved)
		}
	}
	if r.withoutMembers {
		c.withoutMembers(d)
	}
	slug, named := annotations[AnnotationSlug].(string)
	if named && r.bound && !strings.EqualFold(slug, r.ours) {
		former, err := r.wasCalled(slug)
		switch {
		case err != nil:
			c.unsettled = true
			c.fail(at.with(AnnotationSlug), "it is looked at again with the next refresh", "whether %s is another name of %s cannot be told now: %s", clip(slug), r.ours, err)
			return
		case former:
			c.warn(at.with(AnnotationSlug), "write "+r.ours, "%s is called %s by now", clip(slug), r.ours)
			annotations[AnnotationSlug] = r.ours
			return
		}
		c.warn(at.with(AnnotationSlug), fmt.Sprintf("describe it in %s itself", clip(slug)),
			"does not count: a descriptor may not speak for another repository than its own")
		delete(annotations, AnnotationSlug)
		return
	}
	if !named && r.ours != "" && d.Kind == KindComponent {
		if annotations == nil {
			annotations = map[string]any{}
			d.Metadata["annotations"] = annotations
		}
		annotations[AnnotationSlug] = r.ours
	}
}

// wasCalled tells whether a repository's name is one that ours had before.
func (r rights) wasCalled(slug string) (bool, error) {
	if r.ours == "" || r.formerly == nil {
		return false, nil
	}
	return r.formerly(slug)
}

// withoutMembers takes away who is in which group, and whose Slack account somebody is.
func (c *checker) withoutMembers(d document) {
	warn := func(at fieldPath) {
		c.warn(at, "write rules: [{allow: [User, Group]}] beside the location, if it may say so",
			"does not count: the location may not give both users and groups")
	}
	annotations, _ := d.Metadata["annotations"].(map[string]any)
	if _, there := annotations[AnnotationSlackUser]; there && d.Kind == KindUser {
		warn(fieldPath{"metadata", "annotations", AnnotationSlackUser})
		delete(annotations, AnnotationSlackUser)
	}
	field := map[string]string{KindUser: "memberOf", KindGroup: "members"}[d.Kind]
	if members, _ := d.Spec[field].([]any); len(members) == 0 {
		return
	}
	warn(fieldPath{"spec", field})
	if d.Spec[field] = []any{}; field == "members" {
		delete(d.Spec, field)
	}
}
