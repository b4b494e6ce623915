package slack

import (
	"slices"
	"time"
	"unicode/utf8"
)

// View is a modal or an App Home in Slack's own shape. Once it stands in the state it is never changed: an update puts
// a copy in its place.
type View struct {
	ID              string    `json:"id"`
	TeamID          string    `json:"team_id"`
	Type            string    `json:"type"`
	Blocks          []object  `json:"blocks"`
	PrivateMetadata string    `json:"private_metadata"`
	CallbackID      string    `json:"callback_id"`
	State           viewState `json:"state"`
	Hash            string    `json:"hash"`
	Title           object    `json:"title"`
	ClearOnClose    bool      `json:"clear_on_close"`
	NotifyOnClose   bool      `json:"notify_on_close"`
	Close           object    `json:"close"`
	Submit          object    `json:"submit"`
	PreviousViewID  *string   `json:"previous_view_id"`
	RootViewID      string    `json:"root_view_id"`
	AppID           string    `json:"app_id"`
	ExternalID      string    `json:"external_id"`
	InstalledTeamID string    `json:"app_installed_team_id"`
	BotID           string    `json:"bot_id"`
}

type viewState struct {
	Values stateValues `json:"values"`
}

// stateValues is what a person has filled in, by block_id and action_id.
type stateValues map[string]map[string]object

// maxStack is Slack's: a modal and two pushed onto it.
const maxStack = 3

// readView reads and checks the view argument.
func (s *Server) readView(a args, kind string) (*View, error) {
	if !a.has("view") {
		return nil, invalidArguments("[ERROR] missing required field: view [json-pointer:]")
	}
	raw := object{}
	if err := a.decode("view", &raw); err != nil {
		return nil, invalidArguments("[ERROR] invalid JSON [json-pointer:/view]")
	}
	if faults := s.checkView(raw, kind); len(faults) > 0 {
		return nil, invalidArguments(faults...)
	}
	v := &View{}
	if err := a.decode("view", v); err != nil {
		return nil, invalidArguments("[ERROR] " + err.Error() + " [json-pointer:/view]")
	}
	app := s.cfg.World.App
	v.Type, v.TeamID, v.AppID, v.BotID, v.InstalledTeamID = kind, s.cfg.World.Team.ID, app.ID, app.BotID, s.cfg.World.Team.ID
	v.Blocks = named(v.Blocks)
	v.State.Values = initialValues(v.Blocks)
	v.ID = randomID("V")
	v.RootViewID = v.ID
	v.Hash = s.newHash()
	return v, nil
}

func invalidArguments(messages ...string) error {
	return &apiError{code: "invalid_arguments", messages: messages}
}

func (s *Server) newHash() string {
	s.lastTS++
	return formatTS(max(s.now().UnixMicro(), s.lastTS))[:10] + "." + randomHex(4)
}

// useTrigger takes a trigger_id, which is good once and for 3 seconds.
func (s *Server) useTrigger(a args) (*trigger, error) {
	if !a.has("trigger_id") {
		return nil, invalidArguments("[ERROR] missing required field: trigger_id [json-pointer:]")
	}
	t := s.triggers[a.str("trigger_id")]
	switch {
	case t == nil:
		return nil, invalidArguments("[ERROR] invalid `trigger_id` [json-pointer:/trigger_id]")
	case t.used:
		return nil, refuse("exchanged_trigger_id")
	case s.now().Sub(t.issued) > triggerLife:
		return nil, refuse("expired_trigger_id")
	}
	t.used = true
	return t, nil
}

func (s *Server) setStack(user string, stack []*View) {
	s.commit(change{Stack: &stackOf{user, stack}}, note{Type: "view", User: user})
}

func (s *Server) viewsOpen(a args) (object, error) {
	v, err := s.readView(a, "modal")
	if err != nil {
		return nil, err
	}
	if err := s.checkExternal(v); err != nil {
		return nil, err
	}
	t, err := s.useTrigger(a)
	if err != nil {
		return nil, err
	}
	s.setStack(t.user, []*View{v})
	return object{"view": v}, nil
}

func (s *Server) viewsPush(a args) (object, error) {
	v, err := s.readView(a, "modal")
	if err != nil {
		return nil, err
	}
	if err := s.checkExternal(v); err != nil {
		return nil, err
	}
	t, err := s.useTrigger(a)
	if err != nil {
		return nil, err
	}
	if _, _, at := s.openView(t.view); at < 0 {
		return nil, refuse("not_found")
	}
	if err := s.push(t.user, v); err != nil {
		return nil, err
	}
	return object{"view": v}, nil
}

// push puts a view onto somebody's open ones. The lock is held.
func (s *Server) push(user string, v *View) error {
	stack := slices.Clone(s.state.stacks[user])
	if len(stack) >= maxStack {
		return refuse("push_limit_reached")
	}
	if len(stack) > 0 {
		v.PreviousViewID, v.RootViewID = &stack[len(stack)-1].ID, stack[0].ID
	}
	s.setStack(user, append(stack, v))
	return nil
}

