package handlers

import (
	"fmt"
	"strings"

	"bellhop/chat"
	"bellhop/environments"
)

// card is what a deployment looks like: its headline alone tells how it stands.
func card(e environments.Environment) chat.Reply {
	reply := chat.Reply{Headline: cardHeadline(e)}
	run := e.Operation.Run
	if e.State.Busy() && run.Steps > 0 {
		reply.Parts = append(reply.Parts, chat.Progress{Done: max(run.Step-1, 0), Total: run.Steps})
	}
	reply.Parts = append(reply.Parts, chat.Paragraph{Text: commitLine(e.Deployment)})
	for _, note := range cardNotes(e) {
		reply.Parts = append(reply.Parts, chat.Context{Text: note})
	}
	if buttons := cardButtons(e); len(buttons) > 0 {
		reply.Parts = append(reply.Parts, buttons)
	}
	return reply
}

// what is the deployment in words: `payments · feature-x → preview`.
func what(e environments.Environment, d environments.Deployment) string {
	return fmt.Sprintf("%s · %s → %s", e.Key.Component, shorten(d.Ref, 100), e.Key.Kind)
}

// cardHeadline is the answer in a line.
func cardHeadline(e environments.Environment) chat.Text {
	subject := what(e, e.Deployment)
	by := named(e.Deployment.By)
	run := e.Operation.Run
	switch e.State {
	case environments.Ready:
		line := chat.Textf("✅ %s is up", subject)
		if e.URL != "" {
			line = append(line, chat.Plain(" · "), chat.Link{Label: "Open", URL: e.URL})
		}
		return line
	case environments.Failed:
		return append(chat.Textf("🔴 %s ", subject), failure("failed", e.Operation)...)
	case environments.Cancelled:
		line := chat.Textf("⚪ %s was cancelled", subject)
		if e.Operation.CancelBy.ID != "" {
			return append(line, chat.Plain(" by "), named(e.Operation.CancelBy))
		}
		if e.Operation.Overdue {
			line = append(line, chat.Plain(": its time was up before it had ended"))
		}
		return line
	case environments.Lost:
		return chat.Textf("🟠 %s is lost: %s", subject, orElse(e.Operation.Failure, "nobody knows what became of its run"))
	case environments.Destroyed:
		return append(chat.Textf("⚪ %s is gone", subject), because(e.Operation)...)
	case environments.DestroyFailed:
		return append(chat.Textf("🔴 %s could not be destroyed: it ", subject), failure("failed", e.Operation)...)
	case environments.Destroying:
		line := append(chat.Textf("🔵 %s is being destroyed", subject), stepOf(run)...)
		if e.Operation.By.ID == "" {
			return append(line, chat.Plain(" · its time is up"))
		}
		return append(line, chat.Plain(" · "), named(e.Operation.By))
	}
	return append(append(chat.Textf("%s %s", busyMark(e), subject), progressWords(e)...), chat.Plain(" · "), by)
}

// busyMark is yellow where a person has to do something.
func busyMark(e environments.Environment) string {
	if e.Operation.Run.Status == environments.StatusWaiting {
		return "🟡"
	}
	return "🔵"
}

// progressWords say how far a deployment is.
func progressWords(e environments.Environment) chat.Text {
	op := e.Operation
	switch {
	case op.CancelBy.ID != "":
		return append(chat.Textf(" · is being cancelled by "), named(op.CancelBy))
	case op.Overdue:
		return chat.Textf(" · is being cancelled: its time is up")
	case op.Phase != environments.PhaseRunning:
		return chat.Textf(" · about to start")
	}
	if step := stepOf(op.Run); len(step) > 0 {
		return step
	}
	reading := environments.Read(op.Run.Status, op.Run.Conclusion)
	words := orElse(reading.Words, "has started")
	if op.Run.Status == environments.StatusWaiting && op.Run.URL != "" {
		return chat.Line(chat.Plain(" · "+words+" · "), chat.Link{Label: "Review", URL: op.Run.URL})
	}
	return chat.Textf(" · %s", words)
}

