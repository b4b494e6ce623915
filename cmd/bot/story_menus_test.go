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
	if args[1] == home {
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
