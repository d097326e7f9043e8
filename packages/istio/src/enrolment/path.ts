import type { KubeObject } from '@ambit/contracts/common';
import type { Hop, RequestPath } from '@ambit/contracts/operations/enrolment';
import { isL7Action, isL7Rule } from '../l7.ts';
import { policiesAtWaypoint, policiesOnPod, specOf } from './authorization.ts';
import { carrierOf, type End, type Server } from './ends.ts';
import type { ClusterFacts, PodFact } from './facts.ts';
import { isReady, keyOf, proxyTag } from './facts.ts';
import { carriedState, certificateOf } from './holdings.ts';
import { passesWaypoint } from './pair.ts';
import { carriedBy, fromOf, isCut, lookAt, sentBy, type Asked, type Look } from './path-look.ts';
import { verdictOf } from './path-verdict.ts';
import { waypointPods } from './waypoint.ts';

const hbonePort = 15008;

/**
 * The way of a request from one of the client's pods to one of the server's, hop by hop, each as facts show it. What
 * nobody told is said to be unknown. Pure.
 */
export function pathOf(facts: ClusterFacts, from: End, to: Server, asked: Asked): RequestPath {
  const look = lookAt(facts, from, to, asked);
  const passes = passesWaypoint(facts, fromOf(look), to, look.waypoint);
  const hops = [
    clientHop(look),
    ...clientProxyHops(look),
    ...(passes || isCut(look) ? waypointHops(look) : []),
    ...serverProxyHops(look),
    serverHop(look),
  ];
  return { ...verdictOf(look, hops, passes), hops, notes: notesOf(look) };
}

type Draft = Partial<Hop> & Pick<Hop, 'kind' | 'title' | 'name' | 'state' | 'says'>;

const hop = (draft: Draft): Hop => ({
  namespace: '',
  node: '',
  version: null,
  ready: null,
  identity: null,
  certificateExpiresAt: null,
  inSync: null,
  policies: [],
  next: null,
  ...draft,
});

function podHop(facts: ClusterFacts, pod: PodFact, draft: Omit<Draft, 'name' | 'state'>): Hop {
  const { namespace = '', name } = pod.metadata;
  const proxy = facts.proxies.get(keyOf(namespace, name));
  const known = proxy && proxy.istiod !== null;
  const inSync = known
    ? proxy.istiod !== '' && Object.values(proxy.sync).every((state) => state === 'synced')
    : null;
  const says = [...draft.says];
  if (proxy?.syncError) says.push(`It refused a configuration: ${proxy.syncError}`);
  if (known && proxy.istiod === '') says.push('No istiod knows it');
  if (!isReady(pod)) says.push('It is not ready');
  return hop({
    namespace,
    name,
    node: pod.spec?.nodeName ?? '',
    ready: isReady(pod),
    state: isReady(pod) && !proxy?.syncError ? 'ok' : 'broken',
    version: proxy?.version || proxyTag(pod) || null,
    inSync,
    ...draft,
    says,
  });
}

function clientHop(look: Look): Hop {
  const { facts, from, client } = look;
  if (from.kind === 'outside') {
    return hop({
      kind: 'client',
      title: 'A client outside the mesh',
      name: 'outside',
      state: 'ok',
      says: ['It has no identity, and nothing carries its traffic'],
      next: plain(look),
    });
  }
  if (!client) {
    return hop({
      kind: 'client',
      title: from.kind === 'ingress' ? 'Gateway' : 'Client',
      name: from.name,
      state: 'unknown',
      says: [from.kind === 'ingress' ? 'The mesh has no gateway' : 'No pod of it runs'],
    });
  }
  const mode = sentBy(look);
  const isGateway = from.kind === 'ingress';
  const at: Hop = {
    ...podHop(facts, client, {
      kind: isGateway ? 'gateway' : 'client',
      title: isGateway ? 'Gateway' : 'Client',
      says: [`One of ${from.pods.length} pods of ${from.name}`],
    }),
    ...(isGateway ? {} : { version: null, inSync: null }),
    next:
      mode === 'none'
        ? plain(look)
        : isGateway
          ? onward(look)
          : {
              transport: 'local',
              port: null,
              words:
                mode === 'sidecar' ? 'to its sidecar (15001)' : 'redirected to ztunnel (15001)',
            },
  };
  return isGateway ? presented(facts, client, at) : at;
}

