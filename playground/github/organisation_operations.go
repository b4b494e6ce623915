package github

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// maxMade is how many repositories an organisation is made with at most.
const maxMade = 5000

// opOrganisation makes an organisation by rule: Repos repositories service-001 …, besides Archived archived-001 … and Empty
// empty-001 … ones; Teams teams crew-1 … under one called crew, with People people between them. The first Described of the
// repositories have a catalog-info.yaml (all, when it is not given), every second one a CODEOWNERS, and each belongs to a team.
type opOrganisation struct {
	Login, Name                           string
	Repos, Archived, Empty, Teams, People int
	Described                             *int
	Public                                bool
}

func (o *opOrganisation) apply(st *state) error {
	if !repoName.MatchString(o.Login) {
		return fmt.Errorf("the login %q is not allowed", o.Login)
	}
	if st.owner(o.Login) != nil {
		return errors.New("login is already taken")
	}
	if min(o.Repos, o.Archived, o.Empty, o.Teams, o.People) < 0 || o.Repos+o.Archived+o.Empty > maxMade || max(o.Teams, o.People) > maxMade {
		return fmt.Errorf("an organisation is made with none to %d repositories, teams and people", maxMade)
	}
	members := []string{}
	for i := range o.People {
		login := fmt.Sprintf("%s-%02d", o.Login, i+1)
		st.addUser(User{Login: login, Name: fmt.Sprintf("%s Person %d", o.Name, i+1), Email: login + "@example.com"})
		members = append(members, login)
	}
	home := st.addOrganisation(o.Login, o.Name, members)
	if o.Teams > 0 {
		st.addTeam(home, Team{Slug: "crew", Name: "Crew", Description: "Everybody"})
	}
	for i := range o.Teams {
		t := Team{Slug: fmt.Sprintf("crew-%d", i+1), Name: fmt.Sprintf("Crew %d", i+1), Parent: "crew"}
		for k := i; k < len(members); k += o.Teams {
			t.Members = append(t.Members, members[k])
		}
		st.addTeam(home, t)
	}
	for i := range o.Repos + o.Archived + o.Empty {
		if err := o.addRepo(st, home, i); err != nil {
			return err
		}
	}
	return nil
}

func (o *opOrganisation) addRepo(st *state, home *owner, i int) error {
	language := []string{"Go", "Java", "Python", "TypeScript"}[i%4]
	name, archived := fmt.Sprintf("service-%03d", i+1), false
	switch {
	case i >= o.Repos+o.Archived:
		name = fmt.Sprintf("empty-%03d", i+1-o.Repos-o.Archived)
	case i >= o.Repos:
		name, archived = fmt.Sprintf("archived-%03d", i+1-o.Repos), true
	}
	rules := &RepoRules{Name: name, Description: fmt.Sprintf("Does the %s work of %s", name, o.Name), Language: language,
		Topics: []string{strings.ToLower(language)}, Public: o.Public, Archived: archived}
	if o.Teams > 0 {
		rules.Team = fmt.Sprintf("crew-%d", i%o.Teams+1)
	}
	if strings.HasPrefix(name, "empty-") {
		_, err := st.addRepo(home, rules, nil, nil)
		return err
	}
	files := map[string][]byte{"README.md": []byte("# " + name + "\n")}
	if rules.Team != "" && i%2 == 0 {
		files[".github/CODEOWNERS"] = fmt.Appendf(nil, "* @%s/%s\n", o.Login, rules.Team)
	}
	if o.Described == nil || i < *o.Described {
		files["catalog-info.yaml"] = o.descriptor(rules, i)
	}
	_, err := st.addRepo(home, rules, files, nil)
	return err
}

func (o *opOrganisation) descriptor(rules *RepoRules, i int) []byte {
	owner := rules.Team
	if owner == "" {
		owner = "unknown"
	}
	text := fmt.Sprintf(`apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: %[1]s
  description: %[2]s
  annotations:
    github.com/project-slug: %[3]s/%[1]s
  tags: [%[4]s]
spec:
  type: service
  lifecycle: production
  owner: %[5]s
`, rules.Name, rules.Description, o.Login, rules.Topics[0], owner)
	if i%3 == 2 { // every third needs the one before it
		text += fmt.Sprintf("  dependsOn: [component:service-%03d]\n", i)
	}
	return []byte(text)
}

