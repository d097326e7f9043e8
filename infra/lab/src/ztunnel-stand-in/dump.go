package main

import (
	"fmt"
	"strings"

	"istio.io/istio/pkg/workloadapi"
	"istio.io/istio/pkg/workloadapi/security"
)

func title(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + strings.ToLower(text[1:])
}

func gatewayDump(of *workloadapi.GatewayAddress) object {
	if host := of.GetHostname(); host != nil {
		return object{"destination": host.Namespace + "/" + host.Hostname, "hboneMtlsPort": of.HboneMtlsPort}
	}
	address := of.GetAddress()
	return object{
		"destination":   address.GetNetwork() + "/" + addressOf(address.GetAddress()).String(),
		"hboneMtlsPort": of.HboneMtlsPort,
	}
}

func workloadDump(of *workloadapi.Workload) object {
	addresses := []string{}
	for _, bytes := range of.Addresses {
		addresses = append(addresses, addressOf(bytes).String())
	}
	protocol := "TCP"
	if of.TunnelProtocol == workloadapi.TunnelProtocol_HBONE {
		protocol = "HBONE"
	}
	dumped := object{
		"uid": of.Uid, "workloadIps": addresses, "protocol": protocol, "name": of.Name, "namespace": of.Namespace,
		"trustDomain": or(of.TrustDomain, "cluster.local"), "serviceAccount": of.ServiceAccount,
		"workloadName": of.WorkloadName, "workloadType": strings.ToLower(of.WorkloadType.String()),
		"canonicalName": of.CanonicalName, "canonicalRevision": of.CanonicalRevision, "clusterId": of.ClusterId,
		"network": of.Network, "node": of.Node, "nativeTunnel": of.NativeTunnel, "status": title(of.Status.String()),
		"hostname": of.Hostname, "capacity": 1,
	}
	if of.Waypoint != nil {
		dumped["waypoint"] = gatewayDump(of.Waypoint)
	}
	if len(of.AuthorizationPolicies) > 0 {
		dumped["authorizationPolicies"] = of.AuthorizationPolicies
	}
	return dumped
}

// serviceDump expects the state to be locked.
func (s *state) serviceDump(of *workloadapi.Service) object {
	vips, ports, endpoints := []string{}, object{}, object{}
	for _, address := range of.Addresses {
		vips = append(vips, address.Network+"/"+addressOf(address.Address).String())
	}
	for _, port := range of.Ports {
		ports[fmt.Sprint(port.ServicePort)] = port.TargetPort
	}
	for uid, workload := range s.workloads {
		found := workload.Services[serviceKey(of.Namespace, of.Hostname)]
		if found == nil {
			continue
		}
		own := object{}
		for _, port := range found.Ports {
			own[fmt.Sprint(port.ServicePort)] = port.TargetPort
		}
		endpoints[uid] = object{"workloadUid": uid, "service": "", "port": own}
	}
	dumped := object{
		"name": of.Name, "namespace": of.Namespace, "hostname": of.Hostname, "vips": vips, "ports": ports,
		"endpoints": endpoints, "subjectAltNames": of.SubjectAltNames, "ipFamilies": of.IpFamilies.String(),
	}
	if of.Waypoint != nil {
		dumped["waypoint"] = gatewayDump(of.Waypoint)
	}
	return dumped
}

func textsDump(list []*security.StringMatch) []object {
	dumped := []object{}
	for _, each := range list {
		switch match := each.MatchType.(type) {
		case *security.StringMatch_Exact:
			dumped = append(dumped, object{"Exact": match.Exact})
		case *security.StringMatch_Prefix:
			dumped = append(dumped, object{"Prefix": match.Prefix})
		case *security.StringMatch_Suffix:
			dumped = append(dumped, object{"Suffix": match.Suffix})
		case *security.StringMatch_Presence:
			dumped = append(dumped, object{"Presence": object{}})
		}
	}
	return dumped
}

func rangesDump(list []*security.Address) []string {
	dumped := []string{}
	for _, each := range list {
		dumped = append(dumped, fmt.Sprintf("%s/%d", addressOf(each.Address), each.Length))
	}
	return dumped
}

func accountsDump(list []*security.ServiceAccountMatch) []object {
	dumped := []object{}
	for _, each := range list {
		dumped = append(dumped, object{"namespace": each.Namespace, "serviceAccount": each.ServiceAccount})
	}
	return dumped
}

func matchDump(of *security.Match) object {
	dumped := object{}
	put := func(name string, length int, value any) {
		if length > 0 {
			dumped[name] = value
		}
	}
	put("namespaces", len(of.Namespaces), textsDump(of.Namespaces))
	put("notNamespaces", len(of.NotNamespaces), textsDump(of.NotNamespaces))
	put("principals", len(of.Principals), textsDump(of.Principals))
	put("notPrincipals", len(of.NotPrincipals), textsDump(of.NotPrincipals))
	put("serviceAccounts", len(of.ServiceAccounts), accountsDump(of.ServiceAccounts))
	put("notServiceAccounts", len(of.NotServiceAccounts), accountsDump(of.NotServiceAccounts))
	put("sourceIps", len(of.SourceIps), rangesDump(of.SourceIps))
	put("notSourceIps", len(of.NotSourceIps), rangesDump(of.NotSourceIps))
	put("destinationIps", len(of.DestinationIps), rangesDump(of.DestinationIps))
	put("notDestinationIps", len(of.NotDestinationIps), rangesDump(of.NotDestinationIps))
	put("destinationPorts", len(of.DestinationPorts), of.DestinationPorts)
	put("notDestinationPorts", len(of.NotDestinationPorts), of.NotDestinationPorts)
	return dumped
}

func policyDump(of *security.Authorization) object {
	scopes := map[security.Scope]string{
		security.Scope_GLOBAL: "Global", security.Scope_NAMESPACE: "Namespace", security.Scope_WORKLOAD_SELECTOR: "WorkloadSelector",
	}
	rules := [][][]object{}
	for _, group := range of.Groups {
		clauses := [][]object{}
		for _, each := range group.Rules {
			matches := []object{}
			for _, match := range each.Matches {
				matches = append(matches, matchDump(match))
			}
			clauses = append(clauses, matches)
		}
		rules = append(rules, clauses)
	}
	return object{
		"name": of.Name, "namespace": of.Namespace, "scope": scopes[of.Scope], "action": title(of.Action.String()), "rules": rules,
	}
}
