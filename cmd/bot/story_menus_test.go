package main

import (
	"encoding/json"
	"net/http"

	"github.com/rogpeppe/go-internal/testscript"
)

// shortcut USER CHANNEL TS ACTION uses a shortcut from the menu of the message with that ts.
func storyShortcut(ts *testscript.TestScript, _ bool, args []string) {
	storyOf(ts).post(ts, "/_control/shortcut", map[string]string{"user": args[0], "channel": args[1], "messageTs": args[2], "callback_id": args[3]})
}

// view USER REGEXP waits until the view that is open over everything else matches; "! view" expects that
// it does not now.
func storyView(ts *testscript.TestScript, neg bool, args []string) {
	s := storyOf(ts)
	s.expect(ts, neg, args[1], func() []message { return s.overOf(ts, args[0]) })
}

// close USER closes what is open over everything else.
func storyClose(ts *testscript.TestScript, _ bool, args []string) {
	s := storyOf(ts)
	for _, view := range s.overOf(ts, args[0]) {
		s.post(ts, "/_control/close", map[string]any{"user": args[0], "view_id": view.TS, "clear": true})
	}
}

// search USER CHANNEL TEXT OPTION types into the newest searched menu and chooses the option; "! search" expects that it is
// not offered.
func storySearch(ts *testscript.TestScript, neg bool, args []string) {
	s := storyOf(ts)
	var menu *element
	if !s.changes.until(func() bool {
		menu = s.element(ts, args[0], args[1], func(e element) bool { return e.Type == "external_select" })
		return menu != nil
	}) {
		ts.Fatalf("no searched menu:\n%s", s.transcript(ts, args[0], args[1]))
	}
	typed := map[string]any{"user": args[0], "action_id": menu.ActionID, "block_id": menu.block, "value": args[2]}
	if args[1] == home || args[1] == over {
		typed["view_id"] = menu.message
	} else {
		typed["channel"], typed["messageTs"] = args[1], menu.message
	}
	body, err := json.Marshal(typed)
	ts.Check(err)
	offered := element{}
	s.call(ts, http.MethodPost, "/_control/suggest", body, &offered)
	option := offered.option(args[3])
	if (option == nil) != neg {
		ts.Fatalf("for %q were offered %v", args[2], offered.Options)
	}
	if option != nil {
		s.interact(ts, args[0], args[1], *menu, map[string]any{"type": menu.Type, "action_id": menu.ActionID, "block_id": menu.block, "selected_option": option})
	}
}

// fill USER FIELD VALUE fills in the form that USER has open, waiting for it, and submits it; "! fill" expects that the form
// stays open with an error at that field.
func storyFill(ts *testscript.TestScript, neg bool, args []string) {
	s := storyOf(ts)
	var open struct {
		Views []struct {
			ID string `json:"id"`
		} `json:"views"`
	}
	if !s.changes.until(func() bool {
		s.call(ts, http.MethodGet, "/_control/views/"+args[0], nil, &open)
		return len(open.Views) > 0
	}) {
		ts.Fatalf("%s has no form open", args[0])
	}
	body, err := json.Marshal(map[string]any{"view_id": open.Views[len(open.Views)-1].ID, "user": args[0], "values": map[string]string{args[1]: args[2]}})
	ts.Check(err)
	var answer struct {
		OK     bool              `json:"ok"`
		Errors map[string]string `json:"errors"`
	}
	s.call(ts, http.MethodPost, "/_control/submit", body, &answer)
	if refused := answer.Errors[args[1]] != ""; !answer.OK || refused != neg {
		ts.Fatalf("fill: %+v", answer)
	}
}
