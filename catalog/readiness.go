package catalog

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"
)

// The checks that Bellhop knows by name.
const (
	CheckOwner        = "owner"        // a team of people answers for it
	CheckChannel      = "channel"      // there is a Slack channel to ask in
	CheckCI           = "ci"           // workflows run on its default branch
	CheckTests        = "tests"        // their test reports can be read
	CheckRunbook      = "runbook"      // what to do when it is down is linked
	CheckDocs         = "docs"         // documentation is linked
	CheckDeploy       = "deploy"       // a workflow deploys it
	CheckDependencies = "dependencies" // nothing that it needs is deprecated
)

// StandardChecks are the names of the checks that Bellhop knows, in the order in which they are usually mended.
func StandardChecks() []string {
	return []string{CheckOwner, CheckChannel, CheckCI, CheckTests, CheckRunbook, CheckDocs, CheckDeploy, CheckDependencies}
}

// ReadinessCheck is one thing that a component should have on its way to production: one that Bellhop knows by its Name, or
// one that the config describes by exactly one of Annotation, Label, Tag and Link.
type ReadinessCheck struct {
	Name string
	// Types restrict it to components of these types; without any, runbook and deploy leave out libraries, which are not
	// run, and all others hold for every component.
	Types []string
	// Annotation and Label name a key that must have a value; `*` in it stands for anything.
	Annotation, Label string
	Tag               string
	Link              string // the type of a link, or a word of its title
	Hint              string // what to do where it is missing; a sentence of Bellhop's own without
}

// ReadinessFacts is what is known of a component.
type ReadinessFacts struct {
	Entity Entity
	Owner  Ownership
	// Ran is when a workflow last ran on the default branch, and Reported when one gave test reports; zero is never.
	Ran, Reported time.Time
	// Unseen says why nobody can tell when workflows ran; empty where the repository is followed.
	Unseen string
	// Deploys tells whether environments are set up at all, and Undeployable what is in the component's way.
	Deploys      bool
	Undeployable string
	// Deprecated are the deprecated ones of all that it needs, directly or not.
	Deprecated []Entity
}

// CheckState is how a check came out.
type CheckState int

// The states.
const (
	CheckMet CheckState = iota
	CheckMissing
	CheckUnknown // nobody can tell: counts neither way
)

// CheckResult is how one check came out.
type CheckResult struct {
	Check string
	State CheckState
	Words string // what is there, or what is missing
	URL   string // what Words are about; mostly empty
	Hint  string // what to do; empty where it is met
	Mend  Mend
}

// Mend is what a descriptor would say to meet a check; zero where none can, or where it is met.
type Mend struct {
	Owner      bool   // another owner
	Annotation string // an annotation of this key
	Link       string // a link of this type
}

// Readiness is how ready a component is for production: a result for each check that holds for it, in the order of the checks.
type Readiness struct{ Results []CheckResult }

// Met counts the checks that are met, of those that can be told.
func (r Readiness) Met() (met, of int) {
	for _, result := range r.Results {
		switch result.State {
		case CheckMet:
			met, of = met+1, of+1
		case CheckMissing:
			of++
		}
	}
	return met, of
}

// Missing are the checks that are not met.
func (r Readiness) Missing() []CheckResult {
	return slices.DeleteFunc(slices.Clone(r.Results), func(c CheckResult) bool { return c.State != CheckMissing })
}

// JudgeReadiness looks at facts by the checks; without any, by all that Bellhop knows. Names that it does not know, without
// anything that describes them, are left out.
func JudgeReadiness(checks []ReadinessCheck, f ReadinessFacts) Readiness {
	if len(checks) == 0 {
		for _, name := range StandardChecks() {
			checks = append(checks, ReadinessCheck{Name: name})
		}
	}
	var r Readiness
	for _, check := range checks {
		if !check.holdsFor(f.Entity) {
			continue
		}
		if result, ok := check.judge(f); ok {
			if result.Check = check.Name; result.State == CheckMissing && check.Hint != "" {
				result.Hint = check.Hint
			}
			r.Results = append(r.Results, result)
		}
	}
	return r
}

func (c ReadinessCheck) holdsFor(e Entity) bool {
	if len(c.Types) == 0 {
		return c.Name != CheckRunbook && c.Name != CheckDeploy || !strings.EqualFold(e.Type(), "library")
	}
	return slices.ContainsFunc(c.Types, func(t string) bool { return strings.EqualFold(t, e.Type()) })
}

