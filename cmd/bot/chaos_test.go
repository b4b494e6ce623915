package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"bellhop/environments"
	"bellhop/integrations/database"
)

// chaos is a day on which everything happens at once, chosen by a seed: people deploy, cancel, destroy and deploy again
// while the bot is killed, Slack repeats itself and cuts connections, and GitHub stumbles and loses answers.
type chaos struct {
	t      *testing.T
	random *rand.Rand
	dir    string
	base   string
	env    []string
	bot    child
	counts map[string]int
	acked  int // deployments asked for of which Slack told the asker that they were heard
	asked  int // all
}

// chaosSteps is how many things happen in each day.
const chaosSteps = 100

// TestChaos lets the worst day happen, and then asks whether everything is as it should be. BELLHOP_TEST_CHAOS is how many
// days there are; two by default, which take some ten seconds.
func TestChaos(t *testing.T) {
	days := uint64(2)
	if text := os.Getenv("BELLHOP_TEST_CHAOS"); text != "" {
		var err error
		days, err = strconv.ParseUint(text, 10, 64)
		require.NoError(t, err, "BELLHOP_TEST_CHAOS")
	}
	for seed := range days {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			c := &chaos{t: t, random: rand.New(rand.NewPCG(seed, seed)), dir: t.TempDir(), counts: map[string]int{}}
			c.begin()
			for range chaosSteps {
				c.step()
			}
			c.settle()
			c.judge()
		})
	}
}

func (c *chaos) begin() {
	require.NoError(c.t, demoFiles(c.dir))
	_, out := spawn(c.t, c.dir, nil, "playground", "--listen", "127.0.0.1:0")
	c.base = pageOf(c.t, out)
	c.env = []string{"DATABASE_URL=sqlite:" + filepath.Join(c.dir, "bellhop.db"), "SLACK_API_URL=" + c.base + "/api/", "GITHUB_API_URL=" + c.base + "/api/v3/",
		"SLACK_BOT_TOKEN=" + demoBotToken, "SLACK_APP_TOKEN=" + demoAppToken, "GITHUB_TOKEN=" + demoGitHubToken}
	c.bot = replica(c.t, c.dir, c.env, c.base)
}

// happening is one of the things that can happen; weight is how often, among all.
type happening struct {
	name   string
	weight int
	do     func(c *chaos)
}

func happenings() []happening {
	fault := func(where, what string) func(*chaos) {
		return func(c *chaos) { c.control(where, json.RawMessage(what)) }
	}
	press := func(label, confirmation string) func(*chaos) {
		return func(c *chaos) { c.press(label, confirmation) }
	}
	const slackFault, gitHubFault = "/_control/fault", "/_control/github/fault"
	return []happening{
		{"deploy", 30, (*chaos).deploy},
		{"cancel", 8, press("Cancel", "Cancel it")},
		{"destroy", 8, press("Destroy", "Destroy it")},
		{"redeploy", 8, press("Redeploy", "Deploy it again")},
		{"kill -9", 6, (*chaos).kill},
		{"SIGTERM", 2, (*chaos).term},
		{"pass time", 30, (*chaos).pass},
		{"duplicate envelopes", 5, fault(slackFault, `{"duplicate_envelopes":3}`)},
		{"kill sockets", 3, fault(slackFault, `{"kill_sockets":true}`)},
		{"recycle a socket", 3, fault(slackFault, `{"disconnect":"refresh_requested","connections":1}`)},
		{"lose a post's answer", 4, fault(slackFault, `{"method":"chat.postMessage","drop_answer":true}`)},
		{"refuse a post for a while", 3, fault(slackFault, `{"method":"chat.postMessage","status":429,"retry_after":1}`)},
		{"fail an edit", 3, fault(slackFault, `{"method":"chat.update","status":500,"times":2}`)},
		{"lose a dispatch's answer", 4, fault(gitHubFault, `{"path":"/dispatches","method":"POST","drop_answer":true}`)},
		{"fail a dispatch", 3, fault(gitHubFault, `{"path":"/dispatches","method":"POST","status":500}`)},
		{"fail reading", 5, fault(gitHubFault, `{"path":"/acme/","method":"GET","status":500,"times":4}`)},
		{"limit", 2, fault(gitHubFault, `{"path":"/actions/","rate_limit":"secondary","retry_after":5}`)},
	}
}

