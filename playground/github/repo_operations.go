package github

import (
	"errors"
	"fmt"
	"maps"
	"strings"
)

// opRepo makes a repository. With Like it is one like another: its files, rules and CI under a new name.
type opRepo struct {
	Name, Description, Language, Team, Like string
	Topics                                  []string
	Public, Archived                        bool
	Files                                   map[string]string
	made                                    *repo
}

func (o *opRepo) apply(st *state) error {
	if !repoName.MatchString(o.Name) {
		return fmt.Errorf("the name %q is not allowed", o.Name)
	}
	home := st.owners[0]
	if st.repo(home.login+"/"+o.Name) != nil {
		return errors.New("name already exists on this account")
	}
	rules := &RepoRules{Name: o.Name, Description: o.Description, Language: o.Language, Team: o.Team, Topics: o.Topics, Public: o.Public,
		Archived: o.Archived}
	files := map[string][]byte{}
	if o.Like != "" {
		like := st.repo(st.world.Org + "/" + o.Like)
		if like == nil {
			return errNoRepo
		}
		copied := *like.rules
		copied.Name, copied.Branches, copied.Archived = o.Name, nil, o.Archived
		rules = &copied
		maps.Copy(files, st.world.files[o.Like])
	}
	for path, content := range o.Files {
		files[strings.Trim(path, "/")] = []byte(content)
	}
	if len(files) == 0 {
		files["README.md"] = []byte("# " + o.Name + "\n")
	}
	var err error
	o.made, err = st.addRepo(home, rules, files, nil)
	return err
}

// controlRepo makes a repository.
func controlRepo(s *Server, body []byte) (map[string]any, error) {
	ask, err := read[struct {
		Name        string            `json:"name"`
		Description string            `json:"description"`
		Language    string            `json:"language"`
		Team        string            `json:"team"`
		Topics      []string          `json:"topics"`
		Public      bool              `json:"public"`
		Archived    bool              `json:"archived"`
		Like        string            `json:"like"`
		Files       map[string]string `json:"files"`
	}](body)
	if err != nil {
		return nil, err
	}
	o := &opRepo{Name: strings.TrimPrefix(ask.Name, s.config.World.Org+"/"), Description: ask.Description, Language: ask.Language, Team: ask.Team,
		Topics: ask.Topics, Public: ask.Public, Archived: ask.Archived, Like: strings.TrimPrefix(ask.Like, s.config.World.Org+"/"), Files: ask.Files}
	return s.act(o, func() (map[string]any, Event) {
		return map[string]any{"repo": o.made.slug(), "sha": o.made.branches["main"]}, Event{Repo: o.made.slug()}
	})
}
