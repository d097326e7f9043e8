package main

import (
	"github.com/prometheus/client_golang/prometheus"

	"istio.io/istio/pkg/workloadapi"
)

// metrics carry the names and labels that Istio documents for ztunnel's TCP metrics.
type metrics struct {
	registry *prometheus.Registry
	opens    *prometheus.CounterVec
	closes   *prometheus.CounterVec
	failures *prometheus.CounterVec
	sent     *prometheus.CounterVec
	received *prometheus.CounterVec
}

var labels = []string{
	"reporter",
	"source_workload", "source_canonical_service", "source_canonical_revision", "source_workload_namespace",
	"source_principal", "source_app", "source_version", "source_cluster",
	"destination_service", "destination_service_namespace", "destination_service_name",
	"destination_workload", "destination_canonical_service", "destination_canonical_revision",
	"destination_workload_namespace", "destination_principal", "destination_app", "destination_version",
	"destination_cluster", "request_protocol", "response_flags", "connection_security_policy",
}

func newMetrics() *metrics {
	registry := prometheus.NewRegistry()
	counter := func(name, help string) *prometheus.CounterVec {
		made := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
		registry.MustRegister(made)
		return made
	}
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "istio_build", Help: "Istio component build info"},
		[]string{"component", "tag"})
	registry.MustRegister(build)
	build.WithLabelValues("ztunnel", version).Set(1)
	return &metrics{
		registry: registry,
		opens:    counter("istio_tcp_connections_opened_total", "The total number of TCP connections opened"),
		closes:   counter("istio_tcp_connections_closed_total", "The total number of TCP connections closed"),
		failures: counter("istio_tcp_connections_failed_total", "The total number of TCP connections failed"),
		sent:     counter("istio_tcp_sent_bytes_total", "The size of total bytes sent during response in case of a TCP connection"),
		received: counter("istio_tcp_received_bytes_total", "The size of total bytes received during request in case of a TCP connection"),
	}
}

func or(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

func (c *connection) labels(flags string) []string {
	side := func(workload *workloadapi.Workload) (name, service, revision, namespace, cluster string) {
		if workload == nil {
			return "unknown", "unknown", "unknown", "unknown", "unknown"
		}
		return or(workload.WorkloadName, "unknown"), or(workload.CanonicalName, "unknown"),
			or(workload.CanonicalRevision, "unknown"), or(workload.Namespace, "unknown"), or(workload.ClusterId, "unknown")
	}
	from, fromService, fromRevision, fromNamespace, fromCluster := side(c.from)
	to, toService, toRevision, toNamespace, toCluster := side(c.workload)
	host, hostNamespace, hostName := "unknown", "unknown", "unknown"
	if c.service != nil {
		host, hostNamespace, hostName = c.service.Hostname, c.service.Namespace, c.service.Name
	}
	reporter, security := "source", "unknown"
	if c.inbound {
		reporter = "destination"
	}
	if c.hbone {
		security = "mutual_tls"
	}
	identity := func(text string) string {
		if !c.hbone {
			return "unknown"
		}
		return or(text, "unknown")
	}
	return []string{
		reporter,
		from, fromService, fromRevision, fromNamespace, identity(c.fromIdentity), fromService, fromRevision, fromCluster,
		host, hostNamespace, hostName,
		to, toService, toRevision, toNamespace, identity(c.identity), toService, toRevision, toCluster,
		"tcp", flags, security,
	}
}

func (m *metrics) opened(c *connection) { m.opens.WithLabelValues(c.labels("-")...).Inc() }

func (m *metrics) closed(c *connection) {
	with := c.labels("-")
	m.closes.WithLabelValues(with...).Inc()
	m.sent.WithLabelValues(with...).Add(float64(c.received.Load()))
	m.received.WithLabelValues(with...).Add(float64(c.sent.Load()))
}

func (m *metrics) failed(c *connection) { m.failures.WithLabelValues(c.labels("CONNECT")...).Inc() }
