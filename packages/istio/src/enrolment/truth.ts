import type { EnrolmentMode } from '@ambit/contracts/agent/protocol';
import type { EnrolledPod, Evidence, TrueMode } from '@ambit/contracts/operations/enrolment';
import type { ClusterFacts, PodFact } from './facts.ts';
import { hasSidecar, isReady, keyOf, proxyTag, servicesOf, workloadOf } from './facts.ts';
import { carriedState, certificateOf, securityEvidence, ztunnelOf } from './holdings.ts';
import { boundCondition, type WaypointUse } from './waypoint.ts';
import { waypointForPod, wantedOfPod, type Wanted } from './wanted.ts';

export const redirectionAnnotation = 'ambient.istio.io/redirection';

/** How long after its start a pod is waited for before anything is said against it. */
export const graceMs = 20_000;

type Verdict = Evidence['verdict'];

interface Look {
  facts: ClusterFacts;
  pod: PodFact;
  wanted: Wanted;
  waypoint: WaypointUse | null;
  truth: EnrolmentMode;
  isYoung: boolean;
}

interface Judgement {
  state: EnrolledPod['state'];
  reason: string;
  message: string;
  repair: EnrolledPod['repair'];
}

/**
 * Compares what a pod is to be with what is true of it: its containers, the annotation of istio-cni, the CNI and ztunnel
 * of its node, its waypoint, and what istiod knows of its proxy. Pure.
 */
export function judgePod(facts: ClusterFacts, pod: PodFact, now: Date): EnrolledPod {
  const wanted = wantedOfPod(facts, pod);
  const waypoint = waypointForPod(facts, pod);
  const created = Date.parse(pod.metadata.creationTimestamp ?? '');
  const look: Look = {
    facts,
    pod,
    wanted,
    waypoint,
    truth: truthOf(facts, pod, waypoint),
    isYoung: Number.isFinite(created) && now.getTime() - created < graceMs,
  };
  const judged = judge(look);
  return {
    namespace: pod.metadata.namespace ?? '',
    name: pod.metadata.name,
    node: pod.spec?.nodeName ?? '',
    workload: workloadOf(pod),
    wanted: wanted.mode,
    truth: look.truth,
    ...judged,
    evidence: evidenceOf(look),
  };
}

const redirectionOf = ({ metadata }: PodFact): string =>
  metadata.annotations?.[redirectionAnnotation] ?? '';

/** What its containers, its annotation, ztunnel and its waypoint prove; a sidecar is never redirected. */
function truthOf(facts: ClusterFacts, pod: PodFact, waypoint: WaypointUse | null): EnrolmentMode {
  if (hasSidecar(pod)) return 'sidecar';
  if (redirectionOf(pod) !== 'enabled') return 'none';
  if (carriedState(facts, pod).is === 'missed') return 'none';
  return waypoint?.ready ? 'L4+L7' : 'L4';
}

const fine: Judgement = { state: 'asWanted', reason: '', message: '', repair: 'none' };

function judge(look: Look): Judgement {
  const { pod, wanted, isYoung } = look;
  const problem = problemOf(look);
  if (problem) {
    const isBeginning = isYoung || !pod.spec?.nodeName || pod.status?.phase === 'Pending';
    if (isBeginning && wanted.mode !== 'none') {
      return { state: 'waiting', reason: 'Starting', message: 'It has just begun', repair: 'none' };
    }
    return { state: 'differs', ...problem };
  }
  if (wanted.optOut)
    return { ...fine, state: 'optedOut', message: `Not taken in: ${wanted.optOut}` };
  return { ...fine, message: asWantedText[wanted.mode] };
}

const asWantedText: Record<EnrolmentMode, string> = {
  none: 'It is not in the mesh, as wanted',
  sidecar: 'Its sidecar is there and ready',
  L4: 'Its traffic is redirected to ztunnel',
  'L4+L7': 'Its traffic is redirected to ztunnel, and a waypoint serves it',
};

type Problem = Omit<Judgement, 'state'>;

function problemOf(look: Look): Problem | null {
  const { pod, wanted, truth } = look;
  const redirection = redirectionOf(pod);
  switch (wanted.mode) {
    case 'none':
      if (truth === 'sidecar') {
        return {
          reason: 'SidecarLeft',
          message: 'It still has a sidecar, though nothing asks for one; a restart takes it away',
          repair: 'restart-pod',
        };
      }
      if (redirection === 'enabled') {
        return {
          reason: 'StillRedirected',
          message: 'Its traffic is still redirected to ztunnel, though nothing asks for it',
          repair: 'restart-cni',
        };
      }
      return null;
    case 'sidecar':
      return sidecarProblem(look);
    default:
      return ambientProblem(look);
  }
}

