package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets stories run this test's own executable as the bot.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"bot": main})
}
