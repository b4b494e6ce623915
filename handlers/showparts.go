package handlers

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"bellhop/catalog"
	"bellhop/chat"
	"bellhop/environments"
)

// cardLine is a card's first line: `payments · service · production → Team Ledger · ask in #ledger`.
func cardLine(e catalog.Entity, owner catalog.Ownership) chat.Text {
	line := chat.Textf("%s", called(e))
	facts := []string{kindWord(e), e.Lifecycle()}
	if e.Provisional() {
		facts = append(facts, "provisional")
	}
	for _, fact := range facts {
		if fact != "" {
			line = append(line, chat.Plain(" · "+shorten(fact, 40)))
		}
	}
	switch {
	case e.Is(catalog.KindUser):
		return line
	case owner.Found && owner.Next != nil:
		return append(append(line, chat.Plain(" · owner "+owner.Group.Display()+" has nobody left")), nextUp(owner.Next)...)
	case owner.Found:
		return append(append(line, chat.Plain(" → "+owner.Group.Display())), askIn(owner.Channel)...)
	case owner.Named.IsZero():
		return append(append(line, chat.Plain(" · nobody is named as its owner")), nextUp(owner.Next)...)
	}
	return append(append(line, chat.Plain(" · its owner "+owner.Named.Short()+" is not in the catalog")), nextUp(owner.Next)...)
}

// facts are what an entity's descriptor says, and who its people are.
func (h showHandler) facts(e catalog.Entity, owner catalog.Ownership) chat.Fields {
	var fields chat.Fields
	add := func(label string, value chat.Text) {
		if len(value) > 0 {
			fields = append(fields, chat.Field{Label: label, Value: value})
		}
	}
	say := func(label, value string) {
		if value != "" {
			add(label, chat.Textf("%s", shorten(value, 200)))
		}
	}
	if e.Title != "" && !strings.EqualFold(e.Title, called(e)) {
		say("Title", e.Title)
	}
	if owner.Found && !e.Is(catalog.KindUser) {
		add("People", peopleText(owner.People, h.SlackIDs))
	}
	if owner.Next != nil {
		add("Next up", peopleText(owner.Next.People, h.SlackIDs))
	}
	paged := onCall(e)
	if len(paged) == 0 && owner.Found {
		paged = onCall(owner.Group)
	}
	add("On call", paged)
	say("E-mail", e.Email())
	say("System", e.Spec.String("system"))
	say("Domain", e.Spec.String("domain"))
	say("Aliases", strings.Join(e.Aliases(), ", "))
	say("Tags", strings.Join(e.Tags, ", "))
	say("Labels", pairs(e.Labels))
	if slug, ok := e.Repository(); ok && e.Path() != "" {
		say("Folder", slug+"/"+e.Path())
	}
	add("Links", linksOf(e, h.WebURL))
	say("Annotations", pairs(otherAnnotations(e)))
	return fields
}

// pairs writes a mapping in the order of its keys.
func pairs(values map[string]string) string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(values)) {
		all = append(all, key+": "+shorten(values[key], 60))
	}
	return strings.Join(all, " · ")
}

// otherAnnotations are those that no other fact of the card tells. Keys of integrations are secrets in all but name.
func otherAnnotations(e catalog.Entity) map[string]string {
	others := maps.Clone(e.Annotations)
	maps.DeleteFunc(others, func(key, _ string) bool {
		switch key {
		case catalog.AnnotationSlug, catalog.AnnotationLogin, catalog.AnnotationChannel, catalog.AnnotationAliases, catalog.AnnotationSlackUser,
			catalog.AnnotationPath, catalog.AnnotationProvisional, catalog.AnnotationOwnerBy:
			return true
		}
		return strings.HasPrefix(key, "pagerduty.com/") || strings.HasPrefix(key, "opsgenie.com/") ||
			strings.HasPrefix(key, "backstage.io/managed-by-") || strings.Contains(key, "token") || strings.Contains(key, "secret")
	})
	return others
}

// onCall leads to who is on call, by the annotations that Backstage's plugins for PagerDuty and Opsgenie read. Both send who is
// signed in from these addresses on to the account's own.
func onCall(e catalog.Entity) chat.Text {
	var ways []chat.Text
	add := func(label, url string) { ways = append(ways, chat.Line(chat.Link{Label: label, URL: url})) }
	if id := e.Annotations["pagerduty.com/service-id"]; id != "" {
		add("PagerDuty", "https://app.pagerduty.com/service-directory/"+url.PathEscape(id))
	} else if e.Annotations["pagerduty.com/integration-key"] != "" {
		add("PagerDuty", "https://app.pagerduty.com/service-directory")
	}
	if selector := e.Annotations["opsgenie.com/component-selector"]; selector != "" {
		add("Opsgenie", "https://app.opsgenie.com/alert/list?query="+url.QueryEscape(selector))
	}
	if team := e.Annotations["opsgenie.com/team"]; team != "" {
		ways = append(ways, chat.Textf("Opsgenie team %s", shorten(team, 60)))
	}
	return chat.Join(" · ", ways...)
}