function sidecarProblem({ facts, pod, truth }: Look): Problem | null {
  if (truth !== 'sidecar') {
    return {
      reason: 'NoSidecar',
      message:
        'Its labels ask for a sidecar and it has none: it was made before they did, or the injector was away',
      repair: 'restart-pod',
    };
  }
  if (!proxyIsReady(pod)) {
    return {
      reason: 'ProxyNotReady',
      message: 'Its sidecar is there and not ready',
      repair: 'restart-pod',
    };
  }
  const proxy = facts.proxies.get(keyOf(pod.metadata.namespace ?? '', pod.metadata.name));
  if (proxy?.istiod === '') {
    return {
      reason: 'NotConnected',
      message: 'No istiod knows its sidecar: it runs with the configuration it had last',
      repair: 'restart-pod',
    };
  }
  const certificate = certificateOf(facts, pod);
  if (certificate.is === 'expired') {
    return {
      reason: 'CertificateExpired',
      message: `The certificate of its sidecar ended on ${certificate.expiresAt}: whoever demands mTLS refuses it`,
      repair: 'restart-pod',
    };
  }
  return null;
}

function ambientProblem({ facts, pod, wanted, truth, waypoint }: Look): Problem | null {
  const node = pod.spec?.nodeName ?? '';
  if (truth === 'sidecar') {
    return {
      reason: 'SidecarInAmbient',
      message: 'It still has a sidecar, and a pod with one is never redirected to ztunnel',
      repair: 'restart-pod',
    };
  }
  if (redirectionOf(pod) !== 'enabled') {
    const cni = facts.cni.get(node);
    if (!cni) {
      return {
        reason: 'NodeWithoutCni',
        message: `Its labels ask for ambient and nothing redirects it: node ${node} has no istio-cni`,
        repair: 'none',
      };
    }
    if (!isReady(cni)) {
      return {
        reason: 'CniNotReady',
        message: `Its labels ask for ambient and nothing redirects it: istio-cni of node ${node} (${cni.metadata.name}) is not ready`,
        repair: 'restart-cni',
      };
    }
    return {
      reason: 'NotRedirected',
      message:
        'Its labels ask for ambient and its traffic is not redirected: it sends and takes plain text, and no policy of ztunnel holds for it',
      repair: 'restart-pod',
    };
  }
  const ztunnel = facts.ztunnel.get(node);
  if (!ztunnel || !isReady(ztunnel)) {
    return {
      reason: 'NoZtunnel',
      message: `Its traffic is redirected and node ${node} has no ready ztunnel: nothing carries it`,
      repair: 'none',
    };
  }
  if (carriedState(facts, pod).is === 'missed') {
    return {
      reason: 'NotCarried',
      message: `Its traffic is redirected and ${ztunnel.metadata.name} does not carry it: istio-cni and ztunnel do not agree about it`,
      repair: 'restart-pod',
    };
  }
  const certificate = certificateOf(facts, pod);
  if (certificate.is === 'expired') {
    return {
      reason: 'CertificateExpired',
      message: `The certificate that ${certificate.by} has for it ended on ${certificate.expiresAt}: its connections are refused`,
      repair: 'none',
    };
  }
  if (wanted.mode === 'L4+L7' && waypoint && !waypoint.ready) {
    return {
      reason: 'WaypointNotReady',
      message: `It is to pass a waypoint and does not: ${waypoint.why}`,
      repair: 'none',
    };
  }
  return null;
}

/** A native sidecar is an init container, of which agents tell no state: then the pod's own readiness says it. */
function proxyIsReady(pod: PodFact): boolean {
  const own = pod.status?.containerStatuses?.find(({ name }) => name === 'istio-proxy');
  return own ? own.ready === true : isReady(pod);
}

const since = (pod: PodFact): string | null => {
  const at = pod.metadata.creationTimestamp;
  return at ? new Date(at).toISOString() : null;
};