// stepOf is ` · step 3 of 7, build image`, or nothing.
func stepOf(run environments.Run) chat.Text {
	if run.Steps == 0 || run.Status != environments.StatusInProgress {
		return nil
	}
	text := fmt.Sprintf(" · step %d of %d", max(run.Step, 1), run.Steps)
	if run.StepName != "" {
		text += ", " + shorten(run.StepName, 80)
	}
	return chat.Textf("%s", text)
}

// failure is `failed at "migrate database" · Log`, the latter leading to the step's log where there is one.
func failure(verb string, op environments.Operation) chat.Text {
	words := verb
	switch {
	case op.Run.FailedStep != "":
		words = fmt.Sprintf("%s at %q", verb, shorten(op.Run.FailedStep, 80))
	case op.Run.ID == 0 && op.Failure != "":
		return chat.Textf("%s: %s", verb, op.Failure)
	case op.Failure != "":
		words = op.Failure
	}
	if url := orElse(op.Run.FailedURL, op.Run.URL); url != "" {
		return chat.Line(chat.Plain(words+" · "), chat.Link{Label: "Log", URL: url})
	}
	return chat.Textf("%s", words)
}

// because says why an environment is gone.
func because(op environments.Operation) chat.Text {
	if op.By.ID == "" {
		return chat.Textf(" · its time was up")
	}
	return chat.Line(chat.Plain(" · destroyed by "), named(op.By))
}

// commitLine is the commit with its author, and where it matters who asked.
func commitLine(d environments.Deployment) chat.Text {
	var line chat.Text
	switch {
	case d.Commit.SHA == "":
		line = append(line, chat.Plain("Its commit is not known yet"))
	case d.Commit.URL != "":
		line = append(line, chat.Link{Label: d.Commit.Short(), URL: d.Commit.URL})
	default:
		line = append(line, chat.Code(d.Commit.Short()))
	}
	if d.PullRequest != 0 {
		line = append(line, chat.Plain(fmt.Sprintf(" #%d", d.PullRequest)))
	}
	if d.Commit.Subject != "" {
		line = append(line, chat.Plain(" "+shorten(d.Commit.Subject, 150)))
	}
	if d.Commit.Author != "" {
		line = append(line, chat.Plain(" · "+shorten(d.Commit.Author, 60)))
	}
	if d.Because != "" {
		line = append(line, chat.Plain("\n"), chat.Italic(shorten(d.Because, 500)))
	}
	return line
}

// cardNotes are the circumstances under a card.
func cardNotes(e environments.Environment) []chat.Text {
	var notes []chat.Text
	d, op := e.Deployment, e.Operation
	if op.Trouble.Tell {
		note := chat.Textf("%s.", op.Trouble.Why)
		if !op.Trouble.Until.IsZero() {
			note = append(chat.Textf("%s until ", op.Trouble.Why), chat.Moment{At: op.Trouble.Until, Style: chat.TimeOnly}, chat.Plain(". It goes on by itself."))
		}
		notes = append(notes, note)
	}
	if op.Run.Status == environments.StatusWaiting && e.State.Busy() {
		notes = append(notes, chat.Textf("Somebody who may review deployments to %s has to approve it on GitHub.", e.Name()))
	}
	asked := chat.Line(chat.Plain("Asked by "), named(d.By), chat.Plain(" · "), chat.Code(e.Name()))
	asked = append(asked, lasting(e)...)
	notes = append(notes, asked)
	if d.Card.Moved {
		notes = append(notes, movedNote(d.Card))
	}
	if d.Card.Again {
		notes = append(notes, chat.Textf("This card takes the place of an earlier one, if you see two."))
	}
	return notes
}

