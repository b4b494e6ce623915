package main

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// storyWords are the words in which stories are told, besides testscript's own.
func storyWords() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"playground": storyPlayground,
		"serve":      storyServe,
		"kill9":      storyKill,
		"term":       storyTerm,
		"slash":      storySlash,
		"flood":      storyFlood,
		"say":        storySay,
		"press":      storyPress,
		"choose":     storyChoose,
		"search":     storySearch,
		"fill":       storyFill,
		"shortcut":   storyShortcut,
		"see":        storySee,
		"replied":    storyReplied,
		"home":       storyHome,
		"view":       storyView,
		"close":      storyClose,
		"api":        storyAPI,
		"told":       storyTold,
		"asks":       storyAsks,
		"count":      storyCount,
		"clock":      storyClock,
		"control":    storyControl,
		"logged":     storyLogged,
		"ended":      storyEnded,
		"ready":      storyReady,
	}
}

// playground [FLAG…] starts the simulated Slack and GitHub, and puts their addresses and tokens into the environment.
func storyPlayground(ts *testscript.TestScript, _ bool, args []string) {
	s := storyOf(ts)
	address := freeAddress(ts)
	s.playground = start(ts, botEnvironment(ts), append([]string{"playground", "--listen", address, "--data", ts.MkAbs("playground")}, args...)...)
	s.base = "http://" + address
	if s.playground.await(regexp.MustCompile(regexp.QuoteMeta(s.base))) == nil {
		ts.Fatalf("the playground did not start:\n%s", s.playground.output())
	}
	s.changes = watch(ts, s.base)
	ts.Setenv("PLAYGROUND", s.base)
	ts.Setenv("SLACK_API_URL", s.base+"/api/")
	ts.Setenv("GITHUB_API_URL", s.base+"/api/v3/")
	for name, value := range map[string]string{"SLACK_BOT_TOKEN": "xoxb-demo", "SLACK_APP_TOKEN": "xapp-demo", "GITHUB_TOKEN": "ghp_demo", "GITHUB_CLIENT_ID": "Iv23demo"} {
		if ts.Getenv(name) == "" {
			ts.Setenv(name, value)
		}
	}
}

// serve [FLAG…] starts the bot and waits until it is ready; "! serve" expects it to end with an error instead.
func storyServe(ts *testscript.TestScript, neg bool, args []string) {
	s := storyOf(ts)
	s.ops = freeAddress(ts)
	ts.Setenv("BELLHOP_LISTEN", s.ops)
	s.bot = start(ts, botEnvironment(ts), append([]string{"serve", "--clock", s.base + "/_control/clock"}, args...)...)
	if neg {
		if done, err := s.bot.ended(); !done || err == nil {
			ts.Fatalf("the bot was expected to end with an error:\n%s", s.bot.output())
		}
		return
	}
	if s.bot.await(regexp.MustCompile(`"message":"ready"`)) == nil {
		ts.Fatalf("the bot did not become ready:\n%s", s.bot.output())
	}
}