// step lets one thing happen, and a little time pass.
func (c *chaos) step() {
	all, total := happenings(), 0
	for _, h := range all {
		total += h.weight
	}
	at := c.random.IntN(total)
	for _, h := range all {
		if at -= h.weight; at < 0 {
			c.counts[h.name]++
			h.do(c)
			break
		}
	}
	if c.random.IntN(3) > 0 { // what comes next meets this at a moment that nobody chose
		moment := time.NewTimer(time.Duration(c.random.IntN(60)) * time.Millisecond)
		<-moment.C
	}
}

func (c *chaos) control(path string, body any) map[string]any {
	c.t.Helper()
	return post(c.t, c.base+path, body)
}

func (c *chaos) pass() { c.advance(time.Duration(1+c.random.IntN(12)) * time.Second) }

func (c *chaos) advance(d time.Duration) {
	c.control("/_control/clock", map[string]string{"advance": d.String()})
}

func (c *chaos) somebody() string {
	people := []string{"U01ALICE", "U02BOB", "U03CAROL"}
	return people[c.random.IntN(len(people))]
}

// deploy asks for a deployment; there are few environments, so that people are in each other's way.
func (c *chaos) deploy() {
	refs := []string{"feature-x", "feature-y", "broken-migration", "main", "feature-x to staging", "feature-y to staging"}
	answer := c.control("/_control/command", map[string]string{"user": c.somebody(), "channel": "C02PAYMENTS", "command": "/deploy-env",
		"text": refs[c.random.IntN(len(refs))] + " of payments"})
	c.asked++
	if answer["ok"] == true {
		c.acked++
	}
}

// press presses one of the buttons of a label, and says yes if it was asked whether that is meant.
func (c *chaos) press(label, confirmation string) {
	person := c.somebody()
	for _, wanted := range []string{label, confirmation} {
		found := c.buttons(person, wanted)
		if len(found) == 0 {
			continue
		}
		b := found[c.random.IntN(len(found))]
		c.control("/_control/interact", map[string]any{"user": person, "channel": "C02PAYMENTS", "messageTs": b.message,
			"action": map[string]any{"type": b.Type, "action_id": b.ActionID, "block_id": b.block, "value": b.Value}})
	}
}

func (c *chaos) messages() []message {
	var cards struct{ Messages []message }
	require.NoError(c.t, json.Unmarshal([]byte(get(c.t, c.base+"/_control/messages/C02PAYMENTS")), &cards))
	return cards.Messages
}

func (c *chaos) private(person string) []message {
	var only struct{ Messages []message }
	require.NoError(c.t, json.Unmarshal([]byte(get(c.t, c.base+"/_control/ephemerals/C02PAYMENTS/"+person)), &only))
	return only.Messages
}

// buttons are all of that label which the person sees.
func (c *chaos) buttons(person, label string) []element {
	var found []element
	for _, m := range append(c.messages(), c.private(person)...) {
		for _, block := range m.Blocks {
			for _, e := range elementsOf(block) {
				if e.message = m.TS; e.label() == label {
					found = append(found, e)
				}
			}
		}
	}
	return found
}

func (c *chaos) kill() {
	require.NoError(c.t, c.bot.Process.Kill())
	_ = c.bot.Wait() // killed on purpose
	if c.random.IntN(2) == 0 {
		c.pass()
	}
	c.bot = replica(c.t, c.dir, c.env, c.base)
}

func (c *chaos) term() {
	require.NoError(c.t, c.bot.Process.Signal(syscall.SIGTERM))
	require.NoError(c.t, c.bot.Wait())
	c.bot = replica(c.t, c.dir, c.env, c.base)
}