function evidenceOf(look: Look): Evidence[] {
  const { facts, pod, wanted, truth, waypoint } = look;
  const node = pod.spec?.nodeName ?? '';
  const found: Evidence[] = [];
  const note = (looked: string, says: string, verdict: Verdict, at: string | null = null): void =>
    void found.push({ looked, says, verdict, since: at });
  note(
    'labels of the pod, its namespace and its Services',
    wanted.because.length > 0
      ? `${wanted.because.join(', ')}: ${modeText[wanted.mode]}`
      : 'nothing asks for the mesh',
    'note',
  );
  if (wanted.optOut) note('what the pod says itself', wanted.optOut, 'note', since(pod));
  const isSidecar = hasSidecar(pod);
  note(
    'container istio-proxy',
    isSidecar
      ? `there${proxyTag(pod) ? `, version ${proxyTag(pod)}` : ''}, ${proxyIsReady(pod) ? 'ready' : 'not ready'}`
      : 'none',
    isSidecar === (wanted.mode === 'sidecar')
      ? isSidecar && !proxyIsReady(pod)
        ? 'against'
        : 'for'
      : 'against',
    since(pod),
  );
  const redirection = redirectionOf(pod);
  const wantsAmbient = wanted.mode === 'L4' || wanted.mode === 'L4+L7';
  note(
    `annotation ${redirectionAnnotation}`,
    redirection === '' ? 'missing: istio-cni has not redirected it' : redirection,
    (redirection === 'enabled') === wantsAmbient ? 'for' : 'against',
  );
  if (wantsAmbient || truth === 'L4' || truth === 'L4+L7') {
    for (const [what, agent] of [
      ['istio-cni', facts.cni.get(node)],
      ['ztunnel', facts.ztunnel.get(node)],
    ] as const) {
      note(
        `${what} of node ${node || 'not yet known'}`,
        agent
          ? `${agent.metadata.name}, ${isReady(agent) ? 'ready' : 'not ready'}`
          : 'there is none',
        agent && isReady(agent) ? 'for' : 'against',
        agent ? since(agent) : null,
      );
    }
  }
  noteProxy(look, note);
  if (truth === 'L4' || truth === 'L4+L7' || redirection === 'enabled') {
    const { is, says, at } = carriedState(facts, pod);
    const verdicts = { carried: 'for', missed: 'against', unknown: 'unknown' } as const;
    const ztunnel = ztunnelOf(facts, pod)?.metadata.name ?? 'ztunnel';
    note(`workload table of ${ztunnel}`, says, verdicts[is], at);
  }
  if (isSidecar || redirection === 'enabled') noteCertificate(look, note);
  const security = securityEvidence(facts, pod);
  if (security && wanted.mode !== 'none') found.push(security);
  if (waypoint) {
    note(
      `Gateway ${waypoint.namespace}/${waypoint.name}`,
      waypoint.ready
        ? `Programmed, ${waypoint.pods === 0 ? 'asleep: connections wait for a replica' : `${waypoint.pods} ready`}`
        : waypoint.why,
      waypoint.ready ? 'for' : 'against',
    );
    noteBindings(look, note);
  }
  return found;
}

type Note = (looked: string, says: string, verdict: Verdict, at?: string | null) => void;

function noteCertificate({ facts, pod }: Look, note: Note): void {
  const certificate = certificateOf(facts, pod);
  const looked = `certificate of ${certificate.identity}`;
  switch (certificate.is) {
    case 'held':
      return note(looked, `${certificate.by} has one until ${certificate.expiresAt}`, 'for');
    case 'expired':
      return note(
        looked,
        `${certificate.by} has one that ended on ${certificate.expiresAt}`,
        'against',
      );
    case 'waiting':
      return note(looked, certificate.why, 'against');
    default:
      return note(looked, `not known: ${certificate.why}`, 'unknown');
  }
}

/** Of a sidecar: what istiod knows of it. */
function noteProxy({ facts, pod, truth }: Look, note: Note): void {
  if (truth !== 'sidecar') return;
  const proxy = facts.proxies.get(keyOf(pod.metadata.namespace ?? '', pod.metadata.name));
  if (!proxy || proxy.istiod === null) {
    const why = proxy ? 'no istiod could be asked' : 'its agent has not told of it lately';
    return note('connection to istiod', `not known: ${why}`, 'unknown');
  }
  const late = Object.entries(proxy.sync).filter(([, state]) => state !== 'synced');
  note(
    'connection to istiod',
    proxy.istiod === ''
      ? 'no istiod knows it'
      : `connected to ${proxy.istiod}, ${late.length === 0 ? 'in sync' : `not in sync: ${late.map(([type, state]) => `${type} ${state}`).join(', ')}`}`,
    proxy.istiod === '' || proxy.syncError ? 'against' : 'for',
  );
}

function noteBindings({ facts, pod }: Look, note: Note): void {
  for (const { metadata, status } of servicesOf(facts, pod)) {
    const bound = status?.conditions?.find(({ type }) => type === boundCondition);
    if (!bound) continue;
    note(
      `condition ${boundCondition} of Service ${metadata.name}`,
      bound.status === 'True' ? 'True' : `${bound.status}, ${bound.reason}: ${bound.message}`,
      bound.status === 'True' ? 'for' : 'against',
      bound.lastTransitionTime ? new Date(bound.lastTransitionTime).toISOString() : null,
    );
  }
}

const modeText: Record<EnrolmentMode, string> = {
  none: 'not in the mesh',
  sidecar: 'a sidecar',
  L4: 'ambient, L4',
  'L4+L7': 'ambient with a waypoint, L4+L7',
};

/** One mode for many pods. */
export function commonMode(modes: readonly TrueMode[]): TrueMode {
  const [first] = modes;
  if (first === undefined) return 'none';
  return modes.every((mode) => mode === first) ? first : 'mixed';
}
