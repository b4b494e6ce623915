package main

import (
	"path"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

func readCatalog(top section) catalogConfig {
	s := top.section("catalog", top.node("catalog"), "locations", "refresh")
	c := catalogConfig{refresh: s.duration("refresh", 10*time.Minute, 10*time.Second, day)}
	s.each("locations", func(path string, n *yaml.Node) {
		location := locationConfig{line: n.Line}
		at := n
		if n.Kind == yaml.MappingNode {
			one := s.section(path, n, "target", "rules")
			location.target, location.allow = one.text("target"), readRules(one)
			if one.has("target") {
				at = one.node("target")
			} else {
				s.add(n, "%s has no target: the file or glob that it means", path)
			}
		} else {
			location.target = s.scalar(path, n)
		}
		if location.target != "" {
			checkTarget(s, path, at, location.target)
		}
		c.locations = append(c.locations, location)
	})
	return c
}

// readRules reads Backstage's form of rules: a list of {allow: [Kind, …]}.
func readRules(location section) []string {
	var allow []string
	location.each("rules", func(path string, n *yaml.Node) {
		allow = append(allow, location.section(path, n, "allow").texts("allow")...)
	})
	return allow
}

// checkTarget refuses what cannot be a glob below the config's folder.
func checkTarget(s section, name string, at *yaml.Node, target string) {
	switch {
	case strings.Contains(target, "://"):
		s.add(at, "%s is an address; only files are read, relative to this file", name)
	case strings.HasPrefix(target, "/") || slices.Contains(strings.Split(target, "/"), ".."):
		s.add(at, "%s is %q, which leads out of this file's folder", name, target)
	case strings.Contains(target, `\`):
		s.add(at, "%s is %q; folders are parted by /", name, target)
	default:
		if _, err := path.Match(target, ""); err != nil {
			s.add(at, "%s is %q, which is no pattern of files", name, target)
		}
	}
}
