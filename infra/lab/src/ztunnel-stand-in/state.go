package main

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"sync"

	"istio.io/istio/pkg/workloadapi"
	"istio.io/istio/pkg/workloadapi/security"
)

// state is what istiod says: workloads by uid, services by namespace/hostname, L4 policies by namespace/name.
type state struct {
	mu        sync.RWMutex
	workloads map[string]*workloadapi.Workload
	services  map[string]*workloadapi.Service
	policies  map[string]*security.Authorization
	byAddress map[netip.Addr]*workloadapi.Workload
	byVIP     map[netip.Addr]*workloadapi.Service
	synced    map[string]bool
	onPolicy  func()
}

func newState() *state {
	return &state{
		workloads: map[string]*workloadapi.Workload{},
		services:  map[string]*workloadapi.Service{},
		policies:  map[string]*security.Authorization{},
		byAddress: map[netip.Addr]*workloadapi.Workload{},
		byVIP:     map[netip.Addr]*workloadapi.Service{},
		synced:    map[string]bool{},
	}
}

func addressOf(bytes []byte) netip.Addr {
	address, _ := netip.AddrFromSlice(bytes)
	return address.Unmap()
}

func serviceKey(namespace, hostname string) string { return namespace + "/" + hostname }

func (s *state) setAddresses(changed map[string]*workloadapi.Address, removed []string, whole bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if whole {
		clear(s.workloads)
		clear(s.services)
	}
	for _, name := range removed {
		delete(s.workloads, name)
		delete(s.services, name)
	}
	for _, address := range changed {
		if workload := address.GetWorkload(); workload != nil {
			s.workloads[workload.Uid] = workload
		}
		if service := address.GetService(); service != nil {
			s.services[serviceKey(service.Namespace, service.Hostname)] = service
		}
	}
	clear(s.byAddress)
	clear(s.byVIP)
	for _, workload := range s.workloads {
		if workload.NetworkMode == workloadapi.NetworkMode_HOST_NETWORK {
			continue
		}
		for _, bytes := range workload.Addresses {
			s.byAddress[addressOf(bytes)] = workload
		}
	}
	for _, service := range s.services {
		for _, vip := range service.Addresses {
			s.byVIP[addressOf(vip.Address)] = service
		}
	}
	s.synced[addressType] = true
}

func (s *state) setPolicies(changed map[string]*security.Authorization, removed []string, whole bool) {
	s.mu.Lock()
	if whole {
		clear(s.policies)
	}
	for _, name := range removed {
		delete(s.policies, name)
	}
	for name, policy := range changed {
		s.policies[name] = policy
	}
	s.synced[authorizationType] = true
	s.mu.Unlock()
	if s.onPolicy != nil {
		s.onPolicy()
	}
}

func (s *state) ready() bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.synced[addressType] && s.synced[authorizationType]
}

func (s *state) workloadAt(address netip.Addr) *workloadapi.Workload {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.byAddress[address.Unmap()]
}

// hop is where a connection goes: the address to connect to, and the workload and service that stand for it.
type hop struct {
	service *workloadapi.Service
	// workload is the destination, or the waypoint's own workload when waypoint is true.
	workload *workloadapi.Workload
	waypoint bool
	// target is what HBONE asks for: the service's address at a waypoint, the pod's behind its own proxy.
	target netip.AddrPort
	// connect is where the TCP connection goes.
	connect netip.AddrPort
	hbone   bool
}

// route decides as ztunnel does for a client in the mesh: to the waypoint where service or workload has one, else to
// an endpoint of the service, by HBONE where that speaks it. An unknown destination is passed on as it is.
func (s *state) route(original netip.AddrPort) (hop, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if service := s.byVIP[original.Addr()]; service != nil {
		if service.Waypoint != nil {
			return s.throughWaypoint(service.Waypoint, service, original)
		}
		workload, port := s.endpoint(service, uint32(original.Port()))
		if workload == nil {
			return hop{service: service}, fmt.Errorf("no healthy endpoint of %s", service.Hostname)
		}
		return direct(service, workload, netip.AddrPortFrom(addressOf(workload.Addresses[0]), port)), nil
	}
	workload := s.byAddress[original.Addr()]
	if workload == nil {
		return hop{connect: original, target: original}, nil
	}
	if workload.Waypoint != nil {
		return s.throughWaypoint(workload.Waypoint, nil, original)
	}
	return direct(nil, workload, original), nil
}

