package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/rs/zerolog"

	"bellhop/integrations/backstage"
)

// readiness is what must be so before the bot can do its work; each part says in words what it waits for.
type readiness struct {
	mu    sync.Mutex
	parts []part
	notes map[string]string // by name of a part that keeps nothing from being ready
}

type part struct {
	name  string
	check func(ctx context.Context) error
}

// add names a part; its check returns within a second or so, or when ctx ends.
func (r *readiness) add(name string, check func(ctx context.Context) error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.parts = append(r.parts, part{name, check})
}

// note says of a part what is wrong with it, though the rest can do without; nothing is wrong where text is empty.
func (r *readiness) note(name, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if text == "" {
		delete(r.notes, name)
		return
	}
	if r.notes == nil {
		r.notes = map[string]string{}
	}
	r.notes[name] = text
}

// told is a line for each note.
func (r *readiness) told() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var lines []string
	for _, name := range sortedKeys(r.notes) {
		lines = append(lines, name+": "+r.notes[name])
	}
	return lines
}

// missing is a line for each part that is not ready.
func (r *readiness) missing(ctx context.Context) []string {
	r.mu.Lock()
	parts := slices.Clone(r.parts)
	r.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	var lines []string
	for _, p := range parts {
		if err := p.check(ctx); err != nil {
			lines = append(lines, p.name+": "+err.Error())
		}
	}
	return lines
}

// opsServer is /healthz, /readyz and /metrics, and /api/catalog where that is switched on.
type opsServer struct {
	ready   *readiness
	metrics *prometheus.Registry
	catalog http.Handler // nil where it is not served
	log     zerolog.Logger
}

func (s *opsServer) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { s.answer(w, http.StatusOK, "alive") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if missing := s.ready.missing(r.Context()); len(missing) > 0 {
			s.answer(w, http.StatusServiceUnavailable, "not ready\n"+strings.Join(missing, "\n"))
			return
		}
		s.answer(w, http.StatusOK, strings.Join(append([]string{"ready"}, s.ready.told()...), "\n"))
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.metrics, promhttp.HandlerOpts{Registry: s.metrics}))
	if s.catalog != nil {
		mux.Handle(backstage.Prefix, s.catalog)
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		s.answer(w, http.StatusOK, "Bellhop\n/healthz  /readyz  /metrics")
	})
	return mux
}

func (s *opsServer) answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if _, err := fmt.Fprintln(w, text); err != nil {
		s.log.Debug().Err(err).Msg("answer a probe")
	}
}

// How addresses are set, as errors name it.
const (
	listenSetting     = "--listen (BELLHOP_LISTEN)"
	playgroundSetting = "--listen (BELLHOP_PLAYGROUND_LISTEN)"
)

// hostOf is the host of a HOST:PORT, or an error in words that names the setting.
func hostOf(address, setting string) (string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", fmt.Errorf("%s %q is not HOST:PORT like 127.0.0.1:8480", setting, address)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "", fmt.Errorf("%s %q has the port %s; ports are numbers from 0 to 65535", setting, address, port)
	}
	return host, nil
}

// listen takes an address for HTTP, with an error in words when it cannot be had.
func listen(ctx context.Context, address, setting string) (net.Listener, error) {
	if _, err := hostOf(address, setting); err != nil {
		return nil, err
	}
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", address)
	if err == nil {
		return l, nil
	}
	var unknown *net.DNSError
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s %s is taken by another process: end that one, or name another address", setting, address)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return nil, fmt.Errorf("%s %s: this machine has no such address", setting, address)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("%s %s may not be taken by this user: choose a port from 1024 on", setting, address)
	case errors.As(err, &unknown):
		return nil, fmt.Errorf("%s %s: there is no host of that name", setting, address)
	}
	return nil, fmt.Errorf("%s %s: %w", setting, address, err)
}

// serveHTTP serves handler on l until ctx ends, then lets requests under way end for a second.
func serveHTTP(ctx context.Context, l net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, BaseContext: func(net.Listener) context.Context { return ctx }}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve HTTP: %w", err)
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if err := server.Shutdown(ending); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("stop serving HTTP: %w", err)
	}
	if err := server.Close(); err != nil {
		return fmt.Errorf("stop serving HTTP: %w", err)
	}
	return nil
}