// standingNotes say where an entity is described, and what is to be known of that.
func standingNotes(e catalog.Entity, webURL string) []chat.Part {
	if e.Provisional() {
		by := ""
		if because := e.Annotations[catalog.AnnotationOwnerBy]; because != "" {
			by = ", its owner by " + because
		}
		return []chat.Part{chat.Context{Text: chat.Textf("%s · provisional: no descriptor describes it yet, and this is what GitHub tells%s. Nobody is allowed anything by it.", e.Ref.Short(), by)}}
	}
	notes := []chat.Part{chat.Context{Text: chat.Line(chat.Plain(e.Ref.Short()+" · from "), sourceSpan(e, webURL))}}
	if e.Orphaned() {
		notes = append(notes, chat.Context{Text: append(chat.Textf("⚠️ What described it is gone since "),
			chat.Moment{At: e.Source.OrphanedAt}, chat.Plain("; it leaves the catalog soon if that does not come back."))})
	}
	return notes
}

// refusedNote says that an entity is as it was before, and what is wrong with what its descriptor says now.
func refusedNote(why catalog.Problem) chat.Part {
	text := why.Message
	if why.Field != "" {
		text = why.Field + ": " + text
	}
	return chat.Context{Text: chat.Textf("⚠️ What its descriptor says now cannot be taken, and this is what it said before: %s", shorten(text, 300))}
}

// sourceSpan is where an entity is described, as a link where that can be seen.
func sourceSpan(e catalog.Entity, webURL string) chat.Span {
	place := fmt.Sprintf("%s, line %d", e.Source.File, e.Source.Line)
	slug, ref, path, ok := e.Source.InRepository()
	if !ok {
		return chat.Plain(place)
	}
	return chat.Link{Label: place, URL: fmt.Sprintf("%s%s/blob/%s/%s#L%d", orElse(webURL, "https://github.com/"), slug, orElse(ref, "HEAD"), path, e.Source.Line)}
}

// latestFirst puts the environment that was deployed to last at the beginning.
func latestFirst(all []environments.Environment) {
	slices.SortStableFunc(all, func(a, b environments.Environment) int { return b.Deployment.AskedAt.Compare(a.Deployment.AskedAt) })
}

// relationTitle says what a relation means to the entity that stands in it; empty for those that are told otherwise.
func relationTitle(t catalog.RelationType) string {
	switch t {
	case catalog.PartOf:
		return "part of"
	case catalog.MemberOf:
		return "member of"
	case catalog.HasPart:
		return "consists of"
	case catalog.ProvidesAPI:
		return "provides"
	case catalog.APIProvidedBy:
		return "provided by"
	case catalog.DependsOn, catalog.ConsumesAPI:
		return "needs"
	case catalog.DependencyOf, catalog.APIConsumedBy:
		return "needed by"
	case catalog.OwnerOf:
		return "owns"
	}
	return ""
}

// relationLines collects references under what they are to an entity.
type relationLines struct {
	missing map[string]bool // by reference: the catalog has nothing of that name
	refs    map[string][]catalog.Ref
}

func (l *relationLines) add(title string, ref catalog.Ref) {
	if l.refs == nil {
		l.refs = map[string][]catalog.Ref{}
	}
	if !slices.ContainsFunc(l.refs[title], func(had catalog.Ref) bool { return had.String() == ref.String() }) {
		l.refs[title] = append(l.refs[title], ref)
	}
}

// texts are the lines: `needs ledger-lib, payments-db (resource)`.
func (l *relationLines) texts() []chat.Text {
	const named = 15
	var texts []chat.Text
	for _, title := range []string{"part of", "member of", "consists of", "provides", "provided by", "needs", "needed by", "owns"} {
		refs := l.refs[title]
		if len(refs) == 0 {
			continue
		}
		// Components come first, and what else may be meant says what it is.
		slices.SortFunc(refs, func(a, b catalog.Ref) int {
			return cmp.Or(cmp.Compare(mixedKind(title, a), mixedKind(title, b)), cmp.Compare(a.Name, b.Name))
		})
		var names []string
		for _, ref := range refs[:min(len(refs), named)] {
			name := ref.Name
			if kind := mixedKind(title, ref); kind != "" {
				name += " (" + kind + ")"
			}
			if l.missing[ref.String()] {
				name += " (not in the catalog)"
			}
			names = append(names, name)
		}
		words := " " + strings.Join(names, ", ")
		if more := len(refs) - len(names); more > 0 {
			words += fmt.Sprintf(" and %d more", more)
		}
		texts = append(texts, chat.Line(chat.Bold(title), chat.Plain(words)))
	}
	return texts
}

// mixedKind is what a reference is, where entities of several kinds stand in such a relation and it is no component.
func mixedKind(title string, ref catalog.Ref) string {
	switch {
	case title != "needs" && title != "needed by" && title != "consists of" && title != "owns" || ref.Is(catalog.KindComponent):
		return ""
	case ref.Is(catalog.KindAPI):
		return "API"
	}
	return strings.ToLower(ref.Kind)
}