func controlOrganisation(s *Server, body []byte) (map[string]any, error) {
	ask, err := read[struct {
		Login     string `json:"login"`
		Name      string `json:"name"`
		Repos     int    `json:"repos"`
		Archived  int    `json:"archived"`
		Empty     int    `json:"empty"`
		Teams     int    `json:"teams"`
		People    int    `json:"people"`
		Described *int   `json:"described"`
		Public    bool   `json:"public"`
	}](body)
	if err != nil {
		return nil, err
	}
	if ask.Name == "" {
		ask.Name = ask.Login
	}
	o := &opOrganisation{Login: ask.Login, Name: ask.Name, Repos: ask.Repos, Archived: ask.Archived, Empty: ask.Empty, Teams: ask.Teams,
		People: ask.People, Described: ask.Described, Public: ask.Public}
	return s.act(o, func() (map[string]any, Event) {
		return map[string]any{"login": ask.Login, "repos": ask.Repos + ask.Archived + ask.Empty}, Event{Repo: ask.Login}
	})
}

// opTeam makes a team, changes it, or deletes it. People and rights that are not named stay as they are; a right of "" goes.
type opTeam struct {
	Org, Team, Name string
	Description     *string
	Parent          *string
	Add, Remove     []string
	Rights          map[string]string // by repository, without its owner
	Delete          bool
}

func (o *opTeam) apply(st *state) error {
	home := st.organisation(o.Org)
	if home == nil {
		return fmt.Errorf("there is no organisation %q", o.Org)
	}
	t := home.team(o.Team)
	if o.Delete {
		if t == nil {
			return fmt.Errorf("there is no team %q", o.Team)
		}
		home.remove(t)
		return nil
	}
	changed := Team{Slug: o.Team, Name: o.Team}
	if t != nil {
		changed = t.Team
	}
	if err := o.change(st, home, &changed); err != nil {
		return err
	}
	if err := home.check(changed); err != nil {
		return err
	}
	if t == nil {
		t = st.addTeam(home, changed)
	}
	t.Team = changed
	return nil
}

// change makes t what it will be. It shares nothing with what t was made from: the world's own stays as it is.
func (o *opTeam) change(st *state, home *owner, t *Team) error {
	if o.Name != "" {
		t.Name = o.Name
	}
	if o.Description != nil {
		t.Description = *o.Description
	}
	if o.Parent != nil {
		t.Parent = *o.Parent
	}
	t.Members = slices.DeleteFunc(slices.Clone(t.Members), func(login string) bool { return slices.Contains(o.Remove, login) })
	for _, login := range o.Add {
		if st.users[strings.ToLower(login)] == nil {
			return fmt.Errorf("nobody is called %q", login)
		}
		if !home.isMember(login) {
			home.members = append(home.members, login)
		}
		if !slices.Contains(t.Members, login) {
			t.Members = append(t.Members, login)
		}
	}
	given := maps.Clone(t.Rights)
	if given == nil {
		given = map[string]string{}
	}
	for name, right := range o.Rights {
		if right != "" && !slices.Contains(rights, right) {
			return fmt.Errorf("the right %q is none of %s", right, strings.Join(rights, ", "))
		}
		if st.repo(home.login+"/"+name) == nil {
			return errNoRepo
		}
		given[name] = right
	}
	t.Rights = given
	return nil
}

func controlTeam(s *Server, body []byte) (map[string]any, error) {
	ask, err := read[struct {
		Org         string            `json:"org"`
		Team        string            `json:"team"`
		Name        string            `json:"name"`
		Description *string           `json:"description"`
		Parent      *string           `json:"parent"`
		Add         []string          `json:"add"`
		Remove      []string          `json:"remove"`
		Rights      map[string]string `json:"rights"`
		Delete      bool              `json:"delete"`
	}](body)
	if err != nil {
		return nil, err
	}
	if ask.Org == "" {
		ask.Org = s.config.World.Org
	}
	if ask.Team == "" {
		return nil, errors.New("team is missing")
	}
	o := &opTeam{Org: ask.Org, Team: ask.Team, Name: ask.Name, Description: ask.Description, Parent: ask.Parent, Add: ask.Add, Remove: ask.Remove,
		Rights: ask.Rights, Delete: ask.Delete}
	return s.act(o, func() (map[string]any, Event) { return nil, Event{Repo: ask.Org} })
}
