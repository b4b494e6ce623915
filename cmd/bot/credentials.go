package main

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"bellhop/integrations/github"
)

// watchGitHub asks GitHub at the start, beside all else, whether it takes the credentials: otherwise nobody would hear of a
// wrong token before the first deployment fails. A refusal keeps nothing from starting, since who owns what can be
// answered all the same; it is logged, shown by /readyz and counted. GitHub is asked again, ever less often, until it agrees.
func (b *bot) watchGitHub(p parts) {
	taken := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "bellhop_github_credentials_ok", Help: "1 once GitHub has taken the credentials; 0 while it refuses them or could not be asked."})
	b.metrics.MustRegister(taken)
	b.runs = append(b.runs, func(ctx context.Context) error {
		told := ""
		for pause := time.Minute; ; pause = min(2*pause, time.Hour) {
			who, err := b.github.Self(ctx)
			if ctx.Err() != nil {
				return nil
			}
			if err == nil {
				taken.Set(1)
				b.ready.note("github", "")
				p.log.Info().Str("as", who.Login).Msg("GitHub takes the credentials")
				return nil
			}
			b.ready.note("github", err.Error())
			if text := err.Error(); text != told {
				told = text
				event := p.log.Warn()
				if _, refused := errors.AsType[*github.CredentialsError](err); refused {
					event = p.log.Error()
				}
				event.Err(err).Msg("GitHub could not be asked with these credentials: until then nothing is deployed and no test is read")
			}
			if err := p.clock.Wait(ctx, p.clock.Now().Add(pause)); err != nil {
				return nil
			}
		}
	})
}
