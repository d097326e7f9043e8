import type { KubeObject } from '@ambit/contracts/common';
import type { ClientKind, CoverState, GuardProof } from '@ambit/contracts/operations/enrolment';
import { stringify } from 'yaml';
import { policiesOnPod, valueMatches } from './authorization.ts';
import { applicationPods, carrierOf, gatewayPods } from './ends.ts';
import type { ClusterFacts, PodFact, ServiceFact } from './facts.ts';
import { accountOf, podsOf, principalOf, workloadOf } from './facts.ts';
import {
  guardingOf,
  guardName,
  guardOf,
  isGuard,
  isProtecting,
  isSameGuard,
  servicesProtectedBy,
  waypointPrincipal,
  type Guarding,
} from './guard.ts';
import { mtlsOf } from './mtls.ts';
import { ingressUsesWaypoint } from './pair.ts';
import type { ClusterName } from './subjects.ts';
import { waypointOfService, type WaypointUse } from './waypoint.ts';

type Proof = Omit<GuardProof, 'clusterId' | 'clusterName'>;
type Client = GuardProof['clients'][number];

/**
 * For each L7 policy and each Service it protects: does every kind of client pass a live waypoint, or is it refused?
 * A client that does neither goes by the policy. Pure.
 */
export function proveGuards(facts: ClusterFacts, cluster: ClusterName): GuardProof[] {
  const clients = clientsOf(facts);
  return facts.policies.filter(isProtecting).flatMap((policy) =>
    servicesProtectedBy(facts, policy).map((service) => ({
      ...cluster,
      ...prove(facts, policy, service, clients),
    })),
  );
}

interface Clients {
  ambient: PodFact[];
  sidecar: PodFact[];
  outside: PodFact[];
  ingress: PodFact[];
}

function clientsOf(facts: ClusterFacts): Clients {
  const all = applicationPods(facts);
  const of = (carrier: string) =>
    all.filter((one) => one.carrier === carrier).map(({ pod }) => pod);
  return {
    ambient: of('ambient'),
    sidecar: of('sidecar'),
    outside: of('none'),
    ingress: gatewayPods(facts),
  };
}

function prove(
  facts: ClusterFacts,
  policy: KubeObject,
  service: ServiceFact,
  clients: Clients,
): Proof {
  const waypoint = waypointOfService(facts, service);
  const { namespace = '', name } = service.metadata;
  const pods = podsOf(facts, service);
  const guardings = pods.map((pod) => guardingOf(facts, pod));
  // A guard counts when every pod behind the Service has one.
  const guarding = guardings.length > 0 && guardings.every(Boolean) ? guardings[0]! : null;
  const look = { facts, service, waypoint, pods, guarding };
  const found = [
    ambientClients(look, clients.ambient),
    bypassing(look, 'sidecar', clients.sidecar),
    outsideClients(look, clients.outside),
    ingressClients(look, clients.ingress),
  ];
  const holes = found.filter(({ state }) => state === 'hole');
  return {
    policy: {
      kind: policy.kind,
      namespace: policy.metadata.namespace ?? '',
      name: policy.metadata.name,
    },
    protects: `Service ${namespace}/${name}`,
    waypoint: waypoint && {
      namespace: waypoint.namespace,
      name: waypoint.name,
      ready: waypoint.ready,
      why: waypoint.why,
    },
    clients: found,
    guard: guardState(look),
    hole: holes.length > 0,
    message:
      holes.length === 0
        ? `Nobody reaches ${name} past ${policy.metadata.name}`
        : `${name} can be reached past ${policy.metadata.name} by ${holes.map(({ kind }) => clientText[kind]).join(', ')}`,
  };
}

const clientText: Record<ClientKind, string> = {
  ambient: 'ambient clients',
  sidecar: 'clients with sidecars',
  outside: 'clients outside the mesh',
  ingress: 'gateways',
};

interface Look {
  facts: ClusterFacts;
  service: ServiceFact;
  waypoint: WaypointUse | null;
  pods: PodFact[];
  guarding: Guarding | null;
}

const say = (kind: ClientKind, state: CoverState, who: string[], why: string): Client => ({
  kind,
  state,
  who: who.slice(0, 20),
  why,
});

const names = (pods: PodFact[]): string[] =>
  [...new Set(pods.map((pod) => `${pod.metadata.namespace}/${workloadOf(pod).name}`))].sort();

