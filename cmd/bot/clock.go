package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"bellhop/clock"
)

const clockPath = "/_control/clock"

// follower moves a clock along with a playground's, which other processes set. Nothing else may move a bot's time, so the
// playground must be on this machine.
type follower struct {
	at    *url.URL
	clock *clock.Adjustable
	http  *http.Client
	log   zerolog.Logger
}

// newFollower follows the playground at address: its own, or its clock's.
func newFollower(address string, log zerolog.Logger) (*follower, error) {
	at, err := url.Parse(address)
	if err != nil || at.Scheme != "http" || at.Host == "" {
		return nil, fmt.Errorf("--clock %q is not an address like http://127.0.0.1:8484", address)
	}
	if !isLoopback(at.Hostname()) {
		return nil, fmt.Errorf("--clock %q is not on this machine: only a playground on the loopback address may move the bot's time", address)
	}
	at.Path = strings.TrimSuffix(strings.TrimSuffix(at.Path, "/"), clockPath) + clockPath
	return &follower{at: at, clock: &clock.Adjustable{}, http: &http.Client{Timeout: time.Minute}, log: log}, nil
}

// isLoopback tells whether a host can only be this machine.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// start takes over the playground's time.
func (f *follower) start(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	offset, err := f.ask(ctx, -1)
	if err != nil {
		return fmt.Errorf("ask the playground for its time: %w", err)
	}
	f.log.Warn().Stringer("clock", f.at).Dur("offset", offset).Msg("this bot's time is a playground's: not for real use")
	return f.clock.SetOffset(offset)
}

// Run follows until ctx ends. A playground that is away is asked again; the clock goes on at its last offset meanwhile.
func (f *follower) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		had, _ := f.clock.Offset()
		offset, err := f.ask(ctx, had.Milliseconds())
		if err == nil && offset.Milliseconds() != had.Milliseconds() {
			err = f.clock.SetOffset(offset)
		}
		if err == nil || ctx.Err() != nil {
			continue
		}
		f.log.Warn().Err(err).Msg("follow the playground's clock")
		if err := (clock.Real{}).Wait(ctx, time.Now().Add(time.Second)); err != nil {
			return nil
		}
	}
	return nil
}

// ask gives the playground's offset as soon as it differs from had, or after its patience.
func (f *follower) ask(ctx context.Context, had int64) (time.Duration, error) {
	at := *f.at
	if had >= 0 {
		at.RawQuery = url.Values{"offset_ms": {strconv.FormatInt(had, 10)}}.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return 0, err
	}
	response, err := f.http.Do(request)
	if err != nil {
		return 0, err
	}
	defer func() { _ = response.Body.Close() }() // read below as far as it matters
	var answer struct {
		OK       bool   `json:"ok"`
		OffsetMS int64  `json:"offset_ms"`
		Error    string `json:"error"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return 0, fmt.Errorf("%s answered %s: %w", f.at, response.Status, err)
	}
	if !answer.OK {
		return 0, errors.New("the playground answered " + answer.Error)
	}
	return time.Duration(answer.OffsetMS) * time.Millisecond, nil
}
