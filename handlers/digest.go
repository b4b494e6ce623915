package handlers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"bellhop/chat"
	"bellhop/testruns"
)

// Poster posts messages that nobody asked for; integrations/slack does.
type Poster interface {
	Post(ctx context.Context, to chat.Address, r chat.Reply, id string) (chat.MessageRef, error)
	Find(ctx context.Context, channel, id string, since time.Time) (chat.MessageRef, bool, error)
	ChannelByName(ctx context.Context, name string) (id string, ok bool, err error)
}

// Digests posts test summaries; it satisfies testruns.Digests.
type Digests struct {
	Poster Poster
	// Operations is the channel that hears of trouble, by name with # or id.
	Operations string
	// WebURL is where repositories are seen, with a slash at its end; empty is https://github.com/.
	WebURL string
}

var _ testruns.Digests = Digests{}

// Post implements testruns.Digests. The reference is "channel/timestamp".
func (d Digests) Post(ctx context.Context, digest testruns.Digest, id string, again bool) (string, error) {
	return d.once(ctx, digest.Summary.Channel, DigestReply(digest, d.web()), id, again, digest.Period.Until)
}

// Failed implements testruns.Digests.
func (d Digests) Failed(ctx context.Context, digest testruns.Digest, id string, reason error) error {
	if d.Operations == "" {
		return errors.New("no operations channel is configured (slack.operations)")
	}
	_, err := d.once(ctx, d.Operations, failedReply(digest, reason), id, true, digest.Period.Until)
	return err
}

// once posts to a channel unless the message is there already.
func (d Digests) once(ctx context.Context, channel string, r chat.Reply, id string, again bool, from time.Time) (string, error) {
	target, err := d.channel(ctx, channel)
	if err != nil {
		return "", err
	}
	if again {
		ref, ok, err := d.Poster.Find(ctx, target, id, from.Add(-time.Minute))
		if err != nil && !errors.Is(err, chat.ErrCannotPost) {
			return "", fmt.Errorf("look for an earlier post: %w", err)
		}
		if ok {
			return messageName(ref), nil
		}
	}
	ref, err := d.Poster.Post(ctx, chat.Address{Channel: target}, r, id)
	if err != nil {
		return "", err
	}
	return messageName(ref), nil
}

// channel is the id of a channel given by name or id.
func (d Digests) channel(ctx context.Context, channel string) (string, error) {
	name, named := strings.CutPrefix(channel, "#")
	if !named {
		return channel, nil
	}
	id, ok, err := d.Poster.ChannelByName(ctx, name)
	if err != nil {
		return "", fmt.Errorf("look up #%s: %w", name, err)
	}
	if !ok {
		return "", fmt.Errorf("%w: there is no channel #%s that Bellhop can see; if it is private, invite Bellhop to it", chat.ErrCannotPost, name)
	}
	return id, nil
}

func (d Digests) web() string { return cmp.Or(d.WebURL, "https://github.com/") }

// DigestReply is a summary as a message: the answer in its first line, then what fails.
func DigestReply(d testruns.Digest, web string) chat.Reply {
	if len(d.Components) == 1 {
		c := d.Components[0]
		r := chat.Reply{To: chat.Here, Headline: digestLine(c), Parts: digestParts(c, web, failuresShown)}
		if b := digestButtons(c); len(b) > 0 && len(r.Parts) > 0 {
			r.Parts = append(r.Parts, b)
		}
		return r
	}
	components := slices.Clone(d.Components)
	slices.SortStableFunc(components, func(a, b testruns.ComponentDigest) int { return int(severityOf(b)) - int(severityOf(a)) })
	return overview(components, d.Period, web)
}

// digestButtons lead to the newest run and to the whole of it on demand.
func digestButtons(c testruns.ComponentDigest) chat.Buttons {
	var b chat.Buttons
	if c.Judgement.Latest.URL != "" {
		b = append(b, chat.Button{Label: "Latest run", URL: c.Judgement.Latest.URL})
	}
	if c.Repo != "" {
		b = append(b, chat.Button{Label: "Last 7 days", Action: ActionTry, Value: "tests " + c.Component.Ref.String() + " 7d"})
	}
	return b
}

// overview tells of several components: a headline over all, a line for each, and details where something fails.
func overview(components []testruns.ComponentDigest, p testruns.Period, web string) chat.Reply {
	const (
		lines   = 20 // components with a line of their own
		details = 3  // failing ones with their failures
	)
	var worst severity
	all := testruns.Counts{}
	failures, red, waiting := 0, 0, 0
	list := chat.List{}
	var parts []chat.Part
	for _, c := range components {
		worst = max(worst, severityOf(c))
		all.Runs += c.Judgement.Counts.Runs
		all.Green += c.Judgement.Counts.Green
		failures += len(c.Judgement.New)
		waiting += c.Followed.Waiting
		if severityOf(c) == failing {
			if red++; red <= details && len(c.Judgement.New) > 0 {
				parts = append(parts, failureList("New in "+testruns.ShortenMiddle(c.Name, 60), c.Judgement.New, c, web, failuresShown))
			}
		}
		if len(list.Items) < lines {
			list.Items = append(list.Items, digestLine(c))
		} else {
			list.More++
		}
	}
	if waiting > 0 {
		parts = append(parts, chat.Context{Text: chat.Textf("%s still to be read", counted(waiting, "older run is", "older runs are"))})
	}
	return chat.Reply{To: chat.Here, Headline: overviewLine(components, worst, all, failures, red, p), Parts: append([]chat.Part{list}, parts...)}
}

func overviewLine(components []testruns.ComponentDigest, worst severity, all testruns.Counts, failures, red int, p testruns.Period) chat.Text {
	head := chat.Line(chat.Plain(worst.sign() + " "))
	of := counted(len(components), "component", "components")
	switch {
	case all.Runs == 0:
		return append(append(head, chat.Plain("no test runs in "+of)), within(p)...)
	case failures > 0:
		head = append(append(head, chat.Plain(counted(failures, "new failure", "new failures"))), within(p)...)
	case red > 0:
		head = append(append(head, chat.Plain("nothing new")), within(p)...)
	case all.Green == all.Runs:
		return append(append(head, chat.Plain(fmt.Sprintf("%s · all %d runs green", of, all.Runs))), within(p)...)
	default:
		return append(append(head, chat.Plain(of+" · nothing fails · "+greenRuns(all))), within(p)...)
	}
	return append(head, chat.Plain(fmt.Sprintf(" · %d of %s red · %s", red, of, greenRuns(all))))
}

// failedReply tells the operations channel of a summary that could not be posted, and how to mend it.
func failedReply(d testruns.Digest, reason error) chat.Reply {
	names := make([]string, len(d.Components))
	for i, c := range d.Components {
		names[i] = c.Name
	}
	why := chat.Textf("Slack refused it: %s", shorten(reason.Error(), 300))
	if errors.Is(reason, chat.ErrCannotPost) {
		why = chat.Line(chat.Plain("Bellhop is not in that channel, or may not write there. Invite it with "), chat.AtBot{Before: "/invite "},
			chat.Plain(", or change tests.summaries in its configuration."))
	}
	return chat.Reply{To: chat.Here,
		Headline: chat.Textf("⚠️ The test summary of %s could not be posted to %s", shorten(strings.Join(names, ", "), 200), shorten(d.Summary.Channel, 80)),
		Parts: []chat.Part{chat.Paragraph{Text: why},
			chat.Context{Text: chat.Textf("The next one will cover this period too. This is told once until it works again.")}}}
}

func messageName(ref chat.MessageRef) string { return ref.Channel + "/" + ref.TS }
