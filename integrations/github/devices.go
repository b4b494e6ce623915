package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"bellhop/catalog"
	"bellhop/chat"
)

// Devices finds out who somebody is at GitHub, by its device flow: they type a code at GitHub, in their own browser. Nothing
// is asked of GitHub in their name but who they are.
type Devices struct{ c *Client }

// NewDevices makes a Devices; the client must have a ClientID.
func NewDevices(c *Client) *Devices { return &Devices{c} }

// deviceTimeout bounds one call.
const deviceTimeout = 15 * time.Second

// Start begins a flow. It asks for no right at all.
func (d *Devices) Start(ctx context.Context) (catalog.DeviceCode, error) {
	var answer struct {
		Code      string `json:"device_code"`
		UserCode  string `json:"user_code"`
		URL       string `json:"verification_uri"`
		ExpiresIn int    `json:"expires_in"` // s
		Interval  int    `json:"interval"`   // s
		Error     string `json:"error"`
	}
	status, err := d.post(ctx, "login/device/code", url.Values{"client_id": {d.c.clientID}}, &answer)
	switch {
	case err != nil:
		return catalog.DeviceCode{}, fmt.Errorf("begin GitHub's device flow: %w", err)
	case answer.Error == "device_flow_disabled":
		return catalog.DeviceCode{}, chat.Errorf("The device flow is switched off in Bellhop's GitHub App. Whoever runs Bellhop switches it on in the App's settings: Enable Device Flow.")
	case status == http.StatusNotFound || answer.Error == "incorrect_client_credentials" || answer.Error == "unauthorized_client":
		return catalog.DeviceCode{}, chat.Errorf("GitHub knows no App with Bellhop's client id. Whoever runs Bellhop looks at GITHUB_CLIENT_ID: it is on the App's settings page.")
	case answer.Code == "" || answer.UserCode == "":
		return catalog.DeviceCode{}, fmt.Errorf("begin GitHub's device flow: GitHub answered %d %s", status, answer.Error)
	}
	return catalog.DeviceCode{
		UserCode: answer.UserCode, URL: answer.URL, Secret: answer.Code,
		// GitHub says slow_down to who asks again after exactly the interval.
		Interval: time.Duration(answer.Interval)*time.Second + time.Second,
		Expires:  d.c.clock.Now().Add(time.Duration(answer.ExpiresIn) * time.Second),
	}, nil
}

// Login asks once whether the code was typed, and by whom: their login, or one of catalog's ErrDevice….
func (d *Devices) Login(ctx context.Context, code catalog.DeviceCode) (string, error) {
	var answer struct {
		Token string `json:"access_token"`
		Error string `json:"error"`
	}
	status, err := d.post(ctx, "login/oauth/access_token", url.Values{
		"client_id": {d.c.clientID}, "device_code": {code.Secret}, "grant_type": {"urn:ietf:params:oauth:grant-type:device_code"},
	}, &answer)
	switch {
	case err != nil:
		return "", fmt.Errorf("ask GitHub for the device flow's end: %w", err)
	case answer.Token != "":
		return d.whose(ctx, answer.Token)
	}
	switch answer.Error {
	case "authorization_pending":
		return "", catalog.ErrDevicePending
	case "slow_down":
		return "", catalog.ErrDeviceSlower
	case "expired_token", "incorrect_device_code": // or it was used already
		return "", catalog.ErrDeviceExpired
	case "access_denied":
		return "", catalog.ErrDeviceDenied
	}
	return "", fmt.Errorf("ask GitHub for the device flow's end: GitHub answered %d %s", status, answer.Error)
}

// whose asks whose a token is. The token is used for this alone and kept nowhere.
func (d *Devices) whose(ctx context.Context, token string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, deviceTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.c.api.String()+"user", nil)
	if err != nil {
		return "", fmt.Errorf("ask GitHub who that is: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	var user struct{ Login string }
	status, err := d.do(req, &user)
	if err == nil && user.Login == "" {
		err = fmt.Errorf("GitHub answered %d", status)
	}
	if err != nil {
		return "", fmt.Errorf("ask GitHub who that is: %w", err)
	}
	return user.Login, nil
}

// post sends a form to GitHub's pages, for the flow is no part of the API.
func (d *Devices) post(ctx context.Context, path string, form url.Values, into any) (status int, err error) {
	ctx, cancel := context.WithTimeout(ctx, deviceTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.c.WebURL()+"/"+path, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return d.do(req, into)
}

// do decodes whatever JSON comes back; an answer that is none leaves into as it is.
func (d *Devices) do(req *http.Request, into any) (status int, err error) {
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", d.c.agent)
	resp, err := d.c.plain.Do(req)
	if err != nil {
		if u, ok := errors.AsType[*url.Error](err); ok {
			err = u.Err
		}
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }() // it was only read
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return resp.StatusCode, err
	}
	if strings.Contains(resp.Header.Get("Content-Type"), "json") {
		if err := json.Unmarshal(body, into); err != nil {
			return resp.StatusCode, fmt.Errorf("read GitHub's answer: %w", err)
		}
	}
	return resp.StatusCode, nil
}