// settle lets all troubles end and waits until nothing is under way.
func (c *chaos) settle() {
	defer func() {
		if c.t.Failed() {
			c.t.Logf("the channel:\n%s", wordsOf(c.messages()))
			for _, p := range []string{"U01ALICE", "U02BOB", "U03CAROL"} {
				c.t.Logf("only %s:\n%s", p, wordsOf(c.private(p)))
			}
		}
	}()
	c.control("/_control/fault", map[string]any{"clear": true})
	c.control("/_control/github/faults/clear", map[string]any{})
	// What was heard is taken up before time leaps: later it would be asked about instead of done.
	until(c.t, "all requests to be taken up", func() bool {
		return !strings.Contains(get(c.t, c.bot.ops+"/metrics"), `bellhop_work_waiting{kind="inbox"}`)
	})
	quiet := 0
	until(c.t, "everything to come to its end", func() bool {
		c.advance(5 * time.Second)
		busy := slices.ContainsFunc(c.messages(), func(m message) bool { return strings.Contains(m.words(), "🔵") })
		if quiet++; busy {
			quiet = 0
		}
		return quiet > 20
	})
	require.NoError(c.t, c.bot.Process.Signal(syscall.SIGTERM))
	require.NoError(c.t, c.bot.Wait())
}

// dispatched is a request for a run that reached GitHub, with what it said.
type dispatched struct {
	Status int
	Inputs struct {
		Environment string `json:"environment"`
		Action      string `json:"action"`
		ID          string `json:"bellhop_id"`
	} `json:"inputs"`
}

// dispatches are all requests for runs that reached GitHub, by Bellhop's id.
func (c *chaos) dispatches() map[string][]dispatched {
	var log struct {
		Calls []struct {
			Method, Path string
			Status       int
			Body         json.RawMessage
		}
	}
	require.NoError(c.t, json.Unmarshal([]byte(get(c.t, c.base+"/_control/github/log")), &log))
	all := map[string][]dispatched{}
	for _, call := range log.Calls {
		if call.Method != http.MethodPost || !strings.HasSuffix(call.Path, "/dispatches") {
			continue
		}
		d := dispatched{Status: call.Status}
		body := call.Body
		if text := ""; json.Unmarshal(body, &text) == nil {
			body = json.RawMessage(text)
		}
		require.NoError(c.t, json.Unmarshal(body, &d), string(call.Body))
		all[d.Inputs.ID] = append(all[d.Inputs.ID], d)
	}
	return all
}

// gitHubRun is a run as GitHub shows it.
type gitHubRun struct {
	ID         int64
	Title      string `json:"display_title"`
	Status     string
	Conclusion string
}

// runs are all runs of the workflow, by Bellhop's id, which stands in their titles.
func (c *chaos) runs() map[string][]gitHubRun {
	all := map[string][]gitHubRun{}
	for page := 1; ; page++ {
		request, err := http.NewRequest(http.MethodGet, fmt.Sprintf("%s/api/v3/repos/acme/platform/actions/workflows/deploy-env.yml/runs?per_page=100&page=%d", c.base, page), nil)
		require.NoError(c.t, err)
		request.Header.Set("Authorization", "Bearer "+demoGitHubToken)
		response, err := http.DefaultClient.Do(request)
		require.NoError(c.t, err)
		var answer struct {
			Runs []gitHubRun `json:"workflow_runs"`
		}
		require.NoError(c.t, json.NewDecoder(response.Body).Decode(&answer))
		require.NoError(c.t, response.Body.Close())
		if len(answer.Runs) == 0 {
			return all
		}
		for _, r := range answer.Runs {
			_, id, _ := strings.Cut(strings.TrimSuffix(r.Title, "]"), "[")
			all[id] = append(all[id], r)
		}
	}
}

// judge asks whether everything is as it should be.
func (c *chaos) judge() {
	db, err := database.Open(context.Background(), "sqlite:"+filepath.Join(c.dir, "bellhop.db"), zerolog.Nop())
	require.NoError(c.t, err)
	defer func() { require.NoError(c.t, db.Close()) }()
	store := database.NewEnvironmentStore(db)
	history, err := store.History(context.Background(), environments.HistoryFilter{Limit: 100_000})
	require.NoError(c.t, err)
	defer func() {
		if c.t.Failed() {
			for _, p := range []string{"U01ALICE", "U02BOB", "U03CAROL"} {
				c.t.Logf("only %s:\n%s", p, wordsOf(c.private(p)))
			}
		}
	}()
	dispatches, runs := c.dispatches(), c.runs()

	for id, all := range dispatches {
		heard := 0
		for _, d := range all {
			if d.Status < 300 || d.Status >= 500 { // the others were surely refused
				heard++
			}
		}
		assert.LessOrEqual(c.t, heard, 1, "dispatches of %s: %v", id, all)
		assert.LessOrEqual(c.t, len(runs[id]), 1, "runs of %s", id)
	}
	names := map[string]bool{}
	for _, e := range history {
		names[e.Environment] = true
	}
	for name := range names {
		e, err := store.Environment(context.Background(), name)
		require.NoError(c.t, err, name)
		c.counts["ends as "+string(e.State)]++
		assert.Contains(c.t, truths(runs[e.Operation.ID], e.Operation.Action), e.State, "%s: %+v, of %v", name, e.Operation, runs[e.Operation.ID])
	}
	c.judgeAudit(history)
	c.judgeCards(history)
	c.counts["dispatches"], c.counts["environments"], c.counts["audit rows"] = len(dispatches), len(names), len(history)
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(c.counts)) {
		lines = append(lines, fmt.Sprintf("%4d %s", c.counts[name], name))
	}
	c.t.Logf("what happened:\n%s", strings.Join(lines, "\n"))
}

