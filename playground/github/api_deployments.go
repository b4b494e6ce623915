package github

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

type deploymentJSON struct {
	ID                    int64          `json:"id"`
	NodeID                string         `json:"node_id"`
	URL                   string         `json:"url"`
	SHA                   string         `json:"sha"`
	Ref                   string         `json:"ref"`
	Task                  string         `json:"task"`
	Payload               map[string]any `json:"payload"`
	OriginalEnvironment   string         `json:"original_environment"`
	Environment           string         `json:"environment"`
	Description           *string        `json:"description"`
	Creator               *userJSON      `json:"creator"`
	CreatedAt             *string        `json:"created_at"`
	UpdatedAt             *string        `json:"updated_at"`
	StatusesURL           string         `json:"statuses_url"`
	RepositoryURL         string         `json:"repository_url"`
	TransientEnvironment  bool           `json:"transient_environment"`
	ProductionEnvironment bool           `json:"production_environment"`
}

func (c *call) deploymentOf(d *deployment) *deploymentJSON {
	u := fmt.Sprintf("%s/deployments/%d", c.st.repoURL(d.repo), d.id)
	updated := d.began()
	if s := c.st.statuses(d, c.now); len(s) > 0 {
		updated = s[0].at
	}
	return &deploymentJSON{ID: d.id, NodeID: fmt.Sprintf("DE_%d", d.id), URL: u, SHA: d.sha, Ref: d.ref, Task: d.task, Payload: map[string]any{},
		OriginalEnvironment: d.environment, Environment: d.environment, Description: optional(d.description), Creator: c.st.userOf(d.creator),
		CreatedAt: stamp(d.began()), UpdatedAt: stamp(updated), StatusesURL: u + "/statuses", RepositoryURL: c.st.repoURL(d.repo)}
}

func listDeployments(c *call) (any, error) {
	q := c.r.URL.Query()
	keep := func(name, value string) bool {
		return q.Get(name) == "" || q.Get(name) == "none" || q.Get(name) == value
	}
	var kept []*deployment
	for _, d := range c.st.deploymentsOf(c.repo, c.now) {
		if keep("environment", d.environment) && keep("sha", d.sha) && keep("ref", d.ref) && keep("task", d.task) {
			kept = append(kept, d)
		}
	}
	out := []*deploymentJSON{}
	for _, d := range page(c, kept) {
		out = append(out, c.deploymentOf(d))
	}
	return out, nil
}

func (c *call) theDeployment() (*deployment, error) {
	for _, d := range c.st.deploymentsOf(c.repo, c.now) {
		if strconv.FormatInt(d.id, 10) == c.r.PathValue("id") {
			return d, nil
		}
	}
	return nil, errNotFound
}

func getDeployment(c *call) (any, error) {
	d, err := c.theDeployment()
	if err != nil {
		return nil, err
	}
	return c.deploymentOf(d), nil
}

type deploymentStatusJSON struct {
	ID             int64     `json:"id"`
	NodeID         string    `json:"node_id"`
	URL            string    `json:"url"`
	State          string    `json:"state"`
	Creator        *userJSON `json:"creator"`
	Description    string    `json:"description"`
	Environment    string    `json:"environment"`
	TargetURL      string    `json:"target_url"`
	LogURL         string    `json:"log_url"`
	EnvironmentURL string    `json:"environment_url"`
	CreatedAt      *string   `json:"created_at"`
	UpdatedAt      *string   `json:"updated_at"`
	DeploymentURL  string    `json:"deployment_url"`
	RepositoryURL  string    `json:"repository_url"`
}

func (c *call) statusOf(d *deployment, s deploymentStatus) *deploymentStatusJSON {
	u := fmt.Sprintf("%s/deployments/%d", c.st.repoURL(d.repo), d.id)
	return &deploymentStatusJSON{ID: s.id, NodeID: fmt.Sprintf("DES_%d", s.id), URL: fmt.Sprintf("%s/statuses/%d", u, s.id), State: s.state,
		Creator: c.st.userOf(s.creator), Description: s.description, Environment: d.environment, TargetURL: s.logURL, LogURL: s.logURL,
		EnvironmentURL: s.environmentURL, CreatedAt: stamp(s.at), UpdatedAt: stamp(s.at), DeploymentURL: u, RepositoryURL: c.st.repoURL(d.repo)}
}

