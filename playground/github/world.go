package github

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"text/template"
	"time"

	"go.yaml.in/yaml/v4"
)

// World is what the simulated GitHub holds at its first start and by which rules it goes on. It is data: everything
// after it follows from it, the moment of the first start, and what people did.
type World struct {
	Org      string              `yaml:"org"` // login of the organisation that owns every repository
	OrgName  string              `yaml:"org_name"`
	Users    []User              `yaml:"users"`
	Teams    []Team              `yaml:"teams"`
	Tokens   []Token             `yaml:"tokens"`
	App      App                 `yaml:"app"`
	Limits   Limits              `yaml:"limits"`
	Pace     float64             `yaml:"pace"` // how many times longer everything but the CI by rule takes; 1 when missing
	Steps    []StepRule          `yaml:"steps"`
	Outcomes []Outcome           `yaml:"outcomes"`
	Presets  map[string]CI       `yaml:"presets"` // CI rules that repositories share by name
	Messages map[string][]string `yaml:"messages"`
	Repos    []RepoRules         `yaml:"repos"`

	files map[string]map[string][]byte // repository name → path → content, templates filled in
}

// User is an account. A Bot has the type Bot and the suffix [bot].
type User struct {
	Login string `yaml:"login"`
	Name  string `yaml:"name"`
	Email string `yaml:"email"`
	Bot   bool   `yaml:"bot"`
	// Guest accounts are no members of the organisation.
	Guest bool `yaml:"guest"`
}

// Team is a team of an organisation. Its people may write to the repositories whose team it is; Rights gives it others, by
// repository: pull, triage, push, maintain or admin. What a team may, the teams under it may too.
type Team struct {
	Slug        string            `yaml:"slug"`
	Name        string            `yaml:"name"`
	Description string            `yaml:"description"`
	Parent      string            `yaml:"parent"` // the slug of the team above it
	Members     []string          `yaml:"members"`
	Rights      map[string]string `yaml:"rights"`
}

// Token is a personal access token. Access is none, read, write or admin to every repository; Permissions, when given,
// make it a fine-grained token with just those (such as actions: write).
type Token struct {
	Token       string            `yaml:"token"`
	Login       string            `yaml:"login"`
	Access      string            `yaml:"access"`
	Permissions map[string]string `yaml:"permissions"`
	Scopes      string            `yaml:"scopes"`
}

// App is the GitHub App that is installed in every organisation.
type App struct {
	ID             int64             `yaml:"id"`
	Slug           string            `yaml:"slug"`
	ClientID       string            `yaml:"client_id"` // by which people sign in with the device flow
	InstallationID int64             `yaml:"installation_id"`
	Permissions    map[string]string `yaml:"permissions"`
}

// Limits of the API. GitHub: 5,000 requests an hour for a user or an installation, 60 for an address without a token,
// 900 points a minute (a read is 1, a write 5). PointsPerMinute 0 turns the last one off.
type Limits struct {
	Hourly          int `yaml:"hourly"`
	Anonymous       int `yaml:"anonymous"`
	PointsPerMinute int `yaml:"points_per_minute"`
}

// StepRule says what happens in steps of that name, in every workflow: how long they take, what they put out, and for
// which GitHub environment the deployments become inactive after them. Outputs and Retires may hold ${{ … }}, with the
// simulator's own address as playground.url.
type StepRule struct {
	Name    string            `yaml:"name"`
	Takes   time.Duration     `yaml:"takes"`
	Outputs map[string]string `yaml:"outputs"`
	Retires string            `yaml:"retires"`
	Log     []string          `yaml:"log"`
}

// Outcome decides how coming runs end. Repo and Ref are those of the run, or those that its inputs component and ref
// name. Step is where it happens; without one a conclusion is that of the whole run. Conclusion is one of GitHub's
// (failure, timed_out, startup_failure, …), or hang (the step runs until cancelled), stuck (only force-cancel ends it),
// waiting (for a reviewer of the environment), queued (no runner ever takes it), success (an end to earlier rules).
type Outcome struct {
	Repo       string        `yaml:"repo" json:"repo"`
	Ref        string        `yaml:"ref" json:"ref,omitempty"` // empty: every ref
	Workflow   string        `yaml:"workflow" json:"workflow,omitempty"`
	Step       string        `yaml:"step" json:"step,omitempty"`
	Conclusion string        `yaml:"conclusion" json:"conclusion"`
	Takes      time.Duration `yaml:"takes" json:"-"`
	Times      int           `yaml:"times" json:"times,omitempty"` // 0: always
	Log        []string      `yaml:"log" json:"log,omitempty"`
}

// RepoRules describes one repository at the first start and how its CI goes on.
type RepoRules struct {
	Name         string            `yaml:"name"`
	Title        string            `yaml:"title"`
	Description  string            `yaml:"description"`
	Language     string            `yaml:"language"`
	Team         string            `yaml:"team"`
	Topics       []string          `yaml:"topics"`
	Template     string            `yaml:"template"` // folder under templates/ whose files it starts with
	Public       bool              `yaml:"public"`
	Archived     bool              `yaml:"archived"`
	Variables    map[string]string `yaml:"variables"` // Actions variables, vars.X in workflows
	Branches     []BranchRules     `yaml:"branches"`
	Environments []EnvironmentRule `yaml:"environments"`
	Preset       string            `yaml:"preset"`
	CI           *CI               `yaml:"ci"`
	Rules        []TestRule        `yaml:"rules"` // besides those of the preset
}

