package github

import (
	"fmt"
	"strings"
	"time"
)

// state is everything the simulated GitHub knows. It follows from the world, the moment of its first start (epoch), the
// operations applied to it in order, and how far its time has come: the same of those give the same state, which is how
// it comes back after a kill.
type state struct {
	world       *World
	base        string // address of the playground, without a slash at its end
	epoch       time.Time
	now         time.Time // how far it has come
	lastID      int64
	users       map[string]*account // by login, lower case
	owners      []*owner            // organisations; the world's is the first
	teamsMade   int
	repos       map[string]*repo // by owner/name, lower case
	order       []*repo          // as in the world
	reposMade   int
	renamed     map[string]int64 // old owner/name, lower case → id of the repository
	runs        map[int64]*run
	runOrder    []*run // oldest first
	jobs        map[int64]*job
	artifacts   map[int64]*artifact
	deployments []*deployment
	groups      map[string]*group
	outcomes    []Outcome              // set while running; later ones go first
	upcoming    []dueCommit            // of the day that has begun, by time
	planned     time.Time              // up to where upcoming has been made
	parsed      map[string]*parsedFile // workflow files by blob id
}

// account is a user with an id.
type account struct {
	User
	id      int64
	created time.Time
}

// group is a concurrency group: one run holds it, at most one waits.
type group struct {
	holder, waiting *run
}

// parsedFile is a workflow file as it was read, or why it could not be.
type parsedFile struct {
	spec *workflow
	err  error
}

// firstID lets ids look like GitHub's, which have outgrown 32 bits.
const firstID = 12_000_000_000

func newState(w *World, base string, epoch time.Time) (*state, error) {
	st := &state{world: w, base: base, epoch: epoch.UTC(), lastID: firstID,
		users: map[string]*account{}, repos: map[string]*repo{}, renamed: map[string]int64{}, runs: map[int64]*run{}, jobs: map[int64]*job{},
		artifacts: map[int64]*artifact{}, groups: map[string]*group{}, parsed: map[string]*parsedFile{}}
	for _, u := range w.Users {
		st.addUser(u)
	}
	st.foundOwners()
	if err := st.found(); err != nil {
		return nil, fmt.Errorf("found the demo repositories: %w", err)
	}
	return st, nil
}

func (st *state) newID() int64 {
	st.lastID += 7 // ids of a busy GitHub are not consecutive
	return st.lastID
}

func (st *state) repo(slug string) *repo { return st.repos[strings.ToLower(slug)] }

func (st *state) repoByID(id int64) *repo {
	for _, r := range st.order {
		if r.id == id {
			return r
		}
	}
	return nil
}

// signature is who a login is to Git at a moment.
func (st *state) signature(login string, at time.Time) signature {
	if u := st.users[strings.ToLower(login)]; u != nil {
		name, email := u.Name, u.Email
		if name == "" {
			name = u.Login
		}
		if email == "" {
			email = u.Login + "@users.noreply.github.com"
		}
		return signature{Name: name, Email: email, Login: u.Login, When: at}
	}
	return signature{Name: login, Email: login + "@users.noreply.github.com", When: at}
}

// workflowsAt are the workflow files of a commit, by path.
func (st *state) workflowsAt(r *repo, c *commit) map[string]*parsedFile {
	out := map[string]*parsedFile{}
	for path, blob := range c.files {
		dir, name := splitPath(path)
		if dir != ".github/workflows" || !strings.HasSuffix(name, ".yml") && !strings.HasSuffix(name, ".yaml") {
			continue
		}
		parsed := st.parsed[blob]
		if parsed == nil {
			parsed = &parsedFile{}
			parsed.spec, parsed.err = parseWorkflow(path, r.blobs[blob])
			st.parsed[blob] = parsed
		}
		out[path] = parsed
	}
	return out
}

// workflowID is the id of a workflow, the same at every start.
func workflowID(r *repo, path string) int64 {
	return 100_000_000 + int64(chance(r.slug(), path)*800_000_000)
}

// contexts are what expressions of an attempt see.
func (st *state) contexts(a *attempt) object {
	r := a.run
	inputs, vars, env := object{}, object{}, object{}
	for k, v := range r.inputs {
		inputs[strings.ToLower(k)] = v
	}
	for k, v := range r.repo.variables {
		vars[strings.ToLower(k)] = v
	}
	gh := object{"actor": r.actor, "triggering_actor": a.actor, "repository": r.repo.slug(), "repository_owner": r.repo.owner,
		"ref": "refs/heads/" + r.branch, "ref_name": r.branch, "ref_type": "branch", "sha": r.sha, "event_name": r.event,
		"run_id": float64(r.id), "run_number": float64(r.number), "run_attempt": float64(a.number), "workflow": r.workflowName,
		"server_url": st.base, "api_url": st.base + "/api/v3", "token": "***", "event": object{"inputs": inputs}}
	if r.branch == "" {
		delete(gh, "ref_name")
	}
	return object{"github": gh, "inputs": inputs, "vars": vars, "env": env, "secrets": object{}, "runner": object{"os": "Linux"},
		"needs": object{}, "matrix": object{}, "strategy": object{}, "playground": object{"url": st.base}}
}

// reviewers are those who have to approve a deployment to an environment.
func (st *state) reviewers(r *repo, environment string) []string {
	for _, e := range r.rules.Environments {
		if glob(e.Name, environment) {
			return e.Reviewers
		}
	}
	return nil
}

// outcomeFor decides about a new attempt, and counts it where the rule holds a number of times only.
func (st *state) outcomeFor(r *run) Outcome {
	matches := func(o Outcome) bool {
		own := strings.EqualFold(o.Repo, r.repo.slug()) && (o.Ref == "" || o.Ref == r.branch)
		subject := strings.EqualFold(o.Repo, r.subjectRepo) && (o.Ref == "" || o.Ref == r.subjectRef)
		return (own || subject) && (o.Workflow == "" || strings.HasSuffix(r.path, "/"+o.Workflow))
	}
	for i := len(st.outcomes) - 1; i >= 0; i-- {
		o := &st.outcomes[i]
		if o.Times < 0 || !matches(*o) {
			continue
		}
		if o.Times == 1 {
			o.Times = -1 // used up
		} else if o.Times > 1 {
			o.Times--
		}
		return *o
	}
	for _, o := range st.world.Outcomes {
		if matches(o) {
			return o
		}
	}
	return Outcome{}
}
