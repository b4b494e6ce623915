package main

import (
	"runtime"
	"runtime/debug"
)

type versionCommand struct{}

// Run prints which Bellhop this is.
func (versionCommand) Run(t terminal) error {
	say(t.out, "bellhop %s (%s, %s/%s)", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}

// release is set by the linker where a build knows better than Go's toolchain (Dockerfile); nothing else writes it.
var release string

// version is what Go's toolchain stamped into the binary: a tag, or a commit's time and hash.
func version() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}
