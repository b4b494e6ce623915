package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/rs/zerolog"
)

// readiness is what must be so before the bot can do its work; each part says in words what it waits for.
type readiness struct {
	mu    sync.Mutex
	parts []part
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

// opsServer is /healthz, /readyz and /metrics.
type opsServer struct {
	ready   *readiness
	metrics *prometheus.Registry
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
		s.answer(w, http.StatusOK, "ready")
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.metrics, promhttp.HandlerOpts{Registry: s.metrics}))
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

// listen takes an address for HTTP, with an error in words when it cannot be had.
func listen(ctx context.Context, address, setting string) (net.Listener, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s %s is taken by another process: end that one, or name another address", setting, address)
	}
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", setting, address, err)
	}
	return l, nil
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
