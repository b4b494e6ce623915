package main

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"runtime/debug"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"bellhop/accounts"
	"bellhop/catalog"
	"bellhop/chat"
	"bellhop/clock"
	"bellhop/environments"
	"bellhop/handlers"
	"bellhop/integrations/backstage"
	"bellhop/integrations/database"
	"bellhop/integrations/github"
	"bellhop/integrations/slack"
	"bellhop/testruns"
	"bellhop/work"
)

// parts are what a bot is made of.
type parts struct {
	config      config
	descriptors fs.FS // what the catalog's locations are relative to
	slack       slack.Options
	github      github.Options
	database    string // URL
	catalogAPI  catalogAPI
	clock       clock.Clock
	follow      func(ctx context.Context) error // moves clock along with a playground's; nil when it is real
	ready       func()                          // called once, when all is ready; nil where nobody asks
	log         zerolog.Logger
}

// bot is Bellhop, wired by hand: what answers, and what runs.
type bot struct {
	db           *database.DB
	catalog      *catalog.Catalog
	catalogAPI   http.Handler // nil where it is not served
	slack        *slack.Client
	github       *github.Client // nil where no credentials are given
	router       *handlers.Router
	tests        *testruns.Reporter
	testRuns     handlers.RunReader // nil where no credentials are given
	environments *environments.Service
	accounts     *accounts.Directory
	linker       *accounts.Linker                  // nil where the device flow is not configured
	branches     *github.Repositories              // nil where no credentials are given
	starts       []func(ctx context.Context) error // done once, before anything runs; only by who serves
	runs         []func(ctx context.Context) error
	ready        readiness
	// refreshed receives after the catalog was brought up to date: there may be new repositories.
	refreshed chan struct{}
	metrics   *prometheus.Registry
	observe   func(kind work.Kind, took time.Duration, err error)
}

// serve runs a bot until ctx ends.
func serve(ctx context.Context, p parts, address string) (err error) {
	l, err := listen(ctx, address, listenSetting)
	if err != nil {
		return err
	}
	b, err := wire(ctx, p)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	defer func() { err = errors.Join(err, b.db.Close()) }()
	if err := b.start(ctx, p); err != nil {
		return errors.Join(err, l.Close())
	}
	// Probes are answered until all the rest has ended.
	probing, stop := context.WithCancel(context.WithoutCancel(ctx))
	probed := make(chan error, 1)
	working, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	go func() {
		err := serveHTTP(probing, l, (&opsServer{ready: &b.ready, metrics: b.metrics, catalog: b.catalogAPI, log: p.log}).handler())
		fail(err)
		probed <- err
	}()
	group, working := errgroup.WithContext(working)
	go b.tellWhenReady(working, p, l.Addr().String())
	for _, run := range b.runs {
		group.Go(func() error { return run(working) })
	}
	err = group.Wait()
	stop()
	return errors.Join(err, <-probed)
}

// start takes the database for serving, does what is done once, and makes what hears Slack.
func (b *bot) start(ctx context.Context, p parts) error {
	if b.github == nil && (len(p.config.features()) > 1 || p.config.catalog.onGitHub()) {
		return errors.New("neither GITHUB_TOKEN nor GITHUB_APP_ID with GITHUB_APP_PRIVATE_KEY is set, and the config has environments or tests, or a catalog on GitHub")
	}
	if err := b.db.Serve(ctx); err != nil {
		return err
	}
	for _, start := range b.starts {
		if err := start(ctx); err != nil {
			return err
		}
	}
	return b.receive(p)
}

// wire makes a bot. It reaches nothing but the database yet.
func wire(ctx context.Context, p parts) (*bot, error) {
	db, err := database.Open(ctx, p.database, p.log)
	if err != nil {
		return nil, err
	}
	b := &bot{db: db, metrics: newMetrics(), refreshed: make(chan struct{}, 1)}
	if err := b.wire(p); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return b, nil
}

// wire makes everything above the database.
func (b *bot) wire(p parts) (err error) {
	b.observe = stepMetrics(b.metrics)
	b.metrics.MustRegister(newWaitingMetrics(b.db.Work(), p.clock))
	b.ready.add("database", b.db.Ping)
	p.slack.Clock, p.slack.Metrics, p.github.Clock = p.clock, b.metrics, p.clock
	if b.slack, err = slack.New(p.slack); err != nil {
		return err
	}
	if configured(p.github) {
		if b.github, err = github.New(p.github); err != nil {
			return err
		}
		b.watchGitHub(p)
	}
	b.accounts = accounts.NewDirectory(database.NewAccounts(b.db), p.clock)
	b.wireCatalog(p)
	b.wireEnvironments(p)
	b.wireAccounts(p)
	b.wireTests(p)
	b.wireAnswers(p)
	if p.follow != nil {
		b.runs = append(b.runs, p.follow)
	}
	return nil
}

