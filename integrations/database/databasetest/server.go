package databasetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"bellhop/internal/skip"
)

// server is the throwaway server of this test process, started once.
type server struct {
	url string
	err error
	// lifeline is the script's standard input, held open as long as this process lives: were it collected as garbage, the
	// server would end.
	lifeline io.Closer
}

// startOnce is the one piece of state that a test process shares: a server takes a second to start.
var startOnce = sync.OnceValue(func() server {
	if given := os.Getenv("BELLHOP_TEST_POSTGRES"); given != "" {
		return server{url: given}
	}
	url, lifeline, err := start()
	return server{url: url, err: err, lifeline: lifeline}
})

func serverURL(t testing.TB) string {
	t.Helper()
	s := startOnce()
	switch {
	case errors.Is(s.err, errNoServer):
		skip.Missing(t, "no PostgreSQL server found (set BELLHOP_TEST_POSTGRES or install postgresql)")
	case s.err != nil:
		t.Fatalf("start a PostgreSQL server: %v", s.err)
	}
	return s.url
}

var errNoServer = errors.New("no PostgreSQL server binaries")

// script starts a server in the folder $2 with the binaries in $1 and stays: the server ends, and the folder with it, when
// the test process ends and so closes the script's standard input, however it ends. It listens on a socket in the folder
// alone.
const script = `set -e
bin=$1 dir=$2
trap 'test ! -f "$dir/data/postmaster.pid" || "$bin/pg_ctl" -D "$dir/data" -m immediate -w stop >&2; cd /; rm -rf "$dir"' EXIT
"$bin/initdb" -D "$dir/data" -U bellhop -A trust -E UTF8 --locale=C --no-sync >&2
"$bin/pg_ctl" -D "$dir/data" -w -l "$dir/log" -o "-k $dir -c listen_addresses= -c fsync=off -c max_connections=200" start >&2
echo ready
cat >/dev/null || true
`

func start() (url string, lifeline io.Closer, err error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil || len(found) == 0 {
		if path, lookErr := exec.LookPath("postgres"); lookErr == nil {
			found = []string{path}
		}
	}
	if len(found) == 0 {
		return "", nil, errNoServer
	}
	slices.Sort(found)
	bin := filepath.Dir(found[len(found)-1])
	dir, err := os.MkdirTemp("", "bellhop-pg-") // a short path: a socket's has 107 characters at most
	if err != nil {
		return "", nil, err
	}
	command := []string{"sh", "-c", script, "sh", bin, dir}
	if os.Geteuid() == 0 { // the server refuses to run as root
		if _, err := user.Lookup("postgres"); err != nil {
			return "", nil, fmt.Errorf("%w that run as root, and no user postgres", errNoServer)
		}
		if err := exec.CommandContext(context.Background(), "chown", "postgres", dir).Run(); err != nil {
			return "", nil, fmt.Errorf("chown: %w", err)
		}
		command = append([]string{"setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"}, command...)
	}
	// It outlives the test that needs it first, and ends with the process.
	cmd := exec.CommandContext(context.Background(), command[0], command[1:]...)
	cmd.Dir = dir
	var problems strings.Builder
	cmd.Stderr = &problems
	if lifeline, err = cmd.StdinPipe(); err != nil {
		return "", nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	answer := make([]byte, 6)
	if n, err := out.Read(answer); err != nil || !strings.HasPrefix(string(answer[:n]), "ready") {
		return "", nil, errors.Join(fmt.Errorf("the server did not start: %s", problems.String()), cmd.Wait())
	}
	return "postgres://bellhop@/postgres?host=" + dir, lifeline, nil
}
