package main

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// process is a run of the binary whose output is kept and can be waited for.
type process struct {
	cmd  *exec.Cmd
	mu   sync.Mutex
	cond *sync.Cond
	out  bytes.Buffer
	done bool
	err  error
}

// start runs the binary with args, in the script's environment.
func start(ts *testscript.TestScript, env []string, args ...string) *process {
	p, err := launch(binary(ts), ts.MkAbs("."), env, args...)
	ts.Check(err)
	return p
}

// launch runs a program in a folder.
func launch(path, dir string, env []string, args ...string) (*process, error) {
	p := &process{cmd: exec.Command(path, args...)}
	p.cond = sync.NewCond(&p.mu)
	p.cmd.Dir = dir
	p.cmd.Env = env
	p.cmd.Stdout, p.cmd.Stderr = p, p
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		err := p.cmd.Wait()
		p.mu.Lock()
		defer p.mu.Unlock()
		p.done, p.err = true, err
		p.cond.Broadcast()
	}()
	return p, nil
}

// binary is the program under test: this test's own executable under the name that makes it behave as bot.
func binary(ts *testscript.TestScript) string {
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		path := filepath.Join(dir, "bot")
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			return path
		}
	}
	ts.Fatalf("no bot in PATH")
	return ""
}

// Write keeps what the process prints.
func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	defer p.cond.Broadcast()
	return p.out.Write(b)
}

// await waits until the output matches and gives the match, or nil when the process or the story's patience ends.
func (p *process) await(re *regexp.Regexp) []string {
	var match []string
	p.until(func() bool {
		match = re.FindStringSubmatch(p.out.String())
		return match != nil || p.done
	})
	return match
}

// ended waits for the process to end and tells how; false when it goes on.
func (p *process) ended() (bool, error) {
	return p.until(func() bool { return p.done }), p.err
}

// until waits, with the lock held during each check, until check is true or patience ends.
func (p *process) until(check func() bool) bool {
	deadline := time.Now().Add(patience)
	timer := time.AfterFunc(patience, p.cond.Broadcast)
	defer timer.Stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	for !check() {
		if time.Now().After(deadline) {
			return false
		}
		p.cond.Wait()
	}
	return true
}

func (p *process) output() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.String()
}

// signal sends sig; a process that has ended already needs none.
func (p *process) signal(sig syscall.Signal) { _ = p.cmd.Process.Signal(sig) }

// kill ends the process as a crash would.
func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	_, _ = p.ended() // killed on purpose: its error says no more
}

// freeAddress is a loopback address on which nothing listens.
func freeAddress(ts *testscript.TestScript) string {
	address, err := unused()
	ts.Check(err)
	return address
}

func unused() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
