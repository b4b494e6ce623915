// Package skip is how tests leave out what the machine lacks: with a word about it, and in CI not at all.
package skip

import (
	"os"
	"testing"
)

// Missing skips the test, saying what is missing; where BELLHOP_TEST_NO_SKIP is set it fails instead.
func Missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("BELLHOP_TEST_NO_SKIP") != "" {
		t.Fatalf("nothing may be skipped here, but: %s", what)
	}
	t.Skip(what)
}
