package github

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// operation is something that people or programs did to the simulated GitHub. Applying the same operations at the same
// moments to the same world gives the same state: that is what the journal rests on. Results are left in unexported
// fields.
type operation interface {
	apply(st *state) error
}

// operations by the name that the journal knows them under.
func newOperation(name string) (operation, error) {
	switch name {
	case "dispatch":
		return &opDispatch{}, nil
	case "push":
		return &opPush{}, nil
	case "ref":
		return &opRef{}, nil
	case "pull":
		return &opPull{}, nil
	case "issue":
		return &opIssue{}, nil
	case "ci":
		return &opCI{}, nil
	case "cancel":
		return &opCancel{}, nil
	case "rerun":
		return &opRerun{}, nil
	case "review":
		return &opReview{}, nil
	case "outcome":
		return &opOutcome{}, nil
	case "variable":
		return &opVariable{}, nil
	case "deployment":
		return &opDeployment{}, nil
	case "artifact":
		return &opArtifact{}, nil
	case "repo":
		return &opRepo{}, nil
	case "repo-change":
		return &opRepoChange{}, nil
	case "organisation":
		return &opOrganisation{}, nil
	case "team":
		return &opTeam{}, nil
	case "nothing":
		return &opNothing{}, nil
	default:
		return nil, fmt.Errorf("there is no operation %q", name)
	}
}

// nameOf is the inverse of newOperation.
func nameOf(o operation) string {
	switch o.(type) {
	case *opDispatch:
		return "dispatch"
	case *opPush:
		return "push"
	case *opRef:
		return "ref"
	case *opPull:
		return "pull"
	case *opIssue:
		return "issue"
	case *opCI:
		return "ci"
	case *opCancel:
		return "cancel"
	case *opRerun:
		return "rerun"
	case *opReview:
		return "review"
	case *opOutcome:
		return "outcome"
	case *opVariable:
		return "variable"
	case *opDeployment:
		return "deployment"
	case *opArtifact:
		return "artifact"
	case *opRepo:
		return "repo"
	case *opRepoChange:
		return "repo-change"
	case *opOrganisation:
		return "organisation"
	case *opTeam:
		return "team"
	default:
		return "nothing"
	}
}

var (
	errNoRepo = errors.New("no such repository")
	errNoRun  = errors.New("no such run")
)

// opNothing marks how far time has come.
type opNothing struct{}

func (*opNothing) apply(*state) error { return nil }

// opDispatch starts a workflow.
type opDispatch struct {
	Repo, Path, Branch, Actor string
	Inputs                    map[string]string
	made                      *run
}

func (o *opDispatch) apply(st *state) error {
	r := st.repo(o.Repo)
	if r == nil {
		return errNoRepo
	}
	c := r.resolve(o.Branch)
	if c == nil {
		return fmt.Errorf("no ref found for: %s", o.Branch)
	}
	file := st.workflowsAt(r, c)[o.Path]
	if file == nil || file.spec == nil {
		return fmt.Errorf("no valid workflow %s", o.Path)
	}
	o.made = st.dispatch(r, o.Path, file.spec, o.Branch, c, o.Actor, o.Inputs)
	return nil
}

// opPush makes a commit on a branch, which it makes from From if need be, and starts its CI. Files with null content are
// deleted; without any a generated line is written.
type opPush struct {
	Repo, Branch, From, Author, Message string
	Files                               map[string]*string
	Links                               map[string]string // symbolic links: path → target
	made                                *commit
	runs                                []*run
}

func (o *opPush) apply(st *state) error {
	r := st.repo(o.Repo)
	if r == nil {
		return errNoRepo
	}
	ch := change{branch: o.Branch, from: o.From, author: st.signature(o.Author, st.now), message: o.Message, files: map[string][]byte{},
		links: o.Links}
	for path, content := range o.Files {
		ch.files[path] = nil
		if content != nil {
			ch.files[path] = []byte(*content)
		}
	}
	if len(o.Files) == 0 && len(o.Links) == 0 {
		r.pushCount++
		ch.files["CHANGES.md"] = fmt.Appendf(nil, "%d %s\n", r.pushCount, o.Message)
	}
	var err error
	if o.made, err = r.commitChange(ch); err != nil {
		return err
	}
	o.runs = st.pushed(r, o.Branch, o.made, o.Author)
	return nil
}

// opRef makes, moves or (with an empty SHA) deletes a branch or tag, given as refs/heads/… or refs/tags/….
type opRef struct {
	Repo, Ref, SHA string
}

