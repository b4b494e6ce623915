// Package catalog is what exists and who owns it. It reads descriptors in Backstage's format, tells good from bad one by
// one, derives relations and ownership, and finds what people ask for. It keeps nothing in memory but a list of names:
// entities lie in a Store, which the package declares and integrations/database provides.
package catalog

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"bellhop/clock"
)

// Options is what a Catalog is made of besides its store.
type Options struct {
	// Root holds the files that Locations name: the folder of the config file. It must not lead outside itself;
	// os.Root.FS does not.
	Root      fs.FS
	Locations []Location
	// Origins opens the locations that lie elsewhere; nil where only files are read. WebURL is where repositories are seen,
	// `https://github.com`: addresses there are read as the repositories that they mean.
	Origins Origins
	WebURL  string
	// Discover are owners, `github:acme`, of whose repositories, teams and people Discoverer tells what has no descriptor.
	Discover   []string
	Discoverer Discoverer
	// OrphanAfter is how long an entity stays whose file or repository is gone; 0 lets it go at once.
	OrphanAfter time.Duration
	// Refresh is the pause between refreshes; 0 is 10 minutes.
	Refresh time.Duration
	// People links GitHub logins to e-mail addresses or Slack ids, for those whose entity does not say.
	People map[string]string
	// Accounts are what people have shown of themselves, for those whom neither an entity nor People tells of; nil is none.
	Accounts Accounts
	// Left, if set, tells at once whether a person's Slack account is switched off, by its id or its e-mail address; either may be
	// empty.
	Left  func(slackID, email string) bool
	Clock clock.Clock // nil is the machine's
	// Refreshed, if set, is told the outcome of every refresh that Run makes.
	Refreshed func(RefreshResult, error)
}

// Location is a place that descriptors are read from.
type Location struct {
	// Target is a file or a glob (`*`, `?`, `[…]`, `{a,b}`, and `**` for any folders), relative to Options.Root, or what
	// ParseTarget reads.
	Target string
	// Rules restrict the kinds that may come from here. Without any, all may come from Options.Root, and from elsewhere all but
	// users and groups.
	Rules []Rule
	// Line is where the config names it, for messages; 0 when unknown.
	Line int
	// elsewhere is what Target means outside of Options.Root; zero for what lies in it, and for what means nothing.
	elsewhere Target
}

// Rule allows kinds, whatever their case.
type Rule struct{ Allow []string }

// Catalog answers from its store, and refreshes it.
type Catalog struct {
	store   Store
	options Options
	people  people
	names   nameList
	refresh chan struct{} // one refresh at a time within this process
	asked   chan wish     // for Run
	running atomic.Bool   // Run takes what is asked
}

// New makes a Catalog over a store. What the store already holds answers at once; Run or Refresh brings it up to date.
func New(store Store, options Options) *Catalog {
	if options.Refresh == 0 {
		options.Refresh = 10 * time.Minute
	}
	if options.Clock == nil {
		options.Clock = clock.Real{}
	}
	options.Locations = slices.Clone(options.Locations)
	for i, l := range options.Locations {
		if IsRemote(l.Target) {
			options.Locations[i].elsewhere, _ = options.target(l.Target) // what is wrong is told when it is read
		}
	}
	return &Catalog{store: store, options: options, people: newPeople(options.People), refresh: make(chan struct{}, 1), asked: make(chan wish, 32)}
}

// Get is the entity of that reference, or ErrNotFound.
func (c *Catalog) Get(ctx context.Context, ref Ref) (Entity, error) {
	e, err := c.store.Entity(ctx, ref)
	if err != nil {
		return Entity{}, fmt.Errorf("get %s: %w", ref, err)
	}
	return e, nil
}

// Search gives at most limit entities whose name, alias or title begins with prefix, components before others; kinds, if any,
// restrict it. It is meant for menus that ask while one types.
func (c *Catalog) Search(ctx context.Context, prefix string, kinds []string, limit int) ([]Entity, error) {
	found, err := c.store.ByPrefix(ctx, fold(prefix), kinds, limit)
	if err != nil {
		return nil, fmt.Errorf("search the catalog: %w", err)
	}
	rank(found)
	return found, nil
}

// ByRepository are the entities of a repository, `owner/repo` in any case.
func (c *Catalog) ByRepository(ctx context.Context, slug string) ([]Entity, error) {
	found, err := c.byKey(ctx, KeyRepository, slug)
	if err != nil {
		return nil, fmt.Errorf("look up repository %s: %w", slug, err)
	}
	return found, nil
}

