package github

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// GitHub: a code is good for 15 minutes, may be asked after every 5 s, and each question that comes too soon adds 5 s.
const (
	deviceLives    = 15 * time.Minute
	deviceInterval = 5 * time.Second
	userTokenLives = 8 * time.Hour
)

// device is a sign-in by the device flow that has begun. They are forgotten when the playground ends.
type device struct {
	code, userCode string
	begun          time.Time // by the playground's clock
	asked          time.Time // last
	interval       time.Duration
	login          string // who has allowed it; empty: nobody yet
	denied, spent  bool
}

func (d *device) expired(now time.Time) bool { return now.Sub(d.begun) >= deviceLives }

// waiting says whether a code can still be typed.
func (d *device) waiting(now time.Time) bool {
	return d.login == "" && !d.denied && !d.expired(now)
}

// oauthError is a refusal of the device flow. GitHub sends most with status 200.
type oauthError struct {
	status            int
	code, description string
	interval          time.Duration
}

func (e *oauthError) Error() string { return e.description }

// serveOAuth answers POST /login/device/code and POST /login/oauth/access_token: as a form, or as JSON where that is accepted.
func (s *Server) serveOAuth(h func(url.Values) (map[string]string, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ask, err := oauthParameters(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		s.mu.Lock()
		s.advance()
		out, err := h(ask)
		s.mu.Unlock()
		status := http.StatusOK
		var refusal *oauthError
		if errors.As(err, &refusal) {
			status = refusal.status
			out = map[string]string{"error": refusal.code, "error_description": refusal.description, "error_uri": "https://docs.github.com/apps"}
			if refusal.interval > 0 {
				out["interval"] = strconv.Itoa(int(refusal.interval.Seconds()))
			}
		} else if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		writeOAuth(w, r, status, out)
	}
}

// oauthParameters reads what GitHub takes: a form, JSON, or the query.
func oauthParameters(r *http.Request) (url.Values, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<16))
	if err != nil {
		return nil, fmt.Errorf("read the body: %w", err)
	}
	out := r.URL.Query()
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "application/json" {
		var fields map[string]string
		if err := json.Unmarshal(body, &fields); err != nil {
			return nil, errors.New("problems parsing JSON")
		}
		for k, v := range fields {
			out.Set(k, v)
		}
		return out, nil
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, fmt.Errorf("read the form: %w", err)
	}
	for k, v := range form {
		out[k] = v
	}
	return out, nil
}

// writeOAuth sends numbers as numbers in JSON, and everything as text in a form.
func writeOAuth(w http.ResponseWriter, r *http.Request, status int, fields map[string]string) {
	if !strings.Contains(r.Header.Get("Accept"), "json") {
		form := url.Values{}
		for k, v := range fields {
			form.Set(k, v)
		}
		w.Header().Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
		w.WriteHeader(status)
		// A client that has gone away needs no answer.
		_, _ = io.WriteString(w, form.Encode())
		return
	}
	out := map[string]any{}
	for k, v := range fields {
		out[k] = v
		if n, err := strconv.Atoi(v); err == nil && (k == "interval" || strings.HasSuffix(k, "expires_in")) {
			out[k] = n
		}
	}
	answer := jsonReply(status, out)
	w.Header().Set("Content-Type", answer.header.Get("Content-Type"))
	w.WriteHeader(status)
	// A client that has gone away needs no answer.
	_, _ = w.Write(answer.body)
}

// deviceCode begins a sign-in.
func (s *Server) deviceCode(ask url.Values) (map[string]string, error) {
	if ask.Get("client_id") != s.config.World.App.ClientID {
		return nil, &oauthError{status: http.StatusNotFound, code: "Not Found", description: "There is no app with this client ID."}
	}
	if !s.options.DeviceFlow {
		return nil, &oauthError{status: http.StatusBadRequest, code: "device_flow_disabled",
			description: "Device Flow must be explicitly enabled for this App"}
	}
	raw := make([]byte, 28)
	if _, err := rand.Read(raw); err != nil {
		return nil, fmt.Errorf("make a device code: %w", err)
	}
	const letters = "BCDFGHJKLMNPQRSTVWXZ" // no vowels: no words
	var typed []byte
	for _, b := range raw[20:] {
		typed = append(typed, letters[int(b)%len(letters)])
	}
	d := &device{code: hex.EncodeToString(raw[:20]), userCode: string(typed[:4]) + "-" + string(typed[4:]), begun: s.st.now, interval: deviceInterval}
	s.devices = append(s.devices[max(0, len(s.devices)-99):], d) // the last hundred
	return map[string]string{"device_code": d.code, "user_code": d.userCode, "verification_uri": s.base + "/login/device",
		"expires_in": strconv.Itoa(int(deviceLives.Seconds())), "interval": strconv.Itoa(int(d.interval.Seconds()))}, nil
}

