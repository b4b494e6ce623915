package handlers

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"bellhop/catalog"
	"bellhop/chat"
)

// listed is how many entities a list of an answer shows.
const listed = 12

// cardButton shows all that is known of an entity.
func cardButton(e catalog.Entity) chat.Button {
	return chat.Button{Label: "Card", Action: ActionTry, Value: "show " + e.Ref.String()}
}

// tryButtons ask about entities. They are called by their names, with their kinds where names alone do not tell them apart.
func tryButtons(entities []catalog.Entity) chat.Buttons {
	times := map[string]int{}
	for _, e := range entities {
		times[strings.ToLower(called(e))]++
	}
	var buttons chat.Buttons
	for _, e := range entities {
		b := chat.Button{Label: shorten(called(e), 70), Action: ActionTry, Value: "who-owns " + e.Ref.String()} // Slack: 75 characters
		if times[strings.ToLower(called(e))] > 1 {
			b.Label = label(e)
		}
		buttons = append(buttons, b)
	}
	return buttons
}

// called is the name that people know an entity by: teams and people have titles, everything else is what one types.
func called(e catalog.Entity) string {
	if e.Is(catalog.KindGroup) || e.Is(catalog.KindUser) {
		return e.Display()
	}
	return e.Name
}

// label is an entity's name with what it is, short enough for a button or an option: Slack takes 75 characters.
func label(e catalog.Entity) string {
	return shorten(called(e), 50) + " (" + shorten(kindWord(e), 20) + ")"
}

// kindWord is what people call the kind of an entity: a component by its type.
func kindWord(e catalog.Entity) string {
	switch {
	case e.Is(catalog.KindComponent) && e.Type() != "":
		return e.Type()
	case e.Is(catalog.KindGroup):
		return "team"
	case e.Is(catalog.KindUser):
		return "person"
	case e.Is(catalog.KindAPI):
		return "API"
	}
	return strings.ToLower(e.Kind)
}

func displays(entities []catalog.Entity) string {
	names := make([]string, len(entities))
	for i, e := range entities {
		names[i] = e.Display()
	}
	return strings.Join(names, ", ")
}

func entityList(title string, entities []catalog.Entity) chat.List {
	list := chat.List{Title: title, More: max(0, len(entities)-listed)}
	for _, e := range entities[:min(len(entities), listed)] {
		list.Items = append(list.Items, chat.Textf("%s (%s)", called(e), kindWord(e)))
	}
	return list
}

// channelSpan takes a channel as descriptors name it: by name or by id.
func channelSpan(channel string) chat.Span {
	if len(channel) >= 9 && strings.HasPrefix(channel, "C") && channel == strings.ToUpper(channel) {
		return chat.Channel{ID: channel, Name: channel}
	}
	return chat.Channel{Name: channel}
}

// linksOf are an entity's repository, at the address that the descriptor gives if it does, and then what the descriptor lists. webURL
// is where repositories are seen, with a slash at its end.
func linksOf(e catalog.Entity, webURL string) chat.Text {
	const most = 10
	var repository string
	slug, ok := e.Repository()
	if ok {
		repository = webURL + slug
	}
	var all []chat.Text
	for _, l := range e.Links {
		if url := strings.TrimSuffix(strings.TrimSpace(l.URL), "/"); ok && strings.HasSuffix(strings.ToLower(url), "/"+strings.ToLower(slug)) {
			repository = url
		} else if len(all) < most {
			all = append(all, chat.Line(linkSpan(l)))
		}
	}
	if repository != "" {
		all = append([]chat.Text{chat.Line(chat.Link{Label: slug, URL: repository})}, all...)
	}
	return chat.Join(" · ", all...)
}

// linkSpan leads to a website; addresses of other kinds are only shown.
func linkSpan(l catalog.Link) chat.Span {
	url := strings.TrimSpace(l.URL)
	if lower := strings.ToLower(url); strings.HasPrefix(lower, "https://") || strings.HasPrefix(lower, "http://") {
		return chat.Link{Label: shorten(orElse(l.Title, url), 60), URL: url}
	}
	return chat.Plain(strings.TrimSpace(l.Title + " " + shorten(url, 100)))
}

// SlackIDs tells the Slack account of a User; catalog.Catalog does.
type SlackIDs interface {
	SlackIDOf(user catalog.Entity) string
}

// peopleText names people without waking them, in the order of their names.
func peopleText(users []catalog.Entity, ids SlackIDs) chat.Text {
	const most = 20
	if len(users) == 0 {
		return chat.Textf("nobody is listed")
	}
	users = slices.SortedFunc(slices.Values(users), func(a, b catalog.Entity) int { return cmp.Compare(a.Display(), b.Display()) })
	var names []chat.Text
	for _, user := range users[:min(len(users), most)] {
		names = append(names, chat.Line(personSpan(user, ids)))
	}
	text := chat.Join(", ", names...)
	if more := len(users) - most; more > 0 {
		text = append(text, chat.Plain(fmt.Sprintf(" and %d more", more)))
	}
	return text
}

func personSpan(user catalog.Entity, ids SlackIDs) chat.Span {
	if id := ids.SlackIDOf(user); id != "" {
		return chat.Named{ID: id, Name: user.Display()}
	}
	return chat.Plain(user.Display())
}
