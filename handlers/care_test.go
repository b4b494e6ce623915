package handlers

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"bellhop/catalog"
	"bellhop/chat"
)

// cared is a catalog whose refresh ends when it is told to.
type cared struct {
	sources []catalog.SourceStatus
	outcome chan error
	result  catalog.RefreshResult
}

func (c cared) RefreshSoon(ctx context.Context, late func(context.Context, catalog.RefreshResult, error)) (catalog.RefreshResult, error) {
	select {
	case err := <-c.outcome:
		return c.result, err
	case <-ctx.Done():
		go func() { late(context.WithoutCancel(ctx), c.result, <-c.outcome) }()
		return catalog.RefreshResult{}, catalog.ErrLater
	}
}

func (c cared) Status(context.Context) (catalog.Status, error) {
	return catalog.Status{Entities: 7, Problems: 2, RefreshedAt: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)}, nil
}

func (c cared) Sources(context.Context) ([]catalog.SourceStatus, error) { return c.sources, nil }

func TestStatusTellsHowEachSourceStands(t *testing.T) {
	d := CareDeps{Catalog: cared{sources: []catalog.SourceStatus{
		{Target: "catalog/*.yaml", Entities: 4},
		{Target: "github:acme", Discover: true, Entities: 1},
		{Target: "github:acme/*", Entities: 3, Error: "it cannot be read: GitHub answers 502", Since: time.Date(2026, 11, 2, 7, 0, 0, 0, time.UTC), More: 2},
	}}}
	reply, err := d.status(t.Context(), chat.Request{})
	require.NoError(t, err)
	require.Equal(t, `7 entities in the catalog, last read Mon 2 Nov 09:00, 2 problems
Sources
• ⚠️ github:acme/* · 3 entities · since Mon 2 Nov 07:00: it cannot be read: GitHub answers 502, and 2 more failures; what it gave before is kept
• catalog/*.yaml · 4 entities
• github:acme · 1 entity that only GitHub tells of`, firstLines(reply.Text(time.UTC), 5))
}

func firstLines(text string, n int) string {
	for i := range text {
		if text[i] == '\n' {
			if n--; n == 0 {
				return text[:i]
			}
		}
	}
	return text
}

func TestALongRefreshIsToldLater(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"done":   {nil, "Read 3 files in 12s: 7 entities, 1 new, 0 changed, 0 gone, 2 problems."},
		"failed": {errors.New("disk full"), "The catalog could not be read, and stays as it was."},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				care := cared{outcome: make(chan error, 1), result: catalog.RefreshResult{Files: 3, Entities: 7, Added: 1, Problems: 2, Took: 12 * time.Second}}
				posts := &wall{posts: map[string]chat.Reply{}}
				d := CareDeps{Catalog: care, Poster: posts}
				reply, err := d.refresh(t.Context(), chat.Request{ID: "1", Person: chat.Person{ID: "U01ALICE"}})
				require.NoError(t, err)
				require.Equal(t, "The catalog is being read. I write to you when it is done.", reply.Headline.String())
				require.Empty(t, posts.posts)
				care.outcome <- c.err
				synctest.Wait()
				require.Len(t, posts.posts, 1)
				require.Contains(t, posts.posts["U01ALICE refresh 1"].Text(time.UTC), c.want)
			})
		})
	}
}

func TestAShortRefreshIsAnswered(t *testing.T) {
	care := cared{outcome: make(chan error, 1), result: catalog.RefreshResult{Files: 1, Entities: 1, Kept: 1, Refused: 3, Orphaned: 2, Took: 3 * time.Millisecond}}
	care.outcome <- nil
	reply, err := CareDeps{Catalog: care}.refresh(t.Context(), chat.Request{})
	require.NoError(t, err)
	require.Equal(t, `Read 1 file in 3ms: 1 entity, 0 new, 0 changed, 0 gone, 0 problems.
⚠️ What describes 1 entity could not be read now; nothing of it is changed. /bellhop status says why.
⚠️ What describes 3 entities cannot be taken as it is written now; nothing of it is changed. /bellhop problems says why.
What described 2 entities is gone: it stays for a while, marked so.`, reply.Text(time.UTC))
	care.outcome <- catalog.ErrRefreshing
	_, err = CareDeps{Catalog: care}.refresh(t.Context(), chat.Request{})
	require.ErrorContains(t, err, "is being read right now")
}
