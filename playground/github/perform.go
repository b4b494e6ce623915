package github

import (
	"fmt"
	"strings"
	"time"
)

// perform decides what a step does: how long it takes, how it ends and what it leaves behind. hangs means that it goes
// on until something stops it.
func (st *state) perform(x *execution, spec *stepSpec, s *step) (takes time.Duration, hangs bool) {
	a := x.job.attempt
	s.conclusion, s.outputs, takes = "success", object{}, st.paced(stepTakes)
	s.log = stepLog(spec, s.name)
	if rule := st.stepRule(s.name); rule != nil {
		takes = st.paced(rule.Takes)
		s.log = append(s.log, rule.Log...)
		for name, text := range rule.Outputs {
			if out, err := interpolate(text, x.ctx); err == nil {
				s.outputs[strings.ToLower(name)] = out
			}
		}
		if env, err := interpolate(rule.Retires, x.ctx); err == nil {
			s.retires = env
		}
	}
	if ci := a.run.repo.rules.CI; ci != nil && a.results != nil {
		st.performTests(x, ci, s, &takes)
	}
	if strings.HasPrefix(spec.Uses, "actions/upload-artifact@") && s.conclusion == "success" {
		st.upload(x, spec, s)
	}
	// A refusal that the workflow itself spells out happens without any rule.
	if strings.Contains(spec.Run, "exit 1") && strings.Contains(spec.Run, "::error::") {
		s.conclusion = "failure"
	}
	return st.bend(x, spec, s, takes)
}

// bend lets a run's outcome have its way with a step.
func (st *state) bend(x *execution, spec *stepSpec, s *step, takes time.Duration) (time.Duration, bool) {
	o := x.job.attempt.outcome
	whole := o.Step == "" && (o.Conclusion == "failure" || o.Conclusion == "hang" || o.Conclusion == "stuck") &&
		len(x.job.steps) == 1 // at its first step
	if !whole && !strings.EqualFold(o.Step, s.name) {
		return takes, false
	}
	if o.Takes > 0 {
		takes = o.Takes
	}
	switch o.Conclusion {
	case "hang", "stuck":
		x.job.stuck = o.Conclusion == "stuck"
		return takes, true
	case "success":
	default:
		s.conclusion, s.artifact, s.retires, s.outputs = o.Conclusion, nil, "", object{}
		s.log = append(s.log, o.Log...)
		if o.Conclusion == "failure" {
			s.log = append(s.log, "##[error]Process completed with exit code 1.")
		}
		if o.Conclusion == "cancelled" {
			x.before.cancelled = true
		}
	}
	return takes, false
}

func (st *state) stepRule(name string) *StepRule {
	for i := range st.world.Steps {
		if strings.EqualFold(st.world.Steps[i].Name, name) {
			return &st.world.Steps[i]
		}
	}
	return nil
}

// performTests gives a step of the CI its time, and its failure where tests of it fail.
func (st *state) performTests(x *execution, ci *CI, s *step, takes *time.Duration) {
	a := x.job.attempt
	slug := a.run.repo.slug()
	jitter := 0.8 + 0.4*chance(slug, s.name, a.run.number, a.number)
	for _, p := range ci.Paces {
		if strings.EqualFold(p.Step, s.name) {
			*takes = time.Duration(float64(p.Takes) * jitter).Round(time.Second)
		}
	}
	if in := ci.incident(st.epoch, a.created); in != nil && strings.EqualFold(in.Step, s.name) {
		s.conclusion = "failure"
		s.log = append(s.log, "##[error]The runner has received a shutdown signal.")
		return
	}
	var seconds float64
	var failed []string
	tests := 0
	for _, r := range a.results {
		if !strings.EqualFold(r.suite.Step, s.name) {
			continue
		}
		tests++
		seconds += r.seconds
		if r.outcome == "failed" {
			failed = append(failed, r.suite.Class+" > "+r.test)
			s.log = append(s.log, fmt.Sprintf("FAIL %s > %s: %s", r.suite.Class, r.test, r.rule.Message))
		}
	}
	if tests == 0 {
		return
	}
	*takes += time.Duration(seconds * float64(time.Second)).Round(time.Second)
	s.log = append(s.log, fmt.Sprintf("%d tests, %d failed, %.1f s", tests, len(failed), seconds))
	if len(failed) > 0 {
		s.conclusion = "failure"
		s.log = append(s.log, "##[error]Process completed with exit code 1.")
	}
}

// upload makes the artifact of an upload-artifact step from the reports of the steps that ran before it.
func (st *state) upload(x *execution, spec *stepSpec, s *step) {
	a := x.job.attempt
	name, err := interpolate(spec.With["name"], x.ctx)
	if err != nil || name == "" {
		name = "artifact" // the action's default
	}
	ran := map[string]bool{}
	for _, before := range x.job.steps {
		if before.conclusion == "success" || before.conclusion == "failure" {
			ran[strings.ToLower(before.name)] = true
		}
	}
	var results []result
	for _, r := range a.results {
		if ran[strings.ToLower(r.suite.Step)] {
			results = append(results, r)
		}
	}
	if len(results) == 0 {
		s.log = append(s.log, "##[warning]No files were found with the provided path: "+spec.With["path"]+". No artifacts will be uploaded.")
		return
	}
	format, at := a.run.repo.rules.CI.Format, x.at
	s.artifact = &artifact{id: st.newID(), name: name, job: x.job, raw: spec.With["archive"] == "false",
		files: func() []zipFile { return reports(format, results, at) }}
	st.artifacts[s.artifact.id] = s.artifact
	s.log = append(s.log, "Artifact "+name+" has been successfully uploaded!")
}

func setUpLog() []string {
	return []string{"Current runner version: '2.330.0'", "##[group]Operating System", "Ubuntu", "24.04.3", "LTS", "##[endgroup]",
		"Complete job name: see the run"}
}

// stepLog is what the runner itself prints of a step.
func stepLog(spec *stepSpec, name string) []string {
	out := []string{"##[group]Run " + name}
	if spec.Uses != "" {
		out = []string{"##[group]Run " + spec.Uses}
	}
	if spec.Run != "" {
		out = append(out, strings.Split(strings.TrimRight(spec.Run, "\n"), "\n")...)
	}
	return append(out, "##[endgroup]")
}
