package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"bellhop/playground/demo"
)

// patience bounds every wait of a story. A story waits for what it says, never for a time; this only ends a story that
// would wait forever.
const patience = 40 * time.Second

// TestStories runs testdata/script: the real binary against the playground, spoken to as people in Slack speak.
// testdata/script/README.md lists a story's words.
func TestStories(t *testing.T) { testscript.Run(t, storyParams()) }

func storyParams() testscript.Params {
	return testscript.Params{
		Dir:                 filepath.Join("..", "..", "testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds:                storyWords(),
		Setup: func(env *testscript.Env) error {
			s := &story{}
			env.Values[storyKey{}] = s
			env.Defer(s.end)
			return demoFiles(env.WorkDir)
		},
	}
}

// demoFiles puts the demo company's config and catalog into a story's folder, unless the story brings its own config: all in
// files, and beside it, in live.yaml and central, as the demo has it, with the components' descriptors on GitHub.
func demoFiles(dir string) error {
	config := filepath.Join(dir, "bellhop.yaml")
	if _, err := os.Stat(config); err == nil {
		return nil
	}
	if err := os.WriteFile(config, demo.LocalConfig(), 0o600); err != nil {
		return err
	}
	if err := os.CopyFS(filepath.Join(dir, "catalog"), demo.Catalog()); err != nil {
		return err
	}
	live := bytes.Replace(demo.Config(), []byte("catalog/*.yaml"), []byte("central/*.yaml"), 1)
	if err := os.WriteFile(filepath.Join(dir, "live.yaml"), live, 0o600); err != nil {
		return err
	}
	return os.CopyFS(filepath.Join(dir, "central"), demo.Central())
}

type storyKey struct{}

// story is one script's playground and bot.
type story struct {
	base       string // the playground's address
	ops        string // the bot's own listen address
	playground *process
	bot        *process
	changes    *changes
}

func storyOf(ts *testscript.TestScript) *story { return ts.Value(storyKey{}).(*story) }

func (s *story) end() {
	for _, p := range []*process{s.bot, s.playground} {
		if p != nil {
			p.kill()
		}
	}
}

// call speaks to the playground, decodes its answer into into (unless nil), and gives it raw.
func (s *story) call(ts *testscript.TestScript, method, path string, body []byte, into any) []byte {
	request, err := http.NewRequest(method, s.base+path, bytes.NewReader(body))
	ts.Check(err)
	request.Header.Set("Content-Type", "application/json")
	response, err := (&http.Client{Timeout: patience}).Do(request)
	ts.Check(err)
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	ts.Check(err)
	if into != nil {
		if err := json.Unmarshal(raw, into); err != nil {
			ts.Fatalf("%s %s: %v in %s", method, path, err, raw)
		}
	}
	return raw
}

// post sends what a person does, and fails the story when the playground refuses it.
func (s *story) post(ts *testscript.TestScript, path string, body any) map[string]any {
	raw, err := json.Marshal(body)
	ts.Check(err)
	answer := map[string]any{}
	s.call(ts, http.MethodPost, path, raw, &answer)
	if answer["ok"] != true {
		ts.Fatalf("%s %s answered %v", path, raw, answer)
	}
	return answer
}

// changes counts what happens in the playground, so that a story can wait for the next thing.
type changes struct {
	mu   sync.Mutex
	cond *sync.Cond
	seen int
}

// watch follows the playground's stream of events until it ends.
func watch(ts *testscript.TestScript, base string) *changes {
	response, err := http.Get(base + "/_control/events")
	ts.Check(err)
	c := &changes{}
	c.cond = sync.NewCond(&c.mu)
	go func() {
		defer response.Body.Close()
		for lines := bufio.NewScanner(response.Body); lines.Scan(); {
			c.mu.Lock()
			c.seen++
			c.cond.Broadcast()
			c.mu.Unlock()
		}
	}()
	return c
}

// until runs check now and after every change until it is true; false when patience ends.
func (c *changes) until(check func() bool) bool {
	deadline := time.Now().Add(patience)
	timer := time.AfterFunc(patience, c.cond.Broadcast)
	defer timer.Stop()
	for {
		c.mu.Lock()
		seen := c.seen
		c.mu.Unlock()
		if check() {
			return true
		}
		if time.Now().After(deadline) {
			return false
		}
		c.mu.Lock()
		for c.seen == seen && time.Now().Before(deadline) {
			c.cond.Wait()
		}
		c.mu.Unlock()
	}
}
