package slack

import (
	"crypto/subtle"
	"errors"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// apiError is a refusal in Slack's words.
type apiError struct {
	code       string
	messages   []string      // response_metadata.messages
	needed     string        // the scope that is missing
	retryAfter time.Duration // with ratelimited
}

// Error implements error.
func (e *apiError) Error() string { return e.code }

func refuse(code string) error { return &apiError{code: code} }

// method is one Web API method.
type method struct {
	call     func(args) (object, error)
	scopes   []string // one of them is needed; none: any token
	tier     tier
	appToken bool // takes the app-level token alone
	anyToken bool // takes either
}

// methodTable is every method that this Slack has, with the scopes and tiers of Slack's documentation.
func (s *Server) methodTable() map[string]method {
	write := []string{"chat:write"}
	reads := []string{"channels:read", "groups:read", "im:read", "mpim:read"}
	histories := []string{"channels:history", "groups:history", "im:history", "mpim:history"}
	return map[string]method{
		"api.test":                     {call: s.apiTest, anyToken: true, tier: special},
		"auth.test":                    {call: s.authTest, anyToken: true, tier: special},
		"apps.connections.open":        {call: s.connectionsOpen, appToken: true, tier: tier1},
		"bots.info":                    {call: s.botsInfo, scopes: []string{"users:read"}, tier: tier3},
		"team.info":                    {call: s.teamInfo, scopes: []string{"team:read"}, tier: tier3},
		"chat.postMessage":             {call: s.chatPostMessage, scopes: write, tier: special},
		"chat.postEphemeral":           {call: s.chatPostEphemeral, scopes: write, tier: tier4},
		"chat.update":                  {call: s.chatUpdate, scopes: write, tier: tier3},
		"chat.delete":                  {call: s.chatDelete, scopes: write, tier: tier3},
		"chat.scheduleMessage":         {call: s.chatSchedule, scopes: write, tier: tier3},
		"chat.deleteScheduledMessage":  {call: s.chatUnschedule, scopes: write, tier: tier3},
		"chat.scheduledMessages.list":  {call: s.chatScheduled, tier: tier3},
		"chat.getPermalink":            {call: s.chatPermalink, tier: special},
		"views.open":                   {call: s.viewsOpen, tier: tier4},
		"views.push":                   {call: s.viewsPush, tier: tier4},
		"views.update":                 {call: s.viewsUpdate, tier: tier4},
		"views.publish":                {call: s.viewsPublish, tier: tier4},
		"users.info":                   {call: s.usersInfo, scopes: []string{"users:read"}, tier: tier4},
		"users.list":                   {call: s.usersList, scopes: []string{"users:read"}, tier: tier2},
		"users.lookupByEmail":          {call: s.usersLookup, scopes: []string{"users:read.email"}, tier: tier3},
		"users.conversations":          {call: s.usersConversations, scopes: reads, tier: tier3},
		"usergroups.list":              {call: s.usergroupsList, scopes: []string{"usergroups:read"}, tier: tier2},
		"usergroups.users.list":        {call: s.usergroupsUsers, scopes: []string{"usergroups:read"}, tier: tier2},
		"conversations.list":           {call: s.conversationsList, scopes: reads, tier: tier2},
		"conversations.info":           {call: s.conversationsInfo, scopes: reads, tier: tier3},
		"conversations.members":        {call: s.conversationsMembers, scopes: reads, tier: tier4},
		"conversations.open":           {call: s.conversationsOpen, scopes: []string{"im:write", "mpim:write"}, tier: tier3},
		"conversations.history":        {call: s.conversationsHistory, scopes: histories, tier: tier3},
		"conversations.replies":        {call: s.conversationsReplies, scopes: histories, tier: tier3},
		"conversations.join":           {call: s.conversationsJoin, scopes: []string{"channels:join"}, tier: tier3},
		"conversations.leave":          {call: s.conversationsLeave, scopes: []string{"channels:manage", "groups:write"}, tier: tier3},
		"reactions.add":                {call: s.reactionsAdd, scopes: []string{"reactions:write"}, tier: tier3},
		"reactions.remove":             {call: s.reactionsRemove, scopes: []string{"reactions:write"}, tier: tier2},
		"reactions.get":                {call: s.reactionsGet, scopes: []string{"reactions:read"}, tier: tier3},
		"files.getUploadURLExternal":   {call: s.filesGetUploadURL, scopes: []string{"files:write"}, tier: tier4},
		"files.completeUploadExternal": {call: s.filesComplete, scopes: []string{"files:write"}, tier: tier4},
		"files.info":                   {call: s.filesInfo, scopes: []string{"files:read"}, tier: tier4},
		"files.delete":                 {call: s.filesDelete, scopes: []string{"files:write"}, tier: tier3},
	}
}

// serveAPI answers /api/METHOD.
func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	name := r.PathValue("method")
	a, charset, err := readArgs(r)
	if a == nil {
		a = args{}
	}
	struck := s.strike(r.Context(), name)
	if err == nil && struck.instead() {
		s.mu.Lock()
		s.record(name, a, struck.status(), object{"ok": false, "error": "fault"}, started)
		s.mu.Unlock()
		struck.write(w)
		return
	}
	w.Header().Set("X-OAuth-Scopes", s.scopesOf(bearer(r, a)))
	s.mu.Lock()
	var answer object
	status := http.StatusOK
	if err == nil {
		answer, err = s.call(name, bearer(r, a), a)
	}
	if err != nil {
		answer, status = s.refusal(name, w, err)
	} else {
		answer["ok"] = true
		if !charset {
			answer["warning"] = "missing_charset"
			answer["response_metadata"] = withWarning(answer["response_metadata"])
		}
	}
	s.record(name, a, status, answer, started)
	s.mu.Unlock()
	if struck.dropsAnswer() {
		cut(w)
		return
	}
	writeJSON(w, status, answer)
}

