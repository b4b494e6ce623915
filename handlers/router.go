// Package handlers is what people can ask: the table of commands, the router that leads a request to its row, one file
// a command, and the cards and digests that are posted unasked. Handlers return values; they know no Slack, no GitHub
// and no SQL, and none of them logs.
package handlers

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"bellhop/chat"
)

// Admins tells who the config names as administrators.
type Admins interface {
	IsAdmin(ctx context.Context, p chat.Person) (bool, error)
	// WhyNot tells somebody whom the config names why that does not count yet, and others nothing.
	WhyNot(ctx context.Context, p chat.Person) (string, error)
}

// Refusals keeps a record of those who wanted to change something and might not.
type Refusals interface {
	RecordRefusal(ctx context.Context, r chat.Request, operation, reason string) error
}

// Router leads requests to the table's rows. It is the edge at which errors are logged, once, with a reference.
type Router struct {
	table    table
	admins   Admins
	refusals Refusals
	help     string // whom to tell about a reference
	log      zerolog.Logger
}

// deadline is how long a handler may take before its asker is told to try again.
const deadline = 10 * time.Second

// NewRouter makes a router over rows. operations names the channel that people are sent to with a reference.
func NewRouter(rows []chat.Command, home chat.Handler, admins Admins, refusals Refusals, operations string, log zerolog.Logger) *Router {
	return &Router{table: newTable(rows, home), admins: admins, refusals: refusals, help: operations, log: log}
}

// Handle answers a request. It never fails: what goes wrong becomes an answer.
func (rt *Router) Handle(ctx context.Context, r chat.Request) chat.Reply {
	reply, _ := rt.Ask(ctx, r)
	return reply
}

// Ask is Handle, and tells whether the answer is what was asked for or says why there is none.
func (rt *Router) Ask(ctx context.Context, r chat.Request) (reply chat.Reply, ok bool) {
	started := time.Now()
	to := rt.table.find(r)
	log := rt.log.With().Str("op", to.operation()).Str("request", r.ID).Str("person", r.Person.ID).Str("channel", r.Place.Channel).Logger()
	ctx, cancel := context.WithTimeout(log.WithContext(ctx), deadline)
	defer cancel()

	reply, err := rt.contained(ctx, to)
	var told *chat.UserError
	switch {
	case err == nil:
		log.Info().Dur("took", time.Since(started)).Msg("answered")
	case errors.As(err, &told):
		log.Info().Dur("took", time.Since(started)).Str("said", told.Message).Msg("declined")
		reply = chat.Reply{Headline: told.Text, Parts: told.Parts}
	case errors.Is(err, context.DeadlineExceeded):
		reply = rt.slow(log, err)
	default:
		reply = rt.broken(log, err)
	}
	return rt.address(to, reply, err != nil), err == nil
}

// contained is answer with a panic turned into an error, so that one bad row never takes the rest along.
func (rt *Router) contained(ctx context.Context, to route) (reply chat.Reply, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return rt.answer(ctx, to)
}

// answer checks the role and runs the row.
func (rt *Router) answer(ctx context.Context, to route) (chat.Reply, error) {
	if to.row == nil {
		return rt.table.unknown(ctx, to.request)
	}
	if to.request.Action.Name == ActionShare && to.changes() {
		return chat.Reply{}, chat.Errorf("Only answers can be shared, and %s changes something.", to.row.Name)
	}
	if to.request.Place.Kind == chat.Terminal && to.changes() {
		return chat.Reply{}, chat.Errorf("%s changes something, and a terminal only asks. Say it in Slack, where your team sees it.", to.row.Name)
	}
	if reason, err := rt.refuse(ctx, to); err != nil || reason != "" {
		if err == nil && to.changes() {
			err = rt.refusals.RecordRefusal(ctx, to.request, to.operation(), reason)
		}
		if err != nil {
			return chat.Reply{}, fmt.Errorf("check role: %w", err)
		}
		return chat.Reply{}, chat.Errorf("%s", reason)
	}
	return to.run()(ctx, to.request)
}

// refuse tells why the person may not use the route, or nothing.
func (rt *Router) refuse(ctx context.Context, to route) (string, error) {
	role := to.role()
	if role == chat.Anyone || to.request.Place.Kind == chat.Terminal {
		return "", nil
	}
	if reason := notAMember(to.request.Person.Standing); reason != "" {
		return reason, nil
	}
	if role < chat.Admins {
		return "", nil
	}
	admin, err := rt.admins.IsAdmin(ctx, to.request.Person)
	if err != nil || admin {
		return "", err
	}
	if why, err := rt.admins.WhyNot(ctx, to.request.Person); err != nil || why != "" {
		return why, err
	}
	return "Only Bellhop's administrators may do that. They are named under slack.admins in its configuration; ask in " + rt.help + ".", nil
}