// deviceToken tells whether somebody has allowed it, and gives their token once.
func (s *Server) deviceToken(ask url.Values) (map[string]string, error) {
	refuse := func(code, description string) (map[string]string, error) {
		return nil, &oauthError{status: http.StatusOK, code: code, description: description}
	}
	if ask.Get("client_id") != s.config.World.App.ClientID {
		return refuse("incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect.")
	}
	if ask.Get("grant_type") != "urn:ietf:params:oauth:grant-type:device_code" {
		return refuse("unsupported_grant_type", "The authorization grant type is not supported by the authorization server.")
	}
	d := s.deviceBy(func(d *device) bool { return d.code == ask.Get("device_code") && !d.spent })
	if d == nil {
		return refuse("incorrect_device_code", "The device_code provided is not valid.")
	}
	now := s.st.now
	soon := now.Sub(d.asked) < d.interval // the first question may come at once
	d.asked = now
	switch {
	case d.denied:
		d.spent = true
		return refuse("access_denied", "The authorization request was denied.")
	case d.expired(now):
		return refuse("expired_token", "The `device_code` has expired.")
	case soon:
		d.interval += deviceInterval
		return nil, &oauthError{status: http.StatusOK, code: "slow_down", interval: d.interval,
			description: "Too many requests have been made in the same timeframe."}
	case d.login == "":
		return refuse("authorization_pending", "The authorization request is still pending.")
	}
	d.spent = true
	token, err := s.mint("ghu_", issued{Login: d.login, Expires: time.Now().Add(userTokenLives).Unix(), Nonce: d.code[:12]})
	if err != nil {
		return nil, err
	}
	return map[string]string{"access_token": token, "token_type": "bearer", "scope": "", "expires_in": strconv.Itoa(int(userTokenLives.Seconds()))}, nil
}

// deviceBy is the newest that fits; nil when none does.
func (s *Server) deviceBy(fits func(*device) bool) *device {
	for i := len(s.devices) - 1; i >= 0; i-- {
		if fits(s.devices[i]) {
			return s.devices[i]
		}
	}
	return nil
}

// allow types a code as a person; without one, the newest that waits. It gives the code.
func (s *Server) allow(userCode, login string, deny bool) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance()
	u := s.st.users[strings.ToLower(login)]
	if u == nil || u.Bot {
		return "", fmt.Errorf("nobody is called %q", login)
	}
	typed := strings.ReplaceAll(strings.ToUpper(strings.TrimSpace(userCode)), "-", "")
	d := s.deviceBy(func(d *device) bool {
		return d.waiting(s.st.now) && (typed == "" || typed == strings.ReplaceAll(d.userCode, "-", ""))
	})
	if d == nil {
		return "", errors.New("the code is not valid, or no longer: look at it again, or ask for a new one")
	}
	if d.denied = deny; !deny {
		d.login = u.Login
	}
	s.wake()
	return d.userCode, nil
}

func controlDevice(s *Server, body []byte) (map[string]any, error) {
	ask, err := read[struct {
		UserCode string `json:"user_code"`
		Login    string `json:"login"`
		Deny     bool   `json:"deny"`
	}](body)
	if err != nil {
		return nil, err
	}
	code, err := s.allow(ask.UserCode, ask.Login, ask.Deny)
	return map[string]any{"user_code": code}, err
}

// serveDevicePage is where a person types the code. It knows no sign-in: the person says who they are.
func (s *Server) serveDevicePage(w http.ResponseWriter, r *http.Request) {
	body := map[string]any{"Code": r.URL.Query().Get("user_code")}
	if r.Method == http.MethodPost {
		if !s.local(r) {
			http.Error(w, "only pages of this machine may send this", http.StatusForbidden)
			return
		}
		deny := r.PostFormValue("answer") == "cancel"
		code := cmp.Or(strings.TrimSpace(r.PostFormValue("user_code")), "?") // nothing typed is no code
		if _, err := s.allow(code, r.PostFormValue("login"), deny); err != nil {
			body["Error"], body["Code"], body["Login"] = err.Error(), r.PostFormValue("user_code"), r.PostFormValue("login")
		} else {
			body["Denied"], body["Done"] = deny, true
		}
	}
	var b bytes.Buffer
	s.mu.Lock()
	s.advance()
	people := []string{}
	for _, u := range s.config.World.Users {
		if !u.Bot {
			people = append(people, u.Login)
		}
	}
	body["People"] = people
	v := view{Title: "Connect a device", Org: s.config.World.Org, Crumbs: []crumb{{"GitHub", "/" + s.config.World.Org}}, Body: body,
		Now: s.st.now.Format(pageTime)}
	err := s.pages.ExecuteTemplate(&b, "device", v)
	s.mu.Unlock()
	s.sendPage(w, http.StatusOK, &b, err)
}
