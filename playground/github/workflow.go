package github

import (
	"errors"
	"fmt"
	"sort"
	"strings"

	"go.yaml.in/yaml/v4"
)

// workflow is what the simulator understands of a workflow file.
type workflow struct {
	Name        string
	RunName     string
	On          triggers
	Concurrency concurrency
	Env         map[string]string
	Jobs        []jobSpec // in the order of the file
}

// triggers says what starts a workflow.
type triggers struct {
	Push     *branchFilter
	PullBase *branchFilter // pull_request
	Schedule bool
	Dispatch *dispatchSpec
}

type branchFilter struct {
	Branches []string `yaml:"branches"`
	Ignore   []string `yaml:"branches-ignore"`
	Tags     []string `yaml:"tags"`
}

type dispatchSpec struct {
	names  []string // in the order of the file
	inputs map[string]inputSpec
}

// inputSpec is one input of workflow_dispatch.
type inputSpec struct {
	Type     string   `yaml:"type"`
	Required bool     `yaml:"required"`
	Default  string   `yaml:"default"`
	Options  []string `yaml:"options"`
}

type concurrency struct {
	Group  string
	Cancel string // true, false or an expression
}

type jobSpec struct {
	Key         string
	Name        string
	Needs       []string
	If          string
	Environment struct{ Name, URL string }
	Timeout     int // minutes
	Steps       []stepSpec
}

type stepSpec struct {
	ID       string            `yaml:"id"`
	Name     string            `yaml:"name"`
	If       string            `yaml:"if"`
	Uses     string            `yaml:"uses"`
	Run      string            `yaml:"run"`
	With     map[string]string `yaml:"with"`
	Continue bool              `yaml:"continue-on-error"`
}

// title is what GitHub shows for a step: its name, or one made from what it does.
func (s stepSpec) title() string {
	if s.Name != "" {
		return s.Name
	}
	if s.Uses != "" {
		return "Run " + s.Uses
	}
	first, _, _ := strings.Cut(strings.TrimSpace(s.Run), "\n")
	return "Run " + first
}

// matches says whether a push to branch starts the workflow.
func (f *branchFilter) matches(branch string) bool {
	if f == nil {
		return false
	}
	if len(f.Ignore) > 0 {
		return !matchesAny(f.Ignore, branch)
	}
	if len(f.Branches) == 0 {
		return len(f.Tags) == 0
	}
	return matchesAny(f.Branches, branch)
}

func matchesAny(patterns []string, name string) bool {
	matched := false
	for _, p := range patterns {
		if negated, ok := strings.CutPrefix(p, "!"); ok {
			if glob(negated, name) {
				matched = false
			}
		} else if glob(p, name) {
			matched = true
		}
	}
	return matched
}

// glob matches GitHub's branch patterns: * within one segment, ** across segments, ? is left out since no branch of a
// demo needs it.
func glob(pattern, name string) bool {
	if pattern == "" {
		return name == ""
	}
	if rest, ok := strings.CutPrefix(pattern, "**"); ok {
		for i := 0; i <= len(name); i++ {
			if glob(rest, name[i:]) {
				return true
			}
		}
		return false
	}
	if pattern[0] == '*' {
		for i := 0; i <= len(name); i++ {
			if glob(pattern[1:], name[i:]) {
				return true
			}
			if i < len(name) && name[i] == '/' {
				return false
			}
		}
		return false
	}
	return name != "" && pattern[0] == name[0] && glob(pattern[1:], name[1:])
}

// parseWorkflow reads a workflow file; its errors are what GitHub would show as "Invalid workflow file".
func parseWorkflow(path string, content []byte) (*workflow, error) {
	var file struct {
		Name        string               `yaml:"name"`
		RunName     string               `yaml:"run-name"`
		On          yaml.Node            `yaml:"on"`
		Concurrency yaml.Node            `yaml:"concurrency"`
		Env         map[string]string    `yaml:"env"`
		Jobs        yaml.Node            `yaml:"jobs"`
		Rest        map[string]yaml.Node `yaml:",inline"`
	}
	if err := yaml.Unmarshal(content, &file); err != nil {
		return nil, fmt.Errorf("invalid workflow file: %w", err)
	}
	w := &workflow{Name: file.Name, RunName: file.RunName, Env: file.Env}
	if w.Name == "" {
		w.Name = path
	}
	var err error
	if w.On, err = parseTriggers(&file.On); err != nil {
		return nil, err
	}
	if w.Concurrency, err = parseConcurrency(&file.Concurrency); err != nil {
		return nil, err
	}
	if w.Jobs, err = parseJobs(&file.Jobs); err != nil {
		return nil, err
	}
	return w, w.order()
}