// notAMember says why a standing may change nothing, or nothing for full members.
func notAMember(s chat.Standing) string {
	switch s {
	case chat.Guest:
		return "Guests of this workspace can look things up but change nothing. Ask a full member of the team to do it for you."
	case chat.Foreign:
		return "Only members of this workspace can change things here, and you are with another one. Ask somebody of the team to do it for you."
	case chat.Bot:
		return "Apps and bots cannot use Bellhop to change things. A person has to ask."
	case chat.Deactivated:
		return "This account is deactivated, so nothing was changed."
	}
	return ""
}

// address puts an answer where its way of asking wants it, and adds the Share button.
func (rt *Router) address(to route, reply chat.Reply, failed bool) chat.Reply {
	r := to.request
	if r.Action.Name == ActionShare && !failed {
		reply.To = chat.Here
		reply.Parts = append(reply.Parts, chat.Context{Text: chat.Line(
			chat.Plain("Shared by "), chat.Named{ID: r.Person.ID, Name: r.Person.Name}, chat.Plain(" · "), chat.Code(shorten(strings.Join(strings.Fields(rt.table.typedAs(to.words)), " "), wordsShown)))})
		return reply
	}
	if reply.To != chat.OnlyYou || reply.Form != nil {
		return reply
	}
	switch r.Via {
	case chat.Mention:
		reply.To = chat.InThread
	case chat.Message:
		reply.To = chat.Here
	case chat.Slash, chat.Click, chat.Shortcut: // a pressed suggestion is as good as typed
		if !failed && rt.shareable(to) {
			reply.Parts = withButton(reply.Parts, chat.Button{Label: "Share", Action: ActionShare, Value: to.words})
		}
	}
	return reply
}

// withButton adds a button to the last row of buttons, or in a row of its own.
func withButton(parts []chat.Part, b chat.Button) []chat.Part {
	if n := len(parts) - 1; n >= 0 {
		if row, ok := parts[n].(chat.Buttons); ok {
			return append(slices.Clone(parts[:n]), append(slices.Clone(row), b))
		}
	}
	return append(slices.Clone(parts), chat.Buttons{b})
}

// wordsShown is how much is shown of what was asked: it may be a whole stack trace.
const wordsShown = 120

// maxValue is how long a button's value may be. Slack: 2000 characters.
const maxValue = 2000

// shareable answers are those to a reading command in a conversation with others in it.
func (rt *Router) shareable(to route) bool {
	inCompany := to.request.Place.Kind == chat.PublicChannel || to.request.Place.Kind == chat.PrivateChannel
	return inCompany && to.row != nil && !to.changes() && to.words != "" && len(to.words) <= maxValue
}

// broken answers for an error that is ours, and logs it with the reference that the person sees.
func (rt *Router) broken(log zerolog.Logger, err error) chat.Reply {
	ref := reference()
	log.Error().Err(err).Str("ref", ref).Msg("request failed")
	return chat.Reply{Headline: chat.Textf("Something broke on our side (ref %s). Try again; if it stays, tell %s the reference.", ref, rt.help)}
}

func (rt *Router) slow(log zerolog.Logger, err error) chat.Reply {
	ref := reference()
	log.Error().Err(err).Str("ref", ref).Msg("request took too long")
	return chat.Reply{Headline: chat.Textf("That took longer than %s and was given up (ref %s). Try again in a moment; if it stays, tell %s the reference.", deadline, ref, rt.help)}
}

// reference is four hexadecimal digits: enough to find one line in a day's log, short enough to be read out.
func reference() string {
	var b [2]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the process first
	return hex.EncodeToString(b[:])
}

// Changes tells whether a request changes something, by the table: such a request is recorded before it is acked.
func (rt *Router) Changes(r chat.Request) bool {
	return r.Action.Name != ActionShare && rt.table.find(r).changes()
}

// OpensForm tells whether a click is answered by a form, which has to be opened within three seconds.
func (rt *Router) OpensForm(r chat.Request) bool {
	to := rt.table.find(r)
	return to.action != nil && to.action.OpensForm
}

// Check gives the field errors of a submitted form, by field name.
func (rt *Router) Check(r chat.Request) map[string]string {
	to := rt.table.find(r)
	if to.action == nil || to.action.Check == nil {
		return nil
	}
	return to.action.Check(r.Action.Fields)
}

// Options gives the choices of a searched menu for what was typed so far.
func (rt *Router) Options(ctx context.Context, r chat.Request) []chat.Option {
	to := rt.table.find(r)
	if to.action == nil || to.action.Options == nil {
		return nil
	}
	options, err := to.action.Options(ctx, r)
	if err != nil {
		rt.log.Error().Err(err).Str("op", to.operation()).Str("person", r.Person.ID).Msg("options")
		return nil
	}
	return options
}

// Words is what a request asks, as it would be typed after /bellhop; empty for presses of a row's own buttons.
func (rt *Router) Words(r chat.Request) string { return strings.TrimSpace(rt.table.find(r).words) }