// lasting says until when what there is stays, and before that what it is, where that is not what the card is about.
func lasting(e environments.Environment) chat.Text {
	var line chat.Text
	unsuccessful := e.State == environments.Failed || e.State == environments.Cancelled || e.State == environments.Lost
	if unsuccessful && e.Live.SHA != "" {
		words := " was up before"
		if e.Operation.Run.ID == 0 && e.State != environments.Lost { // nothing was touched
			words = " still runs"
		}
		line = chat.Textf(" · %s%s", e.Live.Short(), words)
	}
	until := e.Until()
	switch {
	case until.IsZero():
		return line
	case unsuccessful && e.Live.SHA == "":
		return chat.Line(chat.Plain(" · what is there is destroyed "), chat.Moment{At: until})
	}
	return append(line, chat.Plain(" · until "), chat.Moment{At: until})
}

// movedNote says why a card is in somebody's direct messages.
func movedNote(c environments.Card) chat.Text {
	if c.From == "" {
		return chat.Textf("It is here because I cannot post where it was asked for.")
	}
	return chat.Line(chat.Plain("It is here because I cannot post in "), chat.Channel{ID: c.From, Name: "the channel"}, chat.Plain(", where it was asked for."))
}

// cardButtons are what can be done now.
func cardButtons(e environments.Environment) chat.Buttons {
	value := pressValue(e.Name(), e.Deployment.ID, false)
	var buttons chat.Buttons
	switch {
	case e.State.Deploying() && !e.Operation.Cancelling():
		buttons = append(buttons, chat.Button{Label: "Cancel", Action: "deploy-env.cancel", Value: value, Style: chat.Danger})
	case e.State.Busy(), e.State == environments.Destroyed:
	default:
		buttons = append(buttons, chat.Button{Label: "Redeploy", Action: "deploy-env.redeploy", Value: value})
		if e.Exists() {
			buttons = append(buttons, chat.Button{Label: "Destroy", Action: "deploy-env.destroy", Value: value, Style: chat.Danger})
		}
	}
	if url := e.Operation.Run.URL; url != "" && e.State != environments.Destroyed {
		buttons = append(buttons, chat.Button{Label: "Logs", URL: url})
	}
	return buttons
}

// retiredCard is the card of a deployment after which there was another to the same environment.
// later is the address of that one's card, where it can be seen from here.
func retiredCard(e environments.Environment, earlier environments.Deployment, later string) chat.Reply {
	reply := chat.Reply{
		Headline: chat.Textf("⚪ %s was followed by a later deployment", what(e, earlier)),
		Parts: []chat.Part{
			chat.Paragraph{Text: commitLine(earlier)},
			chat.Context{Text: chat.Line(chat.Plain("Asked by "), named(earlier.By), chat.Plain(" · "), chat.Code(e.Name()))},
		},
	}
	if later != "" {
		reply.Headline = chat.Line(chat.Plain("⚪ "+what(e, earlier)+" was followed by "), chat.Link{Label: "a later deployment", URL: later})
	}
	if earlier.RunURL != "" {
		reply.Parts = append(reply.Parts, chat.Buttons{{Label: "Logs", URL: earlier.RunURL}})
	}
	return reply
}

// named is a person spoken of, by name and not woken.
func named(p environments.Person) chat.Span {
	return chat.Named{ID: p.ID, Name: orElse(p.Name, "somebody")}
}

// pressValue is a card button's value: the environment, the deployment, and whether it was asked again.
func pressValue(environment, deployment string, confirmed bool) string {
	value := environment + "|" + deployment
	if confirmed {
		value += "|yes"
	}
	return value
}

// parsePress reads a card button's value.
func parsePress(value string) (environment, deployment string, confirmed, ok bool) {
	parts := strings.Split(value, "|")
	if len(parts) < 2 || len(parts) > 3 || parts[0] == "" {
		return "", "", false, false
	}
	return parts[0], parts[1], len(parts) == 3 && parts[2] == "yes", true
}
