package github

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"bellhop/catalog"
	"bellhop/catalog/codeowners"
	"bellhop/chat"
)

// Discovery tells what GitHub itself knows of an owner's repositories and people. It satisfies catalog.Discoverer.
type Discovery struct {
	c *Client

	mu     sync.Mutex
	rules  map[string]keptRule // by repository
	people map[string]keptPerson
}

var _ catalog.Discoverer = (*Discovery)(nil)

// NewDiscovery makes a Discovery.
func NewDiscovery(c *Client) *Discovery {
	return &Discovery{c: c, rules: map[string]keptRule{}, people: map[string]keptPerson{}}
}

// keptRule is the rule for all files that a repository's CODEOWNERS had in a version of the repository; without one, its line
// is 0.
type keptRule struct {
	version string
	rule    codeowners.Rule
}

// note is the rule as it is given to who keeps it over restarts.
func (k keptRule) note() string {
	if k.version == "" {
		return ""
	}
	return fmt.Sprintf("%s\t%d\t%s", k.version, k.rule.Line, strings.Join(k.rule.Owners, " "))
}

// ruleOf reads a note; of any other text nothing is known.
func ruleOf(note string) (k keptRule) {
	version, rest, _ := strings.Cut(note, "\t")
	line, owners, ok := strings.Cut(rest, "\t")
	n, err := strconv.Atoi(line)
	if !ok || err != nil {
		return k
	}
	return keptRule{version, codeowners.Rule{Line: n, Owners: strings.Fields(owners)}}
}

// notes tells what was noted of a repository, or a person, the last time, and whether more is wanted of them.
type notes = func(name string) (note string, wanted bool)

// Discover implements catalog.Discoverer. What could be read comes along with the error.
func (d *Discovery) Discover(ctx context.Context, owner string, before notes) (catalog.Discovered, error) {
	var found catalog.Discovered
	organisation, err := d.c.isOrganisation(ctx, owner)
	if err != nil {
		return found, err
	}
	repositories, err := d.c.repositoriesOf(ctx, owner)
	if err != nil {
		return found, err
	}
	of := house{owner: owner}
	var failed error
	if organisation {
		found.Teams, of, failed = d.teams(ctx, owner)
		var membersFailed error
		found.Members, membersFailed = d.members(ctx, owner, before)
		failed = errors.Join(failed, membersFailed)
	} else {
		found.Members = []catalog.DiscoveredMember{{Login: owner}}
		d.named(ctx, owner, found.Members, before)
	}
	rules, rulesFailed := d.rulesOf(ctx, repositories, before)
	for i, r := range repositories {
		one := of.repository(r, rules[i])
		one.Note = rules[i].note()
		found.Repositories = append(found.Repositories, one)
	}
	return found, errors.Join(failed, rulesFailed)
}

// Repository is what Discover tells of one repository. A missing one is a chat.UserError.
func (d *Discovery) Repository(ctx context.Context, slug string) (catalog.DiscoveredRepository, error) {
	r, err := d.c.lookAt(ctx, slug)
	if gone, ok := errors.AsType[*absent](err); ok {
		return catalog.DiscoveredRepository{}, chat.Errorf("%s: %s", slug, gone.Error())
	}
	if err != nil {
		return catalog.DiscoveredRepository{}, err
	}
	owner, _, _ := strings.Cut(r.Slug, "/")
	of := house{owner: owner}
	organisation, err := d.c.isOrganisation(ctx, owner)
	if err != nil {
		return catalog.DiscoveredRepository{}, err
	}
	if organisation {
		if _, of, err = d.teams(ctx, owner); err != nil {
			return catalog.DiscoveredRepository{}, err
		}
	}
	rule, err := d.rule(ctx, r, keptRule{}, false)
	return of.repository(r, rule), err
}