func listDeploymentStatuses(c *call) (any, error) {
	d, err := c.theDeployment()
	if err != nil {
		return nil, err
	}
	out := []*deploymentStatusJSON{}
	for _, s := range page(c, c.st.statuses(d, c.now)) {
		out = append(out, c.statusOf(d, s))
	}
	return out, nil
}

func createDeployment(c *call) (any, error) {
	var ask struct {
		Ref         string `json:"ref"`
		Task        string `json:"task"`
		Environment string `json:"environment"`
		Description string `json:"description"`
	}
	if err := c.decode(&ask); err != nil {
		return nil, err
	}
	m := c.repo.resolve(ask.Ref)
	if m == nil {
		return nil, refused(http.StatusUnprocessableEntity, "No ref found for: %s", ask.Ref)
	}
	if ask.Environment == "" {
		ask.Environment = "production"
	}
	if ask.Task == "" {
		ask.Task = "deploy"
	}
	o := &opDeployment{Repo: c.repo.slug(), Ref: ask.Ref, SHA: m.sha, Environment: ask.Environment, Task: ask.Task, Description: ask.Description,
		Creator: c.who.login}
	if err := c.s.do(o); err != nil {
		return nil, err
	}
	return with{http.StatusCreated, c.deploymentOf(o.made)}, nil
}

var deploymentStates = []string{"error", "failure", "inactive", "in_progress", "queued", "pending", "success"}

func createDeploymentStatus(c *call) (any, error) {
	d, err := c.theDeployment()
	if err != nil {
		return nil, err
	}
	var ask struct {
		State          string `json:"state"`
		EnvironmentURL string `json:"environment_url"`
		LogURL         string `json:"log_url"`
		TargetURL      string `json:"target_url"`
		Description    string `json:"description"`
	}
	if err := c.decode(&ask); err != nil {
		return nil, err
	}
	if !slices.Contains(deploymentStates, ask.State) {
		return nil, &apiError{status: http.StatusUnprocessableEntity, Message: "Validation Failed",
			Errors: []fieldError{{Resource: "DeploymentStatus", Field: "state", Code: "custom", Message: "state is not included in the list"}}}
	}
	if ask.LogURL == "" {
		ask.LogURL = ask.TargetURL
	}
	o := &opDeployment{Deployment: d.id, State: ask.State, EnvironmentURL: ask.EnvironmentURL, LogURL: ask.LogURL, Description: ask.Description,
		Creator: c.who.login}
	if err := c.s.do(o); err != nil {
		return nil, err
	}
	return with{http.StatusCreated, c.statusOf(d, o.status)}, nil
}

type environmentJSON struct {
	ID              int64            `json:"id"`
	NodeID          string           `json:"node_id"`
	Name            string           `json:"name"`
	URL             string           `json:"url"`
	HTMLURL         string           `json:"html_url"`
	CreatedAt       *string          `json:"created_at"`
	UpdatedAt       *string          `json:"updated_at"`
	ProtectionRules []map[string]any `json:"protection_rules"`
}

// environmentsOf are the names of the repository's environments: those that were deployed to, as GitHub makes them.
func (c *call) environmentsOf() map[string]*environmentJSON {
	out := map[string]*environmentJSON{}
	for _, d := range c.st.deploymentsOf(c.repo, c.now) {
		id := 5_000_000 + int64(chance(c.repo.slug(), d.environment)*4_000_000)
		e := &environmentJSON{ID: id, NodeID: fmt.Sprintf("EN_%d", id), Name: d.environment, ProtectionRules: []map[string]any{},
			URL:       c.st.repoURL(c.repo) + "/environments/" + d.environment,
			HTMLURL:   c.st.pageURL(c.repo) + "/deployments/activity_log?environments_filter=" + d.environment,
			CreatedAt: stamp(d.began()), UpdatedAt: stamp(d.began())}
		if reviewers := c.st.reviewers(c.repo, d.environment); len(reviewers) > 0 {
			e.ProtectionRules = append(e.ProtectionRules, map[string]any{"id": id + 1, "type": "required_reviewers", "prevent_self_review": false,
				"reviewers": c.reviewersOf(reviewers)})
		}
		out[d.environment] = e
	}
	return out
}

