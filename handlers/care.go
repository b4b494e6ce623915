package handlers

import (
	"context"
	"errors"
	"time"

	"github.com/rs/zerolog"

	"bellhop/catalog"
	"bellhop/chat"
)

// CatalogCare is what looks after the catalog itself.
type CatalogCare interface {
	RefreshSoon(ctx context.Context, late func(ctx context.Context, result catalog.RefreshResult, err error)) (catalog.RefreshResult, error)
	Status(ctx context.Context) (catalog.Status, error)
	Sources(ctx context.Context) ([]catalog.SourceStatus, error)
}

// CareDeps are what /bellhop status and refresh need.
type CareDeps struct {
	Catalog CatalogCare
	Poster  Poster // tells of a refresh that took long
	// Patience is how long a refresh is waited for; 0 is 5 s.
	Patience time.Duration
}

// status says how old and how large the catalog is, and how each of its sources stands.
func (d CareDeps) status(ctx context.Context, _ chat.Request) (chat.Reply, error) {
	status, err := d.Catalog.Status(ctx)
	if err != nil {
		return chat.Reply{}, err
	}
	if status.RefreshedAt.IsZero() {
		return chat.Reply{Headline: chat.Textf("The catalog has not been read yet. Ask again in a moment.")}, nil
	}
	sources, err := d.Catalog.Sources(ctx)
	if err != nil {
		return chat.Reply{}, err
	}
	reply := chat.Reply{Headline: chat.Line(
		chat.Plain(counted(status.Entities, "entity", "entities")+" in the catalog, last read "), chat.Moment{At: status.RefreshedAt},
		chat.Plain(", "+counted(status.Problems, "problem", "problems")))}
	if list := sourceList(sources); len(list.Items) > 0 {
		reply.Parts = append(reply.Parts, list)
	}
	if status.Problems > 0 {
		reply.Parts = append(reply.Parts, chat.Buttons{{Label: "Show problems", Action: ActionTry, Value: "problems"}})
	}
	return reply, nil
}

// maxSources is how many sources are listed; those that fail come first.
const maxSources = 15

func sourceList(sources []catalog.SourceStatus) chat.List {
	var failing, fine []chat.Text
	for _, s := range sources {
		line := chat.Line(chat.Code(s.Target), chat.Plain(" · "+counted(s.Entities, "entity", "entities")))
		if s.Discover {
			line = append(line, chat.Plain(" that only GitHub tells of"))
		}
		if s.Error == "" {
			fine = append(fine, line)
			continue
		}
		line = append(chat.Textf("⚠️ "), line...)
		line = append(line, chat.Plain(" · since "), chat.Moment{At: s.Since}, chat.Plain(": "+s.Error))
		if s.More > 0 {
			line = append(line, chat.Plain(", and "+counted(s.More, "more failure", "more failures")))
		}
		failing = append(failing, append(line, chat.Plain("; what it gave before is kept")))
	}
	items := append(failing, fine...)
	shown := min(len(items), maxSources)
	return chat.List{Title: "Sources", Items: items[:shown], More: len(items) - shown}
}

// refresh reads the catalog now. Where that takes long, whoever asked hears of it when it is done.
func (d CareDeps) refresh(ctx context.Context, r chat.Request) (chat.Reply, error) {
	patience := d.Patience
	if patience == 0 {
		patience = 5 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	log := zerolog.Ctx(ctx)
	result, err := d.Catalog.RefreshSoon(ctx, func(ctx context.Context, result catalog.RefreshResult, err error) {
		if _, err := d.Poster.Post(ctx, chat.Address{User: r.Person.ID}, refreshed(result, err), "refresh "+r.ID); err != nil {
			log.Warn().Err(err).Msg("tell of a refresh")
		}
	})
	switch {
	case errors.Is(err, catalog.ErrLater):
		return chat.Reply{Headline: chat.Textf("The catalog is being read. I write to you when it is done.")}, nil
	case errors.Is(err, catalog.ErrRefreshing):
		return chat.Reply{}, chat.Errorf("The catalog is being read right now. Look again in a moment with /bellhop status.")
	case err != nil:
		return chat.Reply{}, err
	}
	return refreshed(result, nil), nil
}

// refreshed says what a refresh did.
func refreshed(result catalog.RefreshResult, err error) chat.Reply {
	if err != nil {
		return chat.Reply{Headline: chat.Textf("The catalog could not be read, and stays as it was. Bellhop's log says why; try again with /bellhop refresh.")}
	}
	headline := chat.Textf("Read %s in %s: %s, %d new, %d changed, %d gone, %s.",
		counted(result.Files, "file", "files"), tookFor(result.Took), counted(result.Entities, "entity", "entities"),
		result.Added, result.Changed, result.Removed, counted(result.Problems, "problem", "problems"))
	reply := chat.Reply{Headline: headline}
	if result.Kept > 0 {
		reply.Parts = append(reply.Parts, chat.Paragraph{Text: chat.Textf("⚠️ What %s could not be read now; nothing of it is changed. /bellhop status says why.", describes(result.Kept))})
	}
	if result.Refused > 0 {
		reply.Parts = append(reply.Parts, chat.Paragraph{Text: chat.Textf("⚠️ What %s cannot be taken as it is written now; nothing of it is changed. /bellhop problems says why.", describes(result.Refused))})
	}
	if result.Orphaned > 0 {
		reply.Parts = append(reply.Parts, chat.Paragraph{Text: chat.Textf("What described %s is gone: it stays for a while, marked so.", counted(result.Orphaned, "entity", "entities"))})
	}
	return reply
}

func describes(n int) string { return "describes " + counted(n, "entity", "entities") }

// tookFor is a duration in the unit that people would say.
func tookFor(d time.Duration) string {
	if d < 10*time.Second {
		return d.Round(time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}
