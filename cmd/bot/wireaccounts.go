package main

import (
	"context"
	"time"

	"bellhop/accounts"
	"bellhop/handlers"
	"bellhop/integrations/database"
	"bellhop/integrations/github"
	"bellhop/work"
)

// wireAccounts makes what links people to their GitHub logins, where an App with its client id is configured.
func (b *bot) wireAccounts(p parts) {
	failed := func(err error) { p.log.Error().Err(err).Msg("read linked accounts") }
	b.starts = append(b.starts, b.accounts.Reload)
	b.runs = append(b.runs, func(ctx context.Context) error { return b.accounts.Run(ctx, failed) })
	if b.github == nil || p.github.ClientID == "" {
		return
	}
	wake := make(chan struct{}, 1)
	b.linker = &accounts.Linker{
		Store: database.NewAccounts(b.db), Directory: b.accounts, Devices: github.NewDevices(b.github), Users: b.catalog,
		Teller: handlers.AccountNews{Poster: b.slack, Belonging: b.catalog, Changes: b.environments}, Clock: p.clock,
		Wake: func() {
			select {
			case wake <- struct{}{}:
			default: // it is awake
			}
		},
	}
	b.loop(p, &work.Loop{Kind: accounts.WorkKind, Step: b.linker.Step, Wake: wake, Poll: 2 * time.Second})
}

// me is what says who somebody is.
func (b *bot) me() handlers.MeDeps {
	deps := handlers.MeDeps{Belonging: b.catalog, Accounts: b.accounts, Changes: b.environments}
	if b.linker != nil {
		deps.Links = b.linker
	}
	return deps
}
