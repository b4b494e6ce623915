package main

import (
	"path"
	"slices"

	"go.yaml.in/yaml/v4"

	"bellhop/catalog"
)

// readReadiness reads what a component should have on its way to production: names of checks, or checks in full.
func readReadiness(top section) []catalog.ReadinessCheck {
	s := top.section("readiness", top.node("readiness"), "checks")
	var checks []catalog.ReadinessCheck
	if top.has("readiness") && !s.has("checks") {
		s.add(top.node("readiness"), "readiness.checks is missing: the list of checks; without readiness there are %s", alternatives(catalog.StandardChecks()))
	}
	if list := s.node("checks"); list != nil && list.Kind == yaml.SequenceNode && len(list.Content) == 0 {
		s.add(list, "readiness.checks is empty: name at least one check")
	}
	s.each("checks", func(path string, n *yaml.Node) {
		check := catalog.ReadinessCheck{}
		if n.Kind == yaml.MappingNode {
			check = readCheck(s, path, n)
		} else {
			check.Name = s.scalar(path, n)
			checkName(s, path, n, check)
		}
		if slices.ContainsFunc(checks, func(c catalog.ReadinessCheck) bool { return c.Name == check.Name }) && check.Name != "" {
			s.add(n, "%s: two checks are named %s", path, check.Name)
		}
		checks = append(checks, check)
	})
	return checks
}

func readCheck(s section, name string, n *yaml.Node) catalog.ReadinessCheck {
	one := s.section(name, n, "check", "types", "annotation", "label", "tag", "link", "hint")
	c := catalog.ReadinessCheck{Name: one.text("check"), Types: one.texts("types"), Annotation: one.text("annotation"), Label: one.text("label"),
		Tag: one.text("tag"), Link: one.text("link"), Hint: one.text("hint")}
	if !one.has("check") {
		s.add(n, "%s has no check: its name", name)
		return c
	}
	for _, key := range []string{"annotation", "label"} {
		if _, err := path.Match(one.text(key), ""); err != nil {
			s.add(one.node(key), "%s.%s is %q, which is no pattern", name, key, one.text(key))
		}
	}
	checkName(s, name, one.node("check"), c)
	return c
}

// checkName wants a name that Bellhop knows, or one that the config says all about.
func checkName(s section, path string, at *yaml.Node, c catalog.ReadinessCheck) {
	described := 0
	for _, what := range []string{c.Annotation, c.Label, c.Tag, c.Link} {
		if what != "" {
			described++
		}
	}
	switch known := slices.Contains(catalog.StandardChecks(), c.Name); {
	case c.Name == "":
	case known && described > 0:
		s.add(at, "%s: Bellhop knows by itself what %s is; give a check of your own another name", path, c.Name)
	case !known && described == 0:
		s.add(at, "%s: %s is no check%s; or say what it looks for: annotation, label, tag or link", path, c.Name, didYouMean(c.Name, catalog.StandardChecks()))
	case described > 1:
		s.add(at, "%s: a check looks for one thing: annotation, label, tag or link", path)
	}
}
