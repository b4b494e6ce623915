package github

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// GitHub's limits on the inputs of a dispatch.
const (
	maxInputs     = 25
	maxInputChars = 65_535
)

type workflowJSON struct {
	ID        int64   `json:"id"`
	NodeID    string  `json:"node_id"`
	Name      string  `json:"name"`
	Path      string  `json:"path"`
	State     string  `json:"state"`
	CreatedAt *string `json:"created_at"`
	UpdatedAt *string `json:"updated_at"`
	URL       string  `json:"url"`
	HTMLURL   string  `json:"html_url"`
	BadgeURL  string  `json:"badge_url"`
}

func (c *call) workflowOf(path string, f *parsedFile) *workflowJSON {
	id := workflowID(c.repo, path)
	name := path
	if f.spec != nil {
		name = f.spec.Name
	}
	_, file := splitPath(path)
	page := c.st.pageURL(c.repo)
	return &workflowJSON{ID: id, NodeID: fmt.Sprintf("W_%d", id), Name: name, Path: path, State: "active", CreatedAt: stamp(c.repo.created),
		UpdatedAt: stamp(c.repo.created), URL: fmt.Sprintf("%s/actions/workflows/%d", c.st.repoURL(c.repo), id),
		HTMLURL: page + "/blob/" + c.repo.defaultBranch() + "/" + path, BadgeURL: page + "/workflows/" + file + "/badge.svg"}
}

func listWorkflows(c *call) (any, error) {
	files := c.st.workflowsAt(c.repo, c.repo.head(c.repo.defaultBranch()))
	out := []*workflowJSON{}
	for _, path := range sortedKeys(files) {
		out = append(out, c.workflowOf(path, files[path]))
	}
	return map[string]any{"total_count": len(out), "workflows": page(c, out)}, nil
}

// workflowPath finds the workflow that the path names by id or file name. GitHub knows those of the default branch, and
// those that have run.
func (c *call) workflowPath() (string, error) {
	name := c.r.PathValue("workflow")
	fits := func(path string) bool {
		_, file := splitPath(path)
		return file == name || path == name || strconv.FormatInt(workflowID(c.repo, path), 10) == name
	}
	for _, path := range sortedKeys(c.st.workflowsAt(c.repo, c.repo.head(c.repo.defaultBranch()))) {
		if fits(path) {
			return path, nil
		}
	}
	for _, path := range sortedKeys(c.repo.runNumbers) {
		if fits(path) {
			return path, nil
		}
	}
	return "", errNotFound
}

func getWorkflow(c *call) (any, error) {
	path, err := c.workflowPath()
	if err != nil {
		return nil, err
	}
	file := c.st.workflowsAt(c.repo, c.repo.head(c.repo.defaultBranch()))[path]
	if file == nil {
		file = &parsedFile{}
	}
	return c.workflowOf(path, file), nil
}

// dispatchAsk is the body of a dispatch.
type dispatchAsk struct {
	Ref              *string                    `json:"ref"`
	Inputs           map[string]json.RawMessage `json:"inputs"`
	ReturnRunDetails bool                       `json:"return_run_details"`
}

// readDispatch reads the body and refuses keys that GitHub does not permit.
func (c *call) readDispatch() (*dispatchAsk, error) {
	var keys map[string]json.RawMessage
	var ask dispatchAsk
	if err := c.decode(&keys); err != nil {
		return nil, err
	}
	var unknown []string
	for _, k := range sortedKeys(keys) {
		known := k == "ref" || k == "inputs" || k == "return_run_details" && c.s.options.ReturnRunDetails
		if !known {
			unknown = append(unknown, strconv.Quote(k))
		}
	}
	var wrong []string
	switch {
	case len(unknown) == 1:
		wrong = append(wrong, unknown[0]+" is not a permitted key.")
	case len(unknown) > 1:
		wrong = append(wrong, strings.Join(unknown, ", ")+" are not permitted keys.")
	}
	if keys["ref"] == nil {
		wrong = append(wrong, `"ref" wasn't supplied.`)
	}
	if len(wrong) > 0 {
		return nil, refused(http.StatusUnprocessableEntity, "Invalid request.\n\n%s", strings.Join(wrong, "\n"))
	}
	return &ask, c.decode(&ask)
}

func createDispatch(c *call) (any, error) {
	path, err := c.workflowPath()
	if err != nil {
		return nil, err
	}
	ask, err := c.readDispatch()
	if err != nil {
		return nil, err
	}
	// Only a branch or a tag will do: a commit id is no ref.
	branch := strings.TrimPrefix(strings.TrimPrefix(*ask.Ref, "refs/heads/"), "refs/tags/")
	if c.repo.branches[branch] == "" && c.repo.tags[branch] == "" {
		return nil, refused(http.StatusUnprocessableEntity, "No ref found for: %s", *ask.Ref)
	}
	file := c.st.workflowsAt(c.repo, c.repo.resolve(branch))[path]
	if file == nil {
		return nil, errNotFound
	}
	if file.err != nil {
		return nil, refused(http.StatusUnprocessableEntity, "failed to parse workflow: %v", file.err)
	}
	if file.spec.On.Dispatch == nil {
		return nil, refused(http.StatusUnprocessableEntity, "Workflow does not have 'workflow_dispatch' trigger")
	}
	inputs, err := checkInputs(file.spec.On.Dispatch, ask.Inputs)
	if err != nil {
		return nil, err
	}
	o := &opDispatch{Repo: c.repo.slug(), Path: path, Branch: branch, Actor: c.who.login, Inputs: inputs}
	if err := c.s.do(o); err != nil {
		return nil, err
	}
	c.s.notify(Event{Repo: c.repo.slug(), Run: o.made.id})
	if !ask.ReturnRunDetails {
		return with{http.StatusNoContent, nil}, nil
	}
	return map[string]any{"workflow_run_id": o.made.id, "run_url": c.st.runURL(o.made), "html_url": c.st.runPage(o.made)}, nil
}

