import type { ProxyAdmin } from '@ambit/contracts/agent/telemetry';
import type { Evidence } from '@ambit/contracts/operations/enrolment';
import type { ClusterFacts, PodFact } from './facts.ts';
import { accountOf, hasSidecar, keyOf, principalOf, roleOf, workloadOf } from './facts.ts';

/** What is known of the certificate that a pod's traffic is sent with. */
export type CertificateFact =
  | { is: 'held'; identity: string; expiresAt: string; by: string }
  | { is: 'expired'; identity: string; expiresAt: string; by: string }
  | { is: 'waiting' | 'unknown'; identity: string; why: string };

export const identityOf = (facts: ClusterFacts, pod: PodFact): string =>
  `spiffe://${principalOf(facts, pod.metadata.namespace ?? '', accountOf(pod))}`;

/** The ztunnel of a pod's node. */
export const ztunnelOf = (facts: ClusterFacts, pod: PodFact): PodFact | undefined =>
  facts.ztunnel.get(pod.spec?.nodeName ?? '');

/** What the admin interface of a proxy's pod showed. */
export const adminOf = (facts: ClusterFacts, { metadata }: PodFact): ProxyAdmin | undefined =>
  facts.proxies.get(keyOf(metadata.namespace ?? '', metadata.name))?.admin;

/** A proxy of its own for pods with one, else the ztunnel of the node. */
const proxyOf = (facts: ClusterFacts, pod: PodFact): PodFact | undefined =>
  hasSidecar(pod) || roleOf(pod) !== 'app' ? pod : ztunnelOf(facts, pod);

/**
 * The certificate of a pod's identity, as its own proxy or the ztunnel of its node showed it. It is expired only when it
 * was over when it was read: a later look may find a new one.
 */
export function certificateOf(facts: ClusterFacts, pod: PodFact): CertificateFact {
  const identity = identityOf(facts, pod);
  const proxy = proxyOf(facts, pod);
  const admin = proxy && adminOf(facts, proxy);
  const unknown = unreadText(proxy, admin);
  if (unknown !== null || !admin || admin.readAt === null || !proxy) {
    return { is: 'unknown', identity, why: unknown ?? '' };
  }
  const by = proxy.metadata.name;
  const found = admin.certificates.find((one) => one.identity === identity);
  if (!found) return { is: 'unknown', identity, why: `${by} shows none of ${identity}` };
  if (found.expiresAt === null) return { is: 'waiting', identity, why: `${by} waits for one` };
  const expiresAt = new Date(found.expiresAt).toISOString();
  return { is: found.expiresAt <= admin.readAt ? 'expired' : 'held', identity, expiresAt, by };
}

/** Why nothing is known of what a proxy holds; null when it was read. */
function unreadText(proxy: PodFact | undefined, admin: ProxyAdmin | undefined): string | null {
  if (!proxy) return 'its node has no ztunnel';
  const { name } = proxy.metadata;
  if (!admin) return `the agent has not read what ${name} holds`;
  if (admin.readAt === null) return `${name} could not be read: ${admin.problem}`;
  return null;
}

/** Whether the ztunnel of its node carries a pod: `missed` only where two looks in a row did not find it. */
export function carriedState(
  facts: ClusterFacts,
  pod: PodFact,
): { is: 'carried' | 'missed' | 'unknown'; says: string; at: string | null } {
  const ztunnel = ztunnelOf(facts, pod);
  const admin = ztunnel && adminOf(facts, ztunnel);
  const unread = unreadText(ztunnel, admin);
  const at = admin?.readAt ? new Date(admin.readAt).toISOString() : null;
  if (unread !== null || !admin) return { is: 'unknown', says: `not known: ${unread}`, at };
  if (admin.problem) return { is: 'unknown', says: `not known now: ${admin.problem}`, at };
  if (admin.carries === null) {
    return { is: 'unknown', says: 'not known: this ztunnel does not tell whom it carries', at };
  }
  const key = keyOf(pod.metadata.namespace ?? '', pod.metadata.name);
  if (admin.misses.includes(key)) {
    return { is: 'missed', says: 'not in it, though istio-cni redirected the pod', at };
  }
  return admin.carries.includes(key)
    ? { is: 'carried', says: 'it carries the pod', at }
    : { is: 'unknown', says: 'not in it when it was read last', at };
}

/** How the traffic that reached a workload was carried, a second. */
export interface ObservedSecurity {
  mtls: number;
  plain: number;
  /** The proxy that told could not say. */
  unknown: number;
  /** Who sent plain text, `namespace/workload`; `unknown` where the proxy did not know. */
  plainFrom: string[];
}

interface Edge {
  metric: string;
  labels: Readonly<Record<string, string>>;
  rate: number;
}

/**
 * Sums what servers' proxies told of encryption, by the workload that was reached (istio.io, "Istio Standard Metrics":
 * connection_security_policy). Requests and connections count alike: it is the share that is told.
 */
export function observedSecurity(edges: readonly Edge[]): Map<string, ObservedSecurity> {
  const found = new Map<string, ObservedSecurity>();
  for (const { metric, labels, rate } of edges) {
    if (metric !== 'requests' && metric !== 'connectionsOpened') continue;
    if (labels['reporter'] !== 'destination') continue;
    const key = keyOf(
      labels['destination_workload_namespace'] ?? '',
      labels['destination_workload'] ?? '',
    );
    const sum = found.get(key) ?? { mtls: 0, plain: 0, unknown: 0, plainFrom: [] };
    found.set(key, sum);
    const policy = labels['connection_security_policy'] ?? '';
    if (policy === 'mutual_tls') sum.mtls += rate;
    else if (policy === 'none') {
      sum.plain += rate;
      const from = labels['source_workload'] ?? 'unknown';
      const name =
        from === 'unknown' || from === ''
          ? 'unknown'
          : keyOf(labels['source_workload_namespace'] ?? '', from);
      if (!sum.plainFrom.includes(name)) sum.plainFrom.push(name);
    } else sum.unknown += rate;
  }
  return found;
}

/** What was measured of encryption, as evidence about a pod's workload; null where nobody looked. */
export function securityEvidence(facts: ClusterFacts, pod: PodFact): Evidence | null {
  if (!facts.observed) return null;
  const { kind, name } = workloadOf(pod);
  const looked = `encryption of what reached ${kind} ${name} in the last minute`;
  const seen = facts.observed.get(keyOf(pod.metadata.namespace ?? '', name));
  const total = seen ? seen.mtls + seen.plain + seen.unknown : 0;
  if (!seen || total === 0) {
    return {
      looked,
      says: 'nothing was measured: no traffic, or no proxy tells',
      verdict: 'unknown',
      since: null,
    };
  }
  const share = (part: number) => `${Math.round((part / total) * 1000) / 10} %`;
  const parts = [
    `${share(seen.mtls)} with mTLS`,
    ...(seen.plain > 0
      ? [`${share(seen.plain)} in plain text, from ${seen.plainFrom.slice(0, 5).join(', ')}`]
      : []),
    ...(seen.unknown > 0 ? [`${share(seen.unknown)} not told`] : []),
  ];
  return {
    looked,
    says: parts.join('; '),
    verdict: seen.plain > 0 ? 'note' : seen.mtls > 0 ? 'for' : 'unknown',
    since: null,
  };
}
