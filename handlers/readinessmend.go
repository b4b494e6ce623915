package handlers

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"bellhop/catalog"
	"bellhop/chat"
	"bellhop/environments"
)

// mendButtons lead to the pull requests that would meet what is missing, for who may open them.
func (d ReadinessDeps) mendButtons(e catalog.Entity, r catalog.Readiness, asked chat.Request) chat.Buttons {
	const most = 5
	_, _, _, inRepository := e.Source.InRepository()
	if d.Propose.Proposals == nil || !inRepository || e.Orphaned() || asked.Person.Standing != chat.Member || asked.Place.Kind == chat.Terminal {
		return nil
	}
	var buttons chat.Buttons
	for _, missing := range r.Missing() {
		if missing.Mend != (catalog.Mend{}) && len(buttons) < most {
			buttons = append(buttons, chat.Button{Label: shorten(mendLabel(missing), 70), Action: "readiness.mend", Value: missing.Check + " " + e.Ref.String()})
		}
	}
	return buttons
}

// mendLabel says what meets a check, as a button and as a form's title.
func mendLabel(missing catalog.CheckResult) string {
	if missing.Mend.Owner {
		return "Name an owner"
	}
	return "Add " + checkLabel(missing.Check)
}

// mend asks for what is missing.
func (h readinessHandler) mend(ctx context.Context, r chat.Request) (chat.Reply, error) {
	e, missing, err := h.toMend(ctx, r.Action.Value)
	if err != nil {
		return chat.Reply{}, fmt.Errorf("mend readiness: %w", err)
	}
	return chat.Reply{Form: &chat.Form{
		Title: mendLabel(missing), Submit: "Open pull request", Action: "readiness.propose", State: r.Action.Value,
		Intro:  chat.Textf("%s: %s. I open a pull request that adds it to %s; nothing changes until somebody merges that.", e.Name, missing.Words, e.Source.File),
		Fields: []chat.FormField{mendField(missing)},
	}}, nil
}

// The fields of the form; which of them it has depends on what is missing.
const (
	fieldOwner, fieldAddress, fieldChannel, fieldValue = "owner", "address", "channel", "value"
)

func mendField(missing catalog.CheckResult) chat.FormField {
	switch m := missing.Mend; {
	case m.Owner:
		return chat.FormField{Name: fieldOwner, Label: "Who owns it", Kind: chat.SearchField, Action: "team.chosen"}
	case m.Link != "":
		return chat.FormField{Name: fieldAddress, Label: "The address of its " + checkLabel(missing.Check), Hint: "https://…"}
	case m.Annotation == catalog.AnnotationChannel:
		return chat.FormField{Name: fieldChannel, Label: "The Slack channel to ask in", Hint: "its name, like #payments"}
	}
	return chat.FormField{Name: fieldValue, Label: "The annotation " + missing.Mend.Annotation}
}

// checkMend tells what cannot be meant, while the form is still open.
func checkMend(fields map[string]string) map[string]string {
	wrong := map[string]string{}
	if text, ok := fields[fieldAddress]; ok {
		if u, err := url.Parse(strings.TrimSpace(text)); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			wrong[fieldAddress] = "That is no address of a page: it begins with https://"
		}
	}
	if text, ok := fields[fieldChannel]; ok && (channelName(text) == "" || strings.ContainsAny(channelName(text), " ,\t\n#")) {
		wrong[fieldChannel] = "That is no channel's name: write it like #payments"
	}
	if text, ok := fields[fieldValue]; ok && (strings.TrimSpace(text) == "" || strings.ContainsAny(text, "\r\n") || len(text) > 500) {
		wrong[fieldValue] = "Write one line"
	}
	return wrong
}

func channelName(text string) string { return strings.TrimPrefix(strings.TrimSpace(text), "#") }

// propose opens the pull request that a filled form asks for.
func (h readinessHandler) propose(ctx context.Context, r chat.Request) (chat.Reply, error) {
	e, missing, err := h.toMend(ctx, r.Action.Value)
	if err != nil {
		return chat.Reply{}, fmt.Errorf("mend readiness: %w", err)
	}
	m, err := mendingOf(e, missing, r.Action.Fields)
	if err != nil {
		return chat.Reply{}, err
	}
	return h.Propose.mend(ctx, r, e, m)
}

// mendingOf is the change of a descriptor that meets a check with what was filled in.
func mendingOf(e catalog.Entity, missing catalog.CheckResult, fields map[string]string) (mending, error) {
	m := mending{slug: missing.Check, because: "Its readiness for production says: " + missing.Words + "."}
	switch mend := missing.Mend; {
	case mend.Owner:
		owner, err := catalog.ParseRef(fields[fieldOwner], catalog.KindGroup, catalog.DefaultNamespace)
		if err != nil {
			return m, chat.Errorf("That is no team: %s.", err)
		}
		m.what, m.byHand = fmt.Sprintf("Name %s as the owner of %s", owner.Name, e.Name), "owner: "+owner.Short()
		m.edit = func(file []byte) ([]byte, error) { return catalog.SetOwner(file, e.Ref, owner) }
	case mend.Link != "":
		title := checkLabel(missing.Check)
		link := catalog.Link{URL: strings.TrimSpace(fields[fieldAddress]), Title: strings.ToUpper(title[:1]) + title[1:], Type: mend.Link}
		m.what, m.byHand = fmt.Sprintf("Link the %s of %s", title, e.Name), fmt.Sprintf("links: [{url: %q, title: %s, type: %s}]", link.URL, link.Title, link.Type)
		m.edit = func(file []byte) ([]byte, error) { return catalog.AddLink(file, e.Ref, link) }
	default:
		key, value := mend.Annotation, strings.TrimSpace(fields[fieldValue])
		switch key {
		case catalog.AnnotationChannel:
			value = channelName(fields[fieldChannel])
		case catalog.AnnotationDeployWorkflow:
			if _, err := environments.ParseWorkflow(value); err != nil {
				return m, chat.Errorf("%v.", err)
			}
		}
		m.what, m.byHand = fmt.Sprintf("Annotate %s with its %s", e.Name, checkLabel(missing.Check)), fmt.Sprintf("%s: %q", key, value)
		m.edit = func(file []byte) ([]byte, error) { return catalog.SetAnnotation(file, e.Ref, key, value) }
	}
	return m, nil
}

// toMend reads a button's `CHECK REF`, and tells what the component lacks as of now.
func (h readinessHandler) toMend(ctx context.Context, value string) (catalog.Entity, catalog.CheckResult, error) {
	check, ref, _ := strings.Cut(value, " ")
	e, err := oneEntity(ctx, h.entities, ref, "readiness")
	if err != nil {
		return e, catalog.CheckResult{}, err
	}
	readiness, err := h.Judge(ctx, e)
	if err != nil {
		return e, catalog.CheckResult{}, err
	}
	missing := readiness.Missing()
	i := slices.IndexFunc(missing, func(c catalog.CheckResult) bool { return c.Check == check && c.Mend != catalog.Mend{} })
	if i < 0 {
		return e, catalog.CheckResult{}, chat.Errorf("%s lacks no %s any more.", e.Name, checkLabel(check))
	}
	return e, missing[i], nil
}