function ambientClients({ waypoint, guarding, pods }: Look, clients: PodFact[]): Client {
  const who = names(clients);
  if (clients.length === 0) return say('ambient', 'none', who, 'there are none');
  if (pods.length > 0 && pods.every((pod) => carrierOf(pod) === 'sidecar')) {
    return say(
      'ambient',
      'hole',
      who,
      'the server has sidecars, and a sidecar does not read policies with targets',
    );
  }
  if (waypoint?.ready)
    return say('ambient', 'through', who, 'their ztunnel sends through the waypoint');
  if (waypoint && waypoint.why.includes('no ready pod')) {
    return say('ambient', 'guarded', who, `${waypoint.why}; nothing goes past it`);
  }
  const why = waypoint ? waypoint.why : 'the Service names no waypoint';
  return guarding
    ? say('ambient', 'guarded', who, `${why}; ${guardText(guarding)} refuses what goes past it`)
    : say('ambient', 'hole', who, `${why}: they reach the pods directly`);
}

function bypassing(look: Look, kind: 'sidecar' | 'ingress', clients: PodFact[]): Client {
  const { facts, guarding } = look;
  const who = names(clients);
  if (clients.length === 0) return say(kind, 'none', who, 'there are none');
  if (!guarding) {
    return say(kind, 'hole', who, 'they send straight to the pods, and nothing refuses them');
  }
  const passing = clients.filter((pod) => {
    const principal = principalOf(facts, pod.metadata.namespace ?? '', accountOf(pod));
    return guarding.passes.some((pattern) => valueMatches(pattern, principal));
  });
  return passing.length > 0
    ? say(
        kind,
        'named',
        names(passing),
        `${guardText(guarding)} lets them pass by name: the policy does not hold for them`,
      )
    : say(kind, 'guarded', who, `${guardText(guarding)} refuses them`);
}

function ingressClients(look: Look, clients: PodFact[]): Client {
  const { facts, service, waypoint, pods } = look;
  const server = {
    kind: 'workload',
    namespace: '',
    name: '',
    mode: 'ambient',
    pods,
    service,
  } as const;
  if (clients.length > 0 && waypoint?.ready && ingressUsesWaypoint(facts, server)) {
    return say(
      'ingress',
      'through',
      names(clients),
      'the Service has istio.io/ingress-use-waypoint',
    );
  }
  return bypassing(look, 'ingress', clients);
}

function outsideClients({ facts, pods, guarding }: Look, clients: PodFact[]): Client {
  const who = names(clients);
  if (guarding) {
    return say('outside', 'guarded', who, `${guardText(guarding)} refuses who has no identity`);
  }
  const modes = pods.map((pod) => mtlsOf(facts, pod));
  const open = modes.find(({ mode }) => mode !== 'STRICT');
  return modes.length > 0 && !open
    ? say('outside', 'guarded', who, `plain text is refused (STRICT by ${modes[0]?.by})`)
    : say(
        'outside',
        'hole',
        who,
        `plain text is taken (${open ? `${open.mode} by ${open.by}` : 'no pods run'}): whoever reaches the pods goes past the waypoint`,
      );
}

const guardText = ({ policy }: Guarding): string =>
  `AuthorizationPolicy ${policy.metadata.namespace}/${policy.metadata.name}`;

function guardState({ facts, service, pods, guarding }: Look): Proof['guard'] {
  const wanted = guardOf(facts, service);
  const name = guardName(service.metadata.name);
  if (!wanted) return { name: '', state: 'notNeeded', manifest: '' };
  const manifest = stringify(wanted);
  const live = pods[0]
    ? policiesOnPod(facts, pods[0], 'AuthorizationPolicy').find(
        (policy) => isGuard(policy) && policy.metadata.name === name,
      )
    : undefined;
  if (live) return { name, state: isKept(facts, service, wanted, live), manifest };
  return { name, state: guarding ? 'present' : 'missing', manifest };
}

/** A guard may name clients on purpose; it has to let the waypoint pass. */
function isKept(
  facts: ClusterFacts,
  service: ServiceFact,
  wanted: KubeObject,
  live: KubeObject,
): 'present' | 'differs' {
  if (isSameGuard(wanted, live)) return 'present';
  const use = waypointOfService(facts, service);
  const pod = podsOf(facts, service)[0];
  const passes = pod ? (guardingOf(facts, pod)?.passes ?? []) : [];
  return use && passes.includes(waypointPrincipal(facts, use)) ? 'present' : 'differs';
}
