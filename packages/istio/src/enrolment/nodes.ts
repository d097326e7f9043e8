import { counted } from '@ambit/contracts/words';
import type { AmbientNode, NodeAgent, NodeState } from '@ambit/contracts/operations/ambient';
import type { ClusterFacts, NodeFact, PodFact } from './facts.ts';
import { isReady, isTrue, keyOf } from './facts.ts';
import { adminOf } from './holdings.ts';
import type { ClusterName } from './subjects.ts';
import { redirectionAnnotation } from './truth.ts';

/** Each node of a cluster with its ztunnel and istio-cni, by name; what is worst stands in the state. Pure. */
export function ambientNodesOf(facts: ClusterFacts, cluster: ClusterName): AmbientNode[] {
  const names = new Set([...facts.nodes.keys(), ...facts.cni.keys(), ...facts.ztunnel.keys()]);
  const redirected = Map.groupBy(
    [...facts.pods.values()].flat().filter(isRedirected),
    ({ spec }) => spec?.nodeName ?? '',
  );
  return [...names]
    .sort()
    .map((name) => ({ ...cluster, ...nodeOf(facts, name, redirected.get(name) ?? []) }));
}

const isRedirected = ({ metadata }: PodFact): boolean =>
  metadata.annotations?.[redirectionAnnotation] === 'enabled';

function nodeOf(
  facts: ClusterFacts,
  node: string,
  redirected: readonly PodFact[],
): Omit<AmbientNode, keyof ClusterName> {
  const fact = facts.nodes.get(node);
  const ztunnelPod = facts.ztunnel.get(node);
  const ztunnel = ztunnelPod ? agentOf(ztunnelPod) : null;
  const cniPod = facts.cni.get(node);
  const cni = cniPod ? agentOf(cniPod) : null;
  const admin = ztunnelPod && adminOf(facts, ztunnelPod);
  const own = new Set(
    redirected.map(({ metadata }) => keyOf(metadata.namespace ?? '', metadata.name)),
  );
  const carries = admin && !admin.problem ? admin.carries : null;
  return {
    node,
    ztunnel,
    cni,
    pods: {
      redirected: own.size,
      carried: carries ? carries.filter((pod) => own.has(pod)).length : null,
      missed: (admin?.misses ?? []).filter((pod) => own.has(pod)).length,
    },
    ...judged(fact, ztunnel, cni, own.size),
  };
}

type Judged = Pick<AmbientNode, 'state' | 'message' | 'repair'>;

function judged(
  node: NodeFact | undefined,
  ztunnel: NodeAgent | null,
  cni: NodeAgent | null,
  pods: number,
): Judged {
  const is = (state: NodeState, message: string, repair: Judged['repair'] = 'none') => ({
    state,
    message,
    repair,
  });
  const why = node && whyNotNeeded(node);
  if (!ztunnel && !cni && why) return is('notNeeded', why);
  if (node && !isTrue(node.status?.conditions, 'Ready')) {
    return is('nodeNotReady', 'The node itself is not ready');
  }
  const carried = counted(pods, 'pod');
  if (!ztunnel) {
    const all = cni ? 'ztunnel' : 'ztunnel and no istio-cni';
    return is('lacks', `It has no ${all}: nothing carries the traffic of its ${carried}`);
  }
  if (!cni) return is('lacks', 'It has no istio-cni: new pods are not redirected');
  if (!ztunnel.ready) {
    return is(
      'notReady',
      `Its ztunnel is not ready${because(ztunnel)}: nothing carries the traffic of its ${carried}`,
      'ztunnel',
    );
  }
  if (!cni.ready) {
    return is('notReady', `Its istio-cni is not ready${because(cni)}: new pods wait`, 'cni');
  }
  return is('ok', `${carried} redirected`);
}

const because = ({ problem }: NodeAgent): string => (problem ? ` (${problem})` : '');

/** No DaemonSet of Istio's runs on a virtual node, nor on one that is not Linux. */
export function whyNotNeeded({ metadata }: NodeFact): string | null {
  const { labels = {} } = metadata;
  if (labels['type'] === 'virtual-kubelet') {
    return 'A virtual node: no DaemonSet runs there, and no pod of it can be ambient';
  }
  const system = labels['kubernetes.io/os'] ?? 'linux';
  return system === 'linux' ? null : `A node with ${system}: ambient mode needs Linux`;
}

export function agentOf(pod: PodFact): NodeAgent {
  const { metadata, spec, status } = pod;
  const [container] = status?.containerStatuses ?? [];
  const image = spec?.containers?.[0]?.image ?? '';
  return {
    namespace: metadata.namespace ?? '',
    pod: metadata.name,
    ready: isReady(pod),
    version: /:([^:/@]+)(?:@.*)?$/.exec(image)?.[1] ?? '',
    restarts: container?.restartCount ?? 0,
    since: metadata.creationTimestamp ? new Date(metadata.creationTimestamp).toISOString() : null,
    problem: problemOf(container),
  };
}

type ContainerStatus = NonNullable<NonNullable<PodFact['status']>['containerStatuses']>[number];

function problemOf(container: ContainerStatus | undefined): string {
  const waiting = container?.state?.waiting?.reason;
  const ended = container?.lastState?.terminated;
  const last = ended
    ? `ended with ${ended.reason ?? 'an error'}, exit code ${ended.exitCode ?? 'unknown'}${ended.finishedAt ? `, on ${ended.finishedAt}` : ''}`
    : '';
  return [waiting, last].filter(Boolean).join('; ');
}