// truths are the states that an environment may be in after its last operation had these runs, none or one.
func truths(runs []gitHubRun, action environments.Action) []environments.State {
	switch {
	case len(runs) == 0 && action == environments.Deploy: // refused, cancelled before, or GitHub never heard it
		return []environments.State{environments.Failed, environments.Cancelled, environments.Lost}
	case len(runs) == 0:
		return []environments.State{environments.DestroyFailed}
	case runs[0].Conclusion == "success" && action == environments.Deploy:
		return []environments.State{environments.Ready}
	case runs[0].Conclusion == "success":
		return []environments.State{environments.Destroyed}
	case action == environments.Destroy:
		return []environments.State{environments.DestroyFailed}
	case runs[0].Conclusion == "cancelled":
		return []environments.State{environments.Cancelled}
	}
	return []environments.State{environments.Failed}
}

// judgeAudit asks whether every ask left a row, and every operation one for its beginning and one for its end.
func (c *chaos) judgeAudit(history []environments.Entry) {
	asks, underWay, last := 0, map[string]bool{}, map[string]string{}
	for _, e := range slices.Backward(history) { // oldest first
		c.counts[fmt.Sprintf("audit: %s, %s", e.Event, e.Outcome)]++
		switch {
		case e.Event == environments.EventEnded:
			// Destroying is tried again by itself, and each time ends.
			assert.True(c.t, underWay[e.Environment] || last[e.Environment] == string(environments.DestroyFailed), "%s ends, and has not begun: %+v", e.Environment, e)
			underWay[e.Environment], last[e.Environment] = false, e.Outcome
		case e.Outcome == string(environments.Allowed) && e.Event != environments.EventCancel:
			assert.False(c.t, underWay[e.Environment], "%s begins, and has not ended: %+v", e.Environment, e)
			underWay[e.Environment], last[e.Environment] = true, ""
		}
		if e.Event == environments.EventDeploy {
			asks++
		}
	}
	for name, still := range underWay {
		assert.False(c.t, still, "%s has not ended", name)
	}
	assert.GreaterOrEqual(c.t, asks, c.acked, "asked, heard, and in the audit")
	// A refusal whose answer was cut off by a crash is decided, and written down, once more.
	assert.LessOrEqual(c.t, asks, c.asked+c.counts["kill -9"]+c.counts["SIGTERM"])
	c.counts["asks"], c.counts["asks that were heard"] = c.asked, c.acked
}

// judgeCards asks whether every deployment has one card.
func (c *chaos) judgeCards(history []environments.Entry) {
	cards := map[string]int{}
	var messages struct {
		Messages []struct {
			Metadata struct {
				Payload struct {
					ID string `json:"id"`
				} `json:"event_payload"`
			}
		}
	}
	require.NoError(c.t, json.Unmarshal([]byte(get(c.t, c.base+"/_control/messages/C02PAYMENTS")), &messages))
	for _, m := range messages.Messages {
		cards[m.Metadata.Payload.ID]++
	}
	deployments := 0
	for _, e := range history {
		if e.Outcome != string(environments.Allowed) || e.Event != environments.EventDeploy && e.Event != environments.EventRedeploy {
			continue
		}
		deployments++
		assert.Equal(c.t, 1, cards[e.Deployment], "cards of deployment %s to %s", e.Deployment, e.Environment)
	}
	c.counts["deployments"], c.counts["cards"] = deployments, len(messages.Messages)
}
