package main

import (
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"bellhop/integrations/database/databasetest"
)

// TestStoriesOnPostgres tells on PostgreSQL the stories in which the database has most to do. All others do not care which
// one it is: the stores' own suites run over both.
func TestStoriesOnPostgres(t *testing.T) {
	p := storyParams()
	for _, name := range []string{"ask", "deploy-ready", "expiry", "kill", "summary"} {
		p.Files = append(p.Files, filepath.Join(p.Dir, name+".txtar"))
	}
	p.Dir = ""
	setup := p.Setup
	p.Setup = func(env *testscript.Env) error {
		env.Setenv("DATABASE_URL", databasetest.PostgresURL(t))
		return setup(env)
	}
	databasetest.PostgresURL(t) // skips here where there is no server
	testscript.Run(t, p)
}
