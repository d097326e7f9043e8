import type { Labels } from '../kubernetes.ts';
import type { Plain } from './testing.ts';

/**
 * Who reaches whom, past which policies, worked out from plain objects alone and in another way than admission does:
 * one connection after the other.
 */
export interface Way {
  client: string;
  /** How the client sends: an injected one may still run as it was, so it counts twice. */
  by: 'ambient' | 'sidecar' | 'plain';
  pod: string;
  /** The Service that is called; empty for the address of the pod. */
  service: string;
  refused: boolean;
  /** Names of policies that a waypoint on the way enforces. */
  policies: string[];
  /** A guard of the pod names the client: it may go past the waypoint. */
  isNamed: boolean;
}

const ns = ({ metadata }: Plain): string => metadata.namespace ?? '';
const full = ({ metadata }: Plain): string => `${metadata.namespace}/${metadata.name}`;
const has = (labels: Labels, selector: Labels): boolean =>
  Object.entries(selector).every(([key, value]) => labels[key] === value);

export function waysIn(world: readonly Plain[]): Way[] {
  const of = (kind: string) => world.filter((one) => one.kind === kind);
  const find = (kind: string, namespace: string, name: string) =>
    of(kind).find((one) => ns(one) === namespace && one.metadata.name === name);
  const around = (namespace: string): Labels =>
    of('Namespace').find(({ metadata }) => metadata.name === namespace)?.metadata.labels ?? {};
  const labelsOf = (one: Plain): Labels => one.metadata.labels ?? {};
  const principal = (pod: Plain): string =>
    `cluster.local/ns/${ns(pod)}/sa/${(pod.spec as { serviceAccountName: string }).serviceAccountName}`;
  const isAmbient = (pod: Plain): boolean =>
    (labelsOf(pod)['istio.io/dataplane-mode'] ?? around(ns(pod))['istio.io/dataplane-mode']) ===
    'ambient';
  const runsSidecar = (pod: Plain): boolean =>
    (pod.spec as { containers: unknown[] }).containers.length > 1;
  const isInjected = (pod: Plain): boolean =>
    around(ns(pod))['istio-injection'] === 'enabled' ||
    labelsOf(pod)['sidecar.istio.io/inject'] === 'true';

  const waypoint = (namespace: string, labels: Labels, traffic: string): Plain | undefined => {
    const own = labels['istio.io/use-waypoint'] ? labels : around(namespace);
    const name = own['istio.io/use-waypoint'];
    if (!name || name === 'none') return undefined;
    const gateway = find('Gateway', own['istio.io/use-waypoint-namespace'] ?? namespace, name);
    if (!gateway) return undefined;
    const takes = labelsOf(gateway)['istio.io/waypoint-for'] ?? 'service';
    if (takes !== 'all' && takes !== traffic) return undefined;
    const { listeners } = gateway.spec as {
      listeners: { allowedRoutes: { namespaces: { from: string } } }[];
    };
    const isOpen = listeners[0]?.allowedRoutes.namespaces.from === 'All';
    return isOpen || ns(gateway) === namespace ? gateway : undefined;
  };
  const policiesAt = (gateway: Plain, service: Plain | undefined): string[] =>
    of('AuthorizationPolicy')
      .filter((policy) => {
        const { targetRefs = [] } = policy.spec as {
          targetRefs?: { kind: string; name: string }[];
        };
        return targetRefs.some(({ kind, name }) => {
          if (kind === 'GatewayClass') return ns(policy) === 'istio-system';
          const target = kind === 'Gateway' ? gateway : service;
          return target && ns(policy) === ns(target) && target.metadata.name === name;
        });
      })
      .map(full);

  /** Whom each guard of the pod lets pass. */
  const guardsOf = (pod: Plain): string[][] =>
    of('AuthorizationPolicy').flatMap((policy) => {
      const { selector, rules } = policy.spec as {
        selector?: { matchLabels: Labels };
        rules: { from?: { source: { notPrincipals: string[] } }[] }[];
      };
      if (!selector || ns(policy) !== ns(pod) || !has(labelsOf(pod), selector.matchLabels)) {
        return [];
      }
      return [rules[0]?.from?.[0]?.source.notPrincipals ?? []];
    });

  /** Whether something at the pod refuses a connection of the identity; an empty one is plain text. */
  const refuses = (pod: Plain, identity: string): boolean => {
    if (!isAmbient(pod) && !runsSidecar(pod)) return false;
    const isStrict = of('PeerAuthentication').some((one) => ns(one) === ns(pod));
    if (identity === '' && isStrict) return true;
    return guardsOf(pod).some((named) => !named.includes(identity));
  };

  const ways: Way[] = [];
  for (const client of of('Pod')) {
    const kinds = new Set<Way['by']>([
      runsSidecar(client) ? 'sidecar' : isAmbient(client) ? 'ambient' : 'plain',
      ...(isInjected(client) ? (['sidecar'] as const) : []),
    ]);
    for (const pod of of('Pod').filter((one) => one !== client)) {
      const services = of('Service').filter(
        (one) =>
          ns(one) === ns(pod) && has(labelsOf(pod), (one.spec as { selector: Labels }).selector),
      );
      for (const service of [undefined, ...services]) {
        for (const by of kinds) {
          const via =
            by === 'ambient'
              ? waypoint(ns(pod), labelsOf(service ?? pod), service ? 'service' : 'workload')
              : undefined;
          const arriving = via
            ? `cluster.local/ns/${ns(via)}/sa/${via.metadata.name}`
            : by === 'plain'
              ? ''
              : principal(client);
          ways.push({
            client: full(client),
            by,
            pod: full(pod),
            service: service ? full(service) : '',
            refused: refuses(pod, arriving),
            policies: via ? policiesAt(via, service) : [],
            isNamed: guardsOf(pod).some((names) => names.includes(principal(client))),
          });
        }
      }
    }
  }
  return ways;
}

/** Policies that protect a pod: enforced for somebody at the waypoint of a Service before it. */
export const protecting = (ways: readonly Way[], pod: string): Set<string> =>
  new Set(
    ways.filter((way) => way.pod === pod && way.service !== '').flatMap((way) => way.policies),
  );