func withWarning(meta any) object {
	out := object{"warnings": []string{"missing_charset"}}
	if given, ok := meta.(object); ok {
		maps.Copy(out, given)
	}
	return out
}

// bearer is the call's token: of the Authorization header, else of the token field.
func bearer(r *http.Request, a args) string {
	if kind, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(kind, "Bearer") {
		return strings.TrimSpace(token)
	}
	return a.str("token")
}

// call checks token, scope and rate, and runs the method. The lock is held.
func (s *Server) call(name, token string, a args) (object, error) {
	m, known := s.methods[name]
	if !known {
		return nil, refuse("unknown_method")
	}
	isApp, err := s.checkToken(token)
	switch {
	case err != nil && name != "api.test":
		return nil, err
	case err == nil && !m.anyToken && isApp != m.appToken:
		return nil, refuse("not_allowed_token_type")
	}
	if len(m.scopes) > 0 && !slices.ContainsFunc(m.scopes, s.manifest.granted) {
		return nil, s.missing(m.scopes...)
	}
	if wait := s.limits.take(s.now(), name, m.tier); wait > 0 {
		return nil, &apiError{code: "ratelimited", retryAfter: wait}
	}
	if name == "auth.test" && isApp {
		return s.authTestApp()
	}
	return m.call(a)
}

func (s *Server) checkToken(token string) (isApp bool, err error) {
	app := s.cfg.World.App
	same := func(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
	switch {
	case token == "":
		return false, refuse("not_authed")
	case same(token, app.AppToken):
		return true, nil
	case same(token, app.BotToken):
		return false, nil
	}
	return false, refuse("invalid_auth")
}

// scopesOf is what a token is good for, as Slack tells it in a header of every answer.
func (s *Server) scopesOf(token string) string {
	switch isApp, err := s.checkToken(token); {
	case err != nil:
		return ""
	case isApp:
		return "connections:write"
	}
	return strings.Join(s.manifest.OAuth.Scopes.Bot, ",")
}

// missing is Slack's answer to a call whose scope was not granted.
func (s *Server) missing(scopes ...string) error {
	return &apiError{code: "missing_scope", needed: strings.Join(scopes, ",")}
}

// refusal is err as an answer, with its headers set.
func (s *Server) refusal(name string, w http.ResponseWriter, err error) (object, int) {
	var e *apiError
	if !errors.As(err, &e) {
		s.cfg.Log.Error().Err(err).Str("method", name).Msg("slack playground failed")
		return object{"ok": false, "error": "internal_error"}, http.StatusOK
	}
	answer, status := object{"ok": false, "error": e.code}, http.StatusOK
	if e.code == "unknown_method" {
		answer["req_method"] = name
	}
	if len(e.messages) > 0 {
		answer["response_metadata"] = object{"messages": e.messages}
		var plain []string
		for _, m := range e.messages {
			plain = append(plain, strings.TrimPrefix(m, "[ERROR] "))
		}
		if e.code == "invalid_blocks" {
			answer["errors"] = plain
		}
	}
	if e.needed != "" {
		answer["needed"] = e.needed
		answer["provided"] = strings.Join(s.manifest.OAuth.Scopes.Bot, ",")
	}
	if e.retryAfter > 0 {
		status = http.StatusTooManyRequests
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(e.retryAfter.Seconds()))))
	}
	return answer, status
}

func writeJSON(w http.ResponseWriter, status int, answer any) {
	data, err := encode(answer)
	if err != nil {
		http.Error(w, `{"ok":false,"error":"internal_error"}`, http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// A client that went away gets no answer; nothing is left to do about it.
	_, _ = w.Write(data)
}

// cut ends the connection without an answer.
func cut(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // net/http's own way to cut a connection that cannot be taken over
	}
	// The connection is to be broken; how closing it goes makes no difference.
	_ = conn.Close()
}