func (c ReadinessCheck) judge(f ReadinessFacts) (CheckResult, bool) {
	e := f.Entity
	switch {
	case c.Annotation != "":
		result := keyed("annotation", c.Annotation, e.Annotations)
		if result.State == CheckMissing && !strings.ContainsAny(c.Annotation, `*?[\`) {
			result.Mend.Annotation = c.Annotation
		}
		return result, true
	case c.Label != "":
		return keyed("label", c.Label, e.Labels), true
	case c.Tag != "":
		if slices.ContainsFunc(e.Tags, func(tag string) bool { return strings.EqualFold(tag, c.Tag) }) {
			return met("has the tag %s", c.Tag), true
		}
		return missing("the tag %s is missing", "add it to metadata.tags", c.Tag), true
	case c.Link != "":
		return linked(e, c.Link, c.Link, c.Link), true
	}
	judge, ok := map[string]func(ReadinessFacts) CheckResult{
		CheckOwner: judgeOwner, CheckChannel: judgeChannel, CheckCI: judgeCI, CheckTests: judgeTests, CheckRunbook: judgeRunbook,
		CheckDocs: judgeDocs, CheckDeploy: judgeDeploy, CheckDependencies: judgeDependencies,
	}[c.Name]
	if !ok {
		return CheckResult{}, false
	}
	return judge(f), true
}

func met(format string, args ...any) CheckResult {
	return CheckResult{Words: fmt.Sprintf(format, args...)}
}

func missing(format, hint string, args ...any) CheckResult {
	return CheckResult{State: CheckMissing, Words: fmt.Sprintf(format, args...), Hint: hint}
}

// by is a missing check with what would mend it.
func (c CheckResult) by(m Mend) CheckResult {
	c.Mend = m
	return c
}

func unknown(words string) CheckResult { return CheckResult{State: CheckUnknown, Words: words} }

func judgeOwner(f ReadinessFacts) CheckResult {
	o := f.Owner
	switch {
	case f.Entity.Provisional():
		return missing("no descriptor names its owner", "adopt it with a descriptor in its repository")
	case o.Named.IsZero() && !o.Found:
		return missing("nobody is named as its owner", "name a team as spec.owner").by(Mend{Owner: true})
	case !o.Found:
		return missing("its owner %s is not in the catalog", "correct spec.owner, or describe that team", o.Named.Short()).by(Mend{Owner: true})
	case o.Next != nil:
		return missing("its owner %s has nobody left", "name a team with people as spec.owner", o.Group.Display()).by(Mend{Owner: true})
	}
	return met("%s", o.Group.Display())
}

func judgeChannel(f ReadinessFacts) CheckResult {
	channel := f.Owner.Channel
	if own := f.Entity.Channels(); len(own) > 0 {
		channel = own[0]
	}
	if channel != "" {
		return met("#%s", channel)
	}
	whose := "the component"
	if f.Owner.Found {
		whose = f.Owner.Group.Display()
	}
	return missing("there is no channel to ask in", "annotate "+whose+" with "+AnnotationChannel).by(Mend{Annotation: AnnotationChannel})
}

func judgeCI(f ReadinessFacts) CheckResult {
	if result, ok := f.unseen(); ok {
		return result
	}
	if f.Ran.IsZero() {
		return missing("no workflow has run on the default branch", "add one under .github/workflows that runs on every push")
	}
	return met("workflows run on the default branch")
}

func judgeTests(f ReadinessFacts) CheckResult {
	if result, ok := f.unseen(); ok {
		return result
	}
	if f.Reported.IsZero() {
		return missing("no test reports can be read", "let CI upload its JUnit files as an artifact")
	}
	return met("test reports are read")
}

// unseen is what is to be said of runs where nobody looks for them.
func (f ReadinessFacts) unseen() (CheckResult, bool) {
	if _, ok := f.Entity.Repository(); !ok {
		return missing("no repository is named", "annotate it with "+AnnotationSlug).by(Mend{Annotation: AnnotationSlug}), true
	}
	return unknown(f.Unseen), f.Unseen != ""
}

func judgeRunbook(f ReadinessFacts) CheckResult {
	return linked(f.Entity, "runbook", "runbook", "runbook", "playbook")
}

func judgeDocs(f ReadinessFacts) CheckResult {
	for _, annotation := range []string{"backstage.io/techdocs-ref", "backstage.io/techdocs-entity"} {
		if f.Entity.Annotations[annotation] != "" {
			return met("TechDocs")
		}
	}
	return linked(f.Entity, "docs", "documentation", "docs", "doc", "documentation", "wiki", "handbook", "readme")
}

func judgeDeploy(f ReadinessFacts) CheckResult {
	_, hasRepository := f.Entity.Repository()
	switch {
	case !f.Deploys:
		return unknown("no environments are configured")
	case !hasRepository:
		return missing("no repository is named", "annotate it with "+AnnotationSlug).by(Mend{Annotation: AnnotationSlug})
	case f.Undeployable != "":
		return missing("%s", "name a workflow that environments.allowed_workflows allows, or none", f.Undeployable).by(Mend{Annotation: AnnotationDeployWorkflow})
	}
	return met("a workflow deploys it")
}

func judgeDependencies(f ReadinessFacts) CheckResult {
	if len(f.Deprecated) == 0 {
		return met("nothing that it needs is deprecated")
	}
	const named = 3
	var names []string
	for _, e := range f.Deprecated[:min(named, len(f.Deprecated))] {
		names = append(names, e.Name)
	}
	if more := len(f.Deprecated) - named; more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	return missing("needs what is deprecated: %s", "move to what takes its place", strings.Join(names, ", "))
}

// linked looks for a link of one of the words as its type or in its title. kind is the type to give to a new one.
func linked(e Entity, kind, what string, words ...string) CheckResult {
	for _, l := range e.Links {
		title := strings.FieldsFunc(l.Title, func(r rune) bool { return strings.ContainsRune(" -_/:,.()", r) })
		for _, word := range words {
			if strings.EqualFold(l.Type, word) || slices.ContainsFunc(title, func(w string) bool { return strings.EqualFold(w, word) }) {
				result := met("%s", l.Title)
				if result.URL = l.URL; l.Title == "" {
					result.Words = what
				}
				return result
			}
		}
	}
	return missing("no %s is linked", fmt.Sprintf("add a link of type %s to metadata.links", kind), what).by(Mend{Link: kind})
}

// keyed looks for a key with a value.
func keyed(what, pattern string, values map[string]string) CheckResult {
	for _, key := range slices.Sorted(maps.Keys(values)) {
		// A pattern's own slash matches that of the key's prefix; what is no pattern matches nothing.
		if ok, err := path.Match(pattern, key); err == nil && ok && values[key] != "" {
			return met("has the %s %s", what, key)
		}
	}
	return missing("the %s %s is missing", fmt.Sprintf("add it to metadata.%ss", what), what, pattern)
}
