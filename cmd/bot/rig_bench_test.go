package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellhop/catalog/catalogtest"
)

// manyComponents is how many components the measured company has, besides its teams and people and the demo company.
const manyComponents = 10_000

// rig is what whole-program benchmarks measure: the binary as it is shipped, serving a large company, and a playground
// beside it in a process of its own.
type rig struct {
	b          testing.TB
	components int
	dir        string
	path       string // the binary
	base       string // the playground's address
	ops        string // the bot's listen address
	playground *process
	bot        *process
	http       *http.Client
}

// newRig builds the binary, writes the company and starts the playground, whose limits are off: it is the bot that is
// measured. The bot is started by serve.
func newRig(b testing.TB) *rig {
	b.Helper()
	return newRigOf(b, manyComponents)
}

// newRigOf is a rig with a company of another size.
func newRigOf(b testing.TB, components int) *rig {
	b.Helper()
	r := &rig{b: b, components: components, dir: b.TempDir(), path: build(b), http: &http.Client{
		Timeout: patience, Transport: &http.Transport{MaxIdleConns: 256, MaxIdleConnsPerHost: 256},
	}}
	require.NoError(b, demoFiles(r.dir))
	r.describe("")
	p, err := launch(r.path, r.dir, nil, "playground", "--listen", "127.0.0.1:0", "--data", filepath.Join(r.dir, "playground"))
	require.NoError(b, err)
	r.playground = p
	b.Cleanup(p.kill)
	match := p.await(regexp.MustCompile(`http://127\.0\.0\.1:\d+`))
	require.NotNil(b, match, p.output())
	r.base = match[0]
	r.control("/_control/fault", map[string]any{"no_rate_limits": true})
	r.control("/_control/github/options", map[string]any{"hourly": 1 << 30, "points_per_minute": 0})
	return r
}

// build makes the binary as the Dockerfile does.
func build(b testing.TB) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "bot")
	command := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, ".")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	output, err := command.CombinedOutput()
	require.NoError(b, err, "%s", output)
	return path
}

// describe writes the company's descriptors; another remark makes every component another one.
func (r *rig) describe(remark string) {
	r.b.Helper()
	for name, file := range catalogtest.Company(r.components) {
		text := bytes.ReplaceAll(file.Data, []byte("and does it well."), []byte("and does it well. "+remark))
		require.NoError(r.b, os.WriteFile(filepath.Join(r.dir, "catalog", name), text, 0o600))
	}
}

// serve starts the bot and gives the time until /readyz says that it is ready.
func (r *rig) serve() time.Duration {
	r.b.Helper()
	var err error
	r.ops, err = unused()
	require.NoError(r.b, err)
	began := time.Now()
	r.bot, err = launch(r.path, r.dir, []string{
		"SLACK_API_URL=" + r.base + "/api/", "GITHUB_API_URL=" + r.base + "/api/v3/",
		"SLACK_BOT_TOKEN=" + demoBotToken, "SLACK_APP_TOKEN=" + demoAppToken, "GITHUB_TOKEN=" + demoGitHubToken,
	}, "serve", "--listen", r.ops)
	require.NoError(r.b, err)
	r.b.Cleanup(r.bot.kill)
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for ; !r.ready(); <-again.C {
		require.Less(r.b, time.Since(began), patience, r.bot.output())
	}
	return time.Since(began)
}

// ready asks /readyz.
func (r *rig) ready() bool {
	answer, err := r.http.Get("http://" + r.ops + "/readyz")
	if err != nil {
		return false // it does not listen yet
	}
	defer answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// told waits until words stand n times in what the bot has logged.
func (r *rig) told(words string, n int) {
	r.b.Helper()
	require.True(r.b, r.bot.until(func() bool { return bytes.Count(r.bot.out.Bytes(), []byte(words)) >= n || r.bot.done }), r.bot.output())
}

// refreshed waits until the catalog was read after the start.
func (r *rig) refreshed() {
	r.b.Helper()
	r.told(`"message":"catalog refreshed"`, 1)
}

// settled waits until the catalog was read and every repository looked at for the first time.
func (r *rig) settled() {
	r.b.Helper()
	r.refreshed()
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for began, idle := time.Now(), 0; idle < 3; <-again.C {
		if idle++; strings.Contains(r.metrics(), `bellhop_work_waiting{kind="repository"}`) {
			idle = 0
		}
		require.Less(r.b, time.Since(began), 10*patience, "the repositories were not looked at")
	}
}

// metric reads one of the bot's metrics.
func (r *rig) metric(name string) float64 {
	r.b.Helper()
	match := regexp.MustCompile(`(?m)^` + name + ` (\S+)$`).FindStringSubmatch(r.metrics())
	require.NotNil(r.b, match, name)
	value, err := strconv.ParseFloat(match[1], 64)
	require.NoError(r.b, err)
	return value
}

func (r *rig) metrics() string {
	r.b.Helper()
	answer, err := r.http.Get("http://" + r.ops + "/metrics")
	require.NoError(r.b, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(r.b, err)
	return string(text)
}

// control asks something of the playground that it must do.
func (r *rig) control(path string, body any) {
	r.b.Helper()
	answer := r.ask(path, body)
	require.NotContains(r.b, answer, `"ok":false`, "%s %v", path, body)
}

func (r *rig) ask(path string, body any) string {
	r.b.Helper()
	data, err := json.Marshal(body)
	require.NoError(r.b, err)
	answer, err := r.http.Post(r.base+path, "application/json", bytes.NewReader(data))
	require.NoError(r.b, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(r.b, err)
	return string(text)
}

// types sends a slash command as Alice, who is an administrator, in #payments; it returns when Slack has the ack.
func (r *rig) types(line string) {
	r.b.Helper()
	command, text, _ := strings.Cut(line, " ")
	r.control("/_control/command", map[string]string{"user": "U01ALICE", "channel": "C02PAYMENTS", "command": command, "text": text})
}

// record is an envelope or a call in the playground's log.
type record struct {
	Seq    int       `json:"seq"`
	At     time.Time `json:"at"` // when an envelope was sent, or a call answered
	Kind   string    `json:"kind"`
	Method string    `json:"method"`
	OK     bool      `json:"ok"`
	Acked  bool      `json:"acked"`
	AckMS  float64   `json:"ack_ms"`
}

// log is what the playground has seen after number seq.
func (r *rig) log(seq int) (envelopes, calls []record) {
	r.b.Helper()
	answer, err := r.http.Get(r.base + "/_control/log?after=" + strconv.Itoa(seq))
	require.NoError(r.b, err)
	defer answer.Body.Close()
	var seen struct{ Envelopes, Calls []record }
	require.NoError(r.b, json.NewDecoder(answer.Body).Decode(&seen))
	return seen.Envelopes, seen.Calls
}

// last is the number of the newest record.
func (r *rig) last() (seq int) {
	envelopes, calls := r.log(0)
	for _, one := range append(envelopes, calls...) {
		seq = max(seq, one.Seq)
	}
	return seq
}

// spread reports the middle, the 99th of a hundred and the largest of what was measured in milliseconds.
func spread(b *testing.B, name string, ms []float64) {
	b.Helper()
	require.NotEmpty(b, ms)
	slices.Sort(ms)
	b.ReportMetric(ms[len(ms)/2], name+"-p50-ms")
	b.ReportMetric(ms[len(ms)*99/100], name+"-p99-ms")
	b.ReportMetric(ms[len(ms)-1], name+"-max-ms")
}