func direct(service *workloadapi.Service, workload *workloadapi.Workload, target netip.AddrPort) hop {
	found := hop{service: service, workload: workload, target: target, connect: target}
	if workload.TunnelProtocol == workloadapi.TunnelProtocol_HBONE {
		found.hbone = true
		found.connect = netip.AddrPortFrom(target.Addr(), hbonePort)
	}
	return found
}

func (s *state) throughWaypoint(at *workloadapi.GatewayAddress, service *workloadapi.Service, original netip.AddrPort) (hop, error) {
	port := at.HboneMtlsPort
	found := hop{service: service, waypoint: true, hbone: true, target: original}
	var waypoint *workloadapi.Service
	switch destination := at.Destination.(type) {
	case *workloadapi.GatewayAddress_Hostname:
		waypoint = s.services[serviceKey(destination.Hostname.Namespace, destination.Hostname.Hostname)]
	case *workloadapi.GatewayAddress_Address:
		address := addressOf(destination.Address.Address)
		waypoint = s.byVIP[address]
		if workload := s.byAddress[address]; waypoint == nil && workload != nil {
			found.workload = workload
			found.connect = netip.AddrPortFrom(address, uint16(port))
			return found, nil
		}
	}
	if waypoint == nil {
		return found, fmt.Errorf("unknown waypoint: %v", at)
	}
	workload, target := s.endpoint(waypoint, port)
	if workload == nil {
		return found, fmt.Errorf("unknown waypoint: %s has no healthy endpoint", waypoint.Hostname)
	}
	found.workload = workload
	found.connect = netip.AddrPortFrom(addressOf(workload.Addresses[0]), target)
	return found, nil
}

// endpoint picks one healthy workload of a service at random, and its port for the service's port.
func (s *state) endpoint(service *workloadapi.Service, port uint32) (*workloadapi.Workload, uint16) {
	key := serviceKey(service.Namespace, service.Hostname)
	var found *workloadapi.Workload
	var target uint32
	seen := 0
	for _, workload := range s.workloads {
		ports := workload.Services[key]
		if ports == nil || workload.Status != workloadapi.WorkloadStatus_HEALTHY || len(workload.Addresses) == 0 {
			continue
		}
		at := portOf(ports.Ports, port)
		if at == 0 {
			at = portOf(service.Ports, port)
		}
		if at == 0 {
			continue
		}
		seen++
		if rand.IntN(seen) == 0 {
			found, target = workload, at
		}
	}
	return found, uint16(target)
}

func portOf(ports []*workloadapi.Port, servicePort uint32) uint32 {
	for _, port := range ports {
		if port.ServicePort == servicePort {
			return port.TargetPort
		}
	}
	return 0
}

// serviceOf names a service that a workload's port belongs to, for what arrives there: the first by name.
func (s *state) serviceOf(workload *workloadapi.Workload, port uint16) *workloadapi.Service {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if workload == nil {
		return nil
	}
	var found *workloadapi.Service
	for key, ports := range workload.Services {
		service := s.services[key]
		for _, each := range ports.Ports {
			if service != nil && each.TargetPort == uint32(port) && (found == nil || service.Hostname < found.Hostname) {
				found = service
			}
		}
	}
	return found
}

func identityOf(workload *workloadapi.Workload) string {
	if workload == nil || workload.ServiceAccount == "" {
		return ""
	}
	domain := workload.TrustDomain
	if domain == "" {
		domain = "cluster.local"
	}
	return spiffe(domain, workload.Namespace, workload.ServiceAccount)
}

func spiffe(domain, namespace, account string) string {
	return fmt.Sprintf("spiffe://%s/ns/%s/sa/%s", domain, namespace, account)
}