// catalogOptions are what the config says of the catalog. files are what its locations are relative to.
func (c config) catalogOptions(files fs.FS, clk clock.Clock) catalog.Options {
	locations := make([]catalog.Location, len(c.catalog.locations))
	for i, l := range c.catalog.locations {
		locations[i] = catalog.Location{Target: l.target, Line: l.line}
		if len(l.allow) > 0 {
			locations[i].Rules = []catalog.Rule{{Allow: l.allow}}
		}
	}
	return catalog.Options{Root: files, Locations: locations, Refresh: c.catalog.refresh, OrphanAfter: c.catalog.orphanAfter, People: c.people, Clock: clk}
}

// wireCatalog makes what tells who owns what.
func (b *bot) wireCatalog(p parts) {
	options := p.config.catalogOptions(p.descriptors, p.clock)
	p.config.catalog.readElsewhere(&options, b.github)
	options.Left, options.Accounts = b.slack.Left, b.accounts
	options.Refreshed = func(r catalog.RefreshResult, err error) {
		if err != nil {
			p.log.Error().Err(err).Msg("refresh the catalog")
			return
		}
		select {
		case b.refreshed <- struct{}{}:
		default: // the last one has not been looked at yet
		}
		p.log.Info().Int("files", r.Files).Int("entities", r.Entities).Int("changed", r.Added+r.Changed+r.Removed).
			Int("problems", r.Problems).Dur("took", r.Took).Msg("catalog refreshed")
		const large = 5000 // entities
		if r.Entities >= large {
			debug.FreeOSMemory() // what a refresh took is not needed again for long
		}
	}
	store := database.NewCatalogStore(b.db)
	b.catalog = catalog.New(store, options)
	if p.catalogAPI.on {
		b.catalogAPI = backstage.New(backstage.Options{Entities: store, Token: p.catalogAPI.token, Log: p.log})
	}
	b.runs = append(b.runs, b.catalog.Run, b.slack.WatchLeavers)
	b.ready.add("catalog", func(ctx context.Context) error {
		status, err := b.catalog.Status(ctx)
		if err == nil && status.RefreshedAt.IsZero() {
			err = errors.New("has not been read yet")
		}
		return err
	})
}

// wireEnvironments makes what deploys, follows and destroys.
func (b *bot) wireEnvironments(p parts) {
	store := database.NewEnvironmentStore(b.db)
	wake := make(chan struct{}, 1)
	woken := func() {
		select {
		case wake <- struct{}{}:
		default: // it is awake
		}
	}
	if b.github == nil {
		b.environments = environments.NewService(store, nil, p.config.environments, p.clock, woken)
		return
	}
	b.branches = github.NewRepositories(b.github)
	b.environments = environments.NewService(store, b.branches, p.config.environments, p.clock, woken)
	reconciler := &environments.Reconciler{Store: store, Runs: github.NewDeployRuns(b.github), Repositories: b.branches, Cards: handlers.NewCards(b.slack),
		Clock: p.clock, Alarms: handlers.Alarms{Poster: b.slack, Operations: p.config.slack.operations}}
	b.loop(p, &work.Loop{Kind: environments.WorkKind, Step: reconciler.Step, Wake: wake, Width: 8})
}

// wireTests makes what follows test runs and tells of them.
func (b *bot) wireTests(p parts) {
	store := database.NewTestRuns(b.db)
	b.tests = testruns.NewReporter(store, b.catalog)
	summarizer := testruns.NewSummarizer(store, b.tests,
		handlers.Digests{Poster: b.slack, Operations: p.config.slack.operations, WebURL: b.webURL()}, p.clock, p.config.tests.summaries)
	b.starts = append(b.starts, summarizer.Configure)
	b.loop(p, &work.Loop{Kind: testruns.SummaryKind, Step: summarizer.Step, Width: 2, Poll: time.Second})
	if b.github == nil {
		return
	}
	collector := testruns.NewCollector(store, github.NewTestRuns(b.github), b.catalog, p.clock, testruns.CollectorOptions{Artifacts: p.config.tests.artifacts, Retention: p.config.tests.retention})
	b.testRuns = collector
	failed := func(err error) { p.log.Error().Err(err).Msg("follow repositories") }
	b.runs = append(b.runs, func(ctx context.Context) error { return collector.Run(ctx, failed) }, func(ctx context.Context) error {
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-b.refreshed:
			}
			if err := collector.Sync(ctx); err != nil && ctx.Err() == nil {
				failed(err)
			}
		}
	})
	b.loop(p, &work.Loop{Kind: testruns.RepositoryKind, Step: collector.Step})
}