// Repositories are all `owner/repo` that entities name, in lower case and in order.
func (c *Catalog) Repositories(ctx context.Context) ([]string, error) {
	var slugs []string
	err := c.store.Keys(ctx, KeyRepository, func(slug string) bool {
		slugs = append(slugs, slug)
		return true
	})
	if err != nil {
		return nil, fmt.Errorf("list repositories: %w", err)
	}
	return slugs, nil
}

// Related are the entities at the other end of ref's relations of one type; what does not exist is left out.
func (c *Catalog) Related(ctx context.Context, ref Ref, relation RelationType) ([]Entity, error) {
	related, err := c.store.Related(ctx, ref, relation)
	if err != nil {
		return nil, fmt.Errorf("%s of %s: %w", relation, ref, err)
	}
	var entities []Entity
	for _, r := range related {
		if r.Found {
			entities = append(entities, r.Entity)
		}
	}
	return entities, nil
}

// DependsOn is what an entity needs: what it depends on and the APIs it consumes.
func (c *Catalog) DependsOn(ctx context.Context, ref Ref) ([]Entity, error) {
	return c.relatedBy(ctx, ref, DependsOn, ConsumesAPI)
}

// Dependents is what needs an entity: what depends on it, consumes it, or consumes an API that it provides.
func (c *Catalog) Dependents(ctx context.Context, ref Ref) ([]Entity, error) {
	dependents, err := c.relatedBy(ctx, ref, DependencyOf, APIConsumedBy)
	if err != nil {
		return nil, err
	}
	apis, err := c.Related(ctx, ref, ProvidesAPI)
	if err != nil {
		return nil, err
	}
	for _, api := range apis {
		consumers, err := c.relatedBy(ctx, api.Ref, APIConsumedBy, DependencyOf)
		if err != nil {
			return nil, err
		}
		dependents = append(dependents, consumers...)
	}
	dependents = slices.DeleteFunc(dependents, func(e Entity) bool { return e.Ref.String() == ref.String() })
	return distinct(dependents), nil
}

// relatedBy joins several relations, each entity once.
func (c *Catalog) relatedBy(ctx context.Context, ref Ref, relations ...RelationType) ([]Entity, error) {
	var all []Entity
	for _, relation := range relations {
		related, err := c.Related(ctx, ref, relation)
		if err != nil {
			return nil, err
		}
		all = append(all, related...)
	}
	return distinct(all), nil
}

// Problems are what the last refresh found wrong in each file and what is wrong with all of it together, by file and line.
func (c *Catalog) Problems(ctx context.Context) ([]Problem, error) {
	problems, err := c.store.Problems(ctx)
	if err != nil {
		return nil, fmt.Errorf("list catalog problems: %w", err)
	}
	together, err := c.togetherProblems(ctx)
	if err != nil {
		return nil, err
	}
	problems = append(problems, together...)
	sortProblems(problems)
	return problems, nil
}

// Status tells when the catalog was last brought up to date and how much is in it.
func (c *Catalog) Status(ctx context.Context) (Status, error) {
	status, err := c.store.Status(ctx)
	if err != nil {
		return Status{}, fmt.Errorf("read the catalog's status: %w", err)
	}
	return status, nil
}

// byKey looks up without regard to case.
func (c *Catalog) byKey(ctx context.Context, keyType KeyType, key string) ([]Entity, error) {
	found, err := c.store.ByKey(ctx, Key{keyType, fold(key)}, maxFound)
	if err != nil {
		return nil, err
	}
	rank(found)
	return found, nil
}

// maxFound bounds what one look-up gives; a repository may hold many components.
const maxFound = 200

// fold is how keys are compared: lower case, single spaces, and nothing that a database cannot hold.
func fold(text string) string {
	return strings.ToLower(strings.Join(strings.Fields(storable(text)), " "))
}

// rank puts components before others, then teams and people; of a kind what is described now before orphans; then by name.
func rank(entities []Entity) {
	slices.SortStableFunc(entities, func(a, b Entity) int {
		return cmp.Or(cmp.Compare(kindRank(a.Kind), kindRank(b.Kind)), a.Source.OrphanedAt.Compare(b.Source.OrphanedAt), cmp.Compare(a.Ref.String(), b.Ref.String()))
	})
}

func kindRank(kind string) int {
	for i, k := range []string{KindComponent, KindSystem, KindAPI, KindResource, KindDomain, KindGroup, KindUser} {
		if strings.EqualFold(k, kind) {
			return i
		}
	}
	return 99
}

// distinct keeps the first of each entity, in the order of rank.
func distinct(entities []Entity) []Entity {
	rank(entities)
	return slices.CompactFunc(entities, func(a, b Entity) bool { return a.Ref.String() == b.Ref.String() })
}

func sortProblems(problems []Problem) {
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Document, b.Document), cmp.Compare(a.Line, b.Line))
	})
}
