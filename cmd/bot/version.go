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

// version is what Go's toolchain stamped into the binary: a tag, or a commit's time and hash.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}
