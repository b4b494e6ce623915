package github

import (
	"net/http"
	"strings"
)

// routes is the API's table. {owner}/{repo} is checked before a handler is asked.
func (s *Server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	add := func(pattern, permission string, h handler) {
		mux.Handle(pattern, &endpoint{permission: permission, handle: h})
	}
	app := func(pattern string, h handler) { mux.Handle(pattern, &endpoint{app: true, handle: h}) }
	const repo = "/repos/{owner}/{repo}"

	add("GET /rate_limit", "", rateLimit)
	add("GET /meta", "", getMeta)
	add("GET /user", "", getSelf)
	add("GET /users/{login}", "", getUser)
	add("GET /orgs/{org}", "", getOrg)
	add("GET /orgs/{org}/repos", "", listOrgRepos)
	add("GET /users/{login}/repos", "", listUserRepos)
	add("GET /user/repos", "", listOwnRepos)
	add("GET /orgs/{org}/members", "members:read", listMembers)
	add("GET /orgs/{org}/members/{login}", "members:read", getMember)
	add("GET /orgs/{org}/teams", "members:read", listTeams)
	add("GET /orgs/{org}/teams/{team}", "members:read", getTeam)
	add("GET /orgs/{org}/teams/{team}/members", "members:read", listTeamMembers)
	add("GET /orgs/{org}/teams/{team}/teams", "members:read", listChildTeams)
	add("GET /orgs/{org}/teams/{team}/memberships/{login}", "members:read", getTeamMembership)
	add("GET /orgs/{org}/teams/{team}/repos", "members:read", listTeamRepos)

	app("GET /app", getApp)
	app("GET /app/installations", listInstallations)
	app("GET /app/installations/{id}", getInstallation)
	app("POST /app/installations/{id}/access_tokens", createAccessToken)
	app("GET "+repo+"/installation", findInstallation)
	app("GET /orgs/{org}/installation", findInstallation)
	app("GET /users/{org}/installation", findInstallation)
	add("GET /installation/repositories", "", listInstallationRepos)

	add("GET "+repo, "", getRepo)
	add("GET /repositories/{id}", "", getRepoByID)
	add("GET "+repo+"/topics", "", getTopics)
	add("GET "+repo+"/languages", "", getLanguages)
	add("GET "+repo+"/teams", "administration:read", listRepoTeams)
	add("GET "+repo+"/collaborators/{login}/permission", "", getCollaboratorPermission)
	add("GET "+repo+"/branches", "contents:read", listBranches)
	add("GET "+repo+"/branches/{branch...}", "contents:read", getBranch)
	add("GET "+repo+"/tags", "contents:read", listTags)
	add("GET "+repo+"/commits", "contents:read", listCommits)
	add("GET "+repo+"/commits/{ref...}", "", aboutCommit)
	add("GET "+repo+"/check-runs/{id}", "checks:read", getCheckRun)
	add("GET "+repo+"/check-runs/{id}/annotations", "checks:read", listAnnotations)
	add("GET "+repo+"/compare/{basehead...}", "contents:read", compareCommits)
	add("GET "+repo+"/contents", "contents:read", getContents)
	add("GET "+repo+"/contents/{path...}", "contents:read", getContents)
	add("PUT "+repo+"/contents/{path...}", "contents:write", putContents)
	add("GET "+repo+"/readme", "contents:read", getReadme)
	add("GET "+repo+"/git/ref/{ref...}", "contents:read", getRef)
	add("GET "+repo+"/git/refs", "contents:read", matchingRefs)
	add("GET "+repo+"/git/matching-refs/{ref...}", "contents:read", matchingRefs)
	add("POST "+repo+"/git/refs", "contents:write", createRef)
	add("PATCH "+repo+"/git/refs/{ref...}", "contents:write", updateRef)
	add("DELETE "+repo+"/git/refs/{ref...}", "contents:write", deleteRef)
	add("GET "+repo+"/git/commits/{sha}", "contents:read", getGitCommit)
	add("GET "+repo+"/git/trees/{sha...}", "contents:read", getTree)
	add("GET "+repo+"/git/blobs/{sha}", "contents:read", getBlob)
	add("GET "+repo+"/pulls", "pull_requests:read", listPulls)
	add("POST "+repo+"/pulls", "pull_requests:write", createPull)
	add("GET "+repo+"/pulls/{number}", "pull_requests:read", getPull)
	add("PATCH "+repo+"/pulls/{number}", "pull_requests:write", editPull)
	add("GET "+repo+"/pulls/{number}/commits", "pull_requests:read", listPullCommits)
	add("GET "+repo+"/pulls/{number}/files", "pull_requests:read", listPullFiles)
	add("PUT "+repo+"/pulls/{number}/merge", "contents:write", mergePull)
	add("GET "+repo+"/issues", "issues:read", listIssues)
	add("POST "+repo+"/issues", "issues:write", createIssue)
	add("GET "+repo+"/issues/{number}", "issues:read", getIssue)
	add("PATCH "+repo+"/issues/{number}", "issues:write", editIssue)
	add("GET "+repo+"/issues/{number}/comments", "issues:read", listComments)
	add("POST "+repo+"/issues/{number}/comments", "issues:write", createComment)

	const actions = repo + "/actions"
	add("GET "+actions+"/workflows", "actions:read", listWorkflows)
	add("GET "+actions+"/workflows/{workflow}", "actions:read", getWorkflow)
	add("POST "+actions+"/workflows/{workflow}/dispatches", "actions:write", createDispatch)
	add("GET "+actions+"/workflows/{workflow}/runs", "actions:read", listRuns)
	add("GET "+actions+"/runs", "actions:read", listRuns)
	add("GET "+actions+"/runs/{run}", "actions:read", getRun)
	add("GET "+actions+"/runs/{run}/attempts/{attempt}", "actions:read", getRun)
	add("GET "+actions+"/runs/{run}/jobs", "actions:read", listJobs)
	add("GET "+actions+"/runs/{run}/attempts/{attempt}/jobs", "actions:read", listJobs)
	add("GET "+actions+"/runs/{run}/logs", "actions:read", getRunLogs)
	add("GET "+actions+"/runs/{run}/attempts/{attempt}/logs", "actions:read", getRunLogs)
	add("GET "+actions+"/runs/{run}/artifacts", "actions:read", listArtifacts)
	add("POST "+actions+"/runs/{run}/cancel", "actions:write", cancelRun)
	add("POST "+actions+"/runs/{run}/force-cancel", "actions:write", cancelRun)
	add("POST "+actions+"/runs/{run}/rerun", "actions:write", rerunRun)
	add("POST "+actions+"/runs/{run}/rerun-failed-jobs", "actions:write", rerunRun)
	add("GET "+actions+"/runs/{run}/pending_deployments", "actions:read", listPendingDeployments)
	add("POST "+actions+"/runs/{run}/pending_deployments", "deployments:write", reviewDeployments)
	add("GET "+actions+"/jobs/{job}", "actions:read", getJob)
	add("GET "+actions+"/jobs/{job}/logs", "actions:read", getJobLogs)
	add("GET "+actions+"/artifacts", "actions:read", listArtifacts)
	add("GET "+actions+"/artifacts/{artifact}", "actions:read", getArtifact)
	add("DELETE "+actions+"/artifacts/{artifact}", "actions:write", deleteArtifact)
	add("GET "+actions+"/artifacts/{artifact}/{format}", "actions:read", downloadArtifact)
	add("GET "+actions+"/variables", "actions_variables:read", listVariables)
	add("GET "+actions+"/variables/{name}", "actions_variables:read", getVariable)
	add("PATCH "+actions+"/variables/{name}", "actions_variables:write", setVariable)
	add("POST "+actions+"/variables", "actions_variables:write", setVariable)

	add("GET "+repo+"/deployments", "deployments:read", listDeployments)
	add("POST "+repo+"/deployments", "deployments:write", createDeployment)
	add("GET "+repo+"/deployments/{id}", "deployments:read", getDeployment)
	add("GET "+repo+"/deployments/{id}/statuses", "deployments:read", listDeploymentStatuses)
	add("POST "+repo+"/deployments/{id}/statuses", "deployments:write", createDeploymentStatus)
	add("GET "+repo+"/environments", "actions:read", listEnvironments)
	add("GET "+repo+"/environments/{environment}", "actions:read", getEnvironment)
	return mux
}

// aboutCommit answers commits/REF and what hangs on it. A ref may hold slashes, so the mux cannot tell them apart.
func aboutCommit(c *call) (any, error) {
	ref := c.r.PathValue("ref")
	for _, part := range []struct {
		suffix, permission string
		handle             handler
	}{
		{"/pulls", "pull_requests:read", listPullsOfCommit},
		{"/check-runs", "checks:read", listCheckRuns},
		{"/check-suites", "checks:read", listCheckSuites},
		{"/status", "statuses:read", combinedStatus},
		{"/statuses", "statuses:read", listStatuses},
		{"", "contents:read", getCommit},
	} {
		if name, ok := strings.CutSuffix(ref, part.suffix); ok && name != "" {
			c.r.SetPathValue("ref", name)
			if err := c.require(part.permission); err != nil {
				return nil, err
			}
			return part.handle(c)
		}
	}
	return nil, errNotFound
}
