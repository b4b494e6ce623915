package handlers

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"bellhop/catalog"
	"bellhop/chat"
	"bellhop/environments"
)

// envs answers `/envs`.
type envs struct{ deployEnv }

// envsCommand is the row of /envs.
func envsCommand(deps DeployEnvDeps) chat.Command {
	h := envs{deployEnv{deps}}
	return chat.Command{
		Name: "envs", Slash: true,
		Words:    []string{"which environments run", "what environments run", "what runs", "environments"},
		Usage:    "[mine|COMPONENT|KIND]",
		Summary:  "lists the environments that run, by whom and until when",
		Examples: []string{"", "mine", "payments", "staging"},
		Feature:  chat.Deploy, Role: chat.Anyone, Run: h.run,
	}
}

// shownInFull is how many environments a list shows with their buttons; more follow in a line each.
const shownInFull = 8

// shownInAll is how many environments a list names.
const shownInAll = 60

func (h envs) run(ctx context.Context, r chat.Request) (chat.Reply, error) {
	filter, of, err := h.filter(ctx, r)
	if err != nil {
		return chat.Reply{}, fmt.Errorf("envs: %w", err)
	}
	list, err := h.Deployments.List(ctx, filter)
	if err != nil {
		return chat.Reply{}, fmt.Errorf("envs: %w", err)
	}
	if len(list) == 0 {
		return noEnvironments(of, r.Place), nil
	}
	verb := "exist"
	if len(list) == 1 {
		verb = "exists"
	}
	reply := chat.Reply{Headline: chat.Textf("%s%s %s", counted(len(list), "environment", "environments"), of, verb)}
	for _, e := range list[:min(len(list), shownInFull)] {
		reply.Parts = append(reply.Parts, chat.Paragraph{Text: envLine(e, true)})
		if buttons := envButtons(e, r.Person); len(buttons) > 0 && r.Place.Kind != chat.Terminal {
			reply.Parts = append(reply.Parts, buttons)
		}
	}
	if len(list) > shownInFull {
		rest := chat.List{Title: "And", More: max(0, len(list)-shownInAll)}
		for _, e := range list[shownInFull:min(len(list), shownInAll)] {
			rest.Items = append(rest.Items, envLine(e, true))
		}
		reply.Parts = append(reply.Parts, rest)
	}
	return reply, nil
}

// filter reads what is asked for, and says it in words: " of payments".
func (h envs) filter(ctx context.Context, r chat.Request) (environments.Filter, string, error) {
	var (
		f    environments.Filter
		of   string
		rest []chat.Word
	)
	for _, w := range chat.Words(r.Text) {
		switch {
		case w.Is("mine", "my", "own"):
			if r.Person.ID == "" {
				return f, "", chat.Errorf("Nobody is signed in to a terminal, so there is no \"mine\" here.")
			}
			f.Person, of = r.Person.ID, of+" of yours"
		case w.Is("all", "everything", "of", "in", "on", "to", "list", "environments"):
		default:
			rest = append(rest, w)
		}
	}
	for _, w := range rest {
		if k, ok := h.Deployments.Options().Kind(w.Text); ok && f.Kind == "" {
			f.Kind, of = k.Name, of+" in "+k.Name
			continue
		}
		found, err := h.Deployables.Find(ctx, strings.TrimPrefix(w.Text, "component:"))
		if err != nil {
			return f, "", err
		}
		exact := components(found.Exact)
		if len(exact) == 0 {
			return f, "", h.notFound(w.Text, found.Near)
		}
		f.Component, of = exact[0].Ref.String(), of+" of "+exact[0].Name
	}
	return f, of, nil
}

// notFound offers what the word may have meant.
func (h envs) notFound(word string, near []catalog.Entity) error {
	var buttons chat.Buttons
	for _, e := range components(near) {
		buttons = append(buttons, chat.Button{Label: e.Name, Action: ActionTry, Value: "envs " + chat.Quote(e.Ref.Short())})
	}
	for _, k := range h.Deployments.Options().Kinds[:min(len(h.Deployments.Options().Kinds), 5)] {
		buttons = append(buttons, chat.Button{Label: k.Name, Action: ActionTry, Value: "envs " + chat.Quote(k.Name)})
	}
	return chat.ErrorWith(fmt.Sprintf("%q is no component and no kind of environment. Did you mean one of these?", shorten(word, 60)), buttons)
}

// noEnvironments says so, and how to make one where that can be done.
func noEnvironments(of string, place chat.Place) chat.Reply {
	reply := chat.Reply{Headline: chat.Textf("No environment%s exists", of)}
	if place.Kind != chat.Terminal {
		reply.Parts = []chat.Part{chat.Context{Text: chat.Line(chat.Plain("Make one: "), chat.Code("/deploy-env BRANCH of COMPONENT"))}}
	}
	return reply
}

// envLine is an environment in a line: `✅ payments · feature-x → preview · Open · Alice · until Fri 27 Nov 14:02`; without
// whose it is where all are one person's.
func envLine(e environments.Environment, whose bool) chat.Text {
	state, words := envState(e)
	line := append(chat.Textf("%s %s", state, what(e, e.Deployment)), words...)
	if e.URL != "" {
		line = append(line, chat.Plain(" · "), chat.Link{Label: "Open", URL: e.URL})
	}
	if whose {
		line = append(line, chat.Plain(" · "), named(e.Deployment.By))
	}
	return append(line, lasting(e)...)
}

// envState is an environment's state as a sign and in words; nothing is to be said of one that is up.
func envState(e environments.Environment) (sign string, words chat.Text) {
	switch e.State {
	case environments.Ready:
		return "✅", nil
	case environments.Failed:
		return "🔴", append(chat.Textf(" · "), failure("failed", e.Operation)...)
	case environments.Cancelled:
		return "⚪", chat.Textf(" · cancelled")
	case environments.Lost:
		return "🟠", chat.Textf(" · lost")
	case environments.Destroying:
		return "🔵", chat.Textf(" · is being destroyed")
	case environments.DestroyFailed:
		return "🔴", chat.Textf(" · could not be destroyed")
	}
	return busyMark(e), progressWords(e)
}

// envButtons are an environment's buttons in a list: those of its card that the person may press. What opens it is a link in
// its line.
func envButtons(e environments.Environment, asker chat.Person) chat.Buttons {
	return slices.DeleteFunc(cardButtons(e), func(b chat.Button) bool { return b.Action != "" && asker.Standing != chat.Member })
}
