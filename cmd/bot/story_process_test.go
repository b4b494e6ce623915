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
	p := &process{cmd: exec.Command(binary(ts), args...)}
	p.cond = sync.NewCond(&p.mu)
	p.cmd.Dir = ts.MkAbs(".")
	p.cmd.Env = env
	p.cmd.Stdout, p.cmd.Stderr = p, p
	ts.Check(p.cmd.Start())
	go func() {
		err := p.cmd.Wait()
		p.mu.Lock()
		defer p.mu.Unlock()
		p.done, p.err = true, err
		p.cond.Broadcast()
	}()
	return p
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
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Check(l.Close())
	return l.Addr().String()
}
