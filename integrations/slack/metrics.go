package slack

import (
	"github.com/prometheus/client_golang/prometheus"
)

// metrics are what an operator can watch. Labels are bounded: Slack's own types, methods and error words.
type metrics struct {
	calls       *prometheus.CounterVec   // method, result
	envelopes   *prometheus.CounterVec   // type, outcome
	ack         *prometheus.HistogramVec // type
	ackFailures prometheus.Counter
	disconnects *prometheus.CounterVec // reason
	held        prometheus.Gauge
	panics      prometheus.Counter
}

func newMetrics(to prometheus.Registerer) *metrics {
	if to == nil {
		to = prometheus.NewRegistry()
	}
	m := &metrics{
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "bellhop_slack_api_calls_total", Help: "Calls of Slack's Web API by method and result (ok, Slack's error word, rate_limited, failed)."},
			[]string{"method", "result"}),
		envelopes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "bellhop_slack_envelopes_total", Help: "Envelopes received by type and outcome (taken, recorded, answered, duplicate, busy, ignored, unknown, failed)."},
			[]string{"type", "outcome"}),
		ack: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "bellhop_slack_ack_seconds", Help: "Time from an envelope's arrival to its ack. Slack gives up after 3 s.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 3}},
			[]string{"type"}),
		ackFailures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "bellhop_slack_ack_failures_total", Help: "Acks that could not be written."}),
		disconnects: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "bellhop_slack_disconnects_total", Help: "Disconnects that Slack asked for, by its reason."}, []string{"reason"}),
		held: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "bellhop_slack_queue_length", Help: "Requests that are acked and wait or are being answered in this process."}),
		panics: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "bellhop_slack_panics_total", Help: "Panics contained while answering."}),
	}
	to.MustRegister(m.calls, m.envelopes, m.ack, m.ackFailures, m.disconnects, m.held, m.panics)
	return m
}
