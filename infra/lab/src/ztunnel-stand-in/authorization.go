package main

import (
	"net/netip"
	"strings"

	"istio.io/istio/pkg/workloadapi"
	"istio.io/istio/pkg/workloadapi/security"
)

// request is what an L4 policy may look at.
type request struct {
	// principal is trust-domain/ns/NAMESPACE/sa/ACCOUNT, empty for plain text.
	principal   string
	source      netip.Addr
	destination netip.AddrPort
}

// refusal names the policy that forbids a connection to a workload, or is empty: a DENY that matches, or ALLOW
// policies of which none does. Istio's own order; dry runs decide nothing.
func (s *state) refusal(workload *workloadapi.Workload, of request) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if workload == nil {
		return ""
	}
	allowing, allowed := "", false
	for key, policy := range s.policies {
		if policy.DryRun || !governs(policy, key, workload) {
			continue
		}
		matches := policyMatches(policy, of)
		if policy.Action == security.Action_DENY && matches {
			return policy.Namespace + "/" + policy.Name
		}
		if policy.Action == security.Action_ALLOW {
			allowing = policy.Namespace + "/" + policy.Name
			allowed = allowed || matches
		}
	}
	if allowing != "" && !allowed {
		return allowing
	}
	return ""
}

func governs(policy *security.Authorization, key string, workload *workloadapi.Workload) bool {
	switch policy.Scope {
	case security.Scope_GLOBAL:
		return true
	case security.Scope_NAMESPACE:
		return policy.Namespace == workload.Namespace
	}
	for _, name := range workload.AuthorizationPolicies {
		if name == key {
			return true
		}
	}
	return false
}

// policyMatches: any group, each of its rules, any match of a rule. A policy without groups matches nothing.
func policyMatches(policy *security.Authorization, of request) bool {
	for _, group := range policy.Groups {
		if groupMatches(group, of) {
			return true
		}
	}
	return false
}

func groupMatches(group *security.Group, of request) bool {
	for _, rules := range group.Rules {
		if len(rules.Matches) == 0 {
			continue
		}
		any := false
		for _, match := range rules.Matches {
			any = any || matchMatches(match, of)
		}
		if !any {
			return false
		}
	}
	return true
}

func matchMatches(match *security.Match, of request) bool {
	namespace, account := "", ""
	if parts := strings.Split(of.principal, "/"); len(parts) == 5 {
		namespace, account = parts[2], parts[4]
	}
	texts := func(wanted, unwanted []*security.StringMatch, value string) bool {
		return (len(wanted) == 0 || anyText(wanted, value)) && (len(unwanted) == 0 || !anyText(unwanted, value))
	}
	accounts := func(list []*security.ServiceAccountMatch) bool {
		for _, each := range list {
			if each.Namespace == namespace && each.ServiceAccount == account && account != "" {
				return true
			}
		}
		return false
	}
	addresses := func(wanted, unwanted []*security.Address, value netip.Addr) bool {
		return (len(wanted) == 0 || anyRange(wanted, value)) && (len(unwanted) == 0 || !anyRange(unwanted, value))
	}
	port := func(list []uint32) bool {
		for _, each := range list {
			if each == uint32(of.destination.Port()) {
				return true
			}
		}
		return false
	}
	return texts(match.Principals, match.NotPrincipals, of.principal) &&
		texts(match.Namespaces, match.NotNamespaces, namespace) &&
		(len(match.ServiceAccounts) == 0 || accounts(match.ServiceAccounts)) &&
		(len(match.NotServiceAccounts) == 0 || !accounts(match.NotServiceAccounts)) &&
		addresses(match.SourceIps, match.NotSourceIps, of.source) &&
		addresses(match.DestinationIps, match.NotDestinationIps, of.destination.Addr()) &&
		(len(match.DestinationPorts) == 0 || port(match.DestinationPorts)) &&
		(len(match.NotDestinationPorts) == 0 || !port(match.NotDestinationPorts))
}

func anyText(list []*security.StringMatch, value string) bool {
	for _, each := range list {
		switch match := each.MatchType.(type) {
		case *security.StringMatch_Exact:
			if value == match.Exact {
				return true
			}
		case *security.StringMatch_Prefix:
			if strings.HasPrefix(value, match.Prefix) {
				return true
			}
		case *security.StringMatch_Suffix:
			if strings.HasSuffix(value, match.Suffix) {
				return true
			}
		case *security.StringMatch_Presence:
			if value != "" {
				return true
			}
		}
	}
	return false
}

func anyRange(list []*security.Address, value netip.Addr) bool {
	for _, each := range list {
		if prefix := netip.PrefixFrom(addressOf(each.Address), int(each.Length)); prefix.Contains(value) {
			return true
		}
	}
	return false
}
