// ztunnel-stand-in plays ztunnel's role on a node of Ambit's lab. It is not ztunnel: it is a small program of Ambit's
// own, because ztunnel is in no registry of packages. It takes the same arguments and environment, speaks the same
// protocols (istio-cni's ZDS, istiod's workload discovery and CA, HBONE) and prints metrics, access log and
// config_dump in the shape of Istio's documentation. It carries no traffic but the lab's.
package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
)

const version = "ambit-ztunnel-stand-in-1"

func env(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	slog.Info("Ambit's stand-in for ztunnel, for labs", "version", version, "node", os.Getenv("NODE_NAME"))
	if err := run(ctx); err != nil && ctx.Err() == nil {
		slog.Error("it ended", "error", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	home, err := ownNamespace()
	if err != nil {
		return err
	}
	state := newState()
	istiod, err := dialIstiod(env("XDS_ADDRESS", "istiod.istio-system.svc:15012"))
	if err != nil {
		return err
	}
	authority, err := dialIstiod(env("CA_ADDRESS", "istiod.istio-system.svc:15012"))
	if err != nil {
		return err
	}
	certificates := newCertificates(authority)
	proxies := &proxies{
		state:        state,
		certificates: certificates,
		home:         home,
		metrics:      newMetrics(),
		byUID:        map[string]*proxy{},
	}
	state.onPolicy = proxies.enforceAgain
	serve(proxies)
	go followWorkloads(ctx, istiod, state)
	go followPods(ctx, env("ZDS_ADDRESS", "/var/run/ztunnel/ztunnel.sock"), proxies)
	<-ctx.Done()
	return nil
}