func parseTriggers(n *yaml.Node) (triggers, error) {
	var t triggers
	set := func(name string, body *yaml.Node) error {
		switch name {
		case "push", "pull_request":
			f := &branchFilter{}
			if body != nil && body.Kind == yaml.MappingNode {
				if err := body.Decode(f); err != nil {
					return fmt.Errorf("on.%s: %w", name, err)
				}
			}
			if name == "push" {
				t.Push = f
			} else {
				t.PullBase = f
			}
		case "schedule":
			t.Schedule = true
		case "workflow_dispatch":
			d, err := parseDispatch(body)
			if err != nil {
				return fmt.Errorf("on.workflow_dispatch: %w", err)
			}
			t.Dispatch = d
		}
		return nil // other events exist and never happen here
	}
	switch n.Kind {
	case yaml.ScalarNode:
		return t, set(n.Value, nil)
	case yaml.SequenceNode:
		for _, item := range n.Content {
			if err := set(item.Value, nil); err != nil {
				return t, err
			}
		}
		return t, nil
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if err := set(n.Content[i].Value, n.Content[i+1]); err != nil {
				return t, err
			}
		}
		return t, nil
	default:
		return t, errors.New("no event triggers defined in `on`")
	}
}

func parseDispatch(body *yaml.Node) (*dispatchSpec, error) {
	d := &dispatchSpec{inputs: map[string]inputSpec{}}
	if body == nil || body.Kind != yaml.MappingNode {
		return d, nil
	}
	for i := 0; i+1 < len(body.Content); i += 2 {
		inputs := body.Content[i+1]
		if body.Content[i].Value != "inputs" || inputs.Kind != yaml.MappingNode {
			continue
		}
		for j := 0; j+1 < len(inputs.Content); j += 2 {
			var in inputSpec
			if err := inputs.Content[j+1].Decode(&in); err != nil {
				return nil, fmt.Errorf("input %s: %w", inputs.Content[j].Value, err)
			}
			d.names = append(d.names, inputs.Content[j].Value)
			d.inputs[inputs.Content[j].Value] = in
		}
	}
	return d, nil
}

func parseConcurrency(n *yaml.Node) (concurrency, error) {
	switch n.Kind {
	case 0:
		return concurrency{}, nil
	case yaml.ScalarNode:
		return concurrency{Group: n.Value}, nil
	default:
		var c struct {
			Group  string `yaml:"group"`
			Cancel string `yaml:"cancel-in-progress"`
		}
		if err := n.Decode(&c); err != nil {
			return concurrency{}, fmt.Errorf("concurrency: %w", err)
		}
		return concurrency{Group: c.Group, Cancel: c.Cancel}, nil
	}
}

func parseJobs(n *yaml.Node) ([]jobSpec, error) {
	if n.Kind != yaml.MappingNode || len(n.Content) == 0 {
		return nil, errors.New("a workflow must have at least one job")
	}
	var out []jobSpec
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i].Value
		var spec struct {
			Name        string     `yaml:"name"`
			Needs       yaml.Node  `yaml:"needs"`
			If          string     `yaml:"if"`
			Environment yaml.Node  `yaml:"environment"`
			Timeout     int        `yaml:"timeout-minutes"`
			Steps       []stepSpec `yaml:"steps"`
		}
		if err := n.Content[i+1].Decode(&spec); err != nil {
			return nil, fmt.Errorf("job %s: %w", key, err)
		}
		job := jobSpec{Key: key, Name: spec.Name, If: spec.If, Timeout: spec.Timeout, Steps: spec.Steps}
		if job.Name == "" {
			job.Name = key
		}
		if job.Timeout == 0 {
			job.Timeout = 360 // GitHub's default
		}
		if err := list(&spec.Needs, &job.Needs); err != nil {
			return nil, fmt.Errorf("job %s: needs: %w", key, err)
		}
		switch spec.Environment.Kind {
		case yaml.ScalarNode:
			job.Environment.Name = spec.Environment.Value
		case yaml.MappingNode:
			var e struct {
				Name string `yaml:"name"`
				URL  string `yaml:"url"`
			}
			if err := spec.Environment.Decode(&e); err != nil {
				return nil, fmt.Errorf("job %s: environment: %w", key, err)
			}
			job.Environment.Name, job.Environment.URL = e.Name, e.URL
		}
		out = append(out, job)
	}
	return out, nil
}

// list reads one string or a list of them.
func list(n *yaml.Node, out *[]string) error {
	switch n.Kind {
	case 0:
		return nil
	case yaml.ScalarNode:
		*out = []string{n.Value}
		return nil
	default:
		return n.Decode(out)
	}
}

// order puts the jobs so that each comes after those it needs.
func (w *workflow) order() error {
	rank := map[string]int{}
	known := map[string]bool{}
	for _, j := range w.Jobs {
		known[j.Key] = true
	}
	for round := 0; len(rank) < len(w.Jobs); round++ {
		before := len(rank)
		for _, j := range w.Jobs {
			if _, done := rank[j.Key]; done {
				continue
			}
			ready := true
			for _, need := range j.Needs {
				if !known[need] {
					return fmt.Errorf("job '%s' depends on unknown job '%s'", j.Key, need)
				}
				r, done := rank[need]
				ready = ready && done && r < round
			}
			if ready {
				rank[j.Key] = round
			}
		}
		if len(rank) == before {
			return errors.New("the workflow must contain at least one job with no dependencies")
		}
	}
	sort.SliceStable(w.Jobs, func(i, k int) bool { return rank[w.Jobs[i].Key] < rank[w.Jobs[k].Key] })
	return nil
}