func (o *opRef) apply(st *state) error {
	r := st.repo(o.Repo)
	if r == nil {
		return errNoRepo
	}
	set := r.branches
	name, ok := strings.CutPrefix(o.Ref, "refs/heads/")
	if !ok {
		set = r.tags
		if name, ok = strings.CutPrefix(o.Ref, "refs/tags/"); !ok {
			return fmt.Errorf("%q is neither a branch nor a tag", o.Ref)
		}
	}
	if o.SHA == "" {
		if set[name] == "" {
			return errors.New("reference does not exist")
		}
		delete(set, name)
		return nil
	}
	if r.commits[o.SHA] == nil {
		return errors.New("object does not exist")
	}
	set[name] = o.SHA
	return nil
}

// opCI starts a CI run of a workflow on a branch as if by push, without a new commit.
type opCI struct {
	Repo, Path, Branch, Actor, Event string
	made                             *run
}

func (o *opCI) apply(st *state) error {
	r := st.repo(o.Repo)
	if r == nil {
		return errNoRepo
	}
	c := r.head(o.Branch)
	if c == nil {
		return fmt.Errorf("no branch %q", o.Branch)
	}
	file := st.workflowsAt(r, c)[o.Path]
	if file == nil {
		return fmt.Errorf("no workflow %s on %s", o.Path, o.Branch)
	}
	title, _, _ := strings.Cut(c.message, "\n")
	o.made = &run{repo: r, path: o.Path, spec: file.spec, event: o.Event, branch: o.Branch, sha: c.sha, actor: o.Actor, title: title,
		created: st.now}
	st.start(o.made)
	return nil
}

// opCancel stops a run.
type opCancel struct {
	Run   int64
	Force bool
}

func (o *opCancel) apply(st *state) error {
	r := st.runs[o.Run]
	if r == nil {
		return errNoRun
	}
	r.attempts = r.visible(st.now)
	st.stop(r.latest(st.now), st.now, o.Force)
	return nil
}

// opRerun starts a run again: all of it, or the jobs that did not succeed.
type opRerun struct {
	Run   int64
	All   bool
	Actor string
}

func (o *opRerun) apply(st *state) error {
	r := st.runs[o.Run]
	if r == nil {
		return errNoRun
	}
	if r.spec == nil {
		return errors.New("the workflow file is not valid")
	}
	r.attempts = r.visible(st.now)
	st.again(r, o.Actor, o.All)
	return nil
}

// opReview approves or rejects what waits for the reviewers of the named environments (all when none is named).
type opReview struct {
	Run          int64
	Environments []string
	Approve      bool
	reviewed     []*deployment
}

func (o *opReview) apply(st *state) error {
	r := st.runs[o.Run]
	if r == nil {
		return errNoRun
	}
	for _, j := range r.latest(st.now).jobs {
		if !j.blocked || len(o.Environments) > 0 && !slices.Contains(o.Environments, j.deployment.environment) {
			continue
		}
		o.reviewed = append(o.reviewed, j.deployment)
		if o.Approve {
			st.release(j, st.now)
		} else {
			st.reject(j, st.now)
		}
	}
	if len(o.reviewed) == 0 {
		return errors.New("nothing of this run waits for a reviewer")
	}
	return nil
}

// opOutcome decides how coming runs end.
type opOutcome struct {
	Outcome
	TakesMS int64
}

func (o *opOutcome) apply(st *state) error {
	o.Outcome.Takes = time.Duration(o.TakesMS) * time.Millisecond
	st.outcomes = append(st.outcomes, o.Outcome)
	return nil
}

// opVariable sets an Actions variable of a repository.
type opVariable struct{ Repo, Name, Value string }

func (o *opVariable) apply(st *state) error {
	r := st.repo(o.Repo)
	if r == nil {
		return errNoRepo
	}
	r.variables[strings.ToUpper(o.Name)] = o.Value
	return nil
}

// opDeployment makes a deployment by the API, or with Deployment set adds a status to one.
type opDeployment struct {
	Repo, Ref, SHA, Environment, Task, Description, Creator string
	Deployment                                              int64
	State, EnvironmentURL, LogURL                           string
	made                                                    *deployment
	status                                                  deploymentStatus
}

func (o *opDeployment) apply(st *state) error {
	if o.Deployment == 0 {
		r := st.repo(o.Repo)
		if r == nil {
			return errNoRepo
		}
		o.made = &deployment{id: st.newID(), repo: r, environment: o.Environment, ref: o.Ref, sha: o.SHA, creator: o.Creator, task: o.Task,
			description: o.Description, created: st.now}
		st.deployments = append(st.deployments, o.made)
		return nil
	}
	for _, d := range st.deployments {
		if d.id == o.Deployment {
			o.made = d
			o.status = deploymentStatus{id: st.newID(), state: o.State, at: st.now, environmentURL: o.EnvironmentURL, logURL: o.LogURL,
				description: o.Description, creator: o.Creator}
			d.added = append(d.added, o.status)
			return nil
		}
	}
	return fmt.Errorf("no deployment %d", o.Deployment)
}