// rulesOf reads the CODEOWNERS of those repositories that are wanted, 8 at once.
func (d *Discovery) rulesOf(ctx context.Context, repositories []listed, before notes) ([]keptRule, error) {
	rules := make([]keptRule, len(repositories))
	failures := make([]error, len(repositories))
	group, inGroup := errgroup.WithContext(ctx)
	group.SetLimit(ahead)
	for i, r := range repositories {
		note, wanted := before(r.Slug)
		if rules[i] = ruleOf(note); !wanted {
			continue
		}
		group.Go(func() error {
			rules[i], failures[i] = d.rule(inGroup, r, rules[i], true)
			if isLimit(failures[i]) {
				return failures[i] // no use in asking for the others
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return rules, err
	}
	refused := 0
	for i, err := range failures {
		if status := statusOf(err); status >= 400 && status < 500 { // blocked, or none of our business: it has no CODEOWNERS for us
			refused++
			if refused < len(repositories) {
				failures[i] = nil
			}
		}
	}
	const told = 3 // what is wrong with one is mostly wrong with all
	failures = slices.DeleteFunc(failures, func(err error) bool { return err == nil })
	if more := len(failures) - told; more > 0 {
		failures = append(failures[:told], fmt.Errorf("and so it is with %d more", more))
	}
	return rules, errors.Join(failures...)
}

// rule is the rule for all files in a repository's CODEOWNERS; in an unchanged repository it is not looked for again. before is
// what was known of it.
func (d *Discovery) rule(ctx context.Context, r listed, before keptRule, bulk bool) (keptRule, error) {
	version := r.version(d.c.clock.Now())
	d.mu.Lock()
	kept, ok := d.rules[r.Slug]
	d.mu.Unlock()
	if !ok {
		kept = before
	}
	if version != "" && kept.version == version || r.Disabled {
		return kept, nil
	}
	file, _, err := d.c.codeownersOf(ctx, r, bulk)
	if err != nil {
		return kept, err
	}
	kept = keptRule{version: version}
	kept.rule, _ = file.Default()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.rules[r.Slug] = kept
	return kept, nil
}

// house is what tells the owners of an organisation's or user's repositories.
type house struct {
	owner  string
	teams  map[string]bool    // by slug; nil for a user, and where they cannot be seen
	rights map[string][]right // of teams, by repository in lower case
}

// right is what a team may do in a repository.
type right struct {
	team  string
	level int // in levels
	width int // how many repositories the team has such a right in: who has many is less likely to own one
}

// levels are GitHub's rights in a repository, the most first. Who may only read owns nothing.
var levels = [...]string{"admin", "maintain", "push"}

// repository says whose a repository is: as CODEOWNERS says, else the team with most rights, and a user's own are theirs.
func (h house) repository(r listed, kept keptRule) catalog.DiscoveredRepository {
	found := catalog.DiscoveredRepository{
		Slug: r.Slug, Description: r.Description, Language: r.Language, Topics: r.Topics, Archived: r.Archived,
	}
	if kept.rule.Line > 0 {
		if found.Team, found.Login = h.first(kept.rule.Owners); found.Team+found.Login != "" {
			found.Because = fmt.Sprintf("CODEOWNERS line %d", kept.rule.Line)
			return found
		}
	}
	if rights := h.rights[strings.ToLower(r.Slug)]; len(rights) > 0 {
		most := slices.MinFunc(rights, func(a, b right) int {
			return cmp.Or(a.level-b.level, a.width-b.width, strings.Compare(a.team, b.team))
		})
		found.Team, found.Because = most.team, fmt.Sprintf("team with most rights (%s)", levels[most.level])
		return found
	}
	if h.teams == nil && h.rights == nil {
		found.Login, found.Because = h.owner, "repository of "+h.owner
	}
	return found
}

// first is the first of a rule's owners whom GitHub knows here.
func (h house) first(owners []string) (team, login string) {
	for _, owner := range owners {
		name, ok := strings.CutPrefix(owner, "@")
		of, slug, isTeam := strings.Cut(name, "/")
		switch {
		case !ok: // an e-mail address
		case !isTeam:
			return "", name
		case strings.EqualFold(of, h.owner) && (h.teams == nil || h.teams[strings.ToLower(slug)]):
			return strings.ToLower(slug), ""
		}
	}
	return "", ""
}

// hidden says what must be given for people and teams to be seen.
func hidden(what, owner string, err error) error {
	if status := statusOf(err); status == http.StatusForbidden || status == http.StatusNotFound {
		return fmt.Errorf("Bellhop's credentials may not see the %s of %s: they need Members: read there (%w)", what, owner, plainly(err))
	}
	return fmt.Errorf("list the %s of %s: %w", what, owner, plainly(err))
}

func inOrg(owner, rest string) string { return "orgs/" + url.PathEscape(owner) + "/" + rest }