// loop adds a loop over what is due of one kind.
func (b *bot) loop(p parts, l *work.Loop) {
	l.Queue, l.Clock, l.Log, l.Observe = b.db.Work(), p.clock, p.log, b.observe
	b.runs = append(b.runs, l.Run)
}

// wireAnswers makes the router over the table.
func (b *bot) wireAnswers(p parts) {
	who := admins{named: p.config.slack.admins, groups: b.slack, catalog: b.catalog}
	cards := b.cards(p)
	deps := handlers.Deps{
		Features: p.config.features(),
		Admins:   who,
		Care:     handlers.CareDeps{Catalog: b.catalog, Poster: b.slack},
		Ask:      b.whoOwns(),
		Deploy:   handlers.DeployEnvDeps{Deployments: b.environments, Deployables: b.catalog, Branches: b.branches, Places: b.slack},
		Tests:    handlers.TestsDeps{Entities: b.catalog, Belonging: b.catalog, Owners: b.catalog, Reports: b.tests, Runs: b.testRuns, WebURL: b.webURL()},
		Wrong:    handlers.ProblemsDeps{Problems: b.catalog, Entities: b.catalog, Belonging: b.catalog},
		Cards:    cards,
		Home:     handlers.HomeDeps{Teams: b.catalog, Environments: b.environments, Tests: b.tests, Readiness: cards.Readiness, Problems: b.catalog},
		Graph:    handlers.GraphDeps{Entities: b.catalog, Graphs: b.catalog, Owners: b.catalog, Belonging: b.catalog, Drawer: drawer()},
		Drift:    b.drift(),
		Adopt:    handlers.AdoptDeps{Entities: b.catalog, Propose: b.propose()},
		Me:       b.me(),
	}
	b.router = handlers.NewRouter(handlers.Table(deps), handlers.Home(deps), who, b.environments, p.config.operations(), p.log)
}

// whoOwns is what answers whose something is.
func (b *bot) whoOwns() handlers.WhoOwnsDeps {
	asker := catalog.Asker{Catalog: b.catalog}
	if b.github != nil {
		asker.Codeowners = b.github
	}
	return handlers.WhoOwnsDeps{Answers: asker, Entities: b.catalog, Belonging: b.catalog, Owners: b.catalog, Around: b.catalog,
		SlackIDs: b.catalog, Age: b.catalog, Profiles: b.slack, Channels: b.slack, WebURL: b.webURL()}
}

// cards is what shows all that is known of something, and how ready it is.
func (b *bot) cards(p parts) handlers.CardDeps {
	return handlers.CardDeps{
		Entities: b.catalog, Listed: b.catalog, Relations: b.catalog, Belonging: b.catalog, Outdated: b.catalog, SlackIDs: b.catalog, Tests: b.tests, Environments: b.environments,
		Readiness: handlers.ReadinessDeps{Owners: b.catalog, Needs: b.catalog, Signs: b.tests, Follows: slices.Contains(p.config.features(), chat.Tests),
			Environments: p.config.environments, Checks: p.config.readiness, Propose: b.propose()},
		WebURL: b.webURL(),
	}
}

// receive makes what hears Slack.
func (b *bot) receive(p parts) error {
	receiver, err := slack.NewReceiver(b.slack, slack.ReceiverOptions{
		Router: b.router, Inbox: database.NewInbox(b.db), Queue: b.db.Work(), Names: p.config.slack.names})
	if err != nil {
		return err
	}
	b.runs = append(b.runs, receiver.Run)
	b.ready.add("slack", func(context.Context) error { return receiver.Ready() })
	return nil
}

// webURL is where repositories are seen, with a slash at its end; empty where GitHub is not configured.
func (b *bot) webURL() string {
	if b.github == nil {
		return ""
	}
	return b.github.WebURL() + "/"
}

// tableRows is the table as it describes itself.
func tableRows() []chat.Command { return handlers.Table(handlers.Deps{}) }

// tellWhenReady says once that all is ready.
func (b *bot) tellWhenReady(ctx context.Context, p parts, address string) {
	for began := time.Now(); len(b.ready.missing(ctx)) > 0; {
		if err := (clock.Real{}).Wait(ctx, time.Now().Add(20*time.Millisecond)); err != nil {
			return
		}
		if waited := time.Since(began); waited > time.Minute {
			p.log.Warn().Strs("missing", b.ready.missing(ctx)).Dur("waited", waited).Msg("not ready yet")
			began = time.Now()
		}
	}
	p.log.Info().Str("listen", address).Str("version", version()).Msg("ready")
	if p.ready != nil {
		p.ready()
	}
}