const plain = ({ targetPort }: Look): Hop['next'] => ({
  transport: 'plain',
  port: targetPort,
  words: 'plain text',
});

/** How it goes on from the proxy at the client. */
function onward(look: Look): Hop['next'] {
  if (passesWaypoint(look.facts, fromOf(look), look.to, look.waypoint) || isCut(look)) {
    return { transport: 'hbone', port: hbonePort, words: 'HBONE (mTLS) to the waypoint' };
  }
  const server = carriedBy(look);
  if (server === 'none') return plain(look);
  if (server === 'ambient' || sentBy(look) === 'ambient') {
    return { transport: 'hbone', port: hbonePort, words: 'HBONE (mTLS)' };
  }
  return { transport: 'mtls', port: look.targetPort, words: 'mTLS' };
}

function clientProxyHops(look: Look): Hop[] {
  const { facts, client, from } = look;
  const mode = sentBy(look);
  if (!client || from.kind !== 'workload') return [];
  if (mode === 'sidecar') {
    return [
      presented(facts, client, {
        ...podHop(facts, client, {
          kind: 'sidecar',
          title: 'Sidecar of the client',
          says: ['Applies routes, retries and timeouts of the client’s side'],
        }),
        next: onward(look),
      }),
    ];
  }
  return mode === 'ambient' ? [ztunnelHop(look, client, 'client', onward(look))] : [];
}

/** Whom a proxy is to its peer, and until when: `pod` is the pod whose traffic it sends. */
function presented(facts: ClusterFacts, pod: PodFact, at: Hop): Hop {
  const certificate = certificateOf(facts, pod);
  const { identity } = certificate;
  switch (certificate.is) {
    case 'held':
      return { ...at, identity, certificateExpiresAt: certificate.expiresAt };
    case 'expired':
      return {
        ...at,
        identity,
        certificateExpiresAt: certificate.expiresAt,
        state: 'broken',
        says: [...at.says, `Its certificate ended on ${certificate.expiresAt}`],
      };
    default:
      return at.state === 'ok'
        ? {
            ...at,
            identity,
            says: [...at.says, `Its certificate is not known: ${certificate.why}`],
          }
        : { ...at, identity };
  }
}

function ztunnelHop(look: Look, pod: PodFact, side: 'client' | 'server', next: Hop['next']): Hop {
  const { facts } = look;
  const node = pod.spec?.nodeName ?? '';
  const ztunnel = facts.ztunnel.get(node);
  const title = `ztunnel of the ${side}’s node`;
  const policies =
    side === 'server' ? effects(policiesOnPod(facts, pod, 'AuthorizationPolicy'), false) : [];
  if (!ztunnel) {
    return hop({
      kind: 'ztunnel',
      title,
      name: 'ztunnel',
      node,
      state: 'broken',
      says: [`Node ${node} has no ztunnel`],
      policies,
      next,
    });
  }
  const at = {
    ...podHop(facts, ztunnel, {
      kind: 'ztunnel',
      title,
      says: [
        side === 'client'
          ? 'Takes the connection and sends it with the client’s identity'
          : `Takes HBONE on ${hbonePort}, checks L4 policy, hands it to the pod`,
      ],
    }),
    policies,
    next,
  };
  return presented(facts, pod, carriedState(facts, pod).is === 'missed' ? missedAt(at) : at);
}

const missedAt = (at: Hop): Hop => ({
  ...at,
  state: 'broken',
  says: [...at.says, 'It does not carry this pod, though istio-cni redirected it'],
});

