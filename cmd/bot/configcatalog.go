package main

import (
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"bellhop/catalog"
)

func readCatalog(top section) catalogConfig {
	s := top.section("catalog", top.node("catalog"), "locations", "refresh", "discover", "orphan_after", "allow_hosts")
	c := catalogConfig{
		refresh: s.duration("refresh", 10*time.Minute, 10*time.Second, day), orphanAfter: s.duration("orphan_after", day, 0, 365*day),
		discover: readDiscover(s), allowHosts: readHosts(s),
	}
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
	if location.has("rules") && len(allow) == 0 { // which would mean the usual kinds
		location.add(location.node("rules"), "%s allows no kind: write rules: [{allow: [User, Group]}], or leave it out", join(location.path, "rules"))
	}
	return allow
}

// readDiscover reads whose repositories are discovered: `github:acme`.
func readDiscover(s section) (owners []string) {
	s.each("discover", func(path string, n *yaml.Node) {
		owner := s.scalar(path, n)
		if owner == "" {
			return
		}
		if all, err := catalog.ParseTarget(owner + "/*"); err != nil || all.Repo != "*" {
			s.add(n, "%s is %q; write github:ORGANISATION or github:USER", path, owner)
		}
		owners = append(owners, owner)
	})
	return owners
}

// readHosts reads the hosts that may lie inside the network.
func readHosts(s section) (hosts []string) {
	s.each("allow_hosts", func(path string, n *yaml.Node) {
		host := s.scalar(path, n)
		if u, err := url.Parse("//" + host); host != "" && (err != nil || u.Host != host || u.Hostname() == "") {
			s.add(n, "%s is %q; write a host or a host with its port, such as catalog.internal or 10.0.0.7:8443", path, host)
		}
		hosts = append(hosts, host)
	})
	return hosts
}

// onGitHub tells whether any of the catalog is read there.
func (c catalogConfig) onGitHub() bool {
	return len(c.discover) > 0 || slices.ContainsFunc(c.locations, func(l locationConfig) bool { return strings.HasPrefix(l.target, "github:") })
}

// checkTarget refuses what can be neither a glob below the config's folder nor a repository or an address.
func checkTarget(s section, name string, at *yaml.Node, target string) {
	switch {
	case catalog.IsRemote(target):
		if _, err := catalog.ParseTarget(target); err != nil {
			s.add(at, "%s is %q: %v", name, target, err)
		}
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