func (c *call) reviewersOf(names []string) []map[string]any {
	out := []map[string]any{}
	for _, name := range names {
		if t := c.repo.home.team(name); t != nil {
			out = append(out, map[string]any{"type": "Team", "reviewer": c.teamOf(c.repo.home, t)})
		} else {
			out = append(out, map[string]any{"type": "User", "reviewer": c.st.userOf(name)})
		}
	}
	return out
}

func listEnvironments(c *call) (any, error) {
	all := c.environmentsOf()
	out := []*environmentJSON{}
	for _, name := range sortedKeys(all) {
		out = append(out, all[name])
	}
	return map[string]any{"total_count": len(out), "environments": page(c, out)}, nil
}

func getEnvironment(c *call) (any, error) {
	if e := c.environmentsOf()[c.r.PathValue("environment")]; e != nil {
		return e, nil
	}
	return nil, errNotFound
}

func listPendingDeployments(c *call) (any, error) {
	r, err := c.theRun()
	if err != nil {
		return nil, err
	}
	out := []map[string]any{}
	for _, j := range r.latest(c.now).jobs {
		if status, _ := j.state(c.now); status != "waiting" {
			continue
		}
		env := c.environmentsOf()[j.deployment.environment]
		reviewers := c.st.reviewers(c.repo, j.deployment.environment)
		if len(reviewers) == 0 { // by an outcome, not by the environment's own rules
			reviewers = []string{c.repo.rules.Team}
		}
		out = append(out, map[string]any{"environment": map[string]any{"id": env.ID, "node_id": env.NodeID, "name": env.Name, "url": env.URL,
			"html_url": env.HTMLURL}, "wait_timer": 0, "wait_timer_started_at": nil, "current_user_can_approve": c.canReview(reviewers),
			"reviewers": c.reviewersOf(reviewers)})
	}
	return out, nil
}

func (c *call) canReview(reviewers []string) bool {
	return slices.ContainsFunc(reviewers, func(name string) bool {
		if t := c.repo.home.team(name); t != nil {
			return slices.Contains(c.repo.home.membersOf(t), c.who.login)
		}
		return strings.EqualFold(name, c.who.login)
	})
}

func reviewDeployments(c *call) (any, error) {
	r, err := c.theRun()
	if err != nil {
		return nil, err
	}
	var ask struct {
		EnvironmentIDs []int64 `json:"environment_ids"`
		State          string  `json:"state"`
		Comment        string  `json:"comment"`
	}
	if err := c.decode(&ask); err != nil {
		return nil, err
	}
	if ask.State != "approved" && ask.State != "rejected" || len(ask.EnvironmentIDs) == 0 {
		return nil, refused(http.StatusUnprocessableEntity, "Invalid request.\n\n\"state\" has to be approved or rejected, and \"environment_ids\" given.")
	}
	var names []string
	for _, e := range c.environmentsOf() {
		if slices.Contains(ask.EnvironmentIDs, e.ID) {
			names = append(names, e.Name)
		}
	}
	for _, name := range names {
		reviewers := c.st.reviewers(c.repo, name)
		if len(reviewers) == 0 {
			reviewers = []string{c.repo.rules.Team}
		}
		if !c.canReview(reviewers) {
			return nil, refused(http.StatusUnprocessableEntity, "User is not a required reviewer of the environment")
		}
	}
	if len(names) == 0 {
		return nil, refused(http.StatusUnprocessableEntity, "No pending deployment requests to approve or reject")
	}
	slices.Sort(names)
	o := &opReview{Run: r.id, Environments: names, Approve: ask.State == "approved"}
	if err := c.s.do(o); err != nil {
		return nil, err
	}
	c.s.notify(Event{Repo: c.repo.slug(), Run: r.id})
	out := []*deploymentJSON{}
	for _, d := range o.reviewed {
		out = append(out, c.deploymentOf(d))
	}
	return out, nil
}
