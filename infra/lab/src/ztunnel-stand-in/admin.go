package main

import (
	"encoding/json"
	"encoding/pem"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// serve answers where ztunnel does: readiness on 15021, metrics on 15020, the admin's pages on 15000 (loopback only).
func serve(proxies *proxies) {
	readiness := http.NewServeMux()
	readiness.HandleFunc("/healthz/ready", func(w http.ResponseWriter, _ *http.Request) {
		if !proxies.ready() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte("ready\n"))
	})
	statistics := http.NewServeMux()
	handler := promhttp.HandlerFor(proxies.metrics.registry, promhttp.HandlerOpts{})
	statistics.Handle("/stats/prometheus", handler)
	statistics.Handle("/metrics", handler)
	admin := http.NewServeMux()
	admin.HandleFunc("/config_dump", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("content-type", "application/json")
		_ = json.NewEncoder(w).Encode(proxies.dump())
	})
	for address, mux := range map[string]*http.ServeMux{":15021": readiness, ":15020": statistics, "127.0.0.1:15000": admin} {
		go func() {
			slog.Error("a listener ended", "address", address, "error", http.ListenAndServe(address, mux))
			os.Exit(1)
		}()
	}
}

type object = map[string]any

// dump has the shape that `istioctl ztunnel-config` reads (istioctl/pkg/writer/ztunnel/configdump).
func (p *proxies) dump() object {
	p.state.mu.RLock()
	defer p.state.mu.RUnlock()
	workloads, services, policies := []object{}, []object{}, []object{}
	for _, each := range p.state.workloads {
		workloads = append(workloads, workloadDump(each))
	}
	for _, each := range p.state.services {
		services = append(services, p.state.serviceDump(each))
	}
	for _, each := range p.state.policies {
		policies = append(policies, policyDump(each))
	}
	for _, list := range [][]object{workloads, services, policies} {
		slices.SortFunc(list, func(a, b object) int {
			return strings.Compare(key(a), key(b))
		})
	}
	return object{
		"workloads": workloads, "services": services, "policies": policies,
		"certificates": p.certificates.dump(), "workloadState": p.states(),
		"version": object{"version": version},
	}
}

func key(of object) string {
	uid, _ := of["uid"].(string)
	namespace, _ := of["namespace"].(string)
	name, _ := of["name"].(string)
	return uid + "/" + namespace + "/" + name
}

func (p *proxies) states() object {
	states := object{}
	for _, each := range p.all() {
		inbound, outbound := []object{}, []object{}
		for _, c := range each.open.list() {
			protocol := "TCP"
			if c.hbone {
				protocol = "HBONE"
			}
			one := object{"src": c.source.String(), "originalDst": c.original.String(), "actualDst": c.actual.String(), "protocol": protocol}
			if c.inbound {
				inbound = append(inbound, one)
			} else {
				outbound = append(outbound, one)
			}
		}
		states[each.uid] = object{
			"state":       "Up",
			"connections": object{"inbound": inbound, "outbound": outbound},
			"info": object{
				"name": each.info.Name, "namespace": each.info.Namespace,
				"trustDomain": "", "serviceAccount": each.info.ServiceAccount,
			},
		}
	}
	return states
}

func (c *certificates) dump() []object {
	c.mu.Lock()
	held := map[string]*holding{}
	for identity, each := range c.held {
		held[identity] = each
	}
	c.mu.Unlock()
	list := []object{}
	for identity, each := range held {
		each.mu.Lock()
		found := each.held
		each.mu.Unlock()
		if found == nil {
			list = append(list, object{"identity": identity, "state": "Initializing", "certChain": []object{}, "rootCerts": []object{}})
			continue
		}
		certChain, rootCerts := []object{}, []object{}
		for _, one := range found.chain {
			certChain = append(certChain, certificateDump(one.Raw, one.SerialNumber.String(), one.NotBefore, one.NotAfter))
		}
		for _, one := range found.roots {
			rootCerts = append(rootCerts, certificateDump(one.Raw, one.SerialNumber.String(), one.NotBefore, one.NotAfter))
		}
		list = append(list, object{"identity": identity, "state": "Available", "certChain": certChain, "rootCerts": rootCerts})
	}
	return list
}

func certificateDump(raw []byte, serial string, from, until time.Time) object {
	return object{
		"pem":            string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw})),
		"serialNumber":   serial,
		"validFrom":      from.UTC().Format(time.RFC3339),
		"expirationTime": until.UTC().Format(time.RFC3339),
	}
}
