package slack

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"

	goslack "github.com/slack-go/slack"

	"bellhop/chat"
)

// leaversLife is how long the list of who has left is believed. Slack tells of every change besides, but an event may be
// lost, or reach another replica.
const leaversLife = time.Hour

// leaversPause is how long after a failure Slack is asked again.
const leaversPause = time.Minute

// leavers are the accounts of the workspace that are deactivated, by id and by address in lower case.
type leavers struct {
	mu          sync.RWMutex
	ids, emails map[string]bool
}

// Left tells whether a person's account in the workspace is deactivated, by their Slack id or, where none is known, by their
// address. It answers from memory and never waits. Before Slack has been asked, and of people whom Slack does not know, it
// says no.
func (c *Client) Left(slackID, email string) bool {
	l := &c.leavers
	l.mu.RLock()
	defer l.mu.RUnlock()
	if slackID != "" {
		return l.ids[slackID]
	}
	return email != "" && l.emails[strings.ToLower(email)]
}

// WatchLeavers keeps what Left answers from until ctx ends: it asks Slack for all people now and every hour. What fails is
// logged and tried again; what was known stays meanwhile.
func (c *Client) WatchLeavers(ctx context.Context) error {
	for {
		pause := leaversLife
		if err := c.loadLeavers(ctx); err != nil && ctx.Err() == nil {
			c.log.Warn().Err(err).Msg("ask who has left the workspace")
			pause = leaversPause
		}
		if c.clock.Wait(ctx, c.clock.Now().Add(pause)) != nil {
			return nil
		}
	}
}

// loadLeavers asks Slack for everybody. An address that somebody uses today is nobody's who left: people come back.
func (c *Client) loadLeavers(ctx context.Context) error {
	self, err := c.identity(ctx)
	if err != nil {
		return err
	}
	ids, emails, used := map[string]bool{}, map[string]bool{}, map[string]bool{}
	page := c.api.GetUsersPaginated(goslack.GetUsersOptionIncludeLocale(false)) // 200 at a time, as Slack recommends
	for more := true; more; more = page.Cursor != "" {
		err := c.call(ctx, usersList, func(ctx context.Context) (err error) {
			page, err = page.Next(ctx)
			return err
		})
		if err != nil {
			return fmt.Errorf("list people: %w", err)
		}
		for _, u := range page.Users {
			email := strings.ToLower(u.Profile.Email)
			switch {
			case !u.Deleted:
				used[email] = true
			case standing(u, self) == chat.Deactivated:
				ids[u.ID], emails[email] = true, true
			}
		}
	}
	maps.DeleteFunc(emails, func(email string, _ bool) bool { return email == "" || used[email] })
	c.leavers.mu.Lock()
	defer c.leavers.mu.Unlock()
	c.leavers.ids, c.leavers.emails = ids, emails
	return nil
}

// personChanged takes in what Slack tells of somebody: who was deactivated loses their rights now, and not when what is
// remembered of them grows old.
func (c *Client) personChanged(p changedPerson) {
	c.people.forget(p.ID)
	l := &c.leavers
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ids == nil || l.ids[p.ID] == p.Deleted { // not asked for yet, or nothing new
		return
	}
	email := strings.ToLower(p.Profile.Email)
	if !p.Deleted {
		delete(l.ids, p.ID)
		delete(l.emails, email)
		return
	}
	l.ids[p.ID] = true
	if email != "" {
		l.emails[email] = true
	}
}
