package main

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"bellhop/clock"
	"bellhop/integrations/database"
	"bellhop/work"
)

// newMetrics is the registry that /metrics shows, with what the process says of itself.
func newMetrics() *prometheus.Registry {
	registry := prometheus.NewRegistry()
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "bellhop_build_info", Help: "Always 1; the label says which Bellhop this is.", ConstLabels: prometheus.Labels{"version": version()}})
	info.Set(1)
	registry.MustRegister(info, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return registry
}

// stepMetrics counts what the work loops do.
func stepMetrics(to prometheus.Registerer) func(kind work.Kind, took time.Duration, err error) {
	steps := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "bellhop_work_step_seconds", Help: "Steps of the work loops by kind and result (ok, failed).",
		Buckets: []float64{.001, .005, .02, .1, .5, 2, 10, 60}}, []string{"kind", "result"})
	to.MustRegister(steps)
	return func(kind work.Kind, took time.Duration, err error) {
		result := "ok"
		if err != nil {
			result = "failed"
		}
		steps.WithLabelValues(string(kind), result).Observe(took.Seconds())
	}
}

// waitingMetrics tells, when it is asked, how much is due and held by nobody. A number that stays up says that nobody
// works, whichever replica is asked.
type waitingMetrics struct {
	queue *database.Work
	clock clock.Clock
	desc  *prometheus.Desc
}

func newWaitingMetrics(queue *database.Work, c clock.Clock) *waitingMetrics {
	return &waitingMetrics{queue: queue, clock: c, desc: prometheus.NewDesc("bellhop_work_waiting", "Items that are due and held by nobody, by kind.", []string{"kind"}, nil)}
}

// Describe implements prometheus.Collector.
func (w *waitingMetrics) Describe(to chan<- *prometheus.Desc) { to <- w.desc }

// Collect implements prometheus.Collector.
func (w *waitingMetrics) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	counts, err := w.queue.Waiting(ctx, w.clock.Now())
	if err != nil {
		to <- prometheus.NewInvalidMetric(w.desc, err)
		return
	}
	for kind, n := range counts {
		to <- prometheus.MustNewConstMetric(w.desc, prometheus.GaugeValue, float64(n), string(kind))
	}
}
