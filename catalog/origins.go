package catalog

import (
	"context"
	"io/fs"
)

// Tree is files that belong together: the config's folder, a repository at a ref, or what an https address leads to.
// Nothing that is read in it leads out of it.
type Tree struct {
	// Name stands before the names of its files, in messages and as Source.File: `github:acme/payments`, then `@REF` where the
	// target names one; `https://host`; empty for the config's folder. Two trees of one name are the same.
	Name string
	// Repository is the `owner/repo` that descriptors here speak for, and no other; empty for the config's folder and for
	// addresses that are no repository's.
	Repository string
	// Formerly tells whether the repository was called by another `owner/repo` before, to which its descriptors may still hold. It
	// may have to ask for each, and its error means that nobody knows now; nil where nobody can tell.
	Formerly func(slug string) (bool, error)
	// Version stays the same as long as no file of the tree has changed, across restarts; empty where nobody can tell without
	// reading.
	Version string
	// Files opens by slash-separated path from the tree's root, within a bounded time and size. A file that is not there is
	// fs.ErrNotExist; any other error means that nobody knows.
	Files fs.FS
	// Paths are the descriptors that the target names in it: files, or patterns as Files takes them.
	Paths []string
	// Optional tells that it is no problem when there are none: one of all repositories of an owner.
	Optional bool
}

// Origins opens what lies outside of the config's folder.
type Origins interface {
	// Open calls yield with each tree that a target means: `https://…`, `github:OWNER/REPO[/PATH][@REF]` or `github:OWNER/*`. known
	// gives the version in which a tree was last read, or nothing: what has not changed since need not be fetched. Its error
	// means that not all trees could be listed; yield's error ends it.
	Open(ctx context.Context, target string, known func(tree string) string, yield func(Tree) error) error
}

// Discoverer tells what GitHub itself knows of an owner's repositories and people, for who has no descriptors yet.
type Discoverer interface {
	// Discover reads all of an organisation or user. before tells of a repository, `owner/repo`, and a person, `@login`, whether
	// more is wanted of them than that they are there, which it is as long as no descriptor speaks for them, and the Note that
	// came with them the last time. An error means that not all of it could be read.
	Discover(ctx context.Context, owner string, before func(name string) (note string, wanted bool)) (Discovered, error)
}

// Committer is somebody who changed a repository of late.
type Committer struct {
	Login       string // at GitHub; empty where it knows nobody by the commits' e-mail address
	Name, Email string // as the newest commit says
	Commits     int
}

// Discovered is what is known of an owner without any descriptor.
type Discovered struct {
	Repositories []DiscoveredRepository
	Teams        []DiscoveredTeam
	Members      []DiscoveredMember
}

// DiscoveredRepository is one repository.
type DiscoveredRepository struct {
	Slug        string // owner/repo
	Description string
	Language    string // the main one, as GitHub calls it; may be empty
	Topics      []string
	Archived    bool
	// Team is the slug of the team that owns it, or Login the person; both empty where nobody can be told.
	Team, Login string
	// Because tells by what: `CODEOWNERS line 3`, `team with most rights (admin)`.
	Because string
	// Note is given back at the next reading, so that what has not changed need not be read again. Nobody else looks into it.
	Note string
}

// DiscoveredTeam is a team of an organisation.
type DiscoveredTeam struct {
	Slug, Name, Description string
	Parent                  string   // its parent's slug, or empty
	Members                 []string // logins
}

// DiscoveredMember is a person of an organisation.
type DiscoveredMember struct {
	Login, Name, Email string // name and e-mail are mostly not shown
	Note               string // as a repository's
}
