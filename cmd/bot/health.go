package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

type healthCommand struct {
	listenFlags
	Live bool `help:"Ask only whether the process lives, not whether it is ready."`
}

// Run asks the serving process how it is.
func (c *healthCommand) Run(ctx context.Context, t terminal) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	path := "/readyz"
	if c.Live {
		path = "/healthz"
	}
	address, err := reachable(c.Listen)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+path, nil)
	if err != nil {
		return fmt.Errorf("ask %s: %w", address, err)
	}
	// A client of its own: proxies have no business between a container and itself.
	client := http.Client{Transport: &http.Transport{Proxy: nil}}
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("nobody serves there: %w", err)
	}
	defer func() { _ = response.Body.Close() }() // read to its end below
	body, err := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	text := strings.TrimSpace(string(body))
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s: %s", path, response.Status, text)
	}
	say(t.out, "%s", text)
	return nil
}

// reachable is the address under which a listener is reached from its own machine: ":8480" listens everywhere.
func reachable(listen string) (string, error) {
	host, err := hostOf(listen, listenSetting)
	if err != nil {
		return "", err
	}
	port := listen[strings.LastIndex(listen, ":")+1:]
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port), nil
}