function waypointHops(look: Look): Hop[] {
  const { facts, to, waypoint } = look;
  if (!waypoint || !to.service) return [];
  const pod = waypointPods(facts, waypoint.namespace, waypoint.name)[0];
  const { namespace = '', name } = to.service.metadata;
  const policies = effects(policiesAtWaypoint(facts, { namespace, name }, waypoint), true);
  const server = carriedBy(look);
  const next: Hop['next'] =
    server === 'none'
      ? plain(look)
      : { transport: 'hbone', port: hbonePort, words: 'HBONE (mTLS) with the waypoint’s identity' };
  const says = [
    'connect_terminate: ends HBONE and reads the client’s identity',
    'main_internal: policies, routes, telemetry of requests',
    'connect_originate: begins HBONE to the pod it chose',
  ];
  if (!pod) {
    return [
      hop({
        kind: 'waypoint',
        title: 'Waypoint',
        namespace: waypoint.namespace,
        name: waypoint.name,
        state: 'broken',
        says: [waypoint.why],
        policies,
        next,
      }),
    ];
  }
  return [
    presented(facts, pod, {
      ...podHop(facts, pod, { kind: 'waypoint', title: `Waypoint ${waypoint.name}`, says }),
      policies,
      next,
    }),
  ];
}

function serverProxyHops(look: Look): Hop[] {
  const { facts, server, targetPort } = look;
  if (!server) return [];
  const next: Hop['next'] = { transport: 'local', port: targetPort, words: 'to the application' };
  const mode = carrierOf(server);
  if (mode === 'ambient') return [ztunnelHop(look, server, 'server', next)];
  if (mode !== 'sidecar') return [];
  return [
    presented(facts, server, {
      ...podHop(facts, server, {
        kind: 'sidecar',
        title: 'Sidecar of the server',
        says: ['Ends mTLS, checks policies, tells of requests'],
      }),
      policies: effects(
        [
          ...policiesOnPod(facts, server, 'AuthorizationPolicy'),
          ...policiesOnPod(facts, server, 'RequestAuthentication'),
        ],
        true,
      ),
      next,
    }),
  ];
}

function serverHop({ facts, to, server }: Look): Hop {
  if (!server) {
    return hop({
      kind: 'server',
      title: 'Server',
      namespace: to.namespace,
      name: to.name,
      state: 'broken',
      says: ['No pod of it runs'],
    });
  }
  return {
    ...podHop(facts, server, {
      kind: 'server',
      title: 'Server',
      says: [
        `One of ${to.pods.length} pods${to.service ? ` behind Service ${to.service.metadata.name}` : ''}`,
      ],
    }),
    version: null,
    inSync: null,
  };
}

/** What each policy does where it is enforced. */
function effects(policies: readonly KubeObject[], readsHttp: boolean): Hop['policies'] {
  return policies.map((policy) => ({
    kind: policy.kind,
    namespace: policy.metadata.namespace ?? '',
    name: policy.metadata.name,
    effect: effectOf(policy, readsHttp),
  }));
}

function effectOf(policy: KubeObject, readsHttp: boolean): string {
  if (policy.kind !== 'AuthorizationPolicy') return policyEffect[policy.kind] ?? 'applies here';
  const { action = 'ALLOW', rules = [] } = specOf(policy);
  const l7 = rules.filter(isL7Rule).length;
  const base = `${action}, ${rules.length} ${rules.length === 1 ? 'rule' : 'rules'}`;
  if (!readsHttp && isL7Action(action))
    return `${base}; ztunnel knows no ${action}: no effect here`;
  if (readsHttp || l7 === 0) return base;
  return action === 'DENY'
    ? `${base}; ${l7} of them without their L7 part, so they refuse more`
    : `${base}; ${l7} of them are left out, for HTTP is not read here`;
}

const policyEffect: Record<string, string> = {
  RequestAuthentication: 'checks tokens',
  HTTPRoute: 'routes requests',
  Telemetry: 'sets telemetry',
  WasmPlugin: 'runs an extension',
};

function notesOf({ facts, from, to, asked }: Look): string[] {
  const notes: string[] = [];
  if (from.mode === 'mixed' || to.mode === 'mixed') {
    notes.push('The pods differ: one of each is shown, a ready one where there is one.');
  }
  if (facts.proxies.size === 0) {
    notes.push('Nobody told whether proxies acknowledged their configuration.');
  }
  if (!asked.method && !asked.path) notes.push('Judged for GET / where requests are read.');
  return notes;
}
