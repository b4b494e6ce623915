package github

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// opRepo makes a repository, of the world's organisation or, by Name as owner/name, of another owner. With Like it is one
// like another of the world's: its files, rules and CI under a new name. Empty leaves it without a commit.
type opRepo struct {
	Name, Description, Language, Team, Like string
	Topics                                  []string
	Public, Archived, Empty                 bool
	Files                                   map[string]string
	Links                                   map[string]string
	made                                    *repo
}

func (o *opRepo) apply(st *state) error {
	home, name := st.owners[0], o.Name
	if login, rest, ok := strings.Cut(o.Name, "/"); ok {
		if home, name = st.owner(login), rest; home == nil {
			return fmt.Errorf("there is neither an organisation nor a person called %q", login)
		}
	}
	if !repoName.MatchString(name) {
		return fmt.Errorf("the name %q is not allowed", name)
	}
	if st.repo(home.login+"/"+name) != nil {
		return errors.New("name already exists on this account")
	}
	rules := &RepoRules{Name: name, Description: o.Description, Language: o.Language, Team: o.Team, Topics: o.Topics, Public: o.Public,
		Archived: o.Archived}
	files := map[string][]byte{}
	if o.Like != "" {
		like := st.repo(st.world.Org + "/" + o.Like)
		if like == nil {
			return errNoRepo
		}
		copied := *like.rules
		copied.Name, copied.Branches, copied.Archived = name, nil, o.Archived
		rules = &copied
		maps.Copy(files, st.world.files[o.Like])
	}
	for path, content := range o.Files {
		files[strings.Trim(path, "/")] = []byte(content)
	}
	if len(files) == 0 && !o.Empty {
		files["README.md"] = []byte("# " + name + "\n")
	}
	var err error
	o.made, err = st.addRepo(home, rules, files, o.Links)
	return err
}

// opRepoChange archives a repository or takes it out of the archive, renames or deletes it.
type opRepoChange struct {
	Repo    string
	Archive *bool
	Rename  string
	Delete  bool
}

func (o *opRepoChange) apply(st *state) error {
	r := st.repo(o.Repo)
	if r == nil {
		return errNoRepo
	}
	old := strings.ToLower(r.slug())
	if o.Delete {
		delete(st.repos, old)
		st.order = slices.DeleteFunc(st.order, func(other *repo) bool { return other == r })
		st.upcoming = slices.DeleteFunc(st.upcoming, func(due dueCommit) bool { return due.repo == r })
		return nil
	}
	if o.Rename != "" {
		if !repoName.MatchString(o.Rename) || st.repo(r.owner+"/"+o.Rename) != nil {
			return fmt.Errorf("the name %q is not allowed or taken", o.Rename)
		}
		delete(st.repos, old)
		r.name = o.Rename
		st.repos[strings.ToLower(r.slug())] = r
		st.renamed[old] = r.id
	}
	if o.Archive != nil {
		r.archived = *o.Archive
	}
	r.updated = st.now
	return nil
}

// controlRepo makes a repository by its name, or changes the one in repo.
func controlRepo(s *Server, body []byte) (map[string]any, error) {
	ask, err := read[struct {
		Name        string            `json:"name"`
		Description string            `json:"description"`
		Language    string            `json:"language"`
		Team        string            `json:"team"`
		Topics      []string          `json:"topics"`
		Public      bool              `json:"public"`
		Archived    bool              `json:"archived"`
		Empty       bool              `json:"empty"`
		Like        string            `json:"like"`
		Files       map[string]string `json:"files"`
		Links       map[string]string `json:"links"`
		Repo        string            `json:"repo"`
		Archive     *bool             `json:"archive"`
		Rename      string            `json:"rename"`
		Delete      bool              `json:"delete"`
	}](body)
	if err != nil {
		return nil, err
	}
	if ask.Repo != "" {
		return s.act(&opRepoChange{Repo: ask.Repo, Archive: ask.Archive, Rename: ask.Rename, Delete: ask.Delete},
			func() (map[string]any, Event) { return nil, Event{Repo: ask.Repo} })
	}
	o := &opRepo{Name: ask.Name, Description: ask.Description, Language: ask.Language, Team: ask.Team, Topics: ask.Topics, Public: ask.Public,
		Archived: ask.Archived, Empty: ask.Empty, Like: strings.TrimPrefix(ask.Like, s.config.World.Org+"/"), Files: ask.Files, Links: ask.Links}
	return s.act(o, func() (map[string]any, Event) {
		return map[string]any{"repo": o.made.slug(), "sha": o.made.branches["main"]}, Event{Repo: o.made.slug()}
	})
}