// checkInputs refuses what GitHub refuses of inputs, and fills in the defaults.
func checkInputs(spec *dispatchSpec, given map[string]json.RawMessage) (map[string]string, error) {
	unprocessable := func(format string, args ...any) (map[string]string, error) {
		return nil, refused(http.StatusUnprocessableEntity, format, args...)
	}
	if len(given) > maxInputs {
		return unprocessable("Invalid request.\n\nNo more than %d properties are allowed; %d were supplied.", maxInputs, len(given))
	}
	var unknown []string
	values := map[string]string{}
	chars := 0
	for _, name := range sortedKeys(given) {
		value, err := inputText(given[name])
		if err != nil {
			return unprocessable("Invalid request.\n\nFor 'properties/%s', %s is not a string.", name, given[name])
		}
		chars += utf8.RuneCountInString(name) + utf8.RuneCountInString(value)
		if _, ok := spec.inputs[name]; !ok {
			unknown = append(unknown, strconv.Quote(name))
		}
		values[name] = value
	}
	if len(unknown) > 0 {
		return unprocessable("Unexpected inputs provided: [%s]", strings.Join(unknown, ", "))
	}
	if chars > maxInputChars {
		return unprocessable("inputs are too large.")
	}
	for _, name := range spec.names {
		in := spec.inputs[name]
		value, ok := values[name]
		if !ok {
			value = in.Default
		}
		if in.Required && value == "" {
			return unprocessable("Required input '%s' not provided", name)
		}
		allowed := in.Options
		if in.Type == "boolean" {
			allowed = []string{"true", "false"}
		}
		checked := in.Type == "choice" || in.Type == "boolean" && value != ""
		if checked && !slices.Contains(allowed, value) {
			return unprocessable("Provided value '%s' for input '%s' not in the list of allowed values", value, name)
		}
		if in.Type == "number" && value != "" {
			if _, err := strconv.ParseFloat(value, 64); err != nil {
				return unprocessable("Provided value '%s' for input '%s' is not a number", value, name)
			}
		}
		values[name] = value
	}
	return values, nil
}

// inputText takes a string, a number or a boolean, as GitHub does.
func inputText(rawValue json.RawMessage) (string, error) {
	var v any
	if err := json.Unmarshal(rawValue, &v); err != nil {
		return "", err
	}
	switch v := v.(type) {
	case string:
		return v, nil
	case bool, float64:
		return strings.TrimSpace(string(rawValue)), nil
	case nil:
		return "", nil
	default:
		return "", fmt.Errorf("%T is no input", v)
	}
}

type variableJSON struct {
	Name      string  `json:"name"`
	Value     string  `json:"value"`
	CreatedAt *string `json:"created_at"`
	UpdatedAt *string `json:"updated_at"`
}

func (c *call) variableOf(name string) variableJSON {
	return variableJSON{Name: name, Value: c.repo.variables[name], CreatedAt: stamp(c.repo.created), UpdatedAt: stamp(c.repo.created)}
}

func listVariables(c *call) (any, error) {
	out := []variableJSON{}
	for _, name := range sortedKeys(c.repo.variables) {
		out = append(out, c.variableOf(name))
	}
	return map[string]any{"total_count": len(out), "variables": page(c, out)}, nil
}

func getVariable(c *call) (any, error) {
	name := strings.ToUpper(c.r.PathValue("name"))
	if _, ok := c.repo.variables[name]; !ok {
		return nil, errNotFound
	}
	return c.variableOf(name), nil
}

// setVariable answers POST (make one, 201) and PATCH (change one, 204).
func setVariable(c *call) (any, error) {
	var ask struct{ Name, Value string }
	if err := c.decode(&ask); err != nil {
		return nil, err
	}
	status := http.StatusCreated
	if name := c.r.PathValue("name"); name != "" {
		status, ask.Name = http.StatusNoContent, name
	}
	_, known := c.repo.variables[strings.ToUpper(ask.Name)]
	switch {
	case status == http.StatusNoContent && !known:
		return nil, errNotFound
	case status == http.StatusCreated && known:
		return nil, refused(http.StatusConflict, "Already exists - Variable already exists")
	case ask.Name == "":
		return nil, refused(http.StatusUnprocessableEntity, "Invalid request.\n\n\"name\" wasn't supplied.")
	}
	if err := c.s.do(&opVariable{Repo: c.repo.slug(), Name: ask.Name, Value: ask.Value}); err != nil {
		return nil, err
	}
	if status == http.StatusCreated {
		return with{status, map[string]any{}}, nil
	}
	return with{status, nil}, nil
}