// botEnvironment is what the bot may see of the story's environment.
func botEnvironment(ts *testscript.TestScript) []string {
	var env []string
	for _, name := range []string{"HOME", "PATH", "TMPDIR", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_API_URL", "GITHUB_TOKEN",
		"GITHUB_API_URL", "GITHUB_CLIENT_ID", "DATABASE_URL", "BELLHOP_CONFIG", "BELLHOP_LISTEN", "BELLHOP_LOG_LEVEL", "BELLHOP_LOG_FORMAT"} {
		if value := ts.Getenv(name); value != "" {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// kill9 ends the bot as a crash would.
func storyKill(ts *testscript.TestScript, _ bool, _ []string) { storyOf(ts).bot.kill() }

// term asks the bot to end, and expects it to end well.
func storyTerm(ts *testscript.TestScript, _ bool, _ []string) {
	s := storyOf(ts)
	s.bot.signal(syscall.SIGTERM)
	if done, err := s.bot.ended(); !done || err != nil {
		ts.Fatalf("after SIGTERM: ended %v, %v\n%s", done, err, s.bot.output())
	}
}

// slash USER CHANNEL /COMMAND [WORD…] types a slash command. "! slash" expects Slack to say that it failed.
func storySlash(ts *testscript.TestScript, neg bool, args []string) {
	s := storyOf(ts)
	body, err := json.Marshal(map[string]string{"user": args[0], "channel": args[1], "command": args[2], "text": strings.Join(args[3:], " ")})
	ts.Check(err)
	answer := map[string]any{}
	s.call(ts, http.MethodPost, "/_control/command", body, &answer)
	if (answer["ok"] == true) == neg {
		ts.Fatalf("slash: %v", answer)
	}
}

// flood N USER CHANNEL /COMMAND [WORD…] types a slash command N times, one right after the other.
func storyFlood(ts *testscript.TestScript, neg bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	for range n {
		storySlash(ts, neg, args[1:])
	}
}

// say USER CHANNEL TEXT [thread-ts] writes a message, whose ts is $TS from here on.
func storySay(ts *testscript.TestScript, _ bool, args []string) {
	body := map[string]string{"user": args[0], "channel": args[1], "text": args[2]}
	if file, ok := strings.CutPrefix(args[2], "@"); ok {
		body["text"] = strings.TrimSpace(ts.ReadFile(file))
	}
	if len(args) > 3 {
		body["thread_ts"] = args[3]
	}
	answer := storyOf(ts).post(ts, "/_control/message", body)
	if at, ok := answer["ts"].(string); ok {
		ts.Setenv("TS", at)
	}
}

// api METHOD JSON calls one of Slack's methods with the bot's token, as somebody else who has it might.
func storyAPI(ts *testscript.TestScript, _ bool, args []string) {
	s := storyOf(ts)
	request, err := http.NewRequest(http.MethodPost, s.base+"/api/"+args[0], strings.NewReader(args[1]))
	ts.Check(err)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+ts.Getenv("SLACK_BOT_TOKEN"))
	response, err := http.DefaultClient.Do(request)
	ts.Check(err)
	defer response.Body.Close()
	var answer map[string]any
	ts.Check(json.NewDecoder(response.Body).Decode(&answer))
	if answer["ok"] != true {
		ts.Fatalf("%s answered %v", args[0], answer)
	}
}

// press USER CHANNEL LABEL presses the newest button of that label that the person sees, waiting until there is one.
func storyPress(ts *testscript.TestScript, neg bool, args []string) {
	s := storyOf(ts)
	var found *element
	look := func() bool {
		found = s.element(ts, args[0], args[1], func(e element) bool { return e.label() == args[2] })
		return found != nil
	}
	if neg {
		if look() {
			ts.Fatalf("there is a button %q", args[2])
		}
		return
	}
	if !s.changes.until(look) {
		ts.Fatalf("no button %q for %s in %s:\n%s", args[2], args[0], args[1], s.transcript(ts, args[0], args[1]))
	}
	s.interact(ts, args[0], args[1], *found, map[string]any{"type": found.Type, "action_id": found.ActionID, "block_id": found.block, "value": found.Value})
}

// choose USER CHANNEL OPTION chooses from the newest menu that has the option.
func storyChoose(ts *testscript.TestScript, _ bool, args []string) {
	s := storyOf(ts)
	var found *element
	var option map[string]any
	if !s.changes.until(func() bool {
		found = s.element(ts, args[0], args[1], func(e element) bool { option = e.option(args[2]); return option != nil })
		return found != nil
	}) {
		ts.Fatalf("no menu with %q:\n%s", args[2], s.transcript(ts, args[0], args[1]))
	}
	option = found.option(args[2])
	s.interact(ts, args[0], args[1], *found, map[string]any{"type": found.Type, "action_id": found.ActionID, "block_id": found.block, "selected_option": option})
}

func (s *story) interact(ts *testscript.TestScript, user, channel string, e element, action map[string]any) {
	if channel == home || channel == over {
		s.post(ts, "/_control/interact", map[string]any{"user": user, "view_id": e.message, "action": action})
		return
	}
	s.post(ts, "/_control/interact", map[string]any{"user": user, "channel": channel, "messageTs": e.message, "action": action})
}

// home USER REGEXP opens the person's App Home and waits until it matches.
func storyHome(ts *testscript.TestScript, neg bool, args []string) {
	s := storyOf(ts)
	s.post(ts, "/_control/open-home", map[string]string{"user": args[0]})
	s.expect(ts, neg, args[1], func() []message { return s.homeOf(ts, args[0]) })
}

// replied TS CHANNEL REGEXP waits for a message in that thread.
func storyReplied(ts *testscript.TestScript, neg bool, args []string) {
	s := storyOf(ts)
	s.expect(ts, neg, args[2], func() []message {
		return slices.DeleteFunc(s.messages(ts, "/_control/messages/"+args[1]), func(m message) bool { return m.Thread != args[0] || m.TS == args[0] })
	})
}

// see CHANNEL REGEXP waits until a message there matches, whose ts is $TS from here on; "! see" expects that none does now.
func storySee(ts *testscript.TestScript, neg bool, args []string) {
	s := storyOf(ts)
	s.expect(ts, neg, args[1], func() []message { return s.messages(ts, "/_control/messages/"+args[0]) })
}

// told USER CHANNEL REGEXP waits until a message that only the person sees matches.
func storyTold(ts *testscript.TestScript, neg bool, args []string) {
	s := storyOf(ts)
	s.expect(ts, neg, args[2], func() []message { return s.messages(ts, "/_control/ephemerals/"+args[1]+"/"+args[0]) })
}

// asks USER CHANNEL REGEXP /COMMAND [WORD…] asks, and asks anew whenever something has happened, until the answer matches.
func storyAsks(ts *testscript.TestScript, _ bool, args []string) {
	s := storyOf(ts)
	re, err := regexp.Compile("(?s)" + args[2])
	ts.Check(err)
	var heard []message
	if !s.changes.until(func() bool {
		before := len(heard)
		storySlash(ts, false, append([]string{args[0], args[1]}, args[3:]...))
		s.changes.until(func() bool {
			heard = s.messages(ts, "/_control/ephemerals/"+args[1]+"/"+args[0])
			return len(heard) > before
		})
		return len(heard) > 0 && re.MatchString(heard[len(heard)-1].words())
	}) {
		ts.Fatalf("%q was never the answer:\n%s", args[2], wordsOf(heard))
	}
}

func (s *story) expect(ts *testscript.TestScript, neg bool, pattern string, messages func() []message) {
	re, err := regexp.Compile("(?s)" + pattern)
	ts.Check(err)
	matched := func() bool {
		for _, m := range messages() {
			if re.MatchString(m.words()) {
				ts.Setenv("TS", m.TS)
				return true
			}
		}
		return false
	}
	switch {
	case neg && matched():
		ts.Fatalf("%q was said:\n%s", pattern, wordsOf(messages()))
	case !neg && !s.changes.until(matched):
		bot := ""
		if s.bot != nil {
			bot = s.bot.output()
		}
		ts.Fatalf("%q was not said. What was:\n%s\nThe bot's log:\n%s", pattern, wordsOf(messages()), bot)
	}
}

// count N CHANNEL REGEXP expects exactly N messages there that match, now.
func storyCount(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	re, err := regexp.Compile("(?s)" + args[2])
	ts.Check(err)
	messages, got := storyOf(ts).messages(ts, "/_control/messages/"+args[1]), 0
	for _, m := range messages {
		if re.MatchString(m.words()) {
			got++
		}
	}
	if got != want {
		ts.Fatalf("%d messages match %q, not %d:\n%s", got, args[2], want, wordsOf(messages))
	}
}

// clock DURATION moves the playground's time and with it the bot's; clock to MOMENT sets it.
func storyClock(ts *testscript.TestScript, _ bool, args []string) {
	body := map[string]string{"advance": args[0]}
	if args[0] == "to" {
		body = map[string]string{"to": args[1]}
	}
	storyOf(ts).post(ts, "/_control/clock", body)
}

// control PATH JSON posts to the playground's control; the answer's fields are then
// in the environment ({"run_id":7} as $RUN_ID). With no JSON it gets, and the answer is stdout.
func storyControl(ts *testscript.TestScript, _ bool, args []string) {
	s := storyOf(ts)
	if len(args) == 1 {
		_, err := ts.Stdout().Write(s.call(ts, http.MethodGet, args[0], nil, nil))
		ts.Check(err)
		return
	}
	answer := map[string]any{}
	s.call(ts, http.MethodPost, args[0], []byte(args[1]), &answer)
	if answer["ok"] != true {
		ts.Fatalf("control %s answered %v", args[0], answer)
	}
	for key, value := range answer { // {"run_id":7} is $RUN_ID from here on
		switch v := value.(type) {
		case string:
			ts.Setenv(strings.ToUpper(key), v)
		case float64:
			ts.Setenv(strings.ToUpper(key), strconv.FormatFloat(v, 'f', -1, 64))
		}
	}
}

// logged [-count=N] PATH REGEXP waits until the playground's log at PATH (/_control/log, /_control/github/log) matches
// N times or more (one by default); "! logged" expects no match now. With =N as count, exactly N matches, now.
func storyLogged(ts *testscript.TestScript, neg bool, args []string) {
	s := storyOf(ts)
	want, exact := 1, false
	if rest, ok := strings.CutPrefix(args[0], "-count="); ok {
		rest, exact = strings.CutPrefix(rest, "=")
		var err error
		want, err = strconv.Atoi(rest)
		ts.Check(err)
		args = args[1:]
	}
	re, err := regexp.Compile(args[1])
	ts.Check(err)
	var raw []byte
	matches := func() int {
		raw = s.call(ts, http.MethodGet, args[0], nil, nil)
		return len(re.FindAll(raw, -1))
	}
	switch {
	case neg && matches() > 0, exact && matches() != want:
		ts.Fatalf("the log at %s has %d of %q:\n%s", args[0], matches(), args[1], raw)
	case !neg && !exact && !s.changes.until(func() bool { return matches() >= want }):
		ts.Fatalf("the log at %s never had %q:\n%s", args[0], args[1], raw)
	}
}

// ended REGEXP expects that the bot has ended or ends, with that in its output.
func storyEnded(ts *testscript.TestScript, _ bool, args []string) {
	s := storyOf(ts)
	if done, _ := s.bot.ended(); !done {
		ts.Fatalf("the bot goes on")
	}
	if !regexp.MustCompile(args[0]).MatchString(s.bot.output()) {
		ts.Fatalf("the bot's output has no %q:\n%s", args[0], s.bot.output())
	}
}

// ready STATUS waits until the bot's /readyz answers so, and puts what it says on stdout.
func storyReady(ts *testscript.TestScript, _ bool, args []string) {
	s := storyOf(ts)
	var status, said string
	ask := func() bool {
		response, err := http.Get("http://" + s.ops + "/readyz")
		ts.Check(err)
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		ts.Check(err)
		status, said = strconv.Itoa(response.StatusCode), string(text)
		return status == args[0]
	}
	// What a probe would see is told by nothing but the probe, so it is asked as one asks.
	for deadline := time.Now().Add(patience); !ask(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			ts.Fatalf("/readyz answered %s: %s", status, said)
		}
	}
	_, err := ts.Stdout().Write([]byte(said))
	ts.Check(err)
}