// BranchRules is a branch besides main at the first start, with the pull request from it if Pull is not 0.
type BranchRules struct {
	Name    string        `yaml:"name"`
	Author  string        `yaml:"author"`
	Age     time.Duration `yaml:"age"` // of its last commit
	Commits []string      `yaml:"commits"`
	Pull    int           `yaml:"pull"`
	Title   string        `yaml:"title"`
	Draft   bool          `yaml:"draft"`
}

// EnvironmentRule gives the GitHub environments whose names match (with * and **) reviewers, logins or team slugs.
type EnvironmentRule struct {
	Name      string   `yaml:"name"`
	Reviewers []string `yaml:"reviewers"`
}

var stepConclusions = []string{"success", "failure", "hang", "stuck", "skipped", "cancelled"}

var runConclusions = []string{"success", "failure", "cancelled", "skipped", "timed_out", "action_required", "neutral", "stale",
	"startup_failure", "waiting", "queued", "hang", "stuck"}

// check says what is wrong with an outcome.
func (o Outcome) check() error {
	if o.Repo == "" {
		return errors.New("repo is missing")
	}
	allowed := runConclusions
	if o.Step != "" {
		allowed = stepConclusions
	}
	if !slices.Contains(allowed, o.Conclusion) {
		return fmt.Errorf("conclusion %q is none of %s", o.Conclusion, strings.Join(allowed, ", "))
	}
	return nil
}

var repoName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,100}$`)

// ParseWorld reads world.yaml, the templates/NAME/… folders that repositories start from, and files/REPO/… that come on
// top. In all of those [[.Name]], [[.Title]], [[.Team]], [[.Description]], [[.Language]] and [[.Org]] stand for the
// repository's own.
func ParseWorld(fsys fs.FS) (World, error) {
	var w World
	raw, err := fs.ReadFile(fsys, "world.yaml")
	if err != nil {
		return w, fmt.Errorf("read the GitHub world: %w", err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(raw))
	decoder.KnownFields(true)
	if err := decoder.Decode(&w); err != nil {
		return w, fmt.Errorf("world.yaml: %w", err)
	}
	if w.Pace == 0 {
		w.Pace = 1
	}
	if w.Limits.Hourly == 0 {
		w.Limits.Hourly = 5000
	}
	if w.Limits.Anonymous == 0 {
		w.Limits.Anonymous = 60
	}
	if err := w.check(); err != nil {
		return w, fmt.Errorf("world.yaml: %w", err)
	}
	w.files = map[string]map[string][]byte{}
	for i := range w.Repos {
		files, err := w.readFiles(fsys, &w.Repos[i])
		if err != nil {
			return w, err
		}
		w.files[w.Repos[i].Name] = files
	}
	return w, nil
}

func (w *World) check() error {
	if w.Org == "" {
		return errors.New("org is missing")
	}
	for _, o := range w.Outcomes {
		if err := o.check(); err != nil {
			return fmt.Errorf("outcomes: %w", err)
		}
	}
	if err := w.checkTeams(); err != nil {
		return fmt.Errorf("teams: %w", err)
	}
	seen := map[string]bool{}
	for i := range w.Repos {
		r := &w.Repos[i]
		if !repoName.MatchString(r.Name) || seen[strings.ToLower(r.Name)] {
			return fmt.Errorf("repos: the name %q is not allowed or stands twice", r.Name)
		}
		seen[strings.ToLower(r.Name)] = true
		if r.CI == nil && r.Preset != "" {
			preset, ok := w.Presets[r.Preset]
			if !ok {
				return fmt.Errorf("repos: %s: there is no preset %q", r.Name, r.Preset)
			}
			preset.Rules = append(slices.Clone(preset.Rules), r.Rules...)
			r.CI = &preset
		}
		for _, b := range r.Branches {
			if w.user(b.Author) == nil {
				return fmt.Errorf("repos: %s: branch %s: nobody is called %q", r.Name, b.Name, b.Author)
			}
		}
	}
	return nil
}

func (w *World) user(login string) *User {
	for i := range w.Users {
		if strings.EqualFold(w.Users[i].Login, login) {
			return &w.Users[i]
		}
	}
	return nil
}

// checkTeams wants every team under one that stands before it.
func (w *World) checkTeams() error {
	var above owner
	for _, t := range w.Teams {
		if err := above.check(t); err != nil {
			return err
		}
		above.teams = append(above.teams, &team{Team: t})
	}
	return nil
}

func (w *World) readFiles(fsys fs.FS, r *RepoRules) (map[string][]byte, error) {
	files := map[string][]byte{}
	facts := map[string]string{"Name": r.Name, "Title": r.Title, "Team": r.Team, "Description": r.Description,
		"Language": r.Language, "Org": w.Org}
	roots := []string{"files/" + r.Name}
	if r.Template != "" {
		roots = []string{"templates/" + r.Template, "files/" + r.Name}
	}
	for _, root := range roots {
		err := fs.WalkDir(fsys, root, func(p string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) && p == "files/"+r.Name {
				return fs.SkipAll
			}
			if err != nil || d.IsDir() {
				return err
			}
			raw, err := fs.ReadFile(fsys, p)
			if err != nil {
				return err
			}
			t, err := template.New(path.Base(p)).Delims("[[", "]]").Option("missingkey=error").Parse(string(raw))
			if err != nil {
				return fmt.Errorf("%s: %w", p, err)
			}
			var b strings.Builder
			if err := t.Execute(&b, facts); err != nil {
				return fmt.Errorf("%s: %w", p, err)
			}
			// go:embed leaves out names that begin with a dot, so they stand as dot-NAME.
			name := strings.TrimPrefix(p, root+"/")
			name = strings.TrimPrefix(strings.ReplaceAll("/"+name, "/dot-", "/."), "/")
			files[name] = []byte(b.String())
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("files of %s: %w", r.Name, err)
		}
	}
	return files, nil
}
