package github

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	gh "github.com/google/go-github/v60/github"
	"golang.org/x/sync/errgroup"

	"bellhop/catalog"
)

// teamListed is a team as lists tell of it.
type teamListed struct {
	Slug, Name, Description string
	Parent                  *struct{ Slug string }
}

// loginListed is a person as lists tell of them.
type loginListed struct{ Login, Type string }

// teams lists an organisation's teams with their members, those of the teams below among them as on GitHub, and what they may
// do where.
func (d *Discovery) teams(ctx context.Context, owner string) ([]catalog.DiscoveredTeam, house, error) {
	of := house{owner: owner, rights: map[string][]right{}} // not a user's, even where no team can be seen
	list, err := paged[teamListed]{c: d.c, owner: owner, path: inOrg(owner, "teams")}.all(ctx)
	if err != nil {
		return nil, of, hidden("teams", owner, err)
	}
	of.teams = make(map[string]bool, len(list))
	teams := make([]catalog.DiscoveredTeam, len(list))
	rights := make([][]listed, len(list))
	group, inGroup := errgroup.WithContext(ctx)
	group.SetLimit(ahead)
	for i, t := range list {
		of.teams[strings.ToLower(t.Slug)] = true
		teams[i] = catalog.DiscoveredTeam{Slug: t.Slug, Name: t.Name, Description: t.Description}
		if t.Parent != nil {
			teams[i].Parent = t.Parent.Slug
		}
		group.Go(func() (err error) {
			if teams[i].Members, err = d.membersOf(inGroup, owner, t.Slug); err != nil {
				return err
			}
			rights[i], err = d.repositoriesOf(inGroup, owner, t.Slug)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, of, err
	}
	for i, t := range list {
		of.add(t.Slug, rights[i])
	}
	return teams, of, nil
}

// add notes what a team may do.
func (h house) add(team string, repositories []listed) {
	level := func(r listed) int {
		return slices.IndexFunc(levels[:], func(name string) bool { return r.Rights[name] })
	}
	var width [len(levels)]int
	for _, r := range repositories {
		if l := level(r); l >= 0 {
			width[l]++
		}
	}
	for _, r := range repositories {
		if l := level(r); l >= 0 {
			key := strings.ToLower(r.Slug)
			h.rights[key] = append(h.rights[key], right{strings.ToLower(team), l, width[l]})
		}
	}
}

func (d *Discovery) membersOf(ctx context.Context, owner, team string) ([]string, error) {
	if err := d.c.inBulk(ctx, owner); err != nil {
		return nil, err
	}
	list, err := paged[loginListed]{c: d.c, owner: owner, path: inOrg(owner, "teams/"+team+"/members")}.all(ctx)
	if err != nil {
		return nil, hidden("members of team "+team, owner, err)
	}
	logins := make([]string, len(list))
	for i, one := range list {
		logins[i] = one.Login
	}
	return logins, nil
}

func (d *Discovery) repositoriesOf(ctx context.Context, owner, team string) ([]listed, error) {
	if err := d.c.inBulk(ctx, owner); err != nil {
		return nil, err
	}
	list, err := paged[listed]{c: d.c, owner: owner, path: inOrg(owner, "teams/"+team+"/repos")}.all(ctx)
	if err != nil {
		return nil, hidden("repositories of team "+team, owner, err)
	}
	return list, nil
}

// members lists an organisation's people.
func (d *Discovery) members(ctx context.Context, owner string, before notes) ([]catalog.DiscoveredMember, error) {
	list, err := paged[loginListed]{c: d.c, owner: owner, path: inOrg(owner, "members")}.all(ctx)
	if err != nil {
		return nil, hidden("members", owner, err)
	}
	members := make([]catalog.DiscoveredMember, len(list))
	for i, one := range list {
		members[i].Login = one.Login
	}
	d.named(ctx, owner, members, before)
	return members, nil
}

const (
	// personAge is how long a person's name is believed; it costs a request for each.
	personAge = 24 * time.Hour
	// maxNamed is how many names are asked for at a time; the others follow with the next reading.
	maxNamed = 300
)

// keptPerson is what a person shows of themselves.
type keptPerson struct {
	name, email string
	until       time.Time
}

// note is the person as they are given to who keeps them over restarts; the name comes last, since anything may stand in it.
func (k keptPerson) note() string {
	if k.until.IsZero() {
		return ""
	}
	return fmt.Sprintf("%d %s %s", k.until.Unix(), cmp.Or(k.email, "-"), k.name)
}

// personOf reads a note; of any other text nothing is known.
func personOf(note string) keptPerson {
	parts := strings.SplitN(note, " ", 3)
	if len(parts) < 3 {
		return keptPerson{}
	}
	until, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil {
		return keptPerson{}
	}
	return keptPerson{name: parts[2], email: strings.TrimPrefix(parts[1], "-"), until: time.Unix(until, 0)}
}

// named fills in names and addresses as far as they are shown. Without one a person is called by their login, so nothing that
// goes wrong here matters.
func (d *Discovery) named(ctx context.Context, owner string, members []catalog.DiscoveredMember, before notes) {
	now, asked := d.c.clock.Now(), 0
	group, inGroup := errgroup.WithContext(ctx)
	group.SetLimit(ahead)
	for i := range members {
		note, wanted := before("@" + members[i].Login)
		kept := d.person(members[i].Login, note)
		if wanted && !now.Before(kept.until) && asked < maxNamed {
			asked++
			group.Go(func() error { return d.ask(inGroup, owner, &members[i], kept) })
			continue
		}
		members[i].Name, members[i].Email, members[i].Note = kept.name, kept.email, kept.note()
	}
	_ = group.Wait() // as above
}

// person is what is known of one without asking.
func (d *Discovery) person(login, note string) keptPerson {
	d.mu.Lock()
	defer d.mu.Unlock()
	if kept, ok := d.people[login]; ok {
		return kept
	}
	return personOf(note)
}

// ask asks for a person; kept is what is known of them otherwise. Only when GitHub wants a pause is it an error.
func (d *Discovery) ask(ctx context.Context, owner string, m *catalog.DiscoveredMember, kept keptPerson) error {
	var u struct{ Name, Email string }
	err := d.c.inBulk(ctx, owner)
	if err == nil {
		var client *gh.Client
		if client, err = d.c.For(ctx, owner); err == nil {
			err = get(ctx, client, "users/"+url.PathEscape(m.Login), "", &u)
		}
	}
	if err == nil {
		kept = keptPerson{strings.TrimSpace(u.Name), u.Email, d.c.clock.Now().Add(personAge)}
		d.mu.Lock()
		d.people[m.Login] = kept
		d.mu.Unlock()
	}
	m.Name, m.Email, m.Note = kept.name, kept.email, kept.note()
	if isLimit(err) {
		return err // no use in asking for the others
	}
	return nil
}