// checkExternal refuses an external_id that another open view has.
func (s *Server) checkExternal(v *View) error {
	if v.ExternalID == "" {
		return nil
	}
	for _, stack := range s.state.stacks {
		for _, other := range stack {
			if other.ExternalID == v.ExternalID && other.ID != v.ID {
				return refuse("duplicate_external_id")
			}
		}
	}
	return nil
}

// openView finds an open modal by id, or an App Home; at is -1 when there is none, and the place in the stack else.
func (s *Server) openView(id string) (user string, v *View, at int) {
	for user, stack := range s.state.stacks {
		for at, v := range stack {
			if v.ID == id {
				return user, v, at
			}
		}
	}
	return "", nil, -1
}

// topOver is the view that lies over all that are open with the given one; nil when that is not open.
func (s *Server) topOver(id string) *View {
	user, _, at := s.openView(id)
	if at < 0 {
		return nil
	}
	stack := s.state.stacks[user]
	return stack[len(stack)-1]
}

func (s *Server) viewsUpdate(a args) (object, error) {
	id := a.str("view_id")
	if !a.has("view_id") && !a.has("external_id") {
		return nil, invalidArguments("[ERROR] either view_id or external_id must be given [json-pointer:]")
	}
	for _, stack := range s.state.stacks {
		for _, v := range stack {
			if a.has("external_id") && v.ExternalID == a.str("external_id") {
				id = v.ID
			}
		}
	}
	user, old, at := s.openView(id)
	home := ""
	for owner, v := range s.state.homes {
		if v != nil && v.ID == id {
			old, home = v, owner
		}
	}
	if old == nil {
		return nil, refuse("not_found")
	}
	if a.has("hash") && a.str("hash") != old.Hash {
		return nil, refuse("hash_conflict")
	}
	v, err := s.readView(a, old.Type)
	if err != nil {
		return nil, err
	}
	replaceView(v, old)
	if err := s.checkExternal(v); err != nil {
		return nil, err
	}
	if home != "" {
		s.commit(change{Home: &homeOf{home, v}}, note{Type: "home", User: home})
		return object{"view": v}, nil
	}
	stack := slices.Clone(s.state.stacks[user])
	stack[at] = v
	s.setStack(user, stack)
	return object{"view": v}, nil
}

// replaceView gives v the place of old; what was filled in stays where block_id and action_id are the same.
func replaceView(v, old *View) {
	v.ID, v.RootViewID, v.PreviousViewID = old.ID, old.RootViewID, old.PreviousViewID
	for block, actions := range v.State.Values {
		for action := range actions {
			if kept, ok := old.State.Values[block][action]; ok && kept["type"] == actions[action]["type"] {
				actions[action] = kept
			}
		}
	}
}

func (s *Server) viewsPublish(a args) (object, error) {
	u := s.state.users[a.str("user_id")]
	switch {
	case u == nil || u.Deleted || u.IsBot:
		return nil, invalidArguments("[ERROR] invalid user_id [json-pointer:/user_id]")
	case !s.manifest.Features.AppHome.Home:
		return nil, refuse("not_enabled")
	}
	old := s.state.homes[u.ID]
	if a.has("hash") && (old == nil || a.str("hash") != old.Hash) {
		return nil, refuse("hash_conflict")
	}
	v, err := s.readView(a, "home")
	if err != nil {
		return nil, err
	}
	if old != nil {
		v.ID, v.RootViewID = old.ID, old.ID
	}
	s.commit(change{Home: &homeOf{u.ID, v}}, note{Type: "home", User: u.ID})
	return object{"view": v}, nil
}

// checkView lists what Slack refuses in a view.
func (s *Server) checkView(v object, kind string) []string {
	k := &checker{server: s, surface: kind}
	at := "/view"
	k.known(v, at, "type", "title", "blocks", "close", "submit", "private_metadata", "callback_id", "clear_on_close",
		"notify_on_close", "external_id", "submit_disabled")
	if given, _ := v["type"].(string); given != kind {
		k.fault(at+"/type", "must be a valid view type: %s", kind)
	}
	if kind == "modal" {
		k.text(v, at, "title", required, plainOnly, 24)
		k.text(v, at, "close", optional, plainOnly, 24)
		k.text(v, at, "submit", optional, plainOnly, 24)
	}
	k.maxLength(v, at, "private_metadata", 3000)
	k.maxLength(v, at, "callback_id", 255)
	k.maxLength(v, at, "external_id", 255)
	blocks, ok := objects(v["blocks"])
	if !ok {
		k.fault(at, "missing required field: blocks")
		return k.faults
	}
	k.blocks(blocks, at+"/blocks", 100)
	if k.inputs && v["submit"] == nil && kind == "modal" {
		k.fault(at, "missing required field: submit") // Slack: needed when the view has an input
	}
	if utf8.RuneCount(marshal(v)) > 250<<10 {
		k.fault(at, "view is too large")
	}
	return k.faults
}

// stamp is the playground's moment as Slack writes an action_ts.
func stamp(t time.Time) string { return formatTS(t.UnixMicro()) }
